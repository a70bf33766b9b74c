"""The sealer signs what was committed, once, and refuses what is not the log that it signed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from tests.access.hospital import AT
from tests.seal.conftest import KEYS, LOG, WITNESS
from tests.transparency import naive
from utilization import event_log
from utilization.key_files import BadKeyFile, read_key, write_key
from utilization.models import Checkpoint, Event, LogHead, LogNode, guards
from utilization.rules.canonical_json import canonical
from utilization.seal import sealer as sealer_module
from utilization.seal import witness_client
from utilization.seal.claims import notes_in
from utilization.seal.key_folder import SEAL_KEY, LastSigned, held
from utilization.seal.nodes import MissingNode, kept_node
from utilization.seal.sealer import LogBroken
from utilization.seal.witness_client import NoCosignature, WitnessClient, WitnessRefused
from utilization.transparency.checkpoints import TreeHead, cosignature, open_checkpoint
from utilization.transparency.log_proofs import LogProof
from utilization.transparency.notes import Signature, read_note
from utilization.transparency.proofs import inclusion_proof
from utilization.witness.records import COSIGNED_NOTES


def _bodies():
    return [bytes(body) for body in Event.objects.order_by("seq").values_list("body", flat=True)]


def _heads():
    """Size and root of each kept checkpoint, as its signed note says them."""
    notes = Checkpoint.objects.values_list("note", flat=True)
    return [(head.size, head.root) for head, _ in (open_checkpoint(read_note(note.encode()), KEYS) for note in notes)]


@pytest.fixture
def unguarded(db):
    """The guards lifted, as somebody with all rights over the database can."""
    guards.lift(connection)
    yield
    guards.install(connection)


def test_what_was_committed_is_signed_and_each_node_is_kept(append, seal):
    for count in (3, 1, 4):
        append(count)
        seal()
    bodies = _bodies()
    assert _heads() == [(size, naive.root(bodies[:size])) for size in (3, 4, 8)]
    assert [(c.size, bytes(c.root)) for c in Checkpoint.objects.all()] == _heads()
    kept = {(node.level, node.number): bytes(node.hash) for node in LogNode.objects.all()}
    assert kept == {
        (level, number): naive.root(bodies[number << level : number + 1 << level])
        for level in range(4)
        for number in range(8 >> level)
    }


def test_an_entry_is_proved_from_what_is_kept(append, seal):
    append(7)
    seal()
    note = read_note(Checkpoint.objects.get().note.encode())
    for index, body in enumerate(_bodies()):
        LogProof(index, tuple(inclusion_proof(index, 7, kept_node)), note).check(body)


def test_nothing_new_is_not_signed_again(append, seal, folder):
    seal()
    assert not Checkpoint.objects.exists()
    append(2)
    seal()
    before = (folder / "last.json").read_bytes()
    seal()
    assert Checkpoint.objects.count() == 1
    assert (folder / "last.json").read_bytes() == before


def test_a_long_log_is_sealed_in_portions(append, seal, monkeypatch):
    monkeypatch.setattr(sealer_module, "_MOST_AT_ONCE", 3)
    append(8)
    seal()
    assert [size for size, _ in _heads()] == [3, 6, 8]
    assert _heads()[-1][1] == naive.root(_bodies())


@transaction.atomic
def _append_and_fail(north):
    event_log.append(type="note.added", at=AT, actor=None, site=north.site, data={})
    LogHead.objects.create(pk=2)


def test_a_move_that_is_rolled_back_is_never_signed(append, seal, north):
    append(2)
    with pytest.raises(IntegrityError):
        _append_and_fail(north)
    seal()
    append(1)
    seal()
    assert _heads() == [(2, naive.root(_bodies()[:2])), (3, naive.root(_bodies()))]


def test_the_witness_cosigns_each_checkpoint(append, seal, served, tmp_path):
    for count in (2, 3, 1):
        append(count)
        seal(served)
    for checkpoint in Checkpoint.objects.all():
        _, by = open_checkpoint(read_note(checkpoint.note.encode()), KEYS)
        assert by.witnesses == (WITNESS.public,)
    notes = notes_in((tmp_path / "witness" / COSIGNED_NOTES).read_text())
    assert [note.decode() for note in notes] == list(Checkpoint.objects.values_list("note", flat=True))


def test_without_the_witness_nothing_is_kept_and_it_catches_up(append, seal, served):
    append(2)
    with pytest.raises(NoCosignature, match="cannot be reached"):
        seal(WitnessClient("http://127.0.0.1:9", [WITNESS.public]))
    assert not Checkpoint.objects.exists()
    assert not LogNode.objects.exists()
    append(3)
    seal(served)
    assert _heads() == [(5, naive.root(_bodies()))]


def test_a_witness_that_knows_more_than_was_kept_is_caught_up_with(append, seal, served, monkeypatch):
    """As when the answer is lost on its way: the witness has cosigned, the log has nothing of it."""
    append(3)
    monkeypatch.setattr(WitnessClient, "_cosignatures", _lost)
    with pytest.raises(NoCosignature):
        seal(served)
    monkeypatch.undo()
    append(2)
    seal(served)
    assert _heads() == [(5, naive.root(_bodies()))]


def _lost(self, note, answer):
    raise NoCosignature("lost")


WRONG = Signature(WITNESS.public.name, WITNESS.public.key_id, bytes(72))


class _Answers:
    """A client whose witness answers as told."""

    def __init__(self, monkeypatch, status, body):
        monkeypatch.setattr(WitnessClient, "_ask", lambda *args: (status, body))
        self.client = WitnessClient("http://nowhere", [WITNESS.public])


@pytest.mark.parametrize(
    ("status", "body", "raised", "why"),
    [
        (500, b"", NoCosignature, "answered 500"),
        (404, b"", NoCosignature, "answered 404"),
        (200, b"", NoCosignature, "cannot be used"),
        (200, b"\xff\n", NoCosignature, "cannot be used"),
        (200, "— stranger AAAAAAE=\n".encode(), NoCosignature, "no signature by a key"),
        (200, WRONG.line.encode(), NoCosignature, "cannot be used"),
        (409, b"9\n", WitnessRefused, "restored from an older copy"),
        (409, b"Another root\n", WitnessRefused, "another root"),
        (409, b"2\n3\n", WitnessRefused, "another root"),
        (409, b"0\n", WitnessRefused, "another history"),
        (422, b"", WitnessRefused, "another history"),
    ],
)
def test_a_witness_that_answers_wrongly_is_not_believed(append, seal, monkeypatch, status, body, raised, why):
    append(2)
    with pytest.raises(raised, match=why):
        seal(_Answers(monkeypatch, status, body).client)
    assert not Checkpoint.objects.exists()


def test_a_witness_that_says_its_line_often_leaves_a_note_that_can_be_read(append, seal, monkeypatch):
    def say_often(client, note, head, old, node):
        line = cosignature(note.text, WITNESS, 1_700_000_000).line
        stranger = Signature(WITNESS.public.name + "x", WITNESS.public.key_id, bytes(72)).line
        return 200, (line * 31 + stranger).encode()

    monkeypatch.setattr(WitnessClient, "_ask", say_often)
    append(2)
    seal(WitnessClient("http://nowhere", [WITNESS.public]))
    note = read_note(Checkpoint.objects.get().note.encode())
    assert [signature.name for signature in note.signatures] == [LOG.public.name, WITNESS.public.name]


@pytest.mark.parametrize("head", [b"", b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"])
def test_a_witness_that_answers_in_drops_is_not_waited_for(append, seal, monkeypatch, head):
    """Each drop comes within the time for one; all of them together would take a minute, or never end."""
    monkeypatch.setattr(witness_client, "_SECONDS", 0.3)
    append(1)
    ended = threading.Event()

    def drip(listening):
        with listening, listening.accept()[0] as asked, contextlib.suppress(OSError):
            asked.sendall(head)
            while not ended.wait(0.05):
                asked.sendall(b"x")

    listening = socket.create_server(("127.0.0.1", 0))
    dripping = threading.Thread(target=drip, args=(listening,))
    dripping.start()
    began = time.monotonic()
    try:
        with pytest.raises(NoCosignature):
            seal(WitnessClient(f"http://127.0.0.1:{listening.getsockname()[1]}", [WITNESS.public]))
        assert time.monotonic() - began < 30
    finally:
        ended.set()
        dripping.join()
    assert not Checkpoint.objects.exists()


def _rewrite(number, **changes):
    body = json.loads(bytes(Event.objects.get(seq=number).body))
    Event.objects.filter(seq=number).update(body=canonical(body | changes))


def _cut(size):
    Event.objects.filter(seq__gte=size).delete()
    LogHead.objects.update(size=size)


def test_a_shorter_log_is_refused(append, seal, unguarded):
    append(5)
    seal()
    _cut(3)
    with pytest.raises(LogBroken, match="holds 3 entries, but 5 were sealed"):
        seal()


def test_a_shorter_log_is_refused_though_nothing_of_the_seal_is_left_in_it(append, seal, unguarded):
    append(5)
    seal()
    _cut(3)
    Checkpoint.objects.all().delete()
    LogNode.objects.all().delete()
    with pytest.raises(LogBroken, match="holds 3 entries, but 5 were sealed"):
        seal()


def test_another_root_is_never_signed(append, seal, unguarded, folder):
    append(5)
    seal()
    signed_before = (folder / "last.json").read_bytes()
    _rewrite(2, type="note.other")
    Checkpoint.objects.all().delete()
    LogNode.objects.all().delete()
    append(3)
    with pytest.raises(LogBroken, match="first 5 entries are not those that were signed"):
        seal()
    assert not Checkpoint.objects.exists()
    assert (folder / "last.json").read_bytes() == signed_before


def test_kept_nodes_that_were_altered_are_not_built_upon(append, seal, unguarded):
    append(5)
    seal()
    LogNode.objects.filter(level=2, number=0).update(hash=b"x" * 32)
    append(1)
    with pytest.raises(LogBroken, match="do not lead to the root"):
        seal()
    LogNode.objects.filter(level=2, number=0).delete()
    with pytest.raises(MissingNode, match="Node 0 of level 2"):
        seal()


def test_a_checkpoint_by_another_key_is_not_built_upon(append, seal, unguarded):
    append(5)
    seal()
    note = Checkpoint.objects.get().note
    Checkpoint.objects.update(note=note[:-9] + "AAAAAAA=\n")
    append(1)
    with pytest.raises(LogBroken, match="not this log's"):
        seal()


@pytest.mark.parametrize("broken", ["gap", "bytes", "spaces", "number"])
def test_what_is_no_dense_canonical_log_is_not_signed(append, seal, unguarded, broken):
    append(4)
    if broken == "gap":
        Event.objects.filter(seq=2).delete()
    elif broken == "number":
        _rewrite(2, seq=3)
    else:
        body = bytes(Event.objects.get(seq=2).body)
        Event.objects.filter(seq=2).update(body=b"\xff" if broken == "bytes" else body.replace(b":", b": ", 1))
    with pytest.raises(LogBroken, match="Entry 2 is missing or not in canonical form"):
        seal()
    assert not Checkpoint.objects.exists()


def test_a_missing_end_is_not_signed(append, seal, unguarded):
    append(4)
    Event.objects.filter(seq=3).delete()
    with pytest.raises(LogBroken, match="Entry 3 is missing"):
        seal()


def test_an_older_note_of_what_was_signed_still_holds_the_log(append, seal, folder, unguarded):
    """`last.json` from a backup: what it says must be the beginning of the log, and the kept checkpoints stay."""
    append(3)
    seal()
    older = (folder / "last.json").read_bytes()
    append(3)
    seal()
    (folder / "last.json").write_bytes(older)
    seal()
    append(1)
    seal()
    assert [size for size, _ in _heads()] == [3, 6, 7]
    LastSigned(folder, LOG.public.name).write(TreeHead(LOG.public.name, 3, bytes(32)))
    with pytest.raises(LogBroken, match="first 3 entries"):
        seal()


@pytest.mark.parametrize(
    "text",
    [
        None, "", "[]", '{"origin": "x"}', '{"origin": "o", "size": -1, "root": ""}', "\ufffd",
        '{"origin": "south.example/ivig-log/1", "size": 0, "root": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}',
    ],
)  # fmt: skip
def test_without_knowing_what_was_signed_nothing_is(append, seal, folder, text):
    append(2)
    if text is None:
        (folder / "last.json").unlink()
    else:
        (folder / "last.json").write_text(text)
    with pytest.raises(BadKeyFile, match=r"last\.json"):
        seal()
    assert not Checkpoint.objects.exists()


def test_a_key_that_others_can_read_is_refused(folder):
    path = folder / SEAL_KEY
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path) == LOG
    for mode in (0o640, 0o604, 0o660):
        path.chmod(mode)
        with pytest.raises(BadKeyFile, match="chmod 600"):
            read_key(path)


def test_a_key_is_never_replaced_and_what_is_none_is_refused(folder, tmp_path):
    with pytest.raises(BadKeyFile, match="exists already"):
        write_key(folder / SEAL_KEY, LOG)
    with pytest.raises(BadKeyFile, match="make_key"):
        read_key(tmp_path / "nowhere.key")
    bad = tmp_path / "bad.key"
    bad.write_text("nonsense")
    bad.chmod(0o600)
    with pytest.raises(BadKeyFile, match="no signing key"):
        read_key(bad)


def test_two_sealers_do_not_work_at_once(folder):
    with held(folder), pytest.raises(BadKeyFile, match="Another sealer"), held(folder):
        pass
    with held(folder):
        pass


def _database_url():
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format_map(database)


KILLED = """
import os, signal, sys
import django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from django.db import models
from utilization.key_files import read_key
from utilization.models import Checkpoint, LogNode
from utilization.seal import sealer
from utilization.seal.key_folder import SEAL_KEY, held
from utilization.seal.witness_client import WitnessClient
from utilization.transparency.keys import read_keys

