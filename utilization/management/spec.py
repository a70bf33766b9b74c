"""The worked tables of the criteria language, from `tests/spec/*.yaml`: what the tests run and the manual shows.

A chapter has sections; a section shows text, a snippet of the language and a table of facts with what comes of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from utilization.rules.language.editions import EDITIONS, read_edition
from utilization.rules.yaml_lines import Node, read_yaml

AS_OF = date(2026, 6, 30)
"""The request's date in every table."""


@dataclass(frozen=True, slots=True)
class SpecRow:
    """Facts of a case and what comes of them: for a condition true, false or unknown, for a pack the result."""

    facts: Mapping[str, Any]
    gives: Any
    why: str = ""
    indication: str = "thing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something written wrongly, as a `condition`, a `pack` or a pack that reads and is `checked`, and what is said."""

    kind: str
    write: str
    says: str
    do: str


@dataclass(frozen=True, slots=True)
class SpecStep:
    """A step of writing a pack: text added to a file, or one line `corrected` into another; and what the check says."""

    text: str
    file: str
    adds: str
    corrected: tuple[str, str] | None
    says: tuple[str, ...]

    def taken(self, files: Mapping[str, str]) -> dict[str, str]:
        """The files after this step."""
        text = files.get(self.file, "")
        if self.corrected:
            assert text.count(self.corrected[0]) == 1, f"{self.corrected[0]} stands once"
            text = text.replace(*self.corrected)
        return {**files, self.file: text + self.adds}


@dataclass(frozen=True, slots=True)
class SpecSection:
    """One construct: a `condition`, or a `pack` that may leave out its head, with the table; or refusals, or steps.

    `own` holds sections of a pack that the condition needs. `drawn` names a table that is drawn from the code.
    `editions` are those of the language in which it is so: all of them, where the section names none.
    """

    title: str
    text: str
    condition: str = ""
    own: str = ""
    pack: str = ""
    rows: tuple[SpecRow, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    steps: tuple[SpecStep, ...] = ()
    drawn: str = ""
    editions: tuple[int, ...] = EDITIONS


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the manual."""

    file: str
    title: str
    text: str
    sections: tuple[SpecSection, ...]


def chapters(folder: Path) -> list[Chapter]:
    """Every chapter, in order of file name. Raises PackError."""
    return [_chapter(read_yaml(path.read_text("utf-8"), path.name)) for path in sorted(folder.glob("*.yaml"))]


def _chapter(root: Node) -> Chapter:
    keys = root.mapping(("title", "sections"), ("text",))
    sections = tuple(_section(node) for node in keys["sections"].items())
    return Chapter(root.file, keys["title"].text(), _raw(keys.get("text")) or "", sections)


_SECTION = ("text", "condition", "own", "pack", "table", "refused", "steps", "drawn", "language")


def _section(node: Node) -> SpecSection:
    keys = node.mapping(("title",), _SECTION)
    texts = {name: _raw(keys.get(name)) or "" for name in ("text", "condition", "own", "pack", "drawn")}
    return SpecSection(
        title=keys["title"].text(),
        rows=tuple(_row(item) for item in _items(keys, "table")),
        refusals=tuple(_refusal(item) for item in _items(keys, "refused")),
        steps=tuple(_step(item) for item in _items(keys, "steps")),
        editions=(read_edition(keys["language"]),) if "language" in keys else EDITIONS,
        **texts,
    )


def _items(keys: Mapping[str, Node], name: str) -> list[Node]:
    return keys[name].items() if name in keys else []


def _row(node: Node) -> SpecRow:
    if isinstance(node.value, list):
        facts, gives, *why = (_raw(item) for item in node.items())
        return SpecRow(facts, gives, *why)
    keys = node.mapping(("facts", "gives"), ("indication", "why"))
    more = {name: keys[name].text() for name in ("indication", "why") if name in keys}
    return SpecRow(_raw(keys["facts"]), _raw(keys["gives"]), **more)


def _refusal(node: Node) -> Refusal:
    keys = node.mapping(("kind", "write", "says", "do"), ())
    kind = keys["kind"].one_of(("condition", "pack", "checked"))
    return Refusal(kind, _raw(keys["write"]), keys["says"].text(), keys["do"].text())


def _step(node: Node) -> SpecStep:
    keys = node.mapping(("text", "file", "says"), ("adds", "corrected"))
    corrected = tuple(_raw(keys["corrected"])) if "corrected" in keys else None
    return SpecStep(
        _raw(keys["text"]), keys["file"].text(), _raw(keys.get("adds")) or "", corrected, keys["says"].texts()
    )


def _raw(node: Node | None) -> Any:
    """A value as written: texts keep their lines."""
    if node is None:
        return None
    if isinstance(node.value, dict):
        return {key: _raw(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [_raw(item) for item in node.value]
    return node.value
