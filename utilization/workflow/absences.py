"""Away from a day to a day, and who covers: entered by the person or an administrator, and ended early by either."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from utilization import access, event_log
from utilization.models import Absence, Authorship, Membership, Request, Site, UncoveredDay, User
from utilization.rules.absences import TimeSpan, day_faults, first_gap
from utilization.rules.facts.date_words import day_words
from utilization.rules.lifecycle import OPEN
from utilization.rules.roles import ROLES, Permission, Role
from utilization.workflow.errors import Invalid, Refused, TooLate
from utilization.workflow.freed_claims import hold_claims, pass_claims

NOT_THERE = "You can enter an absence for yourself where you work, and for people of a site that you manage."
YOURSELF = "Nobody covers for themselves. Choose a colleague, or nobody."
NO_COVER = "Choose a colleague from the list: of the same role, of prescribers in the same department."
OVER = "This absence is over already."
_WATCHED = (Role.PRESCRIBER, Role.PHARMACIST, Role.PHYSICIAN, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class TypedAbsence:
    """An absence as it was typed: its days, both included, and who covers.

    `confirmed` says that whoever enters it was told whom it leaves without anybody.
    """

    first_day: date | None
    last_day: date | None
    cover: User | None = None
    confirmed: bool = False


@transaction.atomic
def enter_absence(site: Site, person: User, *, by: User, at: datetime, typed: TypedAbsence) -> Absence:
    """Say that `person` is away from `site`, and who covers; from today on, what they hold is passed on at once.

    Where it leaves a stage, a department or somebody without cover, it asks to be confirmed and then is not refused:
    nobody falls ill by permission. The administrators are told. Raises Refused, Invalid by field.
    """
    # One at a time at a site: two people who name each other at the same moment must see each other.
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    _may_enter(site, person, by)
    errors = day_faults(typed.first_day, typed.last_day, site.date_at(at))
    if errors or typed.first_day is None or typed.last_day is None:
        raise Invalid(errors)
    span = _span(site, typed.first_day, typed.last_day, at)
    if errors := _clashes(site, person, typed.cover, span):
        raise Invalid(errors)
    alone = _left_alone(site, person, span)
    if alone and not typed.confirmed:
        raise Invalid({"confirmed": list(alone)})
    _hold_open_requests(person, typed.cover)
    hold_claims(person)
    absence = Absence.objects.create(
        site=site, person=person, cover=typed.cover, first_day=typed.first_day, last_day=typed.last_day,
        begins_at=span.begins, ends_at=span.ends, entered_at=at, entered_by=by,
    )  # fmt: skip
    event_log.append(type="absence.entered", at=at, actor=by, site=site, data=_said(absence, alone))
    if absence.begins_at <= at:
        pass_claims(absence, by=by, at=at)
    return absence


@transaction.atomic
def end_absence(key: int | str, *, by: User, at: datetime) -> Absence:
    """End an absence that stands or is to come: from now on the person is there, and nobody covers for them.

    One that has not begun never was. Raises NotFound, Refused.
    """
    absence = access.fetch_absence(by, key)
    Site.objects.select_for_update(no_key=True).get(pk=absence.site_id)
    absence.refresh_from_db()
    if absence.ended_at is not None or absence.ends_at <= at:
        raise TooLate(OVER)
    absence.ends_at, absence.ended_at, absence.ended_by = max(absence.begins_at, at), at, by
    absence.save(update_fields=["ends_at", "ended_at", "ended_by"])
    data = {
        "absence": absence.pk, "person": absence.person_id, "cover": absence.cover_id, "ends_at": absence.ends_at,
    }  # fmt: skip
    event_log.append(type="absence.ended", at=at, actor=by, site=absence.site, data=data)
    return absence


def tell_uncovered(*, at: datetime) -> int:
    """Tell the administrators of each site of every stage at which nobody can act, once a day; how many were told of.

    Asked by `manage.py tick`.
    """
    told = 0
    for site in Site.objects.order_by("pk"):
        day = site.date_at(at)
        known = set(UncoveredDay.objects.filter(site=site, day=day).values_list("role", flat=True))
        for stage in access.unattended_stages(site, at):
            if stage.role.value not in known:
                told += _tell(site, stage.role, day, at)
    return told


def _tell(site: Site, role: Role, day: date, at: datetime) -> bool:
    """Write the entry of a stage without anybody; False where another worker was first."""
    try:
        with transaction.atomic():
            row = UncoveredDay.objects.create(site=site, role=role.value, day=day, at=at)
            data = {"uncovered": row.pk, "role": role.value, "day": day}
            event_log.append(type="queue.uncovered", at=at, actor=None, site=site, data=data)
    except IntegrityError:
        return False
    return True


# --- What is checked ----------------------------------------------------------------------------------------------


def _may_enter(site: Site, person: User, by: User) -> None:
    works = person.pk in Membership.objects.filter(
        site=site, user=person, ended_at=None, user__is_active=True
    ).values_list("user_id", flat=True)
    if not works or not (person.pk == by.pk or access.can(by, Permission.MANAGE_PEOPLE, site=site)):
        raise Refused(NOT_THERE)


def _span(site: Site, first: date, last: date, at: datetime) -> TimeSpan:
    """From the first day, and not before now, to the end of the last."""
    zone = ZoneInfo("UTC")
    begins, ends = site.day_begins(first), site.day_begins(last + timedelta(days=1))
    return TimeSpan(max(begins.astimezone(zone), at), ends.astimezone(zone))


def _clashes(site: Site, person: User, cover: User | None, span: TimeSpan) -> dict[str, list[str]]:
    if before := _away_then(site, person, span):
        return {"first_day": [f"{_who(site, before)} already. End that absence, or choose other days."]}
    if cover is None:
        return {}
    if cover.pk == person.pk:
        return {"cover": [YOURSELF]}
    if cover not in access.possible_covers(person, site):
        return {"cover": [NO_COVER]}
    if gone := _away_then(site, cover, span):
        return {"cover": [f"{_who(site, gone)}, so cannot cover on these days. Choose somebody else, or nobody."]}
    return {}


def _away_then(site: Site, person: User, span: TimeSpan) -> Absence | None:
    return _that_meet(span, site).filter(person=person).select_related("person").first()


def _that_meet(span: TimeSpan, site: Site) -> QuerySet[Absence]:
    """The absences at `site` that stand within `span`: one that was ended before it began never stands."""
    return Absence.objects.filter(
        Q(ends_at__gt=F("begins_at")), site=site, begins_at__lt=span.ends, ends_at__gt=span.begins
    )


def _who(site: Site, absence: Absence) -> str:
    return f"{absence.person.full_name} is away {_days(absence.first_day, absence.last_day)}"


def _left_alone(site: Site, person: User, span: TimeSpan) -> tuple[str, ...]:
    """Whom an absence leaves without anybody, a sentence each."""
    told: list[str] = []
    for held in person.memberships.filter(site=site, ended_at=None, role__in=_WATCHED).order_by("role"):
        same = Membership.objects.filter(site=site, role=held.role, ended_at=None, user__is_active=True)
        group = f"{ROLES[Role(held.role)].heading} of {site.name}"
        if held.department is not None and held.role == Role.PRESCRIBER:
            same, group = same.filter(department=held.department), f"Prescribers of {held.department.name}"
        others = User.objects.filter(pk__in=same.values("user")).exclude(pk=person.pk)
        able = [other for other in others if held.role not in access.SIGNS or not access.why_not_sign(other)]
        gap = first_gap(span, access.spans(site, [other.pk for other in able], span.ends, span.begins).values())
        if gap is not None:
            last = site.date_at(gap.ends - timedelta(seconds=1))
            told.append(f"{group}: nobody would be there {_days(site.date_at(gap.begins), last)}.")
    covered = _that_meet(span, site).filter(cover=person)
    for absence in covered.select_related("person").order_by("begins_at", "pk"):
        days = _days(absence.first_day, absence.last_day)
        told.append(
            f"{person.full_name} covers for {absence.person.full_name}, who is away {days} and would be without cover."
        )
    return tuple(told)


def _days(first: date, last: date) -> str:
    return f"on {day_words(first)}" if first == last else f"from {day_words(first)} to {day_words(last)}"


def _hold_open_requests(person: User, cover: User | None) -> None:
    """Lock what either wrote and is open: a signature on it and this absence must see each other."""
    if cover is not None:
        wrote = Authorship.objects.filter(user__in=(person, cover)).order_by().values("request")
        theirs = Q(author__in=(person, cover)) | Q(pk__in=wrote)
        rows = Request.objects.select_for_update(no_key=True).filter(theirs, status__in=sorted(OPEN))
        list(rows.order_by("pk").values_list("pk"))


def _said(absence: Absence, alone: tuple[str, ...]) -> dict[str, object]:
    here = Membership.objects.filter(site=absence.site, ended_at=None, role=Role.ADMINISTRATOR).order_by()
    told = sorted(here.values_list("user_id", flat=True)) if alone else []
    columns = ("person_id", "cover_id", "first_day", "last_day", "begins_at", "ends_at")
    return {
        "absence": absence.pk, "told": told, "leaves_alone": bool(alone),
        **{name.removesuffix("_id"): getattr(absence, name) for name in columns},
    }  # fmt: skip
