"""Who gets in, who is locked out, and who is cut off."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from tests.foundations.conftest import PASSWORD
from tests.patience import RENEWED_AFTER
from utilization import workflow
from utilization.models import User
from utilization.web.account import demo
from utilization.web.account.lockout import client_address, open_again
from utilization.web.account.signature import presence
from utilization.web.account.views import one_time_link
from utilization.web.middleware import IdleTimeout

SIGN_IN = "/account/sign-in/"
PRIVATE = "/account/password/"


def sign_in(client: Client, login: str, password: str):
    return client.post(SIGN_IN, {"login": login, "password": password})


def is_in(client: Client) -> bool:
    return client.get(PRIVATE).status_code == 200


@pytest.mark.parametrize("login", ["i.okafor", "i.okafor@hospital.example", "  i.okafor "])
def test_username_or_address_with_the_right_password_signs_in(client: Client, person: User, login: str) -> None:
    response = sign_in(client, login, PASSWORD)
    assert response.status_code == 302
    assert is_in(client)


@pytest.mark.parametrize(("login", "password"), [("i.okafor", "wrong"), ("nobody", PASSWORD), ("i.okafor", "")])
def test_anything_else_does_not(client: Client, person: User, login: str, password: str) -> None:
    response = sign_in(client, login, password)
    assert response.status_code == 200
    assert not is_in(client)


def test_a_wrong_password_and_an_unknown_name_are_told_alike(client: Client, person: User) -> None:
    wrong = sign_in(client, "i.okafor", "wrong").context["form"].non_field_errors()
    unknown = sign_in(client, "x.unknown", "wrong").context["form"].non_field_errors()
    assert list(wrong) == list(unknown) != []


def test_nobody_signs_up(client: Client, db: None) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert client.get("/account/signup/").status_code == 404


def test_five_wrong_passwords_lock_the_account_by_whichever_name(client: Client, person: User) -> None:
    names = ["i.okafor", "i.okafor@hospital.example", "I.OKAFOR", "i.okafor", "i.okafor"]
    answers = [sign_in(client, name, "wrong") for name in names]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert "15 minutes" in answers[-1].text
    assert sign_in(client, "i.okafor", PASSWORD).status_code == 429


def test_a_stranger_elsewhere_shuts_nobody_out(client: Client, person: User) -> None:
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    answers = [sign_in(stranger, "i.okafor", "wrong").status_code for _ in range(7)]
    assert answers == [200, 200, 200, 200, 429, 429, 429]
    assert sign_in(stranger, "i.okafor", PASSWORD).status_code == 429
    assert sign_in(client, "i.okafor", PASSWORD).status_code == 302


def test_many_addresses_together_close_the_door_to_every_address(client: Client, person: User) -> None:
    """Else whoever has many addresses guesses for ever, five at each."""
    for number in range(12):
        for _ in range(4):
            assert sign_in(Client(REMOTE_ADDR=f"198.51.100.{number}"), "i.okafor", "wrong").status_code == 200
    for _ in range(2):
        sign_in(Client(REMOTE_ADDR="198.51.100.77"), "i.okafor", "wrong")
    assert sign_in(client, "i.okafor", PASSWORD).status_code == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert sign_in(client, "i.okafor", PASSWORD).status_code == 302


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(client: Client, person: User, settings) -> None:
    settings.BEHIND_PROXY = True
    for claimed in ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"):
        headers = {"X-Forwarded-For": f"{claimed}, 198.51.100.7"}
        answer = client.post(SIGN_IN, {"login": "i.okafor", "password": "wrong"}, headers=headers)
    assert answer.status_code == 429
    elsewhere = {"X-Forwarded-For": "198.51.100.8"}
    answer = client.post(SIGN_IN, {"login": "i.okafor", "password": PASSWORD}, headers=elsewhere)
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("told", "address"),
    [("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3::4", "2001:db8:1:2::"), ("", None), ("a socket", None)],
)
def test_an_address_is_one_that_the_database_keeps(rf, told: str, address: str | None) -> None:
    assert client_address(rf.get("/", REMOTE_ADDR=told)) == address


def test_the_lock_opens_by_itself_and_at_an_administrators_word(client: Client, person: User) -> None:
    for _ in range(5):
        sign_in(client, "i.okafor", "wrong")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert sign_in(client, "i.okafor", PASSWORD).status_code == 302
    client.logout()
    for _ in range(5):
        sign_in(client, "i.okafor", "wrong")
    open_again(person)
    assert sign_in(client, "i.okafor", PASSWORD).status_code == 302


def test_others_sign_in_while_one_account_is_locked(client: Client, person: User) -> None:
    User.objects.create_user("b.lind", "", PASSWORD, full_name="Berit Lind")
    for _ in range(6):
        sign_in(client, "i.okafor", "wrong")
    assert sign_in(client, "b.lind", PASSWORD).status_code == 302


def test_a_deactivated_person_is_cut_off_at_once(client: Client, person: User) -> None:
    sign_in(client, "i.okafor", PASSWORD)
    assert is_in(client)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert not is_in(client)
    sign_in(client, "i.okafor", PASSWORD)
    assert not is_in(client)


def test_sign_out_takes_a_post(client: Client, person: User) -> None:
    sign_in(client, "i.okafor", PASSWORD)
    assert "Sign out?" in client.get("/account/sign-out/").text
    assert is_in(client)
    client.post("/account/sign-out/")
    assert not is_in(client)


def test_a_changed_password_ends_the_other_sessions(client: Client, person: User) -> None:
    elsewhere = Client()
    sign_in(client, "i.okafor", PASSWORD)
    sign_in(elsewhere, "i.okafor", PASSWORD)
    new = "quite another password"
    response = client.post(PRIVATE, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert response.status_code == 302
    assert is_in(client)
    assert not is_in(elsewhere)


@pytest.mark.parametrize("weak", ["short", "ife okafor 12", "password1234"])
def test_a_weak_password_is_refused_with_the_reason(client: Client, person: User, weak: str) -> None:
    sign_in(client, "i.okafor", PASSWORD)
    response = client.post(PRIVATE, {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    assert response.context["form"].errors


class TestOneTimeLink:
    """An administrator's link sets a password once, and opens a locked account."""

    @pytest.fixture
    def link(self, person: User, rf) -> str:
        return one_time_link(rf.get("/"), person).removeprefix("http://testserver")

    def use(self, client: Client, link: str, password: str):
        form = client.get(link, follow=True)
        if "form" not in form.context or form.context.get("token_fail"):
            return form
        return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password}, follow=True)

    def test_it_sets_the_password_and_opens_the_account(self, client: Client, person: User, link: str) -> None:
        for _ in range(5):
            sign_in(client, "i.okafor", "wrong")
        assert "Your password is set" in self.use(Client(), link, "chosen by myself").text
        assert sign_in(client, "i.okafor", "chosen by myself").status_code == 302

    def test_it_works_once(self, person: User, link: str) -> None:
        self.use(Client(), link, "chosen by myself")
        assert "works no more" in self.use(Client(), link, "chosen by a thief").text

    def test_it_works_for_a_day(self, person: User, link: str) -> None:
        with time_machine.travel(timezone.now() + timedelta(hours=25)):
            assert "works no more" in self.use(Client(), link, "chosen too late").text

    def test_a_changed_link_does_not_work(self, person: User, link: str) -> None:
        assert "works no more" in self.use(Client(), link[:-3] + "x/", "chosen by a thief").text


