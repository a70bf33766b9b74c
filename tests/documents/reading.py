"""Reads a PDF back as an outside reader would: text, structure, attachments, fonts, and whatever could act."""

import io
import re

import pikepdf
from fontTools.ttLib import TTFont
from pypdf import PdfReader

_SPACE = re.compile(r"\s+")


def page_texts(pdf):
    """The text of each page, as extracted."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def body_texts(pdf):
    """The text of each page without what is marked as pagination: what a screen reader reads."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            page.Contents = opened.make_stream(pikepdf.unparse_content_stream(_without_artifacts(page)))
        left = io.BytesIO()
        opened.save(left)
    return page_texts(left.getvalue())


def _without_artifacts(page):
    open_marks = []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            open_marks.append(str(operands[0]) == "/Artifact")
        shows_text = name in ("Tj", "TJ", "'", '"')
        if not (shows_text and any(open_marks)):
            yield operands, operator
        if name == "EMC":
            open_marks.pop()


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
            for element in elements(opened)
        ]


def elements(opened):
    """Every element of the structure tree of an opened file, from the top."""
    yield from _below(opened.Root.StructTreeRoot)


def _below(element):
    kids = element.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _below(kid)


def fonts(pdf):
    """(name, whether it maps to Unicode, whether its file is embedded) of each font; None where it does not apply."""
    fonts = []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for font in _dictionaries(opened):
            if font.get("/Type") != "/Font":
                continue
            if font.Subtype == "/Type0":
                fonts.append((str(font.BaseFont), "/ToUnicode" in font, None))
            else:
                embedded = {"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys())
                fonts.append((str(font.BaseFont), None, bool(embedded)))
    return fonts


def empty_boxes(pdf):
    """How many glyphs on all pages a font draws as an empty box: its glyph 0, or one beyond those that it holds."""
    boxes, drawn = 0, 0
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            counts = {name: _glyph_count(font) for name, font in page.Resources.Font.items()}
            held = 0
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    held = counts[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    glyphs = list(_glyphs(operands[0] if str(operator) == "TJ" else operands))
                    drawn += len(glyphs)
                    boxes += sum(not 0 < glyph < held for glyph in glyphs)
    assert drawn
    return boxes


def _glyph_count(font):
    descriptor = font.DescendantFonts[0].FontDescriptor
    file = descriptor.get("/FontFile2") or descriptor.FontFile3
    return TTFont(io.BytesIO(file.read_bytes()))["maxp"].numGlyphs


def _glyphs(shown):
    for string in shown:
        if isinstance(string, pikepdf.String):
            glyphs = bytes(string)
            yield from (int.from_bytes(glyphs[at : at + 2], "big") for at in range(0, len(glyphs), 2))


def spelled(pdf):
    """Every text that the file spells out beside its glyphs, because these do not say what they read."""
    spelled = []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "BDC" and "/ActualText" in operands[1]:
                    spelled.append(str(operands[1].ActualText))
    return spelled


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
