"""An appeal as people file and decide it, page by page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import IBM, PASSWORD, a_request
from tests.prescribing.pages import asked, fields, url, words
from utilization.models import Membership, Request, Unsent
from utilization.rules.lifecycle import Status


@pytest.mark.long
def test_an_appeal_is_filed_with_what_was_typed_and_decided_by_who_did_not_decide(cast, petra, seen_by):
    at = timezone.now() - timedelta(days=2)
    request = a_request(cast, Status.DENIED, at=at, indication="ibm", answers=IBM)
    page = petra.get(url("request-page", request))
    assert "appeal by" in words(page)
    assert f'href="{url("request-appeal", request)}' in page.content.decode()

    # What is typed is kept, and what is wrong is said beside it.
    page = petra.get(url("request-appeal", request))
    assert "The course does not fit the criteria." in words(page)
    assert {"grounds", "course_days", "safety"} <= asked(page)
    assert "emergency" not in asked(page)
    sent = fields(page, "/appeal/")
    refused = petra.post(url("request-appeal", request), sent | {"grounds": " ", "course_days": "4"})
    assert refused.status_code == 422
    assert "Write why the denial should not stand." in words(refused)
    assert Unsent.objects.get(request=request, page="appeal").typed["course_days"] == "4"
    sent = fields(petra.get(url("request-appeal", request)), "/appeal/") | {"grounds": "Swallowing failed since."}
    went = petra.post(url("request-appeal", request), sent, follow=True)
    assert "Your appeal is filed." in words(went, "//body")
    assert "Swallowing failed since." in words(went)
    request = Request.objects.get(pk=request.pk)
    assert (request.status, request.latest.ordinal) == (Status.APPEAL_REVIEW, 2)
    assert not Unsent.objects.filter(request=request).exists()

    # Who denied it has it on no list and cannot decide; the other physician has it, with the grounds.
    mira, max_ = seen_by("mira"), seen_by("max")
    assert request.number not in words(mira.get(reverse("review-queue")))
    assert request.number in words(max_.get(reverse("review-queue")))
    case = reverse("review-case", args=[request.uid])
    assert "You signed on this request before" in words(mira.get(case))
    shown = words(max_.get(case))
    assert "The denial is appealed by Petra Prescriber, MD" in shown
    assert "with other facts than were denied (version 2)" in shown
    typed = {"version": request.version, "reason_code": "other", "password": PASSWORD}
    overturn = reverse("review-overturn", args=[request.uid])
    assert max_.post(overturn, typed | {"reason": ""}).status_code == 422
    assert mira.post(overturn, typed | {"reason": "It holds."}).status_code == 403

    # Nobody left: the case and the administrator's page say so.
    Membership.objects.filter(user=cast["max"], role="physician_reviewer").update(ended_at=timezone.now())
    Membership.objects.filter(user=cast["dora"], role="physician_reviewer").update(ended_at=timezone.now())
    assert "Nobody here may decide this appeal" in words(mira.get(case))
    adam = seen_by("adam")
    assert f"Nobody at North Hospital may decide {request.number}" in words(adam.get(reverse("people-appeals")))
    for who in ("max", "dora"):
        Membership.objects.filter(user=cast[who], role="physician_reviewer").update(ended_at=None)

    done = max_.post(overturn, typed | {"reason": "It holds."}, follow=True)
    assert "is overturned: it is approved and authorized." in words(done, "//body")
    request.refresh_from_db()
    assert request.status == Status.APPROVED
    assert "Approved, denial overturned" in words(petra.get(url("request-page", request)))

    # An auditor finds it, and how long an appeal may take is the administrator's to say.
    audrey = seen_by("audrey")
    assert request.number in words(audrey.get(reverse("audit-list"), {"appeal": "overturned"}))
    assert request.number not in words(audrey.get(reverse("audit-list"), {"appeal": "upheld"}))
    assert adam.post(reverse("people-appeals"), {"site": "north", "days": "no"}).status_code == 422
    assert adam.post(reverse("people-appeals"), {"site": "north", "days": "60"}).status_code == 302
    cast.north.refresh_from_db()
    assert cast.north.appeal_days == 60
