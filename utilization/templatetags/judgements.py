"""What a page picks out of a judgement: its warnings, findings and what would meet it. `{% load judgements %}`."""

from django import template

from utilization.rules.packs.pack import to_acknowledge
from utilization.templatetags.facts import fact_label, fact_value

register = template.Library()


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
def with_result(findings, result):
    """The findings of this result, without those that only say what is taken for granted."""
    return [
        finding
        for finding in findings or ()
        if finding["result"] == result and not str(finding["id"]).startswith("default.")
    ]


@register.filter
def taken_for_granted(findings):
    """The findings that say what is taken for granted while nothing is stated."""
    return [finding for finding in findings or () if str(finding["id"]).startswith("default.")]


_SIGNS = {"<=": "at most ", ">=": "at least ", "=": ""}


def _term(term):
    """`fact=value` taken apart into fact, sign and value; a term that is no comparison has neither sign nor value."""
    for sign in _SIGNS:
        name, compares, value = str(term).partition(sign)
        if compares:
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
