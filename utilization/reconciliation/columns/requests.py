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
            "department_id": "request.started: department; authorization.transferred: department",
            "patient_id": "request.started: patient; patient.merged and patient.separated: requests",
            "author_id": "request.started: actor",
            "copied_from_id": "request.started: copied_from",
            "indication": "request.started: indication",
            "changes": "request.started: changes; nothing where it tells none",
            "status": "the last move: to",
            "version": "the last move: version; free while a draft is written",
            "created_at": "request.started: time",
            "updated_at": "the last move: time; free while a draft is written",
            "submitted_at": "request.submitted: time",
            "ended_at": "the move that ended it: time",
            "ended_by_id": "the move that ended it: actor",
            "withdrawal_reason": "request.withdrawn, order.disowned: digest of the reason",
            "emergency": "request.submitted: emergency",
            "emergency_reason": "request.submitted: digest of the reason",
            "expedited": "the route of the submission that the last of the two vouches for",
            "due_at": "request.submitted, information.answered, appeal.filed: clock, else time and hours; "
            "information.asked stops it",
            "clock_left": "information.asked: clock_left",
            "clock_counts": "request.submitted, information.answered, appeal.filed: clock; hours where they tell none",
            "judged_as": "request.submitted, information.answered, appeal.filed: judged_as",
            "outcome": "request.submitted, information.answered, appeal.filed: outcome",
            "grams": "the plan of the submission that the last of the two vouches for",
            "holder_id": "request.claimed, request.assigned, request.passed: holder; none after request.released,"
            " request.claim_lapsed, request.freed and a move that takes it on",
            "held_at": "the same: time",
            "referred_at": "request.referred: time",
            "referred_by_id": "request.referred: actor",
            "referral_reason": "request.referred: digest of the reason",
        },
        {
            "draft": "words as typed; what counts is frozen with each submission",
            "entered": "who typed each word; what counts is frozen with each submission",
            "first_answers": "words of a draft that were replaced; the signals that follow are frozen when it is filed",
            "prefilled": "names of facts that a draft began with; how many were changed is frozen when it is filed",
        },
    ),
    "utilization_reminder": Table(
        {
            "request_id": "request.chased, request.escalated, first_dose.chased, first_dose.overdue, order.chased, "
            "order.giver_left, order.overdue: request",
            "kind": "the same: which of them; of those below, kind",
            "about": "the same: about",
            "at": "the same: time",
        },
        {"id": OWN_KEY},
    ),
    "utilization_submission": Table(
        {
            "request_id": "request.submitted, information.answered, appeal.filed: request",
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
            "request_id": "request.submitted, information.answered, appeal.filed: request",
            "user_id": "the same: actor, author of the request, and who entered facts of the submission; "
            "request.started: authors; "
            "first_dose.released: actor; order.taken: actor, ordered_by; order.confirmed and order.disowned in place "
            "of another: actor; "
            "peer_call.*: who acted for the department, and who spoke",
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
            "wanted_by": "information.asked: wanted_by",
            "answered_at": "information.answered: time",
            "answered_by_id": "information.answered: actor",
            "answer": "information.answered: digest of the answer",
            "not_given": "information.answered: not_given",
        }
    ),
    "utilization_answerpart": Table(
        {
            "id": "information.given_in_part: part",
            "request_id": "information.given_in_part: request",
            "question_id": "information.given_in_part: question",
            "at": "information.given_in_part: time",
            "by_id": "information.given_in_part: actor",
            "facts": "information.given_in_part: digest",
            "text": "information.given_in_part: digest",
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
    "utilization_message": Table(
        {
            "id": "message.written: message",
            "request_id": "message.written: request",
            "at": "message.written: time",
            "by_id": "message.written: actor",
            "side": "message.written: side",
            "to_side": "message.written: to",
            "to_person_id": "message.written: person",
            "answers_id": "message.written: answers",
            "text": "message.written: digest of the text",
        },
        {"uid": "a random name for forms: it says nothing of the message"},
    ),
    "utilization_attachment": Table(
        {
            "id": "attachment.added: attachment",
            "request_id": "attachment.added: request",
            "at": "attachment.added: time",
            "by_id": "attachment.added: actor",
            "name": "attachment.added: digest of the name",
            "kind": "attachment.added: kind",
            "size": "attachment.added: size",
            "sha256": "attachment.added: sha256",
            "removed_at": "attachment.removed: time",
            "removed_by_id": "attachment.removed: actor",
        },
        {"uid": "a random name for its address: it says nothing of the file"},
    ),
    "utilization_attachmentcontent": Table(
        {
            "attachment_id": "attachment.added: attachment; none after attachment.removed",
            "content": "attachment.added: sha256 of the bytes",
        },
        {"id": OWN_KEY},
    ),
    "utilization_decision": Table(
        {
            "id": "decision.*, appeal.*: decision",
            "request_id": "decision.*, appeal.*: request",
            "submission_id": "decision.*, appeal.*: submission",
            "kind": "decision.*, appeal.*: which of them",
            "choice": "decision.*, appeal.*: choice",
            "reason_code": "decision.*, appeal.*: reason_code",
            "reason": "decision.*, appeal.*: digest",
            "conditions": "decision.*, appeal.*: digest",
            "order": "decision.*, appeal.*: digest",
            "judgement": "decision.*, appeal.*: digest",
            "unmet": "decision.*, appeal.*: digest",
            "signed_by_id": "decision.*, appeal.*: actor",
            "signed_name": "decision.*, appeal.*: digest",
            "signed_role": "decision.*, appeal.*: digest",
            "signed_at": "decision.*, appeal.*: time",
            "time_zone": "decision.*, appeal.*: digest",
            "meaning": "decision.*, appeal.*: digest",
            "signer": "decision.*, appeal.*: digest, where it is kept",
            "presence": "decision.*, appeal.*: digest, where it is kept",
            "covering_for_id": "decision.*, appeal.*: covering_for",
            "covered_name": "decision.*, appeal.*: digest, where somebody is covered",
        }
    ),
    "utilization_appeal": Table(
        {
            "id": "appeal.filed: appeal",
            "request_id": "appeal.filed: request",
            "denial_id": "appeal.filed: denial",
            "submission_id": "appeal.filed: about",
            "grounds": "appeal.filed: digest of the grounds",
            "filed_at": "appeal.filed: time",
            "filed_by_id": "appeal.filed: actor",
            "filed_name": "appeal.filed: digest of the name",
            "file_by": "appeal.filed: file_by",
            "denial_due_at": "the request's due_at before appeal.filed",
        }
    ),
    # An approval is decision.approved or appeal.overturned.
    "utilization_authorization": Table(
        {
            "uid": "an approval: digest of the authorization",
            "number": "an approval: number",
            "request_id": "an approval: request",
            "decision_id": "an approval: decision",
            "site_id": "an approval: site",
            "patient_id": "the patient of the request at decision.approved",
            "indication": "an approval: digest of the authorization; before, that of the request",
            "product": "an approval: digest of the authorization; before, that of the submission",
            "grams_per_course": "an approval: digest of the authorization; before, the order that it gives",
            "courses": "an approval: digest of the authorization; before, the order that it gives",
            "interval_weeks": "an approval: digest of the authorization; before, the order that it gives",
            "valid_from": "an approval: from",
            "valid_to": "an approval: to",
            "review_by": "an approval: digest of the authorization",
            "voided_at": "request.withdrawn, order.disowned, patient.death_recorded, patient.merged,"
            " authorization.superseded, authorization.moved: time; authorization.discontinued: ended_at",
            "voided_because": "which of these it was; nothing after patient.death_taken_back",
        },
        {"id": OWN_KEY},
    ),
    "utilization_authorizationchange": Table(
        {
            "id": "authorization.discontinued and others of what became of it: change",
            "request_id": "the same: request",
            "kind": "the same: which of them",
            "at": "the same: time",
            "by_id": "the same: actor",
            "from_day": "authorization.discontinued: from_day",
            "reason": "authorization.discontinued: reason",
            "words": "the same: digest of the words",
            "product": "authorization.switched: product",
            "department_id": "authorization.transfer_asked and its answer: department",
            "answers_id": "authorization.transferred, .transfer_accepted, .transfer_declined: answers",
            "replaced_by_id": "authorization.superseded, .moved, .transfer_accepted, .transfer_ended: replaced_by",
        }
    ),
    "utilization_milestone": Table(
        {
            "id": "authorization.reminded, authorization.lapsed, authorization.bridged: milestone",
            "request_id": "the same: request",
            "kind": "the same: kind",
            "at": "the same: time",
            "until": "the same: until",
            "renewal": "the same: renewal",
        }
    ),
    "utilization_firstdose": Table(
        {
            "id": "first_dose.released: first_dose",
            "uid": "first_dose.released: digest",
            "request_id": "first_dose.released: request",
            "submission_id": "first_dose.released: about",
            "grams": "first_dose.released: digest",
            "product": "first_dose.released: digest",
            "because": "first_dose.released: digest",
            "ground": "first_dose.released: digest",
            "reason": "first_dose.released: digest",
            "off_criteria": "first_dose.released: digest",
            "released_at": "first_dose.released: time",
            "released_by_id": "first_dose.released: actor",
            "released_name": "first_dose.released: digest",
            "until": "first_dose.released: until",
            "review_by": "first_dose.released: review_by",
            "on_call": "first_dose.released: digest",
        }
    ),
    "utilization_verbalorder": Table(
        {
            "id": "order.taken: order",
            "request_id": "order.taken: request",
            "ordered_by_id": "order.taken: ordered_by",
            "ordered_name": "order.taken: digest",
            "taken_by_id": "order.taken: actor",
            "taken_name": "order.taken: digest",
            "taken_at": "order.taken: digest",
            "entered_at": "order.taken: time",
            "confirm_by": "order.taken: confirm_by",
            "answer": "order.confirmed, order.disowned: which of them",
            "answered_at": "the same: time",
            "reason": "order.disowned: digest of the reason",
            "stand_in_id": "order.confirmed, order.disowned: actor, in place of another; nobody before",
            "stand_in_name": "the same: digest of the name",
        }
    ),
    "utilization_infusion": Table(
        {
            "id": "infusion.recorded, infusion.corrected: infusion",
            "uid": "the same: digest",
            "request_id": "the same: request",
            "given_on": "the same: digest",
            "product": "the same: digest",
            "grams": "the same: digest",
            "lot": "the same: digest",
            "outside": "the same: digest",
            "reactions": "the same: digest",
            "words": "the same: digest",
            "recorded_at": "the same: time",
            "recorded_by_id": "the same: actor",
            "source_sha256": "the same: digest",
            "corrects_id": "the same: corrects",
            "in_error": "the same: in_error",
            "reason": "the same: digest",
        }
    ),
    "utilization_opinionquestion": Table(
        {
            "id": "opinion.asked: question",
            "request_id": "opinion.asked: request",
            "asked_at": "opinion.asked: time",
            "asked_by_id": "opinion.asked: actor",
            "asked_from": "opinion.asked: asked_from",
            "specialty": "opinion.asked: specialty",
            "person_id": "opinion.asked: person",
            "text": "opinion.asked: digest of the text",
            "closed_at": "opinion.given, opinion.taken_back, or the move that ended the request: time",
            "closed_by_id": "the same: actor",
            "closed_as": "the same: which of them",
        },
        {"uid": "a random name for its address: it says nothing of the question"},
    ),
    "utilization_opinion": Table(
        {
            "id": "opinion.given: opinion",
            "question_id": "opinion.given: question",
            "request_id": "opinion.given: request",
            "submission_id": "opinion.given: submission",
            "order": "opinion.given: digest",
            "at": "opinion.given: time",
            "by_id": "opinion.given: actor",
            "name": "opinion.given: digest",
            "leaning": "opinion.given: digest",
            "text": "opinion.given: digest",
            "missing": "opinion.given: digest",
        }
    ),
    "utilization_peercall": Table(
        {
            "id": "peer_call.offered: call",
            "request_id": "peer_call.offered: request",
            "offered_at": "peer_call.offered: time",
            "offered_by_id": "peer_call.offered: actor",
            "times": "peer_call.offered: times",
            "place": "peer_call.offered: digest of the place",
            "booked_for": "peer_call.booked: booked_for",
            "booked_at": "peer_call.booked: time",
            "booked_by_id": "peer_call.booked: actor",
            "closed_at": "peer_call.declined, peer_call.cancelled, peer_call.held, or the move that ended the request:"
            " time",
            "closed_by_id": "the same: actor",
            "closed_as": "the same: which of them",
            "outcome": "peer_call.held: outcome",
            "words": "peer_call.declined, peer_call.cancelled, peer_call.held: digest of the words",
            "spoke_id": "peer_call.held: spoke",
        },
        {"uid": "a random name for its address: it says nothing of the call"},
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
