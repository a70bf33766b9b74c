"""What the check comes to, as plain values: findings with their place, and what older entries leave open."""

from collections import Counter
from dataclasses import dataclass, field, replace

ALTERED, MISSING, UNKNOWN, UNREADABLE, UNGUARDED, FORGOTTEN, REMEMBERED = (
    "altered", "missing", "unknown", "unreadable", "unguarded", "forgotten", "remembered",
)  # fmt: skip
"""Kinds of findings: a value is not what its entry says; the row of an entry is gone; a row has no entry; a row or the
entries about it cannot be read; a guard of the database is gone or another one; the salt of a digest is gone, or is
there although an entry tells that it was forgotten."""
MOST_FINDINGS = 1000

_SAYS = {
    ALTERED: "is not what the log says",
    MISSING: "is gone",
    UNKNOWN: "has no entry in the log",
    UNREADABLE: "cannot be read",
    UNGUARDED: "is not guarded as it should be",
    FORGOTTEN: "cannot be checked any more, since the salt of its digest is gone",
    REMEMBERED: "was to be forgotten and is there again, from a backup perhaps: have it forgotten anew",
}


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a finding is: the table without its prefix, the row by its key in words, the number of the entry that
    speaks of it, the site's code, and the request's number or uid; None where there is none."""

    table: str
    row: str
    entry: int | None = None
    site: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that is not as the log says: of which `kind`, where, and what was expected and found.

    `columns` are those that are concerned, empty for the whole row. `expected` and `found` show nothing that the log
    keeps as a digest alone.
    """

    kind: str
    place: RowPlace
    columns: tuple[str, ...] = ()
    expected: str = ""
    found: str = ""

    @property
    def sentence(self) -> str:
        """The finding in one sentence or two."""
        place = self.place
        about = "".join(
            f", {word} {value}"
            for word, value in (("site", place.site), ("request", place.request), ("entry", place.entry))
            if value is not None
        )
        what = f"{place.table} {place.row}{about}: {', '.join(self.columns) or 'the row'} {_SAYS[self.kind]}."
        return f"{what} Expected {self.expected}; found {self.found}." if self.expected or self.found else what


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Values that no entry vouches for, since a version before wrote it that did not say so much. No fault."""

    table: str
    column: str
    rows: int

    @property
    def sentence(self) -> str:
        """What is not covered, in one sentence."""
        return f"{self.table}.{self.column}: not covered in {self.rows} rows, whose entries are of an older version."


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Columns of a row that two people had forgotten by the `entry`: nothing vouches for them any more. No fault."""

    what: Discrepancy
    entry: int

    @property
    def sentence(self) -> str:
        """What is forgotten and by which entry, in words."""
        return f"{self.what.sentence} It was forgotten on purpose, as entry {self.entry} tells."


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What `reconcile` came to over `entries` entries of the log and `rows` rows.

    `findings` are the first of them, `further` counts those beyond `MOST_FINDINGS`. `unclosed` counts reads of records
    and entries of the sign-in log that no entry covers yet, since they are of the last quarter of an hour.
    """

    entries: int
    rows: int
    findings: tuple[Discrepancy, ...]
    further: int
    uncovered: tuple[Uncovered, ...]
    unclosed: int
    forgotten: tuple[Forgotten, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Every finding in words."""
        more = (f"There are {self.further} findings more.",) if self.further else ()
        return (*(finding.sentence for finding in self.findings), *more)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth knowing and no fault, in words."""
        return (*(gap.sentence for gap in self.uncovered), *(told.sentence for told in self.forgotten))


@dataclass(slots=True)
class Tally:
    """Gathers what a check comes across, in bounded memory."""

    rows: int = 0
    further: int = 0
    unclosed: int = 0
    findings: list[Discrepancy] = field(default_factory=list)
    gaps: Counter[tuple[str, str]] = field(default_factory=Counter)
    forgotten: list[Forgotten] = field(default_factory=list)

    def add(self, finding: Discrepancy) -> None:
        """Keep a finding, or count it where there are too many."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(_shortly(finding))
        else:
            self.further += 1

    def forget(self, finding: Discrepancy, entry: int) -> None:
        """Keep what `entry` tells that it was forgotten, so far as there is room."""
        if len(self.forgotten) < MOST_FINDINGS:
            self.forgotten.append(Forgotten(_shortly(finding), entry))

    def leave_open(self, table: str, column: str) -> None:
        """Count a value that no entry vouches for."""
        self.gaps[table.removeprefix("utilization_"), column] += 1

    def result(self, entries: int) -> Reconciliation:
        """What it came to over a log of `entries` entries."""
        uncovered = tuple(Uncovered(table, column, rows) for (table, column), rows in sorted(self.gaps.items()))
        return Reconciliation(
            entries, self.rows, tuple(self.findings), self.further, uncovered, self.unclosed, tuple(self.forgotten)
        )


def _shortly(finding: Discrepancy) -> Discrepancy:
    return replace(finding, place=replace(finding.place, table=finding.place.table.removeprefix("utilization_")))
