"""What two people had forgotten is no fault and is told; whoever takes a salt away alone is found as before."""

import hashlib
import hmac
import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.cast import AT, PASSWORD, present
from utilization import workflow
from utilization.models import DigestSalt, Event, Note
from utilization.reconciliation import reconcile
from utilization.rules.canonical_json import canonical
from utilization.workflow import Refused

BECAUSE = "Order of the court, file 12"


@pytest.fixture
def said(history):
    """The digest that the entry of the one note holds of its text."""
    return json.loads(bytes(_entry().body))["data"]["text"]


def _entry():
    return Event.objects.get(type="note.added")


def _signers(history, *names):
    return [(history.hospital[name], present(history.hospital[name])) for name in names]


def _forget(history, *names, entry=None, because=BECAUSE, part=""):
    seq = _entry().seq if entry is None else entry
    return workflow.forget_digests(_signers(history, *names), seq, because, at=AT, part=part)


def test_what_two_people_had_forgotten_is_no_fault_and_is_told(history, said):
    note, entry = Note.objects.get(), _entry().seq
    salt = bytes(DigestSalt.objects.get(pk=said["salt"]).value)
    guess = hmac.new(salt, canonical({"text": note.text}), hashlib.sha256).hexdigest()
    assert guess == said["hmac"], "with the salt, a guess can be tried"
    assert _forget(history, "audrey", "adam") == ["text"]
    assert not DigestSalt.objects.filter(pk=said["salt"]).exists()
    told = Event.objects.latest("seq")
    data = json.loads(bytes(told.body))["data"]
    assert (told.type, told.actor_id) == ("digest.forgotten", history.hospital["audrey"].pk)
    assert (data["entry"], data["digests"], data["salts"], data["because"]) == (
        entry,
        ["text"],
        [said["salt"]],
        BECAUSE,
    )
    assert [signed["person"] for signed in data["signed"]] == [history.hospital[name].pk for name in ("audrey", "adam")]
    assert note.text not in told.body.decode()
    rows, log = history.check()
    assert (rows.problems, log) == ((), ())
    [remark] = rows.remarks
    assert remark.startswith(
        f"note {note.pk}, site north, request {note.request.number}, entry {entry}: text cannot be"
    )
    assert remark.endswith(f"It was forgotten on purpose, as entry {told.seq} tells.")


def test_another_salt_that_is_taken_away_is_still_a_fault(history, said, unguarded):
    _forget(history, "audrey", "adam")
    other = Event.objects.filter(type="request.withdrawn").earliest("seq")
    salt = json.loads(bytes(other.body))["data"]["reason"]["salt"]
    unguarded(("DELETE FROM utilization_digestsalt WHERE id = %s", salt))
    assert [finding.kind for finding in reconcile().findings] == ["forgotten"]


@pytest.mark.long
def test_a_salt_that_a_backup_brings_back_is_named_until_it_is_forgotten_anew(history, said):
    kept = bytes(DigestSalt.objects.get(pk=said["salt"]).value)
    _forget(history, "audrey", "adam")
    DigestSalt.objects.create(pk=said["salt"], value=kept)
    [problem] = reconcile().problems
    assert problem.startswith(f"digestsalt {said['salt']}, entry ")
    assert "is there again" in problem
    _forget(history, "audrey", "adam")
    assert reconcile().problems == ()


def test_a_part_of_an_entry_is_forgotten_alone(history):
    entry = Event.objects.filter(type="decision.approved").earliest("seq")
    salts = DigestSalt.objects.count()
    assert _forget(history, "audrey", "adam", entry=entry.seq, part="authorization") == ["authorization.sha256"]
    assert DigestSalt.objects.count() == salts - 1
    assert {told.what.place.table for told in reconcile().forgotten} == {"authorization"}


