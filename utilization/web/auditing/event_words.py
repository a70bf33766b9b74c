"""Words of the auditor's pages for the kinds of entries in the event log, in groups of what they are about."""

from collections.abc import Mapping

from utilization.rules.words import EVENTS

CRITERIA_EVENTS: Mapping[str, str] = {
    "criteria.started": "Draft of criteria started",
    "criteria.saved": "File of a draft saved",
    "criteria.uploaded": "Files uploaded into a draft",
    "criteria.deleted": "File of a draft deleted",
    "criteria.discarded": "Draft of criteria discarded",
    "criteria.proposed": "Criteria proposed",
    "criteria.sent_back": "Criteria sent back",
    "criteria.published": "Criteria published",
}
"""What the committee did."""

EVENT_GROUPS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "requests": ("Requests", {code: word for code, (word, _) in EVENTS.items()}),
    "patients": (
        "Patients",
        {
            "patient.added": "Patient added",
            "patient.measured": "Patient measured",
            "patient.corrected": "Patient’s record corrected",
            "patient.merged": "Two records merged",
            "patient.separated": "Merged records separated",
            "patient.death_recorded": "Death recorded",
            "patient.death_taken_back": "Death taken back",
        },
    ),
    "transfers": (
        "Transfers from another hospital",
        {
            "transfer.offered": "Department asked by another hospital to take over",
            "transfer.declined": "Transfer from another hospital declined",
        },
    ),
    "people": (
        "People and accounts",
        {
            "person.invited": "Person invited",
            "person.confirmed": "Person confirmed",
            "person.deactivated": "Account closed",
            "person.reactivated": "Account opened again",
            "role.given": "Role given",
            "role.ended": "Role ended",
            "administrator.restored": "Administrator restored on the server",
            "person.specialties": "Specialties changed",
            "password.reset": "Password reset",
            "letter.printed": "Letter printed",
            "lock.lifted": "Lock lifted",
            "passkey.added": "Passkey added",
            "passkey.removed": "Passkey removed",
            "authenticator_app.added": "Authenticator app added",
            "authenticator_app.removed": "Authenticator app removed",
            "recovery_codes.made": "Recovery codes made",
            "recovery_code.used": "Recovery code used",
            "second_step.removed": "Second step removed",
            "sign_on.linked": "Single sign-on entered",
            "sign_on.unlinked": "Single sign-on removed",
            "absence.entered": "Absence entered",
            "absence.ended": "Absence ended early",
            "queue.uncovered": "Queue without anybody",
        },
    ),
    "criteria": ("Criteria", CRITERIA_EVENTS),
    "site": (
        "The site",
        {
            "site.founded": "Site founded",
            "site.signing_rule": "Rule for signing changed",
            "site.reports": "Settings of reports changed",
            "site.clock": "Clock of the site set",
            "site.appeal_days": "Days for an appeal changed",
            "site.claims": "Settings of claims changed",
            "site.emergencies": "Settings of emergencies changed",
            "site.hospital": "Name, address or time zone changed",
            "site.usual_product": "Usual product changed",
            "site.logo": "Logo changed",
            "site.mail_sender": "Sender of mail changed",
            "department.added": "Department added",
            "department.renamed": "Department renamed",
            "department.closed": "Department closed",
            "department.reopened": "Department opened again",
            "price.entered": "Price entered",
            "check.opened": "Public check opened",
            "check.closed": "Public check closed",
        },
    ),
    "exports": (
        "Exports, documents, texts",
        {
            "export.identified": "Export that names patients",
            "export.fetched": "File that names patients handed out",
            "snapshot.exported": "Snapshot that names patients",
            "document.taken_over": "Document of before taken over into the log",
            "digest.forgotten": "Text forgotten",
        },
    ),
}
"""By the code of a group: its title, and its kinds in words."""

EVENT_WORDS: Mapping[str, str] = {code: word for _, kinds in EVENT_GROUPS.values() for code, word in kinds.items()}

READ_GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "lists": ("Lists and searches", ("list", "search", "alike")),
    "requests": (
        "Requests opened",
        ("request", "review", "draft", "justification", "justifications", "copy", "start", "attachment"),
    ),
    "authorizations": ("Authorizations and infusions", ("authorization", "authorization_check", "infusion")),
    "acts": (
        "Acts on a request",
        ("answer", "answer_in_part", "appeal", "approve", "ask", "attach", "call", "claim", "confirm_order", "deny",
         "discard", "disown_order", "message", "note", "opinion", "overturn", "recommend", "refer", "release", "submit",
         "take_order", "treat", "unattach", "uphold", "withdraw"),
    ),
    "patients": ("Patients’ records", ("patient", "measure", "correct", "merge", "death")),
    "audit": (
        "Audits",
        ("audit", "audit_list", "judged_again", "access_log", "document_check", "export", "evidence", "snapshot"),
    ),
}  # fmt: skip
"""By the code of a group of reads: its title, and the words under which `access` wrote them down."""
