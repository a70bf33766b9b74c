"""Patients: what is typed wrong is said field by field, and nothing of it is kept."""

from datetime import date, timedelta

import pytest

from tests.cast import AT, Cast, patient_parts
from tests.differences import differences
from utilization import event_log, workflow
from utilization.models import Event, Patient

GOOD = {
    "mrn": "N-2002",
    "name": "Beatrix Twin",
    "date_of_birth": "1980-02-29",
    "sex": "female",
    "height_cm": "165",
    "weight_kg": "60.5",
    "measured_on": "2026-03-01",
}


def add(cast, by="petra", at=AT, site=None, confirmed=(), **changes):
    return workflow.add_patient(
        by=cast[by], at=at, site=site or cast.north, confirmed=confirmed, **patient_parts(GOOD | changes)
    )


def test_a_patient_is_kept_as_typed(cast: Cast):
    patient = add(cast, name="  Zoë  ")
    patient.refresh_from_db()
    assert (patient.name, patient.mrn, str(patient.weight_kg), patient.date_of_birth) == (
        "Zoë",
        "N-2002",
        "60.500",
        date(1980, 2, 29),
    )
    assert Event.objects.last().type == "patient.added"
    assert b"Zo" not in bytes(Event.objects.last().body)


def test_what_is_not_measured_may_stay_unknown(cast: Cast):
    patient = add(cast, height_cm="", weight_kg=None, measured_on=" ")
    assert (patient.height_cm, patient.weight_kg, patient.measured_on) == (None, None, None)


BAD = [
    ("mrn", "", "Type the MRN"),
    ("mrn", "N-1001", "known already"),
    ("mrn", "n-1001", "known already"),
    ("mrn", "N 1001", "known already"),
    ("mrn", "n1001", "known already"),
    ("mrn", "N_1001", "letters, digits"),
    ("mrn", "--", "letters, digits"),
    ("mrn", "Ｎ1001", "letters, digits"),
    ("mrn", "9" * 31, "at most 30"),
    ("mrn", None, "Expected text"),
    ("name", " ", "Type the patient's name"),
    ("name", "--", "in letters"),
    ("name", "a\0b", "hidden character"),
    ("name", "a\u202eb", "hidden character"),
    ("name", "a\nb", "one line"),
    ("name", "a" * 1_000_000, "at most"),
    ("date_of_birth", "2026-03-03", "future"),
    ("date_of_birth", "1901-01-01", "120 years"),
    ("date_of_birth", "31.2.1980", "such as 31 May 1980"),
    ("date_of_birth", "1981-02-29", "such as 31 May 1980"),
    ("date_of_birth", "5/6/1980", "5 Jun 1980 or 6 May 1980"),
    ("date_of_birth", "5 Jun 25", "5 Jun 1925 or 5 Jun 2025"),
    ("date_of_birth", None, "such as 31 May 1980"),
    ("date_of_birth", AT, "such as 31 May 1980"),
    ("sex", "other", "female or male"),
    ("sex", "", "female or male"),
    ("weight_kg", "0", "impossible"),
    ("weight_kg", "-60", "impossible"),
    ("weight_kg", "1e999", "a number"),
    ("weight_kg", "NaN", "a number"),
    ("weight_kg", "Infinity", "a number"),
    ("weight_kg", "60,5", "a number"),
    ("weight_kg", "60 cm", "a number with its unit"),
    ("weight_kg", "1600 lb", "impossible"),
    ("weight_kg", "", "weight that was measured"),
    ("weight_kg", "605", "Is it in kilograms?"),
    ("height_cm", "1.65", "unusual"),
    ("height_cm", "5 ft 13 in", "more than a ft holds"),
    ("measured_on", "2026-03-03", "future"),
    ("measured_on", "", "day on which"),
    ("measured_on", "1979-01-01", "before the patient was born"),
    ("measured_on", "yesterday", "such as 31 May 1980"),
]


@pytest.mark.parametrize(("field", "raw", "says"), BAD, ids=lambda value: str(value)[:20])
def test_each_fault_is_named_on_its_field(cast: Cast, field, raw, says):
    with pytest.raises(workflow.Invalid) as invalid:
        add(cast, **{field: raw})
    assert says in " ".join(invalid.value.errors[field])
    assert Patient.objects.count() == 1


def test_all_faults_are_told_at_once(cast: Cast):
    with pytest.raises(workflow.Invalid) as invalid:
        add(cast, mrn="", sex="", date_of_birth="x")
    assert set(invalid.value.errors) == {"mrn", "sex", "date_of_birth"}


def test_an_unusual_weight_is_taken_once_confirmed(cast: Cast):
    with pytest.raises(workflow.Invalid):
        add(cast, weight_kg="133", height_cm="130")
    assert add(cast, weight_kg="133", height_cm="130", confirmed=["weight_kg"]).weight_kg == 133


