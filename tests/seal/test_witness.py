"""A witness cosigns what extends what it saw, says why not otherwise, and never goes back."""

import socket
from hashlib import sha256
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.patience import PATIENCE
from tests.seal.conftest import KEYS, LOG, WITNESS
from tests.transparency import naive
from utilization.seal.claims import notes_in
from utilization.transparency.checkpoints import TreeHead, open_checkpoint, signed
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.encodings import lines_of
from utilization.transparency.keys import SignatureType
from utilization.transparency.notes import MOST_BYTES, Signature, SignedNote, read_note, read_signatures
from utilization.transparency.submissions import CheckpointSubmission
from utilization.witness import records as records_module
from utilization.witness.records import COSIGNED_NOTES, Records

ENTRIES = naive.entries(20)


def _note(size, entries=ENTRIES, key=LOG):
    return signed(TreeHead(key.public.name, size, naive.root(entries[:size])), key)


def _request(old, new, entries=ENTRIES, proof=None, note=None):
    hashes = proof if proof is not None else naive.proof(old, entries[:new]) if 0 < old <= new else []
    return str(CheckpointSubmission(old, tuple(hashes), note or _note(new, entries))).encode()


def _answer(witness, *args, **changes):
    reply = witness.add_checkpoint(_request(*args, **changes))
    return int(reply.status), reply.text, reply.type


SOUTH = new_signing_key("south.example/ivig-log/1", SignatureType.LOG)
NEW = new_signing_key(LOG.public.name, SignatureType.LOG)
FORK = [*ENTRIES[:4], b"another", *ENTRIES[5:]]


def test_what_extends_what_it_saw_is_cosigned(witness):
    for old, new in [(0, 5), (5, 5), (5, 6), (6, 20)]:
        status, text, _ = _answer(witness, old, new)
        assert status == 200
        cosigned = read_note(str(_note(new)).encode() + text.encode())
        head, by = open_checkpoint(cosigned, KEYS)
        assert (head.size, by.witnesses, by.times) == (new, (WITNESS.public,), (1_700_000_000,))
        kept = witness.checkpoint(sha256(LOG.public.name.encode()).hexdigest())
        assert (int(kept.status), kept.text) == (200, str(cosigned))


def test_every_cosigned_note_is_written_outside(witness, tmp_path):
    for old, new in [(0, 5), (5, 7), (7, 7)]:
        witness.add_checkpoint(_request(old, new))
    witness.add_checkpoint(_request(7, 9, FORK))
    notes = notes_in((tmp_path / "witness" / COSIGNED_NOTES).read_text())
    assert [open_checkpoint(read_note(note), KEYS)[0].size for note in notes] == [5, 7, 7]


