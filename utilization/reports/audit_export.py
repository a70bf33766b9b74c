"""The auditor's list as rows of a table, read from the database as they go."""

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from utilization.models import Decision, Site, Submission
from utilization.models.decisions import DECISION, RECOMMENDATION
from utilization.reports.audit_list import fitting, moment_of

EXPORTED: Mapping[str, str] = {
    "request": "number",
    "site": "site__code",
    "department": "department__name",
    "prescriber": "author__full_name",
    "status": "status",
    "indication": "indication",
    "diagnosis_code": "diagnosis_code",
    "judged_as": "judged_as",
    "outcome": "outcome",
    "expedited": "expedited",
    "emergency": "emergency",
    "grams_per_course_asked": "grams",
    "started_at": "created_at",
    "submitted_at": "submitted_at",
    "ended_at": "ended_at",
    "decision": "decided__choice",
    "decision_reason_code": "decided__reason_code",
    "decision_reason": "decided__reason",
    "decision_conditions": "decided__conditions",
    "decided_by": "decided__signed_name",
    "decided_as": "decided__signed_role",
    "decided_at": "decided__signed_at",
    "authorization": "authorization__number",
    "grams_per_course_allowed": "authorization__grams_per_course",
    "courses_allowed": "authorization__courses",
    "valid_from": "authorization__valid_from",
    "valid_to": "authorization__valid_to",
    "voided_at": "authorization__voided_at",
    "withdrawal_reason": "withdrawal_reason",
    "order_changed": "order_changed",
    "interval_weeks_allowed": "authorization__interval_weeks",
    "recommendation": "recommended__choice",
    "recommendation_reason_code": "recommended__reason_code",
    "recommendation_reason": "recommended__reason",
    "recommendation_conditions": "recommended__conditions",
    "recommended_by": "recommended__signed_name",
    "recommended_at": "recommended__signed_at",
}
"""Columns of the export and where each comes from; one whose name ends in _at is a time. None names a patient; what a
signer wrote stands as written.
"""


def exported_columns(site: Site) -> list[str]:
    """The header of the export: `EXPORTED`, with a second column for each time, as clocks at the site showed it."""
    return [title for name in EXPORTED for title in ((name, f"{name} [{site.time_zone}]") if _timed(name) else (name,))]


def exported(site: Site, wanted: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """All rows of the list of `site`, in the order of `exported_columns`, read from the database as they go.

    A time stands in UTC, and beside it in the zone of the site with its offset: 2026-03-02T11:00:00+01:00.
    """
    moment = moment_of(wanted)
    decided = FilteredRelation("decisions", condition=Q(decisions__kind=DECISION))
    code = KT("stated__diagnosis_code")
    filed = Submission.objects.filter(request=OuterRef("pk")).order_by("-ordinal").values(code=code)
    # A request that was corrected may have had several; the newest is the one that the decision was held against.
    newest = Decision.objects.filter(request=OuterRef("pk"), kind=RECOMMENDATION).order_by("-signed_at", "-pk")
    recommended = FilteredRelation("decisions", condition=Q(decisions__pk=F("recommendation_pk")))
    rows = (
        fitting(site, wanted)
        .annotate(
            decided=decided,
            order_changed=ExpressionWrapper(Q(decided__order__isnull=False), output_field=BooleanField()),
            recommendation_pk=Subquery(newest.values("pk")[:1]),
            diagnosis_code=Coalesce(Subquery(filed[:1]), Value(""), output_field=TextField()),
        )
        .annotate(recommended=recommended)
        .order_by(f"-{moment}", "-pk")
    )
    zone, timed = ZoneInfo(site.time_zone), [_timed(name) for name in EXPORTED]
    for row in rows.values_list(*EXPORTED.values()).iterator(chunk_size=2000):
        cells: list[Any] = []
        for value, is_time in zip(row, timed, strict=True):
            cells.append(value)
            if is_time:
                cells.append(value.astimezone(zone).isoformat(timespec="seconds") if value else None)
        yield tuple(cells)


def _timed(name: str) -> bool:
    return name.endswith("_at")
