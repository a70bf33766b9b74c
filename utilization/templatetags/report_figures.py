"""Figures of the utilization report as people read them. `{% load report_figures %}`."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html

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
