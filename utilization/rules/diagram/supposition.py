"""What follows of an order once an unknown fact is supposed to turn out one way.

The limits of a dose rest on weight, age, days and weeks. Where a clause asks for one of these as well, each way of it
("under 50 kg") may settle limits further down the diagram, alike however the number turns out within that way.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from utilization.rules.language.node import Test
from utilization.rules.language.value_classes import GROW_TOGETHER
from utilization.rules.language.variables import Variable, Way

Derive = Callable[[Mapping[str, Any]], Mapping[str, Any]]
# Facts from which the order and the product table derive others.
ALSO_GIVE = frozenset({
    "age_years", "sex", "weight_kg", "height_cm", "pregnancy_status", "pre_pregnancy_weight_kg", "route", "product",
    "dose_total_g", "dose_total_g_per_kg", "dose_per_day_g", "dose_per_day_g_per_kg", "course_days", "interval_weeks",
    "concentration_g_per_ml", "max_infusion_rate_ml_per_kg_min", "request_type",
})  # fmt: skip
_MOST_VIEWS = 128


@dataclass(frozen=True)
class Supposition:
    """Facts as they may be, of which `chosen` names the ways, and the tests of the order that all of them settle."""

    views: tuple[Mapping[str, Any], ...]
    chosen: tuple[Any, ...] = ()
    settled: Mapping[Test, bool] = field(default_factory=dict)

    def with_way(self, variable: Variable, way: Way, derive: Derive, tests: Iterable[Test]) -> "Supposition":
        """The supposition that `variable` takes `way` as well."""
        views = self._viewed(variable, way, derive)
        settled = dict(self.settled)
        for test in tests:
            if test not in settled:
                truths = {test.truth(view) for view in views}
                if truths in ({True}, {False}):
                    settled[test] = truths == {True}
        return Supposition(views, (*self.chosen, (variable.name, way.truths)), settled)

    def _viewed(self, variable: Variable, way: Way, derive: Derive) -> tuple[Mapping[str, Any], ...]:
        values = [value if isinstance(value, dict) else {variable.name: value} for value in way.values]
        if variable.name in GROW_TOGETHER and len(values) > 2:
            # The least and the greatest stand for all between.
            values = [min(values, key=_number_in), max(values, key=_number_in)]
        if len(values) * len(self.views) > _MOST_VIEWS:
            # Beyond so many, nothing is taken to follow: a fact is then asked for that might have been spared.
            return ()
        return tuple(_with_what_follows({**view, **supposed}, derive) for view in self.views for supposed in values)


def _number_in(values: Mapping[str, Any]) -> Any:
    return next(iter(values.values()))


def _with_what_follows(facts: Mapping[str, Any], derive: Derive) -> Mapping[str, Any]:
    return {**facts, **derive(facts)}
