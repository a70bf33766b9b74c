"""The one door: every change of state goes through here, with `by` (who) and `at` (when, aware, UTC).

A refusal is `Refused`, a lost race `Conflict`, a faulty input `Invalid`, and what is not there for the actor
`NotFound`. Each act is one transaction with its event; after an error nothing was written.
"""

from utilization.access import NotFound
from utilization.order_terms import ORDER_PARTS, Order, asked_order
from utilization.workflow import (
    account_confirmation,
    departments,
    formulary,
    hospital_settings,
    locks,
    mail_sender,
    notices,
    one_time_codes,
    password_letter,
    people,
    prices,
    reminders,
    restored_administrator,
    sent_form,
    shared_limits,
    signing_rule,
    single_sign_on,
    site_clock,
    site_logo,
    usual_product,
)
from utilization.workflow.absences import TypedAbsence, end_absence, enter_absence, tell_uncovered
from utilization.workflow.access_batch import close_access, close_sign_ins
from utilization.workflow.appeal import (
    APPEAL_ATTESTATION,
    appeal,
    appeal_is_late,
    last_day_to_appeal,
    set_appeal_days,
)
from utilization.workflow.attachments import (
    MOST_ATTACHMENT_BYTES,
    MOST_ATTACHMENTS,
    CheckedFile,
    attach,
    check_file,
    may_attach,
    remove_attachment,
)
from utilization.workflow.authorization_change import discontinue, switch_product
from utilization.workflow.claim_lapse import lapse_claims
from utilization.workflow.claim_settings import MOST_CLAIM_HOURS, set_claim_settings
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
    overturn,
    preview_order,
    recommend,
    uphold,
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
from utilization.workflow.drafts import (
    clean_answers,
    discard,
    is_code,
    save_draft,
    save_page,
    start_draft,
    start_from_denial,
)
from utilization.workflow.emergency_settings import (
    MOST_EMERGENCY_HOURS,
    MOST_ON_CALL_NAME,
    MOST_ON_CALL_PHONE,
    EmergencySettings,
    set_emergency_settings,
)
from utilization.workflow.errors import AccountChanged, Conflict, Invalid, Overtaken, Refused, TooLate
from utilization.workflow.expiry import clear_away
from utilization.workflow.export_order import (
    EVIDENCE,
    FORMS,
    KEPT_FOR,
    LOST_AFTER,
    MOST_REASON,
    ExportOrder,
    ask_export,
    begin_export,
    fail_export,
    keep_export,
    note_export_fetched,
    note_export_progress,
    note_export_removed,
    outdated_exports,
    take_up_export,
)
from utilization.workflow.first_dose import FirstDoseOffer, first_dose_offer, treat
from utilization.workflow.first_dose_reminders import remind_of_first_doses
from utilization.workflow.first_site import NewSite, bootstrap_site, found_site, further_site
from utilization.workflow.forgotten_digests import forget_digests
from utilization.workflow.freed_claims import begin_absences, free_requesters
from utilization.workflow.hospital_transfer import MOST_MRN, Arrival
from utilization.workflow.identified_export import export_reason, may_export, note_identified_export
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
from utilization.workflow.infusion_import import FileReport, LineFault, import_infusions
from utilization.workflow.infusions import correct_infusion, record_infusion, withdraw_infusion
from utilization.workflow.issued_document import (
    FINAL_EVENTS,
    Print,
    final_entries,
    keep_document,
    kept_document,
    note_unmade,
)
from utilization.workflow.log_check import (
    LogFindings,
    ask_log_check,
    begin_log_check,
    end_log_check,
    keep_log_check,
    keep_log_findings,
)
from utilization.workflow.log_recovery import EntryPutBack, begin_log_anew, put_back_entries
from utilization.workflow.messages import Addressee, addressees, sides_of, write_message
from utilization.workflow.milestones import tell_milestones
from utilization.workflow.move_permission import PHARMACIST_ALONE, Action, actions, may_act
from utilization.workflow.new_account import NewPerson
from utilization.workflow.older_documents import documents_without_entry, take_over_documents
from utilization.workflow.order_change import (
    changed_order,
    gives_more,
    left_to_pharmacy,
    read_changes,
    traps_of_change,
)
from utilization.workflow.pack_proof import (
    ENDED,
    EXAMPLES,
    Fault,
    PackReading,
    faults_as_typed,
    pack_reading,
    proof,
    proof_of_draft,
    remarked,
    remarked_before,
)
from utilization.workflow.passkey_sign_in import ask_sign_in, person_by_passkey
from utilization.workflow.passkeys import (
    MOST_PASSKEYS,
    Passkey,
    add_passkey,
    ask_passkey,
    begin_passkey,
    has_passkey,
    passkeys_of,
    prove_by_passkey,
    remove_passkey,
)
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
from utilization.workflow.peer_calls import (
    MOST_PLACE,
    book_call,
    cancel_call,
    decline_call,
    hold_call,
    is_reviewer,
    offer_call,
    speakers,
)
from utilization.workflow.people import (
    add_department,
    deactivate,
    end_role,
    invite,
    reactivate,
    reset_password,
    set_role,
)
from utilization.workflow.people_import import CheckedLine, PeopleReport, check_people, import_people
from utilization.workflow.presence import Presence, prove
from utilization.workflow.public_check_switch import MAY_OPEN, set_public_check
from utilization.workflow.reading import Reading, Unready, read_request
from utilization.workflow.report_settings import set_report_settings
from utilization.workflow.review import DAYS_TO_ANSWER, ask, claim, note, refer, release
from utilization.workflow.saved_filters import as_kept, remove_filter, rename_filter, save_filter
from utilization.workflow.second_opinions import ask_opinion, give_opinion, take_back_opinion
from utilization.workflow.specialties import set_specialties
from utilization.workflow.submission import ATTESTATION, answer, answer_in_part, mrn_fault, submit, withdraw
from utilization.workflow.text_input import clean_text, field_of, sentence
from utilization.workflow.transfer import answer_transfer, ask_transfer, transfer_to_answer
from utilization.workflow.transition import overtaken
from utilization.workflow.unsent_text import Saved, keep_unsent, unsent_of
from utilization.workflow.verbal_order import (
    TypedOrder,
    confirm_order,
    disown_order,
    order_givers,
    take_order,
)

