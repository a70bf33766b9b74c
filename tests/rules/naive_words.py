"""Texts as the manual says them: capital letters and spacing make no difference, and what edition 2 makes of words."""

import re

# The negations of the manual, and the signs and words at which a clause ends.
NO = (
    "not", "no", "non", "none", "nor", "neither", "never", "without", "nil", "absent", "unlikely", "instead",
    "cannot", "can't", "couldn't", "isn't", "aren't", "wasn't", "weren't", "hasn't", "haven't", "hadn't", "doesn't",
    "don't", "didn't", "won't", "wouldn't", "shouldn't", "n't", "unable", "lacks", "lacking", "unavailable", "ex",
    "former", "formerly", "await", "awaiting", "awaited", "awaits", "pending", "wait", "waiting", "waitlisted",
    "listed", "refer", "referred", "referral", "request", "requested", "requesting", "appointment", "booked",
    "scheduled", "planned", "next", "tba", "tbc", "declined", "declines", "declining", "refuse", "refused",
    "refuses", "refusing", "denies", "denied", "cancelled", "canceled", "dna", "pas", "sans", "kein", "keine",
    "keinen", "nicht", "ohne", "ikke", "ingen", "sin", "sem", "nao", "nie", "bez", "geen", "niet", "zonder",
    "senza",
)  # fmt: skip
ENDS = re.compile(r"(?<!\bdr)(?<!\bprof)(?<!\b[a-z])\.(?:\s|$)|[;!?|\n\u2022\u00b7]|\bbut\b|\bhowever\b|\balthough\b")
ACCENTS = str.maketrans("\u00e9\u00ea\u00f3\u00fc", "eeou")


def squeezed(text):
    return " ".join(str(text).lower().split())


def same_text(text, other):
    return squeezed(text) == squeezed(other)


def mentions(text, words):
    """Whether one of the words occurs in the text."""
    return any(squeezed(word) in squeezed(text) for word in words)


def same_therapy(name, other):
    """Whether two names are one therapy: low lines make no difference either."""
    return same_text(str(name).replace("_", " "), str(other).replace("_", " "))


# --- Edition 2 -------------------------------------------------------------------------------------------------------


def mentions_whole(text, words):
    """Whether one of the words stands in the text: whole, or as a beginning before a star; None where it is denied."""
    plain = re.sub("[\u2019\u2018\u00b4\u2032`]", "'", str(text)).lower().translate(ACCENTS)
    plain = re.sub(r"'s\b", "", plain)
    clauses = [clause for clause in ENDS.split(plain) if re.search("[a-z0-9]", clause)]
    hits = []
    for place, clause in enumerate(clauses):
        begins = re.findall(r"[a-z0-9']+", clauses[place + 1])[:1] if place + 1 < len(clauses) else []
        for word in words:
            hits += [hit and not _denies(" ".join(begins)) for hit in _hits(clause, word)]
    return True if True in hits else None if hits else False


def _hits(clause, word):
    """Whether each hit of the word in the clause stands undenied."""
    looked_for = r"[^a-z0-9']+".join(map(re.escape, word.lower().removesuffix("*").split()))
    ending = "[a-z0-9]*" if word.endswith("*") else "s?"
    for start in range(len(clause)):
        found = re.compile(rf"(?<![a-z0-9']){looked_for}{ending}(?![a-z0-9'])").match(clause, start)
        if found:
            yield not (_denies(clause[: found.start()]) or _denies(clause[found.end() :]))


def _denies(part):
    return not set(NO).isdisjoint(re.findall(r"[a-z0-9']+", part))


# Therapies of the manual's table that the cases use: (what they stand under, what they are called).
CALLED = {
    "corticosteroids": ("", ("corticosteroids", "steroids", "corticosteroid", "glucocorticoids")),
    "prednisolone": ("corticosteroids", ("prednisolone",)),
    "dexamethasone": ("corticosteroids", ("dexamethasone",)),
    "immunosuppressant": ("", ("immunosuppressant", "immunosuppressants", "immunosuppression")),
    "azathioprine": ("immunosuppressant", ("azathioprine", "aza")),
    "methotrexate": ("immunosuppressant", ("methotrexate", "mtx")),
    "ciclosporin": ("immunosuppressant", ("ciclosporin", "cyclosporine", "cyclosporin a")),
    "anti_cd20": ("", ("anti-cd20", "monoclonal anti-cd20 antibodies")),
    "rituximab": ("anti_cd20", ("rituximab", "rtx")),
    "plasma_exchange": ("", ("plasma exchange", "plex", "plasmapheresis")),
}
# What some count as another and others do not, and the classes under which people may mean what stands elsewhere.
PERHAPS = {"rituximab": ("immunosuppressant",), "anti_cd20": ("immunosuppressant",)}
BROAD = ("immunosuppressant",)
BESIDE = ("oral", "iv", "mg", "15", "weekly", "daily", "x", "for", "months", "high", "dose", "tablets", "therapy")


def therapy_meant(text):
    """The one therapy that a text means, "" where it says none, several or more."""
    left, meant = squeezed(text).replace(",", " ").replace("(", " ").replace(")", " "), set()
    names = sorted(
        ((name, code) for code, (_, called) in CALLED.items() for name in called), key=lambda one: -len(one[0])
    )
    for name, code in names:
        shorter = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", " ", left)
        meant |= {code} if shorter != left else set()
        left = shorter
    if set(left.split()) - set(BESIDE):
        return ""
    single = [code for code in meant if not any(CALLED[other][0] == code for other in meant)]
    return single[0] if len(single) == 1 else ""


def code_called(name):
    """The code of the therapy that is called so."""
    return next(code for code, (_, called) in CALLED.items() if name.lower() in (code, *called))


def is_therapy(text, name):
    """Whether a text means a therapy or one of a class; None where that is open."""
    asked, meant = code_called(name), therapy_meant(text)
    if meant in (asked, "") or CALLED[asked][0] == meant:
        return True if meant == asked else None
    if CALLED[meant][0] == asked:
        return True
    return None if asked in PERHAPS.get(meant, ()) or meant in BROAD else False


def is_class(name):
    """Whether others stand under it."""
    return any(above == code_called(name) for above, _ in CALLED.values())


def may_be_told_as(name):
    """The classes by which somebody may have told of a therapy: its own, and what some count it as."""
    code = code_called(name)
    return [other for other in (CALLED[code][0], *PERHAPS.get(code, ()), *PERHAPS.get(CALLED[code][0], ())) if other]


def fact_of(name):
    """The fact that tells of a therapy, "" where none does."""
    return {"corticosteroids": "prior_corticosteroids", "immunosuppressant": "prior_immunosuppressant",
            "plasma_exchange": "prior_plasma_exchange"}.get(code_called(name), "")  # fmt: skip
