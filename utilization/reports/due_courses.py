"""Which authorizations have courses due in days of a site, and how many: reckoned by the database, row by row."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Case, ExpressionWrapper, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest, Least, Round, TruncDate

from utilization.models import Authorization, Site

_EPOCH = date(1970, 1, 1)
_TENTHS_A_WEEK = 10
_DAYS_A_WEEK = 7


class DayNumber(Func):
    """A day as the number of days since 1 January 1970, with which the database can reckon."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **given: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(julianday(%(expressions)s) - 2440587.5 AS INTEGER)", **given
        )

    def as_postgresql(self, compiler: Any, connection: Any, **given: Any) -> Any:
        return self.as_sql(compiler, connection, template="((%(expressions)s) - DATE '1970-01-01')", **given)


def day_number(day: date) -> int:
    """The number of `day`, as `DayNumber` gives it."""
    return (day - _EPOCH).days


def authorizations(site: Site) -> QuerySet[Any]:
    """The authorizations of `site`, each with `last_day`: the number of its last valid day, or of the day on which it
    was voided where that is earlier; and `voided_day`, empty where it was not."""
    voided = DayNumber(TruncDate("voided_at", tzinfo=ZoneInfo(site.time_zone)))
    rows = Authorization.objects.filter(site=site).order_by()
    return rows.annotate(
        voided_day=Case(When(voided_at__isnull=True, then=None), default=voided, output_field=IntegerField()),
        last_day=Case(
            When(voided_at__isnull=True, then=DayNumber("valid_to")), default=Least(DayNumber("valid_to"), voided)
        ),
    )


def with_due(site: Site, since: date, until: date) -> QuerySet[Any]:
    """The authorizations of `site` that have a course due from `since` to `until`, each with how many as `due`.

    Course n is due n intervals after the first valid day, n from 0; none after the last valid day nor from the day of
    voiding on. Where several courses have no known interval, the first alone has a day.
    """
    # The last day on which a course may be due: the one before the voiding.
    ends = Case(
        When(voided_day__isnull=True, then=DayNumber("valid_to")),
        default=Least(DayNumber("valid_to"), F("voided_day") - 1),
        output_field=IntegerField(),
    )
    rows = authorizations(site).filter(valid_from__lte=until, valid_to__gte=since)
    rows = rows.annotate(
        start=DayNumber("valid_from"),
        tenths=Cast(Round(_whole(F("interval_weeks") * Value(_TENTHS_A_WEEK))), BigIntegerField()),
        first_day=Greatest(DayNumber("valid_from"), Value(day_number(since))),
        end_day=Least(ends, Value(day_number(until))),
    ).filter(end_day__gte=F("first_day"))
    # n * step >= first - start, and n * step < end + 1 - start, in tenths of a day.
    step = F("tenths") * Value(_DAYS_A_WEEK)
    earliest = _up((F("first_day") - F("start")) * Value(_TENTHS_A_WEEK), step)
    latest = Least(F("courses"), _up((F("end_day") + 1 - F("start")) * Value(_TENTHS_A_WEEK), step)) - 1
    alone = Case(When(first_day=F("start"), then=1), default=0)
    due = Case(
        When(Q(tenths__isnull=True) | Q(tenths=0), then=alone),
        default=latest - earliest + 1,
        output_field=IntegerField(),
    )
    return rows.annotate(due=due).filter(due__gt=0)


def days_of(value: str) -> tuple[date, date]:
    """The days that `2025-01-01..2025-12-31` spells. Raises ValueError."""
    first, _, last = value.partition("..")
    since, until = date.fromisoformat(first), date.fromisoformat(last)
    if until < since or since.year <= 1900 or until.year > 9000:
        raise ValueError(value)
    return since, until


def year_before(day: date) -> date:
    """The same day a year before; of 29 February the 28th."""
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day)


def _whole(product: Any) -> Combinable:
    return ExpressionWrapper(product, output_field=BigIntegerField())


def _up(part: Any, by: Any) -> Any:
    """`part` divided by `by`, rounded up to whole: neither is below 0."""
    return ExpressionWrapper((part + by - Value(1)) / by, output_field=BigIntegerField())
