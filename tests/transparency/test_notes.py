"""Notes and keys are written and read as the specification says, and anything else is refused with a reason."""

import base64
import subprocess
import sys

import pytest

from utilization.transparency.checkpoints import NotSigned, vouched
from utilization.transparency.ed25519 import is_signed, new_signing_key, read_signing_key
from utilization.transparency.encodings import BadText
from utilization.transparency.keys import PublicKey, SignatureType, read_keys, read_public_key
from utilization.transparency.notes import MOST_BYTES, MOST_SIGNATURES, Signature, SignedNote, read_note

# The example in the documentation of Go's package golang.org/x/mod/sumdb/note.
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_made_elsewhere_is_read_checked_and_written_back():
    note, key = read_note(NOTE.encode()), read_public_key(PUBLIC)
    assert note.text == TEXT
    assert str(note) == NOTE
    assert key.line == PUBLIC
    assert vouched(note, [key]).logs == (key,)


def test_a_key_made_elsewhere_signs_the_same_bytes():
    key = read_signing_key(PRIVATE + "\n")
    assert key.line == PRIVATE
    assert key.public.line == PUBLIC
    assert str(SignedNote(TEXT, (Signature(key.public.name, key.public.key_id, key.sign(TEXT.encode())),))) == NOTE


def test_every_changed_bit_of_the_text_or_the_signature_is_refused():
    key = read_public_key(PUBLIC)
    signature = read_note(NOTE.encode()).signatures[0]
    for bit in range(8 * len(TEXT)):
        text = bytearray(TEXT.encode())
        text[bit // 8] ^= 1 << bit % 8
        assert not is_signed(bytes(text), signature.value, key.key)
    for bit in range(8 * 64):
        value = (int.from_bytes(signature.value, "big") ^ 1 << bit).to_bytes(64, "big")
        with pytest.raises(NotSigned, match="The signature of PeterNeumann is wrong"):
            vouched(SignedNote(TEXT, (Signature(signature.name, signature.key_id, value),)), [key])


def test_a_line_by_an_unknown_key_is_named_and_otherwise_ignored():
    key = read_public_key(PUBLIC)
    note = read_note(NOTE.encode())
    same_name = Signature(key.name, b"\0\0\0\0", bytes(64))
    same_id = Signature("Somebody", key.key_id, bytes(64))
    by = vouched(note.signed_also(same_name, same_id), [key])
    assert (by.logs, by.unknown) == ((key,), ("PeterNeumann", "Somebody"))
    assert vouched(note, []).unknown == ("PeterNeumann",)


def test_an_empty_line_in_the_text_belongs_to_the_text():
    raw = "a\n\nb\n\n— x AAAAAAE=\n"
    assert read_note(raw.encode()).text == "a\n\nb\n"
    assert str(read_note(raw.encode())) == raw


LINE = "— x AAAAAAE=\n"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "not ended"),
        (b"\xff\n\n" + LINE.encode(), "UTF-8"),
        ("text\n" + LINE, "empty line"),
        ("text\n\n" + LINE[:-1], "not ended"),
        ("text\n\n", "expected 1 to"),
        ("text\r\n\n" + LINE, "control"),
        ("te\0xt\n\n" + LINE, "control"),
        ("text\n\n- x AAAAAAE=\n", "dash"),
        ("text\n\n— x  AAAAAAE=\n", "dash"),
        ("text\n\n— x AAAAAAE= \n", "dash"),
        ("text\n\n— x+y AAAAAAE=\n", "name of a key"),
        ("text\n\n— x\u00a0y AAAAAAE=\n", "name of a key"),
        ("text\n\n— x AAAAAA==\n", "too short"),
        ("text\n\n— x AAAAAAF=\n", "nothing left over"),
        ("text\n\n— x AAAAAAE\n", "Base 64"),
        ("text\n\n— x é\n", "Base 64"),
        ("text\n\n" + LINE * (MOST_SIGNATURES + 1), "expected 1 to"),
        ("t" * MOST_BYTES + "\n\n" + LINE, "longer than"),
    ],
)
def test_what_is_no_note_is_refused(raw, why):
    with pytest.raises(BadText, match=why):
        read_note(raw if isinstance(raw, bytes) else raw.encode())


def test_as_many_signatures_as_the_specification_wants_are_read():
    assert len(read_note(("text\n\n" + LINE * 16).encode()).signatures) == 16


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "name"),
        ("PeterNeumann", "name"),
        ("a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "name of a key"),
        ("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "name of a key"),
        (PUBLIC.replace("c74f20a3", "c74f20a4"), "copied whole"),
        (PUBLIC.replace("Peter", "Petra"), "copied whole"),
        (PUBLIC[:-4], "Ed25519"),
        (PUBLIC.replace("+AR", "+Ah"), "Ed25519"),
        (PUBLIC + "=", "Base 64"),
    ],
)
def test_what_is_no_public_key_is_refused(line, why):
    with pytest.raises(BadText, match=why):
        read_public_key(line)


@pytest.mark.parametrize(
    "line",
    [
        "", "PRIVATE", PUBLIC, PRIVATE[:-4],
        PRIVATE.replace("c74f20a3", "00000000"), PRIVATE.replace("+AY", "+AI"), "PRIVATE+KEY+a",
    ],
)  # fmt: skip
def test_what_is_no_private_key_is_refused_without_repeating_it(line):
    with pytest.raises(BadText) as refused:
        read_signing_key(line)
    assert "YEKFALVFGy" not in str(refused.value)


def test_a_private_key_has_no_representation_to_print():
    assert base64.b64encode(read_signing_key(PRIVATE).seed).decode()[:8] not in repr(read_signing_key(PRIVATE))
    assert str(read_signing_key(PRIVATE).seed) not in repr(read_signing_key(PRIVATE))


def test_a_new_key_is_new_and_reads_back():
    first, second = (new_signing_key("demo-key/witness", SignatureType.WITNESS) for _ in range(2))
    assert first.seed != second.seed
    assert read_signing_key(first.line) == first
    assert read_public_key(first.public.line) == first.public


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a" * 201, "a\u2003b"])
def test_a_name_that_no_line_can_bear_is_refused(name):
    with pytest.raises(BadText, match="name of a key"):
        new_signing_key(name, SignatureType.LOG)


def test_a_file_of_keys_may_say_what_each_is():
    other = PublicKey("witness", SignatureType.WITNESS, bytes(32))
    assert read_keys(f"# demo keys\n\n {PUBLIC} \n#\n{other.line}\n") == (read_public_key(PUBLIC), other)


def test_reading_a_note_needs_no_library():
    code = "import sys; from utilization.transparency import notes, proofs; print('cryptography' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
