"""YAML text as a tree in which every value knows its file, line and path, so that errors can name them.

Plain scalars are numbers, true, false, null or text: `no`, `on` and octal numbers stay text. Duplicate keys, anchors,
tags and characters that nobody sees are refused. Raises `PackError` with file, line, path and what was expected.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NoReturn

import yaml

# The one written in C, where it was built: fourteen times as fast, and every command reads the pack at its start.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# Marks that turn the direction of text, take no room, or look like a space in front of a key.
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069]|(?!\\A)\ufeff|^ *\u00a0", re.MULTILINE)
_LONGEST_NUMBER = 40
_ANCHORS = "anchors and aliases are not allowed: write it out, or share it as a fragment or a named condition"
_DEEPEST = 40
MOST_CHARACTERS = 2_000_000
_WORDS = {"true": True, "false": False, "null": None, "": None, "~": None}


class PackError(ValueError):
    """A pack, product table or routing table that cannot be read: file, line, path and what was expected."""

    def __init__(self, file: str, line: int, path: str, message: str) -> None:
        where = f"{file}:{line}: " + (f"{path}: " if path else "")
        super().__init__(where + message)
        self.file, self.line, self.path, self.message = file, line, path, message


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the tree: a dict of nodes, a list of nodes, or a scalar (str, Decimal, bool, None)."""

    value: Any
    file: str
    line: int
    path: str

    def fail(self, message: str) -> NoReturn:
        raise PackError(self.file, self.line, self.path, message)

    def mapping(self, required: tuple[str, ...] = (), optional: tuple[str, ...] | None = None) -> dict[str, "Node"]:
        """The keys of a mapping; fails on a missing one and, unless `optional` is None, on one it does not know."""
        if not isinstance(self.value, dict):
            self.fail(f"expected a mapping, got {self.shown}")
        for key in required:
            if key not in self.value:
                self.fail(f"expected the key {key!r}")
        if optional is not None:
            known = (*required, *optional)
            for key, node in self.value.items():
                if key not in known:
                    near = get_close_matches(key, known, n=1)
                    hint = f"; did you mean {near[0]!r}?" if near else f": expected one of {', '.join(known)}"
                    node.fail(f"unknown key {key!r}{hint}")
        return dict(self.value)

    def items(self) -> list["Node"]:
        """The items of a list."""
        if not isinstance(self.value, list):
            self.fail(f"expected a list, got {self.shown}")
        return list(self.value)

    def text(self) -> str:
        """A text; numbers are taken as written."""
        if isinstance(self.value, Decimal):
            return str(self.value)
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(f"expected text, got {self.shown}")
        return " ".join(self.value.split())

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.text() for item in self.items())

    def number(self) -> Decimal:
        """A number, exact; also one written in quotes."""
        self.check_digits()
        value = self.value
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = Decimal(value)
        if not isinstance(value, Decimal):
            self.fail(f"expected a number, got {self.shown}")
        return value

    def check_digits(self) -> None:
        """Fails on a number that another program would read as octal, and on one too long to mean anything."""
        written = self.value if isinstance(self.value, str) else ""
        if _LEADING_ZERO.match(written):
            self.fail(f"{written!r} begins with a zero: expected a number such as {written.lstrip('+-0') or '0'}")
        if len(written) > _LONGEST_NUMBER and written[:_LONGEST_NUMBER].lstrip("+-").replace(".", "").isdigit():
            self.fail(f"a number of more than {_LONGEST_NUMBER} characters: expected fewer digits")

    def day(self) -> date:
        """A date, written YYYY-MM-DD."""
        try:
            if _DAY.fullmatch(self.text()):
                return date.fromisoformat(self.text())
        except ValueError:
            pass
        return self.fail(f"expected a date YYYY-MM-DD, got {self.shown}")

    def one_of(self, choices: tuple[str, ...]) -> str:
        """A text that is one of `choices`."""
        text = self.text()
        if text not in choices:
            self.fail(f"expected one of {', '.join(choices)}, got {text!r}")
        return text

    def plain(self) -> Any:
        """The value without marks: dicts, lists, text with folded spaces, Decimal, bool, None."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return " ".join(self.value.split()) if isinstance(self.value, str) else self.value

    def walk(self) -> Iterator["Node"]:
        """This node and all below it."""
        yield self
        if isinstance(self.value, dict | list):
            for child in self.value.values() if isinstance(self.value, dict) else self.value:
                yield from child.walk()

    def written(self) -> str:
        """A scalar as it stands in the text, or what kind of thing stands there instead."""
        return str(self.value) if isinstance(self.value, str | Decimal) else self.shown

    @property
    def shown(self) -> str:
        if isinstance(self.value, dict):
            return "a mapping"
        if isinstance(self.value, list):
            return "a list"
        if self.value is None:
            return "nothing"
        return repr(str(self.value) if isinstance(self.value, Decimal) else self.value)


def read_yaml(text: str, file: str) -> Node:
    """The tree of one YAML document. Raises PackError."""
    if len(text) > MOST_CHARACTERS:
        raise PackError(file, 1, "", f"expected at most {MOST_CHARACTERS:,} characters, got {len(text):,}")
    hidden = _HIDDEN.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        raise PackError(
            file, line, "", f"a hidden character (U+{ord(hidden[0][-1]):04X}) stands here: type the line anew"
        )
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise PackError(file, _line(event), "", f"nested more than {_DEEPEST} deep")
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise PackError(file, _line(event), "", _ANCHORS)
            if tag := getattr(event, "tag", None):
                raise PackError(file, _line(event), "", f"the tag {tag} is not allowed: leave it out")
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise PackError(file, line, "", f"not valid YAML: {_told(error, text, line)}") from None
    if root is None:
        raise PackError(file, 1, "", "expected a mapping or a list, got an empty file")
    return _marked(root, file, "")


def _told(error: yaml.YAMLError, text: str, line: int) -> str:
    """What the YAML parser says, with a hint where it does not say what is usually meant."""
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    if "\t" in shown[: len(shown) - len(shown.lstrip())]:
        return "a tabulator stands at the beginning of the line: move text to the right with spaces"
    what = getattr(error, "problem", None) or "cannot be read as YAML"
    if "mapping values are not allowed" in what or "expected ','" in what:
        what += "; put text that holds a colon, a comma or a bracket in quotation marks"
    return str(what)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _marked(node: yaml.Node, file: str, path: str) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise PackError(file, key_line, path, "expected a plain key")
            key = key_node.value
            if key in values:
                raise PackError(file, key_line, path, f"the key {key!r} stands twice")
            values[key] = _marked(value_node, file, f"{path}.{key}" if path else key)
        return Node(values, file, line, path)
    if isinstance(node, yaml.SequenceNode):
        items = [_marked(item, file, f"{path}[{i}]") for i, item in enumerate(node.value)]
        return Node(items, file, line, path)
    return Node(_scalar(node), file, line, path)


def _scalar(node: Any) -> Any:
    text = node.value
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) and not _LEADING_ZERO.match(text):
        return Decimal(text)
    return text
