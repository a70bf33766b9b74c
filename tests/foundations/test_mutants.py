"""Every row of `bench/mutants.yaml` still makes its mistake: its text stands once in its file, its tests are there."""

import ast
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROWS = yaml.safe_load((ROOT / "bench/mutants.yaml").read_text("utf-8"))


def functions_in(path: Path) -> set[str]:
    """Names of the tests of a file, of their classes too: `test_a`, `TestB::test_c`."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        names = {each.name for each in inner if isinstance(each, ast.FunctionDef)}
        found |= {f"{node.name}::{name}" for name in names} | {node.name} if isinstance(node, ast.ClassDef) else names
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["says"])
def test_a_row_stands_where_it_says(row: dict) -> None:
    assert (ROOT / row["file"]).read_text("utf-8").count(row["old"]) == 1
    assert row["new"] != row["old"]
    for named in row["tests"]:
        path, _, test = named.partition("::")
        assert (ROOT / path).exists(), named
        assert not test or test.partition("[")[0] in functions_in(ROOT / path), named
