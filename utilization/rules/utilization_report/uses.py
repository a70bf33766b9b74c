"""Sections 3 and 4: where the grams go, and who gets them, by each way of grouping."""

from collections.abc import Mapping
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis, line_of, ordered
from utilization.rules.utilization_report.bitmaps import merged
from utilization.rules.utilization_report.cells import ALL
from utilization.rules.utilization_report.figures import NONE, WITHHELD, Figure, amount_share, count, grams, row, table
from utilization.rules.utilization_report.shares import YES, yes_or_no
from utilization.rules.utilization_report.tiles import Snapshot

COLUMNS = ("Patients", "New", "Authorizations", "Scheduled grams", "Of all known grams", "Median grams a patient")
TITLES: Mapping[str, str] = {
    "indication": "Grams by indication",
    "department": "By department",
    "age": "By age",
    "kind": "By kind of request",
    "product": "By product",
    "weight": "By dosing weight",
}
_SAID = (
    "Each patient is counted once, in the row in which most of their grams are. Grams are scheduled, not infused;"
    " orders without known grams add none."
)


def use_table(basis: ReportBasis, dimension: str, now: Snapshot) -> dict[str, Any]:
    """Patients, authorizations and grams by `dimension`."""
    frame, scope = basis.now, basis.scope
    people, due = frame.patients, frame.scheduled
    lines = merged(frame.assigned(dimension), frame.groups(dimension))
    patients = scope.by(people, lines, {ALL: people.rows})
    new = scope.by(people, lines, yes_or_no(people, frame.new))
    medians = scope.medians(people, lines, frame.patient_mg)
    used = basis.grouped(frame, dimension, due)
    orders = scope.by(due, used, {ALL: due.rows})
    known = due.at(due.table.amounts(frame.mg).known)
    sums = scope.by(known, used, {ALL: known.rows}, frame.mg)

    absent: Figure = NONE if basis.raw else WITHHELD

    def cells(line: str) -> list[Figure]:
        mg = line_of(basis, sums, line).amount(ALL)
        people_of, here = {"rows": "patients", "each": dimension}, {dimension: line}
        return [
            count(line_of(basis, patients, line).n(ALL), **people_of, **here),
            count(line_of(basis, new, line).n(YES), **people_of, **here, new=YES),
            count(line_of(basis, orders, line).n(ALL), rows="due", **here),
            grams(mg, rows="due", **here, course_grams="known"),
            amount_share(mg, now.mg, rows="due", **here, course_grams="known"),
            grams(medians[line], **people_of, **here) if line in medians else absent,
        ]

    sizes = dict.fromkeys((*lines, *used), 0) | {line: split.amount(ALL) or 0 for line, split in sums.items()}
    rows = [
        row(line, basis.word(dimension, line), cells(line))
        for line in (ordered(basis, dimension, sizes) if sizes else ())
    ]
    title = TITLES[dimension]
    return table(f"use_by_{dimension}", title, (title.rpartition(" by ")[2].capitalize(), *COLUMNS), rows, _SAID)
