"""`check_criteria` and `compare_packs` as people run them: what they print, and how they refuse."""

import json

import pytest
from django.core.management import call_command

PACK = """\
pack: {{name: {name}, version: "1", title: T, language: 2}}
facts:{facts}
indications: [{{code: thing, name: Thing}}]
criteria:
  - indication: thing
    clauses:
      - id: adult
        says: An adult.
        require: {{age_years: {{at_least: {age}}}}}
        otherwise: exception_review
        local: x
examples:
  - {{indication: thing, says: Old., facts: {{age_years: 40}}, expect: {{outcome: meets}}}}
  - {{indication: thing, says: Young., facts: {{age_years: 3}}, expect: {{outcome: exception_review}}}}
  - {{indication: thing, says: Nothing., facts: {{}}, expect: {{outcome: needs_information}}}}
"""
OWN = " [{name: own_fact, type: bool, label: Own}]"


@pytest.fixture
def pack(tmp_path):
    def make(name="mine", age="18 years", facts=" []", text=PACK):
        place = tmp_path / f"{name}.yaml"
        place.write_text(text.format(name=name, age=age, facts=facts))
        return str(place)

    return make


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = 0
        try:
            call_command(*arguments)
        except SystemExit as stopped:
            code = stopped.code
        return code, *capsys.readouterr()

    return run


def test_a_good_pack_holds(run, pack):
    code, out, err = run("check_criteria", pack())
    assert (code, err) == (0, "")
    assert out.startswith("mine 1: 1 indications, 0 statements, 3 examples hold. sha256 ")


def test_what_nothing_uses_is_counted_and_told_when_asked(run, pack):
    place = pack(facts=OWN)
    assert run("check_criteria", place)[1].endswith(" 1 remarks: see them with --remarks.\n")
    code, out, _ = run("check_criteria", place, "--remarks")
    assert code == 0
    assert "remark: mine.yaml:2: facts[0].name: own_fact is used by nothing\n" in out
    assert "see them" not in out


def test_a_problem_and_a_failing_example_are_told_at_their_lines(run, pack):
    code, out, err = run("check_criteria", pack(age="0 years"))
    assert (code, out) == (1, "")
    assert err.splitlines()[0].startswith("mine.yaml:7: criteria[0].clauses[0]: thing.adult: never fails: ")
    assert "mine.yaml:14: thing: Young.: expected outcome exception_review, got meets" in err


def test_a_pack_that_does_not_read_is_told_at_its_line(run, pack):
    code, out, err = run("check_criteria", pack(age="soon"))
    assert (code, out) == (1, "")
    assert err == (
        "mine.yaml:9: criteria[0].clauses[0].require.age_years.at_least: expected a number with its unit, such as "
        "2 g/kg, got 'soon'\n"
    )


def test_every_version_of_a_folder_is_checked(run, pack, tmp_path):
    for year, age in (("2025", "18 years"), ("2026", "0 years")):
        (tmp_path / "all" / year).mkdir(parents=True)
        text = PACK.replace('version: "1"', f'version: "{year}", effective: {year}-01-01')
        (tmp_path / "all" / year / "pack.yaml").write_text(text.format(name="mine", age=age, facts=" []"))
    code, out, err = run("check_criteria", str(tmp_path / "all"))
    assert code == 1
    assert out.startswith("mine 2025: ")
    assert "never fails" in err


def cases(tmp_path, *facts):
    place = tmp_path / "cases.json"
    found = [{"id": n or None, "indication": "thing", "facts": one} for n, one in enumerate(facts)]
    place.write_text(json.dumps(found if len(found) != 1 else found[0]))
    return str(place)


def test_packs_are_compared_case_by_case(run, pack, tmp_path):
    old, new = pack("old"), pack("new", "12 years", OWN)
    given = cases(tmp_path, {"age_years": 40}, {"age_years": 15, "own_fact": True})
    code, out, err = run("compare_packs", given, "--pack", old, "--pack", new)
    assert (code, err) == (0, "")
    first, second = json.loads(out)
    assert (first["agree"], second["agree"], second["id"]) == (True, False, 1)
    assert [(one["criteria"]["pack"], one["outcome"], one["left_out"]) for one in second["by"]] == [
        ("old", "exception_review", ["own_fact"]), ("new", "meets", []),
    ]  # fmt: skip
    assert set(second["by"][0]) == {
        "criteria", "judged_as", "outcome", "warnings", "questions", "would_meet_if", "authorization", "left_out",
    }  # fmt: skip


def test_one_case_gives_one_result(run, pack, tmp_path):
    out = run("compare_packs", cases(tmp_path, {}), "--pack", pack("old"), "--pack", pack("new"))[1]
    assert json.loads(out)["agree"] is True


def test_the_table_has_the_disagreements_first(run, pack, tmp_path):
    given = cases(tmp_path, {"age_years": 40}, {"age_years": 15})
    out = run("compare_packs", given, "--pack", pack("old"), "--pack", pack("new", "12 years"), "--table")[1]
    assert out == (
        "case  indication  old 1             new 1\n"
        "----  ----------  ----------------  -----\n"
        "1     thing       exception_review  meets\n"
        "1     thing       meets             meets\n"
        "1 of 2 cases differ.\n"
    )


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"own_fcat": True}, "case 1: facts.own_fcat: unknown fact 'own_fcat': expected a name that one of the packs knows; did you mean own_fact?"),  # noqa: E501 - the text whole, as it is read
        ({"qqqq": 1}, "case 1: facts.qqqq: unknown fact 'qqqq': expected a name that one of the packs knows"),
        ({"age_years": -1}, "case 1: facts.age_years: -1 years is impossible: expected at least 0 and at most 120 years"),  # noqa: E501 - the text whole, as it is read
        ([], "case 1: facts: expected an object of facts, got a list"),
    ],
)  # fmt: skip
def test_a_wrong_case_is_named_and_nothing_is_printed(run, pack, tmp_path, facts, says):
    given = cases(tmp_path, facts, {})
    code, out, err = run("compare_packs", given, "--pack", pack("old"), "--pack", pack("new", facts=OWN))
    assert (code, out, err) == (2, "", says + "\n")


def test_it_takes_two_packs_to_compare(run, pack, tmp_path):
    code, out, err = run("compare_packs", cases(tmp_path, {}), "--pack", pack())
    assert (code, out, err) == (2, "", "--pack: expected at least 2 packs to compare, got 1\n")


def test_judge_takes_the_version_in_force_and_the_packs_own_facts(run, tmp_path):
    for year, age in (("2025", 18), ("2026", 12)):
        (tmp_path / "all" / year).mkdir(parents=True)
        text = PACK.replace('version: "1"', f'version: "{year}", effective: {year}-01-01')
        (tmp_path / "all" / year / "pack.yaml").write_text(text.format(name="mine", age=age, facts=OWN))
    given = cases(tmp_path, {"age_years": 15, "own_fact": True})
    for day, outcome in (("2025-12-31", "exception_review"), ("2026-01-01", "meets")):
        code, out, _ = run("judge", given, "--pack", str(tmp_path / "all"), "--as-of", day)
        assert (code, json.loads(out)["outcome"]) == (0, outcome)
    code, out, err = run("judge", given, "--pack", str(tmp_path / "all"), "--as-of", "2024-12-31")
    assert (code, out) == (2, "")
    assert "no version is in force on 2024-12-31" in err
