"""An appeal is filed once and in time, decided by somebody who signed nothing before, and both outcomes are kept."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.cast import AT, IBM, a_draft, a_request, appealed, denied, present, recommended, submitted
from tests.naive_summary import summary_differences
from tests.workflow.acts import act
from utilization import access, workflow
from utilization.models import Appeal, Authorization, Decision, Membership, Request, RequestSummary
from utilization.reports.frozen_justification import frozen_value
from utilization.rules.lifecycle import Status
from utilization.rules.request_clock import due_after

LATER = AT + timedelta(hours=9)


def test_an_overturn_authorizes_and_the_denial_stays_as_it_was(cast):
    request = a_request(cast, Status.DENIED)
    denial, due = request.decisions.get(kind="decision"), request.due_at
    request = appealed(cast, request, at=LATER, by="paul", answers={"course_days": "4"})
    # New facts are a new version; the clock runs anew; nobody holds it, and it has not ended.
    assert (request.status, request.latest.ordinal, request.ended_at) == (Status.APPEAL_REVIEW, 2, None)
    assert request.latest.changes == [{"fact": "course_days", "new": 4, "old": 5}]
    assert request.due_at == due_after(request.latest.judgement["route"]["clock_hours"], at=LATER)
    assert request.appeal.denial_due_at == due
    request = act("overturn", request, cast["max"], LATER)
    held = Authorization.objects.get(request=request)
    assert (request.status, held.decision.kind, held.decision.choice) == (Status.APPROVED, "appeal", "approve")
    assert Decision.objects.get(pk=denial.pk).choice == "deny"
    kept = RequestSummary.objects.get(request=request)
    assert (kept.choice, kept.appeal, kept.appeal_decided_at) == ("deny", "overturned", LATER)
    assert kept.grams_allowed == held.grams_per_course
    assert (kept.decided_at, kept.late) == (denial.signed_at, False)
    assert summary_differences() == []
    told = frozen_value(request)
    assert told["decision"]["words"] == "Approved, denial overturned on appeal"
    assert (told["appeal"]["denial"]["words"], told["appeal"]["by"]) == ("Denied", "Paul Colleague, MD")
    assert (told["mark"], told["authorization"]["number"]) == ("", held.number)


def test_an_upheld_denial_says_why_and_is_the_end(cast):
    request = a_request(cast, Status.APPEAL_REVIEW, indication="ibm", answers=IBM)
    assert frozen_value(request)["mark"] == "Denied, under appeal"
    request = act("uphold", request, cast["max"], LATER)
    assert (request.status, request.ended_by) == (Status.DENIED, cast["max"])
    told = frozen_value(request)
    assert told["decision"]["words"] == "Denied, denial upheld on appeal"
    assert told["decision"]["unmet"] == told["appeal"]["denial"]["unmet"] != []
    with pytest.raises(workflow.Refused, match="cannot be appealed"):
        appealed(cast, request, at=LATER)
    assert not next(shown for shown in workflow.actions(cast["petra"], request) if shown.move.verb == "appeal").allowed
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(
            request=request, denial=request.decisions.get(kind="appeal"), submission=request.latest, grounds="Again.",
            filed_at=LATER, filed_by=cast["petra"], filed_name="P", file_by=LATER.date(), denial_due_at=LATER,
        )  # fmt: skip
    assert summary_differences() == []


@pytest.mark.parametrize(("hours", "late"), [(30 * 24 - 20, False), (31 * 24, True)])
def test_the_last_day_is_a_day_of_the_site(cast, hours, late):
    request = a_request(cast, Status.DENIED)
    at = request.ended_at + timedelta(hours=hours)
    assert workflow.last_day_to_appeal(request, request.decisions.last()) == AT.date() + timedelta(days=30)
    if not late:
        assert appealed(cast, request, at=at).status == Status.APPEAL_REVIEW
        return
    with pytest.raises(workflow.Refused, match="could be appealed until 1 Apr 2026"):
        appealed(cast, request, at=at)


@pytest.mark.parametrize("days", ["0", "366", "-3", "1.5", "", "٣", "9" * 500, None])
def test_the_days_are_a_number_of_the_year(cast, days):
    with pytest.raises(workflow.Invalid, match="from 1 to 365"):
        workflow.set_appeal_days(cast.north, days, by=cast["adam"], at=AT)
    with pytest.raises(workflow.Refused):
        workflow.set_appeal_days(cast.north, "30", by=cast["fern"], at=AT)


def test_grounds_are_needed_and_facts_are_checked(cast):
    request = a_request(cast, Status.DENIED)
    for grounds, answers, field in (
        ("  ", {}, "grounds"), ("Why.", {"course_days": "many"}, "course_days"),
        ("Why.", {"emergency": "yes"}, "emergency"),
    ):  # fmt: skip
        with pytest.raises(workflow.Invalid) as wrong:
            workflow.appeal(
                request.uid, by=cast["petra"], at=LATER, version=request.version, grounds=grounds, answers=answers
            )
        assert field in wrong.value.errors
    assert Request.objects.get(pk=request.pk).status == Status.DENIED


def test_nobody_who_signed_or_wrote_decides_in_code_and_in_the_database(cast):
    """Fern recommended, Mira denied, Petra filed and Dora appealed; Max alone is left."""
    request = a_request(cast, Status.DENIED)
    request = appealed(cast, request, at=LATER, by="dora")
    for who in ("mira", "dora"):
        for verb in ("uphold", "overturn", "claim"):
            with pytest.raises(workflow.Refused):
                act(verb, request, cast[who], LATER)
    for who, guard in (("mira", "decider_is_no_recommender"), ("fern", "decider_is_no_recommender"),
                       ("dora", "signer_is_no_author|decided_appeal_was_filed")):  # fmt: skip
        with pytest.raises(IntegrityError, match=guard), transaction.atomic():
            Decision.objects.create(
                request=request, submission=request.latest, kind="appeal", choice="deny", reason="No.",
                signed_by=cast[who], signed_name="n", signed_role="physician_reviewer", signed_at=LATER,
                time_zone="UTC", meaning="m",
            )  # fmt: skip
    assert access.appeal_deciders(request) == [cast["max"]]
    assert access.stranded_appeals(cast.north) == []
    Membership.objects.filter(user=cast["max"]).update(ended_at=LATER)
    assert access.appeal_deciders(request) == []
    assert access.stranded_appeals(cast.north) == [request]


def test_an_appeal_without_new_facts_is_about_what_was_denied(cast):
    draft = a_draft(cast, indication="ibm", answers=IBM)
    request = denied(cast, recommended(cast, submitted(cast, draft), at=AT), at=AT)
    request = appealed(cast, request, at=LATER)
    assert (request.submissions.count(), request.appeal.submission) == (1, request.latest)
    with pytest.raises(workflow.Invalid, match="Write why the denial is overturned"):
        workflow.overturn(
            request.uid, by=cast["max"], at=LATER, version=request.version, presence=present(cast["max"], LATER)
        )
    taken_back = act("withdraw", request, cast["petra"], LATER)
    assert RequestSummary.objects.get(request=taken_back).appeal == "withdrawn"
    assert frozen_value(taken_back)["appeal"]["decided"] is False
    assert summary_differences() == []
