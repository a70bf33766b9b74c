"""A filed request: its page, answering, withdrawing, for its author and the department, each under their own name."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import AT, CIDP, IBM, a_draft, a_request, approved, denied, recommended, submitted
from tests.prescribing.pages import asked, fields, problems, tree, url, words
from utilization import workflow
from utilization.models import Request
from utilization.rules.lifecycle import Status


@pytest.fixture
def question(cast):
    """A request on which Fern asked about the days of the course."""
    return a_request(cast, Status.INFORMATION_ASKED, at=timezone.now() - timedelta(hours=5))


def reply(client, request, **changes):
    page = client.get(url("request-answer", request))
    return client.post(url("request-answer", request), fields(page, "/answer/") | changes)


# --- The page -----------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_the_page_tells_where_it_stands_who_holds_it_and_when_it_is_due(cast, petra):
    request = a_request(cast, at=timezone.now() - timedelta(hours=3))
    workflow.claim(request.uid, by=cast["fern"], at=timezone.now(), version=request.version)
    said = words(petra.get(url("request-page", request)))
    for expected in (
        request.number, "Status With pharmacy since", "Who has it Fern Pharmacist, PharmD pharmacist, since",
        "Next step Pharmacist decides in 2 days (due", "Meets criteria",
        "Asked for 930 g 6 × 155 g",
        "Claimed for review by Fern Pharmacist, PharmD, pharmacist", "Submitted by Petra Prescriber, MD, prescriber",
    ):  # fmt: skip
        assert expected in said, expected


@pytest.mark.long
def test_an_approval_shows_what_it_allows_and_until_when(cast, petra):
    request = a_request(cast, at=timezone.now() - timedelta(hours=3))
    request = approved(cast, request, at=timezone.now(), conditions="Weigh before each course.", order={"months": "3"})
    held = request.authorization
    said = words(petra.get(url("request-page", request)))
    for expected in (
        "Approved", "Weigh before each course.", held.number, f"{held.courses} courses", f"{held.valid_to:%-d %b %Y}",
        "Valid", "Order as decided", "Approves the request as stated in this decision",
    ):  # fmt: skip
        assert expected in said, expected
    assert "due in" not in said, "a decided request waits for nobody"


@pytest.mark.long
def test_a_denial_says_why_and_what_would_meet_the_criteria(cast, petra):
    at = timezone.now() - timedelta(hours=3)
    draft = a_draft(cast, at=at, indication="lems", answers={
        **IBM, "prior_corticosteroids": "not_tried", "prior_immunosuppressant": "not_tried",
        "prior_symptomatic_therapy": "not_tried",
    })  # fmt: skip
    request = denied(cast, recommended(cast, submitted(cast, draft, at=at), at=at, choice="deny"), at=at)
    said = words(petra.get(url("request-page", request)), "//*[@aria-labelledby='decided']")
    assert "Denied The course does not fit the criteria." in said
    assert "Criteria not met" in said
    assert "Would meet it: " in said
    assert "Corticosteroids: failed, not tolerated or contraindicated" in said


def test_internal_notes_never_reach_the_prescriber(cast, petra):
    request = a_request(cast)
    workflow.note(request.uid, by=cast["fern"], at=AT, text="Between us pharmacists.")
    page = petra.get(url("request-page", request)).content.decode()
    assert "Between us" not in page
    assert "note" not in words(petra.get(url("request-page", request)), "//*[@aria-labelledby='history']").lower()


@pytest.mark.long
def test_the_department_reads_it_and_nobody_elses_prescriber(cast, question, seen_by):
    assert seen_by("paul").get(url("request-page", question)).status_code == 200
    for who in ("rosa", "sam"):
        for name in ("request-page", "request-answer", "request-withdraw"):
            assert seen_by(who).get(url(name, question)).status_code == 404


# --- Answering ----------------------------------------------------------------------------------------------------


def test_the_question_stands_above_the_facts_that_it_asks_about(cast, petra, question):
    page = petra.get(url("request-answer", question))
    assert "Fern Pharmacist, PharmD asks" in words(page)
    assert "Why five days?" in words(page)
    assert "#div_id_course_days" in tree(page).xpath("//main//a/@href")
    assert {"text", "course_days", "dose", "safety"} <= asked(page)
    assert "emergency" not in asked(page)


@pytest.mark.long
def test_words_alone_return_it_to_whoever_asked_and_change_no_fact(cast, petra, question):
    assert reply(petra, question, text="Tolerated better.").status_code == 302
    now = Request.objects.get(pk=question.pk)
    assert (now.status, now.submissions.count()) == (Status.PHARMACIST_REVIEW, 1)
    assert "Tolerated better." in words(petra.get(url("request-page", question)))


@pytest.mark.long
def test_a_colleague_corrects_a_fact_under_their_own_name_and_the_difference_is_shown(cast, question, seen_by):
    paul = seen_by("paul")
    assert reply(paul, question, text="Two are enough.", course_days="2").status_code == 302
    now = Request.objects.get(pk=question.pk)
    assert now.latest.author_name == "Paul Colleague, MD"
    assert set(now.authorships.values_list("user__username", flat=True)) == {"petra", "paul"}
    said = words(paul.get(url("request-page", question)))
    assert "Days of a course: 5 days → now 2 days" in said
    assert "Version 2, Paul Colleague, MD" in said


@pytest.mark.long
def test_an_empty_answer_is_sent_back(cast, petra, question):
    page = reply(petra, question)
    assert page.status_code == 422
    assert "Not all that was asked for is answered" in words(page)


@pytest.mark.long
def test_a_faulty_correction_is_named_and_everything_typed_stays(cast, petra, question):
    page = reply(petra, question, text="See below.", course_days="two", product="Privigen")
    assert page.status_code == 422
    assert "whole number" in problems(page)["course_days"]
    kept = fields(page, "/answer/")
    assert (kept["text"], kept["course_days"], kept["product"]) == ("See below.", "two", "Privigen")
    assert Request.objects.get(pk=question.pk).draft == CIDP
    hidden = reply(petra, question, text="a\u202eb", product="Priv\u202e")
    assert hidden.status_code == 422
    assert fields(hidden, "/answer/")["product"] == "Priv\u202e"


@pytest.mark.long
def test_corrections_can_be_looked_at_before_they_are_sent(cast, petra, question):
    page = reply(petra, question, text="Perhaps.", dose="3", preview="yes")
    assert page.status_code == 200
    assert "Exception review" in words(page, "//aside")
    assert fields(page, "/answer/")["text"] == "Perhaps."
    assert Request.objects.get(pk=question.pk).status == Status.INFORMATION_ASKED
    sent = petra.post(url("request-answer", question), fields(page, "/answer/"))
    assert "Acknowledge every warning" in words(sent)
    ticked = fields(sent, "/answer/") | {"acknowledged": tree(sent).xpath("//input[@name='acknowledged']/@value")}
    again = petra.post(url("request-answer", question), ticked)
    assert asked(again) == {"dose_again"}
    html = re.sub(r"[A-Za-z0-9]{64}|[0-9a-f]{8}-[0-9a-f-]{27}", "", again.content.decode())
    assert not [figure for figure in ("230", "231", "3 g/kg", "82.5", "Perhaps") if figure in html]
    wrong = petra.post(url("request-answer", question), fields(again) | {"dose_again": "23"})
    assert wrong.status_code == 422
    assert "This dose and the dose of the request differ" in words(wrong, "//*[@id='error-summary']")
    assert petra.post(url("request-answer", question), fields(wrong) | {"dose_again": "230"}).status_code == 302
    assert Request.objects.get(pk=question.pk).latest.facts["dose_total_g_per_kg"] == "3"


@pytest.mark.long
def test_the_planned_grams_can_be_taken_while_a_question_is_answered_and_nothing_is_sent_yet(cast, petra, question):
    page = reply(petra, question, text="Perhaps.", dose="165", dose_unit="dose_total_g", preview="yes")
    (button,) = tree(page).xpath("//*[@id='dose-figures']//button")
    sent = fields(page, "/answer/") | {button.get("name"): button.get("value")}
    taken = petra.post(url("request-answer", question), sent)
    assert taken.status_code == 200
    kept = fields(taken, "/answer/")
    assert (kept["dose"], kept["dose_unit"], kept["text"]) == ("155", "dose_total_g", "Perhaps.")
    assert Request.objects.get(pk=question.pk).draft == CIDP


@pytest.mark.long
def test_an_answer_that_comes_second_saves_nothing(cast, petra, question, seen_by):
    form = fields(petra.get(url("request-answer", question)), "/answer/") | {"text": "Mine."}
    reply(seen_by("paul"), question, text="Paul was first.")
    late = petra.post(url("request-answer", question), form)
    assert late.status_code == 409
    assert "Nothing was saved" in words(late)
    assert petra.get(url("request-answer", question)).status_code == 409


@pytest.mark.long
def test_an_answer_with_its_second_statement_is_sent_once_however_often(petra, question):
    typed = fields(petra.get(url("request-answer", question)), "/answer/")
    stated = petra.post(url("request-answer", question), typed | {"text": "Half of it.", "dose": "1"})
    again = fields(stated)
    assert "stated" in again
    assert again["form_token"] != typed["form_token"]
    sent = again | {"dose_again": "75", "weight_again": "82.5 kg"}
    places = [petra.post(url("request-answer", question), sent)["Location"] for _ in range(3)]
    assert places == [url("request-page", question)] * 3
    assert Request.objects.get(pk=question.pk).submissions.count() == 2


# --- Withdrawing --------------------------------------------------------------------------------------------------


def test_a_reason_withdraws_it_and_voids_its_authorization(cast, seen_by):
    request = a_request(cast, Status.APPROVED)
    paul = seen_by("paul")
    form = fields(paul.get(url("request-withdraw", request)))
    assert "Write why the request is withdrawn" in words(paul.post(url("request-withdraw", request), form))
    page = paul.post(url("request-withdraw", request), form | {"reason": "The patient moved away."}, follow=True)
    said = words(page)
    assert "The patient moved away." in said
    assert "Withdrawn by Paul Colleague" in said
    assert "Void" in said


def test_what_was_decided_meanwhile_is_not_withdrawn_unseen(cast, petra):
    request = a_request(cast)
    form = fields(petra.get(url("request-withdraw", request))) | {"reason": "Not needed."}
    approved(cast, request, at=AT + timedelta(hours=4))
    late = petra.post(url("request-withdraw", request), form)
    assert late.status_code == 409
    assert "is now approved" in words(late)


def test_a_refusal_is_told_in_words(cast, petra):
    request = a_request(cast, Status.DENIED)
    response = petra.post(url("request-withdraw", request), {"version": request.version, "reason": "Not needed."})
    assert response.status_code == 409
    assert "is denied, where nobody can withdraw it" in words(response)


@pytest.mark.long
def test_what_has_ended_offers_no_withdrawal(cast, petra):
    request = a_request(cast, Status.DENIED)
    page = petra.get(url("request-page", request))
    assert url("request-withdraw", request) not in tree(page).xpath("//@href")
    assert petra.get(url("request-withdraw", request)).status_code == 409


# --- Standing and renewal -----------------------------------------------------------------------------------------


@pytest.mark.long
def test_who_stated_what_is_said_once_and_only_the_exception_at_its_fact(cast, petra, question, seen_by):
    reply(seen_by("paul"), question, text="Two are enough.", course_days="2")
    facts = words(petra.get(url("request-page", question)), "//*[@aria-labelledby='facts']")
    assert facts.count("Petra Prescriber, MD") == 1
    assert "unless said otherwise" in facts
    assert facts.count("Paul Colleague, MD") == 1
    assert "Days of a course 2 days Paul Colleague, MD" in facts


@pytest.mark.long
@pytest.mark.parametrize(
    ("status", "cells", "acts"),
    [
        (Status.PHYSICIAN_REVIEW, ("Nobody has taken it yet physician", "Physician decides"), {"Start a copy"}),
        (Status.INFORMATION_ASKED, ("You asked by Fern", "Answer by", "The clock is stopped"),
         {"Answer", "Start a copy"}),
        (Status.APPROVED, ("Nobody: it is decided", "Renew by"), {"Renew", "Start a copy"}),
        (Status.DENIED, ("You appeals go to somebody who did not decide", "Appeal, or ask again", "appeal by"),
         {"Add what is missing", "Appeal"}),
        (Status.APPEAL_REVIEW, ("Nobody has taken it yet a physician who did not decide before",
         "Physician decides the appeal"), {"Start a copy"}),
        (Status.WITHDRAWN, ("Nobody withdrawn", "Start a copy, if it is needed again"), {"Start a copy"}),
    ],
)  # fmt: skip
def test_the_head_tells_status_holder_next_step_and_grams(cast, petra, status, cells, acts):
    at = timezone.now() - timedelta(hours=6)
    draft = {"indication": "ibm", "answers": IBM} if status == Status.PHYSICIAN_REVIEW else {}
    page = petra.get(url("request-page", a_request(cast, status, at=at, **draft)))
    head = words(page, "//*[contains(@class, 'standing')]")
    for cell in (*cells, "155 g"):
        assert cell in head, cell
    buttons = tree(page).xpath("//*[contains(@class, 'standing-act')]//*[self::a or self::button]")
    assert {re.sub(r" IVIG-\S+", "", " ".join(button.text_content().split())) for button in buttons} == acts
    assert len(tree(page).xpath("//*[contains(@class, 'standing-act')]//*[contains(@class, 'btn-primary')]")) <= 1


def test_a_colleague_reads_that_either_of_them_may_answer(question, seen_by):
    head = words(seen_by("paul").get(url("request-page", question)), "//*[contains(@class, 'standing')]")
    assert "You or Petra Prescriber" in head


@pytest.mark.long
def test_renew_begins_one_renewal_from_request_and_home(cast, petra):
    request = a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=200))
    home = petra.get("/")
    assert "due for review (1)" in words(home)
    assert url("request-renew", request) in tree(home).xpath("//form/@action")
    first = petra.post(url("request-renew", request), fields(home, "/renew/"))
    draft = Request.objects.get(copied_from=request)
    assert first["Location"] == url("request-renewal", draft)
    assert draft.draft["request_type"] == "renewal"
    assert fields(petra.get(url("request-edit", draft)))["request_type"] == "renewal"
    elsewhere = fields(petra.get(url("request-page", request)), "/renew/")
    again = petra.post(url("request-renew", request), elsewhere, follow=True)
    assert "You have a draft begun from" in words(again, "//*[@id='messages']")
    assert Request.objects.filter(copied_from=request).count() == 1
    assert "due for review" not in words(petra.get("/"))


def test_a_copy_of_a_draft_is_no_renewal(cast, petra):
    draft = a_draft(cast)
    response = petra.post(url("request-renew", draft), follow=True)
    assert "can be copied" in words(response, "//*[@id='messages']")


@pytest.mark.parametrize(
    ("days", "named"), [(1, False), (140, True), (200, True), (300, False)]
)  # fmt: skip
def test_home_names_what_comes_up_for_review_until_it_is_long_past(cast, petra, days, named):
    request = a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=days))
    said = words(petra.get("/"))
    assert ("due for review (1)" in said) is named
    if named and request.authorization.review_by < timezone.now().date():
        assert f"{request.authorization.review_by:%-d %b %Y}, passed" in said


@pytest.mark.long
def test_the_rest_of_a_long_list_is_folded(cast, petra):
    for number in range(10):
        a_request(cast, patient=cast.a_patient(mrn=f"L-{number}", name=f"Long {number}"))
    page = petra.get("/")
    assert "Show the other 2" in words(page)
    assert len(tree(page).xpath("//*[@aria-labelledby='open']/div//tbody/tr")) == 8
