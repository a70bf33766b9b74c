"""The specialties in which reviewers give opinions, and what an opinion may lean to: codes and words."""

from collections.abc import Iterable, Mapping

SPECIALTIES: Mapping[str, str] = {
    "neurology": "Neurology",
    "immunology": "Allergy and immunology",
    "hematology": "Hematology",
    "rheumatology": "Rheumatology",
    "dermatology": "Dermatology",
    "infectious_disease": "Infectious disease",
    "transplantation": "Transplantation",
    "transfusion_medicine": "Transfusion medicine",
    "nephrology": "Nephrology",
    "cardiology": "Cardiology",
    "obstetrics": "Obstetrics",
    "pediatrics": "Pediatrics",
    "internal_medicine": "Internal medicine",
    "clinical_pharmacy": "Clinical pharmacy",
}
"""In the order in which they are offered. A code that is kept is never taken out."""

APPROVAL, DENIAL, NEITHER = "approval", "denial", "neither"
LEANINGS: Mapping[str, str] = {
    APPROVAL: "Supports approval",
    DENIAL: "Supports denial",
    NEITHER: "Neither: something is missing",
}


def specialty_words(codes: Iterable[str]) -> list[str]:
    """The words for `codes`, in the order of the list."""
    held = set(codes)
    return [words for code, words in SPECIALTIES.items() if code in held]
