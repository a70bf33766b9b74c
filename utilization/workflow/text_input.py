"""Text as people type it, made safe to store: bounded, without hidden characters, in one Unicode form."""

import unicodedata
from typing import Any

from utilization.rules.facts.values import BadInput, read_text
from utilization.workflow.errors import Invalid


def clean_text(field: str, raw: Any, *, required: str = "", most: int | None = None, one_line: bool = False) -> str:
    """`raw` trimmed and in NFC, with line ends as \\n.

    Raises Invalid on `field` for anything but text, for hidden control or direction characters, for more than `most`
    characters (4,000 unless told), for a line break where `one_line`, and, when it is blank, with the sentence
    `required`.
    """
    if not isinstance(raw, str):
        raise Invalid({field: ["Expected text."]})
    try:
        read = read_text(raw.replace("\r\n", "\n").replace("\r", "\n"), field)
    except BadInput as bad:
        raise Invalid({field: [sentence(bad.message)]}) from None
    clean = unicodedata.normalize("NFC", read).strip()
    if most is not None and len(clean) > most:
        raise Invalid({field: [f"Expected at most {most} characters, got {len(clean)}."]})
    if one_line and ("\t" in clean or len(clean.splitlines()) > 1):
        raise Invalid({field: ["Expected one line, without line breaks or tabs."]})
    if required and not clean:
        raise Invalid({field: [required]})
    return clean


def sentence(message: str) -> str:
    """`message` with a capital first letter and a full stop."""
    whole = message[:1].upper() + message[1:]
    return whole if whole.endswith((".", "?")) else f"{whole}."


def field_of(bad: BadInput) -> str:
    """The field that a BadInput of the rules is about: `facts.weight_kg` is the field weight_kg."""
    return bad.path.removeprefix("facts.").partition("[")[0] or "facts"
