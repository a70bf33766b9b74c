"""The utilization report on paper: a frozen value in, a PDF out, which carries the value and prints its hash."""

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
from utilization.rules.utilization_report.report import value_hash

STYLE = Path(__file__).with_name("report.css")
VALUE_NAME = "utilization.json"
_WHITE_AT_EDGES = re.compile(r"(<(?:p|td|th|h1|h2|h3|li)(?: [^<>]*)?>)\s+|\s+(</(?:p|td|th|h1|h2|h3|li)>)")

logging.getLogger("weasyprint").setLevel(logging.CRITICAL)


def render(value: Mapping[str, Any], *, address: str, at: datetime) -> bytes:
    """The report of `value` as PDF bytes; it prints `address`, where the same report is on screen, and its hash.

    `at` is the moment of printing, in the zone of the site. Raises CannotRender.
    """
    sha256 = value_hash(value)
    html = page(value, address=address, at=at)
    style, fonts = style_of(STYLE, behind_sans([html]))
    try:
        document = HTML(string=html, url_fetcher=ShippedOnly()).render(
            stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3a"
        )
        stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        document.metadata = TwoStandards(**vars(document.metadata) | {"created": stamp, "modified": stamp})
        said = "Every figure that this document prints"
        document.metadata.attachments.append(
            attached(VALUE_NAME, canonical(value).decode(), said, "Source", at, ShippedOnly)
        )
        return document.write_pdf(
            pdf_variant="pdf/a-3a",
            pdf_identifier=bytes.fromhex(sha256)[:16],
            finisher=lambda doc, pdf: finish(doc, pdf),
        )
    except FatalURLFetchingError as refusal:
        raise CannotRender(str(refusal)) from None


def page(value: Mapping[str, Any], *, address: str, at: datetime) -> str:
    """The report as HTML; every text in it is escaped by the template."""
    sha256, days = value_hash(value), value["period"]
    context = {
        "value": each_text(printable(dict(value)), marked_up),
        "plots": plots(value),
        "footer": f"Utilization report · {days['from']} to {days['to']} · {sha256[:16]}",
        "sha256": sha256,
        "address": address,
        "at": at,
    }
    return _WHITE_AT_EDGES.sub(r"\1\2", render_to_string("documents/report.html", context))
