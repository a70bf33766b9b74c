"""Our client against a witness that others wrote, and their client against ours: the cases of C2SP add-checkpoint.

    python -m bench.outside_witness                    with the witness fetched into a folder that is gone afterwards
    python -m bench.outside_witness --tools FOLDER     with that of bench.outside_tools

Both witnesses listen on this machine's own address. What is printed: the status that each answers in every case; how
many checkpoints in a row the other's witness cosigns for our client, and ours for the other's. Ends with 1 where one
cosigns what it must not, or refuses what it must cosign.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from bench import outside_tools, usage
from tests.transparency import naive
from utilization.seal.witness_client import WitnessClient
from utilization.transparency.checkpoints import TreeHead, open_checkpoint, signed
from utilization.transparency.ed25519 import SigningKey, new_signing_key
from utilization.transparency.keys import PublicKey, SignatureType, read_public_key
from utilization.transparency.notes import SignedNote
from utilization.transparency.submissions import CheckpointSubmission
from utilization.transparency.tree import GrowingTree, leaf_hash
from utilization.witness.records import Records
from utilization.witness.replies import Witness
from utilization.witness.server import WitnessServer

LOG = new_signing_key("bench.example/ivig-log/1", SignatureType.LOG)
OTHER = new_signing_key("other.example/log", SignatureType.LOG)
ENTRIES = naive.entries(64)
FORK = [*ENTRIES[:2], b"another", *ENTRIES[3:]]

# What is asked, and which answers the specification has for it: its first edition has 409 for a fork of the same size,
# the later one 422.
CASES = {
    "the first checkpoint": (200,), "another start than was cosigned last": (409,), "with its proof": (200,),
    "a fork of the same size": (409, 422), "a fork that is longer": (422,), "a shorter log": (400,),
    "a log that is not known": (404,),
}  # fmt: skip


def note(size: int, entries: list[bytes] = ENTRIES, key: SigningKey = LOG) -> SignedNote:
    """A signed checkpoint over the first `size` entries."""
    return signed(TreeHead(key.public.name, size, naive.root(entries[:size])), key)


def requests() -> Iterator[bytes]:
    """The bodies of the requests, in the order of `CASES`."""
    for old, checkpoint, proof in (
        (0, note(5), []), (3, note(8), naive.proof(3, ENTRIES[:8])), (5, note(8), naive.proof(5, ENTRIES[:8])),
        (8, note(8, FORK), []), (8, note(9, FORK), naive.proof(8, FORK[:9])), (8, note(4), []),
        (0, note(5, key=OTHER), []),
    ):  # fmt: skip
        yield str(CheckpointSubmission(old, tuple(proof), checkpoint)).encode()


def ask(url: str, body: bytes) -> int:
    """The status that a witness answers to a request."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("POST", "/add-checkpoint", body)
    status = connection.getresponse().status
    connection.close()
    return status


@contextmanager
def ours(folder: Path) -> Iterator[tuple[str, PublicKey]]:
    """The product's witness over HTTP: its address and key."""
    key = new_signing_key("witness.example/ours", SignatureType.WITNESS)
    witness = Witness(key, [LOG.public], Records(folder), lambda: int(time.time()))
    with WitnessServer(("127.0.0.1", 0), witness) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", key.public
        server.shutdown()
        thread.join()


@contextmanager
def theirs(tool: Path, folder: Path) -> Iterator[tuple[str, PublicKey]]:
    """The other's witness, in a process of its own: its address and key."""
    folder.mkdir(parents=True)
    environment = os.environ | {"PYTHONPATH": str(tool)}
    words = [sys.executable, "-m", "aics_witness"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = ["--config", str(folder / "witness.json")]

    def run(*arguments: str) -> str:
        return subprocess.run(
            [*words, *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True
        ).stdout

    told = run("init", *config, "--name", "witness.example/theirs", "--listen", address)
    line = next(word for word in told.split() if word.startswith("witness.example/theirs+"))
    run("add-log", *config, "--origin", LOG.public.name, "--vkey", LOG.public.line)
    serve = [*words, "serve", *config, "--log-level", "ERROR"]
    with subprocess.Popen(serve, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(address)
            yield f"http://{address}", read_public_key(line)
        finally:
            server.terminate()


def _wait_for(address: str) -> None:
    host, port = address.split(":")
    for _ in range(300):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"Nobody listens at {address}.")


def cases(url: str) -> list[int]:
    """What a witness answers in each case."""
    return [ask(url, body) for body in requests()]


def our_client(url: str, key: PublicKey) -> int:
    """How many checkpoints in a row, from the ninth entry on, a witness cosigns for the product's client."""
    nodes, growing = {}, GrowingTree()
    for entry in ENTRIES:
        nodes |= {(level, number): made for level, number, made in growing.add(leaf_hash(entry))}
    client, count = WitnessClient(url, [key]), 0
    for size in range(9, len(ENTRIES) + 1):
        cosigned = client.cosign(note(size), size - 1, lambda level, number: nodes[level, number])
        _, by = open_checkpoint(cosigned, [LOG.public, key])
        count += by.witnesses == (key,)
    return count


THEIR_CLIENT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from aics_witness.feeder import WitnessClient, merge_cosignatures
said = json.load(sys.stdin)
proofs = {tuple(key): [bytes.fromhex(text) for text in made] for key, made in said["proofs"]}
client, count = WitnessClient(said["url"], said["key"]), 0
for note in said["notes"]:
    line = client.submit(note, lambda old, new: proofs[old, new])
    count += merge_cosignatures(note, line).decode().startswith(note)
print(count)
"""


def their_client(tool: Path, url: str, key: PublicKey) -> int:
    """How many checkpoints in a row, from the ninth entry on, a witness cosigns for the other's client."""
    sizes = range(9, len(ENTRIES) + 1)
    proofs = [
        ((old, size), [made.hex() for made in naive.proof(old, ENTRIES[:size])])
        for size in sizes for old in {8, size - 1}
    ]  # fmt: skip
    said = {"url": url, "key": key.line, "notes": [str(note(size)) for size in sizes], "proofs": proofs}
    words = [sys.executable, "-c", THEIR_CLIENT, str(tool)]
    return int(subprocess.run(words, input=json.dumps(said), check=True, capture_output=True, text=True).stdout)


def main() -> int:
    """Ask both; 1 where one of them does what it must not."""
    usage(__doc__)
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--tools", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-outside-witness-") as gone:
        tool = outside_tools.aics((asked.tools or Path(gone) / "tools").resolve())
        with ours(Path(gone) / "ours") as (url, key):
            mine, for_them = cases(url), their_client(tool, url, key) if tool else 0
        answers = [mine]
        for_us = 0
        if tool:
            with theirs(tool, Path(gone) / "theirs") as (url, key):
                answers.append(cases(url))
                for_us = our_client(url, key)
    print(f"{'':<40}{'ours':>8}{'theirs':>8}")
    for place, name in enumerate(CASES):
        print(f"{name:<40}{''.join(f'{said[place]:>8}' for said in answers)}")
    right = all(said[place] in wanted for said in answers for place, wanted in enumerate(CASES.values()))
    wanted = len(ENTRIES) - 8
    print(f"cosigned for the other's client: ours {for_them} of {wanted}, theirs {for_us} of {wanted}")
    return int(not (right and tool and for_them == for_us == wanted))


if __name__ == "__main__":
    sys.exit(main())
