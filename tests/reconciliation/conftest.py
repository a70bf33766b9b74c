"""The history, made and sealed once; each test undoes what it did to it."""

from dataclasses import dataclass

import pytest
from django.db import connection, transaction

from tests.cast import AT
from tests.reconciliation.history import HOUR, Hospital, a_history
from utilization import event_log, workflow
from utilization.key_files import write_key
from utilization.models import Checkpoint, Request, guards
from utilization.reconciliation import Reconciliation, reconcile
from utilization.seal.key_folder import SEAL_KEY, LastSigned
from utilization.seal.sealer import Sealer
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.keys import SignatureType

LOG = new_signing_key("north.example/ivig-log/1", SignatureType.LOG)


@dataclass(frozen=True)
class Sealed:
    """The history in the database, what was signed over it, and who does what to it."""

    hospital: Hospital
    requests: dict[str, Request]
    notes: tuple[bytes, ...]

    def check(self) -> tuple[Reconciliation, tuple[str, ...]]:
        """What the rows come to against the log, and what is wrong with the log itself."""
        return reconcile(), event_log.verify([LOG.public], self.notes).problems


@pytest.fixture(scope="package")
def sealed(django_db_setup, django_db_blocker, tmp_path_factory):
    """The history, its reads in two batches, sealed; the notes that somebody outside kept."""
    folder = tmp_path_factory.mktemp("evidence")
    write_key(folder / SEAL_KEY, LOG)
    LastSigned(folder, LOG.public.name).begin()
    with django_db_blocker.unblock(), transaction.atomic():
        made = a_history()
        patient, petra = made.hospital.patient, made.hospital["petra"]
        workflow.close_access(at=AT + 30 * HOUR)
        workflow.close_sign_ins(at=AT + 30 * HOUR)
        Sealer(LOG, folder).seal(lambda: AT)
        workflow.start_draft(by=petra, at=AT + 31 * HOUR, patient_uid=patient.uid, indication="cidp")
        workflow.close_access(at=AT + 32 * HOUR)
        Sealer(LOG, folder).seal(lambda: AT)
        notes = tuple(note.encode() for note in Checkpoint.objects.values_list("note", flat=True))
        _without_checks()
        yield Sealed(made.hospital, made.requests, notes)
        transaction.set_rollback(True)


@pytest.fixture
def history(sealed, db):
    """The history for one test, which may write what it likes."""
    with transaction.atomic():
        yield sealed
        transaction.set_rollback(True)


@pytest.fixture
def unguarded(history):
    """Run SQL as somebody with all rights does: guards and checks out of the way, and back as if nothing had been."""

    def run(*statements):
        with connection.cursor() as cursor:
            _out_of_the_way(cursor)
            for statement, *values in statements:
                cursor.execute(statement, values)
            _back(cursor)

    return run


def _out_of_the_way(cursor):
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = replica")
    else:
        guards.lift(connection)
        cursor.execute("PRAGMA ignore_check_constraints = ON")


def _back(cursor):
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL session_replication_role = origin")
    else:
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
        guards.install(connection)


def _without_checks():
    """Take the checks of PostgreSQL away until all is undone; on SQLite they can be passed by."""
    if connection.vendor == "postgresql":
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
            )
            for table, name in cursor.fetchall():
                if str(table).startswith("utilization_"):
                    cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
