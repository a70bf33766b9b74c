"""Races through the pages: two to five people act on one request at once, each on the page that they had before them.

A request lives on from race to race until it has ended, so that each race begins where the last one left it. Which act
is sent first is chosen so that each kind of act wins often; the others follow within milliseconds.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from tests.cast import Cast, a_draft, submitted
from tests.workflow.expected_moves import EVERYBODY
from tests.workflow.history_model import NEUROLOGISTS
from tests.workflow.racing.forms import Shown, form_of, words_of
from tests.workflow.racing.model import ENTRIES, FOLLOW, Attempt, RacedModel, faults
from utilization import event_log, workflow
from utilization.models import Absence, Event, Request, User

MOST_AT_ONCE, MOST_RACES = 5, 14
"""People in a race, and races of one request, at most."""
HOST = "localhost"
SPREADS = (0, 0.004, 0.015)
"""Seconds within which the others follow the first, drawn for each race."""
ENDED = {"approved", "withdrawn"}
OTHERS = {"absence.entered": "cover", "absence.ended": "person", "order.taken": "ordered_by"}
"""Under which name these entries say whom else they are about."""
LOST = {
    409: "409 with what happened and what was written",
    422: "422, the form again with what stands in its way",
    403: "403, what was written with why they may not",
}
"""How a page answers who was too late: 422 where another has filled the place that a form asks for, 403 where what
another did makes them somebody who may not judge or answer."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An attempt as it was sent: its answer, and from when to when it was under way, in seconds of the process."""

    attempt: Attempt
    status: int
    location: str
    text: str
    words: tuple[str, ...]
    began: float
    ended: float


@dataclass
class Figures:
    """What came of all races."""

    races: int = 0
    at_once: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    won: Counter[str] = field(default_factory=Counter)
    lost: Counter[tuple[int, str]] = field(default_factory=Counter)
    several_won: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def broken(self) -> int:
        """Answers of 500 and above."""
        return sum(count for (status, _), count in self.lost.items() if status >= 500)


