"""From a form that was sent to raw answers by fact name, as a draft keeps them.

Nothing here judges what was typed. A form carries what its own page showed of each answer before it was changed, so
that two tabs on one draft, or a page found again with the back button, never put old answers over new ones: see
`utilization.rules.form.merge`.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from utilization.rules.facts.ages import AGES
from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.elapsed import apart, as_of_now
from utilization.rules.form.answers import NOT_KNOWN, SAFETY
from utilization.rules.form.merge import Sent, together
from utilization.workflow import DIAGNOSIS_CODE, DOSE, DOSE_BARE, DOSE_BY_PHARMACY, IDENTIFIERS, SUMMARY

Catalogue = Mapping[str, Fact]

DOSE_UNIT = "dose_unit"
USE_GRAMS = "use_grams"
"""The button that takes grams offered beside a dose as the order of the whole course."""
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
# What the page showed of each answer; the facts that it asks for; what it sent without hearing an answer; a choice
# between two values of one answer.
BASE, ASKED, SENT, SETTLE = "base", "shown", "sent", "settle"
_MOST_SENT = 5

_WORDS = (EMERGENCY_REASON, JUSTIFICATION, SUMMARY, DIAGNOSIS_CODE, *IDENTIFIERS)
_YES_NO = {"yes": "true", "true": "true", "no": "false", "false": "false"}


def answers_in(post: QueryDict, catalogue: Catalogue) -> dict[str, Any]:
    """Every answer to a fact of `catalogue` that the form holds, as typed; fields that no draft knows are left out."""
    answers: dict[str, Any] = {
        name: _one(post.getlist(name))
        for name in post
        if (name in catalogue and name not in STATED_BY_PATIENT) or name in _WORDS
    }
    base = _object(post.get(BASE, "")) or {}
    answers |= {
        name: _counted(post, catalogue.get(name), name, raw, base.get(name))
        for name, raw in answers.items()
        if AS_KEPT + name in post
    }
    boxes = post.getlist(SHOWN)
    if SAFETY in boxes:
        answers[SAFETY] = [said for said in post.getlist(SAFETY) if said not in ("", ONE_BY_ONE)]
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


def sent_in(post: QueryDict, catalogue: Catalogue, words: Iterable[str] = ()) -> Sent:
    """What a form sent, with answers to facts of `catalogue`; `words` are fields of its page beside these."""
    base = _object(post.get(BASE, ""))
    answers = _with_words(post, catalogue, words)
    for name in post.get(ASKED, "").split():
        # Of a row of choices without a choice a browser sends nothing.
        if base and name not in answers and (name in catalogue or name in _WORDS):
            answers[name] = base.get(name, "")
    earlier = tuple(_with_words(QueryDict(text), catalogue, words) for text in _list(post.get(SENT, ""))[-_MOST_SENT:])
    still = tuple(post.getlist(STILL))
    choice = _object(post.get(SETTLE, ""))
    if not choice or base is None:
        return Sent(answers, base, earlier, still=still)
    seen, taken = ({n: v for n, v in _mapping(choice.get(key)).items() if n in answers} for key in ("seen", "take"))
    return Sent({**answers, **taken}, {**base, **seen}, earlier, tuple(seen), still)


def settling(seen: Mapping[str, Any], take: Mapping[str, Any]) -> str:
    """What the button sends by which a person chooses: the values that they saw kept, and those that they want."""
    return json.dumps({"seen": dict(seen), "take": dict(take)}, ensure_ascii=False, sort_keys=True)


def of_field(name: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that one field of the form holds, `name` among them."""
    return {answer: answers.get(answer, "") for answer in together(name)}


def field_of(name: str) -> str:
    """The field of the form that holds the answer `name`."""
    return DOSE if name in (*DOSE_FACTS, DOSE_BARE) else name


def base_of(draft: Mapping[str, Any]) -> str:
    """What a page carries to say what it showed of each answer."""
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


def choice_shown(fact: Fact | None, raw: Any) -> Any:
    """The option that stands for a raw answer to `fact`: "yes" and "true" are one."""
    if isinstance(raw, str) and fact and fact.kind == "bool":
        return _YES_NO.get(raw.strip().lower(), raw)
    return raw


def _one(values: Iterable[str]) -> str:
    """What a field says that has a box "not known" beside it: something typed counts before the box."""
    said = [value for value in values if value.strip()]
    typed = [value for value in said if value != NOT_KNOWN]
    return typed[0] if typed else said[0] if said else ""


def _counted(post: QueryDict, fact: Fact | None, name: str, raw: str, base: Any) -> str:
    """An answer that counts back from now: as it is kept while the field still says what it said when it was shown, or
    what was typed into it since and is kept as `base`."""
    moment, _, kept = post.get(AS_KEPT + name, "").partition(" ")
    shown_at = _aware(moment)
    if fact and shown_at and raw.strip() == as_of_now(fact, kept, shown_at.date(), shown_at):
        return kept
    typed, then = apart(base) if isinstance(base, str) else ("", None)
    return base if then and (shown_at is None or shown_at <= then) and raw.strip() == typed else raw


def _aware(moment: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return read if read.tzinfo else None


def _dose(amount: str, unit: str, others: Mapping[str, Any]) -> dict[str, str]:
    """The amount under the fact that its unit names; without a unit it is kept as typed, and no fact."""
    chosen = unit if unit in DOSE_FACTS else DOSE_FACTS[0] if amount == NOT_KNOWN else ""
    stated = {name: amount if name == chosen else others.get(name, "") for name in DOSE_FACTS}
    return {**stated, DOSE_BARE: "" if chosen else amount}


def _with_words(post: QueryDict, catalogue: Catalogue, words: Iterable[str]) -> dict[str, Any]:
    return {**answers_in(post, catalogue), **{name: post.get(name, "") for name in words if name in post}}


def _json(text: str) -> Any:
    """What `text` says as JSON; None where it is none, or holds half a character (a lone surrogate), which no page can
    show again."""
    try:
        value = json.loads(text)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def _object(text: str) -> dict[str, Any] | None:
    mapping = _json(text)
    return mapping if isinstance(mapping, dict) else None


def _mapping(mapping: Any) -> dict[str, Any]:
    """`found` where it is an object with texts and lists of texts, as answers are."""
    pairs = mapping.items() if isinstance(mapping, dict) else ()
    return {
        name: value
        for name, value in pairs
        if isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    }


def _list(text: str) -> list[str]:
    value = _json(text)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
