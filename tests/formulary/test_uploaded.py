"""What an upload may hold: a clear sentence for everything that cannot be taken, with the line where there is one."""

import io
import struct
import zipfile

import pytest

from utilization.documents.pack_zip import zipped
from utilization.workflow import criteria_upload
from utilization.workflow.criteria_upload import MOST_BYTES, MOST_TEXT, clean_path, clean_source, read_upload
from utilization.workflow.errors import Invalid


def packed(files, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return made.getvalue()


def refused(name, content, words):
    with pytest.raises(Invalid) as told:
        read_upload(name, content)
    assert list(told.value.errors) == ["upload"]
    assert words in told.value.errors["upload"][0]


@pytest.mark.parametrize("name", ["cidp.yaml", "CIDP.yml", "C:\\packs\\cidp.yaml", "packs/cidp.yaml"])
def test_one_file_is_taken_under_its_own_name(name):
    held = read_upload(name, "title: größer\r\nmore: 1\r".encode())
    assert list(held.files.values()) == ["title: größer\nmore: 1\n"]
    assert next(iter(held.files)).lower() in ("cidp.yaml", "cidp.yml")
    assert not held.whole


def test_a_byte_order_mark_is_left_out():
    assert read_upload("a.yaml", b"\xef\xbb\xbfa: 1\n").files == {"a.yaml": "a: 1\n"}


@pytest.mark.parametrize(("name", "content", "words"), [
    ("a.yaml", b"ok: 1\nname: caf\xe9\n", "a.yaml, line 2: the byte 0xe9 is not UTF-8"),
    ("a.yaml", "a: 1".encode("utf-16"), "is UTF-16 text"),
    ("a.yaml", b"ok: 1\n\nx: a\x00b\n", "line 3: it holds a hidden character (U+0000)"),
    ("a.yaml", "x: a\u202eb\n".encode(), "line 1: it holds a hidden character (U+202E)"),
    ("a.yaml", "x: a\u200bb\n".encode(), "U+200B"),
    ("a.yaml", b"a" * (MOST_BYTES + 1), "larger than 2 MB"),
    ("a.docx", b"a", "is no .yaml and no .zip file"),
    ("noname", b"a", "is no .yaml and no .zip file"),
    ("a b.yaml", b"a: 1", "cannot be the name of a file"),
    ("a.zip", b"not a zip", "damaged"),
    ("a.zip", b"PK\x03\x04 and then nothing", "damaged"),
])  # fmt: skip
def test_what_cannot_be_taken_is_refused_in_words(name, content, words):
    refused(name, content, words)


def test_a_zip_gives_up_its_folder_and_says_what_it_left_out():
    content = packed([
        ("policy/pack.yaml", "pack: {}\n"), ("policy/clauses/cidp.yml", "criteria: []\n"), ("policy/notes.txt", "x"),
        ("__MACOSX/policy/._pack.yaml", "\x00\x05"), ("policy/.DS_Store", "x"),
    ])  # fmt: skip
    held = read_upload("policy.zip", content)
    assert held.files == {"pack.yaml": "pack: {}\n", "clauses/cidp.yml": "criteria: []\n"}
    assert held.whole
    assert held.left_out == ("policy/notes.txt",)


def test_a_zip_without_a_folder_of_its_own_keeps_its_folders():
    held = read_upload("p.zip", packed([("pack.yaml", "a: 1\n"), ("clauses/x.yaml", "b: 1\n")]))
    assert set(held.files) == {"pack.yaml", "clauses/x.yaml"}


def test_a_zip_is_known_by_its_first_bytes_too():
    assert read_upload("policy.yaml", packed([("pack.yaml", "a: 1\n")])).whole


def test_what_is_downloaded_can_be_uploaded_again():
    files = {"pack.yaml": "a: ü\n", "clauses/x.yaml": "b: 1\n"}
    assert read_upload("p.zip", zipped(files, "north-2")).files == files
    assert zipped(files, "north-2") == zipped(dict(reversed(files.items())), "north-2")


@pytest.mark.parametrize(("files", "words"), [
    ([("readme.txt", "x")], "holds no .yaml file"),
    ([("../evil.yaml", "x"), ("b/c.yaml", "y")], "cannot be the name of a file"),
    ([("/etc/evil.yaml", "x"), ("b.yaml", "y")], "cannot be the name of a file"),
    ([("a\\b.yaml", "x"), ("b.yaml", "y")], "cannot be the name of a file"),
    ([(f"f{n}.txt", "x") for n in range(1001)], "holds 1001 files"),
    ([(f"f{n}.yaml", "x") for n in range(201)], "at most 200 files"),
    ([("a.yaml", b"\xff")], "is not UTF-8"),
])  # fmt: skip
def test_a_zip_with_something_wrong_is_refused_whole(files, words):
    refused("p.zip", packed(files), words)


def test_a_zip_with_one_name_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = packed([("a.yaml", "x"), ("a.yaml", "y")])
    refused("p.zip", content, "holds a.yaml twice")


def test_a_zip_that_unpacks_without_end_is_read_no_further_than_the_limit(monkeypatch):
    monkeypatch.setattr(criteria_upload, "MOST_BYTES", 100_000)
    bomb = packed([("a.yaml", "a" * 60_000), ("b.yaml", "b" * 60_000)])
    assert len(bomb) < 1000
    refused("p.zip", bomb, "Unpacked, the zip file is larger")


def test_a_zip_that_lies_about_its_sizes_is_damaged():
    content = bytearray(packed([("a.yaml", "a" * 1000)]))
    directory = content.index(b"PK\x01\x02")
    content[directory + 16 : directory + 20] = struct.pack("<I", 12345)
    refused("p.zip", bytes(content), "damaged")


def test_a_zip_with_a_password_is_refused():
    content = bytearray(packed([("a.yaml", "a: 1")], zipfile.ZIP_STORED))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    refused("p.zip", bytes(content), "locked with a password")


def test_a_draft_has_a_largest_size_in_all(monkeypatch):
    monkeypatch.setattr(criteria_upload, "MOST_BYTES", 10)
    with pytest.raises(Invalid, match="at most 0 MB"):
        criteria_upload.check_size({"a.yaml": "12345", "b.yaml": "éé345"}, "text")
    criteria_upload.check_size({"a.yaml": "12345", "b.yaml": "12345"}, "text")


@pytest.mark.parametrize("path", ["pack.yaml", "a/b/c/d/e.yml", "A-1_x.y.yaml", " pack.yaml "])
def test_names_of_files(path):
    assert clean_path(path) == path.strip()


@pytest.mark.parametrize("path", ["", "pack", "pack.yaml/", ".yaml", "a//b.yaml", "a/../b.yaml", "ü.yaml", "a:b.yaml",
                                  "x" * 120 + ".yaml", "a/b/c/d/e/f.yaml"])  # fmt: skip
def test_names_that_no_file_can_have(path):
    with pytest.raises(Invalid, match="cannot be the name"):
        clean_path(path)


def test_tabs_and_every_letter_are_kept():
    assert clean_source("a:\t“ü”\n", "a.yaml") == "a:\t“ü”\n"


def test_a_text_longer_than_the_reader_takes_is_refused_as_it_is_typed():
    with pytest.raises(Invalid) as refused:
        clean_source("a" * (MOST_TEXT + 1), "a.yaml")
    assert "expected at most 2,000,000" in refused.value.errors["text"][0]
