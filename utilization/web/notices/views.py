"""The pages of notices: everybody sees their own, and administrators whom no mail reached."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from utilization import access, workflow
from utilization.models import Request, User
from utilization.reports import notice_list
from utilization.rules.notice_kinds import KINDS, WAYS, ways_of
from utilization.rules.roles import Permission
from utilization.web.paging import asked_place, neighbours
from utilization.web.policy import SignedInRequest, policy, signed_in

_PAGES = (
    (frozenset({Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN}), "review-case"),
    (frozenset({Permission.FILE}), "request-page"),
    (frozenset({Permission.AUDIT}), "audit-record"),
)
"""The page of a request by what its reader may do at its site; who wrote it reads it as a prescriber."""


@require_safe
@signed_in
def notices(request: SignedInRequest) -> HttpResponse:
    """The notices of whoever asks, newest first; those not read alone with ?unread=1."""
    unread = request.GET.get("unread") == "1"
    lines, page = notice_list.notice_page(request.user, unread=unread, **asked_place(request))
    context = {
        "lines": lines,
        "unread_only": unread,
        "unsent": notice_list.unsent_to(request.user),
        "unsent_of_others": _manages(request.user) and bool(notice_list.unsent_of_sites(request.user)),
        **neighbours(page, {"unread": "1"} if unread else {}),
    }
    return render(request, "notices/list.html", context)


def _manages(person: User) -> bool:
    return Permission.MANAGE_PEOPLE in access.permissions(person)


@require_POST
@signed_in
def read_all(request: SignedInRequest) -> HttpResponse:
    """Mark every notice as read."""
    count = workflow.notices.read_notices(request.user, at=timezone.now())
    messages.success(request, f"Marked {count} as read." if count else "All were read already.")
    return redirect("notices")


@require_POST
@signed_in
def open_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark a notice as read, and go to what it is about."""
    notice = access.fetch_notice(request.user, pk)
    workflow.notices.read_notices(request.user, at=timezone.now(), only=notice.pk)
    name = _page_of(request.user, notice.request) if notice.request else None
    if notice.kind == notice_list.CRITERIA and notice_list.keeps_criteria(request.user):
        return redirect("formulary-list")
    return redirect(name, uid=notice.request.uid) if name and notice.request else redirect("notices")


def _page_of(reader: User, about: Request) -> str | None:
    if not access.visible_requests(reader).filter(pk=about.pk).exists():
        return None
    held = access.permissions(reader, about.site)
    wrote = Permission.FILE in held and about.authorships.filter(user=reader).exists()
    if wrote:
        return "request-page"
    return next((name for needed, name in _PAGES if needed & held), None)


class ChoicesForm(forms.Form):
    """How a person wants to be told, a field a kind of notice that they may get."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, way in workflow.notices.ways_chosen(user).items():
            self.fields[kind] = forms.ChoiceField(
                label=KINDS[kind].label, choices=[(one.value, WAYS[one]) for one in ways_of(kind)], initial=way
            )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def choices(request: SignedInRequest) -> HttpResponse:
    """Show, and by POST keep, how whoever asks wants to be told."""
    form = ChoicesForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        workflow.notices.choose_ways(request.user, form.cleaned_data)
        messages.success(request, "Saved. It holds from the next notice on.")
        return redirect("notice-settings")
    context = {"form": form, "mail": bool(settings.MAIL_FROM), "address": request.user.email}
    return render(request, "notices/settings.html", context, status=422 if form.is_bound else 200)


@require_safe
@policy(Permission.MANAGE_PEOPLE)
def unsent(request: SignedInRequest) -> HttpResponse:
    """The mails that did not reach people of the administrator's sites."""
    context = {"mails": notice_list.unsent_of_sites(request.user), "mail": bool(settings.MAIL_FROM)}
    return render(request, "notices/unsent.html", context)


@require_POST
@policy(Permission.MANAGE_PEOPLE)
def again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have a mail tried again that was given up."""
    try:
        workflow.notices.send_again(pk, by=request.user, at=timezone.now())
        messages.success(request, "It is tried again now.")
    except workflow.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("notices-unsent")
