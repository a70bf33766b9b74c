"""`./run test` alone leaves the long tests out and says so; CI leaves out none of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
SUITE = """
import pytest

@pytest.mark.long
@pytest.mark.parametrize("number", [1, 2, 3])
def test_long(number): pass

@pytest.mark.parametrize("number", [1, 2])
def test_short(number): pass
"""


@pytest.mark.long
def test_a_run_says_how_many_long_tests_it_left_out_and_how_to_run_them(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long\n")
    plain = ("-p", "no:django", "-p", "no:cacheprovider", "-p", "tests.left_out", "-n", "2")
    # Not a part of the run that these tests are of, nor counted with it.
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SLIPCOVER_"))}
    said = []
    for chosen in ("not long", "long or not long"):
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", *plain, "-m", chosen], cwd=tmp_path, timeout=PATIENCE, text=True,
            env={**alone, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        said.append(ran.stdout)
    assert "2 passed" in said[0]
    assert "3 long tests were left out, which .ci/run runs. So does: ./run test -n auto " in said[0]
    assert "5 passed" in said[1]
    assert "left out" not in said[1]


def test_only_a_run_without_arguments_leaves_long_tests_out() -> None:
    default, more = (
        (ROOT / "run").read_text().split('exec "$VENV/bin/python" ${COVERAGE')[0],
        (ROOT / ".ci/run").read_text(),
    )
    assert re.findall(r"\[ \$# -gt 0 \] \|\| set -- (.*)", default) == ['-n auto --dist worksteal -m "not long"']
    # On SQLite CI chooses nothing, so that each test runs there.
    assert re.search(r"^on_sqlite\(\) \{\n.*\./run test \"\$\{TOGETHER\[@\]\}\"\n\}", more, re.MULTILINE)
    assert re.findall(r"-m \"(.*?)\"", more) == ["database and not browser and not judges"]
    assert (
        re.search(r"^TOGETHER=\((.*)\)$", more, re.MULTILINE)[1]
        == '-n "${CI_PROCESSES:-auto}" --dist worksteal -p no:cacheprovider'
    )
