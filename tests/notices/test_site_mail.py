"""Mail of a site as a real mail server gets it: its own name, its own address for answers, the server's sender."""

import ast
import json
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32
from email.utils import parseaddr
from pathlib import Path

import pytest
from django.conf import settings as product
from django.urls import reverse
from django.utils import timezone

from tests.cast import AT, Cast
from tests.notices.smtp_server import MailServer
from tests.notices.test_mail import asked, send
from utilization import workflow
from utilization.jobs import account_notice, link_mail
from utilization.models import Department, Event, Membership, Notice, SignInEntry, Site
from utilization.rules.roles import Role
from utilization.workflow.mail_sender import MailSender, set_mail_sender

OF_SERVER = "IVIG review <ivig@hospital.example>"


def told(cast, name="North Hospital", reply_to="review@north.example", by="adam", site="north"):
    stands = Site.objects.get(code=site)
    return set_mail_sender(stands, MailSender(name, reply_to), by=cast[by], at=AT)


def at_south_too(cast, *usernames):
    """These people prescribe at South as well."""
    where = Department.objects.get(site=cast.south, name="Neurology")
    for username in usernames:
        Membership.objects.create(
            user=cast[username], site=cast.south, role=Role.PRESCRIBER, department=where, started_at=AT
        )


def senders(server):
    """Of the From of each mail: its name and its address, read from the bytes that came over the wire.

    Python's newer way of reading them puts spaces between the parts of a long name that is written in code.
    """
    headers = [message_from_bytes(content, policy=compat32).get_all("From") for content in server.bytes_took]
    named = [parseaddr("".join(header.splitlines())) for [header] in headers]
    return [(str(make_header(decode_header(name))), address) for name, address in named]


# A comma, a semicolon and a colon end or part addresses where they stand bare; letters beyond ASCII go in code; the
# longest name is folded over lines.
NAMES = [
    "North Hospital", "St Mary, Ward 4; IVIG: review", "O'Brien (Dublin) & Sons", "Krankenhaus Nord – Prüfung", "病院",
    "مستشفى الشمال", "ё" * 80, "N" * 80, "a.b", "=", "?=", "(", "[x]",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_as_it_was_typed_and_the_address_is_the_server_s(cast: Cast, server: MailServer, name):
    told(cast, name)
    asked(cast)
    assert send() == 1
    [mail] = server.took
    assert senders(server) == [(name, "ivig@hospital.example")]
    assert [each.addr_spec for each in mail["Reply-To"].addresses] == ["review@north.example"]
    assert mail["To"] == "petra@hospital.example"
    assert server.envelopes == [("ivig@hospital.example", "petra@hospital.example")]
    assert mail["Message-ID"].rstrip(">").endswith("@hospital.example")
    assert mail.defects == []


@pytest.mark.parametrize(
    ("name", "reply_to", "wanted"),
    [
        ("", "", ("IVIG review", None)),
        ("North", "", ("North", None)),
        ("", "review@north.example", ("IVIG review", "review@north.example")),
    ],
)
def test_what_a_site_leaves_empty_is_the_server_s(cast: Cast, server: MailServer, name, reply_to, wanted):
    told(cast, "Something", "else@north.example")
    told(cast, name, reply_to)
    asked(cast)
    send()
    [mail] = server.took
    assert (senders(server)[0][0], mail["Reply-To"]) == wanted


HOSTILE = [
    ("mail_from_name", "North\r\nBcc: all@elsewhere.example"), ("mail_from_name", "North\nSubject: x"),
    ("mail_from_name", "North\x00"), ("mail_from_name", "North\u202etset"), ("mail_from_name", "a\u2028b"),
    ("mail_from_name", "Bank <bank@elsewhere.example>"), ("mail_from_name", "bank@elsewhere.example"),
    ("mail_from_name", '" <bank'), ("mail_from_name", "back\\slash"), ("mail_from_name", "N" * 81),
    ("mail_from_name", "=?utf-8?q?a=0D=0ABcc:_all=40elsewhere.example?="), ("mail_from_name", "a\tb"),
    ("mail_reply_to", "a@b.example\r\nBcc: all@elsewhere.example"), ("mail_reply_to", "a@b.example, c@d.example"),
    ("mail_reply_to", "North <a@b.example>"), ("mail_reply_to", "not an address"), ("mail_reply_to", "a@b"),
    ("mail_reply_to", "ü@b.example"), ("mail_reply_to", "a@bü.example"), ("mail_reply_to", '"a b"@c.example'),
    ("mail_reply_to", "a@b.example\x00"), ("mail_reply_to", "a" * 250 + "@b.example"), ("mail_reply_to", "@b.example"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "typed"), HOSTILE)
def test_what_could_be_another_header_or_address_is_refused_by_its_field_and_stays_in_the_form(
    cast: Cast, seen_by, server: MailServer, field, typed
):
    good = {"mail_from_name": "Kept name", "mail_reply_to": "kept@north.example"}
    answer = seen_by("adam").post(reverse("people-mail", args=["north"]), {**good, field: typed})
    assert answer.status_code in (400, 422)
    if answer.status_code == 422:
        [other] = good.keys() - {field}
        assert good[other] in answer.content.decode()
    assert not Event.objects.filter(type="site.mail_sender").exists()
    with pytest.raises(workflow.Invalid) as refused:
        set_mail_sender(cast.north, MailSender(**{**good, field: typed}), by=cast["adam"], at=AT)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("mail_from_name", "North\r\nBcc: all@elsewhere.example"), ("mail_from_name", "a\nb"),
        ("mail_reply_to", "a@b.example\r\nBcc: all@elsewhere.example"), ("mail_reply_to", "a@b.example\nX: y"),
    ],
)  # fmt: skip
def test_what_got_past_the_door_sends_nothing_and_adds_no_header(cast: Cast, server: MailServer, column, value):
    Site.objects.filter(code="north").update(**{column: value})
    asked(cast)
    assert send() == 0
    assert server.took == []


