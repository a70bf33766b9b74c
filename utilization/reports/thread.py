"""The one thread of a request: what was asked, answered in part and whole, and written, in order of time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from utilization.models import AnswerPart, Message, Question, Request
from utilization.models.messages import DEPARTMENT, PHARMACIST, PHYSICIAN
from utilization.rules.lifecycle import Status

SIDE_WORDS: Mapping[str, str] = {DEPARTMENT: "the prescribers", PHARMACIST: "pharmacy", PHYSICIAN: "the physicians"}
QUESTION, PART, ANSWER, MESSAGE = "question", "part", "answer", "message"


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """One thing that was said: by whom, of which side, to whom.

    `asked` names facts asked for, `still_open` those of them that nothing has given yet, `given` facts that a part of
    an answer gives, `left` those that the whole answer left as they were. `before` is the message that it answers.
    """

    kind: str
    at: datetime
    by: str
    side: str
    to: str
    text: str
    uid: UUID | None = None
    wanted_by: date | None = None
    asked: tuple[str, ...] = ()
    still_open: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    before: str = ""


def thread(request: Request) -> tuple[ThreadEntry, ...]:
    """All that was said on `request` between its prescribers and its reviewers, oldest first."""
    said = [*_by_moment(_messages(request)), *_by_moment(_questions(request))]
    return tuple(entry for _, entry in sorted(said, key=itemgetter(0)))


def _by_moment(entries: Iterable[ThreadEntry]) -> Iterator[tuple[datetime, ThreadEntry]]:
    """Each entry with the latest moment so far: by a clock that was set back no answer comes before its question."""
    latest: datetime | None = None
    for entry in entries:
        latest = max(latest or entry.at, entry.at)
        yield latest, entry


def _messages(request: Request) -> Iterator[ThreadEntry]:
    rows = request.messages.select_related("by", "to_person", "answers__by")
    for message in rows:
        yield ThreadEntry(
            MESSAGE, message.at, message.by.signature_name, message.side, _addressed(message), message.text,
            uid=message.uid, before=_before(message),
        )  # fmt: skip


def _addressed(message: Message) -> str:
    return message.to_person.signature_name if message.to_person else SIDE_WORDS[message.to_side]


def _before(message: Message) -> str:
    return f"{message.answers.by.signature_name}: {message.answers.text}" if message.answers else ""


def _questions(request: Request) -> Iterator[ThreadEntry]:
    for question in request.questions.select_related("asked_by", "answered_by").prefetch_related("parts__by"):
        side = PHYSICIAN if question.asked_from == Status.PHYSICIAN_REVIEW else PHARMACIST
        still_open = tuple(question.still_open) if question.answered_at is None else ()
        yield ThreadEntry(
            QUESTION, question.asked_at, question.asked_by.signature_name, side, SIDE_WORDS[DEPARTMENT], question.text,
            wanted_by=question.wanted_by, asked=tuple(question.facts), still_open=still_open,
        )  # fmt: skip
        yield from (_part(part, side) for part in question.parts.all())
        if question.answered_at and question.answered_by:
            yield _answer(question, question.answered_at, question.answered_by.signature_name, side)


def _part(part: AnswerPart, side: str) -> ThreadEntry:
    return ThreadEntry(
        PART, part.at, part.by.signature_name, DEPARTMENT, SIDE_WORDS[side], part.text, given=part.facts
    )  # fmt: skip


def _answer(question: Question, at: datetime, by: str, side: str) -> ThreadEntry:
    return ThreadEntry(
        ANSWER, at, by, DEPARTMENT, SIDE_WORDS[side], question.answer, left=tuple(question.not_given)
    )  # fmt: skip
