"""A site and its first administrator, made by a command on the server: there is nobody yet who could invite them.

A further site is made so too. What an administrator may do ends at their own site, so none of them makes another.
"""

from dataclasses import dataclass
from datetime import datetime

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
from utilization.workflow.hospital_settings import NOT_A_ZONE, clean_address, is_zone
from utilization.workflow.new_account import Errors, NewPerson, new_user, typed_line
from utilization.workflow.password_letter import one_time_path

MOST_CODE = 30
DEEDS = (AccountDeed.MADE, AccountDeed.CONFIRMED)
"""What is done to the account of a first administrator."""


@dataclass(frozen=True, slots=True)
class NewSite:
    """A first site, as typed. `time_zone` is an IANA name of a region and place, such as Europe/Vienna, or UTC;
    `address` has the letterhead's lines. A department that is named twice, also in another case, is one."""

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
def further_site(*, at: datetime, site: NewSite, administrator: NewPerson) -> tuple[User, str]:
    """Make one more site and its first administrator; the system itself is the actor.

    Returns the administrator and the one-time path for the password. Raises Refused while there is no site, Invalid for
    what was typed.
    """
    if not Site.objects.exists():
        raise Refused("This database has no site yet. Make the first one by `manage.py first_account`.")
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
    if len(site.code) > MOST_CODE:
        errors["code"] = [f"Type a short code, of at most {MOST_CODE} characters."]
    elif Site.objects.filter(code__iexact=site.code).exists():
        errors["code"] = ["Another site has this code. Choose another: it stands in the numbers of requests."]
    try:
        address = clean_address(site.address)
    except Invalid as invalid:
        errors |= invalid.errors
    if not is_zone(site.time_zone):
        errors["time_zone"] = [NOT_A_ZONE.format(site.time_zone)]
    departments: dict[str, str] = {}
    for typed in site.departments:
        department = typed_line("departments", typed, 120, errors)
        departments.setdefault(department.casefold(), department)
    if errors:
        raise Invalid(errors)
    founded = Site.objects.create(code=site.code, name=name, time_zone=site.time_zone, address=address)
    made = [founded.departments.create(name=department) for department in departments.values()]
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
