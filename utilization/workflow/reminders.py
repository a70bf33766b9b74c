"""Reminders before a request is late, and word to whom its site names once it is: each once for each due time.

Asked by `manage.py tick`. Each is an entry of the log, whose notices go out with it; the request stays as it is.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from utilization import event_log
from utilization.models import Membership, Question, Reminder, Request, Site
from utilization.models.clocks import CHASED, ESCALATED
from utilization.rules.lifecycle import IN_REVIEW, Status
from utilization.rules.roles import Role
from utilization.rules.site_clock import (
    ASKED_HOURS,
    EXPEDITED,
    HOURS,
    LEAD_HOURS,
    OPEN_HOURS,
    STANDARD,
    URGENCIES,
    ClockRules,
    SiteClocks,
)
from utilization.workflow.site_clock import PERSON, clocks_of

EVENTS = {CHASED: "request.chased", ESCALATED: "request.escalated"}
_ESCALATES_TO = Role.PHYSICIAN.value
_MOST_AT_ONCE = 500


def remind(*, at: datetime) -> int:
    """Write every reminder and every word of lateness that is due by now; how many."""
    written = 0
    for site in Site.objects.order_by("pk"):
        clocks = clocks_of(site)
        rules = clocks.on(site.date_at(at)) if clocks else None
        for request, kind, about in (*_late(site, at), *_soon(site, clocks, rules, at), *_unanswered(site, rules, at)):
            written += _write(request, kind, about, rules, at)
    return written


def _in_review(site: Site, kind: str) -> QuerySet[Request]:
    told = Reminder.objects.filter(request=OuterRef("pk"), kind=kind, about=OuterRef("due_at"))
    rows = Request.objects.filter(~Exists(told), site=site, status__in=sorted(status.value for status in IN_REVIEW))
    return rows.order_by("due_at", "pk")


def _late(site: Site, at: datetime) -> Iterator[tuple[Request, str, datetime]]:
    for request in _in_review(site, ESCALATED).filter(due_at__lt=at)[:_MOST_AT_ONCE]:
        if request.due_at is not None:
            yield request, ESCALATED, request.due_at


def _soon(
    site: Site, clocks: SiteClocks | None, rules: ClockRules | None, at: datetime
) -> Iterator[tuple[Request, str, datetime]]:
    rows = _in_review(site, CHASED).filter(due_at__gte=at, due_at__lte=_latest_due(clocks, rules, at))
    for request in rows[:_MOST_AT_ONCE]:
        if request.due_at is not None and remind_at(request, clocks, rules) <= at:
            yield request, CHASED, request.due_at


def _latest_due(clocks: SiteClocks | None, rules: ClockRules | None, at: datetime) -> datetime:
    """A time after which nothing is due of which somebody is reminded by `at`, with an hour to spare."""
    leads = [rules.allowances[urgency].lead_hours if rules else LEAD_HOURS[urgency] for urgency in URGENCIES]
    hours = max(leads) + 1
    by_wall = at + timedelta(hours=hours)
    # A request keeps the count with which it was filed, whatever the clock of today counts.
    return max(by_wall, clocks.resumed(hours * 3600, at=at, counts=OPEN_HOURS)) if clocks else by_wall


def remind_at(request: Request, clocks: SiteClocks | None, rules: ClockRules | None) -> datetime:
    """When the owner of `request`, which is in review, is reminded: some hours before it is due, of those it counts."""
    assert request.due_at is not None, "a request in review has a clock: the database holds it"
    lead = rules.allowances[_urgency(request)].lead_hours if rules else LEAD_HOURS[_urgency(request)]
    counts = request.clock_counts if clocks else HOURS
    if clocks is None or counts == HOURS:
        return request.due_at - timedelta(hours=lead)
    return clocks.resumed(-lead * 3600, at=request.due_at, counts=counts)


def _urgency(request: Request) -> str:
    return EXPEDITED if request.expedited else STANDARD


def _unanswered(site: Site, rules: ClockRules | None, at: datetime) -> Iterator[tuple[Request, str, datetime]]:
    told = Reminder.objects.filter(request=OuterRef("request"), kind=CHASED, about=OuterRef("asked_at"))
    open_ones = Question.objects.filter(
        ~Exists(told), answered_at=None, request__site=site, request__status=Status.INFORMATION_ASKED.value
    )
    for question in open_ones.select_related("request").order_by("asked_at", "pk")[:_MOST_AT_ONCE]:
        urgency = _urgency(question.request)
        hours = rules.allowances[urgency].asked_hours if rules else ASKED_HOURS[urgency]
        if question.asked_at + timedelta(hours=hours) <= at:
            yield question.request, CHASED, question.asked_at


def _write(seen: Request, kind: str, about: datetime, rules: ClockRules | None, at: datetime) -> bool:
    """Write one reminder with its entry; False where the request moved meanwhile, or another worker was first."""
    try:
        with transaction.atomic():
            # The update locks the row, as a move does, so that none comes between.
            same = Request.objects.filter(pk=seen.pk, version=seen.version, status=seen.status)
            if not same.update(version=F("version")):
                return False
            request = same.select_related("site", "department", "author", "holder").get()
            Reminder.objects.create(request=request, kind=kind, about=about, at=at)
            told = _told_of_lateness(request.site, rules) if kind == ESCALATED else []
            data = {"about": about, "status": request.status, "holder": request.holder_id, "told": told}
            event_log.append(type=EVENTS[kind], at=at, actor=None, request=request, data=data)
    except IntegrityError:
        return False
    return True


def _told_of_lateness(site: Site, rules: ClockRules | None) -> list[int]:
    """The keys of those whom the site names for what is late; the administrators, where none of them is there."""
    named = rules.escalates_to if rules else _ESCALATES_TO
    here = Membership.objects.filter(site=site, ended_at=None, user__is_active=True).order_by()
    if named.startswith(PERSON):
        people = here.filter(user_id=int(named.removeprefix(PERSON)))
    else:
        people = here.filter(role=named)
    keys = set(people.values_list("user_id", flat=True))
    return sorted(keys or set(here.filter(role=Role.ADMINISTRATOR).values_list("user_id", flat=True)))
