"""The glossary and the code name the same things: every home exists, and a name means one thing."""

import ast
import re
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `([\w.]+)` \|$", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)
CODE = sorted(path for path in (ROOT / "utilization").rglob("*.py") if "migrations" not in path.parts)


def test_the_glossary_is_read_whole():
    rows = [line for line in (ROOT / "docs/glossary.md").read_text().splitlines() if line.startswith("| ")]
    heads = [row for row in rows if row.startswith("| word |")]
    assert len(ROWS) == len(rows) - len(heads) > 40


@pytest.mark.parametrize(("word", "home"), [(word, home) for word, _, home in ROWS])
def test_every_word_has_its_home(word, home):
    module, _, name = f"utilization.{home}".rpartition(".")
    if name[0].isupper():
        assert isinstance(getattr(import_module(module), name), type), word
    else:
        assert import_module(f"{module}.{name}"), word


def test_a_word_stands_once():
    words = [word for word, _, _ in ROWS]
    assert sorted(set(words)) == sorted(words)


def test_no_two_classes_share_a_name():
    homes = defaultdict(list)
    for path in CODE:
        for node in ast.parse(path.read_text()).body:
            # Django asks for a class of this name in each command.
            if isinstance(node, ast.ClassDef) and node.name != "Command":
                homes[node.name].append(str(path.relative_to(ROOT)))
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}
