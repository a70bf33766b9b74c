"""What the check comes to, as plain values: findings with their place, and what older entries do not cover."""

from dataclasses import dataclass

ALTERED, MISSING, UNKNOWN, UNREADABLE, UNLOCKED, FORGOTTEN = (
    "altered", "missing", "unknown", "unreadable", "unlocked", "forgotten",
)  # fmt: skip
"""Kinds of findings: a value is not what its entry says; the row of an entry is gone; a row has no entry; the entries
about a row contradict each other; a guard of the database is gone or another; the salt of a digest is gone."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the log says: of which `kind`, where, and what was expected and found.

    `table` is the table's name without its prefix, `row` its key in words, `columns` those that are concerned, empty
    for the whole row. `entry` is the number of the entry that says otherwise. `site` is the site's code and `request`
    the request's number or uid, None where there is none. `expected` and `found` show no text of a patient's record:
    what is kept as a digest is not shown.
    """

    kind: str
    table: str
    row: str
    columns: tuple[str, ...] = ()
    entry: int | None = None
    site: str | None = None
    request: str | None = None
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Values that the log cannot vouch for, since their entries were written by a version that did not say them."""

    table: str
    column: str
    rows: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What `reconcile` came to over `entries` entries and `rows` rows.

    `findings` are the first of them, at most `MOST_FINDINGS`; `further` counts those left out. `uncovered` is no fault.
    `unclosed` counts reads of records that no entry of the log covers yet, since the batch is still open.
    """

    entries: int
    rows: int
    findings: tuple[Finding, ...]
    further: int = 0
    uncovered: tuple[Uncovered, ...] = ()
    unclosed: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings
