"""How values are shown: icons, states, doses, dates and the words for codes. `{% load present %}`.

Nothing here queries. Times are shown in the active time zone, which the site sets, and always name it.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html

from utilization.web import wording

register = template.Library()

NARROW_SPACE = "\u202f"  # between a number and its unit: keeps them on one line
_MESSAGE_SIGNS = {
    "success": ("is-good", "met"),
    "error": ("is-bad", "warning"),
    "warning": ("is-weigh", "warning"),
}


@register.simple_tag
def icon(name, label="", size=""):
    """One symbol of the sprite; hidden from assistive technology unless it stands alone and has a `label`."""
    href = f"{static('utilization/img/icons.svg')}#{name}"
    large = " icon-large" if size == "large" else ""
    if label:
        return format_html(
            '<svg class="icon{}" role="img" aria-label="{}"><use href="{}"></use></svg>', large, label, href
        )
    return format_html('<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', large, href)


# --- States -------------------------------------------------------------------------------------------------------
def _badge(sign, size):
    large = " badge-state-large" if size == "large" else ""
    return format_html('<span class="badge-state is-{}{}">{}{}</span>', sign.tone, large, icon(sign.icon), sign.word)


@register.simple_tag
def outcome_badge(code, size=""):
    """The outcome of a judgement as icon, word and colour. `size` "large" where it is the page's answer."""
    return _badge(wording.sign_of(code, wording.OUTCOMES), size)


@register.simple_tag
def status_badge(code, size=""):
    """Where a request stands, as icon, word and colour."""
    return _badge(wording.sign_of(code, wording.STATUSES), size)


@register.simple_tag
def result_badge(code, size=""):
    """Whether a criterion is met, as icon, word and colour."""
    return _badge(wording.sign_of(code, wording.RESULTS), size)


@register.simple_tag
def authorization_badge(code, size=""):
    """Whether an authorization is valid, as icon, word and colour."""
    return _badge(wording.sign_of(code, wording.AUTHORIZATION_STATES), size)


@register.filter
def outcome_word(code):
    return wording.sign_of(code, wording.OUTCOMES).word


@register.filter
def outcome_sentence(code):
    return wording.sign_of(code, wording.OUTCOMES).sentence


@register.filter
def outcome_tone(code):
    return wording.sign_of(code, wording.OUTCOMES).tone


@register.filter
def status_word(code):
    return wording.sign_of(code, wording.STATUSES).word


@register.filter
def status_sentence(code):
    return wording.sign_of(code, wording.STATUSES).sentence


@register.filter
def result_word(code):
    return wording.sign_of(code, wording.RESULTS).word


@register.filter
def result_icon(code):
    return wording.sign_of(code, wording.RESULTS).icon


@register.filter
def result_tone(code):
    return wording.sign_of(code, wording.RESULTS).tone


@register.filter
def warning_word(code):
    return wording.warning(code).title


@register.filter
def warning_text(code):
    return wording.warning(code).text


@register.filter
def role_word(code):
    return wording.ROLES.get(str(code)) or wording.plain(code)


@register.filter
def event_word(kind):
    return wording.EVENTS.get(str(kind), (wording.plain(kind), ""))[0]


@register.filter
def event_icon(kind):
    return wording.EVENTS.get(str(kind), ("", "info"))[1]


@register.filter
def weight_basis_word(code):
    return wording.WEIGHT_BASES.get(str(code)) or wording.plain(code)


@register.filter
def message_class(message):
    return _MESSAGE_SIGNS.get(message.level_tag, ("is-ask", "info"))[0]


@register.filter
def message_icon(message):
    return _MESSAGE_SIGNS.get(message.level_tag, ("is-ask", "info"))[1]


# --- Numbers, doses and dates -------------------------------------------------------------------------------------
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
    return f"{shown}{NARROW_SPACE}{unit}" if shown != "" else ""


@register.filter
def grams(value):
    """A dose in grams."""
    return amount(value, "g")


@register.filter
def kilograms(value):
    """A weight in kilograms."""
    return amount(value, "kg")


def _zone_name(moment):
    """The zone as people know it (`GMT`, `EST`); zones known only by their offset say `UTC+03`."""
    name = moment.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def _moment(value):
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else None


def _day_words(value):
    return f"{value.day} {value:%b %Y}"


@register.filter
def when(value):
    """An instant as `21 Nov 2026, 14:03 GMT`, in the active time zone; takes a datetime or its ISO text."""
    moment = _moment(value)
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" class="nowrap">{}, {} {}</time>',
        moment.isoformat(timespec="seconds"), _day_words(moment), f"{moment:%H:%M}", _zone_name(moment),
    )  # fmt: skip


@register.filter
def day(value):
    """A date as `21 Nov 2026`; takes a date, an instant (its day in the active zone) or ISO text."""
    moment = _moment(value)
    if moment is not None:
        value = moment.date()
    elif isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return ""
    if not isinstance(value, date):
        return ""
    return format_html('<time datetime="{}" class="nowrap">{}</time>', value.isoformat()[:10], _day_words(value))


def _span(length):
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


@register.filter
def span(value):
    """A length of time, from seconds or a timedelta, as `50 min`, `5 h` or `3 days`."""
    if value is None or value == "":
        return ""
    return _span(value if isinstance(value, timedelta) else timedelta(seconds=int(value)))


@register.filter
def due(value, now):
    """How long until `value`: `in 5 h`, or `3 h overdue`. Both are aware instants."""
    at, now = _moment(value), _moment(now)
    if at is None or now is None:
        return ""
    if at >= now:
        return f"in {_span(at - now)}"
    return format_html('<span class="is-overdue">{} overdue</span>', _span(now - at))


@register.filter
def ago(value, now):
    """How long since `value`: `5 h ago`."""
    at, now = _moment(value), _moment(now)
    return "" if at is None or now is None else f"{_span(max(now - at, timedelta()))} ago"
