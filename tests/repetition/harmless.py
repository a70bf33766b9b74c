"""Why an address needs no token: what sending its form again comes to. A person reviews this file.

What stands at `READS` writes nothing but that it was read. `VERSIONED` forms carry the version of the page, which the
first uses up: the same again is refused and changes nothing. `STATES` say how something shall be: the same again finds
it so, and writes no second entry. `LATEST` hand out something anew each time, of which the newest alone holds.
`SIGN_INS` belong to the session, where the second finds the first's.
"""

READS = {
    "look-up": "finds",
    "requests-new": "finds a patient",
    "patient-alike": "shows who may be the same",
    "request-indication": "finds an indication",
    "review-preview": "plans and judges an order in memory",
    "formulary-judge": "judges a case in memory",
    "formulary-faults": "reads a file of a draft while it is typed",
    "public-start": "finds an indication, and keeps nothing",
    "public-check": "judges a case, and keeps nothing",
    "audit-access": "finds entries",
    "audit-document": "checks a file, and keeps nothing of it",
    "authorization-check": "says whether grams may be given",
}
VERSIONED = {
    "request-discard": "a draft is discarded once; the second is told that it changed",
    "formulary-file": "the text of a file; the second, which carries the version of the first, is shown both texts",
    "formulary-add-indication": "an indication is added to a version of a draft",
    "formulary-delete": "a file is deleted from a version of a draft",
    "formulary-discard": "a version of a draft is discarded",
    "formulary-propose": "a version of a draft is proposed, by signature",
    "formulary-sign": "a proposal is signed once",
    "formulary-send-back": "a proposal is sent back once",
    "people-hospital": "carries what the page showed of the hospital's settings, and asks where it is no longer so",
    "people-confirm": "carries what the page showed of the account; a person who is confirmed is so already",
}
STATES = {
    "request-submit": "whoever has filed a request gets it back unchanged (decision 0002)",
    "request-edit": "the answers of a draft, merged by name: the same answers change nothing",
    "request-check": "the same while it is typed",
    "request-renewal": "the answers of a renewal's draft, as those of a draft",
    "request-answer-keep": "what is typed and not sent, by person and page: kept in the place of what was",
    "request-appeal-keep": "the same for an appeal",
    "request-withdraw-keep": "the same for a withdrawal",
    "patient-measure": "measures that are the patient's already are no new ones, and write no entry",
    "saved-filters": "a filter has one name in a list of a person: the second is told that it is taken",
    "formulary-impact-ask": "one preview for a text, criteria and history: the second finds it",
    "public-opening": "the check is open or closed",
    "audit-batch": "a document is issued once for a decision; a second job finds nothing to do",
    "audit-log": "one check at a time: the second finds it under way",
    "people-appeals": "days to appeal",
    "people-signing": "who signs by two",
    "people-claims": "hours of a claim, and turns",
    "people-emergencies": "whom to call",
    "people-reports": "what a site's reports say",
    "people-mail": "under which name mail comes, and where answers go",
    "people-logo": "one logo: the same again is drawn to the same bytes, and writes no second entry",
    "people-logo-remove": "where there is no logo none is removed",
    "formulary-dosing": "with which product new requests begin",
    "people-end-role": "a role that is not held is not ended again",
    "people-deactivate": "an account that is closed is closed",
    "people-reactivate": "an account that is open is not opened again: a new link is an act of its own",
    "people-second-step": "where there is no second step none is taken away",
    "people-sign-on": "a person is linked or parted",
    "people-lift-lock": "where nothing is locked nothing is lifted",
    "people-department-page": "a name that stands is not given again",
    "people-department-close": "a department that is closed stays so",
    "people-department-reopen": "a department that is open stays so",
    "notices-read": "what is read is read",
    "notice-open": "what is read is read",
    "notice-settings": "which notices go where",
    "notice-again": "a mail that waits is not made to wait again",
    "passkey-remove": "a passkey that is gone is gone",
    "code-app-remove": "an app that is gone is gone",
    "account_reset_password_from_key": "a link holds for one password",
    "account_change_password": "the second carries a password that is no longer the present one",
}
LATEST = {
    "people-letter": "each printed letter takes the place of the one before, which holds no more",
    "people-reset": "each link takes the place of the one before",
    "passkey-begin": "each challenge takes the place of the one before",
    "code-app": "each secret that is shown takes the place of the one before, until one is confirmed",
    "code-recovery": "each set of codes takes the place of the one before",
}
SIGN_INS = {
    "account_login": "whoever is signed in is led on",
    "demo_sign_in": "the same, in the demo alone",
    "passkey-sign-in": "a challenge is answered once",
    "mfa_authenticate": "a code is taken once",
    "account_logout": "whoever is signed out is signed out",
    "passkeys": "a challenge is answered once, so a passkey is added once",
    "code-app-add": "an account has one app: the second is told so",
}
HARMLESS = {**READS, **VERSIONED, **STATES, **LATEST, **SIGN_INS}
