"""Draws the manual of the criteria language: the chapters of `tests/spec/` with their tables, and the code's own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from utilization.management.spec import Chapter, Refusal, SpecRow, SpecSection, SpecStep, chapters
from utilization.rules.dosing.weights import WEIGHT_RULES
from utilization.rules.facts.catalogue import CATALOGUE, DERIVED, Fact, Kind
from utilization.rules.facts.therapy_table import THERAPIES
from utilization.rules.facts.units import UNITS
from utilization.rules.facts.values import json_value, plain, record_shape
from utilization.rules.packs.keys import STRENGTHS
from utilization.rules.packs.pack import WARNING_CODES

ABOUT = """\
This manual is for people who know the criteria and not the code. Its tables stand in `tests/spec/` and are run by the
tests through the same reader and the same judge as every request, so that what it says is what happens."""

_TRUTH = {True: "**true**", False: "**false**", "unknown": "**unknown**"}
_TYPES = {
    Kind.BOOL: "true or false",
    Kind.INT: "whole number",
    Kind.DEC: "number",
    Kind.TEXT: "text",
    Kind.DATE: "date",
    Kind.LIST_DEC: "list of numbers",
    Kind.LIST_RECORD: "list of entries",
}


def manual(folder: Path, drawn: str) -> str:
    """The whole manual, as Markdown; `drawn` is the line that says so."""
    read = chapters(folder)
    contents = [
        f"{n}. [{chapter.title}](#{_anchor(f'{n}. {chapter.title}')})" for n, chapter in enumerate(read, start=1)
    ]
    parts = ["# The criteria language", drawn, ABOUT, "\n".join(contents)]
    for n, chapter in enumerate(read, start=1):
        parts += _chapter(n, chapter)
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _anchor(title: str) -> str:
    """The place that a heading gets where Markdown is shown."""
    return "".join(c for c in title.casefold().replace(" ", "-") if c.isalnum() or c == "-")


def _chapter(number: int, chapter: Chapter) -> list[str]:
    parts = [f"## {number}. {chapter.title}"]
    if chapter.text:
        parts.append(chapter.text)
    for section in chapter.sections:
        parts += _section(section)
    return parts


def _section(section: SpecSection) -> list[str]:
    parts = [f"### {section.title}"]
    if len(section.editions) == 1:
        parts.append(f"*In edition {section.editions[0]}.*")
    parts += [section.text] if section.text else []
    parts += [_code(text) for text in (section.own, section.condition, section.pack) if text]
    if section.rows:
        parts.append(_truths(section.rows) if section.condition else _results(section.rows))
    if section.refusals:
        parts.append(_refusals(section.refusals))
    for step in section.steps:
        parts += _step(step)
    return parts + ([DRAWINGS[section.drawn]()] if section.drawn else [])


def _code(text: str) -> str:
    return f"```yaml\n{text.strip(chr(10))}\n```"


def _truths(rows: Sequence[SpecRow]) -> str:
    """Facts in columns, and what the condition comes to."""
    names = list(dict.fromkeys(name for row in rows for name in row.facts))
    notes = any(row.why for row in rows)
    head = (*(f"`{name}`" for name in names), "It is", *(("Because",) if notes else ()))
    lines = [
        (*(_fact(row.facts, name) for name in names), _TRUTH[row.gives], *((row.why,) if notes else ())) for row in rows
    ]
    return table(head, lines)


def _results(rows: Sequence[SpecRow]) -> str:
    """Facts and what the pack makes of them."""
    of = len({row.indication for row in rows}) > 1
    notes = any(row.why for row in rows)
    head = (*(("Indication",) if of else ()), "Facts", "Result", *(("Because",) if notes else ()))
    lines = []
    for row in rows:
        facts = ", ".join(f"`{name}: {_value(value)}`" for name, value in row.facts.items()) or "none known"
        result = "; ".join(
            f"{name} **{'none' if value == [] else _value(value)}**" for name, value in row.gives.items()
        )
        lines.append((*((f"`{row.indication}`",) if of else ()), facts, result, *((row.why,) if notes else ())))
    return table(head, lines)


def _fact(facts: Mapping[str, Any], name: str) -> str:
    return f"`{_value(facts[name])}`" if name in facts else "not known"


def _value(value: Any) -> str:
    value = json_value(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_value(part)}" for name, part in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refusals(refusals: Sequence[Refusal]) -> str:
    parts = [f"{_code(refusal.write)}\n\n> {refusal.says}\n\n{refusal.do}" for refusal in refusals]
    return "\n\n".join(parts)


def _step(step: SpecStep) -> list[str]:
    if step.corrected:
        old, new = (text.strip().splitlines()[-1].strip() for text in step.corrected)
        change = f"In `{step.file}`, write `{new}` in place of `{old}`."
    else:
        change = f"In `{step.file}`:\n\n{_code(step.adds)}"
    said = "The check finds nothing wrong." if step.says == ("holds",) else "The check says:\n\n"
    said += "" if step.says == ("holds",) else "\n".join(f"    {line}" for line in step.says)
    return [step.text, change, said]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a bar within a cell is kept from ending it."""
    lines = [list(head)]
    lines += [["---"] * len(lines[0]), *([cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# --- Tables of the code -----------------------------------------------------------------------------------------


def _facts() -> str:
    parts = []
    for group in dict.fromkeys(fact.group for fact in CATALOGUE.values()):
        of_group = [fact for fact in CATALOGUE.values() if fact.group == group]
        rows = [(f"`{fact.name}`", fact.label, _kind(fact), _possible(fact)) for fact in of_group]
        parts.append(f"**{group}**\n\n{table(('Name', 'Meaning', 'Value', 'Possible'), rows)}")
    return "\n\n".join(parts)


def _kind(fact: Fact) -> str:
    if fact.choices:
        return ", ".join(f"`{code}`" for code in fact.choices)
    if fact.kind is Kind.LIST_RECORD:
        fields = "; ".join(f"`{name}` {_field(field)}" for name, field in fact.fields.items())
        return f"{_TYPES[fact.kind]} `{record_shape(fact)}`: {fields}"
    return _TYPES[fact.kind] + (f", {fact.unit}" if fact.unit else "")


def _field(fact: Fact) -> str:
    return _kind(fact) if fact.kind is not Kind.TEXT else "text"


def _possible(fact: Fact) -> str:
    if fact.kind not in (Kind.INT, Kind.DEC, Kind.LIST_DEC):
        return ""
    low, high = fact.possible
    return f"{'–' if low is None else plain(low)} to {'any' if high is None else plain(high)}"


def _units() -> str:
    return table(("What it measures", "Units"), [(what, ", ".join(f"`{u}`" for u in of)) for what, of in UNITS.items()])


def _derived() -> str:
    return table(("Name", "What it says"), [(f"`{name}`", says) for name, says in DERIVED.items()])


def _codes(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


def _weight_rules() -> str:
    rows = [(f"`{name}`", rule.title, rule.source) for name, rule in WEIGHT_RULES.items()]
    return table(("Name", "Convention", "Where it stands"), rows)


def _therapies() -> str:
    """Classes first, as they stand in the table."""
    known = THERAPIES.therapies
    rows = [
        (f"`{one.name}`", one.label, ", ".join(known[name].label for name in one.classes), ", ".join(one.spellings),
         f"`{one.fact}`" if one.fact else "")
        for one in known.values()
    ]  # fmt: skip
    return table(("Name", "Shown as", "Stands under", "Also written", "Its fact"), rows)


DRAWINGS: Mapping[str, Callable[[], str]] = {
    "facts": _facts,
    "units": _units,
    "therapies": _therapies,
    "derived": _derived,
    "warnings": lambda: _codes(WARNING_CODES),
    "strengths": lambda: _codes(STRENGTHS),
    "weight_rules": _weight_rules,
}
