"""Who may do what, and who may see what: one rule, asked as `can`, `visible_requests` and `fetch_request`.

Everything comes from live memberships of an active account, read from the database at each question, so that an
ended role or a deactivated account counts for nothing from the next question on. Nobody is let in by default: an
actor who is None or not signed in gets "no" to everything.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from utilization import access_log, packs
from utilization.models import (
    Authorization,
    CriteriaDraft,
    Department,
    Membership,
    Patient,
    PatientChange,
    PatientKey,
    Publication,
    Request,
    Site,
    User,
)
from utilization.models.decisions import RECOMMENDATION
from utilization.rules.identity import (
    Search,
    Wanted,
    Way,
    alike_days,
    alike_names,
    bare_mrn,
    mrn_key,
    mrn_slips,
    name_parts,
    order_key,
    read_search,
    same_name,
    slips,
)
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
MAX_TYPED = 120
"""Characters of a search that count."""
MOST_RECENT = 10
"""Patients that are offered before anything is typed."""
MOST_ALIKE = 6
"""Patients that are pointed out as perhaps the same, at most."""
MOST_COMPARED = 300
"""Patients whose name or birth date is compared with those of a new one, at most, for each way of finding them."""
YEARS_APART = 10
"""Years by which a slip in a birth date is looked for along the name."""


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

    No author of the request is free, nor anybody who entered facts frozen with it or answered a question about it. To
    decide, and for every act at the physician's stage, which leads to a decision, neither is anybody who signed a
    recommendation on the request: recommendation and decision are two people. The database refuses the same.
    """
    pk: Any = getattr(actor, "pk", None)
    if request.questions.filter(answered_by_id=pk).exists():
        return Answer(False, "You answered for the department on this request, so another person must review it.")
    if request.author_id == pk or request.authorships.filter(user_id=pk).exists():
        return Answer(False, "You filed this request or entered facts in it, so another person must review it.")
    deciding = deciding or request.status == Status.PHYSICIAN_REVIEW
    if deciding and request.decisions.filter(kind=RECOMMENDATION, signed_by_id=pk).exists():
        return Answer(False, "You signed a recommendation on this request, so another person must decide.")
    return YES


def free_to_answer(actor: Any, request: Request) -> Answer:
    """Whether `actor` may answer for the department on `request`: not once they signed on it as a reviewer."""
    pk: Any = getattr(actor, "pk", None)
    if request.decisions.filter(signed_by_id=pk).exists():
        return Answer(
            False, "You signed a recommendation on this request, so somebody else of the department must answer."
        )
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
        same_page and access_log.read_on_this_page(actor=actor, what=what, at=at, patient=found.patient, request=found)
    ):
        access_log.record(actor=actor, what=what, at=at, reads=[(found.patient, found)])
    packs.at_hand(found, at)
    return found


def fetch_patient(actor: Any, uid: Any, *, what: str, at: datetime, same_page: bool = False) -> Patient:
    """Get the patient with this `uid` and write the read down; all else as `fetch_request` does.

    A record that was merged into another gives the one that was kept.
    """
    found = _fetch(visible_patients(actor).select_related("site", "merged_into__site"), uid)
    if found.merged_into is not None:
        found = found.merged_into
    if not (same_page and access_log.read_on_this_page(actor=actor, what=what, at=at, patient=found)):
        access_log.record(actor=actor, what=what, at=at, reads=[(found, None)])
    return found


def records_of(patient: Patient) -> QuerySet[Patient]:
    """The record of `patient` and those merged into it: rows that never change, as authorizations, point to either."""
    return Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient))


def note_listed(actor: Any, requests: Iterable[Request], *, at: datetime) -> None:
    """Write down that `actor` was shown a list that names the patients of `requests`: each a read, once a working day.

    The list itself comes from `visible_requests`; a list that names no patient is no read.
    """
    shown = list(requests)
    known = access_log.listed_lately(actor=actor, what="list", at=at, requests=shown)
    new = [(request.patient, request) for request in shown if request.pk not in known]
    access_log.record(actor=actor, what="list", at=at, reads=new)


def note_patients(actor: Any, patients: Iterable[Patient], *, what: str, at: datetime) -> None:
    """Write down that `actor` was shown these patients: each a read, once a working day."""
    shown = list(patients)
    known = access_log.patients_lately(actor=actor, what=what, at=at, patients=shown)
    access_log.record(actor=actor, what=what, at=at, reads=[(one, None) for one in shown if one.pk not in known])


