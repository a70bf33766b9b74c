"""Who may decide an appeal: a physician who neither signed on the request before nor wrote a part of it."""

from utilization.access.accounts import why_not_sign
from utilization.models import Membership, Request, Site, User
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission, roles_with

MOST_STRANDED = 50


def appeal_deciders(request: Request) -> list[User]:
    """The people of the site who may decide the appeal of `request`, by name."""
    held = Membership.objects.filter(
        site=request.site_id, role__in=roles_with(Permission.REVIEW_AS_PHYSICIAN), ended_at=None, user__is_active=True
    )
    involved = {
        request.author_id,
        *request.decisions.values_list("signed_by_id", flat=True),
        *request.authorships.values_list("user_id", flat=True),
        *request.questions.exclude(answered_by=None).values_list("answered_by_id", flat=True),
    }
    people = User.objects.filter(memberships__in=held).exclude(pk__in=involved).distinct().order_by("full_name", "pk")
    return [person for person in people if not why_not_sign(person)]


def stranded_appeals(site: Site) -> list[Request]:
    """The appeals of `site` that wait and that nobody may decide, the longest due first; the first of those waiting."""
    waiting = Request.objects.filter(site=site, status=Status.APPEAL_REVIEW).order_by("due_at", "pk")
    return [request for request in waiting[:MOST_STRANDED] if not appeal_deciders(request)]
