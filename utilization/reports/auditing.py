"""What auditors read: every request of a site by filters, one request's whole record, and who read what.

The list and its export name no patient: who needs to know opens the request, and that read is written down.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from utilization import access, event_log, packs
from utilization.models import (
    AccessEntry,
    Authorization,
    Decision,
    Department,
    Event,
    LogHead,
    Membership,
    PackVersion,
    Patient,
    Request,
    Site,
    Submission,
    User,
)
from utilization.models.decisions import DECISION, RECOMMENDATION
from utilization.reports.paging import Page, Place, merged, walk
from utilization.reports.people import people_at
from utilization.reports.queue import Indication, indication
from utilization.rules.canonical_json import canonical
from utilization.rules.language.outcomes import Outcome
from utilization.rules.lifecycle import OPEN, Permission, Role, Status
from utilization.rules.packs.reader import pack_hash
from utilization.rules.yaml_lines import PackError

PAGE = 50
"""Rows on a page of the list and of the access log."""
MOST_OFFERED = 200
"""People of a site that one list offers to choose from; of more, one is looked for by name."""
MOST_NAMED = 20
MOST_READS = 500
"""Reads of one patient's record that are shown at once."""
FEW = 500
"""Requests that are gathered and sorted rather than walked, at most."""
UNFILED = (Status.DRAFT, Status.DISCARDED)
FILED = tuple(status for status in Status if status not in UNFILED)
OUTCOMES = ("", *(outcome.value for outcome in Outcome))

_STATUSES: Mapping[str, tuple[Status, ...]] = {
    "approved": (Status.APPROVED,),
    "denied": (Status.DENIED,),
    "withdrawn": (Status.WITHDRAWN,),
    "open": tuple(sorted(OPEN)),
    "unfiled": UNFILED,
}
_COLUMNS = (
    "uid", "number", "indication", "judged_as", "outcome", "grams", "expedited", "emergency", "status", "created_at",
    "submitted_at", "ended_at", "site_id", "department__name", "author__full_name", "author__title",
)  # fmt: skip
_REVIEWERS = (Role.PHARMACIST, Role.PHYSICIAN)


@dataclass(frozen=True, slots=True)
class Row:
    """One request on the list, with its decision and the state of its authorization where there are any."""

    request: Request
    indication: Indication
    judged_as: Indication | None
    decision: Decision | None
    authorization: Authorization | None
    state: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list of a site can be filtered by."""

    departments: Sequence[Department]
    reviewers: Sequence[User]


@dataclass(frozen=True, slots=True)
class Difference:
    """A place in a judgement's record where the stored and the new one differ."""

    path: str
    stored: str
    again: str


@dataclass(frozen=True, slots=True)
class Again:
    """A submission judged again by its own pack. `whole` says that the kept pack still has the hash that judged.

    `fault` says why it could not be judged; then there is no outcome and nothing to compare.
    """

    submission: Submission
    whole: bool
    outcome: str
    differences: tuple[Difference, ...]
    fault: str = ""

    @property
    def same(self) -> bool:
        """Whether all of it came out as stored, to the last character."""
        return not self.fault and not self.differences


@dataclass(frozen=True, slots=True)
class Read:
    """One entry of the access log. `request` is the request that was read, where it was one."""

    entry: AccessEntry
    request: Request | None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of the event log: who, with all roles held then, and the data as canonical JSON."""

    seq: int
    at: datetime
    type: str
    actor: str
    roles: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True)
class LogState:
    """How long the event log is, and its newest entry's time."""

    size: int
    newest: datetime | None


def sites(actor: Any) -> list[Site]:
    """The sites that `actor` audits."""
    return list(access.sites(actor, Permission.AUDIT))


def fetch_record(actor: Any, uid: Any, *, what: str, at: datetime) -> Request:
    """Get a request for its auditor and write the read down; raises NotFound for everybody else's."""
    request = access.fetch_request(actor, uid, what=what, at=at)
    if not access.can(actor, Permission.AUDIT, request):
        raise access.NotFound
    return request


# --- The list -----------------------------------------------------------------------------------------------------


def choices(site: Site) -> Choices:
    """Departments of `site`, and everybody who reviews there or once did."""
    reviewed = Membership.objects.filter(site=site, role__in=_REVIEWERS)
    return Choices(
        departments=list(site.departments.all()),
        reviewers=list(User.objects.filter(pk__in=reviewed.values("user")).order_by("full_name")),
    )


