"""The utilization report of a site: its rows read in six queries, and the words for their codes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import starmap
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Round
from django.utils import timezone

from utilization import criteria
from utilization.models import (
    Authorization,
    Department,
    PackVersion,
    Publication,
    RequestSummary,
    Site,
    UnmetCriterion,
    User,
)
from utilization.reports.given_grams import recorded
from utilization.reports.queue import indication
from utilization.rules import words
from utilization.rules.utilization_report.bitmaps import BitmapTable
from utilization.rules.utilization_report.months import MONTHS_A_YEAR, ReportPeriod
from utilization.rules.utilization_report.report import About, Asked, report
from utilization.rules.utilization_report.rows import GivenRow, PublicationRow, ReportColumns, table_of
from utilization.rules.yaml_lines import PackError

SETTLED_AFTER = timedelta(days=60)
"""So long after a period infusions of it may still be recorded or corrected for circulation: a local parameter. Grams
given are told there afterwards, as they stood then: else two readings of one year would tell of the patient between
them."""


def utilization_report(site: Site, asked: Asked, at: datetime | None = None) -> dict[str, Any]:
    """The frozen value of the report of `site`, read `at` this moment, now unless it is named. Raises
    UnreadablePeriod."""
    data = columns_of_site(site, asked.period, whole=asked.limit is None, at=at or timezone.now())
    return report(data, asked, names_of(site, data), About(site.name, site.time_zone))


def columns_of_site(site: Site, period: ReportPeriod, *, whole: bool, at: datetime) -> ReportColumns:
    """Every row that a report of `site` over `period` needs; `whole`: with all earlier authorizations, and infusions
    as their records stand `at` this moment; without, as they stood once they were settled."""
    first, last = period.before.first_day, period.last_day
    # New patients are those without an authorization in the year before.
    earliest = date.min if whole else period.before.first.after(-MONTHS_A_YEAR).first_day
    requests = _requests(site, first, last)
    settled = None if whole else {span: _settled(site, span) for span in (period.before, period)}
    told = settled is None or settled[period] <= at
    given, beyond = _given(site, period, earliest, settled) if told else (None, set())
    return ReportColumns(
        requests,
        _authorizations(site, (earliest, last), beyond),
        requests.by("request", _unmet(site, period.first_day, last)),
        tuple(starmap(PublicationRow, _publications(site))),
        given,
    )


CHUNK = 2000
"""Rows that are read at once."""


def _text(name: str) -> Combinable:
    """A day as ISO text, which costs a tenth of a date; empty where there is none."""
    return Coalesce(Cast(name, CharField()), Value(""))


def _whole(name: str, times: int) -> Combinable:
    """`times` a decimal as a whole number: exact, and read several times faster."""
    product: Any = ExpressionWrapper(F(name) * Value(times), output_field=BigIntegerField())
    return Cast(Round(product), BigIntegerField())


def _truth(name: str) -> Combinable:
    return Cast(name, IntegerField())


_MG = 1000
_REQUEST: Mapping[str, Any] = {
    "request": F("request_id"), "patient": F("patient_id"), "department": Cast("department_id", CharField()),
    "prescriber": F("prescriber_id"), "indication": F("indication"), "kind": F("kind"), "age_years": F("age_years"),
    "listed": _truth("listed"), "filed_on": _text("filed_on"), "decided_on": _text("decided_on"),
    "ended_on": _text("ended_on"), "pack": Cast("pack_id", CharField()), "outcome_decided": F("outcome_decided"),
    "choice": F("choice"), "reason_code": F("reason_code"), "recommendation": F("recommendation"),
    "overridden": _truth("overridden"), "order_changed": _truth("order_changed"),
    "asked_mg": _whole("total_asked", _MG), "allowed_mg": _whole("total_allowed", _MG),
    "mg_per_kg_asked": _whole("g_per_kg_asked", _MG), "ceiling_mg_per_kg": _whole("ceiling_g_per_kg", _MG),
    "over_ceiling_asked": _truth("over_ceiling_asked"), "over_ceiling_allowed": _truth("over_ceiling_allowed"),
    "actual_weight_g": _whole("actual_weight_kg", _MG), "dosing_weight_g": _whole("dosing_weight_kg", _MG),
    "weight_used": F("weight_used"), "actual_weight_in_obesity": _truth("actual_weight_in_obesity"),
    "response": F("response"), "response_documented": _truth("response_documented"),
    "objective_measure": _truth("objective_measure"), "emergency": _truth("emergency"),
    "expedited": _truth("expedited"), "clock_seconds": F("clock_seconds"), "calendar_seconds": F("calendar_seconds"),
    "late": _truth("late"), "questions": F("questions"), "grams_known": _truth("grams_known"),
    "height_known": _truth("height_known"), "weight_known": _truth("weight_known"),
    "warnings_acknowledged": F("warnings_acknowledged"), "appeal": F("appeal"),
    "form_questions": F("form_questions"), "form_prefilled": F("form_prefilled"), "form_changed": F("form_changed"),
    "form_seconds": F("form_seconds"),
}  # fmt: skip
"""As `RequestRow` names them."""


def _requests(site: Site, first: date, last: date) -> BitmapTable:
    """Filed by `last`, and filed, decided or ended since `first`."""
    since = Q(filed_on__gte=first) | Q(decided_on__gte=first) | Q(ended_on__gte=first)
    rows = RequestSummary.objects.filter(since, site=site, filed_on__lte=last).order_by("patient_id")
    return table_of(tuple(_REQUEST), _read(rows, _REQUEST))


_FILED = "request__summary__"
_AUTHORIZATION: Mapping[str, Any] = {
    "request": F("request_id"), "patient": F("patient_id"), "department": Cast(f"{_FILED}department_id", CharField()),
    "indication": F(f"{_FILED}indication"), "kind": F(f"{_FILED}kind"), "age_years": F(f"{_FILED}age_years"),
    "product": F("product"), "dosing_weight_g": _whole(f"{_FILED}dosing_weight_kg", _MG),
    "course_mg": _whole("grams_per_course", _MG), "courses": F("courses"),
    "interval_tenths": _whole("interval_weeks", 10), "valid_from": _text("valid_from"), "valid_to": _text("valid_to"),
    "review_by": _text("review_by"), "key": F("pk"),
}  # fmt: skip
"""As `AuthorizationRow` names them, but for the day of voiding."""


def _authorizations(site: Site, days: tuple[date, date], besides: Collection[int]) -> BitmapTable:
    """Those that were valid on one of `days`, and those of the requests `besides`."""
    zone = ZoneInfo(site.time_zone)
    wanted = Q(valid_to__gte=days[0], valid_from__lte=days[1])
    if besides:
        wanted |= Q(request__in=besides)
    rows = Authorization.objects.filter(wanted, site=site, request__summary__isnull=False)
    table = table_of(tuple(_AUTHORIZATION), _read(rows.order_by("patient_id"), _AUTHORIZATION))
    voided = {
        key: at.astimezone(zone).date().isoformat()
        for key, at in rows.order_by().values_list("pk", "voided_at")
        if at is not None
    }
    table.columns["voided_on"] = [voided.get(key, "") for key in table.columns["key"]]
    return table


def _settled(site: Site, period: ReportPeriod) -> datetime:
    """From when on what was recorded of `period` stands for circulation."""
    return site.day_begins(period.last_day + timedelta(days=1)) + SETTLED_AFTER


def _given(
    site: Site, period: ReportPeriod, earliest: date, settled: Mapping[ReportPeriod, datetime] | None
) -> tuple[Sequence[GivenRow], set[int]]:
    """What was recorded as given in `period` and in the one before it, each in one sum; and the requests of it whose
    authorization ended before `earliest` or begins after `period`, as that of a first dose may."""
    beyond = Q(request__authorization__valid_from__gt=period.last_day) | Q(
        request__authorization__valid_to__lt=earliest
    )
    given: list[GivenRow] = []
    outside: set[int] = set()
    for span in (period.before, period):
        rows = recorded(site, span.first_day, span.last_day, settled[span] if settled else None)
        sums = rows.values("request_id").annotate(
            mg=Sum(_whole("grams", _MG)), beyond=Max(Case(When(beyond, then=1), default=0))
        )
        statement, values = sums.values_list("request_id", "mg", "beyond").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            # A sum of whole numbers is a decimal on PostgreSQL.
            for request, mg, is_beyond in cursor.fetchall():
                given.append(GivenRow(request, span.first.code, int(mg)))
                if is_beyond:
                    outside.add(request)
    return given, outside


def _read(rows: QuerySet[Any], columns: Mapping[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The values of `columns` as the database gives them, some rows at a time: each is text or a whole number there, so
    that nothing is left to convert."""
    named = {f"column_{name}": column for name, column in columns.items()}
    statement, values = rows.annotate(**named).values_list(*named).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        while some := cursor.fetchmany(CHUNK):
            yield some


