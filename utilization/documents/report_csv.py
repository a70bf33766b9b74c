"""The utilization report as rows of a CSV: every number that it shows, and its hash."""

from collections.abc import Iterator, Mapping
from typing import Any

COLUMNS = (
    "section", "table", "row", "column", "count", "of", "percent", "grams", "hours", "minutes", "each", "g_per_kg",
    "text", "shown",
)  # fmt: skip
_PARTS = ("n", "of", "percent", "g", "h", "min", "each", "g_per_kg", "text")


def rows(value: Mapping[str, Any], sha256: str) -> Iterator[tuple[Any, ...]]:
    """One row a figure, in the order of the page; first what the report is about, with the hash of its value."""
    for name, text in _about(value, sha256):
        yield _row(0, "report", name, "", {"text": text})
    for tile in value["tiles"]:
        yield _row(1, "snapshot", tile["label"], "period", tile["now"])
        yield _row(1, "snapshot", tile["label"], "period before", tile["before"])
    for section in value["sections"]:
        for table in section["tables"]:
            for line in table["rows"]:
                for column, cell in zip(table["columns"][1:], line["cells"], strict=True):
                    yield _row(section["number"], table["title"], line["label"], column, cell)


def _about(value: Mapping[str, Any], sha256: str) -> Iterator[tuple[str, str]]:
    yield "site", value["site"]
    yield "SHA-256", sha256
    yield "edition", value["edition"]
    yield "period", f"{value['period']['from']} to {value['period']['to']}"
    yield "period before", f"{value['before']['from']} to {value['before']['to']}"
    for part in value["filter"]:
        yield part["name"], part["label"]
    yield "in a sentence", value["sentence"]
    for place, text in enumerate((*value["words"], *value["not_answered"]), 1):
        yield f"note {place}", text


def _row(section: int, table: str, line: str, column: str, cell: Mapping[str, Any]) -> tuple[Any, ...]:
    shown = "kept back" if "withheld" in cell else "nothing to count" if "none" in cell else "yes"
    return section, table, line, column, *(cell.get(part) for part in _PARTS), shown
