"""Words that the prescriber's pages need beside those of `present`."""

from django import template

from utilization import library
from utilization.reports.prescriber_lists import title_of
from utilization.templatetags.present import fact_label

register = template.Library()

_FIELDS = {
    "safety": "Safety",
    "dose": "Dose",
    "justification": "Clinical justification",
    "emergency_reason": "Why it is an emergency",
    "clinical_summary": "Clinical summary",
    "diagnosis_code": "Diagnosis code",
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
def field_label(name):
    """The label of a field of the request form."""
    return fact_label(name) if library.fact_named(str(name)) else _FIELDS.get(str(name)) or fact_label(name)


@register.filter
def order_label(name):
    """The label of a part of an order as decided."""
    return _ORDER.get(str(name)) or fact_label(name)


@register.filter
def missing_lines(missing):
    """What a form lacks, as lines of the error summary: each leads to its field."""
    return [{"href": f"#div_id_{name}", "label": field_label(name), "text": text} for name, text in missing.items()]


@register.filter
def and_missing(lines, missing):
    """`lines` of an error summary with those of `missing`."""
    return [*lines, *missing_lines(missing)]
