"""What somebody with all rights over the database forged is found by the keys, and located; what is untouched is not.

Numbers of attacks are those of the list that the check was designed against. Each is made as carefully as the database
alone allows: bytes canonical, columns in step, head adjusted. Only the log's and the witness's keys are out of reach.
"""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.seal.conftest import KEYS, LOG, WITNESS
from utilization import event_log
from utilization.models import Checkpoint, Event, LogHead, LogNode, guards
from utilization.rules.canonical_json import canonical
from utilization.seal.claims import Claims, notes_in
from utilization.seal.sealer import Sealer
from utilization.transparency.checkpoints import TreeHead, cosignature, signed
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.keys import SignatureType
from utilization.transparency.notes import Signature, read_note
from utilization.transparency.tree import GrowingTree, leaf_hash
from utilization.witness.records import COSIGNED_NOTES

SIZE = 14
SEALED = (4, 9, 14)


@pytest.fixture
def log(append, seal, served, tmp_path):
    """Fourteen entries, sealed and cosigned at 4, 9 and 14, with the guards lifted; the notes that the witness kept."""
    for before, size in zip((0, *SEALED), SEALED, strict=False):
        append(size - before)
        seal(served)
    guards.lift(connection)
    yield notes_in((tmp_path / "witness" / COSIGNED_NOTES).read_text())
    guards.install(connection)


def _forge(number, **changes):
    """Rewrite an entry: its bytes, canonical, and the columns beside them."""
    event = Event.objects.get(seq=number)
    body = json.loads(bytes(event.body)) | changes
    Event.objects.filter(seq=number).delete()
    Event.objects.create(
        seq=body["seq"], at=body["at"], type=body["type"], site_id=event.site_id, request_id=event.request_id,
        actor_id=body["actor"] and body["actor"]["id"], body=canonical(body),
    )  # fmt: skip


def _drop(first, end, renumber):
    Event.objects.filter(seq__gte=first, seq__lt=end).delete()
    if renumber:
        for seq in range(end, SIZE):
            _forge(seq, seq=seq - (end - first))
        LogHead.objects.update(size=SIZE - (end - first))


def _exchange(one, other):
    bodies = {number: json.loads(bytes(Event.objects.get(seq=number).body)) for number in (one, other)}
    _forge(one, **bodies[other] | {"seq": one})
    _forge(other, **bodies[one] | {"seq": other})


def _rewrite_tail():
    for number in range(SIZE - 3, SIZE):
        _forge(number, data={"n": "forged"})


ATTACKS = {
    "2a edited": (lambda: Event.objects.filter(seq=6).update(body=b'{"edited":true}'), 6),
    "2b edited and canonical": (lambda: _forge(6, data={"n": "forged"}), 6),
    "3a tail cut": (lambda: Event.objects.filter(seq__gte=12).delete(), 12),
    "3b tail cut, head set back": (lambda: _drop(12, SIZE, renumber=True), 12),
    "3c middle deleted": (lambda: _drop(6, 8, renumber=False), 6),
    "3d middle deleted, renumbered": (lambda: _drop(6, 8, renumber=True), 6),
    "5 last entries rewritten": (_rewrite_tail, 11),
    "6 backdated": (lambda: _forge(2, at="2020-01-01T00:00:00.000000Z"), 2),
    "8 actor exchanged": (lambda: _forge(2, actor={"id": None, "roles": []}), 2),
    "10 entries exchanged": (lambda: _exchange(6, 12), 6),
}


def _problems(notes=()):
    return event_log.verify(KEYS, notes).problems


def _without_seal():
    Checkpoint.objects.all().delete()
    LogNode.objects.all().delete()


def test_an_untouched_log_has_no_finding(log):
    assert event_log.verify(KEYS) == event_log.verify(KEYS, log) == event_log.Report(SIZE, (), SIZE, ())


def test_entries_that_are_not_sealed_yet_are_no_finding(log, append):
    append(3)
    assert event_log.verify(KEYS, log) == event_log.Report(SIZE + 3, (), SIZE, ())


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_found_and_located(log, attack):
    forge, entry = ATTACKS[attack]
    forge()
    said = [problem for problem in _problems() if "entries" in problem and "signed" in problem]
    assert len(said) == 1
    assert said[0].endswith(f"The first that is not as it was signed is entry {entry}.")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_that_forges_the_tree_too_is_found_by_the_signed_roots(log, attack):
    """The kept nodes are those of the forged entries. So they locate nothing, and the checkpoints leave a span."""
    forge, entry = ATTACKS[attack]
    forge()
    LogNode.objects.all().delete()
    growing = GrowingTree()
    for body in Event.objects.order_by("seq").values_list("body", flat=True):
        for level, number, made in growing.add(leaf_hash(bytes(body))):
            LogNode.objects.create(level=level, number=number, hash=made)
    first = max(size for size in (0, *SEALED) if size <= entry)
    last = min(size for size in SEALED if size > entry) - 1
    said = [problem for problem in _problems() if problem.endswith(f"from entry {first} to entry {last}.")]
    assert len(said) == 1


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_that_removes_the_seal_is_found_by_the_notes_of_the_witness(log, attack):
    ATTACKS[attack][0]()
    _without_seal()
    assert "There is no checkpoint: nobody has signed anything of this log." in _problems()
    assert any("were signed" in problem for problem in _problems(log))


