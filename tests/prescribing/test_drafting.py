"""The request form: generated, judged while it is filled in, and never losing what was typed."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import CIDP, a_draft, a_request
from tests.examples import share
from tests.prescribing.pages import asked, fields, last_page, problems, tree, url, words
from utilization import criteria, workflow
from utilization.models import AccessEntry, Request
from utilization.rules.facts.catalogue import CATALOGUE, Kind
from utilization.rules.form.answers import PatientFacts, facts_from_answers
from utilization.rules.judging.judge import judge

HTMX = {"HX-Request": "true"}
PER_KG = {"dose_unit": "dose_total_g_per_kg"}


def draft_now(request):
    return Request.objects.get(pk=request.pk).draft


def check(client, request, form, **typed):
    return client.post(url("request-check", request), {**form, **typed}, headers=HTMX)


# --- What is asked ------------------------------------------------------------------------------------------------


def test_the_form_asks_what_the_criteria_and_the_dose_need_and_nothing_that_the_patient_settles(cast, petra):
    page = petra.get(url("request-edit", a_draft(cast, indication="mg", answers={})))
    assert {"severity", "prior_corticosteroids", "prior_immunosuppressant", "dose", "course_days", "safety"} <= asked(
        page
    )
    assert not {"weight_kg", "age_years", "sex", "height_cm", "treatment_goal"} & asked(page)


@pytest.mark.long
def test_every_fact_that_matters_can_be_answered_not_known(cast, petra):
    for code in criteria.builtin_pack().indications:
        page = petra.get(url("request-edit", a_draft(cast, indication=code, answers={})))
        links = [link.removeprefix("#div_id_") for link in tree(page).xpath("//ol[@class='asks']//a/@href")]
        for name in links:
            place = tree(page).xpath(f"//*[@id='div_id_{name}']")
            assert place, f"{code}: the panel links to {name}, which the form does not hold"
            around = place[0].getparent() if place[0].tag == "span" else place[0]
            if name.startswith("dose_"):
                assert "dose_by_pharmacy" in around.xpath(".//input/@name"), f"{code}: {name}"
                continue
            assert "not_known" in around.xpath(".//input/@value"), f"{code}: {name}"


@pytest.mark.long
def test_no_path_through_any_indication_takes_more_than_twelve_answers_to_an_outcome(cast, petra):
    """Counted: the indication, the amount of the dose with its unit, days, the checklist's one box, and each
    question that the panel still asks, along the longest path that any answers lead to."""
    for code in list(criteria.builtin_pack().indications)[:: share(in_ci=1, elsewhere=3)]:
        path = longest_path(code, {"dose_total_g_per_kg": "2", "course_days": "5", "safety": ["none_of_these"]})
        petra.post(url("request-start", cast.patient), {"indication": code})
        count = 1
        draft = Request.objects.get(indication=code)
        page = petra.get(url("request-edit", draft))
        for name, value in [("dose", "2"), ("course_days", "5"), ("safety", "none_of_these"), *path]:
            assert name in asked(page), f"{code}: the form does not ask for {name}"
            form = fields(page)
            form["boxes"] = ["safety", "emergency"]
            unit = {"dose_unit": "dose_total_g_per_kg"} if name == "dose" else {}
            assert check(petra, draft, form, **{name: value}, **unit).status_code == 200
            count += 1
            page = petra.get(url("request-edit", draft))
        assert "Needs information" not in words(page, "//aside"), code
        assert count <= 12, f"{code} takes {count} answers"


def longest_path(code, answers):
    """The open questions with answers, in the panel's order, along which the outcome stays open longest."""
    pack, tables = criteria.builtin_pack(), criteria.reference_tables()
    patient = PatientFacts(date(1968, 5, 1), "male", Decimal(82), Decimal(178))
    as_of = date(2026, 3, 2)

    def walk(known):
        judgement = judge(pack, code, facts_from_answers(known, patient, as_of).facts, tables=tables, as_of=as_of)
        if not judgement.questions:
            return []
        fact = CATALOGUE[judgement.questions[0]]
        values = ["true", "false"] if fact.kind is Kind.BOOL else list(fact.choices)
        paths = [[(fact.name, value), *walk({**known, fact.name: value})] for value in values]
        return max(paths, key=len)

    return walk(answers)


