"""Every status, every verb, every person: the door against a table written apart."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.cast import AT, Cast, a_request
from tests.differences import differences
from tests.workflow.acts import act
from tests.workflow.expected_moves import ALLOWED, EVENTS, EVERYBODY, FILES_AGAIN, HELD_ALLOWED, SEES
from utilization import event_log, workflow
from utilization.models import AccessEntry, Event, Request
from utilization.rules.lifecycle import IN_REVIEW, MOVES, Status, Verb

LATER = AT + timedelta(hours=5)
HOLDER = {Status.PHARMACIST_REVIEW: "felix", Status.PHYSICIAN_REVIEW: "max", Status.APPEAL_REVIEW: "max"}


def tried(verb, request, by):
    """What came of it (refused, absent, or the status afterwards), the events written, and undone again."""
    before = Event.objects.count()
    with transaction.atomic():
        try:
            act(verb, request, by, LATER)
        except workflow.Refused as refused:
            return ("refused" if refused.why.endswith(".") else "refused without a sentence"), []
        except workflow.NotFound:
            return "absent", []
        finally:
            written = list(Event.objects.filter(seq__gte=before).values_list("type", flat=True))
            status = Request.objects.get(pk=request.pk).status
            transaction.set_rollback(True)
    return status, written


def expected(allowed, status, verb, who):
    if verb == "submit" and who in FILES_AGAIN and status not in (Status.DRAFT, Status.DISCARDED):
        return status.value, []
    people, after = allowed.get((status.value, verb), (set(), ""))
    if who in people:
        return after, [EVENTS[verb]]
    seen_as = status.value if status in (Status.DRAFT, Status.DISCARDED) else "filed"
    return ("refused" if who in SEES[seen_as] else "absent"), []


@pytest.mark.parametrize("status", Status)
def test_every_verb_by_everyone(cast: Cast, status):
    request = a_request(cast, status)
    assert request.status == status
    wrong = []
    for verb in EVENTS:
        for who in sorted(EVERYBODY):
            got = tried(verb, request, cast[who])
            if got != expected(ALLOWED, status, verb, who):
                wrong.append((who, verb, got))
    assert not wrong


@pytest.mark.parametrize("status", sorted(IN_REVIEW))
def test_every_verb_by_everyone_while_somebody_holds_it(cast: Cast, status):
    request = a_request(cast, status)
    request = workflow.claim(request.uid, by=cast[HOLDER[status]], at=LATER, version=request.version)
    wrong = []
    for verb in EVENTS:
        for who in sorted(EVERYBODY):
            got = tried(verb, request, cast[who])
            if got != expected(HELD_ALLOWED, status, verb, who):
                wrong.append((who, verb, got))
    assert not wrong


@pytest.mark.parametrize("status", Status)
def test_the_buttons_are_the_moves_that_the_door_would_make(cast: Cast, status):
    """An action shown as open works; one shown as closed is refused with the same words."""
    request = a_request(cast, status)
    for who in sorted(SEES[status.value if status in (Status.DRAFT, Status.DISCARDED) else "filed"]):
        shown = workflow.actions(cast[who], request)
        open_verbs = {action.move.verb.value for action in shown if action.allowed}
        assert open_verbs == {
            verb for (at, verb), (people, _) in ALLOWED.items() if at == status.value and who in people
        }
        for action in shown:
            assert action.allowed is not bool(action.why)
            assert action.yours or not action.allowed


def test_the_tables_name_the_same_verbs_and_events():
    assert {verb.value for verb in Verb} == set(EVENTS)
    assert {(m.verb.value, m.event) for m in MOVES} == set(EVENTS.items())


def test_a_move_and_its_event_say_the_same(cast: Cast):
    request = a_request(cast, Status.DENIED)
    told = [(e.type, e.data.get("from"), e.data.get("to")) for e in event_log.entries(request)]
    assert told == [
        ("request.started", None, None),
        ("request.submitted", "draft", "pharmacist_review"),
        ("decision.recommended", "pharmacist_review", "physician_review"),
        ("decision.denied", "physician_review", "denied"),
    ]
    assert event_log.verify().problems == ()
    assert differences() == []


def test_the_version_grows_with_every_move_and_guards_it(cast: Cast):
    request = a_request(cast)
    claimed = act("claim", request, cast["fern"], LATER)
    assert claimed.version == request.version + 1
    events = Event.objects.count()
    with pytest.raises(workflow.Conflict) as lost:
        act("withdraw", request, cast["petra"], LATER)
    assert lost.value.request.holder == cast["fern"]
    assert "Nothing was saved" in lost.value.why
    assert Event.objects.count() == events


def test_whoever_acts_on_a_request_has_read_it(cast: Cast):
    request = a_request(cast)
    act("claim", request, cast["fern"], LATER)
    entry = AccessEntry.objects.order_by("pk").last()
    assert (entry.actor_id, entry.patient_id, entry.what) == (cast["fern"].pk, cast.patient.pk, "claim")
