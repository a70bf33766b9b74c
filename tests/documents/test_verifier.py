"""The verifier that is handed over: the genuine file is believed anywhere, and every other is refused in words."""

import ast
import base64
import random
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.documents import samples
from tests.documents.signed_log import KEYS, LOG, ORIGIN, SEEN, WITNESS, IssuedFile, SignedLog, issued_file
from utilization.transparency.checkpoints import cosignature
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.keys import SignatureType
from utilization.transparency.log_proofs import LogProof
from utilization.verifier import verify_evidence as verifier

NOW = SEEN + 30 * 24 * 3600
SCRIPT = Path(verifier.__file__)
SHIFTED = "import runpy, sys, time; real = time.time; time.time = lambda: real() + {0}; sys.argv = ['v', *{1}]; {2}"


@pytest.fixture(scope="module")
def genuine():
    return issued_file()


@pytest.fixture
def remembered(monkeypatch):
    """Each signature is checked once, however often it is asked about."""
    monkeypatch.setattr(verifier, "is_signed", cache(verifier.is_signed))


def examined(content, keys=KEYS, now=NOW, **rest):
    return verifier.examine(content, verifier.read_keys(keys), now, **rest)


def refusal(content, keys=KEYS, now=NOW, **rest):
    with pytest.raises(verifier.NotGenuine) as refused:
        examined(content, keys, now, **rest)
    return str(refused.value)


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-I", *arguments], cwd=folder, capture_output=True, text=True, check=False, env={}
    )


# --- What is genuine --------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_genuine_file_verifies_in_an_empty_folder_fifteen_years_on(genuine, tmp_path):
    (tmp_path / "verify_evidence.py").write_bytes(SCRIPT.read_bytes())
    (tmp_path / "keys.txt").write_text(KEYS)
    (tmp_path / "issued.pdf").write_bytes(genuine.with_proof())
    arguments = ["keys.txt", "issued.pdf"]
    years = 15 * 366 * 24 * 3600
    later = SHIFTED.format(years, arguments, "runpy.run_path('verify_evidence.py', run_name='__main__')")
    for answer in (run(tmp_path, "verify_evidence.py", *arguments), run(tmp_path, "-c", later)):
        assert (answer.returncode, answer.stderr) == (0, "")
        assert answer.stdout.startswith("issued.pdf: GENUINE\n")
        for told in (
            genuine.request["number"], "Approved by Rosa", f"entry {genuine.decision.index} of the log {ORIGIN}",
            f"entry {genuine.index}, issued 2026-11-12T15:14:02Z,", "witness.example/w1 at 2026-11-0", "later decision",
        ):  # fmt: skip
            assert told in answer.stdout, told


def test_what_it_says_is_what_the_log_was_told(genuine):
    verdict = examined(genuine.with_proof())
    assert (verdict.issued.index, verdict.decision.index) == (genuine.index, genuine.decision.index)
    assert verdict.issued.body == genuine.log.bodies[genuine.index]
    assert verdict.value == genuine.value
    assert (verdict.added, verdict.unknown) == (0, [])


def test_a_line_by_a_key_that_is_not_known_is_ignored_and_told(genuine, tmp_path):
    foreign = new_signing_key("foreign.example/w9", SignatureType.WITNESS)
    proof = genuine.log.proof(genuine.index)
    line = cosignature(proof.checkpoint.text, foreign, SEEN)
    content = genuine.with_proof(LogProof(proof.index, proof.hashes, proof.checkpoint.signed_also(line), proof.extra))
    assert examined(content).unknown == ["foreign.example/w9"]
    (tmp_path / "a.pdf").write_bytes(content)
    (tmp_path / "keys.txt").write_text(KEYS)
    answer = run(tmp_path, str(SCRIPT), "keys.txt", "a.pdf")
    assert answer.stdout.startswith("a.pdf: GENUINE, with a line by a key not among yours\n")
    assert "foreign.example/w9" in answer.stdout