class TestIdleTimeout:
    """The server ends a session that nobody uses, and any session after a shift."""

    @pytest.fixture
    def at(self, client: Client, person: User):
        start = timezone.now()
        with time_machine.travel(start, tick=False) as clock:
            sign_in(client, "i.okafor", PASSWORD)
            assert is_in(client)

            def move(*, minutes: float) -> None:
                clock.move_to(start + timedelta(minutes=minutes))

            yield move

    def test_use_keeps_it_open(self, client: Client, at) -> None:
        for minutes in range(10, 120, 10):
            at(minutes=minutes)
            assert is_in(client)

    def test_a_clock_that_was_set_back_keeps_it_open_no_longer(self, client: Client, at) -> None:
        at(minutes=-60)
        assert is_in(client)
        at(minutes=-60 + 16)
        assert not is_in(client)

    def test_a_clock_that_was_set_back_adds_nothing_to_its_hours(self, client: Client, at) -> None:
        for minutes in range(-60, -60 + 12 * 60, 10):
            at(minutes=minutes)
            assert is_in(client)
        at(minutes=-60 + 12 * 60 + 2)
        assert not is_in(client)

    def test_hosts_whose_clocks_differ_by_seconds_write_nothing_for_that(self, client: Client, at) -> None:
        before = client.session["last_use"]
        at(minutes=-0.5)
        assert is_in(client)
        assert client.session["last_use"] == before

    def test_without_use_it_ends_and_says_so(self, client: Client, at) -> None:
        at(minutes=16)
        response = client.get(PRIVATE, follow=True)
        assert response.redirect_chain
        assert "signed out after 15 minutes without use" in response.text

    def test_after_a_shift_it_ends_in_any_case(self, client: Client, at) -> None:
        for minutes in range(10, 12 * 60, 10):
            at(minutes=minutes)
            assert is_in(client)
        at(minutes=12 * 60 + 1)
        assert not is_in(client)

    def test_a_minute_of_use_costs_one_write(self, client: Client, at, monkeypatch) -> None:
        monkeypatch.setattr(IdleTimeout, "RENEW_AFTER_SECONDS", RENEWED_AFTER)

        def writes() -> int:
            with CaptureQueriesContext(connection) as queries:
                is_in(client)
            return sum("django_session" in query["sql"] and "SELECT" not in query["sql"] for query in queries)

        at(minutes=0.5)
        assert writes() == 0
        at(minutes=1)
        assert writes() == 1
        at(minutes=1.5)
        assert writes() == 0


