"""Pages of the administrator: thin, since the workflow decides and `access` finds the people."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from utilization import access, workflow
from utilization.models import Membership, User
from utilization.reports import people as report
from utilization.reports.site_setup import setups_left
from utilization.rules import words
from utilization.rules.roles import Permission
from utilization.web.people.forms import DepartmentForm, EndRoleForm, InviteForm, RoleForm, TakeOnForm
from utilization.web.people.link_delivery import hand_over
from utilization.web.policy import policy
from utilization.web.single_send import leads_to, once, once_by_token
from utilization.workflow import Invalid, Refused

administrators = policy(Permission.MANAGE_PEOPLE)
MOST_SEARCHED = 120


def _administrator(request: HttpRequest) -> User:
    """Whoever asks; the policy of these views lets in nobody who is not signed in."""
    assert isinstance(request.user, User)
    return request.user


@require_safe
@administrators
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody at the sites that the administrator manages."""
    return _list(request, DepartmentForm(_administrator(request)))


@require_POST
@administrators
@once_by_token
def department(request: HttpRequest) -> HttpResponse:
    """Add a department to a site."""
    form = DepartmentForm(_administrator(request), request.POST)
    if form.is_valid():
        try:
            added = workflow.people.add_department(by=_administrator(request), at=timezone.now(), **form.cleaned_data)
        except Invalid as invalid:
            form.refuse(invalid)
        except Refused as refused:
            form.add_error(None, refused.why)
        else:
            messages.success(request, f"{added.name} is added to {added.site.name}.")
            return redirect("people-list")
    return _list(request, form, status=422)


def _list(request: HttpRequest, form: DepartmentForm, status: int = 200) -> HttpResponse:
    name = request.GET.get("q", "").replace("\0", "").strip()[:MOST_SEARCHED]
    rosters = report.rosters(
        _administrator(request), site=request.GET.get("site", ""), after=_key(request, "after"),
        before=_key(request, "before"), name=name,
    )  # fmt: skip
    context = {
        "rosters": rosters,
        "form": form,
        "q": name,
        "unattended": access.unattended_for(request.user, Permission.MANAGE_PEOPLE, at=timezone.now()),
        "setups": setups_left([roster.site for roster in rosters], timezone.now()),
        "many": any(roster.previous or roster.next for roster in rosters),
    }
    return render(request, "people/list.html", context, status=status)


