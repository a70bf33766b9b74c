"""The justification: a frozen value in, a PDF out; the same value gives the same bytes.

What is fixed, so that it is so: every date in the file is the value's own, the file's identifier comes from the value's
hash, fonts and marks are shipped ones, and nothing reads the clock, the environment or the network. The file declares
PDF/A-3a and PDF/UA-1 and carries the value and the judgement as JSON.
"""

import hashlib
import logging
import re
import threading
from collections import OrderedDict
from datetime import datetime
from functools import partial
from pathlib import Path

from django.template.loader import render_to_string
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from utilization.documents.fonts import Face, behind_sans, width
from utilization.documents.metadata import TwoStandards
from utilization.documents.page_text import each_text, marked_up, printable, shortened
from utilization.documents.proof import DECISION_NAME, DecisionProof, add_place
from utilization.documents.structure import finish
from utilization.documents.url_fetcher import ShippedOnly
from utilization.rules.canonical_json import canonical
from utilization.rules.facts.date_words import written_day

PAPER, STYLE = (Path(__file__).with_name(name) for name in ("paper.css", "justification.css"))
VALUE_NAME, JUDGEMENT_NAME = "justification.json", "judgement.json"

# WeasyPrint's warnings quote the text and the addresses that they are about: patient data has no place in a log.
logging.getLogger("weasyprint").setLevel(logging.CRITICAL)

_SURROGATE = re.compile("[\ud800-\udfff]")


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
    return canonical(each_text(value, lambda text: _SURROGATE.sub("\ufffd", text)))


def render(value: dict, proof: DecisionProof | None = None, logo: bytes = b"") -> bytes:
    """The justification of `value` (as `reports.frozen_justification.frozen_value` makes it) as PDF bytes.

    With the proof of its decision, it has a blank place for the proof of the file; without, it says that it has none.
    `logo` has the bytes of the logo that the value names by its hash. Raises CannotRender where the page would need
    anything beyond that and the shipped files.
    """
    if (named := value["site"].get("logo")) and sha256(logo) != named["sha256"]:
        raise CannotRender("The logo is not the one that the letterhead names by its hash.")
    return typeset(page(value, proof), value, partial(ShippedOnly, logo), proof)


# White space that the template has at the edges of a block. WeasyPrint counts it to the width of a line, which would
# break elsewhere then. What people wrote stands in a `div` of its own and is left as it is.
_LINES = "p|td|th|h1|h2|li"
_WHITE_AT_EDGES = re.compile(rf"(<(?:{_LINES})(?: [^<>]*)?>)\s+|\s+(</(?:{_LINES})>|<(?:p|div|ul)\b)")


def page(value: dict, proof: DecisionProof | None = None) -> str:
    """The page of `value` as HTML; every text in it is escaped by the template."""
    shown = _for_page(value)
    context = {"v": each_text(shown, marked_up), "margins": _margins(shown), "value_sha256": value_hash(value)}
    context["proof"] = proof
    return _WHITE_AT_EDGES.sub(r"\1\2", render_to_string("documents/justification.html", context))


def typeset(html: str, value: dict, fetcher=ShippedOnly, proof: DecisionProof | None = None) -> bytes:
    """`html` as a PDF that carries `value`; all it may ask for goes through one `fetcher`."""
    style, fonts = style_of(STYLE, behind_sans([html]))
    made_at = datetime.fromisoformat(value["as_at"]["utc"])
    try:
        document = HTML(string=html, url_fetcher=fetcher()).render(
            stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3a"
        )
        known = vars(document.metadata)
        stamp = made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        document.metadata = TwoStandards(**known | {"created": stamp, "modified": stamp})
        document.metadata.attachments += [
            attached(
                JUDGEMENT_NAME, _text(_judged(value)), "The judgement and the facts it judged", "Data", made_at, fetcher
            ),
            attached(VALUE_NAME, _text(value), "Everything that this document prints", "Source", made_at, fetcher),
        ]
        if proof:
            said = "Proof that the decision stands in the log"
            document.metadata.attachments.insert(
                0, attached(DECISION_NAME, proof.text, said, "Supplement", made_at, fetcher)
            )
        return document.write_pdf(
            pdf_variant="pdf/a-3a",
            pdf_identifier=bytes.fromhex(value_hash(value))[:16],
            finisher=_finisher(proven=bool(proof)),
        )
    # A refusal of the fetcher is a BaseException, which would pass every handler above and end the worker.
    except FatalURLFetchingError as refusal:
        raise CannotRender(str(refusal)) from None


