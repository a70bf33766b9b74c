"""A case as a stranger typed it: read, judged and shown, and forgotten with the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from crispy_forms.layout import Div
from django.http import QueryDict

from utilization import criteria
from utilization.rules.facts import contradictions
from utilization.rules.facts.values import BadInput
from utilization.rules.form.answers import SAFETY, Intake, facts_from_answers
from utilization.rules.form.questions import questionnaire
from utilization.rules.judging.judge import Judgement, judge
from utilization.rules.packs.pack import Pack
from utilization.web.prescribing.form_content import FormParts, FormQuestions, Say, checklist_of
from utilization.web.prescribing.form_data import EMERGENCY, EMERGENCY_REASON, JUSTIFICATION, answers_in
from utilization.web.prescribing.form_fields import FieldGroup, RequestForm
from utilization.web.prescribing.live_panel import assumed_in, says_of
from utilization.workflow import (
    DIAGNOSIS_CODE,
    DOSE,
    DOSE_BARE,
    DOSE_BY_PHARMACY,
    IDENTIFIERS,
    NO_UNIT,
    SUMMARY,
    Invalid,
    clean_text,
    field_of,
    sentence,
)

OF_PATIENT = ("age_years", "sex", "weight_kg", "height_cm")
"""What a request has from the patient's own page; here it is asked like the rest."""
_NOT_ASKED = (EMERGENCY, EMERGENCY_REASON, JUSTIFICATION, SUMMARY, DIAGNOSIS_CODE, *IDENTIFIERS, DOSE_BY_PHARMACY)
_MOST_BOXES = 40


class CheckForm(RequestForm):
    """The questions of a request form with those about the patient."""

    def __init__(
        self, typed: Mapping[str, Any], asked: FormQuestions, *, says: Mapping[str, Say], intake: Intake
    ) -> None:
        of_case = {name: raw for name, raw in typed.items() if name not in OF_PATIENT}
        parts = FormParts(emergency=False, words=False, by_pharmacy=False)
        super().__init__(of_case, asked, parts, says=says, answered=intake)
        self.draft = typed
        age, sex_field, weight, height = (self._fact(name) for name in OF_PATIENT)
        measures = Div(age, weight, height, css_class="question-row")
        self.in_patient = self._layout(FieldGroup("The patient", sex_field, measures))
        self.for_sex = asked.sex


@dataclass(frozen=True, slots=True)
class Check:
    """One case, read and judged. `record` is the judgement as pages show it, `problems` what could not be read."""

    pack: Pack
    code: str
    record: dict[str, Any]
    form: CheckForm
    problems: Mapping[str, str]
    intake: Intake

    def context(self) -> dict[str, Any]:
        """What the templates of form and panel read."""
        judged_as = self.record["judged_as"]
        return {
            "pack": self.pack,
            "form": self.form,
            "judgement": self.record,
            "problems": self.problems,
            "indication_name": title_in(self.pack, self.code),
            "judged_as_name": title_in(self.pack, judged_as) if judged_as != self.code else "",
            "covered": judged_as in self.pack.indications,
            "link": True,
            "checklist": checklist_of(self.intake, self.form.for_sex),
        }


def title_in(pack: Pack, code: str) -> str:
    """What `pack` calls the indication `code`, covered or not. Raises KeyError where it knows no such code."""
    return (pack.indications.get(code) or pack.not_covered[code]).title


def typed_in(post: QueryDict, pack: Pack) -> dict[str, Any]:
    """Every answer that the form holds, as typed, those about the patient among them."""
    answers = {name: raw for name, raw in answers_in(post, pack.catalogue).items() if name not in _NOT_ASKED}
    for name in OF_PATIENT:
        said = [value for value in post.getlist(name) if value.strip()]
        answers[name] = said[0] if said else ""
    return answers


def checked(pack: Pack, code: str, typed: Mapping[str, Any], as_of: date) -> Check:
    """Read and judge `typed` by `pack` as of `as_of`. What cannot be read counts as unknown and is said beside it."""
    clean, problems = _readable(typed, pack)
    intake, judgement, of_the_order = _judged(pack, code, clean, as_of)
    problems = {**problems, **intake.problems, **of_the_order}
    if typed.get(DOSE_BARE):
        problems[DOSE] = NO_UNIT
    record, tables = judgement.as_record(), criteria.reference_tables()
    sex = str(intake.facts.get("sex", ""))
    told = contradictions.contradictions(intake.facts, code, as_of, catalogue=pack.catalogue)
    form = CheckForm(
        typed,
        FormQuestions(
            sections=questionnaire(pack, judgement, intake),
            sex=sex,
            catalogue=pack.catalogue,
            products=sorted({product.brand for product in tables.products if product.kind == "ivig"}),
            assumed=assumed_in(record),
        ),
        says=says_of(problems, intake, record, sex, told),
        intake=intake,
    )
    return Check(pack, code, record, form, problems, intake)


def _readable(typed: Mapping[str, Any], pack: Pack) -> tuple[dict[str, Any], dict[str, str]]:
    clean: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, raw in typed.items():
        if name != SAFETY and name not in pack.catalogue:
            continue
        try:
            if name == SAFETY:
                clean[name] = [clean_text(name, box) for box in raw[:_MOST_BOXES]]
            else:
                clean[name] = clean_text(name, raw)
        except Invalid as invalid:
            problems[name] = " ".join(invalid.errors[name])
    return clean, problems


def _judged(pack: Pack, code: str, clean: dict[str, Any], as_of: date) -> tuple[Intake, Judgement, dict[str, str]]:
    """An order that contradicts itself by the pack's own rule is judged without the fact that does."""
    of_the_order: dict[str, str] = {}
    while True:
        intake = facts_from_answers(clean, None, as_of, pack.catalogue)
        try:
            return (
                intake,
                judge(pack, code, intake.facts, tables=criteria.reference_tables(), as_of=as_of),
                of_the_order,
            )
        except BadInput as bad:
            field = field_of(bad)
            of_the_order[field] = sentence(bad.message)
            # The rules blame a fact that was stated, so the loop ends.
            clean = dict(clean)
            del clean[field]
