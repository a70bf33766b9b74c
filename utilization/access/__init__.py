"""Who may do what, and who may see what: one rule, asked as `can`, `visible_requests` and `fetch_request`.

Everything comes from live memberships of an active account. Nobody is let in by default: an actor who is None or not
signed in gets "no" to everything.
"""

from utilization.access.accounts import (
    NO_LETTER,
    NOTHING_OPEN,
    confirmers,
    of_one_hand,
    shown_for_confirmation,
    standing_of,
    standings,
    why_not_confirm,
    why_not_print,
    why_not_sign,
)
from utilization.access.appeals import appeal_deciders, stranded_appeals
from utilization.access.attachments import fetch_attachment
from utilization.access.criteria_versions import (
    READS_VERSIONS,
    fetch_draft,
    fetch_publication,
    visible_drafts,
    visible_publications,
)
from utilization.access.exports import fetch_export, visible_exports
from utilization.access.fetch import NotFound
from utilization.access.infusions import fetch_infusion
from utilization.access.likeness import MOST_ALIKE, MOST_COMPARED, YEARS_APART, Likeness, alike
from utilization.access.look_up import MOST_REQUESTS, LookUp, look_up
from utilization.access.membership import department, permissions, roles, sites
from utilization.access.notices import (
    fetch_delivery,
    fetch_notice,
    managed_deliveries,
    own_deliveries,
    visible_notices,
)
from utilization.access.other_immunoglobulin import OTHER_IMMUNOGLOBULIN, OtherImmunoglobulin, other_immunoglobulin
from utilization.access.patient_search import MAX_FOUND, MAX_TYPED, by_mrn, search_patients
from utilization.access.patients import (
    MOST_RECENT,
    fetch_patient,
    note_patients,
    recent_patients,
    records_of,
    visible_patients,
)
from utilization.access.people import fetch_colleague, fetch_person, visible_colleagues, visible_people
from utilization.access.permission import YES, Answer, can, free_to_answer, independent, not_appealed
from utilization.access.requests import (
    fetch_request,
    handed_out,
    last_look,
    note_handed_out,
    note_listed,
    prescriber_arms,
    visible_requests,
)

__all__ = [
    "MAX_FOUND",
    "MAX_TYPED",
    "MOST_ALIKE",
    "MOST_COMPARED",
    "MOST_RECENT",
    "MOST_REQUESTS",
    "NOTHING_OPEN",
    "NO_LETTER",
    "OTHER_IMMUNOGLOBULIN",
    "READS_VERSIONS",
    "YEARS_APART",
    "YES",
    "Answer",
    "Likeness",
    "LookUp",
    "NotFound",
    "OtherImmunoglobulin",
    "alike",
    "appeal_deciders",
    "by_mrn",
    "can",
    "confirmers",
    "department",
    "fetch_attachment",
    "fetch_colleague",
    "fetch_delivery",
    "fetch_draft",
    "fetch_export",
    "fetch_infusion",
    "fetch_notice",
    "fetch_patient",
    "fetch_person",
    "fetch_publication",
    "fetch_request",
    "free_to_answer",
    "handed_out",
    "independent",
    "last_look",
    "look_up",
    "managed_deliveries",
    "not_appealed",
    "note_handed_out",
    "note_listed",
    "note_patients",
    "of_one_hand",
    "other_immunoglobulin",
    "own_deliveries",
    "permissions",
    "prescriber_arms",
    "recent_patients",
    "records_of",
    "roles",
    "search_patients",
    "shown_for_confirmation",
    "sites",
    "standing_of",
    "standings",
    "stranded_appeals",
    "visible_colleagues",
    "visible_drafts",
    "visible_exports",
    "visible_notices",
    "visible_patients",
    "visible_people",
    "visible_publications",
    "visible_requests",
    "why_not_confirm",
    "why_not_print",
    "why_not_sign",
]
