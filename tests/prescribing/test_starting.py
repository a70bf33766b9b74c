"""From the home page to a draft: lists by what they need, the patient, the indication, what stands in the way."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import CIDP, a_draft, a_request, approved, submitted
from tests.prescribing.pages import fields, tree, url, words
from utilization import workflow
from utilization.models import AccessEntry, Patient, Request
from utilization.rules.lifecycle import Role, Status

ADDED = {"mrn": "N-77", "name": "Mina Harker", "date_of_birth": "1980-02-03", "sex": "female", "weight_kg": "61.5",
         "measured_on": "2026-01-05", "height_cm": "168"}  # fmt: skip


def rows_under(response, heading):
    """The numbers of the requests under the heading with this id; of a draft the patient's first name."""
    links = tree(response).xpath(f"//section[@aria-labelledby='{heading}']//tbody/tr/th/a")
    named = [" ".join(link.itertext()).replace(",", "").split() for link in links]
    return [words[-1] if words[-1].startswith("IVIG-") else words[0] for words in named]


# --- Home ---------------------------------------------------------------------------------------------------------


def test_home_sorts_requests_by_what_they_need_now(cast, petra):
    at = timezone.now() - timedelta(hours=9)
    asked = a_request(cast, Status.INFORMATION_ASKED, at=at)
    waiting = a_request(cast, at=at, by="paul")
    held = workflow.claim(waiting.uid, by=cast["fern"], at=at + timedelta(hours=2), version=waiting.version)
    done = a_request(cast, Status.APPROVED, at=at)
    a_request(cast, Status.DRAFT, at=at)
    page = petra.get(reverse("home"))
    assert rows_under(page, "asked") == [asked.number]
    assert rows_under(page, "drafts") == ["Ambrose"]
    assert rows_under(page, "open") == [held.number]
    assert rows_under(page, "ended") == [done.number]
    said = words(page)
    assert "Fern Pharmacist since" in said
    assert "in 2 days" in said
    assert f"{held.number}, by Paul Colleague" in said
    assert "Ambrose Canary, " in said
    assert said.count("MRN N-1001, born 1 May 1968") == 4


def test_home_says_until_when_an_authorization_holds_or_that_it_has_expired(cast, petra):
    ended = a_request(cast, Status.APPROVED).authorization
    live = a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=1), indication="mmn").authorization
    home = words(petra.get("/"))
    assert f"expired {ended.valid_to:%-d %b %Y}" in home
    assert f"until {live.valid_to:%-d %b %Y}" in home


def test_home_shows_no_draft_of_a_colleague_and_nothing_of_another_department(cast, petra, seen_by):
    a_request(cast, Status.DRAFT, by="paul")
    filed = a_request(cast)
    assert "No draft is waiting" in words(petra.get(reverse("home")))
    assert "No requests yet" in words(seen_by("rosa").get(reverse("home")))
    assert filed.number in words(seen_by("paul").get(reverse("home")))


def test_what_a_list_names_is_written_down_once_a_working_day(cast, petra):
    request = a_request(cast)
    for _ in range(3):
        petra.get(reverse("home"))
    entries = AccessEntry.objects.filter(what="list", actor_id=cast["petra"].pk)
    assert [entry.request_id for entry in entries] == [request.pk]


def test_older_decisions_are_turned_to_without_gap_or_repeat(cast, petra):
    at = timezone.now() - timedelta(days=40)
    numbers = [a_request(cast, Status.WITHDRAWN, at=at + timedelta(days=day)).number for day in range(17)]
    first = petra.get(reverse("home"))
    later = petra.get(reverse("home") + tree(first).xpath("//a[@rel='next']/@href")[0])
    assert rows_under(first, "ended") + rows_under(later, "ended") == numbers[::-1]
    assert not tree(later).xpath("//a[@rel='next']")
    assert rows_under(petra.get(reverse("home") + "?before=nonsense"), "ended") == numbers[:1:-1]


@pytest.mark.parametrize(
    ("who", "where"), [("fern", "review-queue"), ("audrey", "audit-list"), ("adam", "people-list")]
)
def test_others_are_led_to_their_own_first_page(seen_by, who, where):
    response = seen_by(who).get(reverse("home"))
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path in (reverse(where), reverse("evidence-list"))


def test_a_person_without_any_role_is_told_so(cast, seen_by):
    cast["petra"].memberships.update(ended_at=timezone.now())
    assert "You hold no role yet" in words(seen_by("petra").get(reverse("home")))


# --- The patient --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["N-1001", "n-10", "canary", "Ambrose"])
def test_a_patient_is_found_by_mrn_or_name_and_never_by_an_address(cast, petra, typed):
    page = petra.post(reverse("requests-new"), {"q": typed})
    assert "Ambrose Canary" in words(page)
    assert tree(page).xpath("//main//form/@method") == ["post"]
    assert "Ambrose" not in words(petra.get(reverse("requests-new") + f"?q={typed}"))


