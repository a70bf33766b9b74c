"""What is drawn is what the table says, inside the drawing, in shapes and words that need no colour."""

import re
import statistics
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plots import reading, samples
from utilization import plots
from utilization.plots.canvas import BROAD, NARROW, PAINTS, SIZE, WIDE
from utilization.plots.marks import BETTER, COMMON, SIGNAL, WORSE
from utilization.plots.scale import round_scale, whole_scale
from utilization.plots.text_width import lines, shortened, width
from utilization.rules.statistics.control_chart import ChartPoint, ControlChart, Rule, Signal
from utilization.rules.statistics.xmr import xmr

USUAL, HARD = samples.usual(), samples.hard()
ALL = [*USUAL, *HARD]
DRAWN = [(plot, drawing) for plot in ALL for drawing in plot.drawings]
names = [f"{place}-{plot.key}" for place, plot in enumerate(ALL)]


@pytest.mark.parametrize("plot", ALL, ids=names)
def test_everything_lies_inside_its_drawing(plot):
    for drawing in plot.drawings:
        for text in drawing.texts:
            room = float(width(text.said))
            left = float(text.x) - {"start": 0, "middle": room / 2, "end": room}[text.anchor]
            assert left >= -1, text
            assert left + room <= drawing.width + 1, text
            assert 9 <= float(text.y) <= drawing.height, text
        for path in drawing.paths:
            for x, y in reading.corners(path):
                assert -0.5 <= x <= drawing.width + 0.5, path
                assert -0.5 <= y <= drawing.height + 0.5, path


@pytest.mark.parametrize("plot", ALL, ids=names)
def test_no_text_covers_another(plot):
    for drawing in plot.drawings:
        boxes = []
        for text in drawing.texts:
            room = float(width(text.said))
            left = float(text.x) - {"start": 0, "middle": room / 2, "end": room}[text.anchor]
            boxes.append((left, left + room, float(text.y) - 8, float(text.y), text.said))
        for place, (left, right, top, foot, said) in enumerate(boxes):
            for other_left, other_right, other_top, other_foot, other in boxes[:place]:
                apart = right <= other_left + 1 or other_right <= left + 1 or foot <= other_top or other_foot <= top
                assert apart, (plot.key, said, other)


@pytest.mark.parametrize("plot", [plot for plot in ALL if plot.key in ("months", "grams", "off")])
def test_no_line_of_new_criteria_runs_through_a_text(plot):
    for drawing in plot.drawings:
        lines_down = [path for path in drawing.paths if (path.stroke, path.dash) == ("ask", "2 3")]
        for start, end in (
            pair for path in lines_down for pair in zip(*[iter(reading.corners(path))] * 2, strict=True)
        ):
            assert start[0] == end[0]
            for text in drawing.texts:
                room = float(width(text.said))
                left = float(text.x) - {"start": 0, "middle": room / 2, "end": room}[text.anchor]
                beside = start[0] <= left or left + room <= start[0]
                assert beside or end[1] <= float(text.y) - 8 or float(text.y) <= start[1], text


def test_a_drawing_for_a_phone_is_its_own_and_its_text_is_no_smaller():
    assert {(plot.wide.width, plot.narrow.width) for plot in ALL if plot.wide} == {(WIDE, NARROW)}
    # 320 px, less the page's and the box's room: the text stays above 11 px.
    assert SIZE * min(1, (320 - 2 * 12 - 2 * 16 - 2) / NARROW) >= 11
    assert {plot.broad.width for plot in ALL if plot.broad} == {BROAD}


@pytest.mark.parametrize(
    "plot", [samples.grams_chart(), samples.off_chart(), samples.hours_chart(), samples.gaps_chart()]
)
def test_points_of_a_control_chart_lie_where_the_axis_gives_the_values_of_the_table(plot):
    for drawing in (plot.wide, plot.narrow):
        value_at = reading.axis(drawing)
        points = reading.marks(drawing)
        for path, row in zip(points, plot.table.rows, strict=True):
            x, y = reading.middle(path)
            # A tenth of a unit of the drawing, and a triangle's foot, which stands a little lower.
            off = abs(value_at(Fraction(1)) - value_at(Fraction(0))) * (1 if path.fill != "bad" else 2)
            assert abs(value_at(y) - reading.value(row[1])) <= off + Fraction(1, 2), row
            assert 0 < x < drawing.width


