"""Away and cover: who may decide, who acts for whom, what is passed on, and that nobody is left alone in silence."""

import random
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.cast import AT, IBM, a_request, recommended
from tests.differences import differences
from tests.workflow.acts import act
from utilization import access, event_log, workflow
from utilization.models import Absence, Decision, Event, Membership, Notice, Request, UncoveredDay, User
from utilization.models.decisions import DECISION
from utilization.rules.absences import TimeSpan, first_gap
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role
from utilization.workflow import Addressee, TypedAbsence

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = AT.date()


def enter(cast, who, *, first=TODAY, last=TODAY, cover=None, by=None, at=AT, confirmed=False):
    typed = TypedAbsence(first, last, cast[cover] if cover else None, confirmed)
    return workflow.enter_absence(cast.north, cast[who], by=cast[by or who], at=at, typed=typed)


def decides(cast, request, who, at):
    """Whether the database takes a decision of `who` on `request`; nothing of it is kept."""
    try:
        with transaction.atomic():
            Decision.objects.create(
                request=request, submission=request.latest, kind=DECISION, choice="approve", signed_by=cast[who],
                signed_name="n", signed_role="physician_reviewer", signed_at=at, time_zone="UTC", meaning="m",
            )  # fmt: skip
            transaction.set_rollback(True)
    except IntegrityError as refused:
        return not any(guard in str(refused) for guard in ("signer_covers_no_author", "signer_is_no_author"))
    return True


def test_who_may_decide_is_as_a_plain_table_says_in_code_and_in_the_database(cast):
    """Over random absences of four people who prescribe and review alike; days are counted from the request's."""
    people = ["petra", "paul", "dora", "mira"]
    request = a_request(cast)
    rng, seen = random.Random(83), set()
    for _ in range(25):
        table = []
        for _ in range(rng.randint(1, 3)):
            away, cover = rng.sample(people, 2)
            begins = rng.randint(-8, 8)
            table.append((away, cover, begins, begins + rng.randint(0, 6)))
        table = [row for n, row in enumerate(table) if not any(other[0] in row[:2] for other in table[:n])]
        signed = rng.randint(0, 6)
        at = AT + signed * DAY
        with transaction.atomic():
            for away, cover, begins, ends in table:
                Absence.objects.create(
                    site=cast.north, person=cast[away], cover=cast[cover], first_day=TODAY, last_day=TODAY,
                    begins_at=request.created_at + begins * DAY, ends_at=request.created_at + ends * DAY,
                    entered_at=AT, entered_by=cast["adam"],
                )  # fmt: skip
            for who in people:
                chain = {"petra"}
                for away, cover, begins, ends in table:
                    # Of no length, over before, or not begun when it was signed: it counts for nothing.
                    if "petra" in (away, cover) and begins < ends and ends > 0 and begins <= signed:
                        chain |= {away, cover}
                expected = who not in chain
                free = access.independent(cast[who], request, deciding=True, at=at)
                assert bool(free) == expected, (table, who, signed)
                assert decides(cast, request, who, at) == expected, (table, who, signed)
                theirs = Request.objects.filter(access.in_chain(cast[who], at=at))
                assert theirs.exists() != expected, (table, who, signed)
                seen.add((who == "petra", expected))
            transaction.set_rollback(True)
    assert seen == {(True, False), (False, True), (False, False)}


def test_a_first_gap_is_where_a_count_hour_by_hour_finds_it():
    rng, found = random.Random(5), 0
    for _ in range(300):
        others = [
            [TimeSpan(AT + b * HOUR, AT + (b + rng.randint(1, 9)) * HOUR) for b in rng.sample(range(-5, 15), 2)]
            for _ in range(rng.randint(0, 3))
        ]
        span = TimeSpan(AT, AT + 12 * HOUR)
        alone = [
            n for n in range(12) if all(any(s.begins <= AT + n * HOUR < s.ends for s in spans) for spans in others)
        ]
        until = next((n for n in range(*(alone[:1] or [0]), 12) if n not in alone), 12)
        gap = first_gap(span, others)
        assert gap == ((AT + alone[0] * HOUR, AT + until * HOUR) if alone else None)
        found += bool(alone)
    assert 20 < found < 280


