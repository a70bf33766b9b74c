"""What may come of a race, by the small model of one request's life, which knows nothing of the code.

Acts that carry the version of the page exclude one another: each was made on a page that the other makes untrue. Of the
rest the model says, one act after another, whether it still works. What came of a race is right where the acts that
were done, in the order of the log, each worked in the model, and each of the others would have been refused at the
start, after the first, or after a later one of them.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from tests.workflow.expected_moves import EVENTS, EVERYBODY
from tests.workflow.history_model import ABSENCES, GROUPS, VERBS, Model

BESIDE = {
    "ask_opinion": "opinion.asked", "give_opinion": "opinion.given", "take_back_opinion": "opinion.taken_back",
    "offer_call": "peer_call.offered", "book_call": "peer_call.booked", "decline_call": "peer_call.declined",
    "cancel_call": "peer_call.cancelled", "enter_absence": "absence.entered", "end_absence": "absence.ended",
}  # fmt: skip
ENTRIES = {**EVENTS, **BESIDE}
"""The entry of the log by which each act is known."""
FOLLOW = {"request.passed", "request.freed", "document.issued"}
"""Entries of what an act brings about, or a worker."""
UNVERSIONED = {"note", *BESIDE}
OFFERED = [verb for verb in VERBS if verb in ENTRIES and verb not in ("submit", "discard")]
"""Every act but those on drafts, and the outcome of a call, whose time must come first."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries something; `other` covers where they go away, or is whose absence they end, or whose order they
    write down."""

    who: str
    verb: str
    other: str = ""

    def __str__(self):
        return " ".join(filter(None, (self.who, self.verb, self.other)))


class RacedModel(Model):
    """The model, which also counts the version of the request's row, and who has typed a correction that is not sent.

    Whoever sent a part of an answer too late finds it on the page again, and sends it with the whole answer.
    """

    def __init__(self, version, at):
        super().__init__()
        self.unsent = set()
        self.now(at)
        self._move("submit", "petra", False)
        self.version = version

    def allows(self, attempt, seen):
        """Whether `attempt` works now, made on a page that showed version `seen`."""
        if attempt.verb not in UNVERSIONED and seen != self.version:
            return False
        if attempt.who == "adam" and attempt.verb == "end_absence":
            return self._absence(attempt.other) is not None
        if attempt.verb == "take_order" and attempt.other not in self._givers(attempt.who):
            return False
        return self.answer_to(attempt.verb, attempt.who, attempt.other) == "works"

    def carry(self, attempt):
        """Take the act that works."""
        if attempt.verb == "end_absence" and attempt.who == "adam":
            self._absence(attempt.other).ends = self.at
            return
        before = self.holder
        self.make(attempt.verb, attempt.who, attempt.verb == "answer" and attempt.who in self.unsent, attempt.other)
        self.unsent -= {attempt.who} if attempt.verb == "answer_in_part" else set()
        if attempt.verb not in UNVERSIONED or (attempt.verb == "enter_absence" and before == attempt.who):
            self.version += 1

    def possible(self):
        """Everything that would work now; of absences, those of who holds the request."""
        given = {who: self._givers(who)[:1] for who in EVERYBODY}
        able = [
            attempt
            for verb in OFFERED
            if verb not in ABSENCES
            for who in sorted(EVERYBODY)
            for attempt in [Attempt(who, verb, *(given[who] if verb == "take_order" else ()))]
            if self.allows(attempt, self.version)
        ]
        away = [Attempt(self.holder, "enter_absence", other) for group in GROUPS if self.holder in group
                for other in sorted(group)]  # fmt: skip
        ends = [Attempt(who, "end_absence", gone.person) for gone in self.away for who in (gone.person, "adam")]
        return able + [attempt for attempt in away + ends if self.allows(attempt, self.version)]


def faults(model: RacedModel, tried: Sequence[Attempt], done: Sequence[Attempt]) -> tuple[RacedModel, list[str]]:
    """The model after `done`, in the order of the log, and what is wrong with that outcome of `tried`."""
    after, seen, wrong = copy.deepcopy(model), model.version, []
    lost = {attempt for attempt in tried if attempt not in done}
    explained = {attempt for attempt in lost if not after.allows(attempt, seen)}
    for attempt in done:
        if not after.allows(attempt, seen):
            wrong.append(f"{attempt} was done, which what was done before it excludes")
            break
        after.carry(attempt)
        explained |= {other for other in lost if not after.allows(other, seen)}
    wrong += [f"{attempt} was not done, and nothing that was done stood in its way" for attempt in lost - explained]
    late = {attempt.who for attempt in lost if attempt.verb == "answer_in_part"}
    after.unsent = after.unsent | late if after.status == "information_asked" else set()
    return after, wrong
