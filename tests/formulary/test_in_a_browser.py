"""The committee's pages at a desk and on a phone, light and dark: nothing that axe objects to, nothing cut off."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.cast import Cast
from tests.formulary.acts import TODAY, a_criteria_draft, a_proposal, a_publication, pack_text
from tests.page_checks import LOOKS, assert_each_sound, look, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(transactional_db, live_server, page):
    """The pages to look at, as the member who has written the draft that does not read."""
    cast = Cast()
    published = a_publication(cast, age=21)
    wrong = {**pack_text("3"), "cidp.yaml": pack_text()["cidp.yaml"].replace("at_least", "at_leest")}
    draft = a_criteria_draft(cast, files=wrong)
    proposed = a_proposal(cast, version="4", day=TODAY + timedelta(days=900), by="fiona")
    key = f"version.{published.uid}"
    sign_in(page, cast["forrest"], live_server.url)
    pages = [
        reverse("formulary-list"),
        reverse("formulary-start"),
        reverse("formulary-version", args=[key]) + "?file=cidp.yaml",
        reverse("formulary-compare") + f"?old=pack.ivig-builtin&new={key}",
        reverse("formulary-judge") + f"?old=pack.ivig-builtin&new={key}",
        reverse("formulary-draft", args=[draft.uid]),
        reverse("formulary-file", args=[draft.uid]) + "?path=cidp.yaml",
        reverse("formulary-file", args=[draft.uid]),
        reverse("formulary-check", args=[draft.uid]),
        reverse("formulary-propose", args=[draft.uid]),
        reverse("formulary-sign", args=[proposed.uid]),
    ]
    return [live_server.url + address for address in pages]


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_pages_are_sound(addresses, page: Page, width, scheme):
    look(page, width, scheme)
    assert_each_sound(page, addresses)
