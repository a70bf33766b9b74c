"""What one request's life should look like: a small model that knows nothing of the code.

It keeps one request of Petra's and says of every attempt whether it works and where the request then stands; beside
that, who was asked for an opinion and gave one, which call is open, and who is away and covered by whom.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.cast import AT
from tests.workflow.expected_moves import (
    ALLOWED,
    AT_PHARMACIST,
    AT_PHYSICIAN,
    EVENTS,
    HELD_ALLOWED,
    OF_DEPARTMENT,
    SEES,
    UNDECIDED,
)

JUDGING = {"claim", "ask", "recommend", "refer", "approve", "deny", "uphold", "overturn"}
TAKING_ON = JUDGING - {"claim"}
FOR_DEPARTMENT = {"answer", "answer_in_part", "treat", "take_order", "appeal"}
RELEASABLE = {key: row for key, row in HELD_ALLOWED.items() if key[1] == "release"}
# The table names who is left where Mira denied; here anybody may have.
ON_APPEAL = {
    ("appeal_review", verb): (AT_PHYSICIAN, status)
    for verb, status in (("claim", "appeal_review"), ("uphold", "denied"), ("overturn", "approved"))
}
# The table knows no request with a verbal order.
OF_AN_ORDER = {
    **{(at, "confirm_order"): (OF_DEPARTMENT, at) for at in (*UNDECIDED, "appeal_review", "approved", "denied")},
    **{(at, "disown_order"): (OF_DEPARTMENT, "withdrawn") for at in (*UNDECIDED, "appeal_review", "approved")},
    ("denied", "disown_order"): (OF_DEPARTMENT, "denied"),
}
ROWS = {**ALLOWED, **RELEASABLE, **ON_APPEAL, **OF_AN_ORDER}
OPINIONS = {"ask_opinion", "give_opinion", "take_back_opinion"}
CALLS = {"offer_call", "book_call", "decline_call", "cancel_call", "hold_call"}
ABSENCES = {"enter_absence", "end_absence"}
VERBS = sorted({*EVENTS, *OPINIONS, *CALLS, *ABSENCES})
STAY = {"note", "release", "answer_in_part", "treat", "take_order", "confirm_order"}
"""Moves that leave a claim where it is, or, of a release, that end it and nothing else."""
REVIEWERS = AT_PHARMACIST | AT_PHYSICIAN
NEUROLOGISTS = {"felix", "max", "dora"}
GROUPS = (OF_DEPARTMENT, AT_PHARMACIST, AT_PHYSICIAN)
"""Who may cover for one another."""
GIVERS = ("dora", "paul", "petra")
"""Whose verbal order is named where one is taken: the first of these who may have given it."""
ENDED = {"approved", "denied", "withdrawn"}
APPEAL_DAYS, VIENNA, HOUR = timedelta(days=30), ZoneInfo("Europe/Vienna"), timedelta(hours=1)


@dataclass
class Away:
    """Who is away from when up to when, and who covers."""

    person: str
    cover: str
    begins: datetime
    ends: datetime


class Model:
    """What one request's life should look like."""

    def __init__(self):
        self.status, self.holder, self.moves, self.submissions = "draft", None, 1, 0
        self.due, self.left, self.asked_from = None, None, None
        self.part = False
        self.authors, self.recommenders, self.decisions, self.referred = {"petra"}, set(), 0, False
        self.deciders, self.on_appeal, self.appeal_until = set(), 0, None
        self.at, self.today = AT, AT.astimezone(VIENNA).date()
        self.treated, self.giver, self.order = False, None, ""
        self.asker, self.advisers, self.closed = None, set(), []
        self.offered_by, self.times, self.booked = None, (), None
        self.away = []

    def now(self, at):
        """Let it be `at`."""
        self.at, self.today = at, at.astimezone(VIENNA).date()

    # --- Whether it works -----------------------------------------------------------------------------------------

    def answer_to(self, verb, who, other=""):
        """works, same (nothing happens), refused, or absent; `other` covers where `who` goes away."""
        if verb in ABSENCES:
            return "works" if self._may_be_away(verb, who, other) else "refused"
        if who not in SEES.get(self.status, SEES["filed"]):
            return "absent"
        if verb in OPINIONS | CALLS:
            return "works" if self._may_advise(verb, who) else "refused"
        if verb == "submit" and who == "petra" and self.submissions:
            return "same"
        if (self.status, verb) not in ROWS or who not in ROWS[self.status, verb][0]:
            return "refused"
        return "refused" if self._forbidden(verb, who) else "works"

    def _forbidden(self, verb, who):
        signed = self.recommenders | self.deciders
        return (
            (verb in JUDGING and not self._free(who))
            or (verb in TAKING_ON and self.holder not in (None, who))
            or (verb == "claim" and self.holder == who)
            or (verb == "release" and self.holder is None)
            or (verb in ("approve", "deny") and who in self.recommenders)
            or (verb == "approve" and self.status == "pharmacist_review" and self.referred)
            or (verb in FOR_DEPARTMENT and who in signed | self.advisers)
            or (verb == "answer_in_part" and self.part)
            or (verb == "appeal" and (self.on_appeal or self.today > self.appeal_until))
            or (verb == "treat" and self.treated)
            or (verb == "take_order" and (self.order or not self._givers(who)))
            or (verb in ("confirm_order", "disown_order") and (self.order != "open" or who != self.giver))
        )

    def _free(self, who):
        """Whether `who` may judge where it stands."""
        signed = self.recommenders | self.deciders
        return who not in self.chain() and not (
            (self.status == "physician_review" and who in self.recommenders)
            or (self.status == "appeal_review" and who in signed | self.advisers)
        )

    def chain(self):
        """Who wrote it, and who covered for one of those since it was begun, or was covered by one."""
        told = set(self.authors)
        for away in self.away:
            if away.begins < away.ends and away.ends > AT and {away.person, away.cover} & self.authors:
                told |= {away.person, away.cover}
        return told

    def _givers(self, taker):
        barred = self.recommenders | self.deciders | self.advisers | {taker}
        return [giver for giver in GIVERS if giver not in barred]

    def _may_advise(self, verb, who):
        speaks = who in OF_DEPARTMENT - self.recommenders - self.deciders - self.advisers
        reviews = who in REVIEWERS and self._free(who)
        begun = self.booked is not None and self.booked <= self.at
        offered = self.offered_by not in (None, who) and self.booked is None
        match verb:
            case "ask_opinion":
                return self._acts(who) and self.asker is None and bool(self._apart() - {who})
            case "give_opinion":
                return self.asker not in (None, who) and who in self._apart()
            case "take_back_opinion":
                return self.asker == who
            case "offer_call":
                return self._acts(who) and self.offered_by is None
            case "book_call":
                return offered and speaks and self.times[-1] > self.at
            case "decline_call":
                return offered and speaks
            case "cancel_call":
                return self.offered_by is not None and not begun and (reviews or (speaks and self.booked is not None))
            case "hold_call":
                return reviews and begun

    def _acts(self, who):
        """Whether `who` may act on it as its reviewer where it stands."""
        there, _ = ROWS.get((self.status, "claim"), ((), ""))
        return who in there and self._free(who) and self.holder in (None, who)

    def _apart(self):
        """The neurologists who have no part in it."""
        signed = self.recommenders | self.deciders
        return {who for who in NEUROLOGISTS - signed if self._free(who)}

    def _may_be_away(self, verb, who, cover):
        if verb == "end_absence":
            return self._absence(who) is not None
        ends = self._midnight()
        gone = {away.person for away in self.away if away.begins < min(away.ends, ends) and away.ends > self.at}
        fits = any({who, cover} <= group for group in GROUPS)
        return who != cover and fits and not {who, cover} & gone

    def _absence(self, who):
        return next((away for away in self.away if away.person == who and away.begins <= self.at < away.ends), None)

    def _midnight(self):
        return datetime.combine(self.today + timedelta(days=1), datetime.min.time(), VIENNA)

    # --- What it comes to -----------------------------------------------------------------------------------------

    def make(self, verb, who, corrects, other=""):
        """Take the move that works."""
        if verb in ABSENCES:
            self._be_away(verb, who, other)
        elif verb in OPINIONS | CALLS:
            self._advise(verb, who)
        else:
            self._move(verb, who, corrects)

    def _move(self, verb, who, corrects):  # noqa: C901 - one case a verb
        self.moves += 1
        before, self.status = self.status, ROWS[self.status, verb][1]
        if verb not in STAY:
            self.holder = who if verb == "claim" else None
        if verb == "release":
            self.holder = None
        match verb:
            case "submit":
                self.due, self.submissions = self.at + timedelta(hours=72), 1
            case "ask":
                self.asked_from, self.left, self.due, self.part = before, self.due - self.at, None, False
            case "answer_in_part":
                self.part = True
                self.authors.add(who)
            case "answer":
                corrects = corrects or self.part
                self.due = self.at + self.left
                self.status = "pharmacist_review" if corrects else self.asked_from
                self.submissions += corrects
                self.authors.add(who)
            case "recommend":
                self.recommenders.add(who)
            case "approve" | "deny":
                self.decisions += 1
                self.deciders.add(who)
                self.appeal_until = self.today + APPEAL_DAYS
            case "appeal":
                self.due, self.submissions = self.at + timedelta(hours=72), self.submissions + corrects
                self.authors.add(who)
            case "treat":
                self.treated = True
                self.authors.add(who)
            case "take_order":
                self.giver, self.order = self._givers(who)[0], "open"
                self.authors |= {who, self.giver}
            case "confirm_order":
                self.order = "confirmed"
            case "disown_order":
                self.order = "disowned"
        self.referred = self.referred or verb == "refer"
        self.on_appeal += verb in ("uphold", "overturn")
        if self.status in ENDED:
            self._end_what_is_open()

    def _end_what_is_open(self):
        if self.asker:
            self.asker = None
            self.closed.append("ended")
        if self.offered_by and (self.booked is None or self.booked > self.at):
            self._close_call("ended")

    def _advise(self, verb, who):
        self.moves += 1
        match verb:
            case "ask_opinion":
                self.asker = who
            case "give_opinion":
                self.asker = None
                self.advisers.add(who)
                self.closed.append("given")
            case "take_back_opinion":
                self.asker = None
                self.closed.append("taken_back")
            case "offer_call":
                self.offered_by, self.times = who, (self.at + 2 * HOUR, self.at + 26 * HOUR)
            case "book_call":
                self.booked = self.times[-1]
                self.authors.add(who)
            case "decline_call":
                self.authors.add(who)
                self._close_call("declined")
            case "cancel_call":
                self.authors |= set() if who in REVIEWERS and self._free(who) else {who}
                self._close_call("cancelled")
            case "hold_call":
                self._close_call("held")

    def _close_call(self, ending):
        self.offered_by, self.times, self.booked = None, (), None
        self.closed.append(ending)

    def _be_away(self, verb, who, cover):
        if verb == "end_absence":
            self._absence(who).ends = self.at
            return
        self.away.append(Away(who, cover, self.at, self._midnight()))
        if self.holder == who:
            # What they hold goes to the cover, who may have to leave it to others.
            there, _ = ROWS[self.status, "claim"]
            decides = cover in there and self._free(cover) and cover not in self.recommenders
            self.holder = cover if decides else None
            self.moves += 1
