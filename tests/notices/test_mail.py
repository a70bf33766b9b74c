"""Mails of notices by a real mail server that fails, is slow and comes back: none lost, none with a patient in it."""

from datetime import timedelta

import pytest
from django.core.mail import get_connection

from tests.cast import AT, MRN, Cast, a_request
from tests.notices.smtp_server import MailServer
from utilization import workflow
from utilization.jobs import notice_mail
from utilization.models import Delivery, Notice
from utilization.rules.lifecycle import Status

NOW = AT + timedelta(hours=3)


def send(at=NOW):
    return notice_mail.send_due(lambda: at)


def asked(cast, **draft):
    """A question to Petra, who is to be mailed at once."""
    return a_request(cast, Status.INFORMATION_ASKED, **draft)


def to_petra():
    return Delivery.objects.get(recipient__username="petra")


def state():
    delivery = to_petra()
    return delivery.state, delivery.attempts, delivery.failure


def test_a_mail_names_its_reader_and_neither_patient_nor_request(cast: Cast, server: MailServer, settings):
    settings.SITE_ADDRESS = "https://ivig.hospital.example"
    request = asked(cast)
    assert send() == 1
    [mail] = server.took
    assert mail["To"] == "petra@hospital.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    whole = mail.as_string()
    for secret in ("Ambrose", "Canary", MRN, request.number, "five days", "cidp", str(request.uid)):
        assert secret not in whole
    assert "A reviewer asks for information" in whole
    assert "https://ivig.hospital.example" in whole
    assert state() == ("sent", 1, "")
    assert send() == 0, "sent once is sent"


@pytest.mark.long
def test_a_day_without_a_mail_server_loses_nothing_and_sends_nothing_twice(cast: Cast, server: MailServer):
    asked(cast)
    asked(cast, indication="gbs")
    server.stop()
    at = NOW
    while at < NOW + timedelta(hours=40):
        assert send(at) == 0
        at += timedelta(hours=1)
    # Petra is asked twice; Dora, Fern and Felix are told of the expedited one at once, of the other in the morning.
    waiting = Delivery.objects.filter(state="waiting")
    assert waiting.count() == Delivery.objects.count() == 8
    assert 20 <= sum(waiting.values_list("attempts", flat=True)) <= 40, "tried all day, and not at every moment"
    server.start()
    for minutes in range(0, 90, 30):
        send(at + timedelta(minutes=minutes))
    assert len(server.took) == 8
    assert len({mail["Message-ID"] for mail in server.took}) == 8
    assert not Delivery.objects.exclude(state="sent").exists()


@pytest.mark.long
def test_a_mail_server_that_never_comes_back_is_given_up_and_shown(cast: Cast, server: MailServer, seen_by):
    asked(cast)
    server.stop()
    for hours in (*range(0, 70, 10), *range(70, 80)):
        send(NOW + timedelta(hours=hours))
    assert state()[0] == "failed"
    page = seen_by("petra").get("/notices/").content.decode()
    assert "e-mail to you could not be sent" in page
    page = seen_by("adam").get("/notices/unsent/").content.decode()
    assert "Petra Prescriber" in page
    assert "ConnectionRefusedError" in page
    assert "Ambrose" not in page
    assert "Petra" not in seen_by("adam").get("/notices/").content.decode()
    server.start()
    answer = seen_by("adam").post(f"/notices/unsent/{to_petra().pk}/again/", follow=True)
    assert "It is tried again now." in answer.content.decode()
    Delivery.objects.update(next_try=NOW)
    assert send() >= 1
    assert state()[0] == "sent"


def test_a_slow_server_is_left_after_a_while_and_found_again(cast: Cast, server: MailServer):
    asked(cast)
    server.seconds_before_greeting = 5
    assert send() == 0
    assert state() == ("waiting", 1, "SMTPServerDisconnected")
    server.seconds_before_greeting = 0
    assert send(NOW + timedelta(seconds=59)) == 0
    assert send(NOW + timedelta(seconds=61)) == 1


