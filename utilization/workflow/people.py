"""Who works where and as what: invite, give and end roles, cut off, let in again.

Administrators act on the people of the sites that they manage, and never on their own account: so nobody raises their
own roles, and, since whoever takes an administrator's role away is another administrator of the same site, no site
loses its last one. Every act writes its event in the same transaction; events name people by key, not by name.
"""

from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from utilization import access, event_log, sign_in_log
from utilization.digests import PERSON, of_row, salted
from utilization.models import Department, Membership, SignOnLink, Site, User
from utilization.rules.account_owner import AccountDeed
from utilization.rules.roles import Permission, Role, is_everybody
from utilization.sign_in_log import SignInKind
from utilization.workflow import locks
from utilization.workflow.account_confirmation import note_deed
from utilization.workflow.account_log import account_event, note_role
from utilization.workflow.departments import is_closed
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.freed_claims import ACCOUNT_CLOSED, ROLE_ENDED, free_claims, hold_claims
from utilization.workflow.new_account import Errors, NewPerson, new_user, typed_line
from utilization.workflow.password_letter import forget_letter, one_time_path
from utilization.workflow.sessions import end_sessions

BOTH = (
    "An administrator does not file, review or keep criteria at the same site, so that nobody can act as two people. "
    "End one of the two roles first."
)
NO_ACCOUNT = (
    "No open account has this username and this e-mail address. Ask the person for both, or invite them if they have "
    "no account yet."
)
OWN_ACCOUNT = "This is your own account. Another administrator of your site must change it."
ELSEWHERE = (
    "This person also works at a site that you do not manage, so the account is not yours to close or reset. "
    "End their roles at your site instead."
)


@transaction.atomic
def invite(
    *,
    by: User,
    at: datetime,
    site: Site,
    person: NewPerson,
    role: str,
    department: Department | None = None,
) -> tuple[User, str]:
    """Make an account with its first role at `site`; return it with the path by which its owner sets a password.

    The path works once and for `PASSWORD_RESET_TIMEOUT` seconds. Until then the account has no password.
    Raises Refused when `by` does not manage the people of `site`, Invalid for what was typed.
    """
    lock_administrators([site])
    may_manage(by, site)
    user = new_user(person, role_errors(role, department, site))
    note_invited(user, by=by, at=at, site=site, role=role, department=department)
    return user, one_time_path(user)


def note_invited(user: User, *, by: User, at: datetime, site: Site, role: str, department: Department | None) -> None:
    """Give a new account its first role, and write what happened, in the transaction that makes it."""
    Membership.objects.create(user=user, site=site, role=role, department=department, started_at=at)
    note_deed(user, AccountDeed.MADE, by=by, at=at)
    sign_in_log.note(SignInKind.INVITED, user=user, by=by, at=at)
    note_role(SignInKind.ROLE_GIVEN, user, by, at, site, role)
    event_log.append(
        type="person.invited",
        at=at,
        actor=by,
        site=site,
        data={
            "person": user.pk, "role": role, "department": department.pk if department else None,
            "identity": salted(of_row(user, PERSON)), "account": [AccountDeed.MADE.value],
        },
    )  # fmt: skip


@transaction.atomic
def set_role(
    user: User, *, by: User, at: datetime, site: Site, role: str, department: Department | None = None
) -> Membership:
    """Give `user` a role at `site`, or move the one they hold there to another department.

    Giving what they hold already changes nothing. Raises NotFound for a person `by` does not manage, Refused for
    their own account or another's site, Invalid for an unknown role or department.
    """
    user = _managed(user, by, [site])
    may_manage(by, site)
    return _give(user, by, at, site, role, department)


@transaction.atomic
def take_on(
    *, by: User, at: datetime, site: Site, username: str, email: str, role: str, department: Department | None = None
) -> Membership:
    """Give a role at `site` to somebody who has an account here by another hospital: who types both username and e-mail
    address knows the person, and learns of nobody else's account.

    The account stays what it is, and whom it was made or reset by. Raises Refused as `set_role` does, Invalid where no
    open account has both.
    """
    lock_administrators([site])
    may_manage(by, site)
    user = User.objects.filter(username__iexact=username.strip(), email__iexact=email.strip(), is_active=True).first()
    if user is None:
        raise Invalid({"email": [NO_ACCOUNT]})
    if user.pk == by.pk:
        raise Refused(OWN_ACCOUNT)
    return _give(user, by, at, site, role, department)