@pytest.mark.parametrize(
    ("signers", "options", "why"),
    [
        (("audrey",), {}, "Two different people"),
        (("audrey", "audrey"), {}, "Two different people"),
        (("audrey", "fern"), {}, "Fern Pharmacist is neither"),
        (("audrey", "head.south"), {}, "neither an auditor nor an administrator of North Hospital"),
        (("audrey", "adam"), {"entry": 10**6}, "The log has no entry 1000000"),
        (("audrey", "adam"), {"entry": 0}, "holds no digest"),
        (("audrey", "adam"), {"part": "answer"}, "holds no digest in 'answer'"),
        (("audrey", "adam"), {"because": "  "}, "Say why"),
        (("audrey", "adam"), {"because": "x" * 201}, "Say why"),
    ],
)
def test_who_may_not_and_what_cannot_be_forgotten_is_refused_and_nothing_is_written(history, signers, options, why):
    if options.get("entry") == 0:
        options = {"entry": Event.objects.filter(type="request.claimed").earliest("seq").seq}
    history.hospital["head.south"].set_password(PASSWORD)
    salts, size = DigestSalt.objects.count(), Event.objects.count()
    with pytest.raises(Refused) as refused:
        _forget(history, *signers, **options)
    assert why in refused.value.why
    assert (DigestSalt.objects.count(), Event.objects.count()) == (salts, size)


def test_what_is_forgotten_is_not_forgotten_twice(history, said):
    _forget(history, "audrey", "adam")
    with pytest.raises(Refused) as refused:
        _forget(history, "audrey", "adam")
    assert "was forgotten before" in refused.value.why


def test_an_entry_of_nonsense_forgets_nothing(history, unguarded):
    seq = Event.objects.latest("seq").seq + 1
    body = canonical({"data": {"salts": ["x"]}})
    unguarded(
        ("INSERT INTO utilization_event (seq, at, type, body) VALUES (%s, %s, 'digest.forgotten', %s)", seq, AT, body),
        ("UPDATE utilization_loghead SET size = %s", seq + 1),
    )
    assert reconcile().forgotten == ()


def test_the_command_asks_both_for_their_passwords(history, said, monkeypatch):
    def run(*typed):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{password}\n" for password in typed)))
        out = io.StringIO()
        call_command("forget_digest", str(_entry().seq), "audrey", "adam", because=BECAUSE, stdout=out)
        return out.getvalue()

    with pytest.raises(CommandError):
        run(PASSWORD, "wrong")
    assert DigestSalt.objects.filter(pk=said["salt"]).exists()
    assert run(PASSWORD, PASSWORD).startswith(f"Forgotten of entry {_entry().seq}: text. ")
    with pytest.raises(CommandError, match="There is nobody with the username 'nobody'"):
        call_command("forget_digest", "1", "nobody", "adam", because=BECAUSE)


# --- Documents of before -------------------------------------------------------------------------------------------


@pytest.fixture
def laid_in(history, unguarded):
    """A document that no entry tells of, older than any that one does; its hash."""
    document = history.requests["approved"].documents.get()
    names = "content, has_proof, request_id"
    insert = f"INSERT INTO utilization_document ({names}, value_sha256, sha256, made_at)"
    rows = f"SELECT {names}, 'mine', %s, %s FROM utilization_document WHERE id = %s"
    unguarded((f"{insert} {rows}", document.sha256, AT.replace(year=2000), document.pk))
    return document.sha256


def test_a_document_that_no_entry_vouches_for_is_a_fault_however_old_it_says_it_is(history, laid_in):
    [problem] = reconcile().problems
    assert problem.startswith("document ")
    assert problem.endswith("the row has no entry in the log.")


@pytest.mark.long
def test_two_people_vouch_for_documents_of_an_earlier_version(history, laid_in, monkeypatch):
    def run(*arguments):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n{PASSWORD}\n"))
        out = io.StringIO()
        call_command("take_over_documents", *arguments, stdout=out)
        return out.getvalue()

    number = history.requests["approved"].number
    assert run().startswith(f"{number} 2000-")
    assert "1 without an entry" in run()
    with pytest.raises(CommandError, match="neither an auditor nor an administrator"):
        run("audrey", "fern")
    assert reconcile().problems
    assert "1 taken over." in run("audrey", "adam")
    rows, log = history.check()
    assert (rows.problems, rows.remarks, log) == ((), (), ())
    told = Event.objects.latest("seq")
    assert (told.type, told.request_id) == ("document.taken_over", history.requests["approved"].pk)
    with pytest.raises(CommandError, match="nothing to take over"):
        run("audrey", "adam")


def test_what_two_people_vouched_for_is_found_when_it_is_changed(history, laid_in, unguarded):
    workflow.take_over_documents(_signers(history, "audrey", "adam"), at=AT)
    unguarded(("UPDATE utilization_document SET content = %s WHERE value_sha256 = 'mine'", b"%PDF-"))
    assert [(found.kind, found.columns) for found in reconcile().findings] == [("altered", ("content",))]
