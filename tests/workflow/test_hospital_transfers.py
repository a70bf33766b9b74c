"""An authorization transferred to another hospital: who is asked, what is begun there, and what ends here."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.cast import AT, CIDP, Cast, a_request, approved, denied, known, recommended, submitted
from tests.workflow.acts import act
from utilization import access, event_log, workflow
from utilization.authorization_terms import elsewhere, terms_of
from utilization.models import (
    AccessEntry,
    Authorization,
    AuthorizationChange,
    Department,
    Event,
    Membership,
    Notice,
    Patient,
    Request,
    Site,
    User,
)
from utilization.reports.frozen_justification import frozen_value
from utilization.rules.authorization.check import why_not
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.authorization.use import GivenGrams
from utilization.rules.lifecycle import Status
from utilization.workflow import Arrival

LATER = AT + timedelta(days=30)
HOUR = timedelta(hours=1)
RENEWED = {"response": "improved", "response_documented": "true", "safety": ["none_of_these"]}
STAYS_AT_HOME = {"safety", "emergency", "response", "weight_kg", "justification", "prescriber_number"}


@pytest.fixture
def held(cast: Cast) -> Authorization:
    """An authorization of North Hospital, 155 g every four weeks from AT on."""
    answers = {**CIDP, "baseline_score": "4", "prescriber_number": "P-1", "payer_name": "The Fund"}
    return a_request(cast, Status.APPROVED, answers=answers).authorization


def of_south(cast: Cast) -> str:
    return str(Membership.objects.get(user=cast["sam"]).department_id)


def ask(cast: Cast, held, by="petra", at=LATER, to=None):
    where = to or of_south(cast)
    return workflow.ask_transfer(held.request.uid, by=cast[by], at=at, department=where, words="Moves south.")


def accept(cast: Cast, held, by="sam", at=LATER, mrn="S-77", told_apart=()) -> Request:
    row = workflow.answer_transfer(
        held.request.uid, by=cast[by], at=at, accepts=True, arrival=Arrival(mrn, tuple(told_apart))
    )
    return row.replaced_by


def filed(cast: Cast, draft: Request, at=LATER) -> Request:
    draft.refresh_from_db()
    return submitted(cast, workflow.save_draft(draft.uid, by=draft.author, at=at, answers=RENEWED), at=at)


def kinds(held) -> list[str]:
    return list(AuthorizationChange.objects.filter(request=held.request).values_list("kind", flat=True))


def state(held, at=LATER) -> str:
    held.refresh_from_db()
    return held.state(held.site.date_at(at))


def test_the_authorization_here_ends_at_the_moment_of_the_approval_there(cast: Cast, held):
    ask(cast, held)
    draft = accept(cast, held)
    south = draft.site
    assert (south, draft.department.site, draft.author) == (cast.south, cast.south, cast["sam"])
    there = draft.patient
    assert (there.site, there.mrn) == (south, "S-77")
    identity = ("name", "date_of_birth", "sex", "weight_kg", "height_cm", "measured_on")
    assert [getattr(there, n) for n in identity] == [getattr(held.patient, n) for n in identity]
    source = held.request
    assert draft.draft == {
        **{name: value for name, value in source.draft.items() if name not in STAYS_AT_HOME}, "request_type": "renewal"
    }  # fmt: skip
    assert {mark["by"] for mark in draft.entered.values()} == {cast["sam"].pk}
    assert state(held) == "live"
    asked = filed(cast, draft, at=LATER + HOUR)
    origin = {
        "authorization": held.number, "request": source.number, "hospital": "North Hospital",
        "department": "Neurology", "accepted": cast.south.date_at(LATER).isoformat(),
    }  # fmt: skip
    assert asked.latest.stated["transferred_from"] == origin
    assert frozen_value(asked)["transferred_from"] == origin
    assert "transferred_from" not in frozen_value(source)
    assert state(held) == "live"
    new = approved(cast, asked, at=LATER + 2 * HOUR, by="sue").authorization
    assert (state(held), new.state(cast.south.date_at(LATER)), held.voided_at) == ("replaced", "live", LATER + 2 * HOUR)
    assert kinds(held) == ["transfer_asked", "transfer_accepted", "moved"]
    assert list(Authorization.objects.filter(voided_at=None)) == [new]
    # On the day of the approval nothing more is given by the first one.
    wanted = GivenGrams(cast.north.date_at(LATER + 2 * HOUR), Decimal(30))
    assert [why.code for why in why_not(terms_of(held), [], wanted)] == ["ended"]
    with pytest.raises(workflow.Refused, match="replaced by another"):
        ask(cast, held, at=LATER + 3 * HOUR)


def test_neither_hospital_sees_the_other_ones_record(cast: Cast, held):
    ask(cast, held)
    before = AccessEntry.objects.count()
    workflow.transfer_to_answer(held.request.uid, by=cast["sam"], at=LATER)
    [entry] = AccessEntry.objects.order_by("pk")[before:]
    assert (entry.site_id, entry.actor_id, entry.patient_id, entry.request_id) == (
        cast.north.pk, cast["sam"].pk, held.patient.pk, held.request.pk
    )  # fmt: skip
    draft = filed(cast, accept(cast, held))
    for by in ("sam", "sue", "saul"):
        assert not access.visible_requests(cast[by]).filter(site=cast.north).exists()
        assert not access.visible_patients(cast[by]).filter(site=cast.north).exists()
    for by in ("petra", "paul", "fern", "mira", "audrey"):
        assert not access.visible_requests(cast[by]).filter(pk=draft.pk).exists()
    for by in ("sue", "saul", "petra", "rosa", "adam"):
        with pytest.raises(access.NotFound):
            workflow.transfer_to_answer(held.request.uid, by=cast[by], at=LATER)


def test_both_logs_tell_of_it_and_those_who_have_to_know_are_told(cast: Cast, held):
    ask(cast, held)
    [told] = Notice.objects.filter(recipient=cast["sam"])
    assert (told.site, told.event_type, told.request, told.urgent) == (cast.south, "transfer.offered", None, True)
    asked = filed(cast, accept(cast, held))
    approved(cast, asked, at=LATER + HOUR, by="sue")
    here = [entry.type for entry in event_log.entries(held.request)][-3:]
    assert here == ["authorization.transfer_asked", "authorization.transfer_accepted", "authorization.moved"]
    there = list(
        Event.objects.filter(site_id=cast.south.pk, at__gte=LATER).order_by("seq").values_list("type", flat=True)
    )
    assert there[:3] == ["transfer.offered", "patient.added", "request.started"]
    of_petra = list(Notice.objects.filter(recipient=cast["petra"]).order_by("pk").values_list("event_type", flat=True))
    assert of_petra[-2:] == ["authorization.transfer_accepted", "authorization.moved"]
    assert Notice.objects.filter(recipient=cast["fern"], event_type="authorization.moved").exists()
    offered = Event.objects.get(type="transfer.offered")
    for trace in ("Canary", "N-1001", "Moves south"):
        assert trace not in bytes(offered.body).decode()


def test_who_asked_and_who_wrote_the_first_request_never_decides_on_the_second(cast: Cast, held):
    at_south = {"site": cast.south, "started_at": AT}
    department = Membership.objects.get(user=cast["sam"]).department
    ask(cast, held, by="paul")
    # The asker cannot accept, were they to prescribe there too.
    here = Membership.objects.create(user=cast["paul"], role="prescriber", department=department, **at_south)
    with pytest.raises(workflow.Refused, match="You asked for this transfer"):
        accept(cast, held, by="paul")
    here.ended_at = LATER
    here.save()
    for who in ("petra", "paul"):
        Membership.objects.create(user=cast[who], role="pharmacist", **at_south)
    asked = filed(cast, accept(cast, held))
    for who in ("petra", "paul", "sam"):
        assert cast[who].pk in access.requesters(asked, at=LATER)
    for who in ("petra", "paul"):
        with pytest.raises(workflow.Refused, match="You filed this request or entered facts in it"):
            approved(cast, asked, at=LATER, by=who)
    assert state(held) == "live"


def test_who_signed_here_does_not_take_it_over_there(cast: Cast, held):
    department = Membership.objects.get(user=cast["sam"]).department
    ask(cast, held)
    Membership.objects.create(
        user=held.decision.signed_by, site=cast.south, role="prescriber", department=department, started_at=AT
    )
    with pytest.raises(workflow.Refused, match="You signed on this request as a reviewer"):
        accept(cast, held, by="fern")


def test_one_transfer_is_open_at_a_time_and_one_answer_counts(cast: Cast, held):
    rheumatology = str(Membership.objects.get(user=cast["rosa"]).department_id)
    ask(cast, held)
    for to in (of_south(cast), rheumatology):
        with pytest.raises(workflow.Refused, match="asked to take it over already"):
            ask(cast, held, to=to)
    draft = accept(cast, held)
    for accepts in (True, False):
        with pytest.raises(workflow.Refused, match="answered this already"):
            workflow.answer_transfer(held.request.uid, by=cast["sam"], at=LATER, accepts=accepts, words="Late.")
    assert Request.objects.filter(site=cast.south).count() == 1
    with pytest.raises(workflow.Refused, match="has begun a request for it"):
        ask(cast, held)
    workflow.discard(draft.uid, by=cast["sam"], at=LATER, version=draft.version)
    assert kinds(held) == ["transfer_asked", "transfer_accepted", "transfer_ended"]
    ask(cast, held)
    assert accept(cast, held, mrn="S-77").patient == draft.patient


def test_a_transfer_that_is_declined_leaves_everything_as_it_is(cast: Cast, held):
    ask(cast, held)
    with pytest.raises(workflow.Invalid) as told:
        workflow.answer_transfer(held.request.uid, by=cast["sam"], at=LATER, accepts=False)
    assert list(told.value.errors) == ["words"]
    workflow.answer_transfer(held.request.uid, by=cast["sam"], at=LATER, accepts=False, words="No beds.")
    assert (kinds(held), state(held)) == (["transfer_asked", "transfer_declined"], "live")
    assert not Patient.objects.filter(site=cast.south).exists()
    assert Event.objects.filter(site_id=cast.south.pk).latest("seq").type == "transfer.declined"
    with pytest.raises(workflow.Refused, match="answered this already"):
        accept(cast, held)


@pytest.mark.parametrize("how", ["deny", "withdraw"])
def test_without_an_approval_there_it_stands_here_and_its_prescribers_are_told_once(cast: Cast, held, how):
    ask(cast, held)
    asked = filed(cast, accept(cast, held))
    if how == "deny":
        asked = denied(cast, recommended(cast, asked, at=LATER, by="sue", choice="deny"), at=LATER + HOUR, by="saul")
        asked = act("appeal", asked, cast["sam"], LATER + 2 * HOUR)
    workflow.withdraw(asked.uid, by=cast["sam"], at=LATER + 3 * HOUR, version=asked.version, reason="Stays north.")
    assert (kinds(held)[2:], state(held)) == (["transfer_ended"], "live")
    told = Notice.objects.filter(recipient=cast["petra"], event_type="authorization.transfer_ended")
    assert [notice.urgent for notice in told] == [True]


def test_a_denial_there_that_is_overturned_after_all_ends_it_here(cast: Cast, held):
    ask(cast, held)
    asked = filed(cast, accept(cast, held))
    asked = denied(cast, recommended(cast, asked, at=LATER, by="sue", choice="deny"), at=LATER + HOUR, by="saul")
    asked = act("appeal", asked, cast["sam"], LATER + 2 * HOUR)
    # Meanwhile it was transferred to the same hospital again, and approved: there is never a second one.
    ask(cast, held, at=LATER + 3 * HOUR)
    again = filed(cast, accept(cast, held, at=LATER + 3 * HOUR), at=LATER + 3 * HOUR)
    approved(cast, again, at=LATER + 4 * HOUR, by="sue")
    another = cast["max"]
    Membership.objects.create(user=another, site=cast.south, role="physician_reviewer", started_at=AT)
    with pytest.raises(workflow.Refused, match="South Hospital took this treatment over"):
        act("overturn", asked, another, LATER + 5 * HOUR)
    assert Authorization.objects.filter(voided_at=None).count() == 1


def test_what_was_renewed_here_meanwhile_ends_too_and_nothing_is_approved_here_after(cast: Cast, held):
    ask(cast, held)
    there = filed(cast, accept(cast, held))

    def renewal():
        copy = {"copy_of": held.request.uid, "request_type": "renewal"}
        draft = workflow.start_draft(
            by=cast["petra"], at=LATER, patient_uid=held.patient.uid, indication="cidp", **copy
        )  # fmt: skip
        return filed(cast, draft)

    first, second = renewal(), renewal()
    renewed = approved(cast, first, at=LATER + HOUR).authorization
    other_use = recommended(cast, a_request(cast, at=LATER, indication="gbs"), at=LATER + HOUR)
    other_use = approved(cast, other_use, at=LATER + HOUR, by="mira")
    new = approved(cast, there, at=LATER + 2 * HOUR, by="sue").authorization
    assert (state(held), state(renewed)) == ("replaced", "replaced")
    with pytest.raises(workflow.Refused, match="South Hospital took this treatment over"):
        approved(cast, second, at=LATER + 3 * HOUR)
    assert set(Authorization.objects.filter(voided_at=None)) == {new, other_use.authorization}


def test_what_ended_meanwhile_is_not_taken_over(cast: Cast, held):
    ask(cast, held)
    with pytest.raises(workflow.Refused, match="has expired"):
        accept(cast, held, at=LATER + timedelta(days=400))
    day = LATER.date().isoformat()
    workflow.discontinue(held.request.uid, by=cast["petra"], at=LATER, from_day=day, reason="wish")
    for act_ in (accept, lambda cast, held: workflow.transfer_to_answer(held.request.uid, by=cast["sam"], at=LATER)):
        with pytest.raises(workflow.Refused, match="is discontinued"):
            act_(cast, held)
    assert access.offered_transfers(cast["sam"], at=LATER) == []
    assert not Patient.objects.filter(site=cast.south).exists()


def test_nobody_who_died_is_taken_over_and_none_is_approved_after(cast: Cast, held):
    ask(cast, held)
    asked = filed(cast, accept(cast, held))
    day = LATER.date().isoformat()
    workflow.record_death(held.patient.uid, by=cast["petra"], at=LATER, died_on=day)
    with pytest.raises(workflow.Refused, match=r"North Hospital.*recorded the patient’s death"):
        approved(cast, asked, at=LATER + HOUR, by="sue")
    assert not Authorization.objects.filter(site=cast.south).exists()


def test_a_death_before_the_answer_ends_the_offer(cast: Cast, held):
    ask(cast, held)
    workflow.record_death(held.patient.uid, by=cast["petra"], at=LATER, died_on=LATER.date().isoformat())
    with pytest.raises(workflow.Refused, match="ended with the patient’s death"):
        accept(cast, held)


def test_who_was_discontinued_here_meanwhile_may_be_treated_there(cast: Cast, held):
    ask(cast, held)
    asked = filed(cast, accept(cast, held))
    workflow.discontinue(held.request.uid, by=cast["petra"], at=LATER, from_day=LATER.date().isoformat(), reason="wish")
    approved(cast, asked, at=LATER + HOUR, by="sue")
    assert (state(held), kinds(held)) == ("stopped", ["transfer_asked", "transfer_accepted", "discontinued"])


def test_the_patient_there_is_found_and_never_added_twice_unseen(cast: Cast, held):
    same = cast.a_patient(by="sam", mrn="S-5")
    other = cast.a_patient(by="sam", mrn="S-6", name="Somebody, Else", date_of_birth="1990-01-01")
    ask(cast, held)
    hostile = [
        ("", "mrn"), ("S-6", "mrn"), ("<b>", "mrn"), ("S\u202e5", "mrn"), ("x" * 31, "mrn"), ("S-9", "different_from"),
    ]  # fmt: skip
    for mrn, field in hostile:
        with pytest.raises(workflow.Invalid) as told:
            accept(cast, held, mrn=mrn)
        assert next(iter(told.value.errors)) == field, mrn
    with pytest.raises(workflow.Invalid) as told:
        accept(cast, held, mrn="S-9", told_apart=[str(other.uid), "no uid"])
    assert list(told.value.errors) == ["different_from"]
    for changed in ({"sex": "female"}, {"date_of_birth": "1968-05-02"}, {"name": "Zoe Quite Another"}):
        Patient.objects.filter(pk=same.pk).update(**changed)
        with pytest.raises(workflow.Invalid) as told:
            accept(cast, held, mrn="S-5")
        assert list(told.value.errors) == ["mrn"], changed
        Patient.objects.filter(pk=same.pk).update(
            sex=same.sex, date_of_birth=same.date_of_birth, name=same.name
        )  # fmt: skip
    assert not Request.objects.filter(site=cast.south).exists()
    assert accept(cast, held, mrn="s 5").patient == same
    assert Patient.objects.filter(site=cast.south).count() == 2


def test_another_person_of_the_same_name_is_told_apart_first(cast: Cast, held):
    namesake = cast.a_patient(by="sam", mrn="S-5")
    ask(cast, held)
    assert accept(cast, held, mrn="S-77", told_apart=[str(namesake.uid)]).patient != namesake


def test_a_patient_who_died_there_is_not_taken_over(cast: Cast, held):
    same = cast.a_patient(by="sam", mrn="S-5")
    ask(cast, held)
    workflow.record_death(same.uid, by=cast["sam"], at=LATER, died_on=LATER.date().isoformat())
    with pytest.raises(workflow.Refused, match="death"):
        accept(cast, held, mrn="S-5")


def test_departments_that_nobody_prescribes_for_or_that_are_closed_are_not_offered(cast: Cast, held):
    def offered():
        return [to.name for to in access.departments_to_ask(held.request, cast["petra"]) if to.site == cast.south]

    assert offered() == ["Neurology"]
    head = cast["adam"]
    Membership.objects.create(user=head, site=cast.south, role="administrator", started_at=AT)
    empty = workflow.add_department(by=head, at=AT, site=cast.south, name="Surgery")
    with pytest.raises(workflow.Invalid):
        ask(cast, held, to=str(empty.pk))
    ask(cast, held)
    asked = AuthorizationChange.objects.get().department
    Membership.objects.filter(user=cast["sam"]).update(ended_at=LATER)
    workflow.departments.close_department(asked.pk, by=head, at=LATER)
    assert offered() == []
    with pytest.raises(workflow.Invalid):
        ask(cast, held)
    with pytest.raises(access.NotFound):
        accept(cast, held)


def test_grams_given_at_one_hospital_count_for_the_days_between_courses_at_the_other(cast: Cast, held):
    ask(cast, held)
    new = approved(cast, filed(cast, accept(cast, held)), at=LATER + HOUR, by="sue").authorization
    day = cast.north.date_at(LATER) - timedelta(days=3)
    given = TypedInfusion(day.isoformat(), "Privigen", str(held.grams_per_course))
    workflow.record_infusion(held.request.uid, given, by=cast["fern"], at=LATER, confirmed=True)
    wanted = GivenGrams(cast.south.date_at(LATER), Decimal(30))
    for one in (new.request, held.request):
        assert [grams.day for grams in elsewhere(one)] == ([day] if one == new.request else [])
    assert [why.code for why in why_not(terms_of(new), [], wanted, elsewhere(new.request))] == ["too_early"]


def test_grams_count_at_every_hospital_that_a_treatment_went_through(cast: Cast, held):
    east, (ella, emil) = _east(cast)
    ask(cast, held)
    second = approved(cast, filed(cast, accept(cast, held)), at=LATER + HOUR, by="sue").authorization
    soon = LATER + 2 * HOUR
    ask(cast, second, by="sam", at=soon, to=str(east.departments.get().pk))
    begun = accept(cast, second, by=ella.username, at=soon, mrn="E-9")
    third = approved(cast, filed(cast, begun, soon), at=soon + HOUR, by=emil.username).authorization
    day = cast.north.date_at(LATER) - timedelta(days=3)
    given = TypedInfusion(day.isoformat(), "Privigen", str(held.grams_per_course))
    workflow.record_infusion(held.request.uid, given, by=cast["fern"], at=soon, confirmed=True)
    assert [grams.day for grams in elsewhere(third.request)] == [day]
    wanted = GivenGrams(east.date_at(soon), Decimal(30))
    assert [why.code for why in why_not(terms_of(third), [], wanted, elsewhere(third.request))] == ["too_early"]


def _east(cast: Cast) -> tuple[Site, list[User]]:
    """A third hospital with a prescriber and a pharmacist."""
    east = Site.objects.create(code="east", name="East Hospital", time_zone="America/Chicago")
    neurology = Department.objects.create(site=east, name="Neurology")
    for username, role, where in (("ella", "prescriber", neurology), ("emil", "pharmacist", None)):
        person = User.objects.create(username=username, full_name=username.title(), password=cast["sam"].password)
        known(person)
        Membership.objects.create(user=person, site=east, role=role, department=where, started_at=AT)
        cast.people[username] = person
    return east, [cast["ella"], cast["emil"]]
