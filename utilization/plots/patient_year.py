"""The plot of one patient's courses: grams a course as columns, and above them the score of response as a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from utilization.plots.canvas import NARROW, WIDE, Canvas, Drawing
from utilization.plots.figures import figure, short
from utilization.plots.marks import COMMON, Sample, legend, marks
from utilization.plots.plot import Plot, PlotTable
from utilization.plots.scale import Scale, round_scale
from utilization.plots.text_width import width
from utilization.rules.facts.date_words import written_day

_SCORES, _COLUMNS, _TITLE_ROW, _GAP = 72, 72, 18, 14
_SAME_COURSE = timedelta(days=3)
"""Infusions no further apart are drawn as one course; the table has each on its day."""
_SCHEDULED, _ASKED, _GIVEN = "shade-1", "shade-4", "shade-2"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class CourseColumn:
    """A course that is due on `day`: `asked` where nothing is authorized of it yet, `given` where it was given."""

    day: date
    grams: Decimal
    asked: bool = False
    given: bool = False

    @property
    def words(self) -> str:
        return "given" if self.given else "course asked for" if self.asked else "course scheduled"

    @property
    def shade(self) -> str:
        return _GIVEN if self.given else _ASKED if self.asked else _SCHEDULED


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """The score of response that a request stated on `day`."""

    day: date
    value: Decimal


def patient_plot(
    key: str, heading: str, span: tuple[date, date], today: date, columns: Sequence[CourseColumn],
    scores: Sequence[ScorePoint],
) -> Plot:  # fmt: skip
    """The plot of courses and scores whose days lie within `span`; others stand in the table alone."""
    rows = [(column.day, column.words, f"{figure(column.grams, 1)} g") for column in columns]
    rows += [(point.day, "score", figure(point.value, 1)) for point in scores]
    told = tuple((written_day(day), what, value) for day, what, value in sorted(rows))
    table = PlotTable("Courses and scores by day", ("Day", "What", "Value"), told)
    shown = [column for column in columns if span[0] <= column.day <= span[1]]
    points = sorted((point for point in scores if span[0] <= point.day <= span[1]), key=lambda point: point.day)
    if not shown and not points:
        return Plot(key, heading, "No course and no score lies within these months.", None, None, table)
    title = (
        f"{heading}. Courses and scores from {span[0].isoformat()} to {span[1].isoformat()}. The table says the same."
    )
    wide, narrow = (_drawing(size, span, today, shown, points) for size in (WIDE, NARROW))
    return Plot(key, heading, title, wide, narrow, table)


def _drawing(
    size: int, span: tuple[date, date], today: date, columns: Sequence[CourseColumn], points: Sequence[ScorePoint]
) -> Drawing:
    canvas = Canvas(size)
    scales = [round_scale([point.value for point in points], most_ticks=3)] if points else []
    stacks = _stacks(columns)
    heights = [sum((column.grams for column in stack), Decimal(0)) for stack in stacks]
    scales += [round_scale(heights, most_ticks=3, from_zero=True)] if heights else []
    left = max(width(short(tick, scale.places)) for scale in scales for tick in scale.ticks) + 8
    days = Scale(Decimal(0), Decimal((span[1] - span[0]).days), left, Decimal(size - 10), (), 0)
    x = _Days(days, span[0])
    top = Decimal(0)
    if points:
        top = _scores(canvas, x, scales[0], points, top)
    if stacks:
        top = _columns(canvas, x, scales[-1], stacks, top)
    if span[0] <= today <= span[1]:
        canvas.line([(x.at(today), Decimal(_TITLE_ROW)), (x.at(today), top)], "ask", "1", "3 3")
    _months(canvas, x, span, top + 16)
    samples = [Sample("today", dash="3 3", paint="ask")]
    shown = {column.words: column.shade for column in sorted(columns, key=lambda column: column.shade)}
    samples += [Sample(words, shade=shade) for words, shade in shown.items()]
    return canvas.finished(top + 28 + legend(canvas, samples, top + 28))


@dataclass(frozen=True, slots=True)
class _Days:
    """Where a day lies."""

    scale: Scale
    first: date

    def at(self, day: date) -> Decimal:
        return self.scale.at((day - self.first).days)


def _axis(canvas: Canvas, x: _Days, scale: Scale, top: Decimal, name: str, high: int) -> Scale:
    """Draws the ticks of `scale` below its name; the scale on its coordinates."""
    canvas.text((Decimal(0), top + 12), name, "ink", bold=True)
    y = scale.on(top + _TITLE_ROW + high, top + _TITLE_ROW + 6)
    for tick in scale.ticks:
        canvas.line([(x.scale.start, y.at(tick)), (x.scale.end, y.at(tick))], "line")
        canvas.text((x.scale.start - 6, y.at(tick) + 4), short(tick, scale.places), anchor="end")
    return y


def _scores(canvas: Canvas, x: _Days, scale: Scale, points: Sequence[ScorePoint], top: Decimal) -> Decimal:
    y = _axis(canvas, x, scale, top, "score of response, as stated", _SCORES)
    places = [(x.at(point.day), y.at(point.value)) for point in points]
    canvas.line(places, "accent", "1.5")
    marks(canvas, COMMON, places)
    return top + _TITLE_ROW + _SCORES + _GAP


def _stacks(columns: Sequence[CourseColumn]) -> list[list[CourseColumn]]:
    """The columns by what stands at one place: a course alone, or the infusions of one, which follow one another."""
    stacks: list[list[CourseColumn]] = []
    for column in sorted(columns, key=lambda column: (column.given, column.day)):
        before = stacks[-1][-1] if stacks else None
        if before and before.given and column.given and column.day - before.day <= _SAME_COURSE:
            stacks[-1].append(column)
        else:
            stacks.append([column])
    return stacks


def _columns(canvas: Canvas, x: _Days, scale: Scale, stacks: Sequence[Sequence[CourseColumn]], top: Decimal) -> Decimal:
    y = _axis(canvas, x, scale, top, "grams a course", _COLUMNS)
    foot = y.at(scale.low)
    # What was given stands beside what was scheduled for the same day, not over it.
    aside = 3 if len({stack[0].given for stack in stacks}) > 1 else 0
    for stack in stacks:
        left = x.at(stack[0].day) - 3 + (aside if stack[0].given else -aside)
        base = foot
        for column in stack:
            high = max(foot - y.at(column.grams), Decimal(1))
            base -= high
            canvas.box(left, base, (Decimal(6), high), column.shade, "strong")
    return foot


def _months(canvas: Canvas, x: _Days, span: tuple[date, date], base: Decimal) -> None:
    """Names the months below, as many as have room."""
    month, right = span[0].replace(day=1), Decimal(-100)
    while month <= span[1]:
        month = (month + timedelta(days=32)).replace(day=1)
        name = _MONTHS[month.month - 1]
        if month <= span[1] and x.at(month) >= right + 8 and x.at(month) + width(name) <= canvas.width:
            canvas.line([(x.at(month), base - 12), (x.at(month), base - 16)], "strong")
            canvas.text((x.at(month), base), name)
            right = x.at(month) + width(name)