def _unkeep_last_checkpoint():
    """As the tables were before the last checkpoint was kept."""
    Checkpoint.objects.filter(size__gt=9).delete()
    for level in range(4):
        LogNode.objects.filter(level=level, number__gte=9 >> level).delete()


def test_a_checkpoint_that_only_the_witness_keeps_yet_counts_and_is_no_finding(log):
    """As when the sealer ended between the witness's answer and the table."""
    _unkeep_last_checkpoint()
    assert event_log.verify(KEYS) == event_log.Report(SIZE, (), 9, ())
    assert event_log.verify(KEYS, log) == event_log.Report(SIZE, (), SIZE, ())


def test_an_old_copy_restored_is_found_by_the_notes_of_the_witness(log):
    _drop(9, SIZE, renumber=True)
    _unkeep_last_checkpoint()
    assert _problems() == ()
    assert _problems(log) == (
        "14 entries were signed, but entry 9 is not there. The difference lies from entry 9 to entry 13.",
    )  # fmt: skip


def test_a_seal_that_is_gone_is_said(log):
    _without_seal()
    assert _problems() == ("There is no checkpoint: nobody has signed anything of this log.",)
    assert _problems(log) == ()


def test_nothing_that_is_empty_needs_a_checkpoint(db):
    assert event_log.verify(KEYS) == event_log.Report(0, (), 0, ())


def _resigned(key, size=SIZE, root=b"r" * 32, origin=LOG.public.name):
    note = signed(TreeHead(origin, size, root), key)
    return str(note.signed_also(cosignature(note.text, WITNESS, 1)))


