"""What the form asked of whoever filed is counted and kept with the first submission: no answer, no name."""

from datetime import timedelta

from tests.cast import AT, CIDP, Cast, a_draft, a_request, submitted
from tests.naive_summary import summary_differences
from utilization import workflow
from utilization.models import Request, RequestSummary
from utilization.rules.lifecycle import Status

LATER = AT + timedelta(days=200)


def form_of(request):
    kept = RequestSummary.objects.get(request=request)
    return kept.form_questions, kept.form_prefilled, kept.form_changed, kept.form_seconds


def test_of_a_new_request_all_is_asked_and_nothing_prefilled(cast: Cast):
    request = submitted(cast, a_draft(cast, at=AT), at=AT + timedelta(minutes=7))
    questions, *rest = form_of(request)
    assert rest == [0, 0, 420]
    # Each answer is about a question; what was asked and left open counts too.
    assert questions >= len(CIDP)
    assert request.latest.checks["form"] == {"questions": questions, "prefilled": 0, "changed": 0}
    assert summary_differences([request]) == []


def test_of_a_renewal_what_the_copy_brought_is_prefilled_and_what_was_changed_is_told(cast: Cast):
    first = a_request(cast, Status.APPROVED, at=AT)
    draft = workflow.start_draft(
        by=cast["petra"], at=LATER, patient_uid=first.patient.uid, indication="cidp", copy_of=first.uid,
        request_type="renewal",
    )  # fmt: skip
    brought = {name for name, value in draft.draft.items() if value and name != "diagnosis_code"}
    assert draft.prefilled == dict.fromkeys(brought, False)
    assert {"dose_total_g_per_kg", "course_days", "request_type"} <= brought

    def save(minutes: int, **answers: object) -> Request:
        at = LATER + timedelta(minutes=minutes)
        return workflow.save_draft(draft.uid, by=cast["petra"], at=at, answers=answers)

    # The same number again is no change; changed and changed back, it was changed.
    save(1, course_days=draft.draft["course_days"])
    save(2, dose_total_g_per_kg="1")
    save(3, dose_total_g_per_kg="2", response="improved", response_documented="yes", objective_measure="MRC sum score")
    now = save(4, safety=["none_of_these"])
    assert {name for name, changed in now.prefilled.items() if changed} == {"dose_total_g_per_kg"}
    request = submitted(cast, now, at=LATER + timedelta(minutes=9))
    questions, prefilled, changed, seconds = form_of(request)
    assert (prefilled, changed, seconds) == (len(brought), 1, 540)
    assert questions >= len(brought | {"response", "response_documented", "objective_measure", "safety"})
    assert summary_differences([request]) == []


def test_of_a_draft_that_an_earlier_version_began_nothing_is_told(cast: Cast):
    draft = a_draft(cast, at=AT)
    Request.objects.filter(pk=draft.pk).update(prefilled=None)
    request = submitted(cast, draft, at=AT + timedelta(minutes=7))
    assert form_of(request) == (None, None, None, None)
    assert "form" not in request.latest.checks
    assert summary_differences([request]) == []
