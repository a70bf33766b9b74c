"""Who is told of a move: with it or not at all, and never so that the move suffers."""

import logging

import pytest
from django.db import transaction

from tests.cast import AT, Cast, a_request
from tests.workflow.acts import act
from utilization import notify, workflow
from utilization.models import NoticeChoice, Request


@pytest.fixture
def told():
    heard = []

    def listener(event_type, request_pk):
        heard.append((event_type, request_pk))

    notify.listen(listener)
    yield heard
    notify.forget(listener)


@pytest.fixture
def writes(cast: Cast):
    """A listener that writes a row for each move."""

    def listener(event_type, request_pk):
        NoticeChoice.objects.create(user=cast["fern"], kind=event_type[:20], way="app")

    notify.listen(listener)
    yield
    notify.forget(listener)


def test_a_listener_hears_of_a_move_within_its_transaction(cast: Cast, told):
    request = a_request(cast)
    told.clear()
    with transaction.atomic():
        act("claim", request, cast["fern"], AT)
        assert told == [("request.claimed", request.pk)]


def test_what_a_listener_writes_of_a_move_that_is_rolled_back_is_gone_with_it(cast: Cast, writes):
    request = a_request(cast)
    before = NoticeChoice.objects.count()
    with transaction.atomic():
        act("claim", request, cast["fern"], AT)
        assert NoticeChoice.objects.count() == before + 1
        transaction.set_rollback(True)
    assert NoticeChoice.objects.count() == before


def test_nobody_hears_of_a_move_that_was_refused(cast: Cast, told):
    request = a_request(cast)
    told.clear()
    with pytest.raises(workflow.Invalid):
        act("approve", request, cast["fern"], AT, presence=None)
    assert told == []


def test_listening_twice_is_hearing_once(cast: Cast):
    heard = []
    listener = heard.append

    def once(event_type, request_pk):
        listener(event_type)

    assert notify.listen(once) is notify.listen(once)
    a_request(cast)
    notify.forget(once)
    assert heard == ["request.submitted"]


def test_a_listener_that_fails_leaves_the_move_alone_and_no_patient_in_the_log(cast: Cast, caplog):
    def failing(event_type, request_pk):
        raise RuntimeError(Request.objects.get(pk=request_pk).patient.name)

    request = a_request(cast)
    notify.listen(failing)
    try:
        with caplog.at_level(logging.ERROR):
            act("claim", request, cast["fern"], AT)
    finally:
        notify.forget(failing)
    assert Request.objects.get(pk=request.pk).holder == cast["fern"]
    assert [record.failure for record in caplog.records] == ["RuntimeError"]
    assert "Ambrose" not in caplog.text
