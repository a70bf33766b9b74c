"""Single sign-on by OpenID Connect: the code flow with PKCE, as the side that asks. No Django, no clock.

Who signed in is believed by the signature of the identity token alone, checked with the provider's published keys for
this client, this issuer and this one question. When they signed in is `auth_time`; `iat` only says when the token was
made, which a person who left the screen hours ago gets as well.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from threading import Lock
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import jwt

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures of identity tokens that are accepted: by a published key, never by a shared secret, never none."""
PUBLISHED_FOR = timedelta(minutes=10)
"""How long what a provider publishes is believed without asking again."""
KEYS_AGAIN = timedelta(minutes=1)
"""How old its keys must be before they are fetched anew for a token by a key that is not among them."""
DOWN_FOR = timedelta(seconds=10)
"""How long a provider that did not answer is not asked again, so that those who wait hold no thread each."""
MOST_PUBLISHED = 4
"""Addresses whose content is kept; `_MOST_BYTES` each at most. One provider has two."""
_SECONDS = 10
_MOST_BYTES = 500_000
_LEEWAY = 60
_UNSIGNED = "What the identity provider says is not signed by it for this site."
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ProviderDown(Exception):
    """The identity provider does not answer, or not as one does."""


class SignInRefused(Exception):
    """What came back does not prove who signed in; the message says why, in words."""


@dataclass(frozen=True, slots=True)
class Client:
    """This server as the provider knows it, and the provider by its issuer, a URL. `name` is what people call it."""

    issuer: str
    client_id: str
    secret: str
    name: str = "single sign-on"


@dataclass(frozen=True, slots=True)
class SignOnQuestion:
    """One question to the provider, kept in the session that asked: what its answer must fit."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "SignOnQuestion":
        """A question that nobody can guess."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in at the provider: the issuer and its name for the person, and when, if it said so."""

    issuer: str
    subject: str
    auth_time: datetime | None


