"""A site that lost its administrators gets one by a command on the server, and everybody sees that it did."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from tests.cast import AT, PASSWORD
from utilization import access, workflow
from utilization.models import Event, Membership, Notice, SignInEntry, SignOnLink, Site, User
from utilization.rules.roles import Role
from utilization.workflow import people

NEW = {"full_name": "Nia New", "email": "nia@north.example"}
REASON = "Adam left in October, and nobody reaches him"


@pytest.fixture
def restore(cast, capsys):
    def run(username, site="north", **options):
        call_command("restore_administrator", site, username, **options)
        return capsys.readouterr().out

    return run


@pytest.fixture
def lost(cast):
    """North after its one administrator was closed, as by a database that somebody mended by hand."""
    User.objects.filter(pk=cast["adam"].pk).update(is_active=False)
    return cast


def last_entry():
    event = Event.objects.filter(type="administrator.restored").latest("seq")
    return event, json.loads(bytes(event.body))["data"]


def choose_password(said, password="a-long-and-unusual-password"):
    browser = Client()
    form = browser.get(said.splitlines()[-1], follow=True)
    assert "action_url" in form.context, form.text
    answer = browser.post(form.context["action_url"], {"password1": password, "password2": password}, follow=True)
    assert "Your password is set" in answer.text
    return browser, password


def test_a_new_account_becomes_administrator_signs_in_and_opens_the_people_of_the_site(lost, restore):
    said = restore("nia", **NEW)
    assert said.startswith("Nia New is administrator of North Hospital. The log says that it was done here.\n")
    assert "Audrey Auditor can, on the page People" in said
    nia = User.objects.get(username="nia")
    assert access.roles(nia, lost.north) == {Role.ADMINISTRATOR}
    assert access.roles(nia) == access.roles(nia, lost.north)
    browser, password = choose_password(said)
    assert browser.post("/account/sign-in/", {"login": "nia", "password": password}).status_code == 302
    assert browser.get(f"/people/{lost['fern'].pk}/").status_code == 200
    assert access.why_not_sign(nia)
    workflow.account_confirmation.confirm(nia, by=lost["audrey"], at=timezone.now())
    assert not access.why_not_sign(nia)


def test_the_log_says_that_it_was_by_command_and_who_is_concerned_is_told(lost, restore):
    restore("nia", **NEW)
    nia = User.objects.get(username="nia")
    event, said = last_entry()
    assert (event.actor_id, event.site_id) == (None, lost.north.pk)
    assert said["how"] == "command"
    assert (said["person"], said["role"], said["given"], said["made"]) == (nia.pk, "administrator", True, True)
    assert (said["although"], said["reason"]) == ([], "")
    told = Notice.objects.filter(event_seq=event.seq).values_list("recipient__username", flat=True)
    assert set(told) == {"nia", "audrey"}
    kinds = SignInEntry.objects.filter(user_id=nia.pk).order_by("pk").values_list("kind", "by_id")
    assert list(kinds) == [("invited", None), ("role_given", None)]
    browser = Client()
    browser.force_login(lost["audrey"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Administrator restored on the server" in browser.get("/audit/log/entries/").text


def test_somebody_who_can_sign_in_gets_the_role_and_nothing_of_theirs_stops(lost, restore):
    before = lost["audrey"].password
    said = restore("AUDREY")
    assert "path" not in said
    audrey = User.objects.get(username="audrey")
    assert access.roles(audrey) == {Role.AUDITOR, Role.ADMINISTRATOR}
    assert audrey.password == before
    assert not access.why_not_sign(audrey)
    assert not Event.objects.filter(type="password.reset").exists()


def test_a_closed_administrator_is_let_in_again_without_the_telephone_that_was_lost(lost, restore):
    adam = lost["adam"]
    Authenticator.objects.create(user=adam, type=Authenticator.Type.TOTP, data={"secret": "x"})
    said = restore("adam")
    assert "They sign nothing until somebody confirms" in said
    adam.refresh_from_db()
    assert adam.is_active
    assert not adam.has_usable_password()
    assert not Authenticator.objects.filter(user=adam).exists()
    _, told = last_entry()
    assert (told["given"], told["made"]) == (False, False)
    assert Membership.objects.filter(user=adam, role="administrator").count() == 1
    on_server = Event.objects.filter(actor_id=None).order_by("seq").values_list("type", flat=True)
    assert list(on_server) == ["person.reactivated", "second_step.removed", "administrator.restored"]
    choose_password(said)


def test_the_one_administrator_who_lost_everything_gets_a_new_way_in_and_loses_the_old(cast, restore):
    browser = Client()
    browser.force_login(cast["adam"], backend="allauth.account.auth_backends.AuthenticationBackend")
    SignOnLink.objects.create(
        user=cast["adam"], issuer="https://i.example", subject="a", linked_at=AT, linked_by=cast["adam"]
    )
    said = restore("adam")
    assert browser.get("/people/").status_code == 302
    assert not SignOnLink.objects.exists()
    assert Client().post("/account/sign-in/", {"login": "adam", "password": PASSWORD}).status_code == 200
    choose_password(said)


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "administrator already"])
def test_who_has_roles_at_other_sites_signs_in_there_anew_only_for_a_reason(cast, restore, closed):
    adam = cast["adam"]
    Membership.objects.create(user=adam, site=cast.south, role="auditor", started_at=AT)
    User.objects.filter(pk=adam.pk).update(is_active=not closed)
    before = User.objects.get(pk=adam.pk).password
    with pytest.raises(CommandError, match=r"Adam Administrator.* has roles at South Hospital too.*\(--because\)"):
        restore("adam")
    adam.refresh_from_db()
    assert (adam.is_active, adam.password) == (not closed, before)
    assert not Event.objects.exclude(type="patient.added").exists()
    said = restore("adam", because=REASON)
    assert "They have roles at South Hospital too, and sign in there in the new way as well." in said.splitlines()
    assert last_entry()[1]["reason"] == REASON
    choose_password(said)


def test_whose_way_in_stays_needs_no_reason_for_roles_at_other_sites(lost, restore):
    Membership.objects.create(user=lost["audrey"], site=lost.south, role="auditor", started_at=AT)
    Membership.objects.create(user=lost["adam"], site=lost.south, role="auditor", started_at=AT, ended_at=AT)
    assert "South" not in restore("audrey")
    User.objects.filter(pk=lost["audrey"].pk).update(is_active=False)
    assert "South" not in restore("adam")


def test_while_another_can_sign_in_it_is_refused_and_nothing_is_done(cast, restore):
    with pytest.raises(CommandError, match=r"Adam Administrator can sign in as administrator of North Hospital.*Peo"):
        restore("nia", **NEW)
    with pytest.raises(CommandError, match="Nothing was done"):
        restore("audrey")
    assert not User.objects.filter(username="nia").exists()
    assert access.roles(cast["audrey"]) == {Role.AUDITOR}
    assert not Event.objects.exclude(type="patient.added").exists()


def test_with_a_reason_it_is_done_all_the_same_and_both_stand_in_the_log_and_the_other_is_told(cast, restore):
    restore("nia", because=REASON, **NEW)
    event, said = last_entry()
    assert (said["although"], said["reason"]) == ([cast["adam"].pk], REASON)
    told = Notice.objects.filter(event_seq=event.seq).values_list("recipient__username", flat=True)
    assert set(told) == {"nia", "audrey", "adam"}
    # Nothing was taken from the other: who has been restored decides on the pages.
    assert access.roles(cast["adam"]) == {Role.ADMINISTRATOR}


@pytest.mark.parametrize(
    "cannot",
    [
        lambda adam: User.objects.filter(pk=adam.pk).update(is_active=False),
        lambda adam: User.objects.filter(pk=adam.pk).update(password="!none"),
        lambda adam: Membership.objects.filter(user=adam).update(ended_at=AT),
    ],
    ids=["closed", "without a password", "no administrator any more"],
)
def test_who_cannot_sign_in_as_administrator_stands_in_nobodys_way(cast, restore, cannot):
    cannot(cast["adam"])
    restore("nia", **NEW)
    assert last_entry()[1]["although"] == []


def test_single_sign_on_is_a_way_in_too_and_of_another_site_nobody_counts(cast, restore):
    User.objects.filter(pk=cast["adam"].pk).update(password="!none")
    SignOnLink.objects.create(
        user=cast["adam"], issuer="https://i.example", subject="a", linked_at=AT, linked_by=cast["adam"]
    )
    with pytest.raises(CommandError, match="Adam Administrator can sign in"):
        restore("nia", **NEW)
    restore("nia", site="south", **NEW)
    assert access.roles(User.objects.get(username="nia"), cast.south) == {Role.ADMINISTRATOR}


def test_where_nobody_could_confirm_the_command_that_does_is_named(lost, restore):
    User.objects.filter(pk=lost["audrey"].pk).update(is_active=False)
    assert "`manage.py confirm_person nia`" in restore("nia", **NEW)


@pytest.mark.parametrize(
    ("username", "options", "said"),
    [
        ("fern", {}, "An administrator does not file, review or keep criteria"),
        ("nobody", {}, "Nobody has the username nobody. For a new account give --full-name and --email"),
        ("fern", NEW, "--username: This username is taken."),
        ("nia", {**NEW, "email": "nia"}, "--email: This is no e-mail address."),
        ("nia", {"email": "nia@north.example"}, "--full-name: Fill this in."),
        ("nia", {**NEW, "because": "x" * 401}, "--because: Expected at most 400 characters"),
        ("nia", {**NEW, "site": "nowhere"}, "No site has the code nowhere. There are: north, south."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_done(lost, restore, username, options, said):
    before = User.objects.count()
    with pytest.raises(CommandError) as caught:
        restore(username, **options)
    assert said in str(caught.value)
    assert User.objects.count() == before
    assert not Event.objects.exclude(type="patient.added").exists()
    assert not Membership.objects.filter(role="administrator").exclude(user=lost["adam"]).exists()
    assert Site.objects.count() == 2


def test_a_site_never_without_administrators_needs_no_command(cast):
    """The pages keep a site from losing its last one: nobody ends their own role."""
    with pytest.raises(workflow.Refused):
        people.end_role(cast["adam"], by=cast["adam"], at=AT, site=cast.north, role="administrator")
    assert [person.username for person in workflow.restored_administrator.able_administrators(cast.north)] == ["adam"]
