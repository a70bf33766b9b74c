"""The clock of a site: how long a decision may take by urgency, when the site is open, who is told before it is late.

`read_clock` reads what an administrator typed; each fault is told by the field, with what to write instead.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from utilization.rules.opening_hours import DAY_MINUTES, Calendar, Minutes
from utilization.rules.roles import ROLES, Role

STANDARD, EXPEDITED = "standard", "expedited"
URGENCIES = (STANDARD, EXPEDITED)
HOURS, OPEN_HOURS, OPEN_DAYS = "hours", "open_hours", "open_days"
COUNTS: Mapping[str, str] = {
    HOURS: "hours by the clock on the wall",
    OPEN_HOURS: "hours in which the site is open",
    OPEN_DAYS: "working days, to the close of the last",
}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOSED = "closed"
ESCALATES = (Role.PHARMACIST, Role.PHYSICIAN, Role.ADMINISTRATOR)
"""Roles that may be named to be told of what is late."""
LEAD_HOURS: Mapping[str, int] = {STANDARD: 24, EXPEDITED: 6}
"""So long before a request is due its owner is reminded, where the site has set nothing: a local parameter."""
ASKED_HOURS: Mapping[str, int] = {STANDARD: 48, EXPEDITED: 12}
"""So long after a question its prescribers are reminded, in the same way: a local parameter."""
LEAST_OPEN_HOURS = 5
"""Hours a week: with fewer, and every holiday on an open day, the longest allowance would take decades."""
_HARDLY_OPEN = (
    f"Open hours or working days are counted, and the site is open for less than {LEAST_OPEN_HOURS} hours a week. "
    "Write its hours, or count hours by the clock on the wall."
)
MOST_HOURS, MOST_DAYS, MOST_HOLIDAYS, MOST_TYPED = 720, 60, 200, 10_000
_TIME = re.compile(r"([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


class ClockFault(ValueError):
    """What was typed is no clock: `errors` has the sentences by field."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(" ".join(text for texts in errors.values() for text in texts))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long a decision may take: an amount and what it counts; the lead time of reminders, in hours of the same
    kind; and after how many hours by the wall an unanswered question is reminded of."""

    counts: str
    amount: int
    lead_hours: int
    asked_hours: int

    @property
    def words(self) -> str:
        """The amount in words."""
        word = {HOURS: "hour", OPEN_HOURS: "open hour", OPEN_DAYS: "working day"}[self.counts]
        return f"{self.amount} {word}{'' if self.amount == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class ClockRules:
    """One version of a site's clock. `opening` has the seven days from Monday; `holidays` their names by day."""

    allowances: Mapping[str, Allowance]
    opening: tuple[Minutes, ...]
    holidays: Mapping[date, str]
    escalates_to: str

    def hours_on(self, day: date) -> Minutes:
        """When the site is open on `day`."""
        return () if day in self.holidays else self.opening[day.weekday()]

    def as_json(self) -> dict[str, Any]:
        """As the database and the log keep it."""
        return {
            **{
                urgency: {"counts": a.counts, "amount": a.amount, "lead": a.lead_hours, "asked": a.asked_hours}
                for urgency, a in self.allowances.items()
            },
            "opening": {name: [list(span) for span in self.opening[number]] for number, name in enumerate(DAYS)},
            "holidays": {day.isoformat(): name for day, name in sorted(self.holidays.items())},
            "escalates_to": self.escalates_to,
        }


def clock_of(kept: Mapping[str, Any]) -> ClockRules:
    """The value of what `as_json` gave."""
    return ClockRules(
        {
            urgency: Allowance(
                kept[urgency]["counts"], kept[urgency]["amount"], kept[urgency]["lead"], kept[urgency]["asked"]
            )
            for urgency in URGENCIES
        },
        tuple(tuple((begin, end) for begin, end in kept["opening"][name]) for name in DAYS),
        {date.fromisoformat(day): name for day, name in kept["holidays"].items()},
        kept["escalates_to"],
    )


@dataclass(frozen=True, slots=True)
class SiteClocks:
    """The versions of one site's clock, each in force from a day on, oldest first, and its time zone."""

    zone: tzinfo
    versions: tuple[tuple[date, ClockRules], ...]

    def on(self, day: date) -> ClockRules | None:
        """The version in force on `day`; None before the first."""
        return next((rules for since, rules in reversed(self.versions) if since <= day), None)

    def _hours_on(self, day: date) -> Minutes:
        rules = self.on(day) or self.versions[0][1]
        return rules.hours_on(day)

    @property
    def calendar(self) -> Calendar:
        """When the site is open, by the version of each day; days before the first follow the first."""
        return Calendar(self.zone, self._hours_on)

    def due(self, start: datetime, allowance: Allowance) -> datetime:
        """When a request filed at `start` is due by `allowance`; by the wall where a later version never opens."""
        by_wall = start + timedelta(hours=allowance.amount * (24 if allowance.counts == OPEN_DAYS else 1))
        try:
            if allowance.counts == OPEN_HOURS:
                return self.calendar.due(start, allowance.amount * 3600)
            return self.calendar.close_of_day(start, allowance.amount) if allowance.counts == OPEN_DAYS else by_wall
        except ValueError:
            return by_wall

    def left(self, due: datetime, *, at: datetime, counts: str) -> int:
        """The seconds left at `at` as the clock `counts` them; negative once it is late."""
        return int((due - at).total_seconds()) if counts == HOURS else self.calendar.open_seconds(at, due)

    def resumed(self, left: int, *, at: datetime, counts: str) -> datetime:
        """When a request is due whose clock goes on at `at` with `left` seconds.

        A later version may never open, or hardly: then they count by the wall, so that the clock of what is filed ends.
        """
        by_wall = at + timedelta(seconds=left)
        try:
            return by_wall if counts == HOURS else self.calendar.due(at, left)
        except ValueError:
            return by_wall


