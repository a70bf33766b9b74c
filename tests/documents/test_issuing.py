"""From rows to the kept document: frozen from what was filed and signed, issued once, handed out as it was."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import AT, CIDP, IBM, a_draft, a_request, approved, present, recommended, submitted
from tests.documents.reading import squeezed, squeezed_text
from tests.files import a_checked_file
from tests.workflow.acts import act
from utilization import workflow
from utilization.criteria import pack_of
from utilization.documents import justification
from utilization.documents.justification import render, sha256, value_hash
from utilization.jobs import documents
from utilization.models import AccessEntry, Document, Request, Site
from utilization.reports.frozen_justification import NothingFiled, decided, frozen_value
from utilization.rules.canonical_json import canonical
from utilization.rules.lifecycle import Status
from utilization.workflow import prices

CANARY = "Spoke with the family about something else entirely"


def hours(count):
    return AT + timedelta(hours=count)


def criterion(value, name):
    return next(criterion for criterion in value["criteria"] if criterion["id"] == name)


# --- The frozen value -------------------------------------------------------------------------------------------------


def test_the_value_is_exact_and_the_same_each_time(cast):
    request = a_request(cast, Status.APPROVED)
    assert canonical(frozen_value(request)) == canonical(frozen_value(request))


@pytest.mark.long
def test_reading_it_takes_the_same_few_queries_however_much_was_written(cast, django_assert_max_num_queries):
    denied = a_request(cast, Status.DENIED, answers=IBM, indication="ibm")
    asked = a_request(cast, Status.INFORMATION_ASKED)
    for name in ("first.pdf", "second.pdf"):
        workflow.attach(asked.uid, by=cast["petra"], at=hours(3), file=a_checked_file(name))
    answered = act("answer", asked, cast["petra"], hours(5), answers={"course_days": "4"})
    for request in (denied, approved(cast, answered, at=hours(6))):
        read = Request.objects.select_related("site", "patient").get(pk=request.pk)
        # Submissions, signed acts, questions, the authorization, the appeal, files, which criteria were in force, the
        # first dose, the verbal order, opinions asked for and given, the logo.
        with django_assert_max_num_queries(12):
            frozen_value(read)


@pytest.mark.long
@pytest.mark.parametrize("status", [Status.PHARMACIST_REVIEW, Status.PHYSICIAN_REVIEW, Status.INFORMATION_ASKED])
def test_an_open_request_is_marked_and_has_no_decision(cast, status):
    value = frozen_value(a_request(cast, status))
    assert value["mark"] == "Draft, not decided"
    assert value["decision"] is None
    assert value["route"]["stopped"] == (status == Status.INFORMATION_ASKED)
    text = squeezed_text(render(value))
    assert (
        ("Notyetanswered." in text)
        == ("stoppedwhiletheprescriberisasked" in text)
        == (status == Status.INFORMATION_ASKED)
    )


def test_a_draft_has_nothing_to_print(cast):
    with pytest.raises(NothingFiled):
        frozen_value(a_request(cast, Status.DRAFT))


def test_a_withdrawn_request_says_so_with_its_reason(cast):
    value = frozen_value(a_request(cast, Status.WITHDRAWN))
    assert value["mark"] == "Withdrawn, not decided"
    assert value["withdrawal"]["reason"] == "The patient moved away."
    assert value["withdrawal"]["by"] == "Petra Prescriber, MD"


def test_every_fact_of_a_criterion_has_value_unit_author_and_time(cast):
    value = frozen_value(a_request(cast, Status.APPROVED))
    weight, dose, days = criterion(value, "cidp.ceiling")["facts"]
    assert (dose["value"], dose["unit"], dose["by"]) == ("2", "g/kg", "Petra Prescriber, MD")
    assert dose["at"] == {"utc": "2026-03-02T09:00:00Z", "local": "2026-03-02T10:00", "zone": "CET"}
    assert (days["value"], days["unit"]) == ("5", "days")
    assert (weight["value"], weight["unit"]) == ("82.5", "kg")


@pytest.mark.long
def test_how_the_request_was_read_is_no_criterion_that_it_met(cast):
    """A kind of request and a route that nobody gave are assumed, and an antibody leads to another indication."""
    answers = {**CIDP, "anti_mag_antibody": "positive", "justification": "Progressive, nothing else has helped."}
    value = frozen_value(a_request(cast, Status.PHYSICIAN_REVIEW, answers=answers))
    assert [assumption["id"] for assumption in value["assumed"]] == [
        "redirect.anti_mag_neuropathy",
        "default.request_type",
        "default.route",
    ]
    assert not [
        criterion["id"] for criterion in value["criteria"] if criterion["id"].startswith(("default.", "redirect."))
    ]
    assert value["judgement"]["findings"][0]["id"] == "redirect.anti_mag_neuropathy", "the record keeps the judgement"
    cited = {statement["id"] for source in value["statements"] for statement in source["statements"]}
    assert "DA-10" in cited, "what a redirect rests on is cited too"
    text = squeezed_text(render(value))
    assert text.count("Norouteisgiven,soitisjudgedasintravenous.") == 1
    assert "MetNoroute" not in text


def test_only_cited_statements_are_printed_and_every_cited_one_is(cast):
    value = frozen_value(a_request(cast, Status.DENIED, answers=IBM, indication="ibm"))
    cited = {name for part in (*value["criteria"], *value["assumed"], *value["warnings"]) for name in part["evidence"]}
    printed = {statement["id"] for source in value["statements"] for statement in source["statements"]}
    assert printed == cited
    assert {"AN-28", "DA-09"} <= printed


def test_a_denial_takes_its_unmet_criteria_along_and_everyone_who_signed_it(cast):
    value = frozen_value(a_request(cast, Status.DENIED, answers=IBM, indication="ibm"))
    assert value["decision"]["reason_words"] == "Criteria not met"
    assert value["decision"]["unmet"]
    assert value["justification"] == IBM["justification"]
    assert [(signature["name"], signature["role"]) for signature in value["signatures"]] == [
        ("Petra Prescriber, MD", "Prescriber"),
        ("Fern Pharmacist, PharmD", "Pharmacist"),
        ("Mira Physician, MD", "Physician reviewer"),
    ]
    assert all(signature["meaning"] and signature["at"]["zone"] == "CET" for signature in value["signatures"])


@pytest.mark.long
def test_a_changed_order_is_printed_as_asked_and_as_decided_and_judged_as_decided(cast):
    request = approved(cast, a_request(cast), at=hours(2), order={"dose_total_g": "100"}, conditions="Weigh first.")
    value = frozen_value(request)
    dose = next(line for line in value["order"] if line["label"] == "Total dose of a course")
    assert (dose["asked"], dose["decided"]) == ("2 g/kg (155 g)", "100 g")
    assert value["decision"]["words"] == "Approved with changes"
    route = criterion(value, "cidp.route")["facts"][0]
    assert route["by"] == "Not stated, assumed", "a signer of the order did not enter what it left alone"
    assert value["authorization"]["grams_per_course"] == "100"
    (stated,) = (fact for fact in criterion(value, "cidp.ceiling")["facts"] if fact["name"] == "dose_total_g")
    assert (stated["value"], stated["by"]) == ("100", "Fern Pharmacist, PharmD")
    assert value["filed_judgement"]["dose"]["rounded_g"] == "155"
    assert "Asdecided100g" in squeezed_text(render(value))


@pytest.mark.long
def test_a_dose_left_to_the_pharmacy_is_printed_as_such_and_the_order_beside_it(cast):
    answers = {name: value for name, value in CIDP.items() if name != "dose_total_g_per_kg"}
    request = a_request(cast, Status.PHYSICIAN_REVIEW, answers={**answers, "dose_by_pharmacy": "yes"})
    assert "tobeadvisedbypharmacy" in squeezed_text(render(frozen_value(request)))
    value = frozen_value(approved(cast, request, by="mira", at=hours(4), order={"dose_total_g": "155"}))
    dose = value["order"][0]
    assert (dose["label"], dose["asked"], dose["decided"]) == (
        "Total dose of a course", "to be advised by pharmacy", "155 g")  # fmt: skip


def test_only_what_a_clinician_weighs_is_printed_as_a_warning(cast):
    assert frozen_value(a_request(cast))["warnings"] == []
    at_risk = a_request(cast, indication="mmn", answers={**CIDP, "history_thrombosis": "yes"})
    assert [warning["code"] for warning in frozen_value(at_risk)["warnings"]] == ["thrombosis_risk"]


@pytest.mark.long
def test_corrected_facts_and_the_question_that_led_to_them_are_printed(cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    answered = workflow.answer(
        asked.uid, by=cast["paul"], at=hours(3), version=asked.version, text="Two days, I mistyped.",
        answers={"course_days": "2"},
    )  # fmt: skip
    value = frozen_value(answered)
    assert value["request"]["version"] == 2
    assert value["changes"][0]["facts"] == [{"label": "Days of a course", "old": "5 days", "new": "2 days"}]
    assert value["exchanges"][0]["answer"] == "Two days, I mistyped."
    assert value["exchanges"][0]["answered_by"] == "Paul Colleague, MD"
    text = squeezed_text(render(value))
    assert squeezed("Two days, I mistyped.") in text


@pytest.mark.long
def test_what_several_people_wrote_stands_under_each_ones_own_name_and_time(cast):
    """Petra files with a warning; Paul answers Fern by a correction; Mira decides; the site's clock changes after."""
    answers = {**CIDP, "history_thrombosis": "yes"}
    draft = a_draft(cast, answers=answers)
    draft = workflow.save_draft(
        draft.uid, by=cast["petra"], at=AT + timedelta(minutes=37), answers={"course_days": "4"}
    )
    filed = submitted(cast, draft, at=hours(1))
    asked = workflow.ask(
        filed.uid, by=cast["fern"], at=hours(2), version=filed.version, facts=["interval_weeks"], text="Why four?"
    )
    back = workflow.answer(
        asked.uid, by=cast["paul"], at=hours(3), version=asked.version, text="Three.", answers={"interval_weeks": "3"}
    )
    request = recommended(cast, back, at=hours(4), by="felix")
    request = approved(cast, request, by="mira", at=hours(5))
    Site.objects.filter(pk=cast.north.pk).update(time_zone="America/Chicago")
    value = frozen_value(Request.objects.get(pk=request.pk))
    petra, paul = "Petra Prescriber, MD", "Paul Colleague, MD"
    entered = {
        fact["name"]: (fact["by"], fact["at"]["utc"][11:16]) for fact in criterion(value, "cidp.ceiling")["facts"]
    }
    assert entered["dose_total_g_per_kg"] == (petra, "09:00")
    assert entered["course_days"] == (petra, "09:37")
    assert value["prescriber"]["name"] == petra
    assert (value["acknowledged_by"]["name"], value["acknowledged_by"]["at"]["utc"][11:16]) == (paul, "12:00")
    assert (value["exchanges"][0]["by"], value["exchanges"][0]["answered_by"]) == ("Fern Pharmacist, PharmD", paul)
    signed = [(signature["name"], signature["role"], signature["at"]["zone"]) for signature in value["signatures"]]
    assert signed[2:] == [
        ("Felix Pharmacist, PharmD", "Pharmacist", "CET"), ("Mira Physician, MD", "Physician reviewer", "CET"),
    ]  # fmt: skip
    assert (value["decision"]["by"], value["decision"]["at"]["zone"]) == ("Mira Physician, MD", "CET")
    text = squeezed_text(render(value))
    assert squeezed("2 Mar 2026, 03:00 CST") in text
    assert squeezed("2 Mar 2026, 03:37 CST") in text, "the days were typed later than the dose beside them"


