"""The house keeps its measure: short modules and functions, and names of modules that are nouns."""

import ast
import re
from pathlib import Path
from statistics import median, quantiles

from tests import ci_parts

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for path in (ROOT / "utilization").rglob("*.py") if "migrations" not in path.parts)
NOUNS = {"paging", "reading", "rounding", "routing", "dated", "elapsed", "missing", "prescribing"}
"""Nouns that end as verbs do, what a condition or a span is called, and what is missing."""

EIGHT = {
    "rules/facts/catalogue._number": "a row of the catalogue, read across",
    "rules/form/answers.facts_from_answers": "answers, what they are read by, and how an older form meant them",
    "workflow/drafts.start_draft": "what a draft may begin from, each left out but where it is wanted",
    "rules/routing.route_request": "each is a column of the routing table, and is named where it is called",
}
"""Functions that read better with eight, and why."""


def _lines(path):
    return path.read_text(encoding="utf-8").count("\n")


def test_modules_are_short():
    assert {path.name: _lines(path) for path in MODULES if _lines(path) > 400} == {}
    assert median(map(_lines, MODULES)) < 100


def test_functions_are_short():
    nodes = (node for path in MODULES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    lengths = [
        node.end_lineno - node.lineno + 1
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert quantiles(lengths, n=10)[-1] <= 18


def _parameters(function):
    names = [
        parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    ]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def test_functions_take_seven_things_at_most():
    taken = {
        f"{path.relative_to(ROOT / 'utilization').with_suffix('')}.{node.name}": _parameters(node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in taken.items() if count > 7} == dict.fromkeys(EIGHT, 8)


def test_a_module_is_named_by_a_noun():
    named = {path.stem for path in MODULES if re.search(r"(ing|ed)$", path.stem)}
    assert named - NOUNS == set()


def test_a_module_says_what_it_is():
    silent = [path for path in MODULES if _lines(path) and not path.read_text(encoding="utf-8").startswith('"""')]
    assert silent == []


def test_what_is_said_of_where_tests_run_is_said_of_tests_that_exist():
    assert {place for place in ci_parts.ON_ONE_DATABASE if not (ROOT / place).exists()} == set()