def _key(request: HttpRequest, name: str) -> int | None:
    """The key of a person in the address; None where there is none, or none that the database could hold."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
@once_by_token
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account, and send its owner a link by which they set a password."""
    form = InviteForm(_administrator(request), request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            person, path = workflow.people.invite(by=_administrator(request), at=timezone.now(), **form.arguments())
        except Invalid as invalid:
            form.refuse(invalid)
        except Refused as refused:
            form.add_error(None, refused.why)
        else:
            leads_to(request, reverse("people-person", args=[person.pk]))
            return hand_over(request, _administrator(request), person, path, f"{person.full_name} is invited")
    return render(request, "people/invite.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
@once_by_token
def take_on(request: HttpRequest) -> HttpResponse:
    """Give a role to somebody who has an account by another hospital."""
    form = TakeOnForm(_administrator(request), request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            given = workflow.people.take_on(by=_administrator(request), at=timezone.now(), **form.cleaned_data)
        except Invalid as invalid:
            form.refuse(invalid)
        except Refused as refused:
            form.add_error(None, refused.why)
        else:
            return _done(request, given.user, _is_now(given))
    return render(request, "people/take_on.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@administrators
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: their roles, and what the administrator can do about the account."""
    person = access.fetch_person(_administrator(request), pk)
    return _person(request, person, RoleForm(_administrator(request)))


@require_POST
@administrators
@once
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role, or move the person to another department."""
    person = access.fetch_person(_administrator(request), pk)
    form = RoleForm(_administrator(request), request.POST)
    if form.is_valid():
        try:
            given = workflow.people.set_role(person, by=_administrator(request), at=timezone.now(), **form.cleaned_data)
        except Invalid as invalid:
            form.refuse(invalid)
        except Refused as refused:
            return _refused(request, person, refused)
        else:
            return _done(request, person, _is_now(given))
    return _person(request, person, form, status=422)


def _is_now(given: Membership) -> str:
    return f"{given.user} is now {words.ROLES[given.role].lower()} at {given.department or given.site}."


@require_POST
@administrators
def end_role(request: HttpRequest, pk: int) -> HttpResponse:
    """End one role of a person."""
    person = access.fetch_person(_administrator(request), pk)
    form = EndRoleForm(_administrator(request), request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: choose a role of this person on this page.")
        return redirect("people-person", pk=person.pk)
    role = words.ROLES[form.cleaned_data["role"]].lower()

    def act() -> str:
        workflow.people.end_role(person, by=_administrator(request), at=timezone.now(), **form.cleaned_data)
        return f"{person} is no longer {role} at {form.cleaned_data['site']}."

    return _act(request, person, act)


@require_POST
@administrators
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Cut a person off at once."""
    person = access.fetch_person(_administrator(request), pk)

    def act() -> str:
        workflow.people.deactivate(person, by=_administrator(request), at=timezone.now())
        return f"{person} is signed out everywhere and cannot sign in any more."

    return _act(request, person, act)


@require_POST
@administrators
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an account again, and send the person a link."""
    person = access.fetch_person(_administrator(request), pk)
    try:
        path = workflow.people.reactivate(person, by=_administrator(request), at=timezone.now())
    except Refused as refused:
        return _refused(request, person, refused)
    return hand_over(request, _administrator(request), person, path, f"The account of {person} is open again")


@require_POST
@administrators
def lift_lock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person sign in and sign again, who was locked out by wrong passwords."""
    person = access.fetch_person(_administrator(request), pk)

    def act() -> str:
        workflow.people.lift_lock(person, by=_administrator(request), at=timezone.now())
        return f"{person} can sign in and sign again."

    return _act(request, person, act)


@require_POST
@administrators
def remove_second_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away the passkeys and codes of a person who lost them."""
    person = access.fetch_person(_administrator(request), pk)

    def act() -> str:
        workflow.people.remove_second_step(person, by=_administrator(request), at=timezone.now())
        return f"{person} signs in by password alone, until they add a passkey or an app again."

    return _act(request, person, act)


@require_POST
@administrators
def sign_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Link a person to a subject of the identity provider that was typed; without one, part them."""
    if settings.SINGLE_SIGN_ON is None:
        raise Http404
    person = access.fetch_person(_administrator(request), pk)
    issuer, subject = settings.SINGLE_SIGN_ON["issuer"], request.POST.get("subject", "").strip()
    at, by = timezone.now(), _administrator(request)

    def act() -> str:
        if not subject:
            workflow.single_sign_on.unlink(person, by=by, at=at)
            return f"{person} signs in by single sign-on no more."
        try:
            workflow.single_sign_on.enter_subject(person, issuer, subject, by=by, at=at)
        except workflow.Invalid as invalid:
            raise Refused(" ".join(invalid.errors["subject"])) from None
        return f"{person} is linked, and signs in by single sign-on from now on."

    return _act(request, person, act)


@require_POST
@administrators
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the present password, and send the person a link for a new one."""
    person = access.fetch_person(_administrator(request), pk)
    try:
        path = workflow.people.reset_password(person, by=_administrator(request), at=timezone.now())
    except Refused as refused:
        return _refused(request, person, refused)
    return hand_over(request, _administrator(request), person, path, f"The password of {person} works no more")


def _person(request: HttpRequest, person: User, form: RoleForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    context = {
        "card": report.card(_administrator(request), person),
        "form": form,
        "locks": workflow.locks.locks(person, now),
        "standing": access.standing_of(person),
        "has_second_step": workflow.has_passkey(person) or workflow.one_time_codes.has_app(person),
    }
    return render(request, "people/person.html", context, status=status)


def _act(request: HttpRequest, person: User, act: Callable[[], str]) -> HttpResponse:
    try:
        return _done(request, person, act())
    except Refused as refused:
        return _refused(request, person, refused)


def _done(request: HttpRequest, person: User, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("people-person", pk=person.pk)


def _refused(request: HttpRequest, person: User, refused: Refused) -> HttpResponse:
    messages.error(request, refused.why)
    return redirect("people-person", pk=person.pk)
