"""Who has a request, since when, what is next, whether its clock runs, and whose time was spent."""

from dataclasses import dataclass
from datetime import datetime

from utilization import access
from utilization.models import Appeal, Membership, Request
from utilization.models.decisions import RECOMMENDATION
from utilization.rules.facts.date_words import day_words
from utilization.rules.lifecycle import ENDED, Status
from utilization.rules.roles import ROLES, Role
from utilization.rules.site_clock import COUNTS, HOURS
from utilization.rules.specialties import SPECIALTIES

RUNS, STANDS, NONE = "runs", "stands", "none"
NEXT_STEPS = {
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
    """`owner` is a person, or the people of a role; empty once a request has ended. `alone` says that nobody is here
    who could take it, `absence` in words that who has it is away, and who covers. `clock` is "runs", "stands" or
    "none"; empty once it has ended.

    `beside` says what is asked of others meanwhile, for which nothing waits. `prescriber_seconds` and `review_seconds`
    were spent with either side since it was filed, by the wall.
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
    absence: str = ""
    beside: tuple[str, ...] = ()

    @property
    def clock_words(self) -> str:
        """Whether the clock runs, and what it counts."""
        if self.clock == RUNS and self.counts != HOURS:
            return f"The clock runs, in {COUNTS[self.counts]}."
        return _SAYS.get(self.clock, "")


def whereabouts(request: Request, *, at: datetime) -> Whereabouts:
    """Where `request` is at the moment `at`."""
    status = Status(request.status)
    owner, alone = _owner(request, status, at)
    asked, whole = _spent(request, at)
    return Whereabouts(
        owner=owner,
        alone=alone,
        since=request.held_at or request.ended_at or _since(request, status),
        next_step=NEXT_STEPS.get(status, ""),
        clock=_clock(status),
        due_at=None if status in ENDED else request.due_at,
        left=request.clock_left if status == Status.INFORMATION_ASKED else None,
        counts=request.clock_counts,
        prescriber_seconds=asked,
        review_seconds=whole - asked,
        absence=_absence(request, status, at),
        beside=_beside(request),
    )


def _owner(request: Request, status: Status, at: datetime) -> tuple[str, bool]:
    """Who has it, in words, and whether nobody is there who could."""
    if status in ENDED:
        return "", False
    if request.holder is not None:
        return request.holder.signature_name, False
    if role := access.STAGE_ROLES.get(status):
        return f"{ROLES[role].heading} of {request.site.name}", not access.free_reviewers(request, at=at)
    here = Membership.objects.filter(site=request.site_id, ended_at=None, user__is_active=True).order_by()
    prescribes = here.filter(role=Role.PRESCRIBER, department=request.department_id)
    there = prescribes.exclude(user__in=access.away_people(request.site_id, at))
    if prescribes.filter(user=request.author_id).exists():
        return request.author.signature_name, not there.exists()
    return f"Prescribers of {request.department.name}", not there.exists()


def _absence(request: Request, status: Status, at: datetime) -> str:
    """That who has `request` is away, until when, and who covers; empty where they are there."""
    person = None if status in ENDED else request.holder_id
    if status in (Status.DRAFT, Status.INFORMATION_ASKED):
        person = request.author_id
    absence = access.absence_of(person, request.site_id, at) if person else None
    if absence is None:
        return ""
    cover = absence.cover if access.cover_of(person, request.site_id, at) else None
    covers = f"{cover.full_name} covers" if cover else "nobody covers"
    return f"{absence.person.full_name} is away until {day_words(absence.last_day)}; {covers}."


def _beside(request: Request) -> tuple[str, ...]:
    """What is asked of others and offered, and still open."""
    asked = request.opinion_questions.filter(closed_at=None).values_list("specialty", flat=True)
    told = [f"Opinion of {SPECIALTIES[specialty].lower()}: asked, not given yet" for specialty in asked]
    for booked in request.peer_calls.filter(closed_at=None).values_list("booked_for", flat=True):
        told.append("Peer-to-peer call: booked" if booked else "Peer-to-peer call: offered, not booked yet")
    return tuple(told)


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
