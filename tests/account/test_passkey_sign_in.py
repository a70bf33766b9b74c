"""Signing in by a passkey alone: who it lets in, what is refused, and that it serves for nothing else."""

import hashlib
import json
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone

from tests.account.test_passkey_pages import SIGN_IN, add
from tests.cast import PASSWORD, Cast, a_request
from tests.reviewing.pages import act, words
from tests.security_key import UP, UV, SecurityKey, unb64
from utilization import workflow
from utilization.models import Decision, Event, SignInEntry, User
from utilization.rules.lifecycle import Status
from utilization.web.account import passkey_sign_in
from utilization.workflow import people

DOOR = "/account/sign-in/passkey/"


@pytest.fixture
def key(cast: Cast, seen_by):
    made = SecurityKey()
    assert add(seen_by("fern"), made).status_code == 302
    return made


def handle(cast, username="fern"):
    return str(cast[username].pk)


def asked(client):
    return client.post(DOOR, {"asking": "passkey"}).json()


def is_in(client):
    return SESSION_KEY in client.session


def test_one_touch_signs_in_without_a_name_or_a_password(cast: Cast, key):
    client = Client()
    assert "Sign in with a passkey" in words(client.get(SIGN_IN))
    options = asked(client)
    assert (options["userVerification"], options.get("allowCredentials")) == ("required", None)
    answer = client.post(DOOR, {"passkey": key.signed(options, handle=handle(cast)), "next": "/review/"})
    assert (answer.status_code, answer["Location"]) == (302, "/review/")
    assert client.session[SESSION_KEY] == handle(cast)
    assert client.get("/account/passkeys/").status_code == 200
    entry = SignInEntry.objects.latest("pk")
    assert (entry.kind, entry.user_id, entry.detail) == ("signed_in", cast["fern"].pk, "passkey")
    [mine] = workflow.passkeys_of(cast["fern"])
    assert mine.used_at is not None


def test_what_was_signed_says_that_somebody_signs_in_and_nothing_else(cast: Cast, key):
    client = Client()
    options = asked(client)
    kept = client.session["passkey_sign_in"]
    statement = json.dumps({"act": "sign in", **kept}, sort_keys=True, separators=(",", ":")).encode()
    assert unb64(options["challenge"]) == hashlib.sha256(statement).digest()


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "\\\\evil.example", ""]
)
def test_it_leads_nowhere_else(cast: Cast, key, wanted):
    client = Client()
    answer = client.post(DOOR, {"passkey": key.signed(asked(client), handle=handle(cast)), "next": wanted})
    assert answer["Location"] == "/"


@pytest.mark.long
def test_what_does_not_prove_who_it_is_signs_nobody_in(cast: Cast, key, seen_by):
    other = SecurityKey()
    assert add(seen_by("max"), other).status_code == 302
    wrong = {
        "no handle": lambda options: key.signed(options),
        "the handle of another": lambda options: key.signed(options, handle=handle(cast, "max")),
        "the key of another": lambda options: other.signed(options, handle=handle(cast)),
        "a handle of nobody": lambda options: key.signed(options, handle="999999"),
        "a handle that is no number": lambda options: key.signed(options, handle="fern"),
        "a handle of other digits": lambda options: key.signed(options, handle="٣"),
        "a handle that is long": lambda options: key.signed(options, handle="9" * 64),
        "not unlocked": lambda options: key.signed(options, handle=handle(cast), flags=UP),
        "not touched": lambda options: key.signed(options, handle=handle(cast), flags=UV),
        "another page": lambda options: key.signed(options, "https://evil.example", handle=handle(cast)),
        "a making": lambda options: key.signed(options, kind="webauthn.create", handle=handle(cast)),
        "another question": lambda options: key.signed({**options, "challenge": "AAAA"}, handle=handle(cast)),
        "a key that nobody has": lambda options: SecurityKey().signed(options, handle=handle(cast)),
        **{
            f"junk {number}": lambda options, junk=junk: junk
            for number, junk in enumerate(["", "null", "[]", "{}", "7", '{"id": 1}', "[" * 3000, "x" * 1_000_000,
                                           '{"id": "AA", "response": 7}', '{"id": "AA", "response": {}}', "\u202e"])
        },
    }  # fmt: skip
    for what, answer in wrong.items():
        client = Client()
        refused = client.post(DOOR, {"passkey": answer(asked(client))}, follow=True)
        assert (refused.status_code, is_in(client)) == (200, False), what
        assert "You are not signed in" in words(refused), what


