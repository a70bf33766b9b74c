"""The pages by which another hospital takes an authorization over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import Cast, a_request
from tests.reviewing.pages import words
from utilization import workflow
from utilization.models import Authorization, Membership, Request
from utilization.rules.lifecycle import Status


@pytest.fixture
def held(cast: Cast) -> Authorization:
    return a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=20)).authorization


@pytest.mark.long
def test_another_hospital_takes_it_over_by_a_request_of_its_own(cast: Cast, seen_by, held):
    petra, sam, page = seen_by("petra"), seen_by("sam"), f"/authorizations/{held.request.uid}/"
    answer = f"{page}transfer/answer/"
    to = Membership.objects.get(user=cast["sam"]).department_id
    form = words(petra.get(f"{page}transfer/"))
    for told in ("Neurology, South Hospital", "Another hospital reviews it anew", "ends at that moment"):
        assert told in form
    assert sam.get(answer).status_code == 404
    assert petra.post(f"{page}transfer/", {"department": to, "words": "Moves <b>south</b>."}).status_code == 302
    assert "Neurology, South Hospital asked to take it over" in words(petra.get(page))
    home = words(sam.get("/"))
    assert "of Neurology, North Hospital" in home
    assert "Canary" not in home
    shown = sam.get(answer)
    for told in (
        "Ambrose Canary",
        "Moves <b>south</b>.",
        "North Hospital",
        "Given so far nothing",
        "MRN at South Hospital",
    ):
        assert told in words(shown), told
    assert f"/patients/{held.patient.uid}/" not in shown.content.decode()
    for who in ("sue", "saul", "rosa", "fern", "adam"):
        assert seen_by(who).get(answer).status_code in (403, 404), who
    for address in (page, f"/requests/{held.request.uid}/", f"/patients/{held.patient.uid}/"):
        assert sam.get(address).status_code == 404, address
    accepted = {"answer": "accept", "mrn": "S-77"}
    for typed in ({"mrn": "<i>"}, {"mrn": ""}, {"mrn": "x" * 99}, {"answer": "maybe"}, {"words": "\u202e"}):
        refused = sam.post(answer, accepted | typed)
        assert refused.status_code == 422, typed
        assert "<i>" not in refused.content.decode()
    assert sam.post(answer, {"answer": "decline", "words": ""}).status_code == 422
    draft = sam.post(answer, accepted)["Location"]
    for other in ("", "edit/", "submit/"):
        assert petra.get(draft.replace("renewal/", other)).status_code == 404
    begun = words(sam.get(draft))
    for told in ("Transfer: ", "Transferred from North Hospital , Neurology", held.number, held.request.number):
        assert told in begun, told
    assert f"/requests/{held.request.uid}/" not in sam.get(draft).content.decode()
    assert "Transferred from North Hospital" in words(sam.get(draft.replace("renewal", "edit")))
    assert "has begun a request there" in words(petra.get(page))
    for late in (sam.get(answer), sam.post(answer, accepted | {"mrn": "S-78"})):
        assert late.status_code == 409
        assert "Canary" not in words(late)
    assert Request.objects.filter(copied_from=held.request).count() == 1


@pytest.mark.long
def test_who_may_be_the_same_at_the_other_hospital_is_shown_and_told_apart(cast: Cast, seen_by, held):
    petra, sam, page = seen_by("petra"), seen_by("sam"), f"/authorizations/{held.request.uid}/"
    answer = f"{page}transfer/answer/"
    namesake = cast.a_patient(by="sam", mrn="S-5")
    to = Membership.objects.get(user=cast["sam"]).department_id
    petra.post(f"{page}transfer/", {"department": to, "words": "Moves south."})
    assert "1 patient of South Hospital may be the same" in words(sam.get(answer))
    sent = {"answer": "accept", "mrn": "S-77", "words": "Typed & kept"}
    asked = sam.post(answer, sent)
    assert asked.status_code == 422
    assert "Compare the patients shown" in words(asked)
    assert "Typed &amp; kept" in asked.content.decode()
    for typed in ({"another": "on", "different_from": "1 OR 1"}, {"different_from": str(namesake.uid)}):
        assert sam.post(answer, sent | typed).status_code == 422, typed
    assert sam.post(answer, sent | {"another": "on", "different_from": str(namesake.uid)}).status_code == 302
    assert namesake.site.patients.count() == 2


@pytest.mark.long
def test_an_offer_that_ended_meanwhile_says_so_and_names_nobody(cast: Cast, seen_by, held):
    petra, sam, page = seen_by("petra"), seen_by("sam"), f"/authorizations/{held.request.uid}/"
    to = Membership.objects.get(user=cast["sam"]).department_id
    petra.post(f"{page}transfer/", {"department": to, "words": "Moves south."})
    today = (timezone.now() - timedelta(days=1)).date().isoformat()
    petra.post(f"{page}discontinue/", {"from_day": today, "reason": "wish", "words": ""})
    for answered in (sam.get(f"{page}transfer/answer/"), sam.post(f"{page}transfer/answer/", {"answer": "accept"})):
        assert answered.status_code == 409
        assert "is discontinued" in words(answered)
        assert "Canary" not in words(answered)
    assert "asked to take over" not in words(sam.get("/"))


@pytest.mark.long
def test_a_request_there_that_ends_says_nothing_of_what_was_discontinued_here_meanwhile(cast: Cast, seen_by, held):
    petra, sam, page = seen_by("petra"), seen_by("sam"), f"/authorizations/{held.request.uid}/"
    to = Membership.objects.get(user=cast["sam"]).department_id
    petra.post(f"{page}transfer/", {"department": to, "words": "Moves south."})
    assert sam.post(f"{page}transfer/answer/", {"answer": "accept", "mrn": "S-77"}).status_code == 302
    today = (timezone.now() - timedelta(days=1)).date().isoformat()
    petra.post(f"{page}discontinue/", {"from_day": today, "reason": "wish", "words": ""})
    draft = Request.objects.get(copied_from=held.request)
    workflow.discard(draft.uid, by=cast["sam"], at=timezone.now(), version=draft.version)
    for shown in (petra.get(page), petra.get("/notices/")):
        assert "has ended without an approval" in words(shown)
        assert "changes nothing here" in words(shown)
        assert "as before" not in words(shown)
    assert "this authorization stands" not in words(petra.get(page))
