"""The history of a site as rows: every request that was ever filed there, by its newest submission."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from utilization.models import Request, Site, Submission
from utilization.models.decisions import Authorization
from utilization.replay.rows import AUTHORIZATION, HISTORY, OPEN, Row
from utilization.rules import lifecycle

_AT_ONCE = 500
_Found = tuple[Any, ...]


def filed(site: Site) -> int:
    """How many requests `history` gives."""
    return Request.objects.filter(site=site, submitted_at__isnull=False).count()


def filed_by_indication(site: Site) -> dict[str, int]:
    """How many requests `history` gives, by the indication that each asks for."""
    counted = Request.objects.filter(site=site, submitted_at__isnull=False).values_list("indication")
    return dict(counted.annotate(many=Count("pk")).order_by("indication"))


def history(site: Site, on: date, only: Collection[int] | None = None) -> Iterator[Row]:
    """Every request filed at `site`, oldest first, as it was filed last: open, live as an authorization on the date
    `on`, or history. `only` names the requests, by primary key, that are wanted; all of them otherwise.

    There is no actor, because a row names nobody: no patient, no author, and of every text only what criteria look for
    is ever written.
    """
    newest = Submission.objects.filter(request=OuterRef("pk")).order_by("-ordinal").values("pk")[:1]
    requests = Request.objects.filter(site=site, submitted_at__isnull=False).annotate(newest=Subquery(newest))
    if only is not None:
        requests = requests.filter(pk__in=only)
    live = {
        authorization.request_id
        for authorization in Authorization.objects.filter(site=site, voided_at=None, valid_to__gte=on)
        if authorization.state(on) == "live"
    }
    found = requests.order_by("submitted_at", "pk").values_list("pk", "uid", "status", "grams", "newest")
    for some in _some(found.iterator(chunk_size=_AT_ONCE)):
        submissions = Submission.objects.in_bulk([newest for *_, newest in some])
        for pk, uid, status, grams, newest_pk in some:
            submission = submissions[newest_pk]
            yield Row(
                uid=str(uid),
                indication=submission.indication,
                as_of=submission.as_of,
                facts=submission.facts,
                grams=grams,
                kind=OPEN if status in lifecycle.OPEN else AUTHORIZATION if pk in live else HISTORY,
                judged=submission.judgement["outcome"],
            )


def _some(found: Iterator[_Found]) -> Iterator[list[_Found]]:
    while some := list(islice(found, _AT_ONCE)):
        yield some
