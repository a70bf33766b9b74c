"""Other immunoglobulin of the same patient: told to whoever asks for more, to whoever decides, and on paper.

Grams, dates and days here are worked out by hand: 2 g/kg of the dosing weight are 155 g; six months from 2 March 2026
end on 1 September 2026.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.cast import AT, CIDP, REASONS, a_draft, a_request, approved, stated_again, submitted
from tests.prescribing.pages import last_page, tree, url, words
from utilization import access, workflow
from utilization.documents.justification import page as printed
from utilization.models import Request
from utilization.reports.case import case
from utilization.reports.frozen_justification import frozen_value
from utilization.rules.lifecycle import Status
from utilization.workflow import Invalid

TOLD = "Other immunoglobulin for this patient"


def an_authorization(cast, *, at=AT, **draft):
    return approved(cast, a_request(cast, at=at, **draft), at=at + timedelta(hours=2))


def told(cast, who, request, on=date(2026, 3, 3)):
    return access.other_immunoglobulin(cast[who], request, on)


def test_an_authorization_for_another_indication_is_told_with_grams_and_dates(cast):
    held = an_authorization(cast)
    draft = a_draft(cast, indication="lems")
    [one] = told(cast, "petra", draft)
    assert (one.uid, one.number, one.indication) == (held.uid, held.authorization.number, "cidp")
    assert (one.authorized, one.department, one.grams_per_course) == (True, "Neurology", 155)
    assert (one.first, one.last) == (date(2026, 3, 2), date(2026, 9, 1))


def test_an_open_request_is_told_with_the_grams_asked_and_the_day_of_filing(cast):
    asked = a_request(cast)
    [one] = told(cast, "petra", a_draft(cast, indication="lems"))
    assert (one.number, one.authorized, one.courses, one.grams_per_course) == (asked.number, False, None, 155)
    assert (one.first, one.last) == (date(2026, 3, 2), None)


@pytest.mark.parametrize(
    ("status", "is_told"),
    [
        (Status.DRAFT, False), (Status.DISCARDED, False), (Status.PHARMACIST_REVIEW, True),
        (Status.PHYSICIAN_REVIEW, True), (Status.INFORMATION_ASKED, True), (Status.APPROVED, True),
        (Status.DENIED, False), (Status.WITHDRAWN, False),
    ],
)  # fmt: skip
def test_what_counts_as_other_immunoglobulin(cast, status, is_told):
    a_request(cast, status)
    assert bool(told(cast, "petra", a_draft(cast, indication="lems"))) == is_told


@pytest.mark.parametrize(
    ("on", "is_told"),
    [
        (date(2026, 2, 1), True),  # one that begins later is on its way
        (date(2026, 3, 2), True), (date(2026, 9, 1), True), (date(2026, 9, 2), False),
    ],
)  # fmt: skip
def test_an_authorization_counts_to_the_end_of_its_last_day(cast, on, is_told):
    an_authorization(cast)
    assert bool(told(cast, "petra", a_draft(cast, indication="lems"), on)) == is_told


def test_the_day_is_that_of_the_site(cast):
    # In Vienna it is 3 March already.
    asked = submitted(cast, a_draft(cast), at=datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    [one] = told(cast, "fern", a_request(cast, indication="cidp"))
    assert (one.number, one.first) == (asked.number, date(2026, 3, 3))


def test_a_void_authorization_and_the_request_itself_are_not_told(cast):
    held = an_authorization(cast)
    workflow.withdraw(held.uid, by=cast["petra"], at=AT + timedelta(days=1), version=held.version, reason="Moved.")
    alone = a_request(cast)
    assert told(cast, "petra", alone) == []


def test_another_patient_is_nobody_s_other_immunoglobulin(cast):
    an_authorization(cast)
    other = cast.a_patient(mrn="N-2", name="Mina Harker")
    assert told(cast, "petra", a_draft(cast, patient=other)) == []


def test_of_another_department_s_request_a_prescriber_is_told_department_grams_and_dates_alone(cast):
    held = an_authorization(cast)
    draft = a_draft(cast, by="rosa", indication="lems")
    [one] = told(cast, "rosa", draft)
    assert (one.uid, one.number, one.indication) == (None, "", "")
    assert (one.department, one.grams_per_course, one.last) == ("Neurology", 155, date(2026, 9, 1))
    assert held.authorization.number not in str(one.as_json())
    # A reviewer of the site reads both.
    [seen] = told(cast, "fern", draft)
    assert (seen.number, seen.indication) == (held.authorization.number, "cidp")


def test_of_several_the_oldest_comes_first(cast):
    old = an_authorization(cast, at=AT - timedelta(days=30))
    new = a_request(cast, at=AT)
    pointed_out = told(cast, "petra", a_draft(cast, indication="lems"))
    assert [other.number for other in pointed_out] == [old.authorization.number, new.number]


# --- Where it is told ---------------------------------------------------------------------------------------------


@pytest.fixture
def second(cast):
    """A draft for another indication of a patient with an authorization, as of now."""
    now = datetime.now(tz=UTC)
    held = an_authorization(cast, at=now - timedelta(days=1))
    answers = {**CIDP, "history_thrombosis": "yes", "justification": "Both are needed."}
    return held, a_draft(cast, indication="ibm", at=now - timedelta(hours=1), answers=answers)


@pytest.mark.long
def test_the_form_and_the_review_page_name_indication_grams_and_dates(cast, petra, second):
    held, draft = second
    period = f"valid {held.authorization.valid_from:%-d %b %Y} to {held.authorization.valid_to:%-d %b %Y}"
    for page in (petra.get(url("request-edit", draft)), last_page(petra, draft)):
        text = words(page, "//*[@id='other-immunoglobulin']")
        assert TOLD in text
        assert "Authorized for Chronic inflammatory demyelinating polyneuropathy (CIDP): " in text
        assert "155 g" in text
        assert period in text
        assert held.authorization.number in text


@pytest.mark.long
def test_it_is_acknowledged_before_the_request_is_filed(cast, petra, second):
    _, draft = second
    page = last_page(petra, draft)
    assert "other_immunoglobulin" in tree(page).xpath("//input[@name='acknowledged']/@value")
    made = workflow.read_request(draft, datetime.now(tz=UTC)).judgement
    given = {
        "by": cast["petra"], "at": datetime.now(tz=UTC), "version": draft.version, "mrn": draft.patient.mrn,
        "attested": True,
    }  # fmt: skip
    told = workflow.Confirmations(confirmed=["weight_kg"], again=stated_again(draft), reasons=REASONS)
    with pytest.raises(Invalid) as refused:
        workflow.submit(draft.uid, **given, confirmations=replace(told, acknowledged=made.warnings))
    assert "other immunoglobulin" in refused.value.errors["acknowledged"][0]
    with pytest.raises(Invalid) as refused:
        workflow.submit(draft.uid, **given, confirmations=told)
    assert len(refused.value.errors["acknowledged"]) == 2
    assert Request.objects.get(pk=draft.pk).status == Status.DRAFT
    filed = workflow.submit(
        draft.uid, **given, confirmations=replace(told, acknowledged=[*made.warnings, "other_immunoglobulin"])
    )
    assert "other_immunoglobulin" not in filed.latest.acknowledged
    [kept] = filed.latest.checks["other_immunoglobulin"]
    assert (kept["indication"], kept["grams_per_course"], kept["authorized"]) == ("cidp", "155", True)


def test_a_patient_without_any_is_asked_for_nothing(cast, petra):
    draft = a_draft(cast, at=datetime.now(tz=UTC))
    page = last_page(petra, draft)
    assert TOLD not in words(page)
    assert "other_immunoglobulin" not in page.content.decode()
    assert "other_immunoglobulin" not in submitted(cast, draft, at=datetime.now(tz=UTC)).latest.checks


@pytest.mark.long
def test_both_sides_are_told_what_is_so_today_and_paper_what_was_so_at_filing(cast, petra, seen_by, second):
    held, draft = second
    filed = submitted(cast, draft, at=datetime.now(tz=UTC))
    page = seen_by("fern").get(url("review-case", filed))
    for one in (page, petra.get(url("request-page", filed))):
        text = words(one, "//*[@id='other-immunoglobulin']")
        assert TOLD in text
        assert "155 g" in text
    before = frozen_value(filed)
    [line] = before["other_immunoglobulin"]
    assert line["indication"] == "Chronic inflammatory demyelinating polyneuropathy (CIDP)"
    paper = printed(before)
    assert "Other immunoglobulin of this patient, when filed" in paper
    assert "155 g a course" in paper
    valid = held.authorization
    assert f"{valid.valid_from:%-d %b %Y} to {valid.valid_to:%-d %b %Y}" in paper
    workflow.withdraw(held.uid, by=cast["petra"], at=datetime.now(tz=UTC), version=held.version, reason="Moved.")
    assert case(cast["fern"], filed, at=datetime.now(tz=UTC)).other_immunoglobulin == ()
    assert frozen_value(filed)["other_immunoglobulin"] == before["other_immunoglobulin"]


def test_a_corrected_version_keeps_what_was_so_when_it_was_corrected(cast):
    asked = a_request(cast, Status.INFORMATION_ASKED, at=AT)
    an_authorization(cast, at=AT + timedelta(days=1), indication="cidp")
    answered = workflow.answer(
        asked.uid,
        by=cast["petra"],
        at=AT + timedelta(days=2),
        version=asked.version,
        text="Four days.",
        answers={"course_days": "4"},
        confirmations=workflow.Confirmations(
            again=stated_again(asked), reasons=REASONS, acknowledged=["adjusted_weight_applied", "dose_rounded"]
        ),
    )
    assert [
        len(submission.checks.get("other_immunoglobulin", ()))
        for submission in answered.submissions.order_by("ordinal")
    ] == [
        0,
        1,
    ]


def test_a_submission_made_before_this_was_kept_prints_without_it(cast):
    filed = a_request(cast)
    assert "other_immunoglobulin" not in frozen_value(filed)
    assert "Other immunoglobulin" not in printed(frozen_value(filed))


def test_a_request_of_another_department_is_not_named_on_paper_either(cast):
    an_authorization(cast)
    filed = submitted(cast, a_draft(cast, by="rosa"), at=AT + timedelta(hours=5))
    paper = printed(frozen_value(filed))
    assert "Not shown to the prescriber" in paper
    assert "Neurology" in paper
