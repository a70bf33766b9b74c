"""A request as its form and its live panel show it: the answers, what they come to, and what is still to be said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from utilization import criteria
from utilization.reports.prescriber_lists import title_of
from utilization.rules.facts.ages import age_words
from utilization.rules.facts.contradictions import Contradiction
from utilization.rules.form.answers import SAFETY, Intake
from utilization.rules.form.questions import Section, questionnaire
from utilization.web.prescribing.form_content import Clash, FormParts, FormQuestions, Say, checklist_of
from utilization.web.prescribing.form_data import DOSE, DOSE_BARE, DOSE_FACTS, base_of
from utilization.web.prescribing.form_fields import RequestForm
from utilization.workflow import DIAGNOSIS_CODE, Reading, asks_again, chosen_code

_PREFIX = "default."
_WEIGHED = ("does_not_meet", "exception_review")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A reading with the form in which its answers are typed; `assumed` are choices that it takes for granted."""

    reading: Reading
    form: RequestForm
    assumed: dict[str, Any]

    @property
    def fresh(self) -> dict[str, Any]:
        """What a page made now shows of each answer."""
        return {**self.assumed, **self.reading.answers}

    def context(self) -> dict[str, Any]:
        """What the templates of form and panel read."""
        read, request = self.reading, self.reading.request
        judged_as = read.record["judged_as"]
        return {
            "the_request": request,
            "patient": request.patient,
            "age": age_words(request.patient.date_of_birth, read.as_of),
            "judgement": read.record,
            "pack": read.pack,
            "indication_name": title_of(request.indication),
            "judged_as_name": title_of(judged_as) if judged_as != request.indication else "",
            "covered": judged_as in read.pack.indications,
            "form": self.form,
            "checklist": checklist_of(read.intake, request.patient.sex),
            "base": base_of(self.fresh),
            "link": True,
        }


def sheet(
    reading: Reading,
    *,
    unsaved: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    clashes: Mapping[str, Clash] | None = None,
    emergency: bool = True,
    sections: Sequence[Section] | None = None,
) -> Sheet:
    """The form of a request as read.

    `unsaved` are answers that could not be kept but are shown all the same, `problems` what was wrong with them, and
    `clashes`, by field, the values that another page wrote. `sections` are the questions that it asks, those of the
    criteria where none are named: a code that is chosen is then none of them.
    """
    request, intake, record, told = reading.request, reading.intake, reading.record, reading.contradictions
    shown = {**reading.answers, **(unsaved or {})}
    says = says_of({**intake.problems, **(problems or {})}, intake, record, request.patient.sex, told)
    says |= {name: replace(says.get(name, Say()), still=asks_again(day)) for name, day in reading.to_confirm.items()}
    assumed = assumed_in(record)
    if only := chosen_code(reading.codes, ""):
        assumed[DIAGNOSIS_CODE] = only
    form = RequestForm(
        shown,
        FormQuestions(
            sections=questionnaire(reading.pack, reading.judgement, intake) if sections is None else sections,
            sex=request.patient.sex,
            catalogue=reading.pack.catalogue,
            products=sorted(
                {product.brand for product in criteria.reference_tables().products if product.kind == "ivig"}
            ),
            codes=() if sections is not None and reading.diagnosis_code else reading.codes,
            assumed=assumed,
            usual_product=request.site.usual_product,
        ),
        FormParts(
            justify=bool(shown.get("justification") or told) or record["outcome"] in _WEIGHED, emergency=emergency
        ),
        says=_with_clashes(says, clashes or {}),
        answered=intake,
        at=reading.at.astimezone(ZoneInfo(request.site.time_zone)),
    )
    return Sheet(reading, form, assumed)


def assumed_in(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the judgement takes for granted while nothing is said: the form shows it as chosen, so that it is seen."""
    findings = record["findings"]
    names = [finding["id"].removeprefix(_PREFIX) for finding in findings if finding["id"].startswith(_PREFIX)]
    by_id = {finding["id"]: finding["facts"] for finding in findings}
    return {name: by_id[_PREFIX + name][name] for name in names}


def says_of(
    wrong: Mapping[str, str], intake: Intake, record: Mapping[str, Any], sex: str, told: Iterable[Contradiction] = ()
) -> dict[str, Say]:
    """What stands beside each field: `wrong` by field, unusual values, and whether it could still decide.

    `told` are answers that contradict each other: each of their fields says so.
    """
    open_facts = set(record["questions"])
    doubts = {doubt.fact: doubt.text for doubt in intake.doubts}
    if unknown := next((finding["text"] for finding in record["findings"] if finding["id"] == "product.unknown"), ""):
        doubts["product"] = unknown
    wrong = dict(wrong)
    for contradiction in told:
        end = "Correct it." if contradiction.stops else "Correct one of them, or write below why both are right."
        for name in contradiction.facts:
            wrong[name] = " ".join(filter(None, (wrong.get(name, ""), contradiction.says, end)))
    names = {*wrong, *doubts, *open_facts, *intake.meant}
    says = {
        name: Say(wrong.get(name, ""), doubts.get(name, ""), name in open_facts, meant=intake.meant.get(name))
        for name in names
    }
    says[DOSE] = _together(says, (DOSE, DOSE_BARE, *DOSE_FACTS))
    says[SAFETY] = _together(says, [SAFETY])
    return says


def _with_clashes(says: Mapping[str, Say], clashes: Mapping[str, Clash]) -> dict[str, Say]:
    return {**says, **{name: replace(says.get(name, Say()), clash=clash) for name, clash in clashes.items()}}


def _together(says: Mapping[str, Say], names: Any) -> Say:
    """What is to be said of several facts that share one field."""
    said = [says[name] for name in names if name in says]
    return Say(
        problem=" ".join(say.problem for say in said if say.problem),
        doubt=" ".join(say.doubt for say in said if say.doubt),
        matters=any(say.matters for say in said),
    )
