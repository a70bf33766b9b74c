"""Sends the mails that notices wait in: each at least once, and known by its Message-ID where it comes a second time.

A mail is claimed before and settled after; the mail server is never waited for inside a transaction. What hinders one
recipient is noted with that mail; what hinders all of them ends the round, so that a server that is away is asked once
a round and not once a mail.
"""

from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.utils import timezone

from utilization import workflow
from utilization.jobs.site_mail import a_site_mail, server_address
from utilization.models import Delivery, Site
from utilization.rules.notices import row_of

log = structlog.stdlib.get_logger("utilization.notice_mail")

MOST_A_ROUND = 200
MOST_LINES = 50
"""Sentences in a mail of the day; what is beyond is counted."""
_CLOSED = "account closed"


class _Vain(Exception):
    """The mail will never reach this recipient; the text is a class or code."""


class _ServerTrouble(Exception):
    """Nothing can be sent now; the text is a class or code."""


def send_due(now: Callable[[], datetime] = timezone.now) -> int:
    """Make the mails of the day that are due, and send whatever waits; how many were sent."""
    if not settings.MAIL_FROM:
        return 0
    workflow.notices.make_digests(at=now())
    connection, sent = get_connection(), 0
    try:
        for pk in workflow.notices.due_deliveries(at=now(), most=MOST_A_ROUND):
            delivery = workflow.notices.claim_delivery(pk, at=now())
            if delivery is None:
                continue
            try:
                _send(delivery, connection)
            except _Vain as vain:
                workflow.notices.note_delivery_failed(delivery, str(vain), at=now(), for_good=True)
            except _ServerTrouble as trouble:
                workflow.notices.note_delivery_failed(delivery, str(trouble), at=now())
                log.warning("mail server in trouble", failure=str(trouble))
                break
            except SMTPException as failure:
                workflow.notices.note_delivery_failed(delivery, _code(failure), at=now())
            else:
                workflow.notices.note_delivery_sent(delivery, at=now())
                sent += 1
    finally:
        _close(connection)
    return sent


def _send(delivery: Delivery, connection: Any) -> None:
    person = delivery.recipient
    if not person.is_active:
        raise _Vain(_CLOSED)
    try:
        message = a_mail(delivery)
        message.message()
    except ValueError as fault:  # a line break in a header, or an address that cannot be written
        raise _Vain(type(fault).__name__) from None
    try:
        connection.send_messages([message])
    except SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        if codes and all(code >= 500 for code in codes):
            raise _Vain(f"refused {codes[0]}") from None
        raise
    except SMTPDataError as refused:
        if refused.smtp_code >= 500:
            raise _Vain(f"refused {refused.smtp_code}") from None
        raise
    except UnicodeError as fault:
        raise _Vain(type(fault).__name__) from None
    except (OSError, SMTPException) as failure:
        _close(connection)
        raise _ServerTrouble(_code(failure)) from None


def _code(failure: Exception) -> str:
    if isinstance(failure, SMTPRecipientsRefused):
        return f"refused {next((code for code, _ in failure.recipients.values()), '')}"
    return f"{type(failure).__name__} {getattr(failure, 'smtp_code', '')}".strip()


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, SMTPException):
        return


def a_mail(delivery: Delivery) -> EmailMessage:
    """The mail as it is sent: sentences alone, neither a patient nor a request in it.

    It is that of the site whose notices it holds; where they are of several, as in the mail of a day of who works at
    several, that of the server.
    """
    notices = list(delivery.notices.order_by("made_at", "pk")[: MOST_LINES + 1])
    said: dict[str, int] = {}
    for notice in notices[:MOST_LINES]:
        if row := row_of(notice.event_type, notice.kind):
            said[row.mail] = said.get(row.mail, 0) + 1
    urgent = any(notice.urgent for notice in notices)
    body = render_to_string(
        "notices/mail.txt",
        {
            "person": delivery.recipient,
            "said": said.items(),
            "more": max(delivery.notices.count() - MOST_LINES, 0),
            "address": settings.SITE_ADDRESS,
        },
    )
    subject = "Urgent: IVIG utilization review waits for you" if urgent else "Notices of IVIG utilization review"
    headers = {"Message-ID": message_id(delivery), "Auto-Submitted": "auto-generated"}
    if urgent:
        headers |= {"Importance": "high"}
    sites = Site.objects.filter(pk__in=delivery.notices.order_by().values("site"))[:2]
    return a_site_mail(sites[0] if len(sites) == 1 else None, delivery.recipient, subject, body, headers)


def message_id(delivery: Delivery) -> str:
    """The same at each try, so that a mail that came twice is known for one."""
    domain = server_address().rpartition("@")[2] or "localhost"
    return f"<{delivery.uid.hex}@{domain}>"
