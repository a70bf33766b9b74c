"""Many requests out of few: rows of the demo copied within the database, each copy with patients of its own.

    python -m bench.copied_rows --help     says this; it measures nothing by itself

A million rows by SQL take minutes where the door would take a day. Copies keep days, doses, outcomes and grams of what
was walked through the door, so that a report over them has the demo's distributions. What vouches for them, the log, is
not copied: nothing here is for a check of the log.
"""

import sys
from typing import Any

from bench import usage

STEP = 100_000
"""How far the keys of one copy lie from those of the next: more than the rows of any table of the demo."""
LEFT_EMPTY = ("facts", "entered", "patient_as_filed", "judgement")
"""Columns of a submission that lists and reports do not read; they are nine tenths of the bytes."""


def copy_requests(copies: int, *, whole: bool = False) -> None:
    """Add `copies` copies of all requests, with what lists, reports and, where `whole`, the snapshot read of them."""
    from django.db import connection, transaction

    from utilization.models import (
        Authorization,
        Decision,
        Patient,
        Request,
        RequestSummary,
        Submission,
        UnmetCriterion,
        guards,
    )

    tables = (Patient, Request, Submission, Decision, Authorization, RequestSummary, UnmetCriterion)
    guards.lift(connection)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for model in tables:
                cursor.execute(_copy(model, tables, whole, connection.vendor), [copies])
    finally:
        guards.install(connection)


def _copy(model: Any, tables: tuple[Any, ...], whole: bool, vendor: str) -> str:
    table = model._meta.db_table
    columns = {
        field.column: _value(field, f't."{field.column}"', tables, whole, vendor)
        for field in model._meta.concrete_fields
    }
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{table}" ({names}) WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies '
        f'WHERE n < %s) SELECT {", ".join(columns.values())} FROM "{table}" t CROSS JOIN copies'
    )


def _value(field: Any, column: str, tables: tuple[Any, ...], whole: bool, vendor: str) -> str:
    """What stands in a copy of `column`: keys moved on, what is unique made so, all else as it is."""
    if field.primary_key or field.related_model in tables:
        return f"{column} + copies.n * {STEP}"
    if field.get_internal_type() == "UUIDField":
        return "gen_random_uuid()" if vendor == "postgresql" else "lower(hex(randomblob(16)))"
    if field.name in ("number", "mrn"):
        return f"{column} || '-' || copies.n"
    if field.name in LEFT_EMPTY and not whole:
        return "CAST('{}' AS jsonb)" if vendor == "postgresql" else "'{}'"
    return column


if __name__ == "__main__":
    usage(__doc__)
    sys.exit("This measures nothing by itself: run python -m bench.report.")