def _give(user: User, by: User, at: datetime, site: Site, role: str, department: Department | None) -> Membership:
    if errors := role_errors(role, department, site):
        raise Invalid(errors)
    held = user.memberships.filter(site=site, role=role, ended_at=None).first()
    if held and held.department == department:
        return held
    # Who holds both since before this was kept gets nothing more until one of the two is ended.
    if is_everybody({role, *user.memberships.filter(site=site, ended_at=None).values_list("role", flat=True)}):
        raise Invalid({"role": [BOTH]})
    if held:
        _end(held, at)
    given = Membership.objects.create(user=user, site=site, role=role, department=department, started_at=at)
    note_role(SignInKind.ROLE_GIVEN, user, by, at, site, role)
    event_log.append(
        type="role.given",
        at=at,
        actor=by,
        site=site,
        data={
            "person": user.pk,
            "role": role,
            "department": {
                "old": held.department_id if held else None,
                "new": department.pk if department else None,
            },
        },
    )
    return given


@transaction.atomic
def end_role(user: User, *, by: User, at: datetime, site: Site, role: str) -> None:
    """End a role that `user` holds at `site`; it counts for nothing from now on, and what they hold by it is freed.

    Raises as `set_role` does. Ending a role that they do not hold changes nothing.
    """
    user = _managed(user, by, [site])
    may_manage(by, site)
    held = user.memberships.filter(site=site, role=role, ended_at=None).first()
    if held is None:
        return
    hold_claims(user)
    _end(held, at)
    note_role(SignInKind.ROLE_ENDED, user, by, at, site, role)
    event_log.append(
        type="role.ended",
        at=at,
        actor=by,
        site=site,
        data={"person": user.pk, "role": role, "department": held.department_id},
    )
    free_claims(user, by=by, at=at, because=ROLE_ENDED, site=site, role=role)


@transaction.atomic
def deactivate(user: User, *, by: User, at: datetime) -> None:
    """Cut `user` off at once: sessions end, roles count for nothing, claims are freed, the password
    and any link stop working."""
    user = whole_account(user, by)
    if not user.is_active:
        return
    hold_claims(user)
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    # Old sessions stay dead, should the account be reopened.
    end_sessions(user)
    forget_letter(user)
    remove_sign_on(user, by, at)
    _remove_passkeys(user, by, at)
    account_event("person.deactivated", user, by, at)
    sign_in_log.note(SignInKind.DEACTIVATED, user=user, by=by, at=at)
    free_claims(user, by=by, at=at, because=ACCOUNT_CLOSED)


@transaction.atomic
def reactivate(user: User, *, by: User, at: datetime) -> str:
    """Open the account again with the roles it held, and return the one-time path for a new password.

    Raises Refused for an open account too: a new link for it stops the present password, which is an act of its own.
    """
    user = whole_account(user, by)
    if user.is_active:
        raise Refused("This account is open already. Reset the password to make a new link.")
    return open_again(user, by=by, at=at)


@transaction.atomic
def reset_password(user: User, *, by: User, at: datetime) -> str:
    """Stop the password, single sign-on and every session of `user` at once; return the path for a new password.

    Raises Refused for a deactivated account too: reopening it is an act of its own.
    """
    user = whole_account(user, by)
    if not user.is_active:
        raise Refused("This account is deactivated. Reactivate it to make a link.")
    return stop_ways_in(user, by=by, at=at)


@transaction.atomic
def lift_lock(user: User, *, by: User, at: datetime) -> None:
    """Let `user` sign in and sign again at once, whatever was typed wrong before; any administrator of theirs may.

    Raises NotFound for a person `by` does not manage, Refused for their own account. Where nothing is locked, nothing
    changes.
    """
    user = _managed(user, by, Site.objects.filter(memberships__user=user, memberships__ended_at=None))
    if not locks.locks(user, at).any:
        return
    forgotten = locks.lift(user)
    account_event("lock.lifted", user, by, at, {"wrong_passwords": forgotten})
    sign_in_log.note(SignInKind.LOCK_LIFTED, user=user, by=by, at=at)


@transaction.atomic
def remove_second_step(user: User, *, by: User, at: datetime) -> None:
    """Take away passkeys, authenticator app and recovery codes of `user`, who lost them; the password stays.

    What guards the account is less then, so somebody else confirms its person before it signs again. Raises as
    `reset_password` does. Where there is nothing, nothing changes.
    """
    take_second_step(whole_account(user, by), by=by, at=at)


def take_second_step(user: User, *, by: User | None, at: datetime) -> None:
    """Take away all that is asked for after the password, in the transaction of the act that asks for it."""
    removed = Authenticator.objects.filter(user=user)
    if kinds := sorted(removed.values_list("type", flat=True)):
        removed.delete()
        end_sessions(user)
        account_event("second_step.removed", user, by, at, {"kinds": kinds, "account": [AccountDeed.RESET.value]})
        note_deed(user, AccountDeed.RESET, by=by, at=at)