CASES = {
    "another start": ((3, 9), {}, 409, "5\n", "text/x.tlog.size"),
    "from nothing again": ((0, 9), {}, 409, "5\n", "text/x.tlog.size"),
    "shorter": ((5, 3), {"proof": []}, 400, "larger", None),
    "shorter, said truly": ((3, 3), {}, 409, "5\n", "text/x.tlog.size"),
    "a fork of the same size": ((5, 5, FORK), {}, 409, "Another root", None),
    "a fork that is longer": ((5, 6, FORK), {}, 422, "root", None),
    "no proof": ((5, 6), {"proof": []}, 422, "empty", None),
    "a proof too long": ((5, 6), {"proof": [*naive.proof(5, ENTRIES[:6]), bytes(32)]}, 422, "more hashes", None),
    "a proof where none is needed": ((5, 5), {"proof": [bytes(32)]}, 422, "none is needed", None),
    "another log": ((5, 6), {"note": _note(6, key=SOUTH)}, 404, "not known", None),
    "another key": ((5, 6), {"note": _note(6, key=NEW)}, 403, "No known key", None),
    "a wrong signature": (
        (5, 6),
        {"note": SignedNote(_note(6).text, (Signature(LOG.public.name, LOG.public.key_id, bytes(64)),))},
        403, "wrong", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_anything_else_is_refused_with_its_reason_and_changes_nothing(witness, records, case):
    args, changes, status, text, kind = CASES[case]
    assert _answer(witness, 0, 5)[0] == 200
    answer = _answer(witness, *args, **changes)
    assert answer[0] == status
    assert text in answer[1]
    assert answer[2] == kind or (kind is None and answer[2].startswith("text/plain"))
    assert records.last(LOG.public.name) == TreeHead(LOG.public.name, 5, naive.root(ENTRIES[:5]))


def test_from_nothing_no_proof_is_taken(witness):
    assert _answer(witness, 0, 5, proof=[bytes(32)])[0] == 422


@pytest.mark.parametrize("body", [b"", b"old 0\n\n", b"\xff" * 100, b"x" * 70_000])
def test_what_is_no_request_is_refused(witness, body):
    assert int(witness.add_checkpoint(body).status) == 400


def test_unknown_lines_in_a_checkpoint_are_ignored(witness):
    other = Signature("stranger", b"\0\0\0\1", bytes(64))
    assert _answer(witness, 0, 5, note=_note(5).signed_also(other))[0] == 200


def test_what_it_cosigned_can_be_read_however_many_lines_were_added(witness, records):
    strangers = [Signature(f"stranger{number}", b"\0\0\0\1", bytes(64)) for number in range(31)]
    assert _answer(witness, 0, 5, note=_note(5).signed_also(*strangers))[0] == 200
    kept = read_note(records.note(sha256(LOG.public.name.encode()).hexdigest()).encode())
    assert [signature.name for signature in kept.signatures] == [LOG.public.name, WITNESS.public.name]


def test_of_two_requests_at_once_one_is_recorded(witness, records, monkeypatch):
    """The slower one finds what the faster one left, and is told so; the record never goes back."""
    assert _answer(witness, 0, 5)[0] == 200
    stale = records.last(LOG.public.name)
    assert _answer(witness, 5, 20)[0] == 200
    answers = [TreeHead(LOG.public.name, 20, b""), stale]
    monkeypatch.setattr(Records, "last", lambda self, origin: answers.pop())
    assert _answer(witness, 5, 6)[:2] == (409, "20\n")
    monkeypatch.undo()
    assert records.last(LOG.public.name).size == 20


def test_the_record_is_on_disk_before_the_note_goes_out(witness, records, monkeypatch):
    seen = []
    monkeypatch.setattr(
        records_module.Records, "write_out", lambda self, note: seen.append(self.last(LOG.public.name).size)
    )
    witness.add_checkpoint(_request(0, 5))
    assert seen == [5]


def _ask(client, method, path, body=None, headers=None):
    connection = HTTPConnection(urlsplit(client.url).netloc, timeout=PATIENCE)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.getheader("Content-Type"), answer.read()


def test_over_http_the_answers_are_the_same(served):
    status, _, body = _ask(served, "POST", "/add-checkpoint", _request(0, 5))
    assert status == 200
    read_signatures(lines_of(body, 1000, "answer"))
    assert _ask(served, "POST", "/add-checkpoint", _request(3, 9)) == (409, "text/x.tlog.size", b"5\n")
    status, _, body = _ask(served, "GET", f"/{sha256(LOG.public.name.encode()).hexdigest()}/checkpoint")
    assert (status, open_checkpoint(read_note(body), KEYS)[0].size) == (200, 5)
    for method, path in [
        ("GET", "/" + "0" * 64 + "/checkpoint"),
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/add-checkpoint"),
    ]:
        assert _ask(served, method, path)[0] == 404
    assert _ask(served, "DELETE", "/add-checkpoint")[0] == 501


def test_too_much_is_refused_unread(served):
    too_much = {"Content-Length": str(2 * MOST_BYTES)}
    assert _ask(served, "POST", "/add-checkpoint", headers=too_much)[0] == 413
    assert _ask(served, "POST", "/add-checkpoint", headers={"Content-Length": "-1"})[0] == 400
    assert _ask(served, "POST", "/add-checkpoint", headers={"Transfer-Encoding": "chunked"})[0] == 400


@pytest.mark.parametrize("sent", [b"", b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 500\r\n\r\nold 0\n"])
def test_who_sends_slowly_is_hung_up_on(served, witness_server, sent):
    witness_server.seconds = 0.5
    with socket.create_connection(("127.0.0.1", urlsplit(served.url).port), timeout=PATIENCE) as slow:
        slow.sendall(sent)
        assert slow.recv(1000) == b""
    witness_server.seconds = PATIENCE
    assert _ask(served, "POST", "/add-checkpoint", _request(0, 5))[0] == 200
