"""The utilization report on paper: a frozen value in, a PDF out, which carries the value and prints its hash."""

import hashlib
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError

from utilization.documents.fonts import behind_sans
from utilization.documents.justification import CannotRender, attached, style_of
from utilization.documents.metadata import TwoStandards
from utilization.documents.page_text import each_text, marked_up, printable
from utilization.documents.report_plots import plots
from utilization.documents.structure import finish
from utilization.documents.url_fetcher import ShippedOnly
from utilization.rules.canonical_json import canonical

STYLE = Path(__file__).with_name("report.css")
VALUE_NAME = "utilization.json"
_WHITE_AT_EDGES = re.compile(r"(<(?:p|td|th|h1|h2|h3|li)(?: [^<>]*)?>)\s+|\s+(</(?:p|td|th|h1|h2|h3|li)>)")
_WHITE_BETWEEN_BLOCKS = re.compile(
    r"\s+(?=</?(?:p|t[drh]|thead|tbody|table|h[123]|li|ul|figure|svg|path|text|title|main|body)\b)"
)
"""White space that shows nowhere: the typesetter makes a box of each, and drops it later."""

logging.getLogger("weasyprint").setLevel(logging.CRITICAL)


def render(value: Mapping[str, Any], *, address: str, at: datetime, logo: bytes = b"") -> bytes:
    """The report of `value` as PDF bytes; it prints `address`, where the same report is on screen, and its hash.

    `at` is the moment of printing, in the zone of the site; `logo` has the bytes of the site's, none where it has none.
    Raises CannotRender.
    """
    content = canonical(value)
    sha256 = hashlib.sha256(content).hexdigest()
    html = _WHITE_BETWEEN_BLOCKS.sub("", page(value, sha256, address=address, at=at, logo=bool(logo)))
    style, fonts = style_of(STYLE, behind_sans([html]))
    try:
        document = HTML(string=html, url_fetcher=ShippedOnly(logo)).render(
            stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3a"
        )
        stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        document.metadata = TwoStandards(**vars(document.metadata) | {"created": stamp, "modified": stamp})
        said = "Every figure that this document prints"
        document.metadata.attachments.append(attached(VALUE_NAME, content.decode(), said, "Source", at, ShippedOnly))
        return document.write_pdf(
            pdf_variant="pdf/a-3a",
            pdf_identifier=bytes.fromhex(sha256)[:16],
            finisher=lambda doc, pdf: finish(doc, pdf),
        )
    except FatalURLFetchingError as refusal:
        raise CannotRender(str(refusal)) from None


def page(value: Mapping[str, Any], sha256: str, *, address: str, at: datetime, logo: bool = False) -> str:
    """The report as HTML, with the hash of its value; every text in it is escaped by the template."""
    days = value["period"]
    context = {
        "value": each_text(printable(dict(value)), marked_up),
        "plots": plots(value),
        "footer": f"Utilization report · {days['from']} to {days['to']} · {sha256[:16]}",
        "sha256": sha256,
        "address": address,
        "at": at,
        "logo": logo,
    }
    return _WHITE_AT_EDGES.sub(r"\1\2", render_to_string("documents/report.html", context))
