"""A database restored from an older copy, with its lost entries put back: its rows are those of the copy, and agree."""

import json
from datetime import timedelta

import pytest
from django.conf import settings as product
from django.core.management import call_command
from django.db import connection, transaction

from tests.cast import AT, a_request, approved
from tests.reconciliation.history import Hospital
from tests.seal.conftest import KEYS
from utilization import event_log, workflow
from utilization.models import Department, Event, LogHead, Note, Request, guards
from utilization.reconciliation import reconcile
from utilization.seal import continuity

HOUR = timedelta(hours=1)


class Lost(Exception):
    """Takes back what was written since the backup."""


@pytest.fixture
def cast(db) -> Hospital:
    """A hospital of which every row follows from the log."""
    return Hospital()


@pytest.fixture
def sealed(cast: Hospital, seal, folder, settings, tmp_path):
    """Seals the log of a hospital, and puts back what a restored database lacks of it."""
    settings.EVIDENCE_DIR, settings.EVIDENCE_KEYS = folder, tmp_path / "keys.txt"
    settings.EVIDENCE_KEYS.write_text("\n".join(key.line for key in KEYS))
    settings.WITNESS_NOTES = tmp_path / "none"
    continuity._held.clear()
    yield seal
    continuity._held.clear()


def lose(cast: Hospital, sealed, *acts):
    """Do and seal `acts`, and restore the database as it was before them; what each came to."""
    told = []
    try:
        with transaction.atomic():
            told += [act() for act in acts]
            sealed()
            raise Lost
    except Lost:
        continuity._held.clear()
    return told


@pytest.mark.long
def test_what_lost_entries_did_is_not_looked_for_in_the_rows(cast: Hospital, sealed):
    request = a_request(cast)
    sealed()
    kept = Event.objects.count()
    new, note, _, _, gone = lose(
        cast, sealed,
        lambda: workflow.add_department(by=cast["head.north"], at=AT, site=cast.north, name="Lost one").pk,
        lambda: workflow.note(request.uid, by=cast["fern"], at=AT + HOUR, text="Lost.") and Note.objects.get().pk,
        lambda: approved(cast, request, at=AT + 2 * HOUR),
        lambda: workflow.deactivate(cast["paul"], by=cast["head.north"], at=AT + 2 * HOUR),
        lambda: a_request(cast, patient=cast.a_patient(mrn="R-7")).uid,
    )  # fmt: skip
    assert not Request.objects.filter(uid=gone).exists()
    call_command("restore_log", folder=product.EVIDENCE_DIR)
    assert Event.objects.count() > kept + 5
    assert event_log.verify(KEYS[:1]).problems == ()
    assert reconcile().problems == ()

    # What is done from now on follows from the rows of the copy, under keys that no lost entry names.
    request.refresh_from_db()
    assert workflow.add_department(by=cast["head.north"], at=AT + 3 * HOUR, site=cast.north, name="New one").pk > new
    workflow.note(request.uid, by=cast["fern"], at=AT + 3 * HOUR, text="Anew.")
    assert Note.objects.get().pk > note
    assert approved(cast, request, at=AT + 4 * HOUR).status == "approved"
    assert reconcile().problems == ()


@pytest.mark.long
def test_a_row_that_no_kept_entry_tells_of_is_still_found(cast: Hospital, sealed):
    """Only its entries were lost, as where somebody deleted them: the rows are there, and nothing vouches for them."""
    request = a_request(cast)
    sealed()
    kept = Event.objects.count()
    workflow.note(request.uid, by=cast["fern"], at=AT + HOUR, text="Here.")
    sealed()
    guards.lift(connection)
    Event.objects.filter(seq__gte=kept).delete()
    LogHead.objects.update(size=kept)
    guards.install(connection)
    continuity._held.clear()
    call_command("restore_log", folder=product.EVIDENCE_DIR)
    assert any("note" in problem and "has no entry" in problem for problem in reconcile().problems)


@pytest.mark.long
def test_entries_deleted_from_the_middle_are_followed_once_they_are_back(cast: Hospital, sealed):
    request = a_request(cast)
    workflow.note(request.uid, by=cast["fern"], at=AT + HOUR, text="Here.")
    approved(cast, request, at=AT + 2 * HOUR)
    sealed()
    guards.lift(connection)
    Event.objects.filter(type="note.added").delete()
    guards.install(connection)
    assert any("has no entry" in problem for problem in reconcile().problems)
    call_command("restore_log", folder=product.EVIDENCE_DIR)
    assert json.loads(bytes(Event.objects.get(type="log.restored").body))["data"]["entries"]
    assert reconcile().problems == ()


@pytest.mark.long
def test_every_table_goes_on_beyond_the_keys_that_lost_entries_name(cast: Hospital, sealed):
    sealed()
    many = [f"Department {number}" for number in range(5)]
    keys = lose(
        cast, sealed,
        *(lambda name=name: workflow.add_department(by=cast["head.north"], at=AT, site=cast.north, name=name).pk
          for name in many),
    )  # fmt: skip
    call_command("restore_log", folder=product.EVIDENCE_DIR)
    assert Department.objects.create(site=cast.north, name="Another").pk > max(keys)
