"""Section 10: what is missing, and what this report cannot answer."""

from collections.abc import Callable
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis
from utilization.rules.utilization_report.figures import row, share, table
from utilization.rules.utilization_report.rows import RequestRow
from utilization.rules.utilization_report.shares import NO, YES, part

_FACTS: tuple[tuple[str, str, Callable[[RequestRow], bool | None]], ...] = (
    ("grams", "Grams of the order not known", lambda request: request.grams_known),
    ("height", "Height not known", lambda request: request.height_known),
    ("weight", "Weight not known", lambda request: request.weight_known),
    ("listed", "Indication not in the criteria", lambda request: request.listed),
)
NOT_ANSWERED = (
    "Grams infused: the doses that were given are not recorded.",
    "Grams discarded: not recorded.",
    "Reactions to an infusion: not recorded.",
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
        counts = {name if name == "listed" else f"{name}_known": NO}
        rows.append(row(name, label, [share(missing.n, missing.of, **counts)]))
    renewed = decided.where(lambda request: request.kind == "renewal")
    kinds = basis.scope.split(decided, [request.kind for request in decided.rows])
    silent = [not request.response_documented for request in renewed.rows]
    missing = part(basis.scope, renewed, silent, (kinds, "renewal"))
    cell = share(missing.n, missing.of, kind="renewal", response_silent=YES)
    rows.append(row("renewal_facts", "Renewal without a documented response", [cell]))
    return [table("gaps", "Missing", ("Fact", "Of decided requests"), rows, "Of requests decided in the period.")]
