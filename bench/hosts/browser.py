"""A browser before two hosts: keeps cookies, fills forms, and turns to the other host where one does not answer.

It stands for the balancer as well: `X-Forwarded-For` and `-Proto` are set as the nginx sample sets them.
"""

import http.client
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import html

from bench.hosts.host import NAME, PORT

SHUNNED_SECONDS = 2.0
"""How long a balancer leaves out a host that did not answer."""
Fields = Sequence[tuple[str, str]]
LONGEST_SECONDS = 90.0
"""How long somebody sends the same again before they give it up."""
PROXY_SECONDS = 65
"""How long the nginx sample waits for an answer."""
SIGN_IN = "/account/sign-in/"
PLAIN_WORDS = ("the server cannot write at the moment", "At this moment many people sign in")
"""What a page with 503 says to whoever reads it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it was answered: status 0 where nobody answered, by the moment when that was known."""

    at: float
    host: str
    kind: str
    status: int
    ms: float
    path: str = ""


@dataclass
class Answers:
    """All that was asked by all browsers, with what no answer should have been."""

    asked: list[Asked] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def note(self, asked: Asked) -> None:
        """Keep one."""
        with self._lock:
            self.asked.append(asked)

    def complain(self, sentence: str) -> None:
        """Keep what should not have been."""
        with self._lock:
            self.wrong.append(f"{time.strftime('%H:%M:%S')} {sentence}")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer, read."""

    status: int
    path: str
    location: str
    text: str

    def forms(self, action: str) -> list[Any]:
        """The forms whose address holds `action`."""
        return [form for form in html.fromstring(self.text).forms if action in (form.get("action") or self.path)]

    def fields(self, action: str) -> list[tuple[str, str]]:
        """What a browser would send of the largest form with this action, untouched. Raises LookupError."""
        forms = self.forms(action)
        if not forms:
            raise LookupError(f"{self.path} ({self.status}) has no form for {action}")
        largest = max(forms, key=lambda form: len(form.fields))
        return [(name, value.removeprefix("\n")) for name, value in largest.form_values()]


class NobodyAnswers(Exception):
    """No host answered for `LONGEST_SECONDS`, or none but with 503."""


class Browser:
    """One person's. `hosts` are letter and address, the first of them asked first."""

    def __init__(self, hosts: Sequence[tuple[str, str]], address: str, answers: Answers) -> None:
        self._hosts, self._address, self._answers = list(hosts), address, answers
        self._shunned: dict[str, float] = {}
        self.cookies: dict[str, str] = {}
        self.asks_again_after: Callable[[], float] = lambda: 3.0
        self.stopped = threading.Event()

    def open(self, path: str, kind: str) -> Page:
        """The page at `path`, with redirects followed."""
        page = self._until_answered("GET", path, None, kind)
        for _ in range(5):
            if page.status not in (301, 302, 303):
                break
            page = self._until_answered("GET", page.location, None, kind)
        return page

    def filled(self, page: Page, action: str, typed: Mapping[str, Any]) -> tuple[str, Fields]:
        """Where the form of `page` with this action is sent, and its fields with what was typed into it."""
        form = max(page.forms(action), key=lambda form: len(form.fields), default=None)
        target = urljoin(page.path, form.get("action") or page.path) if form is not None else action
        kept = [(name, value) for name, value in page.fields(action) if name not in typed]
        added = [
            (name, part) for name, value in typed.items() for part in (value if isinstance(value, list) else [value])
        ]
        return target, kept + added

    def send(self, page: Page, action: str, typed: Mapping[str, Any], kind: str, **ways: bool) -> Page:
        """The answer to the form of `page` with this action, with what was typed into it."""
        return self.post(*self.filled(page, action, typed), kind, **ways)

    def post(self, path: str, fields: Sequence[tuple[str, str]], kind: str, *, lost_once: bool = False) -> Page:
        """The answer to these fields; with `lost_once` the first answer is not waited for and they are sent again."""
        if lost_once:
            self._send_and_hang_up(path, fields)
        return self._until_answered("POST", path, fields, kind)

    def _until_answered(self, method: str, path: str, fields: Sequence[tuple[str, str]] | None, kind: str) -> Page:
        """Ask host after host, the same again, until one answers with anything but 503."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < deadline and not self.stopped.is_set():
            letter, address = self._next_host()
            page = self._ask(letter, address, method, path, fields, kind)
            if page is None:
                self._shunned[letter] = time.monotonic() + SHUNNED_SECONDS
                if all(self._is_shunned(name) for name, _ in self._hosts):
                    self.stopped.wait(0.5)
            elif page.status == 503:
                self.stopped.wait(self.asks_again_after())
            else:
                return page
        raise NobodyAnswers(path)

    def _is_shunned(self, letter: str) -> bool:
        return self._shunned.get(letter, 0) > time.monotonic()

    def _next_host(self) -> tuple[str, str]:
        return next((host for host in self._hosts if not self._is_shunned(host[0])), self._hosts[0])

    def _headers(self, path: str) -> dict[str, str]:
        return {
            "Host": NAME,
            "X-Forwarded-For": self._address,
            "X-Forwarded-Proto": "https",
            "Referer": f"https://{NAME}{path}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }

    def _ask(self, letter: str, address: str, method: str, path: str, fields: Any, kind: str) -> Page | None:
        body = urlencode(fields) if fields is not None else None
        headers = self._headers(path) | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        began, connection = time.monotonic(), http.client.HTTPConnection(address, PORT, timeout=PROXY_SECONDS)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self._note(letter, kind, 0, began, type(error).__name__)
            return None
        finally:
            connection.close()
        self._note(letter, kind, answer.status, began, path)
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        self._judge(letter, method, path, answer.status, text)
        location = urlsplit(answer.getheader("Location") or "")
        return Page(
            answer.status,
            path.partition("#")[0],
            location.path + ("?" + location.query if location.query else ""),
            text,
        )

    def _note(self, letter: str, kind: str, status: int, began: float, path: str) -> None:
        now = time.monotonic()
        self._answers.note(Asked(now, letter, kind, status, (now - began) * 1000, path))

    def _judge(self, letter: str, method: str, path: str, status: int, text: str) -> None:
        if status == 503:
            if not any(words in text for words in PLAIN_WORDS) or "Traceback" in text:
                self._answers.complain(
                    f"host {letter}: {method} {path} answered 503 without plain words: {text[:200]!r}"
                )
        elif status >= 500 or "Traceback (most recent" in text:
            self._answers.complain(f"host {letter}: {method} {path} answered {status}: {text[:160]!r}")

    def _send_and_hang_up(self, path: str, fields: Sequence[tuple[str, str]]) -> None:
        """Send, and be gone before the answer: as where a line breaks."""
        letter, address = self._next_host()
        connection = http.client.HTTPConnection(address, PORT, timeout=PROXY_SECONDS)
        try:
            connection.request("POST", path, urlencode(list(fields)),
                               self._headers(path) | {"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()
        self._shunned[letter] = time.monotonic() + SHUNNED_SECONDS  # so that the other host has it next
