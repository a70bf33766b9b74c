"""Weight and height as typed: what each comes to, worked out by hand from 1 lb = 0.45359237 kg and 1 in = 2.54 cm."""

from decimal import Decimal
from fractions import Fraction

import pytest

from utilization.rules.facts.measures import FEET_AND_INCHES, read_measure
from utilization.rules.facts.values import BadInput

WEIGHTS = [
    ("198 lb", "", "198 lb", "89.811"),
    ("165", "lb", "165 lb", "74.843"),
    ("165lbs", "", "165 lb", "74.843"),
    ("165 pounds", "lb", "165 lb", "74.843"),
    ("165 #", "", "165 lb", "74.843"),
    ("165.5 LB.", "", "165.5 lb", "75.070"),
    ("7 lb 8 oz", "", "7 lb 8 oz", "3.402"),
    ("7 lb 8", "lb", "7 lb 8 oz", "3.402"),
    ("12 st 4", "", "12 st 4 lb", "78.018"),
    ("12st4lb", "lb", "12 st 4 lb", "78.018"),
    ("82.5", "kg", "82.5 kg", "82.500"),
    ("82.5 kilograms", "", "82.5 kg", "82.500"),
    ("60.5005 kg", "", "60.5005 kg", "60.501"),
    ("2600 g", "", "2600 g", "2.600"),
    (".9 kg", "", "0.9 kg", "0.900"),
    ("1/2 lb", "", "0.5 lb", "0.227"),
    ("82\u00a0kg", "", "82 kg", "82.000"),
]
HEIGHTS = [
    ("5 ft 4 in", "", "5 ft 4 in", "162.56"),
    ("5'4\"", "", "5 ft 4 in", "162.56"),
    ("5’4”", "", "5 ft 4 in", "162.56"),
    ("5′ 4½″", "", "5 ft 4.5 in", "163.83"),
    ("5'4''", "", "5 ft 4 in", "162.56"),
    ("5 feet, 4 inches", FEET_AND_INCHES, "5 ft 4 in", "162.56"),
    ("5 feet and 4 inches", "", "5 ft 4 in", "162.56"),
    ("5ft4", "", "5 ft 4 in", "162.56"),
    ("5 4", FEET_AND_INCHES, "5 ft 4 in", "162.56"),
    ("5 10 1/2", FEET_AND_INCHES, "5 ft 10.5 in", "179.07"),
    ("6", FEET_AND_INCHES, "6 ft", "182.88"),
    ("64", FEET_AND_INCHES, "64 in", "162.56"),
    ("64 in", FEET_AND_INCHES, "64 in", "162.56"),
    ("1.63 m", "", "1.63 m", "163.00"),
    ("1.63", "m", "1.63 m", "163.00"),
    ("1m63", "", "1 m 63 cm", "163.00"),
    ("163", "cm", "163 cm", "163.00"),
    ("1630 mm", "", "1630 mm", "163.00"),
]


@pytest.mark.parametrize(
    ("name", "typed", "unit", "written", "value"),
    [("weight_kg", *row) for row in WEIGHTS] + [("height_cm", *row) for row in HEIGHTS],
)
def test_a_measure_is_read_with_its_unit_and_converted(name, typed, unit, written, value):
    read = read_measure(name, typed, unit)
    assert (read.typed, str(read.value)) == (written, value)
    assert read_measure(name, read.typed) == read


REFUSED = [
    ("weight_kg", "180", "", "choose the unit"),
    ("weight_kg", "82,5 kg", "", "a point for decimals"),
    ("weight_kg", "1,200 kg", "", "no mark for thousands"),
    ("weight_kg", "198 lb", "kg", "198 lb is typed, but kg is chosen"),
    ("weight_kg", "90 kg", "lb", "choose the unit that is meant"),
    ("weight_kg", "0", "kg", "impossible"),
    ("weight_kg", "-60", "kg", "impossible"),
    ("weight_kg", "-1/2 kg", "", "impossible"),
    ("weight_kg", "80 kg 5", "", "choose the unit"),
    ("weight_kg", "80 kg 5", "kg", "expected one measure"),
    ("weight_kg", "7 lb -8 oz", "", "a number with its unit"),
    ("weight_kg", "7 lb 16 oz", "", "more than a lb holds"),
    ("weight_kg", "1e5", "kg", "got the unit e"),
    ("weight_kg", "", "kg", "a number with its unit"),
    ("weight_kg", "heavy", "", "a number with its unit"),
    ("weight_kg", "٨٠ kg", "", "a number with its unit"),
    ("weight_kg", "170 cm", "", "got the unit cm"),
    ("height_cm", "163", "", "choose the unit"),
    ("height_cm", "5.4", FEET_AND_INCHES, "feet and inches apart"),
    ("height_cm", "5.4 ft", "", "feet and inches apart"),
    ("height_cm", "5 ft 13 in", "", "more than a ft holds"),
    ("height_cm", "5 ft 4 in 3", "", "a number with its unit"),
    ("height_cm", "163 cm", "m", "choose the unit that is meant"),
    ("height_cm", "163 cm", FEET_AND_INCHES, "choose the unit that is meant"),
    ("height_cm", "80 kg", "", "got the unit kg"),
    ("height_cm", "9999 cm", "", "impossible"),
]


@pytest.mark.parametrize(("name", "typed", "unit", "says"), REFUSED)
def test_what_is_no_measure_is_refused_with_what_to_do(name, typed, unit, says):
    with pytest.raises(BadInput) as refused:
        read_measure(name, typed, unit)
    assert says in refused.value.message
    assert refused.value.path == name


def test_pounds_and_inches_are_exact_to_the_gram_and_the_tenth_of_a_millimetre():
    """Against fractions: every whole and quarter pound and inch of a range."""
    for quarters in range(8, 1200, 7):
        amount = Decimal(quarters) / 4
        kg = Fraction(amount) * Fraction(45359237, 100000000)
        assert abs(Fraction(read_measure("weight_kg", f"{amount} lb").value) - kg) <= Fraction(1, 2000)
    for eighths in range(130, 800, 3):
        amount = Decimal(eighths) / 8
        cm = Fraction(amount) * Fraction(254, 100)
        assert abs(Fraction(read_measure("height_cm", f"{amount} in").value) - cm) <= Fraction(1, 200)
