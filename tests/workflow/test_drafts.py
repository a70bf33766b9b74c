"""Drafts: what is typed is kept as typed, right or not, until it could harm; a copy takes what is still true."""

from datetime import timedelta

import pytest

from tests.cast import AT, CIDP, MRN, Cast, a_draft, a_request
from utilization import workflow
from utilization.models import AccessEntry, Event, Request
from utilization.rules.lifecycle import Status


def start(cast, by="petra", **changes):
    values = {"patient_uid": cast.patient.uid, "indication": "cidp", **changes}
    return workflow.start_draft(by=cast[by], at=AT, **values)


def save(cast, request, answers, by="petra", at=AT, **more):
    return workflow.save_draft(request.uid, by=cast[by], at=at, answers=answers, **more)


def test_a_draft_belongs_to_its_author_and_their_department(cast: Cast):
    draft = start(cast)
    assert (draft.status, draft.author, draft.department.name) == (Status.DRAFT, cast["petra"], "Neurology")
    assert start(cast, by="rosa").department.name == "Rheumatology"


@pytest.mark.parametrize("who", ["fern", "mira", "audrey"])
def test_only_prescribers_start_one(cast: Cast, who):
    with pytest.raises(workflow.Refused):
        start(cast, by=who)


@pytest.mark.parametrize("who", ["sam", "forrest", "adam"])
def test_to_strangers_the_patient_does_not_exist(cast: Cast, who):
    with pytest.raises(workflow.NotFound):
        start(cast, by=who)


@pytest.mark.parametrize("code", ["", "CIDP", "cidp; drop", "x" * 61, None, "ｃｉｄｐ"])
def test_an_indication_is_a_code(cast: Cast, code):
    with pytest.raises(workflow.Invalid) as invalid:
        start(cast, indication=code)
    assert set(invalid.value.errors) == {"indication"}


def test_answers_are_kept_as_typed_with_who_typed_them(cast: Cast):
    draft = save(cast, start(cast), {"course_days": "five", "safety": "none_of_these"})
    later = AT + timedelta(minutes=5)
    draft = save(cast, draft, {"dose_total_g_per_kg": " 2 "}, at=later)
    assert draft.draft == {"course_days": "five", "safety": ["none_of_these"], "dose_total_g_per_kg": "2"}
    assert draft.entered["course_days"] == {
        "by": cast["petra"].pk, "name": "Petra Prescriber, MD", "at": AT.isoformat(),
    }  # fmt: skip
    assert draft.entered["dose_total_g_per_kg"]["at"] == later.isoformat()
    assert workflow.read_request(draft, AT).intake.problems.keys() == {"course_days"}


def test_saving_the_same_again_changes_nothing(cast: Cast):
    draft = a_draft(cast)
    assert save(cast, draft, dict(CIDP)).version == draft.version


def test_a_page_left_open_is_one_read(cast: Cast):
    draft = start(cast)
    for dose in "123":
        save(cast, draft, {"dose_total_g_per_kg": dose})
    assert AccessEntry.objects.filter(request_id=draft.pk).count() == 1


BAD = [
    ("justification", "x" * 4001),
    ("justification", "x" * 1_000_000),
    ("justification", "a\0b"),
    ("justification", "a\u202eb"),
    ("justification", "a\ud800b"),
    ("justification", {"a": 1}),
    ("safety", {"none_of_these": 1}),
    ("safety", ["heart_failure"] * 41),
    ("safety", [3]),
    ("weight_kg", "82"),
    ("age_years", "3"),
]


@pytest.mark.parametrize(("field", "value"), BAD, ids=lambda value: str(value)[:15].encode("ascii", "replace"))
def test_what_cannot_be_kept_is_refused_whole(cast: Cast, field, value):
    draft = start(cast)
    with pytest.raises(workflow.Invalid) as invalid:
        save(cast, draft, {"course_days": "5", field: value})
    assert set(invalid.value.errors) == {field}
    assert Request.objects.get().draft == {}


@pytest.mark.parametrize("forged", ["status", "author", "author_id", "version", "number", "no_such_fact", ""])
def test_a_forged_field_is_refused(cast: Cast, forged):
    draft = start(cast)
    with pytest.raises(workflow.Invalid) as invalid:
        save(cast, draft, {forged: "approved"})
    assert set(invalid.value.errors) == {"answers"}


def test_every_bad_field_is_named(cast: Cast):
    with pytest.raises(workflow.Invalid) as invalid:
        save(cast, start(cast), {"justification": "\0", "course_days": "\0"})
    assert set(invalid.value.errors) == {"justification", "course_days"}


def test_a_stale_page_cannot_overwrite(cast: Cast):
    draft = start(cast)
    save(cast, draft, {"course_days": "5"}, version=draft.version)
    with pytest.raises(workflow.Conflict) as conflict:
        save(cast, draft, {"course_days": "4"}, version=draft.version)
    assert conflict.value.request.draft == {"course_days": "5"}


def test_nothing_is_typed_into_a_filed_request(cast: Cast):
    filed = a_request(cast)
    with pytest.raises(workflow.Conflict):
        save(cast, filed, {"course_days": "4"})
    with pytest.raises(workflow.Refused):
        save(cast, filed, {"course_days": "4"}, by="fern")


def test_a_discarded_draft_stays_for_the_auditor_alone(cast: Cast):
    gone = a_request(cast, Status.DISCARDED)
    assert (gone.ended_by, gone.number) == (cast["petra"], None)
    assert Event.objects.last().type == "request.discarded"


def test_a_copy_takes_what_is_still_true(cast: Cast):
    answers = {
        **CIDP,
        "months_on_therapy": "7",
        "justification": "Because.",
        "emergency": "yes",
        "emergency_reason": "x",
    }
    filed = a_request(cast, answers=answers)
    copy = start(cast, by="paul", copy_of=filed.uid)
    assert copy.copied_from == filed
    assert copy.draft == {"dose_total_g_per_kg": "2", "course_days": "5", "interval_weeks": "4"}
    assert {entry["by"] for entry in copy.entered.values()} == {cast["paul"].pk}


def test_only_a_filed_request_of_the_same_patient_is_copied(cast: Cast):
    draft = a_draft(cast)
    twin = cast.a_patient(mrn=f"{MRN}-2")
    filed = a_request(cast, patient=twin)
    for uid in (draft.uid, filed.uid):
        with pytest.raises(workflow.Invalid):
            start(cast, copy_of=uid)
    with pytest.raises(workflow.NotFound):
        start(cast, by="rosa", copy_of=filed.uid)