def read_clock(typed: Mapping[str, str], people: Iterable[str] = ()) -> ClockRules:
    """The clock that was typed, a text a field: opening hours by day, `holidays`, and by urgency `_counts`, `_amount`,
    `_lead`, `_asked`; `escalates_to` is a role or one of `people`, as "person:KEY". Raises ClockFault.
    """
    errors: dict[str, list[str]] = {}
    opening = tuple(_day(typed.get(name, ""), name, errors) for name in DAYS)
    allowances = {urgency: _allowance(typed, urgency, errors) for urgency in URGENCIES}
    counts_open = any(allowance.counts != HOURS for allowance in allowances.values())
    if not errors and counts_open and _open_minutes(opening) < LEAST_OPEN_HOURS * 60:
        errors["monday"] = [_HARDLY_OPEN]
    escalates_to = typed.get("escalates_to", "")
    if escalates_to not in {*ESCALATES, *people}:
        errors["escalates_to"] = ["Choose from the list who is told of what is late."]
    holidays = _holidays(typed.get("holidays", ""), errors)
    if errors:
        raise ClockFault(errors)
    return ClockRules(allowances, opening, holidays, str(escalates_to))


def _day(text: str, name: str, errors: dict[str, list[str]]) -> Minutes:
    """The opening hours of a day. A day that says nothing is a gap, and is refused as overlaps are."""
    said = text.strip().lower()
    if said == CLOSED:
        return ()
    spans = []
    for part in said.split(","):
        ends = [_minutes(end) for end in re.split(r"[-–]", part.strip())]
        if len(ends) != 2 or None in ends or ends[0] >= ends[1]:  # type: ignore[operator]  # None is asked before
            errors[name] = ["Write hours such as 08:00-12:00, 13:00-17:00, the earlier first, or closed."]
            return ()
        spans.append((ends[0] or 0, ends[1] or 0))
    spans.sort()
    for before, after in itertools.pairwise(spans):
        if after[0] < before[1]:
            errors[name] = [f"These hours overlap: {_span(before)} and {_span(after)}. Write each hour once."]
            return ()
    return tuple(spans)


def _open_minutes(opening: Iterable[Minutes]) -> int:
    return sum(end - begin for spans in opening for begin, end in spans)


def _minutes(text: str) -> int | None:
    said = _TIME.fullmatch(text.strip())
    minutes = int(said[1]) * 60 + int(said[2]) if said else None
    return minutes if minutes is not None and minutes <= DAY_MINUTES else None


def _span(span: tuple[int, int]) -> str:
    return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in span)


def hours_in_words(hours: Minutes) -> str:
    """Opening hours of a day as they are typed."""
    return ", ".join(_span(span) for span in hours) or CLOSED


def _allowance(typed: Mapping[str, str], urgency: str, errors: dict[str, list[str]]) -> Allowance:
    counts = typed.get(f"{urgency}_counts", "")
    if counts not in COUNTS:
        errors[f"{urgency}_counts"] = ["Choose from the list what is counted."]
    most = MOST_DAYS if counts == OPEN_DAYS else MOST_HOURS
    amount = _number(typed, f"{urgency}_amount", 1, most, errors)
    longest = most * 24 if counts == OPEN_DAYS else max(amount - 1, 0)
    lead = _number(typed, f"{urgency}_lead", 0, longest, errors)
    return Allowance(counts, amount, lead, _number(typed, f"{urgency}_asked", 1, MOST_HOURS, errors))


def _number(typed: Mapping[str, str], name: str, least: int, most: int, errors: dict[str, list[str]]) -> int:
    text = typed.get(name, "").strip()
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        errors[name] = [f"Write a whole number from {least} to {most}."]
        return 0
    return int(text)


def _holidays(text: str, errors: dict[str, list[str]]) -> dict[date, str]:
    holidays: dict[date, str] = {}
    lines = [line.strip() for line in text[:MOST_TYPED].splitlines() if line.strip()]
    if len(lines) > MOST_HOLIDAYS or len(text) > MOST_TYPED:
        errors["holidays"] = [f"Write at most {MOST_HOLIDAYS} holidays."]
        return {}
    for line in lines:
        day, _, name = line.partition(" ")
        try:
            read = date.fromisoformat(day)
        except ValueError:
            errors["holidays"] = [f"“{line[:40]}” does not begin with a day such as 2026-12-25."]
            return {}
        if read in holidays:
            errors["holidays"] = [f"{day} stands there twice. Write each holiday once."]
            return {}
        holidays[read] = name.strip()[:60]
    return holidays


def escalation_in_words(escalates_to: str) -> str:
    """A role in words, in the plural; empty where it is a person."""
    return ROLES[Role(escalates_to)].heading.lower() if escalates_to in set(ESCALATES) else ""
