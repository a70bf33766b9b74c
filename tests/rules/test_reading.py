"""Packs, products and routing tables that are wrong: refused with file, line, path and what was expected."""

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import process_time

import pytest
import yaml

from utilization import criteria
from utilization.rules.dosing.products import read_products
from utilization.rules.facts.catalogue import AMOUNTS
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.language.composites import AllOf, Always, AnyOf, Not, Surely, facts_named
from utilization.rules.language.one_of import IsOneOf
from utilization.rules.language.within import IsWithin
from utilization.rules.packs import reader
from utilization.rules.packs.conditions import Reader
from utilization.rules.packs.reader import pack_hash, read_pack, trees_of
from utilization.rules.routing import read_routing
from utilization.rules.yaml_lines import LONGEST_PATH, MOST_ITEMS, MOST_NODES, PackError, read_yaml

WHOLE = """\
pack: {name: small, version: "1", title: A small pack}
sources:
  - {id: S, short: S 2000, authors: A, title: T, kind: review, published: J, year: 2000, doi: 10.1/x}
statements:
  - {id: S-01, source: S, says: It helps., where: first line, strength: strong, effect: meets}
indications:
  - {code: thing, name: Thing}
criteria:
  - indication: thing
    clauses:
      - {id: sure, says: It is severe., require: {severity: severe}, otherwise: does_not_meet, evidence: [S-01]}
examples:
  - {indication: thing, says: Severe meets., facts: {severity: severe}, expect: {outcome: meets}}
"""


def test_a_small_pack_reads_whole():
    pack = read_pack({"small.yaml": WHOLE})
    assert (pack.name, pack.version, pack.about) == ("small", "1", "")
    assert pack.sources["S"].more == {"doi": "10.1/x"}
    assert pack.indications["thing"].title == "Thing"
    assert pack.indications["thing"].clauses[0].id == "thing.sure"
    assert pack.sha256 == pack_hash({"small.yaml": WHOLE})


def test_a_version_written_as_a_number_is_kept_as_written():
    assert read_pack({"small.yaml": WHOLE.replace('version: "1"', "version: 1.10")}).version == "1.10"


def test_a_criterion_on_how_the_plan_came_about_reads_no_fact_of_its_own():
    pack = read_pack(
        {"small.yaml": WHOLE.replace("{severity: severe}, otherwise", "{weight_adjusted: false}, otherwise")}
    )
    result = judge(
        pack, "thing", read_facts({"weight_kg": 80}), tables=criteria.reference_tables(), as_of=date(2026, 1, 1)
    )
    assert (result.outcome, result.findings[0].facts) == ("meets", {})