def search_patients(actor: Any, text: str, *, at: datetime, same_page: bool = False) -> list[Patient]:
    """The first `MAX_FOUND` patients whose MRN, birth date or names `text` may mean (`rules.identity.read_search`).

    The words of a name count in any order and from their beginnings, however they are spelt; earlier names and MRNs
    count too. Each patient shown is written down as a read, with `same_page` once while the page stays open.
    """
    if "\0" in text:
        return []
    wanted = read_search(text[:MAX_TYPED])
    sites = sorted(set(_at(actor, _PATIENT_READERS).values_list("site", flat=True)))
    keys = {pk for site in sites for pk in _found_at(site, wanted)}
    bare, key = bare_mrn(text), mrn_key(text)
    # The very MRN first, then one that is the same but for its leading zeros, before those that only begin so.
    found = sorted(
        Patient.objects.filter(pk__in=keys).select_related("site"),
        key=lambda one: (bare_mrn(one.mrn) != bare, mrn_key(one.mrn) != key, order_key(one.name), one.pk),
    )[:MAX_FOUND]
    if same_page:
        note_patients(actor, found, what="search", at=at)
    else:
        access_log.record(actor=actor, what="search", at=at, reads=[(one, None) for one in found])
    return found


def _found_at(site: int, wanted: Search) -> set[int]:
    """Keys of at most `MAX_FOUND` patients of a site for each way in which `wanted` may be meant."""
    found: set[int] = set()
    if wanted.mrn:
        found.update(_walk(site, PatientKey.MRN, (wanted.mrn,), ()))
    for way in wanted.names:
        found.update(_walk(site, PatientKey.NAME, way, wanted.days))
    if wanted.days and not wanted.names:
        born = Patient.objects.filter(site=site, date_of_birth__in=wanted.days, merged_into=None)
        found.update(born.order_by("date_of_birth", "pk").values_list("pk", flat=True)[:MAX_FOUND])
    return found


def _walk(site: int, kind: str, way: Way, days: tuple[date, ...]) -> list[int]:
    """Patients who have every key of `way`, and one of the birth `days` if any: read along the index of the keys.

    The longest word leads, from its beginning on, so that no more is read than begins with it.
    """
    lead, *others = sorted(way, key=lambda one: -one.size)
    rows = PatientKey.objects.filter(_begins(lead), site=site, kind=kind)
    for other in others:
        rows = rows.filter(Exists(PatientKey.objects.filter(_begins(other), patient=OuterRef("patient"), kind=kind)))
    if days:
        rows = rows.filter(patient__date_of_birth__in=days)
    found: dict[int, None] = {}
    after: tuple[str, int] | None = None
    while len(found) < MAX_FOUND:
        # One patient may have several keys that begin alike, so the walk continues until enough are found.
        rest = rows.filter(Q(key__gt=after[0]) | Q(key=after[0], patient__gt=after[1])) if after else rows
        part = list(rest.order_by("key", "patient").values_list("key", "patient")[: 4 * MAX_FOUND])
        found.update(dict.fromkeys(patient for _, patient in part))
        if len(part) < 4 * MAX_FOUND:
            break
        after = part[-1]
    return list(found)[:MAX_FOUND]


def _begins(wanted: Wanted) -> Q:
    if wanted.whole:
        return Q(key__in=wanted.texts)
    # As a range, which both databases read along the index; LIKE is one on neither.
    ranges = [Q(key__gte=text, key__lt=text + "\U0010ffff") for text in wanted.texts]
    return reduce(or_, ranges)


