"""The public check judges as the engine does and asks as the prescriber's form does; what is typed stays typed."""

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from tests.prescribing.pages import asked, fields, problems, tree, words
from utilization import criteria
from utilization.rules.facts.catalogue import CATALOGUE, SAFETY_CHECKLIST
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.roles import Permission
from utilization.rules.words import OUTCOMES
from utilization.web.policy import OPEN, declared_policy
from utilization.web.public import switch, views

BUILTIN = criteria.builtin_pack()
TYPED = [
    example
    for example in BUILTIN.examples
    if all(CATALOGUE[name].kind in ("bool", "int", "dec", "text", "choice") for name in example.facts)
]

PER_KG = {"dose_unit": "dose_total_g_per_kg"}


def outcome_on(response):
    return tree(response).xpath("//*[@id='live-bar']//span[contains(@class, 'badge-state')]")[0].text_content()


def typed(facts):
    """Facts as the form sends them."""
    known = {name: raw for name, raw in facts.items() if raw is not None}
    return {name: str(raw).lower() if isinstance(raw, bool) else str(raw) for name, raw in known.items()}


@pytest.mark.parametrize("example", TYPED, ids=lambda case: f"{case.indication}: {case.says}"[:70])
def test_every_worked_example_comes_to_its_outcome_for_a_stranger_too(cast, stranger, address, example):
    response = stranger.post(address(example.indication), typed(example.facts))
    assert response.status_code == 200
    assert outcome_on(response) == OUTCOMES[example.expected["outcome"]].word


def test_enough_examples_are_typed_to_mean_something():
    assert len(TYPED) > 60
    assert {case.indication for case in TYPED} == set(BUILTIN.indications)


def test_the_answer_shows_findings_citations_warnings_and_what_would_meet(cast, stranger, address):
    page = words(stranger.post(address("stiff_person"), {"age_years": "50", "prior_corticosteroids": "not_tried",
                 "prior_symptomatic_therapy": "not_tried", "prior_immunosuppressant": "not_tried",
                 "heart_failure": "true", "boxes": "safety", "safety": "heart_failure"}))  # fmt: skip
    assert "Does not meet criteria" in page
    assert "What would meet the criteria" in page
    assert "Heart failure risk" in page
    assert BUILTIN.statements[BUILTIN.indications["stiff_person"].clauses[0].evidence[0]].says in page
    assert "This is no decision" in page
    assert "Nothing that you enter is kept" in page


def test_it_asks_what_the_engine_says_is_open_and_takes_it_off_the_list_once_answered(cast, stranger, address):
    first = stranger.get(address("dermatomyositis"))
    assert {"age_years", "prior_corticosteroids", "prior_immunosuppressant", "dose"} <= asked(first)
    sent = fields(first) | {"age_years": "50", "prior_corticosteroids": "failed", "dose": "2"} | PER_KG
    second = stranger.post(address("dermatomyositis"), sent)
    assert outcome_on(second) == "Meets criteria"
    assert fields(second)["age_years"] == "50"
    assert fields(second)["prior_corticosteroids"] == "failed"
    # Answered, so it is not asked any more, but for one that still stands with its answer.
    assert "prior_immunosuppressant" not in asked(second)


def test_what_was_typed_stays_typed_and_says_what_is_wrong_with_it(cast, stranger, address):
    sent = {"age_years": "fifty", "weight_kg": "82,5", "dose": "2", "dose_unit": "dose_total_g_per_kg",
            "product": "x" * 5000, "boxes": "safety", "safety": "none_of_these", "heart_failure": "yes",
            "iga_deficient": "not_known"}  # fmt: skip
    response = stranger.post(address(), sent)
    assert response.status_code == 422
    kept = fields(response)
    assert {name: kept[name] for name in sent if name != "boxes"} == {
        name: value for name, value in sent.items() if name != "boxes"
    }
    said = problems(response)
    assert set(said) >= {"age_years", "weight_kg", "product"}
    assert "comma" in said["weight_kg"]


def test_a_contradiction_blames_one_fact_and_judges_the_rest(cast, stranger, address):
    sent = {"age_years": "50", "weight_kg": "80", "dose_total_g_per_kg": "2", "dose_total_g": "500"}
    response = stranger.post(address(), sent)
    assert response.status_code == 422
    assert "disagree" in words(response)
    assert outcome_on(response) == "Meets criteria"


