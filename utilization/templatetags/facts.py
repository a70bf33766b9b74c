"""Facts in words: labels, values with their units, rows and groups. `{% load facts %}`."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django import template

from utilization.rules import words
from utilization.rules.dosing.plan import round_half_up
from utilization.rules.facts import ages
from utilization.rules.facts.catalogue import PREGNANCY, SAFETY_CHECKLIST, Kind
from utilization.rules.facts.date_words import read_day
from utilization.rules.facts.values import in_order
from utilization.rules.form.answers import NONE
from utilization.templatetags.dates import _day_words
from utilization.templatetags.doses import NARROW_SPACE, amount, number

register = template.Library()


@register.filter
def fact_label(name, catalogue):
    """The label of a fact, by the `catalogue` of the criteria that judge it."""
    fact = catalogue.get(str(name))
    return fact.label if fact else words.plain(name)


@register.filter
def fact_labels(names, catalogue):
    """The labels of facts in a row, by the `catalogue` of the criteria that judge them."""
    return ", ".join(fact_label(name, catalogue) for name in names)


@register.filter
def typed_words(typed, catalogue):
    """What was typed into one field of a draft: text as it stands, or the labels of what was chosen."""
    return typed if isinstance(typed, str) else fact_labels(typed, catalogue)


def _item_words(fact, item):
    if fact.kind is not Kind.LIST_RECORD or not hasattr(item, "get"):
        return str(number(item))
    told = [str(_value_words(field, item[name])) for name, field in fact.fields.items() if name in item]
    if "date" not in item:
        return " ".join(told)
    when, *told = told
    return f"{' '.join(told)} ({when})" if told else when


@register.simple_tag
def fact_value(name, value, catalogue):
    """The value of a fact in words, by the `catalogue` of the criteria that judge it, with its unit; `not known` where
    it is absent."""
    fact = catalogue.get(str(name))
    if value is None or value == "" or value == "not_known":
        return "not known"
    if name in ages.AGES:
        return ages.fact_words(name, value)
    return words.plain(value) if fact is None and not isinstance(value, bool) else _value_words(fact, value)


def _value_words(fact, value):
    if value is True or value is False:
        return "yes" if value else "no"
    if fact.kind is Kind.BOOL and value in ("true", "false"):
        return "yes" if value == "true" else "no"
    if fact.kind is Kind.CHOICE:
        return fact.choices.get(str(value), value)
    if fact.kind is Kind.DATE:
        return _day_words(value if isinstance(value, date) else read_day(value))
    if isinstance(value, list | tuple):
        if not value:
            return NONE
        joined = ", ".join(_item_words(fact, item) for item in value)
        return f"{joined}{NARROW_SPACE}{fact.unit}" if fact.unit and fact.kind is Kind.LIST_DEC else joined
    if fact.kind in (Kind.DEC, Kind.INT):
        value = _short(value)
        return amount(value, _unit_words(fact.unit)) if fact.unit else number(value)
    return value


def _short(value):
    """A number to 3 decimals, which is what anybody may type: what was converted from pounds or inches has more."""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return value
    return round_half_up(exact, 3) if exact.is_finite() and exact != round_half_up(exact, 3) else value


def _unit_words(unit):
    return unit.replace("10^9", "× 10⁹")


@register.filter
def fact_rows(facts, catalogue):
    """Facts as rows of name, label and value in words, in the order of the vocabulary."""
    names = sorted(facts, key=in_order)
    rows = [
        {"name": name, "label": fact_label(name, catalogue), "value": fact_value(name, facts[name], catalogue)}
        for name in names
    ]
    if not {ages.YEARS, ages.MONTHS, ages.DAYS} <= set(facts):
        return rows
    # One age under three names is said once.
    said = {"name": ages.YEARS, "label": fact_label(ages.YEARS, catalogue), "value": ages.words_of(facts)}
    return [said if row["name"] == ages.YEARS else row for row in rows if row["name"] not in (ages.MONTHS, ages.DAYS)]


@register.filter
def fact_groups(facts, catalogue):
    """Rows of facts under the titles of the catalogue's groups."""
    groups: dict[str, list[dict]] = {}
    for row in fact_rows(facts, catalogue):
        fact = catalogue.get(row["name"])
        groups.setdefault(fact.group if fact else "Other", []).append(row)
    return [{"title": title, "rows": rows} for title, rows in groups.items()]


@register.filter
def outside_checklist(rows):
    """The rows of a group of facts (of `fact_groups`) that are no rows of the safety checklist."""
    return [row for row in rows if row["name"] not in (*SAFETY_CHECKLIST, PREGNANCY)]
