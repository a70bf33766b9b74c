"""A pharmacist adds a passkey and signs a case with one touch, in a browser with a key of its own (WebDriver's)."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.cast import PASSWORD, Cast, a_request
from tests.page_checks import DESK, PHONE, assert_sound, sign_in
from utilization import digests
from utilization.models import Decision, Membership
from utilization.passkey_proof import check_kept
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def key(page: Page):
    """A security key in the page's browser that is touched and unlocked at once."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return lambda unlocked: devtools.send(
        "WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": unlocked}
    )


@pytest.mark.long
def test_a_pharmacist_signs_a_case_with_one_touch(page: Page, live_server, key, transactional_db):
    cast, now = Cast(), timezone.now()
    Membership.objects.update(started_at=now - timedelta(days=9))
    case = a_request(cast, Status.PHARMACIST_REVIEW, at=now)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, cast["fern"], live_server.url)

    page.goto(f"{live_server.url}/account/passkeys/")
    page.get_by_label("Its name").fill("Blue key")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey “Blue key” is added").wait_for()
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert_sound(page)

    page.set_viewport_size(DESK)
    page.goto(f"{live_server.url}/review/{case.uid}/")
    approve = page.locator("details.act", has_text="Approve").first
    if not approve.evaluate("act => act.open"):
        approve.locator("summary").first.click()
    touch = approve.get_by_role("button", name="Sign approval with your passkey")
    key(unlocked=False)
    touch.click()
    approve.get_by_text("was not touched in time").wait_for()
    assert not Decision.objects.exists()
    key(unlocked=True)
    touch.click()
    page.get_by_text("is approved and authorized").wait_for()
    assert_sound(page)
    decision = Decision.objects.get()
    assert decision.presence["kind"] == "passkey"
    check_kept(decision.presence, digests.as_signed(decision))
    assert not said


def test_a_passkey_alone_signs_in(page: Page, live_server, key, transactional_db):
    cast = Cast()
    sign_in(page, cast["fern"], live_server.url)
    page.goto(f"{live_server.url}/account/passkeys/")
    page.get_by_label("Its name").fill("Blue key")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey “Blue key” is added").wait_for()
    page.context.clear_cookies()

    page.goto(f"{live_server.url}/account/sign-in/?next=/account/passkeys/")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert_sound(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="Your passkeys").wait_for()
    page.get_by_text("Blue key").first.wait_for()
