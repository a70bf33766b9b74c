"""The report at a desk and on a phone, light and dark: nothing that axe objects to, nothing cut off."""

import os

import pytest
from playwright.sync_api import Page

from tests.cast import Cast
from tests.page_checks import LOOKS, assert_each_sound, assert_sound, look, sign_in
from tests.utilization_report.database_site import DatabaseSite
from tests.utilization_report.sites import site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_both_editions_are_sound(transactional_db, live_server, page: Page, width, scheme):
    cast = Cast()
    DatabaseSite(cast.north, site(21, 120, 700))
    look(page, width, scheme)
    sign_in(page, cast["audrey"], live_server.url)
    addresses = [
        f"{live_server.url}/reports/?{query}"
        for query in ("first=2025-01&last=2025-12", "edition=circulation&year=2025-01")
    ]
    assert_each_sound(page, addresses)
    page.goto(f"{live_server.url}/reports/?first=2025-12&last=2025-01")
    assert_sound(page)
    if folder := os.environ.get("SHOTS"):
        for place, address in enumerate(addresses):
            page.goto(address)
            page.screenshot(path=f"{folder}/report-{width}-{scheme}-{place}.png", full_page=True)
