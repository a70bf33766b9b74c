"""The token that makes a form one form, however often it is sent; see `utilization.web.single_send`."""

import secrets

from django import template

from utilization.web.single_send import FIELD

register = template.Library()


@register.inclusion_tag("_parts/form_token_field.html")
def form_token() -> dict[str, str]:
    """A hidden field with a new random token each time that a page is shown."""
    return {"name": FIELD, "token": secrets.token_urlsafe(18)}
