"""The table of local parameters for the life of an authorization, read from YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from utilization.rules.yaml_lines import Node, read_yaml

MOST_DAYS = 366
MOST_HOURS = 168


@dataclass(frozen=True, slots=True)
class Bridging:
    """When one more course may be given after the end: the renewal was filed `filed_days_before_end` or earlier and is
    overdue; and how long."""

    filed_days_before_end: int
    days_after_end: int


@dataclass(frozen=True, slots=True)
class FirstDoseLimits:
    """For how many hours a first dose is released, and the g/kg that bound it where criteria or order say nothing."""

    hours: int
    most_g_per_kg: Decimal


@dataclass(frozen=True, slots=True)
class AuthorizationTable:
    """What a hospital sets of the life of an authorization. `reactions` and `seriousness` are codes with words,
    `reminder_days` the days before the end, the most first; `first_dose` is what is released before the review,
    `early_days` how long before it is due a course may begin, `endings` the reasons of a discontinuation.
    """

    reactions: Mapping[str, str]
    seriousness: Mapping[str, str]
    reminder_days: tuple[int, ...]
    bridging: Bridging
    early_days: int
    endings: Mapping[str, str]
    first_dose: FirstDoseLimits


def read_authorization_table(text: str, file: str) -> AuthorizationTable:
    """The table in `text`. Raises PackError."""
    keys = read_yaml(text, file).mapping(
        ("reactions", "seriousness", "reminder_days", "bridging", "first_dose", "early_days", "endings"), ()
    )
    bridging = keys["bridging"].mapping(("filed_days_before_end", "days_after_end"), ())
    days = tuple(sorted((_days(item) for item in keys["reminder_days"].items()), reverse=True))
    if not days or len(set(days)) != len(days):
        keys["reminder_days"].fail("expected at least one day, each once")
    return AuthorizationTable(
        reactions=_words(keys["reactions"]),
        seriousness=_words(keys["seriousness"]),
        reminder_days=days,
        bridging=Bridging(**{name: _days(node) for name, node in bridging.items()}),
        early_days=_days(keys["early_days"]),
        endings=_words(keys["endings"]),
        first_dose=_first_dose(keys["first_dose"].mapping(("hours", "most_g_per_kg"), ())),
    )


def _first_dose(keys: Mapping[str, Node]) -> FirstDoseLimits:
    hours, most = keys["hours"].number(), keys["most_g_per_kg"].number()
    if not 1 <= hours <= MOST_HOURS or hours != int(hours):
        keys["hours"].fail(f"expected whole hours from 1 to {MOST_HOURS}, got {keys['hours'].shown}")
    if not 0 < most <= 2:
        keys["most_g_per_kg"].fail(f"expected g/kg above 0, at most 2, got {keys['most_g_per_kg'].shown}")
    return FirstDoseLimits(int(hours), most)


def _words(node: Node) -> dict[str, str]:
    return {code: word.text() for code, word in node.mapping().items()}


def _days(node: Node) -> int:
    days = node.number()
    if not 0 <= days <= MOST_DAYS or days != int(days):
        node.fail(f"expected whole days from 0 to {MOST_DAYS}, got {node.shown}")
    return int(days)
