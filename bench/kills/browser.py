"""One person's browser: a session by signing in, and forms sent over a connection that may break at any moment."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from select import select
from typing import Any
from urllib.parse import urlencode

from tests.cast import PASSWORD

_SECONDS = 60


class NotSent(Exception):
    """There was no server to send to: nothing happened."""


class Unanswered(Exception):
    """It was sent, and the connection broke before a status came back: it happened, or it did not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is empty where the connection broke behind the head."""

    status: int
    location: str
    body: str

    @property
    def done(self) -> bool:
        """Whether it says that what was sent is done."""
        return 200 <= self.status < 400


class Browser:
    """Signed in as `username`; keeps its cookies and its connection."""

    def __init__(self, port: int, username: str) -> None:
        self.username = username
        self._port = port
        self._cookies: dict[str, str] = {}
        self._connection: HTTPConnection | None = None

    def sign_in(self) -> None:
        """Sign in by the form. Raises what `post` raises, RuntimeError where it is refused."""
        self.get("/account/sign-in/")
        # Where another session of the same person signs in at this moment, it is asked to come again.
        while (answer := self.post("/account/sign-in/", {"login": self.username, "password": PASSWORD})).status == 503:
            time.sleep(0.3)
        if answer.status != 302:
            raise RuntimeError(f"{self.username} could not sign in: {answer.status} {words_of(answer.body)[:300]}")

    def get(self, path: str) -> Answer:
        """The page at `path`."""
        return self._send("GET", path, None)

    def post(self, path: str, fields: Mapping[str, Any]) -> Answer:
        """What comes of sending `fields` to `path`; a list sends a field several times."""
        return self._send("POST", path, urlencode(fields, doseq=True))

    def _send(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            token = next((value for name, value in self._cookies.items() if "csrf" in name), "")
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token}
        if self._connection is not None and self._connection.sock and select([self._connection.sock], [], [], 0)[0]:
            self._forget()  # closed at the other end, as a browser notices too
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self._port, timeout=_SECONDS)
        try:
            self._connection.connect() if self._connection.sock is None else None
        except OSError as fault:
            self._forget()
            raise NotSent from fault
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (OSError, HTTPException) as fault:
            self._forget()
            raise Unanswered from fault
        for header in response.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        try:
            text = response.read().decode()
        except (OSError, HTTPException):
            text = ""
            self._forget()
        return Answer(response.status, response.headers.get("Location", ""), text)

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def words_of(page: str) -> str:
    """What a page says, without its markup."""
    main = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", page.partition("<main")[2] or page)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).strip()
