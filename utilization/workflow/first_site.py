"""A site and its first administrator, made by a command on the server: there is nobody yet who could invite them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from utilization import event_log
from utilization.digests import PERSON, of_row, salted
from utilization.models import Membership, Site, User
from utilization.rules.account_owner import AccountDeed
from utilization.rules.roles import Role
from utilization.sign_in_log import SignInKind
from utilization.workflow.account_confirmation import note_deed
from utilization.workflow.account_log import note_role
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.new_account import Errors, NewPerson, new_user, typed_line
from utilization.workflow.password_letter import one_time_path

DEEDS = (AccountDeed.MADE, AccountDeed.CONFIRMED)
"""What is done to the account of a first administrator."""


@dataclass(frozen=True, slots=True)
class NewSite:
    """A first site, as typed. `time_zone` is an IANA name such as Europe/Vienna, `address` the letterhead's lines."""

    code: str
    name: str
    time_zone: str
    address: str = ""
    departments: tuple[str, ...] = ()


@transaction.atomic
def bootstrap_site(*, at: datetime, site: NewSite, administrator: NewPerson) -> tuple[User, str]:
    """Make the first site and its first administrator in an empty database; the system itself is the actor.

    Returns the administrator and the one-time path for the password. Raises Refused when there is any person or site
    already, Invalid for what was typed.
    """
    if User.objects.exists() or Site.objects.exists():
        raise Refused("This database already has people or sites. Ask an administrator of the site for an invitation.")
    user = found_site(at=at, site=site, administrator=administrator)
    return user, one_time_path(user)


@transaction.atomic
def found_site(*, at: datetime, site: NewSite, administrator: NewPerson) -> User:
    """Make a site and its first administrator, as a command on the server does; the system itself is the actor.

    Raises Invalid for what was typed.
    """
    errors: Errors = {}
    name = typed_line("name", site.name, 120, errors)
    try:
        validate_slug(site.code)
    except ValidationError:
        errors["code"] = ["Type a short code of letters, digits and hyphens, such as north."]
    try:
        ZoneInfo(site.time_zone)
    except (ValueError, OSError, LookupError):
        errors["time_zone"] = [
            f"{site.time_zone!r} is no time zone. Type a name such as Europe/Vienna or America/Chicago."
        ]
    departments = [typed_line("departments", department, 120, errors) for department in site.departments]
    if errors:
        raise Invalid(errors)
    founded = Site.objects.create(code=site.code, name=name, time_zone=site.time_zone, address=site.address)
    made = [founded.departments.create(name=department) for department in dict.fromkeys(departments)]
    user = new_user(administrator, errors)
    Membership.objects.create(user=user, site=founded, role=Role.ADMINISTRATOR.value, started_at=at)
    event_log.append(
        type="site.founded", at=at, actor=None, site=founded,
        data={
            "administrator": user.pk, "identity": salted(of_row(user, PERSON)), "name": founded.name,
            "address": founded.address, "time_zone": founded.time_zone,
            "departments": [{"department": department.pk, "name": department.name} for department in made],
            "account": [deed.value for deed in DEEDS],
        },
    )  # fmt: skip
    # Whoever works on the server founds the site and knows for whom: nobody else is there yet who could confirm it.
    for deed in DEEDS:
        note_deed(user, deed, by=None, at=at)
    note_role(SignInKind.ROLE_GIVEN, user, None, at, founded, Role.ADMINISTRATOR.value)
    return user
