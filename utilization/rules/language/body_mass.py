"""The body mass index, of weight and height, lies within bounds: `bmi: {at_least: 30}`, in kg/m2."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.units import Exact, exact
from utilization.rules.language.node import Catalogue, Condition, Facts, Test, Truth
from utilization.rules.language.quantities import BOUNDS
from utilization.rules.language.reader import ConditionReader, Word
from utilization.rules.language.schema_parts import QUANTITY, obj
from utilization.rules.language.within import IsWithin, read_bounds
from utilization.rules.language.words import Words
from utilization.rules.yaml_lines import Node

WEIGHT, HEIGHT = "weight_kg", "height_cm"
_INDEX = Fact("bmi", Kind.DEC, "", "Body mass index", "kg/m2")
_CM2_PER_M2 = 10_000
_CLOSE = Decimal("0.000001")
# Beyond these nobody lives: a height typed in metres, or a weight in grams. A local parameter.
_LIVED = (5, 200)
# Less than of anybody whose weight and height are possible.
_LEAST = Fraction(1, 10_000)


@dataclass(frozen=True, slots=True)
class BodyMass(Test):
    """Weight in kg by the square of the height in m is at least `low` and at most `high`, or beyond them where open.

    Reckoned exactly, with no rounding; unknown where weight or height is, and where together nobody can have them.
    """

    is_free: ClassVar[bool] = True
    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        return (WEIGHT, HEIGHT)

    @property
    def bounds(self) -> IsWithin:
        """The bounds, as those of one number."""
        return IsWithin(_INDEX.name, self.low, self.high, self.low_open, self.high_open)

    def truth(self, facts: Facts) -> Truth:
        weight, height = facts.get(WEIGHT), facts.get(HEIGHT)
        if weight is None or height is None:
            return None
        mass, area = Fraction(weight) * _CM2_PER_M2, Fraction(height) ** 2
        if not _LIVED[0] * area <= mass <= _LIVED[1] * area:
            return None
        if self.low is not None and not (mass > self.low * area or (mass == self.low * area and not self.low_open)):
            return False
        return self.high is None or mass < self.high * area or (mass == self.high * area and not self.high_open)

    def said(self, catalogue: Catalogue) -> Words:
        return Words(f"{_INDEX.label}: {self.bounds.bounds_said(_INDEX.unit)}")

    def edges_beside(self, name: str, other: Decimal) -> Iterable[Exact]:
        for bound in (bound for bound in (self.low, self.high) if bound is not None and bound > _LEAST):
            if name == WEIGHT:
                edge = bound * Fraction(other) ** 2 / _CM2_PER_M2
                yield from (exact(edge + step * Fraction(_CLOSE)) for step in (-1, 0, 1))
            else:
                square = Fraction(other) * _CM2_PER_M2 / bound
                root = (Decimal(square.numerator) / Decimal(square.denominator)).sqrt().quantize(_CLOSE)
                yield from (root - _CLOSE, root, root + _CLOSE)


def read(reader: ConditionReader, node: Node) -> Condition:
    """Bounds in kg/m2."""
    if not isinstance(node.value, dict):
        node.fail("expected at_least, at_most, above or below, such as bmi: {at_least: 30}")
    bounds = read_bounds(_INDEX, node)
    low, high = (None if bound is None else Fraction(bound) for bound in (bounds.low, bounds.high))
    return BodyMass(low, high, bounds.low_open, bounds.high_open)


WORD = Word("bmi", read, obj((), dict.fromkeys(BOUNDS, QUANTITY)), of_request=True, yields=True)
