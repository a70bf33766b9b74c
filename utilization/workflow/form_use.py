"""What the form asked of whoever filed: how many facts, how many stood there from the beginning, how many of these were
changed. Counts alone are kept, and no answer."""

from collections.abc import Mapping
from typing import Any

from utilization.models import Request
from utilization.rules.facts.catalogue import SAFETY_CHECKLIST, Fact
from utilization.rules.form.answers import SAFETY
from utilization.rules.form.questions import questionnaire
from utilization.rules.request_summary import FORM_USE
from utilization.workflow.reading import Reading

SAFETY_ROWS = frozenset(SAFETY_CHECKLIST)


def form_use_at_filing(made: Reading) -> dict[str, dict[str, int]]:
    """What is kept with the submission of `made`; nothing of a draft that was begun before this was recorded.

    A question is a fact that the form asked for or that was answered; the safety checklist is one.
    """
    prefilled = made.request.prefilled
    if prefilled is None:
        return {}
    sections = questionnaire(made.pack, made.judgement, made.intake)
    asked = {ask.fact for section in sections if not section.optional for ask in section.questions}
    asked |= {name for name, value in made.answers.items() if value and is_question(name, made.pack.catalogue)}
    questions = (asked - SAFETY_ROWS) | prefilled.keys()
    return {FORM_USE: {"questions": len(questions), "prefilled": len(prefilled), "changed": sum(prefilled.values())}}


def is_question(name: str, catalogue: Mapping[str, Fact]) -> bool:
    """Whether an answer of that name is about a fact, or the safety checklist."""
    return name == SAFETY or name in catalogue


def changed_since(request: Request, changed: Mapping[str, Any]) -> dict[str, bool] | None:
    """`request.prefilled` once the answers `changed` are taken."""
    if request.prefilled is None:
        return None
    return {name: was or name in changed for name, was in request.prefilled.items()}
