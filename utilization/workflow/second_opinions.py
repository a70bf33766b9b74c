"""Second opinions on a request in review: asked of a specialty, given, taken back. None of them moves the request."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, digests, event_log, notify
from utilization.digests import salted
from utilization.models import Opinion, OpinionQuestion, Request, User
from utilization.models.opinions import GIVEN, TAKEN_BACK
from utilization.order_terms import standing_order
from utilization.rules.specialties import LEANINGS, NEITHER, SPECIALTIES, specialty_words
from utilization.workflow.errors import Invalid, Refused, TooLate
from utilization.workflow.text_input import clean_text
from utilization.workflow.transition import refuse_unless_acting


@transaction.atomic
def ask_opinion(
    uid: UUID | str, *, by: User, at: datetime, specialty: str, text: str, person: User | None = None
) -> OpinionQuestion:
    """Ask for an opinion of `specialty`, of `person` alone where one is named; the request stays as it stands.

    Raises NotFound, Refused, Invalid on specialty, person or text.
    """
    words = clean_text("text", text, required="Write what you want to know.")
    request = access.fetch_request(by, uid, what="opinion", at=at, lock=True)
    refuse_unless_acting(by, request, at=at)
    givers = _givers(request, specialty, by, at)
    if person is not None and person not in givers:
        raise Invalid({"person": ["Choose a person from the list: not everybody may give an opinion on this request."]})
    if request.opinion_questions.filter(specialty=specialty, closed_at=None).exists():
        raise Invalid({"specialty": ["This specialty is asked already. Take that question back first to ask another."]})
    question = OpinionQuestion.objects.create(
        request=request, asked_at=at, asked_by=by, asked_from=request.status, specialty=specialty, person=person,
        text=words,
    )  # fmt: skip
    said = {
        "specialty": specialty, "person": person.pk if person else None, "asked_from": request.status,
        "text": salted({"text": words}), "told": [person.pk] if person else [giver.pk for giver in givers],
    }  # fmt: skip
    _tell("opinion.asked", question, by, at, said)
    return question


def _givers(request: Request, specialty: str, asker: User, at: datetime) -> list[User]:
    """Who may give an opinion of `specialty`. Raises Invalid where nobody may, with the specialties that are there."""
    if specialty not in SPECIALTIES:
        raise Invalid({"specialty": ["Choose a specialty from the list."]})
    if givers := access.opinion_givers(request, specialty, asker=asker, at=at):
        return givers
    there = [code for code in SPECIALTIES if access.opinion_givers(request, code, asker=asker, at=at)]
    listed = ", ".join(specialty_words(there)) or "none"
    raise Invalid(
        {
            "specialty": [
                f"Nobody at {request.site.name} who is free to give it has this specialty. There are: {listed}."
            ]
        }
    )


@transaction.atomic
def give_opinion(
    uid: UUID | str, question: UUID | str, *, by: User, at: datetime, leaning: str, text: str, missing: str = ""
) -> Opinion:
    """Give the opinion that is asked for: in words, with what it leans to, and what is missing where that is neither.

    It keeps which version and which order it was about. Raises NotFound, Refused, Invalid on leaning, text or missing.
    """
    words, lacks = clean_text("text", text, required="Write your opinion."), clean_text("missing", missing)
    if leaning not in LEANINGS:
        raise Invalid({"leaning": ["Choose what your opinion leans to."]})
    if (leaning == NEITHER) != bool(lacks):
        told = "Write what is missing." if not lacks else "Only an opinion that supports neither says what is missing."
        raise Invalid({"missing": [told]})
    asked = _locked(uid, question, by, at)
    if not (answer := access.may_give_opinion(by, asked, at=at)):
        raise (TooLate if asked.closed_at else Refused)(answer.why)
    _close(asked, by, at, GIVEN)
    about = asked.request.latest
    order = standing_order(about, asked.request.decisions.select_related("submission"))
    given = Opinion.objects.create(
        question=asked, request=asked.request, submission=about, order=order, at=at, by=by,
        name=by.signature_name, leaning=leaning, text=words, missing=lacks,
    )  # fmt: skip
    said = {
        "opinion": given.pk, "submission": about.ordinal, "leaning": leaning, "asked_by": asked.asked_by_id,
        "sha256": salted(digests.of_row(given, digests.OPINION)),
    }  # fmt: skip
    _tell("opinion.given", asked, by, at, said)
    return given


@transaction.atomic
def take_back_opinion(uid: UUID | str, question: UUID | str, *, by: User, at: datetime) -> OpinionQuestion:
    """Ask no more for an opinion that is not given yet; only who asked may. Raises NotFound, Refused."""
    asked = _locked(uid, question, by, at)
    if asked.asked_by_id != by.pk:
        raise Refused(f"{asked.asked_by.full_name} asked for this opinion, and takes it back.")
    if asked.closed_at is not None:
        raise TooLate("This opinion is not asked for any more.")
    _close(asked, by, at, TAKEN_BACK)
    givers = access.opinion_givers(asked.request, asked.specialty, asker=by, at=at)
    told = [asked.person_id] if asked.person_id else [giver.pk for giver in givers]
    _tell("opinion.taken_back", asked, by, at, {"told": told})
    return asked


def _locked(uid: UUID | str, question: UUID | str, by: User, at: datetime) -> OpinionQuestion:
    request = access.fetch_request(by, uid, what="opinion", at=at, lock=True)
    asked = request.opinion_questions.select_related("asked_by").filter(uid=question).first()
    if asked is None:
        raise access.NotFound
    asked.request = request
    return asked


def _close(asked: OpinionQuestion, by: User, at: datetime, ending: str) -> None:
    asked.closed_at, asked.closed_by, asked.closed_as = at, by, ending
    asked.save(update_fields=["closed_at", "closed_by", "closed_as"])


def _tell(event: str, asked: OpinionQuestion, by: User, at: datetime, said: dict[str, Any]) -> None:
    event_log.append(type=event, at=at, actor=by, request=asked.request, data={"question": asked.pk, **said})
    notify.moved(event, asked.request_id)