def test_nobody_found_offers_to_add(petra):
    page = petra.post(reverse("requests-new"), {"q": "Nobody"})
    assert "Nobody by this MRN or name" in words(page)
    assert reverse("patient-new") in tree(page).xpath("//main//a/@href")


def test_an_added_patient_leads_on_to_the_indication(cast, petra):
    form = fields(petra.get(reverse("patient-new")))
    response = petra.post(reverse("patient-new"), form | ADDED)
    patient = Patient.objects.get(mrn="N-77")
    assert response["Location"] == url("request-indication", patient)
    assert (str(patient.weight_kg), patient.site) == ("61.500", cast.north)


def test_who_prescribes_at_two_sites_says_at_which_the_patient_is(cast, petra):
    medicine = cast.south.departments.create(name="Medicine")
    cast.south.memberships.create(
        user=cast["petra"], role=Role.PRESCRIBER, department=medicine, started_at=timezone.now()
    )
    form = fields(petra.get(reverse("patient-new"))) | ADDED
    assert petra.post(reverse("patient-new"), form).status_code == 422
    assert petra.post(reverse("patient-new"), form | {"site": cast.south.pk}).status_code == 302
    assert Patient.objects.get(mrn="N-77").site == cast.south


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"weight_kg": "0"}, "weight_kg", "impossible"),
        ({"weight_kg": "-61"}, "weight_kg", "impossible"),
        ({"weight_kg": "1e999"}, "weight_kg", "expected a number"),
        ({"weight_kg": "NaN"}, "weight_kg", "expected a number"),
        ({"height_cm": "1.7"}, "height_cm", "unusual"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth", "future"),
        ({"date_of_birth": ""}, "date_of_birth", "date"),
        ({"measured_on": ""}, "measured_on", "Give the day"),
        ({"name": "x\u202eevil"}, "name", "hidden character"),
        ({"name": "x" * 1_000_000}, "name", "at most"),
        ({"sex": "other"}, "sex", "Select a valid choice"),
    ],
)
def test_a_patient_that_cannot_be_is_refused_and_what_was_typed_stays(cast, petra, wrong, field, said):
    form = fields(petra.get(reverse("patient-new"))) | ADDED | wrong
    page = petra.post(reverse("patient-new"), form)
    assert page.status_code == 422
    assert said.lower() in words(page, "//*[@id='error-summary']").lower()
    assert not Patient.objects.filter(mrn="N-77").exists()
    kept = fields(page)
    assert {name: kept[name] for name in ADDED if name in kept and name != field} == {
        name: value for name, value in ADDED.items() if name in kept and name != field
    }


def test_pounds_typed_as_kilograms_are_questioned_and_a_tick_confirms_that_value_alone(cast, petra):
    form = fields(petra.get(reverse("patient-new"))) | ADDED | {"weight_kg": "240"}
    page = petra.post(reverse("patient-new"), form)
    assert "Yes, weight 240 kg is right" in words(page)
    other = petra.post(reverse("patient-new"), form | {"confirmed": "weight_kg=240", "weight_kg": "250"})
    assert other.status_code == 422
    assert "Yes, weight 250 kg is right" in words(other)
    assert petra.post(reverse("patient-new"), form | {"confirmed": "weight_kg=240"}).status_code == 302


def test_a_duplicate_mrn_names_whose_it_is(cast, petra):
    form = fields(petra.get(reverse("patient-new"))) | ADDED | {"mrn": "n-1001"}
    page = petra.post(reverse("patient-new"), form)
    assert page.status_code == 422
    assert "belongs to Ambrose Canary, born 1 May 1968" in words(page)
    assert url("request-indication", cast.patient) in tree(page).xpath("//main//a/@href")


def test_a_new_weight_leads_back_to_the_draft_and_replans_it(cast, petra):
    draft = a_draft(cast)
    where = url("patient-measure", cast.patient) + f"?for={draft.uid}"
    form = fields(petra.get(where)) | {"weight_kg": "60", "measured_on": "2026-02-01"}
    assert petra.post(where, form)["Location"] == url("request-page", draft)
    assert "60 kg" in words(petra.get(url("request-edit", draft)))
    wrong = petra.post(where, form | {"weight_kg": "0"})
    assert (wrong.status_code, fields(wrong)["weight_kg"]) == (422, "0")
    assert petra.post(url("patient-measure", cast.patient) + "?for=nonsense", form)["Location"] == url(
        "request-indication", cast.patient
    )


# --- The indication -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "code"),
    [("CIDP", "cidp"), ("g61.81", "cidp"), ("chronic inflammatory", "cidp"), ("Lambert", "lems"), ("G35.A", "ms")],
)
def test_an_indication_is_found_by_abbreviation_code_name_and_synonym(cast, petra, typed, code):
    page = petra.post(url("request-indication", cast.patient), {"q": typed})
    assert tree(page).xpath("//section[@id='indications']//button/@value")[0] == code


