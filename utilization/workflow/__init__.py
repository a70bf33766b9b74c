"""The one door: every change of state goes through here, with `by` (who) and `at` (when, aware, UTC).

A refusal is `Refused`, a lost race `Conflict`, a faulty input `Invalid`, and what is not there for the actor
`NotFound`. Each act is one transaction with its event; after an error nothing was written.
"""

from utilization.access import NotFound
from utilization.workflow.completeness import missing
from utilization.workflow.decisions import MEANINGS, approve, deny, preview_order, recommend
from utilization.workflow.diagnosis_code import chosen_code, diagnosis_codes
from utilization.workflow.dose_checks import DOSE_AGAIN, NOTHING_TO_CHECK, WEIGHT_AGAIN, Checked, check
from utilization.workflow.draft_answers import (
    DIAGNOSIS_CODE,
    DOSE,
    DOSE_BARE,
    DOSE_BY_PHARMACY,
    NO_UNIT,
    SUMMARY,
    asks_again,
)
from utilization.workflow.drafts import clean_answers, discard, is_code, save_draft, save_page, start_draft
from utilization.workflow.errors import Conflict, Invalid, Overtaken, Refused
from utilization.workflow.order_change import Order, asked_order
from utilization.workflow.patient_identity import (
    correct_patient,
    merge_patients,
    record_death,
    separate_patients,
    take_back_death,
)
from utilization.workflow.patients import Typed, add_patient, similar_patients, update_patient
from utilization.workflow.people import (
    add_department,
    bootstrap_site,
    deactivate,
    end_role,
    invite,
    reactivate,
    reset_password,
    set_role,
)
from utilization.workflow.permission import Action, actions
from utilization.workflow.presence import Presence, prove
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
    "MEANINGS",
    "NOTHING_TO_CHECK",
    "NO_UNIT",
    "SUMMARY",
    "WEIGHT_AGAIN",
    "Action",
    "Checked",
    "Conflict",
    "Invalid",
    "NotFound",
    "Order",
    "Overtaken",
    "Presence",
    "Reading",
    "Refused",
    "Saved",
    "Typed",
    "Unready",
    "actions",
    "add_department",
    "add_patient",
    "answer",
    "approve",
    "ask",
    "asked_order",
    "asks_again",
    "bootstrap_site",
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
    "end_role",
    "field_of",
    "invite",
    "is_code",
    "keep_unsent",
    "merge_patients",
    "missing",
    "mrn_fault",
    "note",
    "overtaken",
    "preview_order",
    "prove",
    "reactivate",
    "read_request",
    "recommend",
    "record_death",
    "refer",
    "release",
    "reset_password",
    "save_draft",
    "save_page",
    "sentence",
    "separate_patients",
    "set_role",
    "similar_patients",
    "start_draft",
    "submit",
    "take_back_death",
    "unsent_of",
    "update_patient",
    "withdraw",
]
