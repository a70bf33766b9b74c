"""What a reviewer does on a case: what it changes, what is refused, and that nothing typed is lost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import AT, CIDP, IBM, PASSWORD, a_request, approved, present, recommended
from tests.reviewing.pages import act, case_of, words
from tests.workflow.acts import act as do
from utilization import workflow
from utilization.models import Authorization, Decision, Event, Note, Question
from utilization.reports.case import case
from utilization.rules.dosing.plan import DoseRule
from utilization.rules.lifecycle import Status
from utilization.web.reviewing import forms

HOUR = timedelta(hours=1)
LATER = AT + 2 * HOUR
WORDS = "Four words to keep."
REASON = {"reason_code": "lowest_effective", "reason": "Enough by her weight."}


def ibm(cast, status=Status.PHARMACIST_REVIEW):
    return a_request(cast, status, indication="ibm", answers=IBM)


def preview(client, request, *, script=True, **typed):
    headers = {"HX-Request": "true"} if script else {}
    return client.post(reverse("review-preview", args=[request.uid]), typed, headers=headers)


# --- Acts ---------------------------------------------------------------------------------------------------------
def test_an_approval_as_asked_takes_only_the_password(cast, seen_by):
    request = a_request(cast)
    fern = seen_by("fern")
    assert act(fern, request, "approve", password=PASSWORD).url.startswith(case_of(request))
    request.refresh_from_db()
    assert request.status == Status.APPROVED
    assert "is approved and authorized" in words(fern.get(case_of(request)))
    assert Authorization.objects.get().grams_per_course == 155


def test_an_approval_with_a_changed_order_and_conditions_says_both(cast, seen_by):
    request = a_request(cast)
    fern = seen_by("fern")
    act(
        fern,
        request,
        "approve",
        password=PASSWORD,
        dose_total_g="120",
        course_days="4",
        months="3",
        conditions="Days 1 to 4.",
        **REASON,
    )
    held = Authorization.objects.get()
    assert (held.grams_per_course, held.courses) == (120, 3)
    said = words(fern.get(case_of(request)))
    assert "Conditions: Days 1 to 4." in said
    assert "Changed order: 120 g a course over 4 days, every 4 weeks: 3 courses in 3 months" in said
    assert "Reason: Lowest effective dose or longest effective interval" in said
    assert "Enough by her weight." in said
    prescriber = words(seen_by("petra").get(reverse("request-page", args=[request.uid])))
    assert "Lowest effective dose or longest effective interval" in prescriber
    assert "Enough by her weight." in prescriber


def field(response, verb, name):
    return next(choice for choice in response.context["panel"].choices if choice.verb == verb).form[name].value()


@pytest.mark.long
def test_a_decision_starts_from_the_recommended_order_and_conditions(cast, seen_by):
    """Seen: one course was recommended, and six were authorized."""
    request = a_request(cast)
    sent = {"choice": "approve", "reason": WORDS, "courses": "1", "conditions": "Measure first.",
            "reason_code": "single_course", "password": PASSWORD}  # fmt: skip
    assert act(seen_by("fern"), request, "recommend", **sent).status_code == 302
    request.refresh_from_db()
    page = seen_by("mira").get(case_of(request))
    starting = {name: field(page, "approve", name) for name in (*forms.ORDER, "conditions")}
    assert starting == dict.fromkeys(forms.ORDER) | {"courses": "1", "conditions": "Measure first."}
    said = words(page)
    assert "Courses 6 1 (changed)" in said
    assert "A single course, authorized for 4 weeks." in said
    assert "Reason (needed: the order is not the one that was asked for)" in said
    typed = {name: value for name, value in starting.items() if value} | {"password": PASSWORD}
    refused = act(seen_by("mira"), request, "approve", **typed)
    assert refused.status_code == 422
    assert "Choose a reason: the order is not the one that was asked for." in words(refused)
    reason = {"reason_code": "as_recommended", "reason": WORDS}
    assert act(seen_by("mira"), request, "approve", **typed, **reason).status_code == 302
    held = Authorization.objects.get()
    assert (held.courses, held.grams_total, (held.valid_to - held.valid_from).days) == (1, 155, 27)
    assert Decision.objects.get(kind="decision").conditions == "Measure first."


@pytest.mark.parametrize(
    ("advised", "starts"),
    [
        ({"dose_total_g": "120", "months": "3"}, {"dose_total_g": "120", "months": "3", "courses": "3"}),
        ({"interval_weeks": "6"}, {"interval_weeks": "6", "courses": "4"}),
        ({}, {}),
    ],
)
def test_it_starts_from_each_part_that_was_changed(cast, advised, starts):
    request = a_request(cast)
    code = "dose_corrected" if advised else ""
    request = workflow.recommend(
        request.uid,
        by=cast["fern"],
        at=LATER,
        version=request.version,
        presence=present(cast["fern"], LATER),
        choice="approve",
        terms=workflow.DecisionTerms(reason=WORDS, reason_code=code, order=advised),
    )
    assert forms.starting_order(case(cast["mira"], request, at=LATER)) == starts


def test_months_recommended_for_a_single_course_are_kept(cast):
    request = a_request(cast, answers={**CIDP, "planned_duration": "single_course"})
    request = workflow.recommend(
        request.uid,
        by=cast["fern"],
        at=LATER,
        version=request.version,
        presence=present(cast["fern"], LATER),
        choice="approve",
        terms=workflow.DecisionTerms(reason=WORDS, order={"months": "2"}, reason_code="supply"),
    )
    assert forms.starting_order(case(cast["mira"], request, at=LATER)) == {"months": "2"}


def test_after_a_recommended_denial_it_starts_from_what_was_asked_and_needs_a_reason(cast, seen_by):
    request = a_request(cast)
    sent = {"choice": "deny", "reason": WORDS, "courses": "1", "conditions": "Measure first.", "password": PASSWORD}
    act(seen_by("fern"), request, "recommend", **sent)
    request.refresh_from_db()
    page = seen_by("mira").get(case_of(request))
    assert not field(page, "approve", "courses")
    assert not field(page, "approve", "conditions")
    assert "Reason (needed: the decision departs from the recommendation)" in words(page)


def test_an_order_that_was_recommended_and_cannot_be_given_now_leaves_the_page_whole(cast, seen_by, monkeypatch):
    request = a_request(cast)
    sent = {"choice": "approve", "reason": WORDS, "months": "6", "courses": "5", "password": PASSWORD, **REASON}
    act(seen_by("fern"), request, "recommend", **sent)
    monkeypatch.setattr("utilization.workflow.order_change.MOST_COURSES", 3)
    assert seen_by("mira").get(case_of(request)).status_code == 200


def test_a_total_by_weight_counts_on_the_dosing_weight_to_the_nearest_5_g(cast, seen_by):
    act(seen_by("fern"), a_request(cast), "approve", password=PASSWORD, dose_total_g_per_kg="1.5", **REASON)
    assert Authorization.objects.get().grams_per_course == 115  # 1.5 g/kg × 76.909 kg = 115.36 g


@pytest.mark.long
def test_a_dose_left_to_the_pharmacy_stands_on_the_case_and_is_stated_on_approving(cast, seen_by):
    answers = {name: value for name, value in CIDP.items() if name != "dose_total_g_per_kg"}
    request = a_request(cast, answers={**answers, "dose_by_pharmacy": "yes"})
    fern, mira = seen_by("fern"), seen_by("mira")
    assert "Dose to be advised by pharmacy" in words(fern.get(case_of(request)))
    advised = {"choice": "approve", "reason_code": "lowest_effective", "reason": WORDS, "dose_total_g": "155"}
    act(fern, request, "recommend", password=PASSWORD, **advised)
    request.refresh_from_db()
    page = act(mira, request, "approve", password=PASSWORD)
    assert page.status_code == 422
    assert "state the grams of a course" in words(page)
    act(mira, request, "approve", password=PASSWORD, dose_total_g="155", **REASON)
    assert Authorization.objects.get().grams_per_course == 155


@pytest.mark.long
def test_a_recommendation_goes_to_the_physician_who_reads_it(cast, seen_by):
    request = ibm(cast)
    act(seen_by("fern"), request, "recommend", password=PASSWORD, choice="deny", reason=WORDS)
    said = words(seen_by("mira").get(case_of(request)))
    assert "Recommended: Deny" in said
    assert WORDS in said
    assert "Recommends denial to the physician" in said


def test_a_recommendation_to_deny_carries_no_changed_order(cast, seen_by):
    act(seen_by("fern"), ibm(cast), "recommend", password=PASSWORD, choice="deny", reason=WORDS, months="1")
    assert Decision.objects.get().order is None


@pytest.mark.long
def test_a_denial_names_a_reason_and_sends_the_unmet_criteria_along(cast, seen_by):
    request = ibm(cast, Status.PHYSICIAN_REVIEW)
    page = words(seen_by("mira").get(case_of(request)))
    assert "Goes along by itself Controlled studies show a benefit of IVIG in inclusion body myositis." in page
    act(seen_by("mira"), request, "deny", password=PASSWORD, reason_code="criteria_not_met", reason=WORDS)
    decision = Decision.objects.get(kind="decision")
    assert (decision.choice, decision.reason_code, decision.reason) == ("deny", "criteria_not_met", WORDS)
    assert [criterion["text"] for criterion in decision.unmet] == [
        "Controlled studies show a benefit of IVIG in inclusion body myositis."
    ]


def test_a_question_names_facts_and_stops_the_clock(cast, seen_by):
    request = a_request(cast)
    fern = seen_by("fern")
    act(fern, request, "ask", text=WORDS, facts=["course_days", "product"])
    question = Question.objects.get()
    assert (question.text, question.facts) == (WORDS, ["course_days", "product"])
    said = words(fern.get(case_of(request)))
    assert "Asked for: Days of a course, Product." in said
    assert "The clock is stopped" in said


def test_a_referral_makes_it_the_physicians(cast, seen_by):
    request = a_request(cast)
    act(seen_by("fern"), request, "refer", reason=WORDS)
    said = words(seen_by("mira").get(case_of(request)))
    assert "Referred to the physician by Fern Pharmacist" in said
    assert WORDS in said


def test_a_note_is_added_however_old_the_page_is(cast, seen_by):
    request = a_request(cast)
    workflow.claim(request.uid, by=cast["felix"], at=LATER, version=request.version)
    act(seen_by("fern"), request, "note", text=WORDS)
    assert Note.objects.get().text == WORDS
    assert WORDS in words(seen_by("felix").get(case_of(request)))


# --- What cannot be ------------------------------------------------------------------------------------------------
PHARMACY, PHYSICIAN = ("fern", Status.PHARMACIST_REVIEW), ("mira", Status.PHYSICIAN_REVIEW)
SIGNED = {"conditions": WORDS, "password": PASSWORD}
FAULTY = [
    # who at which stage, indication, verb, what is typed, what is said
    (PHARMACY, "cidp", "approve", {**SIGNED, "password": "wrong"}, "This is not your password"),
    (PHARMACY, "cidp", "approve", {"conditions": WORDS}, "Type your password to sign."),
    (PHARMACY, "cidp", "approve", {**SIGNED, "dose_total_g": "a lot"}, "Total of a course"),
    (PHARMACY, "cidp", "approve", {**SIGNED, "dose_total_g": "9999"}, "which is impossible"),
    (PHARMACY, "cidp", "approve", {**SIGNED, "months": "60"}, "Expected a whole number from 1 to 6."),
    (PHARMACY, "cidp", "approve", {**SIGNED, "dose_total_g": "9", "dose_total_g_per_kg": "2"}, "not both"),
    (PHARMACY, "cidp", "approve", {**SIGNED, "dose_total_g_per_kg": "1e999"}, "or by weight"),
    (PHARMACY, "cidp", "approve", {**SIGNED, "conditions": f"\u202e{WORDS}"}, "hidden"),
    (PHARMACY, "cidp", "approve", {**SIGNED, "conditions": WORDS + "x" * 4001}, "4000"),
    (PHARMACY, "cidp", "approve", {**SIGNED, "version": "x"}, "out of date"),
    (PHARMACY, "cidp", "ask", {"text": WORDS, "facts": ["shoe_size"]}, "Select a valid choice"),
    (PHARMACY, "ibm", "recommend", {"reason": WORDS, "password": PASSWORD}, "Choose to recommend approval or denial."),
    (PHARMACY, "ibm", "recommend", {**SIGNED, "choice": "approve"}, "Write why you recommend this."),
    (PHYSICIAN, "ibm", "deny", {"reason": WORDS, "password": PASSWORD}, "Choose a reason from the list."),
    (PHYSICIAN, "ibm", "deny", {"reason": WORDS, "password": PASSWORD, "reason_code": "no"}, "Select a valid choice"),
]


@pytest.mark.parametrize(("stage", "indication", "verb", "typed", "said"), FAULTY)
def test_an_error_says_what_to_do_and_keeps_all_but_the_password(cast, seen_by, stage, indication, verb, typed, said):
    who, status = stage
    request = a_request(cast, status, indication=indication, answers=IBM if indication == "ibm" else CIDP)
    events = Event.objects.count()
    response = act(seen_by(who), request, verb, **typed)
    assert response.status_code == 422
    assert said in words(response)
    assert WORDS in response.content.decode()
    assert PASSWORD not in response.content.decode()
    assert Event.objects.count() == events
    request.refresh_from_db()
    assert request.status == status


def test_more_than_was_asked_is_refused_to_a_pharmacist_and_stays_typed(cast, seen_by):
    request = a_request(cast, answers={**CIDP, "dose_total_g_per_kg": "1"})
    response = act(seen_by("fern"), request, "approve", password=PASSWORD, dose_total_g="120", conditions=WORDS)
    assert response.status_code == 403
    assert "gives more than was asked, which needs the physician. Recommend it instead." in words(response)
    assert WORDS in words(response)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("who", "verb"), [("fern", "deny"), ("mira", "recommend"), ("mira", "refer"), ("petra", "note"), ("adam", "claim")]
)
def test_an_act_of_another_role_is_forbidden(cast, seen_by, who, verb):
    assert act(seen_by(who), a_request(cast), verb).status_code == 403


@pytest.mark.parametrize(("who", "verb"), [("mira", "approve"), ("mira", "ask")])
def test_what_the_workflow_refuses_is_told_on_the_case(cast, seen_by, who, verb):
    request = a_request(cast, by="dora")
    response = act(seen_by(who), request, verb, text=WORDS, conditions=WORDS, password=PASSWORD)
    assert response.status_code == 403
    assert "Not saved: 1 answer to correct" in words(response)
    assert WORDS in words(response)


@pytest.mark.parametrize("verb", ["claim", "release", "note", "ask", "recommend", "refer", "preview", "approve"])
def test_a_case_of_another_site_answers_as_one_that_does_not_exist(cast, seen_by, verb):
    request = a_request(cast)
    sue = seen_by("sue")
    foreign = act(sue, request, verb, text=WORDS, password=PASSWORD)
    request.uid = "00000000-0000-4000-8000-000000000000"
    missing = act(sue, request, verb, text=WORDS, password=PASSWORD)
    assert (foreign.status_code, foreign.content) == (404, missing.content)


# --- Two at once ---------------------------------------------------------------------------------------------------
def test_the_second_of_two_reviewers_sees_who_did_what_and_what_they_had_written(cast, seen_by):
    request = a_request(cast)
    approved(cast, request, at=LATER)
    events = Event.objects.count()
    response = act(seen_by("felix"), request, "approve", password=PASSWORD, conditions=WORDS)
    said = words(response)
    assert response.status_code == 409
    assert "Approved by Fern Pharmacist, PharmD, pharmacist 2 Mar 2026, 12:00 CET" in said
    assert "Nothing of what you sent was saved or signed." in said
    assert WORDS in said
    assert PASSWORD not in response.content.decode()
    assert Event.objects.count() == events
    assert Decision.objects.count() == 1


def test_an_earlier_signature_in_the_same_words_is_not_taken_for_one_that_came_too_late(cast, seen_by):
    """Fern recommended it before; it came back with other facts, and is withdrawn while she recommends it again."""
    asked = do("ask", recommended(cast, a_request(cast), at=LATER), cast["mira"], LATER + HOUR)
    again = workflow.answer(
        asked.uid, by=cast["petra"], at=LATER + 2 * HOUR, version=asked.version, text="Four days are enough.",
        answers={"course_days": "4"},
        confirmations=workflow.Confirmations(acknowledged=["daily_dose_exceeds_limit"]),
    )  # fmt: skip
    assert again.status == Status.PHARMACIST_REVIEW
    do("withdraw", again, cast["petra"], LATER + 3 * HOUR)
    words_before = Decision.objects.get(signed_by=cast["fern"]).reason
    signed = {"password": PASSWORD, "choice": "approve", "reason": words_before}
    response = act(seen_by("fern"), again, "recommend", **signed)
    assert response.status_code == 409
    assert "Nothing of what you sent was saved or signed." in words(response)
    assert Decision.objects.filter(signed_by=cast["fern"]).count() == 1


def test_a_case_claimed_meanwhile_names_who_claimed_it(cast, seen_by):
    request = a_request(cast)
    workflow.claim(request.uid, by=cast["fern"], at=LATER, version=request.version)
    response = act(seen_by("felix"), request, "refer", reason=WORDS)
    assert response.status_code == 409
    assert "Claimed for review by Fern Pharmacist, PharmD" in words(response)


# --- A changed order -----------------------------------------------------------------------------------------------
def test_a_changed_order_is_planned_and_judged_before_anybody_signs(cast, seen_by):
    request = a_request(cast)
    events = Event.objects.count()
    said = words(preview(seen_by("fern"), request, dose_total_g="115", course_days="4"))
    assert "Total of a course 155 g 115 g (changed)" in said
    assert "Judged again: Meets criteria" in said
    assert "115 g over 4 days" in said
    assert Event.objects.count() == events


def test_more_than_was_asked_is_said_plainly_to_each_role(cast, seen_by):
    little = {**CIDP, "dose_total_g_per_kg": "1"}
    at_pharmacy = a_request(cast, answers=little)
    said = words(preview(seen_by("fern"), at_pharmacy, dose_total_g="120"))
    assert "This gives more than was asked. Only a physician can approve it: sign a recommendation." in said
    at_physician = a_request(cast, Status.PHYSICIAN_REVIEW, answers=little, patient=cast.a_patient(mrn="N-2"))
    said = words(preview(seen_by("mira"), at_physician, dose_total_g="120"))
    assert "This gives more than was asked. Only a physician can give it, as you can here." in said


def test_a_change_beyond_the_criteria_says_that_it_needs_the_physician(cast, seen_by):
    request = a_request(cast)
    said = words(preview(seen_by("fern"), request, course_days="1"))
    assert "1 (changed)" in said
    said = words(preview(seen_by("fern"), request, dose_total_g="200"))
    assert "Exception review" in said
    assert "Dose above the limit" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"dose_total_g": "150 mL"}, "Total of a course"),
        ({"course_days": "0"}, "Days of a course"),
        ({"dose_total_g": "9999"}, "which is impossible"),
        ({"months": "7"}, "Months: Expected a whole number from 1 to 6."),
        ({"dose_total_g": "1", "dose_total_g_per_kg": "1"}, "Give the total in grams or by weight, not both."),
    ],
)
def test_an_order_that_cannot_be_given_says_why(cast, seen_by, typed, said):
    answer = words(preview(seen_by("fern"), a_request(cast), **typed))
    assert "This order cannot be given." in answer
    assert said in answer


def test_without_a_weight_a_dose_by_weight_asks_for_grams(cast, seen_by):
    light = cast.a_patient(mrn="N-2", weight_kg=None, height_cm=None, measured_on=None)
    answers = {name: value for name, value in IBM.items() if name != "dose_total_g_per_kg"}
    request = a_request(cast, patient=light, indication="ibm", answers={**answers, "dose_total_g": "100"})
    answer = words(preview(seen_by("fern"), request, dose_total_g_per_kg="1"))
    assert "The dosing weight is not known, so give the total in grams." in answer


@pytest.mark.long
@pytest.mark.parametrize("panel", ["approve", "recommend"])
def test_without_a_script_the_changed_order_comes_with_the_whole_page(cast, seen_by, panel):
    typed = {"panel": panel, "dose_total_g": "115", "conditions": WORDS, "password": PASSWORD}
    response = preview(seen_by("fern"), a_request(cast), script=False, **typed)
    said = words(response)
    assert response.status_code == 200
    assert "155 g 115 g (changed)" in said
    assert WORDS in said
    assert "Type your password" not in said
    assert PASSWORD not in response.content.decode()
    faulty = preview(seen_by("fern"), a_request(cast), script=False, panel=panel, months="9")
    assert faulty.status_code == 422
    assert "Expected a whole number from 1 to 6." in words(faulty)


def test_a_wrong_password_keeps_the_changed_order_planned(cast, seen_by):
    response = act(seen_by("fern"), a_request(cast), "approve", password="wrong", dose_total_g="115")
    assert "155 g 115 g (changed)" in words(response)


@pytest.mark.long
def test_wrong_passwords_under_a_signature_stop_this_session_until_a_new_sign_in(cast, seen_by):
    request, fern = a_request(cast), seen_by("fern")
    for _ in range(5):
        response = act(fern, request, "approve", password="wrong", conditions=WORDS)
    assert "Too many wrong passwords" in words(response)
    refused = act(fern, request, "approve", password=PASSWORD, conditions=WORDS)
    assert "Nothing was signed" in words(refused)
    assert WORDS in words(refused)
    assert not Decision.objects.exists()
    assert act(seen_by("fern"), request, "approve", password=PASSWORD).status_code == 302


@pytest.mark.long
def test_a_strangers_guesses_at_the_door_stop_no_signature(cast, seen_by):
    """Seen: five wrong passwords of anybody kept a physician, signed in, from deciding."""
    request, mira = ibm(cast, Status.PHYSICIAN_REVIEW), seen_by("mira")
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    guesses = [stranger.post("/account/sign-in/", {"login": "mira", "password": "guess"}) for _ in range(9)]
    assert guesses[-1].status_code == 429
    signed = act(mira, request, "deny", password=PASSWORD, reason_code="criteria_not_met", reason=WORDS)
    assert signed.status_code == 302
    request.refresh_from_db()
    assert request.status == Status.DENIED


def test_a_slip_in_a_changed_order_is_said_before_it_is_signed(cast, seen_by):
    request = a_request(cast)
    said = words(preview(seen_by("fern"), request, dose_total_g="70"))
    assert "Write a reason before you sign this. 70 g was entered where 153.82 g was asked for, 45.5 % of it" in said
    said = words(preview(seen_by("fern"), request, dose_total_g="2"))
    assert "This cannot be signed. A course of 0.026 g/kg is far outside what is given." in said


def test_where_the_criteria_round_nothing_grams_by_weight_stay_exact(cast, seen_by, monkeypatch):
    request = a_request(cast)
    assert "75 g" in words(preview(seen_by("fern"), request, dose_total_g_per_kg="1"))
    monkeypatch.setattr(forms, "rule_of", lambda pack, code: DoseRule(rounding="none"))
    assert "76.91 g" in words(preview(seen_by("fern"), request, dose_total_g_per_kg="1"))
