"""Lambert-Eaton myasthenic syndrome, as chapter 2 of the manual writes it, filled in on the guided form."""

from tests.formulary.acts import pack_text

PATH = "indications/lems.yaml"
ADULT, TRIED = "The patient is an adult (18 years or over).", "Symptomatic therapy or corticosteroids have failed."


def row(group, key, fact, **fields):
    """A row of facts: its hidden key, its fact, and the fields that the fact asks for."""
    return {f"{group}{key}-{name}": value for name, value in {"fact": fact, **fields}.items()}


def example(key, says, outcome, **facts):
    found = {f"e{key}-says": says, f"e{key}-outcome": outcome, f"e{key}f": [str(place) for place in range(len(facts))]}
    for place, (fact, value) in enumerate(facts.items()):
        found |= row(f"e{key}f", place, fact, value=value)
    return found


def lems(draft, act="add", **changes):
    """What the page sends once it is filled in; the draft proves with it."""
    sent = {
        "version": draft.version, "act": act, "name": "Lambert-Eaton myasthenic syndrome", "abbreviation": "LEMS",
        "code": "lems", "also_called": "Eaton-Lambert syndrome\n",
        "icd10": "G70.80 Lambert-Eaton syndrome, unspecified",
        "evidence": "LEMS is an indication, on weak evidence.", "basis": "source", "source": "new",
        "source_short": "AAN 2012", "source_authors": "American Academy of Neurology",
        "source_title": "IV Immunoglobulin for Treating Neuromuscular Disorders",
        "source_kind": "patient summary of a guideline", "source_published": "American Academy of Neurology",
        "source_year": "2012", "where": "Lambert-Eaton Myasthenic Syndrome, last sentence", "strength": "weak",
        "effect": "meets", "ceiling": "2", "per": "course", "months_initial": "6",
        "c": ["0", "1"], "c0-does": "should", "c0-says": ADULT, "c0-local": "The source says nothing on children.",
        "c0t": ["0"], **row("c0t", 0, "age_years", how="at_least", number="18"),
        "c1-does": "must", "c1-says": TRIED, "c1-joined": "any", "c1-local": "Our committee asks for it.",
        "c1-to_meet": "Show that one of them failed.", "c1t": ["0", "1"],
        **row("c1t", 0, "prior_symptomatic_therapy", how="is", values=["failed", "intolerant"]),
        **row("c1t", 1, "prior_corticosteroids", how="is", values=["failed", "intolerant"]),
        "e": ["0", "1", "2", "3"],
        **example(0, "An adult in whom symptomatic therapy failed meets.", "meets", age_years="60",
                  prior_symptomatic_therapy="failed", dose_total_g_per_kg="2"),
        **example(1, "Without another therapy it does not meet.", "does_not_meet", age_years="60",
                  prior_symptomatic_therapy="not_tried", prior_corticosteroids="declined", dose_total_g_per_kg="2"),
        **example(2, "A child is reviewed.", "exception_review", age_years="12", prior_corticosteroids="failed",
                  dose_total_g_per_kg="2"),
        **example(3, "Without the dose it is asked for.", "needs_information", age_years="60",
                  prior_corticosteroids="failed"),
    }  # fmt: skip
    return {**sent, **changes}


LEMS = """\
sources:
  - id: AAN-2012
    short: AAN 2012
    authors: American Academy of Neurology
    title: IV Immunoglobulin for Treating Neuromuscular Disorders
    kind: patient summary of a guideline
    published: American Academy of Neurology
    year: 2012
statements:
  - id: LEMS-1
    source: AAN-2012
    says: LEMS is an indication, on weak evidence.
    where: Lambert-Eaton Myasthenic Syndrome, last sentence
    strength: weak
    effect: meets
indications:
  - code: lems
    name: Lambert-Eaton myasthenic syndrome
    abbreviation: LEMS
    also_called: [Eaton-Lambert syndrome]
    icd10cm:
      - code: G70.80
        title: Lambert-Eaton syndrome, unspecified
criteria:
  - indication: lems
    dose: {ceiling: 2 g/kg, evidence: [LEMS-1]}
    clauses:
      - id: indicated
        says: LEMS is an indication, on weak evidence.
        require: always
        evidence: [LEMS-1]
      - id: age_years
        says: The patient is an adult (18 years or over).
        require: {age_years: {at_least: 18 years}}
        otherwise: exception_review
        local: The source says nothing on children.
      - id: prior_symptomatic_therapy
        says: Symptomatic therapy or corticosteroids have failed.
        require:
          any: [{prior_symptomatic_therapy: [failed, intolerant]}, {prior_corticosteroids: [failed, intolerant]}]
        otherwise: does_not_meet
        to_meet: Show that one of them failed.
        local: Our committee asks for it.
      - id: ceiling
        says: The ordered course is at most 2 g/kg of dosing weight.
        require: {dose_within_ceiling: true}
        to_meet: Order at most 2 g/kg of dosing weight a course.
        otherwise: exception_review
        evidence: [LEMS-1]
    caps:
      - id: initial
        says: A first approval runs for at most 6 months.
        at_most: 6 months
        when: {request_type: initial}
        evidence: [LEMS-1]
examples:
  - indication: lems
    says: An adult in whom symptomatic therapy failed meets.
    facts: {age_years: 60, prior_symptomatic_therapy: failed, dose_total_g_per_kg: 2}
    expect: {outcome: meets}
  - indication: lems
    says: Without another therapy it does not meet.
    facts:
      age_years: 60
      prior_symptomatic_therapy: not_tried
      prior_corticosteroids: declined
      dose_total_g_per_kg: 2
    expect: {outcome: does_not_meet}
  - indication: lems
    says: A child is reviewed.
    facts: {age_years: 12, prior_corticosteroids: failed, dose_total_g_per_kg: 2}
    expect: {outcome: exception_review}
  - indication: lems
    says: Without the dose it is asked for.
    facts: {age_years: 60, prior_corticosteroids: failed}
    expect: {outcome: needs_information}
"""
"""The text that comes of it, written by hand."""


def own_pack():
    """A pack with a fact, a source and a statement of its own, which proves."""
    return {**pack_text(), "facts.yaml": """\
facts:
  - {name: grip_kpa, type: dec, unit: kPa, label: Grip strength, group: Neurology, possible: [0, 200]}
sources:
  - {id: S, short: S 2020, authors: A, title: T, kind: guideline, published: P, year: 2020}
statements:
  - {id: S-1, source: S, says: It helps., where: page 1, strength: strong, effect: meets}
"""}  # fmt: skip
