"""Which keys stand where in a pack: the table that the readers read by and the schema for editors is drawn from.

Each entry is (must stand, may stand), as `Node.mapping` takes it.
"""

Keys = tuple[tuple[str, ...], tuple[str, ...]]

SECTIONS = (
    "pack", "facts", "therapies", "sources", "statements", "indications", "not_covered", "not_supported", "fragments",
    "conditions", "criteria", "redirects", "defaults", "warnings", "routes", "dosing", "changeable", "silence",
    "agreement", "examples",
)  # fmt: skip
STRENGTHS = (
    "strong", "moderate", "weak", "controlled_trials", "negative_trials", "expert_opinion", "extrapolated",
    "insufficient", "theoretical", "unknown", "policy", "not_graded",
)  # fmt: skip
EFFECTS = ("meets", "does_not_meet", "exception_review", "warning", "info")
OUTCOMES = ("does_not_meet", "exception_review")
OTHERWISE = (*OUTCOMES, "needs_information", "warning")
JUDGED = ("meets", "does_not_meet", "exception_review", "needs_information")
STANDINGS = ("do_not_use", "not_for_routine_use")
EXPECTABLE = (
    "outcome", "judged_as", "warnings", "questions", "would_meet_if", "approvals", "clock_hours", "panel", "priority",
    "authorization_months", "authorization_courses", "duties", "awaits",
)  # fmt: skip
ROUNDINGS = ("5 g", "vials", "none")
WEIGHTS = ("adjusted", "ideal")
PREGNANT = ("before_pregnancy", "actual")
TYPES = ("bool", "int", "dec", "text", "choice", "date", "list")
FIELD_TYPES = ("date", "dec", "int", "bool", "text")

_NAMES = ("abbreviation", "also_called", "icd10cm")
_BASIS = ("evidence", "local")

HEAD: Keys = (("name", "version", "title"), ("about", "effective", "until", "language"))
# A source may have any further key.
SOURCE = ("id", "short", "authors", "title", "kind", "published", "year")
STATEMENT: Keys = (("id", "source", "says", "where", "strength", "effect"), ("about", "note", "date"))
INDICATION: Keys = (("code", "name"), (*_NAMES, "implies", "snomed", "silent_on"))
NOT_COVERED: Keys = (("code", "name"), (*_NAMES, "note"))
NOT_SUPPORTED: Keys = (("code", "name", "standing", "says"), (*_NAMES, *_BASIS))
ICD10CM: Keys = (
    ("code",),
    ("title", "note", "when", "confidence", "shared_with", "until", "with_subcodes", "active", "from"),
)
IMPLIED: Keys = (("name", "when"), ())
CRITERIA: Keys = (("indication", "clauses"), ("dose", "otherwise", "caps", "duties"))
CLAUSE: Keys = (("id", "says", "require"), ("when", "otherwise", "to_meet", *_BASIS, "warns", "awaits"))
CAP: Keys = (("id", "says", "at_most"), ("when", *_BASIS))
DUTY: Keys = (("id", "says"), ("after", "when", *_BASIS))
DOSE: Keys = (
    (),
    (
        "ceiling_g_per_kg",
        "ceiling",
        "target_g_per_kg",
        "target",
        "weight_rule",
        "rounding",
        "rounding_within",
        "tolerance",
        "phases",
        "evidence",
    ),
)
PHASE: Keys = (("says", "when"), ("ceiling_g_per_kg", "ceiling", "target_g_per_kg", "target"))
WEIGHT: Keys = (("of", "source"), ("share", "above_ideal", "bmi_at_least", "shortest", "adults_from", "pregnant"))
NAMED_CONDITION: Keys = (("id", "is"), ())
REDIRECT: Keys = (("indications", "when", "to", "says"), ("evidence",))
DEFAULT: Keys = (("fact", "value", "says"), ("when", "indications", "evidence"))
WARNING: Keys = (("code", "says"), ("when", "title", "acknowledge", "indications", *_BASIS))
ROUTE: Keys = (("says",), ("indications", "when", "outcome", "approvals", "panel", "priority", "clock", *_BASIS))
SILENCE: Keys = (("outcome",), _BASIS)
EXAMPLE: Keys = (("indication", "says", "facts", "expect"), ("as_of",))
EXPECTED: Keys = (("outcome",), EXPECTABLE)
OWN_FACT: Keys = (
    ("name", "type", "label"),
    ("unit", "group", "choices", "fields", "possible", "plausible", "note", "required", "of_its_day", "or_never"),
)
# Of a list of the vocabulary.
MORE_FIELDS: Keys = (("name", "fields"), ())
THERAPY: Keys = (("name",), ("label", "classes", "synonyms"))
FIELD: Keys = (("type",), ("unit", "possible"))
