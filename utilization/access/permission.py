"""Whether a person may do something, with the reason in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from utilization.access.membership import held_by, permitted_by
from utilization.access.requesters import requesters
from utilization.access.requests import as_prescriber, as_reader
from utilization.models import Request, Site
from utilization.models.decisions import APPEAL, RECOMMENDATION
from utilization.rules.lifecycle import Status
from utilization.rules.roles import PERMISSIONS, Permission


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no with the reason in words; true when allowed."""

    allowed: bool
    why: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Answer(True)


def can(actor: Any, permission: Permission, request: Request | None = None, site: Site | None = None) -> Answer:
    """Whether `actor` may do what `permission` names: to `request`, at `site`, or, with neither, anywhere at all.

    To file on a request takes more than the role: it must be the actor's own, or filed for the actor's department.
    Whether the request stands where such a move is possible is the lifecycle's question, not this one's.
    """
    if request is not None:
        site = request.site
    held = held_by(actor)
    if permission not in permitted_by(held, site):
        where = f" at {site.name}" if site else ""
        return Answer(False, f"Your roles{where} do not let you {PERMISSIONS[permission].refused}.")
    if request is None:
        return YES
    seen = as_prescriber(actor, held) if permission == Permission.FILE else as_reader(actor, held)
    if not Request.objects.filter(seen, pk=request.pk).exists():
        return Answer(False, "This request belongs to another department, or is another person's draft.")
    return YES


def independent(actor: Any, request: Request, *, deciding: bool = False, at: datetime | None = None) -> Answer:
    """Whether `actor` is free to review `request` `at` this moment, now unless it is named: recommend, ask, refer, and
    with `deciding` also decide.

    Nobody in the requester's chain is free: no author of the request, nobody who entered facts frozen with it, answered
    a question or wrote a message for the department, and nobody who covered for one of those meanwhile or was covered
    by one. To
    decide, and for every act at the physician's stage, which leads to a decision, neither is anybody who signed a
    recommendation on the request: recommendation and decision are two people. On an appeal, neither is anybody who
    signed anything or gave an opinion on the request before. The database refuses the same.
    """
    pk: Any = getattr(actor, "pk", None)
    if why := requesters(request, at=at or timezone.now()).get(pk):
        return Answer(False, why)
    if request.status == Status.APPEAL_REVIEW and request.decisions.filter(signed_by_id=pk).exists():
        return Answer(False, "You signed on this request before, so another physician must decide its appeal.")
    if request.status == Status.APPEAL_REVIEW and request.opinions.filter(by_id=pk).exists():
        return Answer(False, "You gave an opinion on this request, so another physician must decide its appeal.")
    deciding = deciding or request.status == Status.PHYSICIAN_REVIEW
    if deciding and request.decisions.filter(kind=RECOMMENDATION, signed_by_id=pk).exists():
        return Answer(False, "You signed a recommendation on this request, so another person must decide.")
    return YES


def not_appealed(request: Request) -> Answer:
    """Whether the denial of `request` was not appealed yet: an appeal is decided once and is not appealed itself."""
    decided = request.decisions.filter(kind=APPEAL).first()
    if decided is None:
        return YES
    return Answer(
        False,
        f"This denial was upheld on appeal by {decided.signed_name}, and an appeal cannot be appealed. A new request "
        "can add what is missing.",
    )


def free_to_answer(actor: Any, request: Request) -> Answer:
    """Whether `actor` may answer for the department on `request`: not once they signed or gave an opinion on it."""
    pk: Any = getattr(actor, "pk", None)
    if request.decisions.filter(signed_by_id=pk).exists():
        return Answer(
            False, "You signed on this request as a reviewer, so somebody else of the department must answer."
        )
    if request.opinions.filter(by_id=pk).exists():
        return Answer(False, "You gave an opinion on this request, so somebody else of the department must answer.")
    return YES
