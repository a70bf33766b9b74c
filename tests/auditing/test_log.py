"""The auditors' page of the event log: how far it is sealed, and a check that every auditor sees."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import a_request
from tests.reviewing.pages import words
from tests.seal.conftest import LOG, WITNESS
from utilization import event_log, workflow
from utilization.jobs import log_check as job
from utilization.key_files import write_key
from utilization.models import Checkpoint, Event, LogCheck, LogHead, Membership
from utilization.reconciliation import Reconciliation
from utilization.reports import log_check
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role
from utilization.seal.key_folder import SEAL_KEY, LastSigned
from utilization.seal.sealer import Sealer
from utilization.seal.state import seal_state
from utilization.seal.trouble import note_trouble
from utilization.transparency.checkpoints import TreeHead, signed
from utilization.transparency.encodings import to_base64
from utilization.transparency.submissions import CheckpointSubmission
from utilization.transparency.tree import EMPTY_ROOT
from utilization.witness.records import Records
from utilization.witness.replies import Witness
from utilization.workflow.log_check import LOST_AFTER

PAGE = reverse("audit-log")


@pytest.fixture
def folder(settings, tmp_path):
    """The sealer's folder and the file of keys, where the settings say."""
    settings.EVIDENCE_DIR, settings.EVIDENCE_KEYS = tmp_path, tmp_path / "keys.txt"
    settings.WITNESS_NOTES = tmp_path / "cosigned.notes"
    write_key(tmp_path / SEAL_KEY, LOG)
    LastSigned(tmp_path, LOG.public.name).begin()
    settings.EVIDENCE_KEYS.write_text(LOG.public.line)
    return tmp_path


@pytest.fixture
def sealed(cast, folder):
    """A log with entries, all of them sealed just now."""
    a_request(cast, Status.APPROVED)
    Sealer(LOG, folder).seal(timezone.now)
    return LogHead.objects.get().size


@pytest.fixture
def southern(cast):
    """The auditor of the other hospital."""
    Membership.objects.create(user=cast["dora"], site=cast.south, role=Role.AUDITOR, started_at=timezone.now())
    return cast["dora"]


@pytest.fixture(autouse=True)
def rows_that_hold(monkeypatch):
    """People of these tests are laid into the tables by hand; the rows' own check has its own tests."""
    monkeypatch.setattr(log_check, "reconcile", lambda: Reconciliation(0, 0, (), 0, (), 0))


@pytest.fixture
def checked(auditor, django_capture_on_commit_callbacks):
    """Press the button, let the worker come by, and read the page."""

    def checked():
        with django_capture_on_commit_callbacks(execute=True):
            assert auditor.post(PAGE).status_code == 302
        return words(auditor.get(PAGE))

    return checked


def test_the_page_says_how_far_the_log_is_sealed_and_by_whom(sealed, auditor):
    said = words(auditor.get(PAGE))
    assert f"over {sealed} entries" in said
    assert to_base64(bytes(Checkpoint.objects.get().root)) in said
    assert f"Signed by {LOG.public.name}" in said
    assert "no witness of the file of keys" in said
    assert "Unsealed since" not in said
    assert "demo keys" not in said


def test_a_log_that_nobody_seals_is_said_with_what_is_missing(cast, auditor, settings):
    a_request(cast, Status.APPROVED)
    said = words(auditor.get(PAGE))
    assert "Nothing of this log was sealed yet." in said
    assert "IVIG_EVIDENCE_KEYS" in said
    # Whoever never sealed is not told so on every list.
    assert "unsealed" not in words(auditor.get(reverse("audit-list")))


