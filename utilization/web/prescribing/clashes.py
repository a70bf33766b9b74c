"""Two values of one answer, typed on two pages: told in words at the field, with a button for each."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from utilization.rules.facts.catalogue import CATALOGUE, Fact, Kind
from utilization.rules.facts.elapsed import apart, as_of_now
from utilization.rules.form.answers import NOT_KNOWN
from utilization.web.prescribing.form_content import Clash
from utilization.web.prescribing.form_data import (
    DOSE,
    EMERGENCY,
    Catalogue,
    choice_shown,
    dose_shown,
    field_of,
    of_field,
    settling,
)
from utilization.web.prescribing.form_fields import DOSE_UNITS, NOT_KNOWN_WORDS
from utilization.workflow import Saved


def clashes_of(saved: Saved, kept: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Clash]:
    """By field, what stands beside an answer of the page that was `saved` and that another page wrote too; `kept` is
    the draft as it is, `catalogue` holds the words for both."""
    clashes: dict[str, Clash] = {}
    changed = {field_of(name): name for name in saved.apart}
    for field, name in {**{field_of(name): name for name in saved.elsewhere}, **changed}.items():
        here, there = of_field(name, saved.sent.answers), of_field(name, kept)
        clashes[field] = Clash(
            here=words_of(field, here, catalogue),
            there=words_of(field, there, catalogue),
            keep=settling(there, here) if field in changed else "",
            use=settling(there, there),
        )
    return clashes


def set_aside(typed: Mapping[str, Any], kept: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Clash]:
    """The same for a page that is opened anew while answers `typed` on another one wait for a choice."""
    clashes: dict[str, Clash] = {}
    for name in typed:
        field = field_of(name)
        here, there = of_field(name, kept), of_field(name, typed)
        clashes[field] = Clash(
            here=words_of(field, here, catalogue), there=words_of(field, there, catalogue), keep=settling(here, here),
            use=settling(here, there), late=True,
        )  # fmt: skip
    return clashes


def words_of(field: str, answers: Mapping[str, Any], catalogue: Catalogue) -> str:
    """The answers of one field as a person would say them."""
    if field == DOSE:
        amount, unit, beside = dose_shown(answers)
        said = [(amount, unit), *((str(answers[name]), name) for name in beside)]
        return " and ".join(_amount(number, unit) for number, unit in said) if amount else "no answer"
    raw = answers.get(field)
    if isinstance(raw, list | tuple):
        return ", ".join(_choice(item) for item in raw) or "no answer"
    if field == EMERGENCY:
        return "an emergency" if raw else "no emergency"
    fact = catalogue.get(field)
    shown = str(choice_shown(fact, _number_now(fact, raw) if fact and fact.counts_back and raw else raw or ""))
    if fact and fact.kind is Kind.BOOL and shown in ("true", "false"):
        return "yes" if shown == "true" else "no"
    words = fact.choices.get(shown, shown) if fact and fact.kind is Kind.CHOICE else shown
    unit = f" {fact.unit}" if fact and fact.unit and words and words != NOT_KNOWN else ""
    return f"{_typed(words)}{unit}" if words else "no answer"


def _number_now(fact: Fact, raw: str) -> str:
    """What an answer that counts back comes to by now, as the form shows it."""
    then = apart(raw)[1]
    now = timezone.now().astimezone(then.tzinfo if then else None)
    return as_of_now(fact, raw, now.date(), now)


def _amount(amount: str, unit: str) -> str:
    if amount == NOT_KNOWN:
        return _typed(amount)
    return f"{amount} {DOSE_UNITS[unit] if unit else '(no unit)'}"


def _typed(text: str) -> str:
    return NOT_KNOWN_WORDS.lower() if text == NOT_KNOWN else text


def _choice(code: str) -> str:
    named = CATALOGUE.get(code)
    return named.label if named else code.replace("_", " ")
