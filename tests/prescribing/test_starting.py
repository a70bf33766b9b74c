"""From the home page to a draft: lists by what they need, the patient, the indication, what stands in the way."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import CIDP, a_draft, a_request, approved, submitted
from tests.prescribing.pages import fields, tree, url, words
from utilization import workflow
from utilization.models import AccessEntry, Request
from utilization.rules.lifecycle import Status


def rows_under(response, heading):
    """The numbers of the requests under the heading with this id; of a draft the patient's first name."""
    links = tree(response).xpath(f"//section[@aria-labelledby='{heading}']//tbody/tr/th/a")
    named = [" ".join(link.itertext()).replace(",", "").split() for link in links]
    return [words[-1] if words[-1].startswith("IVIG-") else words[0] for words in named]


# --- Home ---------------------------------------------------------------------------------------------------------


@pytest.mark.long
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


@pytest.mark.long
def test_home_says_until_when_an_authorization_holds_or_that_it_has_expired(cast, petra):
    ended = a_request(cast, Status.APPROVED).authorization
    live = a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=1), indication="mmn").authorization
    home = words(petra.get("/"))
    assert f"expired {ended.valid_to:%-d %b %Y}" in home
    assert f"until {live.valid_to:%-d %b %Y}" in home


@pytest.mark.long
def test_home_shows_no_draft_of_a_colleague_and_nothing_of_another_department(cast, petra, seen_by):
    a_request(cast, Status.DRAFT, by="paul")
    filed = a_request(cast)
    assert "No draft is waiting" in words(petra.get(reverse("home")))
    assert "No requests yet" in words(seen_by("rosa").get(reverse("home")))
    assert filed.number in words(seen_by("paul").get(reverse("home")))


@pytest.mark.long
def test_what_a_list_names_is_written_down_once_a_working_day(cast, petra):
    request = a_request(cast)
    for _ in range(3):
        petra.get(reverse("home"))
    entries = AccessEntry.objects.filter(what="list", actor_id=cast["petra"].pk)
    assert [entry.request_id for entry in entries] == [request.pk]


@pytest.mark.long
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


def starts(response, within="//main"):
    """The indications that the page offers to start with, in its order."""
    return tree(response).xpath(f"{within}//button[@name='indication']/@value")


@pytest.mark.long
def test_what_no_source_covers_says_so_and_can_be_requested_all_the_same(cast, petra):
    where = url("request-indication", cast.patient)
    covered_not = petra.post(where, {"q": "G70.2"})
    assert "Not covered by these criteria" in words(covered_not)
    unknown = petra.post(where, {"q": "Zebra fever <b>"})
    assert "Ask for “Zebra fever b”" in words(unknown)
    assert "Did you mean" not in words(unknown)
    assert "Another use can be asked for too, as an exception" in words(petra.get(where))
    start = {"indication": "zebra_fever_b", "q": "Zebra fever <b>"}
    step = petra.post(url("request-start", cast.patient), start)
    assert "is reviewed as an exception by a pharmacist and a physician, within 72 hours" in words(step)
    assert not Request.objects.exists()
    petra.post(url("request-start", cast.patient), {**start, "step": "1", "uncovered": "yes"})
    draft = Request.objects.get(indication="zebra_fever_b")
    page = words(petra.get(url("request-edit", draft)))
    assert "No source of these criteria covers Zebra fever b" in page
    assert "Exception review" in page


def test_a_condition_with_accents_keeps_its_letters(cast, petra):
    page = petra.post(url("request-indication", cast.patient), {"q": "Sjögren-Larsson"})
    assert "Ask for “Sjogren larsson”" in words(page)


@pytest.mark.parametrize("typed", ["D69.51", " q99.9 ", "Z00", "c85.1a"])
def test_a_code_that_no_list_holds_is_no_name_to_ask_for(cast, petra, typed):
    address = reverse("request-indication", args=[cast.patient.uid])
    page = petra.post(address, {"q": typed})
    assert "Ask for “" not in words(page)
    assert "Ask for “B12 deficiency”" in words(petra.post(address, {"q": "B12 deficiency"}))


def test_a_name_in_other_letters_is_told_how_to_be_asked_for(cast, petra):
    page = petra.post(url("request-indication", cast.patient), {"q": "\u5409\u5170"})
    assert "type its name in Latin letters" in words(page)
    assert starts(page) == []


