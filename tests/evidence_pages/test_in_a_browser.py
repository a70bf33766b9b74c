"""The evidence and the audit at a desk and on a phone, light and dark: nothing that axe objects to, nothing cut off."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from tests.cast import Cast, a_request
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def addresses(transactional_db):
    """The pages to look at, and the auditor's session that opens them."""
    cast = Cast()
    request = a_request(cast, Status.APPROVED)
    draft = a_request(cast, Status.DRAFT)
    client = Client()
    client.force_login(cast["audrey"])
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
        reverse("audit-log"),
    ]
    return pages, client.cookies["sessionid"].value


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (320, "dark")])
def test_pages_are_sound(addresses, live_server, page: Page, width, scheme):
    pages, session = addresses
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    for address in pages:
        assert page.goto(live_server.url + address).status == 200
        found = Axe().run(page, options=RULES).response["violations"]
        assert not found, (address, [(one["id"], one["nodes"][0]["html"]) for one in found])
        fits = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert fits, f"{address} runs off the side"


def test_a_citation_jumps_to_its_statement(addresses, live_server, page: Page):
    _, session = addresses
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.goto(live_server.url + reverse("evidence-page", args=["cidp"]))
    page.locator(".asked-resolution a.cite", has_text="DA-02").first.click()
    assert page.url.endswith("#DA-02")
    assert page.locator("#DA-02").evaluate("at => at.getBoundingClientRect().top >= 0")
