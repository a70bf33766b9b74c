"""Facts that a pack brings itself: read with type, unit and range, refused at their line."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from utilization import criteria
from utilization.replay.rows import facts_under, nameless
from utilization.rules.facts.catalogue import CATALOGUE, Kind
from utilization.rules.facts.date_words import NEVER
from utilization.rules.facts.values import BadInput, read_facts, unnamed_in
from utilization.rules.form.answers import PatientFacts, facts_from_answers
from utilization.rules.packs.comparison import compare
from utilization.rules.packs.own_facts import read_own_facts
from utilization.rules.packs.reader import read_pack
from utilization.rules.yaml_lines import PackError, read_yaml

REFUSED = [
    (row["write"], row["says"])
    for row in yaml.safe_load((Path(__file__).parent / "refused_facts.yaml").read_text("utf-8"))
]
GOOD = """\
- {name: cd4_count, type: int, unit: 10^6/L, label: CD4 count, group: Laboratory, possible: [0, 10000], plausible: [null, 2000], note: Fasting.}
- {name: crp_mg_per_l, type: dec, unit: mg/L, label: CRP}
- {name: organ, type: choice, label: Organ, choices: [kidney, left_lung]}
- {name: seen_on, type: date, label: Seen on}
- {name: done, type: bool, label: Done}
- {name: remark, type: text, label: Remark}
- name: titres
  type: list
  label: Titres
  fields: {date: date, ug_per_ml: {type: dec, unit: ug/mL, possible: [0, 500]}, kind: [a, b], how: text, again: bool, times: int}
- {name: notes, type: list, label: Notes, fields: {words: text}, required: [words]}
"""  # noqa: E501 - the text whole, as it is read


def own(text):
    return read_own_facts(read_yaml(text, "x.yaml").items())


def test_every_type_is_read():
    facts = own(GOOD)
    assert list(facts)[: len(CATALOGUE)] == list(CATALOGUE)
    count = facts["cd4_count"]
    assert (count.kind, count.unit, count.possible, count.plausible, count.group, count.note, count.says_unit) == (
        Kind.INT, "10^6/L", (0, 10000), (None, 2000), "Laboratory", "Fasting.", False,
    )  # fmt: skip
    assert facts["crp_mg_per_l"].says_unit
    assert facts["crp_mg_per_l"].group == "Other conditions"
    assert facts["organ"].choices == {"kidney": "kidney", "left_lung": "left lung"}
    titres = facts["titres"]
    assert {name: field.kind.value for name, field in titres.fields.items()} == {
        "date": "date", "ug_per_ml": "dec", "kind": "choice", "how": "text", "again": "bool", "times": "int",
    }  # fmt: skip
    assert titres.required == {"date"}
    assert (titres.fields["ug_per_ml"].possible, titres.fields["ug_per_ml"].says_unit) == ((0, 500), True)
    assert facts["notes"].required == {"words"}


def test_a_pack_without_facts_has_the_vocabulary():
    assert own("[]") is CATALOGUE


def test_cases_state_them_like_others():
    catalogue = own(GOOD)
    stated = {"cd4_count": "200 /uL", "organ": "kidney", "titres": [{"date": "2026-01-01", "ug_per_ml": "1.3 mcg/mL"}]}
    read = read_facts(stated, catalogue=catalogue)
    assert (read["cd4_count"], read["organ"]) == (200, "kidney")
    assert read["titres"][0]["ug_per_ml"] == Decimal("1.3")
    with pytest.raises(BadInput, match=r"facts\.titres\[0\]\.ug_per_ml: 501 ug/mL is impossible"):
        read_facts({"titres": [{"date": "2026-01-01", "ug_per_ml": 501}]}, catalogue=catalogue)


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_a_wrong_fact_is_refused_at_its_line(text, says):
    with pytest.raises(PackError) as refused:
        own(f"- {text}\n")
    assert str(refused.value) == f"x.yaml:1: {says}"


def test_a_name_stands_once():
    with pytest.raises(PackError, match=r"x\.yaml:2: \[1\]\.name: the fact 'done' stands twice"):
        own("- {name: done, type: bool, label: x}\n- {name: done, type: bool, label: x}\n")


def test_a_fact_says_whether_it_stands_or_was_true_on_its_day():
    unsaid = own(GOOD)
    assert [name for name in unsaid if name not in CATALOGUE and unsaid[name].of_its_day] == [
        "cd4_count", "crp_mg_per_l", "done",
    ]  # fmt: skip
    said = own(
        "[{name: done, type: bool, label: D, of_its_day: false}, {name: how, type: text, label: H, of_its_day: true}]"
    )
    assert (said["done"].of_its_day, said["how"].of_its_day) == (False, True)


def test_a_date_may_be_never_where_the_pack_says_so():
    catalogue = own("[{name: seen_on, type: date, label: S}, {name: held_on, type: date, label: H, or_never: true}]")
    stated = read_facts({"held_on": "never"}, catalogue=catalogue)
    assert stated.as_json() == {"held_on": "never"}
    for name, typed, says in (
        ("held_on", "Never", "facts.held_on: expected a date YYYY-MM-DD, or never, got 'Never'"),
        ("seen_on", "never", "facts.seen_on: expected a date YYYY-MM-DD, got 'never'"),
    ):
        with pytest.raises(BadInput) as refused:
            read_facts({name: typed}, catalogue=catalogue)
        assert str(refused.value) == says
    # The first day that a calendar has is a day like any other.
    first = read_facts({"held_on": "0001-01-01"}, catalogue=catalogue)
    assert first.as_json() == {"held_on": "0001-01-01"}
    assert first["held_on"] != stated["held_on"]


def test_never_is_typed_as_people_write_it():
    catalogue = own("[{name: held_on, type: date, label: H, or_never: true}]")
    woman = PatientFacts(date(1990, 5, 1), "female", None, None)
    for typed in ("never", " Never "):
        assert facts_from_answers({"held_on": typed}, woman, date(2026, 6, 30), catalogue).facts["held_on"] is NEVER


@pytest.mark.parametrize(
    ("name", "unit", "counts"),
    [
        ("days_since_transplant", "days", True), ("last_relapse_months_ago", "months", True),
        ("days_of_rash", "days", False), ("grams_since_start", "g", False),
    ],
)  # fmt: skip
def test_what_counts_back_from_now_is_told_by_name_and_unit(name, unit, counts):
    assert own(f"[{{name: {name}, type: dec, unit: {unit}, label: X}}]")[name].counts_back is counts


# --- Fields that a pack adds to a list of the vocabulary --------------------------------------------------------------

WITH_FIELDS = "[{name: infections, fields: {organism: [a, b], ward: text}}]"
MORE = own(WITH_FIELDS)
TABLES = criteria.reference_tables()
PACK = """\
pack: {name: small, version: "1", title: A small pack}
indications: [{code: thing, name: Thing}]
criteria:
  - indication: thing
    clauses: [{id: it, says: It., require: {age_years: {at_least: 18}}, otherwise: exception_review, local: x}]
