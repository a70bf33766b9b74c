"""Facts as filed that the page has in none of its other parts, so that nothing that was filed is missing on paper."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from utilization.models import Submission
from utilization.reports.print_words import FACTS_OF_THE_ORDER, Catalogue
from utilization.reports.statements import sex_of
from utilization.rules.facts.ages import AGES
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import in_order
from utilization.rules.form.answers import safety_rows
from utilization.rules.form.questions import TITLES

_TOLD_ABOVE = frozenset({*AGES, "sex", "weight_kg", "height_cm", "request_type", *FACTS_OF_THE_ORDER})
"""Facts that every page prints with the patient, the request and the order."""
TREATMENT = ("Prior therapy", "Renewal", "Laboratory")
"""Groups of the catalogue that a payer reads in one place: printed whole, also where a criterion has read them."""
_GROUPS = (*TREATMENT, *dict.fromkeys(fact.group for fact in CATALOGUE.values() if fact.group not in TREATMENT))
OTHERS = "Other facts"


def other_facts(
    filed: Submission, catalogue: Catalogue, criteria: Iterable[Mapping[str, Any]], stated: Callable[[str, Any], Any]
) -> list[dict[str, Any]]:
    """Treatments, response and measures, then whatever else no printed criterion read: [{"title", "facts"}].

    `criteria` are those printed, with their facts; `stated` tells one fact as the page shows it.
    """
    read = {fact["name"] for criterion in criteria for fact in criterion["facts"]}
    told = _TOLD_ABOVE | set(safety_rows(sex_of(filed)))
    groups: dict[str, list[str]] = {group: [] for group in _GROUPS}
    for name in sorted(filed.facts.keys() - told, key=in_order):
        group = catalogue[name].group if name in catalogue else ""
        if group in TREATMENT or name not in read:
            groups.setdefault(group, []).append(name)
    return [
        {"title": TITLES.get(group, group) or OTHERS, "facts": [stated(name, filed.facts[name]) for name in names]}
        for group, names in groups.items()
        if names
    ]
