"""How wide a text becomes, near enough to keep texts apart, and texts broken or shortened to a width.

The widths are those of Source Sans semibold, the widest that a plot uses; a letter that is not among them is taken for
a wide one. A plot must not need a font file, since a page is drawn by the reader's browser.
"""

from decimal import Decimal
from unicodedata import combining, east_asian_width

from utilization.plots.canvas import SIZE

_WIDTHS = dict(
    zip(
        map(chr, range(32, 127)),
        (
            200, 315, 482, 513, 513, 841, 639, 275, 324, 324, 438, 513, 275, 322, 275, 344, 513, 513, 513, 513, 513,
            513, 513, 513, 513, 513, 275, 275, 513, 513, 513, 444, 875, 558, 597, 576, 625, 538, 510, 628, 663, 282,
            494, 597, 502, 745, 656, 674, 582, 674, 592, 545, 546, 655, 536, 800, 541, 501, 540, 324, 344, 324, 513,
            500, 549, 516, 563, 462, 564, 507, 317, 520, 558, 262, 263, 522, 271, 843, 560, 549, 564, 564, 373, 431,
            361, 556, 495, 748, 481, 495, 443, 324, 255, 324, 513,
        ),
        strict=True,
    )
) | {"\u202f": 125, "\u00a0": 200, "…": 963, "−": 513, "–": 480, "·": 275, "’": 275}  # fmt: skip
"""Thousandths of the size, a letter."""
_OTHER, _FULL = 680, 1000


def width(text: str) -> Decimal:
    """The width of `text` in units of a drawing."""
    return Decimal(sum(map(_letter, text)) * SIZE) / 1000


def _letter(letter: str) -> int:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    if combining(letter):
        return 0
    return _FULL if east_asian_width(letter) in "WF" else _OTHER


def shortened(text: str, most: Decimal | int) -> str:
    """`text`, cut off with an ellipsis where it is wider than `most`."""
    if width(text) <= most:
        return text
    kept = text
    while kept and width(kept + "…") > most:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def lines(text: str, most: Decimal | int, rows: int = 2) -> list[str]:
    """`text` broken between words into at most `rows` lines of at most `most`; the last is shortened."""
    words, broken = text.split(), [""]
    for place, word in enumerate(words):
        longer = f"{broken[-1]} {word}".strip()
        if width(longer) <= most or not broken[-1]:
            broken[-1] = longer
        elif len(broken) == rows:
            broken[-1] = " ".join([broken[-1], *words[place:]])
            break
        else:
            broken.append(word)
    return [shortened(line, most) for line in broken]
