"""What becomes of an authorization: discontinued, another dose, an extra one, another product, another department."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.cast import AT, CIDP, Cast, a_request, approved, submitted
from utilization import access, event_log, workflow
from utilization.authorization_terms import elsewhere, terms_of
from utilization.models import Authorization, AuthorizationChange, Membership, Milestone, Request
from utilization.rules.authorization.check import why_not
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.authorization.use import GivenGrams
from utilization.rules.lifecycle import Status

DAY = AT.date()
LATER = AT + timedelta(days=30)
RENEWED = {"response": "improved", "response_documented": "true", "safety": ["none_of_these"]}


@pytest.fixture
def held(cast: Cast) -> Authorization:
    """An authorization of 155 g every four weeks from DAY on."""
    return a_request(cast, Status.APPROVED).authorization


def stop(cast, held, by="petra", at=LATER, **changes):
    said = {"from_day": LATER.date().isoformat(), "reason": "wish", "words": "", **changes}
    return workflow.discontinue(held.request.uid, by=cast[by], at=at, **said)


def change(cast, held, what, answers, at=LATER):
    draft = workflow.start_draft(
        by=cast["petra"], at=at, patient_uid=held.patient.uid, indication="cidp", copy_of=held.request.uid,
        request_type="renewal", changes=what,
    )  # fmt: skip
    return workflow.save_draft(draft.uid, by=cast["petra"], at=at, answers=RENEWED | answers)


def types(request):
    return [entry.type for entry in event_log.entries(request)]


def test_a_discontinuation_ends_it_from_its_day_and_stops_the_reminders(cast: Cast, held):
    row = stop(cast, held, from_day=(LATER.date() - timedelta(days=3)).isoformat(), reason="other", words="Moved.")
    held.refresh_from_db()
    assert (held.state(LATER.date()), terms_of(held).ended_on) == ("stopped", row.from_day)
    assert types(held.request)[-1] == "authorization.discontinued"
    assert "Moved" not in str(event_log.entries(held.request)[-1].data)
    wanted = GivenGrams(row.from_day, Decimal(30))
    assert [why.code for why in why_not(terms_of(held), [], wanted)] == ["ended"]
    for days in (150, 178, 200):
        workflow.tell_milestones(at=AT + timedelta(days=days))
    assert not Milestone.objects.exists()
    with pytest.raises(workflow.Refused, match="is discontinued"):
        stop(cast, held)


HOSTILE = (
    ({"from_day": (LATER.date() + timedelta(days=1)).isoformat()}, "from_day"),
    ({"from_day": (DAY - timedelta(days=1)).isoformat()}, "from_day"),
    ({"from_day": "2.4.2026"}, "from_day"), ({"from_day": ""}, "from_day"), ({"from_day": "2026-04-31"}, "from_day"),
    ({"reason": ""}, "reason"), ({"reason": "death"}, "reason"), ({"reason": "other"}, "words"),
    ({"words": "a\u202eb"}, "words"), ({"words": "x" * 1001}, "words"),
)  # fmt: skip


@pytest.mark.parametrize(("changes", "field"), HOSTILE)
def test_a_discontinuation_that_cannot_be_is_refused_with_words(cast: Cast, held, changes, field):
    with pytest.raises(workflow.Invalid) as told:
        stop(cast, held, **changes)
    assert list(told.value.errors) == [field]
    assert not AuthorizationChange.objects.exists()


def test_only_its_department_changes_an_authorization(cast: Cast, held):
    for by in ("fern", "mira", "audrey"):
        with pytest.raises(workflow.Refused):
            stop(cast, held, by=by)
    for by in ("rosa", "sam"):
        with pytest.raises(access.NotFound):
            stop(cast, held, by=by)


def test_another_dose_takes_the_place_of_the_first_once_it_is_approved(cast: Cast, held):
    asked = submitted(cast, change(cast, held, "dose", {"dose_total_g_per_kg": "1"}), at=LATER)
    assert (asked.changes, asked.latest.facts["request_type_detail"]) == ("dose", "dose_change")
    held.refresh_from_db()
    assert held.state(LATER.date()) == "live"
    new = approved(cast, asked, at=LATER).authorization
    held.refresh_from_db()
    assert (held.state(LATER.date()), new.state(LATER.date())) == ("replaced", "live")
    assert new.grams_per_course < held.grams_per_course
    live = Authorization.objects.filter(patient=held.patient, voided_at=None)
    assert list(live) == [new]
    assert AuthorizationChange.objects.get().replaced_by == asked


def test_a_change_of_what_ended_meanwhile_is_not_approved(cast: Cast, held):
    asked = submitted(cast, change(cast, held, "dose", {"dose_total_g_per_kg": "1"}), at=LATER)
    with pytest.raises(workflow.Refused, match="asks for this already"):
        change(cast, held, "dose", {})
    stop(cast, held)
    with pytest.raises(workflow.Refused, match="does not stand any more"):
        approved(cast, asked, at=LATER)
    with pytest.raises(workflow.Refused, match="nothing to change"):
        change(cast, held, "extra", {})
    asked.refresh_from_db()
    assert asked.status == Status.PHARMACIST_REVIEW


def test_an_extra_dose_is_one_course_beside_and_puts_no_course_off(cast: Cast, held):
    draft = change(cast, held, "extra", {})
    assert not {"dose_total_g_per_kg", "interval_weeks"} & set(draft.draft)
    draft = workflow.save_draft(
        draft.uid, by=cast["petra"], at=LATER, answers={"dose_total_g_per_kg": "1", "course_days": "2"}
    )
    extra = approved(cast, submitted(cast, draft, at=LATER), at=LATER).authorization
    held.refresh_from_db()
    assert (extra.courses, held.state(LATER.date())) == (1, "live")
    given = TypedInfusion(LATER.date().isoformat(), "Privigen", str(extra.grams_per_course))
    workflow.record_infusion(extra.request.uid, given, by=cast["fern"], at=LATER, confirmed=False)
    wanted = GivenGrams(LATER.date() + timedelta(days=1), held.grams_per_course)
    assert not why_not(terms_of(held), [], wanted, elsewhere(held.request))
    # An extra dose is no renewal: the end of the treatment is told all the same.
    workflow.tell_milestones(at=AT + timedelta(days=150))
    assert Milestone.objects.filter(request=held.request).exists()


def switch(cast, held, product, by="petra", words="Shortage."):
    return workflow.switch_product(held.request.uid, by=cast[by], at=LATER, product=product, words=words)


def test_a_product_is_switched_for_the_same_grams_unless_the_criteria_say_otherwise(cast: Cast):
    held = a_request(cast, Status.APPROVED, answers={**CIDP, "product": "Privigen"}).authorization
    for product, words, field in (
        ("Privigen", "Shortage.", "product"), ("Nosuch", "Shortage.", "product"), ("Gamunex-C", "", "words"),
        # For the subcutaneous route alone.
        ("Hizentra", "Shortage.", "product"),
    ):  # fmt: skip
        with pytest.raises(workflow.Invalid) as told:
            switch(cast, held, product, words=words)
        assert list(told.value.errors) == [field], product
    switch(cast, held, "Gamunex-C")
    terms = terms_of(held)
    assert (terms.product, terms.grams_per_course) == ("Gamunex-C", held.grams_per_course)
    assert [w.code for w in why_not(terms, [], GivenGrams(LATER.date(), Decimal(30), "Privigen"))] == ["other_product"]


def test_a_transfer_waits_for_somebody_of_the_other_department(cast: Cast, held):
    uid, rheumatology = held.request.uid, Membership.objects.get(user=cast["rosa"]).department
    ask = {"at": LATER, "words": "Joint disease leads now."}
    for key in (str(held.request.department_id), "0", "x", "9" * 30):
        with pytest.raises(workflow.Invalid):
            workflow.ask_transfer(uid, by=cast["petra"], department=key, **ask)
    with pytest.raises(access.NotFound):
        workflow.answer_transfer(uid, by=cast["rosa"], at=LATER, accepts=True)
    workflow.ask_transfer(uid, by=cast["petra"], department=str(rheumatology.pk), **ask)
    with pytest.raises(workflow.Refused, match="asked to take it over already"):
        workflow.ask_transfer(uid, by=cast["petra"], department=str(rheumatology.pk), **ask)
    for by in ("petra", "paul", "fern", "sam"):
        with pytest.raises(access.NotFound):
            workflow.answer_transfer(uid, by=cast[by], at=LATER, accepts=True)
    with pytest.raises(workflow.Invalid):
        workflow.answer_transfer(uid, by=cast["rosa"], at=LATER, accepts=False)
    # Whoever signed the approval does not become one of its prescribers.
    signer = held.decision.signed_by
    Membership.objects.create(user=signer, site=cast.north, role="prescriber", department=rheumatology, started_at=AT)
    with pytest.raises(workflow.Refused, match="You signed on this request as a reviewer"):
        workflow.answer_transfer(uid, by=signer, at=LATER, accepts=True)
    # Nor does who asked accept it, were they to go to that department meanwhile.
    Membership.objects.filter(user=cast["petra"], role="prescriber").update(department=rheumatology)
    with pytest.raises(workflow.Refused, match="You asked for this transfer"):
        workflow.answer_transfer(uid, by=cast["petra"], at=LATER, accepts=True)
    workflow.answer_transfer(uid, by=cast["rosa"], at=LATER, accepts=True)
    # Who took it over speaks for it from now on, and judges nothing of it.
    assert cast["rosa"].pk in access.requesters(held.request, at=LATER)
    assert Request.objects.get(uid=uid).department == rheumatology
    assert access.visible_requests(cast["rosa"]).filter(uid=uid).exists()
    assert not access.visible_requests(cast["paul"]).filter(uid=uid).exists()
    with pytest.raises(workflow.Refused, match="answered this already"):
        workflow.answer_transfer(uid, by=cast["rosa"], at=LATER, accepts=True)
