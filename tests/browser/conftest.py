"""What the walks share: a desk at which one after the other signs in."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.cast import Cast
from tests.page_checks import DESK, sign_in

Desk = Callable[[str, str], Page]


@pytest.fixture
def staffed(transactional_db: None) -> Cast:
    """The cast, where a browser sees it."""
    return Cast()


@pytest.fixture
def desk(staffed: Cast, live_server, page: Page) -> Iterator[Desk]:
    """The browser, signed in as whoever is named, on the page of an address; what a script throws fails the test."""
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.set_viewport_size(DESK)

    def enter(username: str, address: str) -> Page:
        sign_in(page, staffed[username], live_server.url)
        page.goto(live_server.url + address)
        return page

    yield enter
    assert not thrown