def test_an_answer_that_no_longer_matters_stays_in_sight(cast, petra):
    page = petra.get(url("request-edit", a_draft(cast, answers={"severity": "severe", "platelets_10e9_per_l": "90"})))
    assert {"severity", "platelets_10e9_per_l"} <= asked(page)
    assert fields(page)["severity"] == "severe"


# --- While it is filled in ----------------------------------------------------------------------------------------


def test_a_check_saves_judges_and_says_when(cast, petra):
    draft = a_draft(cast, answers={})
    form = fields(petra.get(url("request-edit", draft)))
    answer = check(petra, draft, form, dose="2", **PER_KG, course_days="5", safety="none_of_these")
    assert draft_now(draft) == {"dose_total_g_per_kg": "2", "course_days": "5", "safety": ["none_of_these"]}
    said = words(answer, "/*")
    for expected in (
        "Meets criteria",
        "Grams to give",
        "Pharmacist",
        "72 h",
        "Rounded from 153.82 g",
        "155 g a course",
    ):
        assert expected in said, expected
    assert answer["X-Saved-At"].endswith(("CET", "CEST"))


def test_the_dose_is_kept_under_the_fact_that_its_unit_names(cast, petra):
    draft = a_draft(cast, answers={})
    form = fields(petra.get(url("request-edit", draft)))
    check(petra, draft, form, dose="0.4", dose_unit="dose_per_day_g_per_kg", course_days="5")
    assert draft_now(draft)["dose_per_day_g_per_kg"] == "0.4"
    form = fields(petra.get(url("request-edit", draft)))
    assert (form["dose"], form["dose_unit"]) == ("0.4", "dose_per_day_g_per_kg")
    check(petra, draft, form, dose="150", dose_unit="dose_total_g")
    assert {name: value for name, value in draft_now(draft).items() if value} == {
        "dose_total_g": "150",
        "course_days": "5",
    }


def test_a_dose_stated_twice_is_shown_twice_and_neither_is_lost(cast, petra):
    draft = a_draft(cast, answers={"dose_total_g": "165", "dose_per_day_g": "33"})
    form = fields(petra.get(url("request-edit", draft)))
    assert (form["dose"], form["dose_unit"], form["dose_per_day_g"]) == ("165", "dose_total_g", "33")
    check(petra, draft, form, course_days="5")
    assert draft_now(draft) == {"dose_total_g": "165", "dose_per_day_g": "33", "course_days": "5"}


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"dose": "abc", **PER_KG}, "dose", "Expected a number"),
        ({"dose": "2,5", **PER_KG}, "dose", "comma"),
        ({"dose": "20", **PER_KG}, "dose", "unusual"),
        ({"dose": "2"}, "dose", "Choose the unit"),
        ({"dose": "150 g"}, "dose", "Choose the unit"),
        ({"dose": "2", "dose_unit": "mg"}, "dose", "Choose the unit"),
        ({"dose": "x" * 5000}, "dose", "4000"),
        ({"dose": "200", "dose_unit": "dose_per_day_g"}, "dose", "one day"),
        ({"dose": "0", **PER_KG}, "dose", "impossible"),
        ({"dose": "1e999", **PER_KG}, "dose", "Expected a number"),
        ({"course_days": "2.5"}, "course_days", "whole number"),
        ({"course_days": "-1"}, "course_days", "impossible"),
        ({"product": "x" * 5000}, "product", "4000"),
        ({"product": "Privigen\u202e"}, "product", "hidden character"),
    ],
)
def test_a_faulty_answer_is_named_at_its_field_the_rest_is_saved_and_the_typed_stays(cast, petra, typed, field, said):
    draft = a_draft(cast, answers={})
    form = fields(petra.get(url("request-edit", draft))) | {"interval_weeks": "4"}
    answer = check(petra, draft, form, **typed)
    assert answer.status_code == 200
    assert said in problems(answer)[field]
    assert draft_now(draft)["interval_weeks"] == "4"
    # Without a script the whole form comes back, with the same words and what was typed.
    whole = petra.post(url("request-edit", draft), form | typed, follow=True)
    assert said in problems(whole)[field]
    shown = fields(whole).get(field)
    assert shown == typed[field]


