"""Who has a request, since when, what is next, whether its clock runs, and whose time was spent."""

from dataclasses import dataclass
from datetime import datetime

from utilization import access
from utilization.models import Appeal, Membership, Request
from utilization.models.decisions import RECOMMENDATION
from utilization.rules.clock_rules import COUNTS, HOURS
from utilization.rules.lifecycle import ENDED, Status
from utilization.rules.roles import ROLES, Role

RUNS, STANDS, NONE = "runs", "stands", "none"
_STAGES = {
    Status.PHARMACIST_REVIEW: Role.PHARMACIST,
    Status.PHYSICIAN_REVIEW: Role.PHYSICIAN,
    Status.APPEAL_REVIEW: Role.PHYSICIAN,
}
_NEXT = {
    Status.DRAFT: "The prescriber submits it",
    Status.PHARMACIST_REVIEW: "A pharmacist decides, recommends or refers it",
    Status.PHYSICIAN_REVIEW: "A physician reviewer decides",
    Status.INFORMATION_ASKED: "The prescriber answers the question",
    Status.APPEAL_REVIEW: "A physician reviewer who did not decide before upholds or overturns the denial",
}
_SAYS = {
    RUNS: "The clock runs.",
    STANDS: "The clock is stopped while the prescriber is asked.",
    NONE: "No clock runs before it is filed.",
}


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`owner` is a person, or the people of a role; empty once a request has ended. `alone` says that nobody works here
    who could take it. `clock` is "runs", "stands" or "none"; empty once it has ended.

    `prescriber_seconds` and `review_seconds` were spent with either side since it was filed, by the wall.
    """

    owner: str
    alone: bool
    since: datetime
    next_step: str
    clock: str
    due_at: datetime | None
    left: int | None
    counts: str
    prescriber_seconds: int
    review_seconds: int

    @property
    def clock_words(self) -> str:
        """Whether the clock runs, and what it counts."""
        if self.clock == RUNS and self.counts != HOURS:
            return f"The clock runs, in {COUNTS[self.counts]}."
        return _SAYS.get(self.clock, "")


def whereabouts(request: Request, *, at: datetime) -> Whereabouts:
    """Where `request` is at the moment `at`."""
    status = Status(request.status)
    owner, alone = _owner(request, status)
    asked, whole = _spent(request, at)
    return Whereabouts(
        owner=owner,
        alone=alone,
        since=request.held_at or request.ended_at or _since(request, status),
        next_step=_NEXT.get(status, ""),
        clock=_clock(status),
        due_at=None if status in ENDED else request.due_at,
        left=request.clock_left if status == Status.INFORMATION_ASKED else None,
        counts=request.clock_counts,
        prescriber_seconds=asked,
        review_seconds=whole - asked,
    )


def _owner(request: Request, status: Status) -> tuple[str, bool]:
    """Who has it, in words, and whether nobody is there who could."""
    if status in ENDED:
        return "", False
    if request.holder is not None:
        return request.holder.signature_name, False
    here = Membership.objects.filter(site=request.site_id, ended_at=None, user__is_active=True).order_by()
    if status == Status.APPEAL_REVIEW:
        return f"{ROLES[Role.PHYSICIAN].heading} of {request.site.name}", not access.appeal_deciders(request)
    if role := _STAGES.get(status):
        return f"{ROLES[role].heading} of {request.site.name}", not here.filter(role=role).exists()
    prescribes = here.filter(role=Role.PRESCRIBER, department=request.department_id)
    if prescribes.filter(user=request.author_id).exists():
        return request.author.signature_name, False
    return f"Prescribers of {request.department.name}", not prescribes.exists()


def _clock(status: Status) -> str:
    if status in ENDED:
        return ""
    if status == Status.DRAFT:
        return NONE
    return STANDS if status == Status.INFORMATION_ASKED else RUNS


def _since(request: Request, status: Status) -> datetime:
    """Since when it is at the stage where it is."""
    if request.submitted_at is None:
        return request.created_at
    moments: list[datetime | None] = [request.submitted_at]
    for asked, answered in request.questions.order_by().values_list("asked_at", "answered_at"):
        moments += [asked, answered]
    if status == Status.PHYSICIAN_REVIEW:
        recommended = request.decisions.filter(kind=RECOMMENDATION).order_by()
        moments += [request.referred_at, *recommended.values_list("signed_at", flat=True)]
    if status == Status.APPEAL_REVIEW:
        moments += [Appeal.objects.get(request=request).filed_at]
    return max(moment for moment in moments if moment is not None)


def _spent(request: Request, at: datetime) -> tuple[int, int]:
    """Seconds with the prescriber, and in all: until the request ended, or until now."""
    if request.submitted_at is None:
        return 0, 0
    end = request.ended_at or at
    if request.status == Status.WITHDRAWN:
        # Of one that was withdrawn after its approval, the time until the decision counts.
        decided = request.decisions.exclude(kind=RECOMMENDATION).order_by().values_list("signed_at", flat=True).last()
        end = decided or end
    spans = request.questions.order_by().values_list("asked_at", "answered_at")
    asked = sum(int(((answered or end) - begun).total_seconds()) for begun, answered in spans)
    return asked, int((end - request.submitted_at).total_seconds())
