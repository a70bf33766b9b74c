"""What may happen to a request, written apart from the code that decides it. A person reviews this file.

`ALLOWED` names every verb that anyone may do, per status, with who may do it and where the request goes. The requests
are Petra's, of Neurology at North, for CIDP; the criteria are met, so one pharmacist may approve. Whatever is not
here is refused, or, to people who may not see the request, does not exist.
"""

PRESCRIBERS = {"petra", "paul"}  # the author, and a colleague of the department
PHARMACISTS = {"fern", "felix"}
PHYSICIANS = {"mira", "max"}
REVIEWERS_OF_TWO_KINDS = {"dora"}  # prescribes in the same department, reviews as pharmacist and as physician
EVERYBODY = {
    "petra", "paul", "rosa", "fern", "felix", "mira", "max", "audrey", "forrest", "adam", "sam", "sue", "saul", "dora",
}  # fmt: skip

AT_PHARMACIST = PHARMACISTS | REVIEWERS_OF_TWO_KINDS
AT_PHYSICIAN = PHYSICIANS | REVIEWERS_OF_TWO_KINDS
OF_DEPARTMENT = PRESCRIBERS | REVIEWERS_OF_TWO_KINDS
UNDECIDED = ("pharmacist_review", "physician_review", "information_asked")

ALLOWED = {
    # (status, verb): (who, status afterwards)
    ("draft", "submit"): ({"petra"}, "pharmacist_review"),
    ("draft", "discard"): ({"petra"}, "discarded"),
    ("pharmacist_review", "claim"): (AT_PHARMACIST, "pharmacist_review"),
    ("pharmacist_review", "note"): (AT_PHARMACIST, "pharmacist_review"),
    ("pharmacist_review", "ask"): (AT_PHARMACIST, "information_asked"),
    ("pharmacist_review", "recommend"): (AT_PHARMACIST, "physician_review"),
    ("pharmacist_review", "refer"): (AT_PHARMACIST, "physician_review"),
    ("pharmacist_review", "approve"): (AT_PHARMACIST, "approved"),
    ("pharmacist_review", "withdraw"): (OF_DEPARTMENT, "withdrawn"),
    ("physician_review", "claim"): (AT_PHYSICIAN, "physician_review"),
    ("physician_review", "note"): (AT_PHYSICIAN, "physician_review"),
    ("physician_review", "ask"): (AT_PHYSICIAN, "information_asked"),
    ("physician_review", "approve"): (AT_PHYSICIAN, "approved"),
    ("physician_review", "deny"): (AT_PHYSICIAN, "denied"),
    ("physician_review", "withdraw"): (OF_DEPARTMENT, "withdrawn"),
    ("information_asked", "answer"): (OF_DEPARTMENT, "pharmacist_review"),
    ("information_asked", "answer_in_part"): (OF_DEPARTMENT, "information_asked"),
    ("information_asked", "withdraw"): (OF_DEPARTMENT, "withdrawn"),
    ("approved", "withdraw"): (OF_DEPARTMENT, "withdrawn"),
    # Mira denied it, so the other physician decides the appeal; whoever files the appeal writes a part of it.
    ("denied", "appeal"): (OF_DEPARTMENT, "appeal_review"),
    ("appeal_review", "claim"): ({"max", "dora"}, "appeal_review"),
    ("appeal_review", "note"): (AT_PHYSICIAN, "appeal_review"),
    ("appeal_review", "uphold"): ({"max", "dora"}, "denied"),
    ("appeal_review", "overturn"): ({"max", "dora"}, "approved"),
    ("appeal_review", "withdraw"): (OF_DEPARTMENT, "withdrawn"),
    # Before it is decided, its department may treat first or say on whose word it was written. None of these requests
    # has a verbal order yet, so nobody confirms or disowns one.
    **{(at, verb): (OF_DEPARTMENT, at) for at in UNDECIDED for verb in ("treat", "take_order")},
}

HELD_ALLOWED = {
    # The same while Felix, at the pharmacist's, or Max, at the physician's, holds the request.
    ("pharmacist_review", "claim"): ({"fern", "dora"}, "pharmacist_review"),
    ("pharmacist_review", "release"): (AT_PHARMACIST, "pharmacist_review"),
    ("pharmacist_review", "note"): (AT_PHARMACIST, "pharmacist_review"),
    ("pharmacist_review", "ask"): ({"felix"}, "information_asked"),
    ("pharmacist_review", "recommend"): ({"felix"}, "physician_review"),
    ("pharmacist_review", "refer"): ({"felix"}, "physician_review"),
    ("pharmacist_review", "approve"): ({"felix"}, "approved"),
    ("pharmacist_review", "withdraw"): (OF_DEPARTMENT, "withdrawn"),
    ("physician_review", "claim"): ({"mira", "dora"}, "physician_review"),
    ("physician_review", "release"): (AT_PHYSICIAN, "physician_review"),
    ("physician_review", "note"): (AT_PHYSICIAN, "physician_review"),
    ("physician_review", "ask"): ({"max"}, "information_asked"),
    ("physician_review", "approve"): ({"max"}, "approved"),
    ("physician_review", "deny"): ({"max"}, "denied"),
    ("physician_review", "withdraw"): (OF_DEPARTMENT, "withdrawn"),
    ("appeal_review", "claim"): ({"dora"}, "appeal_review"),
    ("appeal_review", "release"): (AT_PHYSICIAN, "appeal_review"),
    ("appeal_review", "note"): (AT_PHYSICIAN, "appeal_review"),
    ("appeal_review", "uphold"): ({"max"}, "denied"),
    ("appeal_review", "overturn"): ({"max"}, "approved"),
    ("appeal_review", "withdraw"): (OF_DEPARTMENT, "withdrawn"),
    **{(at, verb): (OF_DEPARTMENT, at) for at in UNDECIDED[:2] for verb in ("treat", "take_order")},
}

FILES_AGAIN = {"petra"}
"""Submitting what one has filed already is no error and changes nothing, wherever the request stands by then."""

SEES = {
    # Who may see the request at all; to everybody else it does not exist.
    "draft": {"petra", "audrey"},
    "discarded": {"petra", "audrey"},
    "filed": {"petra", "paul", "dora", "fern", "felix", "mira", "max", "audrey"},
}

EVENTS = {
    "submit": "request.submitted",
    "discard": "request.discarded",
    "claim": "request.claimed",
    "release": "request.released",
    "note": "note.added",
    "ask": "information.asked",
    "answer": "information.answered",
    "answer_in_part": "information.given_in_part",
    "recommend": "decision.recommended",
    "refer": "request.referred",
    "approve": "decision.approved",
    "deny": "decision.denied",
    "appeal": "appeal.filed",
    "uphold": "appeal.upheld",
    "overturn": "appeal.overturned",
    "withdraw": "request.withdrawn",
    "treat": "first_dose.released",
    "take_order": "order.taken",
    "confirm_order": "order.confirmed",
    "disown_order": "order.disowned",
}