def test_without_a_witness_key_a_log_alone_is_believed(genuine):
    content = genuine.with_proof()
    verdict = examined(content, LOG.public.line)
    assert verdict.unknown == [WITNESS.public.name]
    assert any("No witness has cosigned it." in line for line in verifier.words(verdict))


# --- What was altered -------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_every_byte_of_the_place_altered_is_refused(genuine, remembered):
    content, keys = genuine.with_proof(), verifier.read_keys(KEYS)
    accepted = []
    for at in range(genuine.start, genuine.start + verifier.HOLE_BYTES):
        altered = bytearray(content)
        altered[at] ^= 1 << at % 8
        try:
            verifier.examine(bytes(altered), keys, NOW)
            accepted.append(at)
        except verifier.NotGenuine:
            pass
    assert not accepted


def test_two_thousand_bits_altered_anywhere_are_refused(genuine, remembered):
    content, keys, dice = genuine.with_proof(), verifier.read_keys(KEYS), random.Random(9)
    for bit in dice.sample(range(8 * len(content)), 2000):
        altered = bytearray(content)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(verifier.NotGenuine):
            verifier.examine(bytes(altered), keys, NOW)


def test_the_place_of_another_file_is_refused(genuine):
    assert "that of another file" in refusal(_issued_anew({"sha256": "0" * 64}))
    other = IssuedFile()
    assert "were added" in refusal(genuine.with_proof(other.log.proof(other.index)))
    assert "cut off" in refusal(other.with_proof(genuine.log.proof(genuine.index)))


def test_what_was_cut_off_or_added_is_refused_with_the_reason(genuine):
    content = genuine.with_proof()
    end = genuine.start + verifier.HOLE_BYTES
    assert "cut off where its proof stands" in refusal(content[: end - 1])
    assert f"cut off: {len(content) - 1} of {len(content)} bytes" in refusal(content[:-1])
    assert "1 bytes were added" in refusal(content + b"\n")
    for length in random.Random(7).sample(range(len(content)), 60):
        refusal(content[:length])


def test_a_signed_copy_is_refused_and_its_beginning_checked_when_that_is_asked(genuine, tmp_path):
    signed = genuine.with_proof() + b"\n99 0 obj\n<</Type/Sig>>\nendobj\n%%EOF\n"
    assert "signed over" in refusal(signed)
    assert examined(signed, prefix=True).added == len(signed) - len(genuine.blank)
    (tmp_path / "signed.pdf").write_bytes(signed)
    (tmp_path / "keys.txt").write_text(KEYS)
    answer = run(tmp_path, str(SCRIPT), "--prefix", "keys.txt", "signed.pdf")
    assert answer.returncode == 0
    assert "what was added can change what is shown" in answer.stdout
    altered = signed.replace(b"/Catalog", b"/Katalog").replace(b"%PDF-1.7", b"%PDF-1.6")
    assert "altered" in refusal(altered, prefix=True)


def test_a_second_spelling_of_the_same_proof_is_refused(genuine):
    """The last letter of a hash has bits that are not read: whoever turns one has another file of the same meaning."""
    lines = str(genuine.log.proof(genuine.index)).split("\n")
    place = lines.index(f"index {genuine.index}") + 1
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    hash_, last = lines[place][:-2], letters.index(lines[place][-2])
    lines[place] = f"{hash_}{letters[last ^ 1]}="
    assert "left over" in refusal(genuine.with_proof("\n".join(lines)))


def test_two_proofs_in_one_are_refused(genuine):
    content = genuine.with_proof()
    assert "more than one proof" in refusal(content + content)
    refusal(content + verifier.MARK, prefix=False)


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-", b"%PDF-1.7\n" + verifier.MARK, b"PK\3\4" * 99, b"%PDF-" + b"<" * 999]
)
def test_what_is_no_such_file_is_refused(content):
    assert refusal(content)


def test_a_file_that_was_never_filled_says_so(genuine):
    assert "never filled" in refusal(genuine.blank)