def test_only_prescribers_of_the_site_add_patients(cast: Cast):
    for who in ("fern", "mira", "audrey", "forrest", "adam", "sam"):
        with pytest.raises(workflow.Refused):
            add(cast, by=who)


def test_the_same_mrn_at_another_site_is_another_patient(cast: Cast):
    assert add(cast, by="sam", site=cast.south, mrn=cast.patient.mrn).pk != cast.patient.pk


def test_the_date_is_that_of_the_site(cast: Cast):
    """Two hours before midnight UTC it is tomorrow in Vienna and still today in Chicago."""
    late = AT.replace(hour=23)
    assert add(cast, at=late, measured_on="2026-03-03").measured_on == date(2026, 3, 3)
    with pytest.raises(workflow.Invalid):
        add(cast, by="sam", site=cast.south, at=late, measured_on="2026-03-03")


def measure(cast, by="petra", **changes):
    values = {"height_cm": "178", "weight_kg": "80", "measured_on": "2026-03-02", **changes}
    return workflow.update_patient(cast.patient.uid, by=cast[by], at=AT + timedelta(hours=1), **values)


def test_new_measures_keep_the_old_ones_in_the_log(cast: Cast):
    patient = measure(cast, by="paul")
    assert (patient.weight_kg, patient.updated_by) == (80, cast["paul"])
    event = Event.objects.last()
    assert event.type == "patient.measured"
    assert b'{"field":"weight_kg","new":"80","old":"82.5"}' in bytes(event.body)
    assert event_log.verify().problems == ()
    assert differences() == []


def test_the_same_measures_again_change_nothing(cast: Cast):
    measure(cast)
    events = Event.objects.count()
    assert measure(cast, by="paul").updated_by == cast["petra"]
    assert Event.objects.count() == events


def test_measures_are_refused_to_readers_and_hidden_from_others(cast: Cast):
    with pytest.raises(workflow.Refused):
        measure(cast, by="fern")
    with pytest.raises(workflow.NotFound):
        measure(cast, by="sam")
    with pytest.raises(workflow.Invalid) as invalid:
        measure(cast, weight_kg="1e999")
    assert set(invalid.value.errors) == {"weight_kg"}


# --- As a form types it -------------------------------------------------------------------------------------------


def test_a_number_typed_into_a_form_needs_its_unit(cast: Cast):
    with pytest.raises(workflow.Invalid) as invalid:
        add(cast, weight_kg=workflow.TypedMeasure("180"), height_cm=workflow.TypedMeasure("163"))
    assert "Choose the unit" in invalid.value.errors["weight_kg"][0]
    assert "Choose the unit" in invalid.value.errors["height_cm"][0]
    patient = add(cast, weight_kg=workflow.TypedMeasure("180", "lb"), height_cm=workflow.TypedMeasure("5'4\""))
    assert (str(patient.weight_kg), patient.weight_typed) == ("81.647", "180 lb")
    assert (str(patient.height_cm), patient.height_typed) == ("162.56", "5 ft 4 in")
    assert (
        add(cast, mrn="N-3003", weight_kg=workflow.TypedMeasure(" "), measured_on="", name="Else, A").weight_kg is None
    )


def test_a_sex_that_nobody_knows_is_no_fact(cast: Cast):
    patient = add(cast, sex="unknown", weight_kg="133", confirmed=["weight_kg"])
    assert not patient.sex_known


def test_adding_again_what_was_added_returns_it(cast: Cast):
    assert add(cast) == add(cast)
    with pytest.raises(workflow.Invalid) as invalid:
        add(cast, by="paul")
    assert "known already" in invalid.value.errors["mrn"][0]


def test_who_may_be_the_same_must_be_named(cast: Cast):
    alike = {"mrn": "N-1010", "name": "Canary, A.", "date_of_birth": "1968-05-01"}
    with pytest.raises(workflow.Invalid) as invalid:
        add(cast, **alike)
    assert set(invalid.value.errors) == {"different_from"}
    patient = workflow.add_patient(
        by=cast["petra"], at=AT, site=cast.north, different_from=[cast.patient.uid], **patient_parts(GOOD | alike)
    )
    assert patient.mrn == "N-1010"


def test_nobody_is_pointed_out_to_who_does_not_file_at_the_site(cast: Cast):
    asked = {"site": cast.north, "mrn": "N-1001", "name": "Canary", "date_of_birth": "x"}
    assert [likeness.patient for likeness in workflow.similar_patients(by=cast["petra"], at=AT, **asked)] == [
        cast.patient
    ]
    assert workflow.similar_patients(by=cast["sam"], at=AT, **asked) == []
