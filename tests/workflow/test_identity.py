"""Who a patient is, corrected, merged, parted; a death: what changes with it, and what stays as it was filed."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest

from tests.cast import AT, IBM, Cast, a_draft, a_request, approved, present, recommended, submitted
from tests.differences import differences
from tests.salted import hmac_of
from utilization import access, event_log, workflow
from utilization.models import Authorization, Event, Patient, PatientChange, PatientKey, Request
from utilization.rules.lifecycle import Status
from utilization.workflow.patients import former, is_same_mrn

HOUR = timedelta(hours=1)
LATER = AT + timedelta(days=1)


def correct(cast, by="petra", patient=None, was=(), **changes):
    patient = patient or cast.patient
    told = {"mrn": patient.mrn, "name": patient.name, "date_of_birth": patient.date_of_birth, "sex": patient.sex}
    identity = workflow.PatientIdentity(**{name: changes.pop(name, value) for name, value in told.items()})
    given = {"reason": "As on the label.", **changes}
    return workflow.correct_patient(patient.uid, by=cast[by], at=LATER, was=dict(was), identity=identity, **given)


def event():
    """Type and data of the newest event."""
    body = json.loads(bytes(Event.objects.order_by("seq").last().body))
    return body["type"], body["data"]


# --- Corrected ----------------------------------------------------------------------------------------------------


def test_a_correction_keeps_old_and_new_with_the_reason(cast: Cast):
    patient = correct(cast, name="Canary, Ambrosius", mrn="0048 2217", date_of_birth="2 May 1968", sex="unknown")
    patient.refresh_from_db()
    assert (patient.name, patient.mrn, patient.date_of_birth, patient.sex) == (
        "Canary, Ambrosius", "0048 2217", date(1968, 5, 2), "unknown",
    )  # fmt: skip
    change = PatientChange.objects.get()
    assert (change.kind, change.by, change.reason) == ("corrected", cast["petra"], "As on the label.")
    assert {part["field"]: (part["old"], part["new"]) for part in change.changes} == {
        "mrn": ("N-1001", "0048 2217"),
        "name": ("Ambrose Canary", "Canary, Ambrosius"),
        "date_of_birth": ("1968-05-01", "1968-05-02"),
        "sex": ("male", "unknown"),
    }
    kind, data = event()
    assert (kind, data["fields"]) == ("patient.corrected", ["date_of_birth", "mrn", "name", "sex"])
    vouched = {"changes": change.changes, "moved": [], "reason": change.reason}
    assert (data["patient"], data["change"]) == (str(patient.uid), change.pk)
    assert data["sha256"]["hmac"] == hmac_of(data["sha256"], vouched)
    as_it_is = {"mrn": "0048 2217", "name": "Canary, Ambrosius", "date_of_birth": "1968-05-02", "sex": "unknown"}
    assert data["identity"]["hmac"] == hmac_of(data["identity"], as_it_is)
    assert event_log.verify().problems == ()
    assert differences() == []


def test_old_names_and_mrns_still_find_the_patient(cast: Cast):
    correct(cast, name="Twin, Beatrix", mrn="77")
    correct(cast, name="Weber, Beatrix", mrn="78", patient=Patient.objects.get())
    for typed in ("canary", "N-1001", "twin", "77", "weber", "78"):
        assert access.search_patients(cast["petra"], typed, at=AT) == [cast.patient], typed
    assert former(cast.patient) == [("Ambrose Canary", "N-1001"), ("Twin, Beatrix", "77")]
    assert not PatientKey.objects.get(key="weber").former
    assert PatientKey.objects.get(key="canary").former


def test_what_was_filed_stays_as_it_was_filed(cast: Cast):
    filed = a_request(cast)
    correct(cast, name="Twin, Beatrix", sex="female")
    assert filed.latest.patient_as_filed["name"] == "Ambrose Canary"
    assert filed.latest.facts["sex"] == "male"


def test_who_wrote_birth_date_and_sex_is_an_author_of_what_rests_on_them(cast: Cast):
    correct(cast, by="dora", sex="female")
    filed = a_request(cast, at=LATER)
    assert set(filed.authorships.values_list("user", flat=True)) == {cast["petra"].pk, cast["dora"].pk}
    correct(cast, by="paul", patient=Patient.objects.get(), name="Canary, A")
    assert Patient.objects.get().corrected_by == cast["dora"]


def test_a_page_of_a_draft_is_out_of_date_after_a_correction(cast: Cast):
    draft = a_draft(cast)
    correct(cast, sex="female")
    with pytest.raises(workflow.Conflict):
        submitted(cast, draft)


def test_a_correction_made_meanwhile_is_not_undone_unseen(cast: Cast):
    with pytest.raises(workflow.Invalid) as invalid:
        correct(cast, name="Canary, A", was={"name": "Somebody Else", "sex": "male"})
    assert "corrected meanwhile, to Ambrose Canary" in invalid.value.errors["name"][0]


BAD = [
    ({}, "correction", "Nothing is changed"),
    ({"name": "Canary, A", "reason": "  "}, "reason", "Write why"),
    ({"name": "Canary, A", "reason": "x" * 1001}, "reason", "at most 1000"),
    ({"name": ""}, "name", "Type the patient's name"),
    ({"mrn": "N 2002"}, "mrn", "Another record has this MRN"),
    ({"mrn": "n2002"}, "mrn", "Another record has this MRN"),
    ({"date_of_birth": "2999-01-01"}, "date_of_birth", "future"),
    ({"date_of_birth": "2026-03-01"}, "date_of_birth", "after the weight was measured"),
    ({"sex": "x"}, "sex", "not known"),
]


@pytest.mark.parametrize(("changes", "field", "says"), BAD)
def test_a_correction_that_cannot_be_is_refused(cast: Cast, changes, field, says):
    cast.a_patient(mrn="N-2002", name="Twin, Beatrix")
    with pytest.raises(workflow.Invalid) as invalid:
        correct(cast, **changes)
    assert says in invalid.value.errors[field][0]
    assert not PatientChange.objects.exists()


def test_only_who_files_requests_at_the_site_changes_a_patient(cast: Cast):
    other = cast.a_patient(mrn="N-2", name="Twin, Beatrix")
    acts = [
        lambda by: correct(cast, by=by, name="X, Y"),
        lambda by: workflow.merge_patients(cast.patient.uid, other.uid, by=cast[by], at=LATER, reason="One."),
        lambda by: workflow.record_death(cast.patient.uid, by=cast[by], at=LATER, died_on="2026-03-01"),
        lambda by: workflow.take_back_death(cast.patient.uid, by=cast[by], at=LATER, reason="No."),
        lambda by: workflow.separate_patients(cast.patient.uid, other.uid, by=cast[by], at=LATER, reason="Two."),
    ]
    for act in acts:
        for who in ("fern", "mira", "audrey"):
            with pytest.raises(workflow.Refused):
                act(who)
        for who in ("sam", "adam", "forrest"):
            with pytest.raises(workflow.NotFound):
                act(who)
    assert not PatientChange.objects.exists()


def test_an_mrn_typed_again_may_lack_its_zeros_unless_another_patient_has_that_number(cast: Cast):
    patient = cast.a_patient(mrn="0048-2217", name="Twin, Beatrix")
    assert is_same_mrn(patient, "0048 2217")
    assert is_same_mrn(patient, "48-2217")
    assert not is_same_mrn(patient, "0048-2271")
    assert not is_same_mrn(patient, "--")
    cast.a_patient(mrn="48 2217", name="Another, A")
    assert not is_same_mrn(patient, "48-2217")
    assert is_same_mrn(patient, "00482217")


# --- Merged -------------------------------------------------------------------------------------------------------


@pytest.fixture
def second(cast: Cast):
    """A second record of the patient, not measured."""
    return cast.a_patient(mrn="0048-2217", name="Canary, A.", weight_kg=None, measured_on=None, height_cm=None)


def merge(cast, kept, other, reason="One man, two labels."):
    return workflow.merge_patients(kept.uid, other.uid, by=cast["petra"], at=LATER, reason=reason)


def test_requests_of_both_are_those_of_the_kept_record(cast: Cast, second):
    first, drafted = a_request(cast), a_draft(cast, patient=second)
    reviewed = a_request(cast, patient=second, indication="mmn")
    kept = merge(cast, cast.patient, second)
    assert set(Request.objects.filter(patient=kept)) == {first, drafted, reviewed}
    second.refresh_from_db()
    assert second.merged_into == kept
    kind, data = event()
    assert (kind, data["merged"]) == ("patient.merged", str(second.uid))
    assert data["requests"] == sorted([str(drafted.uid), str(reviewed.uid)])
    assert reviewed.latest.patient_as_filed["mrn"] == "0048-2217"
    assert event_log.verify().problems == ()
    assert differences() == []


def test_what_is_under_review_goes_on_and_a_draft_too(cast: Cast, second):
    reviewed, drafted = a_request(cast, patient=cast.patient), a_draft(cast)
    kept = merge(cast, second, cast.patient)
    assert (kept.weight_kg, kept.weight_typed) == (cast.patient.weight_kg, "82.5 kg")
    assert approved(cast, reviewed, at=LATER).status == Status.APPROVED
    drafted.refresh_from_db()
    filed = submitted(cast, drafted, at=LATER)
    assert (filed.status, filed.patient) == (Status.PHARMACIST_REVIEW, kept)
    assert {part["field"] for part in PatientChange.objects.get().changes} >= {"weight_kg", "height_cm", "measured_on"}


def test_a_merge_leaves_who_wrote_what_alone(cast: Cast, second):
    filed = a_request(cast, patient=second)
    merge(cast, cast.patient, second)
    filed.refresh_from_db()
    assert access.independent(cast["fern"], filed)
    assert not access.independent(cast["petra"], filed)


def test_the_record_merged_away_leads_to_the_kept_one(cast: Cast, second):
    merge(cast, cast.patient, second)
    assert access.fetch_patient(cast["petra"], second.uid, what="start", at=AT) == cast.patient
    for typed in ("0048 2217", "482217", "canary a", "N-1001"):
        assert access.search_patients(cast["petra"], typed, at=AT) == [cast.patient], typed
    begun = workflow.start_draft(by=cast["petra"], at=LATER, patient_uid=second.uid, indication="cidp")
    assert begun.patient == cast.patient
    assert set(access.records_of(cast.patient)) == {cast.patient, second}
    likenesses = access.alike(cast.north, mrn="0048-2217", name="", date_of_birth=None)
    assert [(likeness.patient, likeness.mrn) for likeness in likenesses] == [(cast.patient, "alike")]


def test_a_chain_of_merges_ends_at_one_record(cast: Cast, second):
    third = cast.a_patient(mrn="N-3", name="Canary, Amb")
    merge(cast, second, third)
    merge(cast, cast.patient, second)
    assert {patient.merged_into for patient in Patient.objects.exclude(pk=cast.patient.pk)} == {cast.patient}
    assert access.search_patients(cast["petra"], "N-3", at=AT) == [cast.patient]
    assert set(former(cast.patient)) == {("Canary, A.", "0048-2217"), ("Canary, Amb", "N-3")}
    again = correct(cast, mrn="N-4")
    assert again.mrn == "N-4"
    with pytest.raises(workflow.Invalid) as invalid:
        correct(cast, patient=again, mrn="n3")
    assert "merged into this one" in invalid.value.errors["mrn"][0]


def test_the_mrn_of_a_record_merged_away_is_nobody_else_s(cast: Cast, second):
    merge(cast, cast.patient, second)
    other = cast.a_patient(mrn="N-9", name="Twin, Beatrix")
    with pytest.raises(workflow.Invalid) as invalid:
        correct(cast, patient=other, mrn="0048-2217")
    assert "Another record has this MRN" in invalid.value.errors["mrn"][0]
    with pytest.raises(workflow.Invalid) as invalid:
        cast.a_patient(mrn="0048-2217", name="Third, A")
    assert "known already" in invalid.value.errors["mrn"][0]


def test_who_is_pointed_out_was_called_otherwise_before(cast: Cast):
    correct(cast, name="Weber, Zoe")
    likenesses = access.alike(cast.north, mrn="", name="Canary, A", date_of_birth=cast.patient.date_of_birth)
    assert [(likeness.patient, likeness.name) for likeness in likenesses] == [(cast.patient, "same")]


def test_what_cannot_be_merged_is_refused(cast: Cast, second):
    southern = cast.a_patient("sam", mrn="S-1", name="Somebody Else")
    with pytest.raises(workflow.NotFound):
        merge(cast, cast.patient, southern)
    cast.south.memberships.create(user=cast["petra"], role="auditor", started_at=AT)
    with pytest.raises(workflow.Refused):
        merge(cast, cast.patient, southern)
    with pytest.raises(workflow.Invalid):
        merge(cast, cast.patient, cast.patient)
    with pytest.raises(workflow.Invalid) as invalid:
        merge(cast, cast.patient, second, reason=" ")
    assert "reason" in invalid.value.errors
    with pytest.raises(workflow.NotFound):
        workflow.merge_patients(cast.patient.uid, uuid4(), by=cast["petra"], at=LATER, reason="One.")


def test_who_is_overtaken_by_another_merge_is_told(cast: Cast, second, monkeypatch):
    third = cast.a_patient(mrn="N-3", name="Canary, Amb")
    seen = access.fetch_patient(cast["petra"], second.uid, what="merge", at=AT)
    merge(cast, third, second)
    fetch = access.fetch_patient
    monkeypatch.setattr(
        access, "fetch_patient", lambda by, uid, **kw: seen if uid == second.uid else fetch(by, uid, **kw)
    )
    with pytest.raises(workflow.Refused, match="merged meanwhile"):
        merge(cast, cast.patient, second)
    with pytest.raises(workflow.Refused, match="at this moment"):
        workflow.start_draft(by=cast["petra"], at=LATER, patient_uid=second.uid, indication="cidp")


def test_a_merge_is_undone_with_what_came_along(cast: Cast, second):
    moved = a_draft(cast, patient=second)
    merge(cast, cast.patient, second)
    since = a_draft(cast, indication="mmn")
    workflow.separate_patients(cast.patient.uid, second.uid, by=cast["petra"], at=LATER, reason="Two brothers.")
    moved.refresh_from_db()
    since.refresh_from_db()
    assert (moved.patient, since.patient) == (second, cast.patient)
    assert access.search_patients(cast["petra"], "482217", at=AT) == [second]
    assert former(cast.patient) == []
    assert event()[0] == "patient.separated"
    for other in (second.uid, "nonsense"):
        with pytest.raises(workflow.NotFound):
            workflow.separate_patients(cast.patient.uid, other, by=cast["petra"], at=LATER, reason="Again.")


# --- Death --------------------------------------------------------------------------------------------------------


def die(cast, day="2 Mar 2026", **more):
    return workflow.record_death(cast.patient.uid, by=cast["petra"], at=LATER, died_on=day, **more)


def test_a_death_ends_what_is_authorized_and_nothing_else(cast: Cast, second):
    live = a_request(cast, Status.APPROVED).authorization
    workflow.withdraw(live.request.uid, by=cast["petra"], at=AT + 4 * HOUR, version=live.request.version, reason="No.")
    other = a_request(cast, Status.APPROVED, patient=second, indication="mmn").authorization
    merge(cast, cast.patient, second)
    patient = die(cast)
    assert patient.died_on == date(2026, 3, 2)
    other.refresh_from_db()
    live.refresh_from_db()
    assert (live.state(AT.date()), live.voided_because) == ("void", "withdrawn")
    assert (other.state(AT.date()), other.voided_because, other.voided_at) == ("ended", "death", LATER)
    kind, data = event()
    assert (kind, data["died_on"], data["authorizations_ended"]) == (
        "patient.death_recorded", "2026-03-02", [other.number],
    )  # fmt: skip

    workflow.take_back_death(cast.patient.uid, by=cast["petra"], at=LATER + HOUR, reason="Another patient.")
    other.refresh_from_db()
    live.refresh_from_db()
    assert other.state(AT.date()) == "live"
    assert live.state(AT.date()) == "void"
    assert event()[1]["authorizations_restored"] == [other.number]
    with pytest.raises(workflow.Refused):
        workflow.take_back_death(cast.patient.uid, by=cast["petra"], at=LATER, reason="Again.")


def test_nothing_is_begun_filed_or_authorized_for_a_dead_patient(cast: Cast):
    draft, waiting = a_draft(cast, indication="mmn"), a_request(cast)
    at_physician = recommended(cast, a_request(cast, indication="ibm", answers=IBM))
    die(cast)
    for act in (
        lambda: a_draft(cast, at=LATER),
        lambda: submitted(cast, draft, at=LATER),
        lambda: approved(cast, waiting, at=LATER),
        lambda: approved(cast, at_physician, at=LATER, by="mira", reason="For all that."),
    ):
        with pytest.raises(workflow.Refused, match="death on 2 Mar 2026 is recorded"):
            act()
    assert not Authorization.objects.exists()
    denied = workflow.deny(
        at_physician.uid, by=cast["mira"], at=LATER, version=at_physician.version,
        presence=present(cast["mira"], LATER), reason_code="criteria_not_met", reason="The patient died.",
    )  # fmt: skip
    assert denied.status == Status.DENIED
    gone = workflow.withdraw(waiting.uid, by=cast["petra"], at=LATER, version=waiting.version, reason="Died.")
    assert gone.status == Status.WITHDRAWN


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("", "such as"),
        ("2026-03-04", "future"),
        ("1967-01-01", "before the patient was born"),
        ("02/01/2026", "can be"),
    ],
)
def test_a_day_that_cannot_be_is_refused(cast: Cast, day, says):
    with pytest.raises(workflow.Invalid) as invalid:
        die(cast, day)
    assert says in invalid.value.errors["died_on"][0]
    assert not Event.objects.filter(type__startswith="patient.death").exists()


def test_another_day_needs_a_reason_and_the_same_one_changes_nothing(cast: Cast):
    die(cast)
    with pytest.raises(workflow.Invalid):
        die(cast, "1 Mar 2026")
    assert die(cast, "1 Mar 2026", reason="By the certificate.").died_on == date(2026, 3, 1)
    events = Event.objects.count()
    die(cast, "1 Mar 2026", reason="Again.")
    assert Event.objects.count() == events


def test_a_death_of_either_record_is_the_patient_s(cast: Cast, second):
    live = a_request(cast, Status.APPROVED).authorization
    workflow.record_death(second.uid, by=cast["petra"], at=LATER, died_on="2 Mar 2026")
    assert merge(cast, cast.patient, second).died_on == date(2026, 3, 2)
    live.refresh_from_db()
    assert live.voided_because == "death"


def test_a_birth_date_after_the_death_is_no_correction(cast: Cast):
    die(cast, "2026-03-01")
    Patient.objects.update(weight_kg=None, measured_on=None)
    with pytest.raises(workflow.Invalid) as invalid:
        correct(cast, patient=Patient.objects.get(), date_of_birth="2026-03-02")
    assert "the death" in invalid.value.errors["date_of_birth"][0]
