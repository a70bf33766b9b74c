"""The auditor's list and what it comes to. The page itself counts nothing: the answer follows in a request of its own,
so that a page of a long list is there as soon as that of a short one."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from utilization.models import Site
from utilization.models.saved_filters import AUDIT
from utilization.reports import audit_answer, audit_list
from utilization.reports.audit_questions import QUESTIONS, AuditQuestion
from utilization.reports.log_check import log_notices
from utilization.reports.paging import Page
from utilization.rules.roles import Permission
from utilization.web.auditing.filter_form import AuditFilterForm
from utilization.web.auditing.month_plot import month_plot
from utilization.web.paging import asked_key, asked_place, neighbours
from utilization.web.policy import policy
from utilization.web.saved_filters import saved_filters

auditors = policy(Permission.AUDIT)


@require_safe
@auditors
def request_list(request: HttpRequest) -> HttpResponse:
    """Every request of a site, narrowed by filters, newest first; the patients' numbers where they are asked for, which
    is a read of each."""
    at = timezone.now()
    site, form = filters(request)
    wanted, asked = form.wanted(), asked_key(request) if form.order else asked_place(request)
    page = _page(site, form, request, on=site.date_at(at))
    numbers = audit_list.note_numbers_read(request.user, page.rows, at=at) if "patient" in form.shown else {}
    return render(
        request,
        "auditing/list.html",
        {
            "site": site,
            "notices": log_notices(at),
            "filters": form,
            "wanted": wanted,
            "shown": form.shown,
            "numbers": numbers,
            "heads": form.heads(),
            "questions": questions(site, form),
            "beyond": any(asked.values()),
            "page": page,
            "query": urlencode(form.query(), doseq=True),
            **saved_filters(request.user, AUDIT, urlencode(form.query(), doseq=True)),
            **neighbours(page, form.query()),
        },
    )


def _page(site: Site, form: AuditFilterForm, request: HttpRequest, *, on: date) -> Page:
    """The page that the address names: by the moment, or by what the heads order it by."""
    if not form.order:
        return audit_list.requests(site, form.wanted(), on=on, **asked_place(request))
    try:
        return audit_list.in_order(site, form.wanted(), form.order, on=on, **asked_key(request))
    except LookupError:
        return Page((), None, None)


@require_safe
@auditors
def answer(request: HttpRequest) -> HttpResponse:
    """How many of how many fit the filters, their grams, month by month; and how many each question finds."""
    at = timezone.now()
    site, form = filters(request)
    wanted = form.wanted()
    queries = {question.code: _wanted(site, question) for question in QUESTIONS}
    context: dict[str, Any] = {"site": site, "questions": questions(site, form, audit_answer.counts(site, queries))}
    if wanted and wanted.get("ask") != "given" and wanted.get("decision") != "unfiled":
        found = audit_answer.answer(site, wanted, at=at)
        context |= {"answer": found, "asked": wanted.get("ask")}
        # One month alone shows nothing that the line above it does not say.
        if len(found.months) > 1:
            context["plot"] = month_plot(found.months, found.published, found.of, found.dated)
    template = "auditing/_answer.html" if request.headers.get("HX-Request") else "auditing/answer.html"
    return render(request, template, {**context, "query": urlencode(form.query(), doseq=True)})


def questions(site: Site, form: AuditFilterForm, counts: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """The questions as chips: words, address, whether it is the one that is asked, and how many it finds if known."""
    today = site.date_at(timezone.now())
    now = {name: value for name, value in form.query().items() if name not in ("site", "show", "sort")}
    keep = {name: value for name, value in form.query().items() if name in ("site", "show", "sort")}
    return [
        {
            "code": question.code,
            "key": str(place % 10),
            "words": question.words,
            "address": "?" + urlencode({**keep, **question.query(today)}, doseq=True),
            "asked": question.query(today) == now,
            "count": (counts or {}).get(question.code),
        }
        for place, question in enumerate(QUESTIONS, 1)
    ]


def _wanted(site: Site, question: AuditQuestion) -> dict[str, Any]:
    """The filters of a question as values, read as its address would be."""
    query = QueryDict(urlencode(question.query(site.date_at(timezone.now()))))
    nobody = audit_list.Choices((), (), ())
    return AuditFilterForm(query, sites=[site], site=site, choices=nobody).wanted()


def asked_site(request: HttpRequest) -> Site:
    """The site that is asked for, where the auditor audits it; else their first."""
    audited = audit_list.sites(request.user)
    wanted = request.POST.get("site") or request.GET.get("site")
    return next((site for site in audited if site.code == wanted), audited[0])


def filters(request: HttpRequest) -> tuple[Site, AuditFilterForm]:
    """The site that is asked for, and the filters of the address."""
    site = asked_site(request)
    form = AuditFilterForm(
        request.GET, sites=audit_list.sites(request.user), site=site, choices=audit_list.choices(site)
    )
    return site, form
