"""The one way to a record: found or not found, never in between, and every read is written down."""

import uuid
from datetime import timedelta
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from tests.access.hospital import AT
from utilization import access, access_log
from utilization.models import AccessEntry, Patient, User
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission, Role
from utilization.workflow.patients import write_keys

HOUR = timedelta(hours=1)


def _log():
    return list(AccessEntry.objects.order_by("pk").values_list("actor_name", "what", "request_id", "patient_id"))


def test_a_read_is_written_down_with_who_what_when_and_of_whom(north):
    request, reader = north.request(Status.APPROVED), north["pharmacist"]
    assert access.fetch_request(reader, request.uid, what="case", at=AT) == request

    entry = AccessEntry.objects.get()
    assert (entry.actor_id, entry.actor_name, entry.what, entry.at) == (reader.pk, str(reader), "case", AT)
    assert (entry.site_id, entry.request_id, entry.patient_id) == (north.site.pk, request.pk, north.patient.pk)


@pytest.mark.parametrize("uid", [uuid.UUID(int=7), "no-uid", "", None, "0" * 5000])
def test_what_does_not_exist_is_not_found_and_leaves_no_trace(north, uid):
    for fetch in (access.fetch_request, access.fetch_patient):
        with pytest.raises(access.NotFound):
            fetch(north["auditor"], uid, what="case", at=AT)
    assert _log() == []


def test_a_foreign_record_answers_as_one_that_does_not_exist(north, south):
    request = north.request(Status.APPROVED)
    for actor in (south["auditor"], north["formulary"], north["administrator"], None):
        with pytest.raises(access.NotFound) as foreign:
            access.fetch_request(actor, request.uid, what="case", at=AT)
        with pytest.raises(access.NotFound) as nowhere:
            access.fetch_request(actor, uuid.uuid4(), what="case", at=AT)
        assert foreign.value.args == nowhere.value.args
        with pytest.raises(access.NotFound):
            access.fetch_patient(actor, north.patient.uid, what="patient", at=AT)
    assert _log() == []


def test_a_uid_as_text_finds_too(north):
    request = north.request(Status.APPROVED)
    assert access.fetch_request(north["auditor"], str(request.uid), what="case", at=AT) == request


def test_a_patient_is_fetched_and_the_read_written_down(north):
    assert access.fetch_patient(north["prescriber"], north.patient.uid, what="patient", at=AT) == north.patient
    assert _log() == [(str(north["prescriber"]), "patient", None, north.patient.pk)]


def test_keystrokes_on_one_page_are_one_read(north):
    request, author = north.request(), north["prescriber"]
    for minutes in range(5):
        access.fetch_request(author, request.uid, what="draft", at=AT + timedelta(minutes=minutes), same_page=True)
    assert len(_log()) == 1


def test_another_person_page_request_or_day_is_another_read(north):
    request, other, author = north.request(), north.request(), north["prescriber"]

    def read(actor=author, of=request, what="draft", at=AT + HOUR):
        access.fetch_request(actor, of.uid, what=what, at=at, same_page=True)
        return len(_log())

    assert read(at=AT) == 1
    assert read() == 1
    assert read(actor=north["auditor"]) == 2
    assert read(of=other) == 3
    assert read(what="case") == 4
    assert read(at=AT + HOUR + access_log.SAME_PAGE) == 5


def test_a_page_opened_again_is_a_new_read(north):
    request = north.request()
    for _ in range(2):
        access.fetch_request(north["prescriber"], request.uid, what="draft", at=AT)
    assert len(_log()) == 2


def test_a_patient_s_open_page_is_one_read_too(north):
    for _ in range(3):
        access.fetch_patient(north["prescriber"], north.patient.uid, what="start", at=AT, same_page=True)
    assert len(_log()) == 1


# --- Lists --------------------------------------------------------------------------------------------------------


def test_a_list_that_names_patients_is_one_read_of_each_a_working_day(north):
    reader, first, second = north["auditor"], north.request(Status.APPROVED), north.request(Status.DENIED)
    access.note_listed(reader, [first], at=AT)
    access.note_listed(reader, [first, second], at=AT + HOUR)
    expected = [(str(reader), "list", request.pk, north.patient.pk) for request in (first, second)]
    assert _log() == expected

    access.note_listed(north["pharmacist"], [first], at=AT + HOUR)
    access.note_listed(reader, [first], at=AT + HOUR + access_log.SAME_PAGE)
    assert len(_log()) == 4


def test_a_long_list_costs_as_many_statements_as_a_short_one(north, django_assert_num_queries):
    shown = [north.request(Status.APPROVED) for _ in range(9)]
    shown = list(
        access.visible_requests(north["auditor"]).select_related("patient").filter(pk__in=[r.pk for r in shown])
    )
    for part in (shown[:1], shown[1:]):
        with django_assert_num_queries(2):
            access.note_listed(north["auditor"], part, at=AT)
    access.note_listed(north["auditor"], [], at=AT)
    assert len(_log()) == 9


