"""Treat now and verbal orders, each walked by the people concerned."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.walking import approve_by_keys, look, refused, send
from tests.cast import a_request
from tests.workflow.acts import act
from utilization import workflow
from utilization.models import FirstDose, VerbalOrder
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.long
def test_an_emergency_is_declared_released_and_reviewed_after(staffed, desk):
    request = a_request(staffed, at=timezone.now() - timedelta(hours=2))
    own = f"/requests/{request.uid}/"
    page = desk("petra", own)
    page.get_by_role("link", name="Treat now").click()
    for hostile in (" ", "Falling \u202e now"):
        page.get_by_label("Why it is an emergency").fill(hostile)
        send(page, "Release the first dose")
        refused(page, "Not released")
        expect(page.get_by_label("Why it is an emergency")).to_have_value(hostile)
    assert not FirstDose.objects.exists()
    look(page)
    page.get_by_label("Why it is an emergency").fill("<script>alert(1)</script> Respiratory failure.")
    send(page, "Release the first dose")
    expect(page.locator("main")).to_contain_text("First dose released: 31 g")
    expect(page.locator("main")).to_contain_text("<script>alert(1)</script> Respiratory failure.")
    look(page)
    page.goto(page.url + "treat/")
    expect(page.locator("main")).to_contain_text("The first dose of this request is released already")

    page = desk("fern", "/review/first-doses/")
    expect(page.get_by_role("row", name=request.number)).to_contain_text("31 g")
    look(page)
    page.get_by_role("link", name="Queue").first.click()
    approve_by_keys(page)
    assert FirstDose.objects.get().request.status == Status.APPROVED
    expect(desk("petra", own).locator("main")).to_contain_text("Released, approved after")


@pytest.mark.long
def test_a_verbal_order_is_entered_by_a_colleague_and_confirmed_and_another_is_disowned(staffed, desk):
    now = timezone.now()
    local = now.astimezone(ZoneInfo(staffed.north.time_zone))
    first, second = (
        a_request(staffed, at=now - timedelta(hours=2), patient=staffed.a_patient(mrn=f"N-{place}", at=now))
        for place in range(2)
    )
    # A pharmacist files nothing, and so enters no order; Dora is one who prescribes in the department too.
    page = desk("fern", f"/requests/{first.uid}/verbal-order/")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text(first.number)
    page = desk("dora", f"/requests/{first.uid}/")
    page.get_by_role("link", name="Enter as a verbal order").click()
    page.get_by_label("Prescriber who gave the order").select_option("Paul Colleague, MD")
    page.get_by_label("When it was given").fill("2999-12-31T23:59")
    send(page, "Enter the verbal order")
    refused(page, "in the last 3 days, and not after now")
    refused(page, "Read the order back")
    look(page)
    assert not VerbalOrder.objects.exists()
    page.get_by_label("When it was given").fill(f"{local - timedelta(minutes=30):%Y-%m-%dT%H:%M}")
    page.get_by_label("I read the order back").check()
    send(page, "Enter the verbal order")
    expect(page.get_by_text("Entered. Paul Colleague, MD is asked to confirm it.")).to_be_visible()

    page = desk("paul", f"/requests/{first.uid}/")
    page.get_by_role("link", name="Confirm it, or disown it").click()
    look(page)
    send(page, "It is my order: confirm it")
    expect(page.locator("main")).to_contain_text("Confirmed, ")

    act("take_order", second, staffed["dora"], now)
    page = desk("paul", f"/requests/{second.uid}/verbal-order/answer/")
    send(page, "I gave no such order: disown it")
    refused(page, "Write what is wrong with this order.")
    page.get_by_label("What is wrong with this order").fill("Nobody <b>called</b> me.")
    send(page, "I gave no such order: disown it")
    expect(page.locator("main")).to_contain_text("Nobody <b>called</b> me.")
    look(page)
    second.refresh_from_db()
    assert second.status == Status.WITHDRAWN
    assert set(VerbalOrder.objects.values_list("answer", flat=True)) == {"confirmed", "disowned"}


@pytest.mark.long
def test_an_order_whose_giver_left_is_answered_in_their_place(staffed, desk):
    now = timezone.now()
    request = a_request(staffed, at=now - timedelta(hours=2))
    act("take_order", request, staffed["dora"], now - timedelta(hours=1))
    workflow.deactivate(staffed["paul"], by=staffed["adam"], at=now)
    own = f"/requests/{request.uid}/"
    page = desk("dora", own)
    expect(page.locator("main")).to_contain_text("another prescriber of it, who did not take the order")
    expect(page.get_by_role("link", name="Confirm it, or disown it")).to_have_count(0)
    page = desk("petra", own)
    look(page)
    page.get_by_role("link", name="Confirm it, or disown it").click()
    expect(page.locator("main")).to_contain_text("You answer in place of Paul Colleague, MD")
    send(page, "The order is not right: disown it")
    refused(page, "Write what is wrong with this order")
    look(page)
    send(page, "The order is right: confirm it")
    expect(page.get_by_text("You confirmed the verbal order in place of Paul Colleague, MD.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Answered by Petra Prescriber, MD in place of Paul Colleague, MD")
    look(page)
