"""How values are shown: icons, states, doses, dates and the words for codes. `{% load present %}`.

Nothing here queries. Times are shown in the active time zone, which the site sets, and always name it.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html

from utilization.rules import words
from utilization.rules.dosing.plan import round_half_up
from utilization.rules.facts import ages
from utilization.rules.facts.catalogue import CATALOGUE, PREGNANCY, SAFETY_CHECKLIST, Kind
from utilization.rules.facts.date_words import day_words, days_in_words, zone_words
from utilization.rules.facts.units import unit_for
from utilization.rules.facts.values import in_order
from utilization.rules.form.answers import NONE
from utilization.rules.packs.pack import to_acknowledge

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


# --- States -------------------------------------------------------------------------------------------------------
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
def outcome_word(code):
    return words.sign_of(code, words.OUTCOMES).word


@register.filter
def outcome_sentence(code):
    return words.sign_of(code, words.OUTCOMES).sentence


@register.filter
def status_word(code):
    return words.sign_of(code, words.STATUSES).word


@register.filter
def result_word(code):
    return words.sign_of(code, words.RESULTS).word


@register.filter
def result_icon(code):
    return words.sign_of(code, words.RESULTS).icon


@register.filter
def result_tone(code):
    return words.sign_of(code, words.RESULTS).tone


@register.filter
def warning_word(code):
    return words.warning(code).title


@register.filter
def asking_for_a_tick(judgement):
    """Codes of the warnings of a judgement that a clinician weighs and acknowledges; the rest is information."""
    return to_acknowledge(judgement or {})


@register.filter
def only_telling(judgement):
    """Codes of the warnings of the pack's own that only tell, and that nobody has to acknowledge."""
    own = (judgement or {}).get("own_warnings", {})
    return [code for code in own if not own[code]["acknowledge"]]


@register.filter
def own_warning(code, judgement):
    """The words {title, text} of a warning: the pack's own that the judgement brings, or those of the vocabulary."""
    own = (judgement or {}).get("own_warnings", {}).get(code)
    return own or words.warning(code)


@register.filter
def warning_text(code):
    return words.warning(code).text


@register.filter
def role_word(code):
    return words.ROLES.get(str(code)) or words.plain(code)


@register.filter
def event_word(kind):
    return words.EVENTS.get(str(kind), (words.plain(kind), ""))[0]


@register.filter
def event_icon(kind):
    return words.EVENTS.get(str(kind), ("", "info"))[1]


@register.filter
def weight_basis_word(code):
    return words.WEIGHT_BASES.get(str(code)) or words.plain(code)


@register.filter
def strength_word(code):
    return words.STRENGTHS.get(str(code)) or words.plain(code)


@register.filter
def message_class(message):
    return _MESSAGE_SIGNS.get(message.level_tag, ("is-ask", "info"))[0]


@register.filter
def message_icon(message):
    return _MESSAGE_SIGNS.get(message.level_tag, ("is-ask", "info"))[1]


@register.filter
def lookup(mapping, key):
    """`mapping[key]`, or None: templates cannot index by a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None


# --- Facts --------------------------------------------------------------------------------------------------------
@register.filter
def fact_label(name, catalogue):
    """The label of a fact, by the `catalogue` of the criteria that judge it."""
    fact = catalogue.get(str(name))
    return fact.label if fact else words.plain(name)


@register.filter
def fact_labels(names, catalogue):
    """The labels of facts in a row, by the `catalogue` of the criteria that judge them."""
    return ", ".join(fact_label(name, catalogue) for name in names)


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
        return _day_words(value if isinstance(value, date) else date.fromisoformat(value))
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


_SIGNS = {"<=": "at most ", ">=": "at least ", "=": ""}


def _term(term):
    """`fact=value` taken apart into fact, sign and value; a term that is no comparison has neither sign nor value."""
    for sign in _SIGNS:
        name, found, value = str(term).partition(sign)
        if found:
            return name, sign, value
    return str(term), "", ""


def _term_words(name, sign, values, catalogue):
    if not sign:
        return name
    *most, last = ["without an answer" if value == "null" else fact_value(name, value, catalogue) for value in values]
    listed = f"{', '.join(map(str, most))} or {last}" if most else last
    return f"{fact_label(name, catalogue)}: {_SIGNS[sign]}{listed}"


@register.filter
def ways_words(alternatives, catalogue):
    """The alternatives of "what would meet", each a list of sentences; those that differ in one value are one."""
    ways: list[list[tuple[str, str, list[str]]]] = []
    for alternative in alternatives:
        terms = [_term(term) for term in alternative]
        for way in ways:
            if [part[:2] for part in way] != [term[:2] for term in terms]:
                continue
            apart = [values for (_, _, values), (_, _, value) in zip(way, terms, strict=True) if values != [value]]
            if len(apart) == 1:
                changed = next(i for i, part in enumerate(way) if part[2] is apart[0])
                apart[0].append(terms[changed][2])
                break
        else:
            ways.append([(name, sign, [value]) for name, sign, value in terms])
    return [[_term_words(*part, catalogue) for part in way] for way in ways]


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


@register.simple_block_tag
def empty_state(content, symbol, title, action_url="", action_label=""):
    """A box that says that nothing is here; what stands in the block says what to do about it.

    `symbol` names an icon; `action_url` and `action_label` make a button.
    """
    return render_to_string(
        "_parts/empty.html",
        {"symbol": symbol, "title": title, "text": content, "action_url": action_url, "action_label": action_label},
    )


# --- Forms --------------------------------------------------------------------------------------------------------
@register.filter
def error_lines(told, prefix="#div_id_"):
    """What is wrong, a line each: `href` (empty where no field is to blame), `label` and `text`.

    `told` is a bound form; or texts by name of the field, whose place is `prefix` and the name; or lines; or texts.
    """
    if isinstance(told, str):
        told = [told] if told else []
    if isinstance(told, dict):
        pairs = [
            (name, text) for name, texts in told.items() for text in ([texts] if isinstance(texts, str) else texts)
        ]
        return [{"href": f"{prefix}{name}", "label": fact_label(name, CATALOGUE), "text": text} for name, text in pairs]
    if isinstance(told, list | tuple):
        return [one if isinstance(one, dict) else {"href": "", "label": "", "text": one} for one in told]
    if told is None:
        return []
    lines = [{"href": "", "label": "", "text": error} for error in told.non_field_errors()]
    for field in told:
        href = "" if field.is_hidden else f"#{field.id_for_label or f'div_{field.auto_id}'}"
        lines += [{"href": href, "label": field.label, "text": error} for error in field.errors]
    return lines


@register.simple_tag
def errors_of(lines, form, prefix=""):
    """The lines of an error summary: `lines` where a page gives them, else those of `form`."""
    return error_lines(lines or form, prefix or "#div_id_")


@register.filter
def control_classes(field, more=""):
    """The classes of the control of a bound field: Bootstrap's, those of `more`, and the mark of an error."""
    return " ".join(filter(None, ["form-control", more, "is-invalid" if field.errors else ""]))


@register.filter
def typed_words(typed, catalogue):
    """What was typed into one field of a draft: text as it stands, or the labels of what was chosen."""
    return typed if isinstance(typed, str) else fact_labels(typed, catalogue)


@register.filter
def with_result(findings, result):
    """The findings of this result, without those that only say what is taken for granted."""
    return [one for one in findings or () if one["result"] == result and not str(one["id"]).startswith("default.")]


@register.filter
def taken_for_granted(findings):
    """The findings that say what is taken for granted while nothing is stated."""
    return [one for one in findings or () if str(one["id"]).startswith("default.")]
