"""What would meet, as terms: a fact and the value that it would have to take."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from itertools import groupby
from typing import Any

from utilization.rules.diagram.changes import Assignment
from utilization.rules.dosing.orders import DoseRule, most_grams, order_within
from utilization.rules.dosing.weights import dosing_weight
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, Kind
from utilization.rules.facts.units import Exact, Quantity, as_decimal, days_of, ratio
from utilization.rules.facts.values import json_value, plain
from utilization.rules.language.dose import DoseWithin
from utilization.rules.language.value_classes import GROW_TOGETHER
from utilization.rules.language.variables import Variable, Way

Terms = tuple[str, ...]
# What is so where no product is named.
WITHOUT_PRODUCT = {"product_intravenous": True, "product_contraindicated": False, "product_labelled": True}
_BEYOND = Decimal("0.01")
_PARTS = re.compile(r"(.+?)(<=|>=|=|<|>)(.*)", re.DOTALL)


@dataclass(frozen=True)
class Range:
    """Neighbouring ways of one number, from the way of its least values to that of its greatest."""

    least: Way
    greatest: Way

    @property
    def values(self) -> tuple[Any, ...]:
        return (*self.least.values, *self.greatest.values)


def changes(variable: Variable, way: Way | Range, view: Mapping[str, Any], rule: DoseRule) -> list[Terms]:
    """The ways to say that `variable` takes `way`, each a tuple of terms that belong together."""
    if isinstance(way, Range):
        low, high = (changes(variable, end, view, rule) for end in (way.least, way.greatest))
        if not low or not high:
            return []
        kept = [term for term in low[0] if _parts(term)[1] not in ("<", "<=")]
        return [(*kept, *(term for term in high[0] if _parts(term)[1] not in (">", ">=") and term not in kept))]
    if variable.name in DERIVED:
        return _derived_terms(variable.name, way, view, rule)
    if variable.name in AMOUNTS:
        return [terms for terms in (_order_terms(variable, way, view, rule),) if terms]
    fact = variable.catalogue.get(variable.name)
    if fact is not None and fact.kind in (Kind.INT, Kind.DEC):
        if any(len(test.reads) > 1 for test in variable.tests):
            # Held against a number that is never asked for: no range by itself, but a value that will do.
            return [(f"{variable.name}={_word(value)}",) for value in way.values[:1]]
        return list(dict.fromkeys(_number_terms(variable, value) for value in way.values))
    if len(variable.facts) > 1:
        return [_terms_together(variable, way, view)]
    return [(f"{variable.name}={_word(value)}",) for value in way.values]


def _derived_terms(name: str, way: Way, view: Mapping[str, Any], rule: DoseRule) -> list[Terms]:
    if name == "dose_within_ceiling" and True in way.values:
        return [tuple(f"{fact}<={plain(most)}" for fact, most in order_within(view, rule))]
    if WITHOUT_PRODUCT.get(name) in way.values:
        # Naming a brand would recommend it, so the product is left open.
        return [("product=null",)]
    return []


def _terms_together(variable: Variable, way: Way, view: Mapping[str, Any]) -> Terms:
    """Of compared numbers that have these truths, those that change the fewest of the known ones."""
    changed = [tuple(f"{name}={_word(values[name])}" for name in variable.facts if values[name] != view.get(name))
               for values in way.values]  # fmt: skip
    return min(changed, key=len)


def _number_terms(variable: Variable, sample: Any) -> Terms:
    """The bounds between which a number has the same truths as `sample`; the number itself where it is one."""
    low: tuple[Exact, bool] | None = None
    high: tuple[Exact, bool] | None = None
    for bound, is_open in (edge for test in variable.tests for edge in test.edges()):
        if sample == bound and is_open is None:
            return (f"{variable.name}={_word(sample)}",)
        # A bound splits the line into below and from it on, or into up to it and above; a value by itself does both.
        if sample > bound or (sample == bound and not is_open):
            low = (bound, is_open is not False) if low is None or (bound, is_open is not False) > low else low
        else:
            closed = is_open is True
            high = (bound, not closed) if high is None or (bound, closed) < (high[0], not high[1]) else high
    terms = []
    if low is not None:
        terms.append(f"{variable.name}{'>' if low[1] else '>='}{_word(low[0])}")
    if high is not None:
        terms.append(f"{variable.name}{'<' if high[1] else '<='}{_word(high[0])}")
    return tuple(terms)


def _order_terms(variable: Variable, way: Way, view: Mapping[str, Any], rule: DoseRule) -> Terms:
    """The dose facts that have to be given, come down or go up for an amount to keep its limits; none if none can."""
    highs: list[tuple[Decimal, str, Quantity | None]] = []
    lows: list[tuple[Decimal, str, Quantity | None]] = []
    for test, truth in zip(variable.tests, way.truths, strict=True):
        if isinstance(test, DoseWithin):
            for limit, sign in test.limits(truth):
                (highs if sign[0] == "<" else lows).append((limit, sign, test.per))
    least_high = min(highs, key=lambda high: (high[0], high[1] == "<="), default=None)
    most_low = max(lows, key=lambda low: (low[0], low[1] == ">"), default=None)
    limits = [_limit_terms(variable.name, *bound, view, rule) for bound in (least_high, most_low) if bound is not None]
    return () if () in limits else tuple(dict.fromkeys(term for terms in limits for term in terms))


_STATED: Mapping[str, Sequence[str]] = {
    "course": ("dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g"),
    "day": ("dose_per_day_g_per_kg", "dose_per_day_g", "dose_total_g_per_kg", "dose_total_g"),
    "week": ("dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g"),
}


def _limit_terms(
    name: str, limit: Decimal, sign: str, per: Quantity | None, view: Mapping[str, Any], rule: DoseRule
) -> Terms:
    """The change of the order for one limit, with the days or weeks that it rests on where they are not known."""
    span, _, unit = name.partition("_")
    if span == "rate":
        return _rate_terms(unit, limit, sign, view)
    stated = next((fact for fact in _STATED[span] if view.get(fact) is not None), None)
    fact = stated or (_STATED[span][0] if unit == "g_per_kg" else _STATED[span][1])
    kg = dosing_weight(view, rule.weight_rule)[0]
    in_grams = fact.endswith("_g")
    if in_grams != (unit == "g") and kg is None:
        return ()
    days, weeks = view.get("course_days") or 1, view.get("interval_weeks") or _weeks(per)
    rests_on = []
    limit = limit * weeks if span == "week" else limit
    if span == "week" and view.get("interval_weeks") is None:
        rests_on.append(f"interval_weeks={plain(weeks)}")
    if fact.startswith("dose_total") == (span == "day"):
        limit = limit * days if span == "day" else limit / days
        if view.get("course_days") is None:
            rests_on.append("course_days=1")
    if kg is not None and in_grams and unit == "g_per_kg":
        limit = most_grams(limit * kg, rule.rounding_within, rule.step) if sign in ("<=", ">") else limit * kg
    elif kg is not None and not in_grams and unit == "g":
        limit = limit / kg
    return (f"{fact}{sign}{plain(_rounded(limit, sign))}", *rests_on)


def _weeks(per: Quantity | None) -> Decimal:
    """The interval of a limit as it was written, in weeks; one week where it was not."""
    return Decimal(1) if per is None else as_decimal(ratio(days_of(per), Decimal(7)))


def _rate_terms(unit: str, limit: Decimal, sign: str, view: Mapping[str, Any]) -> Terms:
    concentration = view.get("concentration_g_per_ml")
    rests_on: Terms = ()
    if unit.startswith("mg"):
        rests_on = () if "rate_mg_per_kg_min" in view or concentration is not None else ("concentration_g_per_ml=0.1",)
        known = _given_concentration(view) or concentration or Decimal("0.1")
        limit = limit / (Decimal(1000) * known)
    down = limit.quantize(Decimal("0.0001"), rounding=ROUND_DOWN)
    rounded = down if sign in ("<=", "<") or down == limit else down + Decimal("0.0001")
    return (f"max_infusion_rate_ml_per_kg_min{sign}{plain(rounded)}", *rests_on)


def _given_concentration(view: Mapping[str, Any]) -> Decimal | None:
    """The concentration by which the rate was worked out, that of the product where none is stated."""
    rate, amount = view.get("max_infusion_rate_ml_per_kg_min"), view.get("rate_mg_per_kg_min")
    return None if rate is None or amount is None else amount.value / (rate * 1000)


def _rounded(limit: Decimal, sign: str) -> Decimal:
    # A third of a limit, times three, is the limit again.
    limit = round(limit, 12)
    down = limit.quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return down if sign in ("<=", "<") or down == limit else down + Decimal("0.01")


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(json_value(value))


def _parts(term: str) -> tuple[str, str, str]:
    """(fact, sign, value) of a term."""
    match = _PARTS.fullmatch(term)
    assert match is not None, "every term is written above"
    return match[1], match[2], match[3]


def name_of(term: str) -> str:
    """The fact that a term is about."""
    return _parts(term)[0]


def joined(
    assignments: Sequence[Assignment], variables: Mapping[str, Variable], kept: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, Way | Range], ...]]:
    """Assignments, of which those that differ only in how much one number is are one: a range without gaps.

    `kept` are the facts that nobody changes.
    """
    groups: dict[Any, list[Way]] = {}
    for assignment in assignments:
        numbers = [name for name, way in assignment if _is_range(variables[name], way)]
        number = numbers[0] if len(numbers) == 1 else ""
        rest = frozenset(pair for pair in assignment if pair[0] != number)
        groups.setdefault((rest, number), []).extend(way for name, way in assignment if name == number)
    for (rest, number), ways in groups.items():
        if not number:
            yield tuple(rest)
        for run in _runs(variables[number].ways(kept), ways) if number else ():
            yield (*rest, (number, run))


def _is_range(variable: Variable, way: Way) -> bool:
    fact = variable.catalogue.get(variable.name)
    number = variable.name in AMOUNTS or (fact is not None and fact.kind in (Kind.INT, Kind.DEC))
    return number and bool(way.values) and all(test.is_range for test in variable.tests)


def _runs(every: Sequence[Way], ways: Sequence[Way]) -> Iterator[Way | Range]:
    """The ways, of which neighbours are one range; each by itself where one stands on both sides of another."""
    samples = sorted(((_size(value), way) for way in every for value in way.values), key=lambda sample: sample[0])
    ordered = [way for way, _ in groupby(way for _, way in samples)]
    if len(set(ordered)) < len(ordered):
        yield from ways
        return
    for wanted, run in groupby(ordered, key=lambda way: way in ways):
        if wanted:
            least, *others = run
            yield Range(least, others[-1]) if others else least


def _size(value: Any) -> Any:
    return getattr(value, "value", value)


def together(terms: Sequence[str]) -> Terms:
    """Terms of one alternative, of several bounds on one side of a fact the strictest."""
    strictest: dict[tuple[str, str], str] = {}
    for term in terms:
        name, sign, value = _parts(term)
        kept = strictest.get((name, sign))
        if kept is None or sign == "=" or (Decimal(value) < Decimal(kept)) == (sign[0] == "<"):
            strictest[name, sign] = value
    return tuple(f"{name}{sign}{value}" for (name, sign), value in strictest.items())


def numbers_in(terms: Sequence[str], names: Collection[str]) -> dict[str, Decimal]:
    """The very numbers that `terms` would have facts of these `names` be."""
    parts = map(_parts, terms)
    return {name: Decimal(value) for name, sign, value in parts if name in names and sign == "="}


def order_at(terms: Sequence[str]) -> dict[str, Any]:
    """The facts of the order as `terms` would have them, each at its bound, or just beyond one that is open."""
    order: dict[str, Any] = {}
    # The very number last, whatever bounds stand beside it.
    for name, sign, value in sorted(map(_parts, terms), key=lambda part: part[1] == "="):
        if name in GROW_TOGETHER and (name not in order or sign[0] in "<="):
            order[name] = Decimal(value) + {">": _BEYOND, "<": -_BEYOND}.get(sign, Decimal(0))
    return order