@pytest.mark.long
def test_what_waits_for_its_seal_is_said_with_what_to_do_and_decisions_go_on(cast, sealed, auditor, folder, client):
    a_request(cast, Status.APPROVED)  # written some days ago, as these tests have it
    note_trouble(folder, "Unsealed for now: <b>The witness</b> cannot be reached.", timezone.now())
    page = auditor.get(PAGE)
    assert "Unsealed since" in words(page)
    assert "looks whether the sealer" in words(page)
    assert "&lt;b&gt;The witness" in page.content.decode()
    assert "The event log is unsealed since" in words(auditor.get(reverse("audit-list")))
    assert client.get("/readyz").json()["unsealed_since"] is not None
    Sealer(LOG, folder).seal(timezone.now)
    assert client.get("/readyz").json()["unsealed_since"] is None
    assert "unsealed" not in words(auditor.get(reverse("audit-list")))


def test_a_checkpoint_that_no_known_key_signed_is_said(sealed, auditor, settings):
    settings.EVIDENCE_KEYS.write_text(WITNESS.public.line)
    assert "The last checkpoint cannot be believed." in words(auditor.get(PAGE))
    settings.EVIDENCE_KEYS.write_text("what is no key")
    said = words(auditor.get(PAGE))
    assert "cannot be used" in said
    assert f"Names on lines by unknown keys {LOG.public.name}" in said


def test_the_check_runs_in_the_background_and_every_auditor_sees_what_it_found(cast, sealed, checked, southern):
    said = checked()
    assert "The log holds together." in said
    assert f"All {sealed} entries were read" in said
    assert f"The first {sealed} are as they were signed." in said
    assert f"Asked for by {cast['audrey'].full_name}" in said
    other = Client()
    other.force_login(southern)
    assert f"All {sealed} entries were read" in words(other.get(PAGE))


def test_without_keys_the_check_says_what_was_not_held_against_signatures(cast, checked):
    a_request(cast, Status.APPROVED)
    said = checked()
    assert "The log holds together." in said
    assert "Nothing was held against signatures. The file of keys" in said
    assert "as they were signed" not in said


def test_an_entry_that_only_the_witness_knows_of_is_found_by_its_notes(cast, sealed, folder, checked, settings):
    """The kept checkpoints may be gone, or those of an old copy: the notes outside are held against the log as well."""
    witness = Witness(WITNESS, [LOG.public], Records(folder / "w"), lambda: 1_700_000_000)
    head = TreeHead(LOG.public.name, sealed + 1, b"7" * 32)
    witness.add_checkpoint(str(CheckpointSubmission(0, (), signed(head, LOG))).encode())
    settings.WITNESS_NOTES = folder / "w" / "cosigned.notes"
    assert f"{sealed + 1} entries were signed, but entry {sealed} is not there." in checked()
    settings.WITNESS_NOTES.write_bytes(b"\xff\xfe" * 500)
    assert "cosigned.notes cannot be read (UnicodeDecodeError)" in checked()


@pytest.mark.parametrize(
    "text", ["", "[]", "[" * 100_000, '{"at": "2026-01-01T00:00:00", "text": "x"}', '{"at": 7, "text": 8}']
)
def test_a_note_of_the_sealer_that_cannot_be_read_is_left_out(sealed, folder, auditor, text):
    (folder / "trouble.json").write_text(text)
    assert "The sealer said" not in words(auditor.get(PAGE))


def test_a_fault_is_named_and_told_to_auditors_on_their_first_page(auditor, sealed, checked, monkeypatch):
    problem = "Entry 3 is missing: after it comes entry 4."
    with monkeypatch.context() as fault:
        fault.setattr(event_log, "verify", lambda keys, notes: event_log.Report(7, (problem,), 2, ()))
        said = checked()
    assert "The log does not hold together. 1 fault in 7 entries" in said
    assert problem in said
    notice = words(auditor.get(reverse("audit-list")))
    assert "The event log does not hold together." in notice
    checked()
    assert "does not hold together" not in words(auditor.get(reverse("audit-list")))


def test_a_check_that_breaks_down_says_so_and_can_be_asked_for_again(cast, auditor, checked, monkeypatch):
    def broken():
        raise MemoryError("what it held")

    monkeypatch.setattr(job, "log_findings", broken)
    said = checked()
    assert "did not come to an end (MemoryError)" in said
    assert "what it held" not in said
    monkeypatch.setattr(job, "log_findings", log_check.log_findings)
    assert "The log holds together." in checked()


