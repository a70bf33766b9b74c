"""Signals for reviewers: what in a filed request is worth a look, with the evidence. A signal changes no outcome.

Each is found by a plain comparison of what was filed with what was filed or typed before; none says that anything is
wrong. Every number here is a local parameter: no source states one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

INDICATION_CHANGED, EDITED_UNTIL_MET, REFILED, COPIED_TEXT, UNUSUAL, STALE = SIGNALS = (
    "indication_changed", "edited_until_met", "refiled_changed", "copied_text", "unusual_values", "stale_answers",
)  # fmt: skip
"""The codes of the signals."""

LOOKS_BACK_DAYS = 180
"""Days before filing in which another indication counts as changed."""
STALE_DAYS = 90
"""Days after which an answer that was typed for an earlier request counts as old."""
STOOD_SECONDS = 20
"""Seconds for which an answer must have stood to count as one: less is a hand that is still typing."""
FEWEST_WORDS = 12
"""Words below which two texts are alike by chance."""
NEAR = (2, 3)
"""The share of runs of words in common from which two texts are near."""
_RUN = 4
_NOT_MET = ("does_not_meet", "exception_review")

Signal = dict[str, Any]
"""One signal, as it is kept: {"code", and its evidence}."""


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """Another request of the same patient. `number` is empty for a draft that was thrown away."""

    number: str
    indication: str
    outcome: str
    refused: bool
    on: date


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text of another patient's request: which of its texts, and what it says."""

    number: str
    field: str
    text: str


def indication_changed(indication: str, on: date, earlier: Iterable[EarlierRequest]) -> list[Signal]:
    """Other indications under which the same patient was refused, or did not meet the criteria, lately."""
    told = [
        {"number": other.number, "indication": other.indication, "outcome": other.outcome, "on": other.on.isoformat(),
         "refused": other.refused}
        for other in earlier
        if other.indication != indication
        and (other.refused or other.outcome in _NOT_MET)
        and 0 <= (on - other.on).days <= LOOKS_BACK_DAYS
    ]  # fmt: skip
    return [{"code": INDICATION_CHANGED, "others": told}] if told else []


def edited_until_met(
    first: Mapping[str, Any], filed: Mapping[str, Any], outcome_first: str, outcome_filed: str
) -> list[Signal]:
    """That the answers as they stood first did not meet the criteria, and those that were filed do: which changed."""
    if outcome_filed != "meets" or outcome_first == "meets":
        return []
    changed = differing(first, filed)
    return [{"code": EDITED_UNTIL_MET, "outcome": outcome_first, "changes": changed}] if changed else []


def refiled_changed(number: str, before: Mapping[str, Any], filed: Mapping[str, Any]) -> list[Signal]:
    """What a request that was begun from a denied one says otherwise; a fact that is new is no change."""
    changed = [change for change in differing(before, filed) if change["old"] is not None]
    return [{"code": REFILED, "number": number, "changes": changed}] if changed else []


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Facts that differ: {"fact", "old", "new"}, None where there is none."""
    return [
        {"fact": name, "old": old.get(name), "new": new.get(name)}
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]


def copied_text(own: Mapping[str, str], others: Iterable[WrittenText]) -> list[Signal]:
    """Texts of this request that are those of another patient's, or near to them, the nearest of each."""
    runs = {field: _runs(text) for field, text in own.items()}
    nearest: dict[str, dict[str, Any]] = {}
    for other in others:
        theirs = _runs(other.text)
        for field, mine in runs.items():
            percent = _alike(mine, theirs)
            if percent > nearest.get(field, {"percent": 0})["percent"]:
                nearest[field] = {
                    "field": field, "number": other.number, "of": other.field, "percent": percent,
                }  # fmt: skip
    return [{"code": COPIED_TEXT, "texts": [nearest[field] for field in own if field in nearest]}] if nearest else []


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """Every run of four words; none of a text that is too short to say anything of its own."""
    words = re.findall(r"\w+", text.casefold())
    if len(words) < FEWEST_WORDS:
        return frozenset()
    return frozenset(zip(*(words[start:] for start in range(_RUN)), strict=False))


def _alike(mine: frozenset[tuple[str, ...]], theirs: frozenset[tuple[str, ...]]) -> int:
    """Percent of the runs of both that they have in common, whole; 0 where they are not near."""
    common, either = len(mine & theirs), len(mine | theirs)
    near, of = NEAR
    return 100 * common // either if either and common * of >= either * near else 0


def unusual_values(confirmed: Sequence[str], filed: Mapping[str, Any]) -> list[Signal]:
    """Values outside the usual range that the prescriber confirmed."""
    values = [{"fact": name, "value": filed[name]} for name in confirmed if name in filed]
    return [{"code": UNUSUAL, "values": values}] if values else []


def stale_answers(entered: Mapping[str, date], on: date) -> list[Signal]:
    """Facts that were typed long before the request was filed."""
    old = [
        {"fact": name, "on": day.isoformat()} for name, day in sorted(entered.items()) if (on - day).days > STALE_DAYS
    ]
    return [{"code": STALE, "answers": old}] if old else []
