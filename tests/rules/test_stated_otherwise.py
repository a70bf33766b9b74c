"""What is stated in another unit, under another name or as an entry of a list; and amounts that leave the age open."""

from datetime import date
from decimal import Decimal

import pytest

from utilization import criteria
from utilization.rules.facts.values import BadInput, read_facts
from utilization.rules.form.answers import PatientFacts, facts_from_answers
from utilization.rules.form.questions import OPTIONAL, questionnaire
from utilization.rules.judging.judge import judge
from utilization.rules.language.amounts import Either, Grams
from utilization.rules.packs.reader import read_pack

TODAY = date(2026, 11, 21)


def test_one_quantity_under_two_names_must_agree():
    assert read_facts({"igg_g_per_l": 4, "igg_mg_per_dl": 400})["igg_g_per_l"] == 4
    assert read_facts({"igg_g_per_l": "4.1", "igg_mg_per_dl": 400})["igg_g_per_l"] == Decimal("4.1")
    with pytest.raises(BadInput, match=r"facts.igg_mg_per_dl: contradicts igg_g_per_l: 400 mg/dL is 4 g/L, not 5"):
        read_facts({"igg_g_per_l": 5, "igg_mg_per_dl": 400})


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"weight_kg": "180 cm"}, "facts.weight_kg: expected one of the units g, kg, mg, lb, got cm"),
        ({"weight_kg": "180 stone"}, "facts.weight_kg: expected a number .kg., got '180 stone'"),
        ({"infections": ["2026-01-01"]}, "infections.0.: expected {date, severity, bacterial.}, got '2026-01-01'"),
        ({"infections": [{"date": "2026-01-01", "severe": True}]}, "unknown field: .*did you mean severity"),
        ({"infections": [{"date": "2026-01-01", "zz": 1}]}, "infections.0..zz: unknown field: expected {date"),
        ({"severity": {"of": "course"}}, "facts.severity: expected one of mild, .*, got an object"),
        (
            {"disability_scores": [{"date": "2026-01-01", "score": {"value": 1}}]},
            "score: expected a number, got an",
        ),
    ],
)
def test_what_is_stated_wrongly_is_named(raw, says):
    with pytest.raises(BadInput, match=says):
        read_facts(raw)


def test_an_amount_of_a_child_or_an_adult_is_known_only_where_both_agree():
    either = Either(Grams(Decimal(100), Decimal(50)), Grams(Decimal(100), Decimal(80)))
    assert either.reaches(Decimal(1), Decimal(0)) is True
    assert either.reaches(Decimal("1.8"), Decimal(0)) is None
    assert either.stays_within(Decimal(1), Decimal(0)) is False
    assert either.stays_within(Decimal("1.8"), Decimal(0)) is None


def test_what_only_a_cap_reads_is_asked_for_among_the_details():
    pack = read_pack({
        "p.yaml": 'pack: {name: a, version: "1", title: A}\nindications: [{code: itp, name: ITP}]\n'
        "criteria:\n  - indication: itp\n"
        "    clauses: [{id: a, says: x, require: {severity: mild}, otherwise: does_not_meet, local: x}]\n"
        "    caps: [{id: c, says: x, at_most: 3 months, when: {response: stable, severity: mild}, local: x}]\n"
    })  # fmt: skip
    intake = facts_from_answers({}, PatientFacts(date(1970, 1, 1), "male"), TODAY, pack.catalogue)
    result = judge(pack, "itp", intake.facts, tables=criteria.reference_tables(), as_of=TODAY)
    sections = {
        section.title: [ask.fact for ask in section.questions] for section in questionnaire(pack, result, intake)
    }
    assert sections[OPTIONAL] == ["response"]
