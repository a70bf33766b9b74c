"""The kinds of notices that people choose for, the groups of people who are told, and what a row of `notices.py`
is."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from utilization.rules.roles import Role


class Recipients(StrEnum):
    """Groups of people, as they stand when the entry is written."""

    STAGE = "stage"
    """Who may review the request where it stands now: no author of it, and to decide nobody who recommended,
    on an appeal nobody who signed or gave an opinion."""
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
    "opinion": NoticeKind("You are asked for your opinion on a request", _REVIEWS, NoticeWay.AT_ONCE, may_be_off=False),
    "call": NoticeKind(
        "A call about a request is offered, booked or cancelled", _FILES | _REVIEWS, NoticeWay.AT_ONCE, may_be_off=False
    ),
    "decided": NoticeKind("Your request is decided", _FILES, NoticeWay.AT_ONCE, may_be_off=False),
    "late": NoticeKind("A request will soon be late, or is", _FILES | _REVIEWS, NoticeWay.AT_ONCE, may_be_off=False),
    "escalated": NoticeKind(
        "A request is late, and your site names you for that", _ESCALATES, NoticeWay.AT_ONCE, may_be_off=False
    ),
    "ending": NoticeKind(
        "An authorization of yours ends soon, or has ended", _FILES, NoticeWay.AT_ONCE, may_be_off=False
    ),
    "stopped": NoticeKind("An authorization is discontinued, or its product switched", _REVIEWS, NoticeWay.APP),
    "transfers": NoticeKind("A department asks another to take over, or answers", _FILES, NoticeWay.AT_ONCE),
    "cover": NoticeKind(
        "You cover for somebody, or a queue is left without anybody", _ALL, NoticeWay.AT_ONCE, may_be_off=False
    ),
    "treated": NoticeKind(
        "A first dose is released before the review", _ESCALATES, NoticeWay.AT_ONCE, may_be_off=False
    ),
    "ordered": NoticeKind(
        "A verbal order of yours, of a colleague who left, or on a request of yours",
        _FILES | _ESCALATES,
        NoticeWay.AT_ONCE,
        may_be_off=False,
    ),
    "clock": NoticeKind("The clock of your site changes", _REVIEWS, NoticeWay.APP),
    "criteria": NoticeKind("Criteria are proposed or published", _REVIEWS | {Role.FORMULARY}, NoticeWay.APP),
    "roles": NoticeKind("Your roles change", _ALL, NoticeWay.AT_ONCE, may_be_off=False),
}
"""In the order in which they are shown. `may_be_off` False: seen in the app at the least."""


TO_COVER = frozenset({"waiting", "answered", "asked", "written", "decided", "late", "escalated", "ending"})
"""The kinds of which who covers for somebody away is told as well."""


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
