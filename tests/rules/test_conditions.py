"""Conditions that cannot be meant are refused where they stand, with what was expected. What they mean when they are
right is worked out in `tests/spec/`."""

from pathlib import Path

import pytest
import yaml

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.packs import conditions
from utilization.rules.packs.conditions import Budget, Reader
from utilization.rules.yaml_lines import PackError, read_yaml

OWN = {
    "seen_on": Fact("seen_on", Kind.DATE, "", "Seen on"),
    "titre": Fact("titre", Kind.DEC, "", "Titre", "mg/L", says_unit=False),
    "visits": Fact(
        "visits", Kind.LIST_RECORD, "", "Visits",
        fields={"note": Fact("note", Kind.TEXT, "", "Note"), "dose": Fact("dose", Kind.DEC, "", "Dose", "g/kg")},
    ),
}  # fmt: skip
CATALOGUE = {**Reader().catalogue, **OWN}
REFUSED = [
    (row["write"], row["says"], row.get("edition", 1))
    for row in yaml.safe_load((Path(__file__).parent / "refused_conditions.yaml").read_text("utf-8"))
]


def read(text, **reader):
    return Reader(CATALOGUE, **reader).condition(read_yaml(text, "x.yaml"))


@pytest.mark.parametrize(("text", "says", "edition"), REFUSED)
def test_a_wrong_condition_is_refused_at_its_path(text, says, edition):
    with pytest.raises(PackError) as refused:
        read(text, edition=edition)
    assert str(refused.value) == f"x.yaml:1: {says}"


def test_a_name_that_is_near_none_gets_no_hint():
    with pytest.raises(PackError, match=r"or of the pack's own facts$"):
        read("zzzzzz: true")


def test_a_field_may_be_called_as_a_word_of_the_language():
    condition = read("visits: {where: {dose: {at_least: 1 g/kg}}}")
    assert condition.truth({"visits": ({"dose": 2},)}) is True


@pytest.mark.parametrize(
    ("text", "facts", "truth"),
    [
        ("tried: {any: [corticosteroids]}", {"prior_corticosteroids": "failed"}, True),
        ("tried: {any: [x], dose: {at_least: 500 mg/day}}",
         {"prior_therapies": ({"therapy": "x", "outcome": "failed", "dose_mg_per_day": 500},)}, True),
        ("tried: {any: [x], results: [failed], for: 2 months}",
         {"prior_therapies": ({"therapy": "x", "outcome": "intolerant", "weeks": 1},)}, False),
        ("dose: {at_least: 2 g/kg, per: course}", {}, None),
        ("seen_on: {within: 12 months, at_least_ago: 3 months}", {}, None),
        ("change: {from: igg_g_per_l, to: igg_mg_per_dl, falls_by: 1}", {"igg_g_per_l": 5}, None),
        ("age_years: 18 years", {"age_years": 18}, True),
        ("product_labelled: [true, false]", {"product_labelled": True}, True),
        ("disability_assessments: {where: {at_least: 3}, exactly: 2}", {"disability_assessments": (3, 4, 2)}, True),
        ("disability_assessments: {where: {not: {value: {at_least: 3}}}}", {"disability_assessments": (3, 4)}, False),
        ("disability_assessments: {trend: not_falling, last: 2}", {"disability_assessments": (1, 1)}, True),
    ],
)  # fmt: skip
def test_and_a_right_one_is_read(text, facts, truth):
    assert read(text).truth(facts) is truth


def _named(text):
    return {"named": read_yaml(text, "c.yaml").mapping()}


def test_conditions_that_use_each_other_too_deep_are_refused():
    chain = "".join(f"c{n}: {{use: c{n + 1}}}\n" for n in range(25)) + "c25: always\n"
    with pytest.raises(PackError) as refused:
        read("use: c0", **_named(chain))
    assert str(refused.value) == "c.yaml:20: c19.use: conditions that use each other more than 20 deep: c0 > … > c20"


def test_conditions_that_double_each_other_are_stopped_before_they_explode():
    doubling = "".join(f"c{n}: {{all: [{{use: c{n + 1}}}, {{use: c{n + 1}}}]}}\n" for n in range(19))
    with pytest.raises(PackError, match="too much once all that it uses is put in: expected at most 20,000 conditions"):
        read("use: c0", **_named(doubling + "c19: always\n"))


def test_the_budget_is_for_the_whole_pack():
    budget = Budget(left=3)
    read("all: [always, always]", budget=budget)
    with pytest.raises(PackError, match="too much"):
        read("always", budget=budget)
    assert conditions.MOST_PARTS == 20_000