def test_what_is_held_goes_to_who_covers_and_what_they_sign_says_for_whom(cast):
    request = act("claim", a_request(cast), cast["fern"], AT + HOUR)
    enter(cast, "fern", cover="felix", at=AT + 2 * HOUR, last=TODAY + DAY)
    request.refresh_from_db()
    assert request.holder == cast["felix"]
    entry = event_log.entries(request)[-1]
    assert (entry.type, entry.data["holder_before"]) == ("request.passed", cast["fern"].pk)
    assert Notice.objects.filter(recipient=cast["felix"], event_type="request.passed").exists()
    signed = act("approve", request, cast["felix"], AT + 3 * HOUR)
    decision = signed.decisions.get()
    assert (decision.signed_by, decision.covering_for) == (cast["felix"], cast["fern"])
    assert decision.covered_name == cast["fern"].signature_name
    assert event_log.entries(signed)[-1].data["covering_for"] == cast["fern"].pk
    later = act("approve", a_request(cast, patient=cast.a_patient(mrn="N-2")), cast["felix"], AT + 4 * HOUR)
    assert later.decisions.get().covering_for is None  # Fern had nothing to do with it


def test_a_claim_is_freed_where_who_covers_may_not_review_it(cast):
    request = act("claim", a_request(cast, by="dora"), cast["fern"], AT + HOUR)
    enter(cast, "fern", cover="dora", at=AT + 2 * HOUR)
    request.refresh_from_db()
    assert request.holder is None
    assert event_log.entries(request)[-1].type == "request.freed"


def test_covers_are_named_within_rules_and_never_in_a_circle(cast):
    def fault(field, *args, **kwargs):
        with pytest.raises(workflow.Invalid) as invalid:
            enter(cast, *args, **kwargs)
        return " ".join(invalid.value.errors[field])

    assert "themselves" in fault("cover", "fern", cover="fern")
    assert "same role" in fault("cover", "fern", cover="mira")  # another role
    assert "same role" in fault("cover", "petra", cover="rosa")  # another department
    assert "same role" in fault("cover", "fern", cover="sue")  # another site
    assert "before the first" in fault("last_day", "fern", last=TODAY - DAY)
    assert "at most 366" in fault("last_day", "fern", last=TODAY + 366 * DAY)
    assert "today or a later" in fault("first_day", "fern", first=TODAY - DAY)
    assert "last day" in fault("last_day", "fern", last=None)
    enter(cast, "fern", cover="felix", last=TODAY + 4 * DAY)
    assert "Fern Pharmacist is away" in fault(
        "cover", "felix", first=TODAY + 2 * DAY, last=TODAY + 9 * DAY, cover="fern"
    )
    assert "already" in fault("first_day", "fern", first=TODAY + DAY, last=TODAY + 9 * DAY)
    row = {"site": cast.north, "person": cast["felix"], "cover": cast["fern"], "entered_by": cast["adam"]}
    days = {"first_day": TODAY, "last_day": TODAY, "begins_at": AT, "ends_at": AT + HOUR, "entered_at": AT}
    with pytest.raises(IntegrityError, match="cover_is_not_away"), transaction.atomic():
        Absence.objects.create(**row, **days)
    with pytest.raises(IntegrityError, match="absent_once_at_a_time"), transaction.atomic():
        Absence.objects.create(**row | {"person": cast["fern"], "cover": None}, **days)
    with pytest.raises(IntegrityError, match="absence_is_only_shortened"), transaction.atomic():
        Absence.objects.update(ends_at=AT + 99 * DAY)
    with pytest.raises(workflow.Refused):
        enter(cast, "felix", by="mira")
    enter(cast, "felix", first=TODAY + 5 * DAY, last=TODAY + 9 * DAY, cover="fern")  # the days after are free