def test_a_check_under_way_is_not_begun_twice_and_a_lost_one_is_given_up(cast, auditor, southern):
    at = timezone.now()
    first, new = workflow.ask_log_check(by=cast["audrey"], at=at)
    assert new
    assert workflow.ask_log_check(by=southern, at=at) == (first, False)
    said = auditor.get(PAGE).content.decode()
    assert "The log is being checked" in said
    assert "Check it now" not in said
    assert "HX-Refresh" not in auditor.get(reverse("audit-log-checking"))
    assert workflow.begin_log_check(first.pk)
    assert workflow.begin_log_check(first.pk), "its one job was killed, and begins again"
    assert workflow.ask_log_check(by=southern, at=at) == (first, False)
    second, new = workflow.ask_log_check(by=cast["audrey"], at=at + LOST_AFTER)
    assert new
    first.refresh_from_db()
    assert (first.status, first.failure) == ("failed", "lost")
    assert not workflow.begin_log_check(first.pk)
    LogCheck.objects.filter(pk=second.pk).delete()
    assert auditor.get(reverse("audit-log-checking"))["HX-Refresh"] == "true"


def test_who_audits_nothing_has_nothing_checked(cast):
    with pytest.raises(workflow.Refused):
        workflow.ask_log_check(by=cast["petra"], at=timezone.now())
    assert not LogCheck.objects.exists()


def test_only_so_many_sentences_are_kept(cast):
    check, _ = workflow.ask_log_check(by=cast["audrey"], at=timezone.now())
    workflow.begin_log_check(check.pk)
    many = [f"Entry {number} is missing." for number in range(300)]
    workflow.keep_log_findings(check.pk, workflow.LogFindings(300, None, many, ()), at=timezone.now())
    check.refresh_from_db()
    assert (check.problem_count, len(check.problems)) == (300, 200)


@pytest.mark.long
def test_over_a_log_that_was_cut_a_move_is_refused_with_what_to_do_and_what_was_typed(cast, sealed, folder, seen_by):
    request = a_request(cast)
    before = LogHead.objects.get().size
    claimed = TreeHead(LOG.public.name, before + 5, EMPTY_ROOT)
    LastSigned(folder, LOG.public.name).write(claimed)
    reviewer, auditor = seen_by("felix"), seen_by("audrey")
    address = reverse("review-note", args=[request.uid])
    typed = "Spoke with the ward <b>twice</b>."
    answer = reviewer.post(address, {"text": typed}, headers={"origin": "http://testserver"})
    assert answer.status_code == 503
    said = words(answer)
    assert "the log of decisions is not whole" in said
    assert "docs/auditors-guide.md" in said
    assert "Spoke with the ward &lt;b&gt;twice&lt;/b&gt;." in answer.content.decode()
    assert LogHead.objects.get().size == before
    assert not request.notes.exists()
    assert reviewer.get(reverse("review-queue")).status_code == 200
    why = f"The log holds {before} entries, but {before + 5} were signed."
    for page in (PAGE, reverse("audit-list")):
        assert f"Nothing can be decided or filed now. {why}" in words(auditor.get(page))
    assert "manage.py restore_log" in words(auditor.get(PAGE))
    # A supervisor hears of it too, although pages are served.
    ready = auditor.get("/readyz").json()
    assert (ready["moves"], ready["database"]) == (False, True)


@pytest.mark.parametrize("minutes", [-90, 90])
def test_an_entry_from_either_side_of_a_clock_that_was_stepped_waits(cast, folder, auditor, minutes):
    a_request(cast, Status.APPROVED)
    at = Event.objects.order_by("seq").values_list("at", flat=True).first()
    assert seal_state(at + timedelta(minutes=minutes)).unsealed_since == at
    assert seal_state(at + timedelta(seconds=20)).unsealed_since is None
    Sealer(LOG, folder).seal(lambda: at + timedelta(minutes=minutes))
    assert seal_state(at + timedelta(minutes=minutes)).unsealed_since is None
