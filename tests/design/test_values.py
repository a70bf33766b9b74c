"""How values read on a page."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone as active

from utilization.rules.facts.catalogue import CATALOGUE
from utilization.templatetags import dates, doses, facts, icons, judgements, mappings, words

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
THIN = doses.NARROW_SPACE


def plain(html):
    """Text without the space that keeps a date together."""
    return str(html).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "1 Jul 2026, 12:00 UTC"),
        ("Europe/London", "1 Jul 2026, 13:00 BST"),
        ("America/New_York", "1 Jul 2026, 08:00 EDT"),
        ("Asia/Riyadh", "1 Jul 2026, 15:00 UTC+03"),
        ("Pacific/Auckland", "2 Jul 2026, 00:00 NZST"),
    ],
)
def test_an_instant_is_shown_in_the_sites_zone_and_names_it(zone, shown):
    with active.override(ZoneInfo(zone)):
        assert f">{shown}</time>" in plain(dates.when(NOON))
        assert plain(dates.when(NOON.isoformat())) == plain(dates.when(NOON))


@pytest.mark.parametrize("value", [None, "", "soon", 7, datetime(2026, 7, 1), date(2026, 7, 1)])
def test_what_is_no_instant_shows_nothing(value):
    assert dates.when(value) == ""
    assert dates.due(value, NOON) == ""
    assert dates.due(NOON, value) == ""
    assert dates.ago(value, NOON) == ""


@pytest.mark.parametrize("value", [date(2026, 7, 2), "2026-07-02", datetime(2026, 7, 1, 13, tzinfo=UTC)])
def test_a_day_is_the_day_at_the_site(value):
    with active.override(ZoneInfo("Pacific/Auckland")):
        assert plain(dates.day(value)) == '<time datetime="2026-07-02">2 Jul 2026</time>'


@pytest.mark.parametrize("value", [None, "", "tomorrow", 5])
def test_what_is_no_day_shows_nothing(value):
    assert dates.day(value) == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("150.00", "150"),
        (Decimal("37.50"), "37.5"),
        ("1E+2", "100"),
        (1234567, f"1{THIN}234{THIN}567"),
        (0, "0"),
        ("0.000", "0"),
        (None, ""),
        ("", ""),
        (True, ""),
        ("NaN", "NaN"),
        ("about 3", "about 3"),
    ],
)
def test_numbers_have_no_trailing_zeros_and_no_exponent(value, shown):
    assert doses.number(value) == shown


def test_amounts_carry_their_unit_and_unknown_amounts_show_nothing():
    assert doses.grams("150.00") == f"150{THIN}g"
    assert doses.kilograms(Decimal("82.000")) == f"82{THIN}kg"
    assert doses.grams(None) == ""
    assert doses.one_decimal("75.05") == "75.1"


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=72), "3 days"),
        (7200, "2 h"),
        (None, ""),
    ],
)
def test_lengths_of_time(length, shown):
    assert dates.span(length) == shown


def test_due_times_say_how_long_or_how_late():
    assert dates.due(NOON + timedelta(hours=5), NOON) == "in 5 h"
    late = dates.due(NOON - timedelta(hours=3), NOON)
    assert "3 h overdue" in late
    assert "is-overdue" in late
    assert dates.ago(NOON - timedelta(days=4), NOON) == "4 days ago"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("weight_kg", "82.000", f"82{THIN}kg"),
        ("platelets_10e9_per_l", 210, f"210{THIN}× 10⁹/L"),
        ("principal_features", 4, "4"),
        ("prior_corticosteroids", "intolerant", "not tolerated"),
        ("prior_corticosteroids", "odd", "odd"),
        ("heart_failure", True, "yes"),
        ("heart_failure", False, "no"),
        ("heart_failure", "false", "no"),
        ("heart_failure", "true", "yes"),
        ("heart_failure", None, "not known"),
        ("severity", "not_known", "not known"),
        ("specialist", "Dr <b>", "Dr <b>"),
        ("available_vials_g", ["5", "10.0"], f"5, 10{THIN}g"),
        ("igg_measurements", [{"date": "2026-07-01", "g_per_l": "6.10"}], f"6.1{THIN}g/L (1 Jul 2026)"),
        ("igg_measurements", [{"date": date(2026, 7, 1), "g_per_l": "6.10"}], f"6.1{THIN}g/L (1 Jul 2026)"),
        ("no_such_fact", "some_code", "Some code"),
    ],
)
def test_facts_are_said_in_words_with_their_unit(name, value, shown):
    assert plain(facts.fact_value(name, value, CATALOGUE)) == shown


def test_facts_come_in_the_order_and_groups_of_the_catalogue():
    known = {"heart_failure": True, "zzz": 1, "request_type": "initial", "weight_kg": "82", "age_years": "58"}
    assert [row["name"] for row in facts.fact_rows(known, CATALOGUE)] == [
        "request_type", "age_years", "weight_kg", "heart_failure", "zzz",
    ]  # fmt: skip
    groups = {g["title"]: [r["name"] for r in g["rows"]] for g in facts.fact_groups(known, CATALOGUE)}
    assert groups["Patient"] == ["age_years", "weight_kg"]
    assert groups["Other"] == ["zzz"]


@pytest.mark.parametrize(
    ("term", "shown"),
    [
        ("prior_corticosteroids=failed", "Corticosteroids: failed"),
        ("dose_total_g_per_kg<=2", f"Total dose of a course: at most 2{THIN}g/kg"),
        ("months_on_therapy>=6", f"Months on therapy: at least 6{THIN}months"),
        ("response_documented=true", "Response documented: yes"),
        ("a sentence", "a sentence"),
    ],
)
def test_what_would_meet_is_said_in_words(term, shown):
    assert judgements.ways_words([[term]], CATALOGUE) == [[shown]]


def test_ways_that_differ_in_one_value_are_one_way_and_others_are_not():
    ways = judgements.ways_words(
        [
            ["prior_corticosteroids=failed", "severity=severe"],
            ["prior_corticosteroids=intolerant", "severity=severe"],
            ["prior_corticosteroids=contraindicated", "severity=severe"],
            ["prior_corticosteroids=failed", "severity=moderate"],
            ["severity=crisis"],
        ],
        CATALOGUE,
    )
    assert ways == [
        ["Corticosteroids: failed, not tolerated or contraindicated", "Severity: severe"],
        ["Corticosteroids: failed", "Severity: moderate"],
        ["Severity: crisis"],
    ]


def test_a_badge_says_its_state_in_a_word_and_hides_its_icon_from_readers():
    badge = icons.outcome_badge("exception_review")
    assert "Exception review" in badge
    assert 'aria-hidden="true"' in badge
    assert "#exception_review" in badge


def test_an_icon_alone_is_named():
    assert 'role="img" aria-label="Signed &lt;here&gt;"' in icons.icon("sign", "Signed <here>")


def test_looking_up_in_nothing_gives_nothing():
    assert mappings.lookup(None, "a") is None
    assert mappings.lookup({"a": 1}, "a") == 1


def test_zones_east_and_west_without_a_name_say_their_offset():
    with active.override(timezone(timedelta(hours=-3, minutes=-30))):
        assert "UTC-03:30" in dates.when(NOON)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (icons.status_badge("denied"), "Denied"),
        (icons.authorization_badge("void"), "Void"),
        (words.outcome_word("meets"), "Meets criteria"),
        (words.status_word("draft"), "Draft"),
    ],
)
def test_codes_are_shown_by_their_words(shown, said):
    assert said in shown
