"""A backup holds all that was there at one moment, is put back whole or not at all, and is proven by what it says."""

import json
import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests.patience import PATIENCE
from tests.reconciliation.history import a_history
from utilization.jobs import whole_file
from utilization.jobs.left_parts import clear_left
from utilization.management.backup import archive, backup, database_copy, restoration
from utilization.management.backup.backup import back_up, remove_older
from utilization.management.backup.manifest import BadBackup, Manifest
from utilization.management.database_state import database_state
from utilization.models import Department, Event, Submission, guards

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(tmp_path: Path, transactional_db: None) -> tuple[Path, Manifest]:
    """A backup of a database whose every row follows from its log."""
    a_history()
    return back_up(tmp_path, at=timezone.now())


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the kind that the tests run on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        return
    server = urlsplit(os.environ["DATABASE_URL"])
    address = f"postgres://{server.netloc}/{connection.settings_dict['NAME']}_restored"
    admin = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    names = [urlsplit(address).path[1:] + behind for behind in ("", "_drill")]
    for name in names:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
        admin.execute(f'CREATE DATABASE "{name}"')
    yield address
    for name in names:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}"')
    admin.close()


def manage(*command: str, database: str, var: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or name.startswith("COV")}
    environment = {**kept, "IVIG_VAR": str(var / "var"), "DATABASE_URL": database, "IVIG_DEMO_DATA": "false"}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@pytest.mark.long
def test_what_was_backed_up_is_restored_proven_and_drilled(
    made: tuple[Path, Manifest], empty: str, tmp_path: Path
) -> None:
    path, manifest = made
    restored = manage("restore", str(path), "--as-copy", database=empty, var=tmp_path)
    assert restored.returncode == 0, restored.stderr
    assert "judged again: as they were backed up" in restored.stdout
    # Counted without the product's own counting.
    assert manifest.rows["utilization_submission"] == Submission.objects.count() > 0
    assert manifest.log_size == Event.objects.count()

    again = manage("restore", str(path), database=empty, var=tmp_path)
    assert again.returncode == 1
    assert "holds tables already" in again.stderr

    # In place of what is there: all of it is there again where the backup is not what it says, and else it is replaced.
    notes = manifest.rows["utilization_note"]
    told = replace(manifest, rows={**manifest.rows, "utilization_note": notes + 1})
    archive.write(tmp_path / "told", told, archive.unpack(path, tmp_path)[1])
    count = ("shell", "--no-imports", "-c", "from utilization.models import User; print(User.objects.count())")
    add = ("shell", "--no-imports", "-c", "from utilization.models import User; User.objects.create(username='late')")
    assert manage(*add, database=empty, var=tmp_path).returncode == 0
    people = int(manage(*count, database=empty, var=tmp_path).stdout)
    failed = manage("restore", str(tmp_path / "told"), "--instead", database=empty, var=tmp_path)
    assert f"utilization_note has {notes} rows and had {notes + 1}" in failed.stderr
    assert int(manage(*count, database=empty, var=tmp_path).stdout) == people
    instead = manage("restore", str(path), "--instead", database=empty, var=tmp_path)
    assert instead.returncode == 0, instead.stderr
    assert int(manage(*count, database=empty, var=tmp_path).stdout) == people - 1
    assert not [*tmp_path.glob("*ivig_aside*")]

    drilled = manage("drill", str(tmp_path), database=empty, var=tmp_path)
    assert drilled.returncode == 0, drilled.stderr
    kept = json.loads((tmp_path / "var" / "last-drill.json").read_text())
    assert kept["succeeded"]
    assert not [*(tmp_path / "var").glob(".ivig-drill*")]


@pytest.mark.long
def test_what_is_not_as_it_was_made_is_refused(made: tuple[Path, Manifest], empty: str, tmp_path: Path) -> None:
    """Each with what is wrong, before anything is written; and a row that is missing is found once it is restored."""
    path, manifest = made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with tarfile.open(path) as kept:
        assert {member.mode for member in kept} == {0o600}
    content = path.read_bytes()
    for place in (0.0005, 0.3, 0.6, 0.97):
        at = int(len(content) * place)
        for name, broken in (
            ("cut", content[:at]),
            ("altered", content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]),
        ):
            (tmp_path / name).write_bytes(broken)
            with pytest.raises(BadBackup, match=r"damaged|manifest|another product"):
                archive.unpack(tmp_path / name, tmp_path)
    with tarfile.open(tmp_path / "other.tar", "w") as foreign:
        foreign.add(ROOT / "README.md", "README.md")
    with pytest.raises(BadBackup, match="no backup of this product"):
        archive.manifest_of(tmp_path / "other.tar")

    copy = archive.unpack(path, tmp_path)[1]
    later = replace(manifest, migrations=(*manifest.migrations, "utilization.9999_later"))
    answer = restored(later, copy, empty, tmp_path)
    assert "9999_later" in answer.stderr
    notes = manifest.rows["utilization_note"]
    answer = restored(replace(manifest, rows={**manifest.rows, "utilization_note": notes + 1}), copy, empty, tmp_path)
    assert f"utilization_note has {notes} rows and had {notes + 1}" in answer.stderr


def restored(manifest: Manifest, copy: Path, database: str, var: Path) -> subprocess.CompletedProcess[str]:
    """What a restore says that is refused or finds a fault: of `copy`, as if it had been backed up so."""
    archive.write(var / "told.backup.tar", manifest, copy)
    answer = manage("restore", str(var / "told.backup.tar"), database=database, var=var)
    assert answer.returncode == 1
    return answer