@pytest.mark.parametrize("plot", [samples.grams_chart(), samples.off_chart(), samples.gaps_chart()])
def test_the_figures_beside_a_control_chart_stand_in_its_table(plot):
    last = plot.table.rows[-1]
    for drawing in (plot.wide, plot.narrow):
        bold = {text.said for text in drawing.texts if text.bold}
        assert bold == {last[1], last[2]}
        assert {last[3], last[4]} <= {text.said for text in drawing.texts}


def test_shapes_follow_the_signals_of_the_table():
    for plot in (samples.grams_chart(), samples.off_chart(), samples.hours_chart(), samples.gaps_chart()):
        kinds = {"none": "accent"}
        for path, row in zip(reading.marks(plot.wide), plot.table.rows, strict=True):
            assert (path.fill == "accent") == (row[5] in kinds), row


def test_shapes_differ_where_colours_do():
    kinds = (COMMON, BETTER, WORSE, SIGNAL)
    assert len({kind.shape for kind in kinds}) == len({kind.paint for kind in kinds}) == 4


@pytest.mark.parametrize(
    ("better", "above", "paint"),
    [
        (None, True, "ask"),
        ("lower", True, "bad"),
        ("lower", False, "good"),
        ("higher", True, "good"),
        ("higher", False, "bad"),
    ],
)
def test_a_signal_is_good_or_bad_only_where_a_side_is_better(better, above, paint):
    chart = xmr([5, 6, 5, 6])
    points = (*chart.points[:3], ChartPoint(chart.points[3].value, chart.points[3].limits, (Signal(Rule.ROW, above),)))
    series = plots.Series("k", "Hours", plots.months(samples.month_days(4)), better=better)
    plot = plots.control_chart(series, ControlChart(points, chart.bases))
    assert reading.marks(plot.wide)[3].fill == paint


def test_bars_are_as_long_as_their_values_beside_the_largest():
    plot = samples.grams_bars()
    for drawing in (plot.wide, plot.narrow):
        bars = [reading.corners(path) for path in drawing.paths]
        lengths = [max(x for x, _ in bar) for bar in bars]
        values = [reading.value(row[1]) for row in plot.table.rows]
        for length, value in zip(lengths, values, strict=True):
            assert abs(length / lengths[0] - value / values[0]) < Fraction(1, 200)
        assert [text.said.removesuffix("\u202fg") for text in drawing.texts if text.bold] == [
            row[1] for row in plot.table.rows
        ]
        said = " ".join(text.said for text in drawing.texts)
        for row in plot.table.rows:
            assert row[0] in said
            assert row[2] in said


def test_a_bar_of_something_is_seen_and_one_of_nothing_has_its_number():
    words = plots.BarWords("h", "Requests", "Indication", "Requests")
    plot = plots.bar_plot("k", words, [plots.Bar("A", 5000), plots.Bar("B", 1), plots.Bar("C", 0)])
    filled = [path for path in plot.wide.paths if path.fill == "accent"]
    assert [max(x for x, _ in reading.corners(path)) >= 1 for path in filled] == [True, True]
    assert [text.said for text in plot.wide.texts if text.bold] == ["5\u202f000", "1", "0"]


def test_bars_without_room_are_counted_and_stand_in_the_table():
    words = plots.BarWords("h", "Requests", "Indication", "Requests")
    plot = plots.bar_plot("k", words, [plots.Bar(f"I{i}", 40 - i) for i in range(20)])
    assert (sum(text.bold for text in plot.wide.texts), len(plot.table.rows)) == (15, 20)
    assert plot.notes == ("5 more stand in the table alone.",)


def test_parts_of_a_bar_are_as_long_as_their_counts_and_their_shades_differ_in_lightness():
    plot = samples.outcome_bars()
    boxes = [reading.corners(path) for path in plot.wide.paths if path.stroke == "soft"]
    lengths = [max(x for x, _ in box) - min(x for x, _ in box) for box in boxes]
    counts = [int(cell) for row in plot.table.rows for cell in row[1:-1] if cell != "0"]
    unit = lengths[0] / counts[0]
    assert all(abs(length - count * unit) <= Fraction(2, 10) for length, count in zip(lengths, counts, strict=False))
    shades = [sum(int(PAINTS[f"shade-{i}"][c : c + 2], 16) for c in (1, 3, 5)) for i in range(1, 6)]
    assert all(after - before > 60 for before, after in pairwise(shades))


