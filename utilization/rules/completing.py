"""What the unknown facts can still change: every completion of them, as a reduced decision diagram.

The diagram is over the facts that clauses ask for, in one fixed order, each with one representative for all values
that no clause tells apart. It is reduced (a fact whose every value leads to the same is left out), so a fact stands
in it exactly when some completion of the others makes it matter.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from utilization.rules.catalogue import CATALOGUE, DERIVED, Kind
from utilization.rules.criteria import IsWithin, Test
from utilization.rules.pack import Clause, Indication, Outcome, Variable

Outcomes = frozenset[Outcome]
_TWO = (True, False)


def outcome_of(clauses: Sequence[Clause], facts: Mapping[str, Any]) -> Outcome | None:
    """The outcome that the known facts decide, whatever the unknown ones; None while they leave it open."""
    open_denial = open_review = review = False
    for clause in clauses:
        applies = clause.when.truth(facts)
        if applies is False:
            continue
        required = clause.require.truth(facts)
        if required is True:
            continue
        denies = clause.otherwise is Outcome.DOES_NOT_MEET
        if applies is True and required is False:
            if denies:
                return Outcome.DOES_NOT_MEET
            review = True
        elif denies:
            open_denial = True
        else:
            open_review = True
    if open_denial:
        return None
    if review:
        return Outcome.EXCEPTION_REVIEW
    return None if open_review else Outcome.MEETS


def variables_of(clauses: Sequence[Clause]) -> tuple[Variable, ...]:
    """The facts that `clauses` ask for, in the order in which they first read them."""
    tests: dict[str, list[Test]] = {}
    for clause in clauses:
        for condition in (clause.when, clause.require):
            for test in condition.tests():
                tests.setdefault(test.fact, []).append(test)
    return tuple(Variable(name, _classes(name, of_fact)) for name, of_fact in tests.items())


def _classes(name: str, tests: list[Test]) -> tuple[tuple[Any, ...], ...]:
    classes: dict[tuple[bool, ...], list[Any]] = {}
    for value in _values(name, tests):
        classes.setdefault(tuple(test.holds(value) for test in tests), []).append(value)
    return tuple(tuple(values) for values in classes.values())


def _values(name: str, tests: list[Test]) -> Iterator[Any]:
    if name in DERIVED or CATALOGUE[name].kind is Kind.BOOL:
        yield from _TWO
    elif CATALOGUE[name].kind is Kind.CHOICE:
        yield from CATALOGUE[name].choices
    else:
        bounds = sorted({b for t in tests if isinstance(t, IsWithin) for b in (t.low, t.high) if b is not None}) or [
            Decimal(1)
        ]
        step = Decimal("0.001")
        for bound in bounds:
            yield from (bound - step, bound, bound + step)


@dataclass(frozen=True, slots=True)
class Branch:
    """A point of the diagram: the fact that decides next and where each of its values leads."""

    name: str
    ways: tuple[tuple[Any, "Tree"], ...]


Tree = Branch | Outcome
Derive = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def complete(indication: Indication, facts: Mapping[str, Any], derive: Derive) -> Tree:
    """The diagram of the outcome over the unknown facts. `derive` gives what follows from facts (the dose's limits)."""
    return _grow(indication.clauses, indication.variables, 0, {**facts, **derive(facts)}, derive)


def _grow(
    clauses: Sequence[Clause], variables: Sequence[Variable], start: int, facts: Mapping[str, Any], derive: Derive
) -> Tree:
    outcome = outcome_of(clauses, facts)
    if outcome is not None:
        return outcome
    # One is always left: a clause is only open through a fact that it tests, and every tested fact is a variable.
    index = next(i for i in range(start, len(variables)) if variables[i].name not in facts)
    variable = variables[index]
    ways: list[tuple[Any, Tree]] = []
    for value in variable.representatives:
        known = {**facts, variable.name: value}
        if variable.name not in DERIVED:
            known.update(derive(known))
        ways.append((value, _grow(clauses, variables, index + 1, known, derive)))
    first = ways[0][1]
    if all(tree == first for _, tree in ways):
        return first
    return Branch(variable.name, tuple(ways))


def leaves(tree: Tree) -> Outcomes:
    """Every outcome that some completion comes to."""
    if isinstance(tree, Outcome):
        return frozenset({tree})
    return frozenset().union(*(leaves(way) for _, way in tree.ways))


def support(tree: Tree) -> set[str]:
    """Every fact for which some completion of the others makes it matter."""
    if isinstance(tree, Outcome):
        return set()
    return {tree.name}.union(*(support(way) for _, way in tree.ways))


def leaves_given(tree: Tree, name: str, value: Any) -> Outcomes:
    """The outcomes that are left once `name` is known to be `value`."""
    if isinstance(tree, Outcome):
        return frozenset({tree})
    if tree.name == name:
        return leaves(next(way for v, way in tree.ways if v == value))
    return frozenset().union(*(leaves_given(way, name, value) for _, way in tree.ways))


def most_decisive_first(tree: Tree, variables: Sequence[Variable], order: Callable[[str], int]) -> list[str]:
    """The facts that matter: fewest outcomes left on the worst answer first, ties by `order`."""
    values = {variable.name: variable.representatives for variable in variables}

    def worst(name: str) -> int:
        return max(len(leaves_given(tree, name, value)) for value in values[name])

    return sorted(support(tree), key=lambda name: (worst(name), order(name)))


Assignment = frozenset[tuple[str, Any]]


def ways_to_meet(tree: Tree, current: Mapping[str, Any], changeable: frozenset[str]) -> list[Assignment]:
    """The smallest sets of (fact, value) after which it meets whatever the facts that no one can change turn out to be.

    `tree` must have been completed with the changeable facts left out; `current` holds their present values as
    representatives, which cost nothing to keep.
    """
    return sorted(_smallest(_meeting(tree, current, changeable)), key=lambda a: (len(a), sorted(map(str, a))))


def _meeting(tree: Tree, current: Mapping[str, Any], changeable: frozenset[str]) -> set[Assignment]:
    if isinstance(tree, Outcome):
        return {frozenset()} if tree is Outcome.MEETS else set()
    found: set[Assignment] = set()
    below = [(value, _meeting(way, current, changeable)) for value, way in tree.ways]
    if tree.name in changeable:
        for value, ways in below:
            kept = tree.name in current and current[tree.name] == value
            found |= ways if kept else {way | {(tree.name, value)} for way in ways}
    if tree.name not in current:
        # Left unknown: every value must be provided for.
        together: set[Assignment] = {frozenset()}
        for _, ways in below:
            together = {a | b for a in together for b in ways if _consistent(a, b)}
        found |= together
    return _smallest(found)


def _consistent(one: Assignment, other: Assignment) -> bool:
    names = dict(one)
    return all(names.get(name, value) == value for name, value in other)


def _smallest(assignments: set[Assignment]) -> set[Assignment]:
    return {a for a in assignments if not any(b < a for b in assignments)}
