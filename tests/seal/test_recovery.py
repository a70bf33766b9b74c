"""A database that does not begin with what was signed takes no move, and is made whole from the sealer's copy."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tests.access.hospital import AT
from tests.seal.conftest import KEYS, LOG, WITNESS
from utilization import event_log
from utilization.key_files import write_key
from utilization.models import AccountAct, Checkpoint, Event, LogHead, LogNode, NumberSeries, User
from utilization.models.guards import install, lift
from utilization.seal import continuity
from utilization.seal.check import check_seal
from utilization.seal.continuity import LogCut
from utilization.seal.entry_copy import COPY
from utilization.seal.key_folder import SEAL_KEY, LastSigned
from utilization.seal.sealer import Sealer, logged_root
from utilization.seal.witness_client import NoCosignature
from utilization.seal.witness_notes import read_notes
from utilization.transparency.checkpoints import TreeHead, read_head
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.keys import SignatureType
from utilization.transparency.notes import read_signatures
from utilization.transparency.proofs import consistency_proof
from utilization.transparency.submissions import CheckpointSubmission
from utilization.witness.replies import Witness

SIZE, KEPT = 9, 5


@pytest.fixture
def unguarded(db):
    lift(connection)
    yield
    install(connection)


@pytest.fixture
def log(append, seal, folder, settings, served, records, tmp_path):
    """A log of nine entries, sealed after five and after nine, whose folder the settings name."""
    settings.EVIDENCE_DIR, settings.EVIDENCE_KEYS = folder, tmp_path / "keys.txt"
    settings.WITNESS_NOTES = tmp_path / "witness" / "cosigned.notes"
    settings.EVIDENCE_KEYS.write_text("\n".join(key.line for key in KEYS))
    append(KEPT)
    seal(served)
    append(SIZE - KEPT)
    seal(served)
    continuity._held.clear()
    return folder


def _restore_backup(size=KEPT):
    """What a copy of the database of some time ago holds of the log and of its seal."""
    Event.objects.filter(seq__gte=size).delete()
    LogHead.objects.update(size=size)
    Checkpoint.objects.filter(size__gt=size).delete()
    sealed = max(Checkpoint.objects.values_list("size", flat=True), default=0)
    for node in LogNode.objects.all():
        if (node.number + 1) << node.level > sealed:
            node.delete()


def _bodies():
    return [bytes(body) for body in Event.objects.order_by("seq").values_list("body", flat=True)]


# --- Refused before the first move ---------------------------------------------------------------------------------


def test_an_untouched_log_takes_moves(log, append):
    append(2)
    assert continuity.fault(anew=True) == ""
    assert Event.objects.count() == SIZE + 2


@pytest.mark.parametrize("running", [True, False], ids=["while it runs", "before its first move"])
def test_an_older_copy_takes_no_move(log, append, unguarded, running):
    if running:
        append(1)
        LogHead.objects.update(size=SIZE)
        Event.objects.filter(seq=SIZE).delete()
    _restore_backup()
    with pytest.raises(LogCut, match=f"holds {KEPT} entries, but {SIZE} were signed"):
        append(1)
    assert Event.objects.count() == KEPT
    assert LogHead.objects.get().size == KEPT


def test_a_copy_that_lost_nothing_that_was_signed_takes_moves(log, append, unguarded):
    append(3)
    _restore_backup(SIZE)
    continuity._held.clear()
    append(1)
    assert Event.objects.count() == SIZE + 1


def test_another_log_of_the_same_length_takes_no_move(log, append, unguarded, settings):
    """As a database that went on, after a restoration, where nobody could know of what was signed."""
    signed, notes = _bodies(), settings.WITNESS_NOTES
    _restore_backup()
    settings.EVIDENCE_DIR = settings.WITNESS_NOTES = log / "none"
    append(SIZE - KEPT)
    assert signed[:KEPT] == _bodies()[:KEPT]
    assert signed != _bodies()
    settings.EVIDENCE_DIR = log
    continuity._held.clear()
    with pytest.raises(LogCut, match="it is another log"):
        append(1)
    # With the sealer's note gone, the witness's notes tell.
    (log / "last.json").unlink()
    append(1)
    continuity._held.clear()
    settings.WITNESS_NOTES = notes
    with pytest.raises(LogCut, match="it is another log"):
        append(1)
    # A note that was set back to nothing is no fresh start.
    LastSigned(log, LOG.public.name).begin()
    settings.WITNESS_NOTES = log / "none"
    with pytest.raises(LogCut, match="sealed by another key before"):
        append(1)


@pytest.mark.parametrize("text", [None, "", "{}", '{"origin": 7, "size": -1, "root": ""}', "\x00" * 50, "[" * 100_000])
def test_without_the_sealers_note_the_witness_s_tell(log, append, unguarded, text):
    (log / "last.json").unlink()
    if text is not None:
        (log / "last.json").write_text(text)
    append(1)
    Event.objects.filter(seq=SIZE).delete()
    _restore_backup()
    continuity._held.clear()
    with pytest.raises(LogCut, match=f"{SIZE} were signed"):
        append(1)


def test_only_the_end_of_a_long_file_of_notes_is_read_and_only_what_known_keys_signed_counts(log, settings):
    notes = settings.WITNESS_NOTES
    foreign = f"other.example/log\n99\n{'A' * 43}=\n\n— other.example/log {'A' * 92}\n\n"
    notes.write_text(foreign * 600 + notes.read_text() + foreign)
    (log / "last.json").unlink()
    assert continuity._claims().new[0].size == SIZE
    notes.write_bytes(b"\xff" * 200_000)
    assert continuity._claims().new == ()


def test_what_cannot_be_read_stops_nobody(append, settings, tmp_path, unguarded):
    settings.EVIDENCE_DIR = settings.WITNESS_NOTES = tmp_path / "none"
    append(3)
    _restore_backup(1)
    append(1)


def test_a_move_that_is_refused_leaves_no_entry_and_no_number(log, append, unguarded, north):
    _restore_backup()
    with pytest.raises(LogCut), transaction.atomic():
        event_log.append(type="note.added", at=AT, actor=north["pharmacist"], site=north.site, data={})
    assert LogHead.objects.get().size == KEPT


# --- Put back from the copy ----------------------------------------------------------------------------------------


def _restore_log(folder, **options):
    call_command("restore_log", folder=folder, **options)


def test_the_copy_holds_what_was_signed_and_is_for_its_owner_alone(log, append, seal):
    assert (log / COPY).read_bytes().splitlines() == _bodies()
    assert (log / COPY).stat().st_mode & 0o777 == 0o600
    append(2)
    assert len((log / COPY).read_bytes().splitlines()) == SIZE


@pytest.mark.parametrize("harm", ["gone", "cut", "short", "longer", "readable"])
def test_a_copy_that_was_harmed_is_made_whole_when_sealing_goes_on(log, append, seal, served, harm):
    copy, whole = log / COPY, (log / COPY).read_bytes()
    if harm == "gone":
        copy.unlink()
    elif harm == "readable":
        copy.chmod(0o644)
    else:
        copy.write_bytes({"cut": whole[:-7], "short": whole[: len(whole) // 2], "longer": whole + b'{"seq":9}\n'}[harm])
    append(2)
    seal(served)
    assert copy.read_bytes().splitlines() == _bodies()
    assert copy.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kept", [0, KEPT, SIZE - 1])
def test_lost_entries_are_put_back_under_the_same_root(log, append, seal, served, unguarded, settings, kept):
    whole = _bodies()
    _restore_backup(kept)
    _restore_log(log)
    assert _bodies()[:SIZE] == whole
    said = json.loads(_bodies()[SIZE])
    assert (said["type"], said["actor"], said["data"]["entries"]) == ("log.restored", None, [[kept, SIZE - 1]])
    append(1)
    seal(served)
    report = event_log.verify(KEYS, read_notes(settings.WITNESS_NOTES)[0])
    assert report.problems == ()
    assert report.sealed == SIZE + 2
    assert report.remarks == (f"Entries {kept} to {SIZE - 1} were lost and put back: the log alone tells of them.",)


def test_a_hole_in_the_middle_is_filled(log, unguarded):
    whole = _bodies()
    Event.objects.filter(seq__in=(2, 3, 6)).delete()
    _restore_log(log)
    assert _bodies()[:SIZE] == whole
    assert json.loads(_bodies()[SIZE])["data"]["entries"] == [[2, 3], [6, 6]]


def test_without_the_sealers_note_the_witness_s_say_what_was_signed(log, unguarded, settings):
    whole = _bodies()
    _restore_backup()
    (log / "last.json").unlink()
    with pytest.raises(CommandError, match="--notes FILE"):
        _restore_log(log)
    _restore_log(log, notes=settings.WITNESS_NOTES)
    assert _bodies()[:SIZE] == whole


def _forged(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:6], lines[6].replace(b'"n":1', b'"n":7'), *lines[7:]]))


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda copy: copy.unlink(), "cannot be read"),
        (lambda copy: copy.write_bytes(copy.read_bytes()[:-1]), f"holds {SIZE - 1} entries, but {SIZE} were signed"),
        (_forged, "is not what was signed"),
        (lambda copy: copy.write_bytes(b""), "holds 0 entries"),
        (lambda copy: copy.write_bytes(b"\n" * 30), "is not what was signed"),
    ],
)
def test_a_copy_that_is_not_what_was_signed_puts_nothing_back(log, unguarded, harm, why):
    _restore_backup()
    harm(log / COPY)
    with pytest.raises(CommandError, match=why):
        _restore_log(log)
    assert (Event.objects.count(), LogHead.objects.get().size) == (KEPT, KEPT)


def test_a_log_that_went_on_without_what_was_lost_is_left_as_it_is(log, unguarded):
    Event.objects.filter(seq=6).update(body=b"{}")
    Event.objects.filter(seq__in=(2, 8)).delete()
    with pytest.raises(CommandError, match="Entry 6 of the database is not the one that was signed"):
        _restore_log(log)
    assert Event.objects.count() == SIZE - 2


def test_nothing_missing_is_said(log):
    with pytest.raises(CommandError, match="nothing is to be put back"):
        _restore_log(log)
    assert Event.objects.count() == SIZE


def test_numbers_and_keys_that_lost_entries_name_are_not_given_out_again(log, append, seal, served, north, unguarded):
    append(1)
    body = json.loads(_bodies()[-1]) | {
        "request": {"uid": "6b0f8f8e-0000-4000-8000-000000000000", "number": "IVIG-NORTH-2026-00042"},
        "data": {"person": 900, "authorization": {"number": "AUTH-NORTH-2026-00017"}},
    }
    Event.objects.filter(seq=SIZE).update(body=event_log.canonical(body))
    seal(served)
    NumberSeries.objects.create(site=north.site, prefix="IVIG", year=2026, last=50)
    _restore_backup()
    _restore_log(log)
    last = dict(NumberSeries.objects.values_list("prefix", "last"))
    assert last == {"IVIG": 50, "AUTH": 17}
    assert User.objects.create(username="new", full_name="New").pk > 900
    # The request is lost, the entry is not: that is no fault of the log.
    assert event_log.verify(KEYS).problems == ()
    assert check_seal(SIZE + 1, KEYS).problems == ()
    assert WITNESS.public in KEYS


# --- Begun anew where no copy is left ------------------------------------------------------------------------------

NEW = new_signing_key("north.example/ivig-log/2", SignatureType.LOG)
PASSWORD = "a long one for two people"


@pytest.fixture
def lost(log, north, settings, tmp_path, unguarded):
    """A log that lost entries for good, with the folder of a new key that the settings name."""
    _restore_backup()
    (log / COPY).unlink()
    write_key(tmp_path / "anew" / SEAL_KEY, NEW)
    LastSigned(tmp_path / "anew", NEW.public.name).begin()
    settings.EVIDENCE_DIR = tmp_path / "anew"
    settings.EVIDENCE_KEYS.write_text("\n".join(key.line for key in (*KEYS, NEW.public)))
    for name in ("auditor", "administrator", "pharmacist"):
        north[name].set_password(PASSWORD)
        north[name].save()
    continuity._held.clear()
    return log


@pytest.fixture
def begin(north, monkeypatch, lost, settings):
    """Begin the log anew, signed by the people with these roles, who type these passwords."""

    def begin(*roles, old=lost, typed=(PASSWORD, PASSWORD), **options):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{password}\n" for password in typed)))
        names = [north[role].username for role in roles]
        call_command(
            "begin_log_anew", *names, folder=settings.EVIDENCE_DIR, keys=settings.EVIDENCE_KEYS, old=old, **options
        )

    return begin


def test_under_a_new_key_alone_nothing_is_written(lost, append):
    with pytest.raises(LogCut, match="begin_log_anew"):
        append(1)


@pytest.mark.parametrize("by", ["folder", "notes"])
def test_two_people_begin_a_log_anew_and_it_is_sealed_and_checked_under_both_names(
    lost, begin, append, records, settings, north, by
):
    if by == "folder":
        begin("auditor", "administrator")
    else:
        begin("auditor", "administrator", old=None, notes=settings.WITNESS_NOTES)
    said = json.loads(_bodies()[KEPT])
    assert (said["type"], said["actor"]["id"]) == ("log.recovered", north["auditor"].pk)
    assert (said["data"]["origin"], said["data"]["old"]["origin"]) == (NEW.public.name, LOG.public.name)
    assert (said["data"]["old"]["size"], said["data"]["restored"]["size"]) == (SIZE, KEPT)
    assert [one["person"] for one in said["data"]["signed"]] == [north["auditor"].pk, north["administrator"].pk]
    append(2)
    adopted = Witness(WITNESS, [LOG.public, NEW.public], records, lambda: 1_700_000_000)
    sealer = Sealer(NEW, settings.EVIDENCE_DIR, Direct(adopted))
    # The witness is away at first: what was signed and not kept does not stand in the way.
    with pytest.raises(NoCosignature):
        Sealer(NEW, settings.EVIDENCE_DIR, Direct(None)).seal(lambda: AT)
    assert sealer.seal(lambda: AT) == KEPT + 3
    append(1)
    assert sealer.seal(lambda: AT) == KEPT + 4
    assert [checkpoint.size for checkpoint in Checkpoint.objects.all()] == [KEPT, KEPT + 3, KEPT + 4]
    keys = (*KEYS, NEW.public)
    report = event_log.verify(keys, read_notes(settings.WITNESS_NOTES)[0])
    assert (report.problems, report.sealed) == ((), KEPT + 4)
    assert any("lost before the log was begun anew" in remark for remark in report.remarks)
    # What is left of the old log is still held against its own signatures.
    Event.objects.filter(seq=2).update(body=b"{}")
    assert any("first 5 entries are not those that were signed" in said for said in event_log.verify(keys).problems)


@pytest.mark.parametrize(
    ("roles", "typed", "why"),
    [
        (("auditor", "auditor"), (PASSWORD, PASSWORD), "Two different people"),
        (("auditor", "pharmacist"), (PASSWORD, PASSWORD), "neither an auditor nor an administrator"),
        (("auditor", "administrator"), (PASSWORD, "another"), "not your password"),
        (("auditor", "administrator"), ("", ""), "Type your password"),
    ],
)
def test_one_person_begins_no_log_anew(begin, roles, typed, why):
    with pytest.raises(CommandError, match=why):
        begin(*roles, typed=typed)
    assert Event.objects.count() == KEPT


def test_an_account_that_nobody_confirmed_begins_no_log_anew(begin, north):
    AccountAct.objects.create(user=north["auditor"], kind="reset", by=north["administrator"], at=AT)
    with pytest.raises(CommandError, match="nobody else has confirmed"):
        begin("auditor", "administrator")
    assert Event.objects.count() == KEPT


def test_what_keeps_a_log_from_being_begun_anew_is_said(log, lost, begin):
    beside, root = LastSigned(log, LOG.public.name), logged_root(KEPT)
    for old, head, why in (
        (log, TreeHead(LOG.public.name, KEPT, root), "Nothing is lost"),
        (log, TreeHead(NEW.public.name, SIZE, root), "Make a key with another name"),
        (log / "none", None, "does not say"),
        (None, None, "--old FOLDER"),
    ):
        if head:
            beside.write(head)
        with pytest.raises(CommandError, match=why):
            begin("auditor", "administrator", old=old)
    assert Event.objects.count() == KEPT


class Direct:
    """A witness that is asked without a network in between; away where there is none."""

    def __init__(self, witness):
        self._witness = witness

    def cosign(self, note, old, node):
        if self._witness is None:
            raise NoCosignature("away")
        head = read_head(note)
        proof = consistency_proof(old, head.size, node) if old else []
        reply = self._witness.add_checkpoint(str(CheckpointSubmission(old, tuple(proof), note)).encode())
        assert reply.status == 200, reply
        return note.signed_also(*read_signatures([reply.text.rstrip("\n")]))
