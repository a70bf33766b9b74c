"""What stands in a draft's way, each at its file and line; and that no text can make its pages fail."""

from datetime import date

import pytest

from tests.formulary.acts import pack_text
from utilization import criteria
from utilization.limited_process.run import BUSY, FAILED, Ended, run
from utilization.workflow import pack_proof
from utilization.workflow.pack_proof import CHECKED, EXAMPLES, READS, pack_reading, proof, remarked

DAY = date(2026, 3, 2)


def faults(changes, day=DAY):
    return [(one.kind, one.file, one.line) for one in proof({**pack_text(), **changes}, day).faults]


@pytest.mark.long
def test_a_pack_that_proves_has_no_fault():
    assert proof(pack_text(), DAY).faults == ()
    assert proof(pack_text(), DAY).pack.name == "north-policy"


def test_every_file_whose_yaml_is_wrong_is_told_of_at_once():
    assert faults({"a.yaml": "ok: 1\nx: [\n", "cidp.yaml": "\n\n&a b: 1\n"})[:2] == [
        (READS, "a.yaml", 3),
        (READS, "cidp.yaml", 3),
    ]


@pytest.mark.parametrize(("text", "words"), [
    ("pack: {name: a, name: b}", "stands twice"),
    ("pack: &a {name: *a}", "anchors and aliases"),
    ("pack: " + "[" * 60, "nested"),
    ("", "empty file"),
    ("pack: !!python/object/apply:os.system [ls]", ""),
])  # fmt: skip
def test_yaml_traps_are_faults_with_words(text, words):
    found = pack_reading({"pack.yaml": text}).faults
    assert [one.file for one in found] == ["pack.yaml"]
    assert words in found[0].message


def test_what_the_reader_refuses_stands_at_its_line():
    text = pack_text()["cidp.yaml"].replace("age_years", "age_yaers")
    line = next(n for n, one in enumerate(text.splitlines(), start=1) if "age_yaers" in one)
    read = proof({**pack_text(), "cidp.yaml": text}, DAY)
    assert read.pack is None
    assert [(one.kind, one.file, one.line) for one in read.faults] == [(READS, "cidp.yaml", line)]
    assert "age_years" in read.faults[0].message


@pytest.mark.long
def test_a_failing_example_stands_at_its_line():
    wrong = pack_text()["examples.yaml"].replace("age_years: 17", "age_years: 30")
    assert (EXAMPLES, "examples.yaml", 3) in faults({"examples.yaml": wrong})


@pytest.mark.long
def test_a_missing_example_is_told_of_where_the_criteria_stand():
    fewer = "\n".join(pack_text()["examples.yaml"].splitlines()[:3]) + "\n"
    found = proof({**pack_text(), "examples.yaml": fewer}, DAY).faults
    assert [(one.kind, one.file) for one in found] == [(EXAMPLES, "cidp.yaml")]
    assert "needs_information" in found[0].message


@pytest.mark.long
def test_the_checker_s_problems_are_faults():
    text = pack_text()["cidp.yaml"].replace(
        "{age_years: {at_least: 18}}", "{all: [{age_years: {at_least: 18}}, {age_years: {at_most: 3}}]}"
    )
    assert any(kind == CHECKED and file == "cidp.yaml" for kind, file, _ in faults({"cidp.yaml": text}))


@pytest.mark.long
def test_the_built_in_pack_proves_but_for_its_name_and_title():
    found = proof(criteria.builtin_pack().files, DAY).faults
    assert [(one.kind, one.file, one.path) for one in found] == [
        (CHECKED, "pack.yaml", "pack.name"),
        (CHECKED, "pack.yaml", "pack.title"),
    ]
    assert all("built-in" in one.message and one.line > 1 for one in found)
    named = proof({**pack_text(), "pack.yaml": 'pack:\n  name: "ivig-builtin"\n  version: "2"\n  title: T\n'}, DAY)
    assert [(one.file, one.line) for one in named.faults] == [("", 0)], "no line says it in so many words"


