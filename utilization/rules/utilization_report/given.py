"""Grams recorded as given, beside those scheduled, and how many authorizations have a record: never all that was given.

What is recorded is summed whether or not a course was due in the period; of how many authorizations something is
recorded is told of those that had one due.
"""

from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis, line_of, ordered
from utilization.rules.utilization_report.cells import ALL, Split
from utilization.rules.utilization_report.figures import Figure, grams, row, share, table
from utilization.rules.utilization_report.shares import YES, amount, yes_or_no

COLUMNS = ("Scheduled grams", "Recorded as given", "With a record")
_SAID = (
    "Recorded as given: infusions of days in the period, as corrected. It is not all that was given: what nobody"
    " recorded adds nothing. With a record: of authorizations with a course due in the period, those with an infusion"
    " recorded in it."
)


def given_table(basis: ReportBasis) -> dict[str, Any]:
    """Grams scheduled and recorded as given, of the period and of the one before."""
    rows = []
    for frame, key, label in ((basis.now, "now", "This period"), (basis.before, "before", "The period before")):
        due = frame.scheduled
        recorded = basis.scope.split(due, yes_or_no(due, frame.given.rows))
        mg, given = amount(basis.scope, due, frame.mg), amount(basis.scope, frame.given, frame.given_mg)
        rows.append(row(key, label, _cells(mg, given, recorded)))
    return table("given", "Grams recorded as given", ("Period", *COLUMNS), rows, _SAID)


def given_by_indication(basis: ReportBasis) -> dict[str, Any]:
    """The same of the period, by indication."""
    frame, scope = basis.now, basis.scope
    due, given = frame.scheduled, frame.given
    lines = basis.grouped(frame, "indication", due)
    known = due.at(due.table.amounts(frame.mg).known)
    sums = scope.by(known, lines, {ALL: known.rows}, frame.mg)
    recorded = scope.by(due, lines, yes_or_no(due, given.rows))
    also = basis.grouped(frame, "indication", given)
    amounts = scope.by(given, also, {ALL: given.rows}, frame.given_mg)
    # Of a few patients by whom nothing was due, not even the indication is told.
    shown = (*lines, *(also if basis.raw else amounts))
    sizes = dict.fromkeys(shown, 0) | {line: split.amount(ALL) or 0 for line, split in sums.items()}
    rows = [
        row(
            line,
            basis.word("indication", line),
            _cells(
                line_of(basis, sums, line).amount(ALL),
                line_of(basis, amounts, line).amount(ALL),
                line_of(basis, recorded, line),
                indication=line,
            ),
        )
        for line in (ordered(basis, "indication", sizes) if sizes else ())
    ]
    title = "Grams recorded as given, by indication"
    return table("given_by_indication", title, ("Indication", *COLUMNS), rows, _SAID)


def _cells(mg: int | None, given: int | None, recorded: Split, **line: str) -> list[Figure]:
    return [
        grams(mg, rows="due", course_grams="known", **line),
        grams(given, rows="given", **line),
        share(recorded.n(YES), recorded.total, rows="due_given", **line),
    ]