class Races:
    """A hospital whose people race on one request after another, by the chance of `seed`."""

    def __init__(self, seed: int) -> None:
        self.chance, self.cast, self.figures = random.Random(seed), Cast(), Figures()
        for who in sorted(NEUROLOGISTS):
            workflow.set_specialties(
                self.cast[who], ["neurology"], by=self.cast["adam"], at=timezone.now(), site=self.cast.north
            )
        self.sessions = {who: _session(self.cast[who]) for who in sorted(EVERYBODY)}
        self.threads = ThreadPoolExecutor(MOST_AT_ONCE)
        self.requests = 0

    def run(self, count: int, told: Callable[[Figures], None] = lambda figures: None) -> Figures:
        """Race `count` times; `told` hears of the figures after each request."""
        while self.figures.races < count:
            self._live(min(MOST_RACES, count - self.figures.races))
            told(self.figures)
        return self.figures

    def close(self) -> None:
        """Let the threads and their connections go."""
        list(self.threads.map(lambda _: (time.sleep(0.05), connections.close_all()), range(MOST_AT_ONCE)))
        self.threads.shutdown()

    def _live(self, most: int) -> None:
        """One request from its filing on, with its races."""
        request = self.filed()
        model, ended = RacedModel(request.version, timezone.now()), 0
        for _ in range(most):
            model.now(timezone.now())
            possible = model.possible()
            if len(possible) < 2 or ended > 1:
                break
            after = self._race(request, model, possible)
            if after is None:
                break
            model, ended = after, ended + (after.status in ENDED)
        at = timezone.now()
        for absence in Absence.objects.filter(ends_at__gt=at).select_related("person"):
            workflow.end_absence(absence.pk, by=absence.person, at=at)
        request.refresh_from_db()
        if request.status not in {*ENDED, "denied"}:
            author = request.author
            workflow.withdraw(request.uid, by=author, at=at, version=request.version, reason="The race is over.")

    def filed(self) -> Request:
        """A request of a patient of its own, in pharmacist review."""
        self.requests += 1
        at, number = timezone.now(), self.requests
        name = "".join(chr(ord("a") + number // 26**place % 26) for place in range(4)).title()
        # Nobody is like another in name and birth date, or each filing would look at all before it.
        born = date(1940, 1, 1) + timedelta(days=number % 20_000)
        patient = self.cast.a_patient(
            mrn=f"R-{number * 7919:09}", name=f"{name}er, {name}", date_of_birth=born, at=at
        )  # fmt: skip
        return submitted(self.cast, a_draft(self.cast, patient=patient, at=at), at=at)

    # --- One race ---------------------------------------------------------------------------------------------------

    def _race(self, request: Request, model: RacedModel, possible: list[Attempt]) -> RacedModel | None:
        request = Request.objects.select_related("site", "patient", "author", "holder", "department").get(pk=request.pk)
        shown, attempts = Shown.now(self.cast, request, model.at), self._drawn(possible)
        last = Event.objects.values_list("seq", flat=True).latest("seq")
        spread, start = self.chance.choice(SPREADS), time.perf_counter() + 0.003
        work = [
            (attempt, start + (self.chance.uniform(0, spread) if place else 0),
             form_of(attempt.verb, attempt.who, attempt.other, shown))
            for place, attempt in enumerate(attempts)
        ]  # fmt: skip
        sent = list(self.threads.map(lambda given: self.send(*given), work))
        done, strange = acts_done(last, attempts)
        after, wrong = faults(model, attempts, done)
        wrong += strange + list(_answers(sent, done)) + list(_versions(request)) + list(_row(request, after))
        told = f"tried {', '.join(map(str, attempts))}; done {', '.join(map(str, done)) or 'nothing'}"
        self._count(sent, done, [f"{request.number}, {told}: {fault}" for fault in wrong])
        # What follows on a wrong outcome would only say the same again.
        return None if wrong else after

    def _drawn(self, possible: list[Attempt]) -> list[Attempt]:
        """Two to five attempts, each of another person or act; the first is of the kind that has won the least."""
        won = self.figures.won
        rest = sorted(possible, key=lambda attempt: (won[attempt.verb], self.chance.random()))
        drawn = [rest.pop(0)]
        while rest and len(drawn) < self.chance.choice(range(2, MOST_AT_ONCE + 1)):
            weights = [1 / (1 + won[attempt.verb]) for attempt in rest]
            drawn.append(self.chance.choices(rest, weights)[0])
            # Two windows of one person are a race of its own, and seldom.
            alone = self.chance.random() < 0.9
            rest = [each for each in rest if each not in drawn and not (alone and each.who in {d.who for d in drawn})]
        if len(drawn) < 2:
            drawn.append(next(each for each in possible if each not in drawn))
        return drawn

    def send(self, attempt: Attempt, start: float, form: tuple[str, dict[str, Any]]) -> Sent:
        client = Client(raise_request_exception=False, headers={"host": HOST})
        client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[attempt.who]
        connection.ensure_connection()
        time.sleep(max(0, start - time.perf_counter()))
        began = time.perf_counter()
        answer = client.post(*form)
        ended = time.perf_counter()
        location, words = answer.headers.get("Location", ""), words_of(form[1])
        return Sent(attempt, answer.status_code, location, answer.text, words, began, ended)

    def _count(self, sent: list[Sent], done: list[Attempt], wrong: list[str]) -> None:
        figures = self.figures
        figures.races += 1
        figures.at_once += max(each.began for each in sent) < min(each.ended for each in sent)
        figures.several_won += len(done) > 1
        figures.tried.update(each.attempt.verb for each in sent)
        figures.won.update(attempt.verb for attempt in done)
        figures.lost.update((each.status, each.attempt.verb) for each in sent if each.attempt not in done)
        figures.faults += wrong


def _session(user: Any) -> str:
    """The key of a session of `user`, as a sign-in makes it."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return str(store.session_key)


# --- What is asked of the outcome -----------------------------------------------------------------------------------


def acts_done(last: int, attempts: list[Attempt]) -> tuple[list[Attempt], list[str]]:
    """The attempts that entries after `last` tell of, in their order, and entries that none of them explains."""
    names = {name for attempt in attempts for name in (attempt.who, attempt.other)}
    keys = dict(User.objects.filter(username__in=names).values_list("username", "pk"))
    waiting, done, strange = list(attempts), [], []
    for event in _by_moment(Event.objects.filter(seq__gt=last).exclude(type__in=FOLLOW).order_by("seq")):
        # One person may enter two absences at once, which only their covers tell apart.
        other = event_log.said_in(event)["data"][OTHERS[event.type]] if event.type in OTHERS else None
        told = (event.type, event.actor_id, other)
        found = [each for each in waiting if (ENTRIES[each.verb], keys[each.who], keys.get(each.other)) == told]
        if not found:
            strange.append(f"an entry that nobody tried: {event.type} by {event.actor_id}")
            continue
        waiting.remove(found[0])
        done.append(found[0])
    return done, strange


def _by_moment(events: Iterable[Event]) -> list[Event]:
    """`events` as they stand in the log, but an absence after what was done before it began: whom it makes one of the
    requester's chain is asked by the moment of an act, which is when its form came, not by its place in the log."""
    ordered: list[Event] = []
    for event in events:
        before = len(ordered)
        while before and _began_after(ordered[before - 1], event):
            before -= 1
        ordered.insert(before, event)
    return ordered


def _began_after(absence: Event, event: Event) -> bool:
    moments = (datetime.fromisoformat(event_log.said_in(each)["at"]) for each in (absence, event))
    return absence.type == "absence.entered" != event.type and next(moments) > next(moments)


def _answers(sent: list[Sent], done: list[Attempt]) -> Iterator[str]:
    """What is wrong with the answers: whoever won is led on, whoever lost is told so."""
    for each in sent:
        won = each.attempt in done
        if won and (each.status != 302 or "sign-in" in each.location):
            yield f"{each.attempt} was done and answered with {each.status}"
        if not won and each.status not in LOST:
            yield f"{each.attempt} was not done and answered with {each.status}"
        if not won and [text for text in each.words if text not in each.text]:
            yield f"{each.attempt} was answered with {each.status} without what was written"


def _versions(request: Request) -> Iterator[str]:
    """What is wrong with the versions that entries name: each is one more than the one before."""
    told = [entry.data["version"] for entry in event_log.entries(request) if "version" in entry.data]
    moved = [version for place, version in enumerate(told) if place == 0 or version != told[place - 1]]
    if moved != list(range(moved[0], moved[0] + len(moved))):
        yield f"the entries name the versions {told}"


def _row(request: Request, after: RacedModel) -> Iterator[str]:
    """Where the row is not what the model says."""
    row = Request.objects.select_related("holder").get(pk=request.pk)
    held = row.holder.username if row.holder else None
    stands, expected = (row.status, held, row.version), (after.status, after.holder, after.version)
    if stands != expected:
        yield f"stands at {stands} where the model says {expected}"
    signed = row.decisions.filter(kind="decision").count()
    if signed != after.decisions:
        yield f"{signed} decisions where the model says {after.decisions}"
