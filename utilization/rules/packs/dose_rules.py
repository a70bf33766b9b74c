"""What a pack says of a dose, from marked text: ceiling and target with their phases, weight rule and rounding."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from utilization.rules.dosing.orders import NO_DOSE_RULE, DosePhase, DoseRule
from utilization.rules.dosing.weight_formula import WeightFormula
from utilization.rules.dosing.weights import WEIGHT_RULES, WeightRuleOf
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED
from utilization.rules.facts.units import UnitError, as_decimal, convert
from utilization.rules.language.composites import ALWAYS, AllOf, AnyOf, Composite, Not, facts_named, fold
from utilization.rules.language.dose import DoseWithin
from utilization.rules.language.node import Condition
from utilization.rules.language.one_of import IsOneOf
from utilization.rules.language.quantities import read_node_quantity, read_percent
from utilization.rules.packs import keys as keys_of
from utilization.rules.packs.conditions import Reader
from utilization.rules.packs.pack import Clause
from utilization.rules.yaml_lines import Node

WITHIN = "dose_within_ceiling"
_MOST_ROUNDING = Decimal("0.2")
_MOST_STEP_G = Decimal(20)
_MOST_PHASES = 12
_MOST_BMI, _MOST_ABOVE = Decimal(80), Decimal(2)


def read_dose(
    node: Node | None, conditions: Reader, cited: Callable[[list[Node]], tuple[str, ...]], base: DoseRule = NO_DOSE_RULE
) -> DoseRule:
    """The dose rule in `node`, what it leaves out as in `base`."""
    if node is None:
        return base
    keys = node.mapping(*keys_of.DOSE)
    said: dict[str, Any] = _amounts(keys)
    for name, read in _READERS.items():
        if name in keys:
            said[name] = read(keys[name])
    if "evidence" in keys:
        said["evidence"] = cited(keys["evidence"].items())
    if "phases" in keys:
        said["phases"] = _phases(keys["phases"], conditions)
    return replace(base, **said)


def _amounts(keys: Mapping[str, Node]) -> dict[str, Decimal]:
    found = {}
    for name in ("ceiling", "target"):
        if name in keys and f"{name}_g_per_kg" in keys:
            keys[name].fail(f"{name} and {name}_g_per_kg say the same: leave one out")
        if f"{name}_g_per_kg" in keys:
            found[name] = keys[f"{name}_g_per_kg"].number()
        elif name in keys:
            found[name] = _in(keys[name], "g/kg")
    return found


def _phases(node: Node, conditions: Reader) -> tuple[DosePhase, ...]:
    items = node.items()
    if not 1 <= len(items) <= _MOST_PHASES:
        node.fail(f"expected 1 to {_MOST_PHASES} phases, got {len(items)}")
    return tuple(_phase(item, conditions) for item in items)


def _phase(node: Node, conditions: Reader) -> DosePhase:
    keys = node.mapping(*keys_of.PHASE)
    amounts = _amounts(keys)
    if not amounts:
        node.fail("expected a ceiling or a target: the phase sets nothing")
    when = conditions.condition(keys["when"])
    for name in facts_named(when):
        if name in AMOUNTS or name in DERIVED:
            keys["when"].fail(f"a phase is told by facts, and {name} follows from the order: expected another fact")
    return DosePhase(keys["says"].text(), when, amounts.get("ceiling"), amounts.get("target"))


def in_phases(clauses: Iterable[Clause], rule: DoseRule) -> tuple[Clause, ...]:
    """The clauses with the ceilings of the phases of `rule` written out."""
    return tuple(
        replace(clause, when=by_phase(clause.when, rule), require=by_phase(clause.require, rule)) for clause in clauses
    )


def by_phase(condition: Condition, rule: DoseRule) -> Condition:
    """The condition with the ceilings of the phases written out where it reads whether the order stays within it."""
    if all(phase.ceiling is None for phase in rule.phases):
        return condition

    def of_test(test: Any) -> Condition:
        if not isinstance(test, IsOneOf) or test.fact != WITHIN or test.values == frozenset({True, False}):
            kept: Condition = test
            return kept
        within = _within(rule)
        return within if test.values == frozenset({True}) else Not(within)

    def of_composite(composite: Composite, parts: Any) -> Condition:
        return composite.over(tuple(parts))

    written: Condition = fold(condition, of_test, of_composite)
    return written


def _within(rule: DoseRule) -> Condition:
    """The order stays within the ceiling of the first phase that it is in; of the rule itself where it is in none."""
    before: tuple[Condition, ...] = ()
    ways: list[Condition] = []
    for phase in rule.phases:
        when: Any = phase.when  # a condition: the dosing knows no more of it than whether it holds
        ways.append(AllOf((*before, when, _at_most(phase.ceiling or rule.ceiling, rule))))
        before = (*before, Not(when))
    ways.append(AllOf((*before, _at_most(rule.ceiling, rule))))
    return AnyOf(tuple(ways))


def _at_most(ceiling: Decimal | None, rule: DoseRule) -> Condition:
    if ceiling is None:
        return ALWAYS
    return DoseWithin("course_g_per_kg", high=ceiling, tolerance=rule.tolerance)


def _rounding(node: Node) -> str:
    """One of the words, or a step in grams such as "10 g"."""
    if node.written() in keys_of.ROUNDINGS:
        return node.written()
    known = f"expected one of {', '.join(keys_of.ROUNDINGS)}, or a step up to {_MOST_STEP_G} g such as 2.5 g"
    if not isinstance(node.value, str) or not node.value[:1].isdigit():
        node.fail(f"{known}, got {node.shown}")
    step = _in(node, "g")
    if not 0 < step <= _MOST_STEP_G or step * 10 != int(step * 10):
        node.fail(f"{known}, in whole tenths of a gram, got {node.shown}")
    return f"{step.normalize():f} g"


def _rounding_within(node: Node) -> Decimal:
    within = read_percent(node)
    if within > _MOST_ROUNDING:
        node.fail(f"expected at most {_MOST_ROUNDING * 100:.0f} %: rounding further changes the dose, got {node.shown}")
    return within


def _weight_rule(node: Node) -> WeightRuleOf:
    """The name of a published convention, or the pack's own numbers."""
    if not isinstance(node.value, dict):
        return node.one_of(tuple(WEIGHT_RULES))
    keys = node.mapping(*keys_of.WEIGHT)
    kind = keys["of"].one_of(keys_of.WEIGHTS)
    if "share" in keys and kind != "adjusted":
        keys["share"].fail("share goes with 'of: adjusted'")
    said: dict[str, Any] = {
        "share": _number(keys["share"], Decimal(0), Decimal(1)) if "share" in keys else None,
        "above_ideal": _above(keys["above_ideal"]) if "above_ideal" in keys else None,
        "bmi_at_least": _number(keys["bmi_at_least"], Decimal(10), _MOST_BMI) if "bmi_at_least" in keys else None,
        "shortest_cm": _in(keys["shortest"], "cm") if "shortest" in keys else None,
        "adults_from": _in(keys["adults_from"], "years") if "adults_from" in keys else None,
        "pregnant": keys["pregnant"].one_of(keys_of.PREGNANT) if "pregnant" in keys else None,
    }
    if kind == "adjusted" and said["share"] is None:
        node.fail("expected the key 'share': the part of the excess over ideal weight that counts, such as 0.4")
    return WeightFormula(
        kind, keys["source"].text(), **{key: value for key, value in said.items() if value is not None}
    )


def _number(node: Node, least: Decimal, most: Decimal) -> Decimal:
    number = node.number()
    if not least < number <= most:
        node.fail(f"expected a number above {least} and up to {most}, got {node.shown}")
    return number


def _above(node: Node) -> Decimal:
    quantity = read_node_quantity(node)
    if quantity.unit != "%" or not 0 <= quantity.value <= _MOST_ABOVE * 100:
        node.fail(f"expected a percentage up to {_MOST_ABOVE * 100:.0f} % above ideal weight, got {node.shown}")
    return quantity.value / 100


_READERS: Mapping[str, Callable[[Node], Any]] = {
    "weight_rule": _weight_rule,
    "rounding": _rounding,
    "rounding_within": _rounding_within,
    "tolerance": read_percent,
}


def _in(node: Node, unit: str) -> Decimal:
    quantity = read_node_quantity(node)
    if not quantity.unit:
        node.fail(f"{node.shown} has no unit: expected a number with its unit, such as {quantity} {unit}")
    try:
        return as_decimal(convert(quantity, unit))
    except UnitError as error:
        node.fail(str(error))
