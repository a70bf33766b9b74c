"""Section 10: what is missing, and what this report cannot answer."""

from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis
from utilization.rules.utilization_report.bitmaps import merged
from utilization.rules.utilization_report.figures import row, share, table
from utilization.rules.utilization_report.groups import UNKNOWN
from utilization.rules.utilization_report.shares import NO, YES, part, truths, yes_or_no

_FACTS = (
    ("grams", "Grams of the order not known", "grams_known"),
    ("height", "Height not known", "height_known"),
    ("weight", "Weight not known", "weight_known"),
    ("listed", "Indication not in the criteria", "listed"),
)
_OPPOSITE = {YES: NO, NO: YES, UNKNOWN: UNKNOWN}
NOT_ANSWERED = (
    "Grams given of which nobody recorded any: the pharmacy records them for some authorizations alone.",
    "Grams of a first dose whose request was not approved: recorded, and in the export of infusions alone.",
    "Grams discarded: not recorded.",
    "Reactions to an infusion: recorded where the infusion was, and not counted here.",
    "Outcomes after the last authorization ended: not recorded.",
)


def gap_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The table of the section."""
    decided = basis.now.decided
    rows = []
    for name, label, known in _FACTS:
        missing = part(basis.scope, decided, merged(truths(decided, known), _OPPOSITE.__getitem__))
        counts = {name if name == "listed" else f"{name}_known": NO}
        rows.append(row(name, label, [share(missing.n, missing.of, **counts)]))
    renewed = decided.where("kind", "renewal")
    kinds = basis.scope.split(decided, decided.parts("kind"))
    silent = yes_or_no(renewed, ~truths(renewed, "response_documented").get(YES, 0))
    missing = part(basis.scope, renewed, silent, (kinds, "renewal"))
    cell = share(missing.n, missing.of, kind="renewal", response_silent=YES)
    rows.append(row("renewal_facts", "Renewal without a documented response", [cell]))
    return [table("gaps", "Missing", ("Fact", "Of decided requests"), rows, "Of requests decided in the period.")]
