"""How many grams may be given first, before anybody reviewed the order: by hand, from the note of each row."""

from decimal import Decimal

import pytest

from utilization.rules.authorization.first_dose import Ground, NoRelease, first_dose, ground_of
from utilization.rules.authorization.table import FirstDoseLimits

LIMITS = FirstDoseLimits(hours=24, most_g_per_kg=Decimal("0.4"))


def a_judgement(outcome="meets", expedited=False, warnings=(), dose=None):
    return {"outcome": outcome, "warnings": list(warnings), "route": {"expedited": expedited}, "dose": dose}


def a_dose(weight, course, days=(), limit=None, within=None):
    return {
        "dosing_weight_kg": weight, "rounded_g": course, "days": list(days), "limit_g": limit, "within_ceiling": within,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("dose", "warnings", "grams"),
    [
        # 160 g within the ceiling of 160 g: the first day as the order has it, also where the days are uneven.
        (a_dose("80.000", "160", ["35", "35", "30", "30", "30"], "160.00", True), (), "35"),
        (a_dose("80.000", "80", ["80"], "160.00", True), (), "80"),
        # 240 g above it: a fifth of 160 g. 150 g over three days, ceiling 100 g: a third of that, rounded down.
        (a_dose("80.000", "240", ["48"] * 5, "160.00", False), (), "32"),
        (a_dose("50.000", "150", ["50"] * 3, "100.00", False), (), "33"),
        # 5 g a day of a small order above the ceiling keeps the ceiling's share of 8 g: nothing is raised.
        (a_dose("20.000", "45", ["7", "7", "7", "8", "8", "8"], "40.00", False), (), "6"),
        # The criteria set no ceiling: 0.4 g/kg of 80 kg, 32 g.
        (a_dose("80.000", "40", ["40"]), (), "32"),
        (a_dose("80.000", "30", ["30"]), (), "30"),
        # No days are stated: 0.4 g/kg, below 1 g to a tenth; never above the ceiling of the course.
        (a_dose("80.000", "160", (), "160.00", True), (), "32"),
        (a_dose("2.200", "4", (), "4.40", True), (), "0.8"),
        (a_dose("80.000", "160", (), "20.00", False), (), "20"),
        # Above what the criteria allow a day: 0.4 g/kg bound it as well.
        (a_dose("80.000", "160", ["80", "80"], "160.00", True), ("daily_dose_exceeds_limit",), "32"),
    ],
)  # fmt: skip
def test_the_grams_of_a_first_dose(dose, warnings, grams):
    got = first_dose(a_judgement(dose=dose, warnings=warnings), LIMITS)
    assert got.grams == Decimal(grams)
    assert got.because.endswith(".")
    assert f"{grams} g" in got.because


@pytest.mark.parametrize(
    ("judgement", "says"),
    [
        (a_judgement(dose=None), "weight is not known"),
        (a_judgement(dose=a_dose(None, "160", ["32"] * 5)), "weight is not known"),
        (a_judgement(dose=a_dose("80.000", None)), "no dose"),
        (a_judgement(dose=a_dose("80.000", "5", ["5"], "0.00", False)), "No grams are left"),
        (a_judgement(dose=a_dose("80.000", "30", ["30"]), warnings=["product_contraindicated"]), "the product"),
    ],
)
def test_what_stops_a_release_on_any_ground(judgement, says):
    with pytest.raises(NoRelease, match=says):
        first_dose(judgement, LIMITS)


@pytest.mark.parametrize("outcome", ["meets", "does_not_meet", "exception_review", "needs_information"])
@pytest.mark.parametrize("expedited", [True, False])
def test_urgent_by_the_criteria_or_declared_with_a_reason(outcome, expedited):
    judgement = a_judgement(outcome, expedited)
    assert ground_of(judgement, "Respiratory failure.") == Ground.DECLARED
    if expedited and outcome == "meets":
        assert ground_of(judgement, "") == Ground.URGENT
    else:
        with pytest.raises(NoRelease, match="write why it is an emergency"):
            ground_of(judgement, "")
