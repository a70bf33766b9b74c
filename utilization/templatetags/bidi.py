"""Names in running text: `{{ decision.signed_name|bdi }}`. Loaded for every template (`TEMPLATES` in the settings)."""

import unicodedata

from django import template
from django.utils.html import format_html

register = template.Library()


@register.filter
def bdi(text):
    """`text` in an element of its own direction where it holds letters that run from right to left.

    Without it a browser draws the commas and dates after a Hebrew or Arabic name among it, in another order. Text
    without such letters stays as it is. Not for attributes: there an element cannot stand.
    """
    shown = str(text)
    if shown.isascii() or not any(unicodedata.bidirectional(character) in ("R", "AL") for character in shown):
        return text
    return format_html("<bdi>{}</bdi>", text)
