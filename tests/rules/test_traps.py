"""The traps: every slip of twice or more is stopped, clean orders are left alone, and each trap says what it is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bench.dosing_traps import KINDS, run
from utilization.rules.dosing import traps as rules
from utilization.rules.dosing.plan import DoseRule
from utilization.rules.dosing.products import Product
from utilization.rules.dosing.traps import Again, PreviousWeight, changed_traps, other_form, traps, weight_needs_witness
from utilization.rules.facts.values import read_facts

TODAY = date(2026, 11, 21)
TWO = DoseRule(ceiling=Decimal(2), target=Decimal(2), weight_rule="actual")
MAN = {"age_years": 58, "sex": "male", "height_cm": 175, "weight_kg": 75}
LOAD = {**MAN, "dose_total_g_per_kg": 2, "course_days": 5}
TEN = Product("Ten", "ivig", frozenset({"iv"}), g_per_ml=Decimal("0.1"))
RIGHT = Again(dose_total_g=Decimal(150), weight_kg=Decimal(75))


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
    assert found(LOAD, Again(dose_total_g=Decimal(150)), previous=PreviousWeight(Decimal(74), TODAY)) == set()
    grams = {**MAN, "dose_total_g": 150}
    assert found(grams, Again(dose_total_g_per_kg=Decimal(2), weight_kg=Decimal(75))) == set()
    both = {**LOAD, "dose_total_g": 150}
    assert found(both, Again(weight_kg=Decimal(75))) == set(), "both forms stand in the order itself"
    assert found(MAN, Again()) == set(), "no dose, no trap"


def test_what_stands_alone_is_asked_for_again():
    alone = {("dose_stated_once", "dose_total_g_per_kg", True), ("weight_stated_once", "weight_kg", True)}
    assert found(LOAD, Again()) == alone
    assert other_form(read_facts(LOAD)) == "dose_total_g"
    assert other_form(read_facts({**MAN, "dose_per_day_g": 30, "course_days": 5})) == "dose_total_g_per_kg"
    assert other_form(read_facts({"dose_total_g": 150})) is None


def test_the_published_case_is_stopped_whatever_is_stated_again():
    """150 g meant for the course, ordered as 150 g on each of five days."""
    order = {**MAN, "dose_per_day_g": 150, "course_days": 5}
    for again in (Again(), Again(dose_total_g_per_kg=Decimal(10), weight_kg=Decimal(75))):
        assert ("total_as_daily", "dose_per_day_g", True) in found(order, again)
    assert found({**MAN, "dose_per_day_g": 30, "course_days": 5}, Again(None, Decimal(2), Decimal(75))) == set()


@pytest.mark.parametrize(
    ("again", "code"),
    [
        ("1500", "tenfold"), ("15", "tenfold"), ("300", "twofold"), ("75", "twofold"), ("330", "pounds_as_kilograms"),
        ("150000", "grams_as_milligrams"), ("30", "total_as_daily"), ("750", "total_as_daily"),
        ("200", "dose_disagrees"),
    ],
)  # fmt: skip
def test_two_statements_that_differ_name_the_likely_slip(again, code):
    assert found(LOAD, Again(dose_total_g=Decimal(again), weight_kg=Decimal(75))) == {
        (code, "dose_total_g_per_kg", True)
    }


def test_millilitres_are_known_by_the_products_strength():
    five = Product("Five", "ivig", frozenset({"iv"}), g_per_ml=Decimal("0.05"))
    wrong = Again(dose_total_g=Decimal(3000), weight_kg=Decimal(75))
    assert found(LOAD, wrong, product=five) == {("grams_as_millilitres", "dose_total_g_per_kg", True)}


def test_rounding_to_vials_is_no_slip():
    for grams in ("145", "160", "180"):
        assert found(LOAD, Again(dose_total_g=Decimal(grams), weight_kg=Decimal(75))) == set()


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
    stated = Again(dose_total_g=2 * Decimal(kg), weight_kg=Decimal(again) if again else None)
    assert found(facts, stated, previous=last) == {trap}


def test_a_weight_of_long_ago_is_no_witness_and_an_old_one_needs_a_reason():
    child = {"age_years": "0.4", "sex": "male", "weight_kg": 7, "dose_total_g_per_kg": 1}
    last = PreviousWeight(Decimal(7), TODAY - timedelta(days=15))
    assert weight_needs_witness(read_facts(child), last, TODAY)
    assert not weight_needs_witness(read_facts(LOAD), last, TODAY)
    assert not weight_needs_witness(read_facts({"dose_total_g": 5}), None, TODAY)
    assert not weight_needs_witness(read_facts(MAN), None, TODAY)
    again = Again(dose_total_g=Decimal(7), weight_kg=Decimal(7))
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