"""
ENTRY = {"date": "2026-01-10", "severity": "serious", "organism": "a", "ward": "Ward 7"}


def test_added_fields_stand_behind_those_of_the_vocabulary_and_may_lack():
    [*known, organism, ward] = MORE["infections"].fields
    assert (known, organism, ward) == (list(CATALOGUE["infections"].fields), "organism", "ward")
    assert MORE["infections"].required == CATALOGUE["infections"].required
    assert list(MORE) == list(CATALOGUE)
    assert "organism" not in CATALOGUE["infections"].fields
    assert read_facts({"infections": [ENTRY]}, catalogue=MORE)["infections"][0]["organism"] == "a"


def test_a_pack_without_the_field_reads_the_rest_of_the_entry():
    assert unnamed_in(CATALOGUE, {"infections": [ENTRY], "sleep": 1}) == [
        "infections.organism", "infections.ward", "sleep",
    ]  # fmt: skip
    read = facts_under(CATALOGUE, {"infections": [ENTRY], "diabetes": True})
    assert {**read["infections"][0]} == {"date": date(2026, 1, 10), "severity": "serious"}
    assert read["diabetes"] is True


def test_a_history_keeps_the_fields_of_every_pack_and_no_text_of_its_own():
    """Whichever of the packs stands first."""
    packs = [read_pack({"p.yaml": PACK}), read_pack({"p.yaml": PACK, "q.yaml": f"facts: {WITH_FIELDS}"})]
    for both in (packs, packs[::-1]):
        [kept] = nameless({"infections": [ENTRY]}, both, lambda text: "·", TABLES)["infections"]
        assert kept == {**ENTRY, "ward": "·"}


def test_fields_that_differ_are_told_where_packs_are_compared():
    old, new = read_pack({"p.yaml": PACK}), read_pack({"p.yaml": PACK, "q.yaml": f"facts: {WITH_FIELDS}"})
    [told] = [one for one in compare(old, new).general if "infections" in str(one)]
    assert "Organism" in str(told)
