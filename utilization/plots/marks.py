"""Marks of a point, and the legend: the shape says what the colour says, for paper in grey and for every eye."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from utilization.plots.canvas import Canvas, DrawnPath, Spot, px
from utilization.plots.text_width import shortened, width


class Mark(NamedTuple):
    """A shape with its paint."""

    shape: str
    paint: str


COMMON, BETTER, WORSE, SIGNAL = (
    Mark("circle", "accent"),
    Mark("square", "good"),
    Mark("triangle", "bad"),
    Mark("diamond", "ask"),
)
KINDS = (COMMON, BETTER, WORSE, SIGNAL)
_LEGEND_ROW = 18


def marks(canvas: Canvas, kind: Mark, places: Sequence[Spot], radius: Decimal = Decimal("3.5")) -> None:
    """Draws `kind` around each of `places`, as one path; what is no circle is a little larger."""
    r = radius if kind.shape == "circle" else radius * Decimal("1.4")
    if places:
        canvas.paths.append(
            DrawnPath(" ".join(_shape(kind.shape, x, y, r) for x, y in places), kind.paint, "surface", "1")
        )


def _shape(shape: str, x: Decimal, y: Decimal, r: Decimal) -> str:
    if shape == "circle":
        return f"M{px(x - r)} {px(y)} a{px(r)} {px(r)} 0 1 1 {px(2 * r)} 0 a{px(r)} {px(r)} 0 1 1 {px(-2 * r)} 0 z"
    if shape == "square":
        side = r * Decimal("1.6")
        return f"M{px(x - side / 2)} {px(y - side / 2)} h{px(side)} v{px(side)} h{px(-side)} z"
    if shape == "triangle":
        foot = px(y + r * Decimal("0.8"))
        return f"M{px(x)} {px(y - r)} L{px(x + r)} {foot} L{px(x - r)} {foot} z"
    return f"M{px(x)} {px(y - r)} L{px(x + r)} {px(y)} L{px(x)} {px(y + r)} L{px(x - r)} {px(y)} z"


class Sample(NamedTuple):
    """What a legend shows before its words: a mark, a box in a shade, or a line with dashes in a paint."""

    words: str
    mark: Mark | None = None
    shade: str = ""
    dash: str = "none"
    paint: str = "ink"


def legend(canvas: Canvas, samples: Sequence[Sample], top: Decimal) -> Decimal:
    """Draws `samples` from `top` on, in rows as wide as the drawing; the height that they took."""
    x, y = Decimal(0), top + _LEGEND_ROW - 4
    for sample in samples:
        words = shortened(sample.words, canvas.width - 22)
        needed = 22 + width(words)
        if x and x + needed > canvas.width:
            x, y = Decimal(0), y + _LEGEND_ROW
        _sample(canvas, sample, x, y)
        canvas.text((x + 22, y), words)
        x += needed + 16
    return y + 6 - top if samples else Decimal(0)


def _sample(canvas: Canvas, sample: Sample, x: Decimal, y: Decimal) -> None:
    if sample.mark:
        marks(canvas, sample.mark, [(x + 9, y - 4)])
    elif sample.shade:
        canvas.box(x + 3, y - 9, (Decimal(12), Decimal(10)), sample.shade, "soft")
    else:
        canvas.line([(x, y - 4), (x + 18, y - 4)], sample.paint, "1.5", sample.dash)
