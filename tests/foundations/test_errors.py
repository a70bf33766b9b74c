"""What goes wrong is told plainly: what happened, that nothing was half-saved, and what to do."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.http import HttpResponse, QueryDict
from django.test import Client

from tests.foundations.broken_urls import SECRET
from utilization.models import User
from utilization.web.middleware import ReadableInput

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

EVERY_STATUS = [
    ("/account/sign-in/", 200),
    ("/private/", 302),
    ("/fail/400/", 400),
    ("/account/sign-in/?next=%00", 400),
    ("/fail/403/", 403),
    ("/nowhere/", 404),
    ("/sign-in/%00/", 400),
    ("/account/sign-in/demo/", 405),
    ("/too-late/", 409),
    ("/fail/500/", 500),
    ("/fail/missing-file/", 500),
    ("/fail/locked/", 503),
    ("/fail/database-full/", 503),
    ("/fail/disk-full/", 503),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "status"), EVERY_STATUS)
def test_every_answer_carries_the_headers_and_no_inner_detail(broken: Client, address: str, status: int) -> None:
    response = broken.get(address)
    assert response.status_code == status
    carries_the_headers(response)
    assert SECRET not in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize(("host", "status"), [("testserver", 301), ("foreign.example", 400)])
def test_what_is_answered_before_any_page_carries_the_headers_too(client, settings, host: str, status: int) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client.raise_request_exception = False
    response = client.get("/account/sign-in/", headers={"host": host})
    assert response.status_code == status
    carries_the_headers(response)


def carries_the_headers(response: HttpResponse) -> None:
    for name, value in HEADERS.items():
        assert response[name] == value
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "camera=()" in response["Permissions-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert response["X-Request-ID"]


@pytest.mark.django_db
def test_pages_hold_no_inline_script_or_style(broken: Client) -> None:
    for address, _ in EVERY_STATUS:
        text = broken.get(address).text
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text
        assert "<script>" not in text


@pytest.mark.parametrize("kind", ["locked", "database-full", "disk-full"])
def test_a_server_that_cannot_write_says_that_nothing_was_saved(broken: Client, kind: str, db: None) -> None:
    response = broken.get(f"/fail/{kind}/")
    assert "Nothing was saved" in response.text
    assert response["Retry-After"]


def test_a_fault_is_logged_by_its_class_and_place_only(broken: Client, db: None, caplog) -> None:
    with caplog.at_level(logging.ERROR):
        broken.get("/fail/500/")
    [fault] = [record.msg for record in caplog.records if record.name == "utilization.errors"]
    assert fault["error"] == "RuntimeError"
    assert any("broken_urls.py" in place for place in fault["at"])
    assert SECRET not in str(fault)


def test_a_foreign_record_is_answered_as_one_that_does_not_exist(broken: Client, db: None) -> None:
    assert broken.get("/nowhere/1/").content == broken.get("/nowhere/2/").content


def test_a_late_change_says_what_was_first(broken: Client, db: None) -> None:
    response = broken.get("/too-late/")
    assert "Another reviewer was first." in response.text
    assert 'href="/there/"' in response.text


@pytest.mark.parametrize("text", ["a\x00b", "\x00"])
@pytest.mark.parametrize("field", ["note", "other"])
def test_null_characters_are_refused_with_the_way_out(broken: Client, db: None, text: str, field: str) -> None:
    response = broken.post("/echo/", {field: text})
    assert response.status_code == 400
    assert "null character" in response.text


def test_a_form_with_null_characters_comes_back_without_them(broken: Client, db: None) -> None:
    ours = {"origin": "http://testserver"}
    response = broken.post("/echo/", {"note": "a\x00b", "other": "kept", "password": "typed secret"}, headers=ours)
    assert response.status_code == 400
    assert 'name="note" value="ab"' in response.text
    assert 'name="other" value="kept"' in response.text
    assert "typed secret" not in response.text
    foreign = broken.post("/echo/", {"note": "a\x00b"}, headers={"origin": "http://evil.example"})
    assert "csrfmiddlewaretoken" not in foreign.text


def test_a_form_that_could_not_be_saved_comes_back_whole(broken: Client, db: None) -> None:
    response = broken.post("/fail/locked/", {"note": "<b>typed</b>", "password": "typed secret"})
    assert response.status_code == 503
    assert 'name="note" value="&lt;b&gt;typed&lt;/b&gt;"' in response.text
    assert 'action="/fail/locked/"' in response.text
    assert "typed secret" not in response.text


class LostCommit:
    """A connection to the database whose answer to a commit never comes."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def commit(self) -> None:
        raise connection.Database.OperationalError("database is locked: the server closed the connection")


@pytest.mark.django_db(transaction=True)
def test_what_may_have_been_saved_is_not_called_unsaved(broken: Client) -> None:
    connection.ensure_connection()
    real = connection.connection
    connection.connection = LostCommit(real)
    try:
        response = broken.post("/saves/", {"note": "typed"})
    finally:
        connection.connection = real
    assert response.status_code == 503
    assert "Nothing was saved" not in response.text
    assert "It is not known whether this was saved" in response.text
    assert 'name="note" value="typed"' in response.text


