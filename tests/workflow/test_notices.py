"""Who is told of a move: after the commit, never before, and never so that the move suffers."""

import logging

import pytest
from django.db import transaction

from tests.cast import AT, Cast, a_request
from tests.workflow.acts import act
from utilization import notify, workflow
from utilization.models import Request


@pytest.fixture
def told():
    heard = []

    def listener(event_type, request_pk):
        heard.append((event_type, request_pk))

    notify.listen(listener)
    yield heard
    notify.forget(listener)


def test_a_listener_hears_of_a_move_once_it_is_committed(cast: Cast, told, django_capture_on_commit_callbacks):
    request = a_request(cast)
    with django_capture_on_commit_callbacks(execute=True):
        act("claim", request, cast["fern"], AT)
        assert told == []
    assert told == [("request.claimed", request.pk)]


def test_nobody_hears_of_a_move_that_was_rolled_back(cast: Cast, told, django_capture_on_commit_callbacks):
    request = a_request(cast)
    with django_capture_on_commit_callbacks(execute=True):
        with pytest.raises(workflow.Invalid):
            act("approve", request, cast["fern"], AT, presence=None)
        with transaction.atomic():
            act("claim", request, cast["fern"], AT)
            transaction.set_rollback(True)
    assert told == []


def test_listening_twice_is_hearing_once(cast: Cast, django_capture_on_commit_callbacks):
    heard = []
    listener = heard.append

    def once(event_type, request_pk):
        listener(event_type)

    assert notify.listen(once) is notify.listen(once)
    with django_capture_on_commit_callbacks(execute=True):
        a_request(cast)
    notify.forget(once)
    assert heard == ["request.submitted"]


def test_a_listener_that_fails_leaves_the_move_alone_and_no_patient_in_the_log(
    cast: Cast, caplog, django_capture_on_commit_callbacks
):
    def failing(event_type, request_pk):
        raise RuntimeError(Request.objects.get(pk=request_pk).patient.name)

    request = a_request(cast)
    notify.listen(failing)
    try:
        with caplog.at_level(logging.ERROR), django_capture_on_commit_callbacks(execute=True):
            act("claim", request, cast["fern"], AT)
    finally:
        notify.forget(failing)
    assert Request.objects.get(pk=request.pk).holder == cast["fern"]
    assert [record.failure for record in caplog.records] == ["RuntimeError"]
    assert "Ambrose" not in caplog.text
