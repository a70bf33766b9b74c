"""What was changed without care is found and located; an untouched log has no finding."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.access.hospital import AT
from utilization import event_log
from utilization.models import Event, LogHead, guards
from utilization.rules.canonical_json import canonical
from utilization.rules.lifecycle import Status


@pytest.fixture
def request_(north):
    return north.request(Status.APPROVED)


@pytest.fixture
def log(north, request_):
    """Six entries, three of them about a request, with the guards lifted so that they can be tampered with."""
    for number in range(6):
        about = request_ if number % 2 else None
        event_log.append(
            type="note.added", at=AT, actor=north["pharmacist"], site=north.site, request=about, data={"n": number}
        )
    guards.lift(connection)
    yield
    guards.install(connection)


def _problems():
    return event_log.verify().problems


def test_an_untouched_log_has_no_finding(log):
    assert event_log.verify() == event_log.Report(size=6, problems=())


def test_an_empty_log_has_no_finding(db):
    assert event_log.verify() == event_log.Report(size=0, problems=())


def test_a_log_longer_than_one_portion_is_read_whole(log, monkeypatch):
    monkeypatch.setattr(event_log, "_CHUNK", 2)
    assert event_log.verify().problems == ()
    Event.objects.filter(seq=4).delete()
    assert _problems() == ("Entry 4 is missing: after it comes entry 5.",)


def test_a_removed_entry_is_found(log):
    Event.objects.filter(seq=2).delete()
    assert _problems() == ("Entry 2 is missing: after it comes entry 3.",)


def test_a_cut_tail_is_found(log):
    Event.objects.filter(seq__gte=4).delete()
    assert _problems() == ("The head counts 6 entries, but the log ends after 4.",)


def test_a_head_set_back_is_found(log):
    LogHead.objects.update(size=4)
    assert _problems() == ("The log holds entries beyond the 4 that its head counts.",)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"type": "decision.approved"}, "type"),
        ({"actor_id": 999}, "actor"),
        ({"actor_id": None}, "actor"),
        ({"at": AT.replace(year=2020)}, "time"),
        ({"request_id": None}, "request"),
        ({"request_id": 999}, "request"),
        ({"site_id": 999}, "site"),
    ],
)
def test_a_changed_column_is_found(log, change, part):
    Event.objects.filter(seq=3).update(**change)
    assert _problems() == (f"Entry 3: its bytes and the row around them contradict each other in the {part}.",)


def test_entries_that_changed_places_are_found(log):
    one, two = Event.objects.get(seq=0), Event.objects.get(seq=4)
    Event.objects.filter(seq=0).update(body=two.body)
    Event.objects.filter(seq=4).update(body=one.body)
    assert [problem.split(":")[0] for problem in _problems()] == ["Entry 0", "Entry 4"]


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"null", b"{}", b'{"v":1}', b"{" * 100_000])
def test_bytes_that_are_no_entry_are_found(log, body):
    Event.objects.filter(seq=3).update(body=body)
    assert {problem.split(":")[0] for problem in _problems()} == {"Entry 3"}


@pytest.mark.parametrize(
    ("part", "value"), [("salt", "ab"), ("salt", 7), ("at", "noon"), ("actor", []), ("request", "x"), ("actor", 0)]
)
def test_a_part_that_is_not_what_it_should_be_is_found(log, part, value):
    body = json.loads(bytes(Event.objects.get(seq=3).body))
    Event.objects.filter(seq=3).update(body=canonical(body | {part: value}))
    assert {problem.split(":")[0] for problem in _problems()} == {"Entry 3"}


def test_white_space_that_changes_no_meaning_is_found(log):
    body = bytes(Event.objects.get(seq=3).body)
    Event.objects.filter(seq=3).update(body=body.replace(b":", b": ", 1))
    assert _problems() == ("Entry 3: its bytes are not in canonical form.",)


def test_the_command_tells_the_size_and_ends_well(log):
    out = io.StringIO()
    call_command("verify_log", entries_only=True, stdout=out)
    assert out.getvalue() == "6 entries, nothing wrong.\n"


def test_the_command_names_each_problem_and_fails(log):
    Event.objects.filter(seq=2).delete()
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 problem in 6 entries"):
        call_command("verify_log", entries_only=True, stderr=err)
    assert "Entry 2 is missing" in err.getvalue()
