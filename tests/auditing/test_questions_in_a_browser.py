"""Each of the ten questions is answered within three clicks from the page on which an auditor lands."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.cast import CIDP, IBM, Cast, a_draft, a_request, approved, recommended, submitted
from tests.page_checks import LOOKS, assert_sound, look, sign_in
from utilization.models import AccessEntry, Authorization, guards
from utilization.reports.audit_questions import QUESTIONS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOUR = timedelta(hours=1)
ANSWERS = {
    "Off-criteria approvals": ("1 of 3 approvals (33.3 %) did not meet criteria", 1),
    "Above the ceiling": ("0 of 3 requests with a ceiling and a dose (0.0 %) asked for more than the ceiling", 0),
    "Renewal without response": ("0 of 0 renewals lack a documented response or an objective measure", 0),
    "Review overdue": ("1 of 3 approvals (33.3 %) have a review overdue", 1),
    "Actual weight in obesity": ("0 of 0 adults with a body mass index of 30 or more were dosed by actual weight", 0),
    "Late": ("1 of 3 decisions (33.3 %) were late", 1),
    "Emergency not reviewed after": ("1 of 1 emergencies (100.0 %) were not decided on yet", 1),
    "Most overridden criterion": ("Controlled studies show a benefit of IVIG in inclusion body myositis.", 1),
    "20 largest users": ("3 of 3 approvals (100.0 %) are of the 20 largest users", 3),
    "Given as authorized": ("Grams given are recorded for some authorizations alone", None),
}
"""What each question comes to at the hospital below, worked out by hand, and how many rows then stand in the list."""


@pytest.fixture
def auditor(transactional_db, live_server, page: Page) -> Page:
    """North's auditor on the page of the list; of three approvals one is off criteria, one late and one overdue."""
    cast, at = Cast(), timezone.now() - timedelta(days=20)
    first, second, third, fourth = (cast.a_patient(mrn=f"N-{n}", at=at) for n in (2, 3, 4, 5))
    off = submitted(cast, a_draft(cast, at=at, indication="ibm", answers=IBM, patient=first), at=at)
    approved(cast, recommended(cast, off, at=at + HOUR), at=at + 2 * HOUR, by="mira")
    approved(cast, submitted(cast, a_draft(cast, at=at, patient=second), at=at), at=at + 200 * HOUR)
    due = approved(cast, submitted(cast, a_draft(cast, at=at, patient=third), at=at), at=at + HOUR)
    guards.lift(connection)
    Authorization.objects.filter(request=due).update(review_by=timezone.localdate() - timedelta(days=5))
    guards.install(connection)
    urgent = {"emergency": "yes", "emergency_reason": "Cannot breathe alone."}
    a_request(cast, at=at, patient=fourth, answers={**CIDP, **urgent})
    sign_in(page, cast["audrey"], live_server.url)
    page.goto(live_server.url + reverse("audit-list"))
    return page


@pytest.mark.long
def test_each_question_is_answered_in_three_clicks(auditor: Page):
    assert set(ANSWERS) == {question.words for question in QUESTIONS}
    for words, (says, rows) in ANSWERS.items():
        auditor.get_by_role("navigation", name="Questions").get_by_role("link", name=words).click()
        # A criterion is named by the answer, which comes after the page, and by each row.
        expect(auditor.get_by_text(says).first).to_be_visible()
        listed = auditor.locator(".audit-list tbody tr")
        if rows is not None:
            expect(listed).to_have_count(rows)
        if rows:
            # Why, and who signed, stand in the row; the second click opens the proof.
            listed.get_by_role("link").first.click()
            expect(auditor.get_by_role("heading", level=1)).to_contain_text("IVIG-NORTH")
            auditor.go_back()


@pytest.mark.long
def test_the_counts_on_the_chips_follow_the_page_and_keys_read_the_list(auditor: Page):
    for code, count in (("off-criteria", "1"), ("late", "1"), ("overdue", "1"), ("weight", "0")):
        expect(auditor.locator(f"#count-{code}")).to_have_text(count)
    auditor.keyboard.press("9")
    expect(auditor.locator('a.chip[aria-current="true"]')).to_contain_text("20 largest users")
    opened = auditor.locator("[data-key-open]").nth(1).get_attribute("href")
    for key in ("j", "j", "Enter"):
        auditor.keyboard.press(key)
    auditor.wait_for_url(f"**{opened}")


@pytest.mark.long
def test_columns_and_numbers_are_chosen_on_the_page(auditor: Page):
    auditor.get_by_text("Columns and order", exact=True).click()
    for name in ("Hours with each side", "Patient’s number (logged)"):
        auditor.get_by_label(name).check()
    auditor.get_by_role("button", name="Filter").click()
    expect(auditor.get_by_text("N-3", exact=True)).to_be_visible()
    expect(auditor.get_by_text("200.0 h with the reviewers")).to_be_visible()
    assert AccessEntry.objects.filter(what="audit_list").count() == 4
    assert "N-3" not in auditor.url


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_list_and_its_answer_are_sound(auditor: Page, width, scheme):
    look(auditor, width, scheme)
    shown = "&".join(f"show={code}" for code in ("hours", "utc", "pack", "order", "recommendation", "justification"))
    for query in ("?mark=off_criteria&ask=criteria", f"?top=yes&{shown}", "?ask=given", ""):
        auditor.goto(auditor.url.split("?")[0] + query)
        if query not in ("", "?ask=given"):
            expect(auditor.locator(".answer b").first).to_be_visible()
        assert_sound(auditor)
    auditor.goto(auditor.url.split("?")[0] + "answer/?mark=late")
    assert_sound(auditor)
