"""The words that people read for the codes that the rules speak: one dictionary a kind of code.

Words are those of prescribers, pharmacists and physicians; a code never reaches a page. Labels of facts are not
here but in the catalogue `rules.facts`, beside the type and unit that they belong to.
"""

from typing import NamedTuple

from utilization.rules import roles
from utilization.rules.roles import Role


class Sign(NamedTuple):
    """How a state is shown: in a word, by the outline of an icon of the sprite, and by a tone of the palette."""

    word: str
    icon: str
    tone: str
    sentence: str = ""


OUTCOMES = {
    "meets": Sign("Meets criteria", "meets", "good", "Every criterion that applies is met by what is known."),
    "does_not_meet": Sign(
        "Does not meet criteria",
        "does_not_meet",
        "bad",
        "Something known decides against, and no open answer can change it.",
    ),
    "exception_review": Sign(
        "Exception review",
        "exception_review",
        "weigh",
        "The evidence is insufficient, conflicting or silent, or a limit is exceeded: a person must weigh it.",
    ),
    "needs_information": Sign(
        "Needs information", "needs_information", "ask", "An open answer could still change the outcome."
    ),
}

RESULTS = {
    "met": Sign("Met", "met", "good"),
    "not_met": Sign("Not met", "not_met", "bad"),
    "unknown": Sign("Not known", "unknown", "ask"),
}

STATUSES = {
    "draft": Sign("Draft", "pencil", "idle", "Not yet submitted."),
    "discarded": Sign("Discarded", "withdrawn", "idle", "The draft was discarded and never submitted."),
    "pharmacist_review": Sign("With pharmacy", "hourglass", "work", "A pharmacist reviews it."),
    "physician_review": Sign("With physician", "hourglass", "work", "A physician reviewer decides."),
    "information_asked": Sign("Information asked", "speech", "ask", "The prescriber is asked; the clock is stopped."),
    "approved": Sign("Approved", "approved", "good", "Approved, with an authorization."),
    "denied": Sign("Denied", "denied", "bad", "Denied by a physician reviewer."),
    "appeal_review": Sign("Under appeal", "hourglass", "work", "A physician who did not decide before decides anew."),
    "withdrawn": Sign("Withdrawn", "withdrawn", "idle", "Withdrawn by the prescriber's side."),
}

AUTHORIZATION_STATES = {
    "live": Sign("Valid", "approved", "good"),
    "future": Sign("Valid later", "calendar", "idle"),
    "expired": Sign("Expired", "hourglass", "idle"),
    "void": Sign("Void", "denied", "bad"),
    "ended": Sign("Ended: patient died", "denied", "idle"),
    "stopped": Sign("Discontinued", "denied", "idle"),
    "replaced": Sign("Replaced", "denied", "idle"),
}

# Of a route's approvals too, which name the physician reviewer shorter.
ROLES = {role.value: row.word for role, row in roles.ROLES.items()} | {"physician": roles.ROLES[Role.PHYSICIAN].word}