@pytest.mark.parametrize(
    "typed", ["guillain barre", "Guillain Barré", "barre guillain", "g610", "G.B.S.", "GUILLAINBARRE"]
)
def test_an_indication_is_found_however_it_is_written_and_starts_covered(cast, petra, typed):
    page = petra.post(url("request-indication", cast.patient), {"q": typed})
    assert starts(page)[0] == "gbs"
    petra.post(url("request-start", cast.patient), {"indication": "gbs", "q": typed})
    assert Request.objects.get().indication == "gbs"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("gillian barre", "gbs"),
        ("CIPD", "cidp"),
        ("miastenia gravis", "mg"),
        ("severe dermatomyositis", "dermatomyositis"),
    ],
)
def test_what_is_only_like_an_indication_is_offered_as_a_question(cast, petra, typed, code):
    page = petra.post(url("request-indication", cast.patient), {"q": typed})
    assert "Did you mean …?" in words(page)
    assert starts(page)[0] == code
    assert words(page).index("Did you mean") < words(page).index("None of these?")


@pytest.mark.long
def test_an_uncovered_request_is_not_started_before_what_it_is_like_was_named(cast, petra):
    asked = {"indication": "gillian_barre", "q": "gillian barre"}
    step = petra.post(url("request-start", cast.patient), asked)
    assert "Is it one of these?" in words(step)
    assert starts(step)[0] == "gbs"
    assert "Guillain-Barré syndrome (GBS)" in words(step)
    unticked = petra.post(url("request-start", cast.patient), {**asked, "step": "1"})
    assert unticked.status_code == 422
    assert "Tick the box, or choose an indication above." in words(unticked)
    assert not Request.objects.exists()
    # By its code alone, as a link or another program might send it, it is no other.
    again = petra.post(url("request-start", cast.patient), {"indication": "guillan_barre"})
    assert starts(again)[0] == "gbs"
    petra.post(url("request-start", cast.patient), {**asked, "step": "1", "uncovered": "yes"})
    assert Request.objects.get().indication == "gillian_barre"


def test_a_listed_use_that_is_not_covered_takes_the_step_too(cast, petra):
    step = petra.post(url("request-start", cast.patient), {"indication": "gbs_sequelae", "q": "guillain"})
    assert starts(step)[:2] == ["gbs", "miller_fisher"]
    assert "“Sequelae of Guillain-Barré syndrome”" in words(step)
    assert not Request.objects.exists()
    petra.post(url("request-start", cast.patient), {"indication": "gbs_sequelae", "q": "guillain", "uncovered": "yes"})
    assert Request.objects.get().indication == "gbs_sequelae"


@pytest.mark.long
def test_what_was_approved_before_is_renewed_from_the_top_of_the_page(cast, petra):
    at = timezone.now() - timedelta(days=5)
    allowed = a_request(cast, Status.APPROVED, at=at)
    denied = a_request(cast, Status.DENIED, at=at)
    page = petra.get(url("request-indication", cast.patient))
    assert words(page).index("Treated before: renew or copy") < words(page).index("Or another indication or code")
    rows = {" ".join(row.text_content().split()) for row in tree(page).xpath("//section[h2/@id='earlier']//tbody/tr")}
    assert {(allowed.number in row, "Renew" in row) for row in rows} == {(True, True), (False, False)}
    assert {(denied.number in row, "Copy" in row) for row in rows} == {(True, True), (False, True)}
    answer = petra.post(url("request-renew", allowed), fields(page, "/renew/"), follow=True)
    draft = Request.objects.get(status=Status.DRAFT)
    assert (draft.copied_from, draft.draft["request_type"]) == (allowed, "renewal")
    assert f"Renewal of {allowed.number}" in words(answer, "//*[@id='messages']")


@pytest.mark.long
def test_older_requests_of_a_patient_are_folded(cast, petra):
    numbers = [a_request(cast, Status.WITHDRAWN, at=timezone.now() - timedelta(days=day)).number for day in range(1, 6)]
    page = tree(petra.get(url("request-indication", cast.patient)))
    folded = page.xpath("//details[summary[contains(., '2 older')]]//tbody//th/a/text()")
    assert folded == numbers[3:]


def test_a_code_answers_what_it_settles_and_a_form_cannot_settle_more(cast, petra):
    petra.post(url("request-start", cast.patient), {"indication": "ms", "q": "G35.A"})
    assert Request.objects.get(indication="ms").draft == {
        "ms_course": "relapsing_remitting", "diagnosis_code": "G35.A",
    }  # fmt: skip
    forged = {"indication": "mg", "q": "G35.A", "settles": '{"severity": "severe"}'}
    petra.post(url("request-start", cast.patient), forged)
    assert Request.objects.get(indication="mg").draft == {}


@pytest.mark.parametrize("code", ["", "CIDP; drop", "x" * 61, "ü"])
def test_a_forged_indication_starts_nothing(cast, petra, code):
    response = petra.post(url("request-start", cast.patient), {"indication": code}, follow=True)
    assert "Choose an indication" in words(response, "//*[@id='messages']")
    assert not Request.objects.exists()


@pytest.mark.long
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


@pytest.mark.long
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