def test_the_hash_is_over_path_nul_bytes_nul_in_path_order():
    expected = hashlib.sha256(b"a.yaml\0one\0b/c.yaml\0t\xc3\xa9\0").hexdigest()
    assert pack_hash({"b/c.yaml": "té", "a.yaml": "one"}) == expected


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("pack:", "pakc:", r"small.yaml:1: pakc: unknown key 'pakc'; did you mean 'pack'"),
        (", title: A small pack}", "}", "small.yaml:1: pack: expected the key 'title'"),
        ("evidence: [S-01]", "evidence: [S-02]", r"small.yaml:11: .*unknown statement 'S-02'.*did you mean S-01"),
        ("evidence: [S-01]", "evidence: [X]", r"unknown statement 'X': expected an id of the statements$"),
        (", evidence: [S-01]", "", "expected 'evidence', or 'local'"),
        ("evidence: [S-01]", "evidence: {S-01: yes}", "expected a list, got a mapping"),
        ("name: small,", "name: [small],", "expected text, got a list"),
        (
            "examples:",
            "warnings: [{code: weak_evidence, when: always, says: Weak.}]\nexamples:",
            r"warnings\[0\]: expected 'evidence', or 'local'",
        ),
        ("severity: severe}, otherwise", "severity: seveer}, otherwise", r"small.yaml:11: .*severity: expected one of"),
        ("require: {severity: severe}", "require: {severty: severe}", "unknown fact 'severty'.*did you mean severity"),
        (
            "require: {severity: severe}",
            "require: {zzz: severe}",
            "unknown fact 'zzz': expected a name of the vocabulary or",
        ),
        ("require: {severity: severe}", "require: {}", "expected a condition"),
        ("require: {severity: severe}", "require: {any: []}", "expected at least one condition"),
        ("require: {severity: severe}", "require: {severity: []}", "expected at least one value"),
        ("require: {severity: severe}", "require: {severity: {at_least: 3}}", "expected a value of severity"),
        ("require: {severity: severe}", "require: {age_years: {}}", "expected at_least, at_most, above or below"),
        (
            "require: {severity: severe}",
            "require: {age_years: {at_least: 9, at_most: 3}}",
            "at_least 9 is not under at_most 3",
        ),
        (
            "require: {severity: severe}",
            "require: {age_years: {at_least: x}}",
            "expected a number with its unit, such as 2 g/kg, got 'x'",
        ),
        ("require: {severity: severe}", "require: {dose_within_ceiling: 1}", "expected true or false, got '1'"),
        ("require: {severity: severe}", "require: sometimes", "expected a mapping, got 'sometimes'"),
        (
            "otherwise: does_not_meet",
            "otherwise: denied",
            "expected one of does_not_meet, exception_review, needs_information, warning, got 'denied'",
        ),
        (", otherwise: does_not_meet", "", "expected 'otherwise'"),
        ("- {id: sure", "- {use: nothing, id: sure", "unknown fragment 'nothing'"),
        ("- {id: sure", "- {whose: me, id: sure", "unknown key 'whose'"),
        (
            "indication: thing\n    clauses",
            "indication: thign\n    clauses",
            "unknown indication 'thign'; did you mean thing",
        ),
        ("indication: thing\n    clauses", "indication: q\n    clauses", "unknown indication 'q'$"),
        ("source: S,", "source: T,", "unknown source 'T': expected one of S"),
        ("strength: strong", "strength: solid", "expected one of strong"),
        ("year: 2000", "year: then", "expected a number, got 'then'"),
        ("says: It helps.", "says: ", "expected text, got nothing"),
        (
            "- {code: thing, name: Thing}",
            "- {code: thing, name: Thing}\n  - {code: other, name: O}",
            "'other' has no criteria",
        ),
        (
            "- {code: thing, name: Thing}",
            "- {code: thing, name: Thing}\n  - {code: thing, name: O}",
            "'thing' stands twice",
        ),
        ("expect: {outcome: meets}", "expect: {outcom: meets}", "unknown key 'outcom'; did you mean 'outcome'"),
        ("expect: {outcome: meets}", "expect: {}", "expected the key 'outcome'"),
        ("sources:\n", "sources: &a\n", "small.yaml:2: anchors and aliases are not allowed"),
        ("name: small,", "name: small, name: big,", "the key 'name' stands twice"),
        ("name: small,", "? [a] : 1, name: small,", "expected a plain key"),
        ("pack: {", "pack: {{{", "expected a plain key"),
        ("pack: {", "pack: [{", "not valid YAML"),
        ("criteria:\n  - indication", "criteria:\n  indication", "not valid YAML|expected a list"),
    ],
)
def test_a_wrong_pack_is_refused_at_its_line(old, new, says):
    assert old in WHOLE
    with pytest.raises(PackError, match=says):
        read_pack({"small.yaml": WHOLE.replace(old, new, 1)})


def test_clauses_criteria_and_statements_stand_once():
    clause = WHOLE[WHOLE.index("      - {id: sure") : WHOLE.index("examples:")]
    with pytest.raises(PackError, match="the clause id 'sure' stands twice"):
        read_pack({"small.yaml": WHOLE.replace(clause, clause + clause)})
    block = WHOLE[WHOLE.index("  - indication: thing\n") : WHOLE.index("examples:")]
    with pytest.raises(PackError, match="criteria of 'thing' stand twice"):
        read_pack({"small.yaml": WHOLE.replace(block, block + block)})
    statement = WHOLE[WHOLE.index("  - {id: S-01") : WHOLE.index("indications:")]
    with pytest.raises(PackError, match="the id 'S-01' stands twice"):
        read_pack({"small.yaml": WHOLE.replace(statement, statement + statement)})


REFUSED = [
    (row["for"], row["write"], row["says"])
    for row in yaml.safe_load((Path(__file__).parent / "refused_packs.yaml").read_text("utf-8"))
]


@pytest.mark.parametrize(("old", "new", "says"), REFUSED)
def test_what_is_refused_is_told_in_full(old, new, says):
    assert WHOLE.count(old) == 1
    with pytest.raises(PackError) as refused:
        read_pack({"small.yaml": WHOLE.replace(old, new)})
    assert str(refused.value) == says


