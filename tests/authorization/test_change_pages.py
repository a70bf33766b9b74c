"""The pages by which an authorization is discontinued, changed, switched and transferred."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import Cast, a_request
from tests.reviewing.pages import words
from utilization.models import Authorization, Membership, Request
from utilization.reports.exports import TABLES
from utilization.rules.lifecycle import Status

pytestmark = pytest.mark.long


@pytest.fixture
def held(cast: Cast) -> Authorization:
    return a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=20)).authorization


def test_each_act_says_what_is_wrong_keeps_what_was_typed_and_is_done_once(cast: Cast, seen_by, held):
    petra, page = seen_by("petra"), f"/authorizations/{held.request.uid}/"
    for act in ("Change the dose", "Ask for an extra dose", "Switch the product", "Transfer", "Discontinue"):
        assert act in words(petra.get(page))
        assert act not in words(seen_by("fern").get(page))
    tomorrow = (timezone.now() + timedelta(days=2)).date().isoformat()
    wrong = petra.post(f"{page}discontinue/", {"from_day": tomorrow, "reason": "<b>", "words": "Typed & kept"})
    assert wrong.status_code == 422
    assert "Typed &amp; kept" in wrong.content.decode()
    assert "<b>" not in wrong.content.decode()
    for act, typed in (("switch", {"product": "Water"}), ("transfer", {"department": "1 OR 1"})):
        assert petra.post(f"{page}{act}/", typed | {"words": "\u202e"}).status_code == 422
    for what in ("change-dose", "extra-dose"):
        for _ in range(2):
            draft = petra.post(f"{page}{what}/", {})["Location"]
            assert "Not saved" not in words(petra.get(draft))
    assert Request.objects.filter(copied_from=held.request).count() == 2
    today = timezone.now().date() - timedelta(days=1)
    done = petra.post(f"{page}discontinue/", {"from_day": today.isoformat(), "reason": "wish", "words": ""})
    assert done.status_code == 302
    shown = words(petra.get(page))
    assert "Discontinued" in shown
    assert "the patient’s wish" in shown
    assert "Change the dose" not in shown
    assert petra.post(f"{page}switch/", {"product": "Privigen", "words": "Late."}).status_code == 409
    [cells] = TABLES["requests"].rows(Request.objects.filter(pk=held.request_id))
    told = {column.name: cell for column, cell in zip(TABLES["requests"].columns, cells, strict=True)}
    assert (told["ended_because"], told["discontinued_because"], told["grams_given"]) == ("stopped", "wish", None)


def test_what_is_discontinued_leaves_nothing_to_give_or_to_renew(cast: Cast, seen_by, held):
    petra, page = seen_by("petra"), f"/authorizations/{held.request.uid}/"
    given = {"given_on": held.valid_from.isoformat(), "product": "Privigen", "grams": "30"}
    assert seen_by("fern").post(f"{page}infusions/", given).status_code == 302
    assert "Renew" in words(petra.get(page))
    today = timezone.now().date() - timedelta(days=1)
    petra.post(f"{page}discontinue/", {"from_day": today.isoformat(), "reason": "wish", "words": ""})
    shown = words(petra.get(page))
    for told in ("Given so far 30 g", "Left 0 g", "Next due none", "Start a copy"):
        assert told in shown, told
    for address in (page, f"/requests/{held.request.uid}/"):
        assert "Renew" not in words(petra.get(address))
    for address in ("/", f"/patients/{held.patient.uid}/"):
        shown = words(petra.get(address))
        assert "discontinued" in shown
        assert "void" not in shown
    assert petra.post(f"/requests/{held.request.uid}/renew/").status_code == 403
    assert not Request.objects.filter(copied_from=held.request).exists()


def test_a_transfer_is_seen_accepted_and_gone_from_the_first_department(cast: Cast, seen_by, held):
    petra, rosa, page = seen_by("petra"), seen_by("rosa"), f"/authorizations/{held.request.uid}/"
    to = Membership.objects.get(user=cast["rosa"]).department_id
    assert rosa.get(f"{page}transfer/answer/").status_code == 404
    assert petra.post(f"{page}transfer/", {"department": to, "words": "Joints lead."}).status_code == 302
    assert "Your department is asked to take over" in words(rosa.get("/"))
    assert "Joints lead." in words(rosa.get(f"{page}transfer/answer/"))
    assert rosa.get(page).status_code == 404
    for answer in ({}, {"answer": "maybe"}, {"answer": "decline"}):
        assert rosa.post(f"{page}transfer/answer/", answer).status_code == 422
    assert rosa.post(f"{page}transfer/answer/", {"answer": "accept"})["Location"] == page
    assert "taken over by Rheumatology" in words(rosa.get(page))
    assert seen_by("paul").get(page).status_code == 404


def test_grams_given_stand_beside_what_was_allowed_where_they_were_recorded(cast: Cast, seen_by, held):
    fern, page = seen_by("fern"), f"/authorizations/{held.request.uid}/"
    for grams in ("30", "20"):
        day = held.valid_from + timedelta(days=int(grams) // 20)
        given = {"given_on": day.isoformat(), "product": "Privigen", "grams": grams}
        assert fern.post(f"{page}infusions/", given).status_code == 302
    [cells] = TABLES["requests"].rows(Request.objects.filter(pk=held.request_id))
    told = {column.name: cell for column, cell in zip(TABLES["requests"].columns, cells, strict=True)}
    assert told["grams_given"] == 50
    assert "50 g recorded as given" in words(seen_by("audrey").get("/audit/"))
