"""The justification: a frozen value in, a PDF out; the same value gives the same bytes.

What is fixed, so that it is so: every date in the file is the value's own, the file's identifier comes from the value's
hash, fonts and marks are shipped ones, and nothing reads the clock, the environment or the network. The file declares
PDF/A-3a and PDF/UA-1 and carries the value and the judgement as JSON.
"""

import hashlib
import logging
import re
import threading
from datetime import date, datetime
from pathlib import Path

from django.template.loader import render_to_string
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from utilization.documents.fetcher import ShippedOnly
from utilization.documents.metadata import TwoStandards, list_files_once
from utilization.rules.canonical import canonical

STYLE = Path(__file__).with_name("justification.css")
VALUE_NAME, JUDGEMENT_NAME = "justification.json", "judgement.json"

# WeasyPrint's warnings quote the text and the addresses that they are about: patient data has no place in a log.
logging.getLogger("weasyprint").setLevel(logging.CRITICAL)

# Characters that draw nothing, or turn the direction of what follows: printed as their code, so that the page shows
# what the field holds.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|\x85|\u2028|\u2029")


class CannotRender(Exception):
    """A justification could not be made; nothing was written. The message names no patient data."""


def value_hash(value) -> str:
    """SHA-256 of the canonical bytes of `value`, in hex."""
    return sha256(_bytes(value))


def sha256(content: bytes) -> str:
    """SHA-256 of `content`, in hex."""
    return hashlib.sha256(content).hexdigest()


def _bytes(value) -> bytes:
    # Half a character has no bytes, and must not stop a print.
    return canonical(_each_text(value, lambda text: _SURROGATE.sub("\ufffd", text)))


def printable(value):
    """`value` with every text in it fit for a page: line ends made one kind, unseen characters shown as [U+202E]."""
    return _each_text(value, lambda text: _UNSEEN.sub(_code, _LINE_END.sub("\n", text)))


def _code(found):
    return f"[U+{ord(found[0]):04X}]"


def _each_text(value, change):
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_text(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(item, change) for item in value]
    return value


def render(value: dict) -> bytes:
    """The justification of `value` (as `reports.justifying.frozen_value` makes it) as PDF bytes.

    Raises CannotRender where the page would need anything beyond the shipped files.
    """
    return typeset(page(value), value)


def page(value: dict) -> str:
    """The page of `value` as HTML; every text in it is escaped by the template."""
    return render_to_string("documents/justification.html", {"v": _for_page(value), "value_sha256": value_hash(value)})


def typeset(html: str, value: dict, fetcher=ShippedOnly) -> bytes:
    """`html` as a PDF that carries `value`; all it may ask for goes through one `fetcher`."""
    style, fonts = _style()
    made_at = datetime.fromisoformat(value["as_at"]["utc"])
    try:
        document = HTML(string=html, url_fetcher=fetcher()).render(
            stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3a"
        )
        known = vars(document.metadata)
        stamp = made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        document.metadata = TwoStandards(**known | {"created": stamp, "modified": stamp})
        document.metadata.attachments += [
            _attached(
                JUDGEMENT_NAME, _judged(value), "The judgement and the facts it judged", "Data", made_at, fetcher
            ),
            _attached(VALUE_NAME, value, "Everything that this document prints", "Source", made_at, fetcher),
        ]
        return document.write_pdf(
            pdf_variant="pdf/a-3a",
            pdf_identifier=bytes.fromhex(value_hash(value))[:16],
            finisher=list_files_once,
        )
    # A refusal of the fetcher is a BaseException, which would pass every handler above and end the worker.
    except FatalURLFetchingError as refusal:
        raise CannotRender(str(refusal)) from None


_local = threading.local()


def _style():
    """Style and fonts, read once a thread: a font map of Pango must not be shared between threads."""
    if not hasattr(_local, "style"):
        fonts = FontConfiguration()
        css = CSS(string=STYLE.read_text(encoding="utf-8"), font_config=fonts, url_fetcher=ShippedOnly())
        _local.style = (css, fonts)
    return _local.style


def _attached(name, value, description, relationship, made_at, fetcher):
    return Attachment(
        string=_bytes(value).decode(),
        name=name,
        description=description,
        relationship=relationship,
        created=made_at,
        modified=made_at,
        url_fetcher=fetcher(),
    )


def _judged(value):
    return {
        "request": value["request"]["number"],
        "criteria": value["pack"],
        "facts": value["facts"],
        "order": value["decided_order"],
        "judgement": value["judgement"],
    }


def _for_page(value):
    """`value` with dates in words and what the page groups put together; adds nothing that is not in it."""
    shown = _dated(printable(value))
    shown["order_changed"] = any(line["decided"] not in ("", line["asked"]) for line in shown["order"])
    for criterion in shown["criteria"]:
        criterion["entries"] = _grouped(criterion["facts"])
    return shown


def _grouped(facts):
    """Facts put together where the same person entered them at the same time, in their order."""
    groups: list[dict] = []
    for fact in facts:
        if not groups or (groups[-1]["by"], groups[-1]["at"]) != (fact["by"], fact["at"]):
            groups.append({"by": fact["by"], "at": fact["at"], "facts": []})
        groups[-1]["facts"].append(fact)
    return groups


_DAYS = frozenset({"date_of_birth", "measured_on", "valid_from", "valid_to", "review_by"})


def _dated(value):
    """Moments as text in the site's zone ("12 Nov 2026, 09:14 CST") and days as "12 Nov 2026"."""
    if isinstance(value, list):
        return [_dated(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"utc", "local", "zone"}:
        local = datetime.fromisoformat(value["local"])
        return f"{_day(local)}, {local:%H:%M} {value['zone']}"
    return {
        key: _day(date.fromisoformat(item)) if key in _DAYS and item else _dated(item) for key, item in value.items()
    }


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


# Written out, because strftime's month names follow the machine's locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
