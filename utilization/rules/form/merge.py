"""Answers of one page laid into a draft that other pages write too.

A page says with each answer what it showed before the person changed it. Where the draft still holds that, the answer
is written; where the draft holds something else, somebody wrote it whom this page never showed, and neither value may
replace the other unseen.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TOGETHER: tuple[tuple[str, ...], ...] = (
    ("dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g", "dose_bare"),
)
"""Answers that are one: an amount and its unit. Half of a dose from each of two pages would be a third dose."""


@dataclass(frozen=True, slots=True)
class Merged:
    """`written`: answers to write, as typed. `apart`: names that the page and another writer changed to different
    values; nothing of these is written. `elsewhere`: names that the page left alone and another writer changed."""

    written: Mapping[str, Any]
    apart: tuple[str, ...]
    elsewhere: tuple[str, ...]


def merge(
    kept: Mapping[str, Any],
    seen: Mapping[str, Any] | None,
    typed: Mapping[str, Any],
    earlier: Iterable[Mapping[str, Any]] = (),
) -> Merged:
    """Lays `typed`, every answer that the page holds, into `kept`, the draft as it is now.

    `seen` is what the page showed of each answer before; None where it does not say, then each answer that is not
    empty is written. `earlier` are answers that the page sent before without hearing whether they were kept: what
    stands in the draft from these is the page's own. An answer that was never kept counts as seen, whatever the page
    showed in its place as the default.
    """
    if seen is None:
        return Merged(
            {name: value for name, value in typed.items() if _plain(value) and value != kept.get(name)}, (), ()
        )
    own = list(earlier)
    written: dict[str, Any] = {}
    apart: list[str] = []
    elsewhere: list[str] = []
    for names in _grouped(typed):
        shown = _values(names, seen, {})
        now = _values(names, typed, seen)
        there = _values(names, kept, {}) if any(name in kept for name in names) else shown
        if now == shown:
            if there != shown:
                elsewhere += names
        elif there == shown or there in [_values(names, sent, seen) for sent in own]:
            written |= {name: typed[name] for name in names if _plain(typed.get(name)) != _plain(kept.get(name))}
        elif there != now:
            apart += names
    return Merged(written, tuple(apart), tuple(elsewhere))


def together(name: str) -> tuple[str, ...]:
    """The answers that are one with `name`, itself included."""
    return next((names for names in TOGETHER if name in names), (name,))


def _grouped(typed: Iterable[str]) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(together(name) for name in typed))


def _values(names: tuple[str, ...], answers: Mapping[str, Any], otherwise: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(_plain(answers.get(name, otherwise.get(name))) for name in names)


def _plain(value: Any) -> Any:
    """`value` as a draft keeps it: trimmed, in one Unicode form; nothing and an empty list are the empty text."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value) or ""
    return "" if value is None else value