@pytest.mark.parametrize(
    ("refusal", "wanted"),
    [
        ({"petra@hospital.example": "550 no such person"}, ("failed", 1, "refused 550")),
        ({"petra@hospital.example": "450 mailbox is full"}, ("waiting", 1, "refused 450")),
        ({"DATA": "554 not wanted"}, ("failed", 1, "refused 554")),
        ({"DATA": "451 later"}, ("waiting", 1, "SMTPDataError 451")),
        # Not the recipient's fault, and mended by whoever runs the server.
        ({"MAIL FROM": "550 who are you"}, ("waiting", 1, "SMTPSenderRefused 550")),
    ],
)
def test_a_refusal_for_good_is_not_tried_again_and_any_other_is(cast: Cast, server: MailServer, refusal, wanted):
    asked(cast)
    server.refuses = refusal
    assert send() == 0
    assert state() == wanted
    server.refuses = {}
    assert send(NOW + timedelta(hours=1)) == (wanted[0] == "waiting")


def test_one_address_that_is_refused_keeps_no_other_from_its_mail(cast: Cast, server: MailServer):
    server.refuses = {"felix@hospital.example": "550 no such person"}
    a_request(cast, indication="gbs")
    assert send() == 2
    assert {mail["To"] for mail in server.took} == {"dora@hospital.example", "fern@hospital.example"}


def test_a_mail_that_was_taken_and_never_confirmed_comes_again_as_the_same(cast: Cast, server: MailServer):
    asked(cast)
    server.breaks_off_after_data = True
    assert send() == 0
    server.breaks_off_after_data = False
    assert send(NOW + timedelta(minutes=2)) == 1
    first, second = server.took
    assert first["Message-ID"] == second["Message-ID"]


def test_a_mail_whose_sender_died_is_sent_by_another_after_a_while(cast: Cast, server: MailServer):
    asked(cast)
    pk = to_petra().pk
    claimed = workflow.notices.claim_delivery(pk, at=NOW)
    assert claimed is not None
    assert workflow.notices.claim_delivery(pk, at=NOW) is None, "claimed by one alone"
    assert send(NOW + timedelta(minutes=9)) == 0
    assert send(NOW + timedelta(minutes=10)) == 1
    # The first one lives after all: what it says of a mail that another has sent counts for nothing.
    workflow.notices.note_delivery_failed(claimed, "late", at=NOW)
    assert state() == ("sent", 2, "")


@pytest.mark.parametrize("address", ["petra@hospital.example\nBcc: all@elsewhere.example", "petra\r\n@x"])
def test_no_address_adds_a_header(cast: Cast, server: MailServer, address):
    asked(cast)
    cast["petra"].email = address
    cast["petra"].save()
    send()
    assert all("elsewhere" not in str(mail.items()) for mail in server.took)
    assert state()[0] == "failed"


def test_the_mail_of_the_day_holds_what_was_not_read(cast: Cast, server: MailServer):
    for indication in ("cidp", "mmn", "gbs"):
        a_request(cast, indication=indication)
    assert send(AT + timedelta(hours=12)) == 3, "those of the expedited one alone"
    server.took.clear()
    read = Notice.objects.filter(recipient=cast["felix"])
    workflow.notices.read_notices(cast["felix"], at=NOW)
    assert all(notice.read_at for notice in read)
    assert send(AT + timedelta(hours=24)) == 2
    mails = {mail["To"]: mail.get_content() for mail in server.took}
    assert set(mails) == {"dora@hospital.example", "fern@hospital.example"}
    assert "A request was filed and waits for the pharmacist. (2 times)" in mails["fern@hospital.example"]
    assert send(AT + timedelta(hours=48)) == 0


def test_who_has_no_address_is_told_in_the_app_and_shown(cast: Cast, server: MailServer):
    cast["petra"].email = ""
    cast["petra"].save()
    asked(cast)
    assert state() == ("failed", 0, "no address")
    with pytest.raises(workflow.Refused):
        workflow.notices.send_again(to_petra().pk, by=cast["adam"], at=NOW)
    with pytest.raises(workflow.NotFound):
        workflow.notices.send_again(to_petra().pk, by=cast["fern"], at=NOW)


def test_the_connection_is_the_one_that_the_environment_names(server: MailServer):
    assert get_connection().port == server.port