def requests(
    site: Site, wanted: Mapping[str, Any], *, on: date, after: Place | None = None, before: Place | None = None
) -> Page:
    """Requests of `site` that fit `wanted`, newest first; `on` is today there, for the state of authorizations.

    `wanted` names any of since and until (dates of filing, inclusive; of the start where nothing was filed),
    indication, outcome, decision (approved, denied, withdrawn, open, unfiled), reviewer and department (keys).
    """
    moment = _moment(wanted)
    keys, page = merged(_arms(site, wanted), moment, PAGE, after, before)
    found = Request.objects.select_related("department", "author").only(*_COLUMNS).order_by().in_bulk(keys)
    return Page(_rows([found[key] for key in keys], on), page.previous, page.next)


def _arms(site: Site, wanted: Mapping[str, Any]) -> list[QuerySet[Request]]:
    """The requests that fit, in parts that are each read in order along an index: see `paging.merged`.

    Of several filters the one that fits few leads, where one does; else the first, and the others narrow its walk.
    """
    rows = _fitting(site, wanted)
    ways = [[rows.filter(arm) for arm in arms] for arms in _ways(wanted)]
    if (keys := _signed_by(wanted)) is not None:
        ways.insert(0, [rows.filter(pk__in=keys)])
    if len(ways) > 1:
        # Few alone can be sorted; of many, the first is walked and the other filters narrow what it comes by.
        few = (way for way in ways if sum(len(arm.order_by().values_list("pk")[:FEW]) for arm in way) < FEW)
        return next(few, ways[0])
    return ways[0] if ways else [rows]


def _ways(wanted: Mapping[str, Any]) -> list[list[Q]]:
    """For each filter with an index of its own, the parts in which that index is walked in order."""
    decision, outcome = wanted.get("decision"), wanted.get("outcome")
    if decision == "unfiled":
        return [[Q(status=status) for status in UNFILED]]
    statuses = _STATUSES[decision] if decision else FILED
    ways: list[list[Q]] = []
    if code := wanted.get("indication"):
        outcomes = [outcome] if outcome else OUTCOMES
        ways.append([Q(**{name: code, "outcome": one}) for name in ("indication", "judged_as") for one in outcomes])
    if department := wanted.get("department"):
        ways.append([Q(department=department, status=status) for status in statuses])
    if decision:
        ways.append([Q(status=status) for status in statuses])
    if outcome:
        ways.append([Q(outcome=outcome)])
    return ways


def _signed_by(wanted: Mapping[str, Any]) -> list[int] | None:
    """Keys of all requests that the wanted reviewer signed on, where they are few; None where they are many."""
    if not (reviewer := wanted.get("reviewer")):
        return None
    keys = list(Decision.objects.filter(signed_by=reviewer).order_by().values_list("request_id", flat=True)[:FEW])
    return keys if len(keys) < FEW else None


def _moment(wanted: Mapping[str, Any]) -> str:
    return "created_at" if wanted.get("decision") == "unfiled" else "submitted_at"


def _fitting(site: Site, wanted: Mapping[str, Any]) -> QuerySet[Request]:
    moment = _moment(wanted)
    kept = Q(site=site, **{f"{moment}__isnull": False})
    zone = ZoneInfo(site.time_zone)
    if since := wanted.get("since"):
        kept &= Q(**{f"{moment}__gte": datetime.combine(since, time(), zone)})
    if until := wanted.get("until"):
        kept &= Q(**{f"{moment}__lt": datetime.combine(until + timedelta(days=1), time(), zone)})
    if code := wanted.get("indication"):
        kept &= Q(indication=code) | Q(judged_as=code)
    if outcome := wanted.get("outcome"):
        kept &= Q(outcome=outcome)
    if decision := wanted.get("decision"):
        kept &= Q(status__in=_STATUSES[decision])
    if department := wanted.get("department"):
        kept &= Q(department=department)
    if reviewer := wanted.get("reviewer"):
        kept &= Q(Exists(Decision.objects.filter(request=OuterRef("pk"), signed_by=reviewer)))
    return Request.objects.filter(kept)


def _rows(found: Sequence[Request], on: date) -> tuple[Row, ...]:
    decided = Decision.objects.filter(request__in=found, kind=DECISION).defer("judgement", "unmet", "order")
    decisions = {decision.request_id: decision for decision in decided.order_by()}
    held = {one.request_id: one for one in Authorization.objects.filter(request__in=found)}
    return tuple(
        Row(
            request=request,
            indication=indication(request.indication),
            judged_as=indication(request.judged_as) if request.judged_as not in ("", request.indication) else None,
            decision=decisions.get(request.pk),
            authorization=held.get(request.pk),
            state=held[request.pk].state(on) if request.pk in held else "",
        )
        for request in found
    )


