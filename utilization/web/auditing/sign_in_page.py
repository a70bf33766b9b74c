"""Who signed in, failed to, was let in anew: the auditor's page of the sign-in log."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from utilization.reports import access_list, audit_list, sign_in_list
from utilization.rules.roles import Permission
from utilization.web.auditing.forms import ReaderForm
from utilization.web.auditing.list_page import asked_site
from utilization.web.auditing.log_words import SIGN_IN_GROUPS, SIGN_INS
from utilization.web.auditing.views import asked_reader
from utilization.web.paging import asked_place, neighbours
from utilization.web.policy import policy


class SignInFilterForm(ReaderForm):
    """Whose account, and what happened to it."""

    what = forms.ChoiceField(
        label="What",
        required=False,
        choices=[("", "Everything"), *((code, words) for code, (words, _) in SIGN_IN_GROUPS.items())],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("person", "Account of"), ("who", "Account of: name, or part of it")):
            if name in self.fields:
                self.fields[name].label = label


@require_safe
@policy(Permission.AUDIT)
def sign_ins(request: HttpRequest) -> HttpResponse:
    """The sign-in log of a site, newest first, narrowed by person and kind."""
    site = asked_site(request)
    filters = SignInFilterForm(request.GET, readers=access_list.readers(site))
    who, named = asked_reader(request, site, filters)
    _, kinds = SIGN_IN_GROUPS.get(request.GET.get("what", ""), ("", ()))
    person = who.pk if who else filters.chosen()
    page = sign_in_list.sign_ins(site, person=person, kinds=kinds, **asked_place(request))
    query = {name: request.GET[name] for name in ("site", "person", "who", "what") if request.GET.get(name)}
    context = {
        "site": site,
        "sites": audit_list.sites(request.user),
        "people": filters,
        "who": who,
        "named": named,
        "page": page,
        "words": SIGN_INS,
        **neighbours(page, query),
    }
    return render(request, "auditing/sign_ins.html", context)
