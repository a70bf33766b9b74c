"""Away and cover, second opinions, and calls from peer to peer, each walked by the people concerned."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.walking import approve_by_keys, look, refused, send
from tests.cast import a_request
from tests.workflow.acts import act
from utilization import workflow
from utilization.models import Absence, Decision, Opinion, PeerCall
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def case_of(request):
    return reverse("review-case", args=[request.uid])


@pytest.mark.long
def test_a_cover_decides_what_was_held_and_never_their_own_case(staffed, desk):
    now = timezone.now()
    today = staffed.north.date_at(now)
    held = a_request(staffed, at=now - timedelta(hours=4))
    held = act("claim", held, staffed["fern"], now - timedelta(hours=1))
    page = desk("fern", reverse("away"))
    page.get_by_label("First day away").fill(f"{today}")
    page.get_by_label("Last day away").fill(f"{today - timedelta(days=1)}")
    page.get_by_label("Who covers").select_option("Felix Pharmacist")
    send(page, "Save")
    refused(page, "The last day comes before the first")
    assert not Absence.objects.exists()
    page.get_by_label("Last day away").fill(f"{today + timedelta(days=1)}")
    send(page, "Save")
    expect(page.get_by_role("row", name="Fern Pharmacist (now)")).to_contain_text("Felix Pharmacist")
    look(page)

    page = desk("felix", reverse("review-queue"))
    expect(page.get_by_role("row", name=held.number)).to_contain_text("you")
    approve_by_keys(page)
    assert Decision.objects.get(request=held).covering_for == staffed["fern"]

    # Dora reviews too: what Paul wrote, for whom she covers, is as her own.
    own = a_request(staffed, by="paul", at=now - timedelta(hours=3), patient=staffed.a_patient("paul", mrn="N-2"))
    days = workflow.TypedAbsence(today, today, staffed["dora"])
    workflow.enter_absence(staffed.north, staffed["paul"], by=staffed["paul"], at=now, typed=days)
    page = desk("dora", reverse("review-queue"))
    expect(page.get_by_role("row", name=own.number)).to_contain_text("another person reviews it")
    look(page)
    page.goto(page.url.removesuffix(reverse("review-queue")) + case_of(own))
    expect(page.locator("#decision")).to_contain_text("You covered for Paul Colleague")
    expect(page.get_by_role("button", name="Sign approval")).to_have_count(0)
    look(page)


@pytest.mark.long
def test_an_opinion_is_asked_and_given_and_a_call_offered_booked_and_recorded(staffed, desk):
    now = timezone.now()
    workflow.set_specialties(staffed["max"], ["neurology"], by=staffed["adam"], at=now, site=staffed.north)
    request = a_request(staffed, Status.PHYSICIAN_REVIEW, at=now - timedelta(hours=9))
    page = desk("mira", case_of(request))
    page.get_by_text("Ask for a second opinion").click()
    page.get_by_label("What do you want to know?").fill("Is <this> a relapse?")
    send(page, "Ask")
    refused(page, "Choose a specialty.")
    expect(page.get_by_label("What do you want to know?")).to_have_value("Is <this> a relapse?")
    page.get_by_label("Specialty").select_option("Neurology")
    send(page, "Ask")
    expect(page.locator("#opinions")).to_contain_text("Is <this> a relapse?")

    page = desk("max", reverse("review-queue") + "?show=opinions")
    look(page)
    page.get_by_role("row", name=request.number).get_by_role("link").first.click()
    page.get_by_text("Give your opinion").click()
    page.get_by_label("Your opinion").fill("Hard to say.")
    page.get_by_label("Neither").check()
    send(page, "Give opinion")
    refused(page, "Write what is missing.")
    look(page)
    assert not Opinion.objects.exists()
    page.get_by_label("What is missing").fill("An EMG.")
    send(page, "Give opinion")
    expect(page.locator("#opinions")).to_contain_text("An EMG.")

    # A call whose time has come, as it was booked this morning; nobody was reached, so times are offered anew.
    today, offered = staffed.north.date_at(now), now - timedelta(hours=2)
    local = (now - timedelta(hours=1)).astimezone(ZoneInfo(staffed.north.time_zone))
    times = [f"{local:%Y-%m-%dT%H:%M}"]
    call = workflow.offer_call(request.uid, by=staffed["mira"], at=offered, times=times, place="+43 1 555 0100")
    workflow.book_call(request.uid, call.uid, by=staffed["paul"], at=offered, time=call.times[0])
    page = desk("mira", case_of(request))
    send(page, "Record the outcome")
    refused(page, "Choose what the call came to.")
    look(page)
    page.get_by_label("Nobody was reached").check()
    page.get_by_label("What was said").fill("No answer.")
    send(page, "Record the outcome")
    expect(page.locator("#calls")).to_contain_text("Nobody was reached")
    page.get_by_text("Offer a call").click()
    page.get_by_label("Time 1").fill("2999-12-31T12:00")
    page.get_by_label("Telephone number or place").fill("Room <3>")
    send(page, "Offer")
    refused(page, "too far ahead")
    page.get_by_label("Time 1").fill(f"{today + timedelta(days=2)}T12:00")
    page.get_by_label("Time 2").fill(f"{today + timedelta(days=3)}T12:00")
    send(page, "Offer")
    expect(page.locator("#calls")).to_contain_text("Room <3>")

    page = desk("petra", reverse("request-page", args=[request.uid]))
    send(page, "Book")
    refused(page, "Choose one of the times that are offered.")
    look(page)
    page.locator("#calls").get_by_role("radio").first.check()
    send(page, "Book")
    expect(page.locator("#calls")).to_contain_text("booked by Petra Prescriber")
    assert set(PeerCall.objects.values_list("closed_as", "outcome")) == {("held", "not_reached"), ("", "")}
