"""How every move happens: fetch through access, ask, change the one row that was seen, write the event, tell.

All of it stands in the caller's transaction, so that a move and its event exist together or not at all.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from utilization import access, event_log, notify
from utilization.models import Request, Unsent, User
from utilization.models.unsent import WITHDRAW
from utilization.rules.lifecycle import ENDED, IN_REVIEW, MOVES, Move, Status, Verb, find_move
from utilization.workflow import assignment, request_summary
from utilization.workflow.errors import Conflict, Refused, TooLate
from utilization.workflow.move_permission import Standing, may_act
from utilization.workflow.request_end import end_what_is_open
from utilization.workflow.transfer_end import note_end

_SEEN_AS = {
    Status.DRAFT: "a draft",
    Status.DISCARDED: "discarded",
    Status.PHARMACIST_REVIEW: "with the pharmacist",
    Status.PHYSICIAN_REVIEW: "with the physician",
    Status.INFORMATION_ASKED: "waiting for information",
    Status.APPROVED: "approved",
    Status.DENIED: "denied",
    Status.APPEAL_REVIEW: "under appeal",
    Status.WITHDRAWN: "withdrawn",
}


def take(uid: UUID | str, verb: Verb, *, by: User, at: datetime, version: int | None) -> tuple[Request, Move]:
    """The request and the row of the table by which `by` may do `verb` to it now; the read is logged.

    `version` is what the person saw. None skips that question, for an act that uses no version up: the row is locked
    instead, so that the entry tells of the request as it then stands. Raises NotFound, Refused or Conflict.
    """
    request = access.fetch_request(by, uid, what=verb.value, at=at, lock=version is None)
    return request, allowed_move(request, verb, by=by, version=version, at=at)


def allowed_move(request: Request, verb: Verb, *, by: User, version: int | None, at: datetime | None = None) -> Move:
    """The row of the table by which `by` may do `verb` to `request` now. Raises Refused or Conflict."""
    standing = Standing(by, request, at=at)
    answers = [standing.permitted(move.permission) for move in MOVES if move.verb == verb]
    if not any(answers):
        raise Refused(answers[0].why)
    if version is not None and version != request.version:
        raise overtaken(request)
    move = find_move(verb, Status(request.status))
    if move is None:
        raise TooLate(f"This request is {_SEEN_AS[Status(request.status)]}, where nobody can {verb.value} it.")
    answer = standing.may(move)
    if not answer:
        raise Refused(answer.why)
    return move


def refuse_unless_acting(by: User, request: Request, *, at: datetime) -> None:
    """Let only somebody go on who may act on `request` as its reviewer. Raises TooLate where it is in review no more,
    Refused."""
    if not (answer := may_act(by, request, at=at)):
        raise (Refused if request.status in IN_REVIEW else TooLate)(answer.why)


def carry(request: Request, move: Move, *, at: datetime, **changes: Any) -> Request:
    """Take `request` to where `move` leads with `changes`, if it still is the row that was seen; the row as it is now.

    Raises Conflict when someone else was first, or merged the patient's record away. The guard is the update itself:
    its row count holds on both databases, and from here to commit nobody else can move the request. A move that locks
    the patient's row too does so before: who merges records locks them in that order.
    """
    if move.target is not None:
        changes = {"status": move.target.value, "holder": None, "held_at": None, **changes}
    as_seen = Request.objects.filter(
        pk=request.pk, version=request.version, status=request.status, patient=request.patient_id
    )
    changed = as_seen.update(version=request.version + 1, updated_at=at, **changes)
    if changed != 1:
        raise overtaken(request)
    if move.target is not None:
        _forget_unsent(request, move.target)
    if move.target in ENDED and "ended_by" in changes:
        end_what_is_open(request, by=changes["ended_by"], at=at)
    return reread(request)


def _forget_unsent(request: Request, status: Status) -> None:
    """Delete what anybody typed on pages of `request` that lead nowhere once it stands at `status`."""
    typed = Unsent.objects.filter(request=request)
    if find_move(Verb.WITHDRAW, status):
        typed = typed.exclude(page=WITHDRAW)
    typed.delete()


def record(request: Request, move: Move, *, by: User, at: datetime, data: Mapping[str, Any]) -> None:
    """Write the event of `move`, whose outcome `request` is, and the request's summary as it is now; have listeners
    told once all is committed. Where the site gives what comes to a stage to its reviewers in turn, that follows.

    Who covers for somebody in this acts in their own name; the entry says for whom.
    """
    covered = access.covering(by, request, at)
    if move.event in request_summary.SUMMARIZED:
        request_summary.refresh(request)
    event_log.append(
        type=move.event,
        at=at,
        actor=by,
        request=request,
        data={
            "from": move.source.value, "to": request.status, "version": request.version,
            **({"covering_for": covered.pk} if covered else {}), **data,
        },
    )  # fmt: skip
    notify.moved(move.event, request.pk)
    note_end(request, by=by, at=at)
    if move.target is not None:
        assignment.assign(request, at=at, answered=move.verb == Verb.ANSWER)


def reread(request: Request) -> Request:
    """The request as it stands in the database now."""
    return Request.objects.select_related("site", "department", "patient", "author", "holder").get(pk=request.pk)


def overtaken(request: Request) -> Conflict:
    """The Conflict to raise when `request` is no longer what the person saw."""
    now = reread(request)
    where = _SEEN_AS[Status(now.status)]
    return Conflict(f"This request changed while you worked on it and is now {where}. Nothing was saved.", now)
