"""Which weight a dose goes by: each convention at its edges, and the plan against a recalculation in fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules import recalculation
from utilization.rules.dosing.plan import DoseRule, check_order, plan_dose
from utilization.rules.dosing.products import Product
from utilization.rules.dosing.weights import WEIGHT_RULES, dosing_weight, weigh
from utilization.rules.facts.values import BadInput, read_facts

MAN = {"age_years": 58, "sex": "male", "weight_kg": 110, "height_cm": 175}
WOMAN = {**MAN, "sex": "female", "pregnancy_status": "pregnant", "pre_pregnancy_weight_kg": 90}
VIALS = tuple(Decimal(size) for size in ("2.5", "5", "10"))


def weighed(rule, **facts):
    return dosing_weight(read_facts(facts), rule)


@pytest.mark.parametrize(
    ("rule", "facts", "basis", "kg", "why"),
    [
        ("actual", MAN, "actual", "110", "doses by actual weight"),
        ("none", MAN, "actual", "110", "sets no weight rule"),
        ("ideal", MAN, "ideal", "70.465", "ideal weight is used"),
        ("england", MAN, "ideal", "70.465", "ideal weight is used"),
        ("ideal", {**MAN, "weight_kg": 60}, "actual", "60", "actual weight is not above ideal"),
        ("ideal", {**MAN, "height_cm": 152}, "actual", "110", "under 152.4 cm"),
        ("ideal", {**WOMAN, "pre_pregnancy_weight_kg": 60}, "pre_pregnancy", "60", "before pregnancy is not above"),
        ("ideal", {**WOMAN, "height_cm": None}, "pre_pregnancy", "90", "height not known"),
        ("ideal", {"sex": "male"}, None, None, ""),
        ("ontario", MAN, "adjusted", "86.279", "152.4 cm or taller and over 50 kg"),
        ("ontario", {**MAN, "age_years": 15}, "adjusted", "86.279", "152.4 cm or taller"),
        ("ontario", {**MAN, "weight_kg": 50}, "actual", "50", "not over 50 kg"),
        ("ontario", {**MAN, "weight_kg": 51}, "actual", "51", "not above adjusted"),
        ("ontario", {**MAN, "height_cm": "152.3"}, "actual", "110", "under 152.4 cm"),
        ("ontario", {**MAN, "sex": None, "height_cm": None}, "actual", "110", "height and sex not known"),
        ("ontario", WOMAN, "adjusted", "75.579", "adjusted weight is used"),
        ("ontario", {**WOMAN, "pre_pregnancy_weight_kg": 45}, "pre_pregnancy", "45", "not over 45.5 kg"),
        ("ontario", {"sex": "male"}, None, None, ""),
        ("ontario_replacement", WOMAN, "actual", "110", "titrated on IgG"),
        ("ontario_replacement", {**WOMAN, "pregnancy_status": "planning"}, "adjusted", "83.579", "adjusted weight"),
        ("ontario_replacement", MAN, "adjusted", "86.279", "152.4 cm or taller and over 50 kg"),
        ("australia_2026", MAN, "adjusted", "86.279", "none of the exclusions"),
        ("australia_2026", {**MAN, "height_cm": 152}, "adjusted", "73.783", "none of the exclusions"),
        ("australia_2026", {**MAN, "height_cm": "151.9"}, "actual", "110", "under 152 cm"),
        ("australia_2026", {**MAN, "age_years": 17}, "actual", "110", "under 18"),
        ("australia_2026", WOMAN, "actual", "110", "pregnant: actual weight"),
        ("australia_2026", {**MAN, "weight_kg": 60}, "actual", "60", "not above adjusted"),
        ("australia_2026", {"sex": "male"}, None, None, ""),
    ],
)
def test_each_convention_at_its_edges(rule, facts, basis, kg, why):
    weight, called, _, told = weighed(rule, **facts)
    assert called == basis
    assert (None if weight is None else f"{weight:.3f}".rstrip("0").rstrip(".")) == kg
    assert why in told


def test_opting_out_of_the_rule_needs_a_written_reason():
    out = read_facts({**MAN, "weight_rule_opt_out": True})
    with pytest.raises(BadInput, match="needs a written reason") as refused:
        check_order(out)
    assert refused.value.path == "facts.weight_rule_opt_out"
    told = read_facts({**MAN, "weight_rule_opt_out": True, "weight_rule_opt_out_reason": "Amputated leg."})
    check_order(told)
    check_order(read_facts({**MAN, "weight_rule_opt_out": False}))
    weighed_by = weigh(told, "england")
    assert (weighed_by.kg, weighed_by.basis, weighed_by.why) == (
        110,
        "actual",
        "opted out of the weight rule: Amputated leg.",
    )
    assert weigh(out, "england").why.endswith("no reason given")


def tenths(low, high):
    return st.decimals(Decimal(low), Decimal(high), places=1)


bodies = st.fixed_dictionaries(
    {"weight_kg": tenths(3, 220)},
    optional={
        "height_cm": tenths(60, 205),
        "sex": st.sampled_from(["female", "male"]),
        "age_years": st.integers(0, 100),
        "pregnancy_status": st.sampled_from(["pregnant", "not_pregnant"]),
        "pre_pregnancy_weight_kg": tenths(40, 140),
        "weight_rule_opt_out": st.just(True),
    },
)
orders = st.one_of(
    st.fixed_dictionaries({"dose_total_g_per_kg": tenths("0.1", 3)}, optional={"course_days": st.integers(1, 5)}),
    st.fixed_dictionaries({"dose_per_day_g_per_kg": tenths("0.1", 1), "course_days": st.integers(1, 5)}),
    st.fixed_dictionaries({"dose_total_g": tenths(2, 60)}, optional={"course_days": st.integers(1, 5)}),
    st.fixed_dictionaries({"dose_per_day_g": tenths(1, 30), "course_days": st.integers(1, 5)}),
)


@given(bodies, orders, st.sampled_from(sorted(WEIGHT_RULES)), st.sampled_from(["5 g", "none"]))
def test_every_plan_agrees_with_the_recalculation(body, order, name, rounding):
    facts = read_facts({**body, **order})
    rule = DoseRule(ceiling=Decimal(2), target=Decimal("1.5"), weight_rule=name, rounding=rounding)
    plan = plan_dose(facts, rule, None)
    kg, basis = recalculation.weight(dict(facts), name)
    per_kg, grams = recalculation.course(dict(facts))
    assert plan.weight_basis == basis
    assert close(plan.dosing_weight_kg, kg)
    assert close(plan.limit_g, 2 * kg)
    target = per_kg * kg if per_kg is not None else Fraction(3, 2) * kg
    give = grams if per_kg is None else target
    assert close(plan.target_g, target)
    assert close(plan.rounded_g, recalculation.rounded(give, rounding, []))
    if "course_days" in facts:
        assert close(plan.per_day_g, Fraction(plan.rounded_g) / facts["course_days"])


@given(tenths(8, 40), st.integers(1, 2), st.integers(1, 3))
def test_whole_vials_agree_with_the_recalculation(kg, dose, days):
    rule = DoseRule(rounding="vials")
    facts = read_facts({"weight_kg": kg, "age_years": 9, "dose_total_g_per_kg": dose, "course_days": days})
    plan = plan_dose(facts, rule, Product("Any", "ivig", frozenset({"iv"}), vials_g=VIALS))
    sizes = [Fraction(size) for size in VIALS]
    assert close(plan.rounded_g, recalculation.rounded(Fraction(kg) * dose, "vials", sizes))


def close(value, expected):
    return abs(Fraction(value) - Fraction(expected)) < Fraction(1, 10**12)
