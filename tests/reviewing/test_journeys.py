"""A reviewer's day by keyboard alone in a real browser, at a desk and on a phone, with nothing that axe objects to."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.cast import IBM, PASSWORD, Cast, a_request
from tests.page_checks import SIZES, SIZES_IN_THEMES, assert_sound, sign_in
from tests.reviewing.pages import case_of
from utilization.models import Authorization, Decision, Question
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOCUSED = """() => {
    const at = document.activeElement;
    return [at.tagName, at.labels?.[0]?.innerText || at.innerText || ""];
}"""


@pytest.fixture
def cast(transactional_db, cast: Cast) -> Cast:
    return cast


@pytest.fixture
def desk(cast, live_server, page: Page):
    """The browser, signed in as whoever is named: `desk("fern")`."""

    def enter(username: str) -> Page:
        sign_in(page, cast[username], live_server.url)
        page.goto(f"{live_server.url}/review/")
        return page

    return enter


def reach(page: Page, name: str, role: str = "") -> None:
    """Press Tab until the focus stands on what is called `name`."""
    page.wait_for_load_state()
    for _ in range(120):
        page.keyboard.press("Tab")
        said = page.evaluate(FOCUSED)
        if name in said[1] and role.upper() in said[0]:
            return
    raise AssertionError(f"Tab never came to {name}.")


@pytest.mark.long
def test_a_pharmacist_claims_changes_and_signs_by_keyboard(cast, desk):
    request = a_request(cast)
    page = desk("fern")
    reach(page, "Claim")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is yours until you decide or release it.")).to_be_visible()
    reach(page, "Decide", "a")
    page.keyboard.press("Enter")
    reach(page, "Change the order")
    page.keyboard.press("Enter")
    reach(page, "or by weight", "input")
    page.keyboard.type("1.5")
    expect(page.locator("#approve-changed")).to_contain_text("Judged again:")
    expect(page.locator("#approve-changed")).to_contain_text(re.compile("115.g"))
    expect(page.locator("#approve-changed")).to_contain_text("A reason is needed")
    reach(page, "Reason", "summary")
    page.keyboard.press("Enter")
    reach(page, "Reason", "select")
    page.keyboard.type("Lowest")
    reach(page, "In words", "textarea")
    page.keyboard.type("Enough by weight.")
    reach(page, "Your password", "input")
    page.keyboard.type("not it")
    page.keyboard.press("Enter")
    expect(page.locator("#decision").get_by_role("alert")).to_contain_text("This is not your password")
    assert page.locator("#approve_dose_total_g_per_kg").input_value() == "1.5"
    assert page.locator("#approve_password").input_value() == ""
    page.locator("#decision").focus()
    reach(page, "Your password", "input")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("is approved and authorized.")).to_be_visible()
    assert Authorization.objects.get(request=request).grams_per_course == 115


@pytest.mark.long
def test_a_physician_denies_by_keyboard(cast, desk, live_server):
    request = a_request(cast, Status.PHYSICIAN_REVIEW, indication="ibm", answers=IBM)
    page = desk("mira")
    page.goto(live_server.url + case_of(request))
    reach(page, "Deny", "summary")
    page.keyboard.press("Enter")
    reach(page, "Reason", "select")
    page.keyboard.type("Criteria")
    reach(page, "In words", "textarea")
    page.keyboard.type("No benefit is shown.")
    reach(page, "Your password", "input")
    page.keyboard.type(PASSWORD)
    reach(page, "Sign denial")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{request.number} is denied.")).to_be_visible()
    assert Decision.objects.get(kind="decision").reason_code == "criteria_not_met"


@pytest.mark.long
def test_a_question_is_asked_by_keyboard(cast, desk, live_server):
    request = a_request(cast)
    page = desk("fern")
    page.goto(live_server.url + case_of(request))
    reach(page, "Ask for information")
    page.keyboard.press("Enter")
    reach(page, "Question", "textarea")
    page.keyboard.type("Which product?")
    reach(page, "Product", "input")
    page.keyboard.press("Space")
    reach(page, "Send the question")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The clock is stopped").first).to_be_visible()
    assert Question.objects.get().facts == ["product"]


@pytest.mark.long
@pytest.mark.parametrize(("size", "theme"), SIZES_IN_THEMES)
def test_every_page_is_sound_at_desk_and_phone_in_both_themes(cast, desk, live_server, size, theme):
    meets = a_request(cast)
    page = desk("fern")
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(SIZES[size])
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for address in ("/review/", "/review/?show=waiting", "/review/?show=signed", "/review/?outcome=does_not_meet"):
        page.goto(live_server.url + address)
        assert_sound(page)
    page.goto(live_server.url + case_of(meets))
    assert_sound(page)
    if theme == "light":
        for summary in page.locator("details.act > summary").all():
            summary.click()
            assert_sound(page)
    assert complaints == []


@pytest.mark.long
def test_the_decision_stays_at_its_place_beside_the_case(cast, desk, live_server):
    page = desk("fern")
    page.set_viewport_size(SIZES["desk"])
    page.goto(live_server.url + case_of(a_request(cast)))
    panel = page.locator("#decision")
    left = panel.bounding_box()["x"]
    assert left > page.locator("#criteria").bounding_box()["x"]
    page.locator("#plan").scroll_into_view_if_needed()
    box = panel.bounding_box()
    assert box["x"] == left
    assert 0 <= box["y"] < SIZES["desk"]["height"] / 2


CLEAR = """() => {
    const at = document.activeElement.getBoundingClientRect();
    const bar = document.querySelector(".act-bar");
    if (bar.contains(document.activeElement)) return true;
    return at.top < bar.getBoundingClientRect().top;
}"""


@pytest.mark.long
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_acts_stay_at_the_foot_of_the_window_and_never_cover_what_has_the_focus(cast, desk, live_server, size):
    request = a_request(cast)
    page = desk("fern")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(live_server.url + case_of(request))
    bar = page.get_by_role("navigation", name="Acts on this case")
    expect(bar.get_by_role("link", name="Approve")).to_be_in_viewport(ratio=1)
    bar.get_by_role("link", name="Recommend").click()
    assert page.evaluate("document.activeElement.closest('form').id") == "act-recommend"
    for _ in range(40):
        assert page.evaluate(CLEAR), page.evaluate(FOCUSED)
        page.keyboard.press("Tab")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
