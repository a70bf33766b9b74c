"""Reads a PDF back as an outside reader would: text, structure, attachments, fonts, and whatever could act."""

import io
import re

import pikepdf
from pypdf import PdfReader

_SPACE = re.compile(r"\s+")


def page_texts(pdf):
    """The text of each page, as extracted."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def squeezed(text):
    """`text` without white space, since a page breaks lines where it must."""
    return _SPACE.sub("", text)


def squeezed_text(pdf):
    """The text of all pages without white space."""
    return squeezed("".join(page_texts(pdf)))


def attachments(pdf):
    """Name to content of every attached file."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return {name: file.get_file().read_bytes() for name, file in opened.attachments.items()}


def structure(pdf):
    """The structure tree, from the top: (tag, number of headers that a cell names, whether it has a description)."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [
            (str(element.S), len(element.get("/A", {}).get("/Headers", ())), "/Alt" in element)
            for element in _below(opened.Root.StructTreeRoot)
        ]


def _below(element):
    kids = element.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _below(kid)


def fonts(pdf):
    """(name, whether it maps to Unicode, whether its file is embedded) of each font; None where it does not apply."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for font in _dictionaries(opened):
            if font.get("/Type") != "/Font":
                continue
            if font.Subtype == "/Type0":
                found.append((str(font.BaseFont), "/ToUnicode" in font, None))
            else:
                embedded = {"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys())
                found.append((str(font.BaseFont), None, bool(embedded)))
    return found


def actions(pdf):
    """Everything in the file that could act or lead elsewhere: links, scripts, forms, launches, outside files."""
    live = {"/A", "/AA", "/OpenAction", "/JS", "/JavaScript", "/URI", "/Launch", "/AcroForm", "/Annots", "/GoToR"}
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        # A structure element has its attributes under /A, which is no action.
        return [
            key
            for item in _dictionaries(opened)
            for key in list(item)
            if key in live and not (key == "/A" and item.get("/Type") == "/StructElem")
        ]


def _dictionaries(opened):
    for item in opened.objects:
        if isinstance(item, pikepdf.Stream):
            yield item.stream_dict
        elif isinstance(item, pikepdf.Dictionary):
            yield item


def all_bytes(pdf):
    """Every stream of the file, decompressed, one after the other."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return b"\n".join(item.read_bytes() for item in opened.objects if isinstance(item, pikepdf.Stream))
