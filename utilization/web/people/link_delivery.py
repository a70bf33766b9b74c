"""How a link for a new password reaches its person, and never whoever had it made: by mail, or by a letter of two."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from utilization import sign_in_log, workflow
from utilization.models import User
from utilization.sign_in_log import SignInKind

MAILED, NOT_MAILED, LETTER = "mailed", "not mailed", "letter"
SUBJECT = "Choose your password for IVIG utilization review"


def hand_over(request: HttpRequest, by: User, person: User, path: str, heading: str) -> HttpResponse:
    """Send the link at `path` to `person`, or begin their letter; the answer says which, and shows no link."""
    context = {"person": person, "heading": heading}
    if settings.MAIL_FROM:
        way = MAILED if _sent(request, by, person, path) else NOT_MAILED
        return render(request, "people/link.html", {**context, "way": way})
    code = workflow.password_letter.begin_letter(person, by=by, at=timezone.now())
    return render(request, "people/link.html", {**context, "way": LETTER, "code": code})


def _sent(request: HttpRequest, by: User, person: User, path: str) -> bool:
    link = request.build_absolute_uri(path)
    body = render_to_string("people/link_mail.txt", {"person": person, "by": by, "link": link})
    try:
        EmailMessage(SUBJECT, body, from_email=settings.MAIL_FROM, to=[person.email]).send()
    except (OSError, SMTPException):
        return False
    sign_in_log.note(SignInKind.LINK_MAILED, user=person, by=by, at=timezone.now(), detail=person.email)
    return True
