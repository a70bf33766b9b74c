"""Proof of presence: once, before the transaction, by the signer's own password; and what stops a guesser."""

import dataclasses
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client

from tests.cast import AT, IBM, PASSWORD, Cast, a_request, present
from tests.formulary.acts import a_criteria_draft, a_proposal
from tests.reviewing.pages import act
from utilization import workflow
from utilization.models import Decision, Publication, WrongPassword
from utilization.models.criteria_drafts import PROPOSED
from utilization.rules.lifecycle import Status
from utilization.workflow import presence


def wrong(user, at=AT, session="a", password="wrong"):
    with pytest.raises(workflow.Invalid) as invalid:
        workflow.prove(user, password, at=at, session=session)
    [why] = invalid.value.errors["password"]
    return why


@pytest.mark.parametrize("password", ["wrong", None, PASSWORD + " ", PASSWORD.upper(), 7, ["a"]])
def test_anything_but_the_own_password_proves_nothing(cast: Cast, password):
    assert "This is not your password" in wrong(cast["fern"], password=password)


def test_an_empty_field_is_no_guess(cast: Cast):
    assert wrong(cast["fern"], password="") == "Type your password to sign."
    assert not WrongPassword.objects.exists()


def test_a_proof_is_made_by_the_password_alone(cast: Cast):
    proved = present(cast["fern"])
    assert (proved.person, proved.at, proved.kind) == (cast["fern"].pk, AT, "password")
    guessed = hashlib.sha256(f"{cast['fern'].pk} {AT.isoformat()} password".encode()).hexdigest()
    for seal in ("", guessed):
        with pytest.raises(ValueError, match="proved"):
            workflow.Presence(cast["fern"].pk, AT, "password", b"{}", seal)
    changes: list[dict[str, Any]] = [
        {"person": cast["mira"].pk}, {"at": AT + timedelta(days=1)}, {"kind": "passkey"}, {"evidence": b'{"a":1}'},
    ]  # fmt: skip
    for changed in changes:
        with pytest.raises(ValueError, match="proved"):
            dataclasses.replace(proved, **changed)


@pytest.mark.parametrize("forged", [None, object(), "password"])
def test_an_act_without_a_proof_or_with_that_of_another_is_refused(cast: Cast, forged):
    for proof in (forged, present(cast["mira"]), present(cast["fern"], AT - timedelta(minutes=3))):
        with pytest.raises(workflow.Invalid, match="type your password again"):
            presence.check_presence(proof, cast["fern"], AT, dict)


def test_five_wrong_ones_stop_the_session_and_no_other(cast: Cast):
    for _ in range(4):
        assert "This is not your password" in wrong(cast["fern"])
    assert "Too many wrong passwords" in wrong(cast["fern"])
    # The right one is not even tried, and hours change nothing: the session is over as far as signing goes.
    assert "Too many" in wrong(cast["fern"], at=AT + timedelta(hours=11), password=PASSWORD)
    assert workflow.prove(cast["fern"], PASSWORD, at=AT, session="another")
    assert workflow.prove(cast["mira"], PASSWORD, at=AT, session="a")


def test_the_right_one_forgets_the_wrong_ones_of_its_session(cast: Cast):
    for _ in range(3):
        for _ in range(4):
            wrong(cast["fern"])
        workflow.prove(cast["fern"], PASSWORD, at=AT, session="a")
    assert not WrongPassword.objects.exists()


def test_new_sessions_do_not_let_anybody_guess_for_ever(cast: Cast):
    fern = cast["fern"]
    for number in range(5):
        for _ in range(4):
            why = wrong(fern, session=str(number), at=AT + timedelta(minutes=number))
    assert "locked for a day" in why
    for session in ("fresh", "0"):
        assert "an administrator of your site lifts the lock" in wrong(fern, session=session, password=PASSWORD)
    seen = presence.guessing(fern, AT + timedelta(hours=1))
    assert (seen.wrong, seen.sessions, seen.locked, seen.until) == (20, 5, True, AT + timedelta(hours=24))
    assert workflow.prove(fern, PASSWORD, at=AT + timedelta(hours=24), session="fresh")


def test_guesses_of_days_ago_are_not_kept(cast: Cast):
    wrong(cast["fern"], session="old")
    wrong(cast["fern"], session="new", at=AT + timedelta(hours=25))
    assert [guess.session for guess in WrongPassword.objects.all()] == ["new"]


def test_forgetting_opens_every_session(cast: Cast):
    for _ in range(5):
        wrong(cast["fern"])
    assert presence.stopped_sessions(cast["fern"], AT) == 1
    assert presence.forget_guesses(cast["fern"]) == 5
    assert presence.stopped_sessions(cast["fern"], AT) == 0
    assert workflow.prove(cast["fern"], PASSWORD, at=AT, session="a")


# --- How pages sign -------------------------------------------------------------------------------------------------


@pytest.fixture
def hashing(monkeypatch):
    """Whether a transaction was open, for each time that a password was hashed to compare it."""
    seen = []
    real = MD5PasswordHasher.verify

    def verify(self, password, encoded):
        seen.append(connection.in_atomic_block)
        return real(self, password, encoded)

    monkeypatch.setattr(MD5PasswordHasher, "verify", verify)
    return seen


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["approve", "recommend", "deny"])
def test_signing_hashes_the_password_once_and_outside_any_transaction(transactional_db, hashing, verb):
    cast = Cast()
    request = a_request(cast, Status.PHYSICIAN_REVIEW if verb == "deny" else Status.PHARMACIST_REVIEW,
                        **({"indication": "ibm", "answers": IBM} if verb != "approve" else {}))  # fmt: skip
    client = signed_in(cast["mira" if verb == "deny" else "fern"])
    del hashing[:]
    typed = {
        "approve": {},
        "recommend": {"choice": "deny", "reason": "No benefit is shown."},
        "deny": {"reason_code": "criteria_not_met", "reason": "No benefit is shown."},
    }
    answer = act(client, request, verb, password=PASSWORD, **typed[verb])
    assert answer.status_code == 302, answer.content.decode()
    assert hashing == [False]
    assert Decision.objects.filter(request=request, choice="approve" if verb == "approve" else "deny").exists()


@pytest.mark.django_db(transaction=True)
def test_so_do_both_signatures_of_the_committee(transactional_db, hashing):
    cast = Cast()
    draft = a_criteria_draft(cast)
    day = (AT + timedelta(days=4000)).date().isoformat()
    sent = {"version": draft.version, "effective_from": day, "reason": "New.", "password": PASSWORD}
    assert signed_in(cast["forrest"]).post(f"/formulary/drafts/{draft.uid}/propose/", sent).status_code == 302
    assert hashing == [False]
    del hashing[:]
    draft.refresh_from_db()
    assert draft.status == PROPOSED
    sent = {"version": draft.version, "password": PASSWORD}
    assert signed_in(cast["frida"]).post(f"/formulary/drafts/{draft.uid}/sign/", sent).status_code == 302
    assert hashing == [False]
    assert Publication.objects.exists()


def test_a_wrong_password_publishes_nothing_and_is_told_at_the_field(cast: Cast):
    proposed = a_proposal(cast)
    sent = {"version": proposed.version, "password": "wrong"}
    answer = signed_in(cast["frida"]).post(f"/formulary/drafts/{proposed.uid}/sign/", sent)
    assert answer.status_code == 422
    assert answer.context["form"].errors["password"] == [
        "This is not your password. Nothing was signed; type it again."
    ]
    assert not Publication.objects.exists()
