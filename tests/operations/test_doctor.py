"""What `manage.py doctor` says of broken installations: each fault at its level, with what puts it right."""

import json
import os
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from tests.cast import Cast
from tests.patience import PATIENCE
from utilization.jobs import disk_room
from utilization.jobs.backup_record import BACKUP, DRILL, Done, keep
from utilization.management import database_state
from utilization.management.database_state import DatabaseState
from utilization.management.doctor import FAIL, OK, WARN, DoctorLine, backups, database, examine, fatal, units
from utilization.management.doctor.database import file_system
from utilization.models import AccountAct, Event, LogCheck, Membership, Site, User, guards
from utilization.rules.account_owner import AccountDeed

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
Break = Callable[["Broken"], None]


class Broken:
    """An installation in production that a case breaks in one way."""

    def __init__(self, settings: Any, monkeypatch: pytest.MonkeyPatch, var: Path) -> None:
        self.settings, self.patch, self.var = settings, monkeypatch, var


@pytest.fixture
def whole(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cast: Cast) -> Broken:
    """A production server on which nothing is wrong that a test could put right."""
    for name in [name for name in os.environ if name.startswith("IVIG_")]:
        monkeypatch.delenv(name)
    for name, value in {"SECRET_KEY": "k" * 64, "ALLOWED_HOSTS": "ivig.hospital.example", "IVIG_MODE": "production",
                        "DATABASE_URL": "sqlite:///:memory:", "IVIG_VAR": str(tmp_path)}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings.MODE, settings.VAR_DIR, settings.STATIC_ROOT = "production", tmp_path, tmp_path / "static"
    settings.SNAPSHOT_SECRET = tmp_path / "snapshot.secret"
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = ["ivig.hospital.example"], []
    settings.SECURE_SSL_REDIRECT, settings.BEHIND_PROXY = True, True
    settings.SECURE_HSTS_PRELOAD = settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = False
    settings.MAIL_URL = settings.MAIL_FROM = ""
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "staticfiles.json").write_text("{}")
    for kind in (BACKUP, DRILL):
        keep(kind, Done(NOW - timedelta(hours=3), 1.0, True, "all as it was"))
    LogCheck.objects.create(asked_by=cast["audrey"], asked_at=NOW, ended_at=NOW, status="done")
    monkeypatch.setattr("utilization.management.doctor.processes.seal_state", lambda at: _Sealed(None, "a checkpoint"))
    monkeypatch.setattr(disk_room.shutil, "disk_usage", lambda path: _Free(50_000_000_000))
    monkeypatch.setattr(database, "owned_tables", lambda connection: 0)
    monkeypatch.setattr(database, "server_time", lambda connection: NOW)
    return Broken(settings, monkeypatch, tmp_path)


class _Sealed:
    def __init__(self, unsealed_since: datetime | None, checkpoint: object) -> None:
        self.unsealed_since, self.checkpoint = unsealed_since, checkpoint


class _Free:
    def __init__(self, free: int) -> None:
        self.free = free


def unreachable() -> DatabaseState:
    raise CommandError("The database cannot be reached: connection refused\nCheck DATABASE_URL.")


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mail_is_away(broken: Broken) -> None:
    broken.settings.MAIL_URL, broken.settings.MAIL_FROM = "smtp+tls://127.0.0.1", "ivig@hospital.example"
    broken.settings.EMAIL_BACKEND = "utilization.jobs.mail_server.MailServer"
    broken.settings.EMAIL_HOST, broken.settings.EMAIL_PORT = "127.0.0.1", closed_port()
    broken.settings.EMAIL_USE_TLS = True


def mail_in_clear(broken: Broken) -> None:
    mail_is_away(broken)
    broken.settings.EMAIL_USE_TLS = False


def mail_refuses(broken: Broken) -> None:
    mail_is_away(broken)

    def refuse(self: object) -> None:
        raise smtplib.SMTPAuthenticationError(535, b"no")

    broken.patch.setattr("utilization.jobs.mail_server.MailServer.open", refuse)