# --- The export ---------------------------------------------------------------------------------------------------

EXPORTED: Mapping[str, str] = {
    "request": "number",
    "site": "site__code",
    "department": "department__name",
    "prescriber": "author__full_name",
    "status": "status",
    "indication": "indication",
    "diagnosis_code": "diagnosis_code",
    "judged_as": "judged_as",
    "outcome": "outcome",
    "expedited": "expedited",
    "emergency": "emergency",
    "grams_per_course_asked": "grams",
    "started_at": "created_at",
    "submitted_at": "submitted_at",
    "ended_at": "ended_at",
    "decision": "decided__choice",
    "decision_reason_code": "decided__reason_code",
    "decision_reason": "decided__reason",
    "decision_conditions": "decided__conditions",
    "decided_by": "decided__signed_name",
    "decided_as": "decided__signed_role",
    "decided_at": "decided__signed_at",
    "authorization": "authorization__number",
    "grams_per_course_allowed": "authorization__grams_per_course",
    "courses_allowed": "authorization__courses",
    "valid_from": "authorization__valid_from",
    "valid_to": "authorization__valid_to",
    "voided_at": "authorization__voided_at",
    "withdrawal_reason": "withdrawal_reason",
    "order_changed": "order_changed",
    "interval_weeks_allowed": "authorization__interval_weeks",
    "recommendation": "recommended__choice",
    "recommendation_reason_code": "recommended__reason_code",
    "recommendation_reason": "recommended__reason",
    "recommendation_conditions": "recommended__conditions",
    "recommended_by": "recommended__signed_name",
    "recommended_at": "recommended__signed_at",
}
"""Columns of the export and where each comes from; one whose name ends in _at is a time. None names a patient; what a
signer wrote stands as written.
"""


def exported_columns(site: Site) -> list[str]:
    """The header of the export: `EXPORTED`, with a second column for each time, as clocks at the site showed it."""
    return [title for name in EXPORTED for title in ((name, f"{name} [{site.time_zone}]") if _timed(name) else (name,))]


