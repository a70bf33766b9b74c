"""How a link for a new password reaches its person: by mail, or by a letter of two people; and never its maker."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.people.conftest import PASSWORD
from utilization.models import Event, PasswordLetter, SignInEntry, User
from utilization.rules.account_owner import AccountDeed
from utilization.workflow import Invalid, password_letter
from utilization.workflow.account_confirmation import note_deed
from utilization.workflow.password_letter import one_time_path

ACCOUNTS = "/people/accounts/"


def invite(north, browser):
    form = {
        "site": north.site.pk, "full_name": "Grace Oduya", "title": "PharmD", "username": "grace",
        "email": "grace@north.example", "role": "pharmacist", "department": "",
    }  # fmt: skip
    answer = browser.post(reverse("people-invite"), form)
    return answer, User.objects.get(username="grace")


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def code_in(response):
    return re.search(r'value="([A-Z2-9]{4}(?:-[A-Z2-9]{4}){2})"', response.content.decode())[1]


def path_in(response):
    return re.search(r"https?://testserver(/account/password/first/\S+?/)\s*<", response.content.decode())[1]


def choose(path, **typed):
    browser = Client()
    form = browser.get(path, follow=True)
    both = {"password1": PASSWORD, "password2": PASSWORD}
    return browser.post(form.context["action_url"], both | typed, follow=True)


def seen_in(browser, person):
    """What the form to confirm `person` sends along on the page of `browser`."""
    form = re.search(
        rf'action="{reverse("people-confirm", args=[person.pk])}".*?name="seen" value="([^"]*)"',
        browser.get(ACCOUNTS).text, re.DOTALL,
    )  # fmt: skip
    return {"seen": form[1] if form else ""}


@pytest.fixture
def adam(north, signed_in):
    return signed_in(north["administrator"])


@pytest.fixture
def audrey(north, signed_in):
    return signed_in(north["auditor"])


def test_two_people_make_a_letter_and_its_person_needs_both_parts(north, adam, audrey):
    answer, grace = invite(north, adam)
    code = code_in(answer)
    assert "/account/password/first/" not in answer.text
    assert code not in "".join(map(str, PasswordLetter.objects.values_list("code_digest", flat=True)))

    assert "You asked for this letter" in text(adam.get(ACCOUNTS))
    refused = adam.post(reverse("people-letter", args=[grace.pk]), follow=True)
    assert "You asked for this letter" in text(refused)
    assert "/account/password/first/" not in refused.text

    assert "Show the letter" in text(audrey.get(ACCOUNTS))
    printed = audrey.post(reverse("people-letter", args=[grace.pk]))
    assert code not in printed.text
    event = Event.objects.latest("seq")
    assert (event.type, event.actor_id) == ("letter.printed", north["auditor"].pk)

    path = path_in(printed)
    assert "Your password is set" not in text(choose(path))
    assert "This is not the code of the letter" in text(choose(path, code="ABCD-EFGH-JKMN"))
    assert not User.objects.get(pk=grace.pk).has_usable_password()
    assert "Your password is set" in text(choose(path, code=f" {code.lower().replace('-', ' ')} "))
    assert User.objects.get(pk=grace.pk).check_password(PASSWORD)
    assert not PasswordLetter.objects.exists()


def test_who_asks_for_a_letter_that_nobody_can_print_is_told_so(north, adam):
    nobody = "Nobody at the site can do so yet"
    north["auditor"].set_unusable_password()
    north["auditor"].save()
    answer, grace = invite(north, adam)
    assert nobody in text(answer), "an auditor who never set a password prints nothing"
    north["auditor"].set_password(PASSWORD)
    north["auditor"].save()
    assert nobody not in text(adam.post(reverse("people-reset", args=[grace.pk])))


@pytest.mark.parametrize("confirmed", ["on the page", "on the server"])
def test_who_is_confirmed_before_the_letter_is_printed_stays_on_the_list_until_it_is_used(
    north, adam, audrey, confirmed
):
    answer, grace = invite(north, adam)
    if confirmed == "on the page":
        audrey.post(reverse("people-confirm", args=[grace.pk]), seen_in(audrey, grace))
    else:
        note_deed(grace, AccountDeed.CONFIRMED, by=None, at=timezone.now())
    row = text(audrey.get(ACCOUNTS))
    assert "Show the letter for Grace Oduya" in row
    assert "its letter is still open" in row
    assert "Nobody knows who made it" not in row
    assert "This account is confirmed already" in row
    assert "You asked for this letter" in text(adam.get(ACCOUNTS))

    path = path_in(audrey.post(reverse("people-letter", args=[grace.pk])))
    assert "Grace Oduya" in text(audrey.get(ACCOUNTS))
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert "Grace Oduya" not in text(audrey.get(ACCOUNTS))
    assert "Your password is set" in text(choose(path, code=code_in(answer)))
    assert "Grace Oduya" not in text(audrey.get(ACCOUNTS))


@pytest.mark.long
def test_a_letter_ends_and_says_when(north, adam, signed_in):
    def audrey():
        return signed_in(north["auditor"])

    begun = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with time_machine.travel(begun, tick=False):
        answer, grace = invite(north, adam)
        code = code_in(answer)
        assert "The letter and its code end 9 Mar 2026" in text(answer)
        assert "ends 9 Mar 2026" in text(audrey().get(ACCOUNTS))
    printing = reverse("people-letter", args=[grace.pk])
    with time_machine.travel(begun + timedelta(days=2), tick=False):
        # A day from the print, where the letter lasts longer than that.
        early = audrey().post(printing)
        assert "until 5 Mar 2026" in text(early)
    with time_machine.travel(begun + timedelta(days=6, hours=23), tick=False):
        late = audrey().post(printing)
        assert "until 9 Mar 2026" in text(late)
        said = json.loads(bytes(Event.objects.latest("seq").body))["data"]
        assert (said["works_until"], said["ends_at"]) == ("2026-03-09T09:00:00.000000Z",) * 2
        told = SignInEntry.objects.filter(kind="letter_printed").order_by("pk").values_list("detail", flat=True)
        assert list(told) == ["until 2026-03-05 09:00 UTC", "until 2026-03-09 09:00 UTC"]
        form = Client().get(path_in(late), follow=True).context["action_url"]
        assert "/account/password/first/" in form
    for seconds, over in ((-1, False), (0, True), (3600, True)):
        with time_machine.travel(begun + timedelta(days=7, seconds=seconds), tick=False):
            assert ("link works no more" in text(Client().get(path_in(late), follow=True))) is over, seconds
            assert ("Show the letter" in text(audrey().get(ACCOUNTS))) is not over, seconds
            with pytest.raises(Invalid) as invalid:
                password_letter.check_code(grace, code if over else "ABCD-EFGH-JKMN", at=timezone.now())
            assert ("is over" in str(invalid.value)) is over
    with time_machine.travel(begun + timedelta(days=7, seconds=1), tick=False):
        refused = audrey().post(printing, follow=True)
        assert "This letter is over" in text(refused)
        assert "/account/password/first/" not in refused.text
        assert not User.objects.get(pk=grace.pk).has_usable_password()


def test_a_form_that_lay_open_past_the_end_sets_nothing(north, adam, signed_in):
    def audrey():
        return signed_in(north["auditor"])

    begun = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with time_machine.travel(begun, tick=False):
        answer, grace = invite(north, adam)
    browser = Client()
    with time_machine.travel(begun + timedelta(days=6, hours=23), tick=False):
        printed = audrey().post(reverse("people-letter", args=[grace.pk]))
        form = browser.get(path_in(printed), follow=True).context["action_url"]
    with time_machine.travel(begun + timedelta(days=7, minutes=1), tick=False):
        sent = browser.post(form, {"code": code_in(answer), "password1": PASSWORD, "password2": PASSWORD})
        assert "This letter is over" in text(sent)
        assert not User.objects.get(pk=grace.pk).has_usable_password()


@pytest.mark.long
def test_after_five_wrong_codes_a_letter_opens_nothing(north, adam, audrey):
    answer, grace = invite(north, adam)
    path = path_in(audrey.post(reverse("people-letter", args=[grace.pk])))
    for _ in range(5):
        wrong = choose(path, code="ABCD-EFGH-JKMN")
    assert "opens nothing any more" in text(wrong)
    assert "opens nothing any more" in text(choose(path, code=code_in(answer)))
    assert not User.objects.get(pk=grace.pk).has_usable_password()
    again = adam.post(reverse("people-reset", args=[grace.pk]))
    path = path_in(audrey.post(reverse("people-letter", args=[grace.pk])))
    assert "Your password is set" in text(choose(path, code=code_in(again)))


def test_a_mail_goes_to_the_person_and_takes_the_place_of_a_letter(north, adam, settings):
    _, grace = invite(north, adam)
    settings.MAIL_FROM = "ivig@north.example"
    answer = adam.post(reverse("people-reset", args=[grace.pk]))
    [message] = [sent for sent in mail.outbox if "Choose your password" in sent.subject]
    assert (message.to, message.from_email) == (["grace@north.example"], "ivig@north.example")
    assert "A link went to grace@north.example" in text(answer)
    assert "/account/password/first/" not in answer.text
    path = re.search(r"http://testserver(/\S+)", message.body)[1]
    assert "Your password is set" in text(choose(path))


def test_a_mail_server_that_is_away_is_said_and_the_account_is_made(north, adam, settings):
    settings.MAIL_FROM, settings.EMAIL_BACKEND = "ivig@north.example", "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    answer, grace = invite(north, adam)
    assert answer.status_code == 200
    assert "The mail was not sent" in text(answer)
    assert "/account/password/first/" not in answer.text
    assert not grace.has_usable_password()


def test_an_auditor_confirms_on_the_page_and_who_invited_may_not(north, adam, audrey):
    _, grace = invite(north, adam)
    assert "You made or reset this account yourself" in text(adam.get(ACCOUNTS))
    adam.post(reverse("people-confirm", args=[grace.pk]))
    page = text(audrey.get(ACCOUNTS))
    assert "Grace Oduya, PharmD" in page
    assert "Made by administrator.north" in page
    said = audrey.post(reverse("people-confirm", args=[grace.pk]), seen_in(audrey, grace), follow=True)
    assert "Grace Oduya is confirmed, and can sign." in text(said)
    assert "its letter is still open" in text(said)
    password_letter.forget_letter(grace)
    assert "Every account of your site is confirmed." in text(audrey.get(ACCOUNTS))
    again = audrey.post(reverse("people-confirm", args=[grace.pk]), follow=True)
    assert "This account is confirmed already." in text(again)


def test_the_person_s_own_page_says_why_nothing_can_be_signed(north, adam):
    _, grace = invite(north, adam)
    assert "can sign nothing yet" in text(adam.get(reverse("people-person", args=[grace.pk])))


def test_what_is_worth_a_look_is_for_auditors_of_the_site_alone(north, south, adam, audrey):
    south.person("twin", None).memberships.create(site=south.site, role="auditor", started_at=north.patient.created_at)
    User.objects.filter(username="twin.south").update(full_name=north["auditor"].full_name)
    assert "Worth a look at north hospital" in text(audrey.get(ACCOUNTS))
    assert "None, however they are spelt." in text(audrey.get(ACCOUNTS))
    assert "Worth a look" not in text(adam.get(ACCOUNTS))


def test_a_letter_opens_nothing_that_was_deactivated_since(north, adam, audrey):
    _, grace = invite(north, adam)
    path = path_in(audrey.post(reverse("people-letter", args=[grace.pk]), follow=True))
    adam.post(reverse("people-deactivate", args=[grace.pk]))
    assert not PasswordLetter.objects.exists()
    assert "/account/password/first/" not in text(audrey.post(reverse("people-letter", args=[grace.pk]), follow=True))
    while_closed = one_time_path(User.objects.get(pk=grace.pk))
    adam.post(reverse("people-reactivate", args=[grace.pk]))
    for link in (path, while_closed):
        assert b"password1" not in Client().get(link, follow=True).content
