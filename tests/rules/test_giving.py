"""What a plan adds for the ward and the pharmacy: rounding, vials, volume, rates in mL/h, billing units."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from utilization import criteria
from utilization.rules.dosing.courses import day_of_course
from utilization.rules.dosing.infusion import least_minutes, rates_for
from utilization.rules.dosing.plan import DoseRule, plan_dose
from utilization.rules.dosing.products import find_product, labelled_for, read_products
from utilization.rules.dosing.vials import nearest_vials
from utilization.rules.facts.values import read_facts
from utilization.rules.yaml_lines import PackError

TWO = DoseRule(ceiling=Decimal(2), target=Decimal(2))
CHILD = {"age_years": 9, "weight_kg": 32, "dose_total_g_per_kg": 2, "course_days": 2, "route": "iv"}


def product(name):
    return find_product(criteria.reference_tables().products, name)


def lines(rule=TWO, brand="Privigen", indication="mmn", **facts):
    plan = plan_dose(read_facts({**CHILD, **facts}), rule, product(brand) if brand else None, indication)
    return {line.label: (line.value, line.unit, line.formula) for line in plan.lines}


def test_rounding_follows_the_pack():
    assert lines()["Grams to give"][0] == "65"
    assert lines(replace(TWO, rounding="none"))["Grams to give"][:2] == ("64", "g")
    whole = lines(replace(TWO, rounding="vials"))["Grams to give"]
    assert whole[0] == "65"
    assert "to whole vials: 1 × 40 g + 1 × 20 g + 1 × 5 g" in whole[2]
    assert "no vial sizes are known" in lines(replace(TWO, rounding="vials"), brand="")["Grams to give"][2]
    assert lines(replace(TWO, rounding="vials"), course_days=None)["Grams to give"][0] == "65"


def test_an_even_choice_of_vials_gives_the_larger_amount_and_never_none():
    assert nearest_vials(Decimal("7.5"), [Decimal(5)]) == ((Decimal(5), 2),)
    assert nearest_vials(Decimal("0.4"), [Decimal(5)]) == ((Decimal(5), 1),)
    assert nearest_vials(Decimal(7), []) is None


def test_what_is_left_in_a_vial_is_told():
    assert "Left in the vials" not in lines(), "65 g are 35 and 30 g"
    assert lines(weight_kg=2, dose_total_g_per_kg=1)["Left in the vials"][:2] == ("8", "g"), "2 × 1 g from 5 g vials"
    assert lines(course_days=None, dose_total_g_per_kg=None, dose_per_day_g=33)["Left in the vials"][:2] == (
        "2",
        "g/day",
    )


def test_a_tolerance_widens_the_ceiling_and_says_so():
    lenient = replace(TWO, tolerance=Decimal("0.05"))
    assert lines(lenient)["Exceeded above"][:2] == ("67.2", "g")
    for rule, within in ((TWO, False), (lenient, True)):
        for order in ({"dose_total_g_per_kg": "2.1"}, {"dose_total_g_per_kg": None, "dose_total_g": "67.2"}):
            facts = {**CHILD, **order}
            assert plan_dose(read_facts(facts), rule, None).within_ceiling is within
    assert "Exceeded above" not in lines()


def test_rates_are_those_of_the_label_for_the_indication():
    """Privigen for CIDP: 0.5 to 8 mg/kg/min; for 32 kg, 0.5 × 32 × 60 ÷ 100 is 9.6 mL/h, and 8 is 153.6."""
    rates = lines(indication="cidp")
    assert rates["Infusion, step 1"][:2] == ("9.6", "mL/h")
    assert rates["Infusion, step 2"][:2] == ("153.6", "mL/h")
    assert "privigen.com" in rates["Infusion, step 2"][2]
    off_label = lines(indication="mg")["Infusion, step 2"]
    assert off_label[0] == "76.8"
    assert "off label" in off_label[2]
    assert lines(brand="Gamunex-C", indication="mg")["Infusion, step 1"][0] == "19.2", "1 mg/kg/min, not the 2 of CIDP"
    assert "Infusion of a day, at least" not in rates, "the label does not say how long the first rate is held"
    assert "Infusion, step 1" not in lines(indication="cidp", route="sc")
    assert "Infusion, step 1" not in lines(brand="Bivigam")


def test_the_order_holds_the_rate_below_the_labels():
    held = lines(brand="Octagam 10%", indication="itp", max_infusion_rate_ml_per_kg_min="0.03")
    assert [held[f"Infusion, step {place}"][0] for place in (1, 2, 3)] == ["19.2", "38.4", "57.6"]
    assert "the highest that the order allows" in held["Infusion, step 3"][2]
    assert "Infusion, step 4" not in held


def test_the_time_is_the_least_that_the_steps_allow():
    """33 g on the larger day are 330 mL: 30 minutes at 19.2, 38.4, 76.8 and 153.6 mL/h make 144 mL, 186 at 230.4."""
    minutes = lines(brand="Octagam 10%", indication="itp")["Infusion of a day, at least"]
    assert minutes[0] == str((120 + Decimal(186) / Decimal("230.4") * 60).quantize(Decimal("0.01")))
    schedule = product("Octagam 10%").schedule_for("itp")
    assert least_minutes(rates_for(schedule, Decimal(32)), Decimal(4)) == Decimal("12.5")


def test_volume_and_billing_units():
    planned = lines()
    assert planned["Volume on the largest day"][:2] == ("350", "mL/day"), "35 g and 30 g"
    assert lines(course_days=1)["Volume a day"][:2] == ("650", "mL/day")
    assert planned["Billing units of a course"] == ("130", "units", "65 g × 1000 ÷ 500 mg, J1459")
    assert "unconfirmed" in lines(brand="Yimmugo")["Billing units of a course"][2]
    assert "unconfirmed" in lines(brand="Cutaquig", route="sc", course_days=1)["Volume a day"][2]
    assert "Volume a day" not in lines(brand="Octagam")
    assert "Billing units of a course" not in lines(dose_total_g_per_kg=None)


def test_what_to_know_of_the_product_stands_in_the_plan():
    told = lines(indication="cidp")
    assert told["On the label"] == ("yes", "", "Privigen")
    assert told["About the product"][2].startswith(
        "Holds proline. Immunoglobulin A: at most 0.025 mg/mL (manufacturer)."
    )
    assert "Not confirmed" not in told
    doubtful = lines(brand="Yimmugo", indication="mmn")
    assert doubtful["On the label"] == ("no, off label", "", "Yimmugo; unconfirmed")
    assert doubtful["Not confirmed"][2] == "of Yimmugo: billing code and unit, labelled uses, vial sizes"
    assert not {"On the label", "Volume a day"} & set(lines(indication="")), "only where the indication is named"
    assert "About the product" not in lines(brand="Octagam")


def test_labels_are_told_by_brand():
    assert labelled_for(product("Gammagard Liquid"), "mmn")
    assert not labelled_for(product("Privigen"), "mmn")
    assert not labelled_for(product("Octagam"), "itp"), "the bare family name leaves the strength open"


ROW = """
- brand: A
  kind: ivig
  route: [iv]
  rates: [{for: [cidp], source: label, steps: [STEPS]}]
