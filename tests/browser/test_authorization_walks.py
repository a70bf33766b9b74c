"""What follows on an authorization, walked by the people concerned: its renewal, and each way to change it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.walking import look, refused, send
from tests.cast import CIDP, a_request, approved, submitted
from utilization.models import AuthorizationChange, Request
from utilization.rules.lifecycle import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_ANSWERS = 5
NAMES = """form => [...new Set([...form.elements].filter(field => field.name && field.checkVisibility())
    .filter(field => field.type !== "submit" && !field.closest("[data-row]")).map(field => field.name))]"""
"""What a form asks for where it is seen; of the checklist the one answer for all that is left."""


@pytest.fixture
def held(staffed):
    """An authorization of 155 g every 4 weeks that began 150 days ago, with the score before treatment."""
    answers = {**CIDP, "baseline_score": "4", "objective_measure": "INCAT disability score"}
    return a_request(staffed, Status.APPROVED, at=timezone.now() - timedelta(days=150), answers=answers)


@pytest.mark.long
def test_a_renewal_takes_five_answers_at_most_and_shows_the_score_before_beside_the_newest(held, desk):
    page = desk("petra", reverse("authorization-page", args=[held.uid]))
    send(page, "Renew")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Renewal")
    look(page)
    response = page.get_by_role("region", name="Response so far")
    expect(response).to_contain_text(re.compile(r"Before treatment\s+4"))
    expect(response).to_contain_text(re.compile(r"Newest\s+none stated"))
    needed = int(re.search(r"(\d+) answers? (?:is|are) needed", page.locator("main").inner_text())[1])
    asked = page.locator("form[action$='/renewal/']").evaluate(NAMES)
    page.locator("#id_current_score").fill("two")
    send(page, "Review and submit")
    refused(page, "Not sent yet")
    expect(page.locator("#id_current_score")).to_have_value("two")
    answers = {
        "current_score": lambda: page.locator("#id_current_score").fill("2"),
        "response": lambda: page.locator("[name=response][value=improved]").check(),
        "response_documented": lambda: page.locator("[name=response_documented][value=true]").check(),
        "safety": lambda: page.get_by_label("None of the others").check(),
    }
    for give in answers.values():
        give()
    assert needed <= len(answers) <= MOST_ANSWERS
    assert set(asked) == set(answers), asked
    send(page, "Save and stay")
    expect(response).to_contain_text("From 4 before treatment to 2: 2 lower, 50%.")
    look(page)
    send(page, "Review and submit")
    expect(page).to_have_url(re.compile("/submit/$"))


@pytest.mark.long
def test_an_authorization_is_changed_switched_transferred_and_discontinued(staffed, held, desk):
    address = reverse("authorization-page", args=[held.uid])
    page = desk("petra", address)
    look(page)
    for button, changes in (("Change the dose", "dose"), ("Ask for an extra dose", "extra")):
        page = desk("petra", address)
        send(page, button)
        expect(page).to_have_url(re.compile("/renewal/$"))
        page.get_by_label("Dose", exact=True).fill("<b>")
        send(page, "Review and submit")
        refused(page, "Not sent yet")
        look(page)
        assert Request.objects.filter(copied_from=held, changes=changes).exists()

    page = desk("petra", address)
    page.get_by_role("link", name="Switch the product").click()
    send(page, "Switch it")
    for why in ("Choose a product of the list.", "Write why the product is switched."):
        refused(page, why)
    look(page)
    page.get_by_label("To which product").select_option("Privigen")
    page.get_by_label("Why it is switched").fill("The <b>pharmacy</b> has this one.")
    send(page, "Switch it")
    expect(page.get_by_text("The product is switched.")).to_be_visible()

    page.get_by_role("link", name="Transfer").click()
    send(page, "Ask them")
    for why in ("Choose the department that takes it over.", "Write why it is transferred."):
        refused(page, why)
    look(page)
    page.get_by_label("To which department").select_option("Rheumatology")
    page.get_by_label("Why it is transferred").fill("Joints lead now.")
    send(page, "Ask them")
    page = desk("rosa", reverse("transfer-answer", args=[held.uid]))
    send(page, "Decline it")
    refused(page, "Not answered")
    look(page)
    send(page, "Accept it")
    expect(page.get_by_text("It is yours now.")).to_be_visible()

    page.get_by_role("link", name="Discontinue").click()
    send(page, "Discontinue it")
    refused(page, "Not done")
    look(page)
    page.get_by_label("Why", exact=True).select_option("wish")
    send(page, "Discontinue it")
    expect(page.get_by_text("The authorization is discontinued.")).to_be_visible()
    look(page)
    kinds = AuthorizationChange.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["switched", "transfer_asked", "transferred", "discontinued"]


@pytest.mark.long
def test_an_authorization_is_transferred_to_another_hospital_which_reviews_it_anew(staffed, held, desk):
    page = desk("petra", reverse("authorization-transfer", args=[held.uid]))
    page.get_by_label("To which department").select_option(label="Neurology, South Hospital")
    send(page, "Ask them")
    refused(page, "Write why it is transferred.")
    look(page)
    page.get_by_label("Why it is transferred").fill("Moves <b>south</b>.")
    send(page, "Ask them")
    expect(page.get_by_text("Neurology, South Hospital asked to take it over")).to_be_visible()

    namesake = staffed.a_patient(by="sam", mrn="S-5")
    page = desk("sam", reverse("home"))
    page.get_by_role("link", name=held.number).click()
    expect(page.get_by_label("Patient", exact=True)).to_contain_text("Ambrose Canary")
    look(page)
    page.get_by_label("MRN at South Hospital").fill("S-77")
    send(page, "Accept it")
    refused(page, "Compare the patients shown")
    look(page)
    expect(page.get_by_label("MRN at South Hospital")).to_have_value("S-77")
    page.get_by_label("MRN at South Hospital").fill("S-5")
    send(page, "Accept it")
    expect(page).to_have_url(re.compile("/renewal/$"))
    expect(page.locator("#transferred-from")).to_contain_text("Transferred from North Hospital, Neurology")
    look(page)
    draft = Request.objects.get(copied_from=held)
    assert draft.patient == namesake
    page.locator("[name=response][value=improved]").check()
    page.locator("[name=response_documented][value=true]").check()
    page.get_by_label("None of the others").check()
    send(page, "Review and submit")
    expect(page).to_have_url(re.compile("/submit/$"))

    filed = submitted(staffed, Request.objects.get(pk=draft.pk), at=timezone.now())
    page = desk("sue", reverse("review-case", args=[filed.uid]))
    expect(page.locator("#transferred-from")).to_contain_text("The approval of this request ends it there")
    look(page)
    approved(staffed, filed, at=timezone.now(), by="sue")
    page = desk("petra", reverse("authorization-page", args=[held.uid]))
    expect(page.get_by_text("as South Hospital has approved its own request")).to_be_visible()
    look(page)