def test_what_would_meet_a_criterion_stands_in_the_words_of_the_pack(cast):
    answers = {**CIDP, "dose_total_g_per_kg": "2.4", "justification": "The last course held for two weeks only."}
    request = a_request(cast, answers=answers)
    (clause,) = (
        clause for clause in pack_of(request.latest.pack).indications["cidp"].clauses if clause.id == "cidp.ceiling"
    )
    assert criterion(frozen_value(request), "cidp.ceiling")["to_meet"] == clause.to_meet != ""


def test_an_outcome_that_the_decision_changed_is_told_beside_the_first(cast):
    answers = {**CIDP, "dose_total_g_per_kg": "2.4", "justification": "The last course held for two weeks only."}
    request = a_request(cast, Status.PHYSICIAN_REVIEW, answers=answers)
    value = frozen_value(approved(cast, request, by="mira", at=hours(4), order={"dose_total_g": "150"}))
    assert value["outcome"]["words"] == "Meets criteria as decided; as asked: exception review"


def test_a_recommendation_on_facts_since_corrected_says_so(cast):
    request = a_request(cast, Status.PHYSICIAN_REVIEW)
    asked = workflow.ask(
        request.uid, by=cast["mira"], at=hours(4), version=request.version, facts=["course_days"], text="Why five?"
    )
    answered = workflow.answer(
        asked.uid, by=cast["petra"], at=hours(5), version=asked.version, text="Two.", answers={"course_days": "2"}
    )
    (recommendation,) = frozen_value(answered)["recommendations"]
    assert recommendation["words"] == "Recommended approval of version 1, since corrected"