def test_other_questions_come_with_the_answer_only_when_they_changed(cast, petra):
    draft = a_draft(cast, indication="mg", answers={})
    form = fields(petra.get(url("request-edit", draft)))
    assert b'id="questions"' not in check(petra, draft, form, course_days="5").content
    moved = check(petra, draft, form, severity="mild").content
    assert b'id="questions"' in moved
    assert b'name="prior_corticosteroids"' not in moved


def test_typing_is_one_read_of_the_patient_a_page(cast, petra):
    draft = a_draft(cast, answers={})
    form = fields(petra.get(url("request-edit", draft)))
    before = AccessEntry.objects.count()
    for dose in ("1", "1.", "1.5"):
        check(petra, draft, form, dose=dose)
    assert AccessEntry.objects.count() == before


def test_a_page_found_again_puts_no_old_answers_over_new_ones(cast, petra):
    draft = a_draft(cast, answers={})
    old = fields(petra.get(url("request-edit", draft)))
    check(petra, draft, old, dose="2", **PER_KG, course_days="5")
    check(petra, draft, old, interval_weeks="4")
    assert {name: value for name, value in draft_now(draft).items() if value} == {
        "dose_total_g_per_kg": "2", "course_days": "5", "interval_weeks": "4"
    }  # fmt: skip


def test_what_is_cleared_is_cleared(cast, petra):
    draft = a_draft(cast)
    form = fields(petra.get(url("request-edit", draft))) | {"course_days": ""}
    form.pop("safety")
    check(petra, draft, form)
    assert (draft_now(draft)["course_days"], draft_now(draft)["safety"]) == ("", [])


@pytest.mark.long
def test_not_known_counts_until_something_is_typed(cast, petra):
    draft = a_draft(cast, answers={})
    form = fields(petra.get(url("request-edit", draft)))
    check(petra, draft, form, course_days=["", "not_known"])
    assert draft_now(draft)["course_days"] == "not_known"
    form = fields(petra.get(url("request-edit", draft)))
    assert form["course_days"] == "not_known"
    check(petra, draft, form, course_days=["2", "not_known"])
    assert draft_now(draft)["course_days"] == "2"


# --- The dose -----------------------------------------------------------------------------------------------------
def figures(page):
    return words(page, "//*[@id='dose-figures']")


@pytest.mark.long
def test_no_unit_stands_by_itself_and_an_amount_without_one_is_kept(cast, petra):
    draft = a_draft(cast, answers={})
    page = petra.get(url("request-edit", draft))
    form = fields(page)
    assert (form.get("dose", ""), form["dose_unit"]) == ("", "")
    assert "Choose the unit" in words(page, "//select[@name='dose_unit']")
    check(petra, draft, form, dose="0.4", course_days="5")
    assert {name: value for name, value in draft_now(draft).items() if value} == {
        "dose_bare": "0.4",
        "course_days": "5",
    }
    form = fields(petra.get(url("request-edit", draft)))
    assert (form["dose"], form["dose_unit"]) == ("0.4", "")
    missing = words(last_page(petra, draft), "//*[@id='error-summary']")
    assert "Dose: Choose the unit of the dose" in missing
    check(petra, draft, form, dose_unit="dose_per_day_g_per_kg")
    assert {name: value for name, value in draft_now(draft).items() if value} == {
        "dose_per_day_g_per_kg": "0.4", "course_days": "5"
    }  # fmt: skip


