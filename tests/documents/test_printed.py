"""Facts, doses, codes and moments in the words of a document."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from utilization.reports.print_words import (
    diagnosis_codes,
    dose_summary,
    fact_words,
    moment,
    order_lines,
    plain,
    with_unit,
)
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.date_words import written_day
from utilization.rules.packs.pack import DiagnosisCode

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("diagnosis_confirmed", True, "yes"),
        ("diagnosis_confirmed", False, "no"),
        ("diagnosis_confirmed", None, "not known"),
        ("prior_corticosteroids", "intolerant", "not tolerated"),
        ("weight_kg", "82.5", "82.5 kg"),
        ("weight_kg", None, "not known"),
        ("available_vials_g", ["5", "10"], "5, 10 g"),
        ("igg_measurements", [{"date": "2026-01-02", "g_per_l": "6.1"}], "6.1 g/L on 2 Jan 2026"),
        ("product", "Privigen", "Privigen"),
    ],
)
def test_a_fact_is_printed_as_people_say_it(name, value, words):
    assert with_unit(CATALOGUE, name, value).startswith(words)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 11, 2), "2 Nov 2026"),
        ("2026-03-31", "31 Mar 2026"),
        ("", ""),
        ("spring", "spring"),
        ("2026-13-01", "2026-13-01"),
    ],
)
def test_a_day_is_written_in_one_way(value, words):
    assert written_day(value) == words


def test_a_choice_that_the_catalogue_no_longer_has_is_printed_as_it_was():
    assert fact_words(CATALOGUE, "severity", "grave") == "grave"


@pytest.mark.parametrize(
    ("zone", "local", "name"),
    [
        ("Europe/Vienna", "2026-07-01T14:00", "CEST"),
        ("America/Chicago", "2026-07-01T07:00", "CDT"),
        ("America/Sao_Paulo", "2026-07-01T09:00", "UTC-03"),
        ("UTC", "2026-07-01T12:00", "UTC"),
    ],
)
def test_a_moment_is_told_by_the_clock_on_the_wall_and_its_zone(zone, local, name):
    assert moment(NOON, zone) == {"utc": "2026-07-01T12:00:00Z", "local": local, "zone": name}
    assert moment(NOON.isoformat(), zone) == moment(NOON, zone)


def test_no_moment_is_none():
    assert moment(None, "UTC") is None


@pytest.mark.parametrize(("value", "text"), [("170.000", "170"), ("0.50", "0.5"), ("1E+2", "100"), ("10", "10")])
def test_a_decimal_is_plain(value, text):
    assert plain(Decimal(value)) == text


def test_no_decimal_is_empty():
    assert plain(None) == ""


def lines(facts, dose=None, order=None):
    return {line["label"]: (line["asked"], line["decided"]) for line in order_lines(facts, dose, order or {})}


def test_an_order_by_weight_shows_the_grams_that_it_comes_to():
    assert lines({"dose_total_g_per_kg": "2"}, {"rounded_g": "155"})["Total dose of a course"] == ("2 g/kg (155 g)", "")


def test_an_order_in_grams_shows_what_was_ordered():
    assert lines({"dose_total_g": "150"}, {"rounded_g": "150"})["Total dose of a course"] == ("150 g", "")


@pytest.mark.parametrize(
    ("facts", "grams", "asked"),
    [
        ({"dose_per_day_g_per_kg": "1", "course_days": 2}, "150", "1 g/kg on each of 2 days (150 g)"),
        ({"dose_per_day_g": "30", "course_days": 1}, "30", "30 g on each of 1 day (30 g)"),
        ({"dose_per_day_g_per_kg": "1"}, None, "1 g/kg a day, days not known"),
    ],
)
def test_an_order_of_a_day_is_never_called_that_of_the_course(facts, grams, asked):
    assert lines(facts, {"rounded_g": grams})["Total dose of a course"] == (asked, "")


def test_a_dose_left_to_the_pharmacy_is_printed_as_such():
    (line,) = order_lines({}, None, {}, by_pharmacy=True)
    assert (line["label"], line["asked"]) == ("Total dose of a course", "to be advised by pharmacy")
    decided = order_lines({}, None, {"dose_total_g": "150"}, by_pharmacy=True)[0]
    assert (decided["asked"], decided["decided"]) == ("to be advised by pharmacy", "150 g")


def test_what_nobody_asked_for_or_decided_has_no_line():
    assert lines({}) == {}
    unknown = {"dose_total_g": None, "course_days": None, "interval_weeks": None, "months": 3, "courses": 1}
    assert lines({"product": "Privigen", "route": "iv"}, order=unknown) == {
        "Months": ("not stated", "3 months"),
        "Courses": ("not stated", "1"),
        "Product": ("Privigen", ""),
        "Route": ("intravenous", ""),
    }


@pytest.mark.parametrize(
    ("facts", "order", "summary"),
    [
        ({}, {}, "155 g a course"),
        ({"course_days": "1"}, {}, "155 g a course over 1 day"),
        ({"course_days": "5", "interval_weeks": "4"}, {}, "155 g a course over 5 days, every 4 weeks"),
        ({"course_days": "5"}, {"course_days": 2, "interval_weeks": "1"}, "155 g a course over 2 days, every 1 week"),
    ],
)
def test_the_dose_fits_one_line(facts, order, summary):
    assert dose_summary(facts, {"rounded_g": "155"}, order) == summary


def test_a_dose_that_is_not_known_is_not_summed_up():
    assert dose_summary({"course_days": "5"}, {"rounded_g": None}, {}) == ""
    assert dose_summary({"course_days": "5"}, None, {}) == ""


RELAPSING = DiagnosisCode("G35.A", "", {"ms_course": "relapsing_remitting"})
SECONDARY = DiagnosisCode("G35.C0", "", {"ms_course": "secondary_progressive"})
UNSPECIFIED = DiagnosisCode("G35.D", "")


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"ms_course": "relapsing_remitting"}, ["G35.A"]),
        ({"ms_course": "primary_progressive"}, ["G35.D"]),
        ({}, ["G35.A", "G35.C0", "G35.D"]),
    ],
)
def test_codes_say_what_the_facts_say(facts, codes):
    assert diagnosis_codes((RELAPSING, SECONDARY, UNSPECIFIED), facts) == codes
