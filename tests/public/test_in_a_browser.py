"""The public check at a desk and on a phone, live, by the keyboard alone and without a script."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.cast import AT, Cast
from tests.page_checks import assert_sound, look
from utilization.workflow.public_check_switch import set_public_check

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def start(transactional_db, live_server):
    cast = Cast()
    set_public_check(cast.north, by=cast["adam"], at=AT, wanted=True)
    return live_server.url + reverse("public-start", args=["north"])


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_a_stranger_checks_a_case_while_typing(start, page: Page, width, scheme):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    look(page, width, scheme)
    page.goto(start)
    assert_sound(page)
    page.get_by_label("Name, abbreviation").fill("G61.81")
    expect(page.locator("#indications a")).to_have_count(1)
    page.locator("#indications a").click()
    expect(page.locator("h1")).to_contain_text("CIDP")
    assert_sound(page)
    address = page.url
    page.get_by_label("Age in years").fill("55")
    page.get_by_label("Female").check()
    page.get_by_label("Dose", exact=True).fill("2")
    page.get_by_label("Unit of the dose").select_option("g/kg, whole course")
    page.get_by_label("None of the others").check()
    expect(page.locator("#live-bar")).to_contain_text("Meets criteria")
    expect(page.get_by_label("Breastfeeding")).to_have_count(1)
    expect(page.get_by_label("None of the others")).to_be_checked()
    expect(page.get_by_label("Age in years")).to_have_value("55")
    assert_sound(page)
    assert page.url == address
    assert page.context.cookies() == []
    assert page.evaluate("Object.keys(localStorage)") == []
    # htmx notes the address that it is at, and nothing else.
    assert page.evaluate("Object.values(sessionStorage)") in ([], [page.url.removeprefix(start.split("/check/")[0])])
    assert not said


def test_what_is_ticked_while_an_answer_is_on_its_way_stays_ticked(start, page: Page):
    page.goto(start)
    page.get_by_label("Name, abbreviation").fill("G61.81")
    expect(page.locator("#indications a")).to_have_count(1)
    page.locator("#indications a").click()
    expect(page.locator("h1")).to_contain_text("CIDP")
    held = []
    page.route("**/cidp/", lambda route: route.continue_() if held else held.append(route))
    # The answer brings other boxes, since they differ by sex; it is held back until one of them was ticked.
    with page.expect_request("**/cidp/"):
        page.get_by_label("Female").check()
    page.get_by_label("None of the others").check()
    held[0].continue_()
    expect(page.get_by_label("Breastfeeding")).to_have_count(1)
    expect(page.get_by_label("None of the others")).to_be_checked()


def test_it_works_by_the_keyboard_alone(start, page: Page):
    page.goto(start)
    page.get_by_label("Name, abbreviation").focus()
    page.keyboard.type("CIDP")
    expect(page.locator("#indications a")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cidp/")
    page.get_by_label("Age in years").focus()
    page.keyboard.type("17")
    expect(page.locator("#live-bar")).to_contain_text("Exception review")


def test_it_works_without_a_script(start, browser: Browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(start)
    page.get_by_label("Name, abbreviation").fill("CIDP")
    page.get_by_role("button", name="Find").click()
    page.locator("#indications a").click()
    page.get_by_label("Age in years").fill("55")
    page.get_by_label("Dose", exact=True).fill("2")
    page.get_by_label("Unit of the dose").select_option("g/kg, whole course")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#live-bar")).to_contain_text("Meets criteria")
    expect(page.get_by_label("Age in years")).to_have_value("55")


def test_a_live_check_that_fails_says_so_and_takes_nothing_away(start, page: Page, monkeypatch):
    page.goto(start)
    page.locator("#indications a", has_text="CIDP").click()
    monkeypatch.setattr("utilization.web.public.rate_limit.MOST_A_MINUTE", 0)
    page.get_by_label("Age in years").fill("55")
    expect(page.locator("[data-check-status]")).to_contain_text("asked too often")
    expect(page.get_by_label("Age in years")).to_have_value("55")
    monkeypatch.setattr("utilization.web.public.rate_limit.MOST_A_MINUTE", 100)
    page.get_by_label("Age in years").fill("56")
    expect(page.locator("[data-check-status]")).to_be_empty()