def test_the_live_search_answers_with_the_list_alone_and_counts_as_one_read(cast, petra):
    where = url("request-indication", cast.patient)
    petra.get(where)
    before = AccessEntry.objects.count()
    for typed in ("C", "CI", "CID"):
        page = petra.post(where, {"q": typed}, headers={"HX-Request": "true"})
    assert b"<html" not in page.content
    assert b'value="cidp"' in page.content
    assert AccessEntry.objects.count() == before


def test_what_no_source_covers_says_so_and_can_be_requested_all_the_same(cast, petra):
    where = url("request-indication", cast.patient)
    covered_not = petra.post(where, {"q": "G70.2"})
    assert "Not covered by these criteria" in words(covered_not)
    unknown = petra.post(where, {"q": "Zebra fever <b>"})
    assert "Request for “Zebra fever b”" in words(unknown)
    petra.post(url("request-start", cast.patient), {"indication": "zebra_fever_b"})
    draft = Request.objects.get(indication="zebra_fever_b")
    page = words(petra.get(url("request-edit", draft)))
    assert "No source of these criteria covers Zebra fever b" in page
    assert "Exception review" in page


def test_a_code_answers_what_it_settles_and_a_form_cannot_settle_more(cast, petra):
    petra.post(url("request-start", cast.patient), {"indication": "ms", "q": "G35.A"})
    assert Request.objects.get(indication="ms").draft == {"ms_course": "relapsing_remitting"}
    forged = {"indication": "mg", "q": "G35.A", "settles": '{"severity": "severe"}'}
    petra.post(url("request-start", cast.patient), forged)
    assert Request.objects.get(indication="mg").draft == {}


@pytest.mark.parametrize("code", ["", "CIDP; drop", "x" * 61, "ü"])
def test_a_forged_indication_starts_nothing(cast, petra, code):
    response = petra.post(url("request-start", cast.patient), {"indication": code}, follow=True)
    assert "Choose an indication" in words(response, "//*[@id='messages']")
    assert not Request.objects.exists()


def test_an_open_request_a_draft_and_a_live_authorization_are_pointed_out_before_work_is_lost(cast, petra, seen_by):
    at = timezone.now() - timedelta(days=2)
    where = url("request-indication", cast.patient)
    open_one = a_request(cast, at=at)
    assert f"Already requested: {open_one.number}" in words(petra.post(where, {"q": "CIDP"}))
    assert "Already requested" not in words(petra.post(where, {"q": "LEMS"}))
    allowed = approved(cast, open_one, at=timezone.now() - timedelta(days=1))
    assert f"Authorized until {allowed.authorization.valid_to:%-d %b %Y}" in words(petra.post(where, {"q": "CIDP"}))
    draft = a_draft(cast, at=at)
    assert "You have a draft for this patient and indication" in words(petra.post(where, {"q": "CIDP"}))
    assert "Authorized until" in words(petra.get(url("request-edit", draft)))
    elsewhere = words(seen_by("rosa").post(where, {"q": "CIDP"}))
    assert "Neurology has a request for this patient and indication: approved" in elsewhere
    assert allowed.number not in elsewhere


def test_an_authorization_that_ended_or_was_withdrawn_stands_in_nobodys_way(cast, petra):
    old = a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=300))
    gone = approved(cast, a_request(cast, at=timezone.now() - timedelta(days=2)), at=timezone.now())
    workflow.withdraw(gone.uid, by=cast["petra"], at=timezone.now(), version=gone.version, reason="Moved away.")
    page = words(petra.post(url("request-indication", cast.patient), {"q": "CIDP"}), "//*[@id='indications']")
    assert old.number not in page
    assert gone.number not in page


def test_a_copy_takes_the_answers_over_but_not_what_was_true_on_its_day(cast, petra):
    source = submitted(cast, a_draft(cast, indication="gbs", answers={**CIDP, "days_since_onset": "5"}))
    offered = petra.get(url("request-indication", cast.patient))
    assert source.number in words(offered)
    response = petra.post(url("request-copy", source))
    copy = Request.objects.get(copied_from=source)
    assert response["Location"] == url("request-edit", copy)
    assert copy.draft == {"dose_total_g_per_kg": "2", "course_days": "5", "interval_weeks": "4"}
    assert f"Copied from {source.number}" in words(petra.get(response["Location"]), "//*[@id='messages']")


def test_a_draft_cannot_be_copied(cast, petra):
    draft = a_draft(cast)
    response = petra.post(url("request-copy", draft), follow=True)
    assert "can be copied" in words(response, "//*[@id='messages']")
    assert Request.objects.count() == 1
