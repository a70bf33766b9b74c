"""Who is told as an authorization ends, and of what became of it: rows of `rules.notices`."""

from collections.abc import Mapping

from utilization.rules.notice_kinds import NoticeRow, Recipients, Urgency

AUTHORIZATION_NOTICES: Mapping[str, tuple[NoticeRow, ...]] = {
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
    "authorization.discontinued": (
        NoticeRow(
            "ending", (Recipients.PRESCRIBERS,), "The authorization of {number} is discontinued.",
            "An authorization of yours is discontinued.",
        ),
        NoticeRow(
            "stopped", (Recipients.REVIEWERS,), "The authorization of {number} is discontinued.",
            "An authorization is discontinued.",
        ),
    ),
    "authorization.superseded": (
        NoticeRow(
            "ending", (Recipients.PRESCRIBERS,), "The authorization of {number} is replaced by that of another dose.",
            "An authorization of yours is replaced by that of another dose.",
        ),
    ),
    "authorization.switched": (
        NoticeRow(
            "ending", (Recipients.PRESCRIBERS,), "The product of the authorization of {number} is switched.",
            "The product of an authorization of yours is switched.",
        ),
        NoticeRow(
            "stopped", (Recipients.REVIEWERS,), "The product of the authorization of {number} is switched.",
            "The product of an authorization is switched.",
        ),
    ),
    "authorization.transfer_asked": (
        NoticeRow(
            "transfers", ("told",), "Another department asks yours to take over a patient’s authorization.",
            "Another department asks yours to take over an authorization.", Urgency.ALWAYS,
        ),
    ),
    "authorization.transferred": (
        NoticeRow(
            "transfers", (Recipients.PRESCRIBERS,), "{number} is taken over by another department.",
            "A request of yours is taken over by another department.",
        ),
    ),
    "authorization.transfer_declined": (
        NoticeRow(
            "transfers", (Recipients.PRESCRIBERS,), "The transfer of {number} is declined.",
            "A transfer that your department asked for is declined.",
        ),
    ),
    "authorization.transfer_accepted": (
        NoticeRow(
            "transfers", (Recipients.PRESCRIBERS,),
            "{number}: another hospital has begun a request for it. It stands here until that one is approved.",
            "Another hospital has begun a request for a patient whom you transfer.",
        ),
    ),
    "authorization.transfer_ended": (
        NoticeRow(
            "transfers", (Recipients.PRESCRIBERS,),
            "{number}: the request of the other hospital has ended without an approval. That changes nothing here.",
            "A transfer to another hospital has ended without an approval.", Urgency.ALWAYS,
        ),
    ),
    "authorization.moved": (
        NoticeRow(
            "ending", (Recipients.PRESCRIBERS,), "The authorization of {number} has ended: another hospital has one.",
            "An authorization of yours has ended: another hospital has one.",
        ),
        NoticeRow(
            "stopped", (Recipients.REVIEWERS,), "The authorization of {number} has ended: another hospital has one.",
            "An authorization has ended: another hospital has one.",
        ),
    ),
    "transfer.offered": (
        NoticeRow(
            "transfers", ("told",), "Another hospital asks your department to take over a patient’s authorization.",
            "Another hospital asks your department to take over an authorization.", Urgency.ALWAYS,
        ),
    ),
}  # fmt: skip
