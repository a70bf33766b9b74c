"""What would meet: the smallest sets of changes of one case, as terms.

The changes are read off the diagram that the facts leave which nobody changes. Limits of the dose share one order, and
compared facts one comparison, so that such a set is tried on the whole case before it is offered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product as every_combination
from typing import Any

from utilization.rules.diagram.changes import Assignment, ways_to_meet
from utilization.rules.diagram.questions import branches
from utilization.rules.diagram.restriction import Tree, restricted
from utilization.rules.dosing.orders import check_order
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED
from utilization.rules.facts.values import BadInput, in_order, plain
from utilization.rules.judging.case import Case
from utilization.rules.judging.terms import (
    Range,
    Terms,
    changes,
    joined,
    name_of,
    numbers_in,
    order_at,
    together,
)
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.value_classes import GROW_TOGETHER
from utilization.rules.language.variables import Variable, Way
from utilization.rules.packs.case_rules import CaseRules
from utilization.rules.packs.pack import Indication

_MOST_ALTERNATIVES = 100
Changes = tuple[tuple[str, Way | Range], ...]


def alternatives(case: Case, rules: CaseRules) -> tuple[Terms, ...]:
    """The smallest sets of changes of changeable facts that would meet, each a tuple of terms, smallest first."""
    alternatives: dict[Terms, None] = {}
    assert case.indication is not None
    for terms in _Alternatives(case, case.indication, rules).every():
        if terms:
            alternatives[terms] = None
        if len(alternatives) == _MOST_ALTERNATIVES:
            break
    return tuple(alternatives)


@dataclass(frozen=True)
class _Alternatives:
    """The changes of one case."""

    case: Case
    indication: Indication
    rules: CaseRules

    @cached_property
    def _kept(self) -> Mapping[str, Any]:
        """The known facts that nobody changes."""
        changed = self.rules.changed
        return {name: value for name, value in self.case.known.items() if name not in changed}

    def every(self) -> Iterator[Terms]:
        """Every set of changes, some of them more than once; empty where an order cannot be changed so."""
        tree = self._tree()
        if not isinstance(tree, Outcome):
            for assignment in joined(self._assignments(tree), self.indication.variable, self._kept):
                yield from self._terms(assignment)

    def _tree(self) -> Tree:
        changed = self.rules.changed

        def derive(values: Mapping[str, Any]) -> Mapping[str, Any]:
            return {name: value for name, value in self.case.derive(values).items() if name not in changed}

        kept = self._kept
        return restricted(self.indication.diagram, {**kept, **derive(kept)}, derive, self.rules.changeable)

    def _assignments(self, tree: Tree) -> list[Assignment]:
        named = {point.name for point in branches(tree)} & self.rules.changeable
        ways = {name: self.indication.variable[name].way_of(self.case.view) for name in named}
        current = {name: way for name, way in ways.items() if way is not None}
        return ways_to_meet(tree, current, self.rules.changeable)

    def _terms(self, assignment: Changes) -> Iterator[Terms]:
        """The ways to say one assignment, each with no more than it needs."""
        variables = self.indication.variable
        values = {name: way.values[0] for name, way in assignment if len(variables[name].facts) == 1 and way.values}
        choices = [
            self._alone(variables[name], way, values) or changes(variables[name], way, self.case.view, self.case.rule)
            for name, way in sorted(assignment, key=lambda pair: in_order(pair[0]))
        ]
        compared = {fact for name, _ in assignment if len(variables[name].facts) > 1 for fact in variables[name].facts}
        tried = bool(compared) or self._limits(assignment)
        for combination in every_combination(*choices):
            terms = together([term for some in combination for term in some])
            yield self._fewest(terms, {**values, **numbers_in(terms, compared)}) if tried else terms

    def _limits(self, assignment: Changes) -> bool:
        """Whether limits of the dose are changed that an order shares."""
        if not any(name in AMOUNTS or name == "dose_within_ceiling" for name, _ in assignment):
            return False
        read = {name for variable in self.indication.variables for name in variable.reads}
        return any(name in AMOUNTS or name in GROW_TOGETHER for name in read)

    def _fewest(self, terms: Terms, values: Mapping[str, Any]) -> Terms:
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
        changed = {name_of(term) for term in terms}
        facts = {**self.case.known, **{name: values[name] for name in changed if name in values}, **order_at(terms)}
        of_product = {name for name in values if name in DERIVED and name.startswith("product")}
        try:
            check_order(facts, self.case.rule)
        except BadInput:
            return False
        also = {name: values[name] for name in of_product if "product" in changed}
        return self.case.outcome_with(facts, also) is Outcome.MEETS

    def _alone(self, variable: Variable, way: Way | Range, others: Mapping[str, Any]) -> list[Terms]:
        """The change of one of several compared facts that is enough beside the `others`; empty where none is."""
        if len(variable.facts) == 1:
            return []
        for name in variable.facts:
            for value in dict.fromkeys(values[name] for values in way.values):
                if self.case.outcome_with({**self.case.known, **others, name: value}) is Outcome.MEETS:
                    return [(f"{name}={plain(value)}",)]
        return []
