"""Submission: what stands in its way, what it freezes, and that it happens once."""

import json
from datetime import date, timedelta

import pytest

from tests.cast import AT, CIDP, IBM, REASONS, Cast, a_draft, a_request, grouped, stated_again, submitted
from tests.salted import hmac_of
from utilization import criteria, workflow
from utilization.access import OTHER_IMMUNOGLOBULIN
from utilization.models import Event, NumberSeries, PackVersion, Request, Submission
from utilization.rules.canonical_json import canonical
from utilization.rules.lifecycle import Status


def submit(cast, draft, by="petra", at=AT, **changes):
    case = workflow.read_request(draft, at).judgement
    given = {"version": draft.version, "mrn": draft.patient.mrn, "attested": True, "acknowledged": case.warnings}
    given |= {"again": stated_again(draft, at), "reasons": REASONS}
    return workflow.submit(draft.uid, by=cast[by], at=at, **grouped("submit", given | changes))


def faults(cast, answers=CIDP, indication="cidp", **changes):
    draft = a_draft(cast, answers=answers, indication=indication)
    with pytest.raises(workflow.Invalid) as invalid:
        submit(cast, draft, **changes)
    assert not Submission.objects.exists()
    assert not NumberSeries.objects.exists()
    assert Request.objects.get(pk=draft.pk).version == draft.version
    return invalid.value.errors


def without(answers, *names, **changes):
    return {**{k: v for k, v in answers.items() if k not in names}, **changes}


def test_another_patients_mrn_stops_it(cast: Cast):
    assert set(faults(cast, mrn="N-1002")) == {"mrn"}
    assert set(faults(cast, mrn="")) == {"mrn"}


@pytest.mark.parametrize("forged", [False, "yes", None, 1])
def test_it_must_be_attested(cast: Cast, forged):
    assert set(faults(cast, attested=forged)) == {"attested"}


def test_every_warning_is_acknowledged(cast: Cast):
    answers = {**CIDP, "history_thrombosis": "yes"}
    assert faults(cast, answers, acknowledged=["dose_rounded"]) == {
        "acknowledged": ["Acknowledge every warning; 1 not acknowledged yet."]
    }


def test_how_a_dose_was_worked_out_is_information_and_asks_for_no_tick(cast: Cast):
    filed = submit(cast, a_draft(cast), acknowledged=[])
    assert filed.latest.judgement["warnings"] == ["adjusted_weight_applied", "dose_rounded"]
    assert filed.latest.acknowledged == []


def test_what_cannot_be_read_stands_in_the_way(cast: Cast):
    assert set(faults(cast, {**CIDP, "course_days": "five"})) == {"course_days"}


def test_an_unusual_value_is_confirmed_first(cast: Cast):
    answers = {**CIDP, "interval_weeks": "100"}
    said = faults(cast, answers)
    assert "unusual" in said["interval_weeks"][0]
    filed = submit(cast, a_draft(cast, answers=answers), confirmed=["interval_weeks", "course_days", "made_up"])
    assert filed.latest.confirmed == ["interval_weeks"]


def test_the_checklist_is_answered(cast: Cast):
    assert set(faults(cast, without(CIDP, "safety"))) == {"safety"}


def test_contradicting_doses_are_one_fault(cast: Cast):
    said = faults(cast, {**CIDP, "dose_per_day_g_per_kg": "2"})
    assert "disagree" in said["dose_total_g_per_kg"][0]


def test_an_open_question_is_answered_or_not_known(cast: Cast):
    open_dose = without(CIDP, "dose_total_g_per_kg")
    renewal = {**CIDP, "request_type": "renewal", "response": "improved"}
    assert set(faults(cast, renewal)) == {"response_documented"}
    filed = submit(cast, a_draft(cast, answers={**renewal, "response_documented": "not_known"}))
    assert filed.outcome == "needs_information"
    left = submit(
        cast, a_draft(cast, answers={**open_dose, "dose_by_pharmacy": "yes"}), acknowledged=[OTHER_IMMUNOGLOBULIN]
    )
    assert (left.outcome, left.grams) == ("needs_information", None)


@pytest.mark.parametrize(
    "dose", [{}, {"dose_total_g_per_kg": "not_known"}, {"dose_by_pharmacy": ""}, {"dose_by_pharmacy": "perhaps"}]
)
@pytest.mark.parametrize("indication", ["cidp", "polymyositis"])
def test_an_order_or_its_being_left_to_the_pharmacy_is_needed(cast: Cast, dose, indication):
    """With the criteria that ask for a dose and with those that do not."""
    said = faults(cast, {**without(IBM, "dose_total_g_per_kg"), **dose}, indication)
    assert said == {"dose": ["State the dose, or choose that it is to be advised by pharmacy."]}


