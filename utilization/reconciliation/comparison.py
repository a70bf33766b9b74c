"""Rows held against what entries say they are, column by column.

Whoever says what a row should be names every column that `columns.TABLES` calls evidence, so that none is left out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.apps import apps

from utilization import digests
from utilization.models import DigestSalt
from utilization.reconciliation.columns import TABLES
from utilization.reconciliation.findings import (
    ALTERED,
    FORGOTTEN,
    MISSING,
    UNKNOWN,
    UNREADABLE,
    Discrepancy,
    RowPlace,
    Tally,
)

Row = Mapping[str, Any]
FAULTS = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)
"""What reading a row or following entries may raise where somebody wrote nonsense into the database."""

NOT_COVERED = object()
"""Stands for a value that an entry of an older version does not say."""
FREE = object()
"""Stands for a value that may be anything, in the state that the row is in."""


@dataclass(frozen=True, slots=True, eq=False)
class DigestOver:
    """Stands for columns that an entry vouches for by the digest `said`, taken of `value` of the row."""

    said: Any
    value: Callable[[Row], Mapping[str, Any]]

    def holds(self, row: Row, salts: Mapping[int, bytes]) -> bool:
        """Whether the row is the one that was vouched for."""
        try:
            return digests.vouches(self.said, self.value(row), salts.get(digests.salt_of(self.said) or 0))
        except FAULTS:
            return False


@dataclass(frozen=True, slots=True)
class Such:
    """Stands for any value of which `test` holds; `words` say which these are."""

    test: Callable[[Any], bool]
    words: str


def vouched(said: Any, *columns: str) -> Any:
    """Columns vouched for by `said`, a digest over them; not covered where no digest was written."""
    return NOT_COVERED if said is None else DigestOver(said, lambda row: digests.of_row(row, columns))


def text_vouched(said: Any, column: str) -> Any:
    """A text vouched for by `said`, the digest of {"text": ...}."""
    return NOT_COVERED if said is None else DigestOver(said, lambda row: {"text": row[column]})


@dataclass(frozen=True, slots=True)
class Expected:
    """What a row should be: a value for every column that is evidence, and the entry that spoke of it last."""

    columns: Mapping[str, Any]
    entry: int
    site: str | None = None
    request: str | None = None

    def place(self, table: str, row: Any) -> RowPlace:
        """Where the row is."""
        return RowPlace(table, _in_words(row), self.entry, self.site, self.request)


class RowComparison:
    """One check's comparing: what it comes across goes to `tally`.

    `forgotten` names the entry by which each of these salts was forgotten on purpose.
    """

    def __init__(self, tally: Tally, forgotten: Mapping[int, int] = MappingProxyType({})) -> None:
        self.tally = tally
        self._forgotten = forgotten

    def portions(self, table: str, size: int = 200, **where: Any) -> Iterator[list[dict[str, Any]]]:
        """The rows of `table` in portions, in the order of their keys; with the key and every column of evidence.

        A row that cannot be read is a finding, and is left out.
        """
        model = MODELS[table]
        rows = model._default_manager.filter(**where).order_by("pk")
        after: list[Any] = []
        while keys := list(rows.filter(**({"pk__gt": after[-1]} if after else {})).values_list("pk", flat=True)[:size]):
            after = keys
            yield self._read(table, keys)

    def _read(self, table: str, keys: list[Any]) -> list[dict[str, Any]]:
        rows = MODELS[table]._default_manager.order_by("pk").values("id", *TABLES[table].evidence)
        try:
            return list(rows.filter(pk__in=keys))
        except FAULTS:
            if len(keys) > 1:
                return [row for key in keys for row in self._read(table, [key])]
            self.tally.add(Discrepancy(UNREADABLE, RowPlace(table, _in_words(keys[0]))))
            return []

    def hold(
        self, table: str, key: tuple[str, ...], expected: MutableMapping[Any, Expected], rows: Iterable[Row],
        unknown: Callable[[Row], bool] = lambda row: True,
    ) -> None:  # fmt: skip
        """Hold `rows`, found by the columns `key`, against `expected`, and take those out of it.

        A row that nobody expects is a finding where `unknown` says so, else it is only not covered.
        """
        known: list[tuple[Any, Row, Expected]] = []
        for row in rows:
            self.tally.rows += 1
            name = _key_of(row, key)
            if (says := expected.pop(name, None)) is not None:
                known.append((name, row, says))
            elif unknown(row):
                self.tally.add(Discrepancy(UNKNOWN, RowPlace(table, _in_words(name))))
            else:
                self.tally.leave_open(table, "row")
        salts = _salts_of(says for _, _, says in known)
        for name, row, says in known:
            self._compare(table, says.place(table, name), row, says, salts)

    def miss(self, table: str, expected: Mapping[Any, Expected]) -> None:
        """Report every row that is still expected: it is gone."""
        for name, says in expected.items():
            self.tally.add(Discrepancy(MISSING, says.place(table, name)))

    def _compare(self, table: str, place: RowPlace, row: Row, says: Expected, salts: Mapping[int, bytes]) -> None:
        by_digest: dict[DigestOver, list[str]] = {}
        for column in TABLES[table].evidence:
            want = says.columns[column]
            if want is NOT_COVERED:
                self.tally.leave_open(table, column)
            elif isinstance(want, DigestOver):
                by_digest.setdefault(want, []).append(column)
            elif not _is(want, row[column]):
                self.tally.add(Discrepancy(ALTERED, place, (column,), _in_words(want), _in_words(row[column])))
        for digest, columns in by_digest.items():
            salt = digests.salt_of(digest.said)
            if salt is not None and salt not in salts:
                self._miss_salt(Discrepancy(FORGOTTEN, place, tuple(columns)), salt)
            elif not digest.holds(row, salts):
                self.tally.add(Discrepancy(ALTERED, place, tuple(columns)))

    def _miss_salt(self, finding: Discrepancy, salt: int) -> None:
        if (entry := self._forgotten.get(salt)) is None:
            self.tally.add(finding)
        else:
            self.tally.forget(finding, entry)


def _tables() -> dict[str, Any]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


class _Models(dict[str, Any]):
    """Models by table, read once Django has them all."""

    def __missing__(self, table: str) -> Any:
        self.update(_tables())
        return dict.__getitem__(self, table)


MODELS = _Models()


def _key_of(row: Row, key: tuple[str, ...]) -> Any:
    values = tuple(str(row[column]) if isinstance(row[column], UUID) else row[column] for column in key)
    return values[0] if len(values) == 1 else values


def _salts_of(expected: Iterable[Expected]) -> dict[int, bytes]:
    wanted = {
        salt
        for says in expected
        for value in says.columns.values()
        if isinstance(value, DigestOver) and (salt := digests.salt_of(value.said)) is not None
    }
    kept = DigestSalt.objects.filter(pk__in=wanted).values_list("pk", "value")
    return {key: bytes(value) for key, value in kept}


def _is(want: Any, kept: Any) -> bool:
    if want is FREE:
        return True
    try:
        if isinstance(want, Such):
            return want.test(kept)
        if isinstance(kept, UUID):
            return str(kept) == str(want)
        if isinstance(kept, Decimal):
            return want is not None and _is_rounded(kept, Decimal(str(want)))
        if isinstance(kept, date) and not isinstance(kept, datetime):
            return kept.isoformat() == str(want)
        return bool(kept == want)
    except FAULTS:
        return False


def _is_rounded(kept: Decimal, want: Decimal) -> bool:
    """Whether `kept` is `want` as far as its column has places."""
    exponent = kept.as_tuple().exponent
    places = exponent if isinstance(exponent, int) else 0
    return 2 * abs(kept - want) <= Decimal(1).scaleb(places) if kept != want else True


def _in_words(value: Any) -> str:
    """A value as a finding shows it: codes, numbers and times as they are, of a text only its length."""
    if isinstance(value, Such):
        return value.words
    if value is None or value == "":
        return "nothing"
    if isinstance(value, tuple):
        return ", ".join(_in_words(part) for part in value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    text = str(value)
    is_code = len(text) <= 64 and " " not in text.strip()
    return text if is_code else f"a text of {len(text)} characters"
