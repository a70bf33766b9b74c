"""Facts of worked examples that cannot be read, each at its own line: a misspelt name, an impossible value."""

from collections.abc import Iterator, Mapping
from typing import Any

from utilization.rules.facts.values import BadInput, read_facts
from utilization.rules.judging.pack_checks import Problem
from utilization.rules.packs.pack import Example, Pack
from utilization.rules.yaml_lines import Node, read_yaml

MOST_UNREAD = 30
"""Facts that are told: more than these are not corrected in one sitting."""


def unread_facts(pack: Pack, most: int = MOST_UNREAD) -> list[tuple[Example, Problem]]:
    """The first `most` facts of examples that cannot be read; the path of each begins at its example."""
    wrong = [(place, bad) for place, example in enumerate(pack.examples) for bad in _unread(example.facts, pack)][:most]
    if not wrong:
        return []
    nodes = _examples_of(pack.files)
    return [(pack.examples[place], _at(nodes[place], bad)) for place, bad in wrong]


def _unread(facts: Mapping[str, Any], pack: Pack) -> Iterator[BadInput]:
    """Each fact that cannot be read alone; where all can, what they contradict together."""
    found = False
    for one in ({name: value} for name, value in facts.items()):
        try:
            read_facts(one, catalogue=pack.catalogue)
        except BadInput as bad:
            found = True
            yield bad
    if not found:
        try:
            read_facts(facts, catalogue=pack.catalogue)
        except BadInput as bad:
            yield bad


def _examples_of(files: Mapping[str, str]) -> list[Node]:
    """The examples of a pack as trees, in the order in which it has them."""
    sections = (read_yaml(files[path], path).mapping().get("examples") for path in sorted(files))
    return [item for section in sections if section for item in section.items()]


def _at(example: Node, bad: BadInput) -> Problem:
    """What is wrong, at the innermost part of the example that its path leads to."""
    path = f"{example.path}.{bad.path}"
    found = example
    for node in example.walk():
        if path == node.path or path.startswith((f"{node.path}.", f"{node.path}[")):
            found = node
    return Problem(found.file, found.line, bad.path, bad.message)
