"""Signing: with the password, under what was read, within one's power; and the authorization that comes of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.cast import AT, CIDP, IBM, PASSWORD, Cast, a_request, approved, denied, recommended
from tests.workflow.acts import act
from utilization import workflow
from utilization.models import Authorization, Decision, Event, Request
from utilization.models.decisions import APPROVE, DENY, RECOMMENDATION
from utilization.rules.lifecycle import Status

SIGNING = ["recommend", "approve", "deny"]


def at_stage(cast, verb):
    return a_request(cast, Status.PHYSICIAN_REVIEW if verb == "deny" else Status.PHARMACIST_REVIEW)


def signer(verb):
    return "mira" if verb == "deny" else "fern"


# --- The signature ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", SIGNING)
@pytest.mark.parametrize("password", ["", "wrong", None, PASSWORD + " "])
def test_a_signature_takes_the_password(cast: Cast, verb, password):
    request = at_stage(cast, verb)
    events = Event.objects.count()
    with pytest.raises(workflow.Invalid) as invalid:
        act(verb, request, cast[signer(verb)], AT, password=password)
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
    assert [one["id"] for one in decision.unmet] == [
        one["id"] for one in request.latest.judgement["findings"] if one["result"] == "not_met"
    ]
    assert not Authorization.objects.exists()
    assert (request.ended_by, request.holder) == (cast["mira"], None)


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
    from utilization.workflow.ordering import Order, gives_more

    assert gives_more(Order(Decimal(5), 5, None, 3, 1), Order(Decimal(5), 5, None, 4, 1))
    unknown = Order(None, None, None, 6, 1)
    assert gives_more(unknown, Order(Decimal(5), None, None, 6, 1))
    assert not gives_more(unknown, unknown)
    assert not gives_more(Order(Decimal(5), 5, None, 6, 2), Order(Decimal(5), 1, None, 5, 1))


def test_a_changed_order_that_itself_needs_the_physician_is_refused(cast: Cast, monkeypatch):
    """Less than was asked can still route to a physician where a pack says so."""
    from utilization.workflow import deciding

    request = a_request(cast)
    real = deciding.judge_changed

    class Sent:
        def __init__(self, judgement):
            self.judgement = judgement

        def as_record(self):
            record = self.judgement.as_record()
            record["route"]["approvals"] = ["pharmacist", "physician"]
            return record

    monkeypatch.setattr(deciding, "judge_changed", lambda *given: Sent(real(*given)))
    with pytest.raises(workflow.Refused, match="needs the physician's decision"):
        approved(cast, request, order={"dose_total_g": "100"})


# --- The order -------------------------------------------------------------------------------------------------------


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
        plan = workflow.preview_order(request, {"course_days": "3"}, AT).as_record()["dose"]
        assert Decimal(plan["rounded_g"]) == before
        assert abs(Decimal(plan["per_day_g"]) - before / 3) < Decimal("0.01")


def test_months_and_interval_are_judged_too(cast: Cast):
    request = a_request(cast)
    judged = workflow.preview_order(request, {"months": "3", "interval_weeks": "6"}, AT)
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
        lambda: workflow.preview_order(request, {field: raw}, AT),
    ):
        with pytest.raises(workflow.Invalid) as invalid:
            attempt()
        assert set(invalid.value.errors) == {field}


def test_a_forged_field_of_an_order_is_refused(cast: Cast):
    with pytest.raises(workflow.Invalid) as invalid:
        workflow.preview_order(a_request(cast), {"product": "x", "signed_by": "1"}, AT)
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
        ({"planned_duration": "single_course"}, 6, 1),
        ({"interval_weeks": ""}, 6, 1),
        ({"interval_weeks": "52"}, 6, 1),
        ({"interval_weeks": "2", "requested_authorization_months": "2"}, 2, 4),
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
    given = approved(cast, a_request(cast, at=february), order={"months": "1"}, at=february).authorization
    assert (given.valid_to, given.review_by) == (date(2026, 3, 9), given.valid_from)


def test_an_unknown_dose_is_authorized_as_unknown(cast: Cast):
    unknown = {**CIDP, "dose_total_g_per_kg": "not_known"}
    request = approved(cast, recommended(cast, a_request(cast, answers=unknown)), by="mira")
    given = request.authorization
    assert (given.grams_per_course, given.grams_total) == (None, None)


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
