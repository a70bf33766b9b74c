"""Signing: with the password, under what was read, within one's power; and the authorization that comes of it."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.cast import AT, CIDP, IBM, PASSWORD, Cast, a_request, approved, denied, present, recommended
from tests.salted import hmac_of
from tests.workflow.acts import act
from utilization import workflow
from utilization.models import Authorization, Decision, Event, Request
from utilization.models.decisions import APPROVE, DENY, RECOMMENDATION
from utilization.rules.canonical_json import canonical
from utilization.rules.lifecycle import Status, Verb
from utilization.workflow.authorization import last_day

SIGNING = ["recommend", "approve", "deny"]


def at_stage(cast, verb):
    return a_request(cast, Status.PHYSICIAN_REVIEW if verb == "deny" else Status.PHARMACIST_REVIEW)


def signer(verb):
    return "mira" if verb == "deny" else "fern"


# --- The signature ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", SIGNING)
@pytest.mark.parametrize(
    "proof",
    [
        lambda cast, who: None,
        lambda cast, who: PASSWORD,
        lambda cast, who: present(cast["max"]),
        lambda cast, who: present(cast[who], AT - timedelta(minutes=3)),
        lambda cast, who: present(cast[who], AT + timedelta(seconds=1)),
    ],
    ids=["none", "the password itself", "another person's", "of some minutes ago", "of a moment to come"],
)
def test_a_signature_takes_the_signers_own_fresh_proof(cast: Cast, verb, proof):
    request = at_stage(cast, verb)
    events = Event.objects.count()
    with pytest.raises(workflow.Invalid) as invalid:
        act(verb, request, cast[signer(verb)], AT, presence=proof(cast, signer(verb)))
    assert set(invalid.value.errors) == {"password"}
    assert Event.objects.count() == events


def test_a_signature_says_who_when_where_and_what_it_means(cast: Cast):
    request = recommended(
        cast, a_request(cast, indication="ibm", answers=IBM), choice="deny", at=AT + timedelta(hours=3)
    )
    signed = request.decisions.get()
    assert (signed.signed_name, signed.signed_role, signed.signed_at, signed.time_zone) == (
        "Fern Pharmacist, PharmD", "pharmacist", AT + timedelta(hours=3), "Europe/Vienna",
    )  # fmt: skip
    assert signed.meaning == workflow.MEANINGS[RECOMMENDATION, DENY]
    assert (signed.submission, signed.kind, signed.choice) == (request.latest, RECOMMENDATION, DENY)
    [unmet] = signed.unmet
    assert unmet.keys() == {"id", "text", "to_meet", "evidence"}
    assert unmet["evidence"]


def test_the_signer_and_the_recommender_are_two_people(cast: Cast):
    request = recommended(cast, a_request(cast), by="dora")
    with pytest.raises(workflow.Refused, match="another person must decide"):
        act("approve", request, cast["dora"], AT)
    assert act("approve", request, cast["mira"], AT).status == Status.APPROVED


def test_who_answered_in_words_has_a_hand_in_it_and_decides_nothing(cast: Cast):
    """Seen: prescriber and pharmacist in one person answered for the department, then approved."""
    request = a_request(cast)
    asked = act("ask", request, cast["fern"], AT)
    back = act("answer", asked, cast["dora"], AT, text="As the ward always does.")
    assert back.submissions.count() == 1, "no fact was changed"
    assert back.authorships.filter(user=cast["dora"]).exists()
    for verb in ("claim", "approve", "recommend", "ask", "refer"):
        with pytest.raises(workflow.Refused, match="You answered for the department"):
            act(verb, back, cast["dora"], AT)
    assert act("approve", back, cast["fern"], AT).status == Status.APPROVED


def test_nor_does_who_answered_the_physician_in_words(cast: Cast):
    request = recommended(cast, a_request(cast))
    asked = act("ask", request, cast["mira"], AT)
    back = act("answer", asked, cast["dora"], AT, text="As the ward always does.")
    assert back.status == Status.PHYSICIAN_REVIEW
    for verb in ("approve", "deny"):
        with pytest.raises(workflow.Refused, match="You answered for the department"):
            act(verb, back, cast["dora"], AT)
    assert act("deny", back, cast["max"], AT).status == Status.DENIED


@pytest.mark.parametrize("answers", [{}, {"course_days": "4"}], ids=["in words", "with a corrected fact"])
def test_who_signed_a_recommendation_does_not_answer_for_the_department(cast: Cast, answers):
    request = recommended(cast, a_request(cast), by="dora")
    asked = act("ask", request, cast["mira"], AT)
    [action] = [action for action in workflow.actions(cast["dora"], asked) if action.move.verb == Verb.ANSWER]
    assert (action.allowed, "somebody else of the department must answer" in action.why) == (False, True)
    with pytest.raises(workflow.Refused, match="somebody else of the department must answer"):
        act("answer", asked, cast["dora"], AT, answers=answers)
    assert asked.questions.get().answered_at is None
    assert act("answer", asked, cast["paul"], AT, answers=answers).status != Status.INFORMATION_ASKED


def test_who_asked_the_question_and_answered_it_decides_nothing(cast: Cast):
    asked = act("ask", a_request(cast), cast["dora"], AT)
    back = act("answer", asked, cast["dora"], AT)
    with pytest.raises(workflow.Refused, match="You answered for the department"):
        act("approve", back, cast["dora"], AT)


def test_who_measured_the_patient_whose_weight_was_filed_decides_nothing(cast: Cast):
    patient = cast.a_patient(by="dora", mrn="N-2")
    request = a_request(cast, patient=patient)
    with pytest.raises(workflow.Refused, match="entered facts"):
        act("approve", request, cast["dora"], AT)


def test_a_recommender_of_an_earlier_version_does_not_decide_either(cast: Cast):
    """The database holds it for the whole request; the door says so first."""
    request = recommended(cast, a_request(cast), by="dora", at=AT + timedelta(hours=2))
    asked = act("ask", request, cast["mira"], AT + timedelta(hours=3))
    back = act("answer", asked, cast["petra"], AT + timedelta(hours=4), answers={"course_days": "4"})
    with pytest.raises(workflow.Refused, match="another person must decide"):
        act("approve", back, cast["dora"], AT + timedelta(hours=5))
    assert act("recommend", back, cast["dora"], AT + timedelta(hours=5)).status == Status.PHYSICIAN_REVIEW


@pytest.mark.parametrize(
    ("verb", "given", "field"),
    [
        ("recommend", {"reason": ""}, "reason"),
        ("recommend", {"choice": "perhaps"}, "choice"),
        ("recommend", {"conditions": "x" * 4001}, "conditions"),
        ("approve", {"reason": "\0"}, "reason"),
        ("approve", {"conditions": None}, "conditions"),
        ("deny", {"reason": " "}, "reason"),
        ("deny", {"reason_code": "because"}, "reason_code"),
        ("deny", {"reason_code": ""}, "reason_code"),
    ],
)
def test_what_is_signed_is_complete(cast: Cast, verb, given, field):
    with pytest.raises(workflow.Invalid) as invalid:
        act(verb, at_stage(cast, verb), cast[signer(verb)], AT, **given)
    assert set(invalid.value.errors) == {field}


def test_a_denial_carries_what_would_meet_the_criteria(cast: Cast):
    request = denied(cast, recommended(cast, a_request(cast, indication="ibm", answers=IBM)))
    decision = request.decisions.get(kind="decision")
    assert (decision.choice, decision.reason_code, decision.signed_role) == (
        DENY,
        "criteria_not_met",
        "physician_reviewer",
    )
    assert [criterion["id"] for criterion in decision.unmet] == [
        finding["id"] for finding in request.latest.judgement["findings"] if finding["result"] == "not_met"
    ]
    assert not Authorization.objects.exists()
    assert (request.ended_by, request.holder) == (cast["mira"], None)


def test_a_denial_carries_every_unmet_criterion_and_none_that_is_open(cast: Cast):
    answers = {
        **CIDP, "request_type": "renewal", "response": "worse", "response_documented": "not_known",
        "dose_total_g_per_kg": "2.4", "justification": "Nothing else has helped.",
    }  # fmt: skip
    request = denied(cast, recommended(cast, a_request(cast, answers=answers)))
    results = {finding["id"]: finding["result"] for finding in request.latest.judgement["findings"]}
    unmet = [criterion["id"] for criterion in request.decisions.get(kind="decision").unmet]
    assert unmet == [name for name, result in results.items() if result == "not_met"]
    assert len(unmet) == 2
    assert "unknown" in results.values()


def test_the_log_vouches_for_all_that_a_signature_stands_under(cast: Cast):
    request = recommended(cast, a_request(cast))
    decision, event = request.decisions.get(), Event.objects.latest("seq")
    # For whom they covered stands in the entry by key, and by name under the digest where they covered for somebody.
    beside = {"id", "request", "submission", "signed_by", "covering_for", "covered_name"}
    whole = {field.name for field in Decision._meta.concrete_fields} - beside
    assert decision.covered_name == ""
    signed = canonical({name: getattr(decision, name) for name in whole})
    said = json.loads(bytes(event.body))["data"]["sha256"]
    assert said["hmac"] == hmac_of(said, signed)


# --- A pharmacist's power --------------------------------------------------------------------------------------------


def test_a_pharmacist_does_not_approve_what_is_routed_to_the_physician(cast: Cast):
    request = a_request(cast, indication="ibm", answers=IBM)
    with pytest.raises(workflow.Refused, match="asks for a physician"):
        approved(cast, request)
    assert approved(cast, recommended(cast, request), by="mira").status == Status.APPROVED


@pytest.mark.parametrize("order", [{"dose_total_g": "160"}, {"courses": "7"}, {"interval_weeks": "3"}])
def test_giving_more_needs_the_physician(cast: Cast, order):
    request = a_request(cast)
    with pytest.raises(workflow.Refused, match="more than was asked"):
        approved(cast, request, order=order)
    sent = act("recommend", request, cast["fern"], AT, order=order)
    assert approved(cast, sent, by="mira", order=order).authorization


def test_more_months_need_the_physician(cast: Cast):
    request = a_request(cast, answers={**CIDP, "requested_authorization_months": "3"})
    with pytest.raises(workflow.Refused, match="more than was asked"):
        approved(cast, request, order={"months": "4"})
    assert approved(cast, recommended(cast, request), by="mira", order={"months": "4"}).authorization.courses == 4


def test_a_known_dose_is_more_than_an_unknown_one(cast: Cast):
    """Multiple sclerosis has no established dose; its route goes to the physician anyway, so ask the rule itself."""
    from utilization.workflow.order_change import Order, gives_more

    assert gives_more(Order(Decimal(5), 5, None, 3, 1), Order(Decimal(5), 5, None, 4, 1))
    unknown = Order(None, None, None, 6, 1)
    assert gives_more(unknown, Order(Decimal(5), None, None, 6, 1))
    assert not gives_more(unknown, unknown)
    left = {"by_pharmacy": True}
    assert not gives_more(unknown, Order(Decimal(5), None, None, 6, 1), **left)
    assert gives_more(unknown, Order(Decimal(5), None, None, 7, 1), **left)
    assert gives_more(Order(Decimal(4), None, None, 6, 1), Order(Decimal(5), None, None, 6, 1), **left)
    assert not gives_more(Order(Decimal(5), 5, None, 6, 2), Order(Decimal(5), 1, None, 5, 1))


def test_a_changed_order_that_itself_needs_the_physician_is_refused(cast: Cast, monkeypatch):
    """Less than was asked can still route to a physician where a pack says so."""
    from utilization.workflow import decisions

    request = a_request(cast)
    real = decisions.judge_changed

    class Sent:
        def __init__(self, judgement):
            self.judgement = judgement

        def as_record(self):
            record = self.judgement.as_record()
            record["route"]["approvals"] = ["pharmacist", "physician"]
            return record

    monkeypatch.setattr(decisions, "judge_changed", lambda *given: Sent(real(*given)))
    with pytest.raises(workflow.Refused, match="needs the physician's decision"):
        approved(cast, request, order={"dose_total_g": "100"})


# --- The order -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dose", "grams"),
    [
        ({"dose_per_day_g": "30"}, "150"),  # 5 x 30 g
        ({"dose_per_day_g_per_kg": "0.4"}, "155"),  # 5 x 0.4 g/kg x 76.909 kg = 153.8 g, to the nearest 5 g
    ],
)
def test_days_that_nobody_knew_complete_the_dose_of_a_day(cast: Cast, dose, grams):
    answers = {**CIDP, "dose_total_g_per_kg": "", **dose, "course_days": "not_known", "justification": "As needed."}
    request = a_request(cast, Status.PHYSICIAN_REVIEW, answers=answers)
    request = approved(cast, request, by="mira", order={"course_days": "5"})
    decision = request.decisions.get(kind="decision")
    assert (decision.order["dose_total_g"], decision.order["course_days"]) == (grams, 5)
    assert decision.judgement["dose"]["rounded_g"] == grams
    assert decision.judgement["outcome"] == "meets"
    assert Authorization.objects.get().grams_per_course == Decimal(grams)


def test_a_smaller_order_is_planned_judged_and_kept_with_the_decision(cast: Cast):
    request = approved(cast, a_request(cast), order={"dose_total_g": "120", "course_days": "3", "months": ""})
    decision = request.decisions.get()
    assert decision.order == {
        "dose_total_g": "120", "course_days": 3, "interval_weeks": "4", "months": 6, "courses": 6,
    }  # fmt: skip
    assert decision.judgement["dose"]["per_day_g"] == "40"
    assert request.latest.facts["course_days"] == 5
    assert request.authorization.grams_per_course == 120


def test_an_order_typed_as_it_was_asked_is_no_change(cast: Cast):
    asked = workflow.asked_order(a_request(cast).latest)
    request = a_request(cast)
    same = {"dose_total_g": "155.0", "course_days": "5", "interval_weeks": "4", "months": "6", "courses": "6"}
    assert asked == workflow.Order(Decimal(155), 5, Decimal(4), 6, 6)
    decision = approved(cast, request, order=same).decisions.get()
    assert (decision.order, decision.judgement) == (None, None)


def test_a_recommended_denial_has_no_order(cast: Cast):
    request = act("recommend", a_request(cast), cast["fern"], AT, choice="deny", order={"dose_total_g": "120"})
    assert request.decisions.get().order is None


def test_fewer_days_keep_the_total_however_it_was_ordered(cast: Cast):
    for dose in ({"dose_total_g": "150"}, {"dose_per_day_g": "30"}, {"dose_per_day_g_per_kg": "0.4"}):
        answers = {"course_days": "5", "safety": ["none_of_these"], **dose}
        request = a_request(cast, answers=answers)
        before = Decimal(request.latest.judgement["dose"]["rounded_g"])
        plan = workflow.preview_order(request.latest, {"course_days": "3"}).as_record()["dose"]
        assert Decimal(plan["rounded_g"]) == before
        assert abs(Decimal(plan["per_day_g"]) - before / 3) < Decimal("0.01")


def test_months_and_interval_are_judged_too(cast: Cast):
    request = a_request(cast)
    judged = workflow.preview_order(request.latest, {"months": "3", "interval_weeks": "6"})
    assert judged.outcome == "meets"
    events = Event.objects.count()
    assert (Request.objects.get().version, Event.objects.count()) == (request.version, events)


BAD_ORDERS = [
    ("dose_total_g", "0"),
    ("dose_total_g", "-5"),
    ("dose_total_g", "1e999"),
    ("dose_total_g", "NaN"),
    ("dose_total_g", "15000"),
    ("dose_total_g", "1600"),  # over 20 g/kg
    ("course_days", "0"),
    ("course_days", "2.5"),
    ("interval_weeks", "0"),
    ("interval_weeks", "often"),
    ("months", "7"),
    ("months", "0"),
    ("months", "1.5"),
    ("courses", "61"),
    ("courses", "x"),
]


@pytest.mark.parametrize(("field", "raw"), BAD_ORDERS)
def test_an_impossible_order_is_named_on_its_field(cast: Cast, field, raw):
    request = a_request(cast)
    for attempt in (
        lambda: approved(cast, request, order={field: raw}),
        lambda: workflow.preview_order(request.latest, {field: raw}),
    ):
        with pytest.raises(workflow.Invalid) as invalid:
            attempt()
        assert set(invalid.value.errors) == {field}


def test_a_forged_field_of_an_order_is_refused(cast: Cast):
    with pytest.raises(workflow.Invalid) as invalid:
        workflow.preview_order(a_request(cast).latest, {"product": "x", "signed_by": "1"})
    assert set(invalid.value.errors) == {"order"}


# --- The authorization -----------------------------------------------------------------------------------------------


def test_an_approval_authorizes_grams_and_courses_within_dates(cast: Cast):
    late = AT.replace(hour=23, minute=30)  # 3 March at the site
    request = approved(cast, a_request(cast), at=late)
    given = request.authorization
    assert given.number == "AUTH-NORTH-2026-00001"
    assert (given.valid_from, given.valid_to, given.review_by) == (
        date(2026, 3, 3), date(2026, 9, 2), date(2026, 8, 3),
    )  # fmt: skip
    assert (given.grams_per_course, given.courses, given.interval_weeks, given.grams_total) == (155, 6, 4, 930)
    assert (given.decision, given.patient, given.indication) == (request.decisions.get(), cast.patient, "cidp")
    states = [given.state(day) for day in (AT.date(), given.valid_from, given.valid_to, date(2026, 9, 3))]
    assert states == ["future", "live", "live", "expired"]


@pytest.mark.parametrize(
    ("answers", "months", "courses"),
    [
        ({"interval_weeks": "2", "requested_authorization_months": "2"}, 2, 4),
        ({"interval_weeks": "12"}, 6, 2),
        ({"requested_authorization_months": "12"}, 6, 6),
    ],
)
def test_courses_are_as_many_as_fit_into_the_months(cast: Cast, answers, months, courses):
    request = a_request(cast, answers={**CIDP, **answers})
    given = approved(cast, request).authorization
    assert given.courses == courses
    assert given.valid_to == {2: date(2026, 5, 1), 6: date(2026, 9, 1)}[months]


def test_a_short_authorization_is_reviewed_at_its_start_at_the_earliest(cast: Cast):
    february = AT.replace(month=2, day=10)
    given = approved(
        cast, a_request(cast, at=february), order={"months": "1", "courses": "2"}, at=february
    ).authorization
    assert (given.valid_to, given.review_by) == (date(2026, 3, 9), given.valid_from)


def test_an_unknown_dose_is_authorized_as_unknown(cast: Cast):
    light = cast.a_patient(mrn="N-2", weight_kg=None, height_cm=None, measured_on=None)
    given = approved(cast, a_request(cast, patient=light)).authorization
    assert (given.grams_per_course, given.grams_total) == (None, None), "an order per kg, without a weight"


def test_a_dose_left_to_the_pharmacy_is_stated_on_approving(cast: Cast):
    answers = {name: value for name, value in CIDP.items() if name != "dose_total_g_per_kg"}
    request = recommended(cast, a_request(cast, answers={**answers, "dose_by_pharmacy": "yes"}))
    with pytest.raises(workflow.Invalid) as invalid:
        approved(cast, request, by="mira")
    assert invalid.value.errors == {
        "dose_total_g": ["The dose was left to be advised by pharmacy: state the grams of a course."]
    }
    given = approved(cast, request, by="mira", order={"dose_total_g": "155"})
    assert given.authorization.grams_per_course == 155


def test_an_authorization_from_the_last_of_august_ends_with_february(cast: Cast):
    august = AT.replace(month=8, day=31)
    given = approved(cast, a_request(cast, at=august), at=august).authorization
    assert (given.valid_from, given.valid_to) == (date(2026, 8, 31), date(2027, 2, 28))
    assert given.review_by == date(2027, 1, 29)
    assert [given.state(day) for day in (date(2027, 2, 28), date(2027, 3, 1))] == ["live", "expired"]


def test_one_decision_a_request(cast: Cast):
    request = approved(cast, recommended(cast, a_request(cast)), by="mira")
    assert [d.choice for d in Decision.objects.filter(kind="decision")] == [APPROVE]
    with pytest.raises(workflow.Refused, match="approved"):
        act("deny", request, cast["max"], AT)


# --- Reasons ---------------------------------------------------------------------------------------------------------

CODED = {"reason_code": "justification_holds", "reason": "Two lines have failed."}
NEEDED = {
    # what is filed, what is recommended, how it is approved: why a reason is needed
    "not met": (IBM, "ibm", None, {}, "not every criterion is met"),
    "not known": (
        {**CIDP, "request_type": "renewal", "response": "improved", "response_documented": "not_known"},
        "cidp", None, {}, "not every criterion is met",
    ),
    "denial advised": (CIDP, "cidp", {"choice": "deny"}, {}, "departs from the recommendation"),
    "one course advised": (CIDP, "cidp", {"order": {"courses": "1"}}, {}, "departs from the recommendation"),
    "grams advised": (CIDP, "cidp", {"order": {"dose_total_g": "120"}}, {"order": {"dose_total_g": "125"}}, "departs"),
    "conditions dropped": (CIDP, "cidp", {"conditions": "Assess first."}, {}, "departs from the recommendation"),
    "as advised, not as asked": (
        CIDP, "cidp", {"order": {"courses": "1"}}, {"order": {"courses": "1"}}, "not the one that was asked for",
    ),
    **{
        f"another {name}": (CIDP, "cidp", None, {"order": {name: value}}, "not the one that was asked for")
        for name, value in (
            ("dose_total_g", "120"), ("course_days", "4"), ("interval_weeks", "6"), ("months", "3"), ("courses", "2"),
        )
    },
}  # fmt: skip


def to_approve(cast, filed, indication, advice):
    request = a_request(cast, answers=filed, indication=indication)
    if advice is not None or indication == "ibm" or filed.get("response_documented") == "not_known":
        request = act("recommend", request, cast["fern"], AT, **(advice or {}))
        return request, cast["mira"]
    return request, cast["fern"]


@pytest.mark.parametrize("case", NEEDED)
def test_a_departure_needs_a_reason_coded_and_in_words(cast: Cast, case):
    filed, indication, advice, approval, why = NEEDED[case]
    request, by = to_approve(cast, filed, indication, advice)
    nothing = {"reason_code": "", "reason": ""}
    for given, missing in (
        (nothing, {"reason_code", "reason"}),
        ({**nothing, "reason_code": "other"}, {"reason"}),
        ({**nothing, "reason": "Because."}, {"reason_code"}),
        ({"reason_code": "because", "reason": "Because."}, {"reason_code"}),
        ({"reason_code": "criteria_not_met", "reason": "A reason for denials."}, {"reason_code"}),
    ):
        with pytest.raises(workflow.Invalid) as invalid:
            act("approve", request, by, AT, **{**approval, **given})
        assert set(invalid.value.errors) == missing
        if given is nothing:
            assert why in invalid.value.errors["reason"][0]
    assert not Authorization.objects.exists()
    decision = act("approve", request, by, AT, **{**approval, **CODED}).decisions.get(kind="decision")
    assert (decision.reason_code, decision.reason) == ("justification_holds", "Two lines have failed.")
    event = Event.objects.latest("seq")
    assert '"reason_code":"justification_holds"' in bytes(event.body).decode()


@pytest.mark.parametrize(
    ("advice", "approval"),
    [
        (None, {}),
        ({}, {}),
        ({"conditions": "Assess first."}, {"conditions": "Assess first."}),
        ({}, {"conditions": "One more than advised."}),
        ({}, {"order": {"courses": "6", "dose_total_g": "155.0"}}),
    ],
)
def test_what_is_asked_met_and_advised_needs_none(cast: Cast, advice, approval):
    request, by = to_approve(cast, CIDP, "cidp", advice)
    approved_so = act("approve", request, by, AT, **{"reason_code": "", "reason": "", **approval})
    assert approved_so.status == Status.APPROVED
    assert '"reason_needed_for":[]' in bytes(Event.objects.latest("seq").body).decode()


def test_what_made_a_reason_necessary_stands_in_the_event(cast: Cast):
    request, by = to_approve(cast, IBM, "ibm", {"choice": "deny"})
    act("approve", request, by, AT, order={"courses": "1"}, **CODED)
    said = bytes(Event.objects.latest("seq").body).decode()
    assert '"reason_needed_for":["off_criteria","against_recommendation","order_changed"]' in said


def test_a_denial_against_the_advice_says_so_in_the_event(cast: Cast):
    denied(cast, recommended(cast, a_request(cast)))
    assert '"reason_needed_for":["against_recommendation"]' in bytes(Event.objects.latest("seq").body).decode()


def test_a_recommendation_about_an_earlier_version_binds_nobody(cast: Cast):
    request = act("recommend", a_request(cast), cast["fern"], AT, choice="deny")
    asked = act("ask", request, cast["mira"], AT)
    back = act("answer", asked, cast["petra"], AT, answers={"course_days": "4"})
    assert act("approve", back, cast["felix"], AT, reason_code="", reason="").status == Status.APPROVED


def test_a_recommended_change_needs_its_code_too(cast: Cast):
    request = a_request(cast)
    with pytest.raises(workflow.Invalid) as invalid:
        act("recommend", request, cast["fern"], AT, order={"courses": "1"}, reason_code="")
    assert set(invalid.value.errors) == {"reason_code"}
    with pytest.raises(workflow.Invalid) as invalid:
        act("recommend", request, cast["fern"], AT, choice="deny", reason_code="as_recommended")
    assert set(invalid.value.errors) == {"reason_code"}
    act("recommend", request, cast["fern"], AT, order={"courses": "1"}, reason_code="single_course")
    assert Decision.objects.get().reason_code == "single_course"


# --- A single course -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "order"),
    [
        ({"planned_duration": "single_course"}, {}),
        ({"interval_weeks": ""}, {}),
        ({}, {"courses": "1"}),
        ({"planned_duration": "single_course", "requested_authorization_months": "6"}, {}),
    ],
)
def test_a_single_course_is_authorized_for_weeks(cast: Cast, answers, order):
    given = approved(cast, a_request(cast, answers={**CIDP, **answers}), order=order).authorization
    assert (given.courses, given.valid_from, given.valid_to) == (1, date(2026, 3, 2), date(2026, 3, 29))  # 28 days
    assert given.review_by == given.valid_to


def test_months_stated_by_the_reviewer_count_for_a_single_course_and_are_more_than_its_weeks(cast: Cast):
    request = a_request(cast, answers={**CIDP, "planned_duration": "single_course"})
    for months in ("1", "6"):
        with pytest.raises(workflow.Refused, match="more than was asked"):
            approved(cast, request, order={"months": months})
    sent = recommended(cast, request)
    given = approved(cast, sent, by="mira", order={"months": "2"}).authorization
    assert (given.courses, given.valid_to) == (1, date(2026, 5, 1))


def test_two_courses_take_months_again(cast: Cast):
    request = recommended(cast, a_request(cast, answers={**CIDP, "planned_duration": "single_course"}))
    given = approved(cast, request, by="mira", order={"courses": "2"}).authorization
    assert (given.courses, given.valid_to) == (2, date(2026, 9, 1))


def test_the_order_of_a_single_course_keeps_its_weeks(cast: Cast):
    request = a_request(cast, answers={**CIDP, "planned_duration": "single_course"})
    assert workflow.asked_order(request.latest).weeks == 4
    assert approved(cast, request, order={"dose_total_g": "120"}).decisions.get().order["weeks"] == 4
    assert "weeks" not in workflow.asked_order(a_request(cast).latest).as_json()


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 8, 30), 6, date(2027, 2, 28)),
        (date(2026, 8, 29), 6, date(2027, 2, 28)),
        (date(2026, 8, 28), 6, date(2027, 2, 27)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 3, 30), 1, date(2026, 4, 29)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_months_of_an_authorization_by_the_calendar(start, months, last):
    assert last_day(start, workflow.Order(None, None, None, months, 2)) == last