# --- Searching ----------------------------------------------------------------------------------------------------


def _patient(hospital, mrn, name):
    patient = Patient.objects.create(
        **{f.name: getattr(hospital.patient, f.name) for f in Patient._meta.fields if f.name not in ("id", "uid")}
        | {"mrn": mrn, "name": name}
    )
    write_keys(patient)
    return patient


@pytest.mark.parametrize("text", ["77-4", "77-41", "lind", "Greta L", "  greta  ", "LINDQVIST"])
def test_a_patient_is_found_by_the_start_of_the_mrn_or_any_part_of_the_name(north, south, text):
    greta = _patient(north, "77-41", "Greta Lindqvist")
    _patient(south, "77-41", "Greta Lindqvist")
    assert access.search_patients(north["prescriber"], text, at=AT) == [greta]
    assert _log() == [(str(north["prescriber"]), "search", None, greta.pk)]


@pytest.mark.parametrize("text", ["", "g", " g ", "7-41", "%%", "__", "gr\0", "nobody"])
def test_what_finds_nobody_logs_nobody(north, text):
    _patient(north, "77-41", "Greta Lindqvist")
    assert access.search_patients(north["prescriber"], text, at=AT) == []
    assert _log() == []


def test_a_name_typed_in_another_normal_form_is_found(north):
    rene = _patient(north, "5", "Ren\u00e9 Maro")
    assert access.search_patients(north["prescriber"], "Rene\u0301", at=AT) == [rene]


def test_a_search_shows_so_many_and_logs_exactly_those(north):
    for number in range(access.MAX_FOUND + 5):
        _patient(north, f"88-{number:02}", f"Twin {number:02}")
    shown = access.search_patients(north["prescriber"], "twin", at=AT)
    assert len(shown) == access.MAX_FOUND
    assert {row[3] for row in _log()} == {patient.pk for patient in shown}


@pytest.mark.parametrize("who", ["formulary", "administrator"])
def test_a_search_finds_nothing_for_roles_without_patients(north, who):
    assert access.search_patients(north[who], "Ambrose", at=AT) == []


def _to_write_in(actor, request, at):
    """The long way: who may read it, who may file on it, and whether it is a draft."""
    try:
        found = access.fetch_request(actor, request.uid, what="draft", at=at, same_page=True)
    except access.NotFound:
        return None
    return found if found.status == Status.DRAFT and access.can(actor, Permission.FILE, found) else None


def _more_people(north, south):
    """An auditor who files too, somebody who files at the other hospital now, and one whose account is closed."""
    people = {name: north.person(name, Role.PRESCRIBER, north.neurology) for name in ("reads all", "moved", "closed")}
    people["reads all"].memberships.create(site=north.site, role=Role.AUDITOR, started_at=AT)
    people["moved"].memberships.update(ended_at=AT)
    people["moved"].memberships.create(site=south.site, department=south.neurology, role=Role.PRESCRIBER, started_at=AT)
    User.objects.filter(pk=people["closed"].pk).update(is_active=False)
    return people


def test_a_draft_to_write_in_is_found_by_whom_may_read_it_and_file_on_it(north, south):
    north.people |= _more_people(north, south)
    requests = [north.request(status) for status in Status] + [north.request(by=name) for name in north.people]
    requests.append(south.request())
    actors = [*north.people.values(), *south.people.values(), AnonymousUser(), None]
    opened = 0
    with transaction.atomic():
        for day, (actor, request) in enumerate(product(actors, requests)):
            morning, evening = AT + timedelta(days=day), AT + timedelta(days=day, hours=13)
            found = access.fetch_own_draft(actor, request.uid, what="draft", at=morning)
            assert found == _to_write_in(actor, request, evening), (actor, request.author)
            reads = AccessEntry.objects.filter(at=morning).values_list("actor_name", "what", "request_id", "patient_id")
            assert list(reads) == ([(str(actor), "draft", request.pk, request.patient_id)] if found else [])
            opened += found is not None
    # Two of the prescriber, one each of three who file here, and that of the other hospital.
    assert opened == 6


@pytest.mark.parametrize("uid", [uuid.UUID(int=7), "no-uid", "", None, "0" * 5000])
def test_no_draft_to_write_in_is_none(north, uid):
    with transaction.atomic():
        assert access.fetch_own_draft(north["prescriber"], uid, what="draft", at=AT) is None


def test_keystrokes_in_ones_own_draft_are_one_read(north):
    request = north.request()
    with transaction.atomic():
        for minutes in range(5):
            at = AT + timedelta(minutes=minutes)
            access.fetch_own_draft(north["prescriber"], str(request.uid), what="draft", at=at)
    assert _log() == [(str(north["prescriber"]), "draft", request.pk, north.patient.pk)]
