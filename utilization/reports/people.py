"""Who works where, for the pages of administrators: plain values, and of the sites that they manage alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from utilization import access
from utilization.models import Department, Membership, Site, User
from utilization.rules.roles import Permission, Role
from utilization.rules.specialties import SPECIALTIES

PAGE = 50
"""People of a site on one page."""


@dataclass(frozen=True, slots=True)
class Staff:
    """One person at one site with the roles that they hold there now."""

    user: User
    memberships: tuple[Membership, ...]
    invited: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """A page of the people of one site by name, and its departments, with `closing_at` where one is closed.

    `previous` and `next` are the keys of its first and last person, where there are others before or behind them.
    """

    site: Site
    staff: tuple[Staff, ...]
    departments: tuple[Department, ...]
    previous: int | None = None
    next: int | None = None


@dataclass(frozen=True, slots=True)
class FieldsAtSite:
    """The specialties at a site where a person reviews: each with its code, its words, and whether they have it."""

    site: Site
    specialties: tuple[tuple[str, str, bool], ...]

    @property
    def words(self) -> str:
        """Those that the person has, in words."""
        return ", ".join(words for _, words, held in self.specialties if held) or "none"


@dataclass(frozen=True, slots=True)
class Card:
    """One person as an administrator of theirs sees them.

    `whole` says that the administrator manages every site where the person works, `own` that it is their own account,
    `invited` that nobody has set a password yet. `fields` has the sites where the person reviews.
    """

    user: User
    held: tuple[Membership, ...]
    ended: tuple[Membership, ...]
    whole: bool
    own: bool
    invited: bool
    fields: tuple[FieldsAtSite, ...] = ()


def people_at(site: Site) -> QuerySet[User]:
    """Everybody who works at `site` or once did, by name: read along the index of names."""
    here = Membership.objects.filter(user=OuterRef("pk"), site=site)
    return User.objects.filter(Exists(here)).order_by("full_name", "pk")


def rosters(
    actor: Any, *, site: str = "", after: int | None = None, before: int | None = None, name: str = ""
) -> list[Roster]:
    """One roster for each site whose people `actor` manages, each with one page of its people.

    `after` or `before` name the person behind or before whom the page of the site with the code `site` begins; `name`
    is a part of the names that all of them are narrowed to.
    """
    with_closing = Department.objects.annotate(closing_at=F("closing__at"))
    sites = list(access.sites(actor, Permission.MANAGE_PEOPLE).prefetch_related(Prefetch("departments", with_closing)))
    return [_roster(managed, *((after, before) if managed.code == site else (None, None)), name) for managed in sites]


def _roster(site: Site, after: int | None, before: int | None, name: str) -> Roster:
    people = people_at(site)
    if name:
        people = people.filter(full_name__icontains=name)
    key = before or after
    place = people_at(site).filter(pk=key).first() if key else None
    if place is not None:
        sign = "lt" if before else "gt"
        same = Q(full_name=place.full_name, **{f"pk__{sign}": place.pk})
        people = people.filter(Q(**{f"full_name__{sign}": place.full_name}) | same)
    backwards = place is not None and before is not None
    listed = list((people.reverse() if backwards else people)[: PAGE + 1])
    more, listed = len(listed) > PAGE, listed[:PAGE]
    if backwards:
        listed.reverse()
    held: dict[int, list[Membership]] = defaultdict(list)
    for membership in _memberships(site=site, user__in=listed, ended_at=None):
        held[membership.user_id].append(membership)
    return Roster(
        site=site,
        staff=tuple(Staff(user, tuple(held[user.pk]), _invited(user)) for user in listed),
        departments=tuple(site.departments.all()),
        previous=listed[0].pk if listed and place and (not backwards or more) else None,
        next=listed[-1].pk if listed and (backwards or more) else None,
    )


def card(actor: Any, user: User) -> Card:
    """What `actor` may know of `user`: roles at the sites that `actor` manages, and whether there are others."""
    managed = set(access.sites(actor, Permission.MANAGE_PEOPLE).values_list("pk", flat=True))
    memberships = list(_memberships(user=user))
    here = [membership for membership in memberships if membership.site_id in managed]
    live = [membership for membership in memberships if membership.ended_at is None]
    return Card(
        user=user,
        held=tuple(membership for membership in here if membership.ended_at is None),
        ended=tuple(membership for membership in here if membership.ended_at is not None),
        whole=all(membership.site_id in managed for membership in live),
        own=user.pk == actor.pk,
        invited=_invited(user),
        fields=_fields(user, [membership for membership in here if membership.ended_at is None]),
    )


def _fields(user: User, held: Iterable[Membership]) -> tuple[FieldsAtSite, ...]:
    """What `user` has at each site where one of the roles `held` reviews."""
    sites = {row.site_id: row.site for row in held if row.role in (Role.PHARMACIST, Role.PHYSICIAN)}
    has = set(user.specialties.filter(ended_at=None, site__in=sites).values_list("site_id", "specialty"))
    return tuple(
        FieldsAtSite(site, tuple((code, words, (key, code) in has) for code, words in SPECIALTIES.items()))
        for key, site in sites.items()
    )


def _memberships(**of: Any) -> Any:
    memberships = Membership.objects.filter(**of).select_related("user", "site", "department")
    return memberships.order_by("site__name", "role", "started_at", "pk")


def _invited(user: User) -> bool:
    return user.is_active and not user.has_usable_password()
