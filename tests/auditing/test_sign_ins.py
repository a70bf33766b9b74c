"""The sign-in log: what it keeps, what it never keeps, how it is bounded, and who sees which part."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from tests.cast import AT, PASSWORD, Cast
from utilization import sign_in_log, workflow
from utilization.models import Membership, SignInEntry
from utilization.sign_in_log import SignInKind
from utilization.web.account import sign_in_signals
from utilization.web.auditing.log_words import SIGN_IN_GROUPS, SIGN_INS
from utilization.workflow import account_confirmation, people

SIGN_IN, PAGE = "/account/sign-in/", "/audit/sign-ins/"


def knock(login, password="guess", address="198.51.100.7"):
    return Client(REMOTE_ADDR=address).post(SIGN_IN, {"login": login, "password": password})


def kept(**of):
    return list(SignInEntry.objects.filter(**of).order_by("pk").values_list("kind", flat=True))


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_sign_in_says_who_when_from_where_and_how(cast: Cast):
    browser = Client(REMOTE_ADDR="198.51.100.7")
    browser.post(SIGN_IN, {"login": "fern", "password": PASSWORD})
    browser.post("/account/sign-out/")
    came, went = SignInEntry.objects.order_by("pk")
    assert (came.kind, came.user_id, came.user_name) == ("signed_in", cast["fern"].pk, "Fern Pharmacist, PharmD")
    assert (came.address, came.detail, came.by_id) == ("198.51.100.7", "password", None)
    assert abs(came.at - timezone.now()) < timedelta(minutes=1)
    assert (went.kind, went.user_id, went.address) == ("signed_out", cast["fern"].pk, "198.51.100.7")


def test_five_wrong_passwords_and_the_lock_are_kept_and_the_tries_behind_it_are_not(cast: Cast):
    for _ in range(8):
        knock("fern@hospital.example")
    assert kept(user_id=cast["fern"].pk) == ["wrong_password"] * 5 + ["door_locked"]


@pytest.mark.parametrize("typed", ["My-Secret-Password-1!", "<script>alert(1)</script>", "x" * 254, "fern\u202e"])
def test_what_was_typed_as_a_name_that_nobody_has_is_kept_nowhere(cast: Cast, typed):
    knock(typed, "another-secret-of-mine")
    assert kept() == ["unknown_name"]
    rows = [*SignInEntry.objects.values_list(), *AccessAttempt.objects.values_list()]
    assert len(rows) == 2
    said = repr(rows).lower()
    assert typed.lower() not in said
    assert "another-secret" not in said
    assert SignInEntry.objects.get().address == "198.51.100.7"


@pytest.mark.long
def test_a_name_that_nobody_has_is_locked_as_one_that_somebody_has(cast: Cast):
    """Else a stranger could tell the two apart."""
    for login in ("nobody-here", "fern"):
        assert [knock(login).status_code for _ in range(6)] == [200] * 4 + [429] * 2


def test_unknown_names_leave_one_entry_an_address_and_hour(cast: Cast, monkeypatch):
    monkeypatch.setattr(sign_in_log, "MOST_UNKNOWN", 3)
    at = timezone.now()
    for number in range(5):
        token = sign_in_log.ADDRESS.set(f"198.51.100.{number}")
        for minutes in (0, 59):
            sign_in_log.note_failure(None, at=at + timedelta(minutes=minutes))
        sign_in_log.ADDRESS.reset(token)
    assert list(SignInEntry.objects.order_by("pk").values_list("address", flat=True)) == [
        "198.51.100.0", "198.51.100.1", "198.51.100.2",
    ]  # fmt: skip
    sign_in_log.note_failure(None, at=at + timedelta(minutes=61))
    assert len(kept(kind="unknown_name")) == 4


def test_failures_of_one_account_are_bounded_a_day_and_the_log_says_that_more_are_left_out(cast: Cast, monkeypatch):
    monkeypatch.setattr(sign_in_log, "MOST_FAILURES", 3)
    for number in range(6):
        sign_in_log.note_failure(cast["fern"], at=AT + timedelta(minutes=number))
        sign_in_log.note_closed_door(cast["max"], at=AT + timedelta(minutes=number), lasts=timedelta(hours=1))
    assert kept(user_id=cast["fern"].pk) == ["wrong_password"] * 3 + ["left_out"]
    assert kept(user_id=cast["max"].pk) == ["door_locked"]
    sign_in_log.note_failure(cast["fern"], at=AT + timedelta(days=2))
    assert kept(user_id=cast["fern"].pk)[-1] == "wrong_password"


def test_what_administrators_do_to_accounts_stands_here_too(cast: Cast):
    by = {"by": cast["adam"], "at": AT}
    person = workflow.NewPerson("grace", "grace@hospital.example", "Grace Oduya")
    grace, _ = people.invite(**by, site=cast.north, person=person, role="pharmacist")
    account_confirmation.confirm(grace, by=cast["audrey"], at=AT)
    people.set_role(grace, **by, site=cast.north, role="auditor")
    people.end_role(grace, **by, site=cast.north, role="auditor")
    people.reset_password(grace, **by)
    people.deactivate(grace, **by)
    people.reactivate(grace, **by)
    with pytest.raises(workflow.Invalid):
        workflow.prove(grace, "guess", at=AT, session="a")
    people.lift_lock(grace, **by)
    assert kept(user_id=grace.pk) == [
        "invited", "role_given", "confirmed", "role_given", "role_ended", "reset", "deactivated", "reopened",
        "wrong_signature",
    ]  # fmt: skip
    given = SignInEntry.objects.filter(kind="role_given").earliest("pk")
    assert (given.by_name, given.detail, given.address) == ("Adam Administrator", "Pharmacist, North Hospital", "")


def test_twenty_wrong_passwords_within_sessions_say_that_the_signature_is_locked(cast: Cast):
    for number in range(21):
        with pytest.raises(workflow.Invalid):
            workflow.prove(cast["fern"], "guess", at=AT, session=f"{number % 5}")
    assert kept() == ["wrong_signature"] * 20 + ["signature_locked"]


def test_a_second_factor_that_is_added_and_taken_away_is_kept(cast: Cast):
    class Key:
        user, type = cast["fern"], "webauthn"

    sign_in_signals.factor_saved(None, Key, created=True)
    sign_in_signals.factor_saved(None, Key, created=False)
    sign_in_signals.factor_deleted(None, Key)
    assert list(SignInEntry.objects.order_by("pk").values_list("kind", "user_name", "detail")) == [
        ("factor_added", "Fern Pharmacist, PharmD", "webauthn"),
        ("factor_removed", "Fern Pharmacist, PharmD", "webauthn"),
    ]


def test_every_kind_has_words_and_stands_in_one_group():
    assert set(SIGN_INS) == {kind.value for kind in SignInKind}
    grouped = [kind for _, kinds in SIGN_IN_GROUPS.values() for kind in kinds]
    assert sorted(grouped) == sorted(SIGN_INS)


# --- The page -----------------------------------------------------------------------------------------------------


def test_an_auditor_sees_the_people_of_the_site_and_names_that_nobody_has(cast: Cast, seen_by):
    for who, login in (("north", "fern"), ("south", "sue"), ("nobody", "nobody-here")):
        knock(login, address={"north": "198.51.100.1", "south": "198.51.100.2", "nobody": "198.51.100.3"}[who])
    page = text(seen_by("audrey").get(PAGE))
    assert "Fern Pharmacist, PharmD Wrong password at sign-in" in page
    assert "nobody’s A name that nobody has" in page
    assert "198.51.100.3" in page
    assert "Sue Pharmacist" not in page
    assert "198.51.100.2" not in page


def test_the_page_is_narrowed_by_person_and_kind_and_leafed_through(cast: Cast, seen_by):
    at = timezone.now()
    SignInEntry.objects.bulk_create(
        SignInEntry(at=at - timedelta(minutes=n), kind="signed_in", user_id=cast[who].pk, user_name=who)
        for n in range(60) for who in ("fern", "max")
    )  # fmt: skip
    SignInEntry.objects.create(at=at, kind="reset", user_id=cast["fern"].pk, user_name="fern", by_name="adam")
    browser = seen_by("audrey")
    one = browser.get(PAGE, {"person": cast["fern"].pk, "what": "in"})
    assert {row.user_name for row in one.context["page"].rows} == {"fern"}
    assert {row.kind for row in one.context["page"].rows} == {"signed_in"}
    two = browser.get(PAGE + one.context["next_url"])
    seen = [*one.context["page"].rows, *two.context["page"].rows]
    assert len({row.pk for row in seen}) == 60
    assert [row.kind for row in browser.get(PAGE, {"what": "accounts"}).context["page"].rows] == ["reset"]


@pytest.mark.parametrize(
    "query",
    [{"person": "x"}, {"person": "9" * 30}, {"what": "x"}, {"after": "x~y"}, {"site": "south"}, {"who": "\u202e"}],
)
def test_what_cannot_be_read_in_the_address_shows_the_list(cast: Cast, seen_by, query):
    assert seen_by("audrey").get(PAGE, query).status_code == 200


def test_nobody_else_sees_it(cast: Cast, seen_by):
    Membership.objects.filter(user=cast["audrey"]).update(ended_at=AT)
    assert {seen_by(who).get(PAGE).status_code for who in ("adam", "fern", "audrey")} == {403}
