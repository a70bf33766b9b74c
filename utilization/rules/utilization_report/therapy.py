"""Time on authorized therapy: how long each patient's authorizations for one indication follow one another."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from utilization.rules.utilization_report.bitmaps import BitmapTable
from utilization.rules.utilization_report.schedule import ordinal

GAP_DAYS = 60
"""Days after the last valid day without a following authorization, after which therapy counts as ended."""
Stretch = tuple[int, bool]
"""Days on therapy, and whether it ended; else it was still going on."""
Link = tuple[int, str, int, str, str]
"""Of one authorization: patient, first valid day, request, last valid day, day of voiding."""


class TherapyTimes(NamedTuple):
    """The stretches of therapy for one indication, of so many patients."""

    patients: int
    stretches: Sequence[Stretch]


def therapies(table: BitmapTable, rows: int, end: str) -> dict[str, TherapyTimes]:
    """The therapies of the authorizations `rows` that began by the day `end`, as known then, by indication."""
    begun = table.where("valid_from", lambda day: day <= end) & rows
    by_indication = {code: held & begun for code, held in table.parts("indication").items() if held & begun}
    return {
        code: TherapyTimes(table.people(held).bit_count(), list(_of_patients(table, held, ordinal(end))))
        for code, held in by_indication.items()
    }


def _of_patients(table: BitmapTable, rows: int, end: int) -> Iterator[Stretch]:
    links = table.picked(rows, "patient", "valid_from", "request", "valid_to", "voided_on")
    for _, chain in groupby(links, key=itemgetter(0)):
        yield from _stretches(list(chain), end)


def _stretches(chain: list[Link], end: int) -> list[Stretch]:
    """(days, whether it ended) of each stretch without a gap, from its first valid day to its last."""
    if len(chain) == 1 and not chain[0][4]:
        first, last = ordinal(chain[0][1]), ordinal(chain[0][3])
        return [(max(min(last, end) - first, 0), last + GAP_DAYS < end)]
    stretches: list[tuple[int, int]] = []
    for _, valid_from, _, valid_to, voided_on in sorted(chain):
        first, last = ordinal(valid_from), _last(valid_to, voided_on, end)
        if stretches and first <= stretches[-1][1] + GAP_DAYS:
            began, reached = stretches[-1]
            stretches[-1] = began, max(reached, last)
        else:
            stretches.append((first, last))
    voided = any(voided_on and ordinal(voided_on) <= end for *_, voided_on in chain)
    return [
        # Until the gap is over, nobody knows whether a renewal follows.
        (
            max(min(last, end) - first, 0),
            last + GAP_DAYS < end or (voided and place == len(stretches) - 1 and last < end),
        )
        for place, (first, last) in enumerate(stretches)
    ]


def _last(valid_to: str, voided_on: str, end: int) -> int:
    """The last day on which it counted, as known on the day `end`."""
    last = ordinal(valid_to)
    if voided_on and ordinal(voided_on) <= end:
        last = min(last, ordinal(voided_on))
    return last
