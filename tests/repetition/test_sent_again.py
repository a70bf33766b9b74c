"""Every form with a token of its own: sent again it does nothing more, and saying something else it is refused."""

import secrets
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.repetition.forms import FORMS
from tests.repetition.sending import SEND_AGAIN, at_once, browser, effect_of_one, grown, rows
from tests.workflow.racing.forms import SIGNED
from utilization import notify, workflow
from utilization.models import Attachment

SIGNS = {f"review-{verb}" for verb in SIGNED}
"""Forms that are known by the signature that they made, not by a token: a password is proved before the act."""
NO_REDIRECT = {"people-invite", "people-import"}
"""Their first answer shows what is shown once; the same again leads to where that stands."""
RACED = ("review-claim", "request-withdraw", "patient-new", "infusion-record", "people-invite", "review-approve")


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    """Nothing is printed after a decision."""
    monkeypatch.setattr(notify, "_listeners", [])


@pytest.mark.django_db
@pytest.mark.parametrize("route", FORMS)
def test_a_form_sent_again_does_nothing_more_and_one_that_says_something_else_is_refused(route):
    cast = Cast()
    form, token = FORMS[route](cast), secrets.token_urlsafe(18)
    client, address, before = browser(cast, form.who), reverse(route, args=form.args), rows()
    first = client.post(address, form.body(token))
    assert first.status_code == (200 if route in NO_REDIRECT else 302), first.text
    effect = grown(before)
    assert effect, "a form that does nothing shows nothing here"
    again = [client.post(address, form.body(token)) for _ in range(2)]
    assert {answer.status_code for answer in again} == {302}
    places = {urlsplit(answer["Location"]).path for answer in again}
    assert len(places) == 1
    if first.status_code == 302:
        assert places == {urlsplit(first["Location"]).path}
    assert grown(before) == effect
    other = client.post(address, form.body(token) | said_otherwise(route))
    assert other.status_code == 409, other.text
    assert "Nothing of what you sent was saved" in other.text
    assert grown(before) == effect


def said_otherwise(route):
    """What makes the form say something else."""
    return {"conditions": "Something else.", "reason": "Something else."} if route in SIGNS else {"said": "otherwise"}


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_sent_by_several_windows_at_once_it_is_done_once():
    cast = Cast()
    for route in RACED:
        form, token = FORMS[route](cast), secrets.token_urlsafe(18)
        client = browser(cast, form.who)
        once, before = effect_of_one(client, route, form, token), rows()
        answers = at_once(client, route, form, token, 4)
        assert grown(before) == once, route
        assert len({place for _, place in answers if place}) == 1, (route, answers)
        assert {status for status, _ in answers} <= {200 if route in NO_REDIRECT else 302, 302}, (route, answers)


@pytest.mark.django_db
def test_whoever_waited_while_the_same_form_was_done_does_not_do_it_again(monkeypatch):
    """Else each of fifty windows that send a form at once holds SQLite's right to write for as long as the first."""
    cast = Cast()
    form, token = FORMS["review-note"](cast), secrets.token_urlsafe(18)
    client, address = browser(cast, form.who), reverse("review-note", args=form.args)
    first = client.post(address, form.body(token))
    looks, done = [], []

    def too_early(by, tokens):
        looks.append(tokens)
        return None if len(looks) == 1 else sent_before(by, tokens)

    sent_before = workflow.sent_form.sent_before
    monkeypatch.setattr(workflow.sent_form, "sent_before", too_early)
    monkeypatch.setattr(workflow, "note", lambda *args, **named: done.append(named))
    again = client.post(address, form.body(token))
    assert (again.status_code, urlsplit(again["Location"]).path) == (302, urlsplit(first["Location"]).path)
    assert len(looks) == 2
    assert not done


@pytest.mark.long
@pytest.mark.django_db
def test_a_file_that_was_attached_while_its_twin_waited_is_no_refused_file(monkeypatch):
    """Of two windows that send a file at once one waits a second and is refused: by then the file is attached."""
    cast = Cast()
    form, token = FORMS["request-attach"](cast), secrets.token_urlsafe(18)
    client, address = browser(cast, form.who), reverse("request-attach", args=form.args)
    look, firsts = workflow.check_file, []

    def busy(*args, **named):
        monkeypatch.setattr(workflow, "check_file", look)
        firsts.append(client.post(address, form.body(token)))
        raise workflow.Invalid({"file": [f"Another file of yours is still being checked. {SEND_AGAIN}"]})

    monkeypatch.setattr(workflow, "check_file", busy)
    second = client.post(address, form.body(token))
    assert (second.status_code, second["Location"]) == (302, firsts[0]["Location"])
    assert Attachment.objects.count() == 1


@pytest.mark.long
@pytest.mark.django_db
def test_a_file_that_is_attached_is_not_looked_into_again(monkeypatch):
    cast = Cast()
    form, token = FORMS["request-attach"](cast), secrets.token_urlsafe(18)
    client, address = browser(cast, form.who), reverse("request-attach", args=form.args)
    first = client.post(address, form.body(token))
    looked = []
    monkeypatch.setattr(workflow, "check_file", lambda *args, **named: looked.append(args))
    again = client.post(address, form.body(token))
    assert (again.status_code, again["Location"]) == (302, first["Location"])
    assert not looked