def made_on_the_server(*, hours: int, by: str | None = None) -> Break:
    """The administrator of the first site has no password yet; their account was made so many hours ago, by a command
    on the server where nobody is named."""

    def break_it(broken: Broken) -> None:
        adam = User.objects.get(username="adam")
        User.objects.filter(pk=adam.pk).update(password="!none")
        maker = User.objects.get(username=by) if by else None
        for kind in (AccountDeed.MADE,) if maker else (AccountDeed.MADE, AccountDeed.CONFIRMED):
            AccountAct.objects.create(user=adam, kind=kind, by=maker, at=NOW - timedelta(hours=hours))

    return break_it


def pharmacists_are_reset(broken: Broken) -> None:
    for person in User.objects.filter(memberships__role="pharmacist"):
        AccountAct.objects.create(user=person, kind=AccountDeed.RESET, by=None, at=NOW)


def programs_are_missing(broken: Broken) -> None:
    broken.patch.setenv("PATH", str(broken.var))
    broken.patch.setattr(backups, "connection", SimpleNamespace(vendor="postgresql"))


def readable_secret(broken: Broken) -> None:
    broken.settings.SNAPSHOT_SECRET.write_text("secret")
    broken.settings.SNAPSHOT_SECRET.chmod(0o644)


def readable_key(broken: Broken) -> None:
    path = broken.var / "key"
    path.write_text("k" * 64)
    path.chmod(0o604)
    broken.patch.setenv("SECRET_KEY_FILE", str(path))


def worker_is_down(broken: Broken) -> None:
    task = DBTaskResult.objects.create(
        task_path="utilization.jobs.documents.issue", args_kwargs={}, backend_name="default", run_after=get_date_max()
    )
    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=NOW - timedelta(minutes=6))


def job_failed(broken: Broken) -> None:
    DBTaskResult.objects.create(
        task_path="utilization.jobs.documents.issue", args_kwargs={}, backend_name="default", run_after=get_date_max(),
        status="FAILED", finished_at=NOW - timedelta(hours=2),
    )  # fmt: skip


def entry_to_come(broken: Broken) -> None:
    Event.objects.create(seq=10_000, at=NOW + timedelta(hours=1), type="site.founded", body=b"{}")


def clock_was_ahead(broken: Broken) -> None:
    entry_to_come(broken)
    Event.objects.create(seq=10_001, at=NOW, type="site.founded", body=b"{}")


def guard_is_gone(broken: Broken) -> None:
    guards.lift(connection)


def state(value: DatabaseState) -> Break:
    return lambda broken: broken.patch.setattr(database, "database_state", lambda: value)


def setting(name: str, value: object) -> Break:
    return lambda broken: setattr(broken.settings, name, value)


def unit_state(state: str, sub: str) -> Break:
    """What systemd says of the worker; all else of ours is as it is before it is enabled."""

    def break_it(broken: Broken) -> None:
        systemctl = broken.var / "bin" / "systemctl"
        systemctl.parent.mkdir()
        shown = f"ActiveState={state}\nSubState={sub}\nUnitFileState=enabled\n"
        off = "ActiveState=inactive\nSubState=dead\nUnitFileState=disabled\n"
        systemctl.write_text(f"#!/bin/sh\nprintf 'Id=ivig-seal.service\n{off}\nId=ivig-worker.service\n{shown}'\n")
        systemctl.chmod(0o755)
        broken.patch.setenv("PATH", str(systemctl.parent))
        broken.patch.setattr(units, "BOOTED", broken.var)

    return break_it


def systemd_is_mute(broken: Broken) -> None:
    unit_state("active", "running")(broken)
    (broken.var / "bin" / "systemctl").write_text("#!/bin/sh\necho Failed to connect to bus >&2\nexit 1\n")


def free(mb: int) -> Break:
    return lambda broken: broken.patch.setattr(disk_room.shutil, "disk_usage", lambda path: _Free(mb * 1_000_000))


