"""(judgement, plan, urgency) -> the approvals that a request needs and its clock, from a routing table.

Rows are read top down: the first route that fits gives the approvals; every ground for the shorter clock that
applies is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from utilization.rules.yaml_lines import Node, read_yaml

APPROVALS = (("pharmacist",), ("pharmacist", "physician"))
"""The approvals that a request may need: a pharmacist alone, or a pharmacist's recommendation and a physician."""
CLOCKS = ("standard", "expedited")
MOST_HOURS = 720
"""Hours of the longest clock that a pack may set: thirty days."""
_APPROVERS = APPROVALS[-1]
SINGLE_COURSE_WEEKS = 4
"""Weeks for which a single course is authorized where the table does not say; a local parameter."""
MOST_WEEKS = 52
_OUTCOMES = ("meets", "does_not_meet", "exception_review", "needs_information")


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One row: where all of its tests hold, these approvals are needed, and `because` says why."""

    approvals: tuple[str, ...]
    because: str
    outcomes: frozenset[str] | None = None
    over_ceiling: bool | None = None


@dataclass(frozen=True, slots=True)
class ExpeditedRow:
    """One ground for the shorter clock: indications, facts of which one must hold, or a declared emergency."""

    because: str
    indications: frozenset[str] | None = None
    any_fact: tuple[tuple[str, Any], ...] = ()
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """Calendar hours for a decision from a date on."""

    since: date
    standard_hours: int
    expedited_hours: int


@dataclass(frozen=True, slots=True)
class Routing:
    """The routing table. `clocks` newest first; authorization parameters in months, days and weeks.

    `denial_reasons` and `approval_reasons` are codes with their words. Tables kept before there were reasons for
    approvals, or weeks for a single course, have none of the former and `SINGLE_COURSE_WEEKS` of the latter.
    """

    routes: tuple[RouteRow, ...]
    expedited: tuple[ExpeditedRow, ...]
    clocks: tuple[Clock, ...]
    authorization_months: int
    review_before_days: int
    denial_reasons: Mapping[str, str]
    approval_reasons: Mapping[str, str] = field(default_factory=dict)
    single_course_weeks: int = SINGLE_COURSE_WEEKS

    @property
    def reasons(self) -> Mapping[str, str]:
        """Every coded reason of a signed act, in words."""
        return {**self.denial_reasons, **self.approval_reasons}


@dataclass(frozen=True, slots=True)
class OwnRoute:
    """What a pack sets beside the routing table, and the sentence that says so; what it leaves out is the table's.

    `approvals` None, `panel`, `priority` and `clock` empty and `hours` None leave it out. `clock` names a clock of the
    table, standard or expedited, in place of `hours`.
    """

    says: str
    approvals: tuple[str, ...] | None = None
    panel: str = ""
    priority: str = ""
    clock: str = ""
    hours: int | None = None


class Route(NamedTuple):
    """The approvals needed, in order, the clock in calendar hours, and why.

    `panel` names who is heard before a physician decides, `priority` is a word of the pack; both may be empty.
    """

    approvals: tuple[str, ...]
    clock_hours: int
    expedited: bool
    because: tuple[str, ...]
    panel: str = ""
    priority: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON values; panel and priority only where a pack sets them."""
        more = {"panel": self.panel, "priority": self.priority}
        return {
            "approvals": list(self.approvals),
            "clock_hours": self.clock_hours,
            "expedited": self.expedited,
            "because": list(self.because),
        } | {name: word for name, word in more.items() if word}


def route_request(
    routing: Routing,
    *,
    outcome: str,
    indication: str,
    facts: Mapping[str, Any],
    over_ceiling: bool,
    emergency: bool,
    as_of: date,
    own: OwnRoute | None = None,
) -> Route:
    """The route of a request judged as `indication` with `outcome`, filed on `as_of`; `own` is what the pack sets."""
    row = next(
        r
        for r in routing.routes
        if (r.outcomes is None or outcome in r.outcomes) and (r.over_ceiling is None or r.over_ceiling == over_ceiling)
    )
    grounds = [g.because for g in routing.expedited if _applies(g, indication, facts, emergency)]
    clock = next((c for c in routing.clocks if c.since <= as_of), routing.clocks[-1])
    hours = clock.expedited_hours if grounds else clock.standard_hours
    because = (row.because, *(grounds or [f"No ground for the expedited clock: {hours} hours."]))
    route = Route(row.approvals, hours, bool(grounds), because)
    return route if own is None else _with_own(route, own, clock, over_ceiling=over_ceiling, emergency=emergency)


