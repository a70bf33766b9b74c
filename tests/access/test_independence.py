"""Nobody reviews what they wrote, and recommendation and decision are two people."""

from datetime import date

import pytest

from tests.access.hospital import AT
from utilization import access
from utilization.models import Authorship, Decision, PackVersion, Submission
from utilization.rules.lifecycle import Status


def _recommended_by(request, person):
    pack = PackVersion.objects.create(
        name="p", version="1", title="p", sha256="0" * 64, files={}, shelf={}, loaded_at=AT
    )
    submission = Submission.objects.create(
        request=request, ordinal=1, created_at=AT, created_by=request.author, author_name="a", author_department="d",
        attestation="a", as_of=date(2026, 3, 2), indication="cidp", patient_as_filed={}, facts={}, entered={},
        pack=pack, judgement={},
    )  # fmt: skip
    Decision.objects.create(
        request=request, submission=submission, kind="recommendation", choice="approve", signed_by=person,
        signed_name="n", signed_role="pharmacist", signed_at=AT, time_zone="UTC", meaning="m",
    )  # fmt: skip


def test_a_stranger_to_the_request_is_free(north):
    request = north.request(Status.PHARMACIST_REVIEW)
    assert access.independent(north["pharmacist"], request)
    assert access.independent(north["pharmacist"], request, deciding=True)


def test_the_author_and_who_entered_facts_are_not(north):
    request = north.request(Status.PHARMACIST_REVIEW)
    Authorship.objects.create(request=request, user=north["colleague"], at=AT)
    for person in (north["prescriber"], north["colleague"]):
        refused = access.independent(person, request)
        assert not refused
        assert "another person must review it" in refused.why


def test_the_author_of_a_draft_is_not_although_nothing_is_frozen_yet(north):
    assert not access.independent(north["prescriber"], north.request())


@pytest.mark.parametrize(
    ("status", "deciding", "free"),
    [
        (Status.PHARMACIST_REVIEW, False, True),  # after a correction: may recommend anew
        (Status.PHARMACIST_REVIEW, True, False),
        (Status.PHYSICIAN_REVIEW, False, False),
        (Status.PHYSICIAN_REVIEW, True, False),
    ],
)
def test_who_recommended_does_not_decide(north, status, deciding, free):
    request = north.request(status)
    _recommended_by(request, north["pharmacist"])
    answer = access.independent(north["pharmacist"], request, deciding=deciding)
    assert bool(answer) == free
    assert free or "another person must decide" in answer.why
    assert access.independent(north["physician_reviewer"], request, deciding=True)