def test_a_hundred_megabytes_are_refused_and_not_read(tmp_path):
    with (tmp_path / "large.pdf").open("wb") as large:
        large.write(b"%PDF-1.7\n" + verifier.MARK)
        large.truncate(100_000_000)
    (tmp_path / "keys.txt").write_text(KEYS)
    limited = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_AS, (90_000_000, 90_000_000));"
        f"sys.argv = ['v', 'keys.txt', 'large.pdf']; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    answer = run(tmp_path, "-c", limited)
    assert (answer.returncode, answer.stderr) == (1, "")
    assert "more than 8 MB" in answer.stdout


# --- Who signed, and when ---------------------------------------------------------------------------------------------


def test_a_checkpoint_from_the_future_is_refused(genuine):
    assert "from the future" in refusal(genuine.with_proof(), now=SEEN - 2 * 3600)
    late = IssuedFile(SignedLog(seen=NOW + 2 * 3600))
    assert "from the future" in refusal(late.with_proof())
    assert "from the future" in refusal(IssuedFile(at="2031-01-01T00:00:00Z").with_proof())


def test_another_log_is_named(genuine):
    south = new_signing_key("south.example/ivig-log/1", SignatureType.LOG)
    of_south = IssuedFile(SignedLog(log=south)).with_proof()
    assert "another log, south.example/ivig-log/1; your keys are of north.example" in refusal(of_south)
    same_name = new_signing_key(ORIGIN, SignatureType.LOG)
    assert f"No key of yours signed for {ORIGIN}" in refusal(IssuedFile(SignedLog(log=same_name)).with_proof())
    both = f"{KEYS}{south.public.line}\n"
    assert examined(of_south, both).issued.origin == "south.example/ivig-log/1"


def test_what_no_witness_saw_is_refused_where_one_is_known():
    assert "No witness of yours" in refusal(IssuedFile(SignedLog(witness=None)).with_proof())


def test_an_entry_that_says_a_thing_twice_is_refused():
    doubled = IssuedFile(body=lambda body: body.replace(b'"v":1', b'"v":1,"v":1'))
    assert "doubled key" in refusal(doubled.with_proof())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": "note.added"}, "something else than an issued document"),
        ({"decision_entry": 4}, "not attached as the log says"),
        ({"value_sha256": "0" * 64}, "not attached as the log says"),
        ({"hole": 12}, "altered"),
        ({"bytes": "many"}, "cannot be read"),
        ({"request": {"uid": "1", "number": "2"}}, "another decision"),
        ({"request": {"uid": "another", "number": samples.cidp_approved()["request"]["number"]}}, "another decision"),
        ({"body": lambda body: b"[" * 2000}, "cannot be read"),
        ({"body": lambda body: b"\xff"}, "cannot be read"),
        ({"body": lambda body: body.replace(b'"seq":', b'"seq":1')}, "not numbered"),
    ],
)
def test_a_log_that_says_something_else_is_not_believed(changes, why):
    """What only somebody with the log's key could make: no traceback, and a reason."""
    assert why in refusal(_issued_anew(changes))


def _issued_anew(changes):
    file = issued_file()
    log = SignedLog()
    for number, body in enumerate(file.log.bodies[: file.index]):
        log.append("", {}, body=lambda _, kept=body: kept)
        assert len(log.bodies) == number + 1
    anew = IssuedFile.__new__(IssuedFile)
    anew.__dict__ |= file.__dict__ | {"log": log}
    anew.index = anew.issue(**changes)
    return anew.with_proof()


# --- Keys and arguments -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys",
    [
        "", "no key", WITNESS.public.line, LOG.public.line[:-1], LOG.public.line.replace("north", "nörth"),
        f"{ORIGIN}+00000000+{'A' * 44}", "\x1b[31mred", f"{LOG.public.line} {LOG.public.line}",
    ],
    # By number: the keys are made anew in each process, and processes that share the work name a test alike.
    ids=range(8),
)  # fmt: skip
def test_keys_that_cannot_be_used_are_said(keys, tmp_path):
    with pytest.raises(verifier.NotGenuine):
        verifier.read_keys(keys)