NAME = LOG.public.name
CHECKPOINT_FAULTS = {
    "another key of the same name": (
        lambda: _resigned(new_signing_key(NAME, SignatureType.LOG)),
        f"The checkpoint over 14 entries cannot be believed. No known key of the log {NAME} signed this checkpoint.",
    ),
    "no note": (
        lambda: "nothing",
        "The checkpoint over 14 entries cannot be believed. Note: the last line is not ended.",
    ),
    "an altered size": (
        lambda: Checkpoint.objects.get(size=14).note.replace("\n14\n", "\n13\n"),
        f"The checkpoint over 14 entries cannot be believed. The signature of {NAME} is wrong.",
    ),
    "the note of another size": (
        lambda: Checkpoint.objects.get(size=9).note,
        "The checkpoint over 14 entries and its signed note contradict each other.",
    ),
    "no cosignature": (
        lambda: Checkpoint.objects.get(size=14).note.split("— witness")[0],
        "The checkpoint over 14 entries is not cosigned by a witness whose key is known.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", CHECKPOINT_FAULTS)
def test_a_checkpoint_that_cannot_be_believed_is_named(log, fault):
    note, problem = CHECKPOINT_FAULTS[fault]
    Checkpoint.objects.filter(size=14).update(note=note())
    assert _problems() == (problem,)


def test_a_changed_root_beside_the_note_is_named(log):
    Checkpoint.objects.filter(size=9).update(root=bytes(32))
    assert _problems() == ("The checkpoint over 9 entries and its signed note contradict each other.",)


def test_a_second_root_signed_by_the_log_itself_is_found(log):
    """As when the key was stolen: the witness's note of the first root stays."""
    Checkpoint.objects.filter(size=14).update(note=_resigned(LOG), root=b"r" * 32)
    assert any("The first 14 entries are not those that were signed." in problem for problem in _problems())


@pytest.mark.parametrize(("level", "number"), [(0, 6), (0, 13), (1, 3), (3, 0)])
@pytest.mark.parametrize("gone", [True, False])
def test_an_altered_node_over_true_entries_is_named(log, level, number, gone):
    rows = LogNode.objects.filter(level=level, number=number)
    rows.delete() if gone else rows.update(hash=bytes(32))
    assert _problems() == (
        f"The entries are as signed, but the kept node {number} of level {level} is missing or altered.",
    )  # fmt: skip


def test_an_altered_node_does_not_mislead_about_an_altered_entry(log):
    LogNode.objects.filter(level=0, number=1).delete()
    _forge(12, data={"n": "forged"})
    assert [problem.split()[-2:] for problem in _problems()] == [["entry", "12."]]


def test_a_signature_by_a_stranger_is_remarked_and_no_fault(log):
    note = read_note(Checkpoint.objects.get(size=9).note.encode())
    Checkpoint.objects.filter(size=9).update(note=str(note.signed_also(Signature("stranger", b"abcd", bytes(64)))))
    report = event_log.verify(KEYS)
    assert (report.problems, report.sealed) == ((), SIZE)
    assert report.remarks == ("Checkpoints bear signatures by keys that are not among yours: stranger.",)


def test_notes_of_another_log_are_left_alone(log):
    other = new_signing_key("south.example/ivig-log/1", SignatureType.LOG)
    report = event_log.verify(KEYS, [*log, _resigned(other, origin=other.public.name).encode()])
    assert report.problems == ()
    assert report.remarks == ("Notes from outside are of other logs and were left alone: south.example/ivig-log/1.",)


def test_a_file_of_notes_that_was_cut_is_named(log):
    text = b"\n".join(log).decode() + "\n"
    assert notes_in(text) == log
    assert notes_in("") == notes_in("\n\n") == []
    cut = notes_in(text[: text.rindex("\n\n", 0, -2)])
    assert len(cut) == 3
    assert _problems(cut) == (
        "Note 3 from outside cannot be believed. Note: expected an empty line between text and signatures.",
    )  # fmt: skip


@pytest.mark.long
def test_a_changed_bit_anywhere_in_an_entry_is_found(log):
    body = bytes(Event.objects.get(seq=5).body)
    for bit in range(0, 8 * len(body), 31):
        altered = bytearray(body)
        altered[bit // 8] ^= 1 << bit % 8
        Event.objects.filter(seq=5).update(body=bytes(altered))
        assert any(problem.endswith("is entry 5.") for problem in _problems()), bit


def test_the_check_reads_the_log_in_portions(log, django_assert_max_num_queries):
    """A query a level of the tree and a few besides, however long the log is."""
    with django_assert_max_num_queries(20):
        event_log.verify(KEYS, log)


@pytest.fixture
def files(log, tmp_path):
    (tmp_path / "keys.txt").write_text("# handed over on paper\n" + "\n".join(key.line for key in KEYS))
    return {"keys": tmp_path / "keys.txt", "notes": tmp_path / "witness" / COSIGNED_NOTES}


def test_the_command_says_how_much_is_as_it_was_signed(files, append):
    append(1)
    out = io.StringIO()
    call_command("verify_log", entries_only=True, stdout=out, **files)
    assert out.getvalue() == "15 entries, nothing wrong. The first 14 entries are as they were signed.\n"


def test_the_command_goes_by_the_file_of_the_settings(files, settings):
    settings.EVIDENCE_KEYS = files["keys"]
    out = io.StringIO()
    call_command("verify_log", entries_only=True, stdout=out)
    assert "The first 14 entries are as they were signed." in out.getvalue()


def test_the_command_names_what_was_forged(files):
    _forge(6, data={"n": "forged"})
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 problem in 14 entries"):
        call_command("verify_log", entries_only=True, stderr=err, **files)
    assert "is entry 6." in err.getvalue()


def test_the_command_says_which_file_cannot_be_used(files, tmp_path):
    empty, wrong = tmp_path / "empty.txt", tmp_path / "wrong.txt"
    empty.write_text("# nothing\n")
    wrong.write_text("nonsense\n")
    for keys, why in [(empty, "holds no key"), (wrong, "is written as name"), (tmp_path / "nowhere", "cannot be read")]:
        with pytest.raises(CommandError, match=why):
            call_command("verify_log", keys=keys)
    with pytest.raises(CommandError, match="nowhere cannot be read"):
        call_command("verify_log", keys=files["keys"], notes=tmp_path / "nowhere")
    with pytest.raises(CommandError, match="only be checked with the public keys"):
        call_command("verify_log", notes=files["notes"])


def test_a_busy_log_has_no_false_finding(append, seal, folder, monkeypatch):
    """Entries and checkpoints that come while the check reads are left alone."""
    append(5)
    seal()
    grown = []

    def grow_meanwhile(self, note, name, read=Claims._read):
        if not grown:
            grown.append(True)
            append(2)
            Sealer(LOG, folder).seal(lambda: Checkpoint.objects.get(size=5).made_at)
        return read(self, note, name)

    monkeypatch.setattr(Claims, "_read", grow_meanwhile)
    assert event_log.verify([LOG.public]).problems == ()
    assert Checkpoint.objects.count() == 2
