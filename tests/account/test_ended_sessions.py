"""Sessions end at once when a way into the account is taken away, however they began.

What is expected is written apart from the code: `TAKEN` lists what can be taken from a person, and by whom.
"""

from collections.abc import Callable

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone

from tests.account.test_codes_pages import add as add_app
from tests.account.test_passkey_pages import add as add_passkey
from tests.cast import PASSWORD, Cast
from tests.security_key import SecurityKey
from utilization import workflow
from utilization.models import User
from utilization.workflow import people

ISSUER = "https://id.example"
SIGN_IN, SECOND = "/account/sign-in/", "/account/sign-in/second-step/"

BY_OTHERS: dict[str, Callable[[User, User], object]] = {
    "unlinked": lambda fern, adam: workflow.single_sign_on.unlink(fern, by=adam, at=timezone.now()),
    "linked to somebody else": lambda fern, adam: workflow.single_sign_on.enter_subject(
        fern, ISSUER, "other", by=adam, at=timezone.now()
    ),
    "deactivated": lambda fern, adam: people.deactivate(fern, by=adam, at=timezone.now()),
    "deactivated and opened again": lambda fern, adam: (
        people.deactivate(fern, by=adam, at=timezone.now()), people.reactivate(fern, by=adam, at=timezone.now()),
    ),
    "reset": lambda fern, adam: people.reset_password(fern, by=adam, at=timezone.now()),
    "second step taken": lambda fern, adam: people.remove_second_step(fern, by=adam, at=timezone.now()),
}  # fmt: skip
BY_THEMSELVES = {
    "passkey removed": ("/account/passkeys/remove/", {"number": "{passkey}"}),
    "app removed": ("/account/codes/app/remove/", {}),
    "recovery codes made anew": ("/account/codes/recovery/", {}),
}


def begun(person: User) -> Client:
    """A session as single sign-on begins it: no password was typed for it."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def fern(cast: Cast, seen_by):
    """A person with every kind of credential, and no password known to the sessions."""
    person = cast["fern"]
    browser = seen_by("fern")
    add_passkey(browser, SecurityKey())
    add_app(browser)
    browser.post("/account/codes/recovery/", {"password": PASSWORD})
    workflow.single_sign_on.enter_subject(person, ISSUER, "fern", by=cast["adam"], at=timezone.now())
    workflow.account_confirmation.confirm(person, by=cast["audrey"], at=timezone.now())
    return User.objects.get(pk=person.pk)


@pytest.mark.parametrize("what", BY_OTHERS)
def test_what_an_administrator_takes_away_ends_every_session(cast: Cast, fern, what):
    sessions = [begun(fern) for _ in range(2)]
    untouched = begun(cast["max"])
    assert {client.get("/account/passkeys/").status_code for client in sessions} == {200}
    BY_OTHERS[what](fern, cast["adam"])
    for client in sessions:
        assert client.get("/account/passkeys/").status_code == 302, what
        assert what == "deactivated" or SESSION_KEY not in client.session, "the server forgets who it was"
    assert untouched.get("/account/passkeys/").status_code == 200


@pytest.mark.parametrize("what", BY_THEMSELVES)
def test_what_a_person_takes_away_ends_their_other_sessions(fern, what):
    address, typed = BY_THEMSELVES[what]
    here, elsewhere = begun(fern), begun(fern)
    [key] = workflow.passkeys_of(fern)
    sent = {name: value.format(passkey=key.pk) for name, value in typed.items()}
    assert here.post(address, {"password": PASSWORD, **sent}).status_code in (200, 302)
    assert elsewhere.get("/account/passkeys/").status_code == 302
    assert here.get("/account/passkeys/").status_code == 200


def test_an_app_in_the_place_of_another_ends_other_sessions(fern):
    here, elsewhere = begun(fern), begun(fern)
    add_app(here)
    assert elsewhere.get("/account/passkeys/").status_code == 302
    assert here.get("/account/passkeys/").status_code == 200


def test_what_is_added_ends_nothing(cast: Cast):
    max_ = cast["max"]
    here, elsewhere = begun(max_), begun(max_)
    add_passkey(here, SecurityKey())
    workflow.single_sign_on.enter_subject(max_, ISSUER, "max", by=cast["adam"], at=timezone.now())
    assert {client.get("/account/passkeys/").status_code for client in (here, elsewhere)} == {200}


def test_a_password_that_was_reset_meanwhile_is_worth_nothing_at_the_second_step(cast: Cast, seen_by):
    key = SecurityKey()
    add_passkey(seen_by("fern"), key)
    client = Client()
    client.post(SIGN_IN, {"login": "fern", "password": PASSWORD})
    options = client.get(SECOND).context["js_data"]["request_options"]["publicKey"]
    people.reset_password(cast["fern"], by=cast["adam"], at=timezone.now())
    answer = client.post(SECOND, {"credential": key.signed({**options})}, follow=True)
    assert SESSION_KEY not in client.session
    assert "Sign in again from the beginning" in answer.content.decode()
