"""Figures of a report as JSON values, and the tables that hold them.

A figure is a mapping: `n` (a count), `n` and `of` and `percent` (a share), `g` (grams), `h` (hours), `min` (minutes),
`each` (so many a request), `text`; or `withheld` where the guard keeps it back, `none` where there is nothing to reckon
it from. `counts` says what it counts or is reckoned from, for the list that shows each: `rows` (filed, decided,
withdrawn; due: authorizations with a course due; given: those with an infusion recorded; due_given: those with both;
closed, overdue: authorizations that ended, or whose review is; patients: each once, by `each`), `month`, and what holds
of them, by names that `reports/list_terms` knows.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Figure = dict[str, Any]
WITHHELD: Figure = {"withheld": True}
NONE: Figure = {"none": True}
MG_A_GRAM = 1000
SECONDS_AN_HOUR = 3600
SECONDS_A_MINUTE = 60


def rounded(value: Decimal, places: int = 1) -> Decimal:
    """`value` to so many decimals, halves up."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def percent_of(part: int, whole: int) -> Decimal | None:
    """`part` as a percentage of `whole`, to one decimal; None of nothing."""
    return rounded(Decimal(100 * part) / whole) if whole else None


def count(n: int | None, **counts: str) -> Figure:
    """A count of requests, authorizations or patients."""
    return WITHHELD if n is None else _with({"n": n}, counts)


def share(n: int | None, of: int | None, **counts: str) -> Figure:
    """`n` of `of`, with the percentage."""
    if n is None or of is None:
        return WITHHELD
    return _with({"n": n, "of": of, "percent": percent_of(n, of)}, counts) if of else NONE


def grams(mg: int | Decimal | None, **counts: str) -> Figure:
    """Grams, exact to the milligram, without trailing zeros."""
    if mg is None:
        return WITHHELD
    exact = Decimal(mg) / MG_A_GRAM
    return _with({"g": rounded(exact, 3).normalize() + 0}, counts)


def amount_share(amount: int | None, of: int | None, **counts: str) -> Figure:
    """An amount as a percentage of another: grams of all known grams, questions of all."""
    if amount is None or of is None:
        return WITHHELD
    share = percent_of(amount, of)
    return NONE if share is None else _with({"percent": share}, counts)


def hours(seconds: Decimal | None, n: int | None, **counts: str) -> Figure:
    """Hours to one decimal; `n` is what they are reckoned from."""
    if n == 0:
        return NONE
    return WITHHELD if seconds is None or n is None else _with({"h": rounded(seconds / SECONDS_AN_HOUR)}, counts)


def minutes(seconds: Decimal | None, **counts: str) -> Figure:
    """Minutes to one decimal."""
    return WITHHELD if seconds is None else _with({"min": rounded(seconds / SECONDS_A_MINUTE)}, counts)


def each(total: int | None, n: int, **counts: str) -> Figure:
    """How many a request on average, to one decimal."""
    return WITHHELD if total is None else _with({"each": rounded(Decimal(total) / n)}, counts)


def dose(mg_per_kg: Decimal, **counts: str) -> Figure:
    """A dose in grams a kilogram."""
    return _with({"g_per_kg": mg_per_kg / MG_A_GRAM}, counts)


def mean(total: int | None, n: int | None) -> Decimal | None:
    """The mean of `n` that come to `total`."""
    return Decimal(total) / n if total is not None and n else None


def text(words: str) -> Figure:
    """Words in the place of a figure."""
    return {"text": words}


def row(key: str, label: str, cells: Sequence[Figure]) -> dict[str, Any]:
    """A row of a table."""
    return {"key": key, "label": label, "cells": list(cells)}


def table(name: str, title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], said: str = "") -> dict:  # type: ignore[type-arg]
    """A table: the first of `columns` heads the labels of the rows, `said` is what its numbers mean."""
    return {"id": name, "title": title, "columns": list(columns), "rows": list(rows), "said": said}


def _with(figure: Figure, counts: Mapping[str, str]) -> Figure:
    return figure | {"counts": dict(counts)} if counts else figure
