"""Section 1: eight tiles, each beside the same months a year before."""

from decimal import Decimal
from typing import Any, NamedTuple

from utilization.rules.utilization_report.basis import ReportBasis, root
from utilization.rules.utilization_report.cells import Split
from utilization.rules.utilization_report.figures import (
    NONE,
    WITHHELD,
    Figure,
    count,
    grams,
    hours,
    percent_of,
    rounded,
    share,
)
from utilization.rules.utilization_report.populations import Frame
from utilization.rules.utilization_report.shares import (
    APPROVE,
    NO,
    YES,
    Part,
    amount,
    by_knowledge,
    by_off_criteria,
    part,
    truths,
    yes_or_no,
)


class Snapshot(NamedTuple):
    """What the tiles of one period are read from; None in it is not shown."""

    patients: int | None
    new: int | None
    mg: int | None
    orders: int | None
    known: Split
    decided: int | None
    seconds: Decimal | None
    off: Split
    ceiling: Part
    response: Part


def snapshot(basis: ReportBasis, frame: Frame) -> Snapshot:
    """What the tiles of `frame` are read from."""
    scope, decided, due = basis.scope, frame.decided, frame.scheduled
    choice = scope.split(decided, decided.parts("choice"))
    approved = decided.where("choice", APPROVE)
    kinds = scope.split(decided, decided.parts("kind"))
    renewed = decided.where("kind", "renewal")
    return Snapshot(
        patients=root(basis, frame.patients).total,
        new=scope.split(frame.patients, yes_or_no(frame.patients, frame.new)).n(YES),
        mg=amount(scope, due, frame.mg),
        orders=root(basis, due).total,
        known=scope.split(due, by_knowledge(due, frame.mg)),
        decided=root(basis, decided).total,
        seconds=scope.centile(decided, "clock_seconds"),
        off=scope.split(approved, by_off_criteria(approved), under=(choice, APPROVE)),
        ceiling=part(scope, decided, truths(decided, "over_ceiling_asked")),
        response=part(scope, renewed, truths(renewed, "response_documented"), (kinds, "renewal")),
    )


def tiles(now: Snapshot, before: Snapshot) -> list[dict[str, Any]]:
    """The eight tiles."""
    return [
        _tile("patients", "Patients", _patients(now), _patients(before), _new_words(now), "patients"),
        _tile("grams", "Scheduled grams", _grams(now), _grams(before), _known_words(now), "scheduled"),
        _tile("grams_a_patient", "Grams a patient", _each(now), _each(before), "scheduled grams / patients"),
        _tile("hours", "Median hours to decision", _hours(now), _hours(before), _decided_words(now), "decided"),
        _tile("off_criteria", "Approved off criteria", _off(now), _off(before), "approved"),
        _tile("ceiling", "Asked above the ceiling", _ceiling(now), _ceiling(before), _of(now.ceiling)),
        _tile("response", "Response documented", _response(now), _response(before), "renewals decided"),
        _tile("unknown_grams", "Grams not known", _unknown(now), _unknown(before), "authorizations"),
    ]


def _tile(name: str, label: str, now: Figure, before: Figure, said: str, among: str = "") -> dict[str, Any]:
    return {"id": name, "label": label, "now": now, "before": before, "said": said, "change": _change(now, before)}


def _change(now: Figure, before: Figure) -> str:
    """The change in percent, of counts and grams; in points or hours of the others; empty where one is not known."""
    for name, unit in (("percent", "points"), ("h", "h")):
        if name in now and name in before:
            return _signed(now[name] - before[name], unit)
    for name in ("g", "n"):
        if name in now and before.get(name):
            return _signed(_percent_more(Decimal(now[name]), Decimal(before[name])), "%")
    return ""


def _percent_more(now: Decimal, before: Decimal) -> Decimal:
    change = percent_of(int((now - before) * 1000), int(before * 1000))
    return change or Decimal(0)


def _signed(change: Decimal, unit: str) -> str:
    sign = "+" if change > 0 else "\u2212" if change < 0 else "\u00b1"
    return f"{sign}{abs(change):f}\u202f{unit}"


def _new_words(now: Snapshot) -> str:
    return "" if now.new is None else f"{now.new} new"


def _known_words(now: Snapshot) -> str:
    known, orders = now.known.n(YES), now.orders
    if known is None or orders is None:
        return "where grams are known"
    return f"grams known for {known} of {orders} authorizations"


def _decided_words(now: Snapshot) -> str:
    stopped = "clock stopped while asked"
    return stopped if now.decided is None else f"{now.decided} decided; {stopped}"


def _each(now: Snapshot) -> Figure:
    if now.mg is None or now.patients is None:
        return WITHHELD
    if not now.patients:
        return NONE
    return grams(rounded(Decimal(now.mg) / now.patients / 1000, 1) * 1000, rows="patients", each="all")


def _hours(now: Snapshot) -> Figure:
    return hours(now.seconds, now.decided, rows="decided", known="clock_seconds")


def _off(now: Snapshot) -> Figure:
    return share(now.off.n(YES), now.off.total, choice=APPROVE, off_criteria=YES)


def _patients(now: Snapshot) -> Figure:
    return count(now.patients, rows="patients", each="all")


def _grams(now: Snapshot) -> Figure:
    return grams(now.mg, rows="due", course_grams="known")


def _ceiling(now: Snapshot) -> Figure:
    return share(now.ceiling.n, now.ceiling.of, over_ceiling_asked=YES)


def _response(now: Snapshot) -> Figure:
    return share(now.response.n, now.response.of, kind="renewal", response_documented=YES)


def _of(known: Part) -> str:
    return "orders with a ceiling and a dose" if known.known else "orders decided, with or without a ceiling"


def _unknown(now: Snapshot) -> Figure:
    return share(now.known.n(NO), now.orders, rows="due", course_grams="unknown")
