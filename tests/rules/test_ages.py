"""Ages to the day, by the calendar: what a birth date gives, how limits in any unit read it, and how people say it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utilization import criteria
from utilization.rules.facts.ages import age_words, ages, fact_words, named_alike, whole_months, words_of
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.language.composites import in_words
from utilization.rules.language.words import Words
from utilization.rules.packs.conditions import Reader
from utilization.rules.yaml_lines import read_yaml

DAY = date(2026, 11, 28)


def holds(condition, facts):
    """Whether a condition as a pack writes it holds for these facts."""
    read = Reader().condition(read_yaml(f"age_years: {condition}", "a.yaml"))
    return read.truth({**facts, **named_alike(facts)})


def reached(born, months, today):
    """Whether `months` calendar months of life are over: counted up day by day, from the birth date."""
    day, left = born, months
    while left:
        day += timedelta(days=1)
        # The same day of a later month or, where it has none, the first of the next.
        if day.day == born.day or (day.day == 1 and (day - timedelta(days=1)).day < born.day and born.day > 28):
            left -= 1
    return day <= today


@pytest.mark.parametrize("days", [0, 1, 27, 28, 29, 30, 31, 41, 42, 43, 84, 89, 90, 91, 180, 364, 365, 366, 800])
def test_a_limit_in_days_is_held_to_the_day(days):
    facts = ages(DAY - timedelta(days=days), DAY)
    for limit in (0, 28, 29, 30, 42, 90, 180, 365, 799, 800, 801):
        assert holds(f"{{at_most: {limit} days}}", facts) is (days <= limit)
        assert holds(f"{{at_least: {limit} days}}", facts) is (days >= limit)
    for weeks in (4, 6, 12):
        assert holds(f"{{at_most: {weeks} weeks}}", facts) is (days <= weeks * 7)
        assert holds(f"{{below: {weeks} weeks}}", facts) is (days < weeks * 7)


def test_29_days_is_not_at_most_28_days():
    assert holds("{at_most: 28 days}", ages(date(2026, 10, 31), DAY)) is True
    assert holds("{at_most: 28 days}", ages(date(2026, 10, 30), DAY)) is False


@pytest.mark.parametrize(
    ("born", "at_most", "at_least"),
    [
        ("2026-08-28", True, True), ("2026-08-27", False, True), ("2026-08-29", True, False),
        ("2026-08-20", False, True), ("2026-09-01", True, False),
    ],
)  # fmt: skip
def test_a_limit_in_months_goes_by_the_calendar(born, at_most, at_least):
    facts = ages(date.fromisoformat(born), DAY)
    assert holds("{at_most: 3 months}", facts) is at_most
    assert holds("{at_least: 3 months}", facts) is at_least


@pytest.mark.parametrize(
    ("born", "today", "months", "rest"),
    [
        ("2024-02-29", "2025-02-28", 11, 30), ("2024-02-29", "2025-03-01", 12, 0), ("2024-02-28", "2025-02-28", 12, 0),
        ("2024-02-29", "2028-02-29", 48, 0), ("2026-01-31", "2026-02-28", 0, 28), ("2026-01-31", "2026-03-01", 1, 0),
        ("2026-01-31", "2026-03-31", 2, 0), ("2026-03-31", "2026-04-30", 0, 30), ("2026-03-31", "2026-05-01", 1, 0),
        ("2025-12-31", "2026-02-28", 1, 28), ("2026-11-28", "2026-11-28", 0, 0),
    ],
)  # fmt: skip
def test_months_are_completed_on_their_day_or_on_the_first_of_the_next(born, today, months, rest):
    assert whole_months(date.fromisoformat(born), date.fromisoformat(today)) == (months, rest)


@pytest.mark.parametrize(
    ("born", "years"),
    [
        (date(2024, 11, 29), "1.9973"), (date(2024, 11, 28), "2"), (DAY, "0"), (date(2026, 5, 28), "0.5"),
        (date(2008, 11, 28), "18"), (date(2008, 11, 29), "17"), (date(2004, 2, 29), "22"),
    ],
)  # fmt: skip
def test_years_are_completed_ones_and_have_parts_under_two(born, years):
    assert str(ages(born, DAY)["age_years"]) == years


@given(st.dates(date(1990, 1, 1), date(2026, 1, 1)), st.integers(0, 2500), st.integers(0, 60))
def test_a_limit_in_months_or_years_holds_as_the_days_are_counted(born, lived, months):
    today = born + timedelta(days=lived)
    facts = ages(born, today)
    assert holds(f"{{at_least: {months} months}}", facts) is reached(born, months, today)
    assert holds(f"{{at_most: {months} months}}", facts) is not reached(born, months, today - timedelta(days=1))
    if months % 12 == 0:
        assert holds(f"{{at_least: {months // 12} years}}", facts) is reached(born, months, today)


def test_only_a_child_has_months_and_days():
    assert set(ages(date(2008, 11, 28), DAY)) == {"age_years"}
    assert set(ages(date(2008, 11, 29), DAY)) == {"age_years", "age_months", "age_days"}


def test_bounds_in_two_units_are_each_held_in_their_own():
    for born, within in (("2026-10-31", False), ("2026-10-30", True), ("2024-11-29", True), ("2024-11-28", False)):
        assert holds("{above: 28 days, below: 2 years}", ages(date.fromisoformat(born), DAY)) is within


@pytest.mark.parametrize(
    ("stated", "limit", "within"),
    [
        ({"age_years": "28 days"}, "28 days", True), ({"age_years": "29 days"}, "28 days", False),
        ({"age_years": "3 months"}, "3 months", True), ({"age_years": "0.0766"}, "28 days", True),
        ({"age_years": "0.0794"}, "28 days", False), ({"age_days": 28}, "4 weeks", True),
        ({"age_days": 29}, "4 weeks", False), ({"age_months": 3}, "3 months", True),
        ({"age_years": 40}, "3 months", False),
    ],
)  # fmt: skip
def test_an_age_stated_under_one_name_is_known_under_the_others(stated, limit, within):
    assert holds(f"{{at_most: {limit}}}", read_facts(stated)) is within


def test_nothing_stated_says_nothing():
    assert named_alike({}) == {}


def test_an_unknown_age_is_asked_for_as_one_fact():
    pack = criteria.pack_from_files(criteria.pack_files(criteria.shipped_packs()["us-payer"]))
    facts = read_facts({"pregnancy_status": "not_pregnant"}, catalogue=pack.catalogue)
    result = judge(pack, "fnait", facts, tables=criteria.reference_tables(), as_of=DAY)
    assert result.questions == ("age_years",)


def test_a_limit_is_said_in_the_unit_in_which_it_was_written():
    read = Reader().condition(read_yaml("age_years: {at_most: 28 days}", "a.yaml"))
    assert in_words(read) == Words("Age: at most 28 days")


@pytest.mark.parametrize(
    ("born", "said"),
    [
        ("2026-11-28", "0 days"), ("2026-11-27", "1 day"), ("2026-10-30", "29 days"), ("2026-10-04", "55 days"),
        ("2026-10-03", "8 weeks"), ("2026-06-01", "25 weeks"), ("2026-05-28", "6 months"), ("2025-11-28", "12 months"),
        ("2024-11-29", "23 months"), ("2024-11-28", "2 years"), ("1968-05-01", "58 years"), ("2025-11-29", "11 months"),
    ],
)  # fmt: skip
def test_an_age_is_said_in_days_weeks_or_months_under_two_years(born, said):
    assert age_words(date.fromisoformat(born), DAY) == said
    facts = {name: str(value) for name, value in ages(date.fromisoformat(born), DAY).items()}
    assert words_of(facts) == said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("age_days", "29", "29 days"), ("age_days", Decimal(1), "1 day"),
        ("age_months", "3.0323", "3 months and 1 day"),
        ("age_months", "3", "3 months"), ("age_months", "0.9355", "29 days"), ("age_years", "0.1667", "2 months"),
        ("age_years", "57", "57 years"), ("age_years", "0", "0 days"), ("age_years", "1.9973", "23 months and 30 days"),
    ],
)  # fmt: skip
def test_one_fact_about_the_age_in_words(name, value, said):
    assert fact_words(name, value) == said


def test_an_age_without_its_days_is_said_by_its_years():
    assert words_of({"age_years": "58"}) == "58 years"
    assert words_of({"age_years": "0.5"}) == "6 months"
