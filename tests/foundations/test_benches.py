"""Every bench starts in the same way, and says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
FILES = [path.stem for path in (ROOT / "bench").glob("*.py") if path.stem != "__init__"]
BENCHES = sorted([*FILES, *(path.parent.name for path in (ROOT / "bench").glob("*/__main__.py"))])


def test_there_are_benches():
    assert {"lists", "review_queue", "csv_export", "pdf", "rules", "kills"} <= set(BENCHES)


@pytest.mark.long
@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_is_started_as_a_module_and_its_help_says_so(name):
    asked = [sys.executable, "-W", "ignore", "-m", f"bench.{name}", "--help"]
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert answer.returncode == 0, answer.stderr
    assert f"python -m bench.{name}" in answer.stdout
    assert f"bench/{name}.py" not in answer.stdout
