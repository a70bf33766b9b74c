"""The last page before filing: nothing is filed by mistake, twice, for the wrong patient or half."""

import re

import pytest

from tests.cast import CIDP, IBM, MRN, REASONS, a_draft, a_request, stated_again
from tests.prescribing.pages import asked, fields, first_step, last_page, tree, url, words
from utilization import workflow
from utilization.models import Event, Request, Submission

AT_RISK = {**CIDP, "history_thrombosis": "yes"}
SIGNED = {"mrn": MRN, "attested": "on"}


def signature(client, draft, **changes):
    """What a prescriber who reads and ticks everything would send."""
    page = last_page(client, draft)
    ticks = {name: tree(page).xpath(f"//input[@name='{name}']/@value") for name in ("acknowledged", "confirmed")}
    because = {f"reason_{code}": why for code, why in REASONS.items()}
    return fields(page) | ticks | SIGNED | because | changes


def file(client, draft, **changes):
    return client.post(url("request-submit", draft), signature(client, draft, **changes))


def test_a_signed_request_gets_a_number_and_freezes_what_stood_there(cast, petra):
    draft = a_draft(cast, answers=AT_RISK)
    page = petra.post(url("request-submit", draft), signature(petra, draft), follow=True)
    filed = Request.objects.get(pk=draft.pk)
    assert f"Submitted as {filed.number}" in words(page, "//*[@id='messages']")
    assert filed.latest.facts["dose_total_g_per_kg"] == "2"
    assert filed.latest.judgement["warnings"] == ["adjusted_weight_applied", "dose_rounded", "thrombosis_risk"]
    assert filed.latest.acknowledged == ["thrombosis_risk"]


def test_the_page_shows_everything_that_will_be_frozen(cast, petra):
    answers = {**IBM, "emergency": "yes", "emergency_reason": "Cannot swallow.", "interval_weeks": "not_known"}
    page = words(last_page(petra, a_draft(cast, indication="ibm", answers=answers)))
    for expected in (
        "Does not meet criteria", "Total dose of a course 2 g/kg", "Weight 82.5 kg", "Grams to give", "Cannot swallow.",
        "Answered “not known” Weeks between courses", "nothing else is left to try", "Physician reviewer",
        "24 h, expedited", "From the order and the chart: MRN N-1001, dose 153.817 g, weight 82.5 kg. It agrees",
    ):  # fmt: skip
        assert expected in page, expected


@pytest.mark.long
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mrn": "N-1002"}, "This is not the MRN of the patient of this request"),
        ({"mrn": ""}, "Type the patient's MRN again"),
        ({"mrn": "N-1001\u202e"}, "hidden character"),
        ({"mrn": "9" * 100_000}, "at most 4000"),
        ({"mrn": " "}, "Type the patient's MRN again"),
        ({"attested": ""}, "Attest that what you file is true"),
        ({"acknowledged": []}, "Acknowledge every warning"),
    ],
)
def test_what_is_not_signed_is_not_filed_and_the_rest_stays_typed(cast, petra, changes, said):
    draft = a_draft(cast, answers=AT_RISK)
    page = file(petra, draft, **changes)
    assert page.status_code == 422
    assert said in words(page, "//*[@id='error-summary']")
    kept = fields(page)
    assert kept.get("mrn", "") == changes.get("mrn", MRN)
    assert (kept["dose_again"], kept["weight_again"]) == tuple(stated_again(draft).values())
    if {"mrn", "acknowledged"}.isdisjoint(changes):
        assert [kept["acknowledged"]] == tree(page).xpath("//input[@name='acknowledged']/@value")
    assert not Submission.objects.exists()


@pytest.mark.long
def test_an_unusual_value_must_be_confirmed(cast, petra):
    draft = a_draft(cast, answers={**CIDP, "dose_total_g_per_kg": "3.5", "justification": "A second course at once."})
    assert "3.5 g/kg is unusual" in words(last_page(petra, draft))
    assert file(petra, draft, confirmed=[]).status_code == 422
    assert file(petra, draft).status_code == 302
    assert Submission.objects.get().confirmed == ["dose_total_g_per_kg"]


