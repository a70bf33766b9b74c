"""Who may do what, and who may see what: one rule, asked as `can`, `visible_requests` and `fetch_request`.

Everything comes from live memberships of an active account, read from the database at each question, so that an
ended role or a deactivated account counts for nothing from the next question on. Nobody is let in by default: an
actor who is None or not signed in gets "no" to everything.
"""

import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.http import Http404

from utilization import accesslog, packs
from utilization.models import (
    Authorization,
    CriteriaDraft,
    Department,
    Membership,
    Patient,
    Publication,
    Request,
    Site,
    User,
)
from utilization.models.decisions import RECOMMENDATION
from utilization.rules.lifecycle import OPEN, Permission, Role, Status

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PRESCRIBER: frozenset({Permission.FILE, Permission.READ_EVIDENCE}),
    Role.PHARMACIST: frozenset({Permission.REVIEW, Permission.READ_EVIDENCE}),
    Role.PHYSICIAN: frozenset({Permission.REVIEW_AS_PHYSICIAN, Permission.READ_EVIDENCE}),
    Role.AUDITOR: frozenset({Permission.AUDIT, Permission.READ_EVIDENCE}),
    Role.FORMULARY: frozenset({Permission.KEEP_CRITERIA, Permission.READ_EVIDENCE}),
    Role.ADMINISTRATOR: frozenset({Permission.MANAGE_PEOPLE, Permission.READ_EVIDENCE}),
}

_REVIEWERS = (Role.PHARMACIST, Role.PHYSICIAN)
_PATIENT_READERS = (Role.PRESCRIBER, *_REVIEWERS, Role.AUDITOR)
_NOT_FILED = (Status.DRAFT, Status.DISCARDED)

_NEEDED = {
    Permission.FILE: "file requests",
    Permission.REVIEW: "review as a pharmacist",
    Permission.REVIEW_AS_PHYSICIAN: "review as a physician",
    Permission.AUDIT: "audit",
    Permission.READ_EVIDENCE: "read the evidence",
    Permission.KEEP_CRITERIA: "keep the criteria",
    Permission.MANAGE_PEOPLE: "manage people",
}

READS_VERSIONS = (
    Permission.KEEP_CRITERIA, Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT,
)  # fmt: skip
"""Any of these lets a person read the published versions of a site's criteria."""

MAX_FOUND = 25
"""Patients that one search shows at most."""
MIN_SEARCH = 2
"""Characters that a search needs at least, so that nobody leafs through all patients by one letter."""


class NotFound(Http404):
    """What was asked for does not exist, or is not for this actor; the two are never told apart."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no with the reason in words; true when allowed."""

    allowed: bool
    why: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Answer(True)

Row = TypeVar("Row", Request, Patient, CriteriaDraft, Publication)


def _live(actor: Any) -> QuerySet[Membership]:
    """The memberships that count for `actor` now."""
    pk: Any = getattr(actor, "pk", None)
    return Membership.objects.filter(user_id=pk, user__is_active=True, ended_at=None)


def roles(actor: Any, site: Site | None = None) -> frozenset[Role]:
    """The roles that `actor` holds now at `site`; at any site when `site` is None."""
    held = _live(actor)
    if site is not None:
        held = held.filter(site=site)
    return frozenset(Role(role) for role in held.values_list("role", flat=True))


