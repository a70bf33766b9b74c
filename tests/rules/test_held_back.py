"""A number beside another fact's, and numbers of a list that add up: what they say, what they ask, how they read."""

from datetime import date
from decimal import Decimal

import pytest

from utilization import criteria
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import BadInput, read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.language.composites import in_words
from utilization.rules.language.node import AS_OF
from utilization.rules.packs.conditions import Reader
from utilization.rules.packs.reader import read_pack
from utilization.rules.yaml_lines import PackError, read_yaml

TODAY = date(2026, 11, 21)
PACK = """\
pack: {name: small, version: "1", title: Small}
facts:
  - {name: lower_limit, type: dec, unit: g/L, label: The laboratory's lower limit}
changeable: [current_score]
indications: [{code: itp, name: Something}]
criteria:
  - indication: itp
    otherwise: does_not_meet
    clauses:
      - {id: one, says: x, require: {REQUIRE}, local: x}
"""


def condition(text):
    own = read_pack({"p.yaml": PACK.replace("REQUIRE", "severity: mild")}).catalogue
    return Reader(own).condition(read_yaml(text, "x.yaml"))


def truth(text, **facts):
    known = read_facts(facts, catalogue={**CATALOGUE, **condition_catalogue()})
    return condition(text).truth({**known, AS_OF: TODAY})


def condition_catalogue():
    return read_pack({"p.yaml": PACK.replace("REQUIRE", "severity: mild")}).catalogue


@pytest.mark.parametrize(
    ("bound", "values"),
    [("at_least", (False, True, True)), ("above", (False, False, True)),
     ("at_most", (True, True, False)), ("below", (True, False, False))],
)  # fmt: skip
def test_a_number_is_held_against_another_fact(bound, values):
    text = f"{{igg_g_per_l: {{{bound}: {{fact: lower_limit}}}}}}"
    truths = tuple(truth(text, igg_g_per_l=value, lower_limit="5.5") for value in ("5.4", "5.5", "5.6"))
    assert truths == values
    assert truth(text, igg_g_per_l=4) is None
    assert truth(text, lower_limit=4) is None


def test_it_goes_together_with_a_bound_of_its_own_and_reads_in_words():
    text = "{igg_g_per_l: {below: {fact: lower_limit}, at_least: 2}}"
    assert truth(text, igg_g_per_l=1, lower_limit=7) is False
    assert truth(text, igg_g_per_l=3, lower_limit=7) is True
    words = in_words(condition("{igg_g_per_l: {below: {fact: lower_limit}}}"), condition_catalogue())
    assert words.text == "Immunoglobulin G (IgG): below “The laboratory's lower limit”"
    least = in_words(condition("{igg_g_per_l: {at_least: {fact: lower_limit}}}"), condition_catalogue())
    assert least.text.startswith("Immunoglobulin G (IgG): at least “")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{igg_g_per_l: {below: {fact: igg_g_per_l}}}", "igg_g_per_l is held against itself: expected another number"),
        ("{igg_g_per_l: {below: {fact: severity}}}", "expected another fact that is a number, got severity"),
        ("{igg_g_per_l: {below: {fact: weight_kg}}}", "igg_g_per_l is in g/L, weight_kg in kg: expected one unit"),
        ("{igg_g_per_l: {below: {fact: lower_limits}}}", "unknown fact 'lower_limits'.*did you mean lower_limit"),
        ("{prior_courses: {sum: dose, at_most: 2 g/kg}}", "expected one of g_per_kg, got 'dose'"),
        ("{prior_courses: {sum: g_per_kg}}", "expected at_least, at_most, above or below"),
        ("{prior_courses: {sum: g_per_kg, at_most: 2 mg/dL}}", "expected one of the units g/kg, mg/kg"),
        ("{prior_courses: {sum: g_per_kg, at_most: 2 g/kg, apart: 3 weeks}}", "apart does not go with sum"),
        ("{prior_courses: {above: 2}}", "expected where, within, at_least and so on, or sum, latest, trend or change"),
    ],
)
def test_what_cannot_be_is_refused_at_its_line(text, says):
    with pytest.raises(PackError, match=f"x.yaml:1: .*{says}"):
        condition(text)


