"""From what was typed to a judgement, and from a judgement to what is frozen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from utilization import library, packs
from utilization.models import Patient, Request, Submission, User
from utilization.rules.dosing.orders import NO_DOSE_RULE
from utilization.rules.dosing.slips import DOSES
from utilization.rules.facts.ages import AGES, YEARS
from utilization.rules.facts.catalogue import CATALOGUE, PREGNANCY, Fact
from utilization.rules.facts.contradictions import Contradiction, contradictions
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.elapsed import apart, keep
from utilization.rules.facts.values import BadInput, Facts, json_value
from utilization.rules.form.answers import NOT_KNOWN, SAFETY, Intake, PatientFacts, facts_from_answers
from utilization.rules.judging.judge import Judgement, Shelf, judge
from utilization.rules.packs.pack import DiagnosisCode, Pack, to_acknowledge
from utilization.workflow.errors import Invalid
from utilization.workflow.text_input import field_of, sentence
from utilization.workflow.transition import digest

SUMMARY, DIAGNOSIS_CODE = "clinical_summary", "diagnosis_code"
DOSE, DOSE_BARE, DOSE_BY_PHARMACY = "dose", "dose_bare", "dose_by_pharmacy"
"""The field of the dose; what a draft holds of it beside facts: an amount without its unit, and whether the dose is
left to be advised by pharmacy ("yes")."""
NOT_FACTS = (
    "justification", "emergency", "emergency_reason", SUMMARY, DIAGNOSIS_CODE, DOSE_BARE, DOSE_BY_PHARMACY,
)  # fmt: skip
"""What a draft holds beside answers about facts."""
NO_UNIT = "Choose the unit of the dose: an amount alone could be grams or grams per kilogram, a course or a day."

_NO_PRODUCT = "No product of this name is in the table: choose one from the list, or leave the product out."
_MEASURED = ("weight_kg", "height_cm")
_BEFORE_THE_POINT = 3
_STILL_FRESH = timedelta(hours=12)
"""A night shift: what was typed late in the evening is not asked again at dawn."""


def intake(request: Request, at: datetime) -> Intake:
    """What the answers typed so far come to, with the patient as known now, on the date of `at` at the site."""
    as_of = request.site.date_at(at)
    return read(request.draft, request, as_of, packs.criteria_for(request, as_of), at)


def read(typed: Mapping[str, Any], request: Request, as_of: date, pack: Pack, at: datetime) -> Intake:
    """What `typed` says of the patient of `request` on `as_of`, at the moment `at`, as facts of `pack`.

    An answer to a fact that another version brought and this one does not is left out: nothing reads it. So is one
    that was true on an earlier day, until somebody says that it still is (`to_confirm`).
    """
    old = to_confirm(typed, request, at)
    answers = {
        name: with_its_moment(request, name, value)
        for name, value in typed.items()
        if name == SAFETY or (name in pack.catalogue and name not in old)
    }
    patient, covered = request.patient, pack.indications.get(request.indication)
    known = PatientFacts(patient.date_of_birth, patient.sex, patient.weight_kg, patient.height_cm)
    rule = covered.dose if covered else NO_DOSE_RULE
    found = facts_from_answers(
        answers, known, as_of, pack.catalogue, rule,
        now=_local(request, at), ticks_settle=request.submitted_at is not None,
        rest_leaves=(PREGNANCY,) if _of_an_earlier_day(SAFETY, request, at) else (),
    )  # fmt: skip
    if typed.get(DOSE_BARE):
        return replace(found, problems={**found.problems, DOSE: NO_UNIT})
    return found


def to_confirm(typed: Mapping[str, Any], request: Request, at: datetime) -> dict[str, date]:
    """Answers of a draft that were true on the day on which they were typed, with that day, once it has passed."""
    if request.submitted_at is not None:
        return {}
    found = {}
    for name, value in typed.items():
        fact = library.fact_named(name)
        if not value or fact is None or not fact.of_its_day or fact.counts_back:
            continue
        if (day := _of_an_earlier_day(name, request, at)) is not None:
            found[name] = day
    return found


def _of_an_earlier_day(name: str, request: Request, at: datetime) -> date | None:
    """The day on which this answer of a draft was typed, once it has passed; None of what is filed."""
    mark = request.entered.get(name)
    if mark is None or request.submitted_at is not None:
        return None
    then = datetime.fromisoformat(mark["at"])
    day = request.site.date_at(then)
    return day if day < request.site.date_at(at) and at - then > _STILL_FRESH else None


def with_its_moment(request: Request, name: str, value: Any, at: datetime | None = None) -> Any:
    """An answer that counts back from a moment with that moment: `at`, or when it was typed. Any other as it is."""
    fact = library.fact_named(name)
    if fact is None or not fact.counts_back or not isinstance(value, str) or value in ("", NOT_KNOWN):
        return value
    typed, then = apart(value)
    if then is not None and (at is None or then <= at):
        return value
    mark = request.entered.get(name)
    when = at or (datetime.fromisoformat(mark["at"]) if mark else None)
    return keep(typed, _local(request, when)) if when else typed


def _local(request: Request, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(request.site.time_zone))


def judge_draft(request: Request, at: datetime) -> Judgement:
    """The judgement of the answers typed so far, by `packs.criteria_for`; one that cannot be read counts as unknown.

    Raises Invalid where answers that can be read contradict each other.
    """
    as_of = request.site.date_at(at)
    pack = packs.criteria_for(request, as_of)
    facts = read(request.draft, request, as_of, pack, at).facts
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
    summary: str = ""
    diagnosis_code: str = ""
    # Those of the indication, among which the code is chosen.
    codes: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    to_confirm: Mapping[str, date] = field(default_factory=dict)
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
    def stated(self) -> dict[str, Any]:
        """What was stated beside the facts, as it is kept: which answers are "not known" and which were given by a
        single one, the day that an answer means which counts back, the summary and the diagnosis code."""
        return beside(self.intake, self.summary, self.diagnosis_code)

    def _unanswered(self) -> Iterator[tuple[str, str]]:
        """(field, text) for what has no answer yet, or only one of an earlier day."""
        unanswered = [name for name in self.intake.unanswered if name not in self.to_confirm]
        if unanswered and SAFETY not in self.intake.problems:
            labels = ", ".join(CATALOGUE[name].label for name in unanswered)
            end = "Answer each, or give one answer for those that are left."
            if self.intake.rest:
                end = "The single answer for the others is of an earlier day: answer this row as it is today."
            yield SAFETY, f"Not answered: {labels}. {end}"
        for name, day in self.to_confirm.items():
            yield name, asks_again(day)
        if self.record["outcome"] == "needs_information":
            for fact in self.record["questions"]:
                # That an order is wanting is said by `_order_faults`; why there is no weight to hold one against is
                # asked for by its trap.
                told_elsewhere = fact in DOSES or (fact == "weight_kg" and self.states_dose)
                if fact not in self.intake.not_known and fact not in self.to_confirm and not told_elsewhere:
                    told = "This could change the outcome: answer it or say “not known”."
                    yield fact, _NO_PRODUCT if fact == "product" else told

    def _impossible(self) -> Iterator[tuple[str, str]]:
        """(field, text) for answers that cannot be right together."""
        for one in self.contradictions:
            if one.stops:
                yield from ((name, f"{one.says} Correct it.") for name in one.facts)

    def _to_justify(self) -> str:
        """Why the request needs a written justification; empty where it needs none."""
        if self.record["outcome"] == "does_not_meet":
            return "The criteria are not met. Write why the patient should have IVIG all the same."
        if self.record["outcome"] == "exception_review":
            return "This is an exception, which a person must weigh. Write why the patient should have IVIG."
        told = " ".join(one.says for one in self.contradictions if not one.stops)
        return f"{told} Correct one of them, or write why both are right." if told else ""

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

    def faults(self, acknowledged: Iterable[str], confirmed: Iterable[str]) -> dict[str, list[str]]:
        """What still stands in the way of filing, by field."""
        errors: dict[str, list[str]] = {name: [text] for name, text in self.intake.problems.items()}
        sure = set(confirmed)
        doubted = ((doubt.fact, doubt.text) for doubt in self.intake.doubts if doubt.fact not in sure)
        for name, text in (*self._impossible(), *doubted, *self._unanswered()):
            errors.setdefault(name, []).append(text)
        if not self.justification and (why := self._to_justify()):
            errors["justification"] = [why]
        if self.codes and not self.diagnosis_code:
            errors[DIAGNOSIS_CODE] = ["Choose the ICD-10-CM code of the diagnosis."]
        errors |= self._order_faults()
        if missing := [code for code in to_acknowledge(self.record) if code not in set(acknowledged)]:
            errors["acknowledged"] = [f"Acknowledge every warning; {len(missing)} not acknowledged yet."]
        return errors


def beside(found: Intake, summary: str, diagnosis_code: str) -> dict[str, Any]:
    """What is kept as `Submission.stated`."""
    said: dict[str, Any] = {
        "not_known": sorted(found.not_known),
        "rest": {"answer": found.rest, "rows": list(found.by_rest)} if found.by_rest else {},
        "meant": {name: found.meant[name].isoformat() for name in sorted(found.meant)},
        SUMMARY: summary,
        DIAGNOSIS_CODE: diagnosis_code,
    }
    return {name: value for name, value in said.items() if value}


def reads_as(request: Request, previous: Submission) -> bool:
    """Whether the answers still say what `previous` says. Asked as of its date: growing older is no change."""
    pack = packs.criteria_for(request, previous.as_of)
    now = read(request.draft, request, previous.as_of, pack, previous.created_at)
    facts, filed = now.facts.as_json(), previous.facts
    if previous.patient_as_filed.get("date_of_birth") == json_value(request.patient.date_of_birth):
        # One age, filed in another form before it was kept to the day.
        facts, filed = ({n: v for n, v in one.items() if n not in AGES} for one in (facts, filed))
    code = request.draft.get(DIAGNOSIS_CODE, "")
    if previous.stated:
        code = chosen_code(diagnosis_codes(pack, request.indication, previous.as_of), code)
    said = beside(now, request.draft.get(SUMMARY, ""), code)
    if not previous.stated:
        said = {name: value for name, value in said.items() if name in (SUMMARY, DIAGNOSIS_CODE)}
    return not now.problems and facts == filed and said == previous.stated


def asks_again(day: date) -> str:
    """What is said beside an answer that was typed on an earlier `day` and was true on it."""
    return f"Answered on {day_words(day)}. Is it still so? Confirm it, or correct it."


def case(typed: Mapping[str, Any], request: Request, at: datetime) -> Case:
    """The case that `typed` makes at `at`, judged by the criteria of `packs.criteria_for`."""
    as_of = request.site.date_at(at)
    pack = packs.criteria_for(request, as_of)
    read_in = read(typed, request, as_of, pack, at)
    judgement = judged(pack, request.indication, read_in.facts, as_of=as_of, emergency=declared(typed))
    codes = diagnosis_codes(pack, request.indication, as_of)
    code = chosen_code(codes, typed.get(DIAGNOSIS_CODE, ""))
    return Case(
        as_of, read_in, pack, judgement.as_record(), typed.get("justification", ""),
        summary=typed.get(SUMMARY, ""),
        diagnosis_code=code,
        codes=tuple(one.code for one in codes),
        contradictions=contradictions_of(read_in, request, as_of, pack, code),
        to_confirm=to_confirm(typed, request, at),
        dose_by_pharmacy=typed.get(DOSE_BY_PHARMACY) == "yes",
    )  # fmt: skip


def contradictions_of(found: Intake, request: Request, as_of: date, pack: Pack, code: str) -> tuple[Contradiction, ...]:
    """What contradicts what in the answers of `request`, the diagnosis `code` among them."""
    told = contradictions(found.facts, request.indication, as_of, request.patient.date_of_birth, pack.catalogue)
    chosen = next((one for one in diagnosis_codes(pack, request.indication, as_of) if one.code == code), None)
    other = {
        name: value for name, value in (chosen.when if chosen else {}).items() if found.facts.get(name, value) != value
    }
    return (
        *told,
        *(
            Contradiction(
                "diagnosis_code", (DIAGNOSIS_CODE, name),
                f"The code {code} says “{_in_words(pack.catalogue[name], value)}”, and the answer is another.",
                stops=True,
            )
            for name, value in other.items()
        ),
    )  # fmt: skip


def _in_words(fact: Fact, value: Any) -> str:
    return fact.choices.get(value, "yes" if value is True else "no" if value is False else str(value))


def diagnosis_codes(pack: Pack, indication: str, as_of: date) -> tuple[DiagnosisCode, ...]:
    """The ICD-10-CM codes among which the prescriber of `indication` chooses on `as_of`: those that are valid then."""
    known = pack.indications.get(indication) or pack.not_covered.get(indication)
    return tuple(one for one in known.icd10cm if one.until is None or one.until >= as_of) if known else ()


def chosen_code(codes: Sequence[DiagnosisCode], typed: str) -> str:
    """The code that was chosen, as the list writes it; the only one there is by itself; empty where none was."""
    if not typed and len(codes) == 1 and not codes[0].with_subcodes:
        return codes[0].code
    written = "".join(typed.split()).upper()
    if "." not in written and len(written) > _BEFORE_THE_POINT:
        written = f"{written[:_BEFORE_THE_POINT]}.{written[_BEFORE_THE_POINT:]}"
    return written if written and any(one.covers(written) for one in codes) else ""


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
    facts, warnings = case.facts, to_acknowledge(case.record)
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
        changes=differences(previous.facts, facts, _moved_on(previous, case)) if previous else [],
        checks=dict(checks or {}),
        stated=case.stated,
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


def _moved_on(previous: Submission, made: Case) -> set[str]:
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


def _frozen(submission: Submission) -> dict[str, Any]:
    plain = (
        "ordinal", "author_name", "author_department", "attestation", "as_of", "indication", "patient_as_filed",
        "facts", "entered", "confirmed", "acknowledged", "justification", "judgement", "changes",
        "checks",
    )  # fmt: skip
    frozen = {name: getattr(submission, name) for name in plain} | {"pack": submission.pack.sha256}
    # Versions filed before there was such a thing are vouched for without it.
    return frozen | ({"stated": submission.stated} if submission.stated else {})
