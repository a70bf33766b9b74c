"""When everybody of a group is away at once."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

MOST_DAYS = 366
"""Days that one absence lasts at most: a local parameter without a source."""
MOST_AHEAD = 730
"""Days ahead on which an absence begins at most: the same."""


class TimeSpan(NamedTuple):
    """From one moment up to another, which is not in it any more."""

    begins: datetime
    ends: datetime


def first_gap(span: TimeSpan, others: Iterable[Sequence[TimeSpan]]) -> TimeSpan | None:
    """The first stretch of `span` in which all `others` are away, each by their own spans; None where there is none.

    Without any others, that is the whole of it.
    """
    absences = [tuple(spans) for spans in others]
    if not absences:
        return span
    moments = {span.begins} | {away.begins for spans in absences for away in spans}
    for moment in sorted(moment for moment in moments if span.begins <= moment < span.ends):
        ends = moment
        # Who is away in two absences, one after the other, is away until the second ends.
        while ends < span.ends and (until := _all_until(absences, ends)):
            ends = until
        if ends > moment:
            return TimeSpan(moment, min(span.ends, ends))
    return None


def _all_until(absences: Sequence[Sequence[TimeSpan]], moment: datetime) -> datetime | None:
    """Until when all are away who are at `moment`; None where somebody is there, or there is nobody at all."""
    ends = [_until(spans, moment) for spans in absences]
    known = [end for end in ends if end is not None]
    return min(known) if known and len(known) == len(ends) else None


def _until(spans: Sequence[TimeSpan], moment: datetime) -> datetime | None:
    """When the absence ends that stands at `moment`; None where there is none."""
    return next((away.ends for away in spans if away.begins <= moment < away.ends), None)


def day_faults(first: date | None, last: date | None, today: date) -> dict[str, list[str]]:
    """What is wrong with the days of an absence that is entered `today`, by field."""
    faults: dict[str, list[str]] = {}
    if first is None:
        faults["first_day"] = ["Give the first day away."]
    elif not 0 <= (first - today).days <= MOST_AHEAD:
        faults["first_day"] = [f"Give today or a later day, within {MOST_AHEAD} days."]
    if last is None:
        faults["last_day"] = ["Give the last day away."]
    elif first is not None and last < first:
        faults["last_day"] = ["The last day comes before the first. Give the same day or a later one."]
    elif first is not None and (last - first).days >= MOST_DAYS:
        faults["last_day"] = [f"An absence lasts at most {MOST_DAYS} days. Enter the rest as another absence."]
    return faults