@pytest.mark.parametrize(
    ("bound", "holds"), [("at_least", True), ("at_most", True), ("above", False), ("below", False)]
)
def test_a_pack_that_held_a_number_against_itself_in_another_unit_is_read_as_it_was(bound, holds):
    """Such packs were read and judged before there were editions; what rests on one is judged again."""
    held = f"{{igg_g_per_l: {{{bound}: {{fact: igg_mg_per_dl}}}}}}"
    for known in ({"igg_g_per_l": 4}, {"igg_mg_per_dl": 400}, {"igg_g_per_l": 4, "igg_mg_per_dl": 400}):
        result = judged(held, **known)
        assert (result.outcome == "meets", result.questions) == (holds, ())


def courses(*given):
    return [{"date": day, **({"g_per_kg": dose} if dose else {})} for day, dose in given]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((("2026-11-01", 2), ("2026-10-10", 2)), True),
        ((("2026-11-01", 2), ("2026-10-10", "2.1")), False),
        ((("2026-11-01", 2), ("2026-09-25", 9)), True),
        ((("2026-11-01", 2), ("2026-10-10", None)), None),
        ((("2026-11-01", 2), ("2026-09-25", None)), True),
        ((), True),
    ],
)
def test_numbers_of_recent_entries_add_up(given, expected):
    text = "{prior_courses: {sum: g_per_kg, within: 8 weeks, at_most: 4 g/kg}}"
    assert truth(text, prior_courses=courses(*given)) is expected
    assert truth(text) is None


def test_only_entries_that_fit_add_up_and_the_sum_reads_in_words():
    text = "{prior_courses: {sum: g_per_kg, where: {response: improved}, above: 1 g/kg}}"
    given = [{"date": "2026-01-01", "g_per_kg": 2, "response": "worse"}, {"date": "2026-02-01", "g_per_kg": 1}]
    assert truth(text, prior_courses=given) is None
    assert truth(text, prior_courses=[{**name, "response": "improved"} for name in given]) is True
    assert truth(text, prior_courses=[{**name, "response": "worse"} for name in given]) is False
    words = in_words(condition("{prior_courses: {sum: g_per_kg, within: 8 weeks, at_most: 4 g/kg}}"))
    assert words.text == "Earlier courses: together at most 4 g/kg, within 8 weeks"
    fitting = in_words(condition(text))
    assert fitting.text == "Earlier courses: together above 1 g/kg, of which Response: improved"


def judged(require, **facts):
    pack = read_pack({"p.yaml": PACK.replace("{REQUIRE}", require)})
    return judge(
        pack, "itp", read_facts(facts, catalogue=pack.catalogue), tables=criteria.reference_tables(), as_of=TODAY
    )


def test_what_is_open_is_asked_for_and_what_decides_already_is_not():
    both = "{igg_g_per_l: {below: {fact: lower_limit}}}"
    assert set(judged(both).questions) == {"igg_g_per_l", "lower_limit"}
    assert judged(both, igg_g_per_l=4).questions == ("lower_limit",)
    assert judged(both, igg_g_per_l=4, lower_limit=7).outcome == "meets"
    at_most_5 = "{all: [{igg_g_per_l: {below: {fact: lower_limit}}}, {igg_g_per_l: {at_most: 5}}]}"
    assert judged(at_most_5, igg_g_per_l=6).outcome == "does_not_meet"
    never = "{all: [{igg_g_per_l: {above: {fact: lower_limit}}}, {igg_g_per_l: {below: {fact: lower_limit}}}]}"
    assert judged(never).outcome == "does_not_meet"


def test_a_total_that_can_never_be_is_not_asked_for():
    total = "{prior_courses: {sum: g_per_kg, at_most: 4 g/kg}}"
    assert judged(total).questions == ("prior_courses",)
    never = f"{{all: [{total}, {{prior_courses: {{sum: g_per_kg, above: 6 g/kg}}}}]}}"
    assert judged(never).outcome == "does_not_meet"


def test_a_number_that_can_be_changed_is_offered_with_the_other_facts_value():
    require = "{current_score: {at_least: {fact: baseline_score}}}"
    assert judged(require, baseline_score=Decimal(3), current_score=Decimal(2)).would_meet_if == ()


