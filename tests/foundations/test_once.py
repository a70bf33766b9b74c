"""Forms that add something, sent more than once: they add it once, and lead to the same place."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import AT, CIDP, PASSWORD, Cast, a_request
from tests.formulary.acts import a_criteria_draft, committee
from tests.patience import PATIENCE
from tests.reviewing.pages import day_to_answer
from utilization.models import (
    AccessEntry,
    CriteriaDraft,
    Decision,
    Department,
    Event,
    Membership,
    Note,
    Patient,
    Price,
    Question,
    Request,
    SentForm,
    User,
)
from utilization.workflow import review, sent_form

TOKEN = re.compile(r'name="form_token"\s+value="([^"]+)"')
WORDS = "Called the ward."


@pytest.fixture
def cast(cast: Cast) -> Cast:
    return committee(cast)


def browser(cast, who):
    client = Client()
    client.force_login(cast[who])
    return client


def tokens(client, page):
    return TOKEN.findall(client.get(page).content.decode())


def counted(*models):
    return [model.objects.count() for model in models]


# --- Each form that adds something ------------------------------------------------------------------------------------


def a_note(cast):
    request = a_request(cast)
    page = reverse("review-case", args=[request.uid])
    return "fern", page, reverse("review-note", args=[request.uid]), {"text": WORDS}, Note


def a_question(cast):
    request = a_request(cast)
    typed = {"text": WORDS, "facts": ["course_days"], "wanted_by": day_to_answer(), "version": request.version}
    page = reverse("review-case", args=[request.uid])
    return "fern", page, reverse("review-ask", args=[request.uid]), typed, Question


def a_patient(cast):
    page = reverse("patient-new")
    site = cast["petra"].memberships.get().site
    typed = {"site": site.pk, "mrn": "N-77", "family_name": "Lind", "given_names": "Berit", "sex": "female",
             "date_of_birth": "1980-05-31"}  # fmt: skip
    return "petra", page, page, typed, Patient


def a_started_draft(cast):
    page = reverse("request-indication", args=[cast.patient.uid])
    return "petra", page, reverse("request-start", args=[cast.patient.uid]), {"indication": "cidp", "q": ""}, Request


def a_copied_draft(cast):
    request = a_request(cast)
    return (
        "petra",
        reverse("request-page", args=[request.uid]),
        reverse("request-copy", args=[request.uid]),
        {},
        Request,
    )


def a_person(cast):
    page = reverse("people-invite")
    typed = {"site": cast.north.pk, "username": "n.new", "email": "n@north.example", "full_name": "Nina New",
             "role": "pharmacist"}  # fmt: skip
    return "adam", page, page, typed, User


def a_department(cast):
    typed = {"site": cast.north.pk, "name": "Dermatology"}
    return "adam", reverse("people-list"), reverse("people-department"), typed, Department


def a_price(cast):
    page = reverse("people-prices")
    return "adam", page, page, {"site": cast.north.pk, "brand": "", "per_gram": "92.50", "currency": "USD"}, Price


def a_draft_of_criteria(cast):
    page = reverse("formulary-start")
    return "forrest", page, page, {"site": cast.north.pk, "name": "Dose cap", "source": ""}, CriteriaDraft


def a_role(cast):
    person = cast["felix"].pk
    typed = {"site": cast.north.pk, "role": "auditor"}
    page = reverse("people-person", args=[person])
    return "adam", page, reverse("people-give-role", args=[person]), typed, Membership


FORMS = [a_note, a_question, a_patient, a_started_draft, a_copied_draft, a_person, a_department, a_price,
         a_draft_of_criteria, a_role]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_sent_five_times_it_adds_one_and_leads_to_one_place(cast, form):
    """Seen: five notes from one note that was posted five times."""
    who, page, address, typed, model = form(cast)
    client = browser(cast, who)
    sent = {**typed, "form_token": tokens(client, page)[0]}
    before, events = counted(model, Event)
    first = client.post(address, sent)
    assert first.status_code in (200, 302), first.content.decode()
    assert counted(model, Event) == [before + 1, events + 1 + (form in (a_started_draft,)) * 0]
    places = {client.post(address, sent).url for _ in range(4)}
    assert len(places) == 1
    if first.status_code == 302:
        assert {place.partition("#")[0] for place in places} == {first.url.partition("#")[0]}
    assert counted(model, Event)[0] == before + 1
    assert client.get(places.pop()).status_code == 200


@pytest.mark.parametrize("form", FORMS)
def test_each_page_that_is_shown_has_tokens_of_its_own(cast, form):
    who, page, _, _, _ = form(cast)
    client = browser(cast, who)
    shown = [set(tokens(client, page)) for _ in range(2)]
    assert all(shown)
    assert not shown[0] & shown[1]


def test_the_same_form_with_other_content_is_refused_in_words(cast):
    who, page, address, typed, _ = a_note(cast)
    client = browser(cast, who)
    token = tokens(client, page)[0]
    client.post(address, {**typed, "form_token": token})
    answer = client.post(address, {"text": "Something else.", "form_token": token})
    assert answer.status_code == 409
    assert "This form was sent already" in answer.text
    assert "Nothing of what you sent was saved" in answer.text
    assert [note.text for note in Note.objects.all()] == [WORDS]


def test_a_token_taken_to_another_form_is_refused(cast):
    _, page, address, typed, _ = a_note(cast)
    client = browser(cast, "fern")
    token = tokens(client, page)[0]
    client.post(address, {**typed, "form_token": token})
    other = a_request(cast)
    assert client.post(reverse("review-note", args=[other.uid]), {**typed, "form_token": token}).status_code == 409


def test_two_people_with_one_token_are_two(cast):
    _, page, address, typed, _ = a_note(cast)
    token = tokens(browser(cast, "fern"), page)[0]
    for who in ("fern", "felix"):
        assert browser(cast, who).post(address, {**typed, "form_token": token}).status_code == 302
    assert Note.objects.count() == 2


def test_a_form_that_came_back_with_errors_can_be_sent_again(cast):
    _, page, address, typed, _ = a_note(cast)
    client = browser(cast, "fern")
    token = tokens(client, page)[0]
    assert client.post(address, {"text": " ", "form_token": token}).status_code == 422
    assert not SentForm.objects.exists()
    assert client.post(address, {**typed, "form_token": token}).status_code == 302
    assert Note.objects.count() == 1


def test_two_notes_of_one_page_each_are_two(cast):
    _, page, address, typed, _ = a_note(cast)
    client = browser(cast, "fern")
    for _ in range(2):
        client.post(address, {**typed, "form_token": tokens(client, page)[0]})
    assert Note.objects.count() == 2


@pytest.mark.parametrize("token", [None, "", "short", "x" * 65, "<script>alert(1)</script>"])
def test_without_a_token_the_same_content_counts_once_for_a_minute(cast, token):
    _, _, address, typed, _ = a_note(cast)
    client = browser(cast, "fern")
    sent = typed if token is None else {**typed, "form_token": token}
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        for _ in range(5):
            assert client.post(address, sent).status_code == 302
        client.post(address, {**sent, "text": "Something else."})
    assert Note.objects.count() == 2
    with time_machine.travel(now + timedelta(minutes=3), tick=False):
        client.post(address, sent)
    assert Note.objects.count() == 3


def test_an_upload_counts_by_its_content(cast):
    draft = a_criteria_draft(cast)
    client = browser(cast, "forrest")
    address, page = reverse("formulary-upload", args=[draft.uid]), reverse("formulary-draft", args=[draft.uid])
    token = tokens(client, page)[0]

    def upload(text):
        file = SimpleUploadedFile("more.yaml", text)
        return client.post(address, {"version": draft.version, "form_token": token, "file": file})

    assert upload(b"defaults: []\n").status_code == 302
    assert upload(b"defaults: []\n").status_code == 302
    assert upload(b"defaults: {}\n").status_code == 409
    draft.refresh_from_db()
    assert (draft.version, draft.files["more.yaml"]) == (1, "defaults: []\n")


def test_what_went_wrong_within_leaves_no_trace_and_reads_stay_written(cast, monkeypatch):
    _, _, address, typed, _ = a_note(cast)
    client = browser(cast, "fern")
    reads = AccessEntry.objects.count()

    def fails(*given, **more):
        raise ZeroDivisionError

    monkeypatch.setattr(review, "clean_text", fails)
    with pytest.raises(ZeroDivisionError):
        client.post(address, typed)
    assert not SentForm.objects.exists()
    assert AccessEntry.objects.count() > reads
    monkeypatch.undo()
    assert client.post(address, typed).status_code == 302


def test_a_database_that_is_away_is_told_and_the_form_can_be_sent_again(cast, monkeypatch):
    _, _, address, typed, _ = a_note(cast)
    client = browser(cast, "fern")

    def locked(*given, **more):
        raise OperationalError("database is locked")

    monkeypatch.setattr(review, "clean_text", locked)
    answer = client.post(address, {**typed, "form_token": "a" * 20})
    assert answer.status_code == 503
    assert f'name="form_token" value="{"a" * 20}"' in answer.text, "the form that comes back is the same form"
    monkeypatch.undo()
    assert client.post(address, {**typed, "form_token": "a" * 20}).status_code == 302
    assert Note.objects.count() == 1


def test_a_row_that_stands_in_the_way_is_a_conflict_and_no_fault_of_ours(cast, monkeypatch):
    _, _, address, typed, _ = a_note(cast)

    def refused(*given, **more):
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setattr(review, "clean_text", refused)
    answer = browser(cast, "fern").post(address, typed)
    assert answer.status_code == 409
    assert "Nothing of what you sent was saved" in answer.text


def test_forms_of_days_ago_are_forgotten(cast):
    for token, at in (("o" * 20, AT), ("n" * 20, AT + timedelta(days=4))):
        sent_form.record(cast["fern"], token, sha256="", location="/", at=at)
    assert [form.token for form in SentForm.objects.all()] == ["n" * 20]


def test_a_signature_sent_twice_signs_once_and_is_no_surprise(cast):
    request, client = a_request(cast), browser(cast, "fern")
    sent = {"version": request.version, "password": PASSWORD, "conditions": WORDS}
    address = reverse("review-approve", args=[request.uid])
    places = [client.post(address, sent).url for _ in range(3)]
    assert len(set(places)) == 1
    assert Decision.objects.count() == 1
    other = client.post(address, {**sent, "conditions": "Something else."})
    assert other.status_code == 409
    assert browser(cast, "felix").post(address, sent).status_code == 409


def test_who_was_refused_since_the_same_form_was_first_is_led_where_it_was_led(cast, monkeypatch):
    """Two of one form at once: the second finds the name taken by the first, and is no error for that."""
    who, page, address, typed, model = a_department(cast)
    client = browser(cast, who)
    sent = {**typed, "form_token": tokens(client, page)[0]}
    first = client.post(address, sent)
    real, asked = sent_form.sent_before, []

    def not_yet(*given):
        asked.append(given)
        return None if len(asked) == 1 else real(*given)

    monkeypatch.setattr(sent_form, "sent_before", not_yet)
    assert client.post(address, sent).url == first.url
    assert model.objects.filter(name="Dermatology").count() == 1


# --- At once --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_five_at_the_same_moment_add_one(transactional_db):
    cast = Cast()
    request = a_request(cast, answers=CIDP)
    clients = [browser(cast, "fern") for _ in range(5)]
    token = tokens(clients[0], reverse("review-case", args=[request.uid]))[0]
    address, barrier, answers = reverse("review-note", args=[request.uid]), threading.Barrier(5), []

    def send(client):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=PATIENCE)
            answers.append(client.post(address, {"text": WORDS, "form_token": token}))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    assert [answer.status_code for answer in answers] == [302] * 5
    assert len({answer.url for answer in answers}) == 1
    assert Note.objects.count() == 1


def test_a_patient_added_again_by_the_same_person_without_a_token_is_the_one_that_is_there(cast):
    who, _, address, typed, model = a_patient(cast)
    client = browser(cast, who)
    places = {client.post(address, typed).url for _ in range(3)}
    assert len(places) == 1
    assert model.objects.filter(mrn="N-77").count() == 1


@pytest.mark.parametrize("form", [a_department, a_person])
def test_a_name_that_is_taken_is_said_to_a_form_without_a_token(cast, form):
    who, _, address, typed, model = form(cast)
    client = browser(cast, who)
    assert client.post(address, typed).status_code in (200, 302)
    before = model.objects.count()
    assert client.post(address, typed).status_code == 422
    assert model.objects.count() == before
