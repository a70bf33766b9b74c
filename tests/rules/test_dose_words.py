"""The amounts in the words of a criterion agree with those that it is judged by, or the check says that they do not."""

import pytest

from tests.spec.building import whole_pack
from utilization.criteria import builtin_pack
from utilization.rules.judging.pack_checks import problems

PACK = """\
dosing: {{ceiling: 2 g/kg}}
criteria:
  - indication: thing
    clauses:
      - {{id: it, says: "{says}", require: {require}, otherwise: exception_review, local: x}}
"""
COURSE = "{dose: {at_most: 2 g/kg, per: course}}"


@pytest.mark.parametrize(("says", "require"), [
    ("At most 2 g/kg a course.", COURSE),
    ("At most 2000 mg/kg a course.", COURSE),
    ("0.4 g/kg on 5 days.", COURSE),
    ("1 g/kg a day for 2 consecutive days.", COURSE),
    ("A course of 1 to 2 g/kg.", COURSE),
    ("The dose is the usual one.", COURSE),
    ("At most 140 g.", COURSE),
    ("Within the ceiling of 2 g/kg.", "{dose_within_ceiling: true}"),
    ("0.4 to 0.8 g/kg every 4 weeks.", "{dose: {at_least: 0.4 g/kg, at_most: 0.8 g/kg, per: 4 weeks}}"),
    ("IgG is at most 4 g/L.", "{dose: {at_most: 140 g, per: course}}"),
    ("At least 4 g/L of IgG; 3 g/kg is too much.", "{igg_g_per_l: {at_least: 4 g/L}}"),
    ("1 g/kg, or 2 g/kg before surgery.", "{any: [{dose: {at_most: 1 g/kg, per: course}}, {planned_surgery: true}]}"),
])  # fmt: skip
def test_words_that_agree_or_speak_of_something_else_are_left_alone(says, require):
    assert problems(whole_pack(PACK.format(says=says, require=require))) == []


@pytest.mark.parametrize(("says", "require", "told"), [
    ("At most 0.2 g/kg a course.", COURSE, "judged by 2 g/kg, and its words say 0.2 g/kg"),
    ("At most 200 mg/kg a course.", COURSE, "judged by 2 g/kg, and its words say 0.2 g/kg"),
    ("0.4 g/kg on 4 days.", COURSE, "judged by 2 g/kg, and its words say 0.4 g/kg"),
    ("Within the ceiling of 1 g/kg.", "{dose_within_ceiling: true}", "judged by 2 g/kg, and its words say 1 g/kg"),
    ("At most 140 g.", "{dose: {at_most: 400 g, per: course}}", "judged by 400 g, and its words say 140 g"),
])  # fmt: skip
def test_words_that_name_another_amount_are_told(says, require, told):
    [problem] = problems(whole_pack(PACK.format(says=says, require=require)))
    assert told in str(problem)


def test_the_built_in_pack_says_what_it_judges_by():
    assert problems(builtin_pack()) == []
