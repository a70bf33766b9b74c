"""One request whole, judged again, and the log that tells of it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse

from tests.cast import AT, PASSWORD, a_request, approved
from tests.reviewing.pages import words
from utilization import criteria, event_log, workflow
from utilization.models import AccessEntry, Membership
from utilization.reports import audit_record
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role
from utilization.rules.yaml_lines import PackError

NOTE = "Spoke with the ward: weight measured twice."


def page_of(request):
    return reverse("audit-request", args=[request.uid])


def again_of(request):
    return reverse("audit-rejudge", args=[request.uid])


@pytest.fixture
def asked_and_answered(cast):
    """A request with a note, a question, and an answer that corrected a fact: two versions."""
    made = a_request(cast)
    workflow.note(made.uid, by=cast["fern"], at=AT, text=NOTE)
    made = workflow.ask(
        made.uid, by=cast["fern"], at=AT, version=made.version, facts=["course_days"], text="Why five days?"
    )
    return workflow.answer(
        made.uid, by=cast["paul"], at=AT, version=made.version, text="Four is meant.", answers={"course_days": "4"}
    )


@pytest.mark.long
def test_the_record_tells_everything_that_happened_with_what_was_written(asked_and_answered, auditor):
    said = words(auditor.get(page_of(asked_and_answered)))
    for told in ("Draft started", "Submitted", NOTE, "Why five days?", "Four is meant.", "Petra Prescriber, MD",
                 "Paul Colleague, MD", "Fern Pharmacist, PharmD"):  # fmt: skip
        assert told in said, told
    assert asked_and_answered.latest.pack.sha256 in said
    assert (
        reverse("justification", args=[asked_and_answered.uid])
        in auditor.get(page_of(asked_and_answered)).content.decode()
    )


def test_every_entry_of_the_log_about_it_stands_there_as_written(asked_and_answered, auditor):
    lines = audit_record.log_lines(asked_and_answered)
    written = event_log.entries(asked_and_answered)
    assert [line.seq for line in lines] == [entry.seq for entry in written]
    said = words(auditor.get(page_of(asked_and_answered)))
    for line in lines:
        assert line.data in said


def test_reading_it_is_written_down(cast, auditor):
    request = a_request(cast)
    for address, what in ((page_of(request), "audit"), (again_of(request), "judged_again")):
        auditor.get(address)
        newest = AccessEntry.objects.first()
        assert (newest.actor_id, newest.request_id, newest.what) == (cast["audrey"].pk, request.pk, what)


def test_an_auditor_who_wrote_the_request_sees_no_notes_on_it(cast, seen_by):
    request = a_request(cast)
    workflow.note(request.uid, by=cast["fern"], at=AT, text=NOTE)
    Membership.objects.create(user=cast["petra"], site=cast.north, role=Role.AUDITOR, started_at=AT)
    assert NOTE not in words(seen_by("petra").get(page_of(request)))


def test_who_audits_elsewhere_and_prescribes_here_finds_no_record(cast, seen_by):
    request = a_request(cast)
    Membership.objects.create(user=cast["petra"], site=cast.south, role=Role.AUDITOR, started_at=AT)
    assert seen_by("petra").get(page_of(request)).status_code == 404


@pytest.mark.long
def test_a_decision_says_whether_it_came_in_time(cast, auditor):
    made = a_request(cast)
    late = a_request(cast, patient=cast.a_patient(mrn="N-2"))
    approved(cast, made, at=made.due_at)
    approved(cast, late, at=late.due_at + timedelta(seconds=1))
    assert "Decided in time" in words(auditor.get(page_of(made)))
    assert "Decided late" in words(auditor.get(page_of(late)))


@pytest.mark.long
def test_other_requests_of_the_patient_are_one_jump_away(cast, auditor):
    first, second = a_request(cast, Status.APPROVED), a_request(cast, indication="mmn")
    assert page_of(first) in auditor.get(page_of(second)).content.decode()


def test_a_draft_shows_what_was_typed(cast, auditor):
    draft = a_request(cast, Status.DRAFT)
    said = words(auditor.get(page_of(draft)))
    assert "Days of a course 5" in said
    assert "Petra Prescriber, MD" in said
    assert "Nothing was filed yet" in words(auditor.get(again_of(draft)))


# --- Judged again -------------------------------------------------------------------------------------------------


def test_every_version_comes_out_the_same_by_its_own_pack(asked_and_answered, auditor):
    again = audit_record.judged_again(asked_and_answered)
    assert [rejudgement.submission.ordinal for rejudgement in again] == [2, 1]
    assert all(rejudgement.same and rejudgement.whole for rejudgement in again)
    said = words(auditor.get(again_of(asked_and_answered)))
    assert "The same answer." in said
    assert "Version 1" in said


def test_what_differs_is_shown_by_its_place(cast, auditor, monkeypatch):
    request = a_request(cast)
    changed = {**request.latest.judgement, "outcome": "exception_review", "questions": ["response"]}
    monkeypatch.setattr(criteria, "judged_again", lambda submission, emergency: changed)
    (rejudgement,) = audit_record.judged_again(request)
    assert {difference.path for difference in rejudgement.differences} == {"outcome", "questions"}
    said = words(auditor.get(again_of(request)))
    assert "Not the same." in said
    assert "The same answer." not in said


def test_what_a_dose_shows_since_is_no_difference_and_what_it_comes_to_is(cast):
    now = a_request(cast).latest.judgement
    contract = ("dosing_weight_kg", "weight_basis", "ibw_kg", "bmi", "target_g", "rounded_g", "limit_g", "per_day_g",
                "vials_per_day", "g_per_kg", "within_ceiling", "weight_note")  # fmt: skip
    dose = {name: now["dose"][name] for name in contract} | {"lines": [{"label": "In the words of that day"}]}
    remark = {"id": "dose.below_target", "text": "", "result": "unknown", "facts": {}, "evidence": []}

    def places(stored, again):
        then = audit_record.as_then(SimpleNamespace(judgement=stored), again)
        return [difference.path for difference in audit_record.differences(stored, then)]

    assert places({**now, "dose": dose}, {**now, "findings": [*now["findings"], remark]}) == []
    assert places({**now, "dose": {**dose, "rounded_g": "150"}}, now) == ["dose.rounded_g"]
    assert places({**now, "dose": None}, now) == ["dose"]
    assert places(now, {**now, "dose": {**now["dose"], "lines": []}}) == ["dose.lines"]
    ways = {**now, "would_meet_if": [["course_days=1", "route=iv"], ["response=stable"]]}
    assert places(ways, {**now, "would_meet_if": [["route=iv", "course_days=1"], ["response=stable"]]}) == []
    assert places(ways, {**now, "would_meet_if": [["response=stable"], ["course_days=1", "route=iv"]]}) != []


def test_a_pack_that_cannot_be_read_any_more_is_told_and_is_no_error(cast, auditor, monkeypatch):
    def broken(submission, emergency):
        raise PackError("clauses/cidp.yaml", 3, "", "expected a mapping")

    request = a_request(cast)
    monkeypatch.setattr(criteria, "judged_again", broken)
    response = auditor.get(again_of(request))
    assert response.status_code == 200
    assert "clauses/cidp.yaml" in words(response)
    assert "Not the same." in words(response)


@pytest.mark.parametrize("kept", ["files", "shelf"])
def test_kept_files_that_lost_their_hash_are_told(cast, auditor, monkeypatch, kept):
    """The criteria and the tables beside them are each held against their own hash."""
    request = a_request(cast)
    changed, true_hash = getattr(request.latest.pack, kept), audit_record.pack_hash
    assert "do not have the hash that judged" not in words(auditor.get(again_of(request)))
    monkeypatch.setattr(audit_record, "pack_hash", lambda files: "0" * 64 if files == changed else true_hash(files))
    assert "do not have the hash that judged" in words(auditor.get(again_of(request)))


@pytest.mark.parametrize(
    ("stored", "again", "places"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ["a.b[1]"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ({"a": "1"}, {"a": 1}, ["a"]),
        ([{"x": None}], [{"x": False}], ["[0].x"]),
    ],
)
def test_differences_name_each_place_and_nothing_else(stored, again, places):
    assert [difference.path for difference in audit_record.differences(stored, again)] == places


def test_the_password_of_a_signer_stands_nowhere_in_the_record(cast, auditor):
    request = a_request(cast, Status.APPROVED)
    assert PASSWORD not in auditor.get(page_of(request)).content.decode()
