"""What every page must be in a real browser, at a desk and on a phone: nothing that axe objects to, nothing cut off."""

from collections.abc import Iterable

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from tests.examples import share
from utilization.models import User

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SIZES = {"desk": DESK, "phone": PHONE}
LOOKS = [(1280, "light"), (320, "dark"), (390, "light"), (1280, "dark")][: 4 if share() == 1 else 2]
"""Widths and themes that every list of pages is looked at in; 320 px is a desk at 400 %. The first two, which differ in
both, unless `EVERY=1`: a page that does not fit at 390 seldom fits at 320."""
SIZES_IN_THEMES = [("desk", "light"), ("phone", "dark"), ("phone", "light"), ("desk", "dark")][: len(LOOKS)]
_ALL = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What can differ between two themes of one page; all else is held in the light one."""


def sign_in(page: Page, user: User, origin: str) -> None:
    """Give the browser a session of `user` at `origin`, in the place of any other."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    name = settings.SESSION_COOKIE_NAME
    page.context.clear_cookies()
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": origin}])


def look(page: Page, width: int, scheme: str) -> None:
    """See the page in a window `width` pixels wide, in the theme `scheme`."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)


def assert_fits(page: Page) -> None:
    """Nothing of the page runs off the side."""
    # A click returns before the page that it leads to has been read.
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def assert_sound(page: Page) -> None:
    """Nothing of the page runs off the side, and axe finds nothing; in the dark, nothing of colours."""
    assert_fits(page)
    # The bar that sticks on a phone lies over whatever the last click scrolled to.
    page.evaluate("scrollTo(0, 0)")
    # Colours on their way from one to the other are judged once they are there.
    page.evaluate("for (const way of document.getAnimations()) try { way.finish() } catch { way.cancel() }")
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    rules = {**(_COLOURS if dark else _ALL), "resultTypes": ["violations"]}
    violations = Axe().run(page, options=rules).response["violations"]
    assert not violations, (
        page.url,
        [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in violations],
    )


def assert_each_sound(page: Page, addresses: Iterable[str]) -> None:
    """Every one of `addresses` opens, and is sound."""
    for address in addresses:
        assert page.goto(address).status == 200, address
        assert_sound(page)
