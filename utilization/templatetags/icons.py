"""Signs: the symbols of the sprite, and a state as icon, word and colour. `{% load icons %}`."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html

from utilization.rules import words

register = template.Library()


_MESSAGE_SIGNS = {
    "success": ("is-good", "met"),
    "error": ("is-bad", "warning"),
    "warning": ("is-weigh", "warning"),
}


@register.simple_tag
def icon(name, label="", size=""):
    """One symbol of the sprite; hidden from assistive technology unless it stands alone and has a `label`."""
    return _symbol(name, label, size)


@lru_cache(maxsize=512)  # a page has some eighty of these, and a live check draws them all again
def _symbol(name, label, size):
    href = f"{static('utilization/img/icons.svg')}#{name}"
    large = f" icon-{name}" + (" icon-large" if size == "large" else "")
    if label:
        return format_html(
            '<svg class="icon{}" role="img" aria-label="{}"><use href="{}"></use></svg>', large, label, href
        )
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', large, href
    )


def _badge(sign, size):
    large = " badge-state-large" if size == "large" else ""
    return format_html('<span class="badge-state is-{}{}">{}{}</span>', sign.tone, large, icon(sign.icon), sign.word)


@register.simple_tag
def outcome_badge(code, size=""):
    """The outcome of a judgement as icon, word and colour. `size` "large" where it is the page's answer."""
    return _badge(words.sign_of(code, words.OUTCOMES), size)


@register.simple_tag
def status_badge(code, size=""):
    """Where a request stands, as icon, word and colour."""
    return _badge(words.sign_of(code, words.STATUSES), size)


@register.simple_tag
def authorization_badge(code, size=""):
    """Whether an authorization is valid, as icon, word and colour."""
    return _badge(words.sign_of(code, words.AUTHORIZATION_STATES), size)


@register.filter
def result_icon(code):
    return words.sign_of(code, words.RESULTS).icon


@register.filter
def result_tone(code):
    return words.sign_of(code, words.RESULTS).tone


@register.filter
def event_icon(kind):
    return words.EVENTS.get(str(kind), ("", "info"))[1]


@register.filter
def message_class(message):
    return _MESSAGE_SIGNS.get(message.level_tag, ("is-ask", "info"))[0]


@register.filter
def message_icon(message):
    return _MESSAGE_SIGNS.get(message.level_tag, ("is-ask", "info"))[1]


@register.simple_block_tag
def empty_state(content, symbol, title, action_url="", action_label=""):
    """A box that says that nothing is here; what stands in the block says what to do about it.

    `symbol` names an icon; `action_url` and `action_label` make a button.
    """
    return render_to_string(
        "_parts/empty_state.html",
        {"symbol": symbol, "title": title, "text": content, "action_url": action_url, "action_label": action_label},
    )
