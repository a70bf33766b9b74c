"""Numbers, amounts and doses as people write them. `{% load doses %}`."""

from decimal import Decimal, InvalidOperation

from django import template

from utilization.rules.dosing.plan import round_half_up
from utilization.rules.facts.units import unit_for

register = template.Library()


NARROW_SPACE = "\u202f"  # between a number and its unit: keeps them on one line


@register.filter
def number(value):
    """A number as people write it: no trailing zeros, no exponent, thousands set apart; anything else unchanged."""
    if value is None or value == "" or isinstance(value, bool):
        return ""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return value
    if not exact.is_finite():
        return value
    text = f"{exact:,f}".replace(",", NARROW_SPACE)
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def amount(value, unit):
    """A number with its unit, on one line; empty when the value is not known."""
    shown = number(value)
    return f"{shown}{NARROW_SPACE}{unit_for(value, unit)}" if shown != "" else ""


@register.filter
def many(count, forms):
    """A count with its word, `1 hour` or `2 hours` by `many:"hour"`; `many:"entry,entries"` names the plural."""
    one, _, more = forms.partition(",")
    return f"{number(count)} {one if str(count) == '1' else more or one + 's'}"


@register.filter
def grams(value):
    """A dose in grams."""
    return amount(value, "g")


@register.filter
def one_decimal(value):
    """A number to one decimal, halves up, for a figure whose exact value stands elsewhere; empty when not known."""
    return "" if value in (None, "") else number(round_half_up(Decimal(str(value)), 1))


@register.filter
def kilograms(value):
    """A weight in kilograms."""
    return amount(value, "kg")
