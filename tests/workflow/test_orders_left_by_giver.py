"""Verbal orders whose giver prescribes for the department no more: another prescriber of it answers in their place."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import AT, Cast, a_draft, a_request, approved, recommended, submitted
from tests.differences import differences
from tests.documents.reading import squeezed_text
from tests.workflow.acts import act
from utilization import event_log, workflow
from utilization.documents.justification import render
from utilization.models import Department, Membership, Notice, Reminder, Request, VerbalOrder
from utilization.reports.first_dose import unreconciled
from utilization.reports.frozen_justification import frozen_value
from utilization.reports.timeline import timeline
from utilization.rules.lifecycle import Status

NIGHT, HOUR = AT + timedelta(hours=10), timedelta(hours=1)
MORNING = NIGHT + 12 * HOUR


def ended(cast, who="paul"):
    workflow.end_role(cast[who], by=cast["adam"], at=NIGHT, site=cast.north, role="prescriber")


def closed(cast, who="paul"):
    workflow.deactivate(cast[who], by=cast["adam"], at=NIGHT)


def moved(cast, who="paul", department="Rheumatology"):
    place = Department.objects.get(site=cast.north, name=department)
    held = {"by": cast["adam"], "at": NIGHT, "site": cast.north, "role": "prescriber", "department": place}
    workflow.set_role(cast[who], **held)


def joins(cast, *people):
    """These people, whoever they are besides, prescribe for Neurology from now on."""
    for who in people:
        moved(cast, who, "Neurology")


def an_order_of_paul(cast, request=None):
    """Petra's request, entered by Dora on the word of Paul."""
    request = act("take_order", request or a_request(cast), cast["dora"], NIGHT)
    assert VerbalOrder.objects.get(request=request).ordered_by == cast["paul"]
    return request


def told(kind):
    return sorted(Notice.objects.filter(event_type=kind).values_list("recipient__username", flat=True))


@pytest.mark.parametrize("leave", [ended, closed, moved])
@pytest.mark.parametrize(("verb", "answer", "after"), [
    ("confirm_order", "confirmed", Status.PHARMACIST_REVIEW), ("disown_order", "disowned", Status.WITHDRAWN),
])  # fmt: skip
def test_another_prescriber_of_the_department_answers_once_the_giver_left(cast: Cast, leave, verb, answer, after):
    request = an_order_of_paul(cast)
    leave(cast)
    answered = act(verb, request, cast["petra"], MORNING)
    row = VerbalOrder.objects.get()
    assert (row.answer, row.answered_at, row.stand_in) == (answer, MORNING, cast["petra"])
    assert (row.stand_in_name, row.ordered_name) == ("Petra Prescriber, MD", "Paul Colleague, MD")
    assert answered.status == after
    entry = event_log.entries(answered)[-1]
    assert (entry.actor_id, entry.data["in_place_of"]) == (cast["petra"].pk, cast["paul"].pk)
    happened = timeline(answered, internal=False)[-1]
    assert happened.actor == "Petra Prescriber, MD"
    assert "In place of Paul Colleague, MD" in happened.text
    said = f"{answer} 3 Mar 2026, 08:00 CET by Petra Prescriber, MD in place of Paul Colleague, MD."
    assert said.replace(" ", "") in squeezed_text(render(frozen_value(answered)))
    with pytest.raises((workflow.Refused, workflow.Conflict)):
        act(verb, answered, cast["petra"], MORNING)
    assert differences() == []
    assert event_log.verify().problems == ()


def test_while_the_giver_is_there_nobody_answers_in_their_place(cast: Cast):
    request = an_order_of_paul(cast)
    for verb in ("confirm_order", "disown_order"):
        with pytest.raises(workflow.Refused, match="Only Paul Colleague"):
            act(verb, request, cast["petra"], MORNING)
    ended(cast)
    joins(cast, "paul")
    with pytest.raises(workflow.Refused, match="Only Paul Colleague"):
        act("confirm_order", request, cast["petra"], MORNING)
    act("confirm_order", request, cast["paul"], MORNING)
    row = VerbalOrder.objects.get()
    assert (row.answer, row.stand_in, row.stand_in_name) == ("confirmed", None, "")
    assert "in place of" not in str(frozen_value(Request.objects.get(pk=request.pk)))
    assert "stand_in" not in frozen_value(Request.objects.get(pk=request.pk))["verbal_order"]


@pytest.mark.parametrize("verb", ["confirm_order", "disown_order"])
def test_whoever_took_it_judged_it_or_is_of_another_department_does_not_answer(cast: Cast, verb):
    for who, specialty in (("max", "neurology"),):
        workflow.set_specialties(cast[who], [specialty], by=cast["adam"], at=AT, site=cast.north)
    request = an_order_of_paul(cast, recommended(cast, a_request(cast), by="felix"))
    asked = {"by": cast["mira"], "at": NIGHT, "specialty": "neurology", "text": "Is this a relapse?"}
    question = workflow.ask_opinion(request.uid, **asked)
    workflow.give_opinion(request.uid, question.uid, by=cast["max"], at=NIGHT, leaning="approval", text="It is.")
    request.refresh_from_db()
    joins(cast, "felix", "max")
    ended(cast)
    for who, why in (("dora", "You took"), ("felix", "You signed"), ("max", "You gave an opinion")):
        with pytest.raises(workflow.Refused, match=why):
            act(verb, request, cast[who], MORNING)
    for who in ("rosa", "sam"):
        with pytest.raises(workflow.NotFound):
            act(verb, request, cast[who], MORNING)
    for who in ("fern", "mira", "audrey"):
        with pytest.raises(workflow.Refused):
            act(verb, request, cast[who], MORNING)
    # Who filed it sees it still, and prescribes for another department.
    moved(cast, "petra")
    with pytest.raises(workflow.Refused, match="Only a prescriber of Neurology"):
        act(verb, request, cast["petra"], MORNING)
    assert VerbalOrder.objects.get().answer == ""
    workflow.remind_of_first_doses(at=MORNING)
    assert told("order.giver_left") == []
    assert "nobody of the department is free" in unreconciled(cast["mira"], order="by", at=MORNING)[0].next_step