def _with_own(route: Route, own: OwnRoute, clock: Clock, *, over_ceiling: bool, emergency: bool) -> Route:
    """The route of the table with what a pack sets in its place.

    A declared emergency keeps the expedited clock where the pack's is longer. Above the ceiling no pack spares the
    physician, and a panel advises one.
    """
    approvals = route.approvals
    if own.approvals is not None and not (over_ceiling and len(own.approvals) < len(approvals)):
        approvals = own.approvals
    if own.panel:
        approvals = APPROVALS[-1]
    hours, expedited = route.clock_hours, route.expedited
    if own.clock or own.hours is not None:
        expedited = own.clock == "expedited" or (own.hours is not None and own.hours <= clock.expedited_hours)
        hours = own.hours or (clock.expedited_hours if expedited else clock.standard_hours)
        if emergency and clock.expedited_hours < hours:
            hours, expedited = clock.expedited_hours, True
    of_table, *of_clock = route.because
    because = (
        own.says,
        *([of_table] if approvals == route.approvals else []),
        *(of_clock if hours == route.clock_hours else [f"The clock is {hours} hours."]),
    )
    return Route(approvals, hours, expedited, because, own.panel, own.priority)


def _applies(ground: ExpeditedRow, indication: str, facts: Mapping[str, Any], emergency: bool) -> bool:
    if ground.emergency:
        return emergency
    if ground.indications is not None and indication not in ground.indications:
        return False
    return not ground.any_fact or any(facts.get(name) == value for name, value in ground.any_fact)


def read_routing(text: str, file: str) -> Routing:
    """The routing table. Raises PackError with file, line, path and what was expected."""
    root = read_yaml(text, file).mapping(
        ("routes", "expedited", "clocks", "authorization", "denial_reasons"), ("approval_reasons",)
    )
    routes = tuple(_route_row(node) for node in root["routes"].items())
    if not routes or routes[-1].outcomes is not None or routes[-1].over_ceiling is not None:
        root["routes"].fail("expected a last row without outcome and over_ceiling, for every other request")
    clocks = sorted((_clock(node) for node in root["clocks"].items()), key=lambda c: c.since, reverse=True)
    if not clocks:
        root["clocks"].fail("expected at least one clock")
    allowed = root["authorization"].mapping(("months", "review_before_days"), ("single_course_weeks",))
    return Routing(
        routes=routes,
        expedited=tuple(_expedited_row(node) for node in root["expedited"].items()),
        clocks=tuple(clocks),
        authorization_months=int(allowed["months"].number()),
        review_before_days=int(allowed["review_before_days"].number()),
        denial_reasons=_coded(root["denial_reasons"]),
        approval_reasons=_coded(root["approval_reasons"]) if "approval_reasons" in root else {},
        single_course_weeks=_weeks(allowed.get("single_course_weeks")),
    )


def _coded(node: Node) -> dict[str, str]:
    return {code: words.text() for code, words in node.mapping().items()}


def _weeks(node: Node | None) -> int:
    if node is None:
        return SINGLE_COURSE_WEEKS
    weeks = node.number()
    if not 1 <= weeks <= MOST_WEEKS or weeks != int(weeks):
        node.fail(f"expected whole weeks from 1 to {MOST_WEEKS}, got {node.shown}")
    return int(weeks)


def _route_row(node: Node) -> RouteRow:
    keys = node.mapping(("approvals", "because"), ("outcome", "over_ceiling"))
    outcomes = frozenset(n.one_of(_OUTCOMES) for n in keys["outcome"].items()) if "outcome" in keys else None
    approvals = tuple(n.one_of(_APPROVERS) for n in keys["approvals"].items())
    if approvals not in APPROVALS:
        keys["approvals"].fail("expected [pharmacist] or [pharmacist, physician]")
    return RouteRow(approvals, keys["because"].text(), outcomes, _flag(keys.get("over_ceiling")))


def _flag(node: Node | None) -> bool | None:
    if node is None:
        return None
    if not isinstance(node.value, bool):
        node.fail(f"expected true or false, got {node.shown}")
    return node.value


def _expedited_row(node: Node) -> ExpeditedRow:
    keys = node.mapping(("because",), ("indications", "any_fact", "emergency"))
    facts: list[tuple[str, Any]] = []
    for item in keys["any_fact"].items() if "any_fact" in keys else []:
        facts += [(name, value.plain()) for name, value in item.mapping().items()]
    return ExpeditedRow(
        keys["because"].text(),
        frozenset(keys["indications"].texts()) if "indications" in keys else None,
        tuple(facts),
        _flag(keys.get("emergency")) is True,
    )


def _clock(node: Node) -> Clock:
    keys = node.mapping(("from", "standard_hours", "expedited_hours"), ("source",))
    return Clock(keys["from"].day(), int(keys["standard_hours"].number()), int(keys["expedited_hours"].number()))