@dataclass(slots=True)
class PublishedMetadata:
    """What providers publish, metadata and keys, kept in this process for a while and within bounds.

    One at a time asks: who comes meanwhile waits for its answer, and takes it.
    """

    _kept: dict[str, tuple[datetime, "dict[str, Any] | str"]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def content(
        self, address: str, check: Callable[[dict[str, Any]], None], *, at: datetime, lasts: timedelta = PUBLISHED_FOR
    ) -> dict[str, Any]:
        """The JSON object at `address`, at most `lasts` old. Raises ProviderDown, also where `check` does."""
        with self._lock:
            since, said = self._kept.get(address, (at, None))
            age = at - since
            good = timedelta(0) <= age <= (DOWN_FOR if isinstance(said, str) else lasts)
            if said is None or not good:
                said = self._asked(address, check)
                self._kept.pop(address, None)
                while len(self._kept) >= MOST_PUBLISHED:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[address] = (at, said)
        if isinstance(said, str):
            raise ProviderDown(said)
        return said

    @staticmethod
    def _asked(address: str, check: Callable[[dict[str, Any]], None]) -> "dict[str, Any] | str":
        try:
            said = _fetch(address)
            check(said)
        except ProviderDown as down:
            return str(down)
        return said


def sign_in_address(
    client: Client, question: SignOnQuestion, back: str, known: Mapping[str, Any], *, prompt: str = "",
    max_age: int | None = None,
) -> str:  # fmt: skip
    """Where the browser goes to sign in; the answer comes to the address `back`. `known` is the provider's metadata."""
    wanted: dict[str, str] = {
        "response_type": "code",
        "scope": "openid",
        "client_id": client.client_id,
        "redirect_uri": back,
        "state": question.state,
        "nonce": question.nonce,
        "code_challenge": _base64url(hashlib.sha256(question.verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }
    if prompt:
        wanted["prompt"] = prompt
    if max_age is not None:
        wanted["max_age"] = str(max_age)
    address = known["authorization_endpoint"]
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(wanted)}"


def read_answer(
    client: Client, question: SignOnQuestion, answer: Mapping[str, str], back: str, *, at: datetime,
    published: PublishedMetadata,
) -> Identity:  # fmt: skip
    """Who signed in, from the parameters with which the browser came back. Raises ProviderDown, SignInRefused."""
    if not secrets.compare_digest(answer.get("state", "").encode(), question.state.encode()):
        raise SignInRefused("This answer is not to a question of this window.")
    if answer.get("iss", client.issuer) != client.issuer:
        raise SignInRefused("This answer is of another identity provider.")
    if "error" in answer or not answer.get("code"):
        raise SignInRefused("The sign-in was cancelled or refused there.")
    known = metadata(client, published, at)
    form = {
        "grant_type": "authorization_code", "code": answer["code"], "redirect_uri": back,
        "code_verifier": question.verifier,
    }  # fmt: skip
    tokens = _fetch(known["token_endpoint"], _authenticated(client, form, known), refused=SignInRefused)
    token = str(tokens.get("id_token", ""))
    try:
        key = _signing_key(jwt.get_unverified_header(token), known["jwks_uri"], published, at)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as fault:
        raise SignInRefused(_UNSIGNED) from fault
    return _read_token(client, question, token, key, at)


def _read_token(client: Client, question: SignOnQuestion, token: str, key: jwt.PyJWK, at: datetime) -> Identity:
    try:
        # Times are held against `at` below, not against the library's own clock.
        options: Any = {
            "require": ["iss", "sub", "aud", "exp", "iat"], "verify_exp": False, "verify_iat": False,
            "verify_nbf": False,
        }  # fmt: skip
        said = jwt.decode(
            token, key, algorithms=list(ALGORITHMS), audience=client.client_id, issuer=client.issuer, options=options
        )
        now = at.timestamp()
        fresh = float(said["iat"]) <= now + _LEEWAY and now < float(said["exp"]) + _LEEWAY
        moment = said.get("auth_time")
        auth_time = None if moment is None else datetime.fromtimestamp(float(moment), UTC)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, OSError) as fault:
        raise SignInRefused(_UNSIGNED) from fault
    if not fresh:
        raise SignInRefused("What the identity provider says is out of date, or one of the two clocks is wrong.")
    if not secrets.compare_digest(str(said.get("nonce", "")).encode(), question.nonce.encode()):
        raise SignInRefused("This answer was given to another question.")
    if isinstance(said["aud"], list) and len(said["aud"]) > 1 and said.get("azp") != client.client_id:
        raise SignInRefused("What the identity provider says is meant for another site.")
    subject = said["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise SignInRefused("The identity provider says no name for who signed in.")
    return Identity(client.issuer, subject, auth_time)


def _signing_key(header: Mapping[str, Any], address: str, published: PublishedMetadata, at: datetime) -> jwt.PyJWK:
    """The one published key that `header` names. For one that is not among those kept they are fetched anew, in bounds.

    Raises what reading content that makes no sense raises.
    """
    if header.get("alg") not in ALGORITHMS:
        raise ValueError("no algorithm that is accepted")
    keys = _fitting(header, published.content(address, _no_check, at=at))
    if not keys:
        keys = _fitting(header, published.content(address, _no_check, at=at, lasts=KEYS_AGAIN))
    [key] = keys
    return jwt.PyJWK(key, algorithm=header["alg"])


def _fitting(header: Mapping[str, Any], content: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = [key for key in content["keys"] if key.get("use", "sig") == "sig"]
    return [key for key in keys if key.get("kid") == header["kid"]] if "kid" in header else keys


def _no_check(content: Mapping[str, Any]) -> None:
    """Keys are believed as they are: what they sign is held against them."""


def metadata(client: Client, published: PublishedMetadata, at: datetime) -> dict[str, Any]:
    """What the provider says of itself, held against how it is known here. Raises ProviderDown."""

    def check(known: Mapping[str, Any]) -> None:
        if known.get("issuer") != client.issuer:
            raise ProviderDown(f"{client.issuer} calls itself {known.get('issuer')!r}.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(known.get(name), str) or not is_safe_address(known[name]):
                raise ProviderDown(f"{client.issuer} names no {name} that is safe to go to.")
        if not isinstance(known.get("token_endpoint_auth_methods_supported", []), list | None):
            raise ProviderDown(f"{client.issuer} does not say how to prove who asks.")

    return published.content(client.issuer.rstrip("/") + "/.well-known/openid-configuration", check, at=at)


def is_safe_address(address: str) -> bool:
    """Whether what is sent to `address` goes encrypted, or stays on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def _authenticated(client: Client, form: Mapping[str, str], known: Mapping[str, Any]) -> Request:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    sent = dict(form)
    methods = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" in methods:
        pair = f"{_quoted(client.client_id)}:{_quoted(client.secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        sent |= {"client_id": client.client_id, "client_secret": client.secret}
    return Request(known["token_endpoint"], urlencode(sent).encode(), headers)  # noqa: S310 - checked in metadata


def _fetch(address: str, request: Request | None = None, refused: type[Exception] = ProviderDown) -> dict[str, Any]:
    """The JSON object at `address`. Raises ProviderDown, and `refused` for an answer that is a refusal (4xx)."""
    try:
        with _OPENER.open(request or address, timeout=_SECONDS) as response:
            raw = response.read(_MOST_BYTES + 1)
        said = json.loads(raw) if len(raw) <= _MOST_BYTES else None
    except HTTPError as fault:
        if 400 <= fault.code < 500:
            raise refused("The identity provider did not take this answer; it may have been used already.") from fault
        raise ProviderDown(f"{address} answered {fault.code}.") from fault
    except (OSError, HTTPException, ValueError, RecursionError) as fault:
        raise ProviderDown(f"{address} does not answer.") from fault
    if not isinstance(said, dict):
        raise ProviderDown(f"{address} does not answer as an identity provider does.")
    return said


class _NoRedirect(HTTPRedirectHandler):
    """A provider that sends us elsewhere is not followed: the secret would go along."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirect)


def _quoted(text: str) -> str:
    return urlencode({"": text})[1:]


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