def test_a_referral_is_among_the_reasons_of_the_route(cast):
    request = a_request(cast)
    request = workflow.refer(
        request.uid, by=cast["fern"], at=hours(2), version=request.version, reason="I know the family."
    )
    value = frozen_value(request)
    assert value["route"]["because"][-1] == "A reviewer referred it to the physician."
    assert "I know the family." not in canonical(value).decode(), "what reviewers tell each other is internal"


@pytest.mark.long
def test_what_was_stated_again_and_the_reasons_against_traps_are_printed(cast):
    prices.set_price(by=cast["adam"], at=AT, site=cast.north, brand="", per_gram="92.50", currency="EUR")
    request = a_request(cast, at=AT + timedelta(days=100))
    printed = squeezed_text(render(frozen_value(request)))
    for expected in (
        "Stated a second time at signing: weight 82.5 kg; total dose of a course 153.817 g.",
        "The weight was measured on 28 Feb 2026, more than 90 days ago", "Checked with the ward.",
        "Estimated cost of a course: 14337.50 EUR (155 g × 92.50 EUR a gram",
    ):  # fmt: skip
        assert squeezed(expected) in printed, expected


def test_an_internal_note_is_never_part_of_it(cast):
    request = a_request(cast)
    workflow.note(request.uid, by=cast["fern"], at=hours(2), text=CANARY)
    value = frozen_value(approved(cast, request, at=hours(3)))
    assert CANARY.encode() not in canonical(value)


