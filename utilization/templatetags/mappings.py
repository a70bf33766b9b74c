"""Values by their keys: `{{ facts|lookup:name }}`. Loaded for every template (`TEMPLATES` in the settings)."""

from django import template

register = template.Library()


@register.filter
def lookup(mapping, key):
    """`mapping[key]`, or None: templates cannot index by a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None
