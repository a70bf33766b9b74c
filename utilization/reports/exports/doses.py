"""The table of doses: what was asked, what was decided, what is allowed, and the courses that follow from it.

Grams given stand in the table of infusions, where they were recorded. A scheduled course is a day worked out from the
authorization.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from django.db.models import QuerySet, Sum

from utilization.models import Authorization, Decision, Request, Submission
from utilization.models.decisions import DECISION
from utilization.reports.exports.table import CHUNK, PATIENT_MRN, ExportTable
from utilization.rules.cell_kinds import CellKind, ExportColumn
from utilization.rules.dosing.courses import day_of_course

ASKED, DECIDED, AUTHORIZED, SCHEDULED = "asked", "decided", "authorized", "scheduled_course"
_ORDER, _HELD = "the order in the version filed or decided, as planned", "the authorization"

_COLUMNS = (
    ExportColumn("request", CellKind.CODE, "Number of the request.", "numbered when filed"),
    PATIENT_MRN,
    ExportColumn("row", CellKind.CODE, f"{ASKED}, {DECIDED}, {AUTHORIZED} or {SCHEDULED}.", "what the row is of"),
    ExportColumn("at", CellKind.INSTANT, "When it was filed or signed.", "the version or the signed act"),
    ExportColumn("product", CellKind.TEXT, "Product; empty for any.", _ORDER),
    ExportColumn("grams_per_course", CellKind.DECIMAL, "Grams of one course.", _ORDER, unit="g"),
    ExportColumn("grams_per_kg", CellKind.DECIMAL, "Grams of a course per kg of dosing weight.", _ORDER, unit="g/kg",
                 places=6),
    ExportColumn("dosing_weight", CellKind.DECIMAL, "Weight that the dose is worked out by.", _ORDER, unit="kg"),
    ExportColumn("weight_basis", CellKind.CODE, "Which weight that is.", _ORDER),
    ExportColumn("course_days", CellKind.WHOLE, "Days of one course.", _ORDER, unit="days"),
    ExportColumn("interval_weeks", CellKind.DECIMAL, "Time between courses.", _ORDER, unit="weeks", places=3),
    ExportColumn("courses", CellKind.WHOLE, "Number of courses.", f"{_HELD}, or the order as decided"),
    ExportColumn("grams_total", CellKind.DECIMAL, "Grams of all courses.", "grams of a course times courses", unit="g"),
    ExportColumn("authorization", CellKind.CODE, "Number of the authorization.", _HELD),
    ExportColumn("course", CellKind.WHOLE, "Which course it is, from 1.", _HELD),
    ExportColumn("scheduled_on", CellKind.DAY, "Day of the course if it begins on the first day allowed.", _HELD),
    ExportColumn("valid_from", CellKind.DAY, "First day.", _HELD),
    ExportColumn("valid_to", CellKind.DAY, "Last day.", _HELD),
    ExportColumn("voided", CellKind.TRUTH, "Whether the authorization was made void.", _HELD),
)  # fmt: skip
_PLACE = {column.name: place for place, column in enumerate(_COLUMNS)}


def _rows(requests: QuerySet[Request]) -> Iterator[tuple[Any, ...]]:
    chosen = requests.filter(number__isnull=False)
    named = chosen.values_list("pk", "number", "patient__mrn", "grams").iterator(chunk_size=CHUNK)
    while some := list(islice(named, CHUNK // 10)):
        keys = [pk for pk, *_ in some]
        filed = {row.request_id: row for row in Submission.objects.filter(request__in=keys).order_by("ordinal")}
        signed = Decision.objects.filter(request__in=keys, kind=DECISION).order_by()
        decided = {row.request_id: row for row in signed.select_related("submission")}
        held = {row.request_id: row for row in Authorization.objects.filter(request__in=keys).order_by()}
        for pk, number, mrn, grams in some:
            who = {"request": number, "patient_mrn": mrn}
            if pk in filed:
                yield _row(who, ASKED, filed[pk].created_at, _asked(filed[pk], grams))
            if pk in decided:
                yield _row(who, DECIDED, decided[pk].signed_at, _decided(decided[pk], grams))
            if pk in held:
                yield from _allowed(who, held[pk], decided[pk].signed_at if pk in decided else None)


def _row(who: Mapping[str, Any], row: str, at: Any, *parts: Mapping[str, Any]) -> tuple[Any, ...]:
    cells: list[Any] = [None] * len(_COLUMNS)
    for part in (who, {"row": row, "at": at}, *parts):
        for name, value in part.items():
            cells[_PLACE[name]] = value
    return tuple(cells)


def _asked(filed: Submission, grams: Decimal | None) -> dict[str, Any]:
    return {
        "product": filed.facts.get("product"),
        "grams_per_course": grams,
        "course_days": filed.facts.get("course_days"),
        "interval_weeks": _decimal(filed.facts.get("interval_weeks")),
        **_planned(filed.judgement),
    }


def _decided(act: Decision, grams: Decimal | None) -> dict[str, Any]:
    if act.order is None:
        return _asked(act.submission, grams)
    per_course, courses = _decimal(act.order.get("dose_total_g")), act.order.get("courses")
    return {
        "product": act.submission.facts.get("product"),
        "grams_per_course": per_course,
        "course_days": act.order.get("course_days"),
        "interval_weeks": _decimal(act.order.get("interval_weeks")),
        "courses": courses,
        "grams_total": per_course * courses if per_course is not None and courses else None,
        **_planned(act.judgement or {}),
    }


def _planned(judgement: Mapping[str, Any]) -> dict[str, Any]:
    dose = judgement.get("dose") or {}
    return {
        "grams_per_kg": _decimal(dose.get("g_per_kg")),
        "dosing_weight": _decimal(dose.get("dosing_weight_kg")),
        "weight_basis": dose.get("weight_basis"),
    }


def _allowed(who: Mapping[str, Any], held: Authorization, at: Any) -> Iterator[tuple[Any, ...]]:
    of_all = {
        "product": held.product,
        "grams_per_course": held.grams_per_course,
        "interval_weeks": held.interval_weeks,
        "authorization": held.number,
        "valid_from": held.valid_from,
        "valid_to": held.valid_to,
        "voided": held.voided_at is not None,
    }
    yield _row(who, AUTHORIZED, at, of_all, {"courses": held.courses, "grams_total": held.grams_total})
    # Without a time between courses, no day follows for any but the first.
    courses = held.courses if held.interval_weeks is not None else 1
    for course in range(courses):
        day = day_of_course(held.valid_from, held.interval_weeks, course)
        yield _row(who, SCHEDULED, at, of_all, {"course": course + 1, "scheduled_on": day})


def _count(requests: QuerySet[Request]) -> int:
    chosen = requests.filter(number__isnull=False).order_by().values("pk")
    held = Authorization.objects.filter(request__in=chosen)
    courses = held.filter(interval_weeks__isnull=False).aggregate(sum=Sum("courses"))["sum"] or 0
    decided = Decision.objects.filter(request__in=chosen, kind=DECISION).count()
    return chosen.count() + decided + held.count() + courses + held.filter(interval_weeks=None).count()


def _decimal(text: Any) -> Decimal | None:
    try:
        return None if text is None else Decimal(str(text))
    except InvalidOperation:
        return None


DOSES = ExportTable(
    code="doses",
    title="Doses",
    a_row="an order asked or decided, an authorization, or one of its scheduled courses",
    columns=_COLUMNS,
    rows=_rows,
    count=_count,
)
