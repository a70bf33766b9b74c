"""Asks for the impact preview of a draft: which text, against which criteria, over which history.

A preview is worked out from what is there already and decides nothing, so that no event tells of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from utilization import access, criteria
from utilization.models import CriteriaDraft, Event, ImpactPage, ImpactPreview, Site, User
from utilization.models.impact_preview import DONE, FAILED, RUNNING, WAITING
from utilization.rules.packs.pack import Pack
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.pack_proof import pack_reading

LOST_AFTER = timedelta(minutes=3)
"""Without a heartbeat for so long, a job is taken for lost: it can be asked for anew."""
MOVES_OUTCOMES = (
    "request.submitted", "information.answered", "decision.approved", "decision.denied", "request.withdrawn",
    "appeal.filed", "appeal.overturned",
)  # fmt: skip
"""Events after which the requests of a site, or the kinds that they are of, are no longer the same."""
UNREADABLE = "The draft does not read yet, so nothing can be judged by it. Correct what its page says first."


@dataclass(frozen=True, slots=True)
class PreviewQuestion:
    """What a preview answers: this pack against that one, over the history with this mark."""

    new: Pack
    old: Pack
    history: str

    def key(self) -> dict[str, str]:
        """The columns by which a preview is found again."""
        return {"draft_sha256": self.new.sha256, "against_sha256": self.old.sha256, "history": self.history}


def preview_question(draft: CriteriaDraft, at: datetime, by: User) -> PreviewQuestion | None:
    """What a preview of `draft` would answer now: against the criteria in force today; read for `by`.

    None while it does not read.
    """
    today = draft.site.date_at(at)
    new = pack_reading(draft.files, by.pk).pack
    return PreviewQuestion(new, criteria.in_force(draft.site, today), history_mark(draft.site, today)) if new else None


def history_mark(site: Site, today: date) -> str:
    """A mark of the site's requests as they are: the last event that moved an outcome, and the day, on which
    authorizations end.
    """
    # Type by type, each read off the end of its index: asked for at once, the events of every hospital are read.
    here = Event.objects.filter(site_id=site.pk)
    newest = [here.filter(type=kind).order_by("-seq").values_list("seq", flat=True).first() for kind in MOVES_OUTCOMES]
    return f"{max(seq or 0 for seq in newest)}/{today}"


@transaction.atomic
def ask_preview(uid: UUID | str, *, by: User, at: datetime) -> tuple[ImpactPreview, bool]:
    """The preview of a draft as it is now, and whether it has still to be worked out: a new one, or one that failed.

    Raises NotFound, Refused, Invalid on files.
    """
    draft = access.fetch_draft(by, uid)
    if not (answer := access.can(by, Permission.KEEP_CRITERIA, site=draft.site)):
        raise Refused(answer.why)
    asked = preview_question(draft, at, by)
    if asked is None:
        raise Invalid({"files": [UNREADABLE]})
    preview, new = ImpactPreview.objects.get_or_create(
        draft=draft,
        **asked.key(),
        defaults={
            "against": f"{asked.old.title}, version {asked.old.version}", "asked_by": by, "asked_at": at, "beat_at": at,
        },
    )  # fmt: skip
    if new or not over(preview, at):
        return preview, new
    begun = {"status": WAITING, "asked_by": by, "asked_at": at, "beat_at": at, "ended_at": None, "failure": "",
             "done": 0, "total": 0}  # fmt: skip
    # Two who ask at once find one row: the first begins it anew, the second waits for the same.
    taken = ImpactPreview.objects.filter(pk=preview.pk, status=preview.status, beat_at=preview.beat_at).update(**begun)
    return ImpactPreview.objects.get(pk=preview.pk), taken == 1


def begin_preview(pk: int, *, at: datetime) -> ImpactPreview | None:
    """The preview, running from now on; None where it neither waits nor has lost its job, so that no other takes it."""
    waits = Q(status=WAITING) | Q(status=RUNNING, beat_at__lt=at - LOST_AFTER)
    if not ImpactPreview.objects.filter(waits, pk=pk).update(status=RUNNING, beat_at=at):
        return None
    return ImpactPreview.objects.select_related("draft__site").get(pk=pk)


def note_progress(pk: int, done: int, total: int, *, at: datetime) -> None:
    """Keep how far the job of a preview has come, as its heartbeat."""
    ImpactPreview.objects.filter(pk=pk).update(done=done, total=total, beat_at=at)


@transaction.atomic
def keep_findings(
    preview: ImpactPreview, findings: dict[str, Any], pages: Iterable[ImpactPage], *, at: datetime
) -> None:
    """End a preview with what it found, `findings["judged"]` requests in all, and the pages of its list."""
    ImpactPage.objects.filter(preview=preview).delete()
    ImpactPage.objects.bulk_create(pages, batch_size=500)
    judged = findings["judged"]
    ImpactPreview.objects.filter(pk=preview.pk).update(
        status=DONE, findings=findings, done=judged, total=judged, ended_at=at, failure=""
    )


def end_in_failure(pk: int, failure: str, *, at: datetime) -> None:
    """End a running preview that will not come to anything, with the reason: a word of ours or an error's class."""
    running = ImpactPreview.objects.filter(pk=pk, status=RUNNING)
    running.update(status=FAILED, failure=failure, ended_at=at)


def over(preview: ImpactPreview, at: datetime) -> bool:
    """Whether a preview has come to nothing: it failed, or its job gave no heartbeat for long."""
    return preview.status == FAILED or preview_lost(preview, at)


def preview_lost(preview: ImpactPreview, at: datetime) -> bool:
    """Whether the job of a preview gave no heartbeat for so long that it will not end."""
    return preview.status in (WAITING, RUNNING) and at - preview.beat_at > LOST_AFTER
