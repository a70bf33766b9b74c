"""Requests, and what people write and sign on them."""

from collections.abc import Mapping

from utilization.reconciliation.columns.table import OWN_KEY, Table

REQUESTS: Mapping[str, Table] = {
    "utilization_request": Table(
        {
            "id": "the key by which the entries about it are found",
            "uid": "every entry about it",
            "number": "request.submitted and later",
            "site_id": "request.started: site",
            "department_id": "request.started: department",
            "patient_id": "request.started: patient; patient.merged and patient.separated: requests",
            "author_id": "request.started: actor",
            "copied_from_id": "request.started: copied_from",
            "indication": "request.started: indication",
            "status": "the last move: to",
            "version": "the last move: version; free while a draft is written",
            "created_at": "request.started: time",
            "updated_at": "the last move: time; free while a draft is written",
            "submitted_at": "request.submitted: time",
            "ended_at": "the move that ended it: time",
            "ended_by_id": "the move that ended it: actor",
            "withdrawal_reason": "request.withdrawn: digest of the reason",
            "emergency": "request.submitted: emergency",
            "emergency_reason": "request.submitted: digest of the reason",
            "expedited": "the route of the submission that the last of the two vouches for",
            "due_at": "request.submitted, information.answered: time and hours; information.asked stops the clock",
            "clock_left": "information.asked: clock_left",
            "judged_as": "request.submitted, information.answered: judged_as",
            "outcome": "request.submitted, information.answered: outcome",
            "grams": "the plan of the submission that the last of the two vouches for",
            "holder_id": "request.claimed, request.assigned: holder; none after request.released, request.claim_lapsed"
            " and a move that takes it on",
            "held_at": "the same: time",
            "referred_at": "request.referred: time",
            "referred_by_id": "request.referred: actor",
            "referral_reason": "request.referred: digest of the reason",
        },
        {
            "draft": "words as typed; what counts is frozen with each submission",
            "entered": "who typed each word; what counts is frozen with each submission",
        },
    ),
    "utilization_submission": Table(
        {
            "request_id": "request.submitted, information.answered: request",
            "ordinal": "the same: submission",
            "created_at": "the same: time",
            "created_by_id": "the same: actor",
            "pack_id": "the same: pack and shelf",
            "author_name": "the same: digest",
            "author_department": "the same: digest",
            "attestation": "the same: digest",
            "as_of": "the same: digest",
            "indication": "the same: digest",
            "patient_as_filed": "the same: digest",
            "facts": "the same: digest",
            "entered": "the same: digest",
            "confirmed": "the same: digest",
            "acknowledged": "the same: digest",
            "justification": "the same: digest",
            "judgement": "the same: digest",
            "changes": "the same: digest",
            "checks": "the same: digest",
            "stated": "the same: digest",
        },
        {"id": OWN_KEY},
    ),
    "utilization_authorship": Table(
        {
            "request_id": "request.submitted, information.answered: request",
            "user_id": "the same: actor, author of the request, and who entered facts of the submission",
            "at": "the first of these entries: time",
        },
        {"id": OWN_KEY},
    ),
    "utilization_question": Table(
        {
            "id": "information.asked: question",
            "request_id": "information.asked: request",
            "asked_at": "information.asked: time",
            "asked_by_id": "information.asked: actor",
            "asked_from": "information.asked: from",
            "facts": "information.asked: facts",
            "text": "information.asked: digest of the text",
            "answered_at": "information.answered: time",
            "answered_by_id": "information.answered: actor",
            "answer": "information.answered: digest of the answer",
        }
    ),
    "utilization_note": Table(
        {
            "id": "note.added: note",
            "request_id": "note.added: request",
            "at": "note.added: time",
            "by_id": "note.added: actor",
            "text": "note.added: digest of the text",
        }
    ),
    "utilization_decision": Table(
        {
            "id": "decision.*: decision",
            "request_id": "decision.*: request",
            "submission_id": "decision.*: submission",
            "kind": "decision.*: which of them",
            "choice": "decision.*: choice",
            "reason_code": "decision.*: reason_code",
            "reason": "decision.*: digest",
            "conditions": "decision.*: digest",
            "order": "decision.*: digest",
            "judgement": "decision.*: digest",
            "unmet": "decision.*: digest",
            "signed_by_id": "decision.*: actor",
            "signed_name": "decision.*: digest",
            "signed_role": "decision.*: digest",
            "signed_at": "decision.*: time",
            "time_zone": "decision.*: digest",
            "meaning": "decision.*: digest",
            "signer": "decision.*: digest, where it is kept",
            "presence": "decision.*: digest, where it is kept",
        }
    ),
    "utilization_authorization": Table(
        {
            "uid": "decision.approved: digest of the authorization",
            "number": "decision.approved: number",
            "request_id": "decision.approved: request",
            "decision_id": "decision.approved: decision",
            "site_id": "decision.approved: site",
            "patient_id": "the patient of the request at decision.approved",
            "indication": "decision.approved: digest of the authorization; before, that of the request",
            "product": "decision.approved: digest of the authorization; before, that of the submission",
            "grams_per_course": "decision.approved: digest of the authorization; before, the order that it gives",
            "courses": "decision.approved: digest of the authorization; before, the order that it gives",
            "interval_weeks": "decision.approved: digest of the authorization; before, the order that it gives",
            "valid_from": "decision.approved: from",
            "valid_to": "decision.approved: to",
            "review_by": "decision.approved: digest of the authorization",
            "voided_at": "request.withdrawn, patient.death_recorded, patient.merged: time",
            "voided_because": "which of these it was; nothing after patient.death_taken_back",
        },
        {"id": OWN_KEY},
    ),
    "utilization_document": Table(
        {
            "request_id": "document.issued, document.taken_over: request",
            "value_sha256": "document.issued, document.taken_over: value_sha256",
            "sha256": "document.issued, document.taken_over: sha256",
            "content": "document.issued, document.taken_over: sha256 of the bytes",
            "made_at": "document.issued: time; document.taken_over: made_at",
            "has_proof": "document.issued: whether there is a hole for the proof; none with document.taken_over",
            "event_seq": "document.issued: number of the entry; none with document.taken_over",
        },
        {"id": OWN_KEY},
    ),
    "utilization_unmadedocument": Table(
        aside=dict.fromkeys(
            ("id", "request_id", "why", "tried_at"), "why there is no document yet: trying again says it anew"
        )
    ),
    "utilization_unsent": Table(
        aside=dict.fromkeys(
            ("id", "request_id", "user_id", "page", "typed", "updated_at"), "typed and not sent: nothing was done by it"
        )
    ),
    "utilization_numberseries": Table(
        aside=dict.fromkeys(
            ("id", "site_id", "prefix", "year", "last"), "a counter: the numbers that it gave stand in the entries"
        )
    ),
}
