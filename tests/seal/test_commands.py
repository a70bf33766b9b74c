"""The commands: a key is made and printed, a log sealed, a witness served; what is missing is said with what to do."""

import io
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from tests.seal.conftest import LOG, WITNESS
from utilization.key_files import write_key
from utilization.management.commands import seal as seal_command
from utilization.management.commands import witness as witness_command
from utilization.models import Checkpoint
from utilization.seal.key_folder import SEAL_KEY, LastSigned
from utilization.seal.sealer import Sealer
from utilization.seal.witness_client import NoCosignature
from utilization.transparency.checkpoints import TreeHead
from utilization.transparency.keys import SignatureType, read_public_key
from utilization.transparency.tree import EMPTY_ROOT
from utilization.witness.records import WITNESS_KEY
from utilization.witness.server import WitnessServer

ROOT = Path(__file__).parents[2]


def _run(command, *args, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command(command, *args, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize("kind", ["log", "witness"])
def test_a_key_is_made_and_its_public_line_alone_is_printed(tmp_path, kind):
    out, err = _run("make_key", kind, name="north.example/x", folder=tmp_path)
    key = read_public_key(out.strip())
    assert (key.name, key.type) == ("north.example/x", SignatureType[kind.upper()])
    path = tmp_path / {"log": SEAL_KEY, "witness": WITNESS_KEY}[kind]
    assert str(path) in err
    assert path.stat().st_mode & 0o777 == 0o600
    *_, secret = path.read_text().split("+", 4)  # which may hold a plus itself
    assert secret.strip() not in out + err
    with pytest.raises(CommandError, match="exists already"):
        _run("make_key", kind, name="north.example/x", folder=tmp_path)
    if kind == "log":
        assert LastSigned(tmp_path, "north.example/x").read() == TreeHead("north.example/x", 0, EMPTY_ROOT)


def test_a_key_of_the_demo_says_so_in_its_name_and_production_names_its_own(tmp_path, settings):
    assert _run("make_key", "log", folder=tmp_path)[0].startswith("demo-key/")
    assert _run("make_key", "witness", folder=tmp_path)[0].startswith("demo-key/")
    settings.MODE = "production"
    with pytest.raises(CommandError, match="--name"):
        _run("make_key", "log", folder=tmp_path / "other")


def test_a_key_that_may_not_be_written_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=r"cannot be written: .*run this as that user"):
        _run("make_key", "log", name="ivig.hospital.example/ivig-log/1", folder=tmp_path / "file" / "below")


def test_production_seals_and_cosigns_with_no_demo_key(db, tmp_path, settings, witness_files):
    _run("make_key", "log", folder=tmp_path)
    _run("make_key", "witness", folder=tmp_path)
    settings.MODE = "production"
    with pytest.raises(CommandError, match="is a demo key"):
        _run("seal", once=True, folder=tmp_path)
    with pytest.raises(CommandError, match="is a demo key"):
        _run("witness", folder=tmp_path, keys=witness_files["keys"], port=_free_port())


def test_a_name_that_cannot_be_signed_under_is_refused(tmp_path):
    with pytest.raises(CommandError, match="no space and no plus"):
        _run("make_key", "log", name="North Hospital", folder=tmp_path)
    assert not (tmp_path / SEAL_KEY).exists()


def test_what_was_committed_is_sealed_once(append, folder):
    append(3)
    assert _run("seal", once=True, folder=folder)[0] == "Sealed 3 entries.\n"
    assert _run("seal", once=True, folder=folder)[0] == ""
    assert [checkpoint.size for checkpoint in Checkpoint.objects.all()] == [3]


def test_sealing_with_a_witness_goes_by_its_key(append, folder, served, tmp_path):
    append(3)
    keys = tmp_path / "keys.txt"
    keys.write_text(LOG.public.line)
    with pytest.raises(CommandError, match="no key of a witness"):
        _run("seal", once=True, folder=folder, witness=served.url, keys=keys)
    keys.write_text(WITNESS.public.line)
    _run("seal", once=True, folder=folder, witness=served.url, keys=keys)
    assert WITNESS.public.name in Checkpoint.objects.get().note


def test_what_keeps_it_from_sealing_is_said(append, folder, tmp_path):
    append(1)
    with pytest.raises(CommandError, match="make_key"):
        _run("seal", once=True, folder=tmp_path)
    keys = tmp_path / "keys.txt"
    keys.write_text(WITNESS.public.line)
    with pytest.raises(CommandError, match=r"Not all was sealed\. The witness cannot be reached"):
        _run("seal", once=True, folder=folder, witness="http://127.0.0.1:9", keys=keys)
    (folder / "last.json").unlink()
    with pytest.raises(CommandError, match=r"last\.json"):
        _run("seal", once=True, folder=folder)


@pytest.mark.parametrize("url", ["127.0.0.1:8091", "ftp://127.0.0.1", "http://", "http://host:port", "http://a b"])
def test_what_is_no_address_of_a_witness_is_refused(folder, db, url):
    with pytest.raises(CommandError, match="is no address of a witness"):
        _run("seal", once=True, folder=folder, witness=url)


def test_a_database_that_is_busy_is_said(folder, db, monkeypatch):
    def busy(self, now):
        raise OperationalError("database is locked")

    monkeypatch.setattr(Sealer, "seal", busy)
    with pytest.raises(CommandError, match=r"Not all was sealed\. database is locked"):
        _run("seal", once=True, folder=folder)


def test_it_seals_on_and_on_and_tells_a_trouble_once(folder, db, monkeypatch):
    """A witness away, a database away: told once each, tried on, and when it is over, told too."""
    done = iter([NoCosignature("away"), NoCosignature("away"), OperationalError("gone"), 3, None])

    def sealed(self, now):
        result = next(done, StopIteration)
        if result is StopIteration:
            os.kill(os.getpid(), signal.SIGTERM)
            return None
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(Sealer, "seal", sealed)
    monkeypatch.setattr(seal_command, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(seal_command, "close_old_connections", lambda: None)
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        _, err = _run("seal", folder=folder)
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    assert err.splitlines() == [
        "Unsealed for now, trying on: away", "Unsealed for now, trying on: gone", "Sealing again.",
    ]  # fmt: skip


@pytest.fixture
def witness_files(tmp_path):
    write_key(tmp_path / "w" / WITNESS_KEY, WITNESS)
    (tmp_path / "keys.txt").write_text(f"{LOG.public.line}\n{WITNESS.public.line}\n")
    return {"folder": tmp_path / "w", "keys": tmp_path / "keys.txt"}


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.long
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_witness_serves_until_it_is_told_to_end(end, append, folder, witness_files):
    port = _free_port()
    arguments = [f"--{name}={value}" for name, value in witness_files.items()]
    command = [sys.executable, "manage.py", "witness", f"--port={port}", *arguments]
    environment = os.environ | {"IVIG_MODE": "test"}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert f"cosigns for {LOG.public.name} on port {port}" in process.stdout.readline()
            append(2)
            _run("seal", once=True, folder=folder, witness=f"http://127.0.0.1:{port}", keys=witness_files["keys"])
            assert WITNESS.public.name in Checkpoint.objects.get().note
            with pytest.raises(CommandError, match=f"Port {port} cannot be used"):
                _run("witness", port=port, **witness_files)
        finally:
            process.send_signal(end)
    assert process.returncode == 0


@pytest.mark.parametrize("given", [{}, {"host": "10.9.8.7"}])
def test_the_witness_answers_to_this_machine_or_at_the_address_that_it_is_given(monkeypatch, witness_files, given):
    seen = []

    def taken(address, witness):
        seen.append(address)
        raise OSError(99, "Cannot assign requested address")

    monkeypatch.setattr(witness_command, "WitnessServer", taken)
    host = given.get("host", "127.0.0.1")
    with pytest.raises(CommandError, match=f"Port 8091 cannot be used at {host}: Cannot assign.*--host"):
        _run("witness", **witness_files, **given)
    assert seen == [(host, 8091)]


@pytest.mark.parametrize(("host", "family"), [("::1", socket.AF_INET6), ("127.0.0.1", socket.AF_INET)])
def test_an_address_with_colons_is_of_ipv6(monkeypatch, host, family):
    monkeypatch.setattr(WitnessServer, "server_bind", lambda self: None)
    monkeypatch.setattr(WitnessServer, "server_activate", lambda self: None)
    with WitnessServer((host, 0), None) as server:
        assert server.socket.family == family


def test_a_witness_without_its_key_says_so(witness_files, tmp_path):
    with pytest.raises(CommandError, match="make_key"):
        _run("witness", folder=tmp_path / "none", keys=witness_files["keys"], port=_free_port())
