"""An identity provider on loopback that says whatever a test wants it to say: what a well-behaved one never would."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

SECRET = "a secret of the tests alone, long enough for any use of it as a key"


@dataclass
class LoopbackProvider:
    """`claims` change what the next token says (None leaves a claim out); `sign` makes the token of its claims."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    raw: bytes | None = None
    asked: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)
    server: Any = None

    @property
    def issuer(self) -> str:
        """Its own name."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def settings(self) -> dict[str, str]:
        """The product's settings for it."""
        return {"issuer": self.issuer, "client_id": "ivig", "secret": SECRET, "name": "Hospital sign-in"}

    def start(self) -> None:
        """Listen, in a thread."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self.server.shutdown()
        self.server.server_close()

    def reset(self) -> None:
        """Behave."""
        self.claims, self.metadata, self.sign, self.raw, self.used = {}, {}, None, None, set()
        self.fetched.clear()

    def visited(self, address: str) -> dict[str, str]:
        """What the browser brings back from `address`, where it was sent to sign in."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return {"code": f"code-{time.monotonic_ns()}", "state": self.asked["state"], "iss": self.issuer}

    def token(self) -> str:
        """The identity token for the question asked last."""
        now = int(time.time())
        said = {
            "iss": self.issuer, "sub": "fern-at-hospital", "aud": "ivig", "exp": now + 300, "iat": now,
            "auth_time": now, "nonce": self.asked["nonce"], **self.claims,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if value is not None}
        return self.sign(said) if self.sign else jwt.encode(said, self.key, "RS256", {"kid": "one"})

    def published(self) -> dict[str, Any]:
        """Its keys."""
        return {"keys": [{**jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": "one"}]}


def _handler(provider: LoopbackProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.fetched.append(self.path)
            if self.path == "/keys":
                return self._say(provider.published())
            known = {
                "issuer": provider.issuer, "authorization_endpoint": f"{provider.issuer}/sign-in",
                "token_endpoint": f"{provider.issuer}/token", "jwks_uri": f"{provider.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }  # fmt: skip
            return self._say(known | provider.metadata)

        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            code = sent["code"][0]
            if code in provider.used or not self.headers["Authorization"].startswith("Basic "):
                return self._say({"error": "invalid_grant"}, 400)
            provider.used.add(code)
            return self._say({"access_token": "x", "token_type": "Bearer", "id_token": provider.token()})

        def _say(self, value: dict[str, Any], status: int = 200) -> None:
            raw = provider.raw if provider.raw is not None else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler
