"""Section 8: renewals, the response that they document, and the time on authorized therapy."""

from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis, ordered, root
from utilization.rules.utilization_report.figures import count, row, share, table
from utilization.rules.utilization_report.populations import Frame
from utilization.rules.utilization_report.shares import NO, YES, part, truths, yes_or_no
from utilization.rules.utilization_report.split_table import split_table
from utilization.rules.utilization_report.therapy import therapies

RENEWAL = "renewal"
LEAST_AT_RISK = 10
"""Patients still followed below which no curve is drawn on."""


def renewal_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The tables of the section."""
    decided = basis.now.decided
    kinds = basis.scope.split(decided, decided.parts("kind"))
    renewed = decided.where("kind", RENEWAL)
    said = "As the renewal says it, of renewals decided."
    response = renewed.parts("response", response_stated)
    return [
        _renewals(basis),
        split_table(
            basis, ("response", "Response", said, "response"), renewed, response, (kinds, RENEWAL), kind=RENEWAL
        ),
        _overdue(basis),
    ]


def response_stated(response: str) -> str:
    """The response, or that none is stated."""
    return response or "not_stated"


def _renewals(basis: ReportBasis) -> dict[str, Any]:
    rows = [_renewal_row(basis, frame) for frame in (basis.now, basis.before)]
    columns = ("Period", "Renewals filed", "Authorizations ended", "Response documented", "Objective measure")
    said = (
        "Renewals filed and authorizations whose last valid day, or voiding, lay in the period; documented response and"
        " objective measure of the renewals decided in it."
    )
    return table("renewals", "Renewals", columns, rows, said)


def _renewal_row(basis: ReportBasis, frame: Frame) -> dict[str, Any]:
    filed, decided = frame.filed, frame.decided
    kinds = basis.scope.split(decided, decided.parts("kind"))
    filed_kinds = basis.scope.split(filed, filed.parts("kind"))
    renewed = decided.where("kind", RENEWAL)
    under = kinds, RENEWAL
    response = part(basis.scope, renewed, truths(renewed, "response_documented"), under)
    measure = part(basis.scope, renewed, truths(renewed, "objective_measure"), under)
    cells = [
        count(filed_kinds.n(RENEWAL), rows="filed", kind=RENEWAL),
        count(root(basis, frame.ended).total if frame.ended.rows else 0, rows="closed"),
        share(response.n, response.of, kind=RENEWAL, response_documented=YES),
        share(measure.n, measure.of, kind=RENEWAL, objective_measure=YES),
    ]
    now = frame is basis.now
    return row("now" if now else "before", "This period" if now else "The period before", cells)


def _overdue(basis: ReportBasis) -> dict[str, Any]:
    """Authorizations that are valid at the end of the period, whose review was due by then and for which nothing was
    filed since they began."""
    live, (_, end) = basis.now.live, basis.now.period.days
    due = live.table.where("review_by", lambda day: day < end) & live.rows
    asked = dict.fromkeys(live.table.picked(due, "patient", "indication"), "")
    filed = basis.now.requests.where("filed_on", lambda day: day <= end)
    for patient, indication, day in basis.now.requests.picked(filed, "patient", "indication", "filed_on"):
        if day > asked.get((patient, indication), end):
            asked[patient, indication] = day
    late = live.table.spread(
        due,
        (
            YES if asked[patient, indication] <= valid_from else NO
            for patient, indication, valid_from in live.table.picked(due, "patient", "indication", "valid_from")
        ),
    )
    overdue = part(basis.scope, live, yes_or_no(live, late.get(YES, 0)))
    cell = share(overdue.n, overdue.of, rows="overdue")
    said = (
        "Of authorizations valid on the last day of the period: review due before it, and nothing filed since for the"
        " same patient and indication."
    )
    return table("overdue", "Reviews overdue", ("", "Authorizations"), [row("overdue", "Review overdue", [cell])], said)


def time_on_therapy(basis: ReportBasis) -> list[dict[str, Any]]:
    """Time on authorized therapy by indication: patients and (days, ended) each. Raw alone: a step is a patient."""
    if not basis.raw:
        return []
    _, end = basis.now.period.days
    by_indication = therapies(basis.now.authorizations, basis.now.within[1], end)
    enough = {code: found for code, found in by_indication.items() if len(found.stretches) >= LEAST_AT_RISK}
    order = (
        ordered(basis, "indication", {code: len(found.stretches) for code, found in enough.items()}) if enough else ()
    )
    return [
        {
            "key": code,
            "label": basis.word("indication", code),
            "patients": enough[code].patients,
            "stretches": [list(stretch) for stretch in sorted(enough[code].stretches)],
        }
        for code in order
    ]
