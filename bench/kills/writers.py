"""People at work: a thread is a prescriber, a pharmacist and a physician who take one request after another through
their hands, and who send a form again where no answer came to it."""

import random
import re
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.kills.browser import Answer, Browser, NotSent, Unanswered, words_of
from bench.kills.ledger import Change, Ledger
from bench.kills.server import Server
from tests.cast import CIDP, PASSWORD

TEAMS = (("petra", "fern", "mira"), ("paul", "felix", "max"))
NOBODY = Answer(0, "", "")
"""In the place of an answer where there was no server to send to."""
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class Over(Exception):
    """The run ends."""


class Lost(Exception):
    """The story cannot go on: it is not known how far it came. The next one is begun."""


@dataclass
class Case:
    """One request on its way, as its people know it."""

    patient: str
    mrn: str
    uid: str = ""
    version: int = 0
    typed: int = 0


@dataclass
class Writer:
    """One thread of people at work."""

    number: int
    port: int
    site: int
    ledger: Ledger
    seed: int
    over: threading.Event
    pause: float = 0.0
    """Seconds between an answer and the next form, on average."""
    serial: int = 0
    people: list[Browser] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.seed}/{self.number}")
        self.people = [Browser(self.port, username) for username in TEAMS[self.number % len(TEAMS)]]

    def run(self) -> None:
        """Take requests through until the run is over."""
        try:
            while True:
                try:
                    self._story()
                except Lost:
                    self.ledger.count("stories left")
        except Over:
            return
        except Exception as fault:
            self.ledger.surprise(f"writer {self.number} ended: {type(fault).__name__}: {fault}")
            raise

    # --- One story ----------------------------------------------------------------------------------------------------

    def _story(self) -> None:
        prescriber, pharmacist, _physician = self.people
        case = self._begin(prescriber)
        for _ in range(self.rng.randint(2, 6)):
            self._type(prescriber, case)
        if self.rng.random() < 0.05:
            self._move(prescriber, f"/requests/{case.uid}/discard/", case, "request.discarded", {})
            return
        self._submit(prescriber, case)
        for _ in range(self.rng.randint(2, 6)):
            self._talk(case)
        self._move(pharmacist, f"/review/{case.uid}/claim/", case, "request.claimed", {})
        if self.rng.random() < 0.5:
            self._ask(pharmacist, case)
            self._answer(prescriber, case)
        for _ in range(self.rng.randint(1, 4)):
            self._talk(case)
        self._end(case)

    def _end(self, case: Case) -> None:
        prescriber, pharmacist, physician = self.people
        ending = self.rng.random()
        if ending < 0.2:
            reason = self._text("Withdrawn")
            path = f"/requests/{case.uid}/withdraw/"
            self._move(
                prescriber, path, case, "request.withdrawn", {"reason": reason}, ("Request", "withdrawal_reason")
            )
        elif ending < 0.4:
            reason = self._text("Referred")
            path = f"/review/{case.uid}/refer/"
            self._move(pharmacist, path, case, "request.referred", {"reason": reason}, ("Request", "referral_reason"))
            signed = {"reason_code": "criteria_not_met", "reason": self._text("Denied"), "password": PASSWORD}
            path = f"/review/{case.uid}/deny/"
            self._move(physician, path, case, "decision.denied", signed, ("Decision", "reason"))
        elif ending < 0.7:
            signed = {"conditions": self._text("Approved"), "password": PASSWORD}
            path = f"/review/{case.uid}/approve/"
            column = ("Decision", "conditions")
            self._move(pharmacist, path, case, "decision.approved", signed, column)
            for _ in range(self.rng.randint(1, 4)):
                self._infuse(pharmacist, case)

    def _begin(self, prescriber: Browser) -> Case:
        self.serial += 1
        mrn = f"{self.rng.randrange(10**11):011d}"
        born = datetime(1930, 1, 1, tzinfo=UTC) + timedelta(days=self.rng.randrange(25_000))
        fields = {
            "site": self.site, "mrn": mrn, "family_name": self._name(), "given_names": self._name(), "sex": "male",
            "date_of_birth": f"{born:%Y-%m-%d}", "weight": "82.5", "weight_unit": "kg", "height": "178",
            "height_unit": "cm", "measured_on": f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}",
        }  # fmt: skip
        added = Change("patient added", "Patient", "mrn", mrn)
        answer = self._send(prescriber, "/patients/new/", fields, added)
        case = Case(_uid_in(answer), mrn)
        began = Change("draft begun", "Request", "patient__uid", case.patient)
        answer = self._send(prescriber, f"/patients/{case.patient}/start/", {"indication": "cidp"}, began)
        case.uid = _uid_in(answer)
        return case

    def _name(self) -> str:
        letters = "abcdefghijklmnopqrstuvwxyz"
        return "".join(self.rng.choice(letters) for _ in range(9)).capitalize()

    def _text(self, about: str) -> str:
        self.serial += 1
        return f"{about} {self.number}-{self.serial}-{secrets.token_hex(4)}."

    def _type(self, prescriber: Browser, case: Case) -> None:
        case.typed += 1
        self.ledger.sent[case.uid] = case.typed
        rest = {name: value for name, value in CIDP.items() if name not in ("dose_total_g_per_kg", "safety")}
        fields = {
            **rest, "dose": CIDP["dose_total_g_per_kg"], "dose_unit": "dose_total_g_per_kg", "boxes": "safety",
            "safety": CIDP["safety"], "clinical_summary": f"Summary {case.typed}.",
        }  # fmt: skip
        self._send(prescriber, f"/requests/{case.uid}/check/", fields, Change("draft typed", uid=case.uid))
        self.ledger.typed[case.uid] = case.typed

    def _submit(self, prescriber: Browser, case: Case) -> None:
        fields = {
            "mrn": case.mrn, "dose_again": "155", "weight_again": "82.5 kg", "attested": "on",
        }  # fmt: skip
        self._move(prescriber, f"/requests/{case.uid}/submit/", case, "request.submitted", fields)

    def _talk(self, case: Case) -> None:
        prescriber, pharmacist, _physician = self.people
        which = self.rng.randrange(3)
        if which == 0:
            text = self._text("Note")
            change = Change("note", "Note", "text", text, case.uid, "note.added")
            self._send(pharmacist, f"/review/{case.uid}/note/", {"text": text}, change)
            return
        who, path, to = (
            (prescriber, f"/requests/{case.uid}/message/", "pharmacist"),
            (pharmacist, f"/review/{case.uid}/message/", "department"),
        )[which - 1]
        text = self._text("Message")
        change = Change("message", "Message", "text", text, case.uid, "message.written")
        self._send(who, path, {"to": to, "text": text}, change)

    def _ask(self, pharmacist: Browser, case: Case) -> None:
        text = self._text("Question")
        wanted = datetime.now(UTC) + timedelta(days=7)
        fields = {"text": text, "facts": ["course_days"], "wanted_by": f"{wanted:%Y-%m-%d}"}
        self._move(pharmacist, f"/review/{case.uid}/ask/", case, "information.asked", fields, ("Question", "text"))

    def _answer(self, prescriber: Browser, case: Case) -> None:
        fields = {"text": self._text("Answer")}
        path = f"/requests/{case.uid}/answer/"
        self._move(prescriber, path, case, "information.answered", fields, ("Question", "answer"))

    def _infuse(self, pharmacist: Browser, case: Case) -> None:
        lot = self._text("L").strip(".").replace(" ", "")
        fields = {
            "given_on": f"{datetime.now(UTC):%Y-%m-%d}", "product": "Privigen", "grams": "10", "lot": lot,
            "confirmed": "on",
        }  # fmt: skip
        change = Change("infusion", "Infusion", "lot", lot, case.uid, "infusion.recorded")
        self._send(pharmacist, f"/authorizations/{case.uid}/infusions/", fields, change)

    # --- Sending ------------------------------------------------------------------------------------------------------

    def _move(
        self, who: Browser, path: str, case: Case, event: str, fields: Mapping[str, Any],
        column: tuple[str, str] = ("", ""),
    ) -> None:  # fmt: skip
        case.version = version_now(case.uid)
        text = next((value for value in fields.values() if value in _said(fields)), "") if column[0] else ""
        change = Change(event, *column, text, case.uid, event)
        self._send(who, path, {**fields, "version": case.version}, change)

    def _send(self, who: Browser, path: str, fields: Mapping[str, Any], change: Change) -> Answer:
        """Send a form until it is answered, the same form each time. Raises Over, Lost."""
        sent = {**fields, "form_token": secrets.token_urlsafe(20)}
        unsure = False
        while not self.over.is_set():
            with self.ledger.gate.inside():
                answer = self._answer_to(who, path, sent, change)
            if answer is None:
                unsure = True
            elif answer is NOBODY:
                time.sleep(0.03)
            elif _says_done(answer):
                self.over.wait(2 * self.pause * self.rng.random())
                return answer
            elif answer.status == 503:
                self.ledger.count("503")
                time.sleep(0.2)
            else:
                if not unsure:
                    self.ledger.surprise(f"{answer.status} {path} {answer.location} {words_of(answer.body)[:400]}")
                raise Lost
        raise Over

    def _answer_to(self, who: Browser, path: str, sent: Mapping[str, Any], change: Change) -> Answer | None:
        """What comes of sending it once, with the ledger told: None where no answer came, NOBODY without a server."""
        try:
            answer = who.post(path, sent)
        except NotSent:
            return NOBODY
        except Unanswered:
            self.ledger.unknown(change)
            return None
        if _says_done(answer):
            self.ledger.done(change)
        return answer


def at_work(server: Server, writers: Sequence[Writer]) -> list[threading.Thread]:
    """Start the server, have `writers` sign in and work; the threads in which they do, until the run is over."""
    server.start(cold=True)
    server.await_answer()
    for writer in writers:
        for person in writer.people:
            person.sign_in()
    threads = [threading.Thread(target=writer.run, daemon=True) for writer in writers]
    for thread in threads:
        thread.start()
    return threads


def _says_done(answer: Answer) -> bool:
    return answer.done and not (answer.status == 302 and "/sign-in/" in answer.location)


def _said(fields: Mapping[str, Any]) -> set[str]:
    """The texts among `fields` that are known by their mark."""
    return {value for value in fields.values() if isinstance(value, str) and re.search(r"-[0-9a-f]{8}\.$", value)}


def _uid_in(answer: Answer) -> str:
    found = _UID.search(answer.location)
    if found is None:
        raise Lost
    return found[0]


def version_now(uid: str) -> int:
    """The version of a request as a page would show it."""
    from django.db import connection

    from utilization.models import Request

    try:
        return Request.objects.values_list("version", flat=True).get(uid=uid)
    finally:
        connection.close()