def open_again(user: User, *, by: User | None, at: datetime) -> str:
    """Open a closed account, in the transaction of the act that asks for it; the path for a new password."""
    user.is_active = True
    # No link that was made before opens it: each hangs on the hash of the password.
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    _remove_passkeys(user, by, at)
    account_event("person.reactivated", user, by, at, {"account": [AccountDeed.REOPENED.value]})
    note_deed(user, AccountDeed.REOPENED, by=by, at=at)
    sign_in_log.note(SignInKind.REOPENED, user=user, by=by, at=at)
    forget_letter(user)
    return one_time_path(user)


def stop_ways_in(user: User, *, by: User | None, at: datetime) -> str:
    """Stop every way into an open account, in the transaction of the act that asks for it; the path for a new one."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(user)
    remove_sign_on(user, by, at)
    _remove_passkeys(user, by, at)
    account_event("password.reset", user, by, at, {"account": [AccountDeed.RESET.value]})
    note_deed(user, AccountDeed.RESET, by=by, at=at)
    sign_in_log.note(SignInKind.RESET, user=user, by=by, at=at)
    forget_letter(user)
    return one_time_path(user)


def _remove_passkeys(user: User, by: User | None, at: datetime) -> None:
    """Take away what signs `user` in without a password: the letter for a new one must be the only way in."""
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).delete()[0]:
        end_sessions(user)
        account_event("second_step.removed", user, by, at, {"kinds": [Authenticator.Type.WEBAUTHN.value]})


def remove_sign_on(user: User, by: User | None, at: datetime) -> None:
    """Part `user` from who they are at the identity provider, in the transaction of the act that asks for it."""
    if SignOnLink.objects.filter(user=user).delete()[0]:
        end_sessions(user)
        account_event("sign_on.unlinked", user, by, at)
        sign_in_log.note(SignInKind.SIGN_ON_UNLINKED, user=user, by=by, at=at)


@transaction.atomic
def add_department(*, by: User, at: datetime, site: Site, name: str) -> Department:
    """Make a department of `site`. Raises Refused as `invite` does, Invalid for a name that is empty or taken."""
    may_manage(by, site)
    errors: Errors = {}
    name = typed_line("name", name, 120, errors)
    # One at a time at a site, so that two who add the same department at once do not both find the name free.
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    if not errors and site.departments.filter(name__iexact=name).exists():
        errors["name"] = [f"{site.name} already has a department of this name."]
    if errors:
        raise Invalid(errors)
    department = site.departments.create(name=name)
    event_log.append(
        type="department.added", at=at, actor=by, site=site, data={"department": department.pk, "name": name}
    )
    return department


# --- Who may ------------------------------------------------------------------------------------------------------


def may_manage(by: User, site: Site) -> None:
    """Raises Refused where `by` does not manage the people of `site`."""
    if not (answer := access.can(by, Permission.MANAGE_PEOPLE, site=site)):
        raise Refused(answer.why)


def _managed(user: User, by: User, sites: Iterable[Site]) -> User:
    """The person as they stand now, if `by` manages them and is somebody else."""
    lock_administrators(sites)
    user = access.fetch_person(by, user.pk)
    if user.pk == by.pk:
        raise Refused(OWN_ACCOUNT)
    return user


def whole_account(user: User, by: User) -> User:
    """The person, if `by` manages every site where they hold a role: an account is one at all its sites."""
    user = _managed(user, by, Site.objects.filter(memberships__user=user, memberships__ended_at=None))
    managed = access.sites(by, Permission.MANAGE_PEOPLE)
    if user.memberships.filter(ended_at=None).exclude(site__in=managed).exists():
        raise Refused(ELSEWHERE)
    return user


def lock_administrators(sites: Iterable[Site]) -> None:
    # Two administrators who cut each other off at the same moment must not both succeed: the second waits here, and
    # then finds that it manages nobody any more. SQLite has one writer at a time and needs no lock.
    held = Membership.objects.select_for_update(no_key=True).filter(
        site__in=sites, role=Role.ADMINISTRATOR, ended_at=None
    )
    list(held.order_by("pk").values_list("pk"))


# --- What was typed -----------------------------------------------------------------------------------------------


def role_errors(role: str, department: Department | None, site: Site) -> Errors:
    """What is wrong with a role that is to be given at `site`, by field."""
    errors: Errors = {}
    if role not in list(Role):
        errors["role"] = [f"{role!r} is no role. Choose one of: {', '.join(Role)}."]
    if department is not None and department.site_id != site.pk:
        errors["department"] = [f"Choose a department of {site.name}."]
    elif department is not None and is_closed(department):
        errors["department"] = [f"{department.name} is closed. Choose another department, or open it again."]
    elif department is None and role == Role.PRESCRIBER:
        errors["department"] = ["A prescriber belongs to a department. Choose one."]
    return errors


# --- What is written ----------------------------------------------------------------------------------------------


def _end(held: Membership, at: datetime) -> None:
    held.ended_at = at
    held.save(update_fields=["ended_at"])
