"""The evidence that a criterion rests on, drawn once a pack. `{% load statements %}`."""

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


@register.simple_tag
def evidence(ids, local, pack):
    """Evidence statements with their sources; `local` says that a criterion rests on none."""
    asked = _Evidence(pack.sha256 if isinstance(pack, Pack) else "", tuple(ids or ()), bool(local), pack or None)
    return _drawn(asked) if asked.sha256 else _draw(asked)


def _draw(asked):
    context = {"ids": asked.ids, "local": asked.local, "pack": asked.pack}
    return render_to_string("_parts/evidence.html", context)


_drawn = lru_cache(maxsize=1024)(_draw)  # a live check draws the same ones again at each keystroke
