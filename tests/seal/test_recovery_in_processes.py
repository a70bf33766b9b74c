"""Both ways out of a database that was restored from an older copy, by the processes that do it in use."""

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.patience import PATIENCE
from tests.seal.conftest import LOG, WITNESS
from utilization.key_files import write_key
from utilization.seal.key_folder import SEAL_KEY, LastSigned
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.keys import SignatureType
from utilization.witness.records import WITNESS_KEY

ROOT = Path(__file__).parents[2]
NEW = new_signing_key("north.example/ivig-log/2", SignatureType.LOG)
PASSWORD = "a long one for two people"

BEGIN = f"""
from datetime import UTC, datetime
from django.core.management import call_command
import sqlite3
from utilization import workflow
from utilization.models import Site, User
from utilization.seal.continuity import LogCut

def copy(source, target):
    sqlite3.connect(source).backup(sqlite3.connect(target))

def move(wanted):
    administrator = User.objects.get(username="adam")
    workflow.set_public_check(Site.objects.get(), by=administrator, at=datetime.now(UTC), wanted=wanted)

def refused(wanted):
    try:
        move(wanted)
    except LogCut as cut:
        print("REFUSED", cut)
    else:
        print("TAKEN")

def found():
    at = datetime.now(UTC)
    site = workflow.NewSite("north", "North", "UTC")
    adam, _ = workflow.bootstrap_site(
        at=at, site=site, administrator=workflow.NewPerson("adam", "a@north.example", "Adam")
    )
    audrey, _ = workflow.invite(
        by=adam, at=at, site=Site.objects.get(), person=workflow.NewPerson("audrey", "b@north.example", "Audrey"),
        role="auditor",
    )
    workflow.account_confirmation.confirm_by_command(audrey, at=at)
    for person in User.objects.all():
        person.set_password({PASSWORD!r})
        person.save()
"""


class Server:
    """A database and the folders beside it, worked on by processes alone."""

    def __init__(self, folder):
        self.folder = folder
        self.database = folder / "ivig.sqlite3"
        self.evidence = folder / "evidence-1"
        self.notes = folder / "witness" / "cosigned.notes"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def environment(self):
        return os.environ | {
            "IVIG_MODE": "test", "DATABASE_URL": f"sqlite:///{self.database}", "IVIG_EVIDENCE": str(self.evidence),
            "IVIG_EVIDENCE_KEYS": str(self.folder / "keys.txt"), "IVIG_WITNESS": str(self.folder / "witness"),
            "DJANGO_SETTINGS_MODULE": "utilization.settings",
        }  # fmt: skip

    def run(self, *command, typed=""):
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=self.environment, input=typed, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def shell(self, script, typed=""):
        return self.run("shell", "--no-imports", "-c", BEGIN + script, typed=typed)

    def key(self, path, key):
        write_key(path, key)
        with (self.folder / "keys.txt").open("a") as keys:
            keys.write(key.public.line + "\n")

    def log_key(self, key):
        self.key(self.evidence / SEAL_KEY, key)
        LastSigned(self.evidence, key.public.name).begin()

    @contextmanager
    def witness(self):
        command = [sys.executable, "manage.py", "witness", "--port", str(self.port)]
        with subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert "cosigns for" in process.stdout.readline()
                yield
            finally:
                process.terminate()

    def seal(self):
        return self.run("seal", "--once", "--witness", f"http://127.0.0.1:{self.port}")

    @staticmethod
    def copy(source, target):
        with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
            one.backup(other)


@pytest.mark.long
@pytest.mark.skipif(connection.vendor != "sqlite", reason="restores a database by copying its file")
def test_a_restored_database_is_made_whole_and_where_that_cannot_be_the_log_is_begun_anew(db, tmp_path):
    server, backup = Server(tmp_path), tmp_path / "backup.sqlite3"
    server.copy(connection.settings_dict["NAME"], server.database)
    server.log_key(LOG)
    server.key(tmp_path / "witness" / WITNESS_KEY, WITNESS)
    with server.witness():
        server.shell(f"found()\ncopy({str(server.database)!r}, {str(backup)!r})\nmove(True)\nmove(False)")
        assert server.seal() == "Sealed 5 entries.\n"

        server.copy(backup, server.database)
        said = server.shell("refused(True)\ncall_command('restore_log')\nrefused(True)")
        assert "REFUSED The log holds 3 entries, but 5 were signed." in said
        assert "2 entries were put back" in said
        assert said.endswith("TAKEN\n")
        assert server.seal() == "Sealed 7 entries.\n"

        server.copy(backup, server.database)
        old = server.evidence
        (old / "events.ndjson").unlink()
        server.evidence = tmp_path / "evidence-2"
        server.log_key(NEW)
        server.run("begin_log_anew", "adam", "audrey", "--old", str(old), typed=f"{PASSWORD}\n{PASSWORD}\n")
    with server.witness():
        server.shell("move(True)")
        assert server.seal() == "Sealed 5 entries.\n"
        said = server.run("verify_log", "--keys", str(tmp_path / "keys.txt"), "--notes", str(server.notes))
        assert "5 entries and 9 rows, nothing wrong. The first 5 entries are as they were signed." in said
