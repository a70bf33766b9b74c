"""All that keeps a pack from being read, at once: what is wrong is cut out of the tree, and the rest is read again.

Whoever corrects a pack sees every fault in one list, not one a save. What only follows from a cut is no fault: a key
that is missed where it was cut out, a name that stood in what was cut.
"""

import re
from collections.abc import Mapping
from typing import Any

from utilization.rules.language.editions import EDITIONS
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import read_trees, trees_of
from utilization.rules.yaml_lines import Node, PackError, read_yaml

MOST_FAULTS = 30
"""Faults that are looked for: more than these are not corrected in one sitting."""
MOST_ROUNDS = 60
"""Times that the pack is read again, those for mere consequences among them: each takes as long as reading it."""
_NAMES = ("id", "name", "code")
_LAST_STEP = re.compile(r"(?:\.(?P<key>[^.\[\]]*)|\[(?P<place>\d+)\])$|^(?P<root>[^.\[\]]+)$")
_HEAD = "pack"
_LANGUAGE = "language"
_CONDITIONS = ("when", "require", "is")


def read_with_faults(files: Mapping[str, str]) -> tuple[Pack | None, tuple[PackError, ...]]:
    """The pack in `files`, or None and every fault that was found, the first `MOST_FAULTS` of them."""
    wrong = tuple(_wrong_yaml(files))
    if wrong:
        return None, wrong
    try:
        trees = trees_of(files)
    except PackError as error:
        return None, (error,)
    cutting = _Cutting(trees)
    for _ in range(MOST_ROUNDS):
        try:
            pack = read_trees(trees, files)
        except PackError as error:
            if not cutting.cut(error) or len(cutting.faults) == MOST_FAULTS:
                break
        else:
            return (None if cutting.faults else pack), cutting.in_order()
    return None, cutting.in_order()


def _wrong_yaml(files: Mapping[str, str]) -> list[PackError]:
    """The first fault of each file that is no YAML."""
    found = []
    for path in sorted(files):
        try:
            read_yaml(files[path], path)
        except PackError as error:
            found.append(error)
    return found[:MOST_FAULTS]


class _Cutting:
    """Cuts faults out of trees, and knows a fault from what only follows from an earlier cut."""

    def __init__(self, trees: list[Node]) -> None:
        self._nodes = {(node.file, node.path): node for tree in trees for node in tree.walk()}
        self._lines: dict[tuple[str, int], str] = {}
        for file, path in self._nodes:
            if path.endswith("]"):
                self._lines.setdefault((file, self._nodes[file, path].line), path)
        self._cut: set[tuple[str, str]] = set()
        self._names: set[str] = set()
        self.faults: list[PackError] = []

    def in_order(self) -> tuple[PackError, ...]:
        """The faults as they stand in the files."""
        return tuple(sorted(self.faults, key=lambda fault: (fault.file, fault.line)))

    def cut(self, error: PackError) -> bool:
        """Note the fault, unless it is a consequence, and cut it out; False where it cannot be cut."""
        path = error.path or self._lines.get((error.file, error.line), "")
        if not self._follows(error, path):
            self.faults.append(error)
        if (error.file, path) in self._cut:
            path = self._parent(path)
        return self._remove(error.file, path)

    def _follows(self, error: PackError, path: str) -> bool:
        """Whether the error tells of a gap that was cut, or of a name that was cut."""
        below = (cut for file, cut in self._cut if file == error.file)
        if any(cut == path or cut.startswith((f"{path}.", f"{path}[")) for cut in below):
            return True
        return any(repr(name) in error.message for name in self._names)

    def _remove(self, file: str, path: str) -> bool:
        step, node = _LAST_STEP.search(path), self._nodes.get((file, path))
        if step is None or node is None:
            return False
        self._cut.add((file, path))
        self._names |= set(_names_in(node))
        if path.split(".")[0] == _HEAD:
            return self._stand_in(file)
        held = self._nodes[file, self._parent(path)].value
        if isinstance(held, dict):
            key = step["key"] or step["root"]
            gone = held.pop(key, None)
            if gone is not None and key in _CONDITIONS and not self._whole(node):
                # The clause stays, with its other faults, though its condition fell apart.
                held[key] = Node("never", file, node.line, path)
        elif node in held:
            held.remove(node)
        return True

    def _whole(self, node: Node) -> bool:
        """Whether nothing below `node` was cut."""
        return not any(file == node.file and cut.startswith(f"{node.path}.") for file, cut in self._cut)

    def _stand_in(self, file: str) -> bool:
        """Put a head that reads in place of the pack's own: without one nothing else would be read."""
        head = self._nodes[file, _HEAD]
        if not isinstance(head.value, dict):
            return False
        edition = head.value.get(_LANGUAGE)
        head.value.clear()
        head.value.update({key: Node("1", file, head.line, f"{_HEAD}.{key}") for key in ("name", "version", "title")})
        if edition is not None:
            # What is written in an edition that does not exist is read by the newest, which knows most words.
            known = (file, edition.path) not in self._cut
            head.value[_LANGUAGE] = edition if known else Node(str(EDITIONS[-1]), file, head.line, edition.path)
        return True

    @staticmethod
    def _parent(path: str) -> str:
        return _LAST_STEP.sub("", path)


def _names_in(node: Node) -> list[str]:
    """What the node is called by others, where it is an item of a list with a name."""
    value: Any = node.value
    return [value[key].written() for key in _NAMES if isinstance(value, dict) and key in value]
