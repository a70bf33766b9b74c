"""A transfer as whoever may answer it sees it: who the patient is, what is authorized, and what was given by it."""

from dataclasses import dataclass
from datetime import date, datetime

from utilization.authorization_terms import as_given, infusions_of, terms_of
from utilization.models import Authorization, AuthorizationChange, Patient, Site
from utilization.reports.queue import IndicationName, indication
from utilization.rules.authorization.use import Use, use_as_it_stands
from utilization.rules.facts.ages import age_words

_BANNER = (
    "name", "mrn", "date_of_birth", "sex", "weight_kg", "weight_typed", "measured_on", "height_cm", "height_typed",
    "died_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferedTransfer:
    """The asking with what it is about. `patient` is the record within a hospital; of another hospital's it is what the
    head of a page names, without a way to that record. `hospital` is where it is accepted, None within one; `lately`
    the last day on which something was given."""

    asked: AuthorizationChange
    held: Authorization
    indication: IndicationName
    patient: Patient | dict[str, object]
    age: str
    use: Use
    lately: date | None
    hospital: Site | None


def offered_transfer(asked: AuthorizationChange, *, at: datetime) -> OfferedTransfer:
    """What the page of the transfer `asked`, fetched for whom it is offered to, shows."""
    request, department = asked.request, asked.department
    assert department is not None, "a transfer is asked of a department"
    given = as_given(infusions_of(request))
    patient = request.patient.merged_into or request.patient
    elsewhere = department.site_id != request.site_id
    return OfferedTransfer(
        asked=asked,
        held=request.authorization,
        indication=indication(request.indication),
        patient={name: getattr(patient, name) for name in _BANNER} if elsewhere else patient,
        age=age_words(patient.date_of_birth, request.site.date_at(at)),
        use=use_as_it_stands(terms_of(request.authorization), given),
        lately=max((one.day for one in given), default=None),
        hospital=department.site if elsewhere else None,
    )
