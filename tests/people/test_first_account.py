"""The first site and its administrator, made by command, once."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from utilization import access
from utilization.models import Event, Site, User
from utilization.rules.lifecycle import Role

OPTIONS = {
    "name": "Riverside Hospital",
    "code": "river",
    "time_zone": "Europe/Vienna",
    "full_name": "Ana Brun",
    "username": "ana.brun",
    "email": "ana@river.example",
}


def _run(**options):
    out = io.StringIO()
    call_command("first_account", stdout=out, **OPTIONS | options)
    return out.getvalue()


def test_it_makes_the_site_and_an_administrator_who_sets_a_password_by_the_printed_path(db):
    said = _run(title="MHA", address="1 Quay | 1010 Vienna", department=["Neurology", "Haematology", "Neurology"])
    assert said.startswith("Ana Brun is the administrator of Riverside Hospital.\n")

    site, person = Site.objects.get(), User.objects.get()
    assert (site.code, site.time_zone, site.address) == ("river", "Europe/Vienna", "1 Quay\n1010 Vienna")
    assert [department.name for department in site.departments.all()] == ["Haematology", "Neurology"]
    assert access.roles(person, site) == {Role.ADMINISTRATOR}
    body = json.loads(bytes(Event.objects.get().body))
    assert (body["type"], body["actor"], body["site"]) == ("site.founded", None, "river")

    browser, password = Client(), "a-long-and-unusual-password"
    form = browser.get(said.splitlines()[-1], follow=True)
    answer = browser.post(form.context["action_url"], {"password1": password, "password2": password}, follow=True)
    assert "Your password is set" in answer.content.decode()
    assert User.objects.get().check_password(password)


def test_it_refuses_in_a_database_that_has_people(db):
    _run()
    with pytest.raises(CommandError, match="already has people or sites"):
        _run(username="second", code="second")
    assert User.objects.count() == Site.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({"time_zone": "Vienna"}, "--time-zone: 'Vienna' is no time zone."),
        ({"time_zone": "../etc/passwd"}, "--time-zone: "),
        ({"code": "two words"}, "--code: Type a short code"),
        ({"name": "\u202e"}, "--name: "),
        ({"email": "ana"}, "--email: This is no e-mail address."),
        ({"username": "ana brun"}, "--username: "),
        ({"department": [""]}, "--departments: Fill this in."),
    ],
)
def test_what_cannot_be_is_named_by_its_option_and_nothing_is_made(db, typed, named):
    with pytest.raises(CommandError) as caught:
        _run(**typed)
    assert "Nothing was made." in str(caught.value)
    assert named in str(caught.value)
    assert not User.objects.exists()
    assert not Site.objects.exists()
    assert not Event.objects.exists()


def test_it_asks_for_what_is_left_out(db, monkeypatch):
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "typed.name")
    _run(username=None)
    assert asked == ["Username of the administrator: "]
    assert User.objects.get().username == "typed.name"


def test_with_nobody_there_to_answer_it_says_which_option_to_give(db, monkeypatch):
    def nobody(question):
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(CommandError, match="Nobody is there to answer: Username of the administrator"):
        _run(username=None)
    assert not User.objects.exists()
