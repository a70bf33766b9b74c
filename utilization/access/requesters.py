"""The requester's chain: who wrote a part of a request, and who covered for one of them meanwhile or was covered by
one. Nobody of it reviews the request; the database refuses the same signatures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, When

from utilization.models import Absence, Authorship, Message, Question, Request
from utilization.models.messages import DEPARTMENT

FILED = "You filed this request or entered facts in it, so another person must review it."
ANSWERED = "You answered for the department on this request, so another person must review it."
WROTE = "You wrote a message for the department on this request, so another person must review it."


def writers(request: Request) -> dict[int, str]:
    """Who wrote a part of `request`, by key, with what that means for them in words."""
    told = dict.fromkeys(request.messages.filter(side=DEPARTMENT).order_by().values_list("by_id", flat=True), WROTE)
    told |= dict.fromkeys((request.author_id, *request.authorships.values_list("user_id", flat=True)), FILED)
    answered = request.questions.exclude(answered_by=None).order_by().values_list("answered_by_id", flat=True)
    return told | {key: ANSWERED for key in answered if key is not None}


def requesters(request: Request, *, at: datetime) -> Mapping[int, str]:
    """Everybody in the requester's chain of `request` up to `at`, by key, with the reason in words."""
    wrote = writers(request)
    told: dict[int, str] = {}
    rows = Absence.objects.filter(
        _covered(at), Q(person__in=wrote) | Q(cover__in=wrote), site=request.site_id, ends_at__gt=request.created_at
    )
    for absence in rows.select_related("person", "cover").order_by("pk"):
        assert absence.cover is not None, "asked for above"
        if absence.person_id in wrote:
            told[absence.cover.pk] = (
                f"You covered for {absence.person.full_name}, who wrote a part of this request, so another person must "
                "review it."
            )
        if absence.cover.pk in wrote:
            told[absence.person_id] = (
                f"{absence.cover.full_name}, who wrote a part of this request, covered for you, so another person must "
                "review it."
            )
    return told | wrote


def in_chain(actor: Any, *, at: datetime) -> Q:
    """The same asked the other way round: the requests that have `actor` in their requester's chain up to `at`."""
    colleague = Case(When(person=actor, then=F("cover")), default=F("person"))
    pairs = Absence.objects.filter(
        _covered(at), Q(person=actor) | Q(cover=actor), site=OuterRef("site"), ends_at__gt=OuterRef("created_at")
    )
    request = OuterRef(OuterRef("pk"))
    pairs = pairs.annotate(colleague=colleague).filter(
        Q(colleague=OuterRef("author")) | _wrote(request, OuterRef("colleague"))
    )
    return Q(author=actor) | _wrote(OuterRef("pk"), actor.pk) | Q(Exists(pairs))


def _wrote(request: OuterRef, person: Any) -> Q:
    """Whether `person` wrote a part of `request` that they did not begin."""
    parts = (
        Authorship.objects.filter(request=request, user=person),
        Message.objects.filter(request=request, by=person, side=DEPARTMENT),
        Question.objects.filter(request=request, answered_by=person),
    )
    return Q(Exists(parts[0])) | Q(Exists(parts[1])) | Q(Exists(parts[2]))


def _covered(at: datetime) -> Q:
    """Absences with somebody who covers, of any length, that began up to `at`."""
    return Q(cover__isnull=False, begins_at__lt=F("ends_at"), begins_at__lte=at)
