"""Rows as columns with a bitmap for each value, so that a count is one conjunction of whole numbers and their bits.

A bitmap is a whole number with a bit a row, the first row lowest. Rows stand in the order of their patients, so that
the patients of some rows are counted by one addition, which carries into the last row of each patient. Amounts are kept
as slices, a bitmap for each binary digit, from which sums and ranks follow (P. O'Neil and D. Quass, "Improved query
performance with variant indexes", SIGMOD 1997).
"""

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

Parts = Mapping[str, int]
"""Bitmaps by key: which rows belong to each."""
_BYTE = 256
_SELECTED = bytes(digit & 1 for digit in range(_BYTE))
"""The characters 0 and 1 as the bytes 0 and 1."""
_ONLY = [b"0" * code + b"1" + b"0" * (_BYTE - 1 - code) for code in range(_BYTE)]
_DIGIT = [bytes(48 + (byte >> place & 1) for byte in range(_BYTE)) for place in range(8)]


def merged(parts: Parts, name: Callable[[str], str]) -> dict[str, int]:
    """`parts` under new keys, those of one key together."""
    together: dict[str, int] = {}
    for key, rows in parts.items():
        new = name(key)
        together[new] = together.get(new, 0) | rows
    return together


def crossed(first: Parts, second: Parts) -> dict[str, int]:
    """The rows by both keys, written with a space between them."""
    return {f"{one} {other}": rows & more for one, rows in first.items() for other, more in second.items()}


class Slices(NamedTuple):
    """Amounts: the rows that have one, the least of them, and a bitmap for each binary digit of what exceeds that."""

    known: int
    least: int
    digits: Sequence[int]

    def sum(self, rows: int) -> int:
        """The sum of the amounts of those of `rows` that have one."""
        rows &= self.known
        more = sum((rows & digit).bit_count() << place for place, digit in enumerate(self.digits))
        return self.least * rows.bit_count() + more

    def lowest(self, rows: int, count: int) -> tuple[int, int]:
        """(the last amount, the rows) of the `count` lowest of `rows`, all of which have one; of equal ones the first
        rows."""
        below, equal, amount = 0, rows, self.least
        for place in reversed(range(len(self.digits))):
            zero = equal & ~self.digits[place]
            if (smaller := below | zero).bit_count() >= count:
                equal = zero
            else:
                below, equal, amount = smaller, equal & self.digits[place], amount + (1 << place)
        return amount, below | _first(equal, count - below.bit_count())


def _first(rows: int, count: int) -> int:
    """The first `count` of `rows`."""
    low, high = 0, rows.bit_length()
    while low < high:
        middle = (low + high) // 2
        if (rows & (1 << middle) - 1).bit_count() >= count:
            high = middle
        else:
            low = middle + 1
    return rows & (1 << low) - 1