LOCKED = OperationalError("database is locked")


def raises(failure: Exception) -> Callable[..., None]:
    """A function that raises it."""

    def fails(*args: object, **kwargs: object) -> None:
        raise failure

    return fails


def test_a_database_that_is_away_before_or_after_the_page_is_told_alike(
    broken: Client, person: User, monkeypatch
) -> None:
    broken.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    with monkeypatch.context() as patched:
        patched.setattr(SessionStore, "save", raises(LOCKED))
        assert broken.get("/private/").status_code == 503
    with monkeypatch.context() as patched:
        patched.setattr(SessionStore, "load", raises(LOCKED))
        assert broken.get("/private/").status_code == 503
    assert broken.get("/private/").status_code == 200


def test_a_session_that_the_database_does_not_take_is_no_form_that_cannot_be_read(
    broken: Client, person: User, monkeypatch
) -> None:
    """Django says of it that somebody ended the session, which is a 400."""
    broken.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    with monkeypatch.context() as patched:
        patched.setattr(Session, "save", raises(LOCKED))
        response = broken.get("/private/")
    assert response.status_code == 503
    assert "It is not known whether this was saved" in response.text
    # One that somebody did end meanwhile stays what it was.
    with monkeypatch.context() as patched:
        patched.setattr(SessionStore, "save", raises(UpdateError()))
        assert broken.get("/private/").status_code == 400
    assert broken.get("/private/").status_code == 200


def test_null_characters_in_a_name_or_a_cookie_are_refused(broken: Client, db: None) -> None:
    assert broken.post("/echo/", {"no\x00te": "x"}).status_code == 400
    # A cookie's value may spell any byte in octal.
    assert broken.get("/private/", headers={"cookie": 'sessionid="abc\\000defghijk"'}).status_code == 400


def test_half_a_character_pair_is_refused(rf) -> None:
    request = rf.post("/echo/")
    # No form can send one today; a JSON body could.
    request.POST = QueryDict(mutable=True)
    request.POST["note"] = "half \ud83e"
    answer = ReadableInput(lambda request: HttpResponse("stored"))(request)
    assert answer.status_code == 400
    assert "half of a character pair" in answer.text


@pytest.mark.parametrize("text", ["Zoë 🩸 ≥ 2 g/kg", "=1+1", "<b>bold</b>", "line one\r\nline two"])
def test_any_other_text_arrives_as_it_was_typed(broken: Client, db: None, text: str) -> None:
    assert broken.post("/echo/", {"note": text}).content.decode() == text


def test_a_megabyte_reaches_its_form_and_five_are_refused(broken: Client, db: None) -> None:
    assert broken.post("/echo/", {"note": "x" * 1_000_000}).status_code == 200
    refused = broken.post("/echo/", {"note": "x" * 5_000_000})
    assert refused.status_code == 413
    assert "4 MB" in refused.text


def test_a_form_with_too_many_fields_is_refused(broken: Client, db: None) -> None:
    assert broken.post("/echo/", {f"field{n}": "x" for n in range(600)}).status_code == 413


class TestSendAgain:
    """A form whose session or token ended comes back with all that was typed, and can be sent again."""

    TYPED = "Falls twice a week since May"

    def test_after_the_session_ended(self, broken: Client, db: None) -> None:
        response = broken.post("/private/", {"note": self.TYPED, "password": "typed secret", "many": ["a", "b"]})
        assert response.status_code == 401
        assert f'name="note" value="{self.TYPED}"' in response.text
        assert response.text.count('name="many"') == 2
        assert "typed secret" not in response.text
        assert 'action="/private/"' in response.text

    def test_typed_markup_stays_text(self, broken: Client, db: None) -> None:
        response = broken.post("/private/", {"note": '"><script>alert(1)</script>'})
        assert "<script>alert" not in response.text

    def test_after_the_token_ended(self, broken: Client, person: User) -> None:
        strict = self._strict(broken, person)
        response = strict.post("/private/", {"note": self.TYPED}, headers={"origin": "http://testserver"})
        assert response.status_code == 403
        assert f'value="{self.TYPED}"' in response.text
        token = strict.cookies["csrftoken"].value
        again = strict.post(
            "/private/",
            {"note": self.TYPED, "csrfmiddlewaretoken": token},
            headers={"origin": "http://testserver"},
        )
        assert again.text == f"{person.username}:{self.TYPED}"

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
    def test_but_never_for_another_site(self, broken: Client, person: User, origin: str) -> None:
        strict = self._strict(broken, person)
        response = strict.post("/private/", {"note": self.TYPED}, headers={"origin": origin} if origin else {})
        assert response.status_code == 403
        assert self.TYPED not in response.text
        assert "Nothing was saved" in " ".join(response.text.split())

    @staticmethod
    def _strict(broken: Client, person: User) -> Client:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return strict


def test_a_fragment_asked_for_after_the_session_ended_leaves_the_page_alone(broken: Client, db: None) -> None:
    response = broken.get("/private/", headers={"hx-request": "true"})
    assert response.status_code == 401
    assert response["HX-Reswap"] == "none"
    assert "what you typed here stays" in response.text
