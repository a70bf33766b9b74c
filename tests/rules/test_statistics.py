"""The statistics of a report, against published figures and against the slow way of working them out."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.rules import naive_statistics as naive
from utilization.rules.statistics.centiles import centile, mean, median
from utilization.rules.statistics.change import Verdict, change_since
from utilization.rules.statistics.control_chart import Span, spans
from utilization.rules.statistics.exact import six_places
from utilization.rules.statistics.funnel import bands, funnel
from utilization.rules.statistics.p_prime import p_prime
from utilization.rules.statistics.rare_events import rare_events
from utilization.rules.statistics.runs import crossings_and_runs
from utilization.rules.statistics.survival import kaplan_meier
from utilization.rules.statistics.xmr import xmr

# The vignette "deviations" of NHSRplotthedots; its limits are printed to two places.
VIGNETTE = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
SOME = st.lists(st.integers(-50, 50), min_size=2, max_size=30)
COUNTS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 60)).map(lambda pair: (min(pair), pair[1])), min_size=2)


def close(decimal, expected):
    return math.isclose(decimal, expected, rel_tol=1e-9, abs_tol=1.1e-6)


def told(chart):
    return [{(signal.rule.value, signal.above) for signal in point.signals} for point in chart.points]


# --- XmR ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("screened", "lower", "upper"), [(True, "-0.72", "4.60"), (False, "-3.06", "6.95")])
def test_the_published_series_has_the_published_limits(screened, lower, upper):
    (basis,) = xmr(VIGNETTE, screened=screened).bases
    to_two = [figure.quantize(Decimal("0.01")) for figure in (basis.centre, basis.lower, basis.upper)]
    assert to_two == [Decimal("1.94"), Decimal(lower), Decimal(upper)]


@given(SOME, st.booleans())
def test_limits_are_those_of_the_slow_way(values, screened):
    chart = xmr(values, screened=screened)
    (basis,) = chart.bases
    expected = naive.xmr_limits(values, screened=screened)
    assert all(map(close, (basis.centre, basis.lower, basis.upper), expected))
    assert told(chart) == naive.signals([point.value for point in chart.points], basis.centre, basis.lower, basis.upper)


def test_signals_of_every_short_series_are_those_of_the_slow_way():
    for values in product((0, 1, 4), repeat=8):
        chart = xmr(values)
        (basis,) = chart.bases
        expected = naive.signals([Decimal(value) for value in values], basis.centre, basis.lower, basis.upper)
        assert told(chart) == expected, values


@pytest.mark.parametrize(
    ("values", "rule", "places"),
    [
        ([5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4], "row", range(6, 13)),
        ([9, 1, 2, 3, 4, 5, 6, 7, 1, 9, 1, 9], "trend", range(1, 8)),
        ([*[4, 6] * 4, 30, *[4, 6] * 4], "outside", [8]),
    ],
)
def test_each_rule_marks_the_points_that_break_it(values, rule, places):
    assert [place for place, broken in enumerate(told(xmr(values))) if rule in {name for name, _ in broken}] == [
        *places
    ]


def test_six_points_on_a_side_and_five_steps_one_way_are_no_signal():
    assert all(not broken for broken in told(xmr([4, 6, 6, 6, 6, 6, 6, 4, 4, 6, 4, 4, 4])))
    assert all(not broken for broken in told(xmr([5, 3, 1, 2, 3, 4, 5, 6, 3, 5, 2, 6])))


def test_a_range_of_exactly_so_many_means_is_left_out():
    # Ranges 3.267, 0.4333, 0.4333, 0.4333, 0.4331: their mean is 1.
    values, moved = [Decimal(0)], ["3.267", "0.4333", "0.4333", "0.4333", "0.4331"]
    for step in moved:
        values.append(values[-1] + Decimal(step))
    assert xmr(values).bases[0].left_out == 1


def test_a_series_that_never_moves_has_limits_on_its_mean_and_no_signal():
    chart = xmr([7] * 15)
    assert (chart.bases[0].lower, chart.bases[0].upper, chart.bases[0].left_out) == (7, 7, 0)
    assert told(chart) == [set()] * 15


def test_one_point_has_a_mean_and_no_limits_and_none_has_nothing():
    chart = xmr([Decimal("12.5")])
    assert (chart.bases[0].centre, chart.bases[0].lower, chart.points[0].limits) == (Decimal("12.5"), None, None)
    assert xmr([]).bases == xmr([None, None]).bases == ()


def test_what_is_not_known_has_no_value_and_moves_no_limit():
    with_gap, without = xmr([3, 5, None, 4, 6]), xmr([3, 5, 4, 6])
    assert with_gap.points[2].value is None
    assert (with_gap.bases[0].lower, with_gap.bases[0].points) == (without.bases[0].lower, 4)


def test_figures_do_not_depend_on_the_callers_arithmetic():
    series, counts = [Decimal("1234.5"), 2, 3, 77], [(1, 3), (2, 7), (3, 11)]
    usual = xmr(series), p_prime(counts), bands(1, 7, 40), rare_events([3, 4, 9])
    bands.cache_clear()
    with localcontext() as context:
        context.prec = 3
        assert (xmr(series), p_prime(counts), bands(1, 7, 40), rare_events([3, 4, 9])) == usual


# --- Limits are never set anew in silence -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("length", "publications", "expected"),
    [
        (11, [], [Span(0, 11, 11)]),
        (24, [16], [Span(0, 24, 16)]),  # 8 points since: held against the 16 before
        (28, [16], [Span(0, 16, 16), Span(16, 28, 28)]),  # 12 since: set anew there
        (27, [16], [Span(0, 27, 16)]),
        (20, [11], [Span(0, 20, 20)]),  # 11 before are too few to hold, 9 since too few to set anew
        (23, [11], [Span(0, 11, 11), Span(11, 23, 23)]),
        (30, [12, 20], [Span(0, 30, 12)]),
        (32, [12, 20], [Span(0, 20, 12), Span(20, 32, 32)]),
        (40, [12, 24], [Span(0, 12, 12), Span(12, 24, 24), Span(24, 40, 40)]),
        (20, [0, 20, 25, -1], [Span(0, 20, 20)]),  # nothing before, or nothing since
    ],
)
def test_limits_are_set_anew_at_publications_with_enough_points_alone(length, publications, expected):
    assert spans([True] * length, publications) == expected


@given(st.lists(st.booleans(), max_size=60), st.lists(st.integers(-2, 62), max_size=4))
def test_every_known_point_stands_in_one_span_and_breaks_lie_at_publications(known, publications):
    found = spans(known, publications)
    assert [place for span in found for place in range(span.first, span.end)] == [
        *range(len(known) if any(known) else 0)
    ]
    for span in found[1:]:
        assert span.first in publications
        assert sum(known[span.first : span.held_at]) >= 12
    assert all(span.first < span.held_at <= span.end for span in found)


def test_fewer_than_twelve_points_are_trial_limits():
    assert xmr(range(11)).bases[0].trial
    assert not xmr(range(12)).bases[0].trial


def test_points_since_a_publication_are_held_against_the_limits_of_before():
    before = [10, 12, 11, 13, 10, 12, 11, 13, 10, 12, 11, 13]
    alone, held = xmr(before), xmr([*before, *[5] * 8], publications=[12])
    assert held.points[15].limits == alone.points[0].limits
    assert ("row", False) in told(held)[15]
    change = change_since(held, 12)
    assert (change.verdict, change.points, change.below, change.outside_below) == (Verdict.FELL, 8, 8, 8)
    assert (change.basis.centre, change.basis.points) == (Decimal("11.5"), 12)


@pytest.mark.parametrize(
    ("since", "verdict"),
    [
        ([9] * 6, Verdict.TOO_FEW),
        ([9] * 7, Verdict.FELL),
        ([14] * 12, Verdict.ROSE),
        ([9, 14] * 6, Verdict.NO_CHANGE),
        ([0] + [11, 12] * 4, Verdict.NO_CHANGE),  # one month below the limits is a signal, and no fall
        ([9] * 7 + [14] * 7, Verdict.BOTH_WAYS),
    ],
)
def test_a_change_is_said_only_of_seven_points_in_a_row(since, verdict):
    before = [10, 12, 11, 13, 10, 12, 11, 13, 10, 12, 11, 13]
    assert change_since(xmr([*before, *since], publications=[12]), 12).verdict == verdict


def test_nothing_is_said_of_a_publication_without_points_on_both_sides():
    assert change_since(xmr([1, 2, 3]), 0) is None
    assert change_since(xmr([1, 2, None], publications=[2]), 2) is None


def test_nothing_is_compared_where_the_limits_come_from_both_sides():
    change = change_since(xmr([*[10] * 5, *[1] * 8], publications=[5]), 5)
    assert change.verdict == Verdict.TOO_FEW_BEFORE
    assert change_since(xmr([*[10] * 5, *[1] * 12], publications=[5]), 5).verdict == Verdict.FELL


def test_points_set_anew_are_counted_against_the_limits_of_before_where_those_are_the_same_for_all():
    grams = [10, 12, 11, 13, 10, 12, 11, 13, 10, 12, 11, 13, *[5, 6] * 6]
    change = change_since(xmr(grams, publications=[12]), 12)
    lower = naive.xmr_limits(grams[:12])[1]
    assert (change.outside_below, change.outside_above) == (sum(value < lower for value in grams[12:]), 0)
    shares = p_prime([(count, 40) for count in grams], publications=[12])
    assert change_since(shares, 12).outside_below is None
    assert change_since(p_prime([(count, 40) for count in grams[:20]], publications=[12]), 12).outside_below > 0


# --- Shares -------------------------------------------------------------------------------------------------------
@given(COUNTS)
def test_limits_of_shares_are_those_of_the_slow_way(counts):
    total = sum(count for count, _ in counts)
    assume(0 < total < sum(of for _, of in counts))
    chart = p_prime(counts)
    for point, (share, lower, upper) in zip(chart.points, naive.p_prime_limits(counts), strict=True):
        assert close(point.value, share)
        assert close(point.limits.lower, max(lower, 0))
        assert close(point.limits.upper, min(upper, 1))


def test_shares_that_are_all_nothing_or_all_whole_have_limits_on_themselves():
    for counts in ([(0, 5), (0, 9)], [(5, 5), (9, 9)]):
        chart = p_prime(counts)
        assert {point.limits.upper for point in chart.points} == {point.value for point in chart.points}
        assert told(chart) == [set(), set()]


def test_a_month_of_none_is_no_share_and_a_count_above_all_is_refused():
    assert p_prime([(1, 2), (0, 0), (1, 3)]).points[1].value is None
    with pytest.raises(ValueError, match="0 to all"):
        p_prime([(3, 2)])


# --- Rare events, runs --------------------------------------------------------------------------------------------
@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_rare_events_have_the_limits_of_a_geometric_distribution(gaps):
    average = sum(gaps) / len(gaps)
    limits = rare_events(gaps).points[0].limits
    assert close(limits.centre, average)
    assert close(limits.upper, average + 3 * math.sqrt(average * (average + 1)))
    assert close(limits.lower, max(average - 3 * math.sqrt(average * (average + 1)), 0))


@pytest.mark.parametrize("useful", range(2, 14))
def test_crossings_by_chance_are_those_of_every_row_of_coins(useful):
    values = [place % 2 for place in range(useful - useful % 2)] + [1] * (useful % 2)
    runs = crossings_and_runs([value * 2 - 1 for value in values] + [0] * (useful % 2 + 1))
    assert runs.crossings_by_chance == naive.crossings_by_chance(runs.useful)


@given(st.lists(st.integers(0, 9), max_size=40))
def test_runs_and_crossings_are_counted_off_the_median(values):
    runs = crossings_and_runs(values)
    middle = median(values) if values else None
    signs = "".join("+" if value > middle else "-" for value in values if value != middle)
    assert runs.useful == len(signs)
    assert runs.longest == max((len(run) for sign in "+-" for run in signs.split("-+"[sign == "-"])), default=0)
    assert runs.crossings == signs.count("+-") + signs.count("-+")
    assert runs.longest_by_chance == (round(math.log2(len(signs))) + 3 if signs else 0)


# --- Funnel -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("share", [Fraction(1, 10), Fraction(1, 3), Fraction(1, 40), Fraction(7, 8), Fraction(1, 2000)])
@pytest.mark.parametrize("size", [1, 2, 10, 37, 90])
def test_a_group_lies_beyond_a_limit_exactly_when_chance_alone_is_too_small(share, size):
    for band, tail in zip(bands(share.numerator, share.denominator, size), ("0.025", "0.0005"), strict=True):
        for count in range(size + 1):
            rare = min(naive.binomial_tail(count, size, share), naive.binomial_head(count, size, share))
            assert (rare <= Fraction(tail)) == (not band.fewest <= count <= band.most), (count, band)


def test_a_share_of_all_or_of_none_puts_nobody_beyond():
    for count, of in ((0, 50), (50, 50)):
        found = funnel([("Neurology", count * 2, of * 2), ("Surgery", count, of)])
        assert {group.beyond for group in found.groups} == {0}


def test_groups_keep_their_order_and_small_ones_are_named_and_not_placed():
    found = funnel([("B", 6, 60), ("C", 5, 9), ("A", 30, 60), ("D", 1, 60)])
    assert [(group.name, group.beyond, group.above) for group in found.groups] == [
        ("B", 1, False), ("A", 2, True), ("D", 2, False),
    ]  # fmt: skip
    assert (found.too_small, found.count, found.of) == (("C",), 42, 189)


def test_nothing_to_share_is_no_funnel():
    assert funnel([]) is None
    assert funnel([("A", 0, 0)]) is None


# --- Time until an end --------------------------------------------------------------------------------------------
@given(st.lists(st.tuples(st.integers(0, 25), st.booleans()), max_size=30), st.integers(1, 6))
def test_the_curve_is_that_of_the_slow_way_and_ends_where_few_are_left(observed, fewest):
    curve = kaplan_meier(observed, fewest=fewest)
    for day in range(28):
        at_risk = sum(time >= day for time, _ in observed)
        if at_risk >= fewest:
            assert curve.going_on(day) == six_places(naive.product_limit(observed, day))
            assert curve.at_risk(day) == at_risk
        else:
            assert curve.going_on(day) is None
            assert curve.at_risk(day) is None
    assert all(step.at_risk >= fewest for step in curve.steps)


def test_a_published_curve():
    # Freireich 1963, 6-mercaptopurine, as in Kleinbaum and Klein, "Survival analysis", chapter 2.
    ended, censored = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = kaplan_meier([*((day, True) for day in ended), *((day, False) for day in censored)], fewest=1)
    assert [(step.day, step.at_risk, f"{step.going_on:.4f}") for step in curve.steps] == [
        (6, 21, "0.8571"), (7, 17, "0.8067"), (10, 15, "0.7529"), (13, 12, "0.6902"), (16, 11, "0.6275"),
        (22, 7, "0.5378"), (23, 6, "0.4482"),
    ]  # fmt: skip
    assert curve.median == 23


# --- Centiles -----------------------------------------------------------------------------------------------------
@given(st.lists(st.integers(-99, 99), min_size=1), st.integers(1, 100))
def test_a_centile_is_a_value_that_so_many_do_not_exceed(values, percent):
    assert centile(values, percent) == naive.smallest_not_exceeded_by(values, percent)


def test_mean_and_median():
    assert mean([1, 2, 4]) == Decimal("2.333333")
    assert median([9, 1, 4, 2]) == 3
    assert median([Decimal("0.1"), Decimal("0.2"), Decimal("7")]) == Decimal("0.2")
    assert mean([]) is median([]) is centile([], 90) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.0000005", "0.000001"), ("-0.0000005", "-0.000001"), ("-0.0000004", "0"), ("2.5", "2.5"), ("1e20", "1e20")],
)
def test_halves_go_away_from_zero_at_the_sixth_place(value, expected):
    figure = six_places(Decimal(value))
    assert figure == Decimal(expected)
    assert not str(figure).startswith("-0.000000")
