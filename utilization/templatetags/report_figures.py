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
_UNITS = {"percent": "%", "g": "g", "h": "h", "min": "min", "each": "a request", "g_per_kg": "g/kg"}
_TO_A_TENTH = ("percent", "h", "min", "each")


@register.filter
def figure(cell: Mapping[str, Any]) -> str:
    """A cell in words: `31 of 389 (8.0 %)`, `63 180 g`, `19.5 h`; `not shown` where the guard keeps it back."""
    if "withheld" in cell:
        return KEPT_BACK
    if "none" in cell:
        return NOTHING
    if "of" in cell:
        return f"{number(cell['n'])} of {number(cell['of'])} ({cell['percent']}{NARROW_SPACE}%)"
    for name, unit in _UNITS.items():
        if name in cell:
            shown = cell[name] if name in _TO_A_TENTH else number(cell[name])
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


_DATES = {"filed": ("since", "until"), "withdrawn": ("ended_since", "ended_until")}
_DECIDED = ("decided_since", "decided_until")
_MARKS = ("off_criteria", "overridden", "actual_weight_in_obesity")


@register.simple_tag
def list_of(value: Mapping[str, Any], which: str, cell: Mapping[str, Any]) -> str:
    """The address of the auditor's list of what `cell` counts, or is reckoned from; `which` is "before" for the period
    before. Empty in a report for circulation, and of what is no number."""
    counts = dict(cell.get("counts", {}))
    if value["limit"] or not counts:
        return ""
    chosen = {part["name"]: part["key"] for part in value["filter"]}
    if counts.get("each") in chosen:
        counts["each"] = "all"
    rows, month = counts.pop("rows", "decided"), counts.pop("month", "")
    period = value["before" if which == "before" else "period"]
    wanted, terms = _dated(rows, *(_month_days(month) if month else (period["from"], period["to"])))
    said = {**chosen, **counts}
    if department := said.pop("department", ""):
        wanted["department"] = department
    # A mark is of what was decided, and says itself in the list's own words.
    mark = next((mark for mark in _MARKS if rows == "decided" and said.get(mark) == "yes"), "")
    if mark:
        wanted["mark"] = mark
        del said[mark]
    terms += [f"{name}:{part}" for name, part in said.items()]
    return f"{reverse('audit-list')}?{urlencode({**wanted, 'also': terms}, doseq=True)}"


def _dated(rows: str, first: str, last: str) -> tuple[dict[str, Any], list[str]]:
    """Filters and terms that say in which days the rows of that kind lie."""
    if rows in ("due", "patients"):
        return {}, [f"due:{first}..{last}"]
    if rows in ("given", "due_given"):
        return {}, [f"{name}:{first}..{last}" for name in rows.split("_")]
    if rows == "closed":
        return {}, [f"closed:{first}..{last}"]
    if rows == "overdue":
        return {}, [f"overdue:{last}"]
    terms = ["choice:none"] if rows == "withdrawn" else []
    return dict(zip(_DATES.get(rows, _DECIDED), (first, last), strict=True)), terms


def _month_days(month: str) -> tuple[str, str]:
    year, number = map(int, month.split("-"))
    return f"{month}-01", f"{month}-{monthrange(year, number)[1]}"
