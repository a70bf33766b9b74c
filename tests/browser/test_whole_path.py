"""A stranger's first quarter of an hour with the demo: file, review, approve, print and audit a request for CIDP.

No page on the way runs off the side of a desk or of a phone, and those that no other test looks at are held against
axe. With the folder named in SCREENSHOTS the pages that the README shows are written there:

    SCREENSHOTS=docs/screenshots ./run test tests/browser
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from pypdf import PdfReader

from tests.page_checks import DESK, SIZES, assert_fits, assert_sound
from utilization.management import demo
from utilization.models import AccessEntry, Request, Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MRN = "T-2041"
ONLY_HERE = {"sign-in", "home", "add-patient", "case-decided", "people"}
"""Pages that are held against axe here; the others are where their own tests are, with more on them."""


@pytest.fixture
def demo_people(transactional_db):
    with override_settings(DEMO_DATA=True):
        demo.load(demo.read(settings.FIXTURES_DIR / "demo"), now=timezone.now(), password=settings.DEMO_PASSWORD)
        yield


@pytest.fixture
def sign_in(demo_people, live_server, browser: Browser) -> Callable[[str], Page]:
    """A window of its own for each person, signed in by one click; what the console says fails the test."""
    said: list[str] = []
    entered: list[str] = []

    def enter(name: str) -> Page:
        page = browser.new_context(viewport=DESK, color_scheme="light").new_page()
        page.on("console", lambda message: said.append(message.text) if is_fault(message) else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(live_server.url)
        if not entered:
            sound(page, "sign-in", "/account/sign-in/")
        entered.append(name)
        page.get_by_role("button", name=name).click()
        return page

    yield enter
    assert not said


def is_fault(message: ConsoleMessage) -> bool:
    """Chromium reports the answer to a mistyped form, 422, like a missing file; that one is meant."""
    return message.type == "error" and "422" not in message.text


def sound(page: Page, name: str, address: str) -> None:
    """The page of this address opens and is whole, at a desk and on a phone; keeps the picture where wanted."""
    expect(page).to_have_url(re.compile(address))
    for label in ("phone", "desk"):
        page.set_viewport_size(SIZES[label])
        (assert_sound if name in ONLY_HERE else assert_fits)(page)
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{label}.png")


def file_cidp_request(page: Page) -> str:
    """From the home page to a request number, as Miriam Okafor for a new patient."""
    sound(page, "home", "/$")
    page.get_by_role("link", name="New request").click()
    sound(page, "find-patient", "/requests/new/")
    page.get_by_role("link", name="Add a patient").click()
    page.get_by_label("MRN, from the label").fill(MRN)
    page.get_by_label("Birth date", exact=True).fill("3 Apr 1961")
    page.get_by_label("Family name").fill("Testfall")
    page.get_by_label("Given names").fill("Greta")
    page.get_by_label("Female").check()
    page.locator("#id_weight").fill("82")
    page.get_by_label("kg", exact=True).check()
    # The hospital's day, which is another than the server's for some hours of each night.
    today = Site.objects.get(memberships__user__full_name="Miriam Okafor").date_at(timezone.now())
    page.get_by_label("Weighed on").fill(today.isoformat())
    page.locator("#id_height").fill("1.7 m")
    expect(page.locator("#used_height")).to_contain_text("1.7 m = 170 cm")
    sound(page, "add-patient", "/patients/new/")
    page.get_by_role("button", name="Add, and choose the indication").click()
    page.get_by_label("Indication or code").press_sequentially("G61.81")
    expect(page.get_by_text("1 found")).to_be_visible()
    sound(page, "indication", "/patients/[0-9a-f-]+/")
    page.get_by_role("button", name="Start a request for Chronic inflammatory").click()
    fill_order(page)
    page.get_by_role("button", name="Review and submit").click()
    sound(page, "stated-again", "/submit/$")
    page.get_by_label("Dose of the whole course again").fill("140")
    page.get_by_label("Weight again").fill("82 kg")
    page.get_by_label("MRN of the patient").fill("T-2014")
    page.get_by_role("button", name="Next: review and sign").click()
    expect(page.locator("#div_id_mrn")).to_contain_text("This is not the MRN of the patient")
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_label("MRN of the patient").fill(MRN)
    page.get_by_role("button", name="Next: review and sign").click()
    for warning in page.locator("main form input[name=acknowledged]").all():
        warning.check()
    page.get_by_label("I attest that").check()
    assert not Request.objects.filter(patient__mrn=MRN, number__isnull=False).exists()
    sound(page, "submit", "/submit/$")
    send_until_filed(page)
    sound(page, "request", "/requests/[0-9a-f-]+/$")
    return Request.objects.get(patient__mrn=MRN).number


def send_until_filed(page: Page) -> None:
    """Submit, and again where a busy machine answers late or asks to send again: sent twice, it stays one request."""
    for _ in range(3):
        page.get_by_role("button", name=re.compile("Submit the request|Send again")).first.click(no_wait_after=True)
        try:
            page.wait_for_url(re.compile(r"/requests/[0-9a-f-]+/$"), timeout=30_000, wait_until="domcontentloaded")
        except PlaywrightTimeout:
            continue
        return
    raise AssertionError(page.locator("main").inner_text())


def fill_order(page: Page) -> None:
    """The order and the checklist, with the judgement changing beside them and the draft outliving a reload."""
    live, head = page.locator("#live-judgement"), page.locator("#live-bar")
    expect(head).to_contain_text("Needs information")
    page.get_by_label("Unit of the dose").select_option("g/kg, whole course")
    page.get_by_label("Dose", exact=True).fill("3")
    expect(head).to_contain_text("Exception review")
    page.get_by_label("Dose", exact=True).fill("2")
    page.get_by_label("Days of a course").first.fill("5")
    page.get_by_label("Repeat").check()
    page.get_by_label("Weeks between courses").fill("4")
    page.get_by_label("Product").fill("Privigen")
    page.get_by_label("None of the others").check()
    expect(head).to_contain_text("Meets criteria")
    expect(live).to_contain_text("1 × 20 g + 1 × 10 g")
    expect(page.locator("[data-save-status]")).to_contain_text("Saved")
    sound(page, "request-form", "/edit/$")
    page.reload()
    assert page.get_by_label("Dose", exact=True).input_value() == "2"
    assert page.get_by_label("None of the others").is_checked()


def approve(page: Page, number: str) -> None:
    """From the queue to a signed approval, as Jonas Lindqvist."""
    sound(page, "queue", "/review/$")
    page.get_by_role("row", name=number).get_by_role("link").first.click()
    sound(page, "case", "/review/[0-9a-f-]+/")
    page.get_by_label("Your password").first.fill(settings.DEMO_PASSWORD)
    page.get_by_role("button", name="Sign approval").click()
    expect(page.get_by_text("is approved and authorized.")).to_be_visible()
    sound(page, "case-decided", "/review/[0-9a-f-]+/")


def test_a_request_is_filed_reviewed_approved_printed_and_audited(sign_in, live_server, tmp_path):
    prescriber = sign_in("Miriam Okafor")
    number = file_cidp_request(prescriber)
    approve(sign_in("Jonas Lindqvist"), number)

    prescriber.reload()
    expect(prescriber.locator("main")).to_contain_text("Approved")
    address = prescriber.locator("a[href$='justification.pdf']").first.get_attribute("href")
    printed = prescriber.request.get(live_server.url + address)
    (tmp_path / "justification.pdf").write_bytes(printed.body())
    text = " ".join(page.extract_text() for page in PdfReader(tmp_path / "justification.pdf").pages)
    assert number in text
    assert "Testfall, Greta" in text
    assert "Jonas Lindqvist" in text

    auditor = sign_in("Ruth Castellano")
    sound(auditor, "audit", "/audit/$")
    auditor.get_by_role("link", name=number).click()
    expect(auditor.locator("main")).to_contain_text("Jonas Lindqvist")
    sound(auditor, "audit-record", "/audit/requests/")
    auditor.goto(f"{live_server.url}/audit/")
    with auditor.expect_download() as download:
        auditor.get_by_role("link", name="Export as CSV").click()
    assert number in Path(download.value.path()).read_text()
    auditor.get_by_role("link", name="Who read what").click()
    sound(auditor, "access-log", "/audit/access/")
    filed = Request.objects.get(number=number)
    readers = AccessEntry.objects.filter(request_id=filed.pk).values_list("actor_name", flat=True)
    assert {name.split(",")[0] for name in readers} == {"Miriam Okafor", "Jonas Lindqvist", "Ruth Castellano"}

    evidence = sign_in("Devon Marsh")
    evidence.get_by_role("link", name="Evidence").first.click()
    sound(evidence, "evidence", "/evidence/$")
    evidence.get_by_role("link", name=re.compile("Chronic inflammatory")).first.click()
    sound(evidence, "evidence-cidp", "/evidence/cidp/")

    administrator = sign_in("Ingrid Solberg")
    administrator.get_by_role("link", name="People", exact=True).click()
    sound(administrator, "people", "/people/$")
    assert "Testfall" not in administrator.content()