def test_an_absence_that_leaves_nobody_asks_first_and_is_told(cast):
    Membership.objects.filter(user=cast["dora"], role=Role.PHYSICIAN).update(ended_at=AT)
    enter(cast, "max", first=TODAY + DAY, last=TODAY + 3 * DAY)
    typed = {"first": TODAY + 2 * DAY, "last": TODAY + 9 * DAY}
    with pytest.raises(workflow.Invalid) as invalid:
        enter(cast, "mira", **typed)
    said = " ".join(invalid.value.errors["confirmed"])
    assert said == "Physician reviewers of North Hospital: nobody would be there from 4 Mar 2026 to 5 Mar 2026."
    assert not Absence.objects.filter(person=cast["mira"]).exists()
    enter(cast, "mira", **typed, confirmed=True)
    assert Notice.objects.filter(recipient=cast["adam"], event_type="absence.entered").count() == 1
    request = recommended(cast, a_request(cast, indication="ibm", answers=IBM), at=AT + HOUR)
    then = AT + 2 * DAY + HOUR
    assert (access.unattended_stages(cast.north, AT), access.free_reviewers(request, at=then)) == ([], [])
    (stage,) = access.unattended_stages(cast.north, then)
    assert (stage.role, stage.waiting, len(stage.away)) == (Role.PHYSICIAN, 1, 2)
    assert [workflow.tell_uncovered(at=then), workflow.tell_uncovered(at=then + HOUR)] == [1, 0]
    assert UncoveredDay.objects.get().day == date(2026, 3, 4)
    assert Notice.objects.filter(recipient=cast["adam"], event_type="queue.uncovered").count() == 1


def test_who_falls_ill_while_covering_leaves_somebody_and_is_told_so(cast):
    enter(cast, "fern", cover="felix", last=TODAY + 4 * DAY)
    with pytest.raises(workflow.Invalid, match="would be without cover"):
        enter(cast, "felix", by="adam", first=TODAY + DAY, last=TODAY + DAY)
    enter(cast, "felix", by="adam", first=TODAY + DAY, last=TODAY + DAY, confirmed=True)
    assert access.cover_of(cast["fern"].pk, cast.north, AT) == cast["felix"].pk
    assert access.cover_of(cast["fern"].pk, cast.north, AT + DAY) is None
    Membership.objects.filter(user=cast["felix"]).update(ended_at=AT)
    assert access.cover_of(cast["fern"].pk, cast.north, AT) is None  # no right that neither has


def test_an_absence_to_come_begins_by_itself_and_ends_early(cast):
    request = act("claim", a_request(cast), cast["fern"], AT + HOUR)
    absence = enter(cast, "fern", first=TODAY + DAY, last=TODAY + 2 * DAY, cover="felix")
    assert workflow.begin_absences(at=AT + 2 * HOUR) == 0
    assert workflow.begin_absences(at=AT + DAY) == 1
    request.refresh_from_db()
    assert request.holder == cast["felix"]
    with pytest.raises(workflow.NotFound):
        workflow.end_absence(absence.pk, by=cast["felix"], at=AT + DAY)
    workflow.end_absence(absence.pk, by=cast["adam"], at=AT + DAY + HOUR)
    assert access.away_people(cast.north, AT + DAY + HOUR) == set()
    with pytest.raises(workflow.Refused):
        workflow.end_absence(absence.pk, by=cast["fern"], at=AT + DAY + 2 * HOUR)


def test_notices_of_somebody_away_go_to_who_covers_too(cast):
    request = a_request(cast)
    enter(cast, "petra", cover="paul", at=AT + 2 * HOUR)
    act("ask", request, cast["fern"], AT + 3 * HOUR)
    told = Notice.objects.filter(event_type="information.asked").values_list("recipient__username", "covering_for")
    assert set(told) == {("petra", None), ("paul", cast["petra"].pk)}
    request.refresh_from_db()
    act("answer", request, cast["paul"], AT + 4 * HOUR)
    assert Event.objects.filter(type="information.answered").count() == 1
    assert event_log.entries(request)[-1].data["covering_for"] == cast["petra"].pk