def done(kind: str, *, hours: int = 1, succeeded: bool = True) -> Break:
    return lambda broken: keep(kind, Done(NOW - timedelta(hours=hours), 2.0, succeeded, "the disk is full"))


CASES: dict[str, tuple[Break, str, str, str]] = {
    "misspelt variable": (lambda b: b.patch.setenv("IVIG_BEHIND_PROXI", "true"), WARN, "IVIG_BEHIND_PROXI",
                          "IVIG_BEHIND_PROXY"),
    "short key": (lambda b: b.patch.setenv("SECRET_KEY", "ten"), FAIL, "setting", "Set SECRET_KEY"),
    "key in a file that is not there": (lambda b: b.patch.setenv("SECRET_KEY_FILE", "/nowhere"), FAIL, "setting",
                                        "SECRET_KEY"),
    "number in words": (lambda b: b.patch.setenv("IVIG_IDLE_MINUTES", "ten"), FAIL, "setting", "whole number"),
    "no hosts": (lambda b: b.patch.setenv("ALLOWED_HOSTS", ""), FAIL, "setting", "Set ALLOWED_HOSTS"),
    "demo data": (lambda b: b.patch.setenv("IVIG_DEMO_DATA", "true"), FAIL, "setting", "Unset IVIG_DEMO_DATA"),
    "owner of another database": (setting("DATABASE_OWNER", {"ENGINE": "django.db.backends.sqlite3", "NAME": "other"}),
                                  FAIL, "DATABASE_OWNER_URL", "the same database"),
    "folder not named": (lambda b: b.patch.delenv("IVIG_VAR"), WARN, "IVIG_VAR", "Set IVIG_VAR"),
    "no proxy believed": (setting("BEHIND_PROXY", False), WARN, "https", "IVIG_BEHIND_PROXY=true"),
    "plain http": (setting("SECURE_SSL_REDIRECT", False), WARN, "https", "Unset IVIG_TLS_REDIRECT"),
    "preload alone": (setting("SECURE_HSTS_PRELOAD", True), WARN, "IVIG_HSTS_PRELOAD", "IVIG_HSTS_SUBDOMAINS"),
    "origin without https": (setting("CSRF_TRUSTED_ORIGINS", ["ivig.example"]), FAIL, "CSRF_TRUSTED_ORIGINS",
                             "https://ivig.hospital.example"),
    "folder gone": (lambda b: setattr(b.settings, "VAR_DIR", b.var / "gone"), FAIL, "IVIG_VAR", "prepare"),
    "files not collected": (lambda b: (b.var / "static" / "staticfiles.json").unlink(), FAIL, "files for browsers",
                            "prepare"),
    "disk with 10 MB": (free(10), FAIL, "disk", "Make room"),
    "disk filling": (free(1500), WARN, "disk", "Make room"),
    "secret of the snapshot": (readable_secret, FAIL, "file", "chmod o-rwx"),
    "key file": (readable_key, FAIL, "file", "chmod o-rwx"),
    "mail server away": (mail_is_away, FAIL, "mail", "IVIG_MAIL_URL"),
    "mail refused": (mail_refuses, FAIL, "mail", "IVIG_MAIL_URL"),
    "mail in clear": (mail_in_clear, WARN, "mail", "smtp+tls"),
    "database unreachable": (lambda b: b.patch.setattr(database, "database_state", unreachable), FAIL, "database",
                             "DATABASE_URL"),
    "database empty": (state(DatabaseState.EMPTY), FAIL, "database", "first_account"),
    "database empty before a restore": (state(DatabaseState.EMPTY), FAIL, "database", "manage.py restore FILE"),
    "database of an earlier version": (state(DatabaseState.BEHIND), FAIL, "database", "prepare"),
    "guards lifted": (guard_is_gone, FAIL, "guards", "verify_log"),
    "clock an hour off": (entry_to_come, FAIL, "clock", "NTP"),
    "clock that was ahead": (clock_was_ahead, WARN, "clock", "entry 10000 of the log"),
    "unit starts again and again": (unit_state("activating", "auto-restart"), FAIL, "ivig-worker.service",
                                    "journalctl -u ivig-worker.service"),
    "unit that was never started": (unit_state("inactive", "dead"), FAIL, "ivig-worker.service",
                                    "systemctl start ivig-worker.service"),
    "systemd cannot be asked": (systemd_is_mute, WARN, "units", "systemctl status"),
    "worker down": (worker_is_down, FAIL, "worker", "ivig-worker"),
    "job failed": (job_failed, WARN, "background work", "worker"),
    "never sealed": (lambda b: b.patch.setattr("utilization.management.doctor.processes.seal_state",
                                               lambda at: _Sealed(None, None)), WARN, "seal", "manage.py seal"),
    "sealer down": (lambda b: b.patch.setattr("utilization.management.doctor.processes.seal_state",
                                              lambda at: _Sealed(NOW, "one")), FAIL, "seal", "ivig-seal"),
    "log cut": (lambda b: b.patch.setattr("utilization.seal.continuity.fault", lambda anew: "9 were signed."),
                FAIL, "seal", "restore_log"),
    "log never checked": (lambda b: LogCheck.objects.all().delete(), WARN, "check of the log", "verify_log"),
    "log with faults": (lambda b: LogCheck.objects.update(problem_count=2), FAIL, "check of the log", "verify_log"),
    "no site": (lambda b: b.patch.setattr(Site.objects, "order_by", lambda *_: []), FAIL, "sites", "first_account"),
    "nobody to review": (lambda b: Membership.objects.filter(role="pharmacist").update(ended_at=NOW), WARN,
                         "site north", "Invite"),
    "no administrator": (lambda b: Membership.objects.filter(role="administrator").update(ended_at=NOW), FAIL,
                         "site north", "operations"),
    "administrator without a way in": (lambda b: User.objects.filter(username="adam").update(password="!none"), FAIL,
                                       "site north", "restore_administrator north"),
    "administrator whose path is over": (made_on_the_server(hours=25), FAIL, "site north",
                                         "restore_administrator north"),
    "administrator whose path is open": (made_on_the_server(hours=23), WARN, "site north",
                                         "it holds until 2026-11-29 13:00 UTC"),
    "administrator whom somebody made on a page": (made_on_the_server(hours=1, by="audrey"), FAIL, "site north",
                                                   "restore_administrator north"),
    "pharmacists invited": (lambda b: User.objects.filter(memberships__role="pharmacist").update(password="!none"),
                            WARN, "site north", "no pharmacist who has set a password yet"),
    "pharmacists nobody confirmed": (pharmacists_are_reset, WARN, "site north", "no pharmacist whom anybody confirmed"),
    "never backed up": (lambda b: (b.var / "last-backup.json").unlink(), WARN, "backup", "manage.py backup"),
    "backup of last week": (done(BACKUP, hours=7 * 24), WARN, "backup", "manage.py backup"),
    "backup failed": (done(BACKUP, succeeded=False), FAIL, "backup", "manage.py backup"),
    "no pg_dump": (programs_are_missing, FAIL, "programs of PostgreSQL", "apt-get install postgresql-client"),
    "never drilled": (lambda b: (b.var / "last-drill.json").write_text("{"), WARN, "drill", "manage.py drill"),
    "drill of last month": (done(DRILL, hours=30 * 24), WARN, "drill", "manage.py drill"),
}  # fmt: skip


