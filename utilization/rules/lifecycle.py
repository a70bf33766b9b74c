"""The life of a request as one table: a move is one row of `MOVES`.

Buttons, refusals, the diagram in `docs/lifecycle.md` and the workflow all read these rows.
"""

from dataclasses import dataclass
from enum import StrEnum

from utilization.rules.roles import Permission


class Status(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    DISCARDED = "discarded"
    PHARMACIST_REVIEW = "pharmacist_review"
    PHYSICIAN_REVIEW = "physician_review"
    INFORMATION_ASKED = "information_asked"
    APPROVED = "approved"
    DENIED = "denied"
    APPEAL_REVIEW = "appeal_review"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What people do to a request."""

    SUBMIT = "submit"
    DISCARD = "discard"
    CLAIM = "claim"
    RELEASE = "release"
    NOTE = "note"
    ASK = "ask"
    ANSWER = "answer"
    ANSWER_IN_PART = "answer_in_part"
    RECOMMEND = "recommend"
    REFER = "refer"
    APPROVE = "approve"
    DENY = "deny"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    WITHDRAW = "withdraw"
    TREAT = "treat"
    TAKE_ORDER = "take_order"
    CONFIRM_ORDER = "confirm_order"
    DISOWN_ORDER = "disown_order"


IN_REVIEW = frozenset({Status.PHARMACIST_REVIEW, Status.PHYSICIAN_REVIEW, Status.APPEAL_REVIEW})
OPEN = IN_REVIEW | {Status.INFORMATION_ASKED}
AWAITS_DECISION = OPEN - {Status.APPEAL_REVIEW}
"""Filed, and not decided yet: an appeal is of what was denied."""
DECIDED = frozenset({Status.APPROVED, Status.DENIED})
ENDED = DECIDED | {Status.WITHDRAWN, Status.DISCARDED}


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that may happen: `verb` takes a request from `source` to `target`.

    `target` None means that the request stays where it is. `permission` is what the actor needs at the
    request's site. `reason` says that a written reason is asked for, `signs` that the actor re-enters
    the password, `independent` that nobody who authored the request may do it, nor, on an appeal, anybody who signed
    on it before. `event` names the log entry.
    """

    verb: Verb
    source: Status
    target: Status | None
    permission: Permission
    event: str
    label: str
    reason: bool = False
    signs: bool = False
    independent: bool = False

    @property
    def yields(self) -> bool:
        """Whether the move waits while another reviewer holds the request: every reviewer's move that takes it on."""
        return self.permission in _REVIEWERS and self.target is not None


_REVIEWERS = frozenset({Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN})
_FILE, _PHARMACIST, _PHYSICIAN = Permission.FILE, Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN
_AT_PHARMACIST, _AT_PHYSICIAN = Status.PHARMACIST_REVIEW, Status.PHYSICIAN_REVIEW
_ASKED, _ON_APPEAL = Status.INFORMATION_ASKED, Status.APPEAL_REVIEW
_UNDECIDED = (_AT_PHARMACIST, _AT_PHYSICIAN, _ASKED)

MOVES: tuple[Move, ...] = (
    Move(Verb.SUBMIT, Status.DRAFT, _AT_PHARMACIST, _FILE, "request.submitted", "Submit"),
    Move(Verb.DISCARD, Status.DRAFT, Status.DISCARDED, _FILE, "request.discarded", "Discard draft"),
    Move(Verb.CLAIM, _AT_PHARMACIST, None, _PHARMACIST, "request.claimed", "Claim", independent=True),
    Move(Verb.CLAIM, _AT_PHYSICIAN, None, _PHYSICIAN, "request.claimed", "Claim", independent=True),
    Move(Verb.RELEASE, _AT_PHARMACIST, None, _PHARMACIST, "request.released", "Release"),
    Move(Verb.RELEASE, _AT_PHYSICIAN, None, _PHYSICIAN, "request.released", "Release"),
    Move(Verb.NOTE, _AT_PHARMACIST, None, _PHARMACIST, "note.added", "Add internal note"),
    Move(Verb.NOTE, _AT_PHYSICIAN, None, _PHYSICIAN, "note.added", "Add internal note"),
    Move(
        Verb.ASK,
        _AT_PHARMACIST,
        _ASKED,
        _PHARMACIST,
        "information.asked",
        "Ask for information",
        reason=True,
        independent=True,
    ),
    Move(
        Verb.ASK,
        _AT_PHYSICIAN,
        _ASKED,
        _PHYSICIAN,
        "information.asked",
        "Ask for information",
        reason=True,
        independent=True,
    ),
    Move(Verb.ANSWER, _ASKED, _AT_PHARMACIST, _FILE, "information.answered", "Answer"),
    Move(Verb.ANSWER, _ASKED, _AT_PHYSICIAN, _FILE, "information.answered", "Answer"),
    Move(Verb.ANSWER_IN_PART, _ASKED, None, _FILE, "information.given_in_part", "Answer in part"),
    Move(
        Verb.RECOMMEND,
        _AT_PHARMACIST,
        _AT_PHYSICIAN,
        _PHARMACIST,
        "decision.recommended",
        "Recommend",
        reason=True,
        signs=True,
        independent=True,
    ),
    Move(
        Verb.REFER,
        _AT_PHARMACIST,
        _AT_PHYSICIAN,
        _PHARMACIST,
        "request.referred",
        "Refer to the physician",
        reason=True,
        independent=True,
    ),
    Move(
        Verb.APPROVE,
        _AT_PHARMACIST,
        Status.APPROVED,
        _PHARMACIST,
        "decision.approved",
        "Approve",
        signs=True,
        independent=True,
    ),
    Move(
        Verb.APPROVE,
        _AT_PHYSICIAN,
        Status.APPROVED,
        _PHYSICIAN,
        "decision.approved",
        "Approve",
        signs=True,
        independent=True,
    ),
    Move(
        Verb.DENY,
        _AT_PHYSICIAN,
        Status.DENIED,
        _PHYSICIAN,
        "decision.denied",
        "Deny",
        reason=True,
        signs=True,
        independent=True,
    ),
    Move(Verb.APPEAL, Status.DENIED, _ON_APPEAL, _FILE, "appeal.filed", "Appeal", reason=True),
    Move(Verb.CLAIM, _ON_APPEAL, None, _PHYSICIAN, "request.claimed", "Claim", independent=True),
    Move(Verb.RELEASE, _ON_APPEAL, None, _PHYSICIAN, "request.released", "Release"),
    Move(Verb.NOTE, _ON_APPEAL, None, _PHYSICIAN, "note.added", "Add internal note"),
    Move(
        Verb.UPHOLD,
        _ON_APPEAL,
        Status.DENIED,
        _PHYSICIAN,
        "appeal.upheld",
        "Uphold the denial",
        reason=True,
        signs=True,
        independent=True,
    ),
    Move(
        Verb.OVERTURN,
        _ON_APPEAL,
        Status.APPROVED,
        _PHYSICIAN,
        "appeal.overturned",
        "Overturn the denial",
        reason=True,
        signs=True,
        independent=True,
    ),
    Move(Verb.WITHDRAW, _AT_PHARMACIST, Status.WITHDRAWN, _FILE, "request.withdrawn", "Withdraw", reason=True),
    Move(Verb.WITHDRAW, _AT_PHYSICIAN, Status.WITHDRAWN, _FILE, "request.withdrawn", "Withdraw", reason=True),
    Move(Verb.WITHDRAW, _ASKED, Status.WITHDRAWN, _FILE, "request.withdrawn", "Withdraw", reason=True),
    Move(Verb.WITHDRAW, _ON_APPEAL, Status.WITHDRAWN, _FILE, "request.withdrawn", "Withdraw", reason=True),
    Move(Verb.WITHDRAW, Status.APPROVED, Status.WITHDRAWN, _FILE, "request.withdrawn", "Withdraw", reason=True),
    *(Move(Verb.TREAT, source, None, _FILE, "first_dose.released", "Treat now") for source in _UNDECIDED),
    *(Move(Verb.TAKE_ORDER, source, None, _FILE, "order.taken", "Enter as a verbal order") for source in _UNDECIDED),
    *(
        Move(Verb.CONFIRM_ORDER, source, None, _FILE, "order.confirmed", "Confirm the verbal order")
        for source in (*_UNDECIDED, _ON_APPEAL, Status.APPROVED, Status.DENIED)
    ),
    *(
        Move(Verb.DISOWN_ORDER, source, target, _FILE, "order.disowned", "Disown the verbal order", reason=True)
        for source, target in (
            *((source, Status.WITHDRAWN) for source in (*_UNDECIDED, _ON_APPEAL, Status.APPROVED)),
            (Status.DENIED, None),
        )
    ),
)


def moves_from(status: Status) -> tuple[Move, ...]:
    """Every move that may start at `status`, in the table's order."""
    return tuple(move for move in MOVES if move.source == status)


def find_move(verb: Verb, source: Status) -> Move | None:
    """The row for `verb` at `source`, the first where there are two; None when there is none."""
    return next((move for move in MOVES if move.verb == verb and move.source == source), None)
