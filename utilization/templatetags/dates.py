"""Days, instants and lengths of time. `{% load dates %}`.

Times are shown in the active time zone, which the site sets, and always name it.
"""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html

from utilization.rules.facts.date_words import day_words, days_in_words, zone_words

register = template.Library()


def _moment(value):
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else None


def _day_words(value):
    return day_words(value, "\u00a0")


register.filter(days_in_words)


@register.filter
def when(value):
    """An instant as `21 Nov 2026, 14:03 GMT`, in the active time zone; takes a datetime or its ISO text."""
    moment = _moment(value)
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}">{}, {}\u00a0{}</time>',
        moment.isoformat(timespec="seconds"), _day_words(moment), f"{moment:%H:%M}", zone_words(moment),
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
    return format_html('<time datetime="{}">{}</time>', value.isoformat()[:10], _day_words(value))


def _span(length):
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


@register.filter
def end_words(last, today):
    """When an authorization ends, seen from `today`: `ends in 12 days`, `ends today`, `lapsed 3 days ago`."""
    days = (last - today).days
    if days == 0:
        return "ends today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"ends in {count}" if days > 0 else f"lapsed {count} ago"


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
