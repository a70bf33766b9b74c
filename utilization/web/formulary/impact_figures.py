"""What a finished impact preview says, as figures beside their denominators: by indication, a year, missing facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from utilization.reports.prescriber_lists import title_of
from utilization.rules.dosing.plan import round_half_up

DAYS_A_YEAR = 365
LEAST_DAYS = 90
"""Days of a history below which nothing is reckoned up to a year: a local parameter."""


@dataclass(frozen=True, slots=True)
class HistorySpan:
    """The days over which requests were filed, both counted."""

    first: date
    last: date
    days: int

    @property
    def too_short(self) -> bool:
        """Whether it says too little of a year."""
        return self.days < LEAST_DAYS


@dataclass(frozen=True, slots=True)
class OrderedGrams:
    """Grams of all courses that some requests ask for, exact; `a_year` of them to a tenth, None where the history is
    too short to say. `without_order` requests are not in them.
    """

    ordered: Decimal
    a_year: Decimal | None
    without_order: int


@dataclass(frozen=True, slots=True)
class IndicationImpact:
    """One indication: of `judged` requests `changed` come to another outcome, `ways` being (was, becomes, count)."""

    title: str
    judged: int
    changed: int
    ways: tuple[tuple[str, str, int], ...]
    grams: OrderedGrams


@dataclass(frozen=True, slots=True)
class ImpactFigures:
    """All of a preview. `unchanged` are (indications, requests) of which no outcome changes; `open` tells of requests
    that the draft leaves open, as `ImpactPreview.findings` has it.
    """

    judged: int
    changed: int
    span: HistorySpan | None
    grams: OrderedGrams
    indications: tuple[IndicationImpact, ...]
    unchanged: tuple[int, int]
    open: Mapping[str, Any]


def figures(findings: Mapping[str, Any]) -> ImpactFigures | None:
    """The figures of a preview's findings, the indication with most changes first; None of a preview from before they
    were kept.
    """
    if "by_indication" not in findings:
        return None
    judged: Mapping[str, int] = findings["by_indication"]
    span = _span(findings["span"])
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for group in findings["groups"]:
        grouped.setdefault(group["indication"], []).append(group)
    found = [_indication(code, judged[code], groups, span) for code, groups in grouped.items()]
    return ImpactFigures(
        judged=findings["judged"],
        changed=findings["changed"],
        span=span,
        grams=_grams([findings], span),
        indications=tuple(sorted(found, key=lambda indication: -indication.changed)),
        unchanged=(len(judged.keys() - grouped), sum(judged[code] for code in judged.keys() - grouped)),
        open=findings["open"],
    )


def _span(kept: Mapping[str, Any] | None) -> HistorySpan | None:
    if kept is None:
        return None
    return HistorySpan(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), kept["days"])


def _indication(
    code: str, judged: int, groups: Sequence[Mapping[str, Any]], span: HistorySpan | None
) -> IndicationImpact:  # fmt: skip
    return IndicationImpact(
        title=title_of(code),
        judged=judged,
        changed=sum(group["count"] for group in groups),
        ways=tuple((group["was"], group["becomes"], group["count"]) for group in groups),
        grams=_grams(groups, span),
    )


def _grams(sums: Sequence[Mapping[str, Any]], span: HistorySpan | None) -> OrderedGrams:
    ordered = sum((Decimal(part["ordered"]) for part in sums), Decimal(0))
    return OrderedGrams(
        ordered=ordered,
        a_year=round_half_up(ordered * DAYS_A_YEAR / span.days, 1) if span and not span.too_short else None,
        without_order=sum(part["without_order"] for part in sums),
    )
