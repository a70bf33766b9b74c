"""What was stated beside the facts of a submission: the safety checklist row by row, and who answered "not known"."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from utilization import criteria
from utilization.models import Submission
from utilization.reports.print_words import fact_words, label_of
from utilization.rules.facts.catalogue import CATALOGUE, PREGNANCY, Fact
from utilization.rules.facts.contradictions import Contradiction, contradictions
from utilization.rules.form.answers import NOT_KNOWN, safety_rows

YES, NO, UNKNOWN, OPEN = "Yes", "No", "Not known", "Not answered"
NO_BY_REST = "No, by the single answer “none of the others”"
UNKNOWN_BY_REST = "Not known, by the single answer “the others not known”"
NO_UNTICKED = "No, since it was not ticked"
"""How a no was given before each row had an answer of its own."""


def safety(facts: Mapping[str, Any], stated: Mapping[str, Any], sex: str) -> list[tuple[str, list[str]]]:
    """The rows of the safety checklist by how they were answered: (answer, labels), in a fixed order.

    `facts` are canonical values, `stated` as `Submission.stated`; a version that holds nothing there was ticked.
    """
    rest = stated.get("rest", {})
    by_rest, unknown = set(rest.get("rows", ())), set(stated.get("not_known", ()))
    groups: dict[str, list[str]] = {}
    for name in safety_rows(sex):
        label = CATALOGUE[name].label
        if name in by_rest:
            answer = UNKNOWN_BY_REST if rest["answer"] == NOT_KNOWN else NO_BY_REST
        elif name in unknown or (not stated and name not in facts):
            answer = UNKNOWN
        elif name not in facts:
            answer = OPEN
        elif facts[name] in (False, "not_pregnant"):
            answer = NO if stated else NO_UNTICKED
        else:
            answer = YES
            label = f"{label}: {fact_words(CATALOGUE, name, facts[name])}" if name == PREGNANCY else label
        groups.setdefault(answer, []).append(label)
    order = (YES, UNKNOWN, UNKNOWN_BY_REST, OPEN, NO, NO_BY_REST, NO_UNTICKED)
    return [(answer, groups[answer]) for answer in order if answer in groups]


def not_known_beside(stated: Mapping[str, Any], sex: str, catalogue: Mapping[str, Fact]) -> list[str]:
    """Labels, by the `catalogue` of the criteria that judged, of what was "not known" outside the safety checklist."""
    rows = safety_rows(sex)
    return [label_of(catalogue, name) for name in stated.get("not_known", ()) if name not in rows]


def contradictions_in(filed: Submission) -> tuple[Contradiction, ...]:
    """What contradicts what in the facts of a submission, as it was filed."""
    facts, catalogue = criteria.facts_of(filed), criteria.pack_of(filed.pack).catalogue
    born = date.fromisoformat(filed.patient_as_filed["date_of_birth"])
    return contradictions(facts, filed.indication, filed.as_of, born, catalogue)


def sex_of(filed: Submission) -> str:
    """The sex as filed; empty where it was not known."""
    return str(filed.patient_as_filed.get("sex") or "")