class CodedColumn:
    """A column by the codes of its values: their low bytes as text, and a bitmap for each high byte."""

    def __init__(self, column: Sequence[Any]):
        self.values = list(dict.fromkeys(column))
        codes = list(map({value: code for code, value in enumerate(self.values)}.__getitem__, column))
        blocks = range(-(-len(self.values) // _BYTE))
        if len(blocks) == 1:
            self._low, self._blocks = bytes(codes)[::-1], [(1 << len(codes)) - 1]
            return
        self._low, *high = _bytes("I", codes)
        self._blocks = [-1 for _ in blocks]
        for place, text in enumerate(high):
            held = {byte: int(text.translate(_ONLY[byte]), 2) for byte in set(text)}
            self._blocks = [rows & held.get(block >> 8 * place & 0xFF, 0) for block, rows in enumerate(self._blocks)]

    def rows(self, passed: Sequence[bool]) -> int:
        """The rows whose value passed, by the place of the value."""
        rows = 0
        for block, held in enumerate(self._blocks):
            digits = bytes(passed[block * _BYTE : (block + 1) * _BYTE])
            if any(digits):
                rows |= int(self._low.translate(digits.ljust(_BYTE, b"\0").translate(_DIGIT[0])), 2) & held
        return rows

    def parts(self, groups: Sequence[str]) -> dict[str, int]:
        """The rows by the group of their value, which `groups` has by the place of the value."""
        keys = dict.fromkeys(groups)
        if len(keys) <= _BYTE:
            return {key: self.rows([group == key for group in groups]) for key in keys}
        low = [int(self._low.translate(only), 2) for only in _ONLY]
        parts = dict.fromkeys(keys, 0)
        for code, group in enumerate(groups):
            parts[group] |= low[code % _BYTE] & self._blocks[code // _BYTE]
        return parts


class BitmapTable:
    """Columns of rows in the order of their `patient`, and bitmaps of them, made when they are first asked for."""

    def __init__(self, columns: Mapping[str, Sequence[Any]]):
        self.columns = dict(columns)
        patients = columns["patient"]
        self.size = len(patients)
        self.all = (1 << self.size) - 1
        # A row is the last of its patient where the next has another.
        self._last = _bitmap([*map(ne, patients[1:], patients), True]) if self.size else 0
        self._others = self.all & ~self._last
        self._coded: dict[str, CodedColumn] = {}
        self._parts: dict[tuple[str, Any], dict[str, int]] = {}
        self._slices: dict[str, Slices] = {}

    def people(self, rows: int) -> int:
        """One row for each patient of `rows`: the last that the patient has in the table."""
        return (((rows & self._others) + self._others) | rows) & self._last

    def picked(self, rows: int, *names: str) -> Iterator[Any]:
        """The values of `rows` in the column of that name; in several, as tuples."""
        columns = [self.columns[name] for name in names]
        return compress(columns[0] if len(columns) == 1 else zip(*columns, strict=True), _selectors(rows, self.size))

    def where(self, name: str, test: Callable[[Any], Any]) -> int:
        """The rows whose value passes `test`, which is asked once for each value."""
        coded = self._column_coded(name)
        return coded.rows([bool(test(value)) for value in coded.values])

    def parts(self, name: str, group: Callable[[Any], str] = str) -> Parts:
        """The rows by the group of their value."""
        if (name, group) not in self._parts:
            coded = self._column_coded(name)
            self._parts[name, group] = coded.parts([group(value) for value in coded.values])
        return self._parts[name, group]

    def by(self, name: str, pairs: Iterable[tuple[Any, str]]) -> Parts:
        """Rows by key, of (value, key) in `pairs`; no two rows have one value in the column of that name."""
        place = dict(zip(self.columns[name], range(self.size - 1, -1, -1), strict=True))
        digits: dict[str, bytearray] = {}
        for value, key in pairs:
            if key not in digits:
                digits[key] = bytearray(b"0" * self.size)
            if value in place:
                digits[key][place[value]] = 49
        return {key: int(text or b"0", 2) for key, text in digits.items()}

    def amounts(self, name: str) -> Slices:
        """The amounts in the column of that name."""
        if name not in self._slices:
            self._slices[name] = _slices(self.columns[name])
        return self._slices[name]

    def _column_coded(self, name: str) -> CodedColumn:
        if name not in self._coded:
            self._coded[name] = CodedColumn(self.columns[name])
        return self._coded[name]

    def spread(self, rows: int, values: Iterable[str]) -> Parts:
        """`rows` by `values`, which are one for each, in order."""
        coded = CodedColumn(self._column(rows, values))
        return {key: held & rows for key, held in coded.parts(coded.values).items() if held & rows}

    def keep(self, name: str, rows: int, values: Iterable[Any]) -> None:
        """Add a column that has `values` in `rows`, and None in all others."""
        self.columns[name] = self._column(rows, values)

    def _column(self, rows: int, values: Iterable[Any]) -> list[Any]:
        column: list[Any] = [None] * self.size
        for place, value in zip(compress(range(self.size), _selectors(rows, self.size)), values, strict=True):
            column[place] = value
        return column


def _selectors(rows: int, size: int) -> bytes:
    """A byte for each row, 1 where it is of `rows`."""
    return format(rows, f"0{size}b")[::-1].encode().translate(_SELECTED) if size else b""


def _bitmap(truths: Sequence[bool]) -> int:
    return int(bytes(truths)[::-1].translate(_DIGIT[0]) or b"0", 2)


def _slices(column: Sequence[int | None]) -> Slices:
    least = min((value for value in column if value is not None), default=0)
    known = _bitmap([value is not None for value in column])
    beyond = [0 if value is None else value - least for value in column]
    digits: list[int] = []
    for byte in _bytes("Q", beyond)[: (max(beyond, default=0).bit_length() + 7) // 8]:
        digits += [int(byte.translate(_DIGIT[digit]), 2) for digit in range(8)]
    while digits and not digits[-1]:
        digits.pop()
    return Slices(known, least, digits)


def _bytes(kind: str, numbers: Iterable[int]) -> list[bytes]:
    """The bytes of `numbers` by their place, lowest first, each from the last number to the first."""
    held = array(kind, numbers)
    if sys.byteorder == "big":
        held.byteswap()
    text = held.tobytes()
    return [text[place :: held.itemsize][::-1] for place in range(held.itemsize)]
