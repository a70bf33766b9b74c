"""A request read and judged once: pack, facts, judgement, and what still stands in the way of filing it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from utilization import criteria
from utilization.models import Request
from utilization.rules.dosing.slips import DOSES
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.contradictions import Contradiction
from utilization.rules.facts.values import BadInput, Facts
from utilization.rules.form.answers import SAFETY, Intake
from utilization.rules.judging.judge import Judgement, ReferenceTables, judge
from utilization.rules.packs.pack import DiagnosisCode, Pack, to_acknowledge
from utilization.workflow.diagnosis_code import chosen_code, contradictions_of, diagnosis_codes
from utilization.workflow.draft_answers import (
    DIAGNOSIS_CODE,
    DOSE,
    DOSE_BY_PHARMACY,
    IDENTIFIERS,
    SUMMARY,
    asks_again,
    declared,
    read,
    to_confirm,
)
from utilization.workflow.errors import Invalid
from utilization.workflow.text_input import field_of, sentence

_NO_PRODUCT = "No product of this name is in the table: choose one from the list, or leave the product out."


def judged(
    pack: Pack, indication: str, facts: Facts, *, as_of: date, emergency: bool, tables: ReferenceTables
) -> Judgement:
    """The judgement of `facts` by `pack` and the tables beside it. Raises Invalid on the field that contradicts
    another."""
    try:
        return judge(pack, indication, facts, tables=tables, as_of=as_of, emergency=emergency)
    except BadInput as bad:
        raise Invalid({field_of(bad): [sentence(bad.message)]}) from None


class Unready(Invalid):
    """A request that cannot be filed as it stands; `reading` is what it was read and judged as, for the page that says
    why."""

    def __init__(self, errors: dict[str, list[str]], reading: "Reading"):
        super().__init__(errors)
        self.reading = reading


@dataclass(frozen=True)
class Reading:
    """The answers of a request as read at `at` and judged, once: whoever needs pack, facts or judgement is handed it.

    `answers` are as typed; `codes` are those of the indication, among which `diagnosis_code` was chosen; `to_confirm`
    are answers of an earlier day, with that day. `justification` is why the patient should have IVIG all the same.
    """

    request: Request
    answers: Mapping[str, Any]
    at: datetime
    as_of: date
    pack: Pack
    intake: Intake
    judgement: Judgement
    codes: tuple[DiagnosisCode, ...]
    diagnosis_code: str
    contradictions: tuple[Contradiction, ...]
    to_confirm: Mapping[str, date]
    justification: str

    @cached_property
    def record(self) -> dict[str, Any]:
        """The judgement as it is kept and shown."""
        return self.judgement.as_record()

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Canonical values by fact name."""
        return self.intake.facts.as_json()

    @property
    def summary(self) -> str:
        """The summary for the reviewers; empty where none was written."""
        return str(self.answers.get(SUMMARY, ""))

    @property
    def identifiers(self) -> dict[str, str]:
        """What a payer knows prescriber and patient by, each where it was typed."""
        return identifiers_in(self.answers)

    @property
    def emergency(self) -> bool:
        """Whether the prescriber declared an emergency."""
        return declared(self.answers)

    @property
    def dose_by_pharmacy(self) -> bool:
        """Whether the dose is left to be advised by pharmacy."""
        return self.answers.get(DOSE_BY_PHARMACY) == "yes"

    @property
    def grams(self) -> str | None:
        """Grams a course, as planned; None where the facts do not give them."""
        dose = self.record["dose"]
        return dose["rounded_g"] if dose else None

    @property
    def stated(self) -> dict[str, Any]:
        """What was stated beside the facts, as it is kept: which answers are "not known" and which were given by a
        single one, the day that an answer means which counts back, summary, diagnosis code and identifiers."""
        return stated_beside(self.intake, self.summary, self.diagnosis_code, self.identifiers)

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
        for contradiction in self.contradictions:
            if contradiction.stops:
                yield from ((name, f"{contradiction.says} Correct it.") for name in contradiction.facts)

    def _to_justify(self) -> str:
        """Why the request needs a written justification; empty where it needs none."""
        if self.record["outcome"] == "does_not_meet":
            return "The criteria are not met. Write why the patient should have IVIG all the same."
        if self.record["outcome"] == "exception_review":
            return "This is an exception, which a person must weigh. Write why the patient should have IVIG."
        told = " ".join(contradiction.says for contradiction in self.contradictions if not contradiction.stops)
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


def read_request(request: Request, at: datetime, *, pack: Pack | None = None) -> Reading:
    """What the answers of `request` come to at `at`, by the criteria that judge it then; `pack` where they are known.

    An answer that cannot be read counts as unknown. Raises Invalid where answers that can be read contradict each
    other.
    """
    as_of, answers = request.site.date_at(at), request.draft
    pack = pack or criteria.criteria_for(request, as_of)
    intake = read(answers, request, as_of, pack, at)
    codes = diagnosis_codes(pack, request.indication, as_of)
    code = chosen_code(codes, answers.get(DIAGNOSIS_CODE, ""))
    return Reading(
        request, answers, at, as_of, pack, intake,
        judgement=judged(
            pack, request.indication, intake.facts, as_of=as_of, emergency=declared(answers),
            tables=criteria.reference_tables(),
        ),
        codes=codes,
        diagnosis_code=code,
        contradictions=contradictions_of(intake, request, as_of, pack, code),
        to_confirm=to_confirm(answers, request, at, pack.catalogue),
        justification=answers.get("justification", ""),
    )  # fmt: skip


def identifiers_in(answers: Mapping[str, Any]) -> dict[str, str]:
    """The identifiers among `answers`, each where it was typed."""
    return {name: str(answers[name]) for name in IDENTIFIERS if answers.get(name)}


def stated_beside(intake: Intake, summary: str, diagnosis_code: str, identifiers: Mapping[str, str]) -> dict[str, Any]:
    """What is kept as `Submission.stated`."""
    said: dict[str, Any] = {
        "not_known": sorted(intake.not_known),
        "rest": {"answer": intake.rest, "rows": list(intake.by_rest)} if intake.by_rest else {},
        "meant": {name: intake.meant[name].isoformat() for name in sorted(intake.meant)},
        SUMMARY: summary,
        DIAGNOSIS_CODE: diagnosis_code,
        **identifiers,
    }
    return {name: value for name, value in said.items() if value}
