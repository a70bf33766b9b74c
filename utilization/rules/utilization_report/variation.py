"""Section 9: how the grams gather in few patients, and how departments differ beyond chance."""

from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis, line_of, ordered
from utilization.rules.utilization_report.cells import Split
from utilization.rules.utilization_report.criteria import choice_by
from utilization.rules.utilization_report.figures import WITHHELD, amount_share, count, grams, row, share, table
from utilization.rules.utilization_report.shares import APPROVE, YES, by_off_criteria
from utilization.rules.utilization_report.tiles import Snapshot

TOP_PERCENTS = (1, 5, 10)
LEAST_DECISIONS = 10
"""Approvals of a department below which it is not placed in the funnel."""


def variation_tables(basis: ReportBasis, now: Snapshot) -> list[dict[str, Any]]:
    """The tables of the section."""
    tables = [_concentration(basis, now)]
    if not basis.scope.line:
        tables.append(_departments(basis))
    if basis.raw:
        tables.append(_prescribers(basis))
    return tables


def _concentration(basis: ReportBasis, now: Snapshot) -> dict[str, Any]:
    """The share of grams of the patients who get most. A guarded row needs enough patients beyond the row before."""
    line, people = basis.scope.line, basis.now.patients
    chosen = people.at(people.lines.get(line, 0)) if line else people
    mg = sorted((mg or 0 for mg in people.table.picked(chosen.rows, basis.now.patient_mg)), reverse=True)
    rows, limit, last = [], basis.scope.limit or 0, 0
    for percent in TOP_PERCENTS:
        top = -(-len(mg) * percent // 100)
        counts = {"rows": "patients", "each": "all", "top": str(percent)}
        most = sum(mg[:top])
        cells = [count(top, **counts), grams(most, **counts), amount_share(most, now.mg, **counts)]
        if now.patients is None or top - last < limit or len(mg) - top < limit:
            cells = [WITHHELD] * 3
        else:
            last = top
        rows.append(row(str(percent), f"Top {percent} % of patients", cells))
    columns = ("Patients by grams", "Patients", "Scheduled grams", "Of all known grams")
    return table("concentration", "Concentration", columns, rows, "Patients in order of scheduled grams, most first.")


def _departments(basis: ReportBasis) -> dict[str, Any]:
    decided, scope = basis.now.decided, basis.scope
    approved = decided.where("choice", APPROVE)
    lines = basis.grouped(basis.now, "department", approved)
    choice = choice_by(basis, basis.grouped(basis.now, "department", decided))
    off = scope.by(approved, lines, by_off_criteria(approved), under=(choice, APPROVE))
    # By name, not by size or share: no ranking.
    order = ordered(basis, "department", dict.fromkeys(lines, 0)) if lines else ()
    rows = [
        row(line, basis.word("department", line), [_off(line_of(basis, off, line), department=line)]) for line in order
    ]
    said = "Of what was approved. In order of name: a share outside the limits asks a question and is no rank."
    return table("off_by_department", "Approved off criteria by department", ("Department", "Off criteria"), rows, said)


def _off(split: Split, **counts: str) -> dict[str, Any]:
    return share(split.n(YES), split.total, choice=APPROVE, off_criteria=YES, **counts)


def _prescribers(basis: ReportBasis) -> dict[str, Any]:
    approved = basis.now.decided.where("choice", APPROVE)
    off = basis.scope.by(approved, approved.parts("prescriber"), by_off_criteria(approved))
    order = sorted(off, key=lambda line: (basis.word("prescriber", line).casefold(), line))
    rows = [row(line, basis.word("prescriber", line), [_off(off[line], prescriber=line)]) for line in order]
    said = "In order of name; shown to auditors, and to each prescriber their own row."
    return table("off_by_prescriber", "Approved off criteria by prescriber", ("Prescriber", "Off criteria"), rows, said)
