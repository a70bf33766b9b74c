"""The clock that a site sets, for the requests that are filed from then on; reminders; and who has a request."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import AT, IBM, Cast, a_request, recommended
from tests.rules.test_opening_hours import TYPED
from tests.workflow.acts import act
from utilization import event_log, workflow
from utilization.models import ClockVersion, Event, Membership, Notice, Reminder, Request
from utilization.reconciliation import reconcile
from utilization.reports.whereabouts import NONE, RUNS, STANDS, whereabouts
from utilization.rules.lifecycle import ENDED, IN_REVIEW, OPEN, Status
from utilization.workflow import reminders

# AT is Monday 2 March 2026, 10:00 in Vienna; a request is filed an hour later.
DAY = AT.date()
HOUR = timedelta(hours=1)


def set_clock(cast, since=DAY, at=AT, by="adam", **changes):
    return workflow.site_clock.set_clock(cast.north, since=since, typed=TYPED | changes, by=cast[by], at=at)


def vienna(day, hour):
    """An instant of March 2026 at Vienna, an hour ahead of UTC before the 29th."""
    return datetime(2026, 3, day, hour - 1, tzinfo=UTC)


def reconciled():
    return [finding.sentence for finding in reconcile().findings if finding.place.table in ("request", "reminder")]


def test_requests_are_due_by_the_clock_of_the_site_and_those_before_keep_theirs(cast: Cast):
    before = a_request(cast)
    assert before.due_at == AT + 73 * HOUR
    set_clock(cast, holidays="2026-03-05 Founders' Day")
    workflow.withdraw(before.uid, by=cast["petra"], at=AT + 2 * HOUR, version=before.version, reason="To ask anew.")
    before.refresh_from_db()
    assert before.due_at == AT + 73 * HOUR
    request = a_request(cast, at=AT + HOUR)
    # Three working days after Monday are Tuesday, Wednesday and, since Thursday is a holiday, Friday.
    assert request.due_at == vienna(6, 17)
    assert request.clock_counts == "open_days"
    # Asked on Tuesday at 16:00, which leaves an hour, two days of eight, and answered on Friday after the close.
    request = act("ask", request, cast["fern"], vienna(3, 16))
    assert (request.due_at, request.clock_left) == (None, 17 * 3600)
    request = act("answer", request, cast["petra"], vienna(6, 18))
    assert request.due_at == vienna(11, 9)
    expedited = a_request(cast, indication="gbs")
    assert (expedited.due_at, expedited.clock_counts) == (AT + 25 * HOUR, "hours")
    assert reconciled() == []


@pytest.mark.parametrize(
    ("since", "says"),
    [(DAY - timedelta(days=1), "or later"), (None, "or later"), (DAY + timedelta(days=9), "is kept already"),
     (DAY + timedelta(days=5), "is kept already")],
)  # fmt: skip
def test_versions_follow_one_another(cast: Cast, since, says):
    set_clock(cast, since=DAY + timedelta(days=9))
    with pytest.raises(workflow.Invalid, match=says):
        set_clock(cast, since=since)
    assert ClockVersion.objects.count() == 1


def test_only_who_manages_people_sets_a_clock(cast: Cast):
    for username in ("fern", "mira", "petra", "audrey"):
        with pytest.raises(workflow.Refused):
            set_clock(cast, by=username)


def reminded(at):
    before = Event.objects.count()
    count = workflow.reminders.remind(at=at)
    told = [(event.type, event.request_id) for event in Event.objects.filter(seq__gte=before)]
    assert count == len(told)
    return told


def told_of(event_type):
    seq = Event.objects.filter(type=event_type).last().seq
    return set(Notice.objects.filter(event_seq=seq).values_list("recipient__username", "kind"))


def test_who_holds_a_request_is_reminded_once_before_it_is_late_and_others_once_it_is(cast: Cast):
    request = a_request(cast)
    request = act("claim", request, cast["felix"], AT + 2 * HOUR)
    due = request.due_at
    assert reminded(due - 24 * HOUR - timedelta(seconds=1)) == []
    assert reminded(due - 24 * HOUR) == [("request.chased", request.pk)]
    assert told_of("request.chased") == {("felix", "late")}
    assert reminded(due) == []
    assert reminded(due + timedelta(seconds=1)) == [("request.escalated", request.pk)]
    assert told_of("request.escalated") == {
        *((name, "escalated") for name in ("mira", "max", "dora")),
        ("felix", "late"),
    }
    assert reminded(due + 99 * HOUR) == []
    assert Request.objects.get(pk=request.pk).version == request.version, "a reminder moves nothing"
    assert reconciled() == []
    assert event_log.verify().problems == ()


def test_a_clock_that_stands_still_is_nobody_s_lateness_and_the_prescriber_is_reminded(cast: Cast):
    request = a_request(cast, Status.INFORMATION_ASKED)
    asked_at = AT + 2 * HOUR
    assert reminded(asked_at + 47 * HOUR) == []
    assert reminded(asked_at + 48 * HOUR) == [("request.chased", request.pk)]
    assert told_of("request.chased") == {("petra", "late")}
    assert reminded(asked_at + 900 * HOUR) == []


def test_the_lead_time_and_whom_to_tell_are_the_site_s(cast: Cast):
    set_clock(cast, escalates_to=f"person:{cast['audrey'].pk}", standard_lead="12")
    request = a_request(cast)
    assert request.due_at == vienna(5, 17)
    # Twelve open hours before Thursday's close: eight of Thursday, and the last four of Wednesday.
    assert reminded(vienna(4, 13) - timedelta(seconds=1)) == []
    assert reminded(vienna(4, 13)) == [("request.chased", request.pk)]
    assert reminded(vienna(5, 18)) == [("request.escalated", request.pk)]
    assert ("audrey", "escalated") in told_of("request.escalated")
    assert Reminder.objects.count() == 2


def test_reminders_look_as_far_ahead_as_any_of_them_is_due(cast: Cast):
    set_clock(cast, holidays="2026-03-05 Founders' Day\n2026-03-06 Bridge", standard_lead="12")
    clocks = workflow.site_clock.clocks_of(cast.north)
    rules = clocks.on(DAY)
    for due in (AT + timedelta(minutes=97 * step) for step in range(200)):
        for counts, expedited in itertools.product(("hours", "open_hours", "open_days"), (False, True)):
            seen = Request(due_at=due, clock_counts=counts, expedited=expedited)
            assert due <= reminders._latest_due(clocks, rules, reminders.remind_at(seen, clocks, rules))


def test_where_the_named_person_left_the_administrators_are_told(cast: Cast):
    set_clock(cast, escalates_to=f"person:{cast['max'].pk}")
    Membership.objects.filter(user=cast["max"]).update(ended_at=AT)
    a_request(cast)
    reminded(vienna(30, 9))
    assert ("adam", "escalated") in told_of("request.escalated")


@pytest.mark.parametrize("status", Status)
def test_no_open_request_is_without_an_owner_a_clock_and_a_next_step(cast: Cast, status):
    request = a_request(cast, status, **({"indication": "ibm", "answers": IBM} if status == Status.DENIED else {}))
    request = Request.objects.select_related("holder", "author", "department", "site").get(pk=request.pk)
    seen = whereabouts(request, at=AT + 9 * HOUR)
    unfinished = status in OPEN or status == Status.DRAFT
    assert bool(seen.owner) == bool(seen.next_step) == bool(seen.clock) == unfinished
    assert unfinished == (status not in ENDED)
    assert not seen.alone
    assert (seen.due_at is not None) == (seen.clock == RUNS) == (status in IN_REVIEW)
    assert (seen.left is not None) == (seen.clock == STANDS) == (status == Status.INFORMATION_ASKED)
    assert (seen.clock == NONE) == (status == Status.DRAFT)
    assert seen.since <= AT + 9 * HOUR
    assert seen.clock_words or not unfinished


def test_whose_time_was_spent_adds_up_and_the_owner_follows_each_move(cast: Cast):
    request = a_request(cast, indication="ibm", answers=IBM)

    def now(at):
        fresh = Request.objects.select_related("holder", "author", "department", "site").get(pk=request.pk)
        return whereabouts(fresh, at=at)

    assert now(AT + 2 * HOUR).owner == "Pharmacy reviewers of North Hospital"
    assert now(AT + 2 * HOUR).since == AT + HOUR
    request = act("claim", request, cast["fern"], AT + 3 * HOUR)
    assert (now(AT + 4 * HOUR).owner, now(AT + 4 * HOUR).since) == ("Fern Pharmacist, PharmD", AT + 3 * HOUR)
    request = act("ask", request, cast["fern"], AT + 5 * HOUR)
    seen = now(AT + 8 * HOUR)
    assert (seen.owner, seen.since) == ("Petra Prescriber, MD", AT + 5 * HOUR)
    assert (seen.review_seconds, seen.prescriber_seconds) == (4 * 3600, 3 * 3600)
    request = act("answer", request, cast["paul"], AT + 10 * HOUR)
    request = recommended(cast, request, at=AT + 11 * HOUR)
    seen = now(AT + 12 * HOUR)
    assert (seen.owner, seen.since) == ("Physician reviewers of North Hospital", AT + 11 * HOUR)
    assert (seen.review_seconds, seen.prescriber_seconds) == (6 * 3600, 5 * 3600)
    Membership.objects.filter(role="physician_reviewer").update(ended_at=AT)
    assert now(AT + 12 * HOUR).alone


def test_the_page_of_the_clock_keeps_a_version_and_says_what_is_wrong(cast: Cast, seen_by):
    browser = seen_by("adam")
    assert "Nothing is kept" in browser.get("/people/clock/north/").content.decode()
    far = "2999-01-01"
    wrong = browser.post("/people/clock/north/", TYPED | {"since": far, "monday": "08:00-12:00, 11:00-13:00"})
    assert wrong.status_code == 422
    assert "These hours overlap: 08:00-12:00 and 11:00-13:00." in wrong.content.decode()
    assert 'value="08:00-12:00, 11:00-13:00"' in wrong.content.decode(), "what was typed stays"
    assert browser.post("/people/clock/north/", TYPED | {"since": far}).status_code == 302
    page = browser.get("/people/clock/north/").content.decode()
    assert "3 working days" in page
    assert "Christmas Day" in page
    assert browser.get("/people/clock/south/").status_code == 404
