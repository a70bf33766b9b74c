"""Errors in an order that must not be signed: slips that leave every number possible and the dose wrong.

A number alone cannot show that it is half or twice what was meant: 1 g/kg and 2 g/kg are both doses that patients are
given. So each number has a witness that was stated apart from it. The course dose is stated once per kg and once in
grams; the weight once in the chart and once at signing, or a short while ago at another request. A slip in one of
them is then a contradiction, whatever its size. Beside that stand limits that no witness may pass.

All limits are local parameters without a source. `stop` is corrected before anybody signs; every other trap needs a
written reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from utilization.rules.dosing.orders import DoseRule, below_target, ordered_g, ordered_g_per_kg
from utilization.rules.dosing.products import Product
from utilization.rules.dosing.vials import round_half_up
from utilization.rules.dosing.weights import ADULT_YEARS, dosing_weight, height_is_wanted
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.typical_weights import other_unit
from utilization.rules.facts.values import plain

LB_PER_KG = Decimal("2.2046")
DOSE_APART = Decimal("1.25")
"""By which factor two statements of one dose may differ: rounding to vials, not a slip."""
WEIGHT_AGAIN_APART = Decimal("1.1")
WEIGHT_CHANGE = Decimal("1.25")
"""By which factor a weight may differ from the last one without a reason."""
CHANGED_BY = Decimal("1.9")
"""By which factor a reviewer may change grams before a reason is asked for."""
MOST_G_PER_KG = Decimal(3)
LEAST_G_PER_KG = Decimal("0.05")
TENFOLD_G_PER_KG = Decimal(6)
MOST_G_WITHOUT_WEIGHT = Decimal(1000)

# Up to which age in years, the lightest and heaviest in kg without a reason, the days that a weight and a witness
# from an earlier day stay good for.
_BY_AGE: tuple[tuple[Decimal, Decimal, Decimal, int, int], ...] = (
    (Decimal("0.25"), Decimal("0.5"), Decimal(9), 7, 7),
    (Decimal(1), Decimal(2), Decimal(15), 14, 14),
    (Decimal(2), Decimal(5), Decimal(20), 30, 30),
    (Decimal(5), Decimal(7), Decimal(35), 60, 90),
    (Decimal(10), Decimal(10), Decimal(75), 90, 180),
    (Decimal(14), Decimal(16), Decimal(120), 90, 180),
    (Decimal(18), Decimal(25), Decimal(180), 90, 180),
    (Decimal(200), Decimal(30), Decimal(250), 90, 365),
)


@dataclass(frozen=True, slots=True)
class PreviousWeight:
    """The last weight in kg that was filed for the patient before this request, and the day it was measured."""

    kg: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class SecondStatement:
    """What was stated a second time at signing, apart from the order: the whole course, and the weight in kg."""

    dose_total_g: Decimal | None = None
    dose_total_g_per_kg: Decimal | None = None
    weight_kg: Decimal | None = None


NOTHING_AGAIN = SecondStatement()


@dataclass(frozen=True, slots=True)
class Trap:
    """A likely error: what kind, about which fact, in words; `stop` must be corrected, any other needs a reason.

    `asks` is what the reason answers, where it is not why the value is right.
    """

    code: str
    fact: str
    text: str
    stop: bool
    asks: str = ""


def traps(
    facts: Mapping[str, Any],
    rule: DoseRule,
    product: Product | None,
    previous: PreviousWeight | None,
    as_of: date,
    *,
    again: SecondStatement = NOTHING_AGAIN,
    measured_on: date | None = None,
) -> tuple[Trap, ...]:
    """Every trap that the order in `facts` runs into on `as_of`, the dose first; `facts` have passed `check_order`."""
    if all(facts.get(name) is None for name in DOSES):
        return tuple(_product(facts, product))
    traps = [*_dose(facts, rule, product, again), *_product(facts, product)]
    if facts.get("weight_kg") is None:
        text = "No weight is known, so the dose cannot be checked against it: measure it, or write why there is none."
        return (*traps, Trap("weight_missing", "weight_kg", text, stop=False))
    return (*traps, *_height(facts, rule), *_weight(facts, previous, as_of, again, measured_on))


def changed_traps(
    asked: Mapping[str, Any], facts: Mapping[str, Any], rule: DoseRule, product: Product | None
) -> tuple[Trap, ...]:
    """The traps of an order that a reviewer changed from `asked` to `facts`; the order as asked is its witness."""
    before, now = _course_g(asked, rule), _course_g(facts, rule)
    traps = [*_limits(facts, rule)]
    if before is not None and now is not None and not traps and not _near(now / before, CHANGED_BY):
        text = (
            f"{_g(now)} was entered where {_g(before)} was asked for, {_times(now / before)}: correct it, or write why."
        )
        traps.append(Trap(_kind(now / before, facts, product), "dose_total_g", text, stop=False))
    return (*traps, *(_product(facts, product) if product is not None else ()))


DOSES = ("dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g")


def stated_as(facts: Mapping[str, Any]) -> str | None:
    """The dose fact that the order was written in: the one that a second statement is held against."""
    return next((name for name in DOSES if facts.get(name) is not None), None)


def other_form(facts: Mapping[str, Any]) -> str | None:
    """The form of the whole course in which the dose is to be stated again; None where it cannot be compared."""
    stated, weight = stated_as(facts), facts.get("weight_kg")
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    if stated is None or weight is None or (per_kg is None) == (grams is None):
        return None
    return "dose_total_g" if grams is None else "dose_total_g_per_kg"


def weight_needs_witness(facts: Mapping[str, Any], previous: PreviousWeight | None, as_of: date) -> bool:
    """Whether no earlier weight is recent enough to stand beside the one of the order."""
    if facts.get("weight_kg") is None or stated_as(facts) is None:
        return False
    return previous is None or (as_of - previous.on).days > _row(facts)[4]


def _row(facts: Mapping[str, Any]) -> tuple[Decimal, Decimal, Decimal, int, int]:
    age = facts.get("age_years", ADULT_YEARS)
    return next((row for row in _BY_AGE if age < row[0]), _BY_AGE[-1])


def _near(ratio: Decimal, factor: Decimal) -> bool:
    return 1 / factor <= ratio <= factor


def _g(grams: Decimal) -> str:
    return f"{plain(round_half_up(grams, 2))} g"


def _course_g(facts: Mapping[str, Any], rule: DoseRule) -> Decimal | None:
    """The whole course in grams, from whichever form it was written in."""
    grams, per_kg, weight = ordered_g(facts), ordered_g_per_kg(facts), dosing_weight(facts, rule.weight_rule)[0]
    return per_kg * weight if grams is None and per_kg is not None and weight is not None else grams


def _dose(facts: Mapping[str, Any], rule: DoseRule, product: Product | None, again: SecondStatement) -> Iterator[Trap]:
    stated = stated_as(facts)
    assert stated is not None, "asked only of an order that states a dose"
    limits = tuple(_limits(facts, rule))
    yield from limits
    if not limits and (asked := below_target(facts, rule)):
        yield Trap("below_target", stated, f"{asked} Correct it, or write why.", stop=False)
    per_kg, grams = ordered_g_per_kg(facts), ordered_g(facts)
    if per_kg is None and grams is None:
        text = "The days of the course are not known, so the whole dose cannot be checked: state them, or write why."
        yield Trap("dose_without_days", "course_days", text, stop=False)
        return
    wanted = other_form(facts)
    if wanted is None or limits:
        return
    witness = again.dose_total_g if wanted == "dose_total_g" else again.dose_total_g_per_kg
    if witness is None:
        unit = "in grams" if wanted == "dose_total_g" else "in g/kg"
        text = f"State the dose of the whole course a second time, {unit}, from the order itself."
        yield Trap("dose_stated_once", stated, text, stop=True)
        return
    weight = dosing_weight(facts, rule.weight_rule)[0]
    assert weight is not None, "a weight is known, so there is a dosing weight"
    ordered = per_kg * weight if per_kg is not None else grams
    second = witness if wanted == "dose_total_g" else witness * weight
    assert ordered is not None, "one of the two forms is known"
    if not _near(ordered / second, DOSE_APART):
        kg = plain(round_half_up(weight, 1))
        text = (
            f"The order comes to {_g(ordered)} for {kg} kg of dosing weight, but the second statement comes to"
            f" {_g(second)}: the order is {_times(ordered / second)}.{_hint(ordered / second, facts, product)}"
            " Correct whichever is wrong."
        )
        yield Trap(_kind(ordered / second, facts, product), stated, text, stop=True)


def _limits(facts: Mapping[str, Any], rule: DoseRule) -> Iterator[Trap]:
    """What no second statement makes right: a course beyond any in use, whoever states it."""
    stated, days = stated_as(facts), facts.get("course_days") or 1
    weight, course = dosing_weight(facts, rule.weight_rule)[0], _course_g(facts, rule)
    if stated is None:
        return
    per_kg = ordered_g_per_kg(facts)
    if per_kg is None and course is not None and weight is not None:
        per_kg = course / weight
    if per_kg is None:
        if course is not None and course > MOST_G_WITHOUT_WEIGHT:
            text = f"{_g(course)} for one course is more than anybody is given. Was it meant in milligrams?"
            yield Trap("grams_as_milligrams", stated, text, stop=True)
        return
    most = max(MOST_G_PER_KG, (rule.ceiling or MOST_G_PER_KG) * Decimal("1.5"))
    shown = f"{plain(round_half_up(per_kg, 3))} g/kg"
    if stated.startswith("dose_per_day") and days > 1 and per_kg > most >= per_kg / days:
        text = (
            f"This dose on each of {days} days makes a course of {shown}. It looks like the dose of the whole course"
            " entered as that of one day: enter the dose of one day, or choose “whole course”."
        )
        yield Trap("total_as_daily", stated, text, stop=True)
    elif per_kg >= TENFOLD_G_PER_KG or per_kg < LEAST_G_PER_KG:
        text = f"A course of {shown} is far outside what is given. Is a decimal point misplaced, or the unit wrong?"
        yield Trap("tenfold", stated, text, stop=True)


def _times(ratio: Decimal) -> str:
    if ratio >= 1:
        return f"{plain(round_half_up(ratio, 1))} times as much"
    return f"{plain(round_half_up(ratio * 100, 1))} % of it"


_KINDS: tuple[tuple[str, Decimal, str], ...] = (
    ("grams_as_milligrams", Decimal(1000), " Was one of them meant in milligrams?"),
    ("tenfold", Decimal(10), " Is a decimal point misplaced, or was one of them meant in millilitres?"),
    ("pounds_as_kilograms", LB_PER_KG, " Is one of them worked out with a weight in pounds?"),
    ("twofold", Decimal(2), " Is one of them doubled or halved, or worked out for another strength?"),
)
_CLOSE = Decimal("1.07")


def _named(ratio: Decimal, facts: Mapping[str, Any], product: Product | None) -> tuple[str, str]:
    """What a factor between two statements of the dose looks like, and a question that points at it."""
    factor = max(ratio, 1 / ratio)
    days = facts.get("course_days") or 1
    if days > 1 and _near(factor / days, _CLOSE):
        return "total_as_daily", " Is one of them the dose of one day?"
    if product is not None and product.g_per_ml and _near(factor * product.g_per_ml, _CLOSE):
        return "grams_as_millilitres", " Was one of them meant in millilitres?"
    for code, of, hint in _KINDS:
        if _near(factor / of, _CLOSE):
            return code, hint
    return "dose_disagrees", ""


def _kind(ratio: Decimal, facts: Mapping[str, Any], product: Product | None) -> str:
    return _named(ratio, facts, product)[0]


def _hint(ratio: Decimal, facts: Mapping[str, Any], product: Product | None) -> str:
    return _named(ratio, facts, product)[1]


def _product(facts: Mapping[str, Any], product: Product | None) -> Iterator[Trap]:
    if product is None:
        if facts.get("product") is not None:
            text = (
                f"No product of the table is called {facts['product']}, so neither its route nor its vials can be"
                " checked: choose one from the list, or write which product is meant."
            )
            yield Trap("unknown_product", "product", text, stop=False, asks="Which product is meant")
        return
    route = facts.get("route", "iv")
    if not product.suits(route):
        kind = {"hyperimmune": "a hyperimmune globulin", "scig": "made for use under the skin"}.get(product.kind)
        why = f"{product.brand} is {kind}" if kind else f"{product.brand} is not made for this route"
        text = f"{why}, so it cannot be given {'into a vein' if route == 'iv' else 'so'}: choose another product."
        yield Trap("not_for_this_route", "product", text, stop=True)
    stated = facts.get("concentration_g_per_ml")
    if stated is not None and product.g_per_ml and not _near(stated / product.g_per_ml, WEIGHT_AGAIN_APART):
        text = (
            f"{product.brand} holds {plain(product.g_per_ml)} g/mL, but {plain(stated)} g/mL was entered."
            " Check which strength is meant."
        )
        yield Trap("concentration", "concentration_g_per_ml", text, stop=True)


def _height(facts: Mapping[str, Any], rule: DoseRule) -> Iterator[Trap]:
    if height_is_wanted(facts, rule.weight_rule):
        text = (
            "The height is not known, and the weight rule of these criteria reads it: add it, or write why it cannot be"
            " measured. Until then the dose goes by actual weight."
        )
        yield Trap("height_missing", "height_cm", text, stop=False, asks="Why the height cannot be measured")


def _weight(
    facts: Mapping[str, Any],
    previous: PreviousWeight | None,
    as_of: date,
    again: SecondStatement,
    measured_on: date | None,
) -> Iterator[Trap]:
    kg: Decimal = facts["weight_kg"]
    _, least, most, good_for, _ = _row(facts)
    stands = again.weight_kg is None or _near(kg / again.weight_kg, WEIGHT_AGAIN_APART)
    if again.weight_kg is not None and not stands:
        text = (
            f"The weight on record is {_kg(kg)}, but {_kg(again.weight_kg)} was stated now."
            f"{_pounds(kg / again.weight_kg)} Correct whichever is wrong."
        )
        yield Trap(_weight_kind(kg / again.weight_kg, "weight_disagrees"), "weight_kg", text, stop=True)
    recent = not weight_needs_witness(facts, previous, as_of)
    if again.weight_kg is None and not recent:
        text = "State the weight a second time with its unit, from the chart."
        yield Trap("weight_stated_once", "weight_kg", text, stop=True)
    if previous is not None and recent and not _near(kg / previous.kg, WEIGHT_CHANGE):
        text = (
            f"The weight is {_kg(kg)}, but was {_kg(previous.kg)} on {day_words(previous.on)}."
            f"{_pounds(kg / previous.kg)} Correct it, or write why it has changed."
        )
        yield Trap(_weight_kind(kg / previous.kg, "weight_changed"), "weight_kg", text, stop=False)
    asked = other_unit(facts)
    if asked and stands and not (previous is not None and recent and _near(kg / previous.kg, WEIGHT_CHANGE)):
        yield Trap("weight_unit", "weight_kg", f"{asked} Correct it, or write why it is right.", stop=False)
    elif not least <= kg <= most:
        text = (
            f"{_kg(kg)} is unusual at this age (mostly {plain(least)} to {plain(most)} kg): correct it, or write why."
        )
        yield Trap("weight_for_age", "weight_kg", text, stop=False)
    if measured_on is not None and (as_of - measured_on).days > good_for:
        text = (
            f"The weight was measured on {day_words(measured_on)}, more than {good_for} days ago: weigh the patient"
            " again, or write why this weight still holds."
        )
        yield Trap("weight_stale", "weight_kg", text, stop=False)


def _kg(kg: Decimal) -> str:
    return f"{plain(round_half_up(kg, 1))} kg"


def _looks_like_pounds(ratio: Decimal) -> bool:
    return _near(max(ratio, 1 / ratio) / LB_PER_KG, WEIGHT_AGAIN_APART)


def _weight_kind(ratio: Decimal, otherwise: str) -> str:
    return "pounds_as_kilograms" if _looks_like_pounds(ratio) else otherwise


def _pounds(ratio: Decimal) -> str:
    return " Is one of them in pounds?" if _looks_like_pounds(ratio) else ""
