"""How a patient is shown: measures as typed and as used, sex that may not be known. `{% load patients %}`.

A patient is a row of `Patient`, or a mapping as it was filed (`patient_as_filed`), older ones without `…_typed`.
"""

from django import template

from utilization.reports.print_words import measure_words
from utilization.rules.facts.date_words import days_in_words
from utilization.rules.identity import SEX_NOT_KNOWN
from utilization.templatetags.doses import NARROW_SPACE

register = template.Library()


def _of(patient, name):
    """A column of a patient, or of what is known of one; empty where there is none."""
    return (patient.get(name) if hasattr(patient, "get") else getattr(patient, name, None)) or ""


def _shown(patient, measure, unit):
    return measure_words(_of(patient, f"{measure}_typed"), _of(patient, f"{measure}_{unit}"), unit, NARROW_SPACE)


@register.filter
def weight_words(patient):
    """The weight as typed and as used, `198 lb = 89.8 kg`; empty where it is not known."""
    return _shown(patient, "weight", "kg")


@register.filter
def height_words(patient):
    """The height as typed and as used, `5 ft 4 in = 162.6 cm`; empty where it is not known."""
    return _shown(patient, "height", "cm")


@register.filter
def kept_record(record):
    """The record into which `record` was merged, or itself."""
    return _of(record, "merged_into") or record


@register.filter
def sex_words(code):
    """The sex in a word."""
    return "not known" if code == SEX_NOT_KNOWN else code


_DAYS = frozenset({"date_of_birth", "died_on", "measured_on"})


def _written(field, value):
    return days_in_words(value) if field in _DAYS else value


@register.filter
def change_words(change):
    """A change of who a patient is, as sentences: [(what, old, new)]."""
    labels = {
        "mrn": "MRN", "name": "Name", "date_of_birth": "Birth date", "sex": "Sex", "died_on": "Died on",
        "weight_kg": "Weight in kg", "height_cm": "Height in cm", "measured_on": "Weighed on",
    }  # fmt: skip
    return [
        {
            "label": labels[part["field"]],
            **{when: _written(part["field"], part[when]) if part[when] else "nothing" for when in ("old", "new")},
        }
        for part in change.changes
        if part["field"] in labels
    ]
