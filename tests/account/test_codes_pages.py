"""Codes on the pages: an app added and signed in with, recovery codes shown once, and an administrator's help."""

import base64
import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import PASSWORD, Cast, a_request
from tests.reviewing.pages import act, words
from tests.workflow.test_one_time_codes import code_at
from utilization.models import Decision, Event
from utilization.rules.lifecycle import Status

CODES, SIGN_IN, SECOND = "/account/codes/", "/account/sign-in/", "/account/sign-in/second-step/"


def add(client: Client) -> str:
    shown = client.post(f"{CODES}app/", {"password": PASSWORD})
    secret = shown.context["secret"]
    assert secret in words(shown)
    drawn = base64.b64decode(shown.context["picture"].removeprefix("data:image/svg+xml;base64,")).decode()
    assert 'fill="white"' in drawn
    wrong = client.post(f"{CODES}app/add/", {"code": "000 00x"})
    assert (wrong.status_code, secret in words(wrong)) == (422, True)
    assert client.post(f"{CODES}app/add/", {"code": code_at(secret, timezone.now())}).status_code == 302
    return secret


@pytest.mark.long
def test_an_app_signs_in_signs_and_is_removed(cast: Cast, seen_by):
    fern = seen_by("fern")
    secret = add(fern)
    request = a_request(cast, Status.PHARMACIST_REVIEW)
    client = Client()
    assert client.post(SIGN_IN, {"login": "fern", "password": PASSWORD})["Location"] == SECOND
    page = words(client.get(SECOND))
    assert ("Type a code to sign in." in page, "Use your passkey" in page) == (True, False)
    for hostile in ("", "000000", "x" * 500, "１２３４５６"):
        assert client.post(SECOND, {"code": hostile}).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        code = code_at(secret, timezone.now())
        client = Client()
        client.post(SIGN_IN, {"login": "fern", "password": PASSWORD})
        assert client.post(SECOND, {"code": code}).status_code == 302
        assert client.get(CODES).status_code == 200
        used = act(fern, request, "approve", password=code)
        assert (used.status_code, "used already" in words(used)) == (422, True)
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert act(fern, request, "approve", password=code_at(secret, timezone.now())).status_code == 302
    assert Decision.objects.get().presence["kind"] == "totp"
    assert "Signed by a code of their authenticator app." in words(fern.get(reverse("review-case", args=[request.uid])))
    assert fern.post(f"{CODES}app/remove/", {"password": "wrong"}).status_code == 422
    assert fern.post(f"{CODES}app/remove/", {"password": PASSWORD}).status_code == 302
    assert not Authenticator.objects.exists()


def test_recovery_codes_are_shown_once_and_sign_in(cast: Cast, seen_by):
    fern = seen_by("fern")
    add(fern)
    assert fern.post(f"{CODES}recovery/", {"password": "wrong"}).status_code == 422
    made = re.findall(r"\b\d{4} \d{4}\b", words(fern.post(f"{CODES}recovery/", {"password": PASSWORD})))
    assert len(set(made)) == 10
    page = words(fern.get(CODES))
    assert ("You have 10 left." in page, made[0] in page) == (True, False)
    client = Client()
    client.post(SIGN_IN, {"login": "fern", "password": PASSWORD})
    assert client.post(SECOND, {"code": made[0]}).status_code == 302
    assert client.get(CODES).status_code == 200


def test_an_administrator_takes_a_lost_second_step_away(cast: Cast, seen_by):
    add(seen_by("fern"))
    adam, fern = seen_by("adam"), cast["fern"]
    assert "Take the second step away" in words(adam.get(f"/people/{fern.pk}/"))
    assert seen_by("felix").post(f"/people/{fern.pk}/second-step/").status_code == 403
    assert adam.post(f"/people/{cast['sue'].pk}/second-step/").status_code == 404
    assert Authenticator.objects.exists()
    assert adam.post(f"/people/{fern.pk}/second-step/").status_code == 302
    assert not Authenticator.objects.exists()
    assert Event.objects.filter(type="second_step.removed", actor_id=cast["adam"].pk).count() == 1
    assert "Take the second step away" not in words(adam.get(f"/people/{fern.pk}/"))
    assert Client().post(SIGN_IN, {"login": "fern", "password": PASSWORD})["Location"] == "/"
