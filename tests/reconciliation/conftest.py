"""The history, made once; each test undoes what it did to it."""

import pytest
from django.db import transaction

from tests.cast import AT
from tests.reconciliation.history import HOUR, a_history
from utilization import workflow


@pytest.fixture(scope="module")
def history(django_db_setup, django_db_blocker):
    """A history with two batches of reads, the last of them closed."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = a_history()
        workflow.close_access(at=AT + 30 * HOUR)
        workflow.start_draft(
            by=made.hospital["petra"], at=AT + 31 * HOUR, patient_uid=made.hospital.patient.uid, indication="cidp"
        )
        workflow.close_access(at=AT + 32 * HOUR)
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def undone(history, django_db_blocker):
    """The history for one test, which may write what it likes."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield history
        transaction.set_rollback(True)
