"""Slips seeded into orders, and clean orders: how many of the first are stopped, how many of the second alarmed.

    python -m bench.dosing_traps                      1,000,000 slips of twice or more, 100,000 clean orders
    python -m bench.dosing_traps --slips 20000 --clean 20000 --seed 7

A clean order is one as the form asks for it: the dose in one of its four forms, the whole course once more in the
other unit, the weight once more where no recent one is on file. Its grams are rounded as a pharmacy rounds; for one
in two hundred they were reckoned with the actual weight against the rule. A slip is seeded in an order that is right:
it changes one statement by twice or more, or a weight together with the grams that somebody reckoned from it. Stopped
is what the reading of an order refuses, or what a trap holds for correction or for a written reason. The boxes for
unusual values count as alarms, but never as stops. Of orders that were meant wrong, and so stated twice, three kinds
are seeded: a day's dose as that of a whole first course, a weight in pounds without a height, a misspelt product.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bench import usage
from utilization.rules.dosing.plan import DoseRule, check_order, dosing_weight
from utilization.rules.dosing.products import Product
from utilization.rules.dosing.slips import PreviousWeight, SecondStatement, traps, weight_needs_witness
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import BadInput, Facts, implausible

TODAY = date(2026, 11, 21)
LB = Decimal("2.2046")
RULES = tuple(
    DoseRule(ceiling=Decimal(2), target=Decimal(2), weight_rule=name)
    for name in ("adjusted", "adjusted", "actual", "ontario", "australia_2026", "england")
)
TEN = Product("Ten", "ivig", frozenset({"iv"}), g_per_ml=Decimal("0.1"))
FIVE = Product("Five", "ivig", frozenset({"iv"}), g_per_ml=Decimal("0.05"))
# (g/kg a course, days): replacement, maintenance, ITP, loading over two to five days, Kawasaki disease.
COURSES = (("0.4", 1), ("0.6", 1), ("1", 1), ("1", 2), ("2", 2), ("2", 5), ("1.6", 4), ("0.8", 2), ("1.2", 3))
KAWASAKI = ("2", 1)
FORMS = ("dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g")
# Age in years, the usual weight in kg and its spread, for children.
CHILDREN = (
    ("0.1", 4, 0.15), ("0.5", 7.5, 0.13), ("1", 10, 0.13), ("3", 14.5, 0.14), ("6", 21, 0.17), ("9", 29, 0.2),
    ("12", 42, 0.22), ("15", 58, 0.2), ("17", 66, 0.2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """An order with all that is known beside it."""

    facts: dict[str, Any]
    rule: DoseRule
    product: Product | None
    previous: PreviousWeight | None
    again: SecondStatement
    measured_on: date
    per_kg: Decimal
    days: int


def _decimal(value: float, places: int) -> Decimal:
    return Decimal(f"{value:.{places}f}")


def _body(chance: random.Random) -> dict[str, Any]:
    sex = chance.choice(("female", "male"))
    if chance.random() < 0.15:
        age, usual, spread = chance.choice(CHILDREN)
        kg = usual * chance.lognormvariate(0, spread)
        body = {"age_years": Decimal(age), "sex": sex, "weight_kg": _decimal(max(kg, 2.2), 1)}
        # Ontario's rule reads the height of whoever is heavy enough for it, at every age.
        return {**body, "height_cm": _decimal(chance.gauss(162, 7), 0)} if kg > 40 else body
    height = min(max(chance.gauss(163 if sex == "female" else 177, 7), 140), 210)
    index = min(max(chance.lognormvariate(3.29, 0.21), 15), 49)
    return {
        "age_years": Decimal(chance.randint(18, 90)), "sex": sex, "height_cm": _decimal(height, 0),
        "weight_kg": _decimal(index * (height / 100) ** 2, 1),
    }  # fmt: skip


def as_pharmacy_rounds(grams: Decimal) -> Decimal:
    """To the nearest 5 g where that is within a tenth, else to the nearest gram, else to a tenth of one."""
    for step in (Decimal(5), Decimal(1), Decimal("0.1")):
        rounded = (grams / step).quantize(Decimal(1)) * step
        if abs(rounded - grams) <= grams / 10:
            return rounded
    return grams


def clean(chance: random.Random, by_actual_weight: float = 0.005) -> Order:
    """An order without a slip; `by_actual_weight` is the share whose grams go by actual weight against the rule."""
    facts = _body(chance)
    rule, product = chance.choice(RULES), chance.choice((TEN, TEN, FIVE))
    child = facts["age_years"] < 12
    dose, days = KAWASAKI if child and chance.random() < 0.03 else chance.choice(COURSES)
    per_kg = Decimal(dose)
    if per_kg < 1:
        facts["request_type"] = "renewal"
    weight = facts["weight_kg"] if chance.random() < by_actual_weight else dosing_weight(facts, rule.weight_rule)[0]
    grams = as_pharmacy_rounds(per_kg * weight)
    form = chance.choice(FORMS)
    facts |= {"course_days": days, form: {
        "dose_total_g_per_kg": per_kg, "dose_total_g": grams, "dose_per_day_g_per_kg": per_kg / days,
        "dose_per_day_g": grams / days}[form]}  # fmt: skip
    if chance.random() < 0.3:
        facts["concentration_g_per_ml"] = product.g_per_ml
    previous = None
    if chance.random() < 0.5:
        # A child grows on; the further back, the more.
        ago = chance.randint(1, 60 if child else 300)
        drift = chance.lognormvariate(-0.0006 * ago if child else 0, 0.05)
        previous = PreviousWeight(_decimal(float(facts["weight_kg"]) * drift, 1), TODAY - timedelta(days=ago))
    again = _second(facts, form, per_kg, grams)
    if weight_needs_witness(facts, previous, TODAY):
        again = replace(again, weight_kg=facts["weight_kg"])
    fresh = TODAY - timedelta(days=chance.randint(0, 6))
    return Order(facts, rule, product, previous, again, fresh, per_kg, days)


def _second(facts: dict[str, Any], form: str, per_kg: Decimal, grams: Decimal) -> SecondStatement:
    return SecondStatement(dose_total_g=grams) if form.endswith("kg") else SecondStatement(dose_total_g_per_kg=per_kg)


def refused(order: Order) -> bool:
    """Whether reading the order refuses it: an impossible value, or statements that contradict each other."""
    for name, value in order.facts.items():
        low, high = CATALOGUE[name].possible
        if isinstance(value, Decimal) and ((low is not None and value < low) or (high is not None and value > high)):
            return True
    try:
        check_order(order.facts, order.rule)
    except BadInput:
        return True
    return False


def trapped(order: Order) -> tuple[str, ...]:
    """The codes of the traps that the order runs into."""
    caught = traps(
        order.facts, order.rule, order.product, order.previous, TODAY, again=order.again, measured_on=order.measured_on
    )
    return tuple(trap.code for trap in caught)


# --- Slips --------------------------------------------------------------------------------------------------------


def _form(order: Order) -> str:
    return next(name for name in FORMS if name in order.facts)


def _dose_by(order: Order, factor: Decimal, chance: random.Random) -> Order:
    """The dose of the order, or its second statement, `factor` times what it was."""
    if chance.random() < 0.7:
        form = _form(order)
        return replace(order, facts={**order.facts, form: order.facts[form] * factor})
    grams, per_kg = order.again.dose_total_g, order.again.dose_total_g_per_kg
    again = replace(
        order.again, dose_total_g=grams and grams * factor, dose_total_g_per_kg=per_kg and per_kg * factor
    )  # fmt: skip
    return replace(order, again=again)


def _grams_by(order: Order, factor: Decimal) -> Order:
    form = _form(order)
    if form.endswith("_g"):
        return replace(order, facts={**order.facts, form: order.facts[form] * factor})
    assert order.again.dose_total_g is not None
    return replace(order, again=replace(order.again, dose_total_g=order.again.dose_total_g * factor))


def _weight_by(order: Order, factor: Decimal, chance: random.Random) -> Order:
    """The weight on record `factor` times the true one; in half of them the grams were reckoned from it."""
    kg = order.facts["weight_kg"] * factor
    facts = {**order.facts, "weight_kg": kg}
    again, form = order.again, _form(order)
    if chance.random() < 0.5:
        weight = dosing_weight(facts, order.rule.weight_rule)[0]
        assert weight is not None
        grams = as_pharmacy_rounds(order.per_kg * weight)
        if form.endswith("_g"):
            facts[form] = grams if form == "dose_total_g" else grams / order.days
        else:
            again = replace(again, dose_total_g=grams)
    return replace(order, facts=facts, again=again)


def _over_days(order: Order) -> bool:
    return order.days > 1


def _total_as_daily(order: Order, chance: random.Random) -> Order:
    form = _form(order).replace("dose_total", "dose_per_day")
    facts = {name: value for name, value in order.facts.items() if name not in FORMS}
    whole = order.facts[_form(order)] * (1 if "total" in _form(order) else order.days)
    return replace(order, facts={**facts, form: whole})


def _daily_as_total(order: Order, chance: random.Random) -> Order:
    form = _form(order).replace("dose_per_day", "dose_total")
    facts = {name: value for name, value in order.facts.items() if name not in FORMS}
    daily = order.facts[_form(order)] / (order.days if "total" in _form(order) else 1)
    return replace(order, facts={**facts, form: daily})


def _either(chance: random.Random, factor: Decimal) -> Decimal:
    return factor if chance.random() < 0.5 else 1 / factor


def _strength(order: Order) -> Decimal:
    return (order.product and order.product.g_per_ml) or Decimal("0.1")


def _wrong_strength(order: Order, chance: random.Random) -> Order:
    if "concentration_g_per_ml" in order.facts and chance.random() < 0.5:
        other = FIVE if order.product is TEN else TEN
        return replace(order, facts={**order.facts, "concentration_g_per_ml": other.g_per_ml})
    return _grams_by(order, _either(chance, Decimal(2)))


def _stale(order: Order, chance: random.Random) -> Order:
    """A weight from so long ago that the patient weighs twice or half as much now, as the dose was reckoned."""
    old = replace(order, measured_on=TODAY - timedelta(days=chance.randint(100, 2000)))
    return replace(old, facts={**old.facts, "weight_kg": old.facts["weight_kg"] * _either(chance, Decimal(2))})


def _day_as_whole_course(order: Order) -> Order:
    """The dose of one day as that of the whole first course, in both statements."""
    facts = {name: value for name, value in order.facts.items() if name not in (*FORMS, "request_type")}
    days, a_day = 5, Decimal("0.4")
    grams = a_day * (dosing_weight(facts, order.rule.weight_rule)[0] or 0)
    facts |= {"course_days": days, "dose_total_g_per_kg": a_day}
    return replace(order, facts=facts, again=replace(order.again, dose_total_g=grams, dose_total_g_per_kg=None))


def _pounds_stated_twice(order: Order) -> Order:
    """Pounds as kilograms in both statements, of an adult without a height, with the grams that follow."""
    kg = (order.facts["weight_kg"] if order.facts["age_years"] >= 18 else Decimal(80)) * LB
    facts = {name: value for name, value in order.facts.items() if name not in ("height_cm", *FORMS)}
    facts |= {"weight_kg": kg, "age_years": Decimal(50), "dose_total_g_per_kg": order.per_kg}
    again = SecondStatement(dose_total_g=order.per_kg * kg, weight_kg=kg)
    return replace(order, facts=facts, again=again, rule=RULES[0], previous=None)


def _misspelt(order: Order) -> Order:
    return replace(order, facts={**order.facts, "product": "Prvigen"}, product=None)


KINDS: dict[str, Callable[[Order, random.Random], Order]] = {
    "tenfold up": lambda order, chance: _dose_by(order, Decimal(10), chance),
    "tenfold down": lambda order, chance: _dose_by(order, Decimal("0.1"), chance),
    "twofold up": lambda order, chance: _dose_by(order, Decimal(2), chance),
    "twofold down": lambda order, chance: _dose_by(order, Decimal("0.5"), chance),
    "any factor of two to twenty": lambda order, chance: _dose_by(
        order, _either(chance, _decimal(chance.uniform(2, 20), 2)), chance
    ),
    "pounds as kilograms": lambda order, chance: _weight_by(order, LB, chance),
    "kilograms as pounds": lambda order, chance: _weight_by(order, 1 / LB, chance),
    "weight tenfold": lambda order, chance: _weight_by(order, _either(chance, Decimal(10)), chance),
    "another patient's weight": lambda order, chance: _weight_by(
        order, _either(chance, _decimal(chance.uniform(2, 12), 2)), chance
    ),
    "grams as milligrams": lambda order, chance: _dose_by(order, _either(chance, Decimal(1000)), chance),
    "grams as millilitres": lambda order, chance: _grams_by(order, 1 / _strength(order)),
    "5 % as 10 %": _wrong_strength,
    "total as daily dose": _total_as_daily,
    "daily dose as total": _daily_as_total,
    "stale weight": _stale,
    "day's dose as whole course, twice": lambda order, chance: _day_as_whole_course(order),
    "pounds, twice, without a height": lambda order, chance: _pounds_stated_twice(order),
    "misspelt product": lambda order, chance: _misspelt(order),
}


def slips(count: int, chance: random.Random) -> Iterator[tuple[str, Order]]:
    """`count` orders with one slip each, every kind as often."""
    names = tuple(KINDS)
    for place in range(count):
        name, order = names[place % len(names)], clean(chance, 0)
        while name in ("total as daily dose", "daily dose as total") and not _over_days(order):
            order = clean(chance, 0)
        yield name, KINDS[name](order, chance)


@dataclass(frozen=True, slots=True)
class Result:
    """How often: slips seeded and stopped by kind, clean orders and those alarmed, and what alarmed them."""

    seeded: Counter[str]
    stopped: Counter[str]
    clean: int
    alarmed: int
    alarms: Counter[str]
    missed: tuple[Order, ...]


def run(slip_count: int, clean_count: int, seed: int) -> Result:
    """Seed and try them all."""
    chance = random.Random(seed)
    seeded, stopped, missed = Counter[str](), Counter[str](), []
    for name, order in slips(slip_count, chance):
        seeded[name] += 1
        if refused(order) or trapped(order):
            stopped[name] += 1
        elif len(missed) < 10:
            missed.append(order)
    alarms, alarmed = Counter[str](), 0
    for _ in range(clean_count):
        order = clean(chance)
        caught = ["refused"] if refused(order) else []
        caught += trapped(order)
        caught += [f"unusual {doubt.fact}" for doubt in implausible(Facts(order.facts))]
        alarmed += bool(caught)
        alarms.update(caught)
    return Result(seeded, stopped, clean_count, alarmed, alarms, tuple(missed))


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slips", type=int, default=1_000_000)
    parser.add_argument("--clean", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20261121)
    asked = parser.parse_args()
    began = time.perf_counter()
    result = run(asked.slips, asked.clean, asked.seed)
    for name in KINDS:
        print(f"{name:34} {result.seeded[name]:9,} seeded {result.stopped[name]:9,} stopped")
    seeded, stopped = sum(result.seeded.values()), sum(result.stopped.values())
    print(f"{'together':34} {seeded:9,} seeded {stopped:9,} stopped: {stopped / seeded:.4%}")
    print(f"clean orders: {result.clean:,}, alarmed {result.alarmed:,}: {result.alarmed / result.clean:.3%}")
    for name, count in result.alarms.most_common():
        print(f"    {name:26} {count:9,}")
    for order in result.missed:
        print("missed:", order)
    print(f"seed {asked.seed}, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    usage(__doc__)
    main()
