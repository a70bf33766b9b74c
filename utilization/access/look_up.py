"""Requests and patients found by what a person has at hand: a number, an MRN, a birth date, a name, a department."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from utilization import access_log
from utilization.access.membership import Held, held_by
from utilization.access.patient_search import MAX_TYPED, search_patients
from utilization.access.requests import REVIEWERS, visible_requests
from utilization.models import Authorization, Department, Membership, Patient, Request, RequestSummary
from utilization.rules.identity import Way, name_keys, read_search
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

MOST_REQUESTS = 25
"""Requests that one look-up shows at most."""
MOST_NAMES = 2_000
"""Prescribers of a site whose names are compared at most; of a larger site the first to be added."""
MOST_MEANT = 5
"""Prescribers, and departments, that one text may mean at most."""
_COLUMNS = (
    "uid", "number", "indication", "status", "outcome", "grams", "due_at", "submitted_at", "created_at", "ended_at",
    "expedited", "author__full_name", "department__name", "site__name", "site__time_zone", "patient__uid",
    "patient__name", "patient__mrn", "patient__date_of_birth", "patient__site_id",
)  # fmt: skip


class Reach(NamedTuple):
    """Where somebody reads requests: all of a site, or of one department there."""

    site: int
    department: int | None


@dataclass(frozen=True, slots=True)
class LookUp:
    """What a text may mean: patients, and requests, the latest first. `more` says that there are others."""

    requests: tuple[Request, ...] = ()
    patients: tuple[Patient, ...] = ()
    more: bool = False


def look_up(actor: Any, text: str, *, at: datetime) -> LookUp:
    """What `actor` may see of what `text` names: a number of a request or an authorization; else a patient by MRN,
    birth date or name; else a prescriber or a department.

    A number in full means that request alone. Each patient and each request shown is written down as a read. The work
    is bounded whatever is typed and however much was filed.
    """
    typed = text[:MAX_TYPED].strip()
    if not typed or "\0" in typed:
        return LookUp()
    if numbered := _numbered(actor, typed):
        return _shown(actor, numbered, (), at)
    patients = search_patients(actor, typed, at=at)
    of_patients = visible_requests(actor).filter(patient__in=patients).exclude(status=Status.DISCARDED)
    latest = of_patients.order_by("-created_at", "-pk").values_list("pk", flat=True)
    keys = list(latest[: MOST_REQUESTS + 1])
    if len(keys) <= MOST_REQUESTS:
        keys += _of_names(held_by(actor), read_search(typed).names)
    return _shown(actor, keys, tuple(patients), at)


def _shown(actor: Any, keys: Iterable[int], patients: tuple[Patient, ...], at: datetime) -> LookUp:
    wanted = list(dict.fromkeys(keys))
    rows = visible_requests(actor).filter(pk__in=wanted[:MOST_REQUESTS]).order_by()
    seen = rows.select_related("patient", "author", "department", "site").only(*_COLUMNS).in_bulk()
    requests = tuple(seen[key] for key in wanted if key in seen)
    access_log.record(actor=actor, what="search", at=at, reads=[(request.patient, request) for request in requests])
    return LookUp(requests, patients, more=len(wanted) > MOST_REQUESTS)


# --- Numbers ------------------------------------------------------------------------------------------------------


def _numbered(actor: Any, typed: str) -> list[int]:
    """Keys of the requests that have this number, or whose authorization has it, which `actor` may see."""
    number = typed.upper()
    held = list(Request.objects.filter(number=number).values_list("pk", flat=True))
    held += Authorization.objects.filter(number=number).values_list("request_id", flat=True)
    return list(visible_requests(actor).filter(pk__in=held).values_list("pk", flat=True)) if held else []


# --- Prescribers and departments ----------------------------------------------------------------------------------


def _reaches(held: Iterable[Held]) -> list[Reach]:
    """Where these memberships let somebody read what was filed; a whole site takes in its departments."""
    memberships = list(held)
    whole = {each.site for each in memberships if each.role in (*REVIEWERS, Role.AUDITOR)}
    parts = {
        (each.site, each.department)
        for each in memberships
        if each.role == Role.PRESCRIBER and each.site not in whole and each.department is not None
    }
    return [*(Reach(site, None) for site in sorted(whole)), *(Reach(*part) for part in sorted(parts))]


def _of_names(held: Iterable[Held], ways: Iterable[Way]) -> list[int]:
    """Keys of the latest requests of prescribers and departments that these words may mean."""
    wanted = list(ways)
    latest: set[tuple[datetime, int]] = set()
    for reach in _reaches(held) if wanted else ():
        for rows in _arms(reach, wanted):
            ordered = rows.order_by("-filed_at", "-pk").values_list("filed_at", "request_id")
            latest.update(ordered[: MOST_REQUESTS + 1])
    return [key for _, key in sorted(latest, reverse=True)]


def _arms(reach: Reach, ways: Iterable[Way]) -> Iterable[QuerySet[RequestSummary]]:
    """What was filed at `reach` by each prescriber, and for each department, that is meant: each along an index."""
    wanted = list(ways)
    rows = RequestSummary.objects.filter(site=reach.site)
    prescribers = Membership.objects.filter(site=reach.site, role=Role.PRESCRIBER)
    departments = Department.objects.filter(site=reach.site)
    if reach.department is not None:
        rows = rows.filter(department=reach.department)
        prescribers = prescribers.filter(department=reach.department)
        departments = departments.filter(pk=reach.department)
    names = prescribers.order_by("user").values_list("user", "user__full_name")[:MOST_NAMES]
    for key in _meant(names, wanted):
        yield rows.filter(prescriber=key)
    for key in _meant(departments.order_by("pk").values_list("pk", "name")[:MOST_NAMES], wanted):
        yield rows.filter(department=key)


def _meant(named: Iterable[tuple[int, str]], ways: list[Way]) -> list[int]:
    """The keys of the first few whose name has a word for each that is wanted, as patients are found."""
    fitting = (key for key, name in named if any(_fits(_keys_of(name), way) for way in ways))
    meant: dict[int, None] = {}
    for key in fitting:
        meant[key] = None
        if len(meant) == MOST_MEANT:
            break
    return list(meant)


@lru_cache(maxsize=2 * MOST_NAMES)
def _keys_of(name: str) -> frozenset[str]:
    return name_keys(name)


def _fits(keys: frozenset[str], way: Way) -> bool:
    return all(
        any(key in wanted.texts if wanted.whole else key.startswith(wanted.texts) for key in keys) for wanted in way
    )
