"""Checkpoints, cosignatures, proofs of an entry and requests to a witness: written and read as C2SP says."""

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.transparency import naive
from utilization.transparency.checkpoints import (
    NotSigned,
    TreeHead,
    cosignature,
    open_checkpoint,
    read_head,
    signed,
    vouched,
)  # fmt: skip
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.encodings import BadText
from utilization.transparency.keys import SignatureType
from utilization.transparency.log_proofs import LogProof, read_log_proof
from utilization.transparency.notes import Signature, SignedNote, read_note
from utilization.transparency.proofs import BadProof
from utilization.transparency.submissions import MOST_BYTES, CheckpointSubmission, read_submission

LOG = new_signing_key("example.org/ivig-log/1", SignatureType.LOG)
WITNESS = new_signing_key("example.org/witness", SignatureType.WITNESS)
ENTRIES = naive.entries(7)
ROOT = naive.root(ENTRIES)
HEAD = TreeHead(LOG.public.name, 7, ROOT)
NOTE = signed(HEAD, LOG)
KEYS = [LOG.public, WITNESS.public]


def test_a_checkpoint_is_three_lines_signed():
    text = f"example.org/ivig-log/1\n7\n{base64.b64encode(ROOT).decode()}\n"
    assert NOTE.text == text
    raw = base64.b64decode(str(NOTE).split(" ")[-1])
    assert raw[:4] == LOG.public.key_id
    Ed25519PublicKey.from_public_bytes(LOG.public.key).verify(raw[4:], text.encode())
    head, by = open_checkpoint(read_note(str(NOTE).encode()), KEYS)
    assert (head, by.logs, by.witnesses) == (HEAD, (LOG.public,), ())


def test_a_cosignature_says_when_and_signs_it():
    line = cosignature(NOTE.text, WITNESS, 1_700_000_000).line
    raw = base64.b64decode(line.split(" ")[-1])
    assert raw[:4] == WITNESS.public.key_id
    assert int.from_bytes(raw[4:12], "big") == 1_700_000_000
    key = Ed25519PublicKey.from_public_bytes(WITNESS.public.key)
    key.verify(raw[12:], b"cosignature/v1\ntime 1700000000\n" + NOTE.text.encode())
    with pytest.raises(InvalidSignature):
        key.verify(raw[12:], NOTE.text.encode())
    by = vouched(read_note((str(NOTE) + line).encode()), KEYS)
    assert (by.logs, by.witnesses, by.times) == ((LOG.public,), (WITNESS.public,), (1_700_000_000,))


def test_every_changed_bit_of_a_cosignature_is_refused():
    right = cosignature(NOTE.text, WITNESS, 1_700_000_000)
    for bit in range(8 * 72):
        value = (int.from_bytes(right.value, "big") ^ 1 << bit).to_bytes(72, "big")
        with pytest.raises(NotSigned):
            vouched(NOTE.signed_also(Signature(right.name, right.key_id, value)), KEYS)
    for value in (right.value[:-1], right.value + b"\0", b"\0"):
        with pytest.raises(NotSigned):
            vouched(NOTE.signed_also(Signature(right.name, right.key_id, value)), KEYS)


def test_a_witness_does_not_stand_in_for_the_log():
    alone = SignedNote(NOTE.text, (cosignature(NOTE.text, WITNESS, 1),))
    with pytest.raises(NotSigned, match="No known key of the log"):
        open_checkpoint(alone, KEYS)
    with pytest.raises(ValueError, match="no witness"):
        cosignature(NOTE.text, LOG, 1)


def test_a_log_does_not_sign_for_another():
    other = new_signing_key("example.org/ivig-log/2", SignatureType.LOG)
    with pytest.raises(ValueError, match="does not sign for"):
        signed(HEAD, other)
    foreign = SignedNote(
        NOTE.text, (Signature(other.public.name, other.public.key_id, other.sign(NOTE.text.encode())),)
    )
    with pytest.raises(NotSigned, match="No known key of the log"):
        open_checkpoint(foreign, [*KEYS, other.public])
    with pytest.raises(NotSigned, match="No known key of the log"):
        open_checkpoint(NOTE, [other.public])


