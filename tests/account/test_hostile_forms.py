"""Each form about accounts and people takes whatever is sent: never a fault of the server, and nothing typed is lost.

What is sent stands in `HOSTILE`, ten inputs for each field of each form, and every form is replayed by somebody else.
"""

import html
from binascii import hexlify

import pytest

from tests.cast import PASSWORD, Cast
from utilization.models import User

LONG = "x" * 1_000_000
HOSTILE = {
    "nothing": "",
    "NUL": "a\0b",
    "1 MB": LONG,
    "right to left": "\u202eevil\u202c",
    "a lone surrogate": b"\xed\xa0\x80",
    "no text": b"\xff\xfe\xfa",
    "a tag": "<script>alert(1)</script>",
    "another kind": '{"a": [1, null, true]}',
    "a huge number": "9" * 400,
    "lines": "one\r\ntwo\tthree",
}
# Who sends it, where to, and the fields that the page names. {fern} is the key of the person it is about.
FORMS = [
    ("", "/account/sign-in/", ("login", "password", "next")),
    ("", "/account/sign-in/passkey/", ("passkey", "next", "asking")),
    ("", "/account/sign-in/demo/", ("username", "next")),
    ("", "/account/sign-in/second-step/", ("code", "credential")),
    ("fern", "/account/password/", ("oldpassword", "password1", "password2")),
    ("fern", "/account/passkeys/", ("name", "passkey")),
    ("fern", "/account/passkeys/begin/", ("password", "passkey", "confirmed", "asking")),
    ("fern", "/account/passkeys/remove/", ("number", "password", "passkey")),
    ("fern", "/account/codes/app/", ("password", "passkey")),
    ("fern", "/account/codes/app/add/", ("code",)),
    ("fern", "/account/codes/app/remove/", ("password", "passkey")),
    ("fern", "/account/codes/recovery/", ("password", "passkey")),
    ("adam", "/people/departments/", ("site", "name")),
    ("adam", "/people/prices/", ("site", "brand", "per_gram", "currency")),
    ("adam", "/people/signing/", ("site", "role")),
    ("adam", "/people/invite/", ("full_name", "title", "username", "email", "site", "role", "department")),
    ("adam", "/people/take-on/", ("username", "email", "site", "role", "department")),
    ("adam", "/people/import/", ("site", "text")),
    ("adam", "/people/{fern}/role/", ("site", "role", "department")),
    ("adam", "/people/{fern}/end-role/", ("site", "role")),
    ("adam", "/people/{fern}/sign-on/", ("subject",)),
    ("adam", "/people/accounts/{fern}/confirm/", ("seen",)),
    ("adam", "/people/accounts/{fern}/letter/", ("seen",)),
]
REFUSED = {200, 302, 400, 401, 403, 404, 409, 413, 422, 429}
SHOWN = {"/people/departments/": "name", "/people/invite/": "full_name", "/account/passkeys/": "name",
         "/people/prices/": "per_gram", "/people/take-on/": "username"}  # fmt: skip
"""Forms that show again what was typed, by the field that is looked at."""


def raw(fields, value) -> bytes:
    """A form's bytes as a browser, or somebody's script, could send them."""
    sent = value.encode() if isinstance(value, str) else value
    escaped = b"%" + hexlify(sent, "%") if sent else b""
    return b"&".join(name.encode() + b"=" + escaped for name in fields)


def send(client, address, body):
    return client.post(address, body, content_type="application/x-www-form-urlencoded")


@pytest.fixture
def about(cast: Cast, settings):
    settings.SINGLE_SIGN_ON = {"issuer": "https://id.example", "client_id": "x", "secret": "y", "name": "Sign-in"}
    return {"fern": cast["fern"].pk}


@pytest.mark.long
@pytest.mark.parametrize(("who", "address", "fields"), FORMS, ids=[address for _, address, _ in FORMS])
def test_no_input_is_a_fault_of_the_server(cast: Cast, client, seen_by, about, who, address, fields):
    sender = seen_by(who) if who else client
    place = address.format(**about)
    for what, value in HOSTILE.items():
        for chosen in (fields, *((name,) for name in fields)):
            # A million characters in each field at once are more than any form takes: that is asked once.
            if value is LONG and chosen is not fields:
                continue
            answer = send(sender, place, raw(chosen, value))
            assert answer.status_code in REFUSED, (what, chosen)
            assert b"<script>alert(1)" not in answer.content, (what, chosen)
    assert User.objects.get(username="fern").check_password(PASSWORD), "nothing of it changed a password"


@pytest.mark.parametrize("address", SHOWN)
def test_what_was_typed_stays(cast: Cast, seen_by, about, address):
    sender = seen_by("fern" if address.startswith("/account") else "adam")
    for value in ("<script>alert(1)</script>", '{"a": [1, null, true]}', "Ünïcode “name”", "y" * 5000):
        answer = send(sender, address, raw((SHOWN[address],), value))
        assert answer.status_code == 422, value
        assert value in html.unescape(answer.content.decode()), value


@pytest.mark.parametrize(
    ("who", "address", "fields"),
    [form for form in FORMS if form[0] == "adam"],
    ids=[address for who, address, _ in FORMS if who == "adam"],
)
def test_a_form_of_an_administrator_is_worth_nothing_to_somebody_else(
    cast: Cast, seen_by, client, about, who, address, fields
):
    place, body = address.format(**about), raw(fields, "1")
    columns = ("pk", "username", "email", "full_name", "is_active", "password", "sessions_ended")
    before = list(User.objects.order_by("pk").values(*columns))
    assert send(seen_by("petra"), place, body).status_code == 403
    assert send(client, place, body).status_code in (302, 401)
    elsewhere = {"fern": cast["sue"].pk}
    if "{fern}" in address:
        # Their own administrator's form, sent about somebody of another hospital.
        assert send(seen_by("adam"), address.format(**elsewhere), body).status_code == 404
    assert list(User.objects.order_by("pk").values(*columns)) == before
