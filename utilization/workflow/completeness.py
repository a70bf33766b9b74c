"""What the request form still has to say before a request can be submitted."""

from utilization.models import User
from utilization.models.unsent import EDIT
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.workflow.dose_checks import check
from utilization.workflow.reading import Reading
from utilization.workflow.unsent_text import TWO_VALUES, unsent_of


def missing(made: Reading, by: User) -> dict[str, str]:
    """What only the form itself can answer or correct, by name of the answer; nothing may be submitted before."""
    checked = check(made, {}, {})
    faults = made.faults(made.record["warnings"], [doubt.fact for doubt in made.intake.doubts])
    faults |= {name: texts for name, texts in checked.errors().items() if name in CATALOGUE and name not in faults}
    if made.emergency and not made.answers.get("emergency_reason"):
        faults["emergency_reason"] = ["Write why this is an emergency."]
    for name in unsent_of(made.request, by, EDIT):
        faults.setdefault(name, [TWO_VALUES])
    return {name: " ".join(texts) for name, texts in faults.items()}