@pytest.mark.parametrize(
    "plot",
    [
        samples.month_columns(),
        samples.month_columns([(1, 5000), (0, 1), (700, 700)], at=()),
        samples.month_columns([(1, 1)], at=()),
    ],
)
def test_columns_and_their_parts_are_as_high_as_axis_and_table_say(plot):
    wanted = [(reading.value(part), reading.value(whole)) for _, part, whole in plot.table.rows]
    for drawing in plot.drawings:
        value_at = reading.axis(drawing)
        unit = abs(value_at(Fraction(1)) - value_at(Fraction(0)))
        # The legend's boxes are edged in another paint, and its own part lies below the axis.
        wholes = [reading.corners(path) for path in drawing.paths if (path.fill, path.stroke) == ("line", "strong")]
        foot = max(y for corners in wholes for _, y in corners)
        parts = [reading.corners(path) for path in drawing.paths if (path.fill, path.stroke) == ("weigh", "none")]
        tops = {}
        for boxes in (wholes, parts):
            for box in boxes:
                assert max(y for _, y in box) == foot
                tops.setdefault((min(x for x, _ in box), boxes is parts), value_at(min(y for _, y in box)))
        seen = [(is_part, top) for (_, is_part), top in sorted(tops.items())]
        told = [(is_part, pair[not is_part]) for pair in wanted for is_part in (False, True) if pair[not is_part]]
        assert [is_part for is_part, _ in seen] == [is_part for is_part, _ in told]
        # A tenth of a unit of the drawing; what is next to nothing is one unit high all the same.
        assert all(abs(top - count) <= unit for (_, top), (_, count) in zip(seen, told, strict=True))


def test_above_columns_stands_part_of_whole_where_it_has_room_else_the_part():
    full = [f"{part} of {whole}" for part, whole in samples.LATE]
    parts = [str(part) for part, _ in samples.LATE]

    def above(drawing):
        return [text.said for text in drawing.texts if text.paint == "ink"]

    plot = samples.month_columns()
    assert (above(plot.broad), above(plot.wide), above(plot.narrow)) == (full, full, parts)
    longer = samples.month_columns([*samples.LATE, *samples.LATE])
    assert (above(longer.broad), above(longer.wide)) == (full * 2, parts * 2)
    assert above(samples.month_columns([(1200, 3000)] * 24).narrow) == []


def test_columns_are_divided_where_new_criteria_came_between_two_months():
    plot = samples.month_columns()
    assert plot.heading == "8 of 38 before criteria 1.1, 6 of 80 since"
    assert plot.heading in plot.title
    assert plot.title.startswith("14 of 118 in 12 months")
    within = samples.month_columns(at=(("4.5", "criteria 1.1, 16 Apr 2026"),))
    assert within.heading == "By month decided: did not meet criteria, of all approvals"
    for drawing in plot.drawings:
        (line,) = (path for path in drawing.paths if path.stroke == "ask")
        columns = sorted(reading.middle(path)[0] for path in drawing.paths if path.stroke == "strong" and "z" in path.d)
        assert abs(reading.corners(line)[0][0] - (columns[3] + columns[4]) / 2) <= Fraction(1, 10)


def test_bad_input_of_a_plot_is_refused():
    words = plots.BarWords("h", "Requests", "Indication", "Requests")
    with pytest.raises(ValueError, match="below 0"):
        plots.bar_plot("k", words, [plots.Bar("A", -1)])
    with pytest.raises(ValueError, match="five parts"):
        plots.divided_bar_plot("k", words, list("abcdef"), [])
    with pytest.raises(ValueError, match="one count"):
        plots.divided_bar_plot("k", words, ["a", "b"], [plots.Divided("x", (1,))])
    with pytest.raises(ValueError, match="one period"):
        plots.control_chart(plots.Series("k", "Hours", []), xmr([1]))
    with pytest.raises(ValueError, match="and the whole"):
        samples.month_columns([(3, 2)], at=())
    with pytest.raises(ValueError, match="within the months"):
        samples.month_columns([(1, 2)], at=((1, "criteria 1.1"),))
    with pytest.raises(ValueError, match="four curves"):
        plots.survival_plot("k", "Time", [("A", None)] * 5)


def test_a_strip_has_a_mark_for_each_order_where_there_is_room():
    values = [Decimal(i) / 10 for i in range(1, 21)]
    plot = plots.strip_plot("k", "Dose", [plots.Strip("CIDP", values, Decimal("1.5"))], unit="g/kg")
    drawn = reading.marks(plot.wide)
    assert ([path.fill for path in drawn].count("accent"), [path.fill for path in drawn].count("bad")) == (15, 5)
    assert plot.table.rows == (("CIDP", "20", "1.05", "2.00", "1.50", "5"),)
    assert "one order" in [text.said for text in plot.wide.texts]
    many = plots.strip_plot("k", "Dose", [plots.Strip("CIDP", [Decimal(1)] * 11, None)], unit="g/kg")
    assert ("up to 3 orders" in [text.said for text in many.wide.texts], len(reading.marks(many.wide))) == (True, 4)


