"""Words of the prescriber's pages: indications, fields of the form, parts of an order. `{% load prescribing %}`."""

from django import template

from utilization.reports.prescriber_lists import title_of
from utilization.rules import words
from utilization.templatetags.facts import fact_label

register = template.Library()

_FIELDS = {
    "safety": "Safety",
    "dose": "Dose",
    "justification": "Clinical justification",
    "emergency_reason": "Why it is an emergency",
    "clinical_summary": "Clinical summary",
    "diagnosis_code": "Diagnosis code",
    "prescriber_number": "Prescriber’s number",
    "payer_name": "Payer",
    "payer_member_number": "Member number",
    "facts": "The order",
    "answers": "The form",
}
_ORDER = {
    "dose_total_g": "Grams a course",
    "course_days": "Days of a course",
    "interval_weeks": "Weeks between courses",
    "months": "Months",
    "courses": "Courses",
}


@register.filter
def indication_words(code):
    """The indication of this code in words."""
    return title_of(str(code))


@register.filter
def field_label(name, catalogue):
    """The label of a field of the request form, by the `catalogue` of the criteria that judge it."""
    return (_FIELDS.get(str(name)) if name not in catalogue else None) or fact_label(name, catalogue)


@register.filter
def order_label(name):
    """The label of a part of an order as decided."""
    return _ORDER.get(str(name)) or words.plain(name)


@register.filter
def missing_lines(missing, catalogue):
    """What a form lacks, as lines of the error summary: each leads to its field."""
    return [
        {"href": f"#div_id_{name}", "label": field_label(name, catalogue), "text": text}
        for name, text in missing.items()
    ]


@register.filter
def and_lines(lines, more):
    """`lines` of an error summary with `more` of them."""
    return [*lines, *more]


@register.filter
def each_a(roles):
    """Roles in a row: `a pharmacist`, `a pharmacist and a physician`."""
    *most, last = [f"a {role}" for role in roles]
    return f"{', '.join(most)} and {last}" if most else last
