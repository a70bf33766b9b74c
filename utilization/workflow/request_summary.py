"""The summary of a request, written anew within the move that changed it."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from utilization import criteria
from utilization.models import (
    Appeal,
    Authorization,
    FirstDose,
    PackVersion,
    Request,
    RequestSummary,
    UnmetCriterion,
)
from utilization.rules.request_summary import FiledRequest, summary, unmet_criteria
from utilization.rules.yaml_lines import PackError

SUMMARIZED = frozenset({
    "request.submitted", "request.referred", "request.withdrawn", "information.asked", "information.answered",
    "decision.recommended", "decision.approved", "decision.denied", "appeal.filed", "appeal.upheld",
    "appeal.overturned", "first_dose.released", "order.disowned",
})  # fmt: skip
"""The moves that change what a summary says."""

_FILED = ("id", "indication", "facts", "judgement", "acknowledged", "pack_id", "checks")


def refresh(request: Request) -> None:
    """Write the summary of `request`, a filed one, as its rows are now, with the criteria that are not met."""
    told = _told(request)
    kept, _ = RequestSummary.objects.update_or_create(request=request, defaults=summary(told))
    wanted = unmet_criteria(told)
    rows = {(row.criterion, row.at): row.pk for row in UnmetCriterion.objects.filter(summary=kept)}
    UnmetCriterion.objects.filter(pk__in=[pk for key, pk in rows.items() if key not in wanted]).delete()
    UnmetCriterion.objects.bulk_create(
        UnmetCriterion(summary=kept, criterion=criterion, at=at) for criterion, at in sorted(wanted - rows.keys())
    )


def _told(request: Request) -> FiledRequest:
    """The rows of `request` as they are now."""
    submissions = list(request.submissions.order_by("ordinal").values(*_FILED))
    tables = PackVersion.objects.values_list("shelf_sha256", flat=True).get(pk=submissions[-1]["pack_id"])
    return FiledRequest(
        request={field.attname: getattr(request, field.attname) for field in request._meta.concrete_fields},
        submissions=submissions,
        decisions=list(request.decisions.order_by("pk").values()),
        questions=list(request.questions.order_by("pk").values()),
        authorization=Authorization.objects.filter(request=request).values().first(),
        appeal=Appeal.objects.filter(request=request).values().first(),
        treated_first=FirstDose.objects.filter(request=request).exists(),
        zone=ZoneInfo(request.site.time_zone),
        longest_months=_longest_months(tables),
    )


@lru_cache(maxsize=64)
def _longest_months(shelf_sha256: str) -> int | None:
    """Months that an authorization lasts at most, by the tables of this hash, kept beside a pack.

    None where they no longer read: a request of an older version can still be moved.
    """
    kept = PackVersion.objects.filter(shelf_sha256=shelf_sha256).defer("files")[0]
    try:
        return criteria.tables_of(kept).routing.authorization_months
    except (PackError, LookupError):
        return None
