"""The people: readers who open pages, prescribers who file, pharmacists who decide; each with a session."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.hosts.browser import SIGN_IN, Answers, Browser, NobodyAnswers, Page

READER_THINKS = (30.0, 90.0)
WRITER_THINKS = (10.0, 30.0)
"""Seconds between two acts of one person, evenly drawn: a reader reads a minute, a writer thinks a third of one."""
CIDP = {
    "dose": "2", "dose_unit": "dose_total_g_per_kg", "course_days": "5", "then": "repeat", "interval_weeks": "4",
    "safety": "none_of_these",
}  # fmt: skip
TOKEN = "csrfmiddlewaretoken"
SIGN_IN_AT_ONCE = 6
"""People who sign in at the same moment: hosts check few passwords at once, and ask others to come again."""
LOST_OF = 5
"""One in so many messages is sent by somebody whose line breaks before the answer."""


@dataclass
class World:
    """What the hospital holds, as `bench.hosts.hospital` told it, and what all people know of each other's work.

    All take `pace` times as long between two acts, and wait with the first for `begun`.
    """

    password: str
    patients: deque[Mapping[str, str]]
    requests: list[str]
    waiting: deque[str]
    pace: float = 1
    begun: Any = field(default_factory=threading.Event)
    lock: Any = field(default_factory=threading.Lock)
    door: Any = field(default_factory=lambda: threading.BoundedSemaphore(SIGN_IN_AT_ONCE))


@dataclass
class Ledger:
    """What was acknowledged: a mark in each message, the numbers filed, the uids approved; and what was only tried."""

    messages: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    filed: list[str] = field(default_factory=list)
    approved: list[str] = field(default_factory=list)
    others_first: int = 0
    signed_out: int = 0
    given_up: int = 0


class Unexpected(Exception):
    """An answer that this person could make nothing of."""


class Person:
    """Somebody with a browser, at work until `ended`."""

    def __init__(
        self, who: Mapping[str, str], browser: Browser, world: World, ledger: Ledger, answers: Answers, seed: int
    ) -> None:
        self.who, self.browser, self.world, self.ledger, self.answers = who, browser, world, ledger, answers
        self.rng = random.Random(seed)
        browser.asks_again_after = lambda: self.rng.uniform(2.0, 4.0)
        self.ended = browser.stopped
        self.may_be_signed_out = False
        self._marks = 0

    thinks = READER_THINKS

    def work(self) -> None:
        """Sign in, then act after act with a pause between, until it is ended."""
        if not self.sign_in():
            return
        while not self.world.begun.wait(1):
            if self.ended.is_set():
                return
        # People do not all begin to think at the moment at which the doors open.
        pause = self.rng.uniform(0, self.thinks[1])
        while not self.ended.wait(self.world.pace * pause):
            pause = self.rng.uniform(*self.thinks)
            try:
                self.act()
            except NobodyAnswers:
                self.ledger.given_up += 1
            except (Unexpected, LookupError) as trouble:
                if not self.ended.is_set():
                    self.answers.complain(f"{self.who['username']}: {trouble}")

    def sign_in(self) -> bool:
        """Sign in by the page, again and again until it worked or all is over."""
        with self.world.door:
            return self._sign_in()

    def _sign_in(self) -> bool:
        while not self.ended.is_set():
            try:
                page = self.browser.open(SIGN_IN, "sign in")
                done = self.browser.send(
                    page, "sign-in", {"login": self.who["username"], "password": self.world.password}, "sign in"
                )
            except (NobodyAnswers, LookupError):
                continue
            if done.status == 302:
                return True
            self.ended.wait(self.rng.uniform(1, 4))
        return False

    def act(self) -> None:
        """One act of this person."""
        raise NotImplementedError

    def look(self, path: str, kind: str) -> Page:
        """A page that must be this person's own, and signed in."""
        page = self.browser.open(path, kind)
        if page.path.startswith(SIGN_IN):
            self.ledger.signed_out += 1
            if not self.may_be_signed_out:
                self.answers.complain(f"{self.who['username']} was signed out at {path}")
            self.sign_in()
            page = self.browser.open(path, kind)
        if page.status == 200 and self.who["name"] not in page.text:
            raise Unexpected(f"{path} is not the page of {self.who['name']}: {page.text[:120]!r}")
        return page

    def send(self, page: Page, action: str, typed: Mapping[str, Any], kind: str, **ways: bool) -> Page:
        """Send a form; where the session ended meanwhile, sign in and send the same again, as its page offers."""
        target, fields = self.browser.filled(page, action, typed)
        done = self.browser.post(target, fields, kind, **ways)
        if done.status == 401 or done.location.startswith(SIGN_IN):
            self.ledger.signed_out += 1
            if not self.may_be_signed_out:
                self.answers.complain(f"{self.who['username']} was signed out while sending {action}")
            self.sign_in()
            fresh = dict(self.look("/account/password/", kind).fields("password"))[TOKEN]
            done = self.browser.post(
                target, [(name, fresh if name == TOKEN else value) for name, value in fields], kind
            )
        return done

    def think(self) -> None:
        """The time that typing takes."""
        self.ended.wait(self.world.pace * self.rng.uniform(*self.thinks) / 2)

    def write_message(self, page: Page, action: str) -> None:
        """Write to the others on a request, once however often the form is sent."""
        self._marks += 1
        mark = f"mark-{self.who['username']}-{self._marks}-"
        lost = self.rng.randrange(LOST_OF) == 0
        self.ledger.tried.append(mark)
        if lost:
            self.ledger.lost.append(mark)
        fields = page.forms(action)[0]
        whom = next(iter(fields.inputs["to"].value_options)) if "to" in fields.fields else ""
        done = self.send(page, action, {"to": whom, "text": f"Seen by the bench, {mark}."}, "message", lost_once=lost)
        if done.status != 302:
            raise Unexpected(f"a message was answered {done.status}: {_said(done)}")
        self.ledger.messages.append(mark)


