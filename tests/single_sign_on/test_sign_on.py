"""Single sign-on against a provider that misbehaves in every way: who gets in, who signs, and what is refused."""

import hashlib
import hmac
import json
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone

from tests.cast import PASSWORD, Cast, a_request
from tests.reviewing.pages import act, words
from tests.security_key import b64
from tests.single_sign_on.loopback_provider import SECRET
from utilization import workflow
from utilization.models import Decision, Event, SignOnLink, User
from utilization.rules.lifecycle import Status
from utilization.web.account.views import one_time_link

START, BACK, CONFIRM = "/account/sign-on/", "/account/sign-on/back/", "/account/sign-on/confirm/"
SUBJECT = "fern-at-hospital"


def through(client, provider, start=START, **changes):
    """Go to the provider and come back, with `changes` to what the browser brings."""
    sent = client.get(start)
    assert sent.status_code == 302, words(sent)
    return client.get(BACK, provider.visited(sent["Location"]) | changes)


def signed_with(secret, said):
    """A token by HMAC, made by hand: the library refuses to make one with a public key."""
    head, body = ({"alg": "HS256", "kid": "one"}, said)
    text = ".".join(b64(json.dumps(part).encode()) for part in (head, body))
    return f"{text}.{b64(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}"


def is_in(client):
    return SESSION_KEY in client.session


@pytest.fixture
def fern(cast: Cast, provider):
    person = cast["fern"]
    workflow.single_sign_on.enter_subject(person, provider.issuer, SUBJECT, by=cast["adam"], at=timezone.now())
    workflow.account_confirmation.confirm(person, by=cast["audrey"], at=timezone.now())
    return person


@pytest.fixture
def without_password(fern):
    fern.set_unusable_password()
    fern.save()
    return fern


def test_a_linked_person_signs_in(fern, provider):
    client = Client()
    answer = through(client, provider, f"{START}?next=/review/")
    assert (answer.status_code, answer["Location"]) == (302, "/review/")
    assert client.session[SESSION_KEY] == str(fern.pk)
    assert provider.asked["prompt"] == "login"
    assert provider.asked["code_challenge_method"] == "S256"
    assert through(Client(), provider, f"{START}?next=//evil.example/")["Location"] == "/"


def test_a_stranger_is_told_their_name_there_and_nobody_is_made(cast: Cast, provider):
    people = User.objects.count()
    # The address of somebody who is known here makes nobody them.
    provider.claims = {"sub": "stranger", "email": "fern@hospital.example", "email_verified": True}
    client = Client()
    answer = through(client, provider)
    assert (answer.status_code, "stranger" in words(answer), is_in(client)) == (403, True, False)
    assert (User.objects.count(), SignOnLink.objects.count()) == (people, 0)
    assert User.objects.get(username="fern").check_password(PASSWORD)


def test_the_same_name_at_another_issuer_is_a_stranger(cast: Cast, fern, provider):
    SignOnLink.objects.update(issuer="https://elsewhere.example")
    client = Client()
    assert through(client, provider).status_code == 403
    assert not is_in(client)


def test_a_closed_account_stays_closed(fern, provider):
    User.objects.filter(pk=fern.pk).update(is_active=False)
    client = Client()
    assert (through(client, provider).status_code, is_in(client)) == (403, False)


FORGED = {
    "iss": {"iss": "https://elsewhere.example"},
    "aud": {"aud": "another-site"},
    "aud of two": {"aud": ["ivig", "another-site"]},
    "nonce": {"nonce": "guessed"},
    "no nonce": {"nonce": None},
    "no sub": {"sub": None},
    "sub of no text": {"sub": 7},
    "a long sub": {"sub": "x" * 256},
    "expired": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "of tomorrow": {"iat": int(time.time()) + 86400, "exp": int(time.time()) + 90000},
    "no exp": {"exp": None},
    "auth_time of no number": {"auth_time": "yesterday"},
    "auth_time of no year": {"auth_time": 10**18},
}


@pytest.mark.long
def test_a_token_that_is_not_for_this_question_signs_nobody_in(fern, provider):
    for what, claims in FORGED.items():
        provider.claims = claims
        client = Client()
        answer = through(client, provider)
        assert (answer.status_code, is_in(client)) == (403, False), what
    provider.claims = {}
    other = rsa.generate_private_key(65537, 2048)
    public = json.dumps(provider.published())
    for what, sign in {
        "another key": lambda said: jwt.encode(said, other, "RS256", {"kid": "one"}),
        "no signature": lambda said: jwt.encode(said, None, "none", {"kid": "one"}),
        "the shared secret": lambda said: jwt.encode(said, SECRET, "HS256", {"kid": "one"}),
        "the public key as a secret": lambda said: signed_with(public, said),
        "an unknown key": lambda said: jwt.encode(said, provider.key, "RS256", {"kid": "two"}),
        "no token": lambda said: "",
        "three dots": lambda said: "a.b.c",
    }.items():
        provider.sign = sign
        client = Client()
        answer = through(client, provider)
        assert (answer.status_code, is_in(client)) == (403, False), what


