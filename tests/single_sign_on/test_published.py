"""What a provider publishes is kept within bounds of time and size; a stranger's calls cost it and us little."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone

from tests.single_sign_on.test_sign_on import START, is_in, through
from tests.single_sign_on.test_sign_on import fern as fern
from utilization import oidc_client
from utilization.oidc_client import ProviderDown, PublishedMetadata
from utilization.web.account import sign_on

METADATA, KEYS = "/.well-known/openid-configuration", "/keys"


@pytest.mark.long
def test_a_hundred_strangers_ask_the_provider_once(fern, provider):
    for _ in range(100):
        assert Client().get(START).status_code == 302
    assert provider.fetched == [METADATA]
    for _ in range(3):
        client = Client()
        assert (through(client, provider).status_code, is_in(client)) == (302, True)
    assert provider.fetched == [METADATA, KEYS]


@pytest.mark.parametrize(("later", "asked"), [(timedelta(minutes=9, seconds=58), 1), (timedelta(minutes=11), 2)])
def test_it_is_believed_for_ten_minutes(fern, provider, later, asked):
    now = timezone.now()
    for at in (now, now + later, now - timedelta(hours=1)):
        with time_machine.travel(at, tick=False):
            assert Client().get(START).status_code == 302
    # A clock that was set back believes nothing of what is kept.
    assert provider.fetched == [METADATA] * (asked + 1)


def test_a_new_key_is_fetched_and_an_unknown_one_not_each_time(fern, provider, monkeypatch):
    now = timezone.now()
    client = Client()
    through(client, provider)
    new = rsa.generate_private_key(65537, 2048)
    provider.sign = lambda said: jwt.encode(said, new, "RS256", {"kid": "two"})
    for _ in range(5):
        # By a key that is not published: refused, and no reason to ask again within a minute.
        client = Client()
        assert (through(client, provider).status_code, is_in(client)) == (403, False)
    assert provider.fetched.count(KEYS) == 1
    public = {**jwt.algorithms.RSAAlgorithm.to_jwk(new.public_key(), as_dict=True), "kid": "two"}
    monkeypatch.setattr(provider, "published", lambda: {"keys": [public]})
    with time_machine.travel(now + timedelta(minutes=2)):
        client = Client()
        assert (through(client, provider).status_code, is_in(client)) == (302, True)
    assert provider.fetched.count(KEYS) == 2


def test_one_that_is_down_is_asked_again_after_ten_seconds(fern, provider):
    now = timezone.now()
    provider.raw = b"<html>"
    with time_machine.travel(now, tick=False):
        assert [Client().get(START).status_code for _ in range(5)] == [503] * 5
    assert provider.fetched == [METADATA]
    provider.raw = None
    with time_machine.travel(now + timedelta(seconds=11), tick=False):
        assert Client().get(START).status_code == 302


def test_those_who_come_at_once_wait_for_one_answer(monkeypatch):
    asked = []
    monkeypatch.setattr(oidc_client, "_fetch", lambda address: asked.append(address) or {"keys": []})
    published, at = PublishedMetadata(), timezone.now()
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: published.content("https://id.example", lambda _: None, at=at), range(40)))
    assert (len(asked), len(said)) == (1, 40)


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(oidc_client, "_fetch", lambda address: {"keys": []})
    published, at = PublishedMetadata(), timezone.now()
    for number in range(50):
        published.content(f"https://id.example/{number}", lambda _: None, at=at)
    assert len(published._kept) == 4

    def refuse(content):
        raise ProviderDown("lies")

    for _ in range(2):
        with pytest.raises(ProviderDown, match="lies"):
            published.content("https://lies.example", refuse, at=at)


@pytest.mark.parametrize(
    "keys", [7, None, "x", ["x"], [None], [7], [{}], [{"kid": "one"}], [{"kid": "one", "kty": []}]]
)
def test_keys_that_are_none_are_a_page_of_ours(fern, provider, monkeypatch, keys):
    monkeypatch.setattr(provider, "published", lambda: {"keys": keys})
    client = Client()
    assert (through(client, provider).status_code, is_in(client)) == (403, False)


@pytest.mark.parametrize("methods", [7, "x", {}, True])
def test_metadata_that_makes_no_sense_is_a_page_of_ours(fern, provider, methods):
    provider.metadata = {"token_endpoint_auth_methods_supported": methods}
    assert Client().get(START).status_code == 503


def test_one_address_is_led_there_only_so_often(fern, provider, monkeypatch):
    monkeypatch.setattr(sign_on, "MOST_A_MINUTE", 3)
    with time_machine.travel(timezone.now(), tick=False):
        ward, other = {"REMOTE_ADDR": "198.51.100.77"}, {"REMOTE_ADDR": "198.51.100.78"}
        assert [Client(**ward).get(START).status_code for _ in range(5)] == [302] * 3 + [429] * 2
        refused = Client(**ward).get(START)
        assert 0 < int(refused["Retry-After"]) <= 60
        assert "Too many tries from this address" in refused.content.decode()
        assert Client(**other).get(START).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
        assert Client(**ward).get(START).status_code == 302
