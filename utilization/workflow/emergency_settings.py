"""What a site says of emergencies: whom to call, and by when a first dose is reviewed and a verbal order confirmed."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from utilization import access, event_log
from utilization.models import Site, User
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.text_input import clean_text

MOST_EMERGENCY_HOURS = 168
MOST_ON_CALL_NAME, MOST_ON_CALL_PHONE = 120, 40


@dataclass(frozen=True, slots=True)
class EmergencySettings:
    """Settings as typed: whom to call, by name and telephone, and hours for the review and for a confirmation."""

    on_call_name: str
    on_call_phone: str
    review_after_hours: str
    confirm_order_hours: str


@transaction.atomic
def set_emergency_settings(site: Site, typed: EmergencySettings, *, by: User, at: datetime) -> Site:
    """Keep what `typed` says for `site`; the site as it is now. What was released before keeps its deadline.

    Where it stands so already, nothing is changed and nothing logged. Raises Refused, Invalid by field.
    """
    if not access.can(by, Permission.MANAGE_PEOPLE, site=site):
        raise Refused(f"Your roles at {site.name} do not let you say what holds in an emergency.")
    now = _read(typed)
    held = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    before = {name: getattr(held, name) for name in now}
    if before != now:
        event_log.append(type="site.emergencies", at=at, actor=by, site=site, data={"before": before, "now": now})
        for name, value in now.items():
            setattr(held, name, value)
        held.save(update_fields=list(now))
    return held


def _read(typed: EmergencySettings) -> dict[str, str | int]:
    errors: dict[str, list[str]] = {}
    now: dict[str, str | int] = {}
    for name, most in (("on_call_name", MOST_ON_CALL_NAME), ("on_call_phone", MOST_ON_CALL_PHONE)):
        try:
            now[name] = clean_text(name, getattr(typed, name), most=most, one_line=True)
        except Invalid as invalid:
            errors |= invalid.errors
    if bool(now.get("on_call_name")) != bool(now.get("on_call_phone")) and not errors:
        missing = "on_call_phone" if now["on_call_name"] else "on_call_name"
        errors[missing] = ["Give name and telephone, or leave both empty."]
    for name in ("review_after_hours", "confirm_order_hours"):
        text = str(getattr(typed, name)).strip()
        if text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_EMERGENCY_HOURS:
            now[name] = int(text)
        else:
            errors[name] = [f"Give whole hours, from 1 to {MOST_EMERGENCY_HOURS}."]
    if errors:
        raise Invalid(errors)
    return now