@pytest.mark.long
def test_an_empty_pack_is_nothing_to_propose():
    assert faults({"cidp.yaml": "indications: []\n", "examples.yaml": "examples: []\n"}) == [(CHECKED, "", 0)]


@pytest.mark.long
def test_what_nothing_uses_is_remarked_and_no_fault():
    extra = "sources:\n  - {id: S, short: S, authors: A, title: T, kind: guideline, published: P, year: 2020}\n"
    files = {**pack_text(), "sources.yaml": extra}
    assert proof(files, DAY).faults == ()
    assert [one.file for one in remarked(files, DAY)] == ["pack.yaml", "sources.yaml"], "the newer edition comes first"
    assert remarked({"pack.yaml": "["}, DAY) == ()


def test_a_text_at_which_the_program_itself_fails_still_opens_for_correction(monkeypatch):
    def fail(task, job, who):
        raise Ended(FAILED, "reading the pack", "KeyError")

    monkeypatch.setattr(pack_proof, "run", fail)
    told = proof({**pack_text(), "more.yaml": "defaults: []  # fails\n"}, DAY).faults
    assert [(one.kind, "its own fault" in one.message) for one in told] == [(pack_proof.ENDED, True)]


def test_every_fault_of_a_pack_is_told_of_at_once():
    text = (
        pack_text()["cidp.yaml"].replace("age_years", "age_yaers")
        + """\
      - id: second
        says: Another.
        require: {weight_kg: {at_leest: 3}}
        otherwise: denied
        local: A parameter of these tests.
"""
    )
    wrong = pack_text()["examples.yaml"].replace("outcome: meets", "outcome: met")
    head = pack_text()["pack.yaml"].replace("title:", "titel:")
    found = pack_reading({"pack.yaml": head, "cidp.yaml": text, "examples.yaml": wrong}).faults
    assert [(one.file, one.line) for one in found] == [
        ("cidp.yaml", 10), ("cidp.yaml", 15), ("cidp.yaml", 16), ("examples.yaml", 2), ("pack.yaml", 1),
    ]  # fmt: skip
    assert all("None" not in one.message for one in found)


def test_what_only_follows_from_a_fault_is_none():
    source = "sources:\n  - {id: S, short: S, authors: A, title: T, kind: guideline, published: P, yeer: 2020}\n"
    statement = "statements:\n  - {id: S-1, source: S, says: A., where: p. 1, strength: strong, effect: supports}\n"
    text = pack_text()["cidp.yaml"].replace("local: A parameter of these tests.", "evidence: [S-1]")
    found = pack_reading({**pack_text(), "cidp.yaml": text, "sources.yaml": source + statement}).faults
    assert [(one.file, one.line) for one in found] == [("sources.yaml", 2)]
    assert "year" in found[0].message


@pytest.mark.long
def test_example_facts_that_are_no_mapping_are_a_fault_at_their_line():
    for facts in ("facts: 7", "facts: [age_years]", "facts: adult"):
        wrong = pack_text()["examples.yaml"].replace("facts: {}", facts)
        found = pack_reading({**pack_text(), "examples.yaml": wrong}).faults
        assert [(one.file, one.line) for one in found] == [("examples.yaml", 4)]
        assert "expected a mapping" in found[0].message


@pytest.mark.long
def test_a_check_that_another_moment_may_let_through_is_run_again(monkeypatch):
    files = {**pack_text(), "more.yaml": "defaults: []  # busy once\n"}
    asked = []

    def busy_once(task, job, who):
        asked.append(task)
        if len(asked) == 1:
            raise Ended(BUSY, for_good=False)
        return run(task, job, who)

    monkeypatch.setattr(pack_proof, "run", busy_once)
    assert [fault.kind for fault in proof(files, DAY).faults] == [pack_proof.ENDED]
    assert proof(files, DAY).faults == ()
    assert asked == ["read", "read", "prove"]
