"""The rows of the snapshot as they stand in the database, by chunks of requests, so that memory stays flat."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from utilization.models import Authorization, Decision, Event, Infusion, RequestSummary, Submission
from utilization.models.decisions import DECISION
from utilization.reports.snapshot.cells import Cell
from utilization.reports.snapshot.columns import CELL
from utilization.reports.snapshot.deidentification import age_group
from utilization.rules.dosing.courses import day_of_course

CHUNK = 2000
_HOUR = 3600
_OF_REQUEST = (
    "indication", "kind", "listed", "emergency", "expedited", "filed_on", "decided_on", "ended_on", "outcome_filed",
    "outcome_asked", "outcome_decided", "choice", "reason_code", "recommendation", "overridden", "order_changed",
    "appeal", "grams_asked", "grams_allowed", "total_asked", "total_allowed", "g_per_kg_asked", "g_per_kg_allowed",
    "ceiling_g_per_kg", "over_ceiling_asked", "over_ceiling_allowed", "weight_used", "actual_weight_in_obesity",
    "product", "response", "response_documented", "objective_measure", "late", "questions", "warnings_acknowledged",
    "age_years", "actual_weight_kg", "dosing_weight_kg", "bmi",
)  # fmt: skip
_NAMED = {
    "site__code": "site", "department__name": "department", "patient__sex": "sex", "patient__mrn": "mrn",
    "patient__name": "patient_name", "patient__date_of_birth": "date_of_birth", "prescriber__username": "prescriber",
    "request__number": "request_number", "clock_hours": "clock_hours_given",
}  # fmt: skip
_BESIDE = (
    "request_id", "request__uid", "patient__uid", "patient_id", "site__time_zone", "pack__name", "pack__version",
    "clock_seconds", "calendar_seconds", "asked_seconds",
)  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RequestRows:
    """The rows of the request with key `pk`, by table; with its patient and the cell that it stands in."""

    pk: int
    patient: str
    cell: Cell
    tables: Mapping[str, list[Row]]


def summaries(site: int | None = None) -> QuerySet[RequestSummary]:
    """The filed requests of a site by key, of all sites where none is given."""
    every = RequestSummary.objects.order_by("pk")
    return every if site is None else every.filter(site=site)


def request_rows(site: int | None = None) -> Iterator[RequestRows]:
    """Every filed request with its rows."""
    values = summaries(site).values("pk", *_OF_REQUEST, *_NAMED, *_BESIDE)
    last = 0
    while chunk := list(values.filter(pk__gt=last)[:CHUNK]):
        beside = _Beside([row["request_id"] for row in chunk])
        for row in chunk:
            yield _rows_of(row, beside)
        last = chunk[-1]["pk"]


def patients_by_cell(site: int | None = None) -> Iterator[tuple[Cell, int]]:
    """(cell, patient) of every filed request, each once."""
    rows = summaries(site).values_list(
        "site__code", "indication", "department__name", "age_years", "patient__sex", "patient_id"
    )
    for code, indication, department, age, sex, patient in rows.order_by().distinct().iterator(chunk_size=CHUNK):
        yield (code, indication, department, age_group(age), sex), patient


class _Beside:
    """What stands beside a chunk of summaries, by request."""

    def __init__(self, requests: list[int]) -> None:
        self.submissions = _by_request(
            Submission.objects.filter(request__in=requests).order_by("ordinal"), "id", "facts", "judgement"
        )
        self.decisions = _by_request(
            Decision.objects.filter(request__in=requests).order_by("pk"),
            "submission_id", "kind", "choice", "reason_code", "order", "judgement", "signed_role",
            "signed_by__username", "signed_at",
        )  # fmt: skip
        self.authorizations = _by_request(
            Authorization.objects.filter(request__in=requests),
            "number", "grams_per_course", "courses", "interval_weeks", "valid_from", "valid_to", "voided_at",
        )  # fmt: skip
        standing = Infusion.objects.filter(request__in=requests, in_error=False, corrected_by=None)
        self.infusions = _by_request(
            standing.order_by("given_on", "pk"),
            "given_on", "grams", "product", "lot", "outside", "reactions", "recorded_at",
        )  # fmt: skip
        self.events = _by_request(Event.objects.filter(request_id__in=requests).order_by("seq"), "type", "at", "body")


def _by_request(rows: QuerySet[Any], *names: str) -> dict[int, list[Row]]:
    by_request: dict[int, list[Row]] = defaultdict(list)
    for row in rows.values("request_id", *names):
        by_request[row["request_id"]].append(row)
    return by_request


def _rows_of(summary: Row, beside: _Beside) -> RequestRows:
    pk, key = summary["request_id"], str(summary["request__uid"])
    patient = str(summary["patient__uid"])
    day = _days_at(summary["site__time_zone"])
    tables: dict[str, Iterable[Row]] = {
        "requests": [_request(summary)],
        "criteria_results": _results(beside.submissions[pk], beside.decisions[pk]),
        "decisions": _signed(beside.decisions[pk], day),
        "orders": _orders(beside.submissions[pk], beside.authorizations[pk]),
        "authorizations": _courses(beside.authorizations[pk], day),
        "infusions": _infusions(beside.infusions[pk], day),
        "events": _events(beside.events[pk], day),
    }
    keyed = {
        name: [{**row, "request_key": key, "patient_key": patient} for row in rows] for name, rows in tables.items()
    }
    request = keyed["requests"][0]
    return RequestRows(pk, patient, tuple(request[name] for name in CELL), keyed)


def _days_at(zone: str) -> Callable[[datetime], date]:
    there = ZoneInfo(zone)
    return lambda at: at.astimezone(there).date()


def _request(summary: Row) -> Row:
    named = {name: summary[field] for field, name in _NAMED.items()}
    # A route that names no hours is kept as 0.
    named["clock_hours_given"] = named["clock_hours_given"] or None
    hours = {
        f"{name}_hours": None if (seconds := summary[f"{name}_seconds"]) is None else round(Decimal(seconds) / _HOUR, 1)
        for name in ("clock", "calendar", "asked")
    }
    return {
        **{name: summary[name] for name in _OF_REQUEST},
        **named,
        **hours,
        "age_group": age_group(summary["age_years"]),
        "pack": f"{summary['pack__name']} {summary['pack__version']}",
    }


def _results(submissions: list[Row], decisions: list[Row]) -> Iterator[Row]:
    """What each criterion came to, as filed first and as decided."""
    judged = {"filed": submissions[0]["judgement"]}
    for decision in decisions:
        if decision["kind"] == DECISION:
            filed = next(row for row in submissions if row["id"] == decision["submission_id"])
            judged["decided"] = decision["judgement"] or filed["judgement"]
    for at, judgement in judged.items():
        for finding in judgement["findings"]:
            yield {"stage": at, "criterion": finding["id"], "result": finding["result"]}


def _signed(decisions: list[Row], day: Callable[[datetime], date]) -> Iterator[Row]:
    for step, decision in enumerate(decisions, start=1):
        yield {
            "step": step,
            "kind": decision["kind"],
            "choice": decision["choice"],
            "reason_code": decision["reason_code"],
            "order_changed": decision["order"] is not None,
            "signed_as": decision["signed_role"],
            "signed_by": decision["signed_by__username"],
            "signed_on": day(decision["signed_at"]),
        }


def _orders(submissions: list[Row], authorizations: list[Row]) -> Iterator[Row]:
    facts, dose = submissions[-1]["facts"], submissions[-1]["judgement"]["dose"] or {}
    asked = {name: facts.get(name) for name in ("course_days", "interval_weeks", "route", "planned_duration")}
    yield {"stage": "asked", **asked, "grams_per_course": facts.get("dose_total_g") or dose.get("rounded_g")}
    for held in authorizations:
        yield {
            "stage": "allowed",
            **asked,
            **{name: held[name] for name in ("grams_per_course", "interval_weeks", "courses")},
        }


def _courses(authorizations: list[Row], day: Callable[[datetime], date]) -> Iterator[Row]:
    """A row for each course that falls due while its authorization stands."""
    for held in authorizations:
        voided = day(held["voided_at"]) if held["voided_at"] else None
        for course in range(held["courses"]):
            due = day_of_course(held["valid_from"], held["interval_weeks"], course)
            if due > held["valid_to"] or (voided is not None and due >= voided):
                break
            yield {
                "authorization_number": held["number"], "course": course + 1, "scheduled_on": due,
                "grams": held["grams_per_course"], "valid_from": held["valid_from"], "valid_to": held["valid_to"],
                "voided_on": voided,
            }  # fmt: skip


def _infusions(infusions: list[Row], day: Callable[[datetime], date]) -> Iterator[Row]:
    """Those that count: neither corrected nor entered in error."""
    for step, given in enumerate(infusions, start=1):
        reaction = given["reactions"][0] if given["reactions"] else {"kind": "", "seriousness": ""}
        yield {
            **{name: given[name] for name in ("given_on", "grams", "product", "lot")},
            "step": step,
            "outside_terms": bool(given["outside"]),
            "reaction": reaction["kind"],
            "seriousness": reaction["seriousness"],
            "recorded_on": day(given["recorded_at"]),
        }


def _events(events: list[Row], day: Callable[[datetime], date]) -> Iterator[Row]:
    for step, event in enumerate(events, start=1):
        actor = json.loads(bytes(event["body"]))["actor"]
        roles = " ".join(actor["roles"]) if actor else "system"
        yield {"step": step, "type": event["type"], "on_day": day(event["at"]), "actor_role": roles}
