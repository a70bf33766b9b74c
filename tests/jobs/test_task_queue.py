"""Jobs of a worker that was killed: there with what asks for them, begun again, and done once."""

import io
import os
import signal
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks import default_task_backend
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from tests.cast import AT, Cast, a_request
from tests.formulary.acts import a_criteria_draft, pack_text
from tests.notices.smtp_server import MailServer
from utilization import sign_in_log, workflow
from utilization.jobs import documents, impact_preview, log_check, snapshot, task_queue
from utilization.jobs.account_notice import send_notice
from utilization.jobs.documents import issue_justification
from utilization.jobs.export_files import look_after, make_export, remove_outdated
from utilization.jobs.export_places import export_path
from utilization.jobs.impact_preview import work_out
from utilization.jobs.left_parts import MADE_WITHIN
from utilization.jobs.log_check import check_the_log
from utilization.jobs.whole_file import write_whole
from utilization.models import Document, Event, Export, ImpactPreview, LogCheck, SignInEntry, UnmadeDocument
from utilization.replay import parquet
from utilization.rules.lifecycle import Status
from utilization.sign_in_log import SignInKind
from utilization.workflow import ExportOrder, ask_export, ask_log_check
from utilization.workflow.impact_question import ask_preview

WORKER = ["db_worker", "--batch", "--no-startup-delay", "--verbosity", "0"]
NOW = timezone.now()


