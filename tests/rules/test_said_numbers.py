"""Sentences of criteria beside their rules: which numbers of a sentence no number of the rule says."""

from pathlib import Path

import pytest

from utilization.rules.judging.said_numbers import MOST, beside
from utilization.rules.language.words import sentence
from utilization.rules.packs.reader import read_pack

PACK = """\
pack: {name: small, version: "1", title: T}
indications: [{code: thing, name: Thing}]
criteria:
  - indication: thing
    dose: {ceiling: 2 g/kg}
    clauses:
      - id: one
        says: SAYS
        require: REQUIRE
        otherwise: does_not_meet
        local: x
"""


def told(says, require, more=""):
    text = PACK.replace("SAYS", f"'{says}'").replace("REQUIRE", require) + more
    return beside(read_pack({"x.yaml": text}), "x.yaml")


@pytest.mark.parametrize(
    ("says", "require", "unsaid"),
    [
        ("It is at least 12 g/L.", "{igg_g_per_l: {at_least: 6 g/L}}", ("12",)),
        ("It is at least 6 g/L.", "{igg_g_per_l: {at_least: 6 g/L}}", ()),
        ("It is at least 600 mg/dL.", "{igg_g_per_l: {at_least: 6 g/L}}", ()),
        ("It is at least 6 mg/dL.", "{igg_g_per_l: {at_least: 6 g/L}}", ("6",)),
        ("An adult of 18 years (ICD-10, CD20, 1.5-fold).", "{age_years: {at_least: 18}}", ()),
        ("An adult of 18 or 21 years.", "{age_years: {at_least: 18}}", ("21",)),
        ("Never above 3 months, or 12 weeks.", "never", ("3", "12")),
        ("A year, 12 months, on therapy.", "{months_on_therapy: {at_least: 1 year}}", ()),
        ("At most 2 g/kg.", "{dose_within_ceiling: true}", ()),
        ("At most 1 g/kg.", "{dose_within_ceiling: true}", ("1",)),
        ("At most 0.4 g/kg on each of 5 days.", "{dose_within_ceiling: true}", ()),
        ("At most 0.5 g/kg on each of 5 days.", "{dose_within_ceiling: true}", ("0.5", "5")),
        ("They lie 1 to 28 days apart.", "{interval_weeks: {at_least: 1 day, at_most: 4 weeks}}", ()),
        ("At most 0.6 g/kg; 1.0 in the first 4 weeks.", "{dose: {at_most: 0.6 g/kg, per: course}}", ("1.0", "4")),
    ],
)
def test_numbers_that_no_number_of_the_rule_says(says, require, unsaid):
    [criterion] = told(says, require)
    assert criterion.unsaid == unsaid
    assert "".join(part.text for part in criterion.says) == says


def test_where_it_applies_counts_and_is_told():
    [criterion] = told("From 18 years on.", "{iga_deficient: false}\n        when: {age_years: {at_least: 18}}")
    assert criterion.unsaid == ()
    assert sentence(criterion.when) == "Age: at least 18 years"
    assert (criterion.id, criterion.line) == ("thing.one", 7)


def test_the_ceiling_of_the_dose_rule_is_told_where_an_order_is_held_against_it():
    assert told("At most 2 g/kg.", "{dose_within_ceiling: true}")[0].limits == ("2 g/kg",)
    assert told("Not.", "{iga_deficient: false}")[0].limits == ()


def test_the_limits_of_an_approval_are_told_too():
    cap = "    caps: [{id: first, says: It runs for 6 months., at_most: 12 months, local: x}]\n"
    assert [(one.id, one.unsaid) for one in told("Not.", "{iga_deficient: false}", cap)] == [
        ("thing.one", ()), ("thing.first", ("6",)),
    ]  # fmt: skip


def test_shipped_criteria_say_in_words_what_they_judge_by():
    root = Path("fixtures/criteria/ivig-builtin")
    files = {str(path.relative_to(root)): path.read_text() for path in root.rglob("*.yaml")}
    pack = read_pack(files)
    found = [criterion for path in files for criterion in beside(pack, path)]
    assert len(found) == 94
    assert [criterion.id for criterion in found if criterion.unsaid] == []


def test_a_hostile_sentence_takes_no_time():
    many = " ".join(str(number) for number in range(1, 2000))
    clauses = "".join(
        f"      - {{id: c{n}, says: '{many}', require: {{age_years: {{at_least: {n % 90}}}}}, otherwise: does_not_meet,"
        " local: x}\n"
        for n in range(MOST + 9)
    )
    assert len(told(many, "{age_years: {at_least: 7}}", clauses)) == MOST