def test_an_interval_reads_as_it_was_written():
    words = in_words(condition("{dose: {at_most: 0.6 g/kg, per: 4 weeks}}"))
    assert words.text == "Dose per 4 weeks: at most 0.6 g/kg"
    assert in_words(condition("{dose: {at_most: 60 g, per: 2 months}}")).text == "Grams per 2 months: at most 60 g"
    assert in_words(condition("{dose: {at_most: 2 g/kg, per: 12 weeks}}")).text == "Dose per 12 weeks: at most 2 g/kg"
    assert in_words(condition("{dose: {at_most: 1 g/kg, per: 3 weeks}}")).text == "Dose per 3 weeks: at most 1 g/kg"


# --- What a stranger's packs found ----------------------------------------------------------------------------------


def test_what_stays_nothing_has_not_improved():
    text = "{change: {from: baseline_score, to: current_score, falls_by: 20 %}}"
    assert truth(text, baseline_score=0, current_score=0) is False
    assert truth(text, baseline_score=5, current_score=4) is True
    assert truth(text.replace("falls", "rises"), baseline_score=0, current_score=1) is True


@pytest.mark.parametrize(
    ("stated", "limit"),
    [("5 mL/kg/h", "5 mL/kg/h"), ("1.4 mL/kg/h", "1.4 mL/kg/h"), ("10 mL/kg/h", "10 mL/kg/h")],
)
def test_what_no_decimal_says_exactly_still_equals_itself(stated, limit):
    text = f"{{max_infusion_rate_ml_per_kg_min: {{at_most: {limit}}}}}"
    assert truth(text, max_infusion_rate_ml_per_kg_min=stated) is True
    assert truth(text.replace("at_most", "at_least"), max_infusion_rate_ml_per_kg_min=stated) is True
    assert truth(text.replace("at_most", "below"), max_infusion_rate_ml_per_kg_min=stated) is False
    assert read_facts({"age_years": "10 days"})["age_years"] < 1


def test_a_whole_number_is_not_made_of_a_part():
    with pytest.raises(BadInput, match=r"facts.course_days: expected a whole number \[days\]: 36 hours is 1.5 of them"):
        read_facts({"course_days": "36 hours"})
    assert read_facts({"course_days": "48 hours"})["course_days"] == 2


def test_a_dose_of_an_interval_equals_a_limit_of_that_interval():
    require = "{dose: {at_most: 2 g/kg, per: 12 weeks}}"
    assert judged(require, dose_total_g_per_kg=2, interval_weeks=12).outcome == "meets"
    assert judged(require, dose_total_g_per_kg=2, interval_weeks=11).outcome == "does_not_meet"


CAPPED = """\
    caps:
      - {id: a, says: A year., at_most: 12 months, local: x}
      - {id: b, says: Half a year where stable., at_most: 6 months, when: {response: stable}, local: x}
"""


def authorized(**facts):
    pack = read_pack({"p.yaml": PACK.replace("{REQUIRE}", "{severity: mild}") + CAPPED})
    result = judge(pack, "itp", read_facts(facts), tables=criteria.reference_tables(), as_of=TODAY)
    return result.authorization.as_dict(), result.warnings


def test_the_strictest_cap_that_may_apply_holds_and_never_gives_more_than_was_asked():
    assert authorized(response="improved")[0] == {"months": "12", "because": ["A year."]}
    assert authorized(response="stable")[0] == {"months": "6", "because": ["Half a year where stable."]}
    unknown = {"months": "6", "because": ["Half a year where stable. Whether it applies is not known."]}
    assert authorized()[0] == unknown
    assert authorized(response="improved", requested_authorization_months=3) == (
        {"months": "3", "because": ["No more than the 3 months asked for."]},
        (),
    )
    assert authorized(response="stable", requested_authorization_months=9)[1] == ("authorization_duration_capped",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{tried: {any: [prior_corticosteriods]}}", "unknown therapy 'prior_corticosteriods': did you mean prior_cort"),
        ("{tried: {any: [corticosteriods]}}", "unknown therapy 'corticosteriods': did you mean corticosteroids"),
        ("{tried: {any: [prior_zzz]}}", "unknown therapy 'prior_zzz': did you mean "),
    ],
)
def test_a_therapy_that_is_a_slip_of_a_known_one_is_refused(text, says):
    with pytest.raises(PackError, match=f"x.yaml:1: .*{says}"):
        condition(text)


