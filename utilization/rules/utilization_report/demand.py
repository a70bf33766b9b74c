"""Section 2 and the charts by month: scheduled grams, filed requests, the share approved off criteria."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis
from utilization.rules.utilization_report.cells import HIDDEN, Population, Split
from utilization.rules.utilization_report.criteria import choices
from utilization.rules.utilization_report.figures import count, grams, row, share, table
from utilization.rules.utilization_report.shares import APPROVE, MEETS, NO, YES

QUARTER = 3
Step = tuple[str, str, Sequence[str]]
"""Code and words of a step of time, and the codes of its months."""


def steps(basis: ReportBasis, months: int) -> list[Step]:
    """The months of the period and of the one before, by so many at once."""
    spans = basis.both.period.months
    parts = [spans[place : place + months] for place in range(0, len(spans), months)]
    return [
        (
            part[0].code,
            part[0].words if len(part) == 1 else f"{part[0].words} to {part[-1].words}",
            [month.code for month in part],
        )
        for part in parts
    ]


def by_step(
    basis: ReportBasis,
    population: Population,
    months: Sequence[str],
    parts: Sequence[str],
    amounts: Sequence[int] | None = None,
) -> tuple[list[Step], Split]:
    """`population` by month and by `parts`: by quarter where a month would say too much, hidden where both would."""
    for length in (1, QUARTER) if not basis.raw else (1,):
        chosen = steps(basis, length)
        code = {month: name for name, _, held in chosen for month in held}
        keys = [f"{code[month]} {part}" for month, part in zip(months, parts, strict=True)]
        split = basis.scope.split(population, keys, amounts)
        if split.shown and not split.pooled:
            return chosen, split
    return [], HIDDEN


def demand_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """Grams, filed requests and the share off criteria, by month or quarter."""
    return [_grams(basis), _filed(basis), _off(basis)]


def _table(
    name: str, title: str, column: str, found: tuple[list[Step], Split], cell: Callable[[str], Any], said: str
) -> dict[str, Any]:
    chosen, _ = found
    return table(name, title, ("Months", column), [row(code, words, [cell(code)]) for code, words, _ in chosen], said)


def _grams(basis: ReportBasis) -> dict[str, Any]:
    due = basis.both.scheduled
    rows, patients, lines, months, amounts = [], [], [], [], []
    for scheduled, patient, line in zip(due.rows, due.patients, due.lines, strict=True):
        if scheduled.mg is not None:
            for month, courses in scheduled.courses.items():
                rows.append(scheduled)
                patients.append(patient)
                lines.append(line)
                months.append(month)
                amounts.append(courses * scheduled.authorization.course_mg)
    found = by_step(basis, Population(rows, patients, lines), months, [YES] * len(months), amounts)

    def cell(code: str) -> Mapping[str, Any]:
        return grams(found[1].amount(f"{code} {YES}"), rows="due", month=code, course_grams="known")

    said = "Courses due in the month, of authorizations with known grams: scheduled, not infused."
    return _table("grams_by_month", "Scheduled grams", "Grams", found, cell, said)


def _filed(basis: ReportBasis) -> dict[str, Any]:
    filed = basis.both.filed
    found = by_step(basis, filed, [request.filed_on[:7] for request in filed.rows], [YES] * len(filed.rows))

    def cell(code: str) -> Mapping[str, Any]:
        return count(found[1].n(f"{code} {YES}"), rows="filed", month=code)

    return _table("filed_by_month", "Filed requests", "Requests", found, cell, "Requests filed in the month.")


def _off(basis: ReportBasis) -> dict[str, Any]:
    """Both years must show what was approved, and what of it off criteria, for the months to be parts of that."""
    for frame in (basis.now, basis.before):
        choice = choices(basis, frame.decided)
        if frame.decided.rows and choice.n(APPROVE) is None:
            return _table("off_by_month", "Share approved off criteria", "Off criteria", ([], HIDDEN), str, "")
    approved = basis.both.decided.where(lambda request: request.choice == APPROVE)
    parts = [NO if request.outcome_decided == MEETS else YES for request in approved.rows]
    found = by_step(basis, approved, [request.decided_on[:7] for request in approved.rows], parts)

    def cell(code: str) -> Mapping[str, Any]:
        off, on = f"{code} {YES}", f"{code} {NO}"
        return share(found[1].n(off), found[1].n(off, on), choice=APPROVE, off_criteria=YES, month=code)

    return _table(
        "off_by_month", "Share approved off criteria", "Off criteria", found, cell, "Of what was approved in the month."
    )
