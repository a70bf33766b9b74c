"""The process that looks into a file before it is attached: `python -m utilization.limited_process.attachment`.

A file is what its first bytes and its whole structure say, whatever its name and its sender say. It is taken where it
is one thing and nothing else beside it: a PDF that opens, runs nothing and carries no other file, or a PNG or JPEG that
can be drawn and ends where its picture ends.
"""

import base64
import io
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from utilization.limited_process.work import main, tell

PDF, PNG, JPEG = "pdf", "png", "jpeg"
MOST_PAGES = 500
MOST_PIXELS = 50_000_000
"""Of a picture: a page scanned at 600 dots an inch has 35 million."""
MOST_OBJECTS = 200_000
"""Objects of a PDF that are looked at."""

_SIGNATURES = {PDF: b"%PDF-", PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff"}
_LOOKED_AT_BY_READERS = 1024
"""Bytes in which programs look for what a file may be, whatever it begins with."""
_MARKUP = (b"<script", b"<html", b"<!doctype", b"<svg", b"<?php")
_ACTS = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/RichMediaExecute", "/Rendition")
_CARRIED = "/EmbeddedFile"
_END_OF_PDF = re.compile(rb"startxref\s+\d+\s+%%EOF\s*\x00*\s*\Z")
_TAIL = 2048
"""Bytes at the end of a PDF in which its end is looked for."""
_END_OF_PICTURE = b"\xff\xd9"
# Segments of a JPEG that have no length: fill bytes aside, a marker of these stands alone.
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


Image.MAX_IMAGE_PIXELS = None  # the limit above is asked before a picture is drawn, and says what to do


class Unfit(Exception):
    """The file is not taken. Its text says why, and what to do."""


def check(job: Mapping[str, Any]) -> dict[str, Any]:
    """What the file in `job["content"]` (base64) is: {"kind"}, or {"why"} it is not taken."""
    content = base64.b64decode(job["content"])
    try:
        return {"kind": kind_of(content)}
    except Unfit as unfit:
        return {"why": str(unfit)}


def kind_of(content: bytes) -> str:
    """PDF, PNG or JPEG. Raises Unfit for everything else, and for a file that is another one besides."""
    kind = next((kind for kind, signature in _SIGNATURES.items() if content.startswith(signature)), None)
    if kind is None:
        raise Unfit("This is no PDF, PNG or JPEG, whatever its name says. Scan or export it as one of these.")
    tell(f"looking into the {kind}")
    _refuse_others(kind, content)
    if kind == PDF:
        _check_pdf(content)
    else:
        _check_picture(kind, content)
    return kind


def _refuse_others(kind: str, content: bytes) -> None:
    """Refuse what another program would open as something else."""
    begins = content[:_LOOKED_AT_BY_READERS]
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise Unfit("The file is a ZIP archive besides. Save the document or picture alone, and attach that.")
    if any(markup in begins.lower() for markup in _MARKUP) or (kind != PDF and _SIGNATURES[PDF] in begins):
        raise Unfit("The file begins as two kinds of file at once. Save the document or picture anew, and attach that.")


# --- PDF --------------------------------------------------------------------------------------------------------------


def _check_pdf(content: bytes) -> None:
    if not _END_OF_PDF.search(content[-_TAIL:]):
        raise Unfit("The PDF does not end as one: it is cut off, or something hangs on it. Save it anew as a PDF.")
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Unfit("The PDF is protected by a password, so that nobody could check it. Save it without.")
        pages = len(reader.pages)
        faults = _faults_of(reader)
    except (Unfit, MemoryError):
        raise
    except Exception:
        # pypdf fails in many ways on what is no PDF, and each says the same.
        raise Unfit("The PDF cannot be read: it is damaged. Save or scan it anew.") from None
    if not 1 <= pages <= MOST_PAGES:
        raise Unfit(f"Expected a PDF of 1 to {MOST_PAGES} pages, got {pages}.")
    if faults:
        raise Unfit(faults)


def _faults_of(reader: PdfReader) -> str:
    """What a PDF does beside being read: run something, or carry another file."""
    for entry in _dictionaries(reader):
        # A form of XFA has its scripts in words of its own, which nothing here reads.
        if _value(entry, "/S") in _ACTS or "/JS" in entry or "/XFA" in entry:
            return "The PDF runs a program when it is opened. Print it to a new PDF, and attach that."
        if "/EF" in entry or "/EmbeddedFiles" in entry or _value(entry, "/Type") == _CARRIED:
            return "The PDF carries other files in it. Print it to a new PDF, and attach each file by itself."
    return ""


def _value(entry: DictionaryObject, key: str) -> Any:
    """What stands under `key`, also where the entry only refers to it: programs that open the file look there."""
    value = entry.get(key)
    return value.get_object() if isinstance(value, IndirectObject) else value


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached from the trailer, each once."""
    waiting: list[Any] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    looked = 0
    while waiting:
        looked += 1
        if looked > MOST_OBJECTS:
            raise Unfit("The PDF has too many parts to be checked. Print it to a new PDF, and attach that.")
        entry = waiting.pop()
        if isinstance(entry, IndirectObject):
            place = (entry.idnum, entry.generation)
            if place in seen:
                continue
            seen.add(place)
            entry = entry.get_object()
        if isinstance(entry, DictionaryObject):
            yield entry
            waiting += [entry.raw_get(key) for key in entry]
        elif isinstance(entry, ArrayObject):
            waiting += list(entry)


# --- Pictures ---------------------------------------------------------------------------------------------------------


def _check_picture(kind: str, content: bytes) -> None:
    end = _end_of_png(content) if kind == PNG else _end_of_jpeg(content)
    if content[end:].strip(b"\x00"):
        raise Unfit("Something hangs on the picture after its end. Save the picture anew, and attach that.")
    try:
        with Image.open(io.BytesIO(content), formats=[kind.upper()]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Unfit(f"Expected at most {MOST_PIXELS // 1_000_000} million pixels. Save the picture smaller.")
            picture.load()
    except (Unfit, MemoryError):
        raise
    except Exception:
        # Pillow fails in many ways on what is no picture, and each says the same.
        raise _damaged() from None


def _damaged() -> Unfit:
    return Unfit("The picture cannot be drawn: it is damaged. Save or scan it anew.")


def _end_of_png(content: bytes) -> int:
    """Where the last chunk of a PNG ends."""
    place = len(_SIGNATURES[PNG])
    while place + 12 <= len(content):
        size, name = struct.unpack_from(">I4s", content, place)
        place += 12 + size
        if name == b"IEND" and place <= len(content):
            return place
    raise _damaged()


def _end_of_jpeg(content: bytes) -> int:
    """Where the picture of a JPEG ends: its segments are walked, so that an end within one of them is none."""
    place = 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            raise _damaged()
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in _ALONE:
            place += 2
        elif marker == _END_OF_PICTURE[1]:
            return place + 2
        else:
            place += 2 + int(struct.unpack_from(">H", content, place + 2)[0])
            if marker == 0xDA:
                place = _end_of_scan(content, place)
    if content[place : place + 2] == _END_OF_PICTURE:
        return place + 2
    raise _damaged()


def _end_of_scan(content: bytes, place: int) -> int:
    """Where the drawn bytes that begin at `place` end: at the next marker that is no restart and no stuffed byte."""
    while (place := content.find(b"\xff", place)) >= 0 and place + 1 < len(content):
        if content[place + 1] not in (0x00, *range(0xD0, 0xD8)):
            return place
        place += 2
    raise _damaged()


if __name__ == "__main__":
    main("attachment", {"attachment": check})