def permissions(actor: Any, site: Site | None = None) -> frozenset[Permission]:
    """What the roles of `actor` at `site` (at any site when None) permit."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles(actor, site)))


def sites(actor: Any, permission: Permission) -> QuerySet[Site]:
    """The sites where `actor` holds `permission` now."""
    return Site.objects.filter(pk__in=_at(actor, _roles_with(permission)))


def department(actor: Any, site: Site) -> Department | None:
    """The department for which `actor` prescribes at `site`; None where they do not prescribe."""
    held = _live(actor).filter(site=site, role=Role.PRESCRIBER).select_related("department").first()
    return held.department if held else None


def can(actor: Any, permission: Permission, request: Request | None = None, site: Site | None = None) -> Answer:
    """Whether `actor` may do what `permission` names: to `request`, at `site`, or, with neither, anywhere at all.

    To file on a request takes more than the role: it must be the actor's own, or filed for the actor's department.
    Whether the request stands where such a move is possible is the lifecycle's question, not this one's.
    """
    if request is not None:
        site = request.site
    if permission not in permissions(actor, site):
        where = f" at {site.name}" if site else ""
        return Answer(False, f"Your roles{where} do not let you {_NEEDED[permission]}.")
    if request is None:
        return YES
    seen = _as_prescriber(actor) if permission == Permission.FILE else _as_reader(actor)
    if not Request.objects.filter(seen, pk=request.pk).exists():
        return Answer(False, "This request belongs to another department, or is another person's draft.")
    return YES


def independent(actor: Any, request: Request, *, deciding: bool = False) -> Answer:
    """Whether `actor` is free to review `request`: recommend, ask, refer, and with `deciding` also decide.

    No author of the request is free, nor anybody who entered facts frozen with it. To decide, and for every act at
    the physician's stage, which leads to a decision, neither is anybody who signed a recommendation on the request:
    recommendation and decision are two people. The database refuses the same.
    """
    pk: Any = getattr(actor, "pk", None)
    if request.author_id == pk or request.authorships.filter(user_id=pk).exists():
        return Answer(False, "You filed this request or entered facts in it, so another person must review it.")
    deciding = deciding or request.status == Status.PHYSICIAN_REVIEW
    if deciding and request.decisions.filter(kind=RECOMMENDATION, signed_by_id=pk).exists():
        return Answer(False, "You signed a recommendation on this request, so another person must decide.")
    return YES


# --- Seeing -------------------------------------------------------------------------------------------------------


def visible_requests(actor: Any) -> QuerySet[Request]:
    """Every request that `actor` may read.

    Prescribers: their own and what was filed for their department. Reviewers: what was filed at their site.
    Auditors: everything at their site, drafts too. Nobody else sees any.
    """
    return Request.objects.filter(_as_prescriber(actor) | _as_reader(actor))


def prescriber_arms(actor: Any) -> list[Q]:
    """What `actor` may read as a prescriber, apart: their own requests, and those filed for each of their departments.

    One condition alone is read along an index in order; all of them joined by "or" are not. A request may fit two.
    """
    held = list(_live(actor).filter(role=Role.PRESCRIBER).values_list("site_id", "department_id").order_by("pk"))
    if not held:
        return []
    own = Q(author_id=actor.pk, site_id__in=sorted({site for site, _ in held}))
    departments = sorted({department for _, department in held if department is not None})
    return [own, *(Q(department_id=department) & ~Q(status__in=_NOT_FILED) for department in departments)]


def visible_patients(actor: Any) -> QuerySet[Patient]:
    """Every patient that `actor` may read: those of the sites where they prescribe, review or audit."""
    return Patient.objects.filter(site__in=_at(actor, _PATIENT_READERS))


def visible_people(actor: Any) -> QuerySet[User]:
    """The people who hold, or once held, a role at a site whose people `actor` manages."""
    managed = _at(actor, _roles_with(Permission.MANAGE_PEOPLE))
    return User.objects.filter(pk__in=Membership.objects.filter(site__in=managed).values("user"))


def fetch_request(actor: Any, uid: Any, *, what: str, at: datetime, same_page: bool = False) -> Request:
    """Get the request with this `uid` and write down that `actor` read it `at` this time for `what`.

    With `same_page`, for live checks and autosaves, the read counts once while the page stays open. From here on facts
    are named as the criteria of this request name them. Raises NotFound alike for a request that does not exist and
    for one that `actor` may not see.
    """
    found = _fetch(visible_requests(actor).select_related("site", "department", "patient", "author", "holder"), uid)
    if not (
        same_page and accesslog.read_on_this_page(actor=actor, what=what, at=at, patient=found.patient, request=found)
    ):
        accesslog.record(actor=actor, what=what, at=at, reads=[(found.patient, found)])
    packs.at_hand(found, at)
    return found


def fetch_patient(actor: Any, uid: Any, *, what: str, at: datetime, same_page: bool = False) -> Patient:
    """Get the patient with this `uid` and write the read down; all else as `fetch_request` does."""
    found = _fetch(visible_patients(actor).select_related("site"), uid)
    if not (same_page and accesslog.read_on_this_page(actor=actor, what=what, at=at, patient=found)):
        accesslog.record(actor=actor, what=what, at=at, reads=[(found, None)])
    return found


def note_listed(actor: Any, requests: Iterable[Request], *, at: datetime) -> None:
    """Write down that `actor` was shown a list that names the patients of `requests`: each a read, once a working day.

    The list itself comes from `visible_requests`; a list that names no patient is no read.
    """
    shown = list(requests)
    known = accesslog.listed_lately(actor=actor, what="list", at=at, requests=shown)
    new = [(request.patient, request) for request in shown if request.pk not in known]
    accesslog.record(actor=actor, what="list", at=at, reads=new)


def search_patients(actor: Any, text: str, *, at: datetime) -> list[Patient]:
    """The first `MAX_FOUND` patients whose MRN begins with `text` or whose name contains it.

    Each one shown is written down as a read. A text under `MIN_SEARCH` characters finds nobody.
    """
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) < MIN_SEARCH or "\0" in text:
        return []
    found = list(
        visible_patients(actor)
        .filter(Q(mrn__istartswith=text) | Q(name__icontains=text))
        .select_related("site")
        .order_by("name", "pk")[:MAX_FOUND]
    )
    accesslog.record(actor=actor, what="search", at=at, reads=[(one, None) for one in found])
    return found


OTHER_IMMUNOGLOBULIN = "other_immunoglobulin"
"""The code by which a prescriber acknowledges what `other_immunoglobulin` tells, and its key in `Submission.checks`."""


@dataclass(frozen=True, slots=True)
class OtherImmunoglobulin:
    """Another request of a patient that is open, or approved with an authorization that is not over.

    `first` and `last` are the days of the authorization; of an open request, the day of filing and none. Where the
    actor may not read that request, `uid` is None and `number` and `indication` are empty: department, grams and dates
    are what a second order must not be written without.
    """

    uid: uuid.UUID | None
    number: str
    indication: str
    department: str
    authorized: bool
    grams_per_course: Decimal | None
    courses: int | None
    first: date
    last: date | None

    def as_json(self) -> dict[str, Any]:
        """It as kept with a submission: dates and grams as text."""
        return {
            "number": self.number,
            "indication": self.indication,
            "department": self.department,
            "authorized": self.authorized,
            "grams_per_course": None if self.grams_per_course is None else f"{self.grams_per_course.normalize():f}",
            "courses": self.courses,
            "first": self.first.isoformat(),
            "last": self.last.isoformat() if self.last else None,
        }


def other_immunoglobulin(actor: Any, request: Request, on: date) -> list[OtherImmunoglobulin]:
    """What else the patient of `request` is given or asked for on the date `on`, for any indication, oldest first.

    An authorization counts to the end of its last day, and one that begins later counts too. Drafts do not: nobody has
    asked for them yet.
    """
    same_person = [request.patient_id]
    valid = Q(status=Status.APPROVED, authorization__voided_at=None, authorization__valid_to__gte=on)
    others = Request.objects.filter(Q(status__in=OPEN) | valid, patient__in=same_person).exclude(pk=request.pk)
    readable = set(visible_requests(actor).filter(patient__in=same_person).order_by().values_list("pk", flat=True))
    rows = others.select_related("department", "authorization", "site").defer("draft", "entered")
    return [_other(one, one.pk in readable) for one in rows.order_by("submitted_at", "pk")]


def _other(request: Request, readable: bool) -> OtherImmunoglobulin:
    held: Authorization | None = getattr(request, "authorization", None)
    assert request.submitted_at is not None  # what is neither draft nor discarded was filed: the database holds it
    return OtherImmunoglobulin(
        uid=request.uid if readable else None,
        number=(held.number if held else request.number or "") if readable else "",
        indication=request.indication if readable else "",
        department=request.department.name,
        authorized=held is not None,
        grams_per_course=held.grams_per_course if held else request.grams,
        courses=held.courses if held else None,
        first=held.valid_from if held else request.site.date_at(request.submitted_at),
        last=held.valid_to if held else None,
    )


def visible_drafts(actor: Any) -> QuerySet[CriteriaDraft]:
    """Every draft of criteria that `actor` may read: those of the sites whose criteria they keep."""
    return CriteriaDraft.objects.filter(site__in=_at(actor, _roles_with(Permission.KEEP_CRITERIA)))


def visible_publications(actor: Any) -> QuerySet[Publication]:
    """Every published version that `actor` may read: those of the sites where they keep, review or audit."""
    wanted = [role for permission in READS_VERSIONS for role in _roles_with(permission)]
    return Publication.objects.filter(site__in=_at(actor, wanted))


def fetch_draft(actor: Any, uid: Any) -> CriteriaDraft:
    """Get the draft of criteria with this `uid`; raises NotFound alike when there is none and when another site's."""
    return _fetch(visible_drafts(actor).select_related("site", "author", "updated_by", "proposed_by"), uid)


