"""The mail server, asked whether it answers; nothing is sent."""

import smtplib
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core.mail import get_connection

from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine

_SECONDS = 5


def lines(at: datetime) -> Iterator[DoctorLine]:
    """Whether mail can be sent."""
    if not settings.MAIL_URL or not settings.MAIL_FROM:
        yield DoctorLine(OK, "mail", "none is sent; links for passwords go by a letter that two people make")
        return
    if settings.MODE == "production" and not (
        getattr(settings, "EMAIL_USE_TLS", False) or getattr(settings, "EMAIL_USE_SSL", False)
    ):
        yield DoctorLine(
            WARN, "mail", "is sent without encryption, links for passwords too", "Write smtp+tls:// in IVIG_MAIL_URL"
        )
    try:
        server = get_connection(timeout=_SECONDS)
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        yield DoctorLine(
            FAIL,
            "mail",
            f"the mail server does not answer as it should: {type(error).__name__}",
            "Check IVIG_MAIL_URL: host, port, user and password, and the firewall between",
        )
    else:
        yield DoctorLine(OK, "mail", "the mail server answers")
