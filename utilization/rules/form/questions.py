"""Which facts a form asks for, grouped as a clinician thinks, and which of them still matter."""

from dataclasses import dataclass

from utilization.rules.facts.ages import AGES
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED
from utilization.rules.form.answers import Intake
from utilization.rules.judging.judge import Judgement
from utilization.rules.language.composites import facts_named, tests_under_surely
from utilization.rules.packs.pack import Pack

# The patient's own page gives these; the order and the checklist have sections of their own.
_FROM_PATIENT = frozenset({*AGES, "sex", "weight_kg", "height_cm"})
_ALWAYS = ("request_type", "route")
ORDER_FACTS = (
    "dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g", "course_days", "interval_weeks",
    "requested_authorization_months", "product", "weight_rule_opt_out", "weight_rule_opt_out_reason",
)  # fmt: skip
TITLES = {
    "Request": "This request",
    "Neurology": "The disease",
    "Prior therapy": "Treatment so far",
    "Renewal": "Response",
    "Laboratory": "Laboratory",
    "Safety": "Safety",
    "Other conditions": "Other conditions",
    "Patient": "The patient",
}
OPTIONAL = "More detail, if you have it"


@dataclass(frozen=True, slots=True)
class Ask:
    """A fact to ask for. `matters` says that its answer could still change the outcome."""

    fact: str
    matters: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Facts that belong together under a title; those of an optional section never decide by being absent."""

    title: str
    questions: tuple[Ask, ...]
    optional: bool = False


def questionnaire(pack: Pack, judgement: Judgement, intake: Intake) -> tuple[Section, ...]:
    """The sections of the form, apart from the order and the safety checklist.

    A fact is asked when it could still change the outcome, or when it was answered and the judgement read it; the
    order is the pack's, so that what decides most comes first. What counts when known but is never asked for stands
    in a last, optional section.
    """
    covered = pack.indications.get(judgement.judged_as)
    matters = set(judgement.questions)
    read = {name for finding in judgement.findings for name in finding.facts}
    answered = set(intake.facts) | intake.not_known | set(intake.problems)
    in_pack_order = [fact for v in covered.variables for fact in v.facts] if covered else []
    asked = [
        name
        for name in dict.fromkeys((*_ALWAYS, *in_pack_order))
        if name in pack.catalogue
        and name not in _FROM_PATIENT
        and name not in ORDER_FACTS
        and (name in _ALWAYS or name in matters or (name in read and name in answered))
    ]
    sections: dict[str, list[Ask]] = {}
    for name in asked:
        sections.setdefault(TITLES.get(pack.catalogue[name].group, pack.catalogue[name].group), []).append(
            Ask(name, name in matters)
        )
    form = [Section(title, tuple(asks)) for title, asks in sections.items()]
    optional = [name for name in _never_asked(pack, judgement) if name not in asked]
    if optional:
        form.append(Section(OPTIONAL, tuple(Ask(name, False) for name in optional), optional=True))
    return tuple(form)


def _never_asked(pack: Pack, judgement: Judgement) -> list[str]:
    """Facts that count when known: under `surely`, in redirects and warnings, and the plan's own."""
    names: list[str] = []
    codes = {judgement.indication, judgement.judged_as}
    for redirect in pack.redirects:
        if redirect.indications & codes:
            names += facts_named(redirect.when)
    covered = pack.indications.get(judgement.judged_as)
    for clause in covered.clauses if covered else ():
        for condition in (clause.when, clause.require):
            names += [name for test in tests_under_surely(condition) for name in test.reads]
    asked = {fact for variable in covered.variables for fact in variable.facts} if covered else set()
    for warning in pack.warnings:
        if warning.indications is not None and judgement.judged_as in warning.indications and covered:
            names += [name for name in facts_named(warning.when) if name not in asked]
    beside = [*(cap.when for cap in covered.caps), *(duty.when for duty in covered.duties)] if covered else []
    beside += [rule.when for rule in pack.routes if rule.indications and judgement.judged_as in rule.indications]
    for when in beside:
        names += [name for name in facts_named(when) if name not in asked]
    if "pregnancy_breastfeeding_safety_unknown" in judgement.warnings:
        names.append("pre_pregnancy_weight_kg")
    skip = {*_FROM_PATIENT, *ORDER_FACTS, *_ALWAYS, *DERIVED, *AMOUNTS}
    return [name for name in dict.fromkeys(names) if name not in skip]
