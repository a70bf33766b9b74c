"""Locks of rows on PostgreSQL: whoever waits for the log never holds what the one before needs to end.

Each entry of the log takes the one row that counts it, until its transaction ends. Foreign keys are looked at when it
ends, and a row that somebody locked whole is waited for there; if that one waits for the log, neither ends, and the
database gives one of them up: seen as a 503 for a note. On SQLite, with one writer at a time, all of this just passes.
"""

import re
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests.cast import AT, Cast, a_request
from tests.differences import differences
from tests.workflow.acts import act
from utilization import event_log, notify, workflow
from utilization.models import Request, guards
from utilization.rules.lifecycle import Verb
from utilization.workflow import absences, people, review

CODE = Path(__file__).resolve().parents[2] / "utilization"


def meanwhile(act_of_another):
    """Start it in a thread of its own; what waits for it to end and says what it raised, None where all went well."""
    raised = []

    def run():
        try:
            connection.ensure_connection()
            act_of_another()
        except Exception as error:
            raised.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()

    def ended():
        thread.join(timeout=30)
        return raised[0] if raised else None

    return ended


def offers_a_call(cast, request):
    offer = {"times": ["2026-03-04T10:00"], "place": "Room 4", "at": AT, "by": cast["felix"]}
    workflow.offer_call(request.uid, **offer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "other",
    [
        offers_a_call,
        lambda cast, request: act("approve", request, cast["felix"], AT),
        lambda cast, request: act("take_order", request, cast["petra"], AT),
    ],
    ids=["a lock", "the guard of signatures", "the guard of authors"],
)
def test_what_ends_its_transaction_does_not_wait_for_who_waits_for_the_log(cast: Cast, monkeypatch, other):
    monkeypatch.setattr(notify, "_listeners", [])
    request = a_request(cast)
    before = len(event_log.entries(request))
    with transaction.atomic():
        workflow.note(request.uid, by=cast["fern"], at=AT, text="Called the ward.")
        # It locks the request and waits for the log, which is ours until we end.
        ended = meanwhile(lambda: other(cast, request))
        time.sleep(0.7)
    assert ended() is None
    assert len(event_log.entries(request)) == before + 2


def go_away(cast):
    today = absences.TypedAbsence(AT.date(), AT.date(), cast["felix"], confirmed=True)
    workflow.enter_absence(cast.north, cast["fern"], by=cast["fern"], at=AT, typed=today)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "leave",
    [
        go_away,
        lambda cast: people.deactivate(cast["fern"], by=cast["adam"], at=AT),
        lambda cast: people.end_role(cast["fern"], by=cast["adam"], at=AT, site=cast.north, role="pharmacist"),
    ],
    ids=["away", "deactivated", "role ended"],
)
def test_who_leaves_while_their_claim_is_taken_over_waits_for_it_first(cast: Cast, monkeypatch, leave):
    """Somebody takes a claim over, and has moved the row and not written the entry yet, when the holder leaves."""
    request = act("claim", a_request(cast), cast["fern"], AT)
    moved, record = threading.Event(), review.record

    def slowly(*given, **more):
        moved.set()
        time.sleep(1)
        record(*given, **more)

    monkeypatch.setattr(review, "record", slowly)
    ended = meanwhile(lambda: act("claim", request, cast["felix"], AT))
    moved.wait(timeout=30)
    leave(cast)
    assert ended() is None
    assert Request.objects.get(pk=request.pk).holder == cast["felix"]
    assert differences() == []


@pytest.mark.django_db(transaction=True)
def test_a_note_tells_of_the_request_as_it_stands_once_the_other_act_has_ended(cast: Cast, monkeypatch):
    """Somebody has moved the row and not written the entry yet, when another sends a note."""
    request = a_request(cast)
    moved, record = threading.Event(), review.record

    def slowly(given, move, **more):
        if move.verb == Verb.CLAIM:
            moved.set()
            time.sleep(1)
        record(given, move, **more)

    monkeypatch.setattr(review, "record", slowly)
    ended = meanwhile(lambda: act("claim", request, cast["felix"], AT))
    moved.wait(timeout=30)
    workflow.note(request.uid, by=cast["fern"], at=AT, text="Called the ward.")
    assert ended() is None
    claimed, noted = event_log.entries(request)[-2:]
    assert (claimed.type, noted.type) == ("request.claimed", "note.added")
    assert claimed.data["version"] == noted.data["version"] == Request.objects.get(pk=request.pk).version


def merges(cast, request):
    other = cast.a_patient(mrn="7700456", name="Doe, Jonathan")
    workflow.merge_patients(other.uid, request.patient.uid, by=cast["petra"], at=AT, reason="One man, two labels.")


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.parametrize(
    "move",
    [
        lambda cast, request: act("approve", request, cast["fern"], AT),
        lambda cast, request: act("treat", request, cast["petra"], AT),
        merges,
    ],
    ids=["approval", "first dose", "merge"],
)
def test_the_row_of_a_patient_is_locked_before_that_of_a_request(cast: Cast, move):
    """Two that lock both in two orders wait for each other, and the database gives one of them up."""
    request = a_request(cast)
    with CaptureQueriesContext(connection) as captured:
        move(cast, request)
    lock = r'FROM "utilization_{}" .*FOR NO KEY UPDATE'
    said = [query["sql"] for query in captured]
    patients = [place for place, sql in enumerate(said) if re.search(lock.format("patient"), sql)]
    requests = [
        place
        for place, sql in enumerate(said)
        if sql.startswith('UPDATE "utilization_request"') or re.search(lock.format("request"), sql)
    ]
    assert patients
    assert requests
    assert max(patients) < min(requests)


def test_every_lock_of_a_row_leaves_its_key_free():
    """Rows that refer to it can be committed meanwhile: `no_key` is what keeps the two above from each other."""
    locks = [
        (file.name, given)
        for file in CODE.rglob("*.py")
        for given in re.findall(r"select_for_update\(([^)]*\)?[^)]*)\)", file.read_text(encoding="utf-8"))
    ]
    assert len(locks) > 20
    assert [lock for lock in locks if "no_key=True" not in lock[1]] == []
    made = "".join(guards._postgresql(frozenset()))
    assert made.count("FOR NO KEY UPDATE") > 5
    assert "FOR UPDATE" not in made