@pytest.mark.parametrize(
    ("indication", "answers", "field", "said"),
    [
        ("mg", CIDP, "severity", "answer it or say “not known”"),
        ("ibm", CIDP, "justification", "Write why the patient should have IVIG all the same"),
        ("cidp", {**CIDP, "course_days": "many"}, "course_days", "Expected a whole number"),
        ("cidp", {**CIDP, "emergency": "yes"}, "emergency_reason", "Write why this is an emergency"),
    ],
)
def test_what_is_missing_leads_back_to_its_field_and_cannot_be_signed_away(
    cast, petra, indication, answers, field, said
):
    draft = a_draft(cast, indication=indication, answers=answers)
    page = petra.get(url("request-submit", draft), follow=True)
    assert page.redirect_chain == [(url("request-edit", draft) + "?review=1", 302)]
    assert said in words(page, "//*[@id='error-summary']")
    assert f"#div_id_{field}" in tree(page).xpath("//*[@id='error-summary']//li/a/@href")
    assert tree(page).xpath(f"//*[@id='div_id_{field}']")
    forced = petra.post(url("request-submit", draft), SIGNED | {"version": draft.version})
    assert forced["Location"] == url("request-edit", draft) + "?review=1"
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("indication", "answers", "hidden"),
    [
        ("cidp", CIDP, ["82.5", "153.8", "155", "2\u202fg/kg", "1.86", "76.9"]),
        ("cidp", {**CIDP, "dose_total_g_per_kg": "", "dose_total_g": "150"}, ["82.5", "150", "1.95", "1.82"]),
        ("ibm", {**IBM, "dose_total_g_per_kg": "0.4"}, ["82.5", "0.4", "30.7", "33"]),
    ],
)
def test_the_second_statement_is_made_without_sight_of_the_first(cast, petra, indication, answers, hidden):
    draft = a_draft(cast, indication=indication, answers=answers)
    wrong = first_step(draft, mrn="N-1002", dose_again="9", weight_again="41 kg")
    for page in (petra.get(url("request-submit", draft)), petra.post(url("request-submit", draft), wrong)):
        # Without what is random: tokens, and the ids in addresses.
        html = re.sub(r"[A-Za-z0-9]{64}|[0-9a-f]{8}-[0-9a-f-]{27}", "", page.content.decode())
        assert asked(page) == {"mrn", "dose_again", "weight_again"}
        assert "Ambrose Canary" in html
        assert MRN not in html
        assert not [field for field in hidden if field in html]
        assert set(fields(page)) - asked(page) == {"stated", "version"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"dose_again": "1538"}, {"dose_again"}),
        ({"dose_again": "15.4"}, {"dose_again"}),
        ({"dose_again": "abc"}, {"dose_again"}),
        ({"dose_again": ""}, {"dose_again"}),
        ({"weight_again": "82.5"}, {"weight_again"}),
        ({"weight_again": "82.5 lb"}, {"weight_again"}),
        ({"weight_again": ""}, {"weight_again"}),
        ({"mrn": "N-1010"}, {"mrn"}),
        ({"mrn": "", "dose_again": "77", "weight_again": "37 kg"}, {"mrn", "dose_again", "weight_again"}),
        ({"mrn": "N-1001\u202e"}, {"mrn"}),
    ],
)
def test_a_disagreement_says_which_differs_and_keeps_what_was_typed(cast, petra, changes, named):
    draft = a_draft(cast)
    typed = first_step(draft, **changes)
    page = petra.post(url("request-submit", draft), typed)
    assert page.status_code == 422
    links = tree(page).xpath("//*[@id='error-summary']//li/a/@href")
    assert {link.removeprefix("#id_") for link in links} == named
    kept = fields(page)
    assert {name: kept.get(name, "") for name in ("mrn", "dose_again", "weight_again")} == {
        name: typed[name] for name in ("mrn", "dose_again", "weight_again")
    }
    assert not Submission.objects.exists()


def test_the_first_step_takes_the_weight_in_pounds_and_the_mrn_as_the_label_has_it(cast, petra):
    page = petra.post(
        url("request-submit", a_draft(cast)),
        {"stated": "yes", "mrn": "n-1001", "dose_again": "155 g", "weight_again": "181.9 lb"},
    )
    assert page.status_code == 200
    assert "dose 155 g, weight 181.9 lb = 82.5 kg. It agrees" in words(page)


def test_a_request_without_a_dose_to_compare_has_one_step(cast, petra):
    answers = {
        **{name: value for name, value in CIDP.items() if "dose" not in name},
        "dose_by_pharmacy": "yes",
        "anti_mag_antibody": "not_known",
    }
    page = petra.get(url("request-submit", a_draft(cast, indication="anti_mag_neuropathy", answers=answers)))
    assert {"mrn", "attested"} <= asked(page)
    assert "dose_again" not in asked(page)


def test_a_draft_that_changed_between_the_steps_asks_anew(cast, petra):
    draft = a_draft(cast)
    signed = signature(petra, draft)
    workflow.save_draft(draft.uid, by=cast["petra"], at=draft.created_at, answers={"dose_total_g_per_kg": "1"})
    now = Request.objects.get(pk=draft.pk)
    page = petra.post(url("request-submit", draft), signed | {"version": now.version})
    assert page.status_code == 422
    assert tree(page).xpath("//*[@id='error-summary']//li/a/@href") == ["#id_dose_again"]


