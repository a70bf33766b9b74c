"""Time on authorized therapy: how long each patient's authorizations for one indication follow one another."""

from collections.abc import Iterable
from typing import NamedTuple

from utilization.rules.utilization_report.rows import AuthorizationRow
from utilization.rules.utilization_report.schedule import ordinal

GAP_DAYS = 60
"""Days after the last valid day without a following authorization, after which therapy counts as ended."""


class TherapyStretch(NamedTuple):
    """Days on therapy of one patient for one indication, and whether it ended; else it was still going on."""

    indication: str
    patient: int
    days: int
    ended: bool


def therapies(authorizations: Iterable[AuthorizationRow], end: str) -> list[TherapyStretch]:
    """Every course of therapy that began by the day `end`, as known on that day."""
    chains: dict[tuple[int, str], list[AuthorizationRow]] = {}
    for authorization in authorizations:
        if authorization.valid_from <= end:
            chains.setdefault((authorization.patient, authorization.indication), []).append(authorization)
    rows = []
    for (patient, indication), chain in sorted(chains.items()):
        rows += [TherapyStretch(indication, patient, days, ended) for days, ended in _stretches(chain, ordinal(end))]
    return rows


def _stretches(chain: list[AuthorizationRow], end: int) -> list[tuple[int, bool]]:
    """(days, whether it ended) of each stretch without a gap, from its first valid day to its last."""
    if len(chain) == 1 and not chain[0].voided_on:
        first, last = ordinal(chain[0].valid_from), ordinal(chain[0].valid_to)
        return [(max(min(last, end) - first, 0), last + GAP_DAYS < end)]
    stretches: list[tuple[int, int]] = []
    for authorization in sorted(chain, key=lambda row: (row.valid_from, row.request)):
        first, last = ordinal(authorization.valid_from), _last(authorization, end)
        if stretches and first <= stretches[-1][1] + GAP_DAYS:
            began, reached = stretches[-1]
            stretches[-1] = began, max(reached, last)
        else:
            stretches.append((first, last))
    voided = any(row.voided_on and ordinal(row.voided_on) <= end for row in chain)
    return [
        # Until the gap is over, nobody knows whether a renewal follows.
        (
            max(min(last, end) - first, 0),
            last + GAP_DAYS < end or (voided and place == len(stretches) - 1 and last < end),
        )
        for place, (first, last) in enumerate(stretches)
    ]


def _last(authorization: AuthorizationRow, end: int) -> int:
    """The last day on which it counted, as known on the day `end`."""
    last = ordinal(authorization.valid_to)
    if authorization.voided_on and ordinal(authorization.voided_on) <= end:
        last = min(last, ordinal(authorization.voided_on))
    return last