def test_a_result_that_asks_for_no_trial_alone_is_no_reason_to_leave_the_list_out():
    text = "{tried: {any: [prior_corticosteroids], results: [failed, intolerant, contraindicated, declined, not_tried], for: 12 weeks}}"  # noqa: E501 - the text whole, as it is read
    assert truth(text, prior_corticosteroids="not_tried") is True
    failed = "{tried: {any: [prior_corticosteroids], results: [failed], for: 12 weeks}}"
    assert truth(failed, prior_corticosteroids="intolerant") is False
    given = [{"therapy": "Corticosteroids", "outcome": "failed", "weeks": 12}]
    assert truth(failed, prior_therapies=given) is True


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ("{outcome: approved}", "expected one of meets, "),
        ("{outcome: meets, warnings: [nonsense]}", "expected one of "),
    ],
)
def test_an_example_expects_only_what_there_is(expect, says):
    example = f"examples:\n  - {{indication: itp, says: x, facts: {{severity: mild}}, expect: {expect}}}\n"
    with pytest.raises(PackError, match=f"p.yaml:12: examples.0..expect.*{says}"):
        read_pack({"p.yaml": PACK.replace("{REQUIRE}", "{severity: mild}") + example})


CHANGEABLE = "changeable: [dose, prior_corticosteroids]"


def offered(*requires, **facts):
    clauses = "".join(
        f"      - {{id: c{n}, says: x, require: {require}, local: x}}\n" for n, require in enumerate(requires)
    )
    text = PACK.replace("changeable: [current_score]", CHANGEABLE)
    pack = read_pack({"p.yaml": text.replace("      - {id: one, says: x, require: {REQUIRE}, local: x}\n", clauses)})
    result = judge(pack, "itp", read_facts(facts), tables=criteria.reference_tables(), as_of=TODAY)
    return {frozenset(terms) for terms in result.would_meet_if}


def test_an_order_is_offered_with_both_bounds_and_with_what_must_change_beside_it():
    between = "{dose: {at_least: 0.4 g/kg, at_most: 0.6 g/kg, per: course}}"
    both = {frozenset({"dose_total_g_per_kg>=0.4", "dose_total_g_per_kg<=0.6"})}
    assert offered(between, dose_total_g_per_kg=1) == both
    most, tried = "{dose: {at_most: 1 g/kg, per: course}}", "{tried: {any: [prior_corticosteroids]}}"
    terms = offered(most, tried, dose_total_g_per_kg=2, prior_corticosteroids="declined")
    results = ("failed", "intolerant", "contraindicated")
    assert terms == {frozenset({f"prior_corticosteroids={result}", "dose_total_g_per_kg<=1"}) for result in results}


def test_a_limit_of_three_weeks_is_offered_whole():
    limit = "{dose: {at_most: 1 g/kg, per: 3 weeks}}"
    assert offered(limit, dose_total_g_per_kg=2, interval_weeks=3) == {frozenset({"dose_total_g_per_kg<=1"})}


def test_neighbouring_ranges_are_offered_as_one():
    low = "{renal_impairment: true, dose: {at_most: 0.4 g/kg, per: course}}"
    high = "{renal_impairment: false, dose: {at_most: 0.6 g/kg, per: course}}"
    terms = offered(f"{{any: [{low}, {high}]}}", dose_total_g_per_kg=2, renal_impairment=False)
    assert terms == {frozenset({"dose_total_g_per_kg<=0.6"})}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{age: 40}", "age_years"),
        ("{or: [{severity: mild}]}", "any"),
        ("{weight: 40}", "weight_kg"),
        ("{And: []}", "all"),
    ],
)
def test_an_unknown_name_leads_to_what_was_meant(text, meant):
    with pytest.raises(PackError, match=rf"unknown fact .*did you mean {meant}\?"):
        condition(text)
