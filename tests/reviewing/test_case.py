"""The case: who sees it, what stands on it, and which acts it offers to whom."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.cast import AT, CIDP, IBM, a_draft, a_request, denied, present, recommended, submitted
from tests.reviewing.pages import case_of, words
from utilization import workflow
from utilization.models import AccessEntry, Membership
from utilization.reports.case import case, fetch_case
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.facts.date_words import written_day
from utilization.rules.lifecycle import Status, Verb
from utilization.rules.roles import Role
from utilization.web.reviewing.courses import courses_of
from utilization.web.reviewing.decision_panel import Choice
from utilization.web.reviewing.forms import FORMS

LATER = AT + timedelta(hours=2)
HOLDS = (Verb.CLAIM, Verb.RELEASE)
SECRET = "The family rings the ward every day."


def given(day, grams):
    return TypedInfusion(day.isoformat(), "Privigen", grams)


def noted(cast, request):
    workflow.note(request.uid, by=cast["fern"], at=AT + timedelta(hours=2), text=SECRET)
    return request


def corrected(cast):
    """A request whose days were corrected by a colleague when asked."""
    asked = a_request(cast, Status.INFORMATION_ASKED)
    return workflow.answer(
        asked.uid,
        by=cast["paul"],
        at=AT + timedelta(hours=4),
        version=asked.version,
        text="Four days are enough.",
        answers={"course_days": "4"},
        confirmations=workflow.Confirmations(acknowledged=["daily_dose_exceeds_limit"]),
    )


# --- Who ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["fern", "felix", "mira", "dora"])
def test_reviewers_of_the_site_open_a_case(cast, seen_by, who):
    request = a_request(cast)
    assert request.number in words(seen_by(who).get(case_of(request)))


@pytest.mark.parametrize(
    ("who", "status"), [("sue", 404), ("saul", 404), ("petra", 403), ("audrey", 403), ("adam", 403)]
)
def test_nobody_else_opens_it(cast, seen_by, who, status):
    assert seen_by(who).get(case_of(a_request(cast))).status_code == status


def test_a_prescriber_who_reviews_elsewhere_reads_no_case_of_their_department(cast, seen_by):
    request = noted(cast, a_request(cast))
    Membership.objects.create(user=cast["petra"], site=cast.south, role=Role.PHARMACIST, started_at=AT)
    response = seen_by("petra").get(case_of(request))
    assert response.status_code == 404
    assert SECRET not in words(response)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.DISCARDED])
def test_what_was_never_filed_is_no_case_even_to_an_auditor_who_reviews(cast, seen_by, status):
    Membership.objects.create(user=cast["fern"], site=cast.north, role=Role.AUDITOR, started_at=AT)
    assert seen_by("fern").get(case_of(a_request(cast, status))).status_code == 404


def test_opening_a_case_is_a_read_of_the_patients_record(cast, seen_by):
    request = a_request(cast)
    before = AccessEntry.objects.count()
    seen_by("felix").get(case_of(request))
    entry = AccessEntry.objects.first()
    assert AccessEntry.objects.count() == before + 1
    assert (entry.actor_id, entry.request_id, entry.what) == (cast["felix"].pk, request.pk, "review")


@pytest.mark.long
def test_who_wrote_the_request_reads_no_internal_note_though_a_reviewer(cast, seen_by):
    request = noted(cast, a_request(cast, by="dora"))
    assert SECRET in words(seen_by("felix").get(case_of(request)))
    assert SECRET not in words(seen_by("dora").get(case_of(request)))


def test_who_recommended_still_reads_the_notes(cast, seen_by):
    request = noted(cast, a_request(cast, indication="ibm", answers=IBM))
    request = workflow.recommend(
        request.uid,
        by=cast["fern"],
        at=AT + timedelta(hours=3),
        version=request.version,
        presence=present(cast["fern"], AT + timedelta(hours=3)),
        choice="deny",
        terms=workflow.DecisionTerms(reason="No benefit is shown."),
    )
    assert SECRET in words(seen_by("fern").get(case_of(request)))


# --- What ---------------------------------------------------------------------------------------------------------
@pytest.mark.long
def test_one_screen_holds_all_that_a_decision_rests_on(cast, seen_by):
    said = words(seen_by("fern").get(case_of(a_request(cast))))
    for expected in (
        "Ambrose Canary", "N-1001", "82.5 kg", "Meets criteria", "CIDP is an indication backed by strong evidence",
        "Planned by adjusted weight. Rounded from 153.82 g.",
        "Ideal weight (Devine)", "73.181 kg", "155 g a course over 5 days",
        "Every criterion is met, so one pharmacist can approve it.", "Submitted by Petra Prescriber, MD",
        "This is the first.", "Petra Prescriber, MD, 2 Mar 2026",
    ):  # fmt: skip
        assert expected in said, expected


def test_a_trap_stands_with_the_reason_that_the_prescriber_wrote_and_what_was_stated_again(cast, seen_by):
    request = a_request(cast, at=AT + timedelta(days=100))
    said = words(seen_by("fern").get(reverse("review-case", args=[request.uid])))
    assert "more than 90 days ago" in said
    assert "The prescriber writes: Checked with the ward." in said
    assert "Stated a second time at signing: weight 82.5 kg; total dose of a course 153.817 g." in said


@pytest.mark.long
def test_each_fact_names_who_entered_it_where_the_group_has_several_authors(cast, seen_by):
    said = words(seen_by("felix").get(case_of(corrected(cast))))
    assert "Days of a course 4 days Paul Colleague, MD, 2 Mar 2026" in said


def test_a_group_entered_on_two_days_is_not_said_to_be_of_one(cast):
    draft = a_draft(cast)
    for day, answers in ((1, {"course_days": "4"}), (1, {"interval_weeks": "3"})):
        draft = workflow.save_draft(draft.uid, by=cast["petra"], at=AT + timedelta(days=day), answers=answers)
    made = case(cast["fern"], submitted(cast, draft, at=AT + timedelta(days=1, hours=1)), at=AT + timedelta(days=2))
    assert made.entered_by_one is None
    assert "Dose" not in made.entered_together
    assert {name: mark["at"][:10] for name, mark in made.entered_apart.items() if name in CIDP} == {
        "dose_total_g_per_kg": "2026-03-02", "course_days": "2026-03-03", "interval_weeks": "2026-03-03",
    }  # fmt: skip


@pytest.mark.long
def test_both_versions_stand_with_their_difference_after_an_answer(cast, seen_by):
    said = words(seen_by("felix").get(case_of(corrected(cast))))
    assert "Filed by Petra Prescriber, MD, Neurology" in said
    assert "Version 2, which counts" in said
    assert "Version 1 as it stood" in said
    assert "Days of a course: 5 days → now 4 days" in said
    assert "Four days are enough." in said


@pytest.mark.long
def test_a_live_authorization_and_an_open_request_of_the_patient_are_pointed_out(cast, seen_by):
    held = a_request(cast, Status.APPROVED)
    open_one = a_request(cast, at=AT + timedelta(days=1))
    looked_at = a_request(cast, at=AT + timedelta(days=2))
    seen = case(cast["fern"], looked_at, at=AT + timedelta(days=3))
    assert [other.request for other in seen.live_elsewhere] == [held]
    assert [other.request for other in seen.open_elsewhere] == [open_one]
    said = words(seen_by("fern").get(case_of(looked_at)))
    assert held.number in said
    assert f"Another request of this patient for the same indication is open: {open_one.number}" in said


@pytest.mark.long
def test_what_an_earlier_request_authorized_stands_beside_it(cast, seen_by):
    a_request(cast, Status.APPROVED)
    said = words(seen_by("fern").get(case_of(a_request(cast, at=AT + timedelta(days=2)))))
    assert "AUTH-NORTH-2026-00001: 6 × 155 g, 2 Mar 2026 to 1 Sep 2026" in said


@pytest.mark.long
def test_a_decided_case_shows_signature_meaning_and_authorization(cast, seen_by):
    said = words(seen_by("fern").get(case_of(a_request(cast, Status.APPROVED))))
    assert "Fern Pharmacist, PharmD, pharmacist, 2 Mar 2026, 12:00 CET" in said
    assert "Approves the request as stated in this decision, having reviewed it as filed" in said
    assert "6 courses of 155 g, 930 g in all" in said
    assert "due" not in said.split("Decision")[0]


def test_a_denial_shows_its_coded_reason_and_the_criteria_that_went_along(cast, seen_by):
    request = a_request(cast, Status.PHYSICIAN_REVIEW, indication="ibm", answers=IBM)
    said = words(seen_by("fern").get(case_of(denied(cast, request, at=AT + timedelta(hours=4)))))
    assert "Reason: Criteria not met" in said
    assert "Unmet criteria that went along (1)" in said


@pytest.mark.long
def test_a_recommendation_about_an_older_version_is_told_to_count_no_more(cast, seen_by):
    request = a_request(cast, Status.PHYSICIAN_REVIEW, indication="ibm", answers=IBM)
    asked = workflow.ask(
        request.uid, by=cast["mira"], at=AT + timedelta(hours=4), version=request.version, facts=[], text="Days?"
    )
    workflow.answer(
        asked.uid,
        by=cast["petra"],
        at=AT + timedelta(hours=5),
        version=asked.version,
        text="Four.",
        answers={"course_days": "4"},
        confirmations=workflow.Confirmations(acknowledged=["daily_dose_exceeds_limit"]),
    )
    said = words(seen_by("fern").get(case_of(request)))
    assert "so it no longer counts. Given before dose changed: Days of a course: 5 → now 4" in said


@pytest.mark.long
def test_what_is_not_met_open_and_to_weigh_stands_first(cast, seen_by):
    request = a_request(cast, Status.PHYSICIAN_REVIEW, indication="ibm", answers={**IBM, "history_thrombosis": "yes"})
    said = words(seen_by("mira").get(case_of(request)))
    places = [said.index(part) for part in (
        "Not met and to weigh", "Controlled studies show a benefit of IVIG in inclusion body myositis.",
        "Warnings to weigh", "Met (", "Prescriber’s justification", "Decision Held by", "Dose plan", "Other requests",
        "What was stated by",
    )]  # fmt: skip
    assert places == sorted(places)
    renewal = {"request_type": "renewal", "response": "improved", "response_documented": "not_known"}
    unmet = a_request(cast, answers={**CIDP, **renewal, "history_thrombosis": "yes"})
    assert "Open and to weigh" in words(seen_by("fern").get(case_of(unmet)))


def test_the_heading_says_what_there_is_to_weigh(cast):
    seen = case(cast["fern"], a_request(cast, indication="ibm", answers=IBM), at=LATER)
    judgement = {"findings": [], "questions": [], "warnings": []}
    for findings, warnings, heading in (
        ([], [], "Criteria"), (["met"], [], "Criteria"), (["met", "not_met"], [], "Not met"),
        (["unknown"], [], "Open"), ([], ["weak_evidence"], "To weigh"), ([], ["dose_rounded"], "Criteria"),
        (["not_met", "unknown"], ["weak_evidence", "dose_rounded"], "Not met, open and to weigh"),
    ):  # fmt: skip
        seen.filed.judgement = {
            **judgement,
            "findings": [{"result": finding} for finding in findings],
            "warnings": warnings,
        }
        assert seen.weighed == heading


@pytest.mark.long
def test_the_no_answers_of_the_safety_checklist_stand_in_one_line(cast, seen_by):
    request = a_request(cast, answers={**CIDP, "history_thrombosis": "yes"})
    said = words(seen_by("fern").get(case_of(request)))
    assert "Yes: Thrombosis in the past." in said
    by_rest = "No, by the single answer “none of the others”: Heart attack in the past, Heart failure, "
    assert re.search(by_rest + r".*Hyperprolinaemia\.", said)


# --- Which acts ---------------------------------------------------------------------------------------------------
OFFERED = [
    # who, where the request stands, indication, the acts offered
    ("fern", Status.PHARMACIST_REVIEW, "cidp", {"approve", "recommend", "refer", "ask", "note"}),
    ("fern", Status.PHARMACIST_REVIEW, "ibm", {"recommend", "refer", "ask", "note"}),
    ("mira", Status.PHARMACIST_REVIEW, "cidp", set()),
    ("mira", Status.PHYSICIAN_REVIEW, "ibm", {"approve", "deny", "ask", "note"}),
    ("fern", Status.PHYSICIAN_REVIEW, "ibm", set()),
    ("fern", Status.INFORMATION_ASKED, "cidp", set()),
    ("fern", Status.APPROVED, "cidp", set()),
    ("fern", Status.WITHDRAWN, "cidp", set()),
]


@pytest.mark.parametrize(("who", "status", "indication", "offered"), OFFERED)
def test_the_panel_offers_what_this_person_may_do_here(cast, seen_by, who, status, indication, offered):
    answers = IBM if indication == "ibm" else CIDP
    request = a_request(cast, status, indication=indication, answers=answers)
    page = seen_by(who).get(case_of(request)).content.decode()
    shown = {
        verb
        for verb in ("approve", "recommend", "deny", "refer", "ask", "note")
        if f'action="{reverse(f"review-{verb}", args=[request.uid])}#decision"' in page
    }
    assert shown == offered


def unfolded(response):
    return re.findall(
        r'<details class="act" name="act" open>\s*<summary\b.*?<span>(.*?)</span>', response.content.decode(), re.S
    )


@pytest.mark.long
def test_the_likeliest_act_stands_unfolded_and_never_a_denial(cast, seen_by):
    meets = a_request(cast)
    assert unfolded(seen_by("fern").get(case_of(meets))) == ["Approve"]
    unmet = a_request(cast, indication="ibm", answers=IBM, patient=cast.a_patient(mrn="N-2"))
    assert unfolded(seen_by("fern").get(case_of(unmet))) == ["Recommend"]
    assert unfolded(seen_by("mira").get(case_of(recommended(cast, unmet, at=LATER)))) == ["Approve"]
    other = a_request(cast, indication="ibm", answers=IBM, patient=cast.a_patient(mrn="N-3"))
    assert unfolded(seen_by("mira").get(case_of(recommended(cast, other, at=LATER, choice="deny")))) == []


def test_every_act_has_a_key_of_its_own_that_the_page_does_not_use_otherwise():
    choices = [Choice(verb, "", "", form, open=False) for verb, form in FORMS.items() if verb not in HOLDS]
    keys = [choice.key for choice in choices]
    assert len({*keys, "x", "u", "j", "k", "/", "?"}) == len(keys) + 6


@pytest.mark.parametrize(
    ("who", "request_of", "why"),
    [
        ("dora", {"by": "dora"}, "You filed this request or entered facts in it, so another person must review it."),
        ("mira", {}, "do not let you review as a pharmacist"),
        ("fern", {"indication": "ibm", "answers": IBM}, "The route of this request asks for a physician's decision."),
    ],
)
def test_what_is_closed_says_why(cast, seen_by, who, request_of, why):
    said = words(seen_by(who).get(case_of(a_request(cast, **request_of))))
    assert why in said.split("Not open to you now")[1]


def test_a_case_held_by_another_is_closed_until_it_is_taken_over(cast, seen_by):
    request = a_request(cast)
    workflow.claim(request.uid, by=cast["fern"], at=AT + timedelta(hours=2), version=request.version)
    said = words(seen_by("felix").get(case_of(request)))
    assert "Fern Pharmacist holds this request. Claim it to take it over." in said
    assert "Take it over" in said


@pytest.mark.long
def test_a_page_costs_as_many_queries_with_a_long_history_as_with_a_short_one(
    cast, seen_by, django_assert_max_num_queries
):
    request = a_request(cast)
    client = seen_by("fern")

    def cost_after(places):
        for place in places:
            workflow.note(request.uid, by=cast["felix"], at=AT + timedelta(hours=place + 2), text=f"Note {place}")
            if place < 6:
                a_request(cast, Status.WITHDRAWN, at=AT + timedelta(days=place + 1))
        client.get(case_of(request))
        with django_assert_max_num_queries(96) as seen:
            client.get(case_of(request))
        return len(seen)

    assert cost_after(range(1)) == cost_after(range(1, 12))


def test_what_others_did_since_the_last_look_stands_first_and_stays_for_a_while(cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    at = AT + timedelta(hours=4)

    def news(who, moment):
        seen = fetch_case(cast[who], asked.uid, at=moment)
        return [happening.type for happening in case(cast[who], seen, at=moment).news]

    assert news("felix", at) == []  # never looked before: all of it is new
    workflow.write_message(
        asked.uid, by=cast["petra"], at=at + timedelta(minutes=1), side="department", text="Soon.",
        to=workflow.Addressee("pharmacist"),
    )  # fmt: skip
    workflow.write_message(
        asked.uid, by=cast["felix"], at=at + timedelta(minutes=2), side="pharmacist", text="Thank you.",
        to=workflow.Addressee("department"),
    )  # fmt: skip
    assert news("felix", at + timedelta(hours=1)) == ["message.written"]
    assert news("felix", at + timedelta(hours=1, minutes=5)) == ["message.written"]  # the page loaded again
    assert news("felix", at + timedelta(hours=2)) == []


def test_courses_are_scheduled_by_authorizations_and_asked_for_by_the_open_request(cast):
    held = a_request(cast, Status.APPROVED, answers={**CIDP, "baseline_score": "6"}).authorization
    request = a_request(cast, answers={**CIDP, "current_score": "4"})
    made = courses_of(case(cast["fern"], request, at=AT), AT)
    due = [held.valid_from + timedelta(weeks=4 * place) for place in range(held.courses)]
    in_year = [day for day in due if day <= held.valid_to and day.year == held.valid_from.year]
    assert made.grams == held.grams_per_course * len(in_year)
    assert f"{held.valid_from.year}: 0 g given, " in made.plot.heading
    assert "g scheduled; score 6 → 4" in made.plot.heading
    kinds = [row[1] for row in made.plot.table.rows]
    assert kinds.count("course scheduled") == len([day for day in due if day <= held.valid_to])
    assert kinds.count("course asked for") >= 1


@pytest.mark.long
def test_grams_given_stand_beside_those_scheduled_once_they_are_recorded(cast):
    """Two infusions by one authorization, of which one is corrected, and one by that of the request looked at."""
    held = a_request(cast, Status.APPROVED, answers=CIDP)
    opened = a_request(cast, Status.APPROVED, answers=CIDP, at=AT + timedelta(days=60))
    days = [held.authorization.valid_from, opened.authorization.valid_from]
    now = {"by": cast["fern"], "at": AT + timedelta(days=62), "confirmed": True}
    wrong = workflow.record_infusion(held.uid, given(days[0], "30"), **now)
    workflow.correct_infusion(wrong.uid, given(days[0], "35.5"), reason="Read wrongly.", **now)
    workflow.record_infusion(held.uid, given(days[0] + timedelta(days=1), "400"), **now)
    workflow.record_infusion(opened.uid, given(days[1], "20"), **now)
    made = courses_of(case(cast["fern"], opened, at=now["at"]), now["at"])
    assert made.given == Decimal("455.5")
    assert f"{days[0].year}: 455.5 g given, " in made.plot.heading
    told = [(row[0], row[2]) for row in made.plot.table.rows if row[1] == "given"]
    days.insert(1, days[0] + timedelta(days=1))
    assert told == list(zip(map(written_day, days), ("35.5 g", "400.0 g", "20.0 g"), strict=True))
    other = a_request(cast, patient=cast.a_patient(mrn="N-9"), at=AT)
    assert courses_of(case(cast["fern"], other, at=AT), AT).given == 0
