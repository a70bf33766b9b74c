"""The evidence and the audit at a desk and on a phone, light and dark: nothing that axe objects to, nothing cut off."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.cast import Cast, a_request
from tests.page_checks import LOOKS, assert_each_sound, look, sign_in
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(transactional_db, live_server, page):
    """The pages to look at, as the auditor who may open them."""
    cast = Cast()
    request = a_request(cast, Status.APPROVED)
    draft = a_request(cast, Status.DRAFT)
    sign_in(page, cast["audrey"], live_server.url)
    pages = [
        reverse("evidence-list"),
        reverse("evidence-list") + "?q=zzz",
        reverse("evidence-page", args=["mg"]),
        reverse("evidence-page", args=["itp"]),
        reverse("evidence-sources"),
        reverse("audit-list"),
        reverse("audit-list") + "?since=never",
        reverse("audit-request", args=[request.uid]),
        reverse("audit-request", args=[draft.uid]),
        reverse("audit-rejudge", args=[request.uid]),
        reverse("audit-access"),
        reverse("audit-document"),
        reverse("audit-batch"),
        reverse("audit-log"),
    ]
    return [live_server.url + address for address in pages]


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_pages_are_sound(addresses, page: Page, width, scheme):
    look(page, width, scheme)
    assert_each_sound(page, addresses)


@pytest.mark.long
def test_a_citation_jumps_to_its_statement(addresses, live_server, page: Page):
    page.goto(live_server.url + reverse("evidence-page", args=["cidp"]))
    page.locator(".asked-resolution a.cite", has_text="DA-02").first.click()
    assert page.url.endswith("#DA-02")
    assert page.locator("#DA-02").evaluate("at => at.getBoundingClientRect().top >= 0")