def _said(page: Page) -> str:
    from lxml import html

    return " ".join(" ".join(html.fromstring(page.text or "<p/>").itertext()).split())[:200]


class Reader(Person):
    """Opens the pages that people of this role open all day."""

    def act(self) -> None:
        path, kind = self.rng.choice(self._pages())
        page = self.look(path, kind)
        if page.status != 200:
            raise Unexpected(f"{path} answered {page.status}: {_said(page)}")

    def _pages(self) -> list[tuple[str, str]]:
        uid = self.rng.choice(self.world.requests)
        match self.who["kind"]:
            case "pharmacist":
                return [("/review/", "queue"), (f"/review/{uid}/", "case")]
            case "auditor":
                return [("/audit/", "audit list"), (f"/audit/requests/{uid}/", "audit record")]
            case _:
                return [("/", "home"), (f"/requests/{uid}/", "request"), ("/requests/new/?q=Quentin", "find patient")]


class Prescriber(Person):
    """Files a request for a patient who has none, and writes a message on it."""

    thinks = WRITER_THINKS

    def act(self) -> None:
        with self.world.lock:
            patient = self.world.patients.popleft() if self.world.patients else None
        if patient is None:
            return self._write()
        page = self.look(f"/patients/{patient['uid']}/?q=G61.81", "choose indication")
        begun = self.send(page, "/start/", {"indication": "cidp"}, "start")
        if begun.status != 302:
            raise Unexpected(f"a start was answered {begun.status}: {_said(begun)}")
        uid = begun.location.split("/")[2]
        page = self.look(begun.location, "form")
        self.think()
        kept = self.send(page, "/edit/", CIDP, "save")
        if kept.status not in (200, 302):
            raise Unexpected(f"a draft was answered {kept.status}: {_said(kept)}")
        self._file(uid, patient["mrn"])
        self.think()
        self.write_message(self.look(f"/requests/{uid}/", "request"), "/message/")
        return None

    def _write(self) -> None:
        uid = self.rng.choice(self.world.requests)
        page = self.look(f"/requests/{uid}/", "request")
        if page.forms("/message/"):
            self.write_message(page, "/message/")

    def _file(self, uid: str, mrn: str) -> None:
        page = self.look(f"/requests/{uid}/submit/", "submit")
        self.think()
        page = self.send(
            page, "/submit/", {"mrn": mrn, "dose_again": "165 g", "weight_again": "82.5 kg"}, "state again"
        )
        ticked = dict.fromkeys(_boxes(page, "/submit/"), "on")
        done = self.send(page, "/submit/", ticked, "submit")
        if done.status == 409 or (done.status == 302 and "/submit" not in done.location):
            with self.world.lock:
                self.ledger.filed.append(uid)
                self.world.requests.append(uid)
                self.world.waiting.append(uid)
            return
        raise Unexpected(f"a submission was answered {done.status}: {_said(done)}")


def _boxes(page: Page, action: str) -> list[str]:
    form = max(page.forms(action), key=lambda form: len(form.fields), default=None)
    return [box.name for box in form.xpath(".//input[@type='checkbox']")] if form is not None else []


class Pharmacist(Person):
    """Takes a request that waits, writes a message on it, and approves it with a signature."""

    thinks = WRITER_THINKS

    def act(self) -> None:
        self.look("/review/", "queue")
        with self.world.lock:
            uid = self.world.waiting.popleft() if self.world.waiting else None
        if uid is None:
            return
        page = self.look(f"/review/{uid}/", "case")
        if page.forms("/claim/"):
            held = self.send(page, "/claim/", {}, "claim")
            if held.status != 302:
                raise Unexpected(f"a claim was answered {held.status}: {_said(held)}")
        self.think()
        page = self.look(f"/review/{uid}/", "case")
        self.write_message(page, "/message/")
        self.think()
        page = self.look(f"/review/{uid}/", "case")
        done = self.send(page, "/approve/", {"password": self.world.password}, "approve")
        if done.status == 409:
            self.ledger.others_first += 1
        elif done.status != 302:
            raise Unexpected(f"an approval was answered {done.status}: {_said(done)}")
        else:
            self.ledger.approved.append(uid)


def started(people: list[Person], over: float) -> list[threading.Thread]:
    """A thread for each of them, begun one after the other `over` so many seconds."""
    threads = []
    for person in people:
        thread = threading.Thread(target=person.work, daemon=True, name=person.who["username"])
        thread.start()
        threads.append(thread)
        time.sleep(over / len(people))
    return threads


KINDS: Mapping[str, Callable[..., Person]] = {"prescriber": Prescriber, "pharmacist": Pharmacist}
