"""What the walks do on every page: look at it, send a form, see one come back, sign by keys."""

from playwright.sync_api import Page, expect

from tests.cast import PASSWORD
from tests.page_checks import DESK, PHONE, assert_sound


def look(page: Page) -> None:
    """The page is sound on a phone and at a desk."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert_sound(page)


def send(page: Page, button: str) -> None:
    """Press the button that is called so."""
    page.get_by_role("button", name=button).click()
    page.wait_for_load_state()


def refused(page: Page, why: str) -> None:
    """The form came back with what is wrong, and the summary of it has the focus."""
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("main")).to_contain_text(why)


def approve_by_keys(page: Page) -> None:
    """From the queue: the first case, its decision, and the signature, without a mouse; mistyped first."""
    page.wait_for_load_state()
    page.keyboard.press("s")
    expect(page.locator("#decision")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("a")
    _type_password(page, "not it")
    refused(page, "This is not your password")
    page.locator("[name=password]:visible").focus()
    _type_password(page, PASSWORD)
    expect(page.get_by_text("is approved and authorized")).to_be_visible()


def _type_password(page: Page, password: str) -> None:
    expect(page.locator("[name=password]:focus")).to_be_visible()
    page.keyboard.type(password)
    page.keyboard.press("Enter")
