"""Figures of the utilization report as people read them. `{% load report_figures %}`."""

from calendar import monthrange
from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from utilization.templatetags.doses import NARROW_SPACE, number

register = template.Library()

KEPT_BACK = "not shown"
NOTHING = "–"


@register.filter
def figure(cell: Mapping[str, Any]) -> str:
    """A cell in words: `31 of 389 (8.0 %)`, `63 180 g`, `19.5 h`; `not shown` where the guard keeps it back."""
    if "withheld" in cell:
        return KEPT_BACK
    if "none" in cell:
        return NOTHING
    if "of" in cell:
        return f"{number(cell['n'])} of {number(cell['of'])} ({cell['percent']}{NARROW_SPACE}%)"
    for name, unit in (("percent", "%"), ("g", "g"), ("h", "h"), ("g_per_kg", "g/kg")):
        if name in cell:
            shown = cell[name] if name in ("percent", "h") else number(cell[name])
            return f"{shown}{NARROW_SPACE}{unit}"
    return str(cell["text"]) if "text" in cell else str(number(cell["n"]))


@register.filter
def main_figure(cell: Mapping[str, Any]) -> str:
    """The one number of a tile, with its unit smaller beside it."""
    if "withheld" in cell or "none" in cell:
        return format_html('<span class="tile-none">{}</span>', figure(cell))
    for name, unit in (("percent", "%"), ("g", "g"), ("h", "h")):
        if name in cell:
            shown = cell[name] if name != "g" else number(round(cell[name]))
            return format_html('{} <span class="tile-unit">{}</span>', shown, unit)
    return str(number(cell["n"]))


@register.filter
def share_words(cell: Mapping[str, Any]) -> str:
    """The counts of a share, `31 of 389`; empty where it is none."""
    return f"{number(cell['n'])} of {number(cell['of'])}" if "of" in cell else ""


_DATES = {True: ("since", "until"), False: ("decided_since", "decided_until")}
_SAME = ("department", "prescriber")
_MARKS = ("off_criteria", "overridden", "actual_weight_in_obesity")


@register.simple_tag
def list_of(value: Mapping[str, Any], row: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    """The address of the auditor's list of exactly what `cell` counts; empty where the list cannot be narrowed so."""
    counts = dict(cell.get("counts", {}))
    if value["limit"] or not counts:
        return ""
    wanted = {part["name"]: part["key"] for part in value["filter"]}
    wanted |= {name: counts.pop(name) for name in _SAME if name in counts}
    filed = counts.pop("filed", "") == "yes"
    counts.pop("decided", "")
    period = value["before" if row["key"] == "before" else "period"]
    days = _month_days(counts.pop("month")) if "month" in counts else (period["from"], period["to"])
    wanted |= dict(zip(_DATES[filed], days, strict=True)) | _narrowed(counts)
    if counts or wanted.keys() - {*_SAME, "mark", "decision", "outcome_decided", *_DATES[filed]}:
        return ""
    return f"{reverse('audit-list')}?{urlencode(wanted)}"


def _narrowed(counts: dict[str, str]) -> dict[str, str]:
    """What the list calls those of `counts` that it can be narrowed by; these are taken out."""
    wanted = {}
    for mark in _MARKS:
        if counts.get(mark) == "yes":
            wanted["mark"] = mark
            del counts[mark]
            if mark == "off_criteria":
                counts.pop("choice", "")
    if counts.get("choice") == "deny":
        wanted["decision"] = "denied"
        del counts["choice"]
        if "outcome_decided" in counts:
            wanted["outcome_decided"] = counts.pop("outcome_decided")
    return wanted


def _month_days(month: str) -> tuple[str, str]:
    year, number = map(int, month.split("-"))
    return f"{month}-01", f"{month}-{monthrange(year, number)[1]}"
