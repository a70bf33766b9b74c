"""How a link for a new password reaches its person, and never whoever had it made: by mail, or by a letter of two."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from utilization import access, workflow
from utilization.jobs import link_mail
from utilization.jobs.task_queue import put
from utilization.models import User

MAILED, NOT_MAILED, LETTER = "mailed", "not mailed", "letter"


def hand_over(request: HttpRequest, by: User, person: User, path: str, heading: str) -> HttpResponse:
    """Send the link at `path` to `person`, or begin their letter; the answer says which, and shows no link."""
    context = {"person": person, "heading": heading}
    if settings.MAIL_FROM:
        sent = link_mail.mail_link(person, by, request.build_absolute_uri(path))
        way = MAILED if sent else NOT_MAILED
        return render(request, "people/link.html", {**context, "way": way})
    code = workflow.password_letter.begin_letter(person, by=by, at=timezone.now())
    printers = access.confirmers(person, access.standing_of(person))
    return render(request, "people/link.html", {**context, "way": LETTER, "code": code, "printers": printers})


def send_each(request: HttpRequest, by: User, people: Iterable[User]) -> bool:
    """Have each of `people`, who have no password yet, sent a link in the background; whether the site sends mail.

    Within the caller's transaction, so that nobody gets an account without their mail, nor a mail without an account.
    """
    if not settings.MAIL_FROM:
        return False
    for person in people:
        put(link_mail.send_first_link.enqueue, person.pk, by.pk, request.build_absolute_uri("/"))
    return True
