"""Nonsense in rows and entries is a finding, and ends nothing; salts that are gone or others are told."""

import json

import pytest
from django.db import connection

from tests.cast import AT
from utilization.models import DigestSalt, Event, LogHead, Note, Request
from utilization.reconciliation import findings, reconcile
from utilization.rules.canonical_json import canonical

SQLITE = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps no nonsense in a typed column")


def _found(unguarded, *statements):
    unguarded(*statements)
    return [(one.kind, one.place.table, one.columns) for one in reconcile().findings]


@SQLITE
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("submission", "facts", "{not JSON"),
        ("submission", "judgement", "[1.5, NaN]"),
        ("submission", "entered", '"text"'),
        ("decision", "signed_at", "the day before"),
        ("authorization", "grams_per_course", "a lot"),
        ("authorization", "valid_to", "2026-13-45"),
        ("patient", "date_of_birth", "long ago"),
        ("packversion", "files", '{"a": 1}'),
        ("criteriadraft", "files", "[[[["),
        ("accessentry", "at", "noon"),
        ("signinentry", "at", "noon"),
        ("user", "is_active", "perhaps"),
        ("request", "due_at", "soon"),
    ],
)
def test_nonsense_in_a_column_is_found(history, unguarded, table, column, value):
    last = f"(SELECT max(id) FROM utilization_{table} WHERE {column} IS NOT NULL)"
    sql = f"UPDATE utilization_{table} SET {column} = %s WHERE id = {last}"
    assert table in {name for _, name, _ in _found(unguarded, (sql, value))}


@pytest.mark.parametrize("kind", ["request.started", "information.asked", "decision.approved", "patient.merged",
                                  "criteria.published", "access.closed", "sign_ins.closed",
                                  "site.founded", "role.given"])  # fmt: skip
@pytest.mark.parametrize("data", [{}, {"patient": [1], "spans": [[9, 1]]}, {"to": 4, "from": None, "version": {}}])
def test_an_entry_that_makes_no_sense_is_found(history, unguarded, kind, data):
    event = Event.objects.filter(type=kind).order_by("seq").first()
    body = json.loads(bytes(event.body)) | {"data": data}
    sql = "UPDATE utilization_event SET body = %s WHERE seq = %s"
    found = _found(unguarded, (sql, canonical(body), event.pk))
    assert any(name in ("request", "event") for _, name, _ in found)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"null", b"[]", b'{"data": 4}', b"[" * 5000])
def test_an_entry_that_cannot_be_read_ends_nothing(history, unguarded, body):
    seq = Event.objects.filter(type="note.added").first().seq
    assert _found(unguarded, ("UPDATE utilization_event SET body = %s WHERE seq = %s", body, seq)) == [
        ("unknown", "note", ())
    ]


@pytest.mark.long
def test_a_salt_that_is_gone_is_told_and_another_one_fits_nothing(history, unguarded):
    note, said = Note.objects.get(), json.loads(bytes(Event.objects.get(type="note.added").body))["data"]["text"]
    gone = _found(unguarded, ("DELETE FROM utilization_digestsalt WHERE id = %s", said["salt"]))
    assert gone == [("forgotten", "note", ("text",))]
    (finding,) = reconcile().findings
    assert finding.sentence == (
        f"note {note.pk}, site north, request {note.request.number}, entry {finding.place.entry}: text cannot be "
        "checked any more, since the salt of its digest is gone."
    )
    DigestSalt.objects.create(pk=said["salt"], value=b"another")
    assert _found(unguarded) == [("altered", "note", ("text",))]


def test_of_more_findings_than_can_be_read_the_rest_is_counted(history, unguarded, monkeypatch):
    monkeypatch.setattr(findings, "MOST_FINDINGS", 3)
    unguarded(("UPDATE utilization_request SET due_at = %s", AT), ("DELETE FROM utilization_membership",))
    found = reconcile()
    assert len(found.findings) == 3
    assert found.further > 10
    assert found.problems[-1] == f"There are {found.further} findings more."


def test_a_head_set_to_nothing_has_every_row_unknown(history, unguarded):
    found = _found(unguarded, ("UPDATE utilization_loghead SET size = 0",))
    assert LogHead.objects.get().size == 0
    assert {kind for kind, _, _ in found} == {"unknown"}
    assert len([table for _, table, _ in found if table == "request"]) == Request.objects.count()


def test_a_puppet_laid_into_the_table_of_people_is_found(history, unguarded):
    sql = (
        "INSERT INTO utilization_user (username, email, full_name, title, password, is_superuser, is_staff, is_active,"
        " sessions_ended, date_joined) VALUES ('puppet', 'p@x.example', 'Puppet', 'MD', '', %s, %s, %s, 0, %s)"
    )
    assert _found(unguarded, (sql, False, False, True, AT)) == [("unknown", "user", ())]
