"""Answers of one page laid into a draft that other pages write too.

A page says with each answer what it showed before the person changed it. Where the draft still holds that, the answer
is written; where the draft holds something else, somebody wrote it whom this page never showed, and neither value may
replace the other unseen.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from utilization.rules.facts.elapsed import apart

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


@dataclass(frozen=True, slots=True)
class Sent:
    """What one page of a form sent. `answers`: every answer that the page holds; `seen`: what it showed of each before,
    None where it does not say; `earlier`: answers that it sent before without hearing of them; `settled`: answers for
    which the person chose one of two values; `still`: answers of an earlier day that are confirmed as they stand."""

    answers: Mapping[str, Any]
    seen: Mapping[str, Any] | None
    earlier: tuple[Mapping[str, Any], ...] = ()
    settled: tuple[str, ...] = ()
    still: tuple[str, ...] = ()

    def shown_now(self, fresh: Mapping[str, Any], held: Collection[str]) -> dict[str, Any]:
        """What the page shows of each answer now, where `fresh` is the draft and `held` the answers that it did not
        take: of these the page has yet to show what is kept."""
        before = self.seen or {}
        stays = {
            name: before.get(name, "") if name in held else _dated(value, fresh.get(name))
            for name, value in self.answers.items()
        }
        return {**fresh, **stays}


def _dated(typed: Any, kept: Any) -> Any:
    """An answer that was typed as the draft keeps it, where that is the same with its moment."""
    return kept if isinstance(typed, str) and isinstance(kept, str) and apart(kept)[0] == typed.strip() else typed


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
