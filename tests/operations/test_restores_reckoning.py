"""What `bench.restores` says of a restored database from which something is missing, or in which there is too much."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from bench.kills.ledger import Change
from bench.restores import Moment, lost

UID, PATIENT = "0f0e0d0c-0b0a-4908-8706-050403020100", "1f0e0d0c-0b0a-4908-8706-050403020100"
NOTE = Change("note", "Note", "text", "Note 1-2-abcd0123.", UID, "note.added")
BEGUN = Change("draft begun", "Request", "patient__uid", PATIENT)
LATER = Change("note", "Note", "text", "Note 1-3-abcd0123.", UID, "note.added")
BEFORE = Moment((BEGUN, NOTE), {UID: 2})
SENT, DRAFTS = (BEGUN, NOTE, LATER), {UID: 3}


@pytest.fixture
def restored() -> Iterator[sqlite3.Connection]:
    """A restored database in which all is as it must be."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(
            "CREATE TABLE utilization_patient (id, uid); CREATE TABLE utilization_request (id, uid, patient_id, draft);"
            " CREATE TABLE utilization_note (text); CREATE TABLE utilization_event (request_id, type)"
        )
        connection.execute("INSERT INTO utilization_patient VALUES (1, ?)", [PATIENT.replace("-", "")])
        draft = '{"clinical_summary": "Summary 2."}'
        connection.execute("INSERT INTO utilization_request VALUES (7, ?, 1, ?)", [UID.replace("-", ""), draft])
        connection.execute("INSERT INTO utilization_note VALUES (?)", [NOTE.text])
        connection.execute("INSERT INTO utilization_event VALUES (7, 'note.added')")
        yield connection


def told(restored: sqlite3.Connection) -> list[str]:
    return list(lost(BEFORE, SENT, DRAFTS, lambda statement: restored.execute(statement).fetchall()))


def test_what_was_answered_before_is_enough_and_what_was_sent_by_the_end_may_be_there(restored):
    assert told(restored) == []
    restored.execute("INSERT INTO utilization_note VALUES (?)", [LATER.text])
    restored.execute("INSERT INTO utilization_event VALUES (7, 'note.added')")
    restored.execute('UPDATE utilization_request SET draft = \'{"clinical_summary": "Summary 3."}\'')
    assert told(restored) == []


@pytest.mark.parametrize(("statement", "says"), [
    ("DELETE FROM utilization_note", "lost: ('Note', 'text') Note 1-2-abcd0123."),
    ("INSERT INTO utilization_note SELECT * FROM utilization_note", "there 2 times: ('Note', 'text')"),
    ("DELETE FROM utilization_patient", "lost: ('Request', 'patient__uid')"),
    ("DELETE FROM utilization_event", "0 entries of"),
    ("INSERT INTO utilization_event VALUES (7, 'note.added'), (7, 'note.added')", "3 entries of"),
    ("UPDATE utilization_request SET draft = '{\"clinical_summary\": \"Summary 1.\"}'", "has text 1; 2 was answered"),
    ("UPDATE utilization_request SET draft = '{\"clinical_summary\": \"Summary 4.\"}'", "has text 4; 2 was answered"),
])  # fmt: skip
def test_what_is_missing_twice_or_of_later_is_told(restored, statement, says):
    restored.execute(statement)
    assert any(says in fault for fault in told(restored)), told(restored)