def test_a_dose_not_known_of_the_version_before_opens_and_asks_for_a_choice(cast, petra):
    draft = a_draft(cast, answers={**CIDP, "dose_total_g_per_kg": "not_known"})
    assert "dose" not in fields(petra.get(url("request-edit", draft)))
    assert "State the dose, or choose" in words(last_page(petra, draft))


@pytest.mark.parametrize(
    ("dose", "unit", "days", "shown"),
    [
        ("2", "dose_total_g_per_kg", "5", "155 g a course 31 g a day 0.4 g/kg a day"),
        ("0.4", "dose_per_day_g_per_kg", "5", "155 g a course 31 g a day 0.4 g/kg a day"),
        ("150", "dose_total_g", "5", "150 g a course 30 g a day 0.39 g/kg a day"),
        ("150", "dose_total_g", "4", "150 g a course 40 + 40 + 35 + 35 g on the days 0.52 g/kg a day, at most"),
        ("150", "dose_total_g", "", "150 g a course For the dose of a day, add the days of the course."),
        ("0.4", "dose_per_day_g_per_kg", "", "30.76 g a day 0.4 g/kg a day For the whole course, add its days."),
        ("0.4", "dose_total_g_per_kg", "5", "20 % of the 2 g/kg that the criteria name for a first course."),
    ],
)
def test_grams_of_a_course_and_a_day_stand_below_the_dose_while_it_is_typed(cast, petra, dose, unit, days, shown):
    draft = a_draft(cast, answers={})
    form = fields(petra.get(url("request-edit", draft)))
    answer = check(petra, draft, form, dose=dose, dose_unit=unit, course_days=days)
    assert b'<div id="dose-figures" hx-swap-oob="true">' in answer.content
    assert shown in figures(answer)
    assert shown in figures(petra.get(url("request-edit", draft)))


def test_without_a_weight_the_order_itself_is_shown(cast, petra):
    light = cast.a_patient(mrn="N-2", weight_kg=None, height_cm=None, measured_on=None)
    draft = a_draft(cast, answers={"dose_total_g_per_kg": "2", "course_days": "5"}, patient=light)
    said = figures(petra.get(url("request-edit", draft)))
    assert "2 g/kg a course" in said
    assert "0.4 g/kg a day" in said
    assert "For grams, add the weight" in said


@pytest.mark.long
def test_a_height_that_the_weight_rule_reads_is_asked_for_at_the_dose(cast, petra):
    seated = cast.a_patient(mrn="N-3", height_cm=None)
    draft = a_draft(cast, patient=seated)
    assert "The height is not known" in figures(petra.get(url("request-edit", draft)))
    page = last_page(petra, draft)
    assert "Why the height cannot be measured" in words(page)
    assert "The height is not known" not in figures(petra.get(url("request-edit", a_draft(cast, indication="mmn"))))


def test_the_planned_grams_are_taken_with_one_click(cast, petra):
    heavy = cast.a_patient(mrn="N-4", weight_kg="100")
    draft = a_draft(cast, answers={"dose_total_g": "200", "course_days": "5", "dose_by_pharmacy": ""}, patient=heavy)
    page = petra.get(url("request-edit", draft))
    assert "that weight rule is why it is above the ceiling of 2 g/kg" in figures(page)
    assert "Exception review" in words(page, "//*[@id='live-bar']")
    (button,) = tree(page).xpath("//*[@id='dose-figures']//button")
    assert " ".join(button.text_content().split()) == "Use 170 g"
    form = fields(page) | {"interval_weeks": "4", button.get("name"): button.get("value")}
    after = petra.post(url("request-edit", draft), form, follow=True)
    assert draft_now(draft)["dose_total_g"] == "170"
    assert draft_now(draft)["interval_weeks"] == "4", "what was typed beside it is kept"
    assert "Meets criteria" in words(after, "//*[@id='live-bar']")
    assert not tree(after).xpath("//*[@id='dose-figures']//button")


def test_enter_never_presses_the_button_that_changes_the_order(cast, petra):
    page = petra.get(url("request-edit", a_draft(cast, answers={"dose_total_g": "200"})))
    first = tree(page).xpath("//form[@data-checked]//button")[0]
    assert (first.get("name"), first.get("tabindex"), first.get("aria-hidden")) == (None, "-1", "true")


