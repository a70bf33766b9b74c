"""Time until something ends, by Kaplan and Meier: what still goes on is censored, the thin end is not shown.

Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. JASA 1958;53:457-481.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from utilization.rules.statistics.exact import six_places

FEWEST_AT_RISK = 10
"""Where fewer are still observed, one of them would move the curve too far, and could be told from it."""


@dataclass(frozen=True, slots=True)
class SurvivalStep:
    """A day on which something ended: how many were at risk before, how many `ended`, the share that goes on after."""

    day: int
    at_risk: int
    ended: int
    going_on: Decimal


@dataclass(frozen=True, slots=True)
class Curve:
    """The share that goes on, as steps from 1 on day 0.

    `shown_to`: the last day on which enough were at risk, None where there is none; what lies after is in no step.
    `ended` and `censored` count the whole of what was given and `entered` is both together. `days`: how long each was
    observed, in order.
    """

    entered: int
    ended: int
    censored: int
    shown_to: int | None
    steps: tuple[SurvivalStep, ...]
    days: tuple[int, ...]

    def going_on(self, day: int) -> Decimal | None:
        """The share that goes on at the end of `day`; None beyond what is shown."""
        if not self._shows(day):
            return None
        past = bisect_right([step.day for step in self.steps], day)
        return self.steps[past - 1].going_on if past else six_places(1)

    def at_risk(self, day: int) -> int | None:
        """How many are observed on `day`, before anything of that day; None beyond what is shown."""
        return len(self.days) - bisect_right(self.days, day - 1) if self._shows(day) else None

    def _shows(self, day: int) -> bool:
        return self.shown_to is not None and day <= self.shown_to

    @property
    def median(self) -> int | None:
        """The first day at whose end at most half go on; None where that is not shown."""
        return next((step.day for step in self.steps if step.going_on * 2 <= 1), None)


def kaplan_meier(observed: Iterable[tuple[int, bool]], *, fewest: int = FEWEST_AT_RISK) -> Curve:
    """The curve of (days observed, whether it ended then); False is censored: it still went on when last seen.

    What is censored on a day on which others ended was at risk on that day. Nothing is shown from the first day on
    which fewer than `fewest` are at risk. Raises ValueError for a time below 0.
    """
    all_seen = sorted(observed)
    days = tuple(day for day, _ in all_seen)
    if days and days[0] < 0:
        raise ValueError("A time is not below 0.")
    ended = Counter(day for day, has_ended in all_seen if has_ended)
    # At risk on a day are those observed to that day or longer: enough are, up to the day of the one that makes it so.
    shown_to = days[-max(fewest, 1)] if len(days) >= max(fewest, 1) else None
    steps, share = [], Fraction(1)
    for day in sorted(ended):
        at_risk = len(days) - bisect_right(days, day - 1)
        share *= Fraction(at_risk - ended[day], at_risk)
        if shown_to is not None and day <= shown_to:
            steps.append(SurvivalStep(day, at_risk, ended[day], six_places(share)))
    ends = sum(ended.values())
    return Curve(len(days), ends, len(days) - ends, shown_to, tuple(steps), days)
