"""The traps: every slip of twice or more is stopped, clean orders are left alone, and each trap says what it is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bench.dosing_traps import KINDS, run
from utilization.rules.dosing import slips as rules
from utilization.rules.dosing.plan import DoseRule
from utilization.rules.dosing.products import Product
from utilization.rules.dosing.slips import (
    PreviousWeight,
    SecondStatement,
    changed_traps,
    other_form,
    traps,
    weight_needs_witness,
)
from utilization.rules.facts.values import read_facts

TODAY = date(2026, 11, 21)
TWO = DoseRule(ceiling=Decimal(2), target=Decimal(2), weight_rule="actual")
MAN = {"age_years": 58, "sex": "male", "height_cm": 175, "weight_kg": 75}
LOAD = {**MAN, "dose_total_g_per_kg": 2, "course_days": 5}
TEN = Product("Ten", "ivig", frozenset({"iv"}), g_per_ml=Decimal("0.1"))
RIGHT = SecondStatement(dose_total_g=Decimal(150), weight_kg=Decimal(75))


def found(facts, again=RIGHT, rule=TWO, product=None, previous=None, measured_on=None):
    told = traps(read_facts(facts), rule, product, previous, TODAY, again=again, measured_on=measured_on)
    return {(trap.code, trap.fact, trap.stop) for trap in told}


def test_no_slip_of_twice_or_more_passes_and_hardly_a_clean_order_is_held():
    result = run(20_000, 5_000, seed=7)
    assert set(result.seeded) == set(KINDS)
    assert result.stopped == result.seeded, result.missed
    assert result.alarmed <= result.clean / 100, result.alarms


@pytest.mark.parametrize("limit", ["DOSE_APART", "WEIGHT_AGAIN_APART"])
def test_the_witnesses_are_what_stops_them(monkeypatch, limit):
    monkeypatch.setattr(rules, limit, Decimal(1000))
    result = run(3_000, 0, seed=7)
    assert sum(result.stopped.values()) < sum(result.seeded.values())


def test_an_order_with_its_witnesses_runs_into_nothing():
    assert found(LOAD) == set()
    assert found(LOAD, SecondStatement(dose_total_g=Decimal(150)), previous=PreviousWeight(Decimal(74), TODAY)) == set()
    grams = {**MAN, "dose_total_g": 150}
    assert found(grams, SecondStatement(dose_total_g_per_kg=Decimal(2), weight_kg=Decimal(75))) == set()
    both = {**LOAD, "dose_total_g": 150}
    assert found(both, SecondStatement(weight_kg=Decimal(75))) == set(), "both forms stand in the order itself"
    assert found(MAN, SecondStatement()) == set(), "no dose, no trap"


def test_what_stands_alone_is_asked_for_again():
    alone = {("dose_stated_once", "dose_total_g_per_kg", True), ("weight_stated_once", "weight_kg", True)}
    assert found(LOAD, SecondStatement()) == alone
    assert other_form(read_facts(LOAD)) == "dose_total_g"
    assert other_form(read_facts({**MAN, "dose_per_day_g": 30, "course_days": 5})) == "dose_total_g_per_kg"
    assert other_form(read_facts({"dose_total_g": 150})) is None


def test_the_published_case_is_stopped_whatever_is_stated_again():
    """150 g meant for the course, ordered as 150 g on each of five days."""
    order = {**MAN, "dose_per_day_g": 150, "course_days": 5}
    for again in (SecondStatement(), SecondStatement(dose_total_g_per_kg=Decimal(10), weight_kg=Decimal(75))):
        assert ("total_as_daily", "dose_per_day_g", True) in found(order, again)
    assert (
        found({**MAN, "dose_per_day_g": 30, "course_days": 5}, SecondStatement(None, Decimal(2), Decimal(75))) == set()
    )


@pytest.mark.parametrize(
    ("again", "code"),
    [
        ("1500", "tenfold"), ("15", "tenfold"), ("300", "twofold"), ("75", "twofold"), ("330", "pounds_as_kilograms"),
        ("150000", "grams_as_milligrams"), ("30", "total_as_daily"), ("750", "total_as_daily"),
        ("200", "dose_disagrees"),
    ],
)  # fmt: skip
def test_two_statements_that_differ_name_the_likely_slip(again, code):
    assert found(LOAD, SecondStatement(dose_total_g=Decimal(again), weight_kg=Decimal(75))) == {
        (code, "dose_total_g_per_kg", True)
    }


def test_millilitres_are_known_by_the_products_strength():
    five = Product("Five", "ivig", frozenset({"iv"}), g_per_ml=Decimal("0.05"))
    wrong = SecondStatement(dose_total_g=Decimal(3000), weight_kg=Decimal(75))
    assert found(LOAD, wrong, product=five) == {("grams_as_millilitres", "dose_total_g_per_kg", True)}


def test_rounding_to_vials_is_no_slip():
    for grams in ("145", "160", "180"):
        assert found(LOAD, SecondStatement(dose_total_g=Decimal(grams), weight_kg=Decimal(75))) == set()


@pytest.mark.parametrize(
    ("facts", "trap"),
    [
        ({**MAN, "dose_total_g_per_kg": 6}, ("tenfold", "dose_total_g_per_kg", True)),
        ({**MAN, "dose_total_g_per_kg": "0.04"}, ("tenfold", "dose_total_g_per_kg", True)),
        ({**MAN, "dose_total_g": 600}, ("tenfold", "dose_total_g", True)),
        ({"dose_total_g": 1500}, ("grams_as_milligrams", "dose_total_g", True)),
        ({**MAN, "dose_per_day_g_per_kg": "0.4"}, ("dose_without_days", "course_days", False)),
        ({"dose_total_g": 150}, ("weight_missing", "weight_kg", False)),
    ],
)
def test_limits_that_no_second_statement_passes(facts, trap):
    assert trap in found(facts)


@pytest.mark.parametrize(
    ("order", "held"),
    [
        ({"dose_total_g_per_kg": "0.4", "course_days": 5}, True),
        ({"dose_total_g_per_kg": "0.99"}, True),
        ({"dose_total_g_per_kg": 1}, False),
        ({"dose_total_g_per_kg": "0.4", "course_days": 5, "request_type": "renewal"}, False),
        ({"dose_per_day_g_per_kg": "0.4", "course_days": 5}, False),
        ({"dose_per_day_g_per_kg": "0.4", "course_days": 2}, True),
        ({"dose_total_g": 30, "course_days": 5}, True),
        ({"dose_total_g": 70}, False),
    ],
)
def test_a_first_course_below_half_the_target_needs_a_reason(order, held):
    again = SecondStatement(Decimal(order.get("dose_total_g", 0)) or None, None, Decimal(75))
    stated = next(name for name in order if name.startswith("dose_"))
    codes = found({**MAN, **order}, again)
    assert ((("below_target", stated, False)) in codes) is held
    assert not {trap for trap in found({**MAN, **order}, again, rule=DoseRule()) if trap[0] == "below_target"}


def test_a_height_that_the_weight_rule_reads_is_asked_for():
    adjusted = DoseRule(ceiling=Decimal(2), target=Decimal(2))
    light = {name: value for name, value in LOAD.items() if name != "height_cm"}
    missing = {("height_missing", "height_cm", False)}
    assert found(light, rule=adjusted) == missing
    assert found({**light, "sex": None}, rule=adjusted) == missing, "a sex that is not known hides nothing"
    for name in ("australia_2026", "england", "ideal", "ontario"):
        assert found(light, rule=DoseRule(weight_rule=name)) == missing
    for name in ("actual", "none"):
        assert found(light, rule=DoseRule(weight_rule=name)) == set()
    assert found(LOAD, rule=DoseRule()) == set()
    out = {**light, "weight_rule_opt_out": True, "weight_rule_opt_out_reason": "Amputated leg."}
    assert found(out, rule=adjusted) == set()
    child = {**light, "age_years": 12, "weight_kg": 60, "dose_total_g_per_kg": 2}
    stated = SecondStatement(Decimal(120), None, Decimal(60))
    assert found(child, stated, rule=adjusted) == set()
    assert found(child, stated, rule=DoseRule(weight_rule="ontario")) == missing, "no age of its own"
    small = {**child, "age_years": 8, "weight_kg": 30}
    assert found(small, SecondStatement(Decimal(60), None, Decimal(30)), rule=DoseRule(weight_rule="ontario")) == set()


@pytest.mark.parametrize(
    ("age", "sex", "lb", "held"),
    [
        (45, "male", 180, True), (45, "male", 150, True), (30, "female", 130, True), (70, "female", 165, True),
        (45, None, 180, True), (45, "male", 110, False), (45, "male", 400, False),
        ("0.05", "female", 8, True), ("0.5", "male", 17, True), (1, "female", 22, True), (3, "male", 32, True),
        (5, "female", 44, True), (9, "male", 64, True), (10, "female", 72, True), (13, "male", 100, True),
        (16, "female", 120, True),
    ],
)  # fmt: skip
def test_pounds_typed_as_kilograms_are_questioned_by_age_and_sex_without_a_height(age, sex, lb, held):
    """The same number in kilograms, and stated so a second time."""
    facts = {"age_years": age, "sex": sex, "weight_kg": lb, "dose_total_g_per_kg": 2}
    again = SecondStatement(dose_total_g=Decimal(2 * lb), weight_kg=Decimal(lb))
    codes = {trap[0] for trap in found(facts, again)}
    assert ("weight_unit" in codes) is held


def test_kilograms_taken_for_pounds_are_questioned_too():
    light = {"age_years": 45, "sex": "male", "weight_kg": "36.3", "dose_total_g_per_kg": 2}
    again = SecondStatement(dose_total_g=Decimal("72.6"), weight_kg=Decimal("36.3"))
    assert ("weight_unit", "weight_kg", False) in found(light, again)
    assert found({**light, "height_cm": 175}, again) == set(), "the body mass index says more"
    assert found(light, again, previous=PreviousWeight(Decimal(37), TODAY)) == set(), "so it was filed before"
    usual = {"age_years": 45, "sex": "male", "weight_kg": 82, "dose_total_g_per_kg": 2}
    assert found(usual, SecondStatement(dose_total_g=Decimal(164), weight_kg=Decimal(82))) == set()


def test_a_product_that_matches_nothing_is_questioned():
    named = {**LOAD, "product": "Prvigen"}
    assert found(named) == {("unknown_product", "product", False)}
    assert found({**MAN, "product": "Prvigen"}) == {("unknown_product", "product", False)}
    assert changed_traps(read_facts(named), read_facts({**named, "course_days": 4}), TWO, None) == ()


@pytest.mark.parametrize(
    ("kg", "previous", "again", "trap"),
    [
        ("165.3", None, "75", ("pounds_as_kilograms", "weight_kg", True)),
        ("34", None, "75", ("pounds_as_kilograms", "weight_kg", True)),
        ("100", None, "75", ("weight_disagrees", "weight_kg", True)),
        ("165.3", "75", None, ("pounds_as_kilograms", "weight_kg", False)),
        ("100", "75", None, ("weight_changed", "weight_kg", False)),
        ("251", None, "251", ("weight_for_age", "weight_kg", False)),
    ],
)
def test_a_weight_is_held_against_its_witness(kg, previous, again, trap):
    last = PreviousWeight(Decimal(previous), TODAY - timedelta(days=30)) if previous else None
    facts = {**LOAD, "weight_kg": kg}
    stated = SecondStatement(dose_total_g=2 * Decimal(kg), weight_kg=Decimal(again) if again else None)
    assert found(facts, stated, previous=last) == {trap}


def test_a_weight_of_long_ago_is_no_witness_and_an_old_one_needs_a_reason():
    child = {"age_years": "0.4", "sex": "male", "weight_kg": 7, "dose_total_g_per_kg": 1}
    last = PreviousWeight(Decimal(7), TODAY - timedelta(days=15))
    assert weight_needs_witness(read_facts(child), last, TODAY)
    assert not weight_needs_witness(read_facts(LOAD), last, TODAY)
    assert not weight_needs_witness(read_facts({"dose_total_g": 5}), None, TODAY)
    assert not weight_needs_witness(read_facts(MAN), None, TODAY)
    again = SecondStatement(dose_total_g=Decimal(7), weight_kg=Decimal(7))
    old = TODAY - timedelta(days=15)
    assert found(child, again, measured_on=old) == {("weight_stale", "weight_kg", False)}
    assert found(LOAD, RIGHT, measured_on=old) == set()


def test_what_is_not_for_the_vein_is_refused_and_so_is_another_strength():
    under_skin = Product("Under", "scig", frozenset({"sc"}))
    against_one = Product("Against", "hyperimmune", frozenset({"iv"}))
    for product in (under_skin, against_one):
        assert found(LOAD, product=product) == {("not_for_this_route", "product", True)}
    assert found({**LOAD, "route": "sc"}, product=under_skin) == set()
    assert found({**LOAD, "route": "sc"}, product=TEN) == {("not_for_this_route", "product", True)}
    strength = {("concentration", "concentration_g_per_ml", True)}
    assert found({**LOAD, "concentration_g_per_ml": "0.05"}, product=TEN) == strength
    assert found({**LOAD, "concentration_g_per_ml": "0.1"}, product=TEN) == set()


def test_an_order_changed_by_a_reviewer_is_held_against_what_was_asked():
    asked = read_facts(LOAD)

    def changed(**to):
        facts = read_facts({**MAN, "course_days": 5, **to})
        return [(trap.code, trap.stop) for trap in changed_traps(asked, facts, TWO, None)]

    assert changed(dose_total_g=120) == []
    assert changed(dose_total_g=75) == [("twofold", False)]
    assert changed(dose_total_g=15) == [("tenfold", False)]
    assert changed(dose_total_g=750) == [("tenfold", True)]
    assert changed() == []
