"""Parts of a page that follow from their values alone: evidence, criteria, plans. `{% load statements %}`."""

import json
from dataclasses import dataclass, field
from functools import lru_cache

from django import template
from django.template.loader import render_to_string

from utilization.rules.packs.pack import Pack

register = template.Library()


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Statements of one pack, by its hash: what a template makes of them is always the same."""

    sha256: str
    ids: tuple[str, ...]
    local: bool
    pack: Pack | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class _PagePart:
    """A part of a page by its template and values, those that it reads of a pack by the pack's hash."""

    template: str
    sha256: str
    key: str
    values: dict = field(compare=False)


@register.simple_tag
def drawn(template_name, pack=None, **values):
    """A part of a page whose words follow from its `values`, which JSON can hold, and from the `pack` alone.

    A live check draws nearly all of them again at each keystroke.
    """
    sha256 = pack.sha256 if isinstance(pack, Pack) else ""
    asked = _PagePart(template_name, sha256, json.dumps(values), {**values, "pack": pack})
    return _part_drawn(asked) if sha256 or not pack else _part(asked)


def _part(asked):
    return render_to_string(asked.template, asked.values)


_part_drawn = lru_cache(maxsize=1024)(_part)


@register.simple_tag
def evidence(ids, local, pack):
    """Evidence statements with their sources; `local` says that a criterion rests on none."""
    asked = _Evidence(pack.sha256 if isinstance(pack, Pack) else "", tuple(ids or ()), bool(local), pack or None)
    return _drawn(asked) if asked.sha256 else _draw(asked)


def _draw(asked):
    context = {"ids": asked.ids, "local": asked.local, "pack": asked.pack}
    return render_to_string("_parts/evidence.html", context)


_drawn = lru_cache(maxsize=1024)(_draw)  # a live check draws the same ones again at each keystroke