def test_fragments_that_use_each_other_too_deep_or_too_often_are_refused():
    clause = "      - {use: f0}\nfragments:\n"
    deep = "".join(f"  - {{id: f{n}, use: f{n + 1}}}\n" for n in range(25)) + "  - {id: f25}\n"
    with pytest.raises(PackError) as refused:
        read_pack({"small.yaml": WHOLE.replace("examples:", clause + deep + "examples:")})
    assert str(refused.value).endswith(
        "fragments[19].use: fragments that use each other more than 20 deep: f0 > … > f20"
    )
    twice = "".join(f"  - {{id: f{n}, clauses: [{{use: f{n + 1}}}, {{use: f{n + 1}}}]}}\n" for n in range(19))
    with pytest.raises(PackError, match="too much once all that it uses is put in"):
        read_pack({"small.yaml": WHOLE.replace("examples:", clause + twice + "  - {id: f19, clauses: []}\nexamples:")})


def test_a_group_is_narrowed_and_keeps_what_its_clauses_say_of_their_own():
    text = """\
      - {use: group, when: {request_type: renewal}}
fragments:
  - id: group
    clauses:
      - {id: one, says: A., require: {diabetes: true}, otherwise: exception_review, local: x}
      - {id: two, says: A., when: {severity: mild}, require: {diabetes: true}, otherwise: exception_review, local: x}
"""
    one, two = (
        read_pack({"small.yaml": WHOLE.replace("examples:", text + "examples:")}).indications["thing"].clauses[1:]
    )
    renewal = IsOneOf("request_type", frozenset({"renewal"}))
    assert one.when == renewal
    assert two.when == AllOf((renewal, IsOneOf("severity", frozenset({"mild"}))))


def test_ten_megabytes_are_refused_at_once_and_by_name():
    for files in ({"a.yaml": "x" * 10_000_000}, {f"{n}.yaml": "x" * 1_000_000 for n in range(10)}):
        with pytest.raises(PackError) as refused:
            read_pack(files)
        assert refused.value.message == "expected at most 500 files of 2,000,000 characters together"
    with pytest.raises(PackError, match="expected at most 500 files"):
        read_pack({f"{n}.yaml": "" for n in range(501)})


def test_a_byte_order_mark_at_the_beginning_is_no_harm():
    assert read_pack({"small.yaml": "\ufeff" + WHOLE}).name == "small"


def test_sections_of_several_files_stand_together_and_heads_stand_once():
    pack = read_pack({"a.yaml": WHOLE, "b.yaml": "changeable: [dose, severity]\nagreement: {questions: []}\n"})
    assert pack.changeable == (*AMOUNTS, "severity")
    assert pack.agreement == {"questions": []}
    for section in ('pack: {name: x, version: "1", title: X}', "dosing: {rounding: none}"):
        with pytest.raises(PackError, match=r"b\.yaml:1: (pack|dosing): the section '(pack|dosing)' stands twice"):
            read_pack({"a.yaml": WHOLE + "dosing: {rounding: none}\n", "b.yaml": section})


def test_names_codes_and_what_they_settle():
    text = WHOLE.replace(
        "- {code: thing, name: Thing}",
        "- {code: thing, name: Thing, silent_on: [age], icd10cm: [{code: G61.0, until: 2026-09-30, with_subcodes: true,"
        " when: {age_years: 7}}], implies: [{name: Mild thing, when: {severity: mild, product_labelled: true}}]}",
    )
    indication = read_pack({"small.yaml": text}).indications["thing"]
    [code] = indication.icd10cm
    assert (code.until, code.covers("g61.01"), dict(code.when)) == (date(2026, 9, 30), True, {"age_years": 7})
    assert indication.implies == (("Mild thing", {"severity": "mild", "product_labelled": True}),)
    assert indication.silent_on == ("age",)
    with pytest.raises(PackError, match="expected true or false, got 'x'"):
        read_pack({"small.yaml": text.replace("product_labelled: true", "product_labelled: x")})
    with pytest.raises(PackError, match="is impossible"):
        read_pack({"small.yaml": text.replace("age_years: 7", "age_years: 700")})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "x.yaml:1: expected a mapping or a list, got an empty file"),
        ("a: [", "not valid YAML"),
        (
            "a:\n  b: c: d",
            "x.yaml:2: not valid YAML: mapping values .*; put text that holds a colon, a comma or a bracket in",
        ),
        ("a: &b 1\nc: *b", "anchors and aliases"),
        ("[" * 2000 + "]" * 2000, "x.yaml:1: nested more than 40 deep"),
        ("a: " + "x" * 2_000_001, "at most 2,000,000 characters"),
    ],
)
def test_text_that_is_no_yaml_is_refused(text, says):
    with pytest.raises(PackError, match=says):
        read_yaml(text, "x.yaml")