def test_who_answered_in_place_of_another_reviews_nothing_of_it(cast: Cast):
    request = an_order_of_paul(cast)
    joins(cast, "felix", "mira")
    ended(cast)
    confirmed = act("confirm_order", request, cast["felix"], MORNING)
    assert confirmed.authorships.filter(user=cast["felix"], at=MORNING).exists()
    for verb in ("claim", "ask", "recommend", "approve"):
        with pytest.raises(workflow.Refused, match="You filed this request or entered facts"):
            act(verb, confirmed, cast["felix"], MORNING)
    done = approved(cast, confirmed, at=MORNING, by="fern")
    with pytest.raises(workflow.Refused, match="Felix Pharmacist, PharmD answered"):
        act("disown_order", done, cast["petra"], MORNING)
    assert differences() == []


def test_whoever_may_answer_is_told_once_and_reminded_and_who_left_is_not(cast: Cast):
    request = an_order_of_paul(cast)
    other = submitted(cast, a_draft(cast, indication="gbs", at=NIGHT), at=NIGHT)
    act("take_order", other, cast["dora"], NIGHT)
    act("withdraw", Request.objects.get(pk=other.pk), cast["petra"], NIGHT)
    workflow.remind_of_first_doses(at=NIGHT + HOUR)
    assert told("order.giver_left") == []
    moved(cast)
    for hours in (2, 3, 20, 21, 25, 26):
        workflow.remind_of_first_doses(at=NIGHT + hours * HOUR)
    assert told("order.giver_left") == ["petra"]
    assert (told("order.chased"), told("order.overdue")) == (["petra"], ["adam", "petra"])
    kinds = ["order_left", "order_soon", "order_late"]
    assert list(Reminder.objects.filter(request=request).values_list("kind", flat=True)) == kinds
    assert Reminder.objects.count() == len(kinds)
    assert differences() == []


def test_an_order_of_somebody_who_left_waits_for_the_first_who_may_answer(cast: Cast):
    request = an_order_of_paul(cast)
    ended(cast)
    ended(cast, "petra")
    workflow.remind_of_first_doses(at=MORNING)
    assert not Reminder.objects.filter(kind="order_left").exists()
    joins(cast, "rosa")
    workflow.remind_of_first_doses(at=MORNING + HOUR)
    assert told("order.giver_left") == ["rosa"]
    assert act("confirm_order", request, cast["rosa"], MORNING + HOUR).verbal_order.stand_in == cast["rosa"]


@pytest.mark.parametrize("answer", ["confirm", "disown"])
def test_the_pages_say_whose_order_it_is_and_in_whose_place_it_was_answered(client, cast: Cast, answer):
    def shown(who, name, *args):
        client.force_login(cast[who])
        return " ".join(client.get(reverse(name, args=args)).content.decode().split())

    request = an_order_of_paul(cast)
    assert "prescribes for Neurology no more" not in shown("petra", "request-page", request.uid)
    ended(cast)
    assert "prescribes for Neurology no more" in shown("mira", "review-case", request.uid)
    listed = shown("mira", "first-doses")
    assert "Prescribers of Neurology" in listed
    assert "Paul Colleague, MD has left: another prescriber of the department" in listed
    assert "Confirm it, or disown it" not in shown("dora", "request-page", request.uid)
    assert "You took this verbal order" in shown("dora", "request-order-answer", request.uid)
    assert "Confirm it, or disown it" in shown("petra", "request-page", request.uid)
    page = shown("petra", "request-order-answer", request.uid)
    assert "You answer in place of" in page
    assert "It is my order" not in page
    for who, code in (("rosa", 404), ("dora", 403), ("petra", 302)):
        client.force_login(cast[who])
        typed = {"version": Request.objects.get(pk=request.pk).version, "answer": answer, "reason": "Not given."}
        assert client.post(reverse("request-order-answer", args=[request.uid]), typed).status_code == code
    for who, name in (("petra", "request-page"), ("mira", "review-case"), ("audrey", "audit-request")):
        assert "in place of" in shown(who, name, request.uid)
    assert request.number not in shown("mira", "first-doses")


def test_a_department_that_the_request_was_transferred_to_answers_for_it(cast: Cast):
    """The giver did not go: the request did."""
    request = approved(cast, an_order_of_paul(cast), at=MORNING)
    Request.objects.filter(pk=request.pk).update(department=Membership.objects.get(user=cast["rosa"]).department)
    request.refresh_from_db()
    with pytest.raises(workflow.NotFound):
        act("confirm_order", request, cast["paul"], MORNING)
    assert act("confirm_order", request, cast["rosa"], MORNING).verbal_order.stand_in == cast["rosa"]