# What happened, by the type of the event: the words of a timeline and the icon beside them.
PRESENCE = {
    "password": "by their password, typed again",
    "passkey": "by their passkey",
    "sso": "by single sign-on, confirmed a moment before",
    "totp": "by a code of their authenticator app",
}
"""How a signer proved to be there, by the kind that is kept with a signature; after “Signed”."""
EVENTS = {
    "request.started": ("Draft started", "pencil"),
    "request.submitted": ("Submitted", "send"),
    "request.discarded": ("Draft discarded", "withdrawn"),
    "request.claimed": ("Claimed for review", "person"),
    "request.released": ("Released to the queue", "inbox"),
    "request.claim_lapsed": ("Claim lapsed", "inbox"),
    "request.passed": ("Passed to who covers", "person"),
    "request.freed": ("Claim freed", "inbox"),
    "request.assigned": ("Given to a reviewer in turn", "person"),
    "request.referred": ("Referred to the physician", "route"),
    "request.withdrawn": ("Withdrawn", "withdrawn"),
    "attachment.added": ("File attached", "file"),
    "attachment.removed": ("File removed from the draft", "file"),
    "message.written": ("Message", "speech"),
    "opinion.asked": ("Second opinion asked for", "person"),
    "opinion.given": ("Second opinion given", "speech"),
    "opinion.taken_back": ("Second opinion no longer asked for", "withdrawn"),
    "peer_call.offered": ("Call offered to the prescriber", "calendar"),
    "peer_call.booked": ("Call booked", "calendar"),
    "peer_call.declined": ("No offered time fits", "calendar"),
    "peer_call.cancelled": ("Call cancelled", "withdrawn"),
    "peer_call.held": ("Outcome of the call recorded", "speech"),
    "request.chased": ("Reminder sent", "clock"),
    "request.escalated": ("Late: whom the site names is told", "warning"),
    "note.added": ("Internal note added", "note"),
    "information.asked": ("Information asked for", "speech"),
    "information.given_in_part": ("Answered in part", "speech"),
    "information.answered": ("Information given", "speech"),
    "decision.recommended": ("Recommendation signed", "sign"),
    "decision.approved": ("Approved", "approved"),
    "decision.denied": ("Denied", "denied"),
    "appeal.filed": ("Denial appealed", "route"),
    "appeal.upheld": ("Denial upheld on appeal", "denied"),
    "appeal.overturned": ("Denial overturned on appeal", "approved"),
    "first_dose.released": ("First dose released before the review", "dose"),
    "first_dose.chased": ("Reminded: a released first dose awaits its review", "clock"),
    "first_dose.overdue": ("Late: a released first dose was not reviewed", "warning"),
    "order.taken": ("Entered on a verbal order", "speech"),
    "order.confirmed": ("Verbal order confirmed", "sign"),
    "order.disowned": ("Verbal order disowned", "denied"),
    "order.chased": ("Reminded: a verbal order awaits its confirmation", "clock"),
    "order.giver_left": ("Told: who gave the verbal order has left", "person"),
    "order.overdue": ("Late: a verbal order was not confirmed", "warning"),
    "infusion.recorded": ("Infusion recorded", "dose"),
    "infusion.corrected": ("Infusion corrected", "pencil"),
    "authorization.reminded": ("Reminded of the end of the authorization", "calendar"),
    "authorization.lapsed": ("Authorization lapsed without a renewal", "hourglass"),
    "authorization.bridged": ("Bridging dose allowed: the renewal is overdue", "hourglass"),
    "authorization.discontinued": ("Authorization discontinued", "denied"),
    "authorization.superseded": ("Authorization replaced by another", "history"),
    "authorization.switched": ("Product switched", "pencil"),
    "authorization.transfer_asked": ("Transfer asked for", "route"),
    "authorization.transferred": ("Transferred to another department", "route"),
    "authorization.transfer_declined": ("Transfer declined", "route"),
    "authorization.transfer_accepted": ("Request begun at another hospital", "route"),
    "authorization.transfer_ended": ("Request at the other hospital ended without an approval", "route"),
    "authorization.moved": ("Authorization ended: another hospital has one", "history"),
    "document.issued": ("Justification issued", "note"),
    "document.taken_over": ("Justification of an earlier version vouched for", "sign"),
}

APPEALS = {
    "open": "Appeal not decided yet",
    "upheld": "Denial upheld on appeal",
    "overturned": "Denial overturned on appeal",
    "withdrawn": "Withdrawn during the appeal",
}
"""What became of an appeal, by the code of a summary."""

# What was done to an account, by the code of `rules.account_owner`.
ACCOUNT_DEEDS = {
    "made": "Made",
    "reset": "Password reset",
    "reopened": "Opened again",
    "linked": "Single sign-on entered",
    "confirmed": "Confirmed",
    "before": "Confirmed before this was kept",
}


class Caution(NamedTuple):
    """A warning code in words: a short title, and a sentence that says what it asks of the reader."""

    title: str
    text: str