@pytest.mark.long
def test_a_trap_takes_a_reason_with_nothing_lost(cast, petra):
    draft = a_draft(cast)
    wrong = file(petra, draft, reason_weight_stale="")
    assert wrong.status_code == 422
    assert "more than 90 days ago" in words(wrong)
    kept = fields(wrong)
    assert (kept["dose_again"], kept["weight_again"], kept["mrn"]) == (*stated_again(draft).values(), MRN)
    again = kept | {"reason_weight_stale": "In traction since."}
    again["acknowledged"] = tree(wrong).xpath("//input[@name='acknowledged']/@value")
    assert petra.post(url("request-submit", draft), again).status_code == 302
    filed = Submission.objects.get()
    assert filed.checks["again"]["dose_total_g"] == "153.817"
    assert filed.checks["traps"][0]["reason"] == "In traction since."
    assert "The prescriber writes: In traction since." in words(petra.get(url("request-page", draft)))


def test_a_reason_with_hidden_characters_is_sent_back(cast, petra):
    page = file(petra, a_draft(cast), reason_weight_stale="a\u202eb")
    assert page.status_code == 422
    assert "hidden character" in words(page)
    assert fields(page)["reason_weight_stale"] == "a\u202eb"


def test_what_no_second_statement_makes_right_leads_back_to_the_form(cast, petra):
    order = {"dose_total_g_per_kg": "", "dose_per_day_g": "150", "product": "Cuvitru", "justification": "As before."}
    draft = a_draft(cast, answers={**CIDP, **order})
    page = petra.get(url("request-submit", draft), follow=True)
    said = words(page, "//*[@id='error-summary']")
    assert "Not sent yet: 2 answers missing" in said
    assert "entered as that of one day" in said
    assert "made for use under the skin" in said


@pytest.mark.long
def test_opting_out_of_the_weight_rule_takes_a_reason(cast, petra):
    draft = a_draft(cast, answers={**CIDP, "weight_rule_opt_out": "true"})
    assert "needs a written reason" in words(petra.get(url("request-submit", draft), follow=True))
    edit = petra.get(url("request-edit", draft))
    assert tree(edit).xpath("//*[@id='id_weight_rule_opt_out_reason']")
    told = {"weight_rule_opt_out_reason": "Left leg amputated."}
    workflow.save_draft(draft.uid, by=cast["petra"], at=draft.created_at, answers=told)
    page = words(last_page(petra, Request.objects.get(pk=draft.pk)))
    assert "opted out of the weight rule: Left leg amputated." in page
    assert file(petra, Request.objects.get(pk=draft.pk)).status_code == 302
    assert Submission.objects.get().judgement["dose"]["weight_basis"] == "actual"


def test_open_questions_answered_not_known_can_be_filed(cast, petra):
    draft = a_draft(cast, indication="anti_mag_neuropathy", answers={**CIDP, "anti_mag_antibody": "not_known"})
    assert file(petra, draft).status_code == 302
    assert Submission.objects.get().judgement["outcome"] == "needs_information"


def test_double_click_back_and_two_tabs_make_one_request(cast, petra):
    draft = a_draft(cast)
    signed = signature(petra, draft)
    places = {petra.post(url("request-submit", draft), signed)["Location"] for _ in range(3)}
    assert places == {url("request-page", draft)}
    assert petra.get(url("request-submit", draft))["Location"] == url("request-page", draft)
    assert Submission.objects.count() == 1
    assert Event.objects.filter(type="request.submitted").count() == 1


def test_a_page_older_than_the_draft_files_nothing(cast, petra):
    draft = a_draft(cast)
    signed = signature(petra, draft)
    workflow.save_draft(draft.uid, by=cast["petra"], at=draft.created_at, answers={"course_days": "4"})
    late = petra.post(url("request-submit", draft), signed)
    assert late.status_code == 409
    assert "changed while you worked on it" in words(late)
    assert petra.post(url("request-submit", draft), signed | {"version": "soon"}).status_code == 409
    assert not Submission.objects.exists()


def test_a_colleague_cannot_file_it_again(cast, seen_by):
    request = a_request(cast)
    again = seen_by("paul").post(url("request-submit", request), SIGNED | {"version": request.version})
    assert again.status_code == 409
    assert "where nobody can submit it" in words(again)


def test_markup_in_what_was_typed_stays_text(cast, petra):
    hostile = "<script>alert(1)</script><a href='file:///etc/passwd'>x</a>"
    draft = a_draft(cast, indication="ibm", answers={**IBM, "justification": hostile, "product": hostile[:50]})
    for page in (petra.get(url("request-edit", draft)), last_page(petra, draft)):
        assert b"<script>alert" not in page.content
        assert "file:///etc/passwd" not in tree(page).xpath("//@href")
        assert hostile in " ".join(tree(page).itertext()) or hostile in str(fields(page))
