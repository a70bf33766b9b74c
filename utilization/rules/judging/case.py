"""One case of an indication: what its facts give, what they decide, what they leave open, and what would meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import product as every_combination
from typing import Any

from utilization.rules.dosing.orders import DoseRule, check_order, missing_dose_fact, within_ceiling
from utilization.rules.dosing.plan import Plan, plan_dose
from utilization.rules.dosing.products import Product, labelled_for
from utilization.rules.dosing.weights import dosing_weight
from utilization.rules.facts.ages import AGES
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, ORDER
from utilization.rules.facts.units import as_decimal
from utilization.rules.facts.values import BadInput, plain
from utilization.rules.judging.completing import Derive, complete
from utilization.rules.judging.diagrams import facts_in_support, leaves, most_decisive_first, ways_to_meet
from utilization.rules.judging.terms import (
    WITHOUT_PRODUCT,
    Range,
    changes,
    joined,
    name_of,
    numbers_in,
    order_at,
    together,
)
from utilization.rules.language.amounts import ordered_amounts
from utilization.rules.language.compiled import Truths
from utilization.rules.language.composites import all_tests
from utilization.rules.language.dose import DoseWithin
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.value_classes import GROW_TOGETHER
from utilization.rules.language.variables import Variable, Way
from utilization.rules.packs.pack import Indication

_PER_KG = ("dose_total_g_per_kg", "dose_per_day_g_per_kg")
_IN_GRAMS = ("dose_total_g", "dose_per_day_g")
_OF_PLAN = ("weight_adjusted", "dose_rounded")
_MOST_ALTERNATIVES = 100


@dataclass(frozen=True)
class Case:
    """One case of a covered indication: what its facts give, decide and leave open."""

    indication: Indication | None
    rule: DoseRule
    product: Product | None
    known: Mapping[str, Any]
    judged_as: str

    @cached_property
    def plan(self) -> Plan | None:
        """The dose as planned."""
        return plan_dose(self.known, self.rule, self.product, self.judged_as, self._day_limits)

    @property
    def _day_limits(self) -> tuple[tuple[Decimal, bool], ...]:
        """What the clauses allow a day: (limit, whether per kg of dosing weight)."""
        clauses = self.indication.clauses if self.indication else ()
        tests = [test for clause in clauses for test in all_tests(clause.require)]
        return tuple(
            (as_decimal(test.high) * (1 + test.tolerance), test.fact == "day_g_per_kg")
            for test in tests
            if isinstance(test, DoseWithin) and test.fact in ("day_g_per_kg", "day_g") and test.high is not None
        )

    @cached_property
    def view(self) -> Mapping[str, Any]:
        """The known facts with what they give."""
        return {**self.known, **self.derive(self.known)}

    @cached_property
    def results(self) -> tuple[Truths, Truths, Outcome | None]:
        """The truth of every node, whether each clause is met, and the outcome where Kleene's logic knows it."""
        assert self.indication is not None
        return self.indication.compiled.run(self.view)

    def derive(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What order and product table make of the facts; absent where the facts do not say.

        A product that the table does not know leaves open what it is; no product at all is no objection.

        Of other facts than the known ones, for the diagram, no more than the clauses read.
        """
        wanted = self._wanted if values is not self.known else None
        product = self.product
        derived: dict[str, Any] = {}
        if product is not None:
            derived["product_intravenous"] = product.suits("iv")
            derived["product_contraindicated"] = not product.suits(values.get("route", "iv")) or any(
                values.get(name) is True for name in product.contraindicated_by
            )
            derived["product_labelled"] = self.indication is None or labelled_for(product, self.indication.code)
        elif "product" not in values:
            derived |= WITHOUT_PRODUCT
        if wanted is None or not wanted.isdisjoint(AMOUNTS):
            most_rounding = self.rule.rounding_within
            derived |= ordered_amounts(values, self._weights(values), self._concentration(values), most_rounding)
        if wanted is None or not wanted.isdisjoint(_OF_PLAN):
            plan = self.plan if values is self.known else plan_dose(values, self.rule, product)
            if plan is not None:
                derived |= {"weight_adjusted": plan.weight_basis == "adjusted", "dose_rounded": plan.rounded}
        within = self._within(values) if wanted is None or "dose_within_ceiling" in wanted else None
        return derived if within is None else {**derived, "dose_within_ceiling": within}

    @cached_property
    def _wanted(self) -> frozenset[str]:
        """The derived values that the clauses read."""
        clauses = self.indication.compiled.reads if self.indication else ()
        return frozenset(name for reads in clauses for name in reads if name in AMOUNTS or name in DERIVED)

    def _views(self, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
        """The facts; while the age is not known, those of a child beside them, for the dosing weight may differ."""
        return (values,) if "age_years" in values else (values, {**values, "age_years": Decimal(0)})

    def _within(self, values: Mapping[str, Any]) -> bool | None:
        """Whether the order stays within the ceiling; None where it is not known, or not alike for adult and child."""
        found = set()
        for view in self._views(values):
            kg = dosing_weight(view, self.rule.weight_rule)[0]
            limit = None if kg is None or self.rule.ceiling is None else self.rule.ceiling * kg
            found.add(within_ceiling(view, self.rule, limit))
        return found.pop() if len(found) == 1 else None

    def _weights(self, values: Mapping[str, Any]) -> tuple[Decimal, ...]:
        """The dosing weights that the patient may have, in kg: an unknown age leaves that of a child open too."""
        found = [dosing_weight(view, self.rule.weight_rule)[0] for view in self._views(values)]
        return tuple(dict.fromkeys(kg for kg in found if kg is not None))

    def _concentration(self, values: Mapping[str, Any]) -> Decimal | None:
        stated: Decimal | None = values.get("concentration_g_per_ml")
        return stated if stated is not None or self.product is None else self.product.g_per_ml

    def decide(self) -> tuple[Outcome, tuple[str, ...]]:
        """The outcome, and where unknown facts leave it open, every fact that could still change it."""
        assert self.indication is not None
        outcome = self.results[2]
        if outcome is not None:
            return outcome, ()
        tree = complete(self.indication.clauses, self.indication.variables, self.known, self.derive)
        outcomes = leaves(tree)
        if len(outcomes) == 1:
            return next(iter(outcomes)), ()
        names = {name: self._to_ask(name, facts) for name, facts in facts_in_support(tree).items()}
        decisive = most_decisive_first(tree, lambda name: ORDER.get(names[name][0], len(ORDER)))
        return Outcome.NEEDS_INFORMATION, tuple(dict.fromkeys(fact for name in decisive for fact in names[name]))

    def _to_ask(self, name: str, facts: tuple[str, ...]) -> tuple[str, ...]:
        """The facts to ask for where a variable is open: of several compared ones, those that are not known."""
        if name == "dose_within_ceiling" or name in AMOUNTS:
            return missing_amount_facts(name, self.known)
        if name in DERIVED:
            return ("product",) if name.startswith("product") else ("weight_kg",)
        if name in AGES:
            return (AGES[0],)
        return tuple(fact for fact in facts if fact not in self.known) or facts

    def alternatives(self, changeable: frozenset[str]) -> Sequence[tuple[str, ...]]:
        """The smallest sets of changes that would meet, each a tuple of terms, smallest first."""
        assert self.indication is not None
        variables = {variable.name: variable for variable in self.indication.variables}
        left_open = frozenset(name for name, variable in variables.items() if set(variable.facts) <= changeable)
        view = self.view
        current = {name: way for name in left_open if (way := variables[name].way_of(view)) is not None}
        names = {fact for name in left_open for fact in variables[name].facts}
        kept = {name: value for name, value in self.known.items() if name not in names}
        derive = self._kept(names)
        if self.indication.compiled.run({**kept, **derive(kept)})[2] not in (None, Outcome.MEETS):
            # Whatever is changed, it comes to this.
            return []
        tree = complete(self.indication.clauses, self.indication.variables, kept, derive, left_open)
        of_order = any(name in AMOUNTS or name in GROW_TOGETHER for one in variables.values() for name in one.reads)
        found: list[tuple[str, ...]] = []
        for assignment in joined(ways_to_meet(tree, current, left_open), variables, kept):
            values = {name: way.values[0] for name, way in assignment if len(variables[name].facts) == 1 and way.values}
            choices = [
                self._alone(variables[name], way, values) or changes(variables[name], way, view, self.rule)
                for name, way in sorted(assignment, key=lambda pair: ORDER.get(pair[0], len(ORDER)))
            ]
            for combination in every_combination(*choices):
                terms = together([term for terms in combination for term in terms])
                compared = {
                    fact for name, _ in assignment if len(variables[name].facts) > 1 for fact in variables[name].facts
                }
                limits = of_order and any(name in AMOUNTS or name == "dose_within_ceiling" for name, _ in assignment)
                if compared or limits:
                    terms = self._fewest(terms, {**values, **numbers_in(terms, compared)})
                if terms and terms not in found:
                    found.append(terms)
                if len(found) == _MOST_ALTERNATIVES:
                    return found
        return found

    def _fewest(self, terms: tuple[str, ...], values: Mapping[str, Any]) -> tuple[str, ...]:
        """The terms that are needed, for limits share an order; none where they ask for what no order gives.

        The bounds of one fact go together: without one of them it may be anything on that side.
        """
        if not self._meets(terms, values):
            return ()
        for name in dict.fromkeys(name_of(term) for term in terms):
            rest = tuple(term for term in terms if name_of(term) != name)
            if rest and self._meets(rest, values):
                return self._fewest(rest, values)
        return terms

    def _meets(self, terms: Sequence[str], values: Mapping[str, Any]) -> bool:
        """Whether the order changed by `terms`, beside other facts and derived values as in `values`, does meet."""
        assert self.indication is not None
        changed = {name_of(term) for term in terms}
        facts = {**self.known, **{name: values[name] for name in changed if name in values}, **order_at(terms)}
        of_product = {name for name in values if name in DERIVED and name.startswith("product")}
        derived = {name: values[name] for name in of_product if "product" in changed}
        try:
            check_order(facts, self.rule)
        except BadInput:
            return False

        def derive(known: Mapping[str, Any]) -> Mapping[str, Any]:
            return {**self.derive(known), **derived}

        return complete(self.indication.clauses, self.indication.variables, facts, derive) is Outcome.MEETS

    def _alone(self, variable: Variable, way: Way | Range, others: Mapping[str, Any]) -> list[tuple[str, ...]]:
        """The change of one of several compared facts that is enough beside the `others`; empty where none is."""
        if len(variable.facts) == 1:
            return []
        assert self.indication is not None
        for name in variable.facts:
            for value in dict.fromkeys(values[name] for values in way.values):
                facts = {**self.known, **others, name: value}
                tree = complete(self.indication.clauses, self.indication.variables, facts, self.derive)
                if tree is Outcome.MEETS:
                    return [(f"{name}={plain(value)}",)]
        return []

    def _kept(self, names: set[str]) -> Derive:
        def derive_kept(values: Mapping[str, Any]) -> dict[str, Any]:
            return {name: value for name, value in self.derive(values).items() if name not in names}

        return derive_kept


def missing_amount_facts(name: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The facts to ask for when an amount of the order is not known: with all of them, it is."""
    if name.startswith("rate_"):
        wanted = ("max_infusion_rate_ml_per_kg_min", *(("concentration_g_per_ml",) if "mg" in name else ()))
        return tuple(fact for fact in wanted if facts.get(fact) is None) or wanted
    span, _, unit = ("course_g_per_kg" if name == "dose_within_ceiling" else name).partition("_")
    found = [fact for fact in (_missing_dose(span, unit, facts),) if fact]
    if span == "week" and facts.get("interval_weeks") is None:
        found.append("interval_weeks")
    stated_per_kg = any(facts.get(fact) is not None for fact in _PER_KG)
    stated_grams = any(facts.get(fact) is not None for fact in _IN_GRAMS)
    if (stated_grams and not stated_per_kg) if unit == "g_per_kg" else (stated_per_kg and not stated_grams):
        # Only where height and sex are known can the weight of a child count for another than an adult's.
        by_age = facts.get("height_cm") is not None and facts.get("sex") is not None
        found += [fact for fact in ("weight_kg", *(("age_years",) if by_age else ())) if facts.get(fact) is None]
    return tuple(found) or (missing_dose_fact(facts),)


def _missing_dose(span: str, unit: str, facts: Mapping[str, Any]) -> str:
    """The dose fact that is lacking for the dose of a day, or of a course; empty where none is."""
    a_day = any(facts.get(fact) is not None for fact in (_PER_KG[1], _IN_GRAMS[1]))
    total = any(facts.get(fact) is not None for fact in (_PER_KG[0], _IN_GRAMS[0]))
    days = facts.get("course_days") is not None
    if span == "day":
        if not a_day and not total:
            return _PER_KG[1] if unit == "g_per_kg" else _IN_GRAMS[1]
        return "" if a_day or days else "course_days"
    if not a_day and not total:
        return _PER_KG[0] if unit == "g_per_kg" else _IN_GRAMS[0]
    return "" if total or days else "course_days"
