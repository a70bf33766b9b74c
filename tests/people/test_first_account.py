"""The first site and its administrator, made by command, once."""

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.patience import PATIENCE
from utilization import access
from utilization.models import Event, Site, User
from utilization.reconciliation import reconcile
from utilization.rules.roles import Permission, Role
from utilization.workflow import Refused, account_confirmation, password_letter

ROOT = Path(__file__).resolve().parents[2]
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
    said = _run(
        title="MHA", address="1 Quay | 1010 Vienna", department=["Neurology", "Haematology", "Neurology", "NEUROLOGY"]
    )
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


def _further(**options):
    out = io.StringIO()
    typed = {"code": "hill", "name": "Hill Hospital", "username": "hal", "email": "hal@hill.example"}
    call_command("further_site", stdout=out, **OPTIONS | typed | options)
    return out.getvalue()


def test_a_further_site_has_an_administrator_of_its_own_who_sees_nothing_of_the_first(db):
    with pytest.raises(CommandError, match="no site yet"):
        _further()
    _run(department=["Neurology"])
    said = _further(full_name="Hal Hill", address="9 Hill|Top")
    assert said.startswith("Hal Hill is the administrator of Hill Hospital.\n")
    assert "/account/password/" in said.splitlines()[-1]
    hill, hal = Site.objects.get(code="hill"), User.objects.get(username="hal")
    assert (hill.name, hill.address) == ("Hill Hospital", "9 Hill\nTop")
    assert list(access.sites(hal, Permission.MANAGE_PEOPLE)) == [hill]
    assert not access.visible_people(hal).filter(username="ana.brun").exists()
    assert not access.why_not_sign(hal)
    assert [event.site_id for event in Event.objects.filter(type="site.founded")] == [hill.pk - 1, hill.pk]
    assert reconcile().problems == ()


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({"code": "RIVER"}, "--code: Another site has this code."),
        ({"code": "c" * 31}, "--code: Type a short code, of at most 30"),
        ({"address": "x" * 81}, "--address: Write a shorter address"),
        ({"address": "a\u202eb"}, "--address: "),
        ({"email": "ana@river.example"}, "--email: Another account has this"),
    ],
)
def test_a_further_site_is_not_made_of_what_cannot_be(db, typed, named):
    _run()
    with pytest.raises(CommandError) as refused:
        _further(**typed)
    assert named in str(refused.value)
    assert Site.objects.count() == User.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ({"time_zone": "Vienna"}, "--time-zone: 'Vienna' is no time zone."),
        ({"time_zone": "../etc/passwd"}, "--time-zone: "),
        ({"time_zone": "Factory"}, "--time-zone: 'Factory' is no time zone."),
        ({"time_zone": "localtime"}, "--time-zone: 'localtime' is no time zone."),
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


PRODUCTION = {
    "IVIG_MODE": "production",
    "SECRET_KEY": "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "ivig.hospital.example",
}
ANSWERS = [
    "--name=Riverside Hospital", "--code=river", "--time-zone=Europe/Vienna", "--full-name=Ana Brun",
    "--username=ana.brun", "--email=ana.brun@hospital.example", "--department=Neurology",
]  # fmt: skip


def _manage(*words, url, var):
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG") or name.startswith("COV")
    }
    database = {"IVIG_VAR": str(var), "DATABASE_URL": url}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env={**kept, **PRODUCTION, **database}, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip


