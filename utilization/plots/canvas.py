"""Canvas and drawing: paths and texts in the order in which they were put on, with the colours of paper.

`templates/_parts/plot.html` draws any plot, in a page and in a document. The typesetter ignores a page's style inside
an SVG, so every colour and size stands in an attribute; in a browser a class of the same name sets the colour of the
theme (`static/…/css/plots.css`). Both come from `PAINTS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

SIZE = 12
"""The size of every text, in units of the drawing. A narrow drawing is shown at its size or larger."""
WIDE, NARROW = 560, 260
"""Widths of the two drawings: for half a page at a desk and for paper; for a phone of 320 px."""
BROAD = 1120
"""The width of a third, which some kinds have, for the whole page at a desk."""

Spot = tuple[Decimal, Decimal]
"""Coordinates: to the right, and down."""

PAINTS: Mapping[str, str] = {
    "none": "none",
    "ink": "#13252b",
    "soft": "#48595f",
    "line": "#d2dcdb",
    "strong": "#6f8184",
    "surface": "#ffffff",
    "accent": "#0a5866",
    "idle": "#8b9a9d",
    "good": "#17633a",
    "bad": "#9a231f",
    "weigh": "#744600",
    "ask": "#39489b",
    "on-shade-1": "#ffffff",
    "on-shade-2": "#13252b",
    "on-light": "#13252b",
    "shade-1": "#0a5866",
    "shade-2": "#5b97a2",
    "shade-3": "#9dc3ca",
    "shade-4": "#d5e6e9",
    "shade-5": "#ffffff",
}
"""Name of a paint to its colour on paper. The shades differ in lightness, for paper without colour."""


class Markup(str):
    """Attributes that a template writes as they stand: names and colours of this module, never what somebody typed."""

    __slots__ = ()

    @classmethod
    def of(cls, attributes: Mapping[str, str]) -> "Markup":
        """`attributes` as SVG writes them."""
        return cls(" ".join(f'{name}="{value}"' for name, value in attributes.items()))

    def __html__(self) -> "Markup":
        return self


@dataclass(frozen=True, slots=True)
class DrawnPath:
    """A line or a shape: `d` as SVG writes it, the paints of its inside and its edge, its width and its dashes."""

    d: str
    fill: str = "none"
    stroke: str = "none"
    width: str = "1"
    dash: str = "none"
    themed: bool = True

    @property
    def look(self) -> "Markup":
        """Colours on paper of inside and edge, and the classes by which a theme sets others."""
        classes = [f"fill-{self.fill}"] * (self.fill != "none") + [f"edge-{self.stroke}"] * (self.stroke != "none")
        said = {"fill": PAINTS[self.fill]} | ({"class": " ".join(classes)} if self.themed else {})
        if self.stroke != "none":
            said |= {"stroke": PAINTS[self.stroke], "stroke-width": self.width}
        if self.dash != "none":
            said["stroke-dasharray"] = self.dash
        return Markup.of(said)


@dataclass(frozen=True, slots=True)
class Text:
    """A text: where its line begins, ends or has its middle by `anchor`, and whether it is `bold`."""

    x: str
    y: str
    said: str
    paint: str = "soft"
    anchor: str = "start"
    bold: bool = False
    themed: bool = True

    @property
    def look(self) -> "Markup":
        """Colour on paper, the class by which a theme sets another, the weight and the anchor."""
        said = {"fill": PAINTS[self.paint]} | ({"class": f"fill-{self.paint}"} if self.themed else {})
        if self.bold:
            said["font-weight"] = "600"
        if self.anchor != "start":
            said["text-anchor"] = self.anchor
        return Markup.of(said)


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing, `width` by `height`; what comes first lies below."""

    width: int
    height: int
    paths: tuple[DrawnPath, ...]
    texts: tuple[Text, ...]

    @property
    def on_paper(self) -> "Drawing":
        """The same without classes, which the typesetter would look up for each mark and not use."""
        paths = tuple(replace(path, themed=False) for path in self.paths)
        return replace(self, paths=paths, texts=tuple(replace(text, themed=False) for text in self.texts))


class Canvas:
    """A drawing that is being made: paths and texts in the order in which they are put on."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.paths: list[DrawnPath] = []
        self.texts: list[Text] = []

    @property
    def narrow(self) -> bool:
        """Whether this is the drawing for a phone."""
        return self.width == NARROW

    def line(self, points: Sequence[Spot], stroke: str, width: str = "1", dash: str = "none") -> None:
        """A line through `points`; what follows a line of the same look is one path with it."""
        if len(points) < 2:
            return
        path = DrawnPath("M" + " L".join(f"{px(x)} {px(y)}" for x, y in points), "none", stroke, width, dash)
        if self.paths and replace(self.paths[-1], d="") == replace(path, d=""):
            path = replace(path, d=f"{self.paths.pop().d} {path.d}")
        self.paths.append(path)

    def box(self, x: Decimal, y: Decimal, size: Spot, fill: str, stroke: str = "none") -> None:
        """A rectangle from its upper left corner, `size` wide and high."""
        self.paths.append(DrawnPath(f"M{px(x)} {px(y)} h{px(size[0])} v{px(size[1])} h{px(-size[0])} z", fill, stroke))

    def text(self, at: Spot, said: str, paint: str = "soft", anchor: str = "start", *, bold: bool = False) -> None:
        """`said` with its baseline at `at`."""
        self.texts.append(Text(px(at[0]), px(at[1]), said, paint, anchor, bold))

    def finished(self, height: Decimal | int) -> Drawing:
        """The drawing, `height` high."""
        return Drawing(self.width, int(height), tuple(self.paths), tuple(self.texts))


def px(value: Decimal | int) -> str:
    """A coordinate to one place, without a zero that says nothing."""
    text = str(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP))
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text
