"""An indication written from the page alone, by keyboard, into a draft that proves; the page at desk and phone."""

import os
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.formulary.acts import TODAY, a_criteria_draft, committee
from tests.formulary.guided import own_pack
from tests.page_checks import LOOKS, assert_sound, look, sign_in
from utilization.models import CriteriaDraft, User
from utilization.workflow import proof

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(transactional_db, live_server, page):
    """An open draft whose form for a new indication is open, as the member who began it."""
    cast = committee(Cast())
    made = a_criteria_draft(cast, files=own_pack())
    sign_in(page, cast["forrest"], live_server.url)
    page.goto(live_server.url + reverse("formulary-draft", args=[made.uid]))
    page.get_by_role("link", name="Add an indication").press("Enter")
    page.wait_for_url("**/add-an-indication/")
    return made


def write(page: Page, label: str, text: str, within: str = "#guide") -> None:
    field = page.locator(within).get_by_label(label, exact=True)
    field.focus()
    page.keyboard.insert_text(text)


def choose(page: Page, label: str, words: str, within: str = "#guide") -> None:
    """Choose by typing the first letters, as on a keyboard; a busy machine may type too slowly, and begins anew."""
    field = page.locator(within).get_by_label(label, exact=True)
    for _ in range(5):
        field.focus()
        page.keyboard.type(words)
        picked = field.evaluate("field => field.selectedOptions[0].label")
        if picked.startswith(words):
            return
        page.wait_for_timeout(1500)
    raise AssertionError(picked)


def tick(page: Page, label: str, within: str) -> None:
    page.locator(within).get_by_label(label, exact=True).press("Space")


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.long
def test_an_indication_is_written_by_keyboard_and_the_draft_proves(draft, page: Page):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    write(page, "Name of the indication*", "Lambert-Eaton myasthenic syndrome")
    write(page, "What the evidence says, in the committee's own words*", "LEMS is an indication, on weak evidence.")
    tick(page, "Statements that the draft holds already", "#guide")
    write(page, "Ids of the statements, with commas between", "S-1")
    fill_criteria(page)
    page.get_by_role("button", name="Fill in cases of the criteria").press("Enter")
    page.wait_for_load_state()
    for number, outcome in enumerate(("Meets", "Exception", "Does not", "Needs")):
        choose(page, "It must come to", outcome, f"#e{number}")
    page.get_by_role("button", name="Preview", exact=True).last.press("Enter")
    expect(page.get_by_role("heading", name="As readers see it")).to_be_visible()
    expect(page.locator("#guide")).to_contain_text("Age: at least 18 years")
    picture(page, "guide-preview")
    page.get_by_role("button", name="Add to the draft").press("Enter")
    page.wait_for_url("**/file/?path=indications*")
    expect(page.locator("body")).to_contain_text("Lambert-Eaton myasthenic syndrome is added.")
    files = CriteriaDraft.objects.get(pk=draft.pk).files
    assert proof(files, TODAY).faults == ()
    assert not said


def fill_criteria(page: Page) -> None:
    choose(page, "What it does", "Should", "#c0")
    write(page, "The criterion, as people read it", "The patient is an adult.", "#c0")
    choose(page, "Fact", "Age (years", "#c0t0")
    number = page.locator("#c0t0").get_by_label("Number, in years")
    expect(number).to_be_visible()
    expect(page.locator("#c0t0").get_by_label("Fact", exact=True)).to_be_focused()
    write(page, "Number, in years", "18", "#c0t0")
    page.get_by_role("button", name="Add a criterion").press("Enter")
    expect(page.locator("#c1").get_by_label("What it does")).to_be_focused()
    choose(page, "What it does", "Must", "#c1")
    write(page, "The criterion, as people read it", "Corticosteroids have failed.", "#c1")
    choose(page, "Fact", "Corticosteroids", "#c1t0")
    expect(page.locator("#c1t0").get_by_label("not tried")).to_be_visible()
    tick(page, "failed", "#c1t0")


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_page_is_sound(draft, page: Page, width, scheme):
    look(page, width, scheme)
    assert_sound(page)
    choose(page, "What it does", "Must", "#c0")
    choose(page, "Fact", "Age (years", "#c0t0")
    expect(page.locator("#c0t0").get_by_label("Number, in years")).to_be_visible()
    choose(page, "Fact", "Severity", "#e0f0")
    expect(page.locator("#e0f0").get_by_label("Value")).to_be_visible()
    assert not page.evaluate("dispatchEvent(new Event('beforeunload', {cancelable: true}))"), "leaving asks first"
    tick(page, "A document: the words above become a statement of the draft", "#guide")
    choose(page, "Document", "Another", "#guide")
    assert_sound(page)
    picture(page, f"guide-{width}-{scheme}")
    page.get_by_role("button", name="Add to the draft").press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    assert_sound(page)
    picture(page, f"guide-wrong-{width}-{scheme}")


def test_a_button_whose_answer_does_not_come_says_so_and_nothing_is_lost(draft, page, live_server):
    write(page, "Name of the indication*", "Kept")
    told = page.locator("#messages")
    page.context.set_offline(True)
    page.get_by_role("button", name="Add a criterion").press("Enter")
    expect(told).to_contain_text("No answer came from the server. What you typed is still on this page.")
    picture(page, "no-answer")
    page.context.set_offline(False)
    Session.objects.all().delete()
    page.get_by_role("button", name="Add a criterion").press("Enter")
    expect(told).to_contain_text("You have been signed out. What you typed is still on this page.")
    sign_in(page, User.objects.get(username="forrest"), live_server.url)
    page.get_by_role("button", name="Add a criterion").press("Enter")
    expect(told).to_contain_text("Do it once more.")
    page.get_by_role("button", name="Add a criterion").press("Enter")
    expect(page.locator("#c1")).to_be_visible()
    expect(told).not_to_contain_text("once more")
    expect(page.get_by_label("Name of the indication*", exact=True)).to_have_value("Kept")
