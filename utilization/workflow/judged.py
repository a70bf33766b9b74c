"""From what was typed to a judgement, and from a judgement to what is frozen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from utilization import library, packs
from utilization.models import Patient, Request, Submission, User
from utilization.rules.asking.answers import SAFETY, Intake, PatientFacts, facts_from_answers
from utilization.rules.dosing.orders import NO_DOSE_RULE
from utilization.rules.dosing.traps import DOSES
from utilization.rules.facts.catalogue import SAFETY_CHECKLIST
from utilization.rules.facts.values import BadInput, Facts, json_value
from utilization.rules.judging.judge import Judgement, Shelf, judge
from utilization.rules.packs.pack import Pack, to_acknowledge
from utilization.workflow.errors import Invalid
from utilization.workflow.moving import digest
from utilization.workflow.typed import field_of, sentence

DOSE, DOSE_BARE, DOSE_BY_PHARMACY = "dose", "dose_bare", "dose_by_pharmacy"
"""The field of the dose; what a draft holds of it beside facts: an amount without its unit, and whether the dose is
left to be advised by pharmacy ("yes")."""
NOT_FACTS = ("justification", "emergency", "emergency_reason", DOSE_BARE, DOSE_BY_PHARMACY)
"""What a draft holds beside answers about facts."""
NO_UNIT = "Choose the unit of the dose: an amount alone could be grams or grams per kilogram, a course or a day."

_NO_PRODUCT = "No product of this name is in the table: choose one from the list, or leave the product out."
_MEASURED = ("weight_kg", "height_cm")


def intake(request: Request, at: datetime) -> Intake:
    """What the answers typed so far come to, with the patient as known now, on the date of `at` at the site."""
    as_of = request.site.date_at(at)
    return read(request.draft, request, as_of, packs.criteria_for(request, as_of))


def read(typed: Mapping[str, Any], request: Request, as_of: date, pack: Pack) -> Intake:
    """What `typed` says of the patient of `request` on `as_of`, as facts of `pack`.

    An answer to a fact that another version brought and this one does not is left out: nothing reads it.
    """
    answers = {name: value for name, value in typed.items() if name == SAFETY or name in pack.catalogue}
    patient, covered = request.patient, pack.indications.get(request.indication)
    known = PatientFacts(patient.date_of_birth, patient.sex, patient.weight_kg, patient.height_cm)
    rule = covered.dose if covered else NO_DOSE_RULE
    found = facts_from_answers(answers, known, as_of, pack.catalogue, rule)
    if typed.get(DOSE_BARE):
        return replace(found, problems={**found.problems, DOSE: NO_UNIT})
    return found


def judge_draft(request: Request, at: datetime) -> Judgement:
    """The judgement of the answers typed so far, by `packs.criteria_for`; one that cannot be read counts as unknown.

    Raises Invalid where answers that can be read contradict each other.
    """
    as_of = request.site.date_at(at)
    pack = packs.criteria_for(request, as_of)
    facts = read(request.draft, request, as_of, pack).facts
    return judged(pack, request.indication, facts, as_of=as_of, emergency=declared(request.draft))


def judged(
    pack: Pack, indication: str, facts: Facts, *, as_of: date, emergency: bool, shelf: Shelf | None = None
) -> Judgement:
    """The judgement of `facts`, with today's tables beside the pack unless others are given.

    Raises Invalid on the field that contradicts another.
    """
    try:
        beside = shelf or library.shelf()
        return judge(pack, indication, facts, shelf=beside, as_of=as_of, emergency=emergency)
    except BadInput as bad:
        raise Invalid({field_of(bad): [sentence(bad.message)]}) from None


def declared(typed: Mapping[str, Any]) -> bool:
    """Whether the prescriber declared an emergency."""
    return typed.get("emergency") == "yes"


@dataclass(frozen=True, slots=True)
class Case:
    """What is about to be frozen: the answers as read, and the judgement of them with its record."""

    as_of: date
    intake: Intake
    pack: Pack
    record: dict[str, Any]
    justification: str
    dose_by_pharmacy: bool = False

    @property
    def facts(self) -> dict[str, Any]:
        """Canonical values by fact name."""
        return self.intake.facts.as_json()

    @property
    def grams(self) -> str | None:
        """Grams a course, as planned; None where the facts do not give them."""
        dose = self.record["dose"]
        return dose["rounded_g"] if dose else None

    @property
    def safety_not_known(self) -> bool:
        """Whether the checklist was answered with "not known"."""
        return SAFETY in self.intake.not_known

    @property
    def safety_answered(self) -> bool:
        """Whether the checklist was answered at all."""
        return self.safety_not_known or SAFETY in self.intake.problems or SAFETY_CHECKLIST[0] in self.intake.facts

    @property
    def states_dose(self) -> bool:
        """Whether an order is stated, in whatever form."""
        return any(name in self.intake.facts for name in DOSES)

    def _order_faults(self) -> dict[str, list[str]]:
        """What stands in the way where neither an order nor its being left to the pharmacy is stated, or both are."""
        if self.dose_by_pharmacy:
            both = "State the dose or leave it to be advised by pharmacy, not both."
            return {DOSE: [both]} if self.states_dose or DOSE in self.intake.problems else {}
        if self.states_dose or any(name in self.intake.problems for name in (DOSE, *DOSES)):
            return {}
        return {DOSE: ["State the dose, or choose that it is to be advised by pharmacy."]}

    def _answered(self, fact: str) -> bool:
        """Whether a fact that is still asked for was answered, with "not known" or otherwise."""
        left = fact in SAFETY_CHECKLIST and self.safety_not_known
        return left or fact in self.intake.not_known or fact in DOSES

    def faults(self, acknowledged: Iterable[str], confirmed: Iterable[str]) -> dict[str, list[str]]:
        """What still stands in the way of filing, by field."""
        errors: dict[str, list[str]] = {name: [text] for name, text in self.intake.problems.items()}
        sure = set(confirmed)
        for doubt in self.intake.doubts:
            if doubt.fact not in sure:
                errors.setdefault(doubt.fact, []).append(doubt.text)
        if not self.safety_answered:
            errors.setdefault(SAFETY, []).append("Tick what applies, or say “none of these” or “not known”.")
        if self.record["outcome"] == "needs_information":
            for fact in self.record["questions"]:
                if not self._answered(fact):
                    text = (
                        _NO_PRODUCT
                        if fact == "product"
                        else "This could change the outcome: answer it or say “not known”."
                    )
                    errors.setdefault(fact, []).append(text)
        if self.record["outcome"] == "does_not_meet" and not self.justification:
            errors["justification"] = ["The criteria are not met. Write why the patient should have IVIG all the same."]
        errors |= self._order_faults()
        if missing := [code for code in to_acknowledge(self.record["warnings"]) if code not in set(acknowledged)]:
            errors["acknowledged"] = [f"Acknowledge every warning; {len(missing)} not acknowledged yet."]
        return errors


def case(typed: Mapping[str, Any], request: Request, as_of: date) -> Case:
    """The case that `typed` makes on `as_of`, judged by the criteria of `packs.criteria_for`."""
    pack = packs.criteria_for(request, as_of)
    read_in = read(typed, request, as_of, pack)
    judgement = judged(pack, request.indication, read_in.facts, as_of=as_of, emergency=declared(typed))
    by_pharmacy = typed.get(DOSE_BY_PHARMACY) == "yes"
    return Case(as_of, read_in, pack, judgement.as_record(), typed.get("justification", ""), by_pharmacy)


def freeze(
    request: Request,
    case: Case,
    *,
    by: User,
    at: datetime,
    department: str,
    attestation: str,
    acknowledged: Iterable[str],
    confirmed: Iterable[str],
    previous: Submission | None = None,
    checks: Mapping[str, Any] | None = None,
) -> tuple[Submission, dict[str, Any]]:
    """Write `case` as the next submission of `request`; return it with what its event says of it."""
    facts, warnings = case.facts, to_acknowledge(case.record["warnings"])
    doubted = {doubt.fact for doubt in case.intake.doubts}
    submission = Submission(
        request=request,
        ordinal=previous.ordinal + 1 if previous else 1,
        created_at=at,
        created_by=by,
        author_name=by.signature_name,
        author_department=department,
        attestation=attestation,
        as_of=case.as_of,
        indication=request.indication,
        patient_as_filed=as_filed(request.patient),
        facts=facts,
        entered=_entered(facts, request, by, at),
        confirmed=sorted(doubted & set(confirmed)),
        acknowledged=[code for code in warnings if code in set(acknowledged)],
        justification=case.justification,
        pack=packs.keep(case.pack, at=at)[0],
        judgement=case.record,
        changes=differences(previous.facts, facts) if previous else [],
        checks=dict(checks or {}),
    )
    submission.save(force_insert=True)
    return submission, {
        "submission": submission.ordinal,
        "sha256": digest(_frozen(submission)),
        "pack": case.pack.sha256,
        "judged_as": case.record["judged_as"],
        "outcome": case.record["outcome"],
        "approvals": case.record["route"]["approvals"],
        "clock_hours": case.record["route"]["clock_hours"],
    }


def as_filed(patient: Patient) -> dict[str, Any]:
    """The patient as known now, as JSON."""
    known = ("mrn", "name", "date_of_birth", "sex", "height_cm", "weight_kg", "measured_on")
    return {name: json_value(getattr(patient, name)) for name in known}


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every fact that differs: {"fact", "old", "new"}, None for unknown."""
    return [
        {"fact": name, "old": old.get(name), "new": new.get(name)}
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def _entered(facts: Mapping[str, Any], request: Request, by: User, at: datetime) -> dict[str, Any]:
    """Who entered each fact, and when: who typed the answer, or who wrote the patient's own data."""
    patient = request.patient
    measured = mark(patient.updated_by, patient.updated_at)
    known = mark(patient.created_by, patient.created_at)
    safety = request.entered.get("safety")
    entered = {}
    for name in facts:
        if name in request.entered:
            entered[name] = request.entered[name]
        elif name in _MEASURED:
            entered[name] = measured
        elif name in ("age_years", "sex"):
            entered[name] = known
        else:
            entered[name] = safety or mark(by, at)
    return entered


def mark(user: User, at: datetime) -> dict[str, Any]:
    """Who and when, as JSON."""
    return {"by": user.pk, "name": user.signature_name, "at": at.isoformat()}


def _frozen(submission: Submission) -> dict[str, Any]:
    plain = (
        "ordinal", "author_name", "author_department", "attestation", "as_of", "indication", "patient_as_filed",
        "facts", "entered", "confirmed", "acknowledged", "justification", "judgement", "changes",
        "checks",
    )  # fmt: skip
    return {name: getattr(submission, name) for name in plain} | {"pack": submission.pack.sha256}
