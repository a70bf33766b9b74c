"""YAML text as a tree in which every value knows its file, line and path, so that errors can name them.

Plain scalars are numbers, true, false, null or text: `no`, `on` and octal numbers stay text. Duplicate keys, anchors,
tags and characters that nobody sees are refused, and so is more than the bounds below, as soon as it is met: what a
text costs is bounded by its bounds. Raises `PackError` with file, line, path and what was expected.
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
# An alias repeats all that its anchor holds: ten lines of them come to a billion values.
_ANCHORS = "anchors and aliases are not allowed: write it out, or share it as a fragment or a named condition"
MOST_CHARACTERS = 2_000_000
"""Characters of one text: the largest pack that is shipped has 145,000 in all its files together."""
MOST_NODES = 50_000
"""Keys and values of one text. A whole shipped pack has up to 10,000; as many as this are read in about 0.2 s."""
MOST_ITEMS = 5_000
"""Items of one list, and keys of one mapping: the longest that is shipped has 101."""
DEEPEST = 40
"""Lists and mappings within each other: every one takes a frame of the stack; criteria need 12."""
LONGEST_KEY = 200
"""Characters of a key: it stands in the path of everything below it. The longest that is shipped has 39."""
LONGEST_PATH = 1_000
"""Characters of the keys that lead to a value: every value below keeps them. In shipped packs they have up to 105."""
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
        """The keys of a mapping; fails on a missing one and, unless `optional` is None, on one it does not know.

        What is not known is told first: it may be a slip of the pen in the key that is missed.
        """
        if not isinstance(self.value, dict):
            self.fail(f"expected a mapping, got {self.shown}")
        if optional is not None:
            known = (*required, *optional)
            for key, node in self.value.items():
                if key not in known and key[:1].isdigit():
                    # In braces `{target: 0,4 g/kg}` is two keys to YAML.
                    node.fail(f"unknown key {key!r}: a decimal is written with a point, as 0.4, and a comma ends it")
                if key not in known:
                    near = get_close_matches(key, known, n=1)
                    hint = f"; did you mean {near[0]!r}?" if near else f": expected one of {', '.join(known)}"
                    node.fail(f"unknown key {key!r}{hint}")
        for key in required:
            if key not in self.value:
                self.fail(f"expected the key {key!r}")
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
        return _Composer(text, file).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise PackError(file, line, "", f"not valid YAML: {_told(error, text, line)}") from None


class _Composer:
    """Makes the tree from the parser's events, one after the other, so that a bound is met before what is beyond it."""

    def __init__(self, text: str, file: str) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._file = file
        self._left = MOST_NODES

    def document(self) -> Node:
        """The one document of the text. Raises PackError, and yaml.YAMLError where the text is no YAML."""
        root = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._refuse(event, "", "not valid YAML: but found another document: leave out the line ---")
                root = self._node(self._next(), "", 0)
        if root is None:
            raise PackError(self._file, 1, "", "expected a mapping or a list, got an empty file")
        return root

    def _next(self) -> Any:
        return next(self._events)

    def _refuse(self, event: Any, path: str, message: str) -> NoReturn:
        raise PackError(self._file, event.start_mark.line + 1, path, message)

    def _node(self, event: Any, path: str, depth: int) -> Node:
        """The node that begins with `event`, `depth` lists and mappings deep."""
        self._allow(event, path, depth)
        line = event.start_mark.line + 1
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._mapping(path, depth + 1), self._file, line, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._sequence(path, depth + 1), self._file, line, path)
        return Node(_scalar(event), self._file, line, path)

    def _allow(self, event: Any, path: str, depth: int) -> None:
        """Refuse anchors, aliases and tags, and more values, or deeper ones, than a text may hold."""
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            self._refuse(event, "", _ANCHORS)
        if event.tag:
            self._refuse(event, "", f"the tag {event.tag} is not allowed: leave it out")
        if depth == DEEPEST and isinstance(event, yaml.CollectionStartEvent):
            self._refuse(event, "", f"nested more than {DEEPEST} deep: name a part as a condition, and use it")
        if len(path) > LONGEST_PATH:
            self._refuse(event, "", f"keys of more than {LONGEST_PATH:,} characters lead here: write shorter keys")
        self._left -= 1
        if self._left < 0:
            self._refuse(event, "", f"more than {MOST_NODES:,} keys and values in one file: split the file")

    def _mapping(self, path: str, depth: int) -> dict[str, Node]:
        values: dict[str, Node] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, path, depth)
            if key in values:
                self._refuse(event, path, f"the key {key!r} stands twice")
            if len(values) == MOST_ITEMS:
                self._refuse(event, path, f"more than {MOST_ITEMS:,} keys in one mapping: split it")
            values[key] = self._node(self._next(), f"{path}.{key}" if path else key, depth)
        return values

    def _key(self, event: Any, path: str, depth: int) -> str:
        self._allow(event, path, depth)
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(event, path, "expected a plain key")
        if len(event.value) > LONGEST_KEY:
            self._refuse(event, path, f"expected a key of at most {LONGEST_KEY} characters, got {len(event.value):,}")
        return str(event.value)

    def _sequence(self, path: str, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            if len(items) == MOST_ITEMS:
                self._refuse(event, path, f"more than {MOST_ITEMS:,} items in one list: split the list")
            items.append(self._node(event, f"{path}[{len(items)}]", depth))
        return items


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


def _scalar(node: Any) -> Any:
    text = node.value
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) and not _LEADING_ZERO.match(text):
        return Decimal(text)
    return text