def test_an_amount_without_its_unit_is_no_order(cast: Cast):
    bare = {**without(CIDP, "dose_total_g_per_kg"), "dose_bare": "2"}
    assert set(faults(cast, bare)) == {"dose"}
    assert "Choose the unit" in faults(cast, {**CIDP, "dose_bare": "2"})["dose"][0]


def test_a_dose_is_stated_or_left_to_the_pharmacy_not_both(cast: Cast):
    assert "not both" in faults(cast, {**CIDP, "dose_by_pharmacy": "yes"})["dose"][0]
    bare = {**without(CIDP, "dose_total_g_per_kg"), "dose_bare": "2", "dose_by_pharmacy": "yes"}
    assert "not both" in faults(cast, bare)["dose"][0]


def test_a_dose_left_to_the_pharmacy_is_kept_as_such(cast: Cast):
    filed = submitted(cast, a_draft(cast, answers={**without(CIDP, "dose_total_g_per_kg"), "dose_by_pharmacy": "yes"}))
    assert filed.latest.checks["dose_by_pharmacy"] is True
    assert "dose_by_pharmacy" not in submitted(cast, a_draft(cast, indication="mmn")).latest.checks
    copy = workflow.start_draft(
        by=cast["petra"], at=AT, patient_uid=cast.patient.uid, indication="cidp", copy_of=filed.uid
    )
    assert "dose_by_pharmacy" not in copy.draft


def test_a_product_of_no_table_stands_in_the_way_until_it_is_chosen_or_left_out(cast: Cast):
    said = faults(cast, {**CIDP, "product": "Prvigen"})
    assert "No product of this name is in the table" in said["product"][0]
    assert submit(cast, a_draft(cast, answers={**CIDP, "product": "Privigen"})).outcome == "meets"


def test_the_checklist_answered_not_known_answers_each_of_its_facts(cast: Cast, monkeypatch):
    """No rule of the built-in pack asks for a fact of the checklist; a site's pack may."""
    draft = a_draft(cast, answers={**CIDP, "safety": "not_known", "course_days": "not_known"})
    assert submit(cast, draft).status == Status.PHARMACIST_REVIEW


def test_unmet_criteria_need_a_justification(cast: Cast):
    assert set(faults(cast, without(IBM, "justification"), "ibm")) == {"justification"}
    filed = submit(cast, a_draft(cast, answers=IBM, indication="ibm"))
    assert filed.latest.justification == IBM["justification"]
    assert filed.latest.judgement["route"]["approvals"] == ["pharmacist", "physician"]


def test_an_emergency_needs_its_reason_and_shortens_the_clock(cast: Cast):
    answers = {**CIDP, "emergency": "yes"}
    assert set(faults(cast, answers)) == {"emergency_reason"}
    filed = submit(cast, a_draft(cast, answers={**answers, "emergency_reason": "Breathing fails."}))
    assert (filed.emergency, filed.emergency_reason, filed.expedited) == (True, "Breathing fails.", True)
    assert filed.due_at == AT + timedelta(hours=24)


def test_a_reason_without_an_emergency_is_left_out(cast: Cast):
    filed = submit(cast, a_draft(cast, answers={**CIDP, "emergency": "", "emergency_reason": "Breathing fails."}))
    assert (filed.emergency, filed.emergency_reason) == (False, "")


def test_what_is_filed_is_frozen_with_what_judged_it(cast: Cast):
    filed = submitted(cast, a_draft(cast))
    frozen = filed.latest
    assert (filed.number, filed.judged_as, filed.outcome, str(filed.grams)) == (
        "IVIG-NORTH-2026-00001", "cidp", "meets", "155.000",
    )  # fmt: skip
    assert (filed.submitted_at, filed.due_at) == (AT, AT + timedelta(hours=72))
    assert (frozen.ordinal, frozen.as_of, frozen.author_department) == (1, date(2026, 3, 2), "Neurology")
    assert frozen.patient_as_filed["name"] == "Ambrose Canary"
    assert frozen.facts["dose_total_g_per_kg"] == "2"
    assert frozen.judgement["warnings"] == ["adjusted_weight_applied", "dose_rounded"]
    assert frozen.acknowledged == []
    assert set(frozen.entered) == set(frozen.facts)
    assert criteria.judged_again(frozen) == frozen.judgement
    assert PackVersion.objects.get().sha256 == frozen.judgement["criteria"]["sha256"]
    said = Event.objects.last()
    assert b"Ambrose" not in bytes(said.body)


