"""The one door: every change of state goes through here, with `by` (who) and `at` (when, aware, UTC).

A refusal is `Refused`, a lost race `Conflict`, a faulty input `Invalid`, and what is not there for the actor
`NotFound`. Each act is one transaction with its event; after an error nothing was written.
"""

from utilization.access import NotFound
from utilization.workflow import formulary, locks, people, prices, sent_form
from utilization.workflow.completeness import missing
from utilization.workflow.confirmations import Confirmations
from utilization.workflow.criteria_upload import MOST_BYTES
from utilization.workflow.decisions import (
    MEANINGS,
    DecisionTerms,
    approve,
    deny,
    needs_in_words,
    needs_of_approval,
    preview_order,
    recommend,
)
from utilization.workflow.diagnosis_code import chosen_code, diagnosis_codes
from utilization.workflow.dose_checks import DOSE_AGAIN, NOTHING_TO_CHECK, WEIGHT_AGAIN, Checked, check, rule_of
from utilization.workflow.draft_answers import (
    DIAGNOSIS_CODE,
    DOSE,
    DOSE_BARE,
    DOSE_BY_PHARMACY,
    IDENTIFIERS,
    MOST_IDENTIFIER,
    NO_UNIT,
    SUMMARY,
    asks_again,
)
from utilization.workflow.drafts import clean_answers, discard, is_code, save_draft, save_page, start_draft
from utilization.workflow.errors import Conflict, Invalid, Overtaken, Refused
from utilization.workflow.impact_question import (
    PreviewQuestion,
    ask_preview,
    begin_preview,
    end_in_failure,
    keep_findings,
    note_progress,
    preview_lost,
    preview_question,
)
from utilization.workflow.issued_document import keep_document, kept_document
from utilization.workflow.move_permission import PHARMACIST_ALONE, Action, actions
from utilization.workflow.order_change import (
    ORDER_PARTS,
    Order,
    asked_order,
    changed_order,
    gives_more,
    left_to_pharmacy,
    read_changes,
    traps_of_change,
)
from utilization.workflow.pack_proof import ENDED, Fault, PackReading, pack_reading, proof, remarked
from utilization.workflow.patient_identity import (
    correct_patient,
    merge_patients,
    record_death,
    separate_patients,
    take_back_death,
)
from utilization.workflow.patients import (
    BodyMeasures,
    PatientIdentity,
    TypedMeasure,
    add_patient,
    similar_patients,
    update_patient,
)
from utilization.workflow.people import (
    NewPerson,
    NewSite,
    add_department,
    bootstrap_site,
    deactivate,
    end_role,
    invite,
    reactivate,
    reset_password,
    set_role,
)
from utilization.workflow.presence import Presence, prove
from utilization.workflow.public_check_switch import MAY_OPEN, set_public_check
from utilization.workflow.reading import Reading, Unready, read_request
from utilization.workflow.review import ask, claim, note, refer, release
from utilization.workflow.submission import ATTESTATION, answer, mrn_fault, submit, withdraw
from utilization.workflow.text_input import clean_text, field_of, sentence
from utilization.workflow.transition import overtaken
from utilization.workflow.unsent_text import Saved, keep_unsent, unsent_of

__all__ = [
    "ATTESTATION",
    "DIAGNOSIS_CODE",
    "DOSE",
    "DOSE_AGAIN",
    "DOSE_BARE",
    "DOSE_BY_PHARMACY",
    "ENDED",
    "IDENTIFIERS",
    "MAY_OPEN",
    "MEANINGS",
    "MOST_BYTES",
    "MOST_IDENTIFIER",
    "NOTHING_TO_CHECK",
    "NO_UNIT",
    "ORDER_PARTS",
    "PHARMACIST_ALONE",
    "SUMMARY",
    "WEIGHT_AGAIN",
    "Action",
    "BodyMeasures",
    "Checked",
    "Confirmations",
    "Conflict",
    "DecisionTerms",
    "Fault",
    "Invalid",
    "NewPerson",
    "NewSite",
    "NotFound",
    "Order",
    "Overtaken",
    "PackReading",
    "PatientIdentity",
    "Presence",
    "PreviewQuestion",
    "Reading",
    "Refused",
    "Saved",
    "TypedMeasure",
    "Unready",
    "actions",
    "add_department",
    "add_patient",
    "answer",
    "approve",
    "ask",
    "ask_preview",
    "asked_order",
    "asks_again",
    "begin_preview",
    "bootstrap_site",
    "changed_order",
    "check",
    "chosen_code",
    "claim",
    "clean_answers",
    "clean_text",
    "correct_patient",
    "deactivate",
    "deny",
    "diagnosis_codes",
    "discard",
    "end_in_failure",
    "end_role",
    "field_of",
    "formulary",
    "gives_more",
    "invite",
    "is_code",
    "keep_document",
    "keep_findings",
    "keep_unsent",
    "kept_document",
    "left_to_pharmacy",
    "locks",
    "merge_patients",
    "missing",
    "mrn_fault",
    "needs_in_words",
    "needs_of_approval",
    "note",
    "note_progress",
    "overtaken",
    "pack_reading",
    "people",
    "preview_lost",
    "preview_order",
    "preview_question",
    "prices",
    "proof",
    "prove",
    "reactivate",
    "read_changes",
    "read_request",
    "recommend",
    "record_death",
    "refer",
    "release",
    "remarked",
    "reset_password",
    "rule_of",
    "save_draft",
    "save_page",
    "sent_form",
    "sentence",
    "separate_patients",
    "set_public_check",
    "set_role",
    "similar_patients",
    "start_draft",
    "submit",
    "take_back_death",
    "traps_of_change",
    "unsent_of",
    "update_patient",
    "withdraw",
]
