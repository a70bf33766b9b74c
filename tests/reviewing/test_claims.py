"""Claims that lapse, requests given to reviewers in turn, and what the badge of the queue says."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import AT, IBM, PASSWORD, a_draft, a_request, appealed, recommended, submitted
from tests.workflow.acts import act
from utilization import event_log, outbox, workflow
from utilization.models import Event, Membership, Notice, Request, Site, User
from utilization.reports.queue import stages
from utilization.reports.queue_counts import arrivals
from utilization.rules.lifecycle import Status
from utilization.rules.notice_kinds import Recipients
from utilization.rules.roles import Role

HOUR = timedelta(hours=1)


def settings(cast, hours=4, in_turn=False):
    return workflow.set_claim_settings(cast.north, by=cast["adam"], at=AT, claim_hours=hours, assigns_in_turn=in_turn)


def test_a_claim_lapses_after_the_hours_of_its_site_and_never_before(cast):
    settings(cast, hours=2)
    first, second = a_request(cast), a_request(cast, patient=cast.a_patient(mrn="N-2"))
    held = act("claim", first, cast["fern"], AT)
    later = act("claim", second, cast["felix"], AT + HOUR)
    assert workflow.lapse_claims(at=AT + 2 * HOUR - timedelta(seconds=1)) == 0
    assert workflow.lapse_claims(at=AT + 2 * HOUR) == 1
    assert workflow.lapse_claims(at=AT + 2 * HOUR) == 0
    held.refresh_from_db()
    later.refresh_from_db()
    assert (held.holder, held.held_at, held.status) == (None, None, Status.PHARMACIST_REVIEW)
    assert later.holder == cast["felix"]
    entry = event_log.entries(held)[-1]
    assert (entry.type, entry.actor_id, entry.data["holder_before"]) == ("request.claim_lapsed", None, cast["fern"].pk)
    assert entry.data["version"] == held.version
    with pytest.raises(workflow.Conflict):  # whoever held it works on a page of before
        workflow.release(held.uid, by=cast["fern"], at=AT + 3 * HOUR, version=held.version - 1)
    assert act("approve", held, cast["felix"], AT + 3 * HOUR).status == Status.APPROVED


def test_hours_are_bounded_refused_to_others_and_logged_once(cast):
    for hours in (0, 73, -1):
        with pytest.raises(workflow.Invalid, match="1 to 72"):
            settings(cast, hours=hours)
    with pytest.raises(workflow.Refused):
        workflow.set_claim_settings(cast.north, by=cast["fern"], at=AT, claim_hours=2, assigns_in_turn=True)
    settings(cast, hours=5, in_turn=True)
    settings(cast, hours=5, in_turn=True)
    assert Event.objects.filter(type="site.claims").count() == 1
    site = Site.objects.get(pk=cast.north.pk)
    assert (site.claim_hours, site.assigns_in_turn) == (5, True)


def given(cast, count, **draft):
    """Who holds each of `count` requests, filed one after another, a minute between them."""
    holders = []
    for _ in range(count):
        filed = Request.objects.count()
        patient = cast.a_patient(mrn=f"T-{filed}")
        request = submitted(cast, a_draft(cast, patient=patient, **draft), at=AT + timedelta(minutes=filed))
        stored = Request.objects.get(pk=request.pk)
        assert (request.version, request.holder_id) == (stored.version, stored.holder_id)
        holders.append(stored.holder and stored.holder.username)
    return holders


@pytest.mark.long
def test_requests_are_given_in_turn_to_whoever_is_present_and_may_decide(cast):
    """Expected by hand: the two pharmacists at North and Dora, who prescribes too, one after another."""
    settings(cast, in_turn=True)
    assert given(cast, 1) == [None]  # nobody signed in lately
    User.objects.filter(username__in=["fern", "felix", "dora", "sue", "petra"]).update(last_login=AT - HOUR)
    assert given(cast, 4) == ["fern", "felix", "dora", "fern"]
    assert given(cast, 3, by="dora") == ["felix", "fern", "felix"]  # never an author's own
    assert given(cast, 1) == ["dora"]
    User.objects.filter(username="dora").update(last_login=AT - 13 * HOUR)
    Membership.objects.filter(user=cast["fern"]).update(ended_at=AT)
    assert given(cast, 2) == ["felix", "felix"]
    physicians = Membership.objects.filter(role=Role.PHYSICIAN, assigned_at__isnull=False)
    assert not physicians.exists()
    User.objects.filter(username="mira").update(last_login=AT)
    Membership.objects.filter(user=cast["fern"]).update(ended_at=None)
    settings(cast)
    made = a_request(cast, patient=cast.a_patient(mrn="P-1"), indication="ibm", answers=IBM)
    settings(cast, in_turn=True)
    assert recommended(cast, made, at=AT + 2 * HOUR).holder == cast["mira"]


def test_the_administrator_sets_both_on_a_page(cast, seen_by):
    adam, page = seen_by("adam"), reverse("people-claims")
    bad = adam.post(page, {"site": "north", "claim_hours": "a day"})
    assert (bad.status_code, b'value="a day"' in bad.content, b"from 1 to 72" in bad.content) == (422, True, True)
    assert adam.post(page, {"site": "north", "claim_hours": "6", "assigns_in_turn": "yes"}).status_code == 302
    assert Site.objects.filter(code="north", claim_hours=6, assigns_in_turn=True).exists()
    assert adam.post(page, {"site": "south", "claim_hours": "6"}).status_code == 422


@pytest.mark.long
def test_the_badge_says_what_awaits_and_what_is_new_and_is_sent_once(cast, seen_by):
    now = timezone.now()
    Membership.objects.update(started_at=now - timedelta(days=9))
    fern, address = seen_by("fern"), reverse("review-badge")
    a_request(cast)
    fern.get(reverse("review-queue"))
    first = fern.get(address)
    assert b"1" in first.content
    assert b"new" not in first.content
    assert fern.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    a_request(cast, at=timezone.now() - HOUR, patient=cast.a_patient(mrn="N-2"))
    second = fern.get(address, headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, b"1 new" in second.content) == (200, True)
    assert b"no-cache" in second["Cache-Control"].encode()
    fern.get(reverse("review-queue"))
    assert b"new" not in fern.get(address).content
    assert reverse("review-badge").encode() in fern.get(reverse("evidence-list")).content


def test_the_badge_counts_an_appeal_for_those_alone_who_may_decide_it(cast):
    """Mira denied it and Dora files the appeal; of the physicians at North Max is left."""
    appealed(cast, a_request(cast, Status.DENIED), by="dora")
    told = {name: arrivals(cast[name], stages(cast[name]), since=AT - HOUR, at=AT) for name in ("mira", "dora", "max")}
    assert {name: (found.awaiting, found.new) for name, found in told.items()} == {
        "mira": (0, 0), "dora": (0, 0), "max": (1, 1)
    }  # fmt: skip


def test_who_was_given_a_request_is_told_that_it_is_withdrawn_and_no_leaver_is_reminded(cast):
    settings(cast, in_turn=True)
    User.objects.filter(username="felix").update(last_login=AT)
    made = a_request(cast)
    assert made.holder == cast["felix"]
    Membership.objects.filter(user=cast["felix"]).update(ended_at=AT)
    owner = outbox.Occasion(Event.objects.last(), cast.north, made, {})
    assert outbox.recipients([Recipients.OWNER], owner) == {cast[who].pk for who in ("fern", "dora")}
    Membership.objects.filter(user=cast["felix"]).update(ended_at=None)
    act("withdraw", made, cast["petra"], AT)
    entry = Event.objects.filter(type="request.withdrawn").last()
    told = Notice.objects.filter(event_seq=entry.seq)
    assert list(told.values_list("recipient__username", "kind")) == [("felix", "changed")]


def test_a_recommendation_sent_twice_is_no_lost_race_where_it_was_given_on_in_turn(cast, seen_by):
    settings(cast, in_turn=True)
    made = a_request(cast, indication="ibm", answers=IBM)
    User.objects.filter(username="mira").update(last_login=timezone.now())
    typed = {"choice": "deny", "reason": "No.", "password": PASSWORD, "version": made.version}
    answers = [seen_by("fern").post(reverse("review-recommend", args=[made.uid]), typed) for _ in range(2)]
    made.refresh_from_db()
    assert made.holder == cast["mira"]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert made.decisions.count() == 1
