"""Who is told of what: one row a kind of entry in the event log, with the words.

`NOTICES` holds what somebody is told of, `NOBODY_TOLD` all else that the log knows. No word here names a patient; a
mail does not name the request either, since a mail is read where anybody may look on.
"""

from collections.abc import Mapping

from utilization.rules.authorization_notices import AUTHORIZATION_NOTICES
from utilization.rules.notice_kinds import NoticeRow, Recipients, Urgency

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
    "request.passed": (
        NoticeRow(
            "waiting", ("holder",), "{number} was passed to you: who held it is away, and you cover.",
            "A request was passed to you: who held it is away, and you cover.", Urgency.EXPEDITED,
        ),
    ),
    "request.freed": (
        NoticeRow(
            "waiting", (Recipients.STAGE,), "{number} is free: who held it acts on it no more.",
            "A request is free: who held it acts on it no more.", Urgency.EXPEDITED,
        ),
    ),
    "absence.entered": (
        NoticeRow(
            "cover", ("cover",), "A colleague is away, and you cover: see “Away and cover”.",
            "A colleague is away, and you cover.", Urgency.ALWAYS,
        ),
        NoticeRow(
            "cover", ("told",), "An absence leaves somebody without cover: see who is away.",
            "An absence leaves somebody without cover.", Urgency.ALWAYS,
        ),
        NoticeRow(
            "cover", ("person",), "An absence was entered for you: see “Away and cover”.",
            "An absence was entered for you.",
        ),
    ),
    "absence.ended": (
        NoticeRow(
            "cover", ("cover", "person"), "An absence ended early: see “Away and cover”.", "An absence ended early.",
        ),
    ),
    "queue.uncovered": (
        NoticeRow(
            "cover", (Recipients.ADMINISTRATORS,), "A queue is without anybody who could act: see who is away.",
            "A queue is without anybody who could act.", Urgency.ALWAYS,
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
    "opinion.asked": (
        NoticeRow(
            "opinion", ("told",), "{number}: you are asked for your opinion.",
            "You are asked for your opinion on a request.", Urgency.EXPEDITED,
        ),
    ),
    "opinion.given": (
        NoticeRow(
            "answered", ("asked_by",), "{number}: the opinion that you asked for is given.",
            "The opinion that you asked for on a request is given.", Urgency.EXPEDITED,
        ),
    ),
    "opinion.taken_back": (
        NoticeRow(
            "opinion", ("told",), "{number}: your opinion is not asked for any more.",
            "Your opinion on a request is not asked for any more.",
        ),
    ),
    "peer_call.offered": (
        NoticeRow(
            "call", (Recipients.PRESCRIBERS,), "{number}: a reviewer offers you a call. Book a time, or say that none"
            " fits.", "A reviewer offers you a call about a request of yours.", Urgency.EXPEDITED,
        ),
    ),
    "peer_call.booked": (
        NoticeRow(
            "call", ("offered_by",), "{number}: the call that you offered is booked.",
            "The call that you offered about a request is booked.", Urgency.EXPEDITED,
        ),
    ),
    "peer_call.declined": (
        NoticeRow(
            "call", ("offered_by",), "{number}: no time that you offered for a call fits.",
            "No time that you offered for a call about a request fits.", Urgency.EXPEDITED,
        ),
    ),
    "peer_call.cancelled": (
        NoticeRow(
            "call", (Recipients.PRESCRIBERS, "offered_by"), "{number}: the call is cancelled.",
            "A call about a request is cancelled.", Urgency.ALWAYS,
        ),
    ),
    "peer_call.held": (
        NoticeRow(
            "call", (Recipients.PRESCRIBERS, "offered_by"), "{number}: what the call came to is recorded.",
            "What a call about a request came to is recorded.",
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
    **AUTHORIZATION_NOTICES,
    "first_dose.released": (
        NoticeRow(
            "treated", (Recipients.REVIEWERS,), "{number}: its first dose is released before the review.",
            "A first dose is released before the review.", Urgency.ALWAYS,
        ),
    ),
    "first_dose.chased": (
        NoticeRow(
            "treated", (Recipients.OWNER,), "{number}: its first dose was released, and the review is soon due.",
            "The review of a released first dose is soon due.", Urgency.ALWAYS,
        ),
    ),
    "first_dose.overdue": (
        NoticeRow(
            "treated", (Recipients.ADMINISTRATORS, Recipients.OWNER),
            "{number}: its first dose was released, and the review is late.",
            "The review of a released first dose is late.", Urgency.ALWAYS,
        ),
    ),
    "order.taken": (
        NoticeRow(
            "ordered", ("ordered_by",), "{number} was entered on a verbal order of yours: confirm or disown it.",
            "A request was entered on a verbal order of yours: confirm or disown it.", Urgency.ALWAYS,
        ),
    ),
    "order.confirmed": (
        NoticeRow(
            "ordered", (Recipients.PRESCRIBERS,), "{number}: the verbal order is confirmed.",
            "A verbal order is confirmed.",
        ),
    ),
    "order.disowned": (
        NoticeRow(
            "ordered", (Recipients.PRESCRIBERS, Recipients.REVIEWERS),
            "{number}: the prescriber disowned the verbal order. Nothing more may be given by it.",
            "A prescriber disowned a verbal order.", Urgency.ALWAYS,
        ),
    ),
    "order.chased": (
        NoticeRow(
            "ordered", ("ordered_by",), "A reminder: confirm or disown your verbal order of {number}.",
            "A reminder: confirm or disown a verbal order of yours.", Urgency.ALWAYS,
        ),
        NoticeRow(
            "ordered", ("stand_ins",),
            "A reminder: confirm or disown the verbal order of {number}, whose giver has left.",
            "A reminder: confirm or disown a verbal order whose giver has left.", Urgency.ALWAYS,
        ),
    ),
    "order.giver_left": (
        NoticeRow(
            "ordered", ("stand_ins",), "{number}: who gave its verbal order prescribes for your department no more."
            " Confirm or disown it in their place.", "Confirm or disown a verbal order whose giver has left.",
            Urgency.ALWAYS,
        ),
    ),
    "order.overdue": (
        NoticeRow(
            "ordered", ("ordered_by", "stand_ins", Recipients.ADMINISTRATORS),
            "{number}: its verbal order is not confirmed in time.", "A verbal order is not confirmed in time.",
            Urgency.ALWAYS,
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
    "administrator.restored": (
        NoticeRow("roles", ("person",), "You were given a role.", "You were given a role.", Urgency.ALWAYS),
        NoticeRow(
            "roles", (Recipients.ADMINISTRATORS, Recipients.AUDITORS),
            "Somebody was made administrator of your site by a command on the server: see the event log.",
            "Somebody was made administrator of your site by a command on the server.", Urgency.ALWAYS,
        ),
    ),
    "person.specialties": (
        NoticeRow("roles", ("person",), "Your specialties were changed.", "Your specialties were changed."),
    ),
}  # fmt: skip
"""A row an entry and a group of people who are told the same; one person is told of an entry once, by the first row."""

NOBODY_TOLD = frozenset({
    # A person's own doing, or what changes nothing that another waits for.
    "request.started", "request.discarded", "request.released", "note.added", "information.given_in_part",
    "attachment.added", "attachment.removed", "infusion.recorded", "infusion.corrected", "transfer.declined",
    "document.issued", "document.taken_over", "digest.forgotten",
    # Records of patients and settings of a site, which are looked up when they are needed.
    "patient.added", "patient.measured", "patient.corrected", "patient.merged", "patient.separated",
    "patient.death_recorded", "patient.death_taken_back",
    "site.founded", "site.signing_rule", "site.reports", "site.appeal_days", "site.claims",
    "site.emergencies", "site.hospital", "site.mail_sender", "site.logo", "site.usual_product",
    "department.added", "department.renamed", "department.closed", "department.reopened",
    "price.entered", "check.opened", "check.closed", "export.identified", "export.fetched",
    "snapshot.exported",
    "criteria.started", "criteria.saved", "criteria.uploaded", "criteria.deleted", "criteria.discarded",
    # Ways into an account: their owner has a mail of its own (`jobs.account_notice`), also without a role.
    "person.invited", "person.confirmed", "person.deactivated", "person.reactivated", "role.ended",
    "password.reset", "letter.printed", "lock.lifted", "passkey.added", "passkey.removed",
    "authenticator_app.added", "authenticator_app.removed", "recovery_codes.made", "recovery_code.used",
    "second_step.removed", "sign_on.linked", "sign_on.unlinked",
})  # fmt: skip
"""Entries of which nobody is told, and why."""


def row_of(event_type: str, kind: str) -> NoticeRow | None:
    """The row by which somebody was told of an entry; None of a kind that is told no more."""
    return next((row for row in NOTICES.get(event_type, ()) if row.kind == kind), None)
