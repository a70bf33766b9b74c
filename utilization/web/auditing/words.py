"""Words of the auditor's pages for what was read and for what a log entry holds."""

READS = {
    "access_log": "who read the record (access log)",
    "answer": "request, to answer",
    "approve": "request, to approve",
    "ask": "request, to ask for information",
    "audit": "request, in an audit",
    "claim": "request, to claim",
    "copy": "request, to copy it",
    "deny": "request, to deny",
    "discard": "draft, to discard",
    "draft": "draft, while writing",
    "judged_again": "request, judged again in an audit",
    "justification": "justification (PDF)",
    "list": "patient’s name in a list",
    "measure": "patient’s measures",
    "note": "request, to add a note",
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
