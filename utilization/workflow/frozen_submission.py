"""A submission as it is frozen: what is written of a reading, and whether answers still say what was frozen."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from utilization import access, criteria
from utilization.digests import of_submission, salted
from utilization.models import Patient, Request, Submission, User
from utilization.rules.facts.ages import AGES, YEARS
from utilization.rules.facts.values import json_value
from utilization.rules.packs.pack import Pack, to_acknowledge
from utilization.workflow.diagnosis_code import chosen_code, diagnosis_codes
from utilization.workflow.draft_answers import DIAGNOSIS_CODE, IDENTIFIERS, SUMMARY, read
from utilization.workflow.reading import Reading, identifiers_in, stated_beside

TRANSFERRED_FROM = "transferred_from"
_MEASURED = ("weight_kg", "height_cm")


@dataclass(frozen=True, slots=True)
class Signing:
    """Who files and when, for which department and with which words; the warnings acknowledged, the unusual values
    confirmed, and what was checked of the dose."""

    by: User
    at: datetime
    department: str
    attestation: str
    acknowledged: Collection[str]
    confirmed: Collection[str]
    checks: Mapping[str, Any]


def freeze(
    request: Request,
    reading: Reading,
    signing: Signing,
    previous: Submission | None = None,
) -> tuple[Submission, dict[str, Any]]:
    """Write `reading` as the submission of `request` after `previous`; return it with what its event says of it."""
    facts, warnings = reading.facts, to_acknowledge(reading.record)
    by, at = signing.by, signing.at
    doubted = {doubt.fact for doubt in reading.intake.doubts}
    submission = Submission(
        request=request,
        ordinal=previous.ordinal + 1 if previous else 1,
        created_at=at,
        created_by=by,
        author_name=by.signature_name,
        author_department=signing.department,
        attestation=signing.attestation,
        as_of=reading.as_of,
        indication=request.indication,
        patient_as_filed=as_filed(request.patient),
        facts=facts,
        entered=_entered(facts, request, by, at),
        confirmed=sorted(doubted & set(signing.confirmed)),
        acknowledged=[code for code in warnings if code in set(signing.acknowledged)],
        justification=reading.justification,
        pack=criteria.keep(reading.pack, at=at)[0],
        judgement=reading.record,
        changes=differences(previous.facts, facts, _moved_on(previous, reading)) if previous else [],
        checks=dict(signing.checks),
        stated=reading.stated | _origin(request),
    )
    submission.save(force_insert=True)
    return submission, {
        "submission": submission.ordinal,
        "sha256": salted(of_submission(submission, reading.pack.sha256)),
        "pack": reading.pack.sha256,
        "shelf": submission.pack.shelf_sha256,
        "judged_as": reading.record["judged_as"],
        "outcome": reading.record["outcome"],
        "approvals": reading.record["route"]["approvals"],
        "clock_hours": reading.record["route"]["clock_hours"],
    }


def _origin(request: Request) -> dict[str, Any]:
    """Where `request` comes from, as `Submission.stated` keeps it; nothing of one that was begun here."""
    origin = access.origin_of(request)
    return {TRANSFERRED_FROM: origin} if origin else {}


def as_filed(patient: Patient) -> dict[str, Any]:
    """The patient as known now, as JSON."""
    known = (
        "mrn", "name", "date_of_birth", "sex", "height_cm", "weight_kg", "measured_on", "height_typed", "weight_typed",
    )  # fmt: skip
    return {name: json_value(getattr(patient, name)) for name in known}


def differences(old: Mapping[str, Any], new: Mapping[str, Any], moved_on: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Every fact that differs: {"fact", "old", "new"}, None for unknown; not those that only `moved_on` with time."""
    return [
        {"fact": name, "old": old.get(name), "new": new.get(name)}
        for name in sorted({*old, *new} - set(moved_on))
        if old.get(name) != new.get(name)
    ]


def _moved_on(previous: Submission, made: Reading) -> set[str]:
    """Facts that are another number on another day and mean the same: what counts back, and an age but in years."""
    same = {
        name
        for name, when in previous.stated.get("meant", {}).items()
        if name in made.intake.meant and made.intake.meant[name].isoformat() == when
    }
    parts = Decimal(previous.facts.get(YEARS, "0")) < 2
    return same | set(AGES) if parts else same | set(AGES) - {YEARS}


def _entered(facts: Mapping[str, Any], request: Request, by: User, at: datetime) -> dict[str, Any]:
    """Who entered each fact, and when: who typed the answer, or who wrote the patient's own data."""
    patient = request.patient
    measured = mark(patient.updated_by, patient.updated_at)
    known = mark(patient.corrected_by or patient.created_by, patient.corrected_at or patient.created_at)
    safety = request.entered.get("safety")
    entered = {}
    for name in facts:
        if name in request.entered:
            entered[name] = request.entered[name]
        elif name in _MEASURED:
            entered[name] = measured
        elif name in (*AGES, "sex"):
            entered[name] = known
        else:
            entered[name] = safety or mark(by, at)
    return entered


def mark(user: User, at: datetime) -> dict[str, Any]:
    """Who and when, as JSON."""
    return {"by": user.pk, "name": user.signature_name, "at": at.isoformat()}


def reads_as(request: Request, previous: Submission, pack: Pack) -> bool:
    """Whether the answers still say what `previous` says by the `pack` that judged it. Asked as of its date: growing
    older is no change."""
    now = read(request.draft, request, previous.as_of, pack, previous.created_at)
    facts, filed = now.facts.as_json(), previous.facts
    if previous.patient_as_filed.get("date_of_birth") == json_value(request.patient.date_of_birth):
        # One age, filed in another form before it was kept to the day.
        facts, filed = ({n: v for n, v in answers.items() if n not in AGES} for answers in (facts, filed))
    code = request.draft.get(DIAGNOSIS_CODE, "")
    if previous.stated:
        code = chosen_code(diagnosis_codes(pack, request.indication, previous.as_of), code)
    said = stated_beside(now, request.draft.get(SUMMARY, ""), code, identifiers_in(request.draft))
    stated = {name: value for name, value in previous.stated.items() if name != TRANSFERRED_FROM}
    if not previous.stated:
        said = {name: value for name, value in said.items() if name in (SUMMARY, DIAGNOSIS_CODE, *IDENTIFIERS)}
    return not now.problems and facts == filed and said == stated
