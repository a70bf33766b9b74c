"""Section 5: what was approved against what the criteria say, and where people and criteria do not agree."""

from collections.abc import Mapping
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis
from utilization.rules.utilization_report.bitmaps import Parts, crossed
from utilization.rules.utilization_report.cells import Population, Split
from utilization.rules.utilization_report.figures import Figure, amount_share, count, grams, row, share, table
from utilization.rules.utilization_report.groups import UNKNOWN
from utilization.rules.utilization_report.shares import (
    APPROVE,
    DENY,
    MEETS,
    NO,
    YES,
    amount,
    by_off_criteria,
    meeting,
    part,
    truths,
    yes_or_no,
)

OUTCOMES = (MEETS, "exception_review", "needs_information", "does_not_meet")
CHOICES = ((APPROVE, "Approved"), (DENY, "Denied"))
MOST_CRITERIA = 25
"""Criteria listed at most, those that fail most."""


def criteria_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The tables of the section."""
    return [_two_way(basis), _off_criteria(basis), _agreement(basis), unmet_table(basis)]


def choices(basis: ReportBasis, population: Population) -> Split:
    """Decided requests by what was decided."""
    return basis.scope.split(population, population.parts("choice"))


def choice_by(basis: ReportBasis, lines: Parts) -> Mapping[str, Split]:
    """Decided requests of the period by what was decided, for each line."""
    decided = basis.now.decided
    return basis.scope.by(decided, lines, decided.parts("choice"))


def off_split(basis: ReportBasis, population: Population, choice: Split) -> tuple[Population, Split]:
    """What was approved, and which part of it off criteria."""
    approved = population.where("choice", APPROVE)
    return approved, basis.scope.split(approved, by_off_criteria(approved), under=(choice, APPROVE))


def _two_way(basis: ReportBasis) -> dict[str, Any]:
    """Outcome by decision. Approvals part into on and off criteria first, and only then by outcome."""
    decided = basis.now.decided
    choice = choices(basis, decided)
    approved, off = off_split(basis, decided, choice)
    denied = decided.where("choice", DENY)
    approved_off = approved.at(~meeting(approved))
    by_outcome = {
        APPROVE: basis.scope.split(approved_off, approved_off.parts("outcome_decided"), under=(off, YES)),
        DENY: basis.scope.split(denied, denied.parts("outcome_decided"), under=(choice, DENY)),
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


def _off_criteria(basis: ReportBasis) -> dict[str, Any]:
    rows = []
    for frame, label in ((basis.now, "This period"), (basis.before, "The period before")):
        choice = choices(basis, frame.decided)
        approved, off = off_split(basis, frame.decided, choice)
        mg_off = amount(basis.scope, approved.at(~meeting(approved)), "allowed_mg", (off, YES))
        mg = amount(basis.scope, approved, "allowed_mg", (choice, APPROVE))
        # What is left of all grams is what was approved on criteria: it is shown, or neither is.
        mg_on = amount(basis.scope, approved.at(meeting(approved)), "allowed_mg", (off, NO))
        if mg_on is None:
            mg_off = None
        counts = {"choice": APPROVE, "off_criteria": YES}
        of_grams = [grams(mg_off, **counts), amount_share(mg_off, mg, **counts)]
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
    approved = decided.where("choice", APPROVE)
    advised = ~decided.where("recommendation", "").rows
    against = truths(decided, "overridden")
    known = {key: rows & advised for key, rows in against.items() if key != UNKNOWN}
    overruled = part(basis.scope, decided, {**known, UNKNOWN: against.get(UNKNOWN, 0) | decided.rows & ~advised})
    changed = part(basis.scope, approved, truths(approved, "order_changed"), (choice, APPROVE))
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
    unmet = {criterion: rows & decided.rows for criterion, rows in basis.now.data.unmet.items()}
    often = {criterion: rows.bit_count() for criterion, rows in unmet.items() if rows}
    choice = choices(basis, decided)
    listed = sorted(often, key=lambda criterion: (-often[criterion], criterion))[:MOST_CRITERIA]
    rows = [line for criterion in listed if (line := _unmet_row(basis, choice, unmet[criterion], criterion))]
    columns: tuple[str, ...] = ("Criterion", "Not met", "Approved all the same")
    said = "Criteria not met by what was decided on; of decided requests. A request may miss several."
    if basis.raw:
        # Crossed with a criterion these are of few: every case alone shows them.
        columns = (*columns, "Against the recommendation", "Order changed")
        said += " Against a recommendation: of those that had one. Order changed: of those that were approved."
        rows = [line | {"cells": [*line["cells"], *_agreed(basis, unmet[line["key"]], line["key"])]} for line in rows]
    return table("unmet", "Criteria not met", columns, rows, said)


def _agreed(basis: ReportBasis, missed: int, criterion: str) -> list[Figure]:
    """Of those that missed a criterion: decided against the recommendation, and approved with another order."""
    decided = basis.now.decided
    advised = decided.at(missed & ~decided.where("recommendation", "").rows)
    approved = decided.where("choice", APPROVE).at(missed)
    overridden, changed = truths(advised, "overridden"), truths(approved, "order_changed")
    return [
        share(*_yes_of_known(overridden), unmet=criterion, overridden=YES),
        share(*_yes_of_known(changed), unmet=criterion, choice=APPROVE, order_changed=YES),
    ]


def _yes_of_known(parts: Parts) -> tuple[int, int]:
    """How many are yes, and of how many it is known."""
    yes, no = (parts.get(key, 0).bit_count() for key in (YES, NO))
    return yes, yes + no


def _unmet_row(basis: ReportBasis, choice: Split, missed: int, criterion: str) -> dict[str, Any] | None:
    """How often it was missed, and how often that was approved; None where that would tell of few."""
    decided = basis.now.decided
    # What meets the criteria misses none, so that a criterion parts what does not meet them, too: all parts at once.
    meets = meeting(decided) & ~missed
    parts = {YES: missed, "meets": meets, "other": decided.rows & ~missed & ~meets}
    by_choice = basis.scope.split(decided, crossed(decided.parts("choice"), parts))
    if not by_choice.shown or by_choice.pooled or not choice.shown:
        return None
    split = basis.scope.split(decided, yes_or_no(decided, missed))
    if split.n(YES) is None:
        return None
    approved = by_choice.n(f"{APPROVE} {YES}")
    cells = [
        share(split.n(YES), split.total, unmet=criterion),
        share(approved, split.n(YES), unmet=criterion, choice=APPROVE),
    ]
    return row(criterion, basis.word("criterion", criterion), cells)