WARNINGS = {
    "other_immunoglobulin": Caution(
        "Other immunoglobulin for this patient",
        "The same patient has another authorization or open request, for whichever indication.",
    ),
    "extrapolated_evidence_children": Caution(
        "Evidence extrapolated to children", "The trials enrolled adults; the use in children rests on inference."
    ),
    "insufficient_evidence": Caution(
        "Insufficient evidence", "The sources find too little evidence to support or reject this use."
    ),
    "weak_evidence": Caution("Weak evidence", "The sources rest this use on weak evidence."),
    "single_source_evidence": Caution("Evidence from a single source", "Only one trial or source supports this use."),
    "evidence_conflict": Caution("The sources disagree", "The sources give different advice for this case."),
    "dose_not_established": Caution("No established dose", "The sources establish no dose for this use."),
    "dose_exceeds_limit": Caution(
        "Dose above the limit", "The course exceeds the highest dose that the criteria allow."
    ),
    "daily_dose_exceeds_limit": Caution("Daily dose above the limit", "The grams a day exceed the limit."),
    "infusion_rate_exceeds_limit": Caution(
        "Infusion rate above the limit", "The rate exceeds the highest rate of the product's label."
    ),
    "maintenance_dose_not_established": Caution(
        "No established maintenance dose", "The sources establish no dose for continued treatment."
    ),
    "duration_interval_not_established": Caution(
        "No established duration or interval", "The sources establish neither how long nor how often to treat."
    ),
    "possible_overuse_long_term_cidp": Caution(
        "Possible overuse in long-term CIDP",
        "Some patients with chronic inflammatory demyelinating polyneuropathy (CIDP) are treated longer than needed: "
        "say why treatment should continue.",
    ),
    "long_term_not_practical_ms": Caution(
        "Long-term use in MS is questioned", "The sources doubt that long-term use in multiple sclerosis is practical."
    ),
    "authorization_duration_capped": Caution(
        "Duration shortened", "The months asked for exceed what one authorization may allow."
    ),
    "response_review_overdue": Caution("Response review overdue", "The response should have been assessed by now."),
    "dose_reduction_review_overdue": Caution(
        "Dose reduction overdue", "A lower dose should have been tried, or a reason given, by now."
    ),
    "adjusted_weight_applied": Caution("Adjusted weight used", "The dose is planned on adjusted body weight."),
    "dose_rounded": Caution("Dose rounded", "The grams to give differ from the exact target."),
    "product_contraindicated": Caution(
        "Product contraindicated", "The product does not fit the route, or a known condition speaks against it."
    ),
    "iga_deficiency_anti_iga": Caution(
        "IgA deficiency with antibodies",
        "Immunoglobulin A (IgA) deficiency with anti-IgA antibodies: severe hypersensitivity is possible.",
    ),
    "pregnancy_breastfeeding_safety_unknown": Caution(
        "Pregnancy or breastfeeding", "Safety in pregnancy and breastfeeding is not established."
    ),
    "thrombosis_risk": Caution("Thrombosis risk", "The patient has had a thrombosis."),
    "myocardial_infarction_risk": Caution("Myocardial infarction risk", "The patient has had a myocardial infarction."),
    "heart_failure_risk": Caution("Heart failure risk", "The patient has heart failure: mind the fluid load."),
    "renal_failure_risk": Caution("Renal failure risk", "The patient has renal impairment."),
    "aseptic_meningitis_risk": Caution("Aseptic meningitis risk", "The patient has had aseptic meningitis."),
    "urticaria_hypersensitivity_risk": Caution(
        "Urticaria or hypersensitivity risk", "The patient has had urticaria with IVIG or a hypersensitivity reaction."
    ),
}

# How strong a statement is: grades that a source gives itself, and what the makers of the pack call the rest.
STRENGTHS = {
    "strong": "strong evidence",
    "moderate": "moderate evidence",
    "weak": "weak evidence",
    "controlled_trials": "controlled trials",
    "negative_trials": "trials without benefit",
    "expert_opinion": "expert opinion",
    "extrapolated": "extrapolated",
    "insufficient": "insufficient evidence",
    "theoretical": "theoretical",
    "unknown": "strength not known",
    "policy": "policy",
    "not_graded": "not graded",
}

# Codes inside a dose plan.
WEIGHT_BASES = {
    "actual": "actual weight",
    "adjusted": "adjusted weight",
    "ideal": "ideal weight",
    "pre_pregnancy": "weight before pregnancy",
}


def plain(code: str) -> str:
    """A code that no dictionary knows, made readable rather than refused: a page must not fail for want of a word."""
    return str(code).replace("_", " ").replace(".", ": ").strip().capitalize()


def sign_of(code: str, signs: dict[str, Sign]) -> Sign:
    """The sign of `code` among `signs`; an unknown code is shown plainly, in the neutral tone."""
    return signs.get(str(code)) or Sign(plain(code), "info", "idle")


def warning(code: str) -> Caution:
    """Title and sentence of a warning code."""
    return WARNINGS.get(str(code)) or Caution(plain(code), "")
