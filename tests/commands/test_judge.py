"""`manage.py judge` as scripts see it: its contract, its refusals, and that it needs no database."""

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.patience import PATIENCE
from utilization.management import cases

ROOT = Path(__file__).resolve().parent.parent.parent
NO_DATABASE = "postgres://nobody@127.0.0.1:1/none"


@dataclass
class Done:
    returncode: int
    stdout: bytes
    stderr: bytes


@pytest.fixture
def run(monkeypatch, capfd):
    """Runs the command in this process; the database fixture is not asked for, so any query would fail the test."""

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = 0
        try:
            call_command("judge", *arguments)
        except SystemExit as stopped:
            code = stopped.code
        out, err = capfd.readouterr()
        return Done(code, out.encode(), err.encode())

    return run


def test_it_needs_no_database_and_prints_utf_8():
    env = {**os.environ, "DATABASE_URL": NO_DATABASE}
    command = [sys.executable, "manage.py", "judge", "-"]
    case = b'{"id": "\xc3\xa9", "indication": "gbs", "facts": {"age_years": 40}}'
    done = subprocess.run(command, cwd=ROOT, env=env, input=case, capture_output=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["id"] == "é"
    refused = subprocess.run(command, cwd=ROOT, env=env, input=b"{", capture_output=True, timeout=PATIENCE)
    assert (refused.returncode, refused.stdout) == (2, b"")


def test_a_list_gives_a_list_in_its_order_with_the_contracts_keys(run):
    cases = [
        {"id": "a", "indication": "cidp", "facts": {"age_years": 58, "dose_total_g_per_kg": "2.0", "weight_kg": 80.5}},
        {"id": 7, "indication": "ibm"},
        {"indication": "nonesuch", "facts": {}},
        {"id": 1.5, "indication": "ibm"},
    ]
    done = run("-", stdin=json.dumps(cases).encode())
    assert (done.returncode, done.stderr) == (0, b"")
    results = json.loads(done.stdout)
    assert [r["id"] for r in results] == ["a", 7, None, 1.5]
    assert [r["outcome"] for r in results] == ["meets", "does_not_meet", "exception_review", "does_not_meet"]
    assert set(results[0]) == {
        "id", "indication", "judged_as", "criteria", "outcome", "warnings", "findings", "questions", "would_meet_if",
        "dose", "route",
    }  # fmt: skip
    assert set(results[0]["findings"][0]) == {"id", "text", "result", "facts", "evidence"}
    assert set(results[0]["dose"]) == {
        "dosing_weight_kg", "weight_basis", "ibw_kg", "bmi", "target_g", "rounded_g", "limit_g", "per_day_g",
        "vials_per_day",
    }  # fmt: skip
    assert set(results[0]["route"]) == {"approvals", "clock_hours", "expedited", "because"}
    assert results[0]["dose"]["target_g"] == "161.00"


def test_one_case_gives_one_result_from_a_file(run, tmp_path):
    (tmp_path / "case.json").write_text('\ufeff{"indication": "gbs", "facts": {"age_years": 5}}', encoding="utf-8")
    done = run(str(tmp_path / "case.json"), "--as-of", "2026-01-31")
    assert json.loads(done.stdout)["warnings"] == ["extrapolated_evidence_children"]


def test_another_pack_judges_when_named(run, tmp_path):
    pack = (ROOT / "fixtures/criteria/ivig-builtin/pack.yaml").read_text()
    (tmp_path / "one.yaml").write_text(SMALL)
    done = run(
        "-", "--pack", str(tmp_path / "one.yaml"), stdin=b'{"indication": "thing", "facts": {"severity": "mild"}}'
    )
    result = json.loads(done.stdout)
    assert (result["outcome"], result["criteria"]["pack"]) == ("does_not_meet", "small")
    (tmp_path / "one.yaml").write_text(pack)
    assert run("-", "--pack", str(tmp_path / "one.yaml"), stdin=b"[]").returncode == 2


SMALL = """\
pack: {name: small, version: "1", title: A small pack}
indications:
  - {code: thing, name: Thing}
criteria:
  - indication: thing
    clauses:
      - {id: sure, says: It is severe., require: {severity: severe}, otherwise: does_not_meet, local: for the test}
"""

GOOD = '{"indication": "cidp", "facts": {}}'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'[{GOOD}, {{"id": "x", "indication": "cidp", "facts": {{"wieght_kg": 80}}}}]',
         ("case 2 (id 'x'): facts.wieght_kg: unknown fact 'wieght_kg': expected a name of the vocabulary; "
         "did you mean weight_kg?")),
        ('{"indication": "cidp", "facts": {"weight_kg": NaN}}', "NaN is not a number"),
        ('{"indication": "cidp", "facts": {"weight_kg": 1e999}}', "is impossible"),
        ('{"indication": "cidp", "facts": {"weight_kg": true}}', "expected a number [kg], got true"),
        ('{"indication": "cidp", "facts": []}', "expected an object of facts"),
        ('{"indication": "cidp", "facts": null}', "expected an object of facts"),
        ('{"indication": "cidp", "facts": {"weight_kg": 80, "weight_kg": 80}}', "'weight_kg' stands twice"),
        ('{"indication": "cidp", "fact": {}}', "case: fact: unknown key: expected one of id, indication, facts"),
        ('{"facts": {}}', "case: indication: missing"),
        ('{"indication": "CIDP"}', "case: indication: expected a code like 'cidp'"),
        ('{"indication": null}', "expected a code like 'cidp'"),
        ('{"id": {}, "indication": "cidp"}', "case: id: expected text or a number"),
        ('{"indication": "cidp", "facts": {"dose_total_g_per_kg": 2, "dose_per_day_g_per_kg": 2, "course_days": 5}}',
         "facts.dose_total_g_per_kg: the dose facts disagree by more than 5 %"),
        ("[1]", "case 1: expected an object"),
        ("{", "not valid JSON at line 1"),
        ('[{"id": "b", "indication": "cidp", "facts": {"x": [NaN]}}]', "case 1 (id 'b'): facts.x[0]: NaN is not"),
        ('[{"id": "b", "indication": "cidp", "facts": {"a": 1, "a": 2}}]', "case 1 (id 'b'): facts.a: the key 'a'"),
        ('{"id": "\\ud800", "indication": "cidp"}', "id: expected text that can be printed"),
        ("[" * 100000, "nested too deeply"),
        ('{"indication": "cidp", "facts": {"course_days": ' + "9" * 5000 + "}}", "facts.course_days"),
    ],
)  # fmt: skip
def test_bad_input_prints_nothing_and_one_line(run, text, says):
    done = run("-", stdin=text.encode())
    assert done.returncode == 2
    assert done.stdout == b""
    line = done.stderr.decode()
    assert says in line
    assert line.count("\n") == 1
    assert "Traceback" not in line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("no-such-file.json",), "no-such-file.json: cannot be read: No such file or directory"),
        (("-", "--as-of", "soon"), "--as-of: expected a date YYYY-MM-DD, got 'soon'"),
        (("-", "--as-of", "20240101"), "--as-of: expected a date YYYY-MM-DD, got '20240101'"),
        (("-", "--as-of", "2024-02-30"), "--as-of: expected a date YYYY-MM-DD, got '2024-02-30'"),
        (("-", "--pack", "no-such-pack"), "expected a pack: a folder of YAML files, or one file"),
    ],
)
def test_wrong_arguments_say_what_was_expected(run, arguments, says):
    done = run(*arguments, stdin=GOOD.encode())
    assert (done.returncode, done.stdout) == (2, b"")
    assert says in done.stderr.decode()


def test_a_file_beyond_all_measure_is_refused(run, monkeypatch):
    monkeypatch.setattr(cases, "_MOST_BYTES", 10)
    assert "-: expected at most 10 bytes" in run("-", stdin=GOOD.encode()).stderr.decode()


def test_text_that_is_not_utf_8_is_refused(run):
    assert "expected UTF-8 text" in run("-", stdin=b"\xff\xfe").stderr.decode()
