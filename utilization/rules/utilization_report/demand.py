"""Section 2 and the charts by month: scheduled grams, filed requests, the share approved off criteria; grams given."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis
from utilization.rules.utilization_report.bitmaps import Parts, crossed, merged
from utilization.rules.utilization_report.cells import HIDDEN, Population, Split
from utilization.rules.utilization_report.criteria import choices
from utilization.rules.utilization_report.figures import count, grams, row, share, table
from utilization.rules.utilization_report.given import given_table
from utilization.rules.utilization_report.schedule import DueByTerms, Terms
from utilization.rules.utilization_report.shares import APPROVE, NO, YES, by_off_criteria

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


def by_step(basis: ReportBasis, population: Population, months: Parts, parts: Parts) -> tuple[list[Step], Split]:
    """`population` by month and by `parts`: by quarter where a month would say too much, hidden where both would."""
    for length in (1, QUARTER) if not basis.raw else (1,):
        chosen = steps(basis, length)
        code = {month: name for name, _, held in chosen for month in held}
        split = basis.scope.split(population, crossed(merged(months, code.__getitem__), parts))
        if split.shown and not split.pooled:
            return chosen, split
    return [], HIDDEN


def month_code(day: str) -> str:
    """The code of the month of a day."""
    return day[:7]


def demand_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """Grams, filed requests and the share off criteria, by month or quarter; grams recorded as given."""
    given = [] if basis.now.data.given is None else [given_table(basis)]
    return [_grams(basis), *given, _filed(basis), _off(basis)]


def _table(
    name: str, title: str, column: str, found: tuple[list[Step], Split], cell: Callable[[str], Any], said: str
) -> dict[str, Any]:
    chosen, _ = found
    return table(name, title, ("Months", column), [row(code, words, [cell(code)]) for code, words, _ in chosen], said)


def _is_due(by_terms: DueByTerms, month: str, terms: Terms) -> bool:
    """Whether a course is due in the month of that code by such terms."""
    return month in by_terms[terms]


def _grams(basis: ReportBasis) -> dict[str, Any]:
    due = basis.both.scheduled
    known = due.at(due.table.amounts("course_mg").known)
    by_terms = basis.both.due_by_terms
    months = {
        month.code: due.table.where("terms", partial(_is_due, by_terms, month.code))
        for month in basis.both.period.months
    }
    chosen, split = by_step(basis, known, months, {YES: known.rows})
    counted = known.at(known.lines.get(basis.scope.line, 0)) if basis.scope.line else known
    sums: dict[Terms, int] = {}
    for terms, mg in due.table.picked(counted.rows, "terms", "course_mg"):
        sums[terms] = sums.get(terms, 0) + mg
    mg_by_month: Counter[str] = Counter()
    for terms, mg in sums.items():
        mg_by_month.update({month: mg * courses for month, courses in by_terms[terms].items()})
    months_of = {code: held for code, _, held in chosen}

    def cell(code: str) -> Mapping[str, Any]:
        return grams(sum(mg_by_month[month] for month in months_of[code]), rows="due", month=code, course_grams="known")

    said = "Courses due in the month, of authorizations with known grams: scheduled, not infused."
    return _table("grams_by_month", "Scheduled grams", "Grams", (chosen, split), cell, said)


def _filed(basis: ReportBasis) -> dict[str, Any]:
    filed = basis.both.filed
    found = by_step(basis, filed, filed.parts("filed_on", month_code), {YES: filed.rows})

    def cell(code: str) -> Mapping[str, Any]:
        return count(found[1].n(f"{code} {YES}"), rows="filed", month=code)

    return _table("filed_by_month", "Filed requests", "Requests", found, cell, "Requests filed in the month.")


def _off(basis: ReportBasis) -> dict[str, Any]:
    """Both years must show what was approved, and what of it off criteria, for the months to be parts of that."""
    for frame in (basis.now, basis.before):
        choice = choices(basis, frame.decided)
        if frame.decided.rows and choice.n(APPROVE) is None:
            return _table("off_by_month", "Share approved off criteria", "Off criteria", ([], HIDDEN), str, "")
    approved = basis.both.decided.where("choice", APPROVE)
    found = by_step(basis, approved, approved.parts("decided_on", month_code), by_off_criteria(approved))

    def cell(code: str) -> Mapping[str, Any]:
        off, on = f"{code} {YES}", f"{code} {NO}"
        return share(found[1].n(off), found[1].n(off, on), choice=APPROVE, off_criteria=YES, month=code)

    return _table(
        "off_by_month", "Share approved off criteria", "Off criteria", found, cell, "Of what was approved in the month."
    )
