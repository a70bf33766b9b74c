"""A pharmacist clears the queue without a mouse: two keys a case beside the signature, in the order of the list.

With EVERY=1 it is a morning of 25 cases, else three.
"""

import os
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD, Cast, a_request
from tests.page_checks import DESK, PHONE, assert_sound, sign_in
from utilization.models import Membership, Request
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CASES = 25 if os.environ.get("EVERY") else 3
MOST_KEYS = 5


class Keyboard:
    """The page's keyboard, counting what is pressed beside the signature."""

    def __init__(self, page: Page):
        self.page = page
        self.pressed = 0

    def press(self, key: str) -> None:
        # What a page says can be read before its keys listen.
        self.page.wait_for_load_state()
        self.pressed += 1
        self.page.keyboard.press(key)

    def sign(self) -> None:
        expect(self.page.locator("[name=password]:focus")).to_be_visible()
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")


@pytest.mark.long
def test_a_morning_is_cleared_by_keyboard_alone(page: Page, live_server, transactional_db):
    cast, now = Cast(), timezone.now()
    Membership.objects.update(started_at=now - timedelta(days=9))
    cases = [
        a_request(cast, at=now - timedelta(hours=4, minutes=-place), patient=cast.a_patient(mrn=f"K-{place:02d}"))
        for place in range(CASES)
    ]
    sign_in(page, cast["fern"], live_server.url)
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}{reverse('review-queue')}?outcome=meets")
    assert_sound(page)
    page.set_viewport_size(DESK)
    assert_sound(page)

    keys = Keyboard(page)
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys of this page")).to_contain_text("Start with the first")
    page.keyboard.press("Escape")
    keys.press("j")
    keys.press("x")  # claimed, and its case opened
    expect(page.get_by_text("is yours until you decide or release it")).to_be_visible()
    keys.press("j")
    expect(page).to_have_url(f"{live_server.url}{reverse('review-case', args=[cases[1].uid])}?list=outcome%3Dmeets")
    keys.press("k")
    expect(page.get_by_role("heading", name=cases[0].number)).to_be_visible()
    assert_sound(page)
    keys.press("u")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()

    keys.pressed = 0
    keys.press("s")
    for case in cases:
        expect(page.get_by_role("heading", name=case.number)).to_be_visible()
        keys.press("a")
        keys.sign()
        expect(page.get_by_text(f"{case.number} is approved and authorized")).to_be_visible()
    expect(page.get_by_text("Nothing fits these filters")).to_be_visible()
    assert keys.pressed <= MOST_KEYS * CASES
    assert keys.pressed == CASES + 1
    assert set(Request.objects.values_list("status", flat=True)) == {Status.APPROVED}
