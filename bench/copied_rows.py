"""Many requests out of few: rows of a demo or of a history copied within the database, with patients of their own.

    python -m bench.copied_rows --help     says this; it measures nothing by itself

A million rows by SQL take minutes where the door would take a day. Copies keep doses, outcomes and grams of what was
walked through the door, so that what is read of them has its distributions. What vouches for them is not copied with
its bytes, or not at all: nothing here is for a check of the log.
"""

import sys
from dataclasses import dataclass
from typing import Any

from bench import usage

STEP = 100_000
"""How far the keys of one copy lie from those of the next: more than the rows of any table that is copied."""
LEFT_EMPTY = ("facts", "entered", "patient_as_filed", "judgement")
"""Columns of a submission that lists and reports do not read; they are nine tenths of the bytes."""
KEYS_BESIDE = ("event_seq", "request_id", "patient_id")
"""Columns of the logs, and of what they tell, that hold a key and are no foreign key."""
MADE_UNIQUE = ("number", "mrn", "username")
"""Columns of text that no two rows may share."""
NAMED = ("patient", "department", "savedfilter", "criteriadraft")
"""Tables whose rows go by their names."""
SPREAD = 365
"""Days over which the copies of a history are spread."""
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Copying:
    """How rows are copied: of which tables, with the columns of `LEFT_EMPTY` or without, on which database.

    Where `latest` is given, times and days of copies are moved on by so many whole days, and back by up to `SPREAD`.
    """

    tables: tuple[Any, ...]
    whole: bool
    vendor: str
    latest: int | None = None


def copy_requests(copies: int, *, whole: bool = False) -> None:
    """Add `copies` copies of all requests, with what lists, reports and, where `whole`, the snapshot read of them.
    Days stay as they are."""
    from django.db import connection

    from utilization.models import (
        Authorization,
        Decision,
        Infusion,
        Patient,
        Request,
        RequestSummary,
        Submission,
        UnmetCriterion,
    )

    tables = (Patient, Request, Submission, Decision, Authorization, RequestSummary, UnmetCriterion, Infusion)
    _copy_rows(copies, Copying(tables, whole, connection.vendor))


def copy_history(copies: int, latest: int | None) -> None:
    """Add `copies` copies of every row that belongs to a request or a patient, the entries of both logs among them.

    So each page of a request shows of a copy what it shows of the request, but for words that an entry points to.

    Days are moved on by up to `latest`, or stay as they are where it is None. Patients have names and numbers of their
    own, by which they are found.
    """
    from django.db import connection

    from utilization.models import AccessEntry, Event, Patient, PatientKey
    from utilization.rules.identity import mrn_key, name_keys

    tables = tuple(table for table in (*_of_requests(), Event, AccessEntry) if table is not PatientKey)
    _copy_rows(copies, Copying(tables, True, connection.vendor, latest))
    PatientKey.objects.bulk_create(
        (
            PatientKey(site_id=patient.site_id, patient=patient, kind=kind, key=key)
            for patient in Patient.objects.filter(pk__gt=STEP)
            for kind, keys in ((PatientKey.NAME, name_keys(patient.name)), (PatientKey.MRN, (mrn_key(patient.mrn),)))
            for key in sorted(keys)
        ),
        batch_size=BATCH,
    )


def copy_beside(copies: int, *tables: Any) -> None:
    """Add `copies` copies of every row of `tables`, which belong to each other and to no request."""
    from django.db import connection

    _copy_rows(copies, Copying(tables, True, connection.vendor))


def _of_requests() -> list[Any]:
    """The tables of requests and patients, and all whose rows belong to one of these."""
    from django.apps import apps

    from utilization.models import Patient, Request

    found: list[Any] = [Patient, Request]
    everything = list(apps.get_app_config("utilization").get_models())

    def belongs(table: Any) -> bool:
        return any(field.related_model in found for field in table._meta.concrete_fields)

    while further := [table for table in everything if table not in found and belongs(table)]:
        found += further
    return found


def _copy_rows(copies: int, copying: Copying) -> None:
    from django.db import connection, transaction

    from utilization.models import guards

    with transaction.atomic():
        # What is held until the end of a transaction, within one, would be in the way of the guards.
        connection.check_constraints()
        guards.lift(connection)
        with connection.cursor() as cursor:
            for model in copying.tables:
                cursor.execute(_copy(model, copying), [copies])
        connection.check_constraints()
        guards.install(connection)


def _copy(model: Any, copying: Copying) -> str:
    table = model._meta.db_table
    columns = {field.column: _value(field, f't."{field.column}"', copying) for field in model._meta.concrete_fields}
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{table}" ({names}) WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies '
        f'WHERE n < %s) SELECT {", ".join(columns.values())} FROM "{table}" t CROSS JOIN copies'
    )


def _value(field: Any, column: str, copying: Copying) -> str:
    """What stands in a copy of `column`: keys moved on, what is unique made so, days moved, all else as it is."""
    postgresql, kind = copying.vendor == "postgresql", field.get_internal_type()
    if field.primary_key or field.related_model in copying.tables or field.name in KEYS_BESIDE:
        return f"{column} + copies.n * {STEP}"
    if kind == "UUIDField":
        return "gen_random_uuid()" if postgresql else "lower(hex(randomblob(16)))"
    if field.name in MADE_UNIQUE:
        return f"{column} || '-' || copies.n"
    if field.name == "name" and field.model._meta.model_name in NAMED:
        return f"{column} || ' ' || copies.n"
    if field.name in LEFT_EMPTY and not copying.whole:
        return "CAST('{}' AS jsonb)" if postgresql else "'{}'"
    if copying.latest is not None and kind in ("DateTimeField", "DateField"):
        return _moved(column, kind, f"({copying.latest} - copies.n * 7919 %% {SPREAD})", postgresql)
    return column


def _moved(column: str, kind: str, days: str, postgresql: bool) -> str:
    if postgresql:
        return f"{column} + {days}" if kind == "DateField" else f"{column} + make_interval(days => {days})"
    form = "%%Y-%%m-%%d" if kind == "DateField" else "%%Y-%%m-%%d %%H:%%M:%%f"
    return f"strftime('{form}', {column}, {days} || ' days')"


if __name__ == "__main__":
    usage(__doc__)
    sys.exit("This measures nothing by itself: run python -m bench.report or python -m bench.review_queue.")
