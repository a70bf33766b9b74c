"""Signals as a reviewer reads them: a title, sentences, and the facts that changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from utilization.criteria import name_of
from utilization.reports.print_words import label_of, with_unit
from utilization.rules import signals, words
from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.date_words import day_words

_TITLES = {
    signals.INDICATION_CHANGED: "Another indication lately",
    signals.EDITED_UNTIL_MET: "Edited until the criteria were met",
    signals.REFILED: "Filed again after a denial, with other facts",
    signals.COPIED_TEXT: "Text near to another patient’s",
    signals.UNUSUAL: "Unusual values, confirmed",
    signals.STALE: "Answers typed long before",
}
_TEXTS = {"justification": "Clinical justification", "clinical_summary": "Clinical summary"}


@dataclass(frozen=True, slots=True)
class ShownSignal:
    """One signal in words; `changes` lists {"fact", "old", "new"}."""

    title: str
    lines: tuple[str, ...]
    changes: Sequence[Mapping[str, Any]] = ()


def signals_in_words(kept: Sequence[Mapping[str, Any]], catalogue: Mapping[str, Fact]) -> tuple[ShownSignal, ...]:
    """The signals that a submission keeps, by the facts of the criteria that judged it."""
    return tuple(
        ShownSignal(_TITLES[signal["code"]], tuple(_lines(signal, catalogue)), signal.get("changes", ()))
        for signal in kept
    )


def _lines(signal: Mapping[str, Any], catalogue: Mapping[str, Fact]) -> list[str]:
    match signal["code"]:
        case signals.INDICATION_CHANGED:
            return [_other(other) for other in signal["others"]]
        case signals.EDITED_UNTIL_MET:
            return [f"As typed first: {_outcome(signal['outcome'])}."]
        case signals.REFILED:
            return [f"It was begun from {signal['number']}, which was denied."]
        case signals.COPIED_TEXT:
            return [
                f"{_TEXTS[text['field']]}: {text['percent']} % of the runs of four words are common to it and the "
                f"{_TEXTS[text['of']].lower()} of {text['number']}."
                for text in signal["texts"]
            ]
        case signals.UNUSUAL:
            return [f"{label_of(catalogue, v['fact'])}: {with_unit(catalogue, v['fact'], v['value'])}." for v in
                    signal["values"]]  # fmt: skip
    return [
        f"{label_of(catalogue, answer['fact'])}: {day_words(date.fromisoformat(answer['on']))}."
        for answer in signal["answers"]
    ]


def _other(other: Mapping[str, Any]) -> str:
    known = name_of(other["indication"])
    name = known.title if known else words.plain(other["indication"])
    came_to = "denied" if other["refused"] else _outcome(other["outcome"])
    on = day_words(date.fromisoformat(other["on"]))
    return f"{other['number'] or 'A draft that was thrown away'}, {name}, {on}: {came_to}."


def _outcome(code: str) -> str:
    return words.sign_of(code, words.OUTCOMES).word.lower()
