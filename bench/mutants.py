"""Whether the tests near by find hand-made mistakes: each is made in a copy of the tree, alone, and its tests are run.

    python -m bench.mutants                 every row of bench/mutants.yaml
    python -m bench.mutants trend print     rows whose words or file hold one of these

A row dies where one of its tests fails. It lives where they all pass: then a test is missing. A row whose text does
not stand in its file exactly once, or whose tests do not run at all, is an error and counts as neither. First all tests
that are named are run in the copy as it is: a test that is red already would find everything. Ends with 1 unless at
least 57 of 60 die, by share, and nothing is an error.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from bench import usage

ROOT = Path(__file__).parents[1]
ROWS = Path(__file__).with_suffix(".yaml")
LEFT_OUT = (".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")
MUST_DIE = 57 / 60
LONGEST = 900
DIED, LIVED, ERROR = "died", "LIVED", "ERROR"
# No row changes a table, so that one database does for all; without it most of a row's time would be its making.
SETTINGS = """\
from tests.settings import *
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": BASE_DIR.parent / "rows.sqlite3"}
"""
# What pytest ends with: all passed, some failed. Anything else says that the tests did not run.
_MEANING = {0: LIVED, 1: DIED}


def rows(words):
    """The rows that hold one of `words`, all where none are given."""
    every = yaml.safe_load(ROWS.read_text(encoding="utf-8"))
    return [row for row in every if not words or any(word in f"{row['says']} {row['file']}" for word in words)]


def copy_of(tree, folder):
    """A copy of the tree with its libraries beside it, in which files may be changed."""
    copy = Path(folder) / "tree"
    shutil.copytree(tree, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (copy / ".venv").symlink_to((tree / ".venv").resolve())
    (copy / "tests/one_database.py").write_text(SETTINGS, encoding="utf-8")
    return copy


def run_tests(copy, tests):
    """(what pytest ended with, its last line); a run that takes too long counts as one that failed."""
    # The same made-up cases in every run, so that a row dies of its mistake and not of chance; no compiled file of the
    # row before, which may be as long and as old.
    settings = os.environ | {"CI": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    options = ("-q", "-x", "-p", "no:cacheprovider", "--hypothesis-profile=unshrunk", "--reuse-db")
    command = [str(copy / ".venv/bin/python"), "-m", "pytest", *options, "--ds=tests.one_database", *tests]
    try:
        done = subprocess.run(command, cwd=copy, env=settings, capture_output=True, text=True, timeout=LONGEST,
                              check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1, f"took longer than {LONGEST} s"
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return done.returncode, (lines or done.stdout.splitlines() or done.stderr.splitlines() or [""])[-1]


def outcome_of(copy, row):
    """(died, lived or error, why) of one row; the file is as before afterwards."""
    path = copy / row["file"]
    if not path.is_file():
        return ERROR, "there is no such file"
    before = path.read_text(encoding="utf-8")
    if (count := before.count(row["old"])) != 1:
        return ERROR, f"the text stands in the file {count} times: expected once"
    try:
        path.write_text(before.replace(row["old"], row["new"]), encoding="utf-8")
        ended, last = run_tests(copy, row["tests"])
    finally:
        path.write_text(before, encoding="utf-8")
    return _MEANING.get(ended, ERROR), last


def main():
    """The exit code: 0 where enough rows die and none is an error."""
    chosen = rows(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = copy_of(ROOT, folder)
        ended, last = run_tests(copy, sorted({test for row in chosen for test in row["tests"]}))
        if ended:
            print(f"The tests are not green before anything is changed: {last}")
            return 1
        survivors = []
        for number, row in enumerate(chosen, 1):
            started = time.perf_counter()
            outcome, why = outcome_of(copy, row)
            survivors.append(outcome)
            took = time.perf_counter() - started
            print(f"{number:3} {outcome:5} {took:4.0f} s  {row['file']}: {row['says']}", flush=True)
            if outcome != DIED:
                print(f"          {why}", flush=True)
    died, lived, errors = (survivors.count(outcome) for outcome in (DIED, LIVED, ERROR))
    print(f"{len(survivors)} rows: {died} died, {lived} lived, {errors} errors")
    return int(errors > 0 or died < MUST_DIE * len(survivors))


if __name__ == "__main__":
    usage(__doc__)
    sys.exit(main())