def test_a_role_that_ends_and_an_account_that_closes_free_their_claims_at_once(cast):
    first = act("claim", a_request(cast), cast["fern"], AT + HOUR)
    second = act("claim", a_request(cast, patient=cast.a_patient(mrn="N-2")), cast["felix"], AT + HOUR)
    workflow.end_role(cast["fern"], by=cast["adam"], at=AT + 2 * HOUR, site=cast.north, role=Role.PHARMACIST.value)
    workflow.deactivate(cast["felix"], by=cast["adam"], at=AT + 2 * HOUR)
    for request, because in ((first, "role_ended"), (second, "account_closed")):
        request.refresh_from_db()
        entry = event_log.entries(request)[-1]
        assert (request.holder, entry.type, entry.data["because"]) == (None, "request.freed", because)


def test_a_claim_of_somebody_who_comes_to_ask_for_it_themselves_is_freed(cast):
    """Dora prescribes and reviews: she writes for the department on one request, then covers for the author of all."""
    written, covered, others = (a_request(cast, patient=cast.a_patient(mrn=mrn)) for mrn in ("N-2", "N-3", "N-4"))
    for request, who in ((written, "dora"), (covered, "dora"), (others, "fern")):
        act("claim", request, cast[who], AT + HOUR)
    assert workflow.free_requesters(at=AT + HOUR) == 0
    to = Addressee("pharmacist")
    workflow.write_message(written.uid, by=cast["dora"], at=AT + HOUR, side="department", to=to, text="Please hurry.")
    assert [workflow.free_requesters(at=AT + 2 * HOUR) for _ in range(2)] == [1, 0]
    enter(cast, "petra", cover="dora", at=AT + 3 * HOUR)
    assert [workflow.free_requesters(at=AT + 4 * HOUR) for _ in range(2)] == [1, 0]
    for request in (written, covered):
        request.refresh_from_db()
        entry = event_log.entries(request)[-1]
        assert (request.holder, entry.type, entry.data["because"]) == (None, "request.freed", "requester")
        assert entry.actor_id is None
    others.refresh_from_db()
    assert others.holder == cast["fern"]
    assert differences() == []
    act("claim", covered, cast["fern"], AT + 5 * HOUR)


def test_a_message_for_the_department_makes_its_writer_one_who_asks(cast):
    request = a_request(cast)
    to = Addressee("pharmacist")
    workflow.write_message(request.uid, by=cast["dora"], at=AT + HOUR, side="department", to=to, text="Please hurry.")
    with pytest.raises(workflow.Refused, match="message for the department"):
        act("approve", request, cast["dora"], AT + 2 * HOUR)
    with pytest.raises(IntegrityError, match="signer_wrote_no_message"), transaction.atomic():
        Decision.objects.create(
            request=request, submission=request.latest, kind=DECISION, choice="approve", signed_by=cast["dora"],
            signed_name="n", signed_role="pharmacist", signed_at=AT, time_zone="UTC", meaning="m",
        )  # fmt: skip
    other = a_request(cast, patient=cast.a_patient(mrn="N-2"))
    act("recommend", other, cast["dora"], AT + 2 * HOUR)
    other.refresh_from_db()
    assert "department" not in workflow.sides_of(cast["dora"], other)
    with pytest.raises(IntegrityError, match="message_writer_has_not_signed"), transaction.atomic():
        other.messages.create(at=AT, by=cast["dora"], side="department", to_side="pharmacist", text="x")


def test_an_answer_goes_back_to_who_asked_else_to_who_covers(cast):
    workflow.set_claim_settings(cast.north, by=cast["adam"], at=AT, claim_hours=4, assigns_in_turn=True)
    User.objects.filter(username__in=["felix", "dora"]).update(last_login=AT)
    holders = []
    for n, cover in enumerate((None, "felix")):
        request = a_request(cast, patient=cast.a_patient(mrn=f"N-{n}"))
        act("ask", act("claim", request, cast["fern"], AT + 2 * HOUR), cast["fern"], AT + 2 * HOUR)
        if cover:
            enter(cast, "fern", cover=cover, at=AT + 2 * HOUR)
        request.refresh_from_db()
        holders.append(act("answer", request, cast["petra"], AT + 3 * HOUR).holder)
    assert holders == [cast["fern"], cast["felix"]]
    assert request.__class__.objects.filter(status=Status.PHARMACIST_REVIEW).count() == 2
