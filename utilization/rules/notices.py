"""Who is told of what: one row a kind of entry in the event log, with the words, and the kinds that people choose for.

`NOTICES` holds what somebody is told of, `NOBODY_TOLD` all else that the log knows. No word here names a patient; a
mail does not name the request either, since a mail is read where anybody may look on.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from utilization.rules.roles import Role


class Recipients(StrEnum):
    """Groups of people, as they stand when the entry is written."""

    STAGE = "stage"
    """Who may review the request where it stands now: no author of it, and to decide nobody who recommended,
    on an appeal nobody who signed."""
    PRESCRIBERS = "prescribers"
    """Who filed the request or entered facts in it; where none of them prescribes any more, the whole department."""
    ASKER = "asker"
    """Who asked what was answered last; where they review no more, whoever may."""
    HANDLERS = "handlers"
    """Who has held, asked about, referred or recommended on the request."""
    OWNER = "owner"
    """With whom the request is: its prescribers while they are asked, else its holder, else the stage."""
    REVIEWERS = "reviewers"
    FORMULARY = "formulary"
    ADMINISTRATORS = "administrators"
    AUDITORS = "auditors"


BY_ROLE: Mapping[Recipients, tuple[Role, ...]] = {
    Recipients.REVIEWERS: (Role.PHARMACIST, Role.PHYSICIAN),
    Recipients.FORMULARY: (Role.FORMULARY,),
    Recipients.ADMINISTRATORS: (Role.ADMINISTRATOR,),
    Recipients.AUDITORS: (Role.AUDITOR,),
}
"""Groups that are all who hold a role at the site."""


class NoticeWay(StrEnum):
    """How a person is told of one kind of notice."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    APP = "app"
    NONE = "none"


WAYS: Mapping[NoticeWay, str] = {
    NoticeWay.AT_ONCE: "Here, and by e-mail at once",
    NoticeWay.DIGEST: "Here, and in one e-mail a day",
    NoticeWay.APP: "Here alone",
    NoticeWay.NONE: "Not at all",
}


class Urgency(StrEnum):
    """When a notice is urgent. An urgent one is mailed at once, whatever its reader chose."""

    NEVER = "never"
    EXPEDITED = "expedited"
    """Where the request is on the expedited clock, or was declared an emergency."""
    ALWAYS = "always"


class NoticeKind(NamedTuple):
    """What people choose for: in words, the roles that are told of it, and how they are told unless they choose."""

    label: str
    roles: frozenset[Role]
    usual: NoticeWay
    may_be_off: bool = True


_FILES, _ALL = frozenset({Role.PRESCRIBER}), frozenset(Role)
_REVIEWS = frozenset({Role.PHARMACIST, Role.PHYSICIAN})
_ESCALATES = _REVIEWS | {Role.ADMINISTRATOR}

KINDS: Mapping[str, NoticeKind] = {
    "waiting": NoticeKind("A request waits for your review", _REVIEWS, NoticeWay.DIGEST, may_be_off=False),
    "answered": NoticeKind("What you asked is answered", _REVIEWS, NoticeWay.AT_ONCE, may_be_off=False),
    "changed": NoticeKind("A request that you worked on is withdrawn or taken over", _REVIEWS, NoticeWay.APP),
    "followed": NoticeKind("A request that you worked on is decided", _REVIEWS, NoticeWay.APP),
    "asked": NoticeKind("You are asked about a request", _FILES, NoticeWay.AT_ONCE, may_be_off=False),
    "written": NoticeKind(
        "Somebody writes to you about a request", _FILES | _REVIEWS, NoticeWay.AT_ONCE, may_be_off=False
    ),
    "decided": NoticeKind("Your request is decided", _FILES, NoticeWay.AT_ONCE, may_be_off=False),
    "late": NoticeKind("A request will soon be late, or is", _FILES | _REVIEWS, NoticeWay.AT_ONCE, may_be_off=False),
    "escalated": NoticeKind(
        "A request is late, and your site names you for that", _ESCALATES, NoticeWay.AT_ONCE, may_be_off=False
    ),
    "ending": NoticeKind(
        "An authorization of yours ends soon, or has ended", _FILES, NoticeWay.AT_ONCE, may_be_off=False
    ),
    "clock": NoticeKind("The clock of your site changes", _REVIEWS, NoticeWay.APP),
    "criteria": NoticeKind("Criteria are proposed or published", _REVIEWS | {Role.FORMULARY}, NoticeWay.APP),
    "roles": NoticeKind("Your roles change", _ALL, NoticeWay.AT_ONCE, may_be_off=False),
}
"""In the order in which they are shown. `may_be_off` False: seen in the app at the least."""


