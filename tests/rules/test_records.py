"""Conditions over lists where entries lack fields or dates, tie, or do not stand in order."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utilization.rules.facts.units import Quantity
from utilization.rules.facts.values import BadInput
from utilization.rules.language.beside import IsBeside
from utilization.rules.language.composites import Always
from utilization.rules.language.entries import check_dates
from utilization.rules.language.entry_change import EntryChange
from utilization.rules.language.entry_count import Entries
from utilization.rules.language.latest import Latest
from utilization.rules.language.node import AS_OF
from utilization.rules.language.one_of import IsOneOf
from utilization.rules.language.total import Total
from utilization.rules.language.trend import Trend
from utilization.rules.language.within import IsWithin

TODAY = date(2026, 6, 30)
ANY = Always(True)
LOW = IsWithin("value", None, Decimal(4), high_open=True)
YEAR = Quantity(Decimal(1), "years")


def at(day, **fields):
    return {"date": date.fromisoformat(day), **fields}


def facts(*entries):
    return {"list": entries, AS_OF: TODAY}


@pytest.mark.parametrize(
    "test",
    [
        Entries("list", ANY), Latest("list", ANY), Trend("list", "value", True, True, 2),
        EntryChange("list", "value", Decimal(1), True), Total("list", "value", ANY, Decimal(1)),
    ],
)  # fmt: skip
def test_a_list_that_is_not_given_is_unknown(test):
    assert test.reads == ("list",)
    assert list(test.tests()) == [test]
    assert test.truth({AS_OF: TODAY}) is None


@pytest.mark.parametrize(
    ("entries", "truth"),
    [
        ((), False),
        (({"value": 3},), False),
        (({"value": 3}, {"value": 3}), None),
        ((at("2026-01-01", value=3), {"value": 3}), None),
        ((at("2026-01-01", value=3), at("2026-01-22", value=3)), True),
        ((at("2026-01-01", value=3), at("2026-01-21", value=3)), False),
        # Of five each two weeks apart, the first, third and fifth are far enough from each other.
        (tuple(at(f"2026-01-{day:02}", value=3) for day in (1, 8, 15, 22, 29)), True),
    ],
)
def test_entries_so_far_apart(entries, truth):
    assert Entries("list", LOW, 2, None, None, Decimal(21)).truth(facts(*entries)) is truth


@given(st.lists(st.integers(min_value=0, max_value=120), max_size=8), st.integers(min_value=1, max_value=40))
def test_the_largest_number_apart_is_found(days, apart):
    """By the way that is obviously right: every choice of entries tried."""
    from itertools import combinations, pairwise

    entries = [{"date": date.fromordinal(TODAY.toordinal() - day)} for day in days]
    largest = max(
        size
        for size in range(len(days) + 1)
        if any(all(b - a >= apart for a, b in pairwise(sorted(chosen))) for chosen in combinations(days, size))
    )
    test = Entries("list", ANY, largest, largest, None, Decimal(apart))
    assert test.truth(facts(*entries)) is True


@pytest.mark.parametrize(
    ("entries", "truth"),
    [
        ((), False),
        (({"value": 9}, {"value": 3}), True),
        (({"value": 3}, {"value": 9}), False),
        ((at("2026-02-01", value=3), at("2026-01-01", value=9)), True),
        ((at("2026-02-01", value=3), at("2026-02-01", value=9)), None),
        ((at("2026-02-01", value=3), {"value": 9}), None),
        ((at("2026-02-01", value=3), {"value": 2}), True),
        ((at("2026-02-01"),), None),
    ],
)
def test_the_latest_entry(entries, truth):
    assert Latest("list", LOW).truth(facts(*entries)) is truth


def test_the_latest_entry_and_its_window():
    assert Latest("list", LOW, YEAR).truth(facts(at("2025-06-30", value=3))) is True
    assert Latest("list", LOW, YEAR).truth(facts(at("2025-06-29", value=3))) is False
    assert Latest("list", LOW, YEAR).truth(facts({"value": 3})) is None


@pytest.mark.parametrize(
    ("entries", "truth"),
    [
        ((1, 2), True),
        ((2, 1), False),
        ((1,), False),
        (({"value": 1}, {}), None),
        (({"value": 3}, {"value": 1}, {}), None),
        ((at("2026-01-01", value=1), {"value": 2}), None),
        ((at("2026-01-01", value=1), at("2026-01-01", value=2)), None),
    ],
)
def test_a_rise(entries, truth):
    assert Trend("list", "value", True, True, 2).truth(facts(*entries)) is truth


def test_one_step_down_decides_against_a_rise_whatever_is_missing():
    assert Trend("list", "value", True, True, 3).truth(facts({"value": 3}, {"value": 1}, {})) is False


@pytest.mark.parametrize(
    ("since", "truth"), [("first", True), ("previous", False), ("highest", False), ("lowest", True)]
)
def test_a_change_since(since, truth):
    assert EntryChange("list", "value", Decimal(2), True, since=since).truth(facts(5, 9, 8)) is truth


@pytest.mark.parametrize(
    ("entries", "truth"),
    [
        ((), False),
        ((5,), False),
        (({"value": 5}, {}), None),
        ((at("2026-01-01", value=1), at("2026-01-01", value=9)), None),
        ((at("2026-01-01", value=1), {"value": 9}), None),
        ((at("2026-02-01", value=9), at("2026-01-01", value=1)), True),
    ],
)
def test_a_change_of_a_list(entries, truth):
    assert EntryChange("list", "value", Decimal(50), True, percent=True).truth(facts(*entries)) is truth


def test_a_sum_with_its_bounds():
    over = Total("list", "value", ANY, low=Decimal(10), low_open=True)
    assert [over.truth(facts(*entries)) for entries in ((4, 6), (4, 7), ())] == [False, True, False]
    under = Total("list", "value", ANY, high=Decimal(10), high_open=True)
    assert [under.truth(facts(*entries)) for entries in ((4, 6), (4, 5), ())] == [False, True, True]
    assert under.truth(facts({"value": 4}, {})) is None


def test_a_bound_that_another_fact_gives():
    at_least = IsBeside("a", "b", least=True)
    assert at_least.reads == ("a", "b")
    assert [at_least.truth({"a": n, "b": 5}) for n in (4, 5, 6)] == [False, True, True]
    below = IsBeside("a", "b", least=False, is_open=True)
    assert [below.truth({"a": n, "b": 5}) for n in (4, 5, 6)] == [True, False, False]
    assert below.truth({"a": 4}) is None


def test_an_entry_after_the_request_is_refused_at_its_path():
    check_dates({"list": (at("2026-06-30"), {"value": 1}, 7), "text": "x"}, TODAY)
    with pytest.raises(BadInput) as refused:
        check_dates({"list": (at("2026-06-30"), at("2062-06-30"))}, TODAY)
    assert str(refused.value) == (
        "facts.list[1].date: 2062-06-30 is after the date of the request, 2026-06-30: expected a day up to it; "
        "check the year"
    )


def test_where_is_judged_as_of_the_request():
    seen = IsOneOf("kind", frozenset({"a"}))
    assert Entries("list", seen, 1, None, YEAR).truth(facts(at("2026-01-01", kind="a"), at("2024-01-01"))) is True
    assert Entries("list", seen, 2, None, YEAR).truth(facts(at("2026-01-01", kind="a"), at("2024-01-01"))) is False
    assert Entries("list", seen, 2, None, YEAR).truth(facts(at("2026-01-01", kind="a"), {"kind": "a"})) is None
