"""A prescriber's work by keyboard in a real browser, at a desk and on a phone, with nothing that axe objects to."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.cast import CIDP, MRN, Cast, a_draft, a_request
from tests.page_checks import SIZES, assert_sound, sign_in
from utilization.models import Request
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOCUSED = """() => {
    const at = document.activeElement;
    const said = at.labels?.[0] || at;
    return [at.id, said.textContent.replace(/\\s+/g, " ").trim()];
}"""


@pytest.fixture
def cast(transactional_db, cast: Cast) -> Cast:
    return cast


@pytest.fixture
def desk(cast, live_server, page: Page):
    """The browser, signed in as whoever is named: `desk("petra")`; its complaints fail the test."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def enter(username: str = "petra") -> Page:
        sign_in(page, cast[username], live_server.url)
        page.goto(live_server.url)
        return page

    yield enter
    assert not complaints


def reach(page: Page, name: str) -> None:
    """Press Tab until the focus stands on what has this id, or is called `name`."""
    page.wait_for_load_state()
    for _ in range(150):
        page.keyboard.press("Tab")
        reached, said = page.evaluate(FOCUSED)
        if name == reached or name in said:
            return
    raise AssertionError(f"Tab never came to {name}.")


def saved(page: Page) -> None:
    expect(page.locator("[data-save-status]")).to_have_text(re.compile(r"Saved \d\d:\d\d"))


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES)
def test_a_request_is_written_and_filed_by_keyboard_alone(cast, desk, size):
    page = desk()
    page.set_viewport_size(SIZES[size])
    reach(page, "New request")
    page.keyboard.press("Enter")
    expect(page.locator("#id_q")).to_be_focused()
    page.keyboard.type("canary")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 patient found")).to_be_visible()
    assert_sound(page)
    reach(page, "Choose Ambrose Canary")
    page.keyboard.press("Enter")
    expect(page.locator("#id_q")).to_be_focused()
    page.keyboard.type("G61.81")
    expect(page.get_by_text("found as G61.81")).to_be_visible()
    assert_sound(page)
    reach(page, "Start a request for Chronic inflammatory")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Judgement so far")).to_be_attached()
    reach(page, "id_dose")
    page.keyboard.type("2")
    saved(page)
    expect(page.locator("#say_dose")).to_contain_text("Choose the unit of the dose")
    expect(page.locator("#id_dose")).to_be_focused()
    reach(page, "id_dose_unit")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#live-bar")).to_contain_text("Meets criteria")
    expect(page.locator("#dose-figures")).to_contain_text("a course")
    expect(page.locator("#id_dose_unit")).to_be_focused()
    reach(page, "id_course_days")
    page.keyboard.type("5")
    reach(page, "id_safety_rest_0")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#live-bar")).to_contain_text("155 g")
    assert_sound(page)
    reach(page, "Review and submit")
    page.keyboard.press("Enter")
    expect(page.locator("#id_mrn")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    assert_sound(page)
    for name, typed in (("mrn", MRN), ("dose_again", "155"), ("weight_again", "82.5 kg")):
        reach(page, f"id_{name}")
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign and submit")).to_be_visible()
    assert_sound(page)
    for warning in page.locator("input[name=acknowledged]").all():
        reach(page, warning.get_attribute("id"))
        page.keyboard.press("Space")
    reach(page, "id_reason_weight_stale")
    page.keyboard.type("Unchanged.")
    reach(page, "id_attested")
    page.keyboard.press("Space")
    reach(page, "Submit the request")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Submitted as IVIG-NORTH")).to_be_visible()
    assert_sound(page)
    assert Request.objects.get().status == Status.PHARMACIST_REVIEW


def test_questions_come_and_go_without_taking_the_cursor_or_what_is_being_typed(cast, desk, live_server):
    draft = a_draft(cast, indication="mg", answers={})
    page = desk()
    page.goto(f"{live_server.url}/requests/{draft.uid}/edit/")
    page.check("input[name=severity][value=severe]")
    expect(page.locator("#div_id_prior_corticosteroids")).to_be_visible()
    page.focus("#id_course_days")
    # What is typed while the answer is on its way stays, with the cursor where it was.
    page.evaluate("document.querySelector('input[name=severity][value=mild]').click()")
    page.focus("#id_course_days")
    page.keyboard.type("12")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#div_id_prior_corticosteroids")).to_have_count(0)
    expect(page.locator("#id_course_days")).to_be_focused()
    page.keyboard.type("3")
    expect(page.locator("#id_course_days")).to_have_value("132")
    with page.expect_response(lambda answer: "course_days=4132" in (answer.request.post_data or "")):
        page.keyboard.press("Home")
        page.keyboard.type("4")
    assert Request.objects.get().draft["course_days"] == "4132"


def test_what_was_unfolded_stays_so_and_a_question_leads_to_its_field(cast, desk, live_server):
    draft = a_draft(cast, indication="mg", answers={})
    page = desk()
    page.goto(f"{live_server.url}/requests/{draft.uid}/edit/")
    fold = page.locator("#live-judgement details").first
    fold.locator("summary").first.click()
    page.fill("#id_dose", "2")
    saved(page)
    expect(fold).to_have_attribute("open", "")
    page.get_by_role("link", name="Severity").click()
    expect(page.locator("#id_severity_0")).to_be_focused()


def test_not_known_and_a_typed_value_clear_each_other(cast, desk, live_server):
    page = desk()
    page.goto(f"{live_server.url}/requests/{a_draft(cast, answers={}).uid}/edit/")
    page.fill("#id_course_days", "2")
    page.check("#id_course_days_not_known")
    expect(page.locator("#id_course_days")).to_have_value("")
    page.fill("#id_course_days", "1")
    expect(page.locator("#id_course_days_not_known")).not_to_be_checked()


def test_a_lost_session_is_said_and_nothing_typed_is_lost(cast, desk, live_server):
    draft = a_draft(cast, answers={})
    page = desk()
    page.goto(f"{live_server.url}/requests/{draft.uid}/edit/")
    page.context.clear_cookies()
    page.fill("#id_dose", "2")
    expect(page.get_by_role("alert")).to_contain_text("Not saved: you have been signed out")
    expect(page.locator("#id_dose")).to_have_value("2")
    assert Request.objects.get().draft == {}
    # Signed in again, as in a second tab, the page saves by itself once the person comes back to it.
    sign_in(page, cast["petra"], live_server.url)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    saved(page)
    assert Request.objects.get().draft["dose_bare"] == "2"


def test_somebody_else_who_signs_in_meanwhile_is_refused_and_told_so(cast, desk, live_server):
    draft = a_draft(cast, answers={})
    page = desk()
    page.goto(f"{live_server.url}/requests/{draft.uid}/edit/")
    sign_in(page, cast["rosa"], live_server.url)
    page.fill("#id_dose", "2")
    expect(page.get_by_role("alert")).to_contain_text("Not saved: you may not change this")
    expect(page.locator("#id_dose")).to_have_value("2")


@pytest.mark.long
def test_two_windows_on_one_draft_ask_which_of_two_values_counts(cast, desk, live_server):
    draft = a_draft(cast, answers={})
    page = desk()
    page.goto(f"{live_server.url}/requests/{draft.uid}/edit/")
    other = page.context.new_page()
    other.goto(f"{live_server.url}/requests/{draft.uid}/edit/")
    page.select_option("#id_dose_unit", "dose_total_g_per_kg")
    page.fill("#id_dose", "2")
    saved(page)
    other.fill("#id_course_days", "5")
    expect(other.locator("#say_dose")).to_contain_text("2 g/kg, whole course saved from another window")
    other.select_option("#id_dose_unit", "dose_total_g_per_kg")
    other.fill("#id_dose", "1")
    expect(other.locator("[data-save-status]")).to_contain_text("except what is marked")
    assert_sound(other)
    other.get_by_role("button", name="Keep “1 g/kg, whole course”").click()
    expect(other.locator("#id_dose")).to_have_value("1")
    expect(other.locator(".clash")).to_have_count(0)
    assert Request.objects.get().draft["dose_total_g_per_kg"] == "1"


def test_what_goes_with_an_answer_appears_with_it(cast, desk, live_server):
    page = desk()
    page.goto(f"{live_server.url}/requests/{a_draft(cast, answers={}).uid}/edit/")
    for field, opener in (
        ("weight_rule_opt_out_reason", "input[name=weight_rule_opt_out][value=true]"),
        ("emergency_reason", "#id_emergency"),
        ("interval_weeks", "input[name=then][value=repeat]"),
    ):
        expect(page.locator(f"#id_{field}")).to_be_hidden()
        page.check(opener)
        expect(page.locator(f"#id_{field}")).to_be_visible()
    page.fill("#id_interval_weeks", "4")
    page.check("input[name=then][value=once]")
    expect(page.locator("#id_interval_weeks")).to_be_visible()


@pytest.mark.long
def test_an_answer_is_kept_while_it_is_typed(cast, desk, live_server):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    page = desk()
    for path, field in ((f"{asked.uid}/answer/", "#id_text"), (f"{asked.uid}/withdraw/", "#id_reason")):
        page.goto(f"{live_server.url}/requests/{path}")
        page.fill(field, "Half a sentence")
        saved(page)
        page.reload()
        expect(page.locator(field)).to_have_value("Half a sentence")
        assert_sound(page)


@pytest.mark.long
def test_a_reload_and_the_back_button_find_what_was_typed(cast, desk, live_server):
    draft = a_draft(cast, answers={})
    page = desk()
    page.goto(f"{live_server.url}/requests/{draft.uid}/edit/")
    page.fill("#id_dose", "two")
    saved(page)
    page.reload()
    expect(page.locator("#id_dose")).to_have_value("two")
    page.get_by_role("button", name="Review and submit").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text("Not sent yet")
    page.locator("#error-summary").get_by_role("link").first.click()
    expect(page.locator("#id_dose")).to_be_focused()
    page.go_back()
    expect(page.locator("#id_dose")).to_have_value("two")


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES)
def test_the_pages_about_a_filed_request_are_sound(cast, desk, live_server, size):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    done = a_request(cast, Status.DENIED, indication="ibm", answers={**CIDP, "justification": "Nothing else is left."})
    page = desk()
    page.set_viewport_size(SIZES[size])
    assert_sound(page)
    approved = a_request(cast, Status.APPROVED)
    for path in (f"{approved.uid}/", f"{asked.uid}/", f"{asked.uid}/answer/", f"{asked.uid}/withdraw/", f"{done.uid}/"):
        page.goto(f"{live_server.url}/requests/{path}")
        assert_sound(page)
    for path in ("patients/new/", f"patients/{cast.patient.uid}/measures/", f"patients/{cast.patient.uid}/"):
        page.goto(f"{live_server.url}/{path}")
        assert_sound(page)