class NoticeRow(NamedTuple):
    """What an entry has people told: of which kind, who, and the words, in the app and in a mail.

    `tells` holds groups and names of keys of the entry's data that hold a person's key or several. `here` may name
    {number}, the request's. `mail` names nothing.
    """

    kind: str
    tells: tuple[Recipients | str, ...]
    here: str
    mail: str
    urgent: Urgency = Urgency.NEVER


NOTICES: Mapping[str, tuple[NoticeRow, ...]] = {
    "request.submitted": (
        NoticeRow(
            "waiting", (Recipients.STAGE,), "{number} was filed and waits for the pharmacist.",
            "A request was filed and waits for the pharmacist.", Urgency.EXPEDITED,
        ),
    ),
    "decision.recommended": (
        NoticeRow(
            "waiting", (Recipients.STAGE,), "{number} has a recommendation and waits for the physician.",
            "A request has a recommendation and waits for the physician.", Urgency.EXPEDITED,
        ),
    ),
    "request.referred": (
        NoticeRow(
            "waiting", (Recipients.STAGE,), "{number} was referred and waits for the physician.",
            "A request was referred and waits for the physician.", Urgency.EXPEDITED,
        ),
    ),
    "request.claim_lapsed": (
        NoticeRow(
            "changed", ("holder_before",), "Your claim on {number} lapsed; it awaits anybody again.",
            "Your claim on a request lapsed.",
        ),
    ),
    "request.assigned": (
        NoticeRow(
            "waiting", ("holder",), "{number} was given to you in turn.", "A request was given to you in turn.",
            Urgency.EXPEDITED,
        ),
    ),
    "information.asked": (
        NoticeRow(
            "asked", (Recipients.PRESCRIBERS,), "{number} waits for you: a reviewer asks for information.",
            "A reviewer asks for information about a request of yours, which waits until you answer.",
            Urgency.ALWAYS,
        ),
    ),
    "information.answered": (
        NoticeRow(
            "answered", (Recipients.ASKER,), "{number}: what you asked is answered.",
            "What you asked about a request is answered.", Urgency.EXPEDITED,
        ),
    ),
    "message.written": (
        NoticeRow(
            "written", ("told",), "{number}: somebody writes to you.", "Somebody writes to you about a request.",
            Urgency.EXPEDITED,
        ),
    ),
    "decision.approved": (
        NoticeRow(
            "decided", (Recipients.PRESCRIBERS,), "{number} is approved.", "A request of yours is decided.",
            Urgency.EXPEDITED,
        ),
        NoticeRow(
            "followed", (Recipients.HANDLERS,), "{number}, on which you worked, is approved.",
            "A request on which you worked is decided.",
        ),
    ),
    "decision.denied": (
        NoticeRow(
            "decided", (Recipients.PRESCRIBERS,), "{number} is denied. The reasons, and what would meet the criteria,"
            " stand on its page.", "A request of yours is decided.", Urgency.ALWAYS,
        ),
        NoticeRow(
            "followed", (Recipients.HANDLERS,), "{number}, on which you worked, is denied.",
            "A request on which you worked is decided.",
        ),
    ),
    "authorization.reminded": (
        NoticeRow(
            "ending", (Recipients.PRESCRIBERS,), "The authorization of {number} ends soon. Renew it, or let it end.",
            "An authorization of yours ends soon.",
        ),
    ),
    "authorization.lapsed": (
        NoticeRow(
            "ending", (Recipients.PRESCRIBERS,), "The authorization of {number} has ended, and nobody renewed it.",
            "An authorization of yours has ended, and nobody renewed it.", Urgency.ALWAYS,
        ),
    ),
    "authorization.bridged": (
        NoticeRow(
            "ending", (Recipients.PRESCRIBERS, Recipients.REVIEWERS),
            "A bridging dose is allowed by the authorization of {number}: its renewal is overdue.",
            "A bridging dose is allowed, since the decision on a renewal is overdue.", Urgency.ALWAYS,
        ),
    ),
    "appeal.filed": (
        NoticeRow(
            "waiting", (Recipients.STAGE,), "The denial of {number} is appealed and waits for you.",
            "A denial is appealed and waits for a physician who did not decide.", Urgency.EXPEDITED,
        ),
    ),
    "appeal.upheld": (
        NoticeRow(
            "decided", (Recipients.PRESCRIBERS,), "The denial of {number} is upheld on appeal.",
            "A request of yours is decided.", Urgency.ALWAYS,
        ),
        NoticeRow(
            "followed", (Recipients.HANDLERS,), "The denial of {number}, on which you worked, is upheld on appeal.",
            "A request on which you worked is decided.",
        ),
    ),
    "appeal.overturned": (
        NoticeRow(
            "decided", (Recipients.PRESCRIBERS,), "The denial of {number} is overturned on appeal: it is approved.",
            "A request of yours is decided.", Urgency.ALWAYS,
        ),
        NoticeRow(
            "followed", (Recipients.HANDLERS,), "The denial of {number}, on which you worked, is overturned on appeal.",
            "A request on which you worked is decided.",
        ),
    ),
    "request.withdrawn": (
        NoticeRow(
            "changed", (Recipients.HANDLERS,), "{number}, on which you worked, is withdrawn.",
            "A request on which you worked is withdrawn.",
        ),
    ),
    "request.claimed": (
        NoticeRow(
            "changed", ("holder_before",), "{number}, which you held, was taken over.",
            "A request that you held was taken over.",
        ),
    ),
    "criteria.proposed": (
        NoticeRow(
            "criteria", (Recipients.FORMULARY,), "Criteria are proposed and wait for a second signature.",
            "Criteria are proposed and wait for a second signature.",
        ),
    ),
    "criteria.sent_back": (
        NoticeRow(
            "criteria", (Recipients.FORMULARY,), "Proposed criteria were sent back.",
            "Proposed criteria were sent back.",
        ),
    ),
    "criteria.published": (
        NoticeRow(
            "criteria", (Recipients.FORMULARY, Recipients.REVIEWERS), "New criteria are published.",
            "New criteria are published.",
        ),
    ),
    "request.chased": (
        NoticeRow(
            "late", (Recipients.OWNER,), "A reminder: {number} waits for you.", "A reminder: a request waits for you.",
            Urgency.ALWAYS,
        ),
    ),
    "request.escalated": (
        NoticeRow(
            "escalated", ("told",), "{number} is late, and you are named to see to it.",
            "A request is late, and you are named to see to it.", Urgency.ALWAYS,
        ),
        NoticeRow("late", (Recipients.OWNER,), "{number} is late.", "A request is late.", Urgency.ALWAYS),
    ),
    "site.clock": (
        NoticeRow(
            "clock", (Recipients.REVIEWERS,), "The clock of your site changes: how long decisions may take.",
            "The clock of your site changes: how long decisions may take.",
        ),
    ),
    "role.given": (
        NoticeRow("roles", ("person",), "You were given a role.", "You were given a role.", Urgency.ALWAYS),
    ),
}  # fmt: skip
"""A row an entry and a group of people who are told the same; one person is told of an entry once, by the first row."""