def test_a_product_of_no_table_is_questioned_at_its_field_with_the_nearest(cast, petra):
    draft = a_draft(cast, answers=CIDP)
    answer = check(petra, draft, fields(petra.get(url("request-edit", draft))), product="Prvigen")
    assert "not in the product table" in problems(answer)["product"]
    assert "Did you mean Privigen?" in problems(answer)["product"]
    assert "Needs information" in words(answer, "//*[@id='live-bar']")
    assert fields(petra.get(url("request-edit", draft)))["product"] == "Prvigen"


def test_a_dose_is_left_to_the_pharmacy_by_a_box_that_is_kept_and_taken_back(cast, petra):
    draft = a_draft(cast, answers={**CIDP, "dose_total_g_per_kg": ""})
    form = fields(petra.get(url("request-edit", draft)))
    assert "dose_by_pharmacy" not in form
    check(petra, draft, form, dose_by_pharmacy="yes")
    assert draft_now(draft)["dose_by_pharmacy"] == "yes"
    page = petra.get(url("request-submit", draft))
    assert "Dose to be advised by pharmacy" in words(page)
    form = fields(petra.get(url("request-edit", draft)))
    assert form.pop("dose_by_pharmacy") == "yes"
    check(petra, draft, form)
    assert draft_now(draft)["dose_by_pharmacy"] == ""


def test_forged_fields_are_never_kept(cast, petra):
    draft = a_draft(cast, answers={})
    form = fields(petra.get(url("request-edit", draft)))
    forged = {"weight_kg": "1", "age_years": "3", "status": "approved", "author": "7"}
    check(petra, draft, form | forged, course_days="5")
    assert draft_now(draft) == {"course_days": "5"}


@pytest.mark.parametrize("base", ["", "[1]", "{", "null"])
def test_a_form_that_does_not_say_what_it_was_in_step_with_is_taken_at_its_word(cast, petra, base):
    draft = a_draft(cast)
    check(petra, draft, fields(petra.get(url("request-edit", draft))) | {"base": base}, interval_weeks="3")
    assert draft_now(draft)["interval_weeks"] == "3"


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ({"dose_total_g_per_kg": "2", "dose_per_day_g_per_kg": "1"}, "dose"),
        ({"dose_total_g": "165", "dose_per_day_g": "100"}, "dose"),
        ({"dose_total_g_per_kg": "2", "dose_total_g": "40"}, "dose_total_g"),
        ({"dose_total_g_per_kg": "2", "dose_per_day_g": "90"}, "dose_per_day_g"),
    ],
)
def test_doses_that_contradict_each_other_are_named_and_the_rest_is_judged(cast, petra, stated, field):
    draft = a_draft(cast, answers={**stated, "course_days": "5"})
    page = petra.get(url("request-edit", draft))
    assert "disagree by more than 5 %" in problems(page)[field]
    assert "Goes to" in words(page, "//*[@id='live-judgement']")
    assert "Not sent yet" in words(petra.get(url("request-submit", draft), follow=True))


def test_a_text_that_nothing_reads_now_stays_in_sight(cast, petra):
    page = petra.get(url("request-edit", a_draft(cast, answers={"severity_measure": "MGFA IIIb"})))
    assert fields(page)["severity_measure"] == "MGFA IIIb"


def test_a_filed_request_has_no_form_any_more(cast, petra):
    request = a_request(cast)
    assert petra.get(url("request-edit", request))["Location"] == url("request-page", request)


def test_what_the_judgement_assumes_is_shown_chosen_and_not_kept_as_said(cast, petra):
    draft = a_draft(cast, answers={})
    page = petra.get(url("request-edit", draft))
    assert (fields(page)["request_type"], fields(page)["route"]) == ("initial", "iv")
    check(petra, draft, fields(page), course_days="5")
    assert draft_now(draft) == {"course_days": "5"}


