"""Who is told of a move: written with it and with it alone, to the people whom the table below names."""

import pytest
from django.db import transaction

from tests.cast import AT, IBM, Cast, a_request, recommended
from tests.workflow.acts import act
from utilization import outbox, workflow
from utilization.models import Delivery, Event, Membership, Notice, NoticeChoice
from utilization.rules.lifecycle import MOVES, Status
from utilization.rules.notice_kinds import BY_ROLE, KINDS, Recipients
from utilization.rules.notices import NOBODY_TOLD, NOTICES
from utilization.web.auditing.event_words import EVENT_WORDS

MAIL = "ivig@hospital.example"


@pytest.fixture
def sends(settings):
    settings.MAIL_FROM = MAIL


def told(event_type):
    """Who was told of the newest entry of this kind, by username, each as (kind, urgent)."""
    entry = Event.objects.filter(type=event_type).last()
    notices = Notice.objects.filter(event_seq=entry.seq).select_related("recipient")
    return {notice.recipient.username: (notice.kind, notice.urgent) for notice in notices}


def test_every_entry_of_the_log_is_told_to_somebody_or_to_nobody_on_purpose():
    known = {*EVENT_WORDS, *(move.event for move in MOVES)}
    assert known == {*NOTICES, *NOBODY_TOLD}
    assert not {*NOTICES} & NOBODY_TOLD
    assert {row.kind for rows in NOTICES.values() for row in rows} <= set(KINDS)


def test_no_word_of_a_notice_has_room_for_more_than_a_number():
    for row in (row for rows in NOTICES.values() for row in rows):
        assert row.here.format(number="N-1")
        assert "{" not in row.mail


def test_what_each_move_of_a_request_tells_to_whom(cast: Cast):
    """Dora prescribes and reviews at North, so she is among the reviewers; Petra wrote the request."""
    request = a_request(cast, indication="ibm", answers=IBM)
    assert told("request.submitted") == dict.fromkeys(("fern", "felix", "dora"), ("waiting", False))
    act("claim", request, cast["felix"], AT)
    request.refresh_from_db()
    act("claim", request, cast["fern"], AT)
    assert told("request.claimed") == {"felix": ("changed", False)}
    request.refresh_from_db()
    request = act("ask", request, cast["fern"], AT)
    assert told("information.asked") == {"petra": ("asked", True)}
    request = act("answer", request, cast["paul"], AT)
    assert told("information.answered") == {"fern": ("answered", False)}
    request = recommended(cast, request, by="fern")
    assert told("decision.recommended") == dict.fromkeys(("mira", "max", "dora"), ("waiting", False))
    act("deny", request, cast["mira"], AT)
    # Paul has answered for the department.
    decided = dict.fromkeys(("petra", "paul"), ("decided", True))
    assert told("decision.denied") == decided | dict.fromkeys(("fern", "felix"), ("followed", False))


def test_an_expedited_request_is_urgent_and_one_who_left_is_not_told(cast: Cast):
    Membership.objects.filter(user=cast["felix"]).update(ended_at=AT)
    cast["dora"].is_active = False
    cast["dora"].save()
    a_request(cast, indication="gbs", answers={"dose_total_g_per_kg": "2", "course_days": "5",
                                               "safety": ["none_of_these"]})  # fmt: skip
    assert told("request.submitted") == {"fern": ("waiting", True)}


def test_where_no_author_prescribes_any_more_the_department_is_asked(cast: Cast):
    request = a_request(cast)
    Membership.objects.filter(user=cast["petra"]).update(ended_at=AT)
    act("ask", request, cast["fern"], AT)
    # Dora prescribes in neurology too; Rosa is of another department.
    assert set(told("information.asked")) == {"paul", "dora"}


def test_a_move_that_is_rolled_back_tells_nobody(cast: Cast, sends):
    request = a_request(cast)
    before = Notice.objects.count(), Delivery.objects.count()
    with transaction.atomic():
        act("ask", request, cast["fern"], AT)
        assert Notice.objects.count() > before[0]
        transaction.set_rollback(True)
    assert (Notice.objects.count(), Delivery.objects.count()) == before


def test_how_a_person_is_told_is_their_choice_but_what_is_urgent(cast: Cast, sends):
    workflow.notices.choose_ways(cast["fern"], {"waiting": "at_once"})
    workflow.notices.choose_ways(cast["felix"], {"waiting": "app", "followed": "none"})
    workflow.notices.choose_ways(cast["petra"], {"asked": "app", "decided": "digest"})
    request = a_request(cast)
    mailed = {
        notice.recipient.username: (notice.delivery is not None, notice.digest_at is not None)
        for notice in Notice.objects.filter(event_type="request.submitted")
    }
    assert mailed == {"fern": (True, False), "felix": (False, False), "dora": (False, True)}
    request = act("claim", request, cast["felix"], AT)
    request = act("ask", request, cast["felix"], AT)
    assert Notice.objects.get(event_type="information.asked").delivery is not None
    request = act("answer", request, cast["petra"], AT)
    act("approve", request, cast["fern"], AT)
    assert {*told("decision.approved")} == {"petra"}
    approved = Notice.objects.get(event_type="decision.approved")
    assert approved.delivery is None
    # Seven in the morning in Vienna, which is an hour ahead of UTC in March.
    assert approved.digest_at.isoformat() == "2026-03-03T06:00:00+00:00"


@pytest.mark.parametrize("chosen", [{"asked": "none"}, {"asked": "pigeon"}, {"waiting": "app"}, {"no such": "app"}])
def test_what_must_be_seen_is_not_switched_off_nor_what_is_not_ones_own(cast: Cast, chosen):
    with pytest.raises(workflow.Invalid):
        workflow.notices.choose_ways(cast["petra"], chosen)
    assert not NoticeChoice.objects.exists()


def test_a_server_without_mail_tells_in_the_app_alone(cast: Cast, settings):
    settings.MAIL_FROM = ""
    a_request(cast, Status.INFORMATION_ASKED)
    assert Notice.objects.filter(recipient=cast["petra"]).count() == 1
    assert not Delivery.objects.exists()


def test_every_group_that_a_row_may_name_is_known():
    assert set(Recipients) == {*outbox.GROUPS, *BY_ROLE}
