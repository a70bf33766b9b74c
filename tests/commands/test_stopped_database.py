"""A worker whose database is away says so in two lines: it is started again and again, and would fill its log."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("address", ["postgres://nobody@127.0.0.1:9/ivig", "sqlite:////no/such/folder/ivig.sqlite3"])
def test_a_database_that_is_away_is_told_without_a_traceback(address, tmp_path):
    environment = {**os.environ, "DATABASE_URL": address, "IVIG_MODE": "demo", "IVIG_VAR": str(tmp_path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    ended = subprocess.run(
        [sys.executable, "manage.py", "db_worker"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    told = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert told[-2].startswith("The database does not answer as it should: ")
    assert told[-1] == "manage.py doctor says what is to be done."


def test_a_fault_of_the_program_keeps_its_traceback(tmp_path):
    """A table that is missing is no database that is away."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3", "IVIG_MODE": "demo"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    ended = subprocess.run(
        [sys.executable, "manage.py", "db_worker", "--batch"], cwd=ROOT, env={**environment, "IVIG_VAR": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" in ended.stderr
    assert "no such table" in ended.stderr
