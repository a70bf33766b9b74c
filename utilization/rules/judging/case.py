"""One case of an indication: what its facts give, what they decide and what they leave open."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

from utilization.rules.diagram.questions import facts_in_support, most_decisive_first
from utilization.rules.diagram.restriction import Tree, restricted
from utilization.rules.dosing.orders import DoseRule, within_ceiling
from utilization.rules.dosing.plan import Plan, adjusted_and_rounded, plan_dose
from utilization.rules.dosing.products import Product, labelled_for
from utilization.rules.dosing.vials import Rounding
from utilization.rules.dosing.weights import Weighed, dosing_weight, weigh
from utilization.rules.facts.ages import AGES
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, ORDER
from utilization.rules.judging.missing import missing_amount_facts
from utilization.rules.judging.terms import WITHOUT_PRODUCT
from utilization.rules.language.amounts import ordered_amounts
from utilization.rules.language.node import Condition, Truth
from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs.pack import Indication

_WEIGHED = ("weight_kg", "pre_pregnancy_weight_kg", "height_cm")
_OF_PLAN = ("weight_adjusted", "dose_rounded")


@dataclass(frozen=True)
class Case:
    """One case of a covered indication: what its facts give, decide and leave open."""

    indication: Indication | None
    rule: DoseRule
    product: Product | None
    known: Mapping[str, Any]
    judged_as: str
    # What anybody reads of what follows from the order; None for all of it.
    read: frozenset[str] | None = None

    @cached_property
    def plan(self) -> Plan | None:
        """The dose as planned."""
        day_limits = self.indication.day_limits if self.indication else ()
        return plan_dose(self.known, self.rule, self.product, self.judged_as, day_limits)

    @cached_property
    def _weighed(self) -> Weighed:
        """The weight that the dose goes by, of the known facts."""
        return weigh(self.known, self.rule.weight_rule)

    @cached_property
    def view(self) -> Mapping[str, Any]:
        """The known facts with what they give."""
        return {**self.known, **self.derive(self.known)}

    @cached_property
    def results(self) -> tuple[tuple[Truth, Truth], ...]:
        """(whether it applies, whether it is met) of each clause; met unless it applies and does not hold."""
        clauses = self.indication.clauses if self.indication else ()
        return tuple(_result(clause.when.truth(self.view), clause.require, self.view) for clause in clauses)

    @property
    def awaited(self) -> tuple[str, ...]:
        """The evidence that may still come, of the clauses that are known not to be met."""
        clauses = self.indication.clauses if self.indication else ()
        unmet = (clause for clause, (_, met) in zip(clauses, self.results, strict=True) if met is False)
        return tuple(dict.fromkeys(clause.awaits for clause in unmet if clause.awaits))

    def derive(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What order and product table make of the facts; absent where the facts do not say.

        A product that the table does not know leaves open what it is; no product at all is no objection.

        No more than is read; of other facts than the known ones, for the diagram, no more than the clauses read.
        """
        wanted = self.read if values is self.known else self._wanted
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
            rounding = Rounding(self.rule.rounding_within, self.rule.step)
            derived |= ordered_amounts(values, self._weights(values), self._concentration(values), rounding)
        if wanted is None or not wanted.isdisjoint(_OF_PLAN):
            weighed = self._weighed if values is self.known else weigh(values, self.rule.weight_rule)
            of_plan = adjusted_and_rounded(values, self.rule, product, weighed)
            derived |= {} if of_plan is None else dict(zip(_OF_PLAN, of_plan, strict=True))
        within = self._within(values) if values is self.known or "dose_within_ceiling" in self._wanted else None
        return derived if within is None else {**derived, "dose_within_ceiling": within}

    @property
    def _wanted(self) -> frozenset[str]:
        """The derived values that the clauses read."""
        return self.indication.of_order if self.indication else frozenset()

    def _views(self, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
        """The facts; while the age is not known, those of a child beside them, for the dosing weight may differ."""
        return (values,) if "age_years" in values else (values, {**values, "age_years": Decimal(0)})

    def _within(self, values: Mapping[str, Any]) -> bool | None:
        """Whether the order stays within the ceiling; None where it is not known, or not alike for adult and child."""
        answers = set()
        if self._weighs_otherwise(values):
            return None
        for view in self._views(values):
            kg = self._weighed.kg if view is self.known else dosing_weight(view, self.rule.weight_rule)[0]
            limit = None if kg is None or self.rule.ceiling is None else self.rule.ceiling * kg
            answers.add(within_ceiling(view, self.rule, limit))
        return answers.pop() if len(answers) == 1 else None

    def _weights(self, values: Mapping[str, Any]) -> tuple[Decimal, ...]:
        """The dosing weights that the patient may have, in kg: an unknown age leaves that of a child open too."""
        if self._weighs_otherwise(values):
            return ()
        weights = [dosing_weight(view, self.rule.weight_rule)[0] for view in self._views(values)]
        return tuple(dict.fromkeys(kg for kg in weights if kg is not None))

    def _weighs_otherwise(self, values: Mapping[str, Any]) -> bool:
        """Whether a supposed weight or height decides, of which the ends of a range do not stand for all between.

        With a threshold in the weight rule somebody heavier may count for less: nothing is then taken to follow.
        """
        jumps = not isinstance(self.rule.weight_rule, str) and self.rule.weight_rule.jumps
        return jumps and any(values.get(name) != self.known.get(name) for name in _WEIGHED)

    def _concentration(self, values: Mapping[str, Any]) -> Decimal | None:
        stated: Decimal | None = values.get("concentration_g_per_ml")
        return stated if stated is not None or self.product is None else self.product.g_per_ml

    @property
    def outcome(self) -> Outcome:
        """The outcome alone."""
        tree = self._left
        return tree if isinstance(tree, Outcome) else Outcome.NEEDS_INFORMATION

    @cached_property
    def _left(self) -> Tree:
        """What the known facts leave of the indication's diagram."""
        assert self.indication is not None
        return restricted(self.indication.diagram, self.view, self.derive)

    def decide(self) -> tuple[Outcome, tuple[str, ...]]:
        """The outcome, and where unknown facts leave it open, every fact that could still change it."""
        tree = self._left
        if isinstance(tree, Outcome):
            return tree, ()
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
        return tuple(fact for fact in facts if self._is_open(fact)) or facts

    def _is_open(self, fact: str) -> bool:
        """Whether a fact is not known, or a list whose entries may lack what decides."""
        return fact not in self.known or isinstance(self.known[fact], tuple)

    def outcome_with(self, facts: Mapping[str, Any], also: Mapping[str, Any] = MappingProxyType({})) -> Tree:
        """What other facts than the known ones come to, with `also` in place of what they give."""
        assert self.indication is not None

        def derive(values: Mapping[str, Any]) -> Mapping[str, Any]:
            return {**self.derive(values), **also}

        return restricted(self.indication.diagram, {**facts, **derive(facts)}, derive)


def _result(applies: Truth, require: Condition, view: Mapping[str, Any]) -> tuple[Truth, Truth]:
    if applies is False:
        return False, True
    holds = require.truth(view)
    return applies, True if holds else None if applies is None or holds is None else False
