"""Section 10: what is missing, and what this report cannot answer."""

from collections.abc import Callable
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis
from utilization.rules.utilization_report.figures import row, share, table
from utilization.rules.utilization_report.rows import RequestRow
from utilization.rules.utilization_report.shares import YES, part

_FACTS: tuple[tuple[str, str, Callable[[RequestRow], bool | None]], ...] = (
    ("grams", "Grams of the order not known", lambda request: request.grams_known),
    ("height", "Height not known", lambda request: request.height_known),
    ("weight", "Weight not known", lambda request: request.weight_known),
    ("listed", "Indication not in the criteria", lambda request: request.listed),
)
NOT_ANSWERED = (
    "Grams infused: recorded by the pharmacy for some authorizations alone; they stand in the export of infusions.",
    "Grams discarded: not recorded.",
    "Reactions to an infusion: recorded where the infusion was, and not counted here.",
    "Outcomes after the last authorization ended: not recorded.",
    "Answers prefilled at the form, fields changed and seconds spent: not recorded.",
)


def gap_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The table of the section."""
    decided = basis.now.decided
    rows = []
    for name, label, known in _FACTS:
        values = [known(request) for request in decided.rows]
        missing = part(basis.scope, decided, [None if value is None else not value for value in values])
        rows.append(row(name, label, [share(missing.n, missing.of, **{f"{name}_missing": YES})]))
    renewed = decided.where(lambda request: request.kind == "renewal")
    kinds = basis.scope.split(decided, [request.kind for request in decided.rows])
    silent = [request.response_documented is not True for request in renewed.rows]
    missing = part(basis.scope, renewed, silent, (kinds, "renewal"))
    rows.append(row("renewal_facts", "Renewal without a documented response", [share(missing.n, missing.of)]))
    return [table("gaps", "Missing", ("Fact", "Of decided requests"), rows, "Of requests decided in the period.")]