__all__ = [
    "APPEAL_ATTESTATION", "ATTESTATION", "DAYS_TO_ANSWER", "DIAGNOSIS_CODE", "DOSE", "DOSE_AGAIN", "DOSE_BARE",
    "DOSE_BY_PHARMACY", "ENDED", "EVIDENCE", "EXAMPLES", "FINAL_EVENTS", "FORMS", "IDENTIFIERS", "KEPT_FOR",
    "LOST_AFTER",
    "MAY_OPEN", "MEANINGS", "MOST_ATTACHMENTS", "MOST_ATTACHMENT_BYTES", "MOST_BYTES", "MOST_CLAIM_HOURS",
    "MOST_EMERGENCY_HOURS", "MOST_IDENTIFIER", "MOST_MRN", "MOST_ON_CALL_NAME", "MOST_ON_CALL_PHONE", "MOST_PASSKEYS",
    "MOST_PLACE", "MOST_REASON", "NOTHING_TO_CHECK", "NO_UNIT", "ORDER_PARTS", "PHARMACIST_ALONE", "SUMMARY",
    "WEIGHT_AGAIN", "AccountChanged", "Action", "Addressee", "Arrival", "BodyMeasures", "Checked", "CheckedFile",
    "CheckedLine", "Confirmations", "Conflict", "DecisionTerms", "EmergencySettings", "EntryPutBack", "ExportOrder",
    "Fault",
    "FileReport", "FirstDoseOffer", "Invalid", "LineFault", "LogFindings", "NewPerson", "NewSite", "NotFound",
    "Order", "Overtaken", "PackReading", "Passkey", "PatientIdentity", "PeopleReport", "Presence", "PreviewQuestion",
    "Print", "Reading", "Refused", "Saved", "TooLate", "TypedAbsence", "TypedMeasure", "TypedOrder", "Unready",
    "account_confirmation", "actions", "add_department", "add_passkey", "add_patient", "addressees", "answer",
    "answer_in_part", "answer_transfer", "appeal", "appeal_is_late", "approve", "as_kept", "ask", "ask_export",
    "ask_log_check", "ask_opinion", "ask_passkey", "ask_preview", "ask_sign_in", "ask_transfer", "asked_order",
    "asks_again", "attach", "begin_absences", "begin_export", "begin_log_anew", "begin_log_check", "begin_passkey",
    "begin_preview", "book_call", "bootstrap_site", "cancel_call", "changed_order", "check", "check_file",
    "check_people", "chosen_code", "claim", "clean_answers", "clean_text", "clear_away", "close_access",
    "close_sign_ins", "confirm_order", "correct_infusion", "correct_patient", "deactivate", "decline_call", "deny",
    "departments", "diagnosis_codes", "discard", "discontinue", "disown_order", "documents_without_entry",
    "end_absence", "end_in_failure", "end_log_check", "end_role", "enter_absence", "export_reason", "fail_export",
    "faults_as_typed", "field_of", "final_entries", "first_dose_offer", "forget_digests", "formulary", "found_site",
    "free_requesters", "further_site",
    "give_opinion", "gives_more", "has_passkey", "hold_call", "hospital_settings", "import_infusions",
    "import_people", "invite",
    "is_code", "is_reviewer",
    "keep_document", "keep_export", "keep_findings", "keep_log_check", "keep_log_findings", "keep_unsent",
    "kept_document",
    "lapse_claims", "last_day_to_appeal", "left_to_pharmacy", "locks", "mail_sender", "may_act", "may_attach",
    "may_export",
    "merge_patients", "missing", "mrn_fault", "needs_in_words", "needs_of_approval", "note", "note_export_fetched",
    "note_export_progress", "note_export_removed", "note_identified_export", "note_progress", "note_unmade",
    "notices", "offer_call", "one_time_codes", "order_givers", "outdated_exports", "overtaken", "overturn",
    "pack_reading", "passkeys_of", "password_letter", "people", "person_by_passkey", "preview_lost",
    "preview_order", "preview_question", "prices", "proof", "proof_of_draft", "prove", "prove_by_passkey",
    "put_back_entries",
    "reactivate", "read_changes", "read_request", "recommend", "record_death", "record_infusion", "refer",
    "release", "remarked", "remarked_before", "remind_of_first_doses", "reminders", "remove_attachment",
    "remove_filter", "remove_passkey",
    "rename_filter", "reset_password", "restored_administrator", "rule_of", "save_draft", "save_filter", "save_page",
    "sent_form", "sentence", "separate_patients", "set_appeal_days", "set_claim_settings", "set_emergency_settings",
    "set_public_check", "set_report_settings", "set_role", "set_specialties", "shared_limits", "sides_of",
    "signing_rule", "similar_patients", "single_sign_on", "site_clock", "site_logo", "speakers",
    "start_draft", "start_from_denial",
    "submit", "switch_product", "take_back_death", "take_back_opinion", "take_order", "take_over_documents",
    "take_up_export", "tell_milestones", "tell_uncovered", "transfer_to_answer", "traps_of_change", "treat",
    "unsent_of", "update_patient", "uphold", "usual_product", "withdraw", "withdraw_infusion", "write_message",
]  # fmt: skip
