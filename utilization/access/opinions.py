"""Who may give a second opinion on a request, and what a person is asked for."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from utilization.access.permission import YES, Answer, independent
from utilization.access.requesters import in_chain
from utilization.access.requests import REVIEWERS, visible_requests
from utilization.models import Decision, HeldSpecialty, Membership, OpinionQuestion, Request, Site, User
from utilization.rules.specialties import SPECIALTIES


def opinion_givers(request: Request, specialty: str, *, asker: User, at: datetime) -> list[User]:
    """The reviewers of the site with `specialty` who may give an opinion on `request` when `asker` asks `at` this
    moment, by name."""
    people = _reviewers(request.site).filter(_has(request.site, specialty)).exclude(pk=asker.pk)
    return [person for person in people.order_by("full_name", "pk") if _stands_apart(person, request, at)]


def specialties_at(site: Site) -> tuple[str, ...]:
    """The specialties that reviewers of `site` have now, in the order of the list."""
    held = HeldSpecialty.objects.filter(site=site, ended_at=None, user__in=_reviewers(site))
    there = set(held.order_by().values_list("specialty", flat=True))
    return tuple(code for code in SPECIALTIES if code in there)


def may_give_opinion(actor: Any, question: OpinionQuestion, *, at: datetime) -> Answer:
    """Whether `actor` may give the opinion that `question` asks for `at` this moment: a reviewer of the site with its
    specialty, the person whom it names, who neither asked it, stands in the requester's chain, nor signed on it."""
    request = question.request
    if question.closed_at is not None:
        return Answer(False, "This opinion is not asked for any more.")
    pk: Any = getattr(actor, "pk", None)
    if not _reviewers(request.site).filter(_has(request.site, question.specialty), pk=pk).exists():
        return Answer(False, f"Only a reviewer of {request.site.name} with this specialty gives this opinion.")
    if question.person_id not in (None, pk):
        return Answer(False, "Somebody else is asked for this opinion by name.")
    if question.asked_by_id == pk:
        return Answer(False, "You asked for this opinion, so another person must give it.")
    return _stands_apart(actor, request, at)


def opinions_asked_of(actor: Any, *, at: datetime) -> QuerySet[OpinionQuestion]:
    """The open questions that `actor` may answer `at` this moment, the longest asked first."""
    pk: Any = getattr(actor, "pk", None)
    at_site = {"user_id": pk, "site": OuterRef("request__site"), "ended_at": None}
    theirs = Request.objects.filter(in_chain(actor, at=at), pk=OuterRef("request"))
    signed = Decision.objects.filter(request=OuterRef("request"), signed_by=pk)
    return (
        OpinionQuestion.objects.filter(
            Exists(HeldSpecialty.objects.filter(**at_site, specialty=OuterRef("specialty"))),
            Exists(Membership.objects.filter(**at_site, role__in=REVIEWERS, user__is_active=True)),
            Q(person=None) | Q(person_id=pk),
            ~Exists(signed),
            ~Exists(theirs),
            closed_at=None,
            request__in=visible_requests(actor),
        )
        .exclude(asked_by_id=pk)
        .select_related("request__site", "request__patient", "asked_by")
        .order_by("asked_at", "pk")
    )


def _reviewers(site: Site) -> QuerySet[User]:
    held = Membership.objects.filter(site=site, role__in=REVIEWERS, ended_at=None)
    return User.objects.filter(pk__in=held.values("user"), is_active=True)


def _has(site: Site, specialty: str) -> Exists:
    return Exists(HeldSpecialty.objects.filter(site=site, specialty=specialty, ended_at=None, user=OuterRef("pk")))


def _stands_apart(person: Any, request: Request, at: datetime) -> Answer:
    """Whether `person` has no part in `request`: stands apart from its requesters and signed nothing on it."""
    if not (free := independent(person, request, at=at)):
        return free
    if request.decisions.filter(signed_by=person).exists():
        return Answer(False, "You signed on this request, so a second opinion on it is another person's.")
    return YES
