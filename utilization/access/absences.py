"""Who is away, who covers for whom, and who could cover: read from the database at each question.

A cover acts by their own roles alone. They count as one only where both people hold the same role at the site, of
prescribers for the same department, and only while they are not away themselves: so a cover has nothing that whoever
is away had not, and hands nothing on to a third.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from utilization.access.accounts import standings
from utilization.access.fetch import NotFound
from utilization.access.membership import sites
from utilization.models import Absence, Event, Membership, Request, Site, User
from utilization.rules.absences import TimeSpan
from utilization.rules.roles import Permission, Role

PASSED = "request.passed"
"""The entry of a claim that went from somebody away to who covers."""
SIGNS = frozenset({Role.PHARMACIST.value, Role.PHYSICIAN.value})


def away(site: Site | int, at: datetime) -> QuerySet[Absence]:
    """The absences at `site` that stand `at` this moment."""
    return Absence.objects.filter(site=site, begins_at__lte=at, ends_at__gt=at)


def away_people(site: Site | int, at: datetime) -> set[int]:
    """The keys of everybody who is away from `site` `at` this moment."""
    return set(away(site, at).order_by().values_list("person_id", flat=True))


def absence_of(person: Any, site: Site | int, at: datetime) -> Absence | None:
    """The absence of `person` that stands `at` this moment, with who covers."""
    return away(site, at).filter(person=person).select_related("cover", "person").first()


def covers(site: Site | int, at: datetime) -> dict[int, int]:
    """Who covers at `site` now, by the person who is away: those alone who are there and share a role with them."""
    named = dict(away(site, at).exclude(cover=None).order_by().values_list("person_id", "cover_id"))
    if not named:
        return {}
    gone = away_people(site, at)
    held = _held(site, {*named, *named.values()})
    return {
        person: cover
        for person, cover in named.items()
        if cover not in gone and held.get(person, set()) & held.get(cover, set())
    }


def cover_of(person: int | None, site: Site | int, at: datetime) -> int | None:
    """The key of who covers for `person` at `site` now; None where nobody does."""
    return covers(site, at).get(person) if person else None


def possible_covers(person: User, site: Site) -> list[User]:
    """The colleagues who could cover for `person` at `site`, by name: of the same role, and of the same department
    where they prescribe. Who may not sign yet does not cover a reviewer."""
    own = _held(site, [person.pk]).get(person.pk, set())
    rows = Membership.objects.filter(site=site, ended_at=None, user__is_active=True).exclude(user=person).order_by()
    fitting = {row.user_id for row in rows if (row.role, row.department_id if _files(row.role) else None) in own}
    people = list(User.objects.filter(pk__in=fitting).order_by("full_name", "pk"))
    if not any(role in SIGNS for role, _ in own):
        return people
    known = standings(people)
    return [candidate for candidate in people if known[candidate.pk].confirmed]


def spans(site: Site, people: Iterable[int], until: datetime, since: datetime) -> dict[int, list[TimeSpan]]:
    """When each of `people` is away from `site` between these moments."""
    told: dict[int, list[TimeSpan]] = {person: [] for person in people}
    rows = Absence.objects.filter(site=site, person__in=told, begins_at__lt=until, ends_at__gt=since).order_by()
    for person, begins, ends in rows.values_list("person_id", "begins_at", "ends_at"):
        told[person].append(TimeSpan(begins, ends))
    return told


def covering(actor: Any, request: Request, at: datetime) -> User | None:
    """For whom `actor` covers when they act on `request` `at` this moment; None where they act for nobody else.

    It is about what was the absent person's: they wrote the request, asked about it, or held it until it was passed on.
    """
    pk: Any = getattr(actor, "pk", None)
    rows = away(request.site_id, at).filter(cover_id=pk).order_by("begins_at", "pk")
    named = list(rows.values_list("person_id", flat=True))
    if not named:
        return None
    counted = covers(request.site_id, at)
    standing = [person for person in named if counted.get(person) == pk]
    theirs = _had(request, pk) if standing else set()
    person = next((person for person in standing if person in theirs), None)
    return User.objects.get(pk=person) if person else None


def _had(request: Request, cover: int) -> set[int | None]:
    """Who wrote `request`, asked about it, or had a claim on it that was passed on to `cover`."""
    had: set[int | None] = {request.author_id, *request.authorships.values_list("user_id", flat=True)}
    had |= set(request.questions.values_list("asked_by_id", flat=True))
    for body in Event.objects.filter(request_id=request.pk, type=PASSED).values_list("body", flat=True):
        said = json.loads(bytes(body))["data"]
        if said["holder"] == cover:
            had.add(said["holder_before"])
    return had


def _held(site: Site | int, people: Iterable[int]) -> dict[int, set[tuple[str, int | None]]]:
    """The roles that each of `people` holds now at `site`, of prescribers with the department."""
    held: dict[int, set[tuple[str, int | None]]] = {}
    rows = Membership.objects.filter(site=site, user__in=people, ended_at=None, user__is_active=True).order_by()
    for user, role, department in rows.values_list("user_id", "role", "department_id"):
        held.setdefault(user, set()).add((role, department if _files(role) else None))
    return held


def _files(role: str) -> bool:
    return role == Role.PRESCRIBER


def visible_absences(actor: Any) -> QuerySet[Absence]:
    """What `actor` may end: their own absences, and those of the people of the sites that they manage."""
    managed = sites(actor, Permission.MANAGE_PEOPLE)
    return Absence.objects.filter(Q(person_id=actor.pk) | Q(site__in=managed))


def fetch_absence(actor: Any, key: Any) -> Absence:
    """Get the absence with this key; raises NotFound alike when there is none and when it is another's."""
    try:
        return visible_absences(actor).select_related("site", "person", "cover").get(pk=key)
    except (Absence.DoesNotExist, ValueError, OverflowError):
        raise NotFound from None