def killed(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

folder, url, keys, moment = sys.argv[1:]
if moment == "signed":
    sealer.signed = lambda head, key, sign=sealer.signed: (sign(head, key), killed())
elif moment == "cosigned":
    LogNode.objects.bulk_create = killed
else:
    Checkpoint.objects.create = killed
with held(Path(folder)):
    client = WitnessClient(url, read_keys(keys))
    sealer.Sealer(read_key(Path(folder) / SEAL_KEY), Path(folder), client).seal(lambda: datetime.now(UTC))
"""


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["signed", "cosigned", "in the transaction"])
def test_a_sealer_that_is_killed_never_signs_a_second_root(append, seal, folder, served, tmp_path, moment):
    append(3)
    seal(served)
    append(2)
    environment = os.environ | {
        "DATABASE_URL": _database_url(),
        "DJANGO_SETTINGS_MODULE": "utilization.settings", "IVIG_MODE": "test",
    }  # fmt: skip
    arguments = [str(folder), served.url, WITNESS.public.line, moment]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], env=environment, cwd=Path(__file__).parents[2], check=False
    )
    assert ended.returncode == -signal.SIGKILL
    assert [size for size, _ in _heads()] == [3]
    assert LogNode.objects.count() == 4
    assert LastSigned(folder, LOG.public.name).read() == TreeHead(LOG.public.name, 5, naive.root(_bodies()))
    append(1)
    seal(served)
    notes = notes_in((tmp_path / "witness" / COSIGNED_NOTES).read_text())
    seen = {(head.size, head.root) for head, _ in (open_checkpoint(read_note(note), KEYS) for note in notes)}
    assert seen | set(_heads()) <= {(size, naive.root(_bodies()[:size])) for size in (3, 5, 6)}
    assert [size for size, _ in _heads()] == [3, 6]
    assert event_log.verify(KEYS, notes) == event_log.Report(6, (), 6, ())