def test_an_answer_serves_once_in_the_window_that_asked(fern, provider):
    client = Client()
    answer = provider.visited(client.get(START)["Location"])
    elsewhere = Client()
    assert (elsewhere.get(BACK, answer).status_code, is_in(elsewhere)) == (403, False)
    elsewhere.get(START)
    assert (elsewhere.get(BACK, answer).status_code, is_in(elsewhere)) == (403, False)
    assert client.get(BACK, answer).status_code == 302
    # Not even a provider that takes a code twice lets the same answer in twice.
    provider.used.clear()
    assert client.get(BACK, answer).status_code == 403
    provider.used.add(answer["code"])
    client.logout()
    assert (client.get(BACK, answer).status_code, is_in(client)) == (403, False)
    # Replayed into a question of its own, the code is used already, and the nonce is another's.
    again = provider.visited(client.get(START)["Location"])
    assert client.get(BACK, again | {"code": answer["code"]}).status_code == 403
    late = provider.visited(client.get(START)["Location"])
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert (client.get(BACK, late).status_code, is_in(client)) == (403, False)


@pytest.mark.parametrize(
    "brought",
    [
        {"state": "guessed"}, {"state": ""}, {"state": "é"}, {"iss": "https://elsewhere.example"}, {"code": ""},
        {"error": "access_denied"}, {"error": "<script>"},
    ],
)  # fmt: skip
def test_hostile_answers_are_a_page_of_ours(fern, provider, brought):
    client = Client()
    answer = through(client, provider, **brought)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert "<script>" not in answer.content.decode()