def test_a_question_serves_once_in_its_own_session_and_for_two_minutes(cast: Cast, key):
    client, elsewhere = Client(), Client()
    answer = {"passkey": key.signed(asked(client), handle=handle(cast))}
    assert elsewhere.post(DOOR, answer)["Location"] == SIGN_IN
    asked(elsewhere)
    assert elsewhere.post(DOOR, answer)["Location"] == SIGN_IN
    assert client.post(DOOR, answer)["Location"] == "/"
    client.logout()
    assert (client.post(DOOR, answer)["Location"], is_in(client)) == (SIGN_IN, False)
    late = Client()
    answer = {"passkey": key.signed(asked(late), handle=handle(cast))}
    with time_machine.travel(timezone.now() + timedelta(minutes=2, seconds=1)):
        assert (late.post(DOOR, answer)["Location"], is_in(late)) == (SIGN_IN, False)


@pytest.mark.long
def test_an_answer_for_the_door_signs_no_decision_and_the_other_way_round(cast: Cast, key, seen_by):
    case = a_request(cast, Status.PHARMACIST_REVIEW)
    fern, client = seen_by("fern"), Client()
    for_the_door = key.signed(asked(client), handle=handle(cast))
    decision = act(fern, case, "approve", asking="passkey").json()
    assert act(fern, case, "approve", passkey=for_the_door).status_code == 422
    assert client.post(DOOR, {"passkey": key.signed(decision, handle=handle(cast))})["Location"] == SIGN_IN
    assert not is_in(client)
    assert not Decision.objects.exists()


def test_a_removed_passkey_and_a_closed_account_let_nobody_in(cast: Cast, key, seen_by):
    client = Client()
    answer = {"passkey": key.signed(asked(client), handle=handle(cast))}
    [mine] = workflow.passkeys_of(cast["fern"])
    seen_by("fern").post("/account/passkeys/remove/", {"number": str(mine.pk), "password": PASSWORD})
    assert (client.post(DOOR, answer)["Location"], is_in(client)) == (SIGN_IN, False)
    again = SecurityKey()
    cast["fern"].refresh_from_db()
    assert add(seen_by("fern"), again).status_code == 302
    people.deactivate(User.objects.get(username="fern"), by=cast["adam"], at=timezone.now())
    client = Client()
    closed = client.post(DOOR, {"passkey": again.signed(asked(client), handle=handle(cast))})
    assert (closed["Location"], is_in(client)) == (SIGN_IN, False)


def test_one_address_tries_only_so_often(db, monkeypatch):
    monkeypatch.setattr(passkey_sign_in, "MOST_A_MINUTE", 3)
    with time_machine.travel(timezone.now(), tick=False):
        ward = {"REMOTE_ADDR": "198.51.100.61"}
        assert [Client(**ward).post(DOOR, {"asking": "passkey"}).status_code for _ in range(4)] == [200] * 3 + [429]


def test_it_is_not_offered_where_it_cannot_work(db, settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert "Sign in with a passkey" not in words(Client().get(SIGN_IN, headers={"host": "127.0.0.1:8000"}))
    assert Client().post(DOOR, {"asking": "passkey"}, headers={"host": "127.0.0.1:8000"})["Location"] == SIGN_IN


@pytest.mark.parametrize("taken", ["reset", "closed", "reopened"])
def test_a_reset_or_closed_account_has_no_way_in_by_the_old_passkey(cast: Cast, key, taken):
    fern, adam, at = cast["fern"], cast["adam"], timezone.now()
    if taken == "reset":
        people.reset_password(fern, by=adam, at=at)
    else:
        people.deactivate(fern, by=adam, at=at)
    if taken == "reopened":
        people.reactivate(User.objects.get(pk=fern.pk), by=adam, at=at)
    client = Client()
    client.post(DOOR, {"passkey": key.signed(asked(client), handle=handle(cast))})
    assert not is_in(client)
    assert Event.objects.filter(type="second_step.removed").count() == 1