def test_times_are_those_of_the_site(cast):
    patient = cast.a_patient(by="sam")
    request = submitted(cast, a_draft(cast, by="sam", patient=patient), at=hours(1))
    assert frozen_value(request)["request"]["submitted"] == {
        "utc": "2026-03-02T10:00:00Z",
        "local": "2026-03-02T04:00",
        "zone": "CST",
    }


# --- Issued once ------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_what_is_issued_is_kept_and_handed_out_again(cast):
    request = a_request(cast, Status.APPROVED)
    first = documents.issued(request, at=hours(4))
    value = frozen_value(request)
    assert bytes(first.content) == render(value)
    assert (first.sha256, first.value_sha256) == (sha256(first.content), value_hash(value))
    assert documents.issued(request, at=hours(5)) == first
    assert Document.objects.count() == 1


@pytest.mark.long
def test_the_same_value_is_kept_once_however_the_clocks_stand(cast):
    """A server whose clock is behind the decision's still finds what it issued."""
    request = a_request(cast, Status.APPROVED)
    assert documents.issued(request, at=hours(-9)) == documents.issued(request, at=hours(-8))
    assert Document.objects.count() == 1


@pytest.mark.long
def test_a_later_program_hands_out_the_bytes_that_were_issued(cast, monkeypatch):
    request = a_request(cast, Status.APPROVED)
    first = documents.issued(request, at=hours(4))
    monkeypatch.setattr(justification, "render", lambda value, proof, logo: b"set otherwise")
    assert bytes(documents.issued(request, at=hours(9)).content) == bytes(first.content)


@pytest.mark.long
def test_a_withdrawal_after_approval_is_issued_anew_and_the_first_stays(cast):
    request = a_request(cast, Status.APPROVED)
    first = documents.issued(request, at=hours(4))
    request = workflow.withdraw(
        request.uid, by=cast["petra"], at=hours(5), version=request.version, reason="No longer needed."
    )
    assert decided(request)
    second = documents.issued(request, at=hours(6))
    assert second != first
    text = squeezed_text(bytes(second.content))
    assert "Voidsince2Mar2026,15:00CET" in text
    assert "Nolongerneeded." in text
    assert Document.objects.count() == 2


@pytest.mark.long
def test_a_decision_has_its_document_made_in_the_background(cast, django_capture_on_commit_callbacks):
    request = a_request(cast)
    with django_capture_on_commit_callbacks(execute=True):
        request = approved(cast, request, at=hours(2))
    assert Document.objects.get().request == request


