"""What the form asked of whoever filed: questions, what was prefilled and changed, and minutes until it was filed."""

from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis
from utilization.rules.utilization_report.cells import Population, Split
from utilization.rules.utilization_report.figures import (
    NONE,
    WITHHELD,
    Figure,
    amount_share,
    count,
    each,
    minutes,
    row,
    table,
)
from utilization.rules.utilization_report.populations import Frame
from utilization.rules.utilization_report.shares import YES, by_knowledge, yes_or_no

_SAID = (
    "Requests filed in the period, as they were filed first. A question is a fact that the form asked for or that was"
    " answered; prefilled is what an earlier request or the chosen indication had answered. Minutes run from the begun"
    " draft to filing, also while nobody was at the form. Not recorded of drafts that an earlier version began."
)


def form_table(basis: ReportBasis) -> dict[str, Any]:
    """The form in this period and in the one before."""
    rows = [
        row(key, label, _cells(basis, frame))
        for key, label, frame in (("now", "This period", basis.now), ("before", "The period before", basis.before))
    ]
    columns = (
        "Period", "Recorded for", "Questions a request", "Prefilled, of questions", "Changed, of prefilled",
        "Median minutes", "90th centile minutes",
    )  # fmt: skip
    return table("form", "The form", columns, rows, _SAID)


def _cells(basis: ReportBasis, frame: Frame) -> list[Figure]:
    scope, known = basis.scope, by_knowledge(frame.filed, "form_questions")
    asked = scope.split(frame.filed, known, "form_questions")
    recorded = frame.filed.at(known.get(YES, 0))
    if not recorded.rows:
        return [NONE] * 6
    n = asked.n(YES)
    if not n:
        return [WITHHELD if n is None else NONE] * 6
    questions, under = asked.amount(YES), (asked, YES)
    prefilled = _amount(basis, recorded, "form_prefilled", under)
    changed = _amount(basis, recorded, "form_changed", under)
    counts = {"rows": "filed", "known": "form_seconds"}
    return [
        count(n, **counts),
        each(questions, n, **counts),
        amount_share(prefilled, questions, **counts),
        amount_share(changed, prefilled, **counts),
        minutes(scope.centile(recorded, "form_seconds"), **counts),
        minutes(scope.centile(recorded, "form_seconds", 90), **counts),
    ]


def _amount(basis: ReportBasis, recorded: Population, name: str, under: tuple[Split, str]) -> int | None:
    """The sum over `recorded`; kept back where few have any, since it would be theirs alone."""
    some = yes_or_no(recorded, recorded.table.where(name, bool))
    return basis.scope.split(recorded, some, name, under).amount(YES)
