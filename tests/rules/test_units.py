"""Units: exact there and back, refused where they measure something else; spans by the calendar."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utilization.rules.facts.units import (
    UNITS,
    Quantity,
    UnitError,
    as_decimal,
    before,
    canonical_unit,
    convert,
    days_of,
    exact,
    known_unit,
    last_day_of,
    months_in_words,
    months_later,
    ratio,
    read_quantity,
    units_like,
)

NUMBERS = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal(10**6), places=4)
PAIRS = st.sampled_from([(unit, other) for of in UNITS.values() for unit in of for other in of])
SPANS = st.builds(
    Quantity,
    st.integers(min_value=0, max_value=400).map(Decimal),
    st.sampled_from(["days", "weeks", "months", "years"]),
)
DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2100, 12, 31))

# From the definitions of the units, not from the table of the code.
KNOWN = [
    ("400 mg/dL", "g/L", "4"),
    ("0.5 g/dL", "mg/dL", "500"),
    ("30000 /mm3", "10^9/L", "30"),
    ("30 10^3/uL", "10^9/L", "30"),
    ("200 /uL", "10^6/L", "200"),
    ("1 lb", "kg", "0.45359237"),
    ("6 ft", "cm", "182.88"),
    ("60 in", "m", "1.524"),
    ("400 mg/kg", "g/kg", "0.4"),
    ("4.8 mL/kg/h", "mL/kg/min", "0.08"),
    ("0.5 g/kg/h", "mg/kg/h", "500"),
    ("10 %", "g/L", "100"),
    ("52 weeks", "days", "364"),
    ("12 months", "days", "365.25"),
    ("36 hours", "days", "1.5"),
    ("1.3 mcg/mL", "mg/L", "1.3"),
]


@pytest.mark.parametrize(("written", "unit", "number"), KNOWN)
def test_known_conversions(written, unit, number):
    assert convert(read_quantity(written), unit) == Decimal(number)


@given(NUMBERS, PAIRS)
def test_every_conversion_leads_back_exactly(number, pair):
    one, other = pair
    there = convert(Quantity(number, one), other)
    assert Fraction(number) == Fraction(convert(Quantity(there, other), one))


@given(NUMBERS, NUMBERS, PAIRS)
def test_conversion_keeps_the_order(low, high, pair):
    one, other = pair
    first, second = (convert(Quantity(number, one), other) for number in (low, high))
    assert (low < high) == (Fraction(first) < Fraction(second))


def test_a_fraction_that_no_decimal_is_stays_one():
    assert convert(Quantity(Decimal(5), "mL/kg/h"), "mL/kg/min") == Fraction(1, 12)
    assert ratio(Decimal(1), Decimal(3)) == Fraction(1, 3)
    assert exact(Fraction(3, 8)) == Decimal("0.375")


@pytest.mark.parametrize(
    ("written", "unit", "says"),
    [
        ("4 kg", "g/L", "expected one of the units g/L, mg/dL, .*, got kg$"),
        ("4", "g/L", "expected one of the units .*, got no unit$"),
        ("4 mg/dl/h", "mg/dL", "got mg/dl/h; did you mean mg/dL"),
        ("4 kg", "score", "expected the unit score, got kg"),
        ("4", "score", "expected the unit score, got no unit"),
    ],
)
def test_a_unit_of_something_else_is_refused(written, unit, says):
    with pytest.raises(UnitError, match=says):
        convert(read_quantity(written), unit)


def test_spellings():
    assert [canonical_unit(text) for text in ("LBS", " mcg/mL ", "Weeks", "x10^9/L", "per  week")] == [
        "lb", "ug/mL", "weeks", "10^9/L", "per week",
    ]  # fmt: skip
    assert known_unit("pounds")
    assert not known_unit("stones")
    assert units_like("stones") == ("stones",)
    assert read_quantity("about 4 kg") is None
    assert str(read_quantity("-2.50 g/kg")) == "-2.50 g/kg"
    assert read_quantity("7") == Quantity(Decimal(7))


@given(DAYS, SPANS)
def test_a_span_back_is_never_after_and_longer_ones_lie_further_back(day, span):
    then = before(day, span)
    assert then <= day
    assert before(day, Quantity(span.value + 1, span.unit)) < day
    assert before(day, Quantity(span.value + 1, span.unit)) <= then
    if span.unit in ("days", "weeks"):
        assert (day - then).days == days_of(span)


@given(DAYS, st.integers(min_value=0, max_value=600))
def test_months_back_keep_the_day_of_the_month_or_take_the_last(day, months):
    then = before(day, Quantity(Decimal(months), "months"))
    assert (day.year * 12 + day.month) - (then.year * 12 + then.month) == months
    assert then.day == day.day or (then.day < day.day and (then + timedelta(days=1)).day == 1)


@given(DAYS, st.integers(min_value=0, max_value=60))
def test_a_year_back_is_twelve_months_back(day, years):
    assert before(day, Quantity(Decimal(years), "years")) == before(day, Quantity(Decimal(12 * years), "months"))


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("1 months", "2024-02-29"),
        ("13 months", "2023-02-28"),
        ("3000 years", "0001-01-01"),
        ("900000 days", "0001-01-01"),
    ],
)
def test_ends_of_months_and_of_time(span, expected):
    assert before(date(2024, 3, 31), read_quantity(span)).isoformat() == expected


@pytest.mark.parametrize("span", ["1.5 months", "3 hours", "2 kg", "4"])
def test_a_span_that_no_calendar_has_is_refused(span):
    with pytest.raises(UnitError, match="expected a whole number of days, weeks, months or years"):
        before(date(2024, 3, 31), read_quantity(span))


# By hand: (first day, months) -> the same day later, and the last day of what is authorized.
MONTHS = [
    ("2026-03-02", 6, "2026-09-02", "2026-09-01"),
    ("2026-08-27", 6, "2027-02-27", "2027-02-26"),
    ("2026-08-28", 6, "2027-02-28", "2027-02-27"),
    ("2026-08-29", 6, "2027-02-28", "2027-02-28"),
    ("2026-08-30", 6, "2027-02-28", "2027-02-28"),
    ("2026-08-31", 6, "2027-02-28", "2027-02-28"),
    ("2027-08-29", 6, "2028-02-29", "2028-02-28"),
    ("2027-08-30", 6, "2028-02-29", "2028-02-29"),
    ("2027-08-31", 6, "2028-02-29", "2028-02-29"),
    ("2026-10-31", 1, "2026-11-30", "2026-11-30"),
    ("2026-11-30", 1, "2026-12-30", "2026-12-29"),
    ("2026-12-31", 2, "2027-02-28", "2027-02-28"),
    ("2026-12-15", 1, "2027-01-15", "2027-01-14"),
    ("2026-01-01", 12, "2027-01-01", "2026-12-31"),
    ("2028-02-29", 12, "2029-02-28", "2029-02-28"),
    ("2026-06-30", 6, "2026-12-30", "2026-12-29"),
    ("2026-03-01", 6, "2026-09-01", "2026-08-31"),
]


@pytest.mark.parametrize(("first", "months", "later", "last"), MONTHS)
def test_months_later_is_the_same_day_or_the_last_of_a_month_without_it(first, months, later, last):
    day = date.fromisoformat(first)
    assert months_later(day, months).isoformat() == later
    assert last_day_of(day, months).isoformat() == last


@given(DAYS, st.integers(min_value=1, max_value=24))
def test_what_begins_the_day_after_the_last_leaves_no_day_out_and_none_twice(day, months):
    follows = last_day_of(day, months) + timedelta(days=1)
    month = (day.month - 1 + months) % 12 + 1
    assert (follows.day, follows.month) in ((day.day, month), (1, month % 12 + 1))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1 month", "1 month"), ("3 months", "3 months"), ("1.5 months", "1.5 months"), ("1 year", "12 months"),
        ("14 days", "2 weeks"), ("7 days", "1 week"), ("1 day", "1 day"), ("10 days", "10 days"),
        ("4 weeks", "4 weeks"), ("90 days", "90 days"), ("26 weeks", "26 weeks"),
    ],
)  # fmt: skip
def test_what_is_kept_in_months_is_said_as_people_write_it(written, said):
    assert months_in_words(as_decimal(convert(read_quantity(written), "months"))) == said
