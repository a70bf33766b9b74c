"""Who may decide an appeal: a physician who neither signed or gave an opinion on the request before, nor wrote a part
of it."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from utilization.access.accounts import standings
from utilization.access.requesters import in_chain
from utilization.access.stage import able_reviewers
from utilization.models import Decision, Membership, Opinion, Request, Site, User
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

MOST_STRANDED = 50


def appeal_deciders(request: Request) -> list[User]:
    """The people of the site who may decide the appeal of `request`, by name; who is away is back one day."""
    return able_reviewers(request, at=timezone.now())


def stranded_appeals(site: Site) -> list[Request]:
    """The appeals of `site` that wait and that nobody may decide, the longest due first; the first of those waiting.

    The physicians are gone through, and not the appeals: the first of them may decide nearly all.
    """
    rows = Request.objects.filter(site=site, status=Status.APPEAL_REVIEW).order_by("due_at", "pk")
    waiting, at = list(rows[:MOST_STRANDED]), timezone.now()
    held = Membership.objects.filter(site=site, role=Role.PHYSICIAN, ended_at=None, user__is_active=True)
    people = User.objects.filter(pk__in=held.values("user")).order_by("full_name", "pk")
    known = standings(people)
    left = {request.pk for request in waiting}
    for person in people:
        if left and known[person.pk].confirmed:
            signed = Decision.objects.filter(request=OuterRef("pk"), signed_by=person)
            advised = Opinion.objects.filter(request=OuterRef("pk"), by=person)
            closed = in_chain(person, at=at) | Exists(signed) | Exists(advised)
            left = set(Request.objects.filter(closed, pk__in=left).order_by().values_list("pk", flat=True))
    return [request for request in waiting if request.pk in left]
