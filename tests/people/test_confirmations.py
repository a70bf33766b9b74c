"""What a confirmation covers: what its page showed, and nothing that came meanwhile."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.people.test_letters import ACCOUNTS, seen_in, text
from utilization import workflow
from utilization.models import AccountAct, SignOnLink
from utilization.workflow import people

ISSUER = "https://id.example"
CHANGED = "Nothing was confirmed: something else was done to the account"


@pytest.fixture
def audrey(north, signed_in):
    return signed_in(north["auditor"])


@pytest.fixture
def fern(north):
    """A pharmacist whose identity at the provider an administrator has entered."""
    person = north["pharmacist"]
    workflow.single_sign_on.enter_subject(person, ISSUER, "fern-17", by=north["administrator"], at=timezone.now())
    return person


def kinds(person):
    return list(AccountAct.objects.filter(user=person).order_by("pk").values_list("kind", flat=True))


def confirmed_with(browser, person, seen):
    return browser.post(reverse("people-confirm", args=[person.pk]), seen)


def test_who_confirms_is_shown_the_identity_that_they_confirm(north, fern, audrey):
    page = text(audrey.get(ACCOUNTS))
    assert f"By single sign-on as fern-17 at {ISSUER}" in page
    assert f"entered by {north['administrator'].signature_name}" in page
    assert "and that they are “ fern-17 ” there" in page
    assert confirmed_with(audrey, fern, seen_in(audrey, fern)).status_code == 302
    assert kinds(fern)[-1] == "confirmed"


MEANWHILE = {
    "reset": lambda north, fern: people.reset_password(fern, by=north["administrator"], at=timezone.now()),
    "another identity entered": lambda north, fern: workflow.single_sign_on.enter_subject(
        fern, ISSUER, "somebody-else", by=north["administrator"], at=timezone.now()
    ),
    "linked otherwise, without a deed": lambda north, fern: (
        SignOnLink.objects.filter(user=fern).delete(),
        SignOnLink.objects.create(user=fern, issuer=ISSUER, subject="x", linked_at=timezone.now(), linked_by=fern),
    ),
    "unlinked": lambda north, fern: workflow.single_sign_on.unlink(fern, by=north["administrator"], at=timezone.now()),
}  # fmt: skip


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_page_that_is_stale_confirms_nothing_and_shows_what_came(north, fern, audrey, what):
    seen = seen_in(audrey, fern)
    MEANWHILE[what](north, fern)
    before = kinds(fern)
    answer = confirmed_with(audrey, fern, seen)
    assert (answer.status_code, CHANGED in text(answer)) == (409, True)
    assert kinds(fern) == before
    # The page that says so is itself one to confirm from.
    assert seen_in(audrey, fern) != seen
    assert confirmed_with(audrey, fern, seen_in(audrey, fern)).status_code == 302
    assert kinds(fern)[-1] == "confirmed"


@pytest.mark.parametrize("seen", ["", "0.0", "1", "x", "1.1; DROP TABLE", "\u202e", "9" * 400])
def test_a_form_that_was_made_up_confirms_nothing(fern, audrey, seen):
    assert confirmed_with(audrey, fern, {"seen": seen}).status_code == 409
    assert kinds(fern)[-1] == "linked"


def test_the_mark_of_another_person_confirms_nobody(north, fern, audrey):
    other = north["prescriber"]
    people.reset_password(other, by=north["administrator"], at=timezone.now())
    assert confirmed_with(audrey, fern, seen_in(audrey, other)).status_code == 409


def test_the_head_says_where_one_is(north, signed_in):
    def current(role):
        page = signed_in(north[role]).get(ACCOUNTS)
        return [door["label"] for door in page.context["nav"] if door["current"]]

    assert current("auditor") == ["Audit"]
    assert current("administrator") == ["People"]