"""


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("{mg_per_kg_per_min: 2}", "needs the product's g_per_ml"),
        ("{ml_per_kg_per_min: 2}, {ml_per_kg_per_h: 3}", "rates above 0 that rise"),
        ("", "rates above 0 that rise"),
        ("{ml_per_kg_per_h: 0}", "rates above 0 that rise"),
        ("{ml_per_kg_per_h: 1, ml_per_kg_per_min: 1}", "expected one rate"),
        ("{minutes: 30}", "expected one rate"),
    ],
)
def test_rates_that_cannot_be_are_refused_at_their_line(steps, said):
    with pytest.raises(PackError, match=said) as refused:
        read_products(ROW.replace("STEPS", steps), "products.yaml")
    assert refused.value.line == 5


def test_an_unknown_contraindication_is_refused_with_the_nearest_fact():
    for fact, said in (("hyperprolinemia", "did you mean hyperprolinaemia"), ("zzzz", "unknown fact 'zzzz'$")):
        text = f"- brand: A\n  kind: ivig\n  route: [iv]\n  contraindications: [{{fact: {fact}}}]\n"
        with pytest.raises(PackError, match=said):
            read_products(text, "products.yaml")


@pytest.mark.parametrize(
    ("interval", "days"),
    [
        ("4", ["2026-03-02", "2026-03-30", "2026-04-27"]),
        ("2.4", ["2026-03-02", "2026-03-19", "2026-04-05"]),  # 16.8 and 33.6 days on
        (None, ["2026-03-02"] * 3),
    ],
)
def test_a_course_falls_on_the_nearest_day(interval, days):
    apart = None if interval is None else Decimal(interval)
    assert [day_of_course(date(2026, 3, 2), apart, course).isoformat() for course in range(3)] == days
