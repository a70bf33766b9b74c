"""Rounding and vials: never far from the exact grams, whole vials over the course, against a naive oracle."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.rules import recalculation
from utilization import criteria
from utilization.rules.dosing.orders import least_grams, most_grams
from utilization.rules.dosing.plan import DoseRule, days_text, plan_dose, round_grams
from utilization.rules.dosing.products import Product, find_product
from utilization.rules.dosing.vials import fill_vials, given_by, share_evenly, share_out, vials_up_to
from utilization.rules.facts.values import read_facts

TWO = DoseRule(ceiling=Decimal(2), target=Decimal(2))


def sizes(*grams):
    return tuple(Decimal(str(amount)) for amount in grams)


def brand(*grams):
    return Product("Any", "ivig", frozenset({"iv"}), vials_g=sizes(*grams))


def planned(rule=TWO, product=None, **facts):
    return plan_dose(read_facts(facts), rule, product)


FIVE_TEN_TWENTY = sizes(5, 10, 20)
GAMUNEX = sizes(1, 2.5, 5, 10, 20, 40)


# --- Rounding -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kg", "per_kg", "vials", "grams"),
    [
        ("2.6", 1, (), "2.6"),
        ("2.6", 1, (5, 10), "2.6"),
        ("2.6", 1, (2.5, 5), "2.5"),
        ("2.6", 1, (0.5, 2.5), "2.5"),
        ("3", "0.4", (), "1.2"),
        ("4", 2, (), "8"),
        ("4", 2, (1, 5), "8"),
        ("3.33", 1, (), "3.3"),
        ("12", 2, (), "25"),
        ("22.6", 1, (), "22.6"),
        ("22.8", 1, (), "25"),
        ("75", 2, (1, 5), "150"),
        ("0.04", 1, (), "0.04"),
    ],
)
def test_the_largest_step_that_stays_within_a_tenth(kg, per_kg, vials, grams):
    plan = planned(product=brand(*vials), weight_kg=kg, age_years=0, dose_total_g_per_kg=per_kg, course_days=1)
    assert plan.rounded_g == Decimal(grams)


def test_a_newborn_is_given_what_was_ordered():
    plan = planned(weight_kg="2.6", age_years=0, dose_total_g_per_kg=1, course_days=1)
    assert (plan.as_dict()["rounded_g"], plan.as_dict()["per_day_g"]) == ("2.6", "2.6")
    assert "would change the dose by more than 10 %" in next(
        x.formula for x in plan.lines if x.label == "Grams to give"
    )


def test_a_pack_sets_how_far_grams_are_rounded():
    strict = DoseRule(rounding_within=Decimal("0.01"))
    assert round_grams(Decimal(152), strict)[0] == 152
    assert round_grams(Decimal("151.2"), strict)[0] == 150
    assert round_grams(Decimal(8), DoseRule(rounding_within=Decimal("0.2")))[0] == 8
    assert round_grams(Decimal(9), DoseRule(rounding_within=Decimal("0.2")))[0] == 10


def test_vials_do_not_carry_a_course_past_its_ceiling():
    """6.6 g are the ceiling of 3.3 kg: 7 g from vials would pass it, 6 g are within a tenth."""
    plan = planned(product=brand(1), weight_kg="3.3", age_years=0, dose_total_g_per_kg=2)
    assert plan.rounded_g == 6
    assert planned(product=brand(1), weight_kg="3.3", age_years=0, dose_total_g_per_kg="2.1").rounded_g == 7
    assert vials_up_to(Decimal("6.6"), Decimal("0.9"), sizes(1)) is None
    assert vials_up_to(Decimal(3000), Decimal(3000), sizes(5)) is None
    assert vials_up_to(Decimal(3), Decimal(9), ()) is None


grams = st.decimals(Decimal("0.3"), Decimal(400), places=2)
some_sizes = st.lists(st.sampled_from([0.5, 1, 2, 2.5, 5, 10, 20, 25, 30, 40]), max_size=5, unique=True)


@given(grams, some_sizes, st.sampled_from(["5 g", "vials"]), st.sampled_from(["0.02", "0.05", "0.1", "0.2"]))
@settings(max_examples=at_most(300))
def test_rounding_agrees_with_the_recalculation(exact, vials, how, within):
    few = [vial for vial in vials if exact / Decimal(str(vial)) < 12]
    rule = DoseRule(rounding=how, rounding_within=Decimal(within))
    found = Fraction(round_grams(exact, rule, sizes(*few))[0])
    fractions = [Fraction(str(size)) for size in few]
    assert found == recalculation.rounded(Fraction(exact), how, fractions, Fraction(within))
    assert abs(found - Fraction(exact)) <= Fraction(within) * Fraction(exact)


@given(
    st.decimals(Decimal("0.5"), Decimal(120), places=1),
    st.sampled_from(["0.2", "0.4", "0.95", "1", "1.9", "2"]),
    st.integers(1, 6),
    some_sizes,
)
@settings(max_examples=at_most(300))
def test_what_is_given_keeps_every_limit_that_the_order_keeps(kg, per_kg, days, vials):
    """Ceiling, and a limit a day: exceeded by no more than a tenth, whatever steps and vials there are."""
    facts = {"weight_kg": kg, "age_years": 5, "dose_total_g_per_kg": per_kg, "course_days": days}
    a_day = Decimal(per_kg) / days
    plan = plan_dose(read_facts(facts), TWO, brand(*vials), "", [(a_day, True), (Decimal(1000), False)])
    assert plan.within_ceiling
    assert plan.rounded_g <= most_grams(2 * kg)
    assert abs(plan.rounded_g - Decimal(per_kg) * kg) <= Decimal(per_kg) * kg / 10
    assert max(day.grams for day in plan.days) <= a_day * kg * Decimal("1.1") + Decimal("0.1")
    assert sum(day.grams for day in plan.days) == plan.rounded_g


@pytest.mark.parametrize(
    ("limit", "most", "least"),
    [("64", "65", "64"), ("62", "62", "60"), ("2.6", "2.6", "2.6"), ("4", "4", "4"), ("8", "8", "8"),
     ("23", "25", "23"), ("22", "22", "20"), ("128.29", "130", "128.29"), ("150.158", "150.16", "150")],
)  # fmt: skip
def test_a_limit_in_grams_is_rounded_within_a_tenth_alone(limit, most, least):
    assert most_grams(Decimal(limit)) == Decimal(most)
    assert least_grams(Decimal(limit)) == Decimal(least)


def test_grams_at_hand_are_held_against_a_newborns_limit():
    """5 g for 2.6 kg are 1.92 g/kg: no rounding of 1 g/kg."""
    one = DoseRule(ceiling=Decimal(1))
    assert planned(one, weight_kg="2.6", age_years=0, dose_total_g=5).within_ceiling is False
    assert planned(one, weight_kg="2.6", age_years=0, dose_total_g="2.6").within_ceiling is True


# --- Vials over the course ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("total", "days", "vials", "told"),
    [
        (135, 2, FIVE_TEN_TWENTY, "70 + 65 g"),
        (160, 5, FIVE_TEN_TWENTY, "35 + 35 + 30 + 30 + 30 g"),
        (45, 2, FIVE_TEN_TWENTY, "25 + 20 g"),
        (70, 3, FIVE_TEN_TWENTY, "25 + 25 + 20 g"),
        (100, 3, FIVE_TEN_TWENTY, "35 + 35 + 30 g"),
        (25, 2, FIVE_TEN_TWENTY, "15 + 10 g"),
        (150, 5, FIVE_TEN_TWENTY, "30 + 30 + 30 + 30 + 30 g"),
        (150, 7, FIVE_TEN_TWENTY, "2 × 25 g + 5 × 20 g"),
        (65, 2, sizes(10, 20), "35 + 30 g"),
        (55, 3, sizes(10, 25), "20 + 20 + 15 g"),
        (24, 1, sizes(1, 20), "24 g"),
        ("2.6", 1, FIVE_TEN_TWENTY, "2.6 g"),
        ("2.6", 2, FIVE_TEN_TWENTY, "1.3 + 1.3 g"),
        (10, 3, FIVE_TEN_TWENTY, "3.4 + 3.3 + 3.3 g"),
    ],
)
def test_a_course_is_shared_out_in_whole_vials(total, days, vials, told):
    days_shared = share_out(Decimal(str(total)), days, vials)
    assert days_text([day.grams for day in days_shared]) == told
    assert sum(day.grams for day in days_shared) == Decimal(str(total))


@given(
    st.integers(1, 120),
    st.integers(1, 4),
    st.lists(st.sampled_from([1, 2, 4, 5, 10, 20, 25, 40]), min_size=1, max_size=4, unique=True),
)
@settings(max_examples=at_most(400))
def test_sharing_out_agrees_with_every_way_tried(total, days, units):
    """In half grams. The least that is opened, no vial more than that takes, and the days no further apart."""
    days_shared = share_out(Decimal(total) / 2, days, [Decimal(unit) / 2 for unit in units])
    smallest = min(units)
    assert sum(day.grams for day in days_shared) == Decimal(total) / 2
    opened = sum(given_by(day.vials) for day in days_shared)
    assert all(given_by(day.vials) >= day.grams > 0 for day in days_shared)
    ways, least = [], total
    while not ways and least < total + smallest:
        ways = recalculation.ways_to_share(least, days, units, smallest)
        least += 1
    spread = max(day.grams for day in days_shared) - min(day.grams for day in days_shared)
    if ways:
        assert opened * 2 == least - 1
        assert spread <= Decimal(smallest) / 2
    else:
        assert spread <= Decimal("0.1")


def test_days_without_vials_are_even_to_a_tenth_or_as_the_course_was_rounded():
    plan = planned(age_years=9, weight_kg=80, dose_total_g_per_kg=2, course_days=5)
    assert plan.shown()["days_text"] == "35 + 35 + 30 + 30 + 30 g"
    assert (
        planned(age_years=9, weight_kg=12, dose_total_g_per_kg=2, course_days=2).shown()["days_text"] == "12.5 + 12.5 g"
    )
    exact = planned(DoseRule(rounding="none"), weight_kg="50.123", dose_total_g_per_kg=2, course_days=3)
    assert [str(day.grams) for day in exact.days] == ["33.426", "33.41", "33.41"]
    assert sum(day.grams for day in share_evenly(Decimal("100.25"), 4, ())) == Decimal("100.25")
    assert plan.waste_g is None
    assert planned(weight_kg=80, dose_total_g_per_kg=2).waste_g is None


def test_sizes_that_no_pharmacy_has_do_not_hold_anybody_up():
    odd = sizes("7.333", "11.007")
    assert sum(day.grams for day in share_out(Decimal(300), 5, odd)) == 300
    assert share_out(Decimal(9000), 2, FIVE_TEN_TWENTY)[0].vials is None
    assert len(share_out(Decimal(400), 200, FIVE_TEN_TWENTY)) == 200
    assert fill_vials(Decimal(1500), sizes("0.001", "0.007")) is None


def test_what_is_left_in_vials_is_told_in_grams():
    plan = planned(product=brand(5, 10), weight_kg="2.6", age_years=0, dose_total_g_per_kg=1, course_days=2)
    assert plan.waste_g == Decimal("7.4")
    assert plan.shown()["waste_g"] == "7.4"
    whole = planned(product=brand(5, 10, 20), age_years=9, weight_kg="67.5", dose_total_g_per_kg=2, course_days=2)
    assert (whole.rounded_g, whole.waste_g) == (135, 0)
    assert whole.shown()["vials_by_day"] == [
        {"days": 1, "grams": "70", "vials": "3 × 20 g + 1 × 10 g"},
        {"days": 1, "grams": "65", "vials": "3 × 20 g + 1 × 5 g"},
    ]  # fmt: skip
    assert whole.as_dict()["per_day_g"] == "67.5"
    assert whole.as_dict()["vials_per_day"] == {"20": 3, "10": 1}


def test_days_in_whole_vials_do_not_break_a_limit_a_day():
    facts = read_facts({"weight_kg": 12, "age_years": 3, "dose_total_g_per_kg": 2, "course_days": 2})
    vials = brand(5, 10)
    assert plan_dose(facts, TWO, vials).shown()["days_text"] == "15 + 10 g"
    strict = plan_dose(facts, TWO, vials, "", [(Decimal(1), True)])
    assert (strict.shown()["days_text"], strict.waste_g) == ("12.5 + 12.5 g", 5)
    assert plan_dose(facts, TWO, vials, "", [(Decimal("0.5"), True)]).shown()["days_text"] == "15 + 10 g"


# --- Questions about the plan -------------------------------------------------------------------------------------
def test_many_small_vials_are_questioned_against_a_few_large_ones():
    plan = planned(DoseRule(rounding="vials"), brand(1, 5, 20), weight_kg=12, dose_total_g_per_kg=2, course_days=1)
    assert plan.rounded_g == 24
    assert "24 g takes 5 vials (1 × 20 g + 4 × 1 g); 25 g would take 2 (1 × 20 g + 1 × 5 g). Is 24 g" in plan.few_vials
    assert plan.instead_g == 25
    five = planned(product=brand(1, 2.5, 5, 10, 20), age_years=9, weight_kg=60, dose_total_g_per_kg=2, course_days=5)
    assert "24 g a day takes 25 vials (1 × 20 g + 4 × 1 g); 25 + 25 + 25 + 25 + 20 g would take 9" in five.few_vials
    assert five.instead_g is None, "the same course, on other days"
    near = planned(product=brand(5, 10, 20), age_years=9, weight_kg=60, dose_total_g_per_kg=2, course_days=5)
    assert near.few_vials == ""


def test_a_textbook_course_by_actual_weight_is_told_that_the_weight_rule_lowers_it():
    man = {"age_years": 58, "sex": "male", "weight_kg": 82, "height_cm": 175}
    for order in ({"dose_total_g": 164}, {"dose_total_g": 165}, {"dose_per_day_g": "32.8", "course_days": 5}):
        plan = planned(**man, **order)
        assert plan.within_ceiling is False
        assert "of the actual weight, 82 kg" in plan.why_above
        assert "adjusted weight, 75.1 kg" in plan.why_above
        assert "weight rule is why it is above the ceiling of 2 g/kg" in plan.why_above
        assert plan.instead_g == 150
        assert planned(**man, dose_total_g=plan.instead_g).within_ceiling
    assert planned(**man, dose_total_g=200).why_above == "", "too much by actual weight too"
    assert planned(**man, dose_total_g_per_kg="2.2").why_above == "", "an order per kg is per kg of dosing weight"
    assert planned(age_years=9, weight_kg=30, dose_total_g=70).why_above == ""
    before = {"sex": "female", "age_years": 30, "weight_kg": 80, "pregnancy_status": "pregnant",
              "pre_pregnancy_weight_kg": 70, "dose_total_g": 160}  # fmt: skip
    assert "weight before pregnancy, 70 kg" in planned(**before).why_above


def test_the_most_grams_are_one_figure():
    plan = planned(weight_kg="64.145", age_years=9)
    assert (plan.as_dict()["limit_g"], plan.shown()["most_g"]) == ("128.29", "130")
    assert ("At most, as grams are rounded", "130") in {(line.label, line.value) for line in plan.lines}
    lenient = DoseRule(ceiling=Decimal(2), tolerance=Decimal("0.05"))
    assert planned(lenient, weight_kg=32, age_years=9).shown()["most_g"] == "67.2"
    assert planned(DoseRule(), weight_kg=32, age_years=9).shown()["most_g"] is None
    assert planned(weight_kg=50, dose_total_g_per_kg=2, course_days=2).shown()["day_g_per_kg"] == "1"
    assert planned(dose_per_day_g=20).shown()["day_g_per_kg"] is None


def test_products_of_the_table_share_out_every_course_up_to_their_largest():
    for name in ("Privigen", "Gamunex-C", "Octagam 10%", "Flebogamma DIF 5%", "Bivigam"):
        product = find_product(criteria.reference_tables().products, name)
        for total in range(5, 260, 5):
            for days in (1, 2, 3, 5):
                days_shared = share_out(Decimal(total), days, product.vials_g)
                assert sum(day.grams for day in days_shared) == total
                assert max(d.grams for d in days_shared) - min(d.grams for d in days_shared) <= min(product.vials_g)


def test_more_than_two_amounts_a_day_where_no_two_add_up():
    """49 g in vials of 5, 8, 15 and 40 g: 13, 10 and 8 g are whole vials within 5 g of each other; no pair adds up."""
    days = share_out(Decimal(49), 5, [Decimal(size) for size in (5, 8, 15, 40)])
    assert [day.grams for day in days] == [13, 10, 10, 8, 8]
    assert all(given_by(day.vials) == day.grams for day in days)
