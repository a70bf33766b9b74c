"""Files that people attach, made by other libraries than those that check them: good ones, and ones that lie."""

import hashlib
import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image

from utilization.workflow import CheckedFile


def a_pdf(*, note: bytes = b"") -> bytes:
    """One empty page."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        if note:
            pdf.docinfo["/Title"] = pikepdf.String(note.decode())
        return _saved(pdf)


def a_pdf_with(change, **options) -> bytes:
    """One page, and what `change` does to the document."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        change(pdf)
        return _saved(pdf, **options)


def _saved(pdf, **options) -> bytes:
    file = io.BytesIO()
    pdf.save(file, **options)
    return file.getvalue()


def runs_a_program(pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))


def launches(pdf) -> None:
    pdf.pages[0].Annots = pdf.make_indirect(
        pikepdf.Array([pikepdf.Dictionary(A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"))])
    )


def launches_by_reference(pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pdf.make_indirect(pikepdf.Name.Launch), F="calc.exe")


def has_a_form_with_scripts(pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(XFA="<xdp/>")


def carries_a_file(pdf) -> None:
    pdf.attachments["inner.exe"] = b"MZ"


def a_picture(kind: str = "PNG", size: tuple[int, int] = (8, 8)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def a_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as folder:
        folder.writestr("x.txt", "x")
    return file.getvalue()


def a_png_of_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG put together by hand."""
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def a_vast_png() -> bytes:
    """A few bytes that announce ten thousand million pixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return a_png_of_chunks((b"IHDR", head), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b""))


def a_checked_file(name: str = "Conduction study.pdf", content: bytes = b"") -> CheckedFile:
    """A PDF as the look into it lets it through; without `content` one that no other name has."""
    content = content or a_pdf(note=name.encode())
    return CheckedFile(name, "pdf", content, hashlib.sha256(content).hexdigest())
