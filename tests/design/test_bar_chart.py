"""Bars are drawn in proportion to the largest, and no more of them than a page holds."""

from utilization.web.bar_chart import Count, bar_chart


def _counts(*numbers):
    return [Count(f"I{number}", "meets → denied", number, "good") for number in numbers]


def test_bars_stand_in_order_and_in_proportion_to_the_largest():
    chart = bar_chart("Requests", _counts(30, 40, 1))
    assert [(bar.of.count, bar.percent) for bar in chart.bars] == [(30, "75.00"), (40, "100.00"), (1, "2.50")]
    assert len({bar.y for bar in chart.bars}) == 3
    assert max(bar.y for bar in chart.bars) < chart.height


def test_a_bar_of_one_among_thousands_is_seen():
    assert [bar.percent for bar in bar_chart("Requests", _counts(5000, 1)).bars] == ["100.00", "0.60"]


def test_what_has_no_room_is_counted():
    chart = bar_chart("Requests", _counts(*range(20, 0, -1)))
    assert (len(chart.bars), chart.left_out) == (15, 5)
    assert chart.bars[-1].of.count == 6


def test_nothing_to_count_is_no_bar():
    assert bar_chart("Requests", []).bars == []