def test_while_a_first_path_is_open_nobody_is_told_to_restore_and_nothing_is_called_whole(whole: Broken) -> None:
    made_on_the_server(hours=1)(whole)
    told = [line for line in examine(NOW) if line.about == "site north"]
    assert [line.level for line in told] == [WARN]
    assert "Run manage.py" not in told[0].mend


@pytest.fixture
def kept_guards() -> Iterator[None]:
    yield
    guards.lift(connection)
    guards.install(connection)


@pytest.mark.parametrize("name", CASES)
def test_each_broken_installation_is_told_with_what_puts_it_right(name: str, whole: Broken, kept_guards: None) -> None:
    breaks, level, about, mend = CASES[name]
    before = faults()
    breaks(whole)
    told = [line for line in faults() if line not in before]
    line = next((line for line in told if line.about == about and line.level == level), None)
    assert line is not None, told
    assert mend in f"{line.says} {line.mend}"
    assert line.mend


def faults() -> list[DoctorLine]:
    return [line for line in examine(NOW) if line.level != OK]


def test_a_whole_installation_has_nothing_to_put_right_but_a_second_site_without_administrator(whole: Broken) -> None:
    assert {line.about for line in faults()} <= {"site south", "database"}


def test_units_that_run_are_well_and_where_no_systemd_is_nothing_is_said_of_them(whole: Broken) -> None:
    assert not [line for line in examine(NOW) if line.about.startswith(("units", "ivig-"))]
    unit_state("active", "running")(whole)
    assert [line.level for line in examine(NOW) if line.about.startswith(("units", "ivig-"))] == [OK]
    whole.patch.setenv("PATH", str(whole.var / "nowhere"))
    assert not [line for line in examine(NOW) if line.about.startswith(("units", "ivig-"))]