@pytest.fixture
def queue(settings, monkeypatch):
    """The queue in the database, as it is in use."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    # A worker looks after its connection, which is the test's here.
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    assert default_task_backend.supports_defer


def tasks(job, status="READY"):
    return DBTaskResult.objects.filter(task_path=job.module_path, status=status)


def killed(monkeypatch, place, name):
    """Have the worker killed where `name` of `place` would be called; its task stays marked as running."""

    def kill(*args, **named):
        raise Killed

    class Killed(BaseException):
        """As SIGKILL: nothing of the program runs after it."""

    with monkeypatch.context() as patched:
        patched.setattr(place, name, kill)
        patched.setattr(DBTaskResult, "set_failed", lambda *_: None)
        call_command(*WORKER)


def later(**span):
    return timezone.now() + timedelta(**span)


def old(task):
    """As if the task had been taken long ago."""
    task.update(started_at=NOW - timedelta(hours=1))


# --- Asked for ----------------------------------------------------------------------------------------------------


def test_a_decision_has_its_job_before_anybody_hears_of_it(cast: Cast, queue):
    """Within the transaction of the move, so that no process can die between the two."""
    request = a_request(cast, Status.APPROVED)
    assert tasks(issue_justification).get().args_kwargs["args"] == [request.pk]


def test_a_decision_that_is_rolled_back_has_no_job(cast: Cast, queue):
    with transaction.atomic():
        a_request(cast, Status.APPROVED)
        transaction.set_rollback(True)
    assert not tasks(issue_justification).exists()


def test_a_queue_that_fails_keeps_nobody_from_deciding(cast: Cast, queue, monkeypatch):
    """What a database refuses breaks the transaction on PostgreSQL, unless it stands behind a savepoint."""

    def refuse(*args):
        DBTaskResult.objects.create(priority=1000, args_kwargs={}, run_after=NOW)

    monkeypatch.setattr(documents, "issue_justification", SimpleNamespace(enqueue=refuse))
    request = a_request(cast, Status.APPROVED)
    request.refresh_from_db()
    assert request.status == Status.APPROVED
    assert Event.objects.filter(type="decision.approved").count() == 1


def test_what_changes_a_way_into_an_account_has_its_mail_with_it(cast: Cast, queue, settings):
    settings.MAIL_FROM = "ivig@hospital.example"
    sign_in_log.note(SignInKind.PASSWORD_CHANGED, at=AT, user=cast["petra"])
    assert tasks(send_notice).get().args_kwargs["args"] == [SignInEntry.objects.latest("pk").pk]


def test_what_an_auditor_asks_for_has_its_job_with_it(cast: Cast, queue, seen_by):
    a_request(cast)
    browser = seen_by("audrey")
    assert browser.post(reverse("audit-exports"), {"what": "requests", "form": "csv"}).status_code == 302
    export = Export.objects.get()
    assert [tasks(job).get().args_kwargs["args"] for job in (make_export, look_after)] == [[export.pk], [export.pk]]
    browser.post(reverse("audit-log"))
    assert tasks(check_the_log).get().args_kwargs["args"] == [LogCheck.objects.get().pk]


def test_a_preview_that_is_asked_for_has_its_job_even_where_the_page_works_it_out(cast: Cast, queue, seen_by):
    """Whoever serves the page may die over it."""
    a_request(cast)
    draft = a_criteria_draft(cast, files=pack_text(age=60), at=NOW)
    assert seen_by("forrest").post(reverse("formulary-impact-ask", args=[draft.uid])).status_code == 302
    preview = ImpactPreview.objects.get()
    assert preview.status == "done"
    assert tasks(work_out).get().args_kwargs["args"] == [preview.pk]
    call_command(*WORKER)
    assert ImpactPreview.objects.values().get() == ImpactPreview.objects.filter(pk=preview.pk).values().get()
    assert ImpactPreview.objects.get().ended_at == preview.ended_at, "nothing is left to do"


# --- Taken up again -----------------------------------------------------------------------------------------------


@pytest.mark.long
def test_the_job_of_a_worker_that_was_killed_is_done_by_the_next(cast: Cast, queue, monkeypatch):
    request = a_request(cast, Status.APPROVED)
    killed(monkeypatch, documents, "keep_document")
    assert (tasks(issue_justification, "RUNNING").count(), Document.objects.count()) == (1, 0)
    call_command("tick", "--once", verbosity=0)
    assert tasks(issue_justification, "RUNNING").exists(), "a moment ago it was begun"
    old(tasks(issue_justification, "RUNNING"))
    call_command("tick", "--once", verbosity=0)
    call_command(*WORKER)
    assert Document.objects.get().request == request
    assert Event.objects.filter(type="document.issued").count() == 1
    assert tasks(issue_justification, "SUCCESSFUL").count() == 1


@pytest.mark.long
def test_a_job_that_was_done_and_not_noted_is_done_once(cast: Cast, queue, monkeypatch):
    a_request(cast, Status.APPROVED)
    killed(monkeypatch, DBTaskResult, "set_successful")
    old(tasks(issue_justification, "RUNNING"))
    assert task_queue.take_up_lost(at=NOW) == 1
    call_command(*WORKER)
    assert Document.objects.count() == 1


@pytest.mark.long
def test_a_job_that_takes_its_worker_along_each_time_ends_as_failed(cast: Cast, queue, monkeypatch):
    a_request(cast, Status.APPROVED)
    for _ in range(task_queue.MOST_ATTEMPTS):
        killed(monkeypatch, documents, "keep_document")
        old(tasks(issue_justification, "RUNNING"))
        task_queue.take_up_lost(at=NOW)
    failed = tasks(issue_justification, "FAILED").get()
    assert failed.exception_class_path == "utilization.jobs.task_queue.Lost"
    assert failed.finished_at == NOW
    call_command(*WORKER)
    assert not Document.objects.exists()


@pytest.mark.long
def test_a_document_that_met_a_busy_database_is_made_later(cast: Cast, queue, monkeypatch):
    """Seen: a worker waited ten seconds for a writer, noted that the document could not be made, and that was it."""
    a_request(cast, Status.APPROVED)

    def locked(*args, **named):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(documents, "keep_document", locked)
        call_command(*WORKER)
    assert not UnmadeDocument.objects.exists()
    assert task_queue.take_up_lost(at=later(seconds=30)) == 0, "it rests for a while"
    assert task_queue.take_up_lost(at=later(minutes=2)) == 1
    call_command(*WORKER)
    assert Document.objects.count() == 1


@pytest.mark.long
def test_a_document_whose_worker_was_told_twice_to_end_is_made_by_the_next(cast: Cast, queue, monkeypatch):
    """The second signal ends a worker at once; the queue notes that the task failed, as if it were to blame."""
    a_request(cast, Status.APPROVED)

    def told_twice(*args, **named):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)

    handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)}
    with monkeypatch.context() as patched:
        patched.setattr(documents, "keep_document", told_twice)
        call_command(*WORKER)
    for name, handler in handlers.items():
        signal.signal(name, handler)
    assert not Document.objects.exists()
    assert task_queue.take_up_lost(at=later(minutes=2)) == 1
    call_command(*WORKER)
    assert Document.objects.count() == 1


def test_what_fails_by_a_fault_of_the_program_is_not_begun_again(cast: Cast, queue, monkeypatch):
    check, _ = ask_log_check(by=cast["audrey"], at=NOW)
    check_the_log.enqueue(check.pk)
    DBTaskResult.objects.update(status="FAILED", finished_at=NOW, exception_class_path="builtins.ValueError")
    assert task_queue.take_up_lost(at=later(minutes=5)) == 0


def test_one_that_was_not_lost_after_all_keeps_what_it_came_to(cast: Cast, queue):
    a_request(cast, Status.APPROVED)
    task = tasks(issue_justification).get()
    task.claim("slow")
    old(tasks(issue_justification, "RUNNING"))
    assert task_queue.take_up_lost(at=NOW) == 1
    task.set_successful(None)
    call_command(*WORKER)
    assert tasks(issue_justification, "SUCCESSFUL").count() == 1


def test_a_preview_whose_worker_was_killed_goes_on(cast: Cast, queue, monkeypatch):
    a_request(cast)
    draft = a_criteria_draft(cast, files=pack_text(age=60), at=NOW)
    preview, _ = ask_preview(draft.uid, by=cast["forrest"], at=NOW)
    work_out.enqueue(preview.pk)
    killed(monkeypatch, impact_preview, "keep_findings")
    work_out.call(preview.pk)
    assert ImpactPreview.objects.get().status == "running", "it was heard of a moment ago"
    ImpactPreview.objects.update(beat_at=NOW - timedelta(hours=1))
    old(tasks(work_out, "RUNNING"))
    task_queue.take_up_lost(at=NOW)
    call_command(*WORKER)
    assert ImpactPreview.objects.get().status == "done"


def test_a_check_of_the_log_whose_worker_was_killed_goes_on(cast: Cast, queue, monkeypatch):
    a_request(cast)
    check, _ = ask_log_check(by=cast["audrey"], at=NOW)
    check_the_log.enqueue(check.pk)
    killed(monkeypatch, log_check, "log_findings")
    assert LogCheck.objects.get().status == "running"
    old(tasks(check_the_log, "RUNNING"))
    task_queue.take_up_lost(at=NOW)
    call_command(*WORKER)
    assert LogCheck.objects.get().status == "done"


def test_an_export_whose_look_after_was_killed_half_way_is_made(cast: Cast, queue, monkeypatch):
    """Between letting it wait again and putting its job in the queue, nothing else would ever have looked at it."""
    a_request(cast)
    export = ask_export(ExportOrder(cast.north, "requests", "csv"), by=cast["audrey"], at=NOW - timedelta(hours=2))
    workflow.begin_export(export.pk, at=NOW - timedelta(hours=1))
    assert workflow.take_up_export(export.pk, at=NOW - timedelta(minutes=30))
    look_after.enqueue(export.pk)
    call_command(*WORKER)
    assert Export.objects.get().status == "done"


# --- Nothing twice, and nothing left ------------------------------------------------------------------------------


def test_a_mail_about_an_account_that_comes_twice_is_known_for_one(cast: Cast, queue, settings, monkeypatch):
    server = MailServer()
    server.start()
    settings.MAIL_FROM = "IVIG review <ivig@hospital.example>"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    for username in ("petra", "paul"):
        sign_in_log.note(SignInKind.PASSWORD_CHANGED, at=AT, user=cast[username])
    killed(monkeypatch, DBTaskResult, "set_successful")
    old(tasks(send_notice, "RUNNING"))
    task_queue.take_up_lost(at=NOW)
    call_command(*WORKER)
    server.stop()
    names = [(mail["To"], mail["Message-ID"]) for mail in server.took]
    assert len(names) == 4
    assert len(set(names)) == len({name for _, name in names}) == 2


def aged(path: Path) -> Path:
    """As if nobody had touched `path` for longer than anything takes."""
    long_ago = timezone.now().timestamp() - 2 * MADE_WITHIN
    os.utime(path, (long_ago, long_ago))
    return path


def test_what_a_killed_process_left_beside_a_file_goes_with_the_next(tmp_path):
    left, young, other = (tmp_path / name for name in (".last.json.part-77", ".last.json.part-78", ".lastXjson.part-7"))
    for path in (left, young, other):
        path.write_text("half")
    aged(left)
    aged(other)
    write_whole(tmp_path / "last.json", b"whole")
    assert {path.name for path in tmp_path.iterdir()} == {"last.json", young.name, other.name}


@pytest.mark.long
def test_a_snapshot_that_was_moved_aside_when_its_process_was_killed_is_put_back(
    cast: Cast, settings, tmp_path, monkeypatch
):
    settings.SNAPSHOT_SECRET = tmp_path / "secret"
    place = tmp_path / "snapshot"
    call_command("export_snapshot", place, verbosity=0, stdout=io.StringIO())
    made = {path.name: path.read_bytes() for path in place.iterdir()}
    place.rename(tmp_path / ".snapshot.abc.old")
    for name in (".snapshot.abc", ".snapshot.young", ".snapshots.other"):
        (tmp_path / name).mkdir()
    aged(tmp_path / ".snapshot.abc")
    aged(tmp_path / ".snapshots.other")

    def full(*args):
        raise OSError("disk full")

    monkeypatch.setattr(snapshot, "_describe", full)
    with pytest.raises(CommandError):
        call_command("export_snapshot", place, verbosity=0, stdout=io.StringIO())
    assert {path.name: path.read_bytes() for path in place.iterdir()} == made
    assert {path.name for path in tmp_path.iterdir()} == {"secret", "snapshot", ".snapshot.young", ".snapshots.other"}


def test_columns_of_a_history_are_never_there_in_parts(tmp_path, monkeypatch):
    """Seen: a worker that was killed while it deleted the columns before left their mark beside some of them."""
    place, making = tmp_path / "north", tmp_path / ".north.new"
    for folder, says in ((place, "old"), (making, "new")):
        folder.mkdir()
        (folder / "history").write_text(says)

    def kill(*args, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(parquet.shutil, "rmtree", kill)
    with pytest.raises(KeyboardInterrupt):
        parquet._replace(place, making)
    assert (place / "history").read_text() == "new"


def test_what_jobs_that_were_killed_left_of_exports_goes_and_what_is_kept_stays(cast: Cast, settings, tmp_path):
    settings.EXPORTS_DIR, settings.VAR_DIR = tmp_path / "exports", tmp_path
    settings.EXPORTS_DIR.mkdir()
    exports = [ask_export(ExportOrder(cast.north, "requests", "csv"), by=cast["audrey"], at=NOW) for _ in range(3)]
    done, lost, running = exports
    make_export.call(done.pk)
    workflow.begin_export(running.pk, at=NOW)
    Export.objects.filter(pk=lost.pk).update(status="failed", failure="lost", ended_at=NOW)
    stay = [export_path(done), settings.EXPORTS_DIR / f"{running.uid}.csv.1.part"]
    go = [
        export_path(lost), settings.EXPORTS_DIR / f"{done.uid}.csv.1.part",
        settings.EXPORTS_DIR / "duckdb_temp_storage_DEFAULT-0.tmp", settings.EXPORTS_DIR / f"{lost.uid}.work",
        tmp_path / ".ivig-drill-abc",
    ]  # fmt: skip
    for path in (*stay, *go):
        if path.suffix == ".work" or "drill" in path.name:
            path.mkdir()
        elif not path.exists():
            path.write_bytes(b"half")
        aged(path)
    fresh = settings.EXPORTS_DIR / f"{lost.uid}.csv.2.part"
    fresh.write_bytes(b"half")
    remove_outdated()
    assert {path.name for path in settings.EXPORTS_DIR.iterdir()} == {path.name for path in (*stay, fresh)}
    assert not go[-1].exists()
