"""The utilization report of a site: its rows read in four queries, and the words for their codes."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import starmap
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, CharField, ExpressionWrapper, F, IntegerField, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Round

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
from utilization.reports.queue import indication
from utilization.rules import words
from utilization.rules.utilization_report.months import MONTHS_A_YEAR, ReportPeriod
from utilization.rules.utilization_report.report import About, Asked, report
from utilization.rules.utilization_report.rows import AuthorizationRow, PublicationRow, RequestRow, Rows, UnmetRow
from utilization.rules.yaml_lines import PackError


def utilization_report(site: Site, asked: Asked) -> dict[str, Any]:
    """The frozen value of the report of `site`. Raises UnreadablePeriod."""
    rows = rows_of(site, asked.period, whole=asked.limit is None)
    return report(rows, asked, names_of(site, rows), About(site.name, site.time_zone))


def rows_of(site: Site, period: ReportPeriod, *, whole: bool) -> Rows:
    """Every row that a report of `site` over `period` needs; `whole`: with all earlier authorizations."""
    first, last = period.before.first_day, period.last_day
    # New patients are those without an authorization in the year before.
    earliest = date.min if whole else period.before.first.after(-MONTHS_A_YEAR).first_day
    return Rows(
        tuple(_requests(site, first, last)),
        tuple(_authorizations(site, earliest, last)),
        tuple(_unmet(site, period.first_day, last)),
        tuple(starmap(PublicationRow, _publications(site))),
    )


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
_REQUEST: tuple[Any, ...] = (
    F("request_id"), F("patient_id"), Cast("department_id", CharField()), F("prescriber_id"), F("indication"),
    F("kind"), F("age_years"), _truth("listed"), _text("filed_on"), _text("decided_on"), _text("ended_on"),
    Cast("pack_id", CharField()), F("outcome_filed"), F("outcome_decided"), F("choice"), F("reason_code"),
    F("recommendation"), _truth("overridden"), _truth("order_changed"), _whole("total_asked", _MG),
    _whole("total_allowed", _MG), _whole("g_per_kg_asked", _MG), _whole("ceiling_g_per_kg", _MG),
    _truth("over_ceiling_asked"), _truth("over_ceiling_allowed"), _whole("actual_weight_kg", _MG),
    _whole("dosing_weight_kg", _MG), F("weight_used"), _truth("actual_weight_in_obesity"), F("response"),
    _truth("response_documented"), _truth("objective_measure"), _truth("emergency"), _truth("expedited"),
    F("clock_seconds"), F("calendar_seconds"), _truth("late"), F("questions"), F("warnings_acknowledged"),
    _truth("grams_known"), _truth("height_known"), _truth("weight_known"), F("appeal"),
)  # fmt: skip
"""In the order of `RequestRow`."""


def _requests(site: Site, first: date, last: date) -> Iterable[RequestRow]:
    """Filed by `last`, and filed, decided or ended since `first`."""
    since = Q(filed_on__gte=first) | Q(decided_on__gte=first) | Q(ended_on__gte=first)
    rows = RequestSummary.objects.filter(since, site=site, filed_on__lte=last).order_by()
    return map(RequestRow._make, _columns(rows, _REQUEST))


_AUTHORIZATION: tuple[Any, ...] = (
    F("request_id"), F("patient_id"), Cast("request__summary__department_id", CharField()),
    F("request__summary__indication"), F("request__summary__kind"), F("request__summary__age_years"), F("product"),
    _whole("request__summary__dosing_weight_kg", _MG), _whole("grams_per_course", _MG), F("courses"),
    _whole("interval_weeks", 10), _text("valid_from"), _text("valid_to"), _text("review_by"), F("voided_at"),
)  # fmt: skip
"""In the order of `AuthorizationRow`, but for the moment of voiding."""


def _authorizations(site: Site, earliest: date, last: date) -> Iterable[AuthorizationRow]:
    zone = ZoneInfo(site.time_zone)
    rows = Authorization.objects.filter(
        site=site, valid_to__gte=earliest, valid_from__lte=last, request__summary__isnull=False
    )
    for columns in _columns(rows.order_by(), _AUTHORIZATION):
        voided_at = columns[-1]
        voided_on = voided_at.astimezone(zone).date().isoformat() if voided_at else ""
        yield AuthorizationRow._make((*columns[:-1], voided_on))


def _columns(rows: QuerySet[Any], columns: tuple[Any, ...]) -> Iterable[tuple[Any, ...]]:
    named = {f"column_{place}": column for place, column in enumerate(columns)}
    return rows.annotate(**named).values_list(*named)


def _unmet(site: Site, first: date, last: date) -> Iterable[UnmetRow]:
    rows = UnmetCriterion.objects.filter(
        at="decided", summary__site=site, summary__decided_on__gte=first, summary__decided_on__lte=last
    )
    return starmap(UnmetRow, rows.order_by().values_list("summary__request_id", "criterion"))


def _publications(site: Site) -> Iterable[tuple[str, str, str, str]]:
    rows = Publication.objects.filter(site=site).order_by("effective_from")
    columns = rows.values_list("pack__name", "pack__version", "effective_from", "pack__sha256")
    return ((name, version, day.isoformat(), sha256) for name, version, day, sha256 in columns)


def names_of(site: Site, rows: Rows) -> Mapping[str, Mapping[str, str]]:
    """A word for each code of `rows`, by kind of code. What a version named that no longer reads keeps its code."""
    codes = {row.indication for row in rows.requests} | {row.indication for row in rows.authorizations}
    tables = criteria.reference_tables()
    prescribers = User.objects.filter(pk__in={row.prescriber for row in rows.requests})
    versions = PackVersion.objects.filter(pk__in={int(row.pack) for row in rows.requests})
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
