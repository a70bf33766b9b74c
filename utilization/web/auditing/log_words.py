"""Words of the auditor's pages for what was read and for what a log entry holds."""

READS = {
    "access_log": "who read the record (access log)",
    "alike": "patient pointed out as perhaps the same",
    "answer": "request, to answer",
    "approve": "request, to approve",
    "ask": "request, to ask for information",
    "audit": "request, in an audit",
    "claim": "request, to claim",
    "copy": "request, to copy it",
    "correct": "patient, to correct the record",
    "death": "patient, to record a death",
    "deny": "request, to deny",
    "discard": "draft, to discard",
    "document_check": "request, when its document was checked",
    "draft": "draft, while writing",
    "judged_again": "request, judged again in an audit",
    "justification": "justification (PDF)",
    "list": "patient’s name in a list",
    "measure": "patient’s measures",
    "merge": "patient, to merge two records",
    "note": "request, to add a note",
    "patient": "patient’s page",
    "recommend": "request, to recommend",
    "refer": "request, to refer",
    "release": "request, to release",
    "request": "request",
    "review": "request, in review",
    "search": "patient found by search",
    "start": "patient, to start a request",
    "submit": "draft, to submit",
    "withdraw": "request, to withdraw",
}
"""What was read, by the word under which `access` wrote it down."""

SIGN_INS = {
    "signed_in": "Signed in",
    "signed_out": "Signed out",
    "wrong_password": "Wrong password at sign-in",
    "unknown_name": "A name that nobody has, at sign-in",
    "door_locked": "Sign-in locked from this address",
    "left_out": "More failures today than are listed one by one",
    "wrong_signature": "Wrong password within a session",
    "signature_locked": "Signature locked for a day",
    "lock_lifted": "Lock lifted",
    "invited": "Account made",
    "reset": "Password reset",
    "reopened": "Account opened again",
    "deactivated": "Account closed",
    "confirmed": "Person confirmed",
    "link_mailed": "Link sent by mail",
    "letter_begun": "Letter asked for",
    "letter_printed": "Letter printed",
    "password_set": "Password set by a link",
    "password_changed": "Password changed",
    "role_given": "Role given",
    "role_ended": "Role ended",
    "factor_added": "Second factor added",
    "factor_removed": "Second factor removed",
}
"""What happened to the way into an account, by the code of `sign_in_log.SignInKind`."""

SIGN_IN_GROUPS = {
    "in": ("Signed in and out", ("signed_in", "signed_out")),
    "failures": (
        "Failures and locks",
        ("wrong_password", "unknown_name", "door_locked", "left_out", "wrong_signature", "signature_locked",
         "lock_lifted"),
    ),
    "links": (
        "Links and passwords",
        ("link_mailed", "letter_begun", "letter_printed", "password_set", "password_changed"),
    ),
    "accounts": ("Accounts and who confirmed them", ("invited", "reset", "reopened", "deactivated", "confirmed")),
    "roles": ("Roles", ("role_given", "role_ended")),
    "factors": ("Second factors", ("factor_added", "factor_removed")),
}  # fmt: skip
"""What the page narrows the list to: the words of a choice, and its codes."""
