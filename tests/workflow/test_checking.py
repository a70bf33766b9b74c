"""The dose checked at the door: what is stated again, what is stopped, what needs a reason, and what is kept of it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.cast import AT, CIDP, REASONS, Cast, a_draft, a_request, present, stated_again, submitted
from utilization import workflow
from utilization.access import OTHER_IMMUNOGLOBULIN
from utilization.models import Patient, Submission
from utilization.rules.facts.values import plain
from utilization.rules.lifecycle import Status

RIGHT = {"dose": "155", "weight": "82.5 kg"}


def submit(cast, draft, *, again=RIGHT, reasons=None, at=AT):
    case = workflow.read_request(draft, at).judgement
    return workflow.submit(
        draft.uid,
        by=cast["petra"],
        at=at,
        version=draft.version,
        mrn=draft.patient.mrn,
        attested=True,
        confirmations=workflow.Confirmations(
            acknowledged=[*case.warnings, OTHER_IMMUNOGLOBULIN],
            again=again,
            reasons=reasons or {},
            confirmed={doubt.fact for doubt in workflow.read_request(draft, at).intake.doubts},
        ),
    )


def faults(cast, again=RIGHT, reasons=None, at=AT, patient=None, **answers):
    draft = a_draft(cast, answers={**CIDP, **answers}, patient=patient)
    with pytest.raises(workflow.Invalid) as invalid:
        submit(cast, draft, again=again, reasons=reasons, at=at)
    assert not Submission.objects.filter(request=draft).exists()
    return invalid.value.errors


@pytest.mark.parametrize("weight", ["82.5 kg", "181.9 lb", "82.500 KG", "82500 g"])
@pytest.mark.parametrize("dose", ["155", "155 g", "155000 mg", "153.82"])
def test_dose_and_weight_stated_again_are_kept_with_what_is_filed(cast: Cast, dose, weight):
    filed = submit(cast, a_draft(cast), again={"dose": dose, "weight": weight})
    kept = filed.latest.checks["again"]
    assert abs(float(kept["weight_kg"]) - 82.5) < 0.1
    assert kept["dose_total_g"] in ("155", "155.000", "153.82")
    assert "traps" not in filed.latest.checks or filed.latest.checks["traps"] == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("165 lb", "74.84274105"), ("165.5 lbs", "75.069537235"), ("74.84 kg", "74.84"), ("74840 g", "74.84")],
)
def test_a_weight_in_another_unit_is_converted_exactly(cast: Cast, typed, kept):
    light = cast.a_patient(mrn="N-9", weight_kg="74.843")
    filed = submit(cast, a_draft(cast, patient=light), again={"dose": "145", "weight": typed})
    assert filed.latest.checks["again"]["weight_kg"] == kept


def test_a_height_that_cannot_be_measured_takes_a_reason_which_is_kept(cast: Cast):
    seated = cast.a_patient(mrn="N-9", height_cm=None)
    again = {"dose": "165", "weight": "82.5 kg"}
    assert set(faults(cast, again, patient=seated)) == {"reason_height_missing"}
    reasons = {"height_missing": "Contractures of both legs."}
    (trap,) = submit(cast, a_draft(cast, patient=seated), again=again, reasons=reasons).latest.checks["traps"]
    assert (trap["code"], trap["fact"], trap["reason"]) == ("height_missing", "height_cm", "Contractures of both legs.")


def test_a_days_dose_left_as_the_whole_course_is_questioned_although_stated_twice(cast: Cast):
    errors = faults(cast, {**RIGHT, "dose": "30"}, dose_total_g_per_kg="0.4")
    assert errors == {"reason_below_target": ["Write why this is right, or correct it."]}
    draft = a_draft(cast, answers={**CIDP, "dose_total_g_per_kg": "0.4"})
    filed = submit(cast, draft, again={**RIGHT, "dose": "30"}, reasons={"below_target": "Test dose before the course."})
    assert "20 % of the 2 g/kg" in filed.latest.checks["traps"][0]["text"]


def test_an_order_in_grams_is_stated_again_per_kilogram(cast: Cast):
    answers = {"dose_total_g_per_kg": "", "dose_total_g": "155"}
    assert "in g/kg" in faults(cast, {"weight": "82.5 kg"}, **answers)["dose_again"][0]
    draft = a_draft(cast, answers={**CIDP, **answers})
    assert submit(cast, draft, again={**RIGHT, "dose": "2"}).latest.checks["again"]["dose_total_g_per_kg"] == "2"


@pytest.mark.parametrize(
    ("again", "field", "said"),
    [
        ({}, "dose_again", "a second time, in grams"),
        ({}, "weight_again", "a second time with its unit"),
        ({**RIGHT, "dose": "1550"}, "dose_again", "the order is 9.9 % of it"),
        ({**RIGHT, "dose": "15.5"}, "dose_again", "decimal point"),
        ({**RIGHT, "dose": "1,550"}, "dose_again", "no mark for thousands"),
        ({**RIGHT, "dose": "0"}, "dose_again", "above 0"),
        ({**RIGHT, "dose": "1550 mL"}, "dose_again", "Expected g, such as 150 g"),
        ({**RIGHT, "dose": "9" * 40}, "dose_again", "Expected between 0.001 and 14000 g"),
        ({**RIGHT, "dose": "0." + "0" * 30 + "1"}, "dose_again", "Expected between 0.001 and 14000 g"),
        ({**RIGHT, "dose": "9" * 30 + " kg"}, "dose_again", "Expected between"),
        ({**RIGHT, "weight": "9" * 35 + " kg"}, "weight_again", "Expected between 0.001 and 700 kg"),
        ({**RIGHT, "weight": "9" * 35 + " lb"}, "weight_again", "Expected between 0.001 and 700 kg"),
        ({**RIGHT, "weight": "82.5"}, "weight_again", "Write the unit with it, such as 82.5 kg or 181.9 lb"),
        ({**RIGHT, "weight": "82.5 lb"}, "weight_again", "in pounds"),
        ({**RIGHT, "weight": "heavy"}, "weight_again", "Expected a number above 0"),
        ({**RIGHT, "weight": "82.5 m"}, "weight_again", "Expected kg"),
        ({**RIGHT, "weight": "82.5 stone"}, "weight_again", "Correct whichever is wrong"),
        ({**RIGHT, "weight": "12 st 17 lb"}, "weight_again", "Expected kg"),
    ],
)
def test_what_contradicts_or_cannot_be_read_is_said_at_its_field(cast: Cast, again, field, said):
    errors = faults(cast, again)
    assert said in " ".join(errors[field])
    assert set(errors) <= {"dose_again", "weight_again"}


@pytest.mark.parametrize("typed", ["12 st 13 lb", "12st13", "181 lb 14 oz", "82500 g", "2910 oz", "181.9 pounds"])
def test_the_weight_is_stated_again_in_any_unit_in_which_it_can_be_entered(cast: Cast, typed):
    checked = submit(cast, a_draft(cast), again={**RIGHT, "weight": typed}).latest.checks
    assert abs(Decimal(checked["again"]["weight_kg"]) - Decimal("82.5")) < Decimal("0.6")


def test_the_course_entered_as_a_day_cannot_be_signed(cast: Cast):
    errors = faults(cast, {**RIGHT, "dose": "9.75"}, dose_total_g_per_kg="", dose_per_day_g="150")
    assert "entered as that of one day" in errors["dose_again"][0]
    errors = faults(cast, {"weight": "82.5 kg"}, dose_total_g_per_kg="", dose_per_day_g="150")
    assert "entered as that of one day" in errors["dose_per_day_g"][0]


def test_a_product_for_under_the_skin_is_refused_for_the_vein(cast: Cast):
    assert "made for use under the skin" in faults(cast, product="Cuvitru")["product"][0]


def test_an_old_weight_needs_a_reason_which_is_kept(cast: Cast):
    later = AT + timedelta(days=100)
    errors = faults(cast, at=later)
    assert errors == {"reason_weight_stale": ["Write why this is right, or correct it."]}
    assert set(faults(cast, at=later, reasons={"weight_stale": "x" * 1001})) == {"reason_weight_stale"}
    filed = submit(cast, a_draft(cast), reasons={"weight_stale": " Bedbound. ", "twofold": "Ignored."}, at=later)
    (trap,) = filed.latest.checks["traps"]
    assert (trap["code"], trap["fact"], trap["reason"]) == ("weight_stale", "weight_kg", "Bedbound.")
    assert "28 Feb 2026" in trap["text"]


def test_a_weight_filed_before_is_the_witness_of_the_next(cast: Cast):
    submitted(cast, a_draft(cast))
    workflow.update_patient(
        cast.patient.uid, by=cast["petra"], at=AT, height_cm="178", weight_kg="181.9", measured_on=AT.date(),
        confirmed=["weight_kg"],
    )  # fmt: skip
    second = a_draft(cast, indication="mmn", patient=Patient.objects.get(pk=cast.patient.pk))
    dose = stated_again(second)["dose"]
    with pytest.raises(workflow.Invalid) as invalid:
        submit(cast, second, again={"dose": dose})
    assert set(invalid.value.errors) == {"reason_pounds_as_kilograms"}
    filed = submit(cast, second, again={"dose": dose}, reasons={"pounds_as_kilograms": "The other was wrong."})
    assert filed.latest.confirmed == ["weight_kg"], "a reason answers for the unusual value too"
    assert filed.latest.checks["again"] == {"dose_total_g": plain(Decimal(dose))}, (
        "the weight filed before was its witness"
    )


def test_without_a_weight_a_reason_is_asked_for_and_nothing_is_compared(cast: Cast):
    light = cast.a_patient(mrn="N-2", weight_kg=None, height_cm=None, measured_on=None)
    assert set(faults(cast, {}, patient=light)) == {"reason_weight_missing"}
    filed = submit(cast, a_draft(cast, patient=light), again={}, reasons=REASONS)
    assert [trap["code"] for trap in filed.latest.checks["traps"]] == ["weight_missing"]
    grams = {**CIDP, "dose_total_g_per_kg": "", "dose_total_g": "150"}
    assert set(faults(cast, {}, patient=light, **grams)) == {"reason_weight_missing"}
    filed = submit(cast, a_draft(cast, patient=light, answers=grams), again={}, reasons=REASONS)
    assert (filed.latest.judgement["outcome"], filed.latest.judgement["questions"]) == (
        "needs_information",
        ["weight_kg"],
    )
    # Nothing can be a witness that was not weighed.
    assert workflow.dose_checks.last_weight(light) is None


def test_a_corrected_dose_is_stated_again_and_a_corrected_day_is_not(cast: Cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    given = {"by": cast["petra"], "at": AT + timedelta(hours=5), "version": asked.version, "text": "See."}
    with pytest.raises(workflow.Invalid) as invalid:
        workflow.answer(asked.uid, **given, answers={"dose_total_g_per_kg": "1"})
    assert set(invalid.value.errors) == {"dose_again"}
    back = workflow.answer(asked.uid, **given, answers={"course_days": "4"})
    assert back.latest.checks == asked.latest.checks
    assert back.latest.ordinal == 2


def test_a_reason_told_once_holds_for_the_corrected_version(cast: Cast):
    later = AT + timedelta(days=100)
    asked = a_request(cast, Status.INFORMATION_ASKED, at=later)
    given = {"by": cast["petra"], "at": later + timedelta(hours=5), "version": asked.version, "text": "See."}
    back = workflow.answer(asked.uid, **given, answers={"course_days": "4"})
    assert back.latest.checks["traps"] == asked.latest.checks["traps"] != []


def test_a_reason_holds_for_its_own_trap_alone(cast: Cast):
    """A weight of another old day is another doubt than the one that was explained."""
    later = AT + timedelta(days=200)
    asked = a_request(cast, Status.INFORMATION_ASKED, at=later)
    assert [trap["code"] for trap in asked.latest.checks["traps"]] == ["weight_stale"]
    workflow.update_patient(
        cast.patient.uid, by=cast["petra"], at=later, height_cm="178", weight_kg="82.5",
        measured_on=(AT + timedelta(days=9)).date(),
    )  # fmt: skip
    given = {"by": cast["petra"], "at": later + timedelta(hours=5), "version": asked.version, "text": "See."}
    with pytest.raises(workflow.Invalid) as invalid:
        workflow.answer(asked.uid, **given, answers={"course_days": "4"})
    assert set(invalid.value.errors) == {"reason_weight_stale"}


def test_a_reviewers_slip_is_stopped_or_needs_a_reason(cast: Cast):
    request = a_request(cast)
    at = AT + timedelta(hours=2)
    given = {"by": cast["fern"], "at": at, "version": request.version, "presence": present(cast["fern"], at)}

    def approve(**order):
        reason = order.pop("reason", "")
        return workflow.approve(
            request.uid,
            **given,
            terms=workflow.DecisionTerms(order=order, reason=reason, reason_code="lowest_effective"),
        )

    for grams, field, said in (("2", "dose_total_g", "far outside"), ("70", "reason", "45.5 % of it")):
        with pytest.raises(workflow.Invalid) as invalid:
            approve(dose_total_g=grams)
        assert set(invalid.value.errors) == {field}
        assert said in invalid.value.errors[field][0]
    assert approve(dose_total_g="70", reason="Half, as agreed.").status == Status.APPROVED
