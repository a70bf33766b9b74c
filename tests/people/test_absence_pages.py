"""Away and cover on the pages: entered, asked about, ended; what is hostile is refused with a word, and kept."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import AT, a_request
from utilization.models import Absence, Membership, Notice
from utilization.rules.roles import Role


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.long
def test_a_pharmacist_goes_away_is_asked_and_comes_back(cast, seen_by):
    Membership.objects.filter(user=cast["dora"], role=Role.PHARMACIST).update(ended_at=AT)
    browser, address = seen_by("fern"), reverse("away")
    today = cast.north.date_at(timezone.now())
    typed = {"site": cast.north.pk, "first_day": today, "last_day": today + timedelta(days=3)}
    refused = browser.post(address, typed | {"cover": cast["mira"].pk, "last_day": "9999-99-99<script>"})
    assert refused.status_code == 422
    assert "<script>" not in refused.content.decode()
    assert not Absence.objects.exists()
    assert browser.post(address, typed | {"cover": cast["felix"].pk}).status_code == 302
    assert "Felix Pharmacist" in text_of(browser.get(address))
    assert "Fern Pharmacist" in text_of(seen_by("felix").get(address))
    asked = seen_by("felix").post(address, typed)
    assert asked.status_code == 422
    assert "Pharmacy reviewers of North Hospital: nobody would be there" in text_of(asked)
    assert seen_by("felix").post(address, typed | {"confirmed": "on"}).status_code == 302
    a_request(cast, at=timezone.now() - timedelta(hours=1))
    for who, page in (("fern", "review-queue"), ("adam", "people-list"), ("adam", "people-away")):
        assert "nobody is here who could act" in text_of(seen_by(who).get(reverse(page))), page
    own = Absence.objects.get(person=cast["fern"])
    browser.post(address, {"end": Absence.objects.get(person=cast["felix"]).pk})  # not theirs
    browser.post(address, {"end": "x' OR 1=1"})
    assert Absence.objects.filter(ended_at=None).count() == 2
    browser.post(address, {"end": own.pk})
    assert list(Absence.objects.filter(ended_at=None)) == [Absence.objects.get(person=cast["felix"])]
    assert "nobody is here" not in text_of(browser.get(reverse("review-queue")))


def test_an_administrator_enters_it_for_people_of_their_site_alone(cast, seen_by):
    browser, address = seen_by("adam"), reverse("people-away")
    today = cast.north.date_at(timezone.now())
    typed = {"site": cast.north.pk, "first_day": today, "last_day": today, "cover": cast["felix"].pk}
    for person in (cast["sue"].pk, "0", "x" * 5000):
        assert browser.post(address, typed | {"person": person}).status_code == 422
    assert browser.post(address, typed | {"person": cast["fern"].pk}).status_code == 302
    assert Absence.objects.get().entered_by == cast["adam"]
    assert seen_by("fern").get(address).status_code == 403
    browser.post(address, {"end": Absence.objects.get().pk})
    assert Absence.objects.get().ended_by == cast["adam"]


def test_what_was_ended_before_it_began_is_told_of_no_more(cast, seen_by):
    browser, address = seen_by("fern"), reverse("away")
    today = cast.north.date_at(timezone.now())
    days = {"first_day": today + timedelta(days=10), "last_day": today + timedelta(days=12)}
    typed = {"site": cast.north.pk, **days}
    assert browser.post(address, typed | {"cover": cast["felix"].pk}).status_code == 302
    covered = "Felix Pharmacist covers for Fern Pharmacist"
    assert covered in text_of(seen_by("felix").post(address, typed))
    assert "Fern Pharmacist" in text_of(seen_by("adam").get(reverse("people-away")))
    assert browser.post(address, {"end": Absence.objects.get().pk}).status_code == 302
    for who, page in (("fern", "away"), ("felix", "away"), ("adam", "people-away")):
        shown = seen_by(who).get(reverse(page))
        assert not shown.context["absences"], who
        assert "Nobody is entered as away" in text_of(shown), who
    # Nobody is left without cover by it, and nobody is told so.
    assert seen_by("felix").post(address, typed).status_code == 302
    assert Absence.objects.get(person=cast["felix"]).cover is None
    assert not Notice.objects.filter(recipient=cast["adam"]).exists()