def test_the_log_has_old_and_new_and_nothing_where_nothing_changed(cast: Cast):
    kept = told(cast, "  North ", " review@north.example ")
    assert (kept.mail_from_name, kept.mail_reply_to) == ("North", "review@north.example")
    [entry] = Event.objects.filter(type="site.mail_sender")
    assert entry.actor_id == cast["adam"].pk
    assert json.loads(bytes(entry.body))["data"] == {
        "before": {"mail_from_name": "", "mail_reply_to": ""},
        "now": {"mail_from_name": "North", "mail_reply_to": "review@north.example"},
    }
    told(cast, "North", "review@north.example")
    assert Event.objects.filter(type="site.mail_sender").count() == 1
    with pytest.raises(workflow.Refused, match="do not let you say from whom"):
        told(cast, by="forrest")
    with pytest.raises(workflow.Refused):
        told(cast, site="south")


def a_digest(cast, site):
    """A notice of `site` for the mail of the day of Petra."""
    Notice.objects.create(
        recipient=cast["petra"], site=site, event_seq=Notice.objects.count() + 9_000, event_type="request.approved",
        kind="approved", made_at=AT, digest_at=AT,
    )  # fmt: skip


def test_each_site_s_mail_is_its_own_and_a_mail_of_both_is_the_server_s(cast: Cast, server: MailServer):
    """Petra works at both."""
    told(cast)
    at_south_too(cast, "petra")
    Site.objects.filter(code="south").update(mail_from_name="South Hospital", mail_reply_to="review@south.example")
    a_digest(cast, cast.north)
    send()
    a_digest(cast, cast.south)
    send()
    a_digest(cast, cast.north)
    a_digest(cast, cast.south)
    send()
    assert [(name, mail["Reply-To"]) for (name, _), mail in zip(senders(server), server.took, strict=True)] == [
        ("North Hospital", "review@north.example"), ("South Hospital", "review@south.example"), ("IVIG review", None),
    ]  # fmt: skip
    assert {mail["To"] for mail in server.took} == {"petra@hospital.example"}
    assert {address for _, address in senders(server)} == {"ivig@hospital.example"}


def test_a_link_and_a_message_about_an_account_are_the_site_s(cast: Cast, server: MailServer):
    told(cast)
    assert link_mail.mail_link(cast["fern"], cast["adam"], "https://ivig.hospital.example/x")
    entry = SignInEntry.objects.create(
        at=timezone.now(), kind="password_changed", user_id=cast["fern"].pk, user_name="Fern"
    )
    account_notice.send_notice.func(entry.pk)
    assert senders(server) == [("North Hospital", "ivig@hospital.example")] * 2
    assert [mail["Reply-To"] for mail in server.took] == ["review@north.example"] * 2
    assert {mail["To"] for mail in server.took} == {"fern@hospital.example"}


def test_a_mail_of_no_site_alone_is_the_server_s(cast: Cast, server: MailServer):
    told(cast)
    at_south_too(cast, "petra", "paul")
    Membership.objects.filter(user=cast["fern"]).update(ended_at=AT)
    entry = SignInEntry.objects.create(
        at=timezone.now(), kind="password_changed", user_id=cast["petra"].pk, user_name="Petra"
    )
    account_notice.send_notice.func(entry.pk)
    link_mail.mail_link(cast["fern"], cast["adam"], "https://ivig.hospital.example/x")
    link_mail.mail_link(cast["petra"], cast["paul"], "https://ivig.hospital.example/x")
    assert [(str(mail["From"]), mail["Reply-To"]) for mail in server.took] == [(OF_SERVER, None)] * 3
    # Of several sites it is that of whoever had the mail sent, where that is one.
    link_mail.mail_link(cast["petra"], cast["adam"], "https://ivig.hospital.example/x")
    assert senders(server)[-1][0] == "North Hospital"


@pytest.mark.long
def test_every_mail_of_the_product_is_made_in_one_place():
    """A mail that was made elsewhere would come from nobody's site."""
    makes = set()
    for path in (Path(product.BASE_DIR) / "utilization").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", getattr(getattr(node, "func", None), "attr", ""))
            if isinstance(node, ast.Call) and name in (
                "EmailMessage", "EmailMultiAlternatives", "send_mail", "send_mass_mail", "mail_admins", "mail_managers"
            ):  # fmt: skip
                makes.add(path.name)
    assert makes == {"site_mail.py"}


def test_the_page_shows_what_stands_in_a_mail_and_is_that_of_its_own_administrator(
    cast: Cast, seen_by, server: MailServer, settings
):
    adam, page = seen_by("adam"), reverse("people-mail", args=["north"])
    assert page in adam.get(reverse("people-list")).content.decode()
    shown = adam.get(page).content.decode()
    assert "IVIG review," in shown
    typed = {"mail_from_name": "St Mary, Ward 4", "mail_reply_to": "review@north.example"}
    assert adam.post(page, typed).status_code == 302
    shown = adam.get(page).content.decode()
    assert "St Mary, Ward 4," in shown
    assert "<dd>review@north.example</dd>" in shown
    assert adam.get(reverse("people-mail", args=["south"])).status_code == 404
    settings.MAIL_FROM = ""
    assert "sends no mail" in adam.get(page).content.decode()