def test_an_open_request_leaves_nothing_behind(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        request = a_request(cast, Status.PHYSICIAN_REVIEW)
    documents.issue_justification.enqueue(request.pk)
    assert not Document.objects.exists()


# --- The page ---------------------------------------------------------------------------------------------------------


def get(client, user, uid):
    client.force_login(user)
    return client.get(reverse("justification", args=[uid]))


@pytest.mark.long
@pytest.mark.parametrize("reader", ["petra", "paul", "fern", "mira", "audrey"])
def test_everyone_who_may_read_the_request_gets_the_kept_document(cast, client, reader):
    request = a_request(cast, Status.APPROVED)
    answer = get(client, cast[reader], request.uid)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'inline; filename="{request.number}.pdf"'
    assert answer.content == bytes(Document.objects.get().content)
    assert not [name for name in ("Ambrose", "Canary", "N-1001") if name in str(answer.headers)]
    read = AccessEntry.objects.filter(actor_id=cast[reader].pk, what="justification")
    assert read.count() == 1


@pytest.mark.parametrize("stranger", ["rosa", "sam", "sue", "saul"])
def test_a_foreign_request_answers_like_one_that_is_not_there(cast, client, stranger):
    request = a_request(cast, Status.APPROVED)
    foreign = get(client, cast[stranger], request.uid)
    missing = get(client, cast[stranger], "00000000-0000-4000-8000-000000000000")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    assert not Document.objects.exists()


@pytest.mark.parametrize("closed_to", ["forrest", "adam"])
def test_who_may_read_no_patient_is_refused(cast, client, closed_to):
    assert get(client, cast[closed_to], a_request(cast, Status.APPROVED).uid).status_code == 403


@pytest.mark.long
def test_an_open_request_is_printed_with_its_mark_and_not_kept(cast, client):
    request = a_request(cast)
    answer = get(client, cast["fern"], request.uid)
    assert "Draft,notdecided" in squeezed_text(answer.content)
    assert answer["Content-Disposition"] == f'inline; filename="{request.number}-not-decided.pdf"'
    assert not Document.objects.exists()


def test_a_draft_answers_what_to_do_first(cast, client):
    answer = get(client, cast["petra"], a_request(cast, Status.DRAFT).uid)
    assert answer.status_code == 409
    assert "has not been submitted" in answer.content.decode()


def test_the_document_is_read_and_never_posted_to(cast, client):
    request = a_request(cast, Status.APPROVED)
    client.force_login(cast["fern"])
    assert client.post(reverse("justification", args=[request.uid])).status_code == 405


# --- Departures -------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_departure_prints_its_code_in_words_and_its_reason(cast):
    filed = submitted(cast, a_draft(cast), at=hours(1))
    advised = workflow.recommend(
        filed.uid,
        by=cast["fern"],
        at=hours(2),
        version=filed.version,
        presence=present(cast["fern"], hours(2)),
        choice="approve",
        terms=workflow.DecisionTerms(reason="One, then see.", order={"courses": "1"}, reason_code="single_course"),
    )
    given = {"order": {"courses": "1"}, "reason_code": "as_recommended", "reason": "Nothing is lost by waiting."}
    value = frozen_value(approved(cast, advised, at=hours(3), by="mira", **given))
    assert value["recommendations"][0]["reason_words"] == "One course, then review of the response"
    assert value["decision"]["reason_words"] == "As the pharmacist recommends"
    assert {"label": "Months", "asked": "not stated", "decided": "4 weeks, for a single course"} in value["order"]
    assert (value["authorization"]["valid_from"], value["authorization"]["valid_to"]) == ("2026-03-02", "2026-03-29")
    text = squeezed_text(render(value))
    for printed in (
        "Onecourse,thenreviewoftheresponse", "Asthepharmacistrecommends", "Nothingislostbywaiting.",
        "4weeks,forasinglecourse",
    ):  # fmt: skip
        assert printed in text, printed


@pytest.mark.long
def test_a_decision_signed_before_there_were_codes_prints_as_it_was(cast):
    old = frozen_value(a_request(cast, Status.APPROVED))
    assert (old["decision"]["reason_words"], old["decision"]["reason"]) == ("", "")
    assert "Reason:" not in squeezed_text(render(old)).split("Decision")[1].split("Signatures")[0]
