"""A request as its form and its live panel show it: the answers, what they come to, and what is still to be said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from utilization import library, packs
from utilization.models import Request
from utilization.reports.prescribing import title_of
from utilization.rules.asking.answers import SAFETY, Intake, age_in_years, safety_options
from utilization.rules.asking.questions import questionnaire
from utilization.rules.packs.pack import Pack
from utilization.web.prescribing.questions import RequestForm, Say
from utilization.web.prescribing.typed import DOSE, DOSE_BARE, DOSE_FACTS, base_of
from utilization.workflow import intake, judge_draft

_PREFIX = "default."
_WEIGHED = ("does_not_meet", "exception_review")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One draft, read and judged. `record` is the judgement as pages show it."""

    request: Request
    intake: Intake
    record: dict[str, Any]
    pack: Pack
    form: RequestForm
    assumed: dict[str, Any]
    age: Any

    def context(self) -> dict[str, Any]:
        """What the templates of form and panel read."""
        judged_as = self.record["judged_as"]
        return {
            "the_request": self.request,
            "patient": self.request.patient,
            "age": self.age,
            "judgement": self.record,
            "pack": self.pack,
            "indication_name": title_of(self.request.indication),
            "judged_as_name": title_of(judged_as) if judged_as != self.request.indication else "",
            "covered": judged_as in self.pack.indications,
            "form": self.form,
            "base": base_of({**self.assumed, **self.request.draft}),
            "link": True,
        }


def sheet(
    request: Request,
    at: datetime,
    *,
    unsaved: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    emergency: bool = True,
) -> Sheet:
    """Read and judge the draft of `request` as of `at`.

    `unsaved` are answers that could not be kept but are shown all the same, `problems` what was wrong with them.
    """
    found = intake(request, at)
    judgement = judge_draft(request, at)
    pack, shelf, record = packs.criteria_for(request, request.site.date_at(at)), library.shelf(), judgement.as_record()
    shown = {**request.draft, **(unsaved or {})}
    assumed = assumed_in(record)
    form = RequestForm(
        shown,
        sections=questionnaire(pack, judgement, found),
        sex=request.patient.sex,
        products=sorted({product.brand for product in shelf.products if product.kind == "ivig"}),
        assumed=assumed,
        says=says_of({**found.problems, **(problems or {})}, found, record, request.patient.sex),
        justify=bool(shown.get("justification")) or record["outcome"] in _WEIGHED,
        emergency=emergency,
        catalogue=pack.catalogue,
    )
    age = age_in_years(request.patient.date_of_birth, request.site.date_at(at))
    return Sheet(request, found, record, pack, form, assumed, age)


def assumed_in(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the judgement takes for granted while nothing is said: the form shows it as chosen, so that it is seen."""
    findings = record["findings"]
    names = [finding["id"].removeprefix(_PREFIX) for finding in findings if finding["id"].startswith(_PREFIX)]
    by_id = {finding["id"]: finding["facts"] for finding in findings}
    return {name: by_id[_PREFIX + name][name] for name in names}


def says_of(wrong: Mapping[str, str], found: Intake, record: Mapping[str, Any], sex: str) -> dict[str, Say]:
    """What stands beside each field: `wrong` by field, unusual values, and whether it could still decide."""
    open_facts = set(record["questions"])
    doubts = {doubt.fact: doubt.text for doubt in found.doubts}
    unknown = next((one["text"] for one in record["findings"] if one["id"] == "product.unknown"), "")
    if unknown:
        doubts["product"] = unknown
    names = {*wrong, *doubts, *open_facts}
    says = {name: Say(wrong.get(name, ""), doubts.get(name, ""), name in open_facts) for name in names}
    says[DOSE] = _together(says, (DOSE, DOSE_BARE, *DOSE_FACTS))
    says[SAFETY] = _together(says, [SAFETY, *(key for key, _ in safety_options(sex))])
    return says


def _together(says: Mapping[str, Say], names: Any) -> Say:
    """What is to be said of several facts that share one field."""
    found = [says[name] for name in names if name in says]
    return Say(
        problem=" ".join(say.problem for say in found if say.problem),
        doubt=" ".join(say.doubt for say in found if say.doubt),
        matters=any(say.matters for say in found),
    )