def test_a_provider_that_is_away_or_lies_is_a_page_of_ours(fern, provider, settings, unknown):
    for raw in (b"", b"[]", b"<html>", b"[" * 100_000, b"x" * 600_000, b'{"issuer": 7}'):
        provider.raw = raw
        unknown()
        answer = Client().get(START)
        assert (answer.status_code, "Hospital sign-in does not answer" in words(answer)) == (503, True)
    provider.raw = None
    for metadata in (
        {"issuer": "https://elsewhere.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
    ):
        provider.metadata = metadata
        unknown()
        assert Client().get(START).status_code == 503
    provider.metadata = {}
    unknown()
    client = Client()
    asked = provider.visited(client.get(START)["Location"])
    provider.raw = b"<html>"
    assert (client.get(BACK, asked).status_code, is_in(client)) == (503, False)
    settings.SINGLE_SIGN_ON = {**provider.settings(), "issuer": "http://127.0.0.1:9"}
    assert Client().get(START).status_code == 503


def test_without_a_provider_there_is_nothing(cast: Cast, seen_by):
    for address in (START, BACK, CONFIRM):
        assert seen_by("fern").get(address).status_code == 404
    assert "sign-on" not in Client().get("/account/sign-in/").content.decode()


# --- Being linked -------------------------------------------------------------------------------------------------


def test_an_invitation_links_and_is_used_up(cast: Cast, provider, rf):
    person = User.objects.create(username="newcomer", email="n@hospital.example", full_name="Newcomer")
    person.set_unusable_password()
    person.save()
    link = one_time_link(rf.get("/"), person)
    client = Client()
    page = client.get(link, follow=True)
    assert "Be linked to Hospital sign-in" in words(page)
    assert through(client, provider, f"{START}invited/").status_code == 302
    assert client.session[SESSION_KEY] == str(person.pk)
    [linked] = SignOnLink.objects.all()
    assert (linked.user, linked.subject, linked.linked_by) == (person, SUBJECT, person)
    assert "works no more" in words(Client().get(link, follow=True))
    assert "works no more" in words(Client().get(f"{START}invited/"))
    # Nobody else takes the same identity.
    other = User.objects.create(username="other", email="o@hospital.example", full_name="Other")
    client = Client()
    client.get(one_time_link(rf.get("/"), other), follow=True)
    assert (through(client, provider, f"{START}invited/").status_code, is_in(client)) == (403, False)


def test_an_administrator_links_and_parts(cast: Cast, provider, seen_by):
    fern, adam = cast["fern"], seen_by("adam")
    address = f"/people/{fern.pk}/sign-on/"
    assert seen_by("felix").post(address, {"subject": "x"}).status_code == 403
    assert adam.post(f"/people/{cast['sue'].pk}/sign-on/", {"subject": "x"}).status_code == 404
    assert "Expected at most 255 characters" in words(adam.post(address, {"subject": "x" * 256}, follow=True))
    assert not SignOnLink.objects.exists()
    assert adam.post(address, {"subject": SUBJECT}).status_code == 302
    assert SUBJECT in words(adam.get(f"/people/{fern.pk}/"))
    taken = adam.post(f"/people/{cast['felix'].pk}/sign-on/", {"subject": SUBJECT}, follow=True)
    assert "is linked to this account of the identity provider already" in words(taken)
    said = json.loads(bytes(Event.objects.get(type="sign_on.linked").body))["data"]
    how = {"how": "entered", "account": ["linked"]}
    assert said == {"person": fern.pk, "issuer": provider.issuer, "subject": SUBJECT, **how}
    assert adam.post(address, {"subject": ""}).status_code == 302
    assert not SignOnLink.objects.exists()
    assert Event.objects.filter(type="sign_on.unlinked").count() == 1
    client = Client()
    assert (through(client, provider).status_code, is_in(client)) == (403, False)


# --- Signing ------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_whoever_has_no_password_here_confirms_there_and_signs(cast: Cast, provider, without_password):
    request, client = a_request(cast, Status.PHARMACIST_REVIEW), Client()
    assert through(client, provider).status_code == 302
    page = words(client.get(f"/review/{request.uid}/"))
    assert ("Confirm by Hospital sign-in" in page, "Your password" in page) == (True, False)
    refused = act(client, request, "approve", confirmed="yes")
    assert refused.status_code == 422
    before = int(time.time())
    assert through(client, provider, CONFIRM).status_code == 200
    assert (provider.asked["prompt"], provider.asked["max_age"]) == ("login", "0")
    assert act(client, request, "approve", confirmed="yes").status_code == 302
    kept = Decision.objects.get().presence
    assert (kept["kind"], kept["issuer"], kept["subject"]) == ("sso", provider.issuer, SUBJECT)
    assert timezone.datetime.fromisoformat(kept["auth_time"]).timestamp() >= before
    assert "Signed by single sign-on, confirmed a moment before." in words(client.get(f"/review/{request.uid}/"))
    for page, status in (("/account/password/", 200), ("/account/passkeys/", 200), ("/account/codes/", 200)):
        assert client.get(page).status_code == status
    assert client.post("/account/passkeys/begin/", {"confirmed": "yes"}).status_code == 200
    assert client.post("/account/codes/app/", {"confirmed": "yes"}).status_code == 200


@pytest.mark.long
def test_only_auth_time_tells_that_somebody_was_there(cast: Cast, provider, without_password):
    request, client = a_request(cast, Status.PHARMACIST_REVIEW), Client()
    through(client, provider)
    now = int(time.time())
    for claims, told in (
        ({"auth_time": now - 3600, "iat": now}, "did not ask you"),
        ({"auth_time": now - 130, "iat": now}, "did not ask you"),
        ({"auth_time": None, "iat": now}, "did not say when"),
        ({"auth_time": now + 3600}, "did not ask you"),
        ({"sub": "somebody-else"}, "as somebody else"),
    ):
        provider.claims = claims
        answer = through(client, provider, CONFIRM)
        assert (answer.status_code, told in words(answer)) == (403, True), claims
        assert act(client, request, "approve", confirmed="yes").status_code == 422
    assert not Decision.objects.exists()


@pytest.mark.long
def test_a_confirmation_is_of_this_session_this_person_and_five_minutes(cast: Cast, provider, fern, seen_by):
    request, client = a_request(cast, Status.PHARMACIST_REVIEW, at=timezone.now()), Client()
    through(client, provider)
    assert through(client, provider, CONFIRM).status_code == 200
    assert act(seen_by("fern"), request, "approve", confirmed="yes").status_code == 422
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=2)):
        late = act(client, request, "approve", confirmed="yes")
        assert (late.status_code, "confirm again that it is you" in words(late)) == (422, True)
    # Parted meanwhile, the session that confirmed signs no more.
    workflow.single_sign_on.unlink(fern, by=cast["adam"], at=timezone.now())
    assert act(client, request, "approve", confirmed="yes").status_code == 401
    assert not Decision.objects.exists()


def test_coming_back_as_somebody_else_confirms_nothing(cast: Cast, provider, fern, seen_by):
    client = seen_by("fern")
    asked = provider.visited(client.get(CONFIRM)["Location"])
    client.force_login(cast["felix"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(BACK, asked).status_code == 403


def test_what_the_browser_is_sent_with_holds_no_secret(fern, provider):
    sent = parse_qs(urlsplit(Client().get(START)["Location"]).query)
    assert set(sent) == {
        "response_type", "scope", "client_id", "redirect_uri", "state", "nonce", "code_challenge",
        "code_challenge_method", "prompt",
    }  # fmt: skip
    assert sent["scope"] == ["openid"]
    assert sent["redirect_uri"] == [f"http://testserver{BACK}"]