BEYOND = [
    ("[" + "a," * 900_000 + "]", "x.yaml:1: more than 5,000 items in one list: split the list"),
    ("- a\n" * 450_000, "x.yaml:5001: more than 5,000 items in one list: split the list"),
    ("".join(f"k{n}: 1\n" for n in range(5_001)), "x.yaml:5001: more than 5,000 keys in one mapping: split it"),
    ("- [" + "a," * 4_000 + "]\n" + ("- [" + "a," * 4_000 + "]\n") * 20,
     "x.yaml:13: more than 50,000 keys and values in one file: split the file"),
    ("k" * 201 + ": 1", "x.yaml:1: expected a key of at most 200 characters, got 201"),
    ("{" + "k" * 190 + ": {" + ("j" * 190 + ": {") * 6, "x.yaml:1: keys of more than 1,000 characters lead here"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), BEYOND)
def test_a_text_beyond_a_bound_is_refused_where_it_passes_it_and_costs_little(text, says):
    began = process_time()
    with pytest.raises(PackError) as refused:
        read_yaml(text, "x.yaml")
    assert str(refused.value).startswith(says)
    assert process_time() - began < 2


def test_every_shipped_pack_stays_well_within_the_bounds():
    for place in criteria.shipped_packs().values():
        trees = trees_of(criteria.pack_files(place))
        nodes = [node for tree in trees for node in tree.walk()]
        assert 4 * len(nodes) < MOST_NODES
        assert 20 * max(len(node.value) for node in nodes if isinstance(node.value, list | dict)) < MOST_ITEMS
        assert 4 * max(len(node.path) for node in nodes) < LONGEST_PATH


def test_yaml_traps_stay_text_and_numbers_are_exact():
    read = read_yaml("{a: no, b: 010, c: 1.10, d: 'true', e: true, f: ~, g: on, h: 2e3}", "x").plain()
    assert read == {
        "a": "no",
        "b": "010",
        "c": Decimal("1.10"),
        "d": "true",
        "e": True,
        "f": None,
        "g": "on",
        "h": "2e3",
    }
    assert str(read["c"]) == "1.10"


def test_a_pack_needs_its_head():
    with pytest.raises(PackError, match="expected the key 'pack'"):
        read_pack({"x.yaml": "sources: []"})
    with pytest.raises(PackError, match="expected the key 'pack'"):
        read_pack({})


def test_a_folder_or_file_that_is_no_pack_is_refused(tmp_path):
    with pytest.raises(PackError, match="expected a pack"):
        criteria.pack_files(tmp_path / "nothing")
    with pytest.raises(PackError, match="expected at least one"):
        criteria.pack_files(tmp_path)
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(PackError, match="expected UTF-8"):
        criteria.pack_files(tmp_path)
    (tmp_path / "x.yaml").write_text(WHOLE)
    assert criteria.pack_at(tmp_path).sha256 == criteria.pack_at(tmp_path / "x.yaml").sha256
    read = criteria.pack_from_files({"x.yaml": WHOLE})
    assert criteria.pack_from_files({}, criteria.pack_at(tmp_path).sha256) is read


def test_conditions_read_to_their_nodes():
    text = """
    all:
      - any: [{severity: mild}, {not: {route: sc}}]
      - surely: {mechanical_ventilation: true}
      - tried_without_success: [prior_corticosteroids]
      - {age_years: {at_least: 18, at_most: 65}, dose_within_ceiling: true}
      - always
      - never
    """
    condition = Reader().condition(read_yaml(text, "x"))
    without = frozenset({"failed", "intolerant", "contraindicated"})
    assert condition == AllOf((
        AnyOf((IsOneOf("severity", frozenset({"mild"})), Not(IsOneOf("route", frozenset({"sc"}))))),
        Surely(IsOneOf("mechanical_ventilation", frozenset({True}))),
        AnyOf((IsOneOf("prior_corticosteroids", without),)),
        AllOf((IsWithin("age_years", 18, 65), IsOneOf("dose_within_ceiling", frozenset({True})))),
        Always(True),
        Always(False),
    ))  # fmt: skip
    assert list(facts_named(condition)) == [
        "severity", "route", "mechanical_ventilation", "prior_corticosteroids", "age_years", "dose_within_ceiling",
    ]  # fmt: skip
    assert "mechanical_ventilation" not in [name for test in condition.tests() for name in test.reads]


