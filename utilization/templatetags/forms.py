"""What a form shows of its errors, and the classes of its controls. `{% load forms %}`."""

from django import template

from utilization.rules.facts.catalogue import CATALOGUE
from utilization.templatetags.facts import fact_label

register = template.Library()


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
        return [line if isinstance(line, dict) else {"href": "", "label": "", "text": line} for line in told]
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