def test_a_live_check_answers_with_the_panel_and_what_changed(cast, stranger, address):
    sent = {"age_years": "50", "sex": "female", "dose": "2", "shown": "", "sex_shown": ""}
    response = stranger.post(address(), sent, headers={"hx-request": "true"})
    piece = html.fromstring(f"<div>{response.content.decode()}</div>")
    swapped = {element.get("id") for element in piece.xpath("//*[@hx-swap-oob]")}
    assert {"live-bar", "live-said", "questions", "more", "safety", "safety-count", "say_age_years"} <= swapped
    assert piece.xpath("//input[@value='breastfeeding']")
    again = {**sent, "sex_shown": "female", "shown": piece.xpath("//input[@name='shown']")[0].get("value")}
    quiet = stranger.post(address(), again, headers={"hx-request": "true"}).content.decode()
    assert 'id="questions"' not in quiet
    assert 'id="safety"' not in quiet


def test_safety_and_pregnancy_count_as_a_prescriber_ticks_them(cast, stranger, address):
    warned = "//*[@id='live-judgement']"
    sent = {"sex": "female", "age_years": "30", "dose": "2", "boxes": "safety", "pregnancy_status": "pregnant"}
    assert "Pregnancy or breastfeeding" in words(stranger.post(address(), sent), warned)
    plain = {**sent, "pregnancy_status": "", "safety": ["none_of_these"]}
    assert "Pregnancy or breastfeeding" not in words(stranger.post(address(), plain), warned)
    # Whose sex is not known is asked as well, and a man is not.
    unknown = {name: value for name, value in sent.items() if name != "sex"}
    assert "Pregnancy or breastfeeding" in words(stranger.post(address(), unknown), warned)
    man = stranger.post(address(), {**sent, "sex": "male"})
    assert "sex is recorded as male" in words(man)


def test_an_indication_is_found_by_name_abbreviation_and_code(cast, stranger):
    start = reverse("public-start", args=["north"])
    for text, title in [("CIDP", "CIDP"), ("myasth", "Myasthenia gravis"), ("G70.01", "Myasthenia gravis")]:
        assert title in words(stranger.post(start, {"q": text})), text
    assert "Nothing by this name or code" in words(stranger.post(start, {"q": "zebra"}))
    every = tree(stranger.get(start)).xpath("//section[@id='indications']//a/@href")
    assert len(every) == len(BUILTIN.indications)


def test_what_a_code_settles_goes_along_in_the_form_and_in_no_address(cast, stranger):
    response = stranger.post(reverse("public-start", args=["north"]), {"q": "clinically isolated"})
    form = next(form for form in tree(response).forms if form.fields.get("ms_course"))
    assert "clinically" not in form.action
    page = stranger.post(form.action, dict(form.fields))
    assert fields(page)["ms_course"] == "clinically_isolated_syndrome"


def test_what_no_source_covers_is_weighed_and_not_refused(cast, stranger, address):
    code = next(iter(BUILTIN.not_covered))
    assert outcome_on(stranger.get(address(code))) == "Exception review"


def test_an_answer_that_no_fact_of_the_pack_is_is_left_out(cast, stranger, address):
    response = stranger.post(address(), {"no_such_fact": "canary", "csrfmiddlewaretoken": "x", "name": "Anna"})
    assert response.status_code == 200
    assert "canary" not in response.content.decode()


def test_people_who_are_signed_in_use_it_like_anybody(cast, client, address):
    client.force_login(cast["petra"])
    bare = client.post(address(), {"age_years": "50", "dose": "2"}, headers={"origin": "http://testserver"})
    assert "Choose the unit of the dose" in words(bare)
    sent = {"age_years": "50", "dose": "2", **PER_KG}
    response = client.post(address(), sent, headers={"origin": "http://testserver"})
    assert outcome_on(response) == "Meets criteria"


def test_the_whole_record_is_what_the_engine_says(cast, stranger, address):
    """One case in full: the same findings in the same order, the same warnings and questions."""
    facts = {"age_years": "12", "severity": "severe"}
    response = stranger.post(address("mg"), facts)
    expected = judge(BUILTIN, "mg", read_facts(facts), tables=criteria.reference_tables(), as_of=timezone.localdate())
    shown = response.context["judgement"]
    assert [finding["id"] for finding in shown["findings"]] == [finding.id for finding in expected.findings]
    assert (shown["outcome"], shown["warnings"]) == (expected.outcome, list(expected.warnings))
    assert shown["questions"] == list(expected.questions)
    assert not set(shown["questions"]) & set(SAFETY_CHECKLIST)


def test_no_permission_of_anybody_is_asked():
    assert declared_policy(views.check) == declared_policy(views.start) == OPEN
    assert declared_policy(switch.opening).permissions == {Permission.MANAGE_PEOPLE, Permission.KEEP_CRITERIA}
