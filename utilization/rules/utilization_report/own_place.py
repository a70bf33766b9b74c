"""A prescriber's own place in the funnel: their share approved off criteria beside what chance makes of that of all.

Nobody else's can be worked out from it. The own numbers are of patients whom the prescriber knows; what is left when
they are taken from all is of the others, and is shown only where those are several and no group of it is small.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from utilization.rules.statistics.funnel import FEWEST, Funnel, placed
from utilization.rules.utilization_report.figures import percent_of

LEAST_OTHERS = 3
"""Other prescribers with an approval: of fewer, one could take their own from what is left and have the other's."""


class Approval(NamedTuple):
    """An approval of a report year: whose request it was, of which patient, and whether it was off criteria."""

    prescriber: int
    patient: int
    off: bool


def own_place(approvals: Iterable[Approval], own: int, limit: int) -> dict[str, Any]:
    """The place of the prescriber `own` where groups of 1 to `limit` - 1 patients are not told of.

    `n` of `of` own approvals were off criteria, `percent`; `all` has the same of all, None where that would tell of
    others; `funnel` has the own place alone, None where that is so or the own approvals are too few to be placed.
    """
    rows = list(approvals)
    mine = [row for row in rows if row.prescriber == own]
    n, of = sum(row.off for row in mine), len(mine)
    value: dict[str, Any] = {"n": n, "of": of, "percent": percent_of(n, of), "all": None, "funnel": None}
    if _safe(rows, own, limit):
        events = sum(row.off for row in rows)
        value["all"] = {"n": events, "of": len(rows), "percent": percent_of(events, len(rows))}
        value["funnel"] = _funnel(n, of, events, len(rows))
    return value


def _safe(rows: list[Approval], own: int, limit: int) -> bool:
    """Whether all, and all without the own, are several people's, with no small group on or off the criteria."""
    others = [row for row in rows if row.prescriber != own]
    if len({row.prescriber for row in others}) < LEAST_OTHERS:
        return False
    groups = ({row.patient for row in part if row.off == off} for part in (rows, others) for off in (True, False))
    return all(not patients or len(patients) >= limit for patients in groups)


def _funnel(n: int, of: int, events: int, of_all: int) -> Funnel | None:
    return placed("Your approvals", (n, of), (events, of_all)) if of >= FEWEST else None