def test_what_keeps_from_serving_is_told_before_it_is_served(whole: Broken) -> None:
    assert fatal(NOW) == []
    free(10)(whole)
    assert [line.about for line in fatal(NOW)] == ["disk"]
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--fatal", stdout=StringIO())
    assert ended.value.code == 2


def test_a_start_at_which_nothing_is_wrong_writes_nothing(whole: Broken) -> None:
    out = StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("doctor", "--fatal", stdout=out)
    assert out.getvalue() == ""


def test_a_line_stays_one_line_whatever_was_said(whole: Broken) -> None:
    keep(BACKUP, Done(NOW - timedelta(hours=3), 1.0, False, "pg_dump ended with 1:\n  server is away\n"))
    (line,) = [line for line in faults() if line.about == BACKUP]
    assert str(line).count("pg_dump ended with 1: server is away") == 1
    assert "\n" not in str(line)


def test_a_server_of_postgresql_that_is_stopped_is_to_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped:
        vendor = "postgresql"

        def ensure_connection(self) -> None:
            raise OperationalError("connection failed: Connection refused\n\tIs the server running?")

    monkeypatch.setattr(database_state, "connections", {"default": Stopped()})
    with pytest.raises(CommandError, match="Connection refused\nStart PostgreSQL where it is stopped"):
        database_state.reach()


def test_the_exit_code_says_how_bad_it_is(whole: Broken) -> None:
    whole.patch.setattr(database, "server_time", lambda connection: timezone.now())
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", stdout=out)
    assert ended.value.code == 2  # a site of the tests has no administrator
    assert {line["level"] for line in json.loads(out.getvalue())} >= {OK, FAIL}


@contextmanager
def newer() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('utilization', '9999_from_later', %s)", [NOW]
        )
    yield


def test_a_database_of_a_later_version_is_refused(whole: Broken) -> None:
    with newer():
        line = next(line for line in faults() if line.about == "database" and line.level == FAIL)
        assert "9999_from_later" in line.says
        with pytest.raises(CommandError, match="later version"):
            call_command("prepare")


MOUNTS = """\
/dev/vda1 / ext4 rw 0 0
files:/export /srv/ivig nfs4 rw 0 0
/dev/vdb1 /srv/ivig/local xfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/var/lib/ivig/a.sqlite3", "ext4"), ("/srv/ivig/a.sqlite3", "nfs4"), ("/srv/ivig/local/a.sqlite3", "xfs")],
)
def test_the_file_system_of_a_path_is_the_one_mounted_nearest_to_it(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind


def test_settings_that_cannot_be_read_are_lines_and_no_traceback(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "IVIG_MODE": "production", "SECRET_KEY": "short"}
    answer = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert answer.returncode == 2
    assert "Set SECRET_KEY" in answer.stderr
    assert "Traceback" not in answer.stderr
