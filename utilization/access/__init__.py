"""Who may do what, and who may see what: one rule, asked as `can`, `visible_requests` and `fetch_request`.

Everything comes from live memberships of an active account. Nobody is let in by default: an actor who is None or not
signed in gets "no" to everything.
"""

from utilization.access.absences import (
    PASSED,
    SIGNS,
    absence_of,
    away,
    away_people,
    cover_of,
    covering,
    covers,
    fetch_absence,
    possible_covers,
    spans,
    visible_absences,
)
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
from utilization.access.opinions import may_give_opinion, opinion_givers, opinions_asked_of, specialties_at
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
from utilization.access.people import (
    fetch_colleague,
    fetch_department,
    fetch_person,
    visible_colleagues,
    visible_people,
)
from utilization.access.permission import YES, Answer, can, free_to_answer, independent, not_appealed
from utilization.access.requesters import in_chain, requesters, writers
from utilization.access.requests import (
    fetch_request,
    handed_out,
    last_look,
    note_handed_out,
    note_listed,
    prescriber_arms,
    visible_requests,
)
from utilization.access.site_logos import visible_logos
from utilization.access.stage import STAGE_ROLES, able_reviewers, free_reviewers, may_take
from utilization.access.transfers import (
    STANDS,
    begun_elsewhere,
    departments_to_ask,
    fetch_transfer,
    moved_away,
    offered_transfers,
    open_transfer,
    origin_of,
    standing_for_same_use,
    transfer_behind,
)
from utilization.access.unattended_stages import UnattendedStage, unattended_for, unattended_stages
from utilization.access.verbal_orders import giver_left, left_by_giver, may_answer_order, stand_ins

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
    "PASSED",
    "READS_VERSIONS",
    "SIGNS",
    "STAGE_ROLES",
    "STANDS",
    "YEARS_APART",
    "YES",
    "Answer",
    "Likeness",
    "LookUp",
    "NotFound",
    "OtherImmunoglobulin",
    "UnattendedStage",
    "able_reviewers",
    "absence_of",
    "alike",
    "appeal_deciders",
    "away",
    "away_people",
    "begun_elsewhere",
    "by_mrn",
    "can",
    "confirmers",
    "cover_of",
    "covering",
    "covers",
    "department",
    "departments_to_ask",
    "fetch_absence",
    "fetch_attachment",
    "fetch_colleague",
    "fetch_delivery",
    "fetch_department",
    "fetch_draft",
    "fetch_export",
    "fetch_infusion",
    "fetch_notice",
    "fetch_patient",
    "fetch_person",
    "fetch_publication",
    "fetch_request",
    "fetch_transfer",
    "free_reviewers",
    "free_to_answer",
    "giver_left",
    "handed_out",
    "in_chain",
    "independent",
    "last_look",
    "left_by_giver",
    "look_up",
    "managed_deliveries",
    "may_answer_order",
    "may_give_opinion",
    "may_take",
    "moved_away",
    "not_appealed",
    "note_handed_out",
    "note_listed",
    "note_patients",
    "of_one_hand",
    "offered_transfers",
    "open_transfer",
    "opinion_givers",
    "opinions_asked_of",
    "origin_of",
    "other_immunoglobulin",
    "own_deliveries",
    "permissions",
    "possible_covers",
    "prescriber_arms",
    "recent_patients",
    "records_of",
    "requesters",
    "roles",
    "search_patients",
    "shown_for_confirmation",
    "sites",
    "spans",
    "specialties_at",
    "stand_ins",
    "standing_for_same_use",
    "standing_of",
    "standings",
    "stranded_appeals",
    "transfer_behind",
    "unattended_for",
    "unattended_stages",
    "visible_absences",
    "visible_colleagues",
    "visible_drafts",
    "visible_exports",
    "visible_logos",
    "visible_notices",
    "visible_patients",
    "visible_people",
    "visible_publications",
    "visible_requests",
    "why_not_confirm",
    "why_not_print",
    "why_not_sign",
    "writers",
]