def by_mrn(site: Site, mrn: str) -> list[Patient]:
    """Patients of `site` with this MRN, whatever spaces, hyphens and leading zeros; the one that has it to the letter
    now comes first. No actor is asked and nothing is written down: that is the caller's part."""
    key, bare = mrn_key(mrn), bare_mrn(mrn)
    rows = PatientKey.objects.filter(site=site, kind=PatientKey.MRN, key=key).select_related("patient__site")
    found = sorted(rows, key=lambda row: (bare_mrn(row.patient.mrn) != bare, row.former, row.patient_id))
    return [row.patient for row in found]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A patient who may be the one that is being added: what of MRN, name and birth date is "same" or "alike";
    empty where it is neither. `mrn_is_same`: to the letter, but for case, spaces and hyphens."""

    patient: Patient
    mrn: str
    name: str
    date_of_birth: str
    mrn_is_same: bool = False

    @property
    def rank(self) -> tuple[int, ...]:
        """Sorts the most telling first."""
        told = (self.mrn, self.date_of_birth, self.name)
        return (not self.mrn_is_same, -told.count("same"), -told.count("alike"), self.patient.pk)


def alike(
    site: Site, *, mrn: str = "", name: str = "", date_of_birth: date | None = None, besides: Patient | None = None
) -> list[Likeness]:
    """At most `MOST_ALIKE` patients of `site` who may be the one of this MRN, name and birth date: with the same birth
    date and a like name, with the same name and a like birth date, or with a like MRN. The likest first.

    No actor is asked and nothing is written down: that is the caller's part.
    """
    found: dict[int, Patient] = {}
    for rows in (_of_mrn(site, mrn), _of_day(site, date_of_birth), _of_name(site, name, date_of_birth)):
        found |= {one.pk: one for one in rows}
    if besides is not None:
        found.pop(besides.pk, None)
    earlier = _earlier_names(found)
    likenesses = (
        _likeness(one, [one.name, *earlier.get(one.pk, ())], mrn, name, date_of_birth) for one in found.values()
    )
    return sorted((one for one in likenesses if one), key=lambda one: one.rank)[:MOST_ALIKE]


def _of_mrn(site: Site, mrn: str) -> list[Patient]:
    key = mrn_key(mrn)
    if not key:
        return []
    rows = PatientKey.objects.filter(site=site, kind=PatientKey.MRN, key__in=[key, *mrn_slips(key)])
    return [row.patient for row in rows.select_related("patient__site").order_by("key", "patient")[:MOST_COMPARED]]


def _of_day(site: Site, day: date | None) -> Iterable[Patient]:
    if day is None:
        return ()
    born = Patient.objects.filter(site=site, date_of_birth=day, merged_into=None).select_related("site")
    return born.order_by("pk")[:MOST_COMPARED]


def _of_name(site: Site, name: str, day: date | None) -> list[Patient]:
    spellings = name_parts(name)
    if not day or not spellings[0]:
        return []
    longest = {max(parts, key=len) for parts in spellings}
    rows = PatientKey.objects.filter(site=site, kind=PatientKey.NAME, key__in=longest).select_related("patient__site")
    # By the birth date beside the index: of the namesakes only those of about that age are compared.
    near = rows.filter(patient__date_of_birth__range=(_shifted(day, -YEARS_APART), _shifted(day, YEARS_APART)))
    return [row.patient for row in near.order_by("key", "patient")[:MOST_COMPARED]]


def _shifted(day: date, years: int) -> date:
    return date(min(max(day.year + years, 1), 9999), day.month, min(day.day, 28))


def _earlier_names(patients: Mapping[int, Patient]) -> dict[int, list[str]]:
    """Names that these patients had before they were corrected."""
    rows = PatientChange.objects.filter(patient__in=patients, kind=PatientChange.CORRECTED)
    found: dict[int, list[str]] = {}
    for pk, changes in rows.values_list("patient", "changes"):
        found.setdefault(pk, []).extend(change["old"] for change in changes if change["field"] == "name")
    return found


def _likeness(patient: Patient, names: list[str], mrn: str, name: str, day: date | None) -> Likeness | None:
    key, theirs = mrn_key(mrn), mrn_key(patient.mrn)
    numbered = "" if not key else "same" if key == theirs else "alike" if slips(key, theirs, 1) else ""
    if key and not numbered and PatientKey.objects.filter(
        patient=patient, kind=PatientKey.MRN, key__in=[key, *mrn_slips(key)]
    ).exists():  # fmt: skip
        numbered = "alike"  # an earlier MRN, or that of a record merged into this one
    born = (
        ""
        if not day
        else "same"
        if day == patient.date_of_birth
        else "alike"
        if alike_days(day, patient.date_of_birth)
        else ""
    )
    same = bool(name) and any(same_name(name, one) for one in names)
    called = "same" if same else "alike" if name and any(alike_names(name, one) for one in names) else ""
    if not (numbered or (born == "same" and called) or (born == "alike" and called == "same")):
        return None
    bare = bool(key) and bare_mrn(mrn) == bare_mrn(patient.mrn)
    return Likeness(patient, numbered, called, born, mrn_is_same=bare)


def recent_patients(actor: Any, *, at: datetime) -> list[Patient]:
    """The patients whom `actor` added lately, or on whose requests `actor` or their department worked, latest first.

    At most `MOST_RECENT`, each written down as a read once a working day.
    """
    worked: list[tuple[datetime, int]] = []
    mine = Request.objects.filter(author=actor, status=Status.DRAFT, site__in=sites(actor, Permission.FILE))
    worked += mine.order_by("-updated_at").values_list("updated_at", "patient")[:MOST_RECENT]
    for held in _live(actor).filter(role=Role.PRESCRIBER):
        for status in sorted(set(Status) - set(_NOT_FILED)):
            # One status at a time: so the index by department, status and time gives the latest at once.
            rows = Request.objects.filter(department=held.department_id, status=status).order_by("-updated_at")
            worked += rows.values_list("updated_at", "patient")[:MOST_RECENT]
    added = visible_patients(actor).filter(created_by=actor, merged_into=None).order_by("-created_at")
    worked += added.values_list("created_at", "pk")[:MOST_RECENT]
    latest = list(dict.fromkeys(pk for _, pk in sorted(worked, reverse=True)))[:MOST_RECENT]
    seen = visible_patients(actor).select_related("site").in_bulk(latest)
    found = [seen[pk] for pk in latest if pk in seen]
    note_patients(actor, found, what="list", at=at)
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
    asked for them yet. What stands under a record that was merged into the patient's is the patient's.
    """
    same_person = list(records_of(request.patient).values_list("pk", flat=True))
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