def test_going_on_states_what_the_form_showed_as_chosen(cast, petra):
    draft = a_draft(cast, answers={})
    page = petra.get(url("request-edit", draft))
    petra.post(url("request-edit", draft), fields(page) | {"course_days": "5"})
    assert draft_now(draft) == {"course_days": "5"}
    petra.post(url("request-edit", draft), fields(page) | {"course_days": "5", "go_on": "yes"})
    assert draft_now(draft) == {
        "course_days": "5", "request_type": "initial", "route": "iv", "diagnosis_code": "G61.81",
    }  # fmt: skip
    assert "is given, so it is judged" not in words(petra.get(url("request-submit", draft), follow=True))


def test_an_unmeasured_patient_is_told_where_to_add_the_weight(cast, petra):
    patient = cast.a_patient(mrn="N-2", weight_kg=None, measured_on=None, height_cm=None)
    draft = a_draft(cast, patient=patient, answers={"dose_total_g": "160"})
    page = petra.get(url("request-edit", draft))
    assert tree(page).xpath("//*[@id='div_id_weight_kg']//a/@href") == [
        url("patient-measure", patient) + f"?for={draft.uid}"
    ]


def test_unmet_criteria_ask_for_a_justification(cast, petra):
    assert "justification" in asked(petra.get(url("request-edit", a_draft(cast, indication="ibm", answers={}))))
    assert "justification" not in asked(petra.get(url("request-edit", a_draft(cast))))


# --- When it cannot be saved --------------------------------------------------------------------------------------


def test_a_lost_session_saves_nothing_says_so_and_leaves_the_page_alone(cast):
    draft = a_draft(cast)
    live = Client().post(url("request-check", draft), {"dose": "9"}, headers=HTMX)
    assert (live.status_code, live["HX-Reswap"]) == (401, "none")
    whole = Client().post(url("request-edit", draft), {"course_days": "9", "go_on": "yes"})
    assert whole.status_code == 401
    assert fields(whole, "/edit/")["course_days"] == "9"
    assert draft_now(draft) == CIDP


def test_a_draft_filed_in_another_tab_takes_no_more_answers(cast, petra):
    request = a_request(cast)
    live = check(petra, request, {"course_days": "9"})
    assert live.status_code == 409
    assert "with the pharmacist" in live.content.decode()
    whole = petra.post(url("request-edit", request), {"course_days": "9"})
    assert whole.status_code == 409
    assert "is now with the pharmacist. Nothing was saved." in words(whole)
    assert url("request-page", request) in tree(whole).xpath("//main//a/@href")


def test_a_draft_is_its_authors_alone(cast, seen_by):
    draft = a_draft(cast)
    for who in ("paul", "rosa", "sam"):
        for name in ("request-edit", "request-submit", "request-page"):
            assert seen_by(who).get(url(name, draft)).status_code == 404
        assert check(seen_by(who), draft, {"course_days": "9"}).status_code == 404


def test_a_draft_is_discarded_from_the_version_that_was_seen(cast, petra):
    draft = a_draft(cast)
    stale = petra.post(url("request-discard", draft), {"version": draft.version - 1})
    assert stale.status_code == 409
    assert petra.post(url("request-discard", draft), {"version": draft.version})["Location"] == reverse("home")
    assert "This draft was discarded" in words(petra.get(url("request-page", draft)))


def test_the_page_carries_what_it_was_in_step_with(cast, petra):
    draft = a_draft(cast)
    assert json.loads(fields(petra.get(url("request-edit", draft)))["base"]).items() >= dict(CIDP).items()


def test_with_a_script_or_without_the_form_goes_on_to_the_last_page(cast, petra):
    draft = a_draft(cast)
    form = fields(petra.get(url("request-edit", draft)))
    assert petra.post(url("request-edit", draft), form | {"go_on": "yes"})["Location"] == url("request-submit", draft)
    assert petra.post(url("request-edit", draft), form)["Location"] == url("request-edit", draft)
    assert workflow.read_request(Request.objects.get(pk=draft.pk), draft.created_at).intake.problems == {}
