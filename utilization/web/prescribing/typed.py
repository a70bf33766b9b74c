"""From a form that was sent to raw answers by fact name, as a draft keeps them.

Nothing here judges what was typed. A form says only what its own page changed: it carries the answers that the page
was last in step with, and what equals those is left alone. So two tabs on one draft, or a page found again with the
back button, never put old answers over new ones.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from utilization import library
from utilization.rules.asking.answers import NOT_KNOWN, SAFETY
from utilization.workflow.judged import DOSE as DOSE
from utilization.workflow.judged import DOSE_BARE as DOSE_BARE
from utilization.workflow.judged import DOSE_BY_PHARMACY as DOSE_BY_PHARMACY

DOSE_UNIT = "dose_unit"
USE_GRAMS = "use_grams"
"""The button that takes grams offered beside a dose as the order of the whole course."""
DOSE_FACTS = ("dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g")
EMERGENCY, EMERGENCY_REASON, JUSTIFICATION = "emergency", "emergency_reason", "justification"
STATED_BY_PATIENT = frozenset({"age_years", "sex", "weight_kg", "height_cm"})

# A browser sends nothing for boxes that are all empty, so a form says beside them that they were there.
SHOWN = "boxes"
BASE = "base"

_YES_NO = {"yes": "true", "true": "true", "no": "false", "false": "false"}


def answers_in(post: QueryDict) -> dict[str, Any]:
    """Every answer that the form holds, as typed; fields that no draft knows are left out."""
    answers: dict[str, Any] = {
        name: _one(post.getlist(name))
        for name in post
        if (library.fact_named(name) and name not in STATED_BY_PATIENT) or name in (EMERGENCY_REASON, JUSTIFICATION)
    }
    boxes = post.getlist(SHOWN)
    if SAFETY in boxes:
        answers[SAFETY] = post.getlist(SAFETY)
    if EMERGENCY in boxes:
        answers[EMERGENCY] = "yes" if post.get(EMERGENCY) == "yes" else ""
    if DOSE_BY_PHARMACY in boxes:
        answers[DOSE_BY_PHARMACY] = "yes" if post.get(DOSE_BY_PHARMACY) == "yes" else ""
    if USE_GRAMS in post:
        taken = {DOSE_BARE: "", DOSE_BY_PHARMACY: "", "dose_total_g": post[USE_GRAMS]}
        return answers | dict.fromkeys(DOSE_FACTS, "") | taken
    if DOSE in post:
        answers |= _dose(_one(post.getlist(DOSE)), post.get(DOSE_UNIT, ""), answers)
    return answers


def changed_in(post: QueryDict) -> dict[str, Any]:
    """The answers of the form that differ from those that its page was last in step with."""
    base = _base(post.get(BASE, ""))
    return {name: value for name, value in answers_in(post).items() if (base.get(name) or "") != (value or "")}


def base_of(draft: Mapping[str, Any]) -> str:
    """What a page carries to say which answers it was in step with."""
    return json.dumps(draft, ensure_ascii=False, sort_keys=True)


def dose_shown(draft: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    """Amount and unit of the dose as one field shows them, and the dose facts that stand beside them.

    No unit stands for an amount until one is chosen.
    """
    stated = [name for name in DOSE_FACTS if draft.get(name)]
    if draft.get(DOSE_BARE):
        return str(draft[DOSE_BARE]), "", tuple(stated)
    if not stated:
        return "", "", ()
    return str(draft[stated[0]]), stated[0], tuple(stated[1:])


def choice_shown(name: str, raw: Any) -> Any:
    """The option that stands for a raw answer: "yes" and "true" are one."""
    fact = library.fact_named(name)
    if isinstance(raw, str) and fact and fact.kind == "bool":
        return _YES_NO.get(raw.strip().lower(), raw)
    return raw


def as_typed(settled: Mapping[str, Any]) -> dict[str, str]:
    """Facts that a diagnosis code settles, as answers."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in settled.items()}


def _one(values: Iterable[str]) -> str:
    """What a field says that has a box "not known" beside it: something typed counts before the box."""
    said = [value for value in values if value.strip()]
    typed = [value for value in said if value != NOT_KNOWN]
    return typed[0] if typed else said[0] if said else ""


def _dose(amount: str, unit: str, others: Mapping[str, Any]) -> dict[str, str]:
    """The amount under the fact that its unit names; without a unit it is kept as typed, and no fact."""
    chosen = unit if unit in DOSE_FACTS else DOSE_FACTS[0] if amount == NOT_KNOWN else ""
    stated = {name: amount if name == chosen else others.get(name, "") for name in DOSE_FACTS}
    return {**stated, DOSE_BARE: "" if chosen else amount}


def _base(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