@pytest.mark.long
@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(0, 30))
def test_a_strip_of_counts_is_the_strip_of_its_values(tenths, ceiling):
    values, limit = [Decimal(each) / 10 for each in tenths], Decimal(ceiling) / 10
    listed = plots.Strip("CIDP", values, limit)
    counted = plots.Strip("CIDP", {value: values.count(value) for value in values}, limit)
    assert plots.strip_plot("k", "Dose", [listed], unit="g/kg") == plots.strip_plot("k", "Dose", [counted], unit="g/kg")
    assert (counted.size, counted.median) == (len(values), statistics.median(values))
    assert counted.over == len([value for value in values if value > limit])


def test_strips_say_how_many_lie_above_as_the_table_does():
    plot = samples.dose_strips()
    for drawing in (plot.wide, plot.narrow):
        said = {text.said for text in drawing.texts}
        assert {f"{row[5]} of {row[1]} above" for row in plot.table.rows} <= said


def test_courses_of_a_patient_stand_on_their_days_as_high_as_their_grams():
    """Grams a course of 70, 140 and 35, 100 and 50 days apart: columns twice and half as high, twice as far apart."""
    plot = samples.patient_courses("p", [(-100, "70"), (0, "140"), (50, "35")], [])
    for drawing in plot.drawings:
        boxes = [re.match(r"M([\d.]+) ([\d.]+) h6 v([\d.]+)", path.d) for path in drawing.paths if " h6 " in path.d]
        (x1, high1), (x2, high2), (x3, high3) = ((Decimal(box[1]), Decimal(box[3])) for box in boxes)
        assert abs((x2 - x1) - 2 * (x3 - x2)) < 1
        assert abs(high2 - 2 * high1) <= Decimal("0.2") >= abs(high1 - 2 * high3)
    assert [row[2] for row in plot.table.rows] == ["70.0 g", "140.0 g", "35.0 g"]


def test_infusions_of_a_course_stand_on_one_another_beside_the_course_that_was_scheduled():
    """Two days of 35 g are as high as the 70 g that were due; four weeks later one day of 35 g is half of it."""
    plot = samples.patient_courses("p", [(-60, "70"), (-32, "70")], [], given=[(-60, "35"), (-59, "35"), (-32, "35")])
    for drawing in plot.drawings:
        boxes = [re.match(r"M([\d.]+) ([\d.]+) h6 v([\d.]+)", path.d) for path in drawing.paths if " h6 " in path.d]
        due, later, first, second, last = ([Decimal(part) for part in box.groups()] for box in boxes)
        assert due[2] == later[2]
        assert abs(due[2] - 2 * first[2]) <= Decimal("0.2")
        assert first[0] == second[0] == due[0] + 6
        assert abs(second[1] - due[1]) <= Decimal("0.2")
        assert first[1] == last[1]
        assert last[0] == later[0] + 6
    assert [row[1] for row in plot.table.rows].count("given") == 3


def test_groups_of_a_funnel_lie_where_table_and_axes_say():
    plot = samples.department_funnel()
    for drawing in (plot.wide, plot.narrow):
        value_at = reading.axis(drawing)
        by_size = sorted(plot.table.rows, key=lambda row: int(row[2]))
        for path, row in zip(reading.marks(drawing), by_size, strict=True):
            _, y = reading.middle(path)
            assert abs(value_at(y) - Fraction(int(row[1]) * 100, int(row[2]))) < 1, row
        beyond = {row[0] for row in plot.table.rows if row[6] != "no"}
        named = {text.said for text in drawing.texts} & {row[0] for row in plot.table.rows}
        assert named == beyond


def test_those_still_observed_below_a_curve_stand_in_its_table():
    plot = samples.therapy_curves()
    for drawing in (plot.wide, plot.narrow):
        below = [text for text in drawing.texts if text.paint in ("accent", "ink", "ask") and text.said.isdigit()]
        observed = {row[place] for row in plot.table.rows for place in (2, 4, 6)}
        assert below
        assert {text.said for text in below} <= observed


def test_what_cannot_be_drawn_is_said():
    for plot in ALL:
        assert bool(plot.wide) == bool(plot.narrow)
        assert plot.heading
        assert plot.title.endswith(".")
        assert ("The table says the same." in plot.title or "no limits" in plot.title) == bool(plot.wide), plot.title


