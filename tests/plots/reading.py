"""A drawing read back as a reader sees it: where shapes and texts lie, and what value an axis gives a place."""

import re
from dataclasses import replace
from fractions import Fraction

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
THIN = "\u202f"


def numbers(text):
    """The coordinates in a path or an attribute."""
    return [Fraction(number) for number in NUMBER.findall(text)]


def corners(path):
    """Every point that a path goes through, worked out from its absolute and relative steps."""
    x = y = Fraction(0)
    places = []
    for step, rest in re.findall(r"([MLhvaz])([^MLhvaz]*)", path.d):
        given = numbers(rest)
        if step in "ML":
            x, y = given
        elif step == "h":
            x += given[0]
        elif step == "v":
            y += given[0]
        elif step == "a":
            x, y = x + given[5], y + given[6]
        places.append((x, y))
    return places


def middle(path):
    """The middle of a mark: of its leftmost and rightmost, its highest and lowest point."""
    xs, ys = zip(*corners(path), strict=True)
    if " a" in path.d:
        return (min(xs) + max(xs)) / 2, ys[0]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def marks(drawing, fills=("accent", "good", "bad", "ask")):
    """The marks of a drawing from left to right, one path each, without those of the legend below it."""
    paths = [path for path in drawing.paths if path.stroke == "surface" and path.fill in fills]
    single = [replace(path, d=d + "z") for path in paths for d in path.d.split("z") if d]
    foot = max(Fraction(text.y) for text in drawing.texts if text.anchor == "end")
    return sorted((path for path in single if middle(path)[1] < foot), key=lambda path: middle(path)[0])


def value(text):
    """The number that a text shows, None where it shows none: `5 568 g`, `14.2 %`, `−3`, `12.0 M`."""
    shown = re.fullmatch(rf"(−?)([\d{THIN}]+(?:\.\d+)?)(?:{THIN}?\D*)", text)
    return None if not shown else Fraction(shown[2].replace(THIN, "")) * (-1 if shown[1] else 1)


def axis(drawing):
    """From a height in the drawing to the value there: by two ticks, the texts that end left of the lines."""
    ticks = [
        (Fraction(text.y) - 4, value(text.said)) for text in drawing.texts if text.anchor == "end" and not text.bold
    ]
    ticks = [(y, shown) for y, shown in ticks if shown is not None]
    (low, at_low), (high, at_high) = ticks[0], ticks[-1]
    return lambda y: at_low + (at_high - at_low) * (y - low) / (high - low)
