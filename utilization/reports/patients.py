"""One patient as the pages show them: requests and authorizations together, earlier names, what was corrected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from utilization import access
from utilization.models import Authorization, Patient, PatientChange, Request
from utilization.reports.queue import IndicationName, indication
from utilization.rules.facts.date_words import day_words
from utilization.rules.lifecycle import OPEN, Status
from utilization.rules.roles import Permission

MOST_SHOWN = 60
_REVIEWS = frozenset({Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN})
_READS_ALL = _REVIEWS | {Permission.AUDIT}


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A request of the patient with its authorization; `door` names the page that the reader may open it on."""

    request: Request
    indication: IndicationName
    authorization: Authorization | None
    state: str
    door: str


@dataclass(frozen=True, slots=True)
class Record:
    """The patient's page. `elsewhere` are departments whose open requests or live authorizations the reader may not
    open; `formerly` earlier names and MRNs, those of merged records among them; `merged` the records merged away."""

    requests: tuple[PatientRow, ...]
    elsewhere: tuple[str, ...]
    changes: tuple[PatientChange, ...]
    formerly: tuple[str, ...]
    merged: tuple[Patient, ...]

    @property
    def authorizations(self) -> list[PatientRow]:
        """The rows with an authorization, those that are valid first."""
        held = [row for row in self.requests if row.authorization]
        return sorted(held, key=lambda row: row.state not in ("live", "future"))


def record(actor: Any, patient: Patient, on: date) -> Record:
    """Everything that `actor` may see of `patient` on the date `on`."""
    merged = tuple(Patient.objects.filter(merged_into=patient).order_by("pk"))
    changes = PatientChange.objects.filter(patient__in=[patient, *merged]).select_related("by", "other", "patient")
    visible = access.visible_requests(actor).filter(patient=patient).exclude(status=Status.DISCARDED)
    rows = visible.select_related("site", "department", "author", "authorization").order_by("-created_at", "-pk")
    held = access.permissions(actor, patient.site)
    shown = tuple(_row(actor, request, on, held) for request in rows[:MOST_SHOWN])
    return Record(
        requests=shown,
        elsewhere=_elsewhere(patient, {row.request.pk for row in shown}, on),
        changes=tuple(changes.order_by("-pk")),
        formerly=formerly([patient]).get(patient.pk, ()),
        merged=merged,
    )


def _row(actor: Any, request: Request, on: date, held_here: frozenset[Permission]) -> PatientRow:
    held: Authorization | None = getattr(request, "authorization", None)
    state, door = held.state(on) if held else "", _door(actor, request, held_here)
    return PatientRow(request, indication(request.indication), held, state, door)


def _door(actor: Any, request: Request, held: frozenset[Permission]) -> str:
    if not held & _READS_ALL or (Permission.FILE in held and access.can(actor, Permission.FILE, request)):
        return "request-page"
    return "review-case" if held & _REVIEWS and request.submitted_at is not None else "audit-request"


def _elsewhere(patient: Patient, shown: set[int], on: date) -> tuple[str, ...]:
    others = Request.objects.filter(patient=patient).exclude(pk__in=shown).select_related("department", "authorization")
    alive = [other for other in others if other.status in OPEN or _is_live(other, on)]
    return tuple(sorted({other.department.name for other in alive}))


def _is_live(request: Request, on: date) -> bool:
    held: Authorization | None = getattr(request, "authorization", None)
    return held is not None and held.state(on) in ("live", "future")


def formerly(patients: Iterable[Patient]) -> dict[int, tuple[str, ...]]:
    """Names and MRNs that each patient had before, by key: of corrections, and of records merged into it."""
    wanted = {patient.pk: patient for patient in patients}
    merged = {patient.pk: patient for patient in Patient.objects.filter(merged_into__in=wanted).order_by("pk")}
    names: dict[int, dict[str, None]] = {pk: {} for pk in wanted}
    corrected = PatientChange.objects.filter(patient__in=[*wanted, *merged], kind=PatientChange.CORRECTED)
    for change in corrected.order_by("pk"):
        owner = merged[change.patient_id].merged_into_id if change.patient_id in merged else change.patient_id
        told = [part["old"] for part in change.changes if part["field"] in ("name", "mrn")]
        names[owner or 0].update(dict.fromkeys(told))
    for patient in merged.values():
        names[patient.merged_into_id or 0].update(dict.fromkeys([patient.name, patient.mrn]))
    return {
        pk: tuple(text for text in told if text not in (wanted[pk].name, wanted[pk].mrn)) for pk, told in names.items()
    }


def now_of(actor: Any, patient: Patient, on: date) -> list[str]:
    """What is open or authorized for `patient`, as far as `actor` may read it, in words."""
    open_now = []
    for row in record(actor, patient, on).requests:
        if row.state in ("live", "future") and row.authorization:
            until = row.authorization.valid_to
            open_now.append(f"{row.indication.name}, authorized until {day_words(until)}")
        elif row.request.status in OPEN:
            open_now.append(f"{row.indication.name}, under review")
    return open_now
