"""A security key made of the library `cryptography` alone, so that it shares nothing with what it is checked by.

key = SecurityKey()
key.made(options, origin)     what a browser answers to navigator.credentials.create
key.signed(options, origin)   what it answers to navigator.credentials.get
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "https://testserver"
UP, UV, AT = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    """As WebAuthn writes bytes."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """The reverse."""
    return base64.urlsafe_b64decode(text + "==")


@dataclass
class SecurityKey:
    """One credential on one key (ES256)."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def cose(self) -> bytes:
        """The public key as COSE, byte by byte: {1: 2, 3: -7, -1: 1, -2: x, -3: y}."""
        point = self.private.public_key().public_numbers()
        head, x, y = bytes.fromhex("a5010203262001215820"), point.x.to_bytes(32), point.y.to_bytes(32)
        return head + x + bytes.fromhex("225820") + y

    def made(self, options: dict[str, Any], origin: str = ORIGIN, flags: int = UP | UV) -> str:
        """The answer to a question to make a passkey, as JSON."""
        client = json.dumps({"type": "webauthn.create", "challenge": options["challenge"], "origin": origin}).encode()
        data = self._head(options["rp"]["id"], flags | AT) + bytes(16)
        data += len(self.credential_id).to_bytes(2) + self.credential_id + self.cose
        # A map of three: fmt is "none", attStmt an empty map, authData the bytes that follow.
        attestation = bytes.fromhex("a363666d74646e6f6e656761747453746d74a068617574684461746158") + bytes([len(data)])
        response = {"clientDataJSON": b64(client), "attestationObject": b64(attestation + data)}
        return self._answer(response)

    def signed(
        self, options: dict[str, Any], origin: str = ORIGIN, flags: int = UP | UV, kind: str = "webauthn.get",
        handle: str | None = None,
    ) -> str:  # fmt: skip
        """The answer to a question to sign, as JSON; with `handle`, as one says whose it is that keeps the account."""
        client = json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin}).encode()
        data = self._head(options["rpId"], flags)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)}
        if handle is not None:
            response["userHandle"] = b64(handle.encode())
        return self._answer(response)

    def _head(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + (1).to_bytes(4)

    def _answer(self, response: dict[str, str]) -> str:
        called = b64(self.credential_id)
        return json.dumps(
            {"id": called, "rawId": called, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )
