"""A second, naive judge of the built-in pack: plain functions over complete facts, written from the rules and not
from the pack, and every completion of unknown facts tried one by one. Slow and obviously right, to hold the fast
one against.
"""

from itertools import product

PRIOR = ("not_tried", "failed", "intolerant", "contraindicated", "declined")
WITHOUT_SUCCESS = ("failed", "intolerant", "contraindicated")
MEETS, DENIED, REVIEW, ASK = "meets", "does_not_meet", "exception_review", "needs_information"
YES_NO = (True, False)

VALUES = {
    "age_years": (10, 40),
    "dose_total_g_per_kg": (1, 3),
    "route": ("iv", "sc"),
    "request_type": ("initial", "renewal"),
    "response": ("improved", "stable", "worse", "no_response"),
    "response_documented": YES_NO,
    "severity": ("mild", "moderate", "severe", "crisis"),
    "thymectomy_planned": YES_NO,
    "in_lieu_of_plasma_exchange": YES_NO,
    "prior_corticosteroids": PRIOR,
    "prior_immunosuppressant": PRIOR,
    "prior_symptomatic_therapy": PRIOR,
    "anti_mag_antibody": ("positive", "negative"),
    "treatment_goal": (
        "relapse_prevention", "treat_acute_relapse", "slow_progression", "reverse_established_deficit",
        "delay_second_attack",
    ),
    "planned_duration": ("single_course", "time_limited", "long_term"),
    "ms_course": (
        "clinically_isolated_syndrome", "relapsing_remitting", "secondary_progressive", "primary_progressive",
    ),
    "approved_injectables": PRIOR,
    "willing_to_inject": YES_NO,
    "relapse_severity": ("mild", "moderate", "severe"),
    "optic_neuritis": ("none", "acute", "chronic"),
}  # fmt: skip

_RENEWABLE = ("response", "response_documented")
_CEILING = ("age_years", "dose_total_g_per_kg")

# What each indication's outcome can depend on beside route and kind of request, which have defaults.
DEPENDS_ON = {
    "gbs": _CEILING,
    "miller_fisher": (),
    "cidp": (*_CEILING, *_RENEWABLE),
    "mmn": (*_CEILING, *_RENEWABLE),
    "mg": (
        *_CEILING, *_RENEWABLE, "severity", "prior_corticosteroids", "prior_immunosuppressant", "thymectomy_planned",
        "in_lieu_of_plasma_exchange",
    ),
    "lems": (
        *_CEILING, *_RENEWABLE, "prior_corticosteroids", "prior_immunosuppressant", "prior_symptomatic_therapy",
    ),
    "stiff_person": (
        *_CEILING, *_RENEWABLE, "prior_corticosteroids", "prior_immunosuppressant", "prior_symptomatic_therapy",
    ),
    "dermatomyositis": (*_CEILING, *_RENEWABLE, "prior_corticosteroids", "prior_immunosuppressant"),
    "polymyositis": (),
    "postpolio": (),
    "diabetic_radiculoplexus_neuropathy": (),
    "ibm": (),
    "anti_mag_neuropathy": ("anti_mag_antibody",),
    "igm_paraprotein_neuropathy": ("anti_mag_antibody",),
    "ms": (
        "age_years", *_RENEWABLE, "treatment_goal", "ms_course", "approved_injectables", "willing_to_inject",
        "planned_duration", "prior_corticosteroids", "relapse_severity", "optic_neuritis",
    ),
}  # fmt: skip


def judge_complete(indication, facts):
    """The outcome with every fact known."""
    denies, reviews = CLAUSES[indication](facts)
    if denies:
        return DENIED
    return REVIEW if reviews or facts["route"] == "sc" else MEETS


def outcomes(indication, known):
    """The outcomes of every completion of `known`."""
    base = _with_defaults(known)
    unknown = [name for name in DEPENDS_ON[indication] if name not in base]
    return {
        judge_complete(indication, {**base, **dict(zip(unknown, values, strict=True))})
        for values in product(*(VALUES[name] for name in unknown))
    }


def judge_naively(indication, known):
    """(outcome, facts that matter) by trying every completion."""
    found = outcomes(indication, known)
    if len(found) == 1:
        return found.pop(), set()
    base = _with_defaults(known)
    return ASK, {name for name in DEPENDS_ON[indication] if name not in base and _matters(indication, base, name)}


def _with_defaults(known):
    return {"route": "iv", "request_type": "initial", **known}


def _matters(indication, base, name):
    others = [n for n in DEPENDS_ON[indication] if n not in base and n != name]
    for values in product(*(VALUES[n] for n in others)):
        rest = {**base, **dict(zip(others, values, strict=True))}
        if len({judge_complete(indication, {**rest, name: value}) for value in VALUES[name]}) > 1:
            return True
    return False


def _renewal(facts):
    renewal = facts["request_type"] == "renewal"
    return (
        renewal and facts["response"] in ("worse", "no_response"),
        renewal and not facts["response_documented"],
    )


def _too_young_or_too_much(facts):
    return facts["age_years"] < 18 or facts["dose_total_g_per_kg"] > 2


def _gbs(facts):
    return False, _too_young_or_too_much(facts) or facts["request_type"] == "renewal"


def _first_line(facts):
    worse, undocumented = _renewal(facts)
    return worse, undocumented or _too_young_or_too_much(facts)


def _second_line(*therapies):
    def clauses(facts):
        worse, undocumented = _renewal(facts)
        untried = facts["request_type"] == "initial" and not any(facts[t] in WITHOUT_SUCCESS for t in therapies)
        return worse or untried, undocumented or _too_young_or_too_much(facts)

    return clauses


def _mg(facts):
    worse, undocumented = _renewal(facts)
    difficult = (
        facts["request_type"] == "renewal"
        or facts["severity"] == "crisis"
        or facts["prior_corticosteroids"] in WITHOUT_SUCCESS
        or facts["prior_immunosuppressant"] in WITHOUT_SUCCESS
        or (facts["thymectomy_planned"] and facts["in_lieu_of_plasma_exchange"])
    )
    return worse, undocumented or facts["severity"] == "mild" or not difficult or _too_young_or_too_much(facts)


def _always(denies, reviews):
    return lambda facts: (denies, reviews)


def _by_antibody(facts):
    return facts["anti_mag_antibody"] == "positive", True


def _ms(facts):
    denies, reviews = _ms_by_goal_and_course(facts)
    return denies, reviews or facts["age_years"] < 18


def _ms_by_goal_and_course(facts):
    goal, course = facts["treatment_goal"], facts["ms_course"]
    if goal in ("slow_progression", "reverse_established_deficit"):
        return True, False
    if course == "secondary_progressive":
        return goal != "treat_acute_relapse", True
    if course in ("primary_progressive", "clinically_isolated_syndrome"):
        return goal == "relapse_prevention" and _renewal(facts)[0], True
    if goal == "relapse_prevention":
        return _ms_prevention(facts)
    if goal == "treat_acute_relapse":
        if facts["request_type"] == "renewal":
            return facts["optic_neuritis"] == "chronic", True
        denies = facts["prior_corticosteroids"] in ("not_tried", "declined") or facts["optic_neuritis"] == "chronic"
        return denies, facts["relapse_severity"] != "severe" or facts["optic_neuritis"] == "acute"
    return False, True


def _ms_prevention(facts):
    long_term = facts["planned_duration"] == "long_term"
    if facts["request_type"] == "renewal":
        worse, undocumented = _renewal(facts)
        return worse, undocumented or long_term
    injectables = facts["approved_injectables"]
    if injectables in ("intolerant", "contraindicated", "declined") or not facts["willing_to_inject"]:
        return False, long_term
    if injectables == "failed":
        return False, True
    return True, long_term


CLAUSES = {
    "gbs": _gbs,
    "miller_fisher": _always(False, True),
    "cidp": _first_line,
    "mmn": _first_line,
    "mg": _mg,
    "lems": _second_line("prior_symptomatic_therapy", "prior_corticosteroids", "prior_immunosuppressant"),
    "stiff_person": _second_line("prior_symptomatic_therapy", "prior_corticosteroids", "prior_immunosuppressant"),
    "dermatomyositis": _second_line("prior_corticosteroids", "prior_immunosuppressant"),
    "polymyositis": _always(False, True),
    "postpolio": _always(False, True),
    "diabetic_radiculoplexus_neuropathy": _always(False, True),
    "ibm": _always(True, False),
    "anti_mag_neuropathy": _by_antibody,
    "igm_paraprotein_neuropathy": _by_antibody,
    "ms": _ms,
}
