"""The administrator's day: invite, hand over a link, place, reset, cut off; and what the pages never show."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.access.hospital import AT
from tests.people.conftest import PASSWORD
from utilization import access
from utilization.models import Membership, User
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

NEW_PASSWORD = "a-long-and-unusual-password"


@pytest.fixture(autouse=True)
def mailed(settings):
    """The site sends mail, so that links go to their people."""
    settings.MAIL_FROM = "ivig@north.example"


@pytest.fixture
def adam(north, signed_in):
    """The browser of the northern administrator."""
    return signed_in(north["administrator"])


def _text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def _row(response, person):
    rows = re.findall(r"<tr>.*?</tr>", response.content.decode(), flags=re.S)
    return next(row for row in rows if person.full_name in row)


def _link(response, to="grace@north.example"):
    """The link in the newest mail; whoever had it made does not see it."""
    [address] = mail.outbox[-1].to
    path = re.search(r"https?://testserver(/account/password/\S+)", mail.outbox[-1].body)[1]
    assert address == to
    assert address in _text(response)
    assert "/account/password/first/" not in response.content.decode()
    return path


def _invite(north, browser, **changes):
    form = {
        "site": north.site.pk, "full_name": "Grace Oduya", "title": "PharmD", "username": "grace",
        "email": "grace@north.example", "role": "pharmacist", "department": "",
    }  # fmt: skip
    return browser.post(reverse("people-invite"), form | changes)


def _set_password(link, password=NEW_PASSWORD):
    browser = Client()
    form = browser.get(link, follow=True)
    if "form" not in (form.context or {}):
        return form
    return browser.post(form.context["action_url"], {"password1": password, "password2": password}, follow=True)


def test_an_administrator_comes_home_to_the_people(adam):
    assert adam.get(reverse("home")).url == reverse("people-list")


def test_an_invited_person_sets_a_password_by_the_link_once_and_works(north, adam):
    answer = _invite(north, adam)
    assert "Grace Oduya is invited" in _text(answer)
    link = _link(answer)

    assert "Your password is set" in _text(_set_password(link))
    assert "works no more" in _text(_set_password(link, "another-long-password"))

    browser = Client()
    browser.post(reverse("account_login"), {"login": "grace", "password": NEW_PASSWORD})
    assert browser.get(reverse("review-queue")).status_code == 200


@pytest.mark.parametrize(("hours", "said"), [(23, "Your password is set"), (25, "works no more")])
def test_a_link_works_for_a_day(north, adam, hours, said):
    link = _link(_invite(north, adam))
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours)):
        assert said in _text(_set_password(link))


def test_a_newer_link_stops_the_older_one(north, adam):
    old = _link(_invite(north, adam))
    person = User.objects.get(username="grace")
    new = _link(adam.post(reverse("people-reset", args=[person.pk])))
    assert "works no more" in _text(_set_password(old))
    assert "Your password is set" in _text(_set_password(new))


def test_what_was_typed_stays_when_an_invitation_cannot_be(north, adam):
    answer = _invite(north, adam, username="two words", full_name="Grace Oduya")
    assert answer.status_code == 422
    assert "Use letters, digits and @ . + - _ alone, without spaces." in _text(answer)
    assert 'value="Grace Oduya"' in answer.content.decode()
    assert not User.objects.filter(full_name="Grace Oduya").exists()


@pytest.mark.parametrize("forged", ["site", "department"])
def test_a_forged_site_or_department_invites_nobody(north, south, adam, forged):
    value = {"site": south.site.pk, "department": south.neurology.pk}[forged]
    answer = _invite(north, adam, role="prescriber", **{"department": north.neurology.pk} | {forged: value})
    assert answer.status_code == 422
    assert not User.objects.filter(username="grace").exists()


def test_the_list_shows_the_people_of_the_site_and_nobody_else(north, south, adam):
    page = _text(adam.get(reverse("people-list")))
    assert all(person.username in page for person in north.people.values())
    assert not any(person.username in page for person in south.people.values())


def test_the_list_costs_the_same_however_many_people_there_are(north, adam, django_assert_num_queries):
    adam.get(reverse("people-list"))
    with CaptureQueriesContext(connection) as few:
        adam.get(reverse("people-list"))
    for number in range(30):
        north.person(f"more{number}", Role.AUDITOR)
    with django_assert_num_queries(len(few)):
        adam.get(reverse("people-list"))


@pytest.mark.long
def test_a_role_is_given_moved_and_ended_from_the_person_s_page(north, adam):
    person = north["auditor"]
    url = reverse("people-give-role", args=[person.pk])
    role = {"site": north.site.pk, "role": "prescriber"}

    assert adam.post(url, {**role, "role": "owner"}).status_code == 422
    missing = adam.post(url, role)
    assert missing.status_code == 422
    assert "A prescriber belongs to a department. Choose one." in _text(missing)

    for department in (north.neurology, north.rheumatology):
        answer = adam.post(url, role | {"department": department.pk}, follow=True)
        assert f"is now prescriber at {department.name}." in _text(answer)
    assert access.department(person, north.site) == north.rheumatology

    adam.post(reverse("people-end-role", args=[person.pk]), role)
    assert access.roles(person, north.site) == {Role.AUDITOR}
    assert "Rheumatology" not in _row(adam.get(reverse("people-list")), person)
    assert "Earlier roles" in _text(adam.get(reverse("people-person", args=[person.pk])))


def test_a_forged_role_ends_nothing_and_says_so(north, adam):
    answer = adam.post(reverse("people-end-role", args=[north["auditor"].pk]), {"role": "x"}, follow=True)
    assert "Nothing was changed" in _text(answer)
    assert access.roles(north["auditor"]) == {Role.AUDITOR}


@pytest.mark.long
def test_a_deactivated_person_s_next_click_asks_them_to_sign_in_and_the_password_is_dead(north, adam, signed_in):
    person = north["pharmacist"]
    browser = signed_in(person)
    assert browser.get(reverse("review-queue")).status_code == 200
    assert "cannot sign in any more" in _text(
        adam.post(reverse("people-deactivate", args=[person.pk]), follow=True)
    )  # fmt: skip
    assert browser.get(reverse("review-queue")).headers["Location"].startswith(reverse("account_login"))

    again = _link(adam.post(reverse("people-reactivate", args=[person.pk])), person.email)
    assert browser.get(reverse("review-queue")).headers["Location"].startswith(reverse("account_login"))
    Client().post(reverse("account_login"), {"login": person.username, "password": PASSWORD})
    person.refresh_from_db()
    assert person.last_login is None or not person.check_password(PASSWORD)
    assert "Your password is set" in _text(_set_password(again))


def test_a_reset_ends_every_session_of_the_person(north, adam, signed_in):
    browser = signed_in(north["auditor"])
    adam.post(reverse("people-reset", args=[north["auditor"].pk]))
    assert browser.get(reverse("audit-list")).headers["Location"].startswith(reverse("account_login"))


def test_one_s_own_page_offers_nothing_and_a_forged_post_is_refused(north, adam):
    own = north["administrator"]
    page = adam.get(reverse("people-person", args=[own.pk])).content.decode()
    assert "This is your own account" in page
    for name in ("people-give-role", "people-end-role", "people-deactivate", "people-reset"):
        assert reverse(name, args=[own.pk]) not in page
        form = {"site": north.site.pk, "role": "administrator"}
        answer = adam.post(reverse(name, args=[own.pk]), form, follow=True)
        assert "Another administrator of your site must change it." in _text(answer)
    own.refresh_from_db()
    assert own.is_active
    assert access.roles(own) == {Role.ADMINISTRATOR}


def test_who_also_works_elsewhere_is_not_closed_from_here_and_elsewhere_is_not_named(north, south, adam):
    person = north["pharmacist"]
    Membership.objects.create(user=person, site=south.site, role=Role.PHARMACIST, started_at=AT)
    page = _text(adam.get(reverse("people-person", args=[person.pk])))
    assert "also works at a site that you do not manage" in page
    assert "south" not in page
    answer = adam.post(reverse("people-reset", args=[person.pk]), follow=True)
    assert "not yours to close or reset" in _text(answer)


@pytest.mark.long
def test_somebody_of_another_hospital_is_given_a_role_by_both_names_of_the_account(north, south, adam):
    other, page = south["pharmacist"], reverse("people-take-on")
    form = {
        "username": other.username, "email": other.email, "site": north.site.pk, "role": "pharmacist", "department": "",
    }  # fmt: skip
    wrong = {"username": "nobody", "email": north["pharmacist"].email, "role": "", "site": south.site.pk}
    for field, typed in wrong.items():
        answer = adam.post(page, form | {field: typed})
        assert answer.status_code == 422
        assert other.full_name not in _text(answer)
    assert "No open account has this username" in _text(adam.post(page, form | {"email": "a@b.example"}))
    assert other.memberships.count() == 1
    done = adam.post(page, form | {"username": other.username.upper()}, follow=True)
    assert f"{other} is now pharmacist" in _text(done)
    assert "not yours to close or reset" in _text(adam.post(reverse("people-reset", args=[other.pk]), follow=True))
    held = {(held.site, held.role) for held in other.memberships.all()}
    assert held == {(south.site, "pharmacist"), (north.site, "pharmacist")}
    assert adam.post(page, form | {"role": "administrator"}).status_code == 422  # nobody acts as two people at a site
    own = {"username": north["administrator"].username, "email": north["administrator"].email}
    assert "This is your own account" in _text(adam.post(page, form | own))
    type(other).objects.filter(pk=other.pk).update(is_active=False)
    assert "No open account" in _text(adam.post(page, form | {"role": "physician_reviewer"}))


def test_an_administrator_of_two_sites_chooses_the_site_and_sees_both(north, south, adam):
    Membership.objects.create(user=north["administrator"], site=south.site, role=Role.ADMINISTRATOR, started_at=AT)
    page = _text(adam.get(reverse("people-list")))
    assert "north hospital" in page
    assert "south hospital" in page
    assert "Neurology, south hospital" in _text(adam.get(reverse("people-invite")))


def test_a_department_is_added_and_a_second_of_the_name_refused(north, adam):
    form = {"site": north.site.pk, "name": "Haematology"}
    assert "Haematology is added" in _text(adam.post(reverse("people-department"), form, follow=True))
    assert adam.post(reverse("people-department"), form | {"name": ""}).status_code == 422
    again = adam.post(reverse("people-department"), form)
    assert again.status_code == 422
    assert "already has a department of this name" in _text(again)


def test_the_administrator_s_pages_hold_no_patient(north, adam):
    request = north.request(Status.APPROVED)
    for url in ("people-list", "people-invite"):
        page = adam.get(reverse(url)).content.decode()
        assert not any(word in page for word in (north.patient.name, north.patient.mrn, request.number))
