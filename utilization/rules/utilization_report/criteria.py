"""Section 5: what was approved against what the criteria say, and where people and criteria do not agree."""

from collections.abc import Mapping, Sequence
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis
from utilization.rules.utilization_report.cells import Population, Split
from utilization.rules.utilization_report.figures import Figure, count, grams, grams_share, row, share, table
from utilization.rules.utilization_report.rows import RequestRow
from utilization.rules.utilization_report.shares import APPROVE, DENY, MEETS, NO, YES, amount, off_keys, part

OUTCOMES = (MEETS, "exception_review", "needs_information", "does_not_meet")
CHOICES = ((APPROVE, "Approved"), (DENY, "Denied"))
MOST_CRITERIA = 25
"""Criteria listed at most, those that fail most."""


def criteria_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The tables of the section."""
    return [_two_way(basis), _off_criteria(basis), _agreement(basis), unmet_table(basis)]


def choices(basis: ReportBasis, population: Population) -> Split:
    """Decided requests by what was decided."""
    return basis.scope.split(population, [request.choice for request in population.rows])


def choice_by(basis: ReportBasis, lines: Sequence[str]) -> Mapping[str, Split]:
    """Decided requests of the period by what was decided, for each line."""
    decided = basis.now.decided
    return basis.scope.by(decided, lines, [request.choice for request in decided.rows])


def off_split(basis: ReportBasis, population: Population, choice: Split) -> tuple[Population, Split]:
    """What was approved, and which part of it off criteria."""
    approved = population.where(lambda request: request.choice == APPROVE)
    return approved, basis.scope.split(approved, off_keys(approved.rows), under=(choice, APPROVE))


def _two_way(basis: ReportBasis) -> dict[str, Any]:
    """Outcome by decision. Approvals part into on and off criteria first, and only then by outcome."""
    decided = basis.now.decided
    choice = choices(basis, decided)
    approved, off = off_split(basis, decided, choice)
    denied = decided.where(lambda request: request.choice == DENY)
    approved_off = approved.where(lambda request: request.outcome_decided != MEETS)
    by_outcome = {
        APPROVE: basis.scope.split(approved_off, _outcomes(approved_off), under=(off, YES)),
        DENY: basis.scope.split(denied, _outcomes(denied), under=(choice, DENY)),
    }

    def cell(outcome: str, code: str) -> int | None:
        if code == APPROVE and outcome == MEETS:
            return off.n(NO)
        return by_outcome[code].n(outcome)

    rows = [
        row(
            outcome,
            basis.word("outcome", outcome),
            [count(cell(outcome, code), choice=code, outcome_decided=outcome) for code, _ in CHOICES],
        )
        for outcome in OUTCOMES
    ]
    rows.append(row("total", "Together", [count(choice.n(code), choice=code) for code, _ in CHOICES]))
    said = "The outcome is that of what was decided on: of the order as the reviewer changed it, where it was changed."
    return table("outcome_by_decision", "Outcome by decision", ("Outcome", "Approved", "Denied"), rows, said)


def _outcomes(population: Population) -> list[str]:
    return [request.outcome_decided for request in population.rows]


def _off_criteria(basis: ReportBasis) -> dict[str, Any]:
    rows = []
    for frame, label in ((basis.now, "This period"), (basis.before, "The period before")):
        choice = choices(basis, frame.decided)
        approved, off = off_split(basis, frame.decided, choice)
        off_rows = approved.where(lambda request: request.outcome_decided != MEETS)
        mg_off = amount(basis.scope, off_rows, [request.allowed_mg for request in off_rows.rows], (off, YES))
        mg = amount(basis.scope, approved, [request.allowed_mg for request in approved.rows], (choice, APPROVE))
        # What is left of all grams is what was approved on criteria: it is shown, or neither is.
        on_rows = approved.where(lambda request: request.outcome_decided == MEETS)
        mg_on = amount(basis.scope, on_rows, [request.allowed_mg for request in on_rows.rows], (off, NO))
        if mg_on is None:
            mg_off = None
        counts = {"choice": APPROVE, "off_criteria": YES}
        of_grams = [grams(mg_off, **counts), grams_share(mg_off, mg, **counts)]
        cells = [share(off.n(YES), off.total, **counts), *of_grams]
        rows.append(row("now" if frame is basis.now else "before", label, cells))
    said = (
        "Approved though what was decided on did not meet the criteria, of all that was approved; grams of all courses"
        " allowed, where known."
    )
    columns = ("Period", "Approved off criteria", "Grams allowed off criteria", "Of grams allowed")
    return table("off_criteria", "Approved off criteria", columns, rows, said)


def _agreement(basis: ReportBasis) -> dict[str, Any]:
    """Decisions against recommendations, and orders changed by a reviewer."""
    decided = basis.now.decided
    choice = choices(basis, decided)
    approved = decided.where(lambda request: request.choice == APPROVE)
    against = [request.overridden if request.recommendation else None for request in decided.rows]
    overruled = part(basis.scope, decided, against)
    changed = part(basis.scope, approved, [request.order_changed for request in approved.rows], (choice, APPROVE))
    rows = [
        row("overridden", "Decided against the recommendation", [share(overruled.n, overruled.of, overridden=YES)]),
        row(
            "order_changed",
            "Approved with another order than asked",
            [share(changed.n, changed.of, choice=APPROVE, order_changed=YES)],
        ),
    ]
    said = "Of decisions that had a recommendation, and of approvals."
    return table("agreement", "Agreement", ("", "Requests"), rows, said)


def unmet_table(basis: ReportBasis) -> dict[str, Any]:
    """The criteria that were not met, most often first, and how often each was approved all the same."""
    decided = basis.now.decided
    unmet: dict[int, set[str]] = {}
    for missing in basis.now.rows.unmet:
        unmet.setdefault(missing.request, set()).add(missing.criterion)
    often: dict[str, int] = {}
    for request in decided.rows:
        for criterion in unmet.get(request.request, ()):
            often[criterion] = often.get(criterion, 0) + 1
    choice = choices(basis, decided)
    listed = sorted(often, key=lambda criterion: (-often[criterion], criterion))[:MOST_CRITERIA]
    rows = [line for criterion in listed if (line := _unmet_row(basis, choice, unmet, criterion))]
    columns: tuple[str, ...] = ("Criterion", "Not met", "Approved all the same")
    said = "Criteria not met by what was decided on; of decided requests. A request may miss several."
    if basis.raw:
        # Crossed with a criterion these are of few: every case alone shows them.
        columns = (*columns, "Against the recommendation", "Order changed")
        said += " Against a recommendation: of those that had one. Order changed: of those that were approved."
        missing_it = {
            criterion: [request for request in decided.rows if criterion in unmet.get(request.request, ())]
            for criterion in listed
        }
        rows = [line | {"cells": [*line["cells"], *_agreed(missing_it[line["key"]], line["key"])]} for line in rows]
    return table("unmet", "Criteria not met", columns, rows, said)


def _agreed(missing_it: Sequence[RequestRow], criterion: str) -> list[Figure]:
    """Of those that missed a criterion: decided against the recommendation, and approved with another order."""
    recommended = [row.overridden for row in missing_it if row.recommendation and row.overridden is not None]
    changed = [row.order_changed for row in missing_it if row.choice == APPROVE and row.order_changed is not None]
    return [
        share(sum(recommended), len(recommended), unmet=criterion, overridden=YES),
        share(sum(changed), len(changed), unmet=criterion, choice=APPROVE, order_changed=YES),
    ]


def _unmet_row(
    basis: ReportBasis, choice: Split, unmet: Mapping[int, set[str]], criterion: str
) -> dict[str, Any] | None:
    """How often it was missed, and how often that was approved; None where that would tell of few."""
    decided, nothing = basis.now.decided, set[str]()
    missed = [criterion in unmet.get(request.request, nothing) for request in decided.rows]
    # What meets the criteria misses none, so that a criterion parts what does not meet them, too: all parts at once.
    keys = [
        f"{request.choice} {YES}" if missing else f"{request.choice} {request.outcome_decided == MEETS}"
        for request, missing in zip(decided.rows, missed, strict=True)
    ]
    by_choice = basis.scope.split(decided, keys)
    if not by_choice.shown or by_choice.pooled or not choice.shown:
        return None
    split = basis.scope.split(decided, [YES if missing else NO for missing in missed])
    if split.n(YES) is None:
        return None
    approved = by_choice.n(f"{APPROVE} {YES}")
    cells = [
        share(split.n(YES), split.total, unmet=criterion),
        share(approved, split.n(YES), unmet=criterion, choice=APPROVE),
    ]
    return row(criterion, basis.word("criterion", criterion), cells)