def test_the_program_says_what_it_cannot_read_and_goes_on(genuine, tmp_path):
    (tmp_path / "keys.txt").write_text(KEYS)
    (tmp_path / "good.pdf").write_bytes(genuine.with_proof())
    (tmp_path / "bad\x1b[31m.pdf").write_bytes(b"%PDF-" + verifier.MARK + zlib.compress(b"x"))
    answer = run(tmp_path, str(SCRIPT), "keys.txt", "missing.pdf", ".", "bad\x1b[31m.pdf", "good.pdf")
    assert (answer.returncode, answer.stderr) == (1, "")
    assert answer.stdout.count("REFUSED") == 3
    assert answer.stdout.count("GENUINE") == 1
    assert "\x1b" not in answer.stdout
    for arguments in ((), ("keys.txt", "x"), ("good.pdf", "x"), ("--prefix",)):
        answer = run(tmp_path / "..", str(SCRIPT), *arguments)
        assert answer.returncode == 1
        assert "Traceback" not in answer.stderr


def test_a_terminal_without_the_letters_of_a_name_is_no_hindrance(genuine, tmp_path):
    (tmp_path / "keys.txt").write_text(f"\ufeff{KEYS}".replace("\n", "\r\n"), encoding="utf-8")
    (tmp_path / "ş.pdf").write_bytes(genuine.with_proof())
    answer = subprocess.run(
        [sys.executable, str(SCRIPT), "keys.txt", "ş.pdf"], cwd=tmp_path, capture_output=True, check=False,
        env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert answer.stdout.startswith(b"?.pdf: GENUINE")


def test_it_is_one_short_file_of_the_standard_library_and_reads_on_older_pythons():
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 250
    tree = ast.parse(text, feature_version=(3, 9))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert imported <= sys.stdlib_module_names


# --- Ed25519, against RFC 8032 and against the library ----------------------------------------------------------------

RFC_8032 = [  # section 7.1: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_the_signatures_of_the_rfc_are_right(key, message, signature):
    assert verifier.is_signed(bytes.fromhex(message), bytes.fromhex(signature), bytes.fromhex(key))
    assert not verifier.is_signed(bytes.fromhex(message) + b"x", bytes.fromhex(signature), bytes.fromhex(key))


@pytest.mark.long
def test_signatures_are_judged_as_the_library_judges_them():
    dice = random.Random(11)
    for _ in range(25):
        key = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), dice.randbytes(dice.randrange(80))
        signature = key.sign(message)
        assert verifier.is_signed(message, signature, public)
        for altered in (
            _flipped(dice, signature), signature[:32] + _plus_order(signature[32:]), signature[:-1], signature + b"\0",
            bytes(32) + signature[32:], b"\1" + bytes(63), signature[:32] + bytes(32),
        ):  # fmt: skip
            assert verifier.is_signed(message, altered, public) == _by_library(message, altered, public)
        other = _flipped(dice, public)
        assert verifier.is_signed(message, signature, other) == _by_library(message, signature, other)


def _flipped(dice, raw):
    bit = dice.randrange(8 * len(raw))
    return raw[: bit // 8] + bytes([raw[bit // 8] ^ 1 << bit % 8]) + raw[bit // 8 + 1 :]


def _plus_order(factor):
    return ((int.from_bytes(factor, "little") + verifier.ORDER) % (1 << 256)).to_bytes(32, "little")


def _by_library(message, signature, key):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_points_that_no_signer_has_are_no_keys():
    for raw in (b"\xff" * 32, (verifier.P + 1).to_bytes(32, "little"), b"\1" + bytes(30) + b"\x80"):
        assert verifier.point(raw) is None
    raw = b"\1" + b"\xff" * 32
    line = f"a+{verifier.sha256(b'a' + chr(10).encode() + raw).hexdigest()[:8]}+{base64.b64encode(raw).decode()}"
    with pytest.raises(verifier.NotGenuine, match="unknown kind"):
        verifier.read_keys(line)
