"""Days in words: one way for pages, messages and documents, whatever the machine's language."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from utilization.rules.facts.date_words import day_words, days_in_words, zone_words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 2, 14), "14 Feb 2026"),
        (date(2026, 5, 1), "1 May 2026"),
        (date(1968, 12, 31), "31 Dec 1968"),
        (datetime(2026, 9, 30, 23, 59, tzinfo=UTC), "30 Sep 2026"),
    ],
)
def test_a_day_is_its_number_its_month_in_letters_and_its_year(day, words):
    assert day_words(day) == words


def test_the_parts_of_a_day_can_be_kept_on_one_line():
    assert day_words(date(2026, 2, 14), "\u00a0") == "14\u00a0Feb\u00a02026"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "The weight was measured on 2026-02-28, more than 90 days ago",
            "The weight was measured on 28 Feb 2026, more than 90 days ago",
        ),
        ("2025-12-31 to 2026-01-01.", "31 Dec 2025 to 1 Jan 2026."),
        ("IVIG-NGH-2026-00184, 12026-01-012 and 2026-02-30", "IVIG-NGH-2026-00184, 12026-01-012 and 2026-02-30"),
    ],
)
def test_days_in_a_text_of_the_product_are_written_in_that_way(text, words):
    assert days_in_words(text) == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (UTC, "UTC"),
        (timezone(timedelta(hours=-5), "EST"), "EST"),
        (timezone(timedelta(hours=3), "+03"), "UTC+03"),
        (timezone(timedelta(hours=-3), "-03"), "UTC-03"),
    ],
)
def test_a_zone_that_has_no_name_says_how_far_it_is_from_utc(zone, words):
    assert zone_words(datetime(2026, 2, 14, tzinfo=zone)) == words
