"""What is read before criteria are signed, at a desk and on a phone: impact and changes, with nothing cut off."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.cast import IBM, Cast, a_request, present
from tests.evidence_pages.test_pack_settings import FILES
from tests.formulary.acts import a_criteria_draft, a_publication, committee
from tests.page_checks import LOOKS, assert_each_sound, assert_sound, look, sign_in
from utilization.rules.lifecycle import Status
from utilization.workflow import formulary

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(transactional_db, live_server, page: Page):
    """The page to sign a proposal on, then pages of it and of a draft to read, as a second member of the committee."""
    cast, now = committee(Cast()), timezone.now()
    a_request(cast, Status.APPROVED, at=now - timedelta(days=150))
    a_request(cast, Status.DENIED, at=now - timedelta(days=40), indication="ibm", answers=IBM)
    # Against a small version in force: every change against the built-in pack is a page of 30,000 pixels.
    before = now - timedelta(days=1)
    a_publication(cast, version="1", age=60, at=before, day=cast.north.date_at(before))
    draft = a_criteria_draft(cast, files=FILES, at=now)
    proposed = formulary.propose(
        draft.uid, by=cast["forrest"], at=now, version=draft.version, presence=present(cast["forrest"], now),
        effective_from=cast.north.date_at(now), reason="What a pack may set, all of it.",
    )  # fmt: skip
    own = a_criteria_draft(cast, files=FILES, by="frida", at=now, name="A draft of Frida")
    sign_in(page, cast["frida"], live_server.url)
    pages = [
        reverse("formulary-sign", args=[proposed.uid]),
        reverse("formulary-propose", args=[own.uid]),
        reverse("formulary-indication", args=[f"draft.{proposed.uid}", "cidp"]),
        reverse("formulary-indication", args=[f"draft.{proposed.uid}", "mmn"]),
    ]
    return [live_server.url + address for address in pages]


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_impact_is_worked_out_and_read_where_one_signs(addresses, page: Page, width, scheme):
    look(page, width, scheme)
    assert_each_sound(page, addresses)
    page.goto(addresses[0])
    page.get_by_role("button", name="Work out the impact").click()
    expect(page).to_have_url(addresses[0])
    expect(page.locator("section[aria-labelledby=impact]")).to_contain_text("1 of 1")
    assert_sound(page)