def exported(site: Site, wanted: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """All rows of the list of `site`, in the order of `exported_columns`, read from the database as they go.

    A time stands in UTC, and beside it in the zone of the site with its offset: 2026-03-02T11:00:00+01:00.
    """
    moment = _moment(wanted)
    decided = FilteredRelation("decisions", condition=Q(decisions__kind=DECISION))
    code = KT("stated__diagnosis_code")
    filed = Submission.objects.filter(request=OuterRef("pk")).order_by("-ordinal").values(code=code)
    # A request that was corrected may have had several; the newest is the one that the decision was held against.
    newest = Decision.objects.filter(request=OuterRef("pk"), kind=RECOMMENDATION).order_by("-signed_at", "-pk")
    recommended = FilteredRelation("decisions", condition=Q(decisions__pk=F("recommendation_pk")))
    rows = (
        _fitting(site, wanted)
        .annotate(
            decided=decided,
            order_changed=ExpressionWrapper(Q(decided__order__isnull=False), output_field=BooleanField()),
            recommendation_pk=Subquery(newest.values("pk")[:1]),
            diagnosis_code=Coalesce(Subquery(filed[:1]), Value(""), output_field=TextField()),
        )
        .annotate(recommended=recommended)
        .order_by(f"-{moment}", "-pk")
    )
    zone, timed = ZoneInfo(site.time_zone), [_timed(name) for name in EXPORTED]
    for row in rows.values_list(*EXPORTED.values()).iterator(chunk_size=2000):
        cells: list[Any] = []
        for value, is_time in zip(row, timed, strict=True):
            cells.append(value)
            if is_time:
                cells.append(value.astimezone(zone).isoformat(timespec="seconds") if value else None)
        yield tuple(cells)


def _timed(name: str) -> bool:
    return name.endswith("_at")


# --- Judged again -------------------------------------------------------------------------------------------------


def judged_again(request: Request) -> tuple[Again, ...]:
    """Each submission of `request` judged again by its own pack as of its own date, the newest first."""
    filed = request.submissions.select_related("pack", "request").order_by("-ordinal")
    return tuple(_again(submission, emergency=request.emergency) for submission in filed)


def _again(submission: Submission, *, emergency: bool) -> Again:
    whole = _is_whole(submission.pack)
    try:
        record = packs.judged_again(submission, emergency=emergency)
    except (PackError, ValueError) as fault:
        # A pack or facts that were changed under the product's hands; the auditor must see it, not an error page.
        return Again(submission, whole, "", (), fault=str(fault))
    return Again(
        submission, whole, record["outcome"], tuple(differences(submission.judgement, as_then(submission, record)))
    )


def as_then(submission: Submission, record: dict[str, Any]) -> dict[str, Any]:
    """`record` without what a judgement shows of a dose today and did not when the submission was judged: its days,
    its arithmetic in other words, remarks that decide nothing. What the dose comes to is compared all the same."""
    then, now = submission.judgement.get("dose"), record.get("dose")
    if not then or not now or "days" in then:
        return record
    dose = {name: value for name, value in now.items() if name in then} | {"lines": then.get("lines")}
    told = {finding["id"] for finding in submission.judgement["findings"]}
    findings = [one for one in record["findings"] if one["id"] in told or not one["id"].startswith("dose.")]
    return {**record, "dose": dose, "findings": findings}


def _is_whole(version: PackVersion) -> bool:
    return pack_hash(version.files) == version.sha256 and pack_hash(version.shelf) == version.shelf_sha256


def differences(stored: Any, again: Any, path: str = "") -> Iterator[Difference]:
    """Every place where two records differ, by path, in the order of the stored one."""
    if isinstance(stored, dict) and isinstance(again, dict):
        for key in [*stored, *(key for key in again if key not in stored)]:
            yield from differences(stored.get(key), again.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(stored, list) and isinstance(again, list) and len(stored) == len(again):
        for place, (old, new) in enumerate(zip(stored, again, strict=True)):
            yield from differences(old, new, f"{path}[{place}]")
    elif stored != again:
        yield Difference(path, str(stored), str(again))


# --- Who read what ------------------------------------------------------------------------------------------------


def readers(site: Site) -> list[User]:
    """Everybody who works at `site` or once did, by name, where they are few enough to choose from; else nobody."""
    found = people_at(site)[: MOST_OFFERED + 1]
    return [] if len(found) > MOST_OFFERED else list(found)


def readers_named(site: Site, name: str) -> list[User]:
    """Those who work at `site` or once did and whose name contains `name`, the first `MOST_NAMED` of them."""
    return list(people_at(site).filter(full_name__icontains=name)[:MOST_NAMED]) if name else []


def reader(site: Site, pk: int) -> User | None:
    """The person with this key, where they work at `site` or once did."""
    return people_at(site).filter(pk=pk).first()


def reads(site: Site, *, person: int | None = None, after: Place | None = None, before: Place | None = None) -> Page:
    """The access log of `site`, newest first; with `person`, what they read."""
    entries = AccessEntry.objects.filter(site_id=site.pk)
    if person:
        entries = entries.filter(actor_id=person)
    found, page = walk(entries, "at", PAGE, after, before)
    return Page(_read(found), page.previous, page.next)


def find_patient(actor: Any, site: Site, mrn: str, *, at: datetime) -> Patient | None:
    """The patient of `site` with this whole MRN, whatever its spaces and leading zeros, or who once had it; `actor`
    thereby reads the record. None when there is none."""
    found = access.by_mrn(site, mrn)
    return access.fetch_patient(actor, found[0].uid, what="access_log", at=at) if found else None


def reads_of(patient: Patient) -> list[Read]:
    """Who read the record of `patient`, or one merged into it, newest first, the last `MOST_READS` of them."""
    records = list(access.records_of(patient).values_list("pk", flat=True))
    return _read(list(AccessEntry.objects.filter(patient_id__in=records)[:MOST_READS]))


def _read(entries: Sequence[AccessEntry]) -> list[Read]:
    named = Request.objects.only("uid", "number", "status").order_by()
    known = named.in_bulk({entry.request_id for entry in entries if entry.request_id})
    return [Read(entry, known.get(entry.request_id or 0)) for entry in entries]


# --- The event log ------------------------------------------------------------------------------------------------


def log_lines(request: Request) -> list[LogLine]:
    """Every entry of the event log about `request` as it is written there, oldest first."""
    entries = event_log.entries(request)
    people = User.objects.in_bulk([entry.actor_id for entry in entries if entry.actor_id])
    return [
        LogLine(
            seq=entry.seq,
            at=entry.at,
            type=entry.type,
            actor=people[entry.actor_id].signature_name if entry.actor_id in people else "",
            roles=entry.roles,
            data=canonical(entry.data).decode(),
        )
        for entry in entries
    ]


def log_state() -> LogState:
    """How long the event log is now."""
    newest = Event.objects.order_by("-seq").values_list("at", flat=True).first()
    return LogState(LogHead.objects.values_list("size", flat=True).first() or 0, newest)


def check_log() -> event_log.Report:
    """Read the whole event log and say what is wrong with it."""
    return event_log.verify()
