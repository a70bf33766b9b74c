"""What every page's frame shows: where a person may go, the site they work at, and whether this is the demo."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from utilization import access
from utilization.models import Publication, Site
from utilization.models.training_copy import training_copy
from utilization.reports.look_up import LOOK_UP
from utilization.reports.notice_list import MOST_COUNTED, unread_count
from utilization.rules.roles import Permission
from utilization.web.site_logo import SHOWN_HASH


@dataclass(frozen=True)
class FrameLink:
    """One entry of the main navigation, shown to people who hold one of `permissions`.

    `beside` names pages elsewhere that belong to it for whoever sees no entry of their own for them; `badge` an
    address that says how much awaits there.
    """

    label: str
    url_name: str
    permissions: frozenset[Permission]
    beside: tuple[str, ...] = ()
    badge: str = ""


# In the order of a request's path through the hospital; the first that is open is a person's home, so that everybody
# comes home to their own work and the evidence, which everybody may read, stands last.
DOORS = (
    FrameLink("My requests", "home", frozenset({Permission.FILE})),
    FrameLink(
        "Queue", "review-queue", frozenset({Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN}), badge="review-badge"
    ),
    FrameLink("Infusions", "authorization-check", frozenset({Permission.RECORD_INFUSIONS}), ("infusions-import",)),
    FrameLink("Audit", "audit-list", frozenset({Permission.AUDIT}), ("people-accounts",)),
    FrameLink("Criteria", "formulary-list", frozenset({Permission.KEEP_CRITERIA})),
    FrameLink("People", "people-list", frozenset({Permission.MANAGE_PEOPLE})),
    FrameLink("My approvals", "own-place", frozenset({Permission.FILE})),
    FrameLink("Reports", "report", frozenset({Permission.READ_REPORTS})),
    FrameLink("Evidence", "evidence-list", frozenset({Permission.READ_EVIDENCE})),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what every page's frame shows; a fragment that shows no frame costs no query."""
    return {
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "may_look_up": SimpleLazyObject(lambda: not _held(request).isdisjoint(LOOK_UP)),
        "site_name": SimpleLazyObject(lambda: site_name(request)),
        "site_logo": SimpleLazyObject(lambda: site_logo(request)),
        "adopted_by": SimpleLazyObject(lambda: adopted_by(request)),
        "unread_notices": SimpleLazyObject(lambda: unread_notices(request)),
        "demo_mode": settings.DEMO_DATA,
        "training_copy": SimpleLazyObject(lambda: training_copy() or ""),
        "sign_on_name": settings.SINGLE_SIGN_ON["name"] if settings.SINGLE_SIGN_ON else "",
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the doors open to who asks, as `label`, `url`, `current` and `badge`; none to people not signed in."""
    held = _held(request)
    doors = [door for door in DOORS if door.permissions & held]
    current = next((door for door in doors if _leads_to(door.url_name, request.path)), None)
    if current is None:
        current = next((door for door in doors for name in door.beside if _leads_to(name, request.path)), None)
    return [
        {
            "label": door.label,
            "url": reverse(door.url_name),
            "current": door is current,
            "badge": reverse(door.badge) if door.badge else "",
        }
        for door in doors
    ]


def _held(request: HttpRequest) -> frozenset[Permission]:
    """What the roles of who asks permit; read once a page."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return frozenset()
    if not hasattr(request, "held_permissions"):
        request.held_permissions = access.permissions(person)  # type: ignore[attr-defined]  # for this page alone
    return request.held_permissions  # type: ignore[attr-defined]  # set above


def _leads_to(url_name: str, path: str) -> bool:
    url = reverse(url_name)
    return path == url if url == "/" else path.startswith(url)


def site_name(request: HttpRequest) -> str:
    """Return the name of the site where this person works now; several are joined; empty when there is none."""
    return ", ".join(site.name for site in _sites_here(request))


def site_logo(request: HttpRequest) -> dict[str, Any]:
    """Address, width and height of the logo of the site where this person works; empty where that are several."""
    sites = _sites_here(request)
    if len(sites) != 1 or not sites[0].sha256:
        return {}
    [site] = sites
    address = reverse("logo", kwargs={"site": site.code, "key": (site.sha256 or "")[:SHOWN_HASH]})
    return {"address": address, "width": site.width, "height": site.height}


class _SiteHere(NamedTuple):
    """A site where a person works now: its name, and its logo if it has one."""

    name: str
    code: str
    sha256: str | None
    width: int | None
    height: int | None


def _sites_here(request: HttpRequest) -> list[_SiteHere]:
    """The sites where who asks works now; read once a page."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return []
    if not hasattr(request, "sites_here"):
        live = Site.objects.filter(memberships__user=person, memberships__ended_at=None).distinct()
        rows = live.values_list("name", "code", "logo__sha256", "logo__width", "logo__height")
        request.sites_here = [_SiteHere(*row) for row in rows]  # type: ignore[attr-defined]  # for this page alone
    return request.sites_here  # type: ignore[attr-defined]  # set above


def unread_notices(request: HttpRequest) -> str:
    """How many notices this person has not read, as the bell shows it; empty where there is none."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return ""
    count = unread_count(person)
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


def adopted_by(request: HttpRequest) -> str:
    """Return the sites where this person works, where each has adopted the criteria that judge there; else nothing."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return ""
    in_force = Publication.objects.filter(site=OuterRef("pk"), effective_from__lte=timezone.localdate())
    live = Site.objects.filter(memberships__user=person, memberships__ended_at=None).distinct()
    sites = list(live.annotate(adopted=Exists(in_force)).values_list("name", "adopted"))
    return ", ".join(name for name, _ in sites) if all(adopted for _, adopted in sites) else ""
