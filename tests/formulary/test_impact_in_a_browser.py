"""The impact preview at a desk and on a phone: asked for, watched, read; and as well without a script."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests.cast import IBM, Cast, a_request
from tests.formulary.acts import a_criteria_draft, committee, pack_text
from tests.page_checks import LOOKS, assert_sound, look, sign_in
from utilization.jobs import impact_preview
from utilization.models import ImpactPreview
from utilization.rules.lifecycle import Status
from utilization.workflow.impact_question import ask_preview

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def place(transactional_db, live_server):
    """Address of the preview of a draft that changes two outcomes, the draft, and Forrest."""
    cast = committee(Cast())
    at = timezone.now() - timedelta(days=2)
    a_request(cast, Status.APPROVED, at=at)
    a_request(cast, Status.INFORMATION_ASKED, at=at, indication="ibm", answers=IBM)
    draft = a_criteria_draft(cast, files=pack_text(age=60), at=at)
    return live_server.url + reverse("formulary-impact", args=[draft.uid]), draft, cast["forrest"]


def _enter(page: Page, place) -> None:
    address, _, forrest = place
    sign_in(page, forrest, address)
    page.goto(address)


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_preview_is_asked_for_and_read(place, page: Page, width, scheme):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    look(page, width, scheme)
    _enter(page, place)
    assert_sound(page)
    page.get_by_role("button", name="Work out the impact").click()
    expect(page.locator(".plot svg:visible path")).to_have_count(2)
    assert_sound(page)
    bar = page.locator(".plot svg:visible path").first
    # The words of a bar keep their size on a phone, since it has a drawing of its own.
    assert bar.evaluate("bar => bar.getBoundingClientRect().width") > 100
    words = page.locator(".plot svg:visible text").first
    assert words.evaluate("text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a") >= 11
    ground = page.locator(".plot").evaluate("plot => getComputedStyle(plot.closest('.box')).backgroundColor")
    assert bar.evaluate("bar => getComputedStyle(bar).fill") != ground
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    assert download.value.suggested_filename.startswith("impact-")
    assert not said


@pytest.mark.long
def test_the_page_watches_the_work_and_shows_the_result_by_itself(place, page: Page):
    preview, _ = ask_preview(place[1].uid, by=place[2], at=timezone.now())
    _enter(page, place)
    expect(page.locator("#progress")).to_contain_text("It waits for its turn")
    assert_sound(page)
    ImpactPreview.objects.filter(pk=preview.pk).update(done=3, total=8)
    expect(page.locator("#progress")).to_contain_text("3 of 8 steps done")
    impact_preview.work_out.call(preview.pk)
    expect(page.locator(".plot svg:visible path")).to_have_count(2)


@pytest.mark.long
def test_it_works_without_a_script(place, browser: Browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    _enter(page, place)
    preview, _ = ask_preview(place[1].uid, by=place[2], at=timezone.now())
    page.reload()
    expect(page.locator("#progress")).to_contain_text("It waits for its turn")
    impact_preview.work_out.call(preview.pk)
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("link", name="1 of Chronic").click()
    expect(page.locator("#list")).to_contain_text("Does not meet criteria")
