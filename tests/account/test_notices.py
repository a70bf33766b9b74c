"""The owner of an account is mailed what changed about the ways into it, where the site sends mail."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_tasks import default_task_backend

from tests.account.test_codes_pages import add as add_app
from tests.account.test_passkey_pages import add as add_passkey
from tests.cast import PASSWORD, Cast
from tests.security_key import SecurityKey
from utilization import workflow
from utilization.jobs import account_notice
from utilization.models import User
from utilization.sign_in_log import SignInKind
from utilization.workflow import people

ISSUER = "https://id.example"


@pytest.fixture
def mailed(cast: Cast, settings, django_capture_on_commit_callbacks):
    """Do something, and return what was mailed to whom by then: (address, the first line of what it says, by whom)."""
    settings.MAIL_FROM = "ivig@hospital.example"

    def after(act):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        lines = [(message.to, message.body.splitlines()) for message in mail.outbox]
        return [(to, told[2], told[5].removeprefix("By: ")) for to, told in lines]

    return after


def _adam(cast, act, *args):
    return lambda: act(cast["fern"], *args, by=cast["adam"], at=timezone.now())


FERN = ["fern@hospital.example"]
OWN = "whoever was signed in to your account, or had your link"


def test_what_an_administrator_does_is_mailed_to_its_owner(cast: Cast, mailed):
    enter = _adam(cast, workflow.single_sign_on.enter_subject, ISSUER, "fern-1")
    linked = "Your account was linked to an account of the hospital’s sign-in service."
    assert mailed(enter) == [(FERN, linked, "Adam Administrator")]
    told = mailed(_adam(cast, people.reset_password))
    assert told == [
        (FERN, "Your account is linked to the hospital’s sign-in service no more.", "Adam Administrator"),
        (FERN, "Your password was reset, and works no more.", "Adam Administrator"),
    ]


def test_what_somebody_does_at_a_screen_is_mailed_too(cast: Cast, seen_by, mailed):
    browser = seen_by("fern")
    added = "A passkey, an authenticator app or recovery codes were added."
    assert mailed(lambda: add_passkey(browser, SecurityKey())) == [(FERN, added, OWN)]
    assert mailed(lambda: add_app(browser)) == [(FERN, added, OWN)]
    typed = {"oldpassword": PASSWORD, "password1": "four-unrelated-words-1", "password2": "four-unrelated-words-1"}
    assert mailed(lambda: browser.post("/account/password/", typed)) == [(FERN, "Your password was changed.", OWN)]


def test_a_mail_says_whose_account_and_when_and_what_to_do(cast: Cast, mailed):
    with time_machine.travel(datetime(2026, 3, 2, 9, 5, tzinfo=UTC), tick=False):
        mailed(_adam(cast, people.reset_password))
    [message] = mail.outbox
    assert message.body.startswith("Fern Pharmacist,\n")
    assert "Account: fern\nWhen: 2 Mar 2026, 09:05 UTC\n" in message.body
    assert "tell an auditor of your site at once" in message.body
    assert cast.patient.name not in message.body


def test_signing_in_and_failing_to_is_not_mailed(cast: Cast, mailed):
    def sign_in():
        Client().post("/account/sign-in/", {"login": "fern", "password": "wrong"})
        Client().post("/account/sign-in/", {"login": "fern", "password": PASSWORD})

    assert mailed(sign_in) == []


def test_a_site_without_mail_sends_none(cast: Cast, mailed, settings):
    settings.MAIL_FROM = ""
    assert mailed(_adam(cast, people.reset_password)) == []


def test_what_is_undone_is_not_mailed(cast: Cast, mailed):
    def refused():
        with pytest.raises(workflow.Refused):
            people.reset_password(cast["adam"], by=cast["adam"], at=timezone.now())

    assert mailed(refused) == []


def test_a_mail_server_that_is_away_hinders_nothing_and_is_tried_again(cast: Cast, mailed, settings, monkeypatch):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    waits = []

    class Later:
        @staticmethod
        def enqueue(entry_pk, waited):
            waits.append(waited)

    monkeypatch.setattr(type(default_task_backend.get_backend() if hasattr(default_task_backend, "get_backend")
                             else default_task_backend), "supports_defer", True, raising=False)  # fmt: skip
    monkeypatch.setattr(type(account_notice.send_notice), "using", lambda self, **kwargs: Later)
    assert mailed(_adam(cast, people.reset_password)) == []
    assert not User.objects.get(username="fern").has_usable_password()
    assert waits == [60]


def test_every_kind_that_is_mailed_is_one_of_the_log():
    assert set(account_notice.SAYS) <= set(SignInKind)