B64 = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "text",
    [
        "origin\n7\n",
        f"origin\n7\n{B64}\nextension\n",
        f"\n7\n{B64}\n",
        f"origin\n07\n{B64}\n",
        f"origin\n-7\n{B64}\n",
        f"origin\n٧\n{B64}\n",
        f"origin\n{2**63}\n{B64}\n",
        f"origin\n7\n{B64[:-4]}\n",
        f"origin\n7\n{B64} \n",
        f"two words\n7\n{B64}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(BadText):
        read_head(SignedNote(text, NOTE.signatures))


@pytest.mark.parametrize("extra", [None, b"", ENTRIES[5]])
def test_a_proof_of_an_entry_is_one_text(extra):
    proof = LogProof(5, tuple(naive.path(5, ENTRIES)), NOTE, extra)
    lines = ["c2sp.org/tlog-proof@v1"]
    lines += [] if extra is None else ["extra " + base64.b64encode(extra).decode()]
    lines += ["index 5", *(base64.b64encode(made).decode() for made in naive.path(5, ENTRIES)), "", str(NOTE)]
    assert str(proof) == "\n".join(lines)
    read = read_log_proof(str(proof).encode())
    assert read == proof
    read.check(ENTRIES[5])
    for other in {*ENTRIES} - {ENTRIES[5]}:
        with pytest.raises(BadProof):
            read.check(other)


def test_a_proof_of_the_only_entry_has_no_hash():
    note = signed(TreeHead(LOG.public.name, 1, naive.root([b"x"])), LOG)
    read_log_proof(str(LogProof(0, (), note)).encode()).check(b"x")


RIGHT = str(LogProof(5, tuple(naive.path(5, ENTRIES)), NOTE, b"x"))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("@v1", "@v2", "first line"),
        ("extra ", "extra  ", "Base 64"),
        ("index 5", "index 05", "whole number"),
        ("index 5\n", "", "index"),
        ("index 5\n", "index 5\nAAAA\n", "32 bytes"),
        ("\n\nexample", "\nexample", "32 bytes|Base 64|empty line"),
        ("index 5\n", "index 5\n" + f"{B64}\n" * 70, "more than 63"),
        (RIGHT, "c2sp.org/tlog-proof@v1\n", "index"),
        (RIGHT, "c2sp.org/tlog-proof@v1\nindex 5\n", "empty line"),
    ],
)
def test_what_is_no_proof_is_refused(old, new, why):
    with pytest.raises(BadText, match=why):
        read_log_proof(RIGHT.replace(old, new, 1).encode())


def test_every_cut_of_a_proof_is_refused():
    raw = RIGHT.encode()
    for end in range(len(raw)):
        with pytest.raises(BadText):
            read_log_proof(raw[:end])


def test_a_request_to_a_witness_reads_back():
    request = CheckpointSubmission(3, tuple(naive.proof(3, ENTRIES)), NOTE)
    assert str(request).startswith("old 3\n")
    assert str(request).endswith("\n\n" + str(NOTE))
    assert read_submission(str(request).encode()) == request
    first = CheckpointSubmission(0, (), NOTE)
    assert str(first) == f"old 0\n\n{NOTE}"
    assert read_submission(str(first).encode()) == first


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"old\n", f"new 0\n\n{NOTE}", f"old 00\n\n{NOTE}", f"old 0\n{NOTE}",
        f"old 0\n\n\n{NOTE.text}",
        f"old 0\n{'x' * 44}\n\n{NOTE}", "old 0\n" + f"{B64}\n" * 64 + f"\n{NOTE}",
        f"old 0\n\n{NOTE}" + "x" * MOST_BYTES,
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(raw):
    with pytest.raises(BadText):
        read_submission(raw if isinstance(raw, bytes) else raw.encode())