def test_the_log_vouches_for_all_that_is_filed(cast: Cast):
    filed = submitted(cast, a_draft(cast))
    frozen, event = filed.latest, Event.objects.latest("seq")
    whole = {field.name for field in Submission._meta.concrete_fields}
    whole -= {"id", "request", "created_at", "created_by", "pack"}
    kept = {name: getattr(frozen, name) for name in whole} | {"pack": frozen.pack.sha256}
    said = json.loads(bytes(event.body))["data"]["sha256"]
    assert said["hmac"] == hmac_of(said, canonical(kept))


def test_measures_count_as_entered_by_whoever_took_them(cast: Cast):
    """Dora measured the patient, so she has written facts of Petra's request and never judges it."""
    workflow.update_patient(
        cast.patient.uid, by=cast["dora"], at=AT, height_cm="178", weight_kg="81", measured_on=AT.date()
    )
    filed = submitted(cast, a_draft(cast, at=AT))
    assert filed.latest.entered["weight_kg"]["by"] == cast["dora"].pk
    assert filed.latest.entered["age_years"]["by"] == cast["petra"].pk
    assert set(filed.authorships.values_list("user__username", flat=True)) == {"petra", "dora"}
    with pytest.raises(workflow.Refused, match="another person must review"):
        workflow.claim(filed.uid, by=cast["dora"], at=AT, version=filed.version)


def test_numbers_have_no_gap_and_start_anew_each_year_at_the_site(cast: Cast):
    year_end = AT.replace(
        year=2026, month=12, day=31, hour=22, minute=30
    )  # filed an hour later: in Vienna it is 2027 by then
    faults(cast, mrn="wrong")
    numbers = [a_request(cast, at=at).number for at in (AT, AT, year_end)]
    patient = cast.a_patient(by="sam")
    numbers.append(a_request(cast, at=AT.replace(month=12, day=31), by="sam", patient=patient).number)
    assert numbers == [
        "IVIG-NORTH-2026-00001", "IVIG-NORTH-2026-00002", "IVIG-NORTH-2027-00001", "IVIG-SOUTH-2026-00001",
    ]  # fmt: skip


def test_submitting_twice_makes_one_request(cast: Cast):
    draft = a_draft(cast)
    first = submit(cast, draft)
    events = Event.objects.count()
    for version in (draft.version, first.version, 99):
        again = submit(cast, first, version=version, mrn="whatever")
        assert (again.pk, again.version, again.number) == (first.pk, first.version, first.number)
    assert Event.objects.count() == events
    assert Submission.objects.count() == 1


def test_losing_the_race_against_ones_own_other_tab_is_no_conflict(cast: Cast, monkeypatch):
    """Where both tabs had read the draft before either filed it; PostgreSQL lets that happen."""
    filed = a_request(cast)

    def too_late(*given):
        raise workflow.Conflict("It is filed.", filed)

    monkeypatch.setattr("utilization.workflow.submission._submit", too_late)
    assert workflow.submit(filed.uid, by=cast["petra"], at=AT, version=1, mrn="", attested=True) is filed
    with pytest.raises(workflow.Conflict):
        workflow.submit(filed.uid, by=cast["paul"], at=AT, version=1, mrn="", attested=True)


def test_submitting_what_was_discarded_in_another_tab_is_a_conflict(cast: Cast):
    draft = a_draft(cast)
    workflow.discard(draft.uid, by=cast["petra"], at=AT, version=draft.version)
    with pytest.raises(workflow.Conflict, match="discarded"):
        submit(cast, draft)


def test_a_colleague_submits_nothing_twice(cast: Cast):
    filed = a_request(cast)
    with pytest.raises(workflow.Refused):
        submit(cast, filed, by="paul")


def test_a_withdrawn_approval_is_void(cast: Cast):
    request = a_request(cast, Status.APPROVED)
    later = AT + timedelta(days=9)
    request = workflow.withdraw(
        request.uid, by=cast["paul"], at=later, version=request.version, reason="Moved to another hospital."
    )
    assert (request.status, request.ended_at, request.ended_by) == (Status.WITHDRAWN, later, cast["paul"])
    assert request.withdrawal_reason == "Moved to another hospital."
    assert request.authorization.state(later.date()) == "void"


@pytest.mark.parametrize("reason", ["", "  \n", "a\0"])
def test_a_withdrawal_gives_its_reason(cast: Cast, reason):
    request = a_request(cast)
    with pytest.raises(workflow.Invalid) as invalid:
        workflow.withdraw(request.uid, by=cast["petra"], at=AT, version=request.version, reason=reason)
    assert set(invalid.value.errors) == {"reason"}
