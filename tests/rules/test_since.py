"""Answers that count back from a moment: kept with it, read anew later, and the day that they mean."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.elapsed import apart, as_of_now, keep, meant
from utilization.rules.form.answers import PatientFacts, facts_from_answers

ONSET, LAST, MONTHS, HOURS = (
    CATALOGUE[name]
    for name in ("days_since_onset", "days_since_last_dose", "months_on_therapy", "hours_since_infusion_end")
)
EAST = timezone(timedelta(hours=2))
AT = datetime(2026, 11, 28, 14, 5, tzinfo=EAST)


def test_an_answer_is_kept_with_its_moment_and_comes_apart_again():
    kept = keep("12", AT)
    assert kept == "12 @2026-11-28T14:05+02:00"
    assert apart(kept) == ("12", AT)


@pytest.mark.parametrize(
    "raw", ["12", "not_known", "a @b", "12 @2026-13-40T14:05+02:00", "12@2026-11-28T14:05+02:00", ""]
)
def test_what_has_no_moment_stays_as_it_is(raw):
    assert apart(raw) == (raw, None)
    assert as_of_now(ONSET, raw, date(2027, 1, 1)) == raw
    assert meant(ONSET, raw) is None


@pytest.mark.parametrize(
    ("fact", "typed", "on", "now"),
    [
        (ONSET, "12", "2026-11-28", "12"), (ONSET, "12", "2026-12-01", "15"), (ONSET, "0", "2027-11-28", "365"),
        (ONSET, "12", "2026-11-20", "4"), (LAST, "20.5", "2026-11-30", "22.5"), (MONTHS, "6", "2026-11-28", "6"),
        (MONTHS, "6", "2027-02-28", "9"), (MONTHS, "6.5", "2026-12-28", "7.5"), (MONTHS, "6", "2026-12-13", "6.49"),
        (MONTHS, "6", "2026-10-28", "5"), (ONSET, "many", "2026-12-01", "many"), (ONSET, "-3", "2026-12-01", "0"),
    ],
)  # fmt: skip
def test_it_is_reckoned_anew_on_each_day(fact, typed, on, now):
    assert as_of_now(fact, keep(typed, AT), date.fromisoformat(on)) == now


def test_hours_go_by_the_clock_where_the_moment_is_known():
    later = AT + timedelta(hours=5, minutes=50)
    assert as_of_now(HOURS, keep("3", AT), later.date(), later) == "8"
    assert as_of_now(HOURS, keep("3", AT), date(2026, 11, 29)) == "27"


@pytest.mark.parametrize(
    ("fact", "typed", "means"),
    [
        (ONSET, "12", date(2026, 11, 16)), (LAST, "20.5", date(2026, 11, 8)), (MONTHS, "6", date(2026, 5, 28)),
        (MONTHS, "1.5", date(2026, 10, 13)), (HOURS, "3", datetime(2026, 11, 28, 11, 5, tzinfo=EAST)),
        (ONSET, "many", None), (ONSET, "-1", None), (ONSET, "999999999", None),
    ],
)  # fmt: skip
def test_the_day_or_the_hour_that_it_means(fact, typed, means):
    assert meant(fact, keep(typed, AT)) == means


def test_the_facts_say_the_number_of_today_and_the_intake_the_day():
    man = PatientFacts(date(1970, 5, 1), "male")
    intake = facts_from_answers({"days_since_onset": keep("12", AT)}, man, date(2026, 12, 1), now=datetime.now(UTC))
    assert intake.facts["days_since_onset"] == 15
    assert intake.meant == {"days_since_onset": date(2026, 11, 16)}


def test_a_number_of_days_that_cannot_be_is_refused_as_typed():
    intake = facts_from_answers({"days_since_onset": keep("many", AT)}, None, date(2026, 12, 1))
    assert "whole number" in intake.problems["days_since_onset"]
