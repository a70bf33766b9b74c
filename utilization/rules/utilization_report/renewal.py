"""Section 8: renewals, the response that they document, and the time on authorized therapy."""

from collections import Counter
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis, ordered, root
from utilization.rules.utilization_report.figures import count, row, share, table
from utilization.rules.utilization_report.populations import Frame
from utilization.rules.utilization_report.shares import YES, part
from utilization.rules.utilization_report.split_table import split_table
from utilization.rules.utilization_report.therapy import TherapyStretch, therapies

RENEWAL = "renewal"
LEAST_AT_RISK = 10
"""Patients still followed below which no curve is drawn on."""


def renewal_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The tables of the section."""
    decided = basis.now.decided
    kinds = basis.scope.split(decided, [request.kind for request in decided.rows])
    renewed = decided.where(lambda request: request.kind == RENEWAL)
    said = "As the renewal says it, of renewals decided."
    response = [request.response or "not_stated" for request in renewed.rows]
    return [
        _renewals(basis),
        split_table(
            basis, ("response", "Response", said, "response"), renewed, response, (kinds, RENEWAL), kind=RENEWAL
        ),
        _overdue(basis),
    ]


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
    kinds = basis.scope.split(decided, [request.kind for request in decided.rows])
    filed_kinds = basis.scope.split(filed, [request.kind for request in filed.rows])
    renewed = decided.where(lambda request: request.kind == RENEWAL)
    under = kinds, RENEWAL
    response = part(basis.scope, renewed, [request.response_documented for request in renewed.rows], under)
    measure = part(basis.scope, renewed, [request.objective_measure for request in renewed.rows], under)
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
    filed: dict[tuple[int, str], str] = {}
    for request in basis.now.history.requests:
        if request.filed_on <= end:
            key = request.patient, request.indication
            filed[key] = max(filed.get(key, ""), request.filed_on)
    late = [
        authorization.review_by < end
        and filed.get((authorization.patient, authorization.indication), "") <= authorization.valid_from
        for authorization in live.rows
    ]
    overdue = part(basis.scope, live, late)
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
    by_indication: dict[str, list[TherapyStretch]] = {}
    for therapy in therapies(basis.now.rows.authorizations, end):
        by_indication.setdefault(therapy.indication, []).append(therapy)
    enough = {code: rows for code, rows in by_indication.items() if len(rows) >= LEAST_AT_RISK}
    order = ordered(basis, "indication", Counter({code: len(rows) for code, rows in enough.items()})) if enough else ()
    return [
        {
            "key": code,
            "label": basis.word("indication", code),
            "patients": len({therapy.patient for therapy in enough[code]}),
            "stretches": sorted([therapy.days, therapy.ended] for therapy in enough[code]),
        }
        for code in order
    ]