class TestSigning:
    """A signature asks for the signer's password; guesses count within the session, and not at the door."""

    def fault(self, rf, client: Client, person: User, password: str) -> str:
        request = rf.post("/")
        request.user, request.session = person, client.session
        try:
            presence(request, {"password": password}, at=timezone.now())
        except workflow.Invalid as invalid:
            return " ".join(invalid.errors["password"])
        return ""

    def test_the_right_one_signs(self, rf, client, person: User) -> None:
        assert self.fault(rf, client, person, PASSWORD) == ""

    @pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper()])
    def test_any_other_does_not(self, rf, client, person: User, password: str) -> None:
        assert self.fault(rf, client, person, password)

    def test_after_five_even_the_right_one_is_refused_until_a_new_sign_in(self, rf, client, person: User) -> None:
        client.force_login(person)
        for _ in range(5):
            self.fault(rf, client, person, "wrong")
        assert "sign in again" in self.fault(rf, client, person, PASSWORD)
        assert sign_in(Client(), "i.okafor", PASSWORD).status_code == 302, "the door knows nothing of it"
        again = Client()
        again.force_login(person)
        assert self.fault(rf, again, person, PASSWORD) == ""

    def test_the_page_for_a_new_password_is_no_place_to_guess_either(self, client, person: User) -> None:
        client.force_login(person)
        new = "quite another password"
        for _ in range(5):
            answer = client.post(PRIVATE, {"oldpassword": "wrong", "password1": new, "password2": new})
        assert "Too many wrong passwords. Nothing was changed" in answer.text
        answer = client.post(PRIVATE, {"oldpassword": PASSWORD, "password1": new, "password2": new})
        assert answer.status_code == 200
        person.refresh_from_db()
        assert person.check_password(PASSWORD)


class TestDemoPeople:
    """In demo mode one click signs in; elsewhere the address does not exist."""

    @pytest.fixture
    def people(self, monkeypatch, settings, tmp_path) -> None:
        (tmp_path / "demo").mkdir()
        (tmp_path / "demo" / "people.yaml").write_text(
            "- {username: i.okafor, full_name: Ife Okafor, title: MD, role: prescriber, site: north, department: N}\n"
            "- {username: p.two, full_name: Per Two, roles: [auditor, pharmacist], site: north}\n"
        )
        settings.FIXTURES_DIR = tmp_path
        demo.demo_people.cache_clear()
        yield
        demo.demo_people.cache_clear()

    def test_they_are_offered_by_role_with_the_password(self, client: Client, settings, people, db) -> None:
        settings.DEMO_DATA = True
        text = client.get(SIGN_IN).text
        assert text.index("Prescribers") < text.index("Ife Okafor") < text.index("Auditors") < text.index("Per Two")
        assert settings.DEMO_PASSWORD in text

    def test_one_click_signs_in_and_goes_where_it_was_going(self, client, settings, people, person) -> None:
        settings.DEMO_DATA = True
        response = client.post("/account/sign-in/demo/", {"username": "i.okafor", "next": PRIVATE})
        assert response.url == PRIVATE
        assert is_in(client)

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_it_leads_to_no_other_site(self, client, settings, people, person, elsewhere: str) -> None:
        settings.DEMO_DATA = True
        response = client.post("/account/sign-in/demo/", {"username": "i.okafor", "next": elsewhere})
        assert response.url == "/"

    def test_only_demo_people_get_in(self, client, settings, people, person) -> None:
        settings.DEMO_DATA = True
        User.objects.create_user("real.person", "", PASSWORD, full_name="Real Person")
        assert client.post("/account/sign-in/demo/", {"username": "real.person"}).status_code == 404

    def test_a_demo_person_not_yet_loaded_is_told_so(self, client, settings, people, db) -> None:
        settings.DEMO_DATA = True
        response = client.post("/account/sign-in/demo/", {"username": "p.two"}, follow=True)
        assert "not loaded" in response.text

    def test_outside_demo_mode_there_is_nothing(self, client, settings, people, person) -> None:
        settings.DEMO_DATA = False
        assert "Ife Okafor" not in client.get(SIGN_IN).text
        assert client.post("/account/sign-in/demo/", {"username": "i.okafor"}).status_code == 404

    def test_without_the_file_nobody_is_offered(self, settings, tmp_path) -> None:
        settings.FIXTURES_DIR = tmp_path
        demo.demo_people.cache_clear()
        assert demo.demo_people_by_role() == []
        demo.demo_people.cache_clear()
