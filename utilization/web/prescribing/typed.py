"""From a form that was sent to raw answers by fact name, as a draft keeps them.

Nothing here judges what was typed. A form says only what its own page changed: it carries the answers that the page
was last in step with, and what equals those is left alone. So two tabs on one draft, or a page found again with the
back button, never put old answers over new ones.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from utilization import library
from utilization.rules.asking.answers import NOT_KNOWN, SAFETY
from utilization.rules.facts.ages import AGES
from utilization.rules.facts.since import as_of_now
from utilization.workflow.judged import DIAGNOSIS_CODE, SUMMARY

DOSE, DOSE_UNIT = "dose", "dose_unit"
DOSE_FACTS = ("dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g")
EMERGENCY, EMERGENCY_REASON, JUSTIFICATION = "emergency", "emergency_reason", "justification"
STATED_BY_PATIENT = frozenset({*AGES, "sex", "weight_kg", "height_cm"})

ONE_BY_ONE = "one_by_one"
"""What the checklist sends while nobody answered for the rows that are left."""
AS_KEPT = "kept_"
"""What stands beside a field that counts back from now: when it was shown, and the answer as it is kept."""
STILL = "still"
"""The field that names answers of an earlier day which are confirmed as they stand."""

# A browser sends nothing for boxes that are all empty, so a form says beside them that they were there.
SHOWN = "boxes"
BASE = "base"

_WORDS = (EMERGENCY_REASON, JUSTIFICATION, SUMMARY, DIAGNOSIS_CODE)
_YES_NO = {"yes": "true", "true": "true", "no": "false", "false": "false"}


def answers_in(post: QueryDict) -> dict[str, Any]:
    """Every answer that the form holds, as typed; fields that no draft knows are left out."""
    answers: dict[str, Any] = {
        name: _one(post.getlist(name))
        for name in post
        if (library.fact_named(name) and name not in STATED_BY_PATIENT) or name in _WORDS
    }
    answers |= {name: _counted(post, name, raw) for name, raw in answers.items() if AS_KEPT + name in post}
    boxes = post.getlist(SHOWN)
    if SAFETY in boxes:
        answers[SAFETY] = [said for said in post.getlist(SAFETY) if said not in ("", ONE_BY_ONE)]
    if EMERGENCY in boxes:
        answers[EMERGENCY] = "yes" if post.get(EMERGENCY) == "yes" else ""
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
    """Amount and unit of the dose as one field shows them, and the dose facts that stand beside them."""
    stated = [name for name in DOSE_FACTS if draft.get(name)]
    if not stated:
        return "", DOSE_FACTS[0], ()
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


def _counted(post: QueryDict, name: str, raw: str) -> str:
    """An answer that counts back from now: as it is kept while the field still says what it said when it was shown."""
    moment, _, kept = post.get(AS_KEPT + name, "").partition(" ")
    fact = library.fact_named(name)
    try:
        shown_at = datetime.fromisoformat(moment)
    except ValueError:
        return raw
    if fact is None or shown_at.tzinfo is None:
        return raw
    return kept if raw.strip() == as_of_now(fact, kept, shown_at.date(), shown_at) else raw


def _dose(amount: str, unit: str, others: Mapping[str, Any]) -> dict[str, str]:
    chosen = unit if unit in DOSE_FACTS and amount != NOT_KNOWN else DOSE_FACTS[0]
    return {name: amount if name == chosen else others.get(name, "") for name in DOSE_FACTS}


def _base(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
