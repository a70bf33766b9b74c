"""New criteria as marks of a plot: a dotted line down to the axis, and beside its head what came into force."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from utilization.plots.canvas import Canvas, Text
from utilization.plots.text_width import shortened, width

_ROW = 15


class PublicationMark(NamedTuple):
    """Where the line stands, what is written, where that stands, and in which row."""

    line: Decimal
    text: str
    x: Decimal
    anchor: str
    row: int


def publication_marks(labels: Iterable[tuple[Decimal, str]], right: Decimal) -> list[PublicationMark]:
    """The marks of `labels` (where the line stands, what is said), the leftmost first, in rows so that none covers
    another; none reaches beyond `right`."""
    taken: list[Decimal] = []
    placed = []
    for x, label in labels:
        text = shortened(label, max(x, right - x) - 6)
        anchor = "start" if x + 5 + width(text) <= right else "end"
        begins, ends = (x + 5, x + 5 + width(text)) if anchor == "start" else (x - 5 - width(text), x)
        row = next((row for row, used in enumerate(taken) if used < begins), len(taken))
        taken[row : row + 1] = [ends + 6]
        placed.append(PublicationMark(x, text, x + 5 if anchor == "start" else x - 5, anchor, row))
    return placed


def rows_height(marks: Sequence[PublicationMark]) -> int:
    """The height of the rows in which the words of `marks` stand."""
    return _ROW * (max((mark.row for mark in marks), default=-1) + 1)


def draw_publications(canvas: Canvas, marks: Sequence[PublicationMark], foot: Decimal | int) -> None:
    """Draws `marks` from the top of the drawing down to `foot`; a line makes room for texts where it runs."""
    for mark in marks:
        canvas.text((mark.x, Decimal(12 + _ROW * mark.row)), mark.text, "ask", mark.anchor)
    for mark in marks:
        for top, end in _pieces(canvas.texts, mark.line, Decimal(3 + _ROW * mark.row), Decimal(foot)):
            canvas.line([(mark.line, top), (mark.line, end)], "ask", "1", "2 3")


def _pieces(texts: Iterable[Text], x: Decimal, top: Decimal, foot: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """From where to where a line at `x` runs, without the rows of `texts` that it would cross."""
    for y in sorted(Decimal(text.y) for text in texts if _stands_at(text, x)):
        if top < y + 3 and y - 10 < foot:
            if y - 10 > top:
                yield top, y - 10
            top = y + 3
    if top < foot:
        yield top, foot


def _stands_at(text: Text, x: Decimal) -> bool:
    room = width(text.said)
    left = Decimal(text.x) - {"start": Decimal(0), "middle": room / 2, "end": room}[text.anchor]
    return left - 2 < x < left + room + 2
