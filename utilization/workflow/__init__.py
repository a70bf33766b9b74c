"""The one door: every change of state goes through here, with `by` (who) and `at` (when, aware, UTC).

A refusal is `Refused`, a lost race `Conflict`, a faulty input `Invalid`, and what is not there for the actor
`NotFound`. Each act is one transaction with its event; after an error nothing was written.
"""

from utilization.access import NotFound
from utilization.workflow.decisions import MEANINGS, approve, deny, preview_order, recommend
from utilization.workflow.drafts import discard, save_draft, save_page, start_draft
from utilization.workflow.errors import Conflict, Invalid, Refused
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
from utilization.workflow.reading import intake, judge_draft
from utilization.workflow.review import ask, claim, note, refer, release
from utilization.workflow.submission import ATTESTATION, answer, mrn_fault, submit, withdraw
from utilization.workflow.unsent_text import Saved, keep_unsent, unsent_of

__all__ = [
    "ATTESTATION",
    "MEANINGS",
    "Action",
    "Conflict",
    "Invalid",
    "NotFound",
    "Order",
    "Presence",
    "Refused",
    "Saved",
    "Typed",
    "actions",
    "add_department",
    "add_patient",
    "answer",
    "approve",
    "ask",
    "asked_order",
    "bootstrap_site",
    "claim",
    "correct_patient",
    "deactivate",
    "deny",
    "discard",
    "end_role",
    "intake",
    "invite",
    "judge_draft",
    "keep_unsent",
    "merge_patients",
    "mrn_fault",
    "note",
    "preview_order",
    "prove",
    "reactivate",
    "recommend",
    "record_death",
    "refer",
    "release",
    "reset_password",
    "save_draft",
    "save_page",
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
