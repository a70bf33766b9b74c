"""Passkeys on the pages: adding one, signing in with it, and a case signed by one touch."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, Cast, a_request
from tests.reviewing.pages import act, words
from tests.security_key import SecurityKey
from utilization import workflow
from utilization.models import Decision
from utilization.rules.lifecycle import Status

PASSKEYS, SIGN_IN, SECOND = "/account/passkeys/", "/account/sign-in/", "/account/sign-in/second-step/"


def add(client: Client, key: SecurityKey, name: str = "Blue key"):
    options = client.post(f"{PASSKEYS}begin/", {"password": PASSWORD}).json()
    return client.post(PASSKEYS, {"name": name, "passkey": key.made(options)})


@pytest.fixture
def key():
    return SecurityKey()


@pytest.fixture
def fern(seen_by, key):
    client = seen_by("fern")
    assert add(client, key).status_code == 302
    return client


@pytest.fixture
def case(cast: Cast):
    return a_request(cast, Status.PHARMACIST_REVIEW)


def test_a_page_adds_one_names_it_and_removes_it(cast: Cast, fern, key):
    page = fern.get(PASSKEYS)
    assert "Blue key" in words(page)
    [mine] = workflow.passkeys_of(cast["fern"])
    for sent in ({"password": "wrong"}, {"password": ""}, {"password": PASSWORD, "number": "x"}):
        assert fern.post(f"{PASSKEYS}remove/", {"number": str(mine.pk), **sent}).status_code == 422
    assert workflow.has_passkey(cast["fern"])
    assert fern.post(f"{PASSKEYS}remove/", {"number": str(mine.pk), "password": PASSWORD}).status_code == 302
    assert not workflow.has_passkey(cast["fern"])


def test_adding_needs_the_password_and_a_question_serves_once(cast: Cast, seen_by, key):
    client = seen_by("fern")
    refused = client.post(f"{PASSKEYS}begin/", {"password": "wrong"})
    assert (refused.status_code, "Nothing was changed" in refused.json()["fault"]) == (422, True)
    options = client.post(f"{PASSKEYS}begin/", {"password": PASSWORD}).json()
    assert options["authenticatorSelection"]["userVerification"] == "required"
    other = seen_by("fern")
    assert other.post(PASSKEYS, {"name": "Key", "passkey": key.made(options)}).status_code == 422
    assert client.post(PASSKEYS, {"name": "", "passkey": key.made(options)}).status_code == 422
    assert client.post(PASSKEYS, {"name": "Key", "passkey": "junk"}).status_code == 422
    assert client.post(PASSKEYS, {"name": "Key", "passkey": key.made(options)}).status_code == 422
    assert not workflow.has_passkey(cast["fern"])


@pytest.mark.long
def test_one_touch_signs_a_case(fern, key, case):
    page = fern.get(reverse("review-case", args=[case.uid]))
    assert "Sign approval with your passkey" in words(page)
    options = act(fern, case, "approve", asking="passkey").json()
    assert [allowed["type"] for allowed in options["allowCredentials"]] == ["public-key"]
    assert not Decision.objects.exists()
    assert act(fern, case, "approve", passkey=key.signed(options)).status_code == 302
    decision = Decision.objects.get()
    assert (decision.choice, decision.presence["kind"]) == ("approve", "passkey")
    told = words(fern.get(reverse("review-case", args=[case.uid])))
    assert "Signed by their passkey." in told


@pytest.mark.long
def test_an_answer_serves_in_its_own_session_once_and_for_what_was_asked(cast: Cast, fern, seen_by, key, case):
    answer = key.signed(act(fern, case, "approve", asking="passkey").json())
    elsewhere = act(seen_by("fern"), case, "approve", passkey=answer)
    assert (elsewhere.status_code, "used already" in words(elsewhere)) == (422, True)
    changed = act(fern, case, "approve", passkey=answer, conditions="Measure IgG first.")
    assert (changed.status_code, "not what you signed" in words(changed)) == (422, True)
    assert "Measure IgG first." in changed.content.decode()
    again = act(fern, case, "approve", passkey=answer)
    assert (again.status_code, "used already" in words(again)) == (422, True)
    assert not Decision.objects.exists()


@pytest.mark.long
def test_a_fault_is_told_before_anybody_touches_a_key(fern, seen_by, case):
    faulty = act(fern, case, "recommend", asking="passkey", choice="approve", reason="")
    assert (faulty.status_code, "Write why you recommend this." in words(faulty)) == (422, True)
    told = act(fern, case, "approve", asking="passkey", dose_total_g="900000")
    assert (told.status_code, told["Content-Type"]) == (422, "application/json")
    stale = fern.post(reverse("review-approve", args=[case.uid]), {"version": case.version + 7, "asking": "passkey"})
    assert stale.status_code == 409
    assert not Decision.objects.exists()


def test_signing_in_asks_for_the_passkey_after_the_password(cast: Cast, fern, key):
    client = Client()
    answer = client.post(SIGN_IN, {"login": "fern", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, SECOND)
    assert client.get(PASSKEYS).status_code == 302
    page = client.get(SECOND)
    options = page.context["js_data"]["request_options"]["publicKey"]
    options = json.loads(json.dumps(options))
    for hostile in ("", "null", "[]", "{}", "7", '{"id": 1}', '"a"', "[" * 3000, SecurityKey().signed(options)):
        refused = client.post(SECOND, {"credential": hostile})
        assert (refused.status_code, "not accepted" in words(refused)) == (200, True), hostile
    options = json.loads(json.dumps(client.get(SECOND).context["js_data"]["request_options"]["publicKey"]))
    assert client.post(SECOND, {"credential": key.signed(options)}).status_code == 302
    assert client.get(PASSKEYS).status_code == 200


def test_passkeys_are_refused_where_the_address_is_a_number(seen_by, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client = seen_by("fern")
    for host, possible in (("127.0.0.1:8000", False), ("[::1]:8000", False), ("localhost:8000", True)):
        told = words(client.get(PASSKEYS, headers={"host": host}))
        assert ("Passkeys do not work at" in told) is not possible, host
