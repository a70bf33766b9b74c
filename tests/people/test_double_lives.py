"""The ways in which one person could act as two, as an administrator or with one's help: each is refused, or found.

What is expected stands in `EXPECTED`, written apart from the code: refused, with words of the refusal, or found, with
words of where auditors see it; or kept, where no page changes what would have to change.
"""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.cast import AT, Cast, a_request, approved, known, present
from tests.formulary.acts import a_proposal, committee
from utilization import workflow
from utilization.access import NotFound
from utilization.documents.justification import page
from utilization.models import AccountAct, Decision, Event, Membership, User
from utilization.reports import account_list
from utilization.reports.frozen_justification import frozen_value
from utilization.reports.signer_note import signer_note
from utilization.rules.account_owner import AccountDeed
from utilization.rules.roles import Role
from utilization.web.people import urls
from utilization.workflow import account_confirmation, formulary, password_letter, people

EXPECTED = """
reset a pharmacist, sign in their name             | refused | nobody else has confirmed since that you have it
invite a puppet, sign with it                      | refused | nobody else has confirmed since that you have it
reopen the account of somebody who left, and sign  | refused | nobody else has confirmed since that you have it
lay an account past the product, sign with it      | refused | nobody else has confirmed since that you have it
enter the own identity for a pharmacist, and sign   | refused | nobody else has confirmed since that you have it
link oneself by the address of a printed letter    | refused | Your link came by a letter
confirm the own puppet                             | refused | You made or reset this account yourself
confirm it by a second puppet                      | refused | Your own account was made or reset and is not confirmed
confirm oneself after a reset by a friend          | refused | Nobody confirms their own account
confirm by a command, though others could          | refused | Audrey Auditor can confirm this account
reset a confirmed puppet anew, and sign            | refused | nobody else has confirmed since that you have it
print the letter that one asked for                | refused | You asked for this letter
print it by a second puppet                        | refused | so you confirm nobody and print no letter
guess the code of a printed letter                 | refused | Too many wrong codes
propose as one puppet, sign as another             | refused | made or reset by one administrator lately
propose, be reset, have another sign               | refused | who proposed this version, was made or reset
be made a pharmacist by a puppet administrator     | refused | An administrator does not file, review or keep
swap roles: file as prescriber, review afterwards  | refused | You filed this request
be confirmed by an auditor of another site         | refused | not found
call the puppet as a colleague is called           | found   | name: Fern Pharmacist, Fern Pharmacist
give the puppet the own mailbox, spelt otherwise   | found   | mail: Adam Administrator, Pia Puppet
give the puppet the own mailbox                    | refused | Another account has this e-mail address
delegate: a friend confirms whom one has reset     | found   | reset by Adam Administrator on 2 Mar 2026
lift the lock, and guess on                        | found   | lock.lifted by Adam Administrator
hold both roles since before it was refused        | found   | both: Adam Administrator
rename a colleague, change their mail, then reset  | kept    | Fern Pharmacist fern@hospital.example, link to fern@
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in EXPECTED.strip().splitlines()]
WAYS = {}


def way(words):
    """Register a way of leading a double life under the words of the table."""

    def register(function):
        WAYS[words] = function
        return function

    return register


def puppet(cast: Cast, role=Role.PHARMACIST, username="puppet", **changes) -> User:
    typed = {"email": f"{username}@elsewhere.example", "full_name": "Pia Puppet", **changes}
    person = workflow.NewPerson(username, **typed)
    made, _ = people.invite(by=cast["adam"], at=AT, site=cast.north, person=person, role=role)
    return take_over(cast, made)


def take_over(cast: Cast, user: User) -> User:
    """Whoever has the link sets a password that they know."""
    user.set_password("a password for the tests alone")
    user.save(update_fields=["password"])
    cast.people[user.username] = user
    return user


@way("reset a pharmacist, sign in their name")
def _(cast):
    request = a_request(cast)
    people.reset_password(cast["fern"], by=cast["adam"], at=AT)
    take_over(cast, User.objects.get(pk=cast["fern"].pk))
    approved(cast, request)


@way("invite a puppet, sign with it")
def _(cast):
    request = a_request(cast)
    puppet(cast)
    approved(cast, request, by="puppet")


@way("reopen the account of somebody who left, and sign")
def _(cast):
    request = a_request(cast)
    people.deactivate(cast["fern"], by=cast["adam"], at=AT)
    people.reactivate(cast["fern"], by=cast["adam"], at=AT)
    take_over(cast, User.objects.get(pk=cast["fern"].pk))
    approved(cast, request)


@way("lay an account past the product, sign with it")
def _(cast):
    request = a_request(cast)
    laid = take_over(cast, User.objects.create(username="laid", email="laid@hospital.example", full_name="Lou Laid"))
    Membership.objects.create(user=laid, site=cast.north, role=Role.PHARMACIST, started_at=AT)
    approved(cast, request, by="laid")


@way("enter the own identity for a pharmacist, and sign")
def _(cast):
    request = a_request(cast)
    workflow.single_sign_on.enter_subject(cast["fern"], "https://id.example", "adam-2", by=cast["adam"], at=AT)
    approved(cast, request)


@way("link oneself by the address of a printed letter")
def _(cast):
    people.reset_password(cast["fern"], by=cast["adam"], at=AT)
    password_letter.begin_letter(cast["fern"], by=cast["adam"], at=AT)
    password_letter.print_letter(cast["fern"], by=cast["audrey"], at=AT)
    workflow.single_sign_on.link_by_invitation(cast["fern"], "https://id.example", "audrey-2", at=AT)


@way("confirm the own puppet")
def _(cast):
    account_confirmation.confirm(puppet(cast), by=cast["adam"], at=AT)


@way("confirm it by a second puppet")
def _(cast):
    second = puppet(cast, Role.ADMINISTRATOR, "second", full_name="Sid Second")
    account_confirmation.confirm(puppet(cast), by=second, at=AT)


@way("confirm oneself after a reset by a friend")
def _(cast):
    cast._hire([("friend", "Fred Friend", "", cast.north, (Role.ADMINISTRATOR,), None)])
    friend = cast["friend"]
    known(friend)
    people.reset_password(cast["adam"], by=friend, at=AT)
    account_confirmation.confirm(cast["adam"], by=cast["adam"], at=AT)


@way("confirm by a command, though others could")
def _(cast):
    puppet(cast)
    call_command("confirm_person", "puppet")


@way("reset a confirmed puppet anew, and sign")
def _(cast):
    request = a_request(cast)
    person = puppet(cast)
    account_confirmation.confirm(person, by=cast["audrey"], at=AT)
    people.reset_password(person, by=cast["adam"], at=AT)
    take_over(cast, User.objects.get(pk=person.pk))
    approved(cast, request, by="puppet")


@way("print the letter that one asked for")
def _(cast):
    person = puppet(cast)
    password_letter.begin_letter(person, by=cast["adam"], at=AT)
    password_letter.print_letter(person, by=cast["adam"], at=AT)


@way("print it by a second puppet")
def _(cast):
    second = puppet(cast, Role.AUDITOR, "second", full_name="Sid Second")
    people.reset_password(cast["fern"], by=cast["adam"], at=AT)
    password_letter.begin_letter(cast["fern"], by=cast["adam"], at=AT)
    password_letter.print_letter(cast["fern"], by=second, at=AT)


@way("guess the code of a printed letter")
def _(cast):
    person = puppet(cast)
    code = password_letter.begin_letter(person, by=cast["adam"], at=AT)
    password_letter.print_letter(person, by=cast["audrey"], at=AT)
    for _ in range(5):
        with pytest.raises(workflow.Invalid):
            password_letter.check_code(person, "AAAA-AAAA-AAAA", at=AT)
    password_letter.check_code(person, code, at=AT)


def _two_puppets(cast):
    for username, name in (("one", "Ona One"), ("two", "Tim Two")):
        account_confirmation.confirm(puppet(cast, Role.FORMULARY, username, full_name=name), by=cast["audrey"], at=AT)
    draft = a_proposal(cast, by="one")
    people.reset_password(cast["one"], by=cast["adam"], at=AT)
    return draft


@way("propose as one puppet, sign as another")
def _(cast):
    draft = _two_puppets(cast)
    formulary.sign(draft.uid, by=cast["two"], at=AT, version=draft.version, presence=present(cast["two"]))


@way("propose, be reset, have another sign")
def _(cast):
    draft = _two_puppets(committee(cast))
    formulary.sign(draft.uid, by=cast["frida"], at=AT, version=draft.version, presence=present(cast["frida"]))


@way("be made a pharmacist by a puppet administrator")
def _(cast):
    second = puppet(cast, Role.ADMINISTRATOR, "second")
    people.set_role(cast["adam"], by=second, at=AT, site=cast.north, role="pharmacist")


@way("swap roles: file as prescriber, review afterwards")
def _(cast):
    request = a_request(cast)
    given = {"by": cast["adam"], "at": AT, "site": cast.north}
    people.end_role(cast["petra"], role="prescriber", **given)
    people.set_role(cast["petra"], role="pharmacist", **given)
    approved(cast, request, by="petra")


@way("be confirmed by an auditor of another site")
def _(cast):
    cast._hire([("olga", "Olga Otherwhere", "", cast.south, (Role.AUDITOR,), None)])
    elsewhere = cast["olga"]
    known(elsewhere)
    account_confirmation.confirm(puppet(cast), by=elsewhere, at=AT)


@way("call the puppet as a colleague is called")
def _(cast):
    puppet(cast, full_name="PHARMACIST,  Férn")
    return _alike(cast)


@way("give the puppet the own mailbox, spelt otherwise")
def _(cast):
    puppet(cast, email="A.Dam+two@Hospital.example")
    return _alike(cast)


@way("give the puppet the own mailbox")
def _(cast):
    puppet(cast, email="ADAM@hospital.example")


@way("delegate: a friend confirms whom one has reset")
def _(cast):
    request = a_request(cast)
    people.reset_password(cast["fern"], by=cast["adam"], at=AT)
    account_confirmation.confirm(cast["fern"], by=cast["audrey"], at=AT)
    take_over(cast, User.objects.get(pk=cast["fern"].pk))
    approved(cast, request)
    [found] = account_list.findings(cast["audrey"], AT + timedelta(days=1))
    [signed] = found.signed
    assert signed.number == request.number
    return signer_note(signed.decision.signer, "Europe/Vienna")


@way("lift the lock, and guess on")
def _(cast):
    for _ in range(20):
        with pytest.raises(workflow.Invalid):
            workflow.prove(cast["fern"], "guess", at=AT, session="a")
    people.lift_lock(cast["fern"], by=cast["adam"], at=AT)
    event = Event.objects.latest("seq")
    return f"{event.type} by {User.objects.get(pk=event.actor_id)}"


@way("rename a colleague, change their mail, then reset")
def _(cast):
    browser, fern = Client(), cast["fern"]
    browser.force_login(cast["adam"], backend="allauth.account.auth_backends.AuthenticationBackend")
    typed = {"full_name": "Pia Puppet", "email": "adam@elsewhere.example", "username": "pia", "role": "pharmacist"}
    pages = [pattern.name for pattern in urls.urlpatterns if "pk" in str(pattern.pattern)]
    assert len(pages) > 5
    for name in ("people-person", "people-reset", *pages):
        browser.post(reverse(name, args=[fern.pk]), {**typed, "site": cast.north.pk})
    fern.refresh_from_db()
    return f"{fern.full_name} {fern.email}, link to {' '.join(mail.outbox[0].to)}"


@way("hold both roles since before it was refused")
def _(cast):
    laid = cast["adam"].memberships.get()
    row = Membership(user=cast["adam"], site=cast.north, role=Role.PHARMACIST, started_at=AT, ended_at=AT)
    row.save()
    Membership.objects.filter(pk=row.pk).update(ended_at=None)
    with pytest.raises(workflow.Invalid, match="An administrator does not file"):
        people.set_role(cast["adam"], by=_second(cast), at=AT, site=laid.site, role="auditor")
    [found] = account_list.findings(cast["audrey"], AT)
    return "both: " + ", ".join(map(str, found.both))


def _second(cast):
    cast._hire([("second", "Sid Second", "", cast.north, (Role.ADMINISTRATOR,), None)])
    return cast["second"]


def _alike(cast):
    [found] = account_list.findings(cast["audrey"], AT)
    return "; ".join(f"{kind}: {', '.join(_tidy(user) for user in users)}" for kind, users in found.alike)


def _tidy(user):
    return "Fern Pharmacist" if "rn" in user.full_name else user.full_name


def test_every_way_of_the_table_is_tried():
    assert list(WAYS) != []
    assert {words for words, _, _ in ROWS} == set(WAYS)


@pytest.mark.parametrize(("words", "kind", "said"), ROWS, ids=[row[0] for row in ROWS])
def test_a_double_life_is_refused_or_found(cast, settings, words, kind, said):
    settings.MAIL_FROM = "ivig@hospital.example"
    decisions = Decision.objects.count()
    if kind in ("found", "kept"):
        assert said in WAYS[words](cast)
        return
    with pytest.raises((workflow.Refused, workflow.Invalid, NotFound, CommandError)) as refused:
        WAYS[words](cast)
    told = "not found" if refused.errisinstance(NotFound) else str(refused.value)
    assert said in re.sub(r"\s+", " ", told)
    assert Decision.objects.count() == decisions


# --- The database refuses the same --------------------------------------------------------------------------------


def test_the_database_takes_no_signature_of_an_account_that_is_not_confirmed(cast, monkeypatch):
    request = a_request(cast)
    people.reset_password(cast["fern"], by=cast["adam"], at=AT)
    take_over(cast, User.objects.get(pk=cast["fern"].pk))
    monkeypatch.setattr("utilization.access.why_not_sign", lambda user: "")
    with pytest.raises(IntegrityError, match="signer_is_confirmed"):
        approved(cast, request)


def test_the_database_takes_no_version_of_puppets(cast, monkeypatch):
    draft = _two_puppets(cast)
    monkeypatch.setattr(formulary, "_why_not_two", lambda *args: "")
    with pytest.raises(IntegrityError, match="publishers_are_confirmed"):
        formulary.sign(draft.uid, by=cast["two"], at=AT, version=draft.version, presence=present(cast["two"]))


def test_the_database_takes_no_confirmation_by_who_did_it_or_by_the_person(cast):
    person = puppet(cast)
    for by, guard in ((cast["adam"], "confirmed_by_another"), (person, "nobody_acts_on_their_own_account")):
        with pytest.raises(IntegrityError, match=guard), transaction.atomic():
            AccountAct.objects.create(user=person, kind=AccountDeed.CONFIRMED, by=by, at=AT)


@pytest.mark.parametrize(("held", "given"), [("adam", Role.FORMULARY), ("fern", Role.ADMINISTRATOR)])
def test_the_database_takes_no_administrator_with_a_clinical_role(cast, held, given):
    with pytest.raises(IntegrityError, match="administrator_is_no_clinician"), transaction.atomic():
        Membership.objects.create(user=cast[held], site=cast.north, role=given, started_at=AT)
    Membership.objects.create(user=cast[held], site=cast.south, role=given, started_at=AT)


# --- The honest way -----------------------------------------------------------------------------------------------


def test_whom_an_auditor_confirms_signs_and_the_signature_says_so(cast):
    request = a_request(cast)
    person = puppet(cast)
    account_confirmation.confirm(person, by=cast["audrey"], at=AT)
    decision = approved(cast, request, by="puppet").decisions.get()
    assert signer_note(decision.signer, "Europe/Vienna") == ("Account confirmed by Audrey Auditor on 2 Mar 2026.")
    told = bytes(Event.objects.get(type="decision.approved").body).decode()
    assert '"confirmed_by":"Audrey Auditor"' in told


@pytest.mark.parametrize(("days", "told"), [(7, True), (7.01, False)])
def test_a_signature_within_seven_days_of_a_reset_says_so(cast, days, told):
    people.reset_password(cast["fern"], by=cast["adam"], at=AT)
    account_confirmation.confirm(cast["fern"], by=cast["audrey"], at=AT)
    kept = account_confirmation.account_at_signing(cast["fern"], AT + timedelta(days=days))
    assert ("reset_at" in kept) is told


def test_at_a_new_site_a_command_confirms_once_and_the_log_says_so(cast, capsys):
    for username in ("audrey",):
        people.deactivate(cast[username], by=cast["adam"], at=AT)
    person = puppet(cast)
    call_command("confirm_person", "puppet")
    assert "is confirmed, and can sign" in capsys.readouterr().out
    event = Event.objects.latest("seq")
    assert (event.type, event.actor_id) == ("person.confirmed", None)
    assert f'"how":"command","person":{person.pk}' in bytes(event.body).decode()
    with pytest.raises(CommandError, match="confirmed already"):
        call_command("confirm_person", "puppet")


@pytest.mark.long
def test_the_case_the_record_and_the_document_say_that_the_signer_was_reset_before(cast, seen_by):
    request = a_request(cast)
    people.reset_password(cast["fern"], by=cast["adam"], at=AT)
    account_confirmation.confirm(cast["fern"], by=cast["audrey"], at=AT)
    take_over(cast, User.objects.get(pk=cast["fern"].pk))
    request = approved(cast, request, at=AT + timedelta(hours=3))
    told = "The account was reset by Adam Administrator on 2 Mar 2026, at most seven days before."
    for who, name in (("max", "review-case"), ("audrey", "audit-request")):
        shown = re.sub(r"\s+", " ", seen_by(who).get(reverse(name, args=[request.uid])).text)
        assert f"Account confirmed by Audrey Auditor on 2 Mar 2026. {told}" in shown
    value = frozen_value(request)
    assert [signature.get("account", "") for signature in value["signatures"]] == [
        "", f"{told} The person was confirmed by Audrey Auditor since.",
    ]  # fmt: skip
    assert told in re.sub(r"\s+", " ", page(value).replace("\u00a0", " ").replace("\u202f", " "))


def test_a_reviewer_who_is_not_confirmed_is_told_before_they_type(cast, seen_by):
    request = a_request(cast)
    puppet(cast)
    shown = seen_by("puppet").get(reverse("review-case", args=[request.uid])).text
    assert "nobody else has confirmed since that you have it" in re.sub(r"\s+", " ", shown)
