"""Whether grams may be given on a day: the days between courses, half days of an interval, and what others gave."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from utilization.rules.authorization.check import why_not
from utilization.rules.authorization.use import GivenGrams, Terms, use_of

FIRST = date(2026, 3, 2)
FOUR_WEEKS = Terms(FIRST, FIRST + timedelta(days=180), Decimal(100), 6, Decimal(4))


def gave(day, grams):
    return GivenGrams(FIRST + timedelta(days=day), Decimal(grams))


CASES = [
    # given before as (day, grams), asked for as (day, grams), early days, why not
    ([(0, 100)], (1, 100), 0, ["too_early"]),
    ([(0, 100)], (27, 100), 0, ["too_early"]),
    ([(0, 100)], (28, 100), 0, []),
    ([(0, 100)], (25, 100), 3, []),
    ([(0, 100)], (24, 100), 3, ["too_early"]),
    # A course over days: the rest of it is not too early, one gram more is.
    ([(0, 50), (1, 30)], (2, 20), 0, []),
    ([(0, 50), (1, 30)], (2, 21), 0, ["too_early"]),
    # A course that was never finished does not put off the next one.
    ([(0, 50)], (28, 100), 0, []),
    # What was given after the day that is asked about says nothing of it.
    ([(28, 100)], (0, 100), 0, []),
    # More than a course on one day says that, and not that it is early as well.
    ([(0, 100)], (0, 100), 0, ["above_a_day"]),
]


@pytest.mark.parametrize(("before", "wanted", "early", "expected"), CASES)
@pytest.mark.parametrize("by_others", [False, True])
def test_a_course_is_not_given_before_it_is_due_whoever_gave_the_last(before, wanted, early, expected, by_others):
    terms = Terms(FIRST, FIRST + timedelta(days=180), Decimal(100), 6, Decimal(4), early_days=early)
    given = [gave(*one) for one in before]
    own, elsewhere = ([], given) if by_others else (given, [])
    assert [why.code for why in why_not(terms, own, gave(*wanted), elsewhere)] == expected


def test_a_refusal_names_the_day_from_which_the_next_course_may_begin():
    [why] = why_not(FOUR_WEEKS, [gave(0, 100)], gave(1, 100))
    assert "2 Mar 2026" in why.text
    assert "30 Mar 2026" in why.text


@pytest.mark.parametrize(("weeks", "days"), [("2.5", 18), ("1.5", 10), ("0.5", 4), ("4", 28), ("3.3", 23)])
def test_an_interval_with_half_a_day_is_due_on_the_nearest_day_of_two_the_even_one(weeks, days):
    terms = Terms(FIRST, FIRST + timedelta(days=180), Decimal(100), 6, Decimal(weeks))
    assert use_of(terms, [gave(0, 100)]).next_due == FIRST + timedelta(days=days)


def test_what_others_gave_uses_none_of_its_grams():
    assert not why_not(FOUR_WEEKS, [], gave(60, 100), [gave(day, 100) for day in (-60, -30, 0, 30)])
