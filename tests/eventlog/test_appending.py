"""An entry is its bytes: canonical, salted, numbered without gap, and written with its move or not at all."""

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tests.access.hospital import AT
from utilization import event_log
from utilization.models import Event, LogHead
from utilization.rules.lifecycle import Status


def _append(north, **changes):
    given = {"type": "note.added", "at": AT, "actor": north["pharmacist"], "site": north.site, "data": {}}
    return event_log.append(**given | changes)


def test_an_entry_holds_exactly_these_bytes(north, monkeypatch):
    monkeypatch.setattr(event_log.secrets, "token_hex", lambda size: "ab" * size)
    request = north.request(Status.APPROVED)
    at = datetime(2026, 3, 2, 10, 30, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    event = _append(
        north, at=at, request=request, site=None,
        data={"z": Decimal("35.50"), "a": "e\u0301", "on": date(2026, 3, 2), "facts": ("x", None, True, 3)},
    )  # fmt: skip
    expected = (
        '{"actor":{"id":PERSON,"roles":["pharmacist"]},"at":"2026-03-02T09:30:00.000005Z",'
        '"data":{"a":"\u00e9","facts":["x",null,true,3],"on":"2026-03-02","z":"35.50"},'
        '"request":{"number":"NUMBER","uid":"UID"},"salt":"SALT","seq":0,"site":"north","type":"note.added","v":1}'
    )
    said = {"PERSON": north["pharmacist"].pk, "NUMBER": request.number, "UID": request.uid, "SALT": "ab" * 16}
    for mark, value in said.items():
        expected = expected.replace(mark, str(value))
    assert bytes(event.body).decode() == expected
    assert (event.seq, event.at, event.type) == (0, at, "note.added")
    assert (event.site_id, event.request_id, event.actor_id) == (
        north.site.pk, request.pk, north["pharmacist"].pk,
    )  # fmt: skip


class MoveFailed(Exception):
    pass


@transaction.atomic
def _append_and_fail(north):
    assert _append(north).seq == Event.objects.count() - 1
    raise MoveFailed


def test_numbers_are_dense_and_a_rolled_back_move_gives_its_number_back(north):
    _append(north)
    with pytest.raises(MoveFailed):
        _append_and_fail(north)
    assert [_append(north).seq for _ in range(3)] == [1, 2, 3]
    assert LogHead.objects.get().size == Event.objects.count() == 4


def test_a_move_that_fails_leaves_no_entry(north):
    with pytest.raises(MoveFailed):
        _append_and_fail(north)
    assert not Event.objects.exists()


def test_every_entry_has_a_salt_of_its_own(north):
    bodies = [json.loads(bytes(_append(north).body)) for _ in range(20)]
    assert len({body["salt"] for body in bodies}) == 20


def test_the_system_is_an_actor_without_a_name(north):
    event = _append(north, actor=None)
    assert event.actor_id is None
    assert json.loads(bytes(event.body))["actor"] is None


def test_entries_of_a_request_are_read_back_in_order(north):
    request, other = north.request(Status.APPROVED), north.request(Status.APPROVED)
    _append(north, request=request, type="request.submitted", data={"to": "x"})
    _append(north, request=other)
    _append(north, request=request, actor=None, at=AT - timedelta(days=1))
    first, second = event_log.entries(request)
    assert first == event_log.LogEntry(
        0, AT, "request.submitted", north["pharmacist"].pk, ("pharmacist",), {"to": "x"}
    )  # fmt: skip
    assert (second.seq, second.actor_id, second.roles, second.at) == (2, None, (), AT - timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused():
    with pytest.raises(event_log.NotInTransaction):
        event_log.append(type="note.added", at=AT, actor=None, data={})
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"grams": 1.5}, TypeError),
        ({"grams": [float("nan")]}, TypeError),
        ({"grams": Decimal("NaN")}, ValueError),
        ({"grams": Decimal("Infinity")}, ValueError),
        ({"text": "\ud800"}, ValueError),
        ({"\u00e9": 1, "e\u0301": 2}, ValueError),
        ({"what": object()}, TypeError),
    ],
)
def test_what_has_no_exact_bytes_is_refused(north, data, error):
    with pytest.raises(error), transaction.atomic():
        _append(north, data=data)
    assert not Event.objects.exists()


def test_a_time_without_zone_is_refused(north):
    with pytest.raises(ValueError, match="no time zone"):
        _append(north, at=datetime(2026, 3, 2))


def test_the_database_refuses_to_change_or_remove_an_entry(north):
    event = _append(north)
    for attempt in (
        lambda: Event.objects.update(type="x"),
        lambda: Event.objects.all().delete(),
        lambda: Event.objects.create(seq=event.seq, at=AT, type="x", body=b"{}"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    assert Event.objects.get().type == "note.added"