def _unmet(site: Site, first: date, last: date) -> Iterable[tuple[int, str]]:
    rows = UnmetCriterion.objects.filter(
        at="decided", summary__site=site, summary__decided_on__gte=first, summary__decided_on__lte=last
    )
    return rows.order_by().values_list("summary__request_id", "criterion").iterator()


def _publications(site: Site) -> Iterable[tuple[str, str, str, str]]:
    rows = Publication.objects.filter(site=site).order_by("effective_from")
    columns = rows.values_list("pack__name", "pack__version", "effective_from", "pack__sha256")
    return ((name, version, day.isoformat(), sha256) for name, version, day, sha256 in columns)


def names_of(site: Site, data: ReportColumns) -> Mapping[str, Mapping[str, str]]:
    """A word for each code of `data`, by kind of code. What a version named that no longer reads keeps its code."""
    codes = set(data.requests.columns["indication"]) | set(data.authorizations.columns["indication"])
    tables = criteria.reference_tables()
    prescribers = User.objects.filter(pk__in=set(data.requests.columns["prescriber"]))
    versions = PackVersion.objects.filter(pk__in=set(map(int, set(data.requests.columns["pack"]))))
    return {
        "indication": {code: _name(code) for code in codes},
        "department": {str(key): name for key, name in Department.objects.filter(site=site).values_list("pk", "name")},
        "product": {product.brand: product.brand for product in tables.products},
        "reason_code": dict(tables.routing.reasons),
        "outcome": {code: sign.word for code, sign in words.OUTCOMES.items()},
        "weight_used": {code: word.capitalize() for code, word in words.WEIGHT_BASES.items()},
        "pack": {str(key): f"{name} {version}" for key, name, version in versions.values_list("pk", "name", "version")},
        "prescriber": {str(key): name for key, name in prescribers.values_list("pk", "full_name")},
        "criterion": _criterion_words(),
    }


def _name(code: str) -> str:
    try:
        return indication(code).name
    except PackError:
        return words.plain(code)


def _criterion_words() -> dict[str, str]:
    """What the built-in criteria say of each criterion, with the indication that it is about."""
    pack = criteria.builtin_pack()
    return {"silent": "The criteria do not list this use"} | {
        clause.id: f"{named.abbreviation or named.name}: {clause.says}"
        for named in pack.indications.values()
        for clause in named.clauses
    }
