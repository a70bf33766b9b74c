"""Mails a person the link by which they choose a password; nobody else sees it, and it is kept nowhere.

One is sent at once by the page that makes it. Those of people who got accounts together are made and sent in the
background, each as it is sent, so that it works a whole day from then.
"""

from datetime import timedelta
from smtplib import SMTPException
from urllib.parse import urljoin

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django_tasks import default_task_backend, task

from utilization import sign_in_log, workflow
from utilization.jobs.site_mail import a_site_mail, site_of
from utilization.models import User
from utilization.sign_in_log import SignInKind

log = structlog.stdlib.get_logger("utilization.link_mail")

SUBJECT = "Choose your password for IVIG utilization review"
_FIRST_WAIT, _LONGEST_WAIT = 60, 8 * 3600


def mail_link(person: User, by: User, link: str) -> bool:
    """Mail `link` to `person`, for whom `by` had it made; whether the mail server took it."""
    body = render_to_string("people/link_mail.txt", {"person": person, "by": by, "link": link})
    try:
        a_site_mail(site_of(person, by), person, SUBJECT, body).send()
    except (OSError, SMTPException) as failure:
        log.error("link not sent", failure=type(failure).__name__, person=person.pk)
        return False
    sign_in_log.note(SignInKind.LINK_MAILED, user=person, by=by, at=timezone.now(), detail=person.email)
    return True


@task
def send_first_link(person_pk: int, by_pk: int, address: str, waited: int = 0) -> None:
    """Make and mail a link below `address`; where the mail server is away, again after twice the `waited` seconds.

    Nothing is sent to who has got in meanwhile, whose account is closed, or who gets a letter instead.
    """
    person = User.objects.filter(pk=person_pk, is_active=True).first()
    if person is None or not settings.MAIL_FROM or person.has_usable_password():
        return
    if workflow.password_letter.needs_code(person):
        return
    link = urljoin(address, workflow.password_letter.one_time_path(person))
    if mail_link(person, User.objects.get(pk=by_pk), link):
        return
    wait = max(2 * waited, _FIRST_WAIT)
    if wait <= _LONGEST_WAIT and default_task_backend.supports_defer:
        later = send_first_link.using(run_after=timezone.now() + timedelta(seconds=wait))
        later.enqueue(person_pk, by_pk, address, waited=wait)
