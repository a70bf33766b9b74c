"""What the unknown facts can still change: every completion of them, as a reduced decision diagram.

The diagram is over the facts that clauses ask for, in one fixed order, each with one way for all values that no
condition tells apart. It is reduced (a fact whose every value leads to the same is left out), so a fact stands in it
exactly when some completion of the others makes it matter. Equal parts of it are one part: what is left of the clauses
after some facts are settled is grown once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from utilization.rules.facts.catalogue import AMOUNTS, DERIVED
from utilization.rules.judging.diagrams import Branch, Tree
from utilization.rules.language.criteria import AllOf, Always, AnyOf, Condition, CountOf, Not, Surely, Test, all_tests
from utilization.rules.language.outcomes import WORST_FIRST, Outcome
from utilization.rules.language.supposing import GROW_TOGETHER
from utilization.rules.language.variables import Variable, Way

Derive = Callable[[Mapping[str, Any]], Mapping[str, Any]]

_TRUE, _FALSE, _OPEN = Always(True), Always(False), Always(None)
# Facts from which the order and the product table derive others.
ALSO_GIVE = frozenset({
    "age_years", "sex", "weight_kg", "height_cm", "pregnancy_status", "pre_pregnancy_weight_kg", "route", "product",
    "dose_total_g", "dose_total_g_per_kg", "dose_per_day_g", "dose_per_day_g_per_kg", "course_days", "interval_weeks",
    "concentration_g_per_ml", "max_infusion_rate_ml_per_kg_min", "request_type",
})  # fmt: skip
_MOST_VIEWS = 128
# What is left of a clause: where it applies, what it requires, and what it comes to otherwise.
_Left = tuple[Condition, Condition, Outcome]


def complete(
    clauses: Sequence[Any],
    variables: Sequence[Variable],
    facts: Mapping[str, Any],
    derive: Derive,
    left_open: frozenset[str] = frozenset(),
) -> Tree:
    """The diagram of the outcome over the unknown facts.

    `facts` holds what is known with the request's date; `derive` gives what follows from facts (the dose's limits);
    variables named in `left_open` are taken to be unknown, whatever is known of them.
    """
    return _Completing(variables, derive, left_open).grown(clauses, {**facts, **derive(facts)})


class _Completing:
    """Grows one diagram. What is left of the clauses, with the facts that give others, is the key of each part."""

    def __init__(self, variables: Sequence[Variable], derive: Derive, left_open: frozenset[str]) -> None:
        self._variables = [variable for variable in variables if variable.decides]
        self._derive, self._left_open = derive, left_open
        self._stated: Mapping[str, Any] = {}
        self._of = {test: variable for variable in self._variables for test in variable.tests}
        self._grown: dict[Any, Tree] = {}
        self._branches: dict[Any, Branch] = {}

    def grown(self, clauses: Sequence[Any], facts: Mapping[str, Any]) -> Tree:
        self._stated = {name: value for name, value in facts.items() if name not in self._left_open}
        settled: dict[Test, Any] = {}
        for clause in clauses:
            for condition in (clause.when, clause.require) if clause.otherwise is not None else ():
                for test in all_tests(condition):
                    if test not in settled:
                        settled[test] = self._at_first(test, facts)
        known = {test: truth for test, truth in settled.items() if truth is not None or test not in self._of}
        left = [(clause.when, clause.require, clause.otherwise) for clause in clauses if clause.otherwise is not None]
        sure = {test: truth for test, truth in known.items() if truth is not None}
        return self._grow(*_reduced(left, known, Outcome.MEETS), sure, (facts,), ())

    def _at_first(self, test: Test, facts: Mapping[str, Any]) -> Any:
        variable = self._of.get(test)
        return None if variable is not None and variable.name in self._left_open else test.truth(facts)

    def _grow(
        self,
        left: tuple[_Left, ...] | Outcome,
        so_far: Outcome,
        settled: Mapping[Test, bool],
        views: tuple[Mapping[str, Any], ...],
        given: tuple[Any, ...],
    ) -> Tree:
        if isinstance(left, Outcome):
            return left
        tests = _tests_in(left)
        derived = any(name in AMOUNTS or name in DERIVED for test in tests for name in test.reads)
        key = (left, so_far, given if derived else ())
        if key not in self._grown:
            variable = next(v for v in self._variables if any(test in tests for test in v.tests))
            self._grown[key] = self._branch(variable, left, so_far, settled, views, given)
        return self._grown[key]

    def _branch(
        self,
        variable: Variable,
        left: tuple[_Left, ...],
        so_far: Outcome,
        settled: Mapping[Test, bool],
        views: tuple[Mapping[str, Any], ...],
        given: tuple[Any, ...],
    ) -> Tree:
        ways: list[tuple[Way, Tree]] = []
        for way in variable.left(settled, self._stated):
            now: dict[Test, Any] = dict(zip(variable.tests, way.truths, strict=True))
            then, known = views, given
            if not ALSO_GIVE.isdisjoint(variable.facts) and way.values:
                then = self._viewed(variable, way, views)
                known = (*given, (variable.name, way.truths))
                now |= self._following(then, settled, now)
            settled_now = {**settled, **now}
            ways.append((way, self._grow(*_reduced(left, now, so_far), settled_now, then, known)))
        first = ways[0][1]
        if all(tree is first for _, tree in ways):
            return first
        key = (variable.name, tuple((way, id(tree)) for way, tree in ways))
        return self._branches.setdefault(key, Branch(variable, tuple(ways)))

    def _viewed(
        self, variable: Variable, way: Way, views: tuple[Mapping[str, Any], ...]
    ) -> tuple[Mapping[str, Any], ...]:
        """The facts as they may be by this way, with what they give: what follows of them all is sure."""
        values = [value if isinstance(value, dict) else {variable.name: value} for value in way.values]
        if variable.name in GROW_TOGETHER and len(values) > 2:
            values = [min(values, key=_number_in), max(values, key=_number_in)]
        found: list[Mapping[str, Any]] = []
        for view in views:
            for one in values:
                known = {**view, **one}
                found.append({**known, **self._derive(known)})
        # Beyond so many, nothing is taken to follow: a fact is then asked for that might have been spared.
        return tuple(found) if len(found) <= _MOST_VIEWS else ()

    def _following(
        self, views: tuple[Mapping[str, Any], ...], settled: Mapping[Test, bool], now: Mapping[Test, bool]
    ) -> dict[Test, bool]:
        """The tests on derived values that are settled once another fact is, alike however it turns out."""
        found: dict[Test, bool] = {}
        for variable in self._variables:
            if variable.name in self._left_open or not (variable.name in AMOUNTS or variable.name in DERIVED):
                continue
            for test in variable.tests:
                if test in settled or test in now:
                    continue
                truths = {test.truth(view) for view in views}
                if truths in ({True}, {False}):
                    found[test] = truths == {True}
        return found


def _number_in(values: Mapping[str, Any]) -> Any:
    return next(iter(values.values()))


def _reduced(
    left: Iterable[_Left], settled: Mapping[Test, Any], so_far: Outcome
) -> tuple[tuple[_Left, ...] | Outcome, Outcome]:
    """What is left of the clauses once `settled` holds, or the outcome; and what those come to that fail already."""
    kept: dict[_Left, None] = {}
    for when, require, otherwise in left:
        applies = restricted(when, settled)
        if applies == _FALSE:
            continue
        required = restricted(require, settled)
        if required == _TRUE:
            continue
        if applies == _TRUE and required == _FALSE:
            so_far = min(so_far, otherwise, key=WORST_FIRST.index)
        else:
            kept[applies, required, otherwise] = None
    worse = WORST_FIRST[: WORST_FIRST.index(so_far)]
    open_ones = tuple(one for one in kept if one[2] in worse)
    return open_ones or so_far, so_far


def restricted(condition: Any, settled: Mapping[Test, Any]) -> Condition:
    """What is left of `condition` once the tests in `settled` have their truth, None for one that stays unknown."""
    if isinstance(condition, Always):
        return condition
    if isinstance(condition, AllOf):
        return _joined([restricted(part, settled) for part in condition.parts], _FALSE, _TRUE, AllOf)
    if isinstance(condition, AnyOf):
        return _joined([restricted(part, settled) for part in condition.parts], _TRUE, _FALSE, AnyOf)
    if isinstance(condition, Not):
        part = restricted(condition.part, settled)
        return Always(None if part.value is None else not part.value) if isinstance(part, Always) else Not(part)
    if isinstance(condition, Surely):
        part = restricted(condition.part, settled)
        return Always(part.value is True) if isinstance(part, Always) else Surely(part)
    if isinstance(condition, CountOf):
        return _counted(condition, [restricted(part, settled) for part in condition.parts])
    left: Condition = Always(settled[condition]) if condition in settled else condition
    return left


def _joined(parts: list[Condition], decides: Always, counts_not: Always, make: type[AllOf | AnyOf]) -> Condition:
    kept = tuple(dict.fromkeys(part for part in parts if part != counts_not))
    if decides in kept:
        return decides
    if not kept:
        return counts_not
    return kept[0] if len(kept) == 1 else make(kept)


def _counted(condition: CountOf, parts: list[Condition]) -> Condition:
    surely = parts.count(_TRUE)
    kept = tuple(part for part in parts if part not in (_TRUE, _FALSE))
    left = CountOf(kept, max(condition.low - surely, 0), None if condition.high is None else condition.high - surely)
    if (left.high is not None and left.high < 0) or left.low > len(kept):
        return _FALSE
    if left.low == 0 and (left.high is None or left.high >= len(kept)):
        return _TRUE
    return _OPEN if all(part == _OPEN for part in kept) else left


def _tests_in(left: Iterable[_Left]) -> set[Test]:
    found: set[Test] = set()
    for when, require, _ in left:
        found.update(all_tests(when))
        found.update(all_tests(require))
    return found
