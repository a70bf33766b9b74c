"""Mails the owner of an account what changed about the ways into it, so that they learn of what they did not do.

In the background, and tried again for some hours: whoever changed it waits for no mail server, and cannot stop the mail
by choosing a moment when it is away. Nothing of any patient stands in it.
"""

from datetime import timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import default_task_backend, task

from utilization.jobs.site_mail import a_site_mail, server_address, site_of
from utilization.jobs.task_queue import put
from utilization.models import SignInEntry, User
from utilization.sign_in_log import SignInKind

log = structlog.stdlib.get_logger("utilization.account_notice")

SUBJECT = "A way into your account for IVIG utilization review changed"
SAYS = {
    SignInKind.RESET: "Your password was reset, and works no more.",
    SignInKind.REOPENED: "Your account was opened again.",
    SignInKind.PASSWORD_SET: "A password was set by a one-time link.",
    SignInKind.PASSWORD_CHANGED: "Your password was changed.",
    SignInKind.SIGN_ON_LINKED: "Your account was linked to an account of the hospital’s sign-in service.",
    SignInKind.SIGN_ON_UNLINKED: "Your account is linked to the hospital’s sign-in service no more.",
    SignInKind.FACTOR_ADDED: "A passkey, an authenticator app or recovery codes were added.",
    SignInKind.FACTOR_REMOVED: "A passkey, an authenticator app or recovery codes were removed.",
    SignInKind.RECOVERY_CODE_USED: "Somebody signed in with one of your recovery codes.",
}
"""What is mailed, by what the sign-in log says. A person who is only invited gets their link."""
_FIRST_WAIT, _LONGEST_WAIT = 60, 8 * 3600


def mail_owner(entry_pk: int, kind: str) -> None:
    """Listener of the sign-in log: puts the mail in the queue, where the site sends mail."""
    if settings.MAIL_FROM and kind in SAYS:
        put(send_notice.enqueue, entry_pk)


@task
def send_notice(entry_pk: int, waited: int = 0) -> None:
    """Send it; where the mail server is away, again after twice the `waited` seconds, for some hours."""
    entry = SignInEntry.objects.get(pk=entry_pk)
    person = User.objects.filter(pk=entry.user_id or 0).exclude(email="").first()
    if person is None or not settings.MAIL_FROM:
        return
    body = render_to_string(
        "account/notice_mail.txt", {"person": person, "entry": entry, "says": SAYS[SignInKind(entry.kind)]}
    )
    by = User.objects.filter(pk=entry.by_id or 0).first()
    try:
        a_site_mail(site_of(person, by), person, SUBJECT, body, {"Message-ID": message_id(entry)}).send()
    except (OSError, SMTPException) as failure:
        log.error("notice not sent", failure=type(failure).__name__, entry=entry_pk)
        wait = max(2 * waited, _FIRST_WAIT)
        if wait <= _LONGEST_WAIT and default_task_backend.supports_defer:
            send_notice.using(run_after=timezone.now() + timedelta(seconds=wait)).enqueue(entry_pk, waited=wait)


def message_id(entry: SignInEntry) -> str:
    """The same however often the mail of an entry is sent, so that one that came twice is known for one.

    A worker may be killed once the mail server has taken it and before that is written down.
    """
    domain = server_address().rpartition("@")[2] or "localhost"
    return f"<account-{entry.pk}-{entry.at:%Y%m%d%H%M%S%f}@{domain}>"
