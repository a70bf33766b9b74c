"""By which weight and with what rounding doses are worked out at a site: what its criteria set, indication by
indication, and what is left to the site."""

from dataclasses import dataclass
from datetime import date

from utilization import criteria
from utilization.models import Site
from utilization.rules.dosing.orders import DoseRule
from utilization.rules.dosing.rounding import rounding_in_words
from utilization.rules.dosing.weights import name_of_rule
from utilization.rules.facts.values import plain

NARROW_SPACE = "\u202f"


@dataclass(frozen=True, slots=True)
class DosingRule:
    """One way in which criteria have doses worked out, in words, and the indications for which they do."""

    weight: str
    source: str
    rounding: str
    within: str
    indications: tuple[str, ...]


def dosing_rules(site: Site, day: date) -> list[DosingRule]:
    """The rules of the criteria that are in force at `site` on `day`, those for most indications first."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for indication in criteria.in_force(site, day).indications.values():
        found.setdefault(_in_words(indication.dose), []).append(indication.name)
    rules = [DosingRule(*words, tuple(names)) for words, names in found.items()]
    return sorted(rules, key=lambda rule: -len(rule.indications))


def _in_words(dose: DoseRule) -> tuple[str, str, str, str]:
    weight = name_of_rule(dose.weight_rule)
    within = "" if dose.rounding == "none" else f"by at most {plain(dose.rounding_within * 100)}{NARROW_SPACE}%"
    # A number stands on one line with its unit.
    return weight.title, weight.source, rounding_in_words(dose.rounding).replace(" g", f"{NARROW_SPACE}g"), within
