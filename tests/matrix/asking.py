"""The reviewed file of what is expected, and the addresses that the product really has."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from utilization.web.policy import url_patterns

FILE = Path(__file__).with_name("expected.csv")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
REFUSED = {"sign-in", "403", "404", "405"}


@dataclass(frozen=True)
class Row:
    """What is expected of one address, method and object, by principal; `writes` names the tables it may write."""

    url: str
    method: str
    object: str
    writes: frozenset[str]
    cells: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.url} {self.object}"


@cache
def rows() -> tuple[Row, ...]:
    """Every row of the file; a row for several objects becomes one each."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    rows = []
    for line in csv.DictReader(lines, skipinitialspace=True):
        cells = {column.strip(): cell.strip() for column, cell in line.items()}
        url, method, objects, writes = (cells.pop(column) for column in ("url", "method", "object", "writes"))
        rows += [Row(url, method, name, frozenset(writes.split()), cells) for name in objects.split()]
    return tuple(rows)


@cache
def addresses() -> dict[str, tuple[str, ...]]:
    """Every address of the URLconf by name, with the parameters in its pattern. An unnamed one fails here."""
    names = {}
    for route, pattern in url_patterns():
        assert pattern.name, f"/{route} has no name, so no row can speak of it."
        assert pattern.name not in names, f"Two addresses are called {pattern.name}."
        regex = pattern.pattern.regex
        names[pattern.name] = tuple(regex.groupindex)
    return names


def methods_of(url: str) -> set[str]:
    """The methods that the file opens for an address; HEAD comes with GET."""
    named = {row.method for row in rows() if row.url == url}
    return named | ({"HEAD"} if "GET" in named else set())


def objects_of(url: str) -> list[str]:
    """The objects by which the file asks for an address, each once, in its order."""
    return list(dict.fromkeys(row.object for row in rows() if row.url == url))
