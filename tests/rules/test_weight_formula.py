"""A weight rule by a pack's own numbers, against a recalculation in fractions from what the manual says of it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from utilization import criteria
from utilization.rules.dosing.weight_formula import WeightFormula
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.packs.reader import read_pack

BASE = {"female": Fraction(91, 2), "male": Fraction(50)}  # Devine 1974, kg at 60 in
INCHES_A_CM = Fraction("0.393701")  # as the vocabulary has it


def tenths(least, most):
    return some.integers(least * 10, most * 10).map(lambda n: Decimal(n) / 10)


FORMULAS = some.builds(
    WeightFormula,
    kind=some.sampled_from(["adjusted", "ideal"]),
    source=some.just("a policy"),
    share=some.sampled_from([Decimal("0.25"), Decimal("0.4"), Decimal("0.5")]),
    above_ideal=some.sampled_from([Decimal(0), Decimal("0.2"), Decimal("0.3")]),
    bmi_at_least=some.sampled_from([Decimal(0), Decimal(30)]),
    shortest_cm=some.sampled_from([Decimal("152.4"), Decimal(160)]),
    adults_from=some.sampled_from([Decimal(16), Decimal(18)]),
    pregnant=some.sampled_from(["before_pregnancy", "actual"]),
)
BODIES = some.fixed_dictionaries(
    {"weight_kg": tenths(40, 180)},
    optional={
        "height_cm": tenths(140, 200), "sex": some.sampled_from(sorted(BASE)), "age_years": some.integers(12, 90),
        "pregnancy_status": some.sampled_from(["pregnant", "none"]), "pre_pregnancy_weight_kg": tenths(40, 150),
    },
)  # fmt: skip


TALL = {"weight_kg": Decimal(120), "height_cm": Decimal(180), "sex": "female", "age_years": 40}


def recalculated(body, rule):
    """(kg, basis) as the manual says."""
    pregnant = body.get("pregnancy_status") == "pregnant"
    before = body.get("pre_pregnancy_weight_kg") if pregnant else None
    if pregnant and rule.pregnant == "actual":
        return Fraction(body["weight_kg"]), "actual"
    if before is not None and rule.kind == "adjusted":
        return Fraction(before), "pre_pregnancy"
    kg, basis = (Fraction(body["weight_kg"]), "actual") if before is None else (Fraction(before), "pre_pregnancy")
    height, sex = body.get("height_cm"), body.get("sex")
    if height is None or sex is None or height < rule.shortest_cm or body.get("age_years", 99) < rule.adults_from:
        return kg, basis
    ideal = BASE[sex] + Fraction(23, 10) * (Fraction(height) * INCHES_A_CM - 60)
    if kg <= ideal * (1 + Fraction(rule.above_ideal)) or kg / (Fraction(height) / 100) ** 2 < rule.bmi_at_least:
        return kg, basis
    if rule.kind == "ideal":
        return ideal, "ideal"
    return ideal + Fraction(rule.share) * (kg - ideal), "adjusted"


@given(BODIES, FORMULAS)
@example({"weight_kg": Decimal(90)}, WeightFormula("ideal", "a policy"))
@example(TALL | {"age_years": 18}, WeightFormula("ideal", "a policy"))
@example(TALL | {"height_cm": Decimal(160)}, WeightFormula("ideal", "a policy", shortest_cm=Decimal(160)))
@example(TALL | {"height_cm": Decimal(200)}, WeightFormula("ideal", "a policy", bmi_at_least=Decimal(30)))
@example(TALL | {"pregnancy_status": "pregnant", "pre_pregnancy_weight_kg": Decimal(100)}, WeightFormula("ideal", "a"))
def test_the_weight_that_counts_agrees_with_the_recalculation(body, rule):
    weighed = rule.weigh(body)
    kg, basis = recalculated(body, rule)
    assert abs(Fraction(weighed.kg) - kg) < Fraction(1, 10**9)
    assert weighed.basis == basis
    assert weighed.why


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "adjusted weight is used, by the pack's numbers"),
        ({"age_years": 15}, "under 16 years: actual weight is used"),
        ({"height_cm": None}, "height not known: actual weight is used"),
        ({"height_cm": Decimal(150)}, "under 152.4 cm: actual weight is used"),
        ({"weight_kg": Decimal(80)}, "not more than 20 % above ideal weight: actual weight is used"),
        ({"weight_kg": Decimal(95)}, "BMI under 30 kg/m²: actual weight is used"),
        ({"pregnancy_status": "pregnant"}, "pregnant: actual weight is used"),
    ],
)
def test_it_says_why_this_weight_counts(more, why):
    rule = WeightFormula(
        "adjusted", "a policy", Decimal("0.4"), Decimal("0.2"), Decimal(30), adults_from=Decimal(16), pregnant="actual"
    )
    # 180 cm: ideal weight 75.0 kg, a fifth above it 90.0 kg, a body mass index of 30 at 97.2 kg.
    body = {"weight_kg": Decimal(120), "height_cm": Decimal(180), "sex": "male", "age_years": 40} | more
    assert rule.weigh({name: value for name, value in body.items() if value is not None}).why == why


def test_without_a_weight_none_counts():
    assert WeightFormula("ideal", "a policy").weigh({"height_cm": Decimal(170), "sex": "male"}).kg is None


def test_two_packs_beside_each_other_show_its_numbers():
    told = WeightFormula("adjusted", "a policy", Decimal("0.4"), Decimal("0.2"), Decimal(30), pregnant="actual")
    assert str(told) == (
        "ideal weight + 0.4 × the excess; from 18 years and 152.4 cm; more than 20 % above ideal weight; "
        "BMI 30 kg/m² or more; actual weight in pregnancy"
    )
    plainest = str(WeightFormula("ideal", "a policy"))
    assert plainest == "ideal weight; from 18 years and 152.4 cm; weight before pregnancy"


HEAVIER_FOR_LESS = """
pack: {name: made, version: "1", title: Made up}
indications: [{code: one, name: one}]
dosing:
  ceiling: 2 g/kg
  weight_rule: {of: adjusted, source: a policy, share: 0.25, bmi_at_least: 30}
criteria:
  - indication: one
    clauses:
      - {id: light, says: x, local: x, otherwise: exception_review, require: {weight_kg: {at_most: 130 kg}}}
      - {id: most, says: x, local: x, otherwise: does_not_meet, require: {dose_within_ceiling: true}}
      - {id: day, says: x, local: x, otherwise: does_not_meet, require: {dose: {at_most: 1 g/kg, per: day}}}
"""


def test_where_somebody_heavier_may_count_for_less_the_ends_of_a_range_do_not_stand_for_all_between():
    """Of 170 cm, 86 kg count whole and 87 kg, from a body mass index of 30 on, for less: 170 g pass for one alone."""
    pack = read_pack({"a.yaml": HEAVIER_FOR_LESS})
    facts = {"age_years": 40, "sex": "female", "height_cm": 170, "dose_total_g": 170, "course_days": 2}

    def judged(**more):
        read = read_facts({**facts, **more}, catalogue=pack.catalogue)
        return judge(pack, "one", read, tables=criteria.reference_tables(), as_of=date(2026, 11, 21))

    assert {str(judged(weight_kg=kg).outcome) for kg in (60, 86, 87, 100)} == {"meets", "does_not_meet"}
    open_case = judged()
    assert open_case.outcome == "needs_information"
    assert "weight_kg" in open_case.questions