@pytest.mark.long
def test_an_empty_production_database_is_prepared_on_the_way(tmp_path):
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    answer = _manage("first_account", *ANSWERS, url=url, var=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("Ana Brun is the administrator of Riverside Hospital.\n")
    assert "Preparing the database" in answer.stderr
    again = _manage("first_account", *ANSWERS, url=url, var=tmp_path)
    assert again.returncode == 1
    assert "already has people or sites" in again.stderr


@pytest.fixture(scope="module")
def earlier(tmp_path_factory) -> Path:
    """The file of a database as the first version left it."""
    folder = tmp_path_factory.mktemp("earlier")
    file = folder / "old.sqlite3"
    assert _manage("migrate", "utilization", "0001", url=f"sqlite:///{file}", var=folder).returncode == 0
    return file


@pytest.mark.long
@pytest.mark.parametrize("command", ["first_account", "verify_log"])
def test_a_database_of_an_earlier_version_is_not_changed_in_passing(earlier, tmp_path, command):
    url = f"sqlite:///{shutil.copy(earlier, tmp_path)}"
    answer = _manage(command, *(ANSWERS if command == "first_account" else ()), url=url, var=tmp_path)
    assert answer.returncode == 1
    assert answer.stderr.strip().endswith(
        "This database was made by an earlier version. Run `manage.py prepare`, then this command again."
    )


@pytest.mark.long
def test_a_database_without_tables_is_named_by_a_command_that_only_reads(tmp_path):
    answer = _manage("verify_log", url=f"sqlite:///{tmp_path / 'none.sqlite3'}", var=tmp_path)
    assert answer.returncode == 1
    assert answer.stderr.strip().endswith(
        "This database holds no tables yet. Run `manage.py prepare`, then this command again."
    )


@pytest.mark.long
@pytest.mark.parametrize("words", [["first_account", *ANSWERS], ["prepare"], ["verify_log"]])
@pytest.mark.parametrize("url", ["postgres://nobody:hidden@127.0.0.1:9/none", "sqlite:////proc/none/here.sqlite3"])
def test_a_database_that_cannot_be_reached_is_said_without_a_traceback(tmp_path, words, url):
    answer = _manage(*words, url=url, var=tmp_path)
    assert answer.returncode == 1
    assert "The database cannot be reached: " in answer.stderr
    assert "Check DATABASE_URL." in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "hidden" not in answer.stderr


@pytest.mark.long
def test_a_folder_that_cannot_be_made_is_said_with_the_setting_to_change(tmp_path):
    (tmp_path / "file").write_text("")
    answer = _manage("prepare", url=f"sqlite:///{tmp_path / 'new.sqlite3'}", var=tmp_path / "file" / "var")
    assert answer.returncode == 1
    assert f"The folder {tmp_path / 'file' / 'var'} cannot be made" in answer.stderr
    assert "Set IVIG_VAR" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_new_site_without_mail_comes_to_its_first_invited_person_by_the_words_printed(db, settings):
    settings.MAIL_FROM = ""
    said = _run()
    ana, password = User.objects.get(), "a-long-and-unusual-password"
    first = _chosen(said.splitlines()[-1], password)
    (command,) = [line for line in said.splitlines() if line.startswith("manage.py restore_administrator")]
    typed = command.replace("USERNAME", "bo").replace("NAME", "Bo Lind").replace("ADDRESS", "bo@river.example")
    out = io.StringIO()
    call_command(*shlex.split(typed)[1:], stdout=out)
    second = _chosen(out.getvalue().splitlines()[-1], password)
    bo = User.objects.get(username="bo")
    assert access.why_not_sign(bo), "nobody but the server made the second administrator: the first one confirms them"
    account_confirmation.confirm(bo, by=ana, at=timezone.now())

    form = {"site": Site.objects.get().pk, "full_name": "Grace Oduya", "username": "grace",
            "email": "grace@river.example", "role": "pharmacist", "department": "", "title": ""}  # fmt: skip
    first.post(reverse("people-invite"), form)
    grace = User.objects.get(username="grace")
    for door in (lambda: password_letter.print_letter(grace, by=ana, at=timezone.now()),
                 lambda: account_confirmation.confirm(grace, by=ana, at=timezone.now())):  # fmt: skip
        with pytest.raises(Refused):
            door()
    assert "/account/password/first/" in second.post(reverse("people-letter", args=[grace.pk])).content.decode()
    account_confirmation.confirm(grace, by=bo, at=timezone.now())
    assert not access.why_not_sign(grace)


def test_a_wrong_time_zone_is_told_before_the_next_question_and_asked_again(db, monkeypatch):
    answers = {"Time zone": iter(["Vienna", "", "Europe/Vienna"]), "Full name": iter(["Ana Brun"])}
    asked = []

    def answer(prompt):
        asked.append(prompt)
        return next(next(given for question, given in answers.items() if prompt.startswith(question)))

    monkeypatch.setattr("builtins.input", answer)
    err = io.StringIO()
    _run(time_zone=None, full_name=None, stderr=err)
    assert [prompt.split(",")[0] for prompt in asked[:3]] == ["Time zone"] * 3
    assert len(asked) == 4
    assert err.getvalue().splitlines()[0].startswith("'Vienna' is no time zone.")
    assert Site.objects.get().time_zone == "Europe/Vienna"


def test_a_wrong_time_zone_that_was_given_is_told_before_anything_is_asked(db, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda prompt: "Ana Brun")
    with pytest.raises(CommandError, match=r"Nothing was made\.\n--time-zone: 'Vienna'"):
        _run(time_zone="Vienna", full_name=None)


def test_where_mail_is_sent_no_second_person_is_asked_for(db, settings):
    settings.MAIL_FROM = "ivig@river.example"
    assert "restore_administrator" not in _run()


def _chosen(path: str, password: str) -> Client:
    """A browser signed in with the password that was chosen at `path`."""
    browser = Client()
    form = browser.get(path, follow=True)
    browser.post(form.context["action_url"], {"password1": password, "password2": password}, follow=True)
    person = User.objects.order_by("pk").last()
    assert person.check_password(password)
    browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser
