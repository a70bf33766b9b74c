"""Dosing: the published convention, held against a recalculation with fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utilization import criteria
from utilization.rules.dosing.plan import (
    DoseRule,
    check_order,
    fill_vials,
    missing_dose_fact,
    most_grams,
    nearest_5_g,
    order_within,
    plan_dose,
)
from utilization.rules.dosing.products import Product, find_product
from utilization.rules.facts.values import BadInput, read_facts

SEVEN = DoseRule(ceiling=Decimal(2), target=Decimal(2))
NO_RULE = DoseRule()
ADULT = {"age_years": 58, "sex": "male", "weight_kg": 82, "height_cm": 175}
PRIVIGEN = find_product(criteria.reference_tables().products, "Privigen")


def planned(rule=SEVEN, product=None, **facts):
    return plan_dose(read_facts(facts), rule, product)


def test_the_contracts_own_example():
    plan = planned(product=PRIVIGEN, **ADULT, dose_total_g_per_kg=2, course_days=5)
    assert plan.as_dict() == {
        "dosing_weight_kg": "75.079", "weight_basis": "adjusted", "ibw_kg": "70.465", "bmi": "26.78",
        "target_g": "150.16", "rounded_g": "150", "limit_g": "150.16", "per_day_g": "30",
        "vials_per_day": {"20": 1, "10": 1},
    }  # fmt: skip
    assert plan.rounded
    assert plan.within_ceiling


heights = st.decimals(min_value=Decimal("100"), max_value=Decimal("210"), places=1)
weights = st.decimals(min_value=Decimal("3"), max_value=Decimal("250"), places=1)
ages = st.integers(min_value=0, max_value=100)


@given(heights, weights, ages, st.sampled_from(["female", "male"]), st.decimals(Decimal("0.1"), Decimal("3"), places=2))
def test_weights_and_grams_agree_with_a_recalculation(height, weight, age, sex, per_kg):
    plan = planned(height_cm=height, weight_kg=weight, age_years=age, sex=sex, dose_total_g_per_kg=per_kg)
    actual = Fraction(weight)
    ideal = (50 if sex == "male" else Fraction("45.5")) + Fraction("2.3") * (
        Fraction(height) * Fraction("0.393701") - 60
    )
    adjusted = ideal + Fraction("0.4") * (actual - ideal)
    applies = age >= 18 and height >= Decimal("152.4") and actual > adjusted
    expected = adjusted if applies else actual
    assert plan.weight_basis == ("adjusted" if applies else "actual")
    assert abs(Fraction(plan.dosing_weight_kg) - expected) < Fraction(1, 10**15)
    assert abs(Fraction(plan.target_g) - expected * Fraction(per_kg)) < Fraction(1, 10**15)
    assert abs(Fraction(plan.limit_g) - 2 * expected) < Fraction(1, 10**15)
    assert abs(Fraction(plan.rounded_g) - expected * Fraction(per_kg)) <= Fraction(5, 2)
    assert plan.within_ceiling == (per_kg <= 2)


@pytest.mark.parametrize(
    ("facts", "basis", "kg", "note"),
    [
        ({"weight_kg": 82, "sex": "male"}, "actual", "82.000", "height not known"),
        ({"weight_kg": 82, "height_cm": 175}, "actual", "82.000", "sex not known"),
        ({"weight_kg": 82}, "actual", "82.000", "height and sex not known"),
        ({**ADULT, "age_years": 17}, "actual", "82.000", "under 18"),
        ({**ADULT, "height_cm": 152}, "actual", "82.000", "under 152.4"),
        ({**ADULT, "weight_kg": 60}, "actual", "60.000", "not above adjusted"),
        ({**ADULT, "sex": "female", "pregnancy_status": "pregnant", "pre_pregnancy_weight_kg": 70}, "pre_pregnancy",
         "70.000", "before pregnancy"),
        ({**ADULT, "sex": "female", "pregnancy_status": "pregnant"}, "adjusted", "72.379", "adult"),
        ({"sex": "male", "height_cm": 175, "dose_total_g_per_kg": 1}, None, None, ""),
    ],
)  # fmt: skip
def test_which_weight_and_why(facts, basis, kg, note):
    plan = planned(**facts)
    assert plan.weight_basis == basis
    assert plan.as_dict()["dosing_weight_kg"] == kg
    assert note in plan.weight_note


def test_nothing_known_gives_no_plan_and_a_lone_weight_gives_its_limit():
    assert planned() is None
    plan = planned(weight_kg=50)
    assert plan.as_dict()["limit_g"] == "100.00"
    assert plan.as_dict()["target_g"] is None
    assert plan.within_ceiling is None
    assert planned(rule=NO_RULE, weight_kg=50).limit_g is None


@pytest.mark.parametrize(
    ("facts", "target", "rounded", "per_day"),
    [
        ({"dose_total_g": 152, "course_days": 5}, "150.16", "150", "30"),
        ({"dose_total_g": 152, "request_type": "renewal"}, None, "150", None),
        ({"dose_per_day_g": 30, "course_days": 5}, "150.16", "150", "30"),
        ({"dose_per_day_g": 30}, None, None, "30"),
        ({"dose_per_day_g_per_kg": "0.4", "course_days": 5}, "150.16", "150", "30"),
        ({"dose_per_day_g_per_kg": "0.4"}, None, None, "30.03"),
        ({"dose_total_g_per_kg": 2, "dose_total_g": 150}, "150.16", "150", None),
        ({"dose_total_g_per_kg": 2, "course_days": 7}, "150.16", "150", "21.43"),
    ],
)
def test_an_order_in_every_form(facts, target, rounded, per_day):
    shown = planned(**ADULT, **facts).as_dict()
    assert (shown["target_g"], shown["rounded_g"], shown["per_day_g"]) == (target, rounded, per_day)


def test_an_infants_grams_are_not_rounded_to_nothing():
    assert planned(weight_kg=3, age_years=0, dose_total_g_per_kg="0.4").as_dict()["rounded_g"] == "1.2"


@given(weights)
def test_rounding_never_trips_the_limit(weight):
    limit = 2 * weight
    rounded = nearest_5_g(limit)
    if abs(rounded - limit) <= limit / 10:
        assert planned(weight_kg=weight, age_years=5, dose_total_g=rounded).within_ceiling
    assert planned(weight_kg=weight, age_years=5, dose_total_g_per_kg=2).within_ceiling
    over = most_grams(limit) + Decimal("0.01")
    assert planned(weight_kg=weight, age_years=5, dose_total_g=over).within_ceiling is False


def test_grams_may_be_the_limit_as_printed():
    assert planned(**ADULT, dose_total_g="150.16").within_ceiling
    assert planned(**ADULT, dose_total_g="150.17").within_ceiling is False


def test_per_kg_is_compared_exactly():
    assert planned(dose_total_g_per_kg="2.000001").within_ceiling is False
    assert planned(dose_total_g_per_kg="2.000000").within_ceiling is True


@given(
    weights,
    st.sampled_from(["dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g", "two"]),
    st.integers(1, 10),
)
def test_what_would_stay_within_does(weight, form, days):
    facts = {"weight_kg": weight, "age_years": 5, "course_days": days}
    amounts = {
        "dose_total_g_per_kg": {"dose_total_g_per_kg": 3},
        "dose_total_g": {"dose_total_g": 3 * weight},
        "dose_per_day_g_per_kg": {"dose_per_day_g_per_kg": Decimal(3) / days},
        "dose_per_day_g": {"dose_per_day_g": 3 * weight / days},
        "two": {"dose_total_g_per_kg": 3, "dose_total_g": 3 * weight},
    }[form]
    known = {**facts, **amounts}
    assert plan_dose(known, SEVEN, None).within_ceiling is False
    within = order_within(known, SEVEN)
    assert {name for name, _ in within} == set(amounts)
    assert plan_dose({**known, **dict(within)}, SEVEN, None).within_ceiling is True


def test_without_the_days_as_many_as_the_daily_dose_leaves_room_for():
    facts = read_facts({"dose_per_day_g_per_kg": "0.6"})
    assert order_within(facts, SEVEN) == (("course_days", Decimal(3)),)
    assert plan_dose(facts, SEVEN, None).within_ceiling is None
    assert planned(dose_per_day_g_per_kg=3).within_ceiling is False
    assert order_within(read_facts({"dose_per_day_g_per_kg": 3}), SEVEN) == (
        ("course_days", Decimal(1)), ("dose_per_day_g_per_kg", Decimal(2)),
    )  # fmt: skip
    assert order_within(read_facts({"weight_kg": 70}), SEVEN) == (("dose_total_g_per_kg", Decimal(2)),)
    within = read_facts({"dose_per_day_g_per_kg": "0.4", "course_days": 5, "dose_total_g_per_kg": "2.05"})
    assert order_within(within, SEVEN) == (("dose_total_g_per_kg", Decimal(2)),)


@pytest.mark.parametrize(
    ("facts", "fact"),
    [
        ({}, "dose_total_g_per_kg"),
        ({"dose_per_day_g_per_kg": 1}, "course_days"),
        ({"dose_per_day_g": 30}, "course_days"),
        ({"dose_per_day_g": 30, "course_days": 2}, "weight_kg"),
        ({"dose_total_g": 30}, "weight_kg"),
    ],
)
def test_one_fact_completes_a_dose(facts, fact):
    assert missing_dose_fact(read_facts(facts)) == fact


def test_without_a_ceiling_nothing_has_to_come_down():
    assert order_within(read_facts({"dose_total_g_per_kg": 9}), NO_RULE) == ()
    assert planned(rule=NO_RULE, dose_total_g_per_kg=9).within_ceiling is None


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"dose_total_g_per_kg": 2, "dose_per_day_g_per_kg": 2, "course_days": 5}, "facts.dose_total_g_per_kg"),
        ({"dose_total_g": 150, "dose_per_day_g": 150, "course_days": 5}, "facts.dose_total_g"),
        ({"weight_kg": 75, "dose_total_g_per_kg": 2, "dose_total_g": 200}, "facts.dose_total_g"),
        ({"dose_per_day_g_per_kg": 5, "course_days": 5}, "facts.dose_per_day_g_per_kg"),
        ({"dose_total_g_per_kg": "0.3", "dose_per_day_g_per_kg": "1.2"}, "facts.dose_per_day_g_per_kg"),
        ({"dose_total_g": 30, "dose_per_day_g": 40}, "facts.dose_per_day_g"),
        ({"weight_kg": 75, "dose_total_g_per_kg": "0.3", "dose_per_day_g": 40}, "facts.dose_per_day_g"),
        ({"weight_kg": 75, "dose_total_g": 30, "dose_per_day_g_per_kg": "0.5"}, "facts.dose_per_day_g_per_kg"),
        ({"weight_kg": 7, "dose_total_g": 150}, "facts.dose_total_g"),
        ({"weight_kg": 75, "dose_per_day_g": 30, "dose_per_day_g_per_kg": "0.5"}, "facts.dose_per_day_g"),
        ({"weight_kg": 7, "dose_per_day_g": 150, "course_days": 1}, "facts.dose_per_day_g"),
    ],
)
def test_an_order_that_cannot_be_is_refused(facts, path):
    with pytest.raises(BadInput) as refused:
        check_order(read_facts(facts))
    assert refused.value.path == path


@pytest.mark.parametrize(
    "facts",
    [
        {"dose_total_g_per_kg": 2, "dose_per_day_g_per_kg": "0.4", "course_days": 5},
        {"weight_kg": 80, "dose_total_g_per_kg": 2, "dose_total_g": 152},
        {"weight_kg": 80, "dose_total_g_per_kg": 2, "dose_total_g": "167"},
        {"dose_total_g_per_kg": 2, "dose_per_day_g_per_kg": "0.4"},
        {"dose_total_g": 30, "dose_per_day_g": 31},
        {"weight_kg": 80, "dose_total_g_per_kg": 1, "dose_per_day_g": 80},
        {},
    ],
)
def test_an_order_within_five_per_cent_is_taken(facts):
    check_order(read_facts(facts))


sizes = st.lists(
    st.sampled_from(
        [Decimal("0.5"), Decimal(1), Decimal("2.5"), Decimal(5), Decimal(10), Decimal(20), Decimal(30), Decimal(40)]
    ),
    min_size=1,
    unique=True,
)


@given(st.decimals(Decimal("0.5"), Decimal(120), places=2), sizes)
def test_vials_give_at_least_the_dose_with_the_least_waste(grams, vial_sizes):
    chosen = fill_vials(grams, vial_sizes)
    given_g = sum(size * count for size, count in chosen)
    assert grams <= given_g
    assert given_g == _least_total(grams, vial_sizes)
    assert [size for size, _ in chosen] == sorted((size for size, _ in chosen), reverse=True)


def _least_total(grams, vial_sizes):
    units = {int(size * 2) for size in vial_sizes}
    reachable, total = {0}, 0
    while True:
        total += 1
        if any(total - unit in reachable for unit in units):
            reachable.add(total)
            if Decimal(total) / 2 >= grams:
                return Decimal(total) / 2


@pytest.mark.parametrize(
    ("grams", "vial_sizes"),
    [(Decimal(30), ()), (Decimal(0), (Decimal(5),)), (Decimal(2001), (Decimal(5),)), (Decimal(5), (Decimal(0),))],
)
def test_no_vials_where_there_is_nothing_to_fill(grams, vial_sizes):
    assert fill_vials(grams, vial_sizes) is None


def test_vials_at_hand_come_before_the_products():
    plan = planned(product=PRIVIGEN, **ADULT, dose_total_g_per_kg=2, course_days=5, available_vials_g=[2.5])
    assert plan.as_dict()["vials_per_day"] == {"2.5": 12}


@pytest.mark.parametrize("typed", ["privigen", "PRIVIGEN", " Privigen ", "octagam 5%", "Octagam 5%", "Octagam"])
def test_products_are_found_as_people_write_them(typed):
    assert find_product(criteria.reference_tables().products, typed)


def test_products_and_routes():
    products = criteria.reference_tables().products
    assert not find_product(products, "Hizentra").suits("iv")
    assert find_product(products, "Hizentra").suits("sc")
    assert not find_product(products, "WinRho SDF").suits("iv")
    assert not find_product(products, "Privigen").suits("sc")
    assert find_product(products, "no such product") is None
    assert find_product((Product("A", "ivig", frozenset({"iv"})),), "a").suits("iv")
