"""What is told as an authorization ends: reminders, its lapse, a bridging dose; each once, by an entry."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.cast import AT, Cast, a_draft, a_request, approved, submitted
from tests.workflow.acts import act
from utilization import criteria, event_log, workflow
from utilization.authorization_terms import terms_of
from utilization.models import Milestone, Request
from utilization.rules.authorization.check import why_not
from utilization.rules.authorization.reminders import AuthorizedDays, FiledRenewal, to_tell
from utilization.rules.authorization.use import GivenGrams
from utilization.rules.lifecycle import Status

LAST = date(2026, 9, 1)
SPAN = AuthorizedDays(date(2026, 3, 2), LAST, single=False)
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
LATE, IN_TIME, STOPPED = (FiledRenewal(LAST - timedelta(days=days), due) for days, due in
                          ((13, NOON), (14, NOON), (14, None)))  # fmt: skip


@pytest.mark.parametrize(
    ("days", "renewal", "kind"),
    [
        (-61, None, None), (-60, None, "60"), (-31, None, "60"), (-30, None, "30"), (-8, None, "30"), (-7, None, "7"),
        (0, None, "7"), (0, IN_TIME, None), (-60, LATE, None), (1, None, "lapsed"), (30, None, "lapsed"),
        (31, None, None), (1, IN_TIME, "bridged"), (28, IN_TIME, "bridged"), (29, IN_TIME, None), (1, LATE, None),
        (1, STOPPED, None),
    ],
)  # fmt: skip
def test_what_is_told_on_which_day(days, renewal, kind):
    table, day = criteria.authorization_table(), timedelta(days=days)
    known = {"at": NOON + day, "on": LAST + day, "days": table.reminder_days, "bridging": table.bridging}
    told = to_tell(SPAN, renewal, **known)
    assert (told and told.kind) == kind
    assert to_tell(AuthorizedDays(SPAN.first, LAST, single=True), None, **known) is None
    short = to_tell(AuthorizedDays(LAST - timedelta(days=20), LAST, single=False), None, **known)
    assert (short and short.kind) in (None, "7", "lapsed")


def told(request):
    return [
        (entry.type.removeprefix("authorization."), entry.actor_id)
        for entry in event_log.entries(request)
        if entry.type.startswith("authorization.")
    ]


def test_each_is_told_once_and_a_renewal_that_is_late_on_our_side_is_bridged(cast: Cast):
    silent = a_request(cast, Status.APPROVED)
    patient = cast.a_patient(mrn="N-7", name="Hahn, Ida", date_of_birth=date(1970, 1, 1))
    held = approved(cast, submitted(cast, a_draft(cast, patient=patient))).authorization
    last = AT + (held.valid_to - AT.date())
    renewal = submitted(cast, a_draft(cast, patient=patient, at=AT), at=last - timedelta(days=20))
    for days in (-61, -60, -59, -20, -3, 1, 2, 28):
        workflow.tell_milestones(at=last + timedelta(days=days))
    assert told(silent) == [("reminded", None)] * 3 + [("lapsed", None)]
    assert told(held.request) == [("bridged", None)]
    course = held.grams_per_course
    after = held.valid_to + timedelta(days=10)
    assert why_not(terms_of(held), [], GivenGrams(after, course)) == ()
    assert [no.code for no in why_not(terms_of(held), [GivenGrams(after, course)], GivenGrams(after, course))] == [
        "beyond_total", "above_a_day",
    ]  # fmt: skip
    assert [no.code for no in why_not(terms_of(held), [], GivenGrams(after + timedelta(days=20), course))] == [
        "after_end"
    ]
    assert terms_of(held).bridge_until == held.valid_to + timedelta(days=28)
    # Decided, it is bridged no more: by the approval from its first day, nor while a denial is appealed.
    decided = Request.objects.filter(pk=renewal.pk)
    decided.update(status=Status.APPEAL_REVIEW)
    assert terms_of(held).bridge_until is None
    decided.update(status=Status.PHARMACIST_REVIEW)
    act("withdraw", renewal, cast["petra"], last + timedelta(days=5))
    assert terms_of(held).bridge_until is None
    assert Milestone.objects.count() == 5