NOBODY_TOLD = frozenset({
    # A person's own doing, or what changes nothing that another waits for.
    "request.started", "request.discarded", "request.released", "note.added", "information.given_in_part",
    "attachment.added", "attachment.removed", "infusion.recorded", "infusion.corrected",
    "document.issued", "document.taken_over", "digest.forgotten",
    # Records of patients and settings of a site, which are looked up when they are needed.
    "patient.added", "patient.measured", "patient.corrected", "patient.merged", "patient.separated",
    "patient.death_recorded", "patient.death_taken_back",
    "site.founded", "site.signing_rule", "site.reports", "site.appeal_days", "site.claims",
    "department.added", "price.entered", "check.opened", "check.closed", "export.identified", "export.fetched",
    "snapshot.exported",
    "criteria.started", "criteria.saved", "criteria.uploaded", "criteria.deleted", "criteria.discarded",
    # Ways into an account: their owner has a mail of its own (`jobs.account_notice`), also without a role.
    "person.invited", "person.confirmed", "person.deactivated", "person.reactivated", "role.ended",
    "password.reset", "letter.printed", "lock.lifted", "passkey.added", "passkey.removed",
})  # fmt: skip
"""Entries of which nobody is told, and why."""


def kinds_of(roles: Iterable[str]) -> tuple[str, ...]:
    """The kinds of notices that people of `roles` may get, in the table's order."""
    held = set(roles)
    return tuple(code for code, kind in KINDS.items() if kind.roles & held)


def ways_of(kind: str) -> tuple[NoticeWay, ...]:
    """The ways among which a person may choose for `kind`."""
    return tuple(way for way in NoticeWay if way != NoticeWay.NONE or KINDS[kind].may_be_off)


def is_urgent(urgency: Urgency, *, expedited: bool) -> bool:
    """Whether a notice of this urgency about such a request is urgent."""
    return urgency == Urgency.ALWAYS or (urgency == Urgency.EXPEDITED and expedited)


def row_of(event_type: str, kind: str) -> NoticeRow | None:
    """The row by which somebody was told of an entry; None of a kind that is told no more."""
    return next((row for row in NOTICES.get(event_type, ()) if row.kind == kind), None)
