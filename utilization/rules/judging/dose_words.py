"""Amounts in the words of a criterion, held against the numbers that it is judged by: "at most 2 g/kg" beside 20 g/kg.

Only where both are numbers of the same measure, grams or grams per kilogram, and none of them agree. A day's amount
in the words stands for its course too, by the days that are named: "0.4 g/kg on 5 days" says 2 g/kg.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from utilization.rules.dosing.orders import DoseRule
from utilization.rules.facts.units import as_decimal
from utilization.rules.facts.values import plain
from utilization.rules.language.composites import all_tests
from utilization.rules.language.dose import DoseWithin
from utilization.rules.packs.pack import Clause

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_AMOUNT = re.compile(
    rf"(?:({_NUMBER})\s*(?:to|or|and|-|–)\s*)?({_NUMBER})\s*((?:mg|g)/kg(?!\w)|(?:mg|g)(?![\w/]))", re.ASCII
)
_DAYS = re.compile(r"([0-9]+)\s*(?:consecutive\s+|successive\s+)?(?:days?|doses?|infusions?)\b", re.ASCII)
_HELD = {"course_g_per_kg": "g/kg", "day_g_per_kg": "g/kg", "course_g": "g", "day_g": "g"}
_IN_G = {"g/kg": ("g/kg", Decimal(1)), "mg/kg": ("g/kg", Decimal("0.001")), "g": ("g", Decimal(1)),
         "mg": ("g", Decimal("0.001"))}  # fmt: skip
_MOST_DAYS = 31


def contradicted(clause: Clause, rule: DoseRule) -> str:
    """What is wrong where the words of a clause name other amounts than it is judged by; "" where nothing is."""
    limits = list(_limits(clause, rule))
    if None in limits:
        return ""
    for unit in ("g/kg", "g"):
        held = {amount for limit in limits if limit for measure, amount in [limit] if measure == unit}
        said = _said(clause.says, unit)
        if held and said and not held & _with_days(said, clause.says):
            judged, words = (" or ".join(plain(amount) for amount in sorted(some)) for some in (held, said))
            told = f"is judged by {judged} {unit}, and its words say {words} {unit}."
            return f"{told} Correct the one that is wrong, or say in 'says' what it is judged by"
    return ""


def _limits(clause: Clause, rule: DoseRule) -> Iterator[tuple[str, Decimal] | None]:
    """The amounts that the clause is judged by; None for one that words may put otherwise, as that of an interval."""
    for test in all_tests(clause.require):
        if isinstance(test, DoseWithin):
            unit = _HELD.get(test.fact)
            for limit in (test.low, test.high):
                if limit is not None:
                    yield None if unit is None else (unit, as_decimal(limit).normalize())
        elif "dose_within_ceiling" in test.reads and rule.ceiling is not None:
            yield "g/kg", rule.ceiling.normalize()


def _said(text: str, unit: str) -> set[Decimal]:
    """The amounts of one measure that a text names."""
    amounts: set[Decimal] = set()
    for first, number, written in _AMOUNT.findall(text):
        measure, ratio = _IN_G[written]
        if measure == unit:
            amounts |= {(Decimal(amount) * ratio).normalize() for amount in (first, number) if amount}
    return amounts


def _with_days(amounts: set[Decimal], text: str) -> set[Decimal]:
    """The amounts, and those that they come to over the days that the text names."""
    days = {int(number) for number in _DAYS.findall(text) if len(number) <= len(str(_MOST_DAYS))}
    return amounts | {(amount * count).normalize() for amount in amounts for count in days if count <= _MOST_DAYS}
