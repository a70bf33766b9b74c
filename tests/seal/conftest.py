"""A log with entries, a sealer's folder, and a witness that answers on this machine."""

import threading

import pytest
from django.db import transaction

from tests.access.hospital import AT, Hospital
from tests.patience import PATIENCE
from utilization import event_log
from utilization.key_files import write_key
from utilization.seal.key_folder import SEAL_KEY, LastSigned
from utilization.seal.sealer import Sealer
from utilization.seal.witness_client import WitnessClient
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.keys import SignatureType
from utilization.witness.records import Records
from utilization.witness.replies import Witness
from utilization.witness.server import WitnessServer

LOG = new_signing_key("north.example/ivig-log/1", SignatureType.LOG)
WITNESS = new_signing_key("witness.example/w1", SignatureType.WITNESS)
KEYS = (LOG.public, WITNESS.public)


@pytest.fixture
def north(db):
    return Hospital("north")


@pytest.fixture
def append(north):
    """Append that many entries, each of a move of its own."""

    def append(count):
        for number in range(count):
            with transaction.atomic():
                event_log.append(
                    type="note.added", at=AT, actor=north["pharmacist"], site=north.site, data={"n": number}
                )

    return append


@pytest.fixture
def folder(tmp_path):
    """A sealer's folder in which nothing was signed yet."""
    write_key(tmp_path / "evidence" / SEAL_KEY, LOG)
    LastSigned(tmp_path / "evidence", LOG.public.name).begin()
    return tmp_path / "evidence"


@pytest.fixture
def seal(folder):
    """Seal all that was committed, with the witness where one is given."""

    def seal(witness=None):
        sealer = Sealer(LOG, folder, witness)
        while sealer.seal(lambda: AT) is not None:
            pass

    return seal


@pytest.fixture
def records(tmp_path):
    return Records(tmp_path / "witness")


@pytest.fixture
def witness(records):
    return Witness(WITNESS, [LOG.public], records, lambda: 1_700_000_000)


@pytest.fixture
def witness_server(witness):
    """The witness over HTTP; a request may take as long as a busy machine needs."""
    with WitnessServer(("127.0.0.1", 0), witness, seconds=PATIENCE) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def served(witness_server):
    """The witness over HTTP, as a client that believes its key."""
    return WitnessClient(f"http://127.0.0.1:{witness_server.server_address[1]}", [WITNESS.public])