PRODUCT = "- {brand: Aa 5%, kind: ivig, route: [iv], names: [aa five], vials_g: ['5', 10], family: Aa}\n"


def test_products_read_with_names_and_family():
    products = read_products(PRODUCT, "p.yaml")
    assert [product.brand for product in products] == ["Aa 5%", "Aa"]
    assert products[1].vials_g == ()
    alone = read_products(PRODUCT.replace("family: Aa", "family: aa five"), "p.yaml")
    assert [product.brand for product in alone] == ["Aa 5%"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PRODUCT + PRODUCT, "p.yaml:2: .*already stands for 'Aa 5%'"),
        (PRODUCT.replace("ivig", "juice"), "expected one of ivig, scig, hyperimmune"),
        (PRODUCT.replace("[iv]", "[po]"), "expected one of iv, sc, im"),
        (PRODUCT.replace("10]", "ten]"), "expected a number"),
        ("- {brand: A, kind: ivig, route: [iv], contraindications: [{fact: nope_x}]}", "unknown fact 'nope_x'"),
    ],
)
def test_a_wrong_product_is_refused_at_its_line(text, says):
    with pytest.raises(PackError, match=says):
        read_products(text, "p.yaml")


ROUTING = """\
routes:
  - {outcome: [meets], approvals: [pharmacist], because: fine}
  - {approvals: [pharmacist, physician], because: else}
expedited:
  - {emergency: true, because: emergency}
clocks:
  - {from: "2020-01-01", standard_hours: 72, expedited_hours: 24}
authorization: {months: 6, review_before_days: 30}
denial_reasons: {other: Other}
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  - {approvals: [pharmacist, physician], because: else}\n", "", "expected a last row without outcome"),
        ("[pharmacist], because: fine", "[physician], because: fine", r"expected \[pharmacist\] or"),
        ("outcome: [meets]", "outcome: [met]", "expected one of meets"),
        ("outcome: [meets]", "over_ceiling: often", "expected true or false, got 'often'"),
        ('"2020-01-01"', "soon", "expected a date YYYY-MM-DD"),
        ('  - {from: "2020-01-01", standard_hours: 72, expedited_hours: 24}', "  []", "expected at least one clock"),
        ("months: 6", "months: six", "expected a number"),
        ("review_before_days: 30", "review_before_days: 30, single_course_weeks: 0", "whole weeks from 1 to 52, got"),
        ("review_before_days: 30", "review_before_days: 30, single_course_weeks: 2.5", "whole weeks from 1 to 52, got"),
        ("review_before_days: 30", "review_before_days: 30, single_course_weeks: 53", "whole weeks from 1 to 52, got"),
        ("denial_reasons:", "approval_reasons: {a: }\ndenial_reasons:", "expected"),
        ("clocks:", "clock:", "unknown key 'clock'|expected the key 'clocks'"),
    ],
)
def test_a_wrong_routing_table_is_refused(old, new, says):
    assert old in ROUTING
    with pytest.raises(PackError, match=says):
        read_routing(ROUTING.replace(old, new, 1), "r.yaml")


def test_a_routing_table_kept_before_reasons_and_weeks_reads_as_before():
    old = read_routing(ROUTING, "r.yaml")
    assert (old.approval_reasons, old.single_course_weeks, dict(old.reasons)) == ({}, 4, {"other": "Other"})


def test_a_routing_table_names_reasons_for_approvals_and_weeks_of_a_single_course():
    text = ROUTING.replace("months: 6", "months: 6, single_course_weeks: 6")
    new = read_routing(text + "approval_reasons: {supply: Vial sizes or supply}\n", "r.yaml")
    assert (new.single_course_weeks, new.approval_reasons) == (6, {"supply": "Vial sizes or supply"})
    assert new.reasons == {"other": "Other", "supply": "Vial sizes or supply"}


def test_values_are_counted_over_all_files(monkeypatch):
    files = {"a.yaml": "silence: []\n", "b.yaml": "silence: []\n"}
    held = sum(1 for text in files.values() for _ in read_yaml(text, "x").walk())
    monkeypatch.setattr(reader, "MOST_NODES", held)
    trees_of(files)
    monkeypatch.setattr(reader, "MOST_NODES", held - 1)
    with pytest.raises(PackError) as refused:
        trees_of(files)
    assert (refused.value.file, refused.value.message) == (
        "b.yaml", f"more than {held - 1} values in all files up to this: write fewer",
    )  # fmt: skip
