"""What the request form still has to say before a request can be submitted."""

from datetime import datetime

from utilization.models import Request, User
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.workflow import unsent_of
from utilization.workflow.dose_checks import check
from utilization.workflow.reading import case
from utilization.workflow.unsent_text import TWO_VALUES


def missing(draft: Request, by: User, at: datetime) -> dict[str, str]:
    """What only the form itself can answer or correct, by name of the answer; nothing may be submitted before."""
    made = case(draft.draft, draft, at)
    checked = check(made, draft.patient, {}, {})
    found = made.faults(made.record["warnings"], [doubt.fact for doubt in made.intake.doubts])
    found |= {name: texts for name, texts in checked.errors().items() if name in CATALOGUE and name not in found}
    if draft.draft.get("emergency") == "yes" and not draft.draft.get("emergency_reason"):
        found["emergency_reason"] = ["Write why this is an emergency."]
    for name in unsent_of(draft, by, "edit"):
        found.setdefault(name, [TWO_VALUES])
    return {name: " ".join(texts) for name, texts in found.items()}