_STYLES_KEPT = 4
_BEHIND_SANS = '"Letter Others"'
_local = threading.local()


def style_of(sheet: Path, behind: tuple[Face, ...] = ()) -> tuple[CSS, FontConfiguration]:
    """Style and fonts of a document in `sheet` that needs the faces `behind` Source Sans.

    Each combination has a font map of its own, so that the bytes do not depend on what the process printed before.
    The last few are kept, once a thread: a font map of Pango must not be shared between threads.
    """
    kept = _local.__dict__.setdefault("styles", OrderedDict())
    if (sheet, behind) not in kept:
        rules = "".join(map(_face_rules, behind))
        names = ", ".join(f'"{face.family}"' for face in behind) or "sans-serif"
        text = rules + rules_of(sheet, names)
        fonts = FontConfiguration()
        kept[sheet, behind] = CSS(string=text, font_config=fonts, url_fetcher=ShippedOnly()), fonts
        if len(kept) > _STYLES_KEPT:
            kept.popitem(last=False)
    kept.move_to_end((sheet, behind))
    return kept[sheet, behind]


def rules_of(sheet: Path, behind: str = "sans-serif") -> str:
    """The rules that all documents share and those of `sheet`, with the names of the faces `behind` Source Sans."""
    return "".join(each.read_text(encoding="utf-8") for each in (PAPER, sheet)).replace(_BEHIND_SANS, behind)


def _face_rules(face: Face) -> str:
    """The style sheet's rules for `face`; only a static file is given its weight."""
    weights = ("; font-weight: 400", "; font-weight: 600") if face.semibold else ("",)
    return "".join(
        f'@font-face {{ font-family: "{face.family}"; src: url("{name}"){weight} }}'
        for name, weight in zip(face.files, weights, strict=True)
    )


def _finisher(*, proven):
    def finisher(document, pdf):
        finish(document, pdf)
        if proven:
            add_place(pdf)

    return finisher


def _text(value):
    return _bytes(value).decode()


def attached(name, text, description, relationship, made_at, fetcher):
    return Attachment(
        string=text,
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


# Ems of the margins' 7.8 pt letters that fit their boxes in justification.css: 128 mm and 60 mm.
_TOP_LEFT_EMS, _BOTTOM_LEFT_EMS = 46.4, 21.7


def _for_page(value):
    """`value` with dates in words and what the page groups put together; adds nothing that is not in it."""
    shown = _dated(printable(value))
    shown["marked_as"] = _marked_as(value)
    shown["order_changed"] = any(line["decided"] not in ("", line["asked"]) for line in shown["order"])
    # A value of a version before has no other facts.
    for part in (*shown["criteria"], *shown.get("other_facts", ())):
        part["entries"] = _grouped(part["facts"])
    return shown


def _marked_as(value):
    """The class of pages that carry a mark; empty where the document is final."""
    if not value["mark"]:
        return ""
    if value["status"]["code"] == "appeal_review":
        return "appealed"
    if value["decision"]:
        return "withdrawn"
    return "withdrawn-undecided" if value["withdrawal"] else "undecided"


def _margins(shown):
    """What stands in the margins of each page, as plain text: the MRN whole, and of names as much as fits."""
    identity = f"MRN {shown['patient']['mrn']} · "
    room = _TOP_LEFT_EMS - width(identity)
    return {
        "patient": identity + shortened(shown["patient"]["name"], room),
        "site": shortened(shown["site"]["name"], _BOTTOM_LEFT_EMS),
        "author": shown["site"]["name"],
    }


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
        return f"{written_day(local)}, {local:%H:%M} {value['zone']}"
    return {key: written_day(item) if key in _DAYS and item else _dated(item) for key, item in value.items()}
