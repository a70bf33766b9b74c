"""The specialties that a person has at a site, as its administrator states them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from utilization import access, event_log
from utilization.models import HeldSpecialty, Site, User
from utilization.rules.roles import Permission
from utilization.rules.specialties import SPECIALTIES
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.people import OWN_ACCOUNT


@transaction.atomic
def set_specialties(user: User, specialties: Iterable[str], *, by: User, at: datetime, site: Site) -> tuple[str, ...]:
    """State that `user` has these specialties at `site`, and no others; what they have now, in the order of the list.

    Where it stands so already, nothing is changed and nothing logged. Raises NotFound for a person `by` does not
    manage, Refused for their own account or another's site, Invalid on specialties.
    """
    if not (answer := access.can(by, Permission.MANAGE_PEOPLE, site=site)):
        raise Refused(answer.why)
    user = access.fetch_person(by, user.pk)
    if user.pk == by.pk:
        raise Refused(OWN_ACCOUNT)
    wanted = set(specialties)
    if not wanted <= SPECIALTIES.keys():
        raise Invalid({"specialties": ["The form names a specialty that is not known here. Choose from the list."]})
    # One at a time for a person: two administrators who state the same at once make one row of it.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    held = {row.specialty: row for row in user.specialties.filter(site=site, ended_at=None)}
    given, ended = sorted(wanted - held.keys()), sorted(held.keys() - wanted)
    if given or ended:
        rows = {
            code: HeldSpecialty.objects.create(user=user, site=site, specialty=code, started_at=at) for code in given
        }
        HeldSpecialty.objects.filter(pk__in=[held[code].pk for code in ended]).update(ended_at=at)
        event_log.append(
            type="person.specialties", at=at, actor=by, site=site,
            data={
                "person": user.pk, "given": {code: row.pk for code, row in rows.items()},
                "ended": {code: held[code].pk for code in ended},
            },
        )  # fmt: skip
    return tuple(code for code in SPECIALTIES if code in wanted)