# --- Sentences ----------------------------------------------------------------------------------------------------
def test_the_sentence_of_a_fall_counts_what_the_table_shows():
    plot = samples.grams_chart()
    since = [reading.value(row[1]) for row in plot.table.rows[16:]]
    mean = sum(map(reading.value, (row[1] for row in plot.table.rows[:16]))) / 16
    below = sum(value < mean for value in since)
    beyond = sum(value < reading.value(row[3]) for value, row in zip(since, plot.table.rows[16:], strict=True))
    assert below == len(since) == 8
    assert plot.heading == "Scheduled grams fell after criteria 1.1"
    assert f"all 8 months since criteria 1.1 are below that mean, {beyond} beyond the lower limit" in plot.title
    assert f"mean {int(mean):,}".replace(",", "\u202f") in plot.title


@pytest.mark.parametrize(
    ("values", "at", "heading"),
    [
        ([10, 12] * 6 + [20] * 8, 12, "Scheduled grams rose after criteria 1.1"),
        ([10, 12] * 6 + [10, 12] * 4, 12, "Scheduled grams: no change shown after criteria 1.1"),
        ([10, 12] * 6 + [5] * 3, 12, "Scheduled grams: too early to tell after criteria 1.1"),
        ([10, 12] * 2 + [5] * 8, 4, "Scheduled grams: too few before criteria 1.1 to compare with"),
        ([10, 12] * 6 + [5] * 7 + [20] * 7, 12, "Scheduled grams fell and rose after criteria 1.1"),
        ([10, 12] * 6, 0, "Scheduled grams: no signal in 12 months"),
        ([10, 20] * 8 + [60], 0, "Scheduled grams: 1 of 17 months stands out"),
        ([10], 0, "Scheduled grams: one month, no limits yet"),
        ([], 0, "Scheduled grams: nothing known"),
    ],
)
def test_a_heading_says_no_more_than_the_points(values, at, heading):
    assert samples.grams_chart(values, at=at).heading == heading


def test_trial_limits_and_held_limits_are_said():
    assert "trial limits" in samples.grams_chart([5, 6, 7], at=0).notes[0]
    assert "held since" in samples.grams_chart().notes[0]
    anew = samples.grams_chart(samples.GRAMS + samples.GRAMS[:6], at=16).notes
    assert "set anew with criteria 1.1" in anew[1]


def test_a_limit_where_no_value_can_be_is_not_drawn():
    plot = samples.grams_chart([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1], at=0)
    dashed = [path for path in plot.wide.paths if path.dash == "6 4"]
    assert len(dashed) == 2  # the upper limit and the legend
    assert any("below zero" in note for note in plot.notes)
    assert plot.table.rows[0][3] == "−1"


# --- Widths and scales --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text", [*samples.NAMES, samples.LONG, "63\u202f180 g, 77.0\u202f%", "Größe", "criteria 1.1, 1 Apr 2026"]
)
def test_a_width_is_at_least_that_of_the_typeface(text):
    from utilization.documents import fonts

    assert float(width(text)) >= fonts.width(text) * SIZE * 0.985
    assert float(width(text)) <= fonts.width(text) * SIZE * 1.1 + 2


@given(st.text(max_size=80), st.integers(20, 300))
def test_a_broken_text_keeps_to_its_width(text, most):
    broken = lines(text, most)
    assert 1 <= len(broken) <= 2
    assert all(width(line) <= most or line == "…" for line in broken)
    if width(" ".join(text.split())) <= most:
        assert broken == [" ".join(text.split())]
    assert shortened(text, most) == text or shortened(text, most).endswith("…")


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=20), st.booleans())
def test_a_scale_holds_its_values_between_few_round_ticks(values, from_zero):
    scale = round_scale(values, from_zero=from_zero)
    assert round_scale([100, 100], most=Decimal(100)).high == 100
    assert scale.low <= min(values) <= max(values) <= scale.high
    assert 2 <= len(scale.ticks) <= 8
    assert min(values) < 0 or scale.low >= 0
    steps = {after - before for before, after in pairwise(scale.ticks)}
    assert len(steps) == 1
    assert re.fullmatch(r"(1|2|5|25)0*", str(abs(int(steps.pop() * 10**6))).rstrip("0") or "1")


@given(st.integers(0, 10**6))
def test_a_scale_of_counts_has_whole_ticks(largest):
    scale = whole_scale(largest)
    assert scale.high >= max(largest, 1)
    assert len(scale.ticks) <= 9
    assert all(tick == int(tick) for tick in scale.ticks)
