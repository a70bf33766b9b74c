"""What was given against what an authorization allows: used, left, the next due, and what stands outside its terms."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from utilization.rules.dosing.courses import day_of_course
from utilization.rules.dosing.products import name_key

BEFORE_START, AFTER_END, ENDED, BEYOND_TOTAL, ABOVE_A_DAY, OTHER_PRODUCT, BRIDGE, TOO_EARLY = (
    "before_start", "after_end", "ended", "beyond_total", "above_a_day", "other_product", "bridge", "too_early",
)  # fmt: skip
OUTSIDE = {
    BEFORE_START: "Given before the first day of the authorization.",
    AFTER_END: "Given after the last day of the authorization.",
    ENDED: "Given on or after the day on which the authorization was ended.",
    BEYOND_TOTAL: "More grams in all than the authorization allows.",
    ABOVE_A_DAY: "More grams on one day than a whole course has.",
    BRIDGE: "Given after the last day as a bridging dose, since the renewal was filed in time and is overdue.",
    OTHER_PRODUCT: "Another product than the one that is authorized.",
    TOO_EARLY: "More grams than a whole course before the next course is due.",
}
"""Why an infusion stands outside the terms, by code, in words. It happened, so it is recorded; whoever records it
confirms each."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What an authorization allows. `grams_per_course` None where no dose is known; `product` empty for any.

    `ended_on` is the day on which it was withdrawn or otherwise ended; None while it stands. Until `bridge_until`, one
    more course may be given after the last day; None where none may. A course may begin `early_days` before it is due.
    `released` are the first and last day of a first dose that was released before the approval, which it joins.
    """

    first: date
    last: date
    grams_per_course: Decimal | None
    courses: int
    interval_weeks: Decimal | None = None
    product: str = ""
    ended_on: date | None = None
    bridge_until: date | None = None
    early_days: int = 0
    released: tuple[date, date] | None = None

    @property
    def total(self) -> Decimal | None:
        """Grams over all courses; None where the dose is not known."""
        return None if self.grams_per_course is None else self.grams_per_course * self.courses

    @property
    def interval(self) -> timedelta | None:
        """The whole days from one course to the next; None where none is known."""
        return None if self.interval_weeks is None else timedelta(days=int(self.interval_weeks * 7))

    def released_on(self, day: date) -> bool:
        """Whether `day` is one on which the first dose, released before the approval, could be given."""
        return self.released is not None and self.released[0] <= day <= self.released[1]

    def bridges(self, day: date) -> bool:
        """Whether `day` is after the last and a bridging dose may be given on it."""
        return self.bridge_until is not None and self.last < day <= self.bridge_until


@dataclass(frozen=True, slots=True)
class GivenGrams:
    """Grams of a product that were given on a day."""

    day: date
    grams: Decimal
    product: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """How far an authorization is used: grams used and left, the courses begun, and the day on which the next one is
    due; `under_way` are the grams that are left of the course begun last. None where that is not known or nothing is
    due any more."""

    used: Decimal
    left: Decimal | None
    courses_begun: int
    next_due: date | None
    under_way: Decimal | None


def use_of(terms: Terms, given: Iterable[GivenGrams]) -> Use:
    """What `given` leaves of `terms`. A course begins once the grams of the one before are given, or once its interval
    is over, whichever comes first."""
    days = _by_day(given)
    used = sum(days.values(), Decimal(0))
    total, course = terms.total, terms.grams_per_course
    if total is None or course is None:
        return Use(used, None, len(days), None, None)
    begun, of_last = _courses_begun(days, course, terms.interval)
    left = max(total - used, Decimal(0))
    under_way = min(course - of_last, left) if begun and of_last < course and left else None
    return Use(used, left, len(begun), _next_due(terms, begun, left), under_way)


def use_as_it_stands(terms: Terms, given: Iterable[GivenGrams]) -> Use:
    """The same, where an authorization that was ended leaves nothing to give, whatever of it was not given."""
    use = use_of(terms, given)
    return use if terms.ended_on is None else replace(use, left=Decimal(0), under_way=None)


def _by_day(given: Iterable[GivenGrams]) -> dict[date, Decimal]:
    days: dict[date, Decimal] = defaultdict(Decimal)
    for infusion in given:
        days[infusion.day] += infusion.grams
    return dict(sorted(days.items()))


def _courses_begun(
    days: dict[date, Decimal], course: Decimal, interval: timedelta | None
) -> tuple[list[date], Decimal]:
    """The first day of each course that has begun, and the grams given of the last one."""
    begun: list[date] = []
    of_last = Decimal(0)
    for day, grams in days.items():
        if not begun or of_last >= course or (interval is not None and day >= begun[-1] + interval):
            begun.append(day)
            of_last = Decimal(0)
        of_last += grams
    return begun, of_last


def _next_due(terms: Terms, begun: Sequence[date], left: Decimal) -> date | None:
    if terms.ended_on is not None or not left:
        return None
    if not begun:
        return terms.first
    due = day_of_course(begun[-1], terms.interval_weeks, 1) if terms.interval_weeks is not None else None
    return due if due is not None and due <= terms.last else None


def too_early(terms: Terms, before: Iterable[GivenGrams], new: GivenGrams) -> tuple[date, date] | None:
    """The first day of the course under way and the day from which another may begin, where `new` would be more than
    what is left of that course before then; None where it would not, or where no dose or interval is known."""
    course, interval = terms.grams_per_course, terms.interval
    if course is None or interval is None:
        return None
    days = _by_day(given for given in before if given.day <= new.day)
    begun, of_last = _courses_begun(days, course, interval)
    if not begun or of_last + new.grams <= course:
        return None
    from_day = begun[-1] + interval - timedelta(days=terms.early_days)
    return (begun[-1], from_day) if new.day < from_day else None


def outside(
    terms: Terms, before: Iterable[GivenGrams], new: GivenGrams, elsewhere: Iterable[GivenGrams] = ()
) -> tuple[str, ...]:
    """Codes of `OUTSIDE` that fit `new`, given beside what was given `before` by the same authorization and `elsewhere`
    by others of the patient: these use none of its grams, but they were given all the same."""
    others = list(before)
    every = [*others, *elsewhere]
    bridge = terms.bridges(new.day)
    codes = [
        (BEFORE_START, new.day < terms.first and not terms.released_on(new.day)),
        (AFTER_END, new.day > terms.last and not bridge),
        (BRIDGE, bridge),
        (ENDED, terms.ended_on is not None and new.day >= terms.ended_on),
        (OTHER_PRODUCT, bool(terms.product) and name_key(new.product) != name_key(terms.product)),
    ]
    if terms.total is not None and terms.grams_per_course is not None:
        same_day = sum((given.grams for given in every if given.day == new.day), new.grams)
        # A bridging dose is one course by itself, whatever was left on the last day.
        counted = [given.grams for given in others if not bridge or given.day > terms.last]
        allowed = terms.grams_per_course if bridge else terms.total
        codes += [
            (BEYOND_TOTAL, sum(counted, new.grams) > allowed),
            (ABOVE_A_DAY, same_day > terms.grams_per_course),
            (TOO_EARLY, same_day <= terms.grams_per_course and too_early(terms, every, new) is not None),
        ]
    return tuple(code for code, holds in codes if holds)
