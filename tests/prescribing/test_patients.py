"""A patient found, added, measured, told apart from another, corrected, merged; a death; each as its page shows it."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import CIDP, a_draft, a_request
from tests.prescribing.pages import fields, tree, url, words
from utilization import workflow
from utilization.models import AccessEntry, Event, Patient, PatientChange, Request
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

ADDED = {
    "mrn": "N-77", "family_name": "Harker", "given_names": "Mina", "date_of_birth": "3 Feb 1980", "sex": "female",
    "weight": "61.5", "weight_unit": "kg", "measured_on": "2026-01-05", "height": "168", "height_unit": "cm",
}  # fmt: skip


def sent(petra, **changes):
    """The add page, filled in."""
    return fields(petra.get(reverse("patient-new")), "") | ADDED | changes


def added(petra, **changes):
    return petra.post(reverse("patient-new"), sent(petra, **changes))


# --- Found --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["N-1001", "n 10", "canary", "Ambrose", "1 May 1968", "01/05/1968", "CANARY ambrose"])
def test_a_patient_is_found_by_mrn_birth_date_or_name_and_never_by_an_address(cast, petra, typed):
    cast.a_patient(mrn="N-2002", name="Twin, Beatrix", date_of_birth=date(1990, 8, 8))
    page = petra.post(reverse("requests-new"), {"q": typed})
    assert "1 patient found" in words(page)
    assert "Ambrose Canary Born" not in words(page)
    row = words(page, "//main//tbody/tr")
    assert row.startswith("Ambrose Canary 1 May 1968 N-1001 male")
    assert tree(page).xpath("//main//form/@method") == ["post"]
    assert "patient found" not in words(petra.get(reverse("requests-new") + f"?q={typed}"))


def test_while_typing_only_the_results_come_and_are_one_read(cast, petra):
    typing = {"HX-Request": "true"}
    for typed in ("can", "canar"):
        page = petra.post(reverse("requests-new"), {"q": typed}, headers=typing)
    assert re.match(r'\s*<h2 id="found">\s*1 patient found\s*</h2>', page.content.decode())
    assert AccessEntry.objects.filter(what="search").count() == 1
    assert "Type an MRN" in words(petra.post(reverse("requests-new"), {"q": " "}))


def test_recent_patients_are_offered_before_anything_is_typed(cast, petra, seen_by):
    a_request(cast, patient=cast.a_patient(by="rosa", mrn="N-2", name="Filed, Lately"))
    cast.a_patient(by="rosa", mrn="N-3", name="Nobody, Elses")
    page = words(petra.get(reverse("requests-new")))
    assert "Recent patients" in page
    assert page.index("Filed, Lately") < page.index("Ambrose Canary")
    assert "Nobody, Elses" not in page
    assert "Nobody yet" in words(seen_by("paul").get(reverse("requests-new"))) or "Filed, Lately" in page


def test_nobody_found_offers_to_add(petra):
    page = petra.post(reverse("requests-new"), {"q": "Nobody"})
    assert "Nobody by this MRN, birth date or name" in words(page)
    assert reverse("patient-new") in tree(page).xpath("//main//a/@href")


# --- Added --------------------------------------------------------------------------------------------------------


def test_an_added_patient_leads_on_to_the_indication(cast, petra):
    response = added(petra)
    patient = Patient.objects.get(mrn="N-77")
    assert response["Location"] == url("request-indication", patient)
    assert (str(patient.weight_kg), patient.site) == ("61.500", cast.north)
    assert (patient.name, patient.date_of_birth) == ("Harker, Mina", date(1980, 2, 3))


def test_a_second_press_makes_no_second_patient(cast, petra):
    form = sent(petra)
    assert petra.post(reverse("patient-new"), form).status_code == 302
    assert petra.post(reverse("patient-new"), form)["Location"] == url(
        "request-indication", Patient.objects.get(mrn="N-77")
    )
    assert Patient.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ({"weight": "165", "weight_unit": "lb"}, "74.843", "165 lb = 74.8 kg"),
        ({"weight": "198 lb", "weight_unit": ""}, "89.811", "198 lb = 89.8 kg"),
        ({"weight": "12 st 4", "weight_unit": ""}, "78.018", "12 st 4 lb = 78 kg"),
        ({"weight": "82.5", "weight_unit": "kg"}, "82.500", "82.5 kg"),
    ],
)
def test_a_weight_is_kept_as_typed_and_as_used(cast, petra, typed, kept, shown):
    assert added(petra, **typed).status_code == 302
    patient = Patient.objects.get(mrn="N-77")
    assert str(patient.weight_kg) == kept
    assert shown in words(petra.get(url("request-indication", patient)), "//section[@aria-label='Patient']")


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ({"height": "5 4", "height_unit": "ft in"}, "162.56", "5 ft 4 in = 162.6 cm"),
        ({"height": "5'4\"", "height_unit": ""}, "162.56", "5 ft 4 in = 162.6 cm"),
        ({"height": "1.63", "height_unit": "m"}, "163.00", "1.63 m = 163 cm"),
        ({"height": "163 cm", "height_unit": ""}, "163.00", "163 cm"),
    ],
)
def test_a_height_is_kept_as_typed_and_as_used(cast, petra, typed, kept, shown):
    assert added(petra, **typed).status_code == 302
    patient = Patient.objects.get(mrn="N-77")
    assert str(patient.height_cm) == kept
    assert shown in words(petra.get(url("request-indication", patient)), "//section[@aria-label='Patient']")


def test_what_was_typed_is_frozen_with_what_is_filed(cast, petra):
    patient = cast.a_patient(mrn="N-2", weight_kg="180 lb", height_cm="5 ft 10 in")
    filed = a_request(cast, patient=patient).latest.patient_as_filed
    assert (filed["weight_typed"], filed["weight_kg"]) == ("180 lb", "81.647")
    assert (filed["height_typed"], filed["height_cm"]) == ("5 ft 10 in", "177.8")


def test_who_prescribes_at_two_sites_says_at_which_the_patient_is(cast, petra):
    medicine = cast.south.departments.create(name="Medicine")
    cast.south.memberships.create(
        user=cast["petra"], role=Role.PRESCRIBER, department=medicine, started_at=timezone.now()
    )
    form = sent(petra)
    assert petra.post(reverse("patient-new"), form).status_code == 422
    assert petra.post(reverse("patient-alike"), form).status_code == 200
    assert petra.post(reverse("patient-new"), form | {"site": cast.south.pk}).status_code == 302
    assert Patient.objects.get(mrn="N-77").site == cast.south


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"weight": "0"}, "weight", "impossible"),
        ({"weight": "-61"}, "weight", "impossible"),
        ({"weight": "1e999"}, "weight", "expected a number"),
        ({"weight": "NaN"}, "weight", "expected a number"),
        ({"weight": "180", "weight_unit": ""}, "weight", "Choose the unit"),
        ({"weight": "180 lb", "weight_unit": "kg"}, "weight", "choose the unit that is meant"),
        ({"height": "1.7"}, "height", "unusual"),
        ({"height": "163", "height_unit": ""}, "height", "Choose the unit"),
        ({"height": "5.4", "height_unit": "ft in"}, "height", "feet and inches apart"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth", "future"),
        ({"date_of_birth": "05/06/1980"}, "date_of_birth", "5 Jun 1980 or 6 May 1980"),
        ({"date_of_birth": ""}, "date_of_birth", "date"),
        ({"measured_on": ""}, "measured_on", "Give the day"),
        ({"family_name": "x\u202eevil"}, "family_name", "hidden character"),
        ({"family_name": "x" * 1_000_000}, "family_name", "at most"),
        ({"family_name": "", "given_names": ""}, "family_name", "Type the patient's name"),
        ({"sex": "other"}, "sex", "Select a valid choice"),
        ({"sex": ""}, "sex", "not known"),
    ],
)
def test_a_patient_that_cannot_be_is_refused_and_what_was_typed_stays(cast, petra, wrong, field, said):
    page = added(petra, **wrong)
    assert page.status_code == 422
    assert said.lower() in words(page, "//*[@id='error-summary']").lower()
    assert not Patient.objects.filter(mrn="N-77").exists()
    kept, typed = fields(page, ""), ADDED | wrong
    assert {name: kept.get(name, "") for name in ADDED if name != field} == {
        name: typed[name] for name in ADDED if name != field
    }


def test_a_sex_that_nobody_knows_is_an_answer_and_what_needs_it_says_so(cast, petra):
    assert added(petra, sex="unknown").status_code == 302
    patient = Patient.objects.get(mrn="N-77")
    assert "Sex not known" in words(petra.get(url("request-indication", patient)), "//section[@aria-label='Patient']")
    assert "ideal weight cannot be worked out" in words(petra.get(url("patient-measure", patient)))
    draft = workflow.start_draft(by=cast["petra"], at=timezone.now(), patient_uid=patient.uid, indication="cidp")
    draft = workflow.save_draft(draft.uid, by=cast["petra"], at=timezone.now(), answers=CIDP)
    judgement = workflow.read_request(draft, timezone.now()).judgement
    assert [finding.text for finding in judgement.findings if finding.id == "weight.actual"] == [
        "Dosing weight: sex not known: actual weight is used."
    ]
    assert "sex" in workflow.read_request(draft, timezone.now()).intake.not_known
    assert "Pregnant" in words(petra.get(url("request-edit", draft)))


def test_pounds_typed_as_kilograms_are_questioned_and_a_tick_confirms_that_value_alone(cast, petra):
    form = sent(petra, weight="240")
    page = petra.post(reverse("patient-new"), form)
    assert "Yes, weight 240 kg is right" in words(page)
    other = petra.post(reverse("patient-new"), form | {"confirmed": "weight_kg=240 kg", "weight": "250"})
    assert other.status_code == 422
    assert "Yes, weight 250 kg is right" in words(other)
    assert petra.post(reverse("patient-new"), form | {"confirmed": "weight_kg=240 kg"}).status_code == 302


# --- Told apart ---------------------------------------------------------------------------------------------------


def test_a_duplicate_mrn_names_whose_it_is(cast, petra):
    page = added(petra, mrn="n 1001")
    assert page.status_code == 422
    beside = words(page, "//*[@id='alike']")
    assert "1 patient may be the same" in beside
    assert "Ambrose Canary MRN N-1001 (the same) Born 1 May 1968" in beside
    assert url("request-indication", cast.patient) in tree(page).xpath("//*[@id='alike']//a/@href")
    assert added(petra, mrn="n 1001", another="on", different_from=str(cast.patient.uid)).status_code == 422


@pytest.mark.parametrize(
    "typed",
    [
        {"mrn": "N-1010"}, {"mrn": "N01001"}, {"mrn": "N-100"}, {"mrn": "N-10011"}, {"mrn": "M-1001"},
        {"date_of_birth": "1968-05-01", "family_name": "CANARY", "given_names": "A."},
        {"date_of_birth": "1 May 1968", "family_name": "Cánary-Smith", "given_names": ""},
        {"date_of_birth": "1968-01-05", "family_name": "Canary", "given_names": "Ambrose"},
        {"date_of_birth": "1968-05-01", "family_name": "Ｃａｎａｒｙ", "given_names": "Bo"},
        {"date_of_birth": "1968-05-01", "family_name": "Can\u200bary", "given_names": "Bo"},
        {"date_of_birth": "1968-05-01", "family_name": "Cаnary", "given_names": "Bo"},
    ],
    ids=str,
)  # fmt: skip
def test_who_may_be_the_same_must_be_told_apart_and_that_is_kept(cast, petra, typed):
    page = added(petra, **typed)
    assert page.status_code == 422
    assert "Ambrose Canary" in words(page, "//*[@id='alike']")
    assert AccessEntry.objects.filter(what="alike", patient_id=cast.patient.pk).count() == 1
    shown = fields(page, "")
    assert shown["different_from"] == str(cast.patient.uid)
    assert petra.post(reverse("patient-new"), shown | ADDED | typed).status_code == 422
    assert petra.post(reverse("patient-new"), shown | ADDED | typed | {"another": "on"}).status_code == 302
    assert f'"different_from":["{cast.patient.uid}"]'.encode() in bytes(
        Event.objects.filter(type="patient.added").last().body
    )


def test_a_tick_counts_for_the_patients_that_were_shown(cast, petra):
    page = added(petra, mrn="N-1010", another="on", different_from="0" * 32)
    assert page.status_code == 422
    assert "Compare the patients shown" in words(page, "//*[@id='error-summary']")


@pytest.mark.long
def test_while_typing_who_may_be_the_same_is_shown_with_what_measures_come_to(cast, petra):
    live = a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=1))
    a_request(cast, patient=cast.patient, at=timezone.now() - timedelta(hours=9), indication="mmn")
    typed = ADDED | {"site": cast.north.pk, "mrn": "N-101", "weight": "198", "weight_unit": "lb", "height": "5'4\""}
    page = petra.post(reverse("patient-alike"), typed | {"height_unit": "", "date_of_birth": "3 feb 1980"})
    said = words(page, "/*")
    assert "MRN N-1001 (one slip apart)" in said
    until = live.authorization.valid_to
    assert f"authorized until {until.day} {until:%b %Y}" in said
    assert "under review" in said
    assert "198 lb = 89.8 kg" in said
    assert "5 ft 4 in = 162.6 cm" in said
    assert "3 Feb 1980" in said
    nobody = petra.post(reverse("patient-alike"), {"site": cast.north.pk})
    assert "may be the same" not in words(nobody, "/*")


def test_nobody_of_another_hospital_is_pointed_out(cast, seen_by):
    sam = seen_by("sam")
    assert sam.post(reverse("patient-new"), fields(sam.get(reverse("patient-new")), "") | ADDED | {
        "mrn": "N-1001", "date_of_birth": "1968-05-01", "family_name": "Canary"}).status_code == 302  # fmt: skip
    rosa = seen_by("rosa").post(reverse("patient-alike"), ADDED | {"site": cast.south.pk, "mrn": "N-1001"})
    assert "may be the same" not in words(rosa, "/*")


# --- Measured -----------------------------------------------------------------------------------------------------


def test_a_new_weight_leads_back_to_the_draft_and_replans_it(cast, petra):
    draft = a_draft(cast)
    where = url("patient-measure", cast.patient) + f"?for={draft.uid}"
    form = fields(petra.get(where)) | {"weight": "60", "weight_unit": "kg", "measured_on": "2026-02-01"}
    assert petra.post(where, form)["Location"] == url("request-page", draft)
    assert "60 kg" in words(petra.get(url("request-edit", draft)))
    wrong = petra.post(where, form | {"weight": "0"})
    assert (wrong.status_code, fields(wrong)["weight"]) == (422, "0")
    assert petra.post(url("patient-measure", cast.patient) + "?for=nonsense", form)["Location"] == url(
        "request-indication", cast.patient
    )


def test_the_measures_of_an_older_version_stay_what_they_are_when_saved_again(cast, petra):
    Patient.objects.update(weight_typed="", height_typed="")
    where = url("patient-measure", cast.patient)
    form = fields(petra.get(where))
    assert (form["weight"], form["height"]) == ("82.5 kg", "178 cm")
    events = Event.objects.count()
    assert petra.post(where, form).status_code == 302
    assert Event.objects.count() == events


# --- The patient's page -------------------------------------------------------------------------------------------


@pytest.mark.long
def test_the_page_shows_requests_and_authorizations_that_the_reader_may_open(cast, petra, seen_by):
    done = a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=1))
    draft = a_draft(cast)
    page = petra.get(url("patient-page", cast.patient))
    said = words(page)
    assert done.authorization.number in said
    assert "Valid" in said
    assert url("request-page", draft) in tree(page).xpath("//main//a/@href")
    other = words(seen_by("rosa").get(url("patient-page", cast.patient)))
    assert done.number not in other
    assert "Neurology has a request or an authorization for this patient" in other
    for who, door in (("felix", "review-case"), ("audrey", "audit-request"), ("dora", "request-page")):
        page = seen_by(who).get(url("patient-page", cast.patient))
        assert url(door, done) in tree(page).xpath("//main//a/@href"), who
    assert AccessEntry.objects.filter(what="patient").count() == 5


def test_readers_see_the_page_without_what_changes_it(cast, seen_by):
    page = seen_by("felix").get(url("patient-page", cast.patient))
    assert tree(page).xpath("//main//form") == []
    assert "New request" not in words(page)


@pytest.mark.long
def test_a_banner_leads_to_the_page_and_tells_what_is_known_now(cast, petra, seen_by):
    filed = a_request(cast)
    workflow.correct_patient(
        cast.patient.uid, by=cast["petra"], at=timezone.now(), reason="As in the passport.",
        identity=workflow.PatientIdentity("N-5", "Canary, Ambrosius", "1968-05-01", "male"),
    )  # fmt: skip
    for page in (petra.get(url("request-page", filed)), seen_by("felix").get(url("review-case", filed))):
        banner = words(page, "//section[@aria-label='Patient']")
        assert "Ambrose Canary" in banner
        assert "Now Canary, Ambrosius, N-5" in banner
        assert url("patient-page", cast.patient) in tree(page).xpath("//section[@aria-label='Patient']//a/@href")


def corrected(petra, patient, **changes):
    form = fields(petra.get(url("patient-page", patient)), "correct")
    return petra.post(url("patient-correct", patient), form | {"reason": "As on the label."} | changes)


def test_a_correction_is_kept_with_its_reason_and_the_old_name_is_still_found(cast, petra):
    assert (
        corrected(petra, cast.patient, family_name="Vantongeren", given_names="Marisol", mrn="N 5").status_code == 302
    )
    page = petra.get(url("patient-page", cast.patient))
    said = words(page)
    assert "Vantongeren, Marisol" in said
    assert "formerly Ambrose Canary, N-1001" in said or "formerly N-1001, Ambrose Canary" in said
    assert "Reason: As on the label. Petra Prescriber" in said
    found = words(petra.post(reverse("requests-new"), {"q": "canary"}))
    assert "Vantongeren, Marisol formerly" in found


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"reason": ""}, "reason", "Write why"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth", "future"),
        ({"family_name": ""}, "family_name", "Type the patient's name"),
        ({}, "", "Nothing is changed"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_on_the_page(cast, petra, wrong, field, said):
    page = corrected(petra, cast.patient, **wrong)
    assert page.status_code == 422
    assert said in words(page, "//*[@id='error-summary']")
    assert tree(page).xpath("//details[@id='correct']/@open")
    assert PatientChange.objects.count() == 0


def test_a_form_that_is_no_form_is_refused(cast, petra):
    page = petra.post(url("patient-correct", cast.patient), {"sex": "x"})
    assert page.status_code == 422


@pytest.mark.long
def test_two_records_are_compared_and_then_merged(cast, petra):
    other = cast.a_patient(mrn="0048-2217", name="Canary, A.", weight_kg=None, measured_on=None, height_cm=None)
    draft = a_draft(cast, patient=other)
    compared = petra.post(url("patient-merge", cast.patient), {"mrn": "48 2217"})
    said = words(compared)
    assert "Are these one patient?" in said
    assert "Canary, A." in said
    form = fields(compared, "merge")
    wrong = petra.post(url("patient-merge", cast.patient), form | {"reason": " "})
    assert (wrong.status_code, "Write why" in words(wrong)) == (422, True)
    assert petra.post(url("patient-merge", cast.patient), form | {"reason": "One birth, one man."}).status_code == 302
    assert Request.objects.get(pk=draft.pk).patient == cast.patient
    away = petra.get(url("patient-page", other))
    assert away["Location"] == url("patient-page", cast.patient)
    assert petra.get(url("request-indication", other))["Location"] == url("request-indication", cast.patient)
    page = words(petra.get(url("patient-page", cast.patient)))
    assert "Merged: Canary, A., MRN 0048-2217, into this record" in page
    assert "0 patients" not in words(petra.post(reverse("requests-new"), {"q": "482217"}))

    parted = {"other": other.uid, "reason": "Two brothers."}
    assert petra.post(url("patient-separate", cast.patient), parted | {"reason": ""}).status_code == 422
    assert petra.post(url("patient-separate", cast.patient), parted).status_code == 302
    assert Request.objects.get(pk=draft.pk).patient == other
    assert petra.get(url("patient-page", other)).status_code == 200


@pytest.mark.parametrize("mrn", ["N-9999", "", "N-1001", "S-1"])
def test_only_another_record_of_the_site_is_compared(cast, petra, mrn):
    cast.a_patient("sam", mrn="S-1", name="Somebody Else")
    page = petra.post(url("patient-merge", cast.patient), {"mrn": mrn})
    assert page.status_code == 422
    assert "No other record here has this MRN" in words(page)


def test_a_record_is_not_merged_with_itself(cast, petra):
    page = petra.post(url("patient-merge", cast.patient), {"other": cast.patient.uid, "sure": "yes", "reason": "x"})
    assert "This is the same record" in words(page)


@pytest.mark.long
def test_a_death_ends_what_is_authorized_and_can_be_taken_back(cast, petra):
    live = a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=2))
    where, today = url("patient-death", cast.patient), cast.north.date_at(timezone.now())
    assert petra.post(where, {"died_on": "tomorrow"}).status_code == 422
    assert petra.post(where, {"died_on": today.isoformat()}).status_code == 302
    page = words(petra.get(url("patient-page", cast.patient)))
    assert "Ended: patient died" in page
    assert "This patient died on" in page
    assert "New request" not in page
    assert petra.get(url("request-indication", cast.patient))["Location"] == url("patient-page", cast.patient)
    refused = petra.post(url("request-copy", live))
    assert refused.status_code == 403
    assert "death" in words(refused)
    assert "Died" in words(petra.get(url("request-page", live)), "//section[@aria-label='Patient']")
    assert "Open" in words(petra.post(reverse("requests-new"), {"q": "canary"}), "//main//tbody")

    assert petra.post(where, {"mistake": "yes", "reason": ""}).status_code == 422
    assert petra.post(where, {"mistake": "yes", "reason": "Another patient."}).status_code == 302
    assert "Ended" not in words(
        petra.get(url("patient-page", cast.patient)), "//section[@aria-labelledby='authorizations']"
    )


@pytest.mark.long
def test_each_change_of_a_record_pressed_five_times_is_done_once_and_leads_to_the_page(cast, petra):
    """Who pressed twice saw the second answer: an error, or no such page, after the change was made."""
    other = cast.a_patient(mrn="0048-2217", name="Canary, A.")
    page, today = url("patient-page", cast.patient), cast.north.date_at(timezone.now()).isoformat()

    def five_times(name, kind, **typed):
        shown = petra.get(page)
        if name == "patient-merge":
            shown = petra.post(url(name, cast.patient), {"mrn": other.mrn})
        sent = fields(shown, url(name, cast.patient)) | typed
        answers = [petra.post(url(name, cast.patient), sent) for _ in range(5)]
        assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, page)] * 5
        assert PatientChange.objects.filter(kind=kind).count() == counts.setdefault(kind, 0) + 1
        counts[kind] += 1

    counts = {}
    five_times("patient-correct", PatientChange.CORRECTED, family_name="Canary-Lund", reason="Married.")
    five_times("patient-merge", PatientChange.MERGED, reason="One birth, one man.")
    five_times("patient-separate", PatientChange.SEPARATED, reason="Two brothers.")
    five_times("patient-death", PatientChange.DEATH, died_on=today)
    five_times("patient-death", PatientChange.DEATH, mistake="yes", reason="Another patient.")
    # The same death anew, from the page as it is now, is another change and no echo of the first.
    five_times("patient-death", PatientChange.DEATH, died_on=today)


def test_a_death_recorded_again_for_the_same_day_is_recorded_already(cast, petra):
    where, today = url("patient-death", cast.patient), cast.north.date_at(timezone.now()).isoformat()
    assert [petra.post(where, {"died_on": today}).status_code for _ in range(2)] == [302, 302]
    assert PatientChange.objects.filter(kind=PatientChange.DEATH).count() == 1


@pytest.mark.parametrize(
    ("name", "typed", "at"),
    [
        ("patient-merge", {"mrn": "N-9999"}, "merge_mrn"),
        ("patient-death", {"died_on": "some day"}, "death_died_on"),
        ("patient-correct", {"mrn": "", "sex": "male"}, "correct_mrn"),
    ],
)
def test_a_refused_change_of_a_record_takes_the_focus_and_leads_to_the_field(cast, petra, name, typed, at):
    page = petra.post(url(name, cast.patient), typed)
    (told,) = tree(page).xpath("//*[@id='error-summary'][@autofocus]")
    assert told.xpath(f".//a[@href='#{at}']")
    assert tree(page).xpath(f"//details[@open]//*[@id='{at}']")


@pytest.mark.long
def test_each_of_two_merges_is_undone_by_a_form_of_its_own(cast, petra):
    """The second form had the ids of the first, and a refusal of one opened both."""
    away = [cast.a_patient(mrn=f"0048-221{number}", name="Canary, A.") for number in (7, 8)]
    for one in away:
        sent = {"other": one.uid, "sure": "yes", "reason": "One man."}
        assert petra.post(url("patient-merge", cast.patient), sent).status_code == 302
    page = petra.post(url("patient-separate", cast.patient), {"other": away[1].uid, "reason": ""})
    assert page.status_code == 422
    ids = tree(page).xpath("//@id")
    assert len(ids) == len(set(ids))
    (opened,) = tree(page).xpath("//details[@open]")
    assert away[1].mrn in " ".join(opened.itertext())
    (link,) = opened.xpath(".//*[@id='error-summary']//a/@href")
    assert opened.xpath(f".//input[@id='{link[1:]}']")
    for other in ("", "%s%d", "x" * 50_000, str(cast.patient.uid)):
        answer = petra.post(url("patient-separate", cast.patient), {"other": other, "reason": ""})
        assert answer.status_code in (404, 422)
