"""The tags of a file as PDF/UA wants them, where the typesetter leaves them short.

Each function changes a `pydyf.PDF` before it is written. References are bytes such as b"12 0 R".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf
from weasyprint.pdf.stream import Stream

from utilization.documents.fonts import LATIN, STACKED, behind_sans

_SPELLED_OUT = frozenset({LATIN, *STACKED})
_NO_CHARACTER, _WORD_JOINER = b"<>", b"<2060>"
_mark_content = Stream.marked


@contextmanager
def _mark_and_spell(self, box, tag):
    """Begin marked content for `box`; text in letters that are stacked or reordered is spelled out beside it.

    A PDF says once for each glyph which characters it stands for. That cannot spell a Bengali word, where one glyph is
    part of several letters and the order on the page is not that of speech. WeasyPrint offers no place to add this.
    """
    with _mark_content(self, box, tag):
        text = getattr(box, "text", "")
        if set(behind_sans([text])) & _SPELLED_OUT:
            self.stream[-2]["ActualText"] = pydyf.String(text)
        yield


Stream.marked = _mark_and_spell


def finish(document, pdf) -> None:
    """Complete the structure of `pdf`; a `finisher` of WeasyPrint, which passes the `document` that it set."""
    list_files_once(pdf)
    scope_headers(pdf)
    set_margins_apart(pdf)
    map_every_glyph(pdf)


def list_files_once(pdf) -> None:
    """Take doubled entries out of the catalogue's list of attached files; WeasyPrint names each file twice."""
    files = pdf.catalog["AF"]
    files[:] = dict.fromkeys(files)


def scope_headers(pdf) -> None:
    """Say of each header cell whether it heads its column or its row, so that a corner cell heads the right one."""
    for cell in pdf.objects:
        if _tag(cell) == "/TH":
            section = _object(pdf, _object(pdf, cell["P"])["P"])
            cell["A"]["Scope"] = "/Column" if _tag(section) == "/THead" else "/Row"


def set_margins_apart(pdf) -> None:
    """Mark what stands in the margins as pagination, which a screen reader leaves out.

    WeasyPrint tags it like text but hangs the tags beside the tree, so that it belongs to the text and yet is nowhere
    in it. Each page number of the parent tree has an array that holds, for marked content n, its tag at place n.
    """
    root = _object(pdf, pdf.catalog["StructTreeRoot"])
    in_tree = set(_below(pdf, root))
    pages = _object(pdf, root["ParentTree"])["Nums"]
    for number, owners in zip(pages[::2], pages[1::2], strict=True):
        if not isinstance(owners, list):
            continue  # a link's tag, not a page
        apart = {place for place, owner in enumerate(owners) if owner not in in_tree}
        page = _object(pdf, pdf.page_references[number])
        _mark_as_pagination(_object(pdf, page["Contents"]).stream, apart)
        owners[:] = [b"null" if place in apart else owner for place, owner in enumerate(owners)]


def _mark_as_pagination(drawn: list[Any], apart: set[int]) -> None:
    """Change the begin of each marked content in `apart`: its tag, its properties, then BDC."""
    for place, item in enumerate(drawn):
        if item == b"BDC" and drawn[place - 1].get("MCID") in apart:
            drawn[place - 2 : place] = "/Artifact", pydyf.Dictionary({"Type": "/Pagination"})


def map_every_glyph(pdf) -> None:
    """Give a character to glyphs that stand for none, as the second of those that draw one stacked letter.

    PDF/UA wants one for every code (ISO 14289-1, 7.21.7), and WeasyPrint leaves the place empty. The text of these
    scripts is spelled out beside its glyphs, so that a word joiner, which draws and parts nothing, changes no reading.
    """
    for font in pdf.objects:
        if isinstance(font, dict) and "ToUnicode" in font:
            mapped = _object(pdf, font["ToUnicode"]).stream
            mapped[:] = [
                line.removesuffix(_NO_CHARACTER) + _WORD_JOINER if line.endswith(_NO_CHARACTER) else line
                for line in mapped
            ]


def _below(pdf, element) -> Iterator[bytes]:
    for kid in element["K"]:
        if isinstance(kid, bytes):
            yield kid
            below = _object(pdf, kid)
            if "K" in below:
                yield from _below(pdf, below)


def _object(pdf, reference: bytes):
    return pdf.objects[int(reference.split()[0])]


def _tag(item) -> Any:
    return item.get("S") if isinstance(item, dict) else None
