"""Every column of every table is declared, and what is declared as evidence is checked."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection, models

from utilization.models import Request
from utilization.reconciliation import reconcile
from utilization.reconciliation.columns import OTHER_TABLES, TABLES

MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
WITH_EVIDENCE = {table: tuple(declared.evidence) for table, declared in TABLES.items() if declared.evidence}
MOST = max(map(len, WITH_EVIDENCE.values()))


def test_every_column_of_every_table_is_declared_once():
    told = {table: {field.column for field in model._meta.concrete_fields} for table, model in MODELS.items()}
    declared = {table: {*columns.evidence, *columns.aside} for table, columns in TABLES.items()}
    undeclared = {table: columns for table, columns in told.items() if table not in OTHER_TABLES}
    assert declared == undeclared
    assert not any(set(columns.evidence) & set(columns.aside) for columns in TABLES.values())
    assert set(OTHER_TABLES) < set(told)


def test_what_is_no_evidence_says_why_and_what_is_says_by_which_entry():
    reasons = [*OTHER_TABLES.values(), *(why for table in TABLES.values() for why in table.aside.values())]
    entries = [how for table in TABLES.values() for how in table.evidence.values()]
    assert all(len(text.split()) >= 3 for text in reasons)
    assert all(len(text.split()) >= 2 for text in entries)


def test_a_row_of_every_table_with_evidence_is_in_the_history(history):
    assert [table for table in WITH_EVIDENCE if not MODELS[table]._default_manager.exists()] == []


FROM_ROWS = {"utilization_requestsummary", "utilization_unmetcriterion"}
"""Tables that follow from other rows: changed beside these, a value could agree with them again."""


@pytest.mark.parametrize("from_rows", [False, True])
@pytest.mark.parametrize("place", range(MOST))
def test_a_value_changed_in_any_column_of_evidence_is_found(history, unguarded, place, from_rows):
    """The column at `place` of each table, in one row of each table."""
    changed = {
        table: columns[place]
        for table, columns in WITH_EVIDENCE.items()
        if place < len(columns) and (table in FROM_ROWS) == from_rows
    }
    unguarded(*(_change(table, column) for table, column in changed.items()))
    findings = reconcile().findings
    for table, column in changed.items():
        name = table.removeprefix("utilization_")
        columns = {part for finding in findings if finding.place.table == name for part in finding.columns or ("row",)}
        # A row that is found by another key than its own is one that nobody expects, and its own is gone.
        assert columns & {column, "row", *_HASH_OF.get(column, ())}, f"{table}.{column}: {findings}"


_HASH_OF = {"files": ("sha256",), "shelf": ("shelf_sha256",)}


def _change(table, column):
    """A statement that changes the column in the one row where it says most."""
    model = MODELS[table]
    field = next(field for field in model._meta.concrete_fields if field.column == column)
    rows = model._default_manager.order_by("pk")
    if model is Request:
        # Some of a draft may change without an entry.
        rows = rows.exclude(submitted_at=None)
    row = rows.exclude(**{field.attname: None}).last() if field.null else rows.last()
    row = row or rows.last()
    kept = getattr(row, field.attname)
    value = bytes(kept)[:-1] + b"x" if isinstance(field, models.BinaryField) else _other(field, kept)
    quote = connection.ops.quote_name
    return f"UPDATE {table} SET {quote(column)} = %s WHERE id = %s", value, row.pk


def _other(field, value):
    if isinstance(field, models.ForeignKey):
        unique = any(field.name in getattr(rule, "fields", ()) for rule in field.model._meta.constraints)
        others = field.related_model._default_manager.exclude(pk=value)
        # On PostgreSQL keys go on from test to test, so any number may be the one that stands there.
        return (
            others.order_by("pk").values_list("pk", flat=True).first() if others and not unique else (value or 0) + 77
        )
    match value:
        case bool():
            return not value
        case int():
            return value + 1000
        case Decimal():
            return str(value + 1)
        case datetime():
            return value + timedelta(hours=1)
        case date():
            return value + timedelta(days=1)
        case UUID():
            other = uuid4()
            return other if connection.vendor == "postgresql" else other.hex
        case str():
            return f"{value[:-1]}{'x' if value[-1:] != 'x' else 'y'}"
        case None:
            return _of_nothing(field)
    return json.dumps([*value, "more"] if isinstance(value, list) else {**value, "more": "more"})


def _of_nothing(field):
    now = datetime(2026, 1, 1)
    kinds = {models.DateTimeField: now, models.DateField: now.date(), models.IntegerField: 7, models.DecimalField: "7"}
    kinds |= {models.JSONField: '"x"', models.BooleanField: True}
    return next((value for kind, value in kinds.items() if isinstance(field, kind)), "x")
