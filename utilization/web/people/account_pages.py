"""Accounts to confirm and letters to print, for administrators and auditors; what else an auditor looks at in them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from utilization import access, workflow
from utilization.models import User
from utilization.reports import account_list
from utilization.rules.roles import Permission
from utilization.web.policy import policy
from utilization.workflow import AccountChanged, Refused

second_eyes = policy(Permission.MANAGE_PEOPLE, Permission.AUDIT)


def _colleague(request: HttpRequest) -> User:
    """Whoever asks; the policy of these views lets in nobody who is not signed in."""
    assert isinstance(request.user, User)
    return request.user


@require_safe
@second_eyes
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts that wait for somebody else to confirm them; for auditors, what is worth a look besides."""
    return _accounts(request)


def _accounts(request: HttpRequest, status: int = 200) -> HttpResponse:
    actor = _colleague(request)
    held, now = access.permissions(actor), timezone.now()
    context = {
        "accounts": account_list.open_accounts(actor, now),
        "most": account_list.MOST,
        "findings": account_list.findings(actor, now),
        "manages": Permission.MANAGE_PEOPLE in held,
        "audits": Permission.AUDIT in held,
    }
    return render(request, "people/accounts.html", context, status=status)


@require_POST
@second_eyes
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a person has their account, as the page showed it."""
    person = access.fetch_colleague(_colleague(request), pk)
    seen = request.POST.get("seen", "")
    try:
        workflow.account_confirmation.confirm(person, by=_colleague(request), at=timezone.now(), seen=seen)
    except AccountChanged as changed:
        messages.error(request, changed.why)
        return _accounts(request, status=409)
    except Refused as refused:
        messages.error(request, refused.why)
    else:
        messages.success(request, f"{person} is confirmed, and can sign.")
    return redirect("people-accounts")


@require_POST
@second_eyes
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter with the address at which a person chooses a password, to be printed; never shown to who asked."""
    person = access.fetch_colleague(_colleague(request), pk)
    try:
        printed = workflow.password_letter.print_letter(person, by=_colleague(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, refused.why)
        return redirect("people-accounts")
    context = {"person": person, "link": request.build_absolute_uri(printed.path), "printed": printed}
    return render(request, "people/letter.html", context)
