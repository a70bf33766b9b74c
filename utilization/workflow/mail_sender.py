"""The name under which mail of a site comes, and the address to which answers to it go."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from utilization import access, event_log
from utilization.models import Site, User
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.text_input import clean_text

MOST_SENDER_NAME, MOST_REPLY_TO = 80, 254
_NO_NAME = ("<", ">", "@", '"', "\\", "=?")
"""What a name in a sender does not hold: signs of an address, which mail programs would show in place of the true one,
and the beginning of a word that is written in code."""
NAME_ALONE = 'Write a name alone, without an address and without < > @ " and \\.'
NO_ADDRESS = "Write one e-mail address in plain letters, such as ivig@hospital.example, or leave it empty."


@dataclass(frozen=True, slots=True)
class MailSender:
    """What an administrator typed: a name and an address for answers. Where one is empty, the server's own holds."""

    mail_from_name: str
    mail_reply_to: str


@transaction.atomic
def set_mail_sender(site: Site, typed: MailSender, *, by: User, at: datetime) -> Site:
    """Have mail of `site` come under the name, and answers go to the address, of `typed`; the site as it is now.

    Where it stands so already, nothing is changed and nothing logged. Raises Refused, Invalid by field.
    """
    if not access.can(by, Permission.MANAGE_PEOPLE, site=site):
        raise Refused(f"Your roles at {site.name} do not let you say from whom its mail comes.")
    now = _read(typed)
    held = Site.objects.select_for_update(of=("self",), no_key=True).get(pk=site.pk)
    before = {name: getattr(held, name) for name in now}
    if before != now:
        event_log.append(type="site.mail_sender", at=at, actor=by, site=held, data={"before": before, "now": now})
        for name, value in now.items():
            setattr(held, name, value)
        held.save(update_fields=list(now))
    return held


def _read(typed: MailSender) -> dict[str, str]:
    now: dict[str, str] = asdict(typed)
    errors: dict[str, list[str]] = {}
    for name, most in (("mail_from_name", MOST_SENDER_NAME), ("mail_reply_to", MOST_REPLY_TO)):
        try:
            now[name] = clean_text(name, now[name], most=most, one_line=True)
        except Invalid as invalid:
            errors |= invalid.errors
    if "mail_from_name" not in errors and any(sign in now["mail_from_name"] for sign in _NO_NAME):
        errors["mail_from_name"] = [NAME_ALONE]
    if "mail_reply_to" not in errors and now["mail_reply_to"] and not _is_address(now["mail_reply_to"]):
        errors["mail_reply_to"] = [NO_ADDRESS]
    if errors:
        raise Invalid(errors)
    return now


def _is_address(text: str) -> bool:
    """Whether `text` is an address that every mail server can be given: of ASCII, its parts not in quotes."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return text.isascii() and '"' not in text
