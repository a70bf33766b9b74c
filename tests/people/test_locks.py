"""What wrong passwords lock, as an administrator sees and lifts it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.people.conftest import PASSWORD
from utilization import workflow
from utilization.access import NotFound
from utilization.models import Event, WrongPassword
from utilization.workflow import locks, people

SIGN_IN = "/account/sign-in/"


def knock(person, times, address="198.51.100.7"):
    stranger = Client(REMOTE_ADDR=address)
    for _ in range(times):
        answer = stranger.post(SIGN_IN, {"login": person.username, "password": "guess"})
    return answer


def guess(person, times, session="a", at=None):
    for _ in range(times):
        with pytest.raises(workflow.Invalid):
            workflow.prove(person, "guess", at=at or timezone.now(), session=session)


def page(browser, person):
    return browser.get(f"/people/{person.pk}/").text


@pytest.fixture
def administrator(north, signed_in):
    return signed_in(north["administrator"])


def test_a_page_of_somebody_who_is_not_locked_says_nothing_of_it(north, administrator):
    knock(north["pharmacist"], 4)
    guess(north["pharmacist"], 4)
    assert "Lift the lock" not in page(administrator, north["pharmacist"])


def test_the_door_is_seen_and_lifted_and_the_lifting_is_logged(north, administrator):
    person = north["pharmacist"]
    person.set_password(PASSWORD)
    person.save()
    knock(person, 5)
    seen = page(administrator, person)
    assert "Sign-in from 198.51.100.7 is locked until" in seen
    assert "after 5 wrong passwords" in " ".join(seen.split())
    answer = administrator.post(f"/people/{person.pk}/lift-lock/", follow=True)
    assert "can sign in and sign again" in answer.text
    assert "Lift the lock" not in answer.text
    event = Event.objects.latest("seq")
    assert (event.type, event.actor_id, event.site_id) == ("lock.lifted", north["administrator"].pk, north.site.pk)
    told = bytes(event.body).decode()
    assert f'"person":{person.pk}' in told
    assert '"wrong_passwords":{"door":1,"sessions":0}' in told
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    assert stranger.post(SIGN_IN, {"login": person.username, "password": PASSWORD}).status_code == 302


def test_the_door_closed_to_every_address_is_seen(north, administrator, settings):
    settings.MOST_WRONG_FROM_ANYWHERE = 6
    for number in range(2):
        knock(north["pharmacist"], 3, f"198.51.100.{number}")
    seen = page(administrator, north["pharmacist"])
    assert "Sign-in is locked from every address until" in seen
    assert "Sign-in from" not in seen


def test_a_stopped_session_and_a_locked_signature_are_seen_and_lifted(north, administrator):
    person = north["pharmacist"]
    guess(person, 5)
    assert "1 session of this person can sign nothing" in page(administrator, person)
    for session in "bcd":
        guess(person, 5, session)
    seen = page(administrator, person)
    assert "Nothing can be signed until" in seen
    assert "20 wrong passwords" in seen
    assert "4 sessions of this person" in seen
    administrator.post(f"/people/{person.pk}/lift-lock/")
    assert not WrongPassword.objects.exists()
    assert not locks.locks(person, timezone.now()).any


def test_nobody_lifts_their_own_lock(north, administrator):
    guess(north["administrator"], 5)
    seen = page(administrator, north["administrator"])
    assert "Another administrator of your site can lift it." in seen
    assert "Lift the lock" not in seen
    with pytest.raises(workflow.Refused, match="your own account"):
        people.lift_lock(north["administrator"], by=north["administrator"], at=timezone.now())
    assert WrongPassword.objects.count() == 5


@pytest.mark.parametrize("role", ["pharmacist", "auditor"])
def test_who_does_not_manage_people_lifts_nothing(north, signed_in, role):
    guess(north["physician_reviewer"], 5)
    assert signed_in(north[role]).post(f"/people/{north['physician_reviewer'].pk}/lift-lock/").status_code == 403
    assert WrongPassword.objects.count() == 5


def test_another_sites_person_is_not_there(north, south, signed_in):
    guess(south["pharmacist"], 5)
    assert signed_in(north["administrator"]).post(f"/people/{south['pharmacist'].pk}/lift-lock/").status_code == 404
    with pytest.raises(NotFound):
        people.lift_lock(south["pharmacist"], by=north["administrator"], at=timezone.now())
    assert WrongPassword.objects.count() == 5


def test_where_nothing_is_locked_nothing_is_written(north):
    guess(north["pharmacist"], 2)
    events = Event.objects.count()
    people.lift_lock(north["pharmacist"], by=north["administrator"], at=timezone.now())
    assert (Event.objects.count(), WrongPassword.objects.count()) == (events, 2)


def test_locks_end_by_themselves(north):
    knock(north["pharmacist"], 5)
    guess(north["pharmacist"], 5)
    assert locks.locks(north["pharmacist"], timezone.now()).any
    assert not locks.locks(north["pharmacist"], timezone.now() + timedelta(hours=25)).any