def fetch_publication(actor: Any, uid: Any) -> Publication:
    """Get the published version with this `uid`; raises NotFound alike when there is none and when another site's."""
    return _fetch(visible_publications(actor).select_related("site", "pack"), uid)


def fetch_person(actor: Any, pk: Any) -> User:
    """Get the person with this key; raises NotFound alike when there is none and when another site's."""
    try:
        return visible_people(actor).get(pk=pk)
    except (User.DoesNotExist, ValueError, OverflowError):
        raise NotFound from None


def _fetch(rows: QuerySet[Row], uid: Any) -> Row:
    try:
        return rows.get(uid=uid if isinstance(uid, uuid.UUID) else uuid.UUID(str(uid)))
    except (rows.model.DoesNotExist, ValueError):
        raise NotFound from None


def _roles_with(permission: Permission) -> tuple[Role, ...]:
    return tuple(role for role, held in ROLE_PERMISSIONS.items() if permission in held)


def _at(actor: Any, wanted: Iterable[Role]) -> QuerySet[Membership, Any]:
    return _live(actor).filter(role__in=wanted).values("site")


def _as_prescriber(actor: Any) -> Q:
    held = _live(actor).filter(role=Role.PRESCRIBER)
    own = Q(author_id=getattr(actor, "pk", None), site__in=held.values("site"))
    return own | (Q(department__in=held.values("department")) & ~Q(status__in=_NOT_FILED))


def _as_reader(actor: Any) -> Q:
    filed_here = Q(site__in=_at(actor, _REVIEWERS)) & ~Q(status__in=_NOT_FILED)
    return filed_here | Q(site__in=_at(actor, (Role.AUDITOR,)))