@pytest.mark.long
def test_what_was_wrong_before_keeps_nobody_from_going_back(transactional_db: None, empty: str, tmp_path: Path) -> None:
    """Somebody altered a row by hand: the backup tells of it, and takes the place of what is there all the same."""
    a_history()
    guards.lift(connection)
    Department.objects.filter(name="Surgery").update(name="By hand")
    guards.install(connection)
    path, manifest = back_up(tmp_path, at=timezone.now())
    proof = restoration.prove(manifest)
    assert proof.faults == ()
    assert proof.inside
    assert all("department" in fault for fault in proof.inside)
    assert restoration.prove_upgraded(manifest).inside == proof.inside
    with pytest.raises(CommandError) as told:
        call_command("prove")
    assert str(told.value).splitlines() == list(proof.inside)

    restored_first = manage("restore", str(path), database=empty, var=tmp_path)
    assert restored_first.returncode == 1
    assert proof.inside[0] in restored_first.stderr
    instead = manage("restore", str(path), "--instead", database=empty, var=tmp_path)
    assert instead.returncode == 0, instead.stderr
    assert "wrong in it when it was backed up" in instead.stderr
    assert proof.inside[0] in instead.stderr


@pytest.mark.long
def test_another_order_of_migrations_spares_no_proof_and_an_earlier_version_is_counted(
    made: tuple[Path, Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers sort names each by its collation; and this version's code cannot read an earlier one's tables."""
    sorted_elsewhere = replace(made[1], migrations=made[1].migrations[::-1])
    guards.lift(connection)
    try:
        assert any("guard" in fault for fault in restoration.prove(sorted_elsewhere).found)
    finally:
        guards.install(connection)
    monkeypatch.setattr(restoration, "_behind", lambda: True)
    proof = restoration.prove(made[1])
    assert (proof.faults, proof.judged_again) == ((), None)
    assert "verify_log" in str(proof)


@pytest.mark.long
def test_after_an_upgrade_every_row_is_there_and_the_log_goes_on(made: tuple[Path, Manifest]) -> None:
    assert restoration.prove_upgraded(made[1]).faults == ()
    notes, size = made[1].rows["utilization_note"], made[1].log_size
    for told, fault in (
        (
            replace(made[1], rows={**made[1].rows, "utilization_note": notes + 1}),
            f"has {notes} rows and had {notes + 1}",
        ),
        (replace(made[1], log_digest="0" * 64), "log does not begin"),
        (replace(made[1], log_size=size + 1), "log does not begin"),
    ):
        (said,) = restoration.prove_upgraded(told).faults
        assert fault in said
    # An upgrade may bring rows, tables and entries.
    fewer = {table: max(0, rows - 1) for table, rows in made[1].rows.items() if table != "utilization_note"}
    assert restoration.prove_upgraded(replace(made[1], rows=fewer)).faults == ()


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_a_restore_in_place_that_was_killed_is_told_and_never_taken_for_an_empty_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA ivig_aside")
        try:
            with pytest.raises(CommandError, match="ALTER SCHEMA ivig_aside RENAME TO public"):
                database_state()
        finally:
            cursor.execute("DROP SCHEMA ivig_aside")


def test_a_link_that_was_laid_there_first_is_not_written_to(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("as it was")
    theirs.chmod(0o666)
    (tmp_path / f".mine.part-{os.getpid()}").symlink_to(theirs)
    whole_file.write_whole(tmp_path / "mine", b"patients")
    assert theirs.read_text() == "as it was"
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    folder = tmp_path / "backups"
    folder.mkdir()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        back_up(folder, at=timezone.now())
    assert [*folder.iterdir()] == []


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for day in range(1, 6):
        (tmp_path / f"{backup.PREFIX}2026110{day}-000000{backup.SUFFIX}").touch()
    (tmp_path / "somebody-else.tar").touch()
    remove_older(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ivig-20261104-000000.backup.tar", "ivig-20261105-000000.backup.tar", "somebody-else.tar",
    ]  # fmt: skip


def test_what_a_killed_backup_left_goes_after_a_day(tmp_path: Path) -> None:
    at = timezone.now()
    left = [tmp_path / f".ivig-backup-{age}" for age in ("old", "new")]
    for folder in left:
        folder.mkdir()
    left += [tmp_path / f".ivig-20261101-000000.backup.tar.part-{age}" for age in ("1", "2")]
    for file in left[2:]:
        file.touch()
    mine = tmp_path / "mine"
    mine.touch()
    for path in (left[0], left[2], mine):
        os.utime(path, (at.timestamp() - 25 * 60 * 60,) * 2)
    clear_left(tmp_path, *backup.LEFT, at=at)
    assert sorted(tmp_path.iterdir()) == sorted([left[1], left[3], mine])


def test_the_programs_of_postgresql_ask_for_the_encryption_that_the_product_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, str] = {}

    def run(command: list[str], *, env: dict[str, str], **how: Any) -> subprocess.CompletedProcess[str]:
        asked.update(env)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(database_copy.subprocess, "run", run)
    wanted = {"sslmode": "verify-full", "sslrootcert": "/etc/ivig/ca.pem", "connect_timeout": 3}
    named = {"HOST": "db", "PORT": 5432, "USER": "ivig_owner", "PASSWORD": "secret", "NAME": "ivig", "OPTIONS": wanted}
    database_copy._tool(SimpleNamespace(settings_dict=named), "pg_dump")  # type: ignore[arg-type]
    assert (asked["PGSSLMODE"], asked["PGSSLROOTCERT"]) == ("verify-full", "/etc/ivig/ca.pem")
    assert asked["PGHOST"] == "db"
    assert "PGSSLKEY" not in asked


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="install -d -m 700"):
        call_command("backup", str(tmp_path / "gone"))
