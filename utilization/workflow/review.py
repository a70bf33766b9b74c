"""What reviewers do before anyone decides: claim, release, note, ask for information, refer."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from utilization import criteria
from utilization.digests import salted
from utilization.models import Note, Question, Request, User
from utilization.rules.lifecycle import Verb
from utilization.workflow.errors import Invalid
from utilization.workflow.request_clock import left_when_stopped
from utilization.workflow.text_input import clean_text
from utilization.workflow.transition import carry, record, take


@transaction.atomic
def claim(uid: UUID | str, *, by: User, at: datetime, version: int) -> Request:
    """Hold a request, so that others leave it alone; taking over someone else's hold is allowed and logged.

    Raises NotFound, Refused, Conflict.
    """
    request, move = take(uid, Verb.CLAIM, by=by, at=at, version=version)
    before = request.holder_id
    request = carry(request, move, at=at, holder=by, held_at=at)
    record(request, move, by=by, at=at, data={"holder": by.pk, "holder_before": before})
    return request


@transaction.atomic
def release(uid: UUID | str, *, by: User, at: datetime, version: int) -> Request:
    """Let a request go, whoever of the same stage holds it. Raises NotFound, Refused, Conflict."""
    request, move = take(uid, Verb.RELEASE, by=by, at=at, version=version)
    before = request.holder_id
    request = carry(request, move, at=at, holder=None, held_at=None)
    record(request, move, by=by, at=at, data={"holder": None, "holder_before": before})
    return request


@transaction.atomic
def note(uid: UUID | str, *, by: User, at: datetime, text: str) -> Note:
    """Add an internal note; it changes nothing that others see, so no version is asked and none is used up.

    Raises NotFound, Refused, Invalid on text.
    """
    words = clean_text("text", text, required="Write the note.")
    request, move = take(uid, Verb.NOTE, by=by, at=at, version=None)
    written = Note.objects.create(request=request, at=at, by=by, text=words)
    record(request, move, by=by, at=at, data={"note": written.pk, "text": salted({"text": words})})
    return written


DAYS_TO_ANSWER, MOST_DAYS_TO_ANSWER = 3, 90
"""Days that a prescriber has to answer where no day is named, and at most: local parameters without a source."""


@transaction.atomic
def ask(
    uid: UUID | str,
    *,
    by: User,
    at: datetime,
    version: int,
    facts: Iterable[str],
    text: str,
    wanted_by: date | None = None,
) -> Request:
    """Ask the prescriber: which facts, why, and the day by which. The clock is stopped until all of it is answered.

    Raises NotFound, Refused, Conflict, Invalid on facts, text or wanted_by.
    """
    words = clean_text("text", text, required="Write what you need to know.")
    wanted = list(dict.fromkeys(facts))
    request, move = take(uid, Verb.ASK, by=by, at=at, version=version)
    known = criteria.pack_of(request.latest.pack).catalogue
    if any(not isinstance(name, str) or name not in known for name in wanted):
        raise Invalid({"facts": ["The form names a fact that is not known here. Choose from the list."]})
    today = request.site.date_at(at)
    wanted_by = wanted_by or today + timedelta(days=DAYS_TO_ANSWER)
    if not today <= wanted_by <= today + timedelta(days=MOST_DAYS_TO_ANSWER):
        raise Invalid({"wanted_by": [f"Choose a day from today on, within {MOST_DAYS_TO_ANSWER} days."]})
    asked_from = request.status
    left = left_when_stopped(request, at=at)
    request = carry(request, move, at=at, due_at=None, clock_left=left)
    question = Question.objects.create(
        request=request,
        asked_at=at,
        asked_by=by,
        asked_from=asked_from,
        facts=wanted,
        text=words,
        wanted_by=wanted_by,
    )
    record(
        request, move, by=by, at=at,
        data={"question": question.pk, "facts": wanted, "text": salted({"text": words}), "clock_left": left,
            "wanted_by": wanted_by,
        },
    )  # fmt: skip
    return request


@transaction.atomic
def refer(uid: UUID | str, *, by: User, at: datetime, version: int, reason: str) -> Request:
    """Hand a request to the physician without recommending; from then on only a physician decides on it.

    Raises NotFound, Refused, Conflict, Invalid on reason.
    """
    why = clean_text("reason", reason, required="Write why the physician should decide.")
    request, move = take(uid, Verb.REFER, by=by, at=at, version=version)
    request = carry(request, move, at=at, referred_at=at, referred_by=by, referral_reason=why)
    record(request, move, by=by, at=at, data={"reason": salted({"text": why})})
    return request
