"""Two windows on one draft, or on one answer: no value that was saved is replaced by a window that never showed it."""

import json
import random
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.cast import CIDP, a_draft, a_request, denied, recommended, submitted
from tests.examples import share
from tests.prescribing.pages import fields, tree, url, words
from utilization import workflow
from utilization.models import Request, Unsent
from utilization.rules.lifecycle import Status
from utilization.workflow import Invalid

HTMX = {"HX-Request": "true"}
PER_KG = {"dose_unit": "dose_total_g_per_kg"}
"""The unit beside a dose in g/kg of a whole course: no unit stands by itself."""


class Tab:
    """A window as a browser holds it: what stands in its fields, and what a live check changes in it."""

    def __init__(self, client, request, page="request-edit", keep="request-check"):
        self.client, self.request, self.keep = client, request, keep
        self.page = page
        self.reload()

    def reload(self):
        answer = self.client.get(url(self.page, self.request))
        empty = tree(answer).xpath("//main//form//*[self::input[@type='text' or @type='date'] or self::textarea]/@name")
        self.form = {**dict.fromkeys(empty, ""), **fields(answer, url(self.page, self.request))}
        self.html = answer
        return answer

    def type(self, **typed):
        """Type, and let the live check run; an amount of dose without a unit is one of g/kg of the whole course."""
        self.form |= (PER_KG if "dose" in typed else {}) | typed
        return self.save()

    def save(self, heard=True):
        before = dict(self.form)
        answer = self.client.post(url(self.keep, self.request), self.form, headers=HTMX)
        assert answer.status_code == 200, answer.content
        if heard:
            self.form["base"] = tree(answer).xpath("//input[@name='base']/@value")[0]
            self.form["sent"] = ""
        else:
            # As form.js does: what was sent without an answer goes along with the next one.
            unheard = {n: v for n, v in before.items() if n not in ("base", "sent") and v is not None}
            query = Client().get("/", unheard).wsgi_request.META["QUERY_STRING"]
            self.form["sent"] = json.dumps([*json.loads(self.form.get("sent") or "[]"), query][-5:])
        self.html = answer
        return answer

    def settle(self, which):
        """Press one of the two buttons beside the answer that stands apart."""
        pressed = tree(self.html).xpath("//button[@name='settle']/@value")[which]
        answer = self.client.post(url(self.page, self.request), self.form | {"settle": pressed}, follow=True)
        self.reload()
        return answer


def kept(request):
    return {name: value for name, value in Request.objects.get(pk=request.pk).draft.items() if value}


def clashes(answer):
    elements = tree(answer).xpath("//*[contains(@class, 'clash')]")
    return [" ".join(clash.text_content().replace("\u202f", " ").split()) for clash in elements]


@pytest.fixture
def draft(cast):
    return a_draft(cast, answers={})


@pytest.fixture
def tabs(petra, draft):
    return Tab(petra, draft), Tab(petra, draft)


# --- What was seen ------------------------------------------------------------------------------------------------


def test_a_types_a_dose_b_types_days_twice_and_both_stay(tabs, draft):
    one, two = tabs
    one.type(dose="2")
    two.type(course_days="4")
    two.type(course_days="5")
    assert kept(draft) == {"dose_total_g_per_kg": "2", "course_days": "5"}
    one.type(interval_weeks="4")
    assert kept(draft) == {"dose_total_g_per_kg": "2", "course_days": "5", "interval_weeks": "4"}


def test_b_is_told_what_a_wrote_and_shows_it_at_one_press(tabs, draft):
    one, two = tabs
    one.type(dose="2")
    said = clashes(two.type(course_days="5"))
    assert said == ["no answer here, 2 g/kg, whole course saved from another window. Show “2 g/kg, whole course”"]
    two.settle(0)
    assert (two.form["dose"], two.form["course_days"]) == ("2", "5")
    assert kept(draft) == {"dose_total_g_per_kg": "2", "course_days": "5"}


@pytest.mark.long
def test_both_values_are_shown_and_kept_until_one_is_chosen(tabs, draft):
    one, two = tabs
    one.type(dose="1")
    answer = two.type(dose="2")
    assert clashes(answer)[0] == (
        "2 g/kg, whole course here, 1 g/kg, whole course saved from another window. Keep “2 g/kg, whole course” "
        "Use “1 g/kg, whole course”"
    )
    assert "except what is marked" in answer["X-Saved-At"]
    assert kept(draft) == {"dose_total_g_per_kg": "1"}
    # Typing on does not wear the question out, and a third window still finds both.
    two.type(course_days="5")
    assert "saved from another window" in clashes(two.html)[0]
    third = Tab(two.client, draft)
    assert clashes(third.html)[0] == (
        "Saved: 1 g/kg, whole course. Also typed in another window: 2 g/kg, whole course. "
        "Keep “1 g/kg, whole course” Use “2 g/kg, whole course”"
    )
    assert "choose one of the two values" in words(two.client.get(url("request-submit", draft), follow=True))


@pytest.mark.parametrize(("which", "dose"), [(0, "2"), (1, "1")])
def test_the_person_chooses(tabs, draft, which, dose):
    one, two = tabs
    one.type(dose="1")
    two.type(dose="2", course_days="5")
    two.settle(which)
    assert kept(draft) == {"dose_total_g_per_kg": dose, "course_days": "5"}
    assert two.form["dose"] == dose
    assert not Unsent.objects.exists()
    assert clashes(two.html) == []


@pytest.mark.long
@pytest.mark.parametrize(("which", "dose"), [(0, "1"), (1, "2")])
def test_a_window_opened_later_offers_what_was_set_aside(tabs, draft, which, dose):
    one, two = tabs
    one.type(dose="1")
    two.type(dose="2")
    two.reload()
    assert two.form["dose"] == "1"
    two.settle(which)
    assert kept(draft) == {"dose_total_g_per_kg": dose}
    assert not Unsent.objects.exists()


@pytest.mark.long
def test_a_choice_between_two_values_never_replaces_a_third(tabs, draft):
    one, two = tabs
    one.type(dose="1")
    two.type(dose="2")
    one.type(dose="3")
    answer = two.settle(0)
    assert kept(draft) == {"dose_total_g_per_kg": "3"}
    assert "3 g/kg, whole course saved from another window" in clashes(answer)[0]


@pytest.mark.long
def test_nothing_is_submitted_while_two_values_wait_for_a_choice(petra, cast):
    draft = a_draft(cast)
    one, two = Tab(petra, draft), Tab(petra, draft)
    one.type(course_days="4")
    two.type(course_days="3")
    now = Request.objects.get(pk=draft.pk)
    with pytest.raises(Invalid, match="choose one of the two values"):
        submitted(cast, now)
    two.settle(0)
    assert submitted(cast, Request.objects.get(pk=draft.pk)).latest.facts["course_days"] == 3


def test_amount_and_unit_of_a_dose_are_one_answer(tabs, draft):
    one, two = tabs
    one.type(dose="0.4", dose_unit="dose_per_day_g_per_kg")
    answer = two.type(dose="160", dose_unit="dose_total_g")
    assert "160 g, whole course here, 0.4 g/kg each day saved from another window" in clashes(answer)[0]
    assert kept(draft) == {"dose_per_day_g_per_kg": "0.4"}


@pytest.mark.long
def test_a_dose_without_a_unit_is_kept_apart_and_said_to_have_none(tabs, draft):
    one, two = tabs
    one.type(dose="160", dose_unit="dose_total_g")
    said = clashes(two.type(dose="2", dose_unit=""))[0]
    assert said.startswith("2 (no unit) here, 160 g, whole course saved from another window.")
    two.settle(0)
    assert kept(draft) == {"dose_bare": "2"}
    assert "no answer here, 2 (no unit) saved" in clashes(tabs[0].type(dose="", dose_unit=""))[0]


def test_a_dose_not_known_of_the_version_before_is_said_without_a_unit(petra, cast):
    draft = a_draft(cast, answers={"dose_total_g_per_kg": "not_known"})
    one, two = Tab(petra, draft), Tab(petra, draft)
    one.type(dose="1")
    assert "1 g/kg, whole course saved" in clashes(two.save())[0]


def test_the_same_value_typed_twice_is_no_question(tabs, draft):
    one, two = tabs
    one.type(dose="2", safety=["heart_failure"])
    assert clashes(two.type(dose=" 2 ", safety=["heart_failure"])) == []
    assert kept(draft) == {"dose_total_g_per_kg": "2", "safety": ["heart_failure"]}


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        ({"safety": ["heart_failure"]}, {"safety": ["pregnant_not"]}, "Heart failure here"),
        ({"safety": []}, {"safety": ["heart_failure"]}, "no answer here, Heart failure saved"),
        ({"anti_mag_antibody": "positive"}, {"anti_mag_antibody": "negative"}, "positive here, negative saved"),
        ({"course_days": "not_known"}, {"course_days": "5"}, "not known here, 5 days saved"),
        ({"emergency": "yes"}, {"emergency": ""}, ""),
        ({"product": "Privigen"}, {"product": "Octagam 10%"}, "Privigen here, Octagam 10% saved"),
        ({"emergency_reason": "She cannot walk."}, {"emergency_reason": "He cannot."}, "She cannot walk. here"),
        ({"weight_rule_opt_out": "true"}, {"weight_rule_opt_out": "false"}, "yes here, no saved"),
    ],
)
def test_every_kind_of_answer_is_kept_apart(petra, cast, mine, theirs, said):
    draft = a_draft(cast, answers={"safety": ["renal_impairment"]} if "safety" in mine and not mine["safety"] else {})
    one, two = Tab(petra, draft), Tab(petra, draft)
    for tab in (one, two):
        tab.form["boxes"] = ["safety", "emergency"]
    one.type(**theirs)
    answer = two.type(**mine)
    if said:
        assert said in clashes(answer)[0]
        name = next(iter(theirs))
        assert kept(draft).get(name) == theirs[name]
    else:
        assert kept(draft) == {"emergency": "yes"}


@pytest.mark.long
def test_without_a_script_the_form_comes_back_with_both_values(petra, draft):
    one, two = Tab(petra, draft), Tab(petra, draft)
    one.type(dose="1")
    typed = {"dose": "2", **PER_KG, "course_days": "5", "go_on": "yes"}
    page = petra.post(url("request-edit", draft), two.form | typed)
    assert page.status_code == 422
    assert "choose one of the two values" in words(page, "//*[@id='error-summary']")
    assert fields(page)["dose"] == "2"
    again = petra.post(url("request-edit", draft), fields(page))
    assert again.status_code == 422, "sent again unread, it is still a question"
    assert kept(draft)["dose_total_g_per_kg"] == "1"
    assert kept(draft)["course_days"] == "5"


def test_an_answer_that_was_never_heard_of_is_the_windows_own(tabs, draft):
    one, two = tabs
    one.form |= {"dose": "1", **PER_KG}
    one.save(heard=False)
    assert kept(draft) == {"dose_total_g_per_kg": "1"}
    assert clashes(one.type(dose="15")) == []
    assert kept(draft) == {"dose_total_g_per_kg": "15"}
    assert "15 g/kg, whole course saved from another window" in clashes(two.type(dose="2"))[0]


@pytest.mark.parametrize("sent", ["{", "[1]", "null", '["dose=1"', "[[]]"])
def test_what_a_form_says_of_its_past_may_be_nonsense(petra, draft, sent):
    tab = Tab(petra, draft)
    tab.type(dose="2", sent=sent, settle=sent)
    assert kept(draft) == {"dose_total_g_per_kg": "2"}


def test_a_forged_choice_takes_no_fact_that_a_form_cannot_hold(petra, draft):
    tab = Tab(petra, draft)
    forged = json.dumps({"seen": {"weight_kg": ""}, "take": {"weight_kg": "1", "status": "approved", "dose": 3}})
    petra.post(url("request-edit", draft), tab.form | {"settle": forged})
    assert kept(draft) == {}


def test_discarding_or_submitting_a_draft_leaves_nothing_set_aside(tabs, draft, cast):
    one, two = tabs
    one.type(dose="1")
    two.type(dose="2")
    assert Unsent.objects.count() == 1
    now = Request.objects.get(pk=draft.pk)
    workflow.discard(draft.uid, by=cast["petra"], at=timezone.now(), version=now.version)
    assert not Unsent.objects.exists()


# --- What counts back from now ------------------------------------------------------------------------------------


def later(tab, at, **typed):
    """The same window at another moment, the person having signed in again."""
    with time_machine.travel(at, tick=False):
        tab.client.logout()
        tab.client.force_login(tab.request.author)
        return tab.type(**typed)


def test_a_number_of_days_is_the_same_in_both_windows_and_the_next_day_too(petra, cast):
    now = timezone.now()
    draft = a_draft(cast, at=now, answers={**CIDP, "days_since_onset": "12"})
    one, two = Tab(petra, draft), Tab(petra, draft)
    assert one.form["days_since_onset"] == "12"
    assert clashes(one.type(interval_weeks="3")) == []
    assert "days_since_onset" not in str(clashes(two.type(course_days="4")))
    before = kept(draft)["days_since_onset"]
    # Windows left open overnight: the day that is meant stays, and nobody is asked anything.
    assert clashes(later(one, now + timedelta(days=1), course_days="4", interval_weeks="4")) == []
    assert kept(draft)["days_since_onset"] == before


@pytest.mark.parametrize(
    ("name", "passed"), [("days_since_onset", {"days": 1}), ("hours_since_infusion_end", {"hours": 2})]
)
def test_a_number_typed_in_a_window_that_stays_open_goes_on_counting_without_a_question(petra, cast, name, passed):
    now = timezone.now()
    draft = a_draft(cast, at=now, answers={**CIDP, name: "40"})
    tab = Tab(petra, draft)
    later(tab, now + timedelta(minutes=1), **{name: "12"})
    before = kept(draft)[name]
    assert before.startswith("12 @")
    assert clashes(later(tab, now + timedelta(**passed), interval_weeks="3")) == []
    assert kept(draft)[name] == before
    # What stood there before is an answer of its own again.
    later(tab, now + timedelta(**passed), **{name: "40"})
    assert clashes(tab.html) == []
    assert kept(draft)[name] != before


def test_the_same_number_typed_in_two_windows_is_no_question(petra, cast):
    draft = a_draft(cast, answers={**CIDP, "days_since_onset": "3"})
    one, two = Tab(petra, draft), Tab(petra, draft)
    one.type(days_since_onset="12")
    assert clashes(two.type(days_since_onset="12")) == []
    assert kept(draft)["days_since_onset"].startswith("12 @")


@pytest.mark.long
def test_two_numbers_of_days_are_told_as_the_form_shows_them(petra, cast):
    now = timezone.now()
    draft = a_draft(cast, at=now, answers={**CIDP, "days_since_onset": "3"})
    one, two = Tab(petra, draft), Tab(petra, draft)
    one.type(days_since_onset="12")
    said = clashes(later(two, now + timedelta(days=2), days_since_onset="20"))
    assert said == ["20 days here, 14 days saved from another window. Keep “20 days” Use “14 days”"]
    assert kept(draft)["days_since_onset"].startswith("12 @")
    two.settle(0)
    assert kept(draft)["days_since_onset"].startswith("20 @")


# --- At random, against an oracle ---------------------------------------------------------------------------------

CHOICES = {
    "dose": ["", "1", "2"],
    "course_days": ["", "2", "5"],
    "interval_weeks": ["", "3", "4"],
    "product": ["", "Privigen"],
    "safety": [[], ["heart_failure"], ["none_of_these"]],
}


def as_list(value, values):
    return [value] if isinstance(value, str) and isinstance(values[0], list) else value


@pytest.mark.long
@pytest.mark.parametrize("seed", range(max(1, 6 // share())))
def test_windows_that_interleave_at_random_agree_with_a_naive_account(petra, draft, seed):
    """The account: one value of each answer is true. A window that changes an answer may write it where the true value
    is the one that it showed; where it is another one, nothing is written and the window is told."""
    chance = random.Random(seed)
    tabs = [Tab(petra, draft) for _ in range(3)]
    true = {name: values[0] for name, values in CHOICES.items()}
    shown = [dict(true) for _ in tabs]
    for step in range(40):
        at = chance.randrange(len(tabs))
        tab = tabs[at]
        if chance.random() < 0.1:
            tab.reload()
            shown[at] = dict(true)
        typed = {name: chance.choice(values) for name, values in CHOICES.items() if chance.random() < 0.35}
        tab.form["boxes"] = ["safety", "emergency"]
        tab.form |= (PER_KG if "dose" in typed else {}) | typed
        holds = {name: as_list(tab.form.get(name) or values[0], values) for name, values in CHOICES.items()}
        if holds["safety"] == ["one_by_one"]:
            holds["safety"] = []  # As the checklist says it while nobody answered for the rows that are left.
        told = clashes(tab.save())
        apart = {n for n in CHOICES if holds[n] != shown[at][n] and true[n] != shown[at][n] and true[n] != holds[n]}
        stale = {n for n in CHOICES if holds[n] == shown[at][n] and true[n] != shown[at][n]}
        for name in set(CHOICES) - apart - stale:
            true[name] = shown[at][name] = holds[name]
        now = Request.objects.get(pk=draft.pk).draft
        kept = {
            name: now.get("dose_total_g_per_kg" if name == "dose" else name) or values[0]
            for name, values in CHOICES.items()
        }
        assert kept == true, (seed, step)
        assert len(told) == len(apart) + len(stale), (seed, step, told)


# --- An answer to a question --------------------------------------------------------------------------------------


@pytest.fixture
def question(cast):
    return a_request(cast, Status.INFORMATION_ASKED, at=timezone.now() - timezone.timedelta(hours=5))


def answering(client, request):
    return Tab(client, request, "request-answer", "request-answer-keep")


@pytest.mark.long
def test_what_is_typed_into_an_answer_survives_a_reload_and_changes_nothing(petra, question, seen_by):
    tab = answering(petra, question)
    assert tab.type(text="In two lines,\nfor now.", course_days="4")["X-Saved-At"]
    page = tab.reload()
    assert (tab.form["text"].replace("\r", ""), tab.form["course_days"]) == ("In two lines,\nfor now.", "4")
    assert "In two lines" not in seen_by("paul").get(url("request-answer", question)).content.decode()
    now = Request.objects.get(pk=question.pk)
    assert (now.draft, now.version, now.status) == (CIDP, question.version, Status.INFORMATION_ASKED)
    assert "4 days" in words(page) or "4" in tab.form["course_days"]


@pytest.mark.long
def test_two_windows_on_one_answer_wipe_nothing(petra, question):
    one, two = answering(petra, question), answering(petra, question)
    one.type(text="From the first.")
    two.type(course_days="4")
    assert Unsent.objects.get().typed == {"text": "From the first.", "course_days": "4"}
    assert "From the second. here, From the first. saved" in clashes(two.type(text="From the second."))[0]
    sent = petra.post(url("request-answer", question), two.form)
    assert sent.status_code == 422
    assert Request.objects.get(pk=question.pk).status == Status.INFORMATION_ASKED
    chosen = tree(sent).xpath("//button[@name='settle']/@value")[0]
    page = petra.post(url("request-answer", question), fields(sent, "/answer/") | {"settle": chosen})
    assert page.status_code == 200
    assert fields(page, "/answer/")["text"] == "From the second."
    done = petra.post(url("request-answer", question), fields(page, "/answer/") | {"dose_again": "155"})
    assert done.status_code == 302
    assert Request.objects.get(pk=question.pk).latest.facts["course_days"] == 4
    assert not Unsent.objects.exists()


@pytest.mark.long
def test_a_correction_typed_in_another_window_is_not_sent_unseen(petra, question):
    one, two = answering(petra, question), answering(petra, question)
    one.type(course_days="4")
    sent = petra.post(url("request-answer", question), two.form | {"text": "No change."})
    assert sent.status_code == 422
    assert "4 days saved from another window" in clashes(sent)[0]


def test_a_faulty_text_is_told_and_the_rest_is_kept(petra, question):
    tab = answering(petra, question)
    answer = tab.type(text="a\u202eb", course_days="4")
    assert "except what is marked" in answer["X-Saved-At"]
    assert Unsent.objects.get().typed == {"course_days": "4"}


@pytest.mark.long
def test_the_reason_of_a_withdrawal_survives_a_reload(petra, question):
    tab = Tab(petra, question, "request-withdraw", "request-withdraw-keep")
    tab.type(reason="The patient moved")
    tab.reload()
    assert tab.form["reason"] == "The patient moved"
    page = petra.post(url("request-withdraw", question), tab.form, follow=True)
    assert "The patient moved" in words(page)
    assert not Unsent.objects.exists()


@pytest.mark.long
def test_what_leads_nowhere_any_more_is_forgotten_and_the_rest_stays(petra, cast):
    request = a_request(cast, at=timezone.now() - timezone.timedelta(hours=5))
    reason = Tab(petra, request, "request-withdraw", "request-withdraw-keep")
    reason.type(reason="Perhaps")
    asked = workflow.ask(
        request.uid, by=cast["fern"], at=timezone.now(), version=request.version, facts=[], text="Why now?"
    )
    answering(petra, request).type(text="Since")
    assert set(Unsent.objects.values_list("page", flat=True)) == {"withdraw", "answer"}
    workflow.answer(
        request.uid, by=cast["paul"], at=timezone.now(), version=asked.version, text="Paul was first.", answers={}
    )
    assert set(Unsent.objects.values_list("page", flat=True)) == {"withdraw"}
    now = denied(
        cast, recommended(cast, Request.objects.get(pk=request.pk), choice="deny", at=timezone.now()), at=timezone.now()
    )
    assert now.status == Status.DENIED
    assert not Unsent.objects.exists()


@pytest.mark.long
def test_what_is_typed_after_the_request_has_moved_on_is_not_kept(petra, question, cast):
    tab = answering(petra, question)
    workflow.answer(
        question.uid, by=cast["paul"], at=timezone.now(), version=question.version, text="Paul was first.", answers={}
    )
    tab.form["text"] = "Late."
    late = petra.post(url("request-answer-keep", question), tab.form, headers=HTMX)
    assert late.status_code == 409
    assert not Unsent.objects.exists()


def test_nobody_else_keeps_anything_on_a_request(question, seen_by):
    for who in ("rosa", "sam"):
        answer = seen_by(who).post(url("request-answer-keep", question), {"text": "x"}, headers=HTMX)
        assert answer.status_code == 404
    assert Client().post(url("request-answer-keep", question), {"text": "x"}, headers=HTMX).status_code == 401


# --- Signed out, refused ------------------------------------------------------------------------------------------


def test_after_signing_in_again_a_page_gets_the_new_token_and_goes_on(cast, draft):
    browser = Client(enforce_csrf_checks=True, headers={"Origin": "http://testserver"})
    browser.force_login(cast["petra"])
    page = browser.get(url("request-edit", draft))
    form = fields(page) | {"dose": "2", **PER_KG}
    old = tree(page).xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
    browser.logout()
    gone = browser.post(url("request-check", draft), form | {"csrfmiddlewaretoken": old}, headers=HTMX)
    assert gone.status_code in (401, 403)
    browser.force_login(cast["petra"])
    browser.cookies.pop("csrftoken", None)
    refused = browser.post(url("request-check", draft), form | {"csrfmiddlewaretoken": old}, headers=HTMX)
    assert (refused.status_code, refused["HX-Reswap"]) == (403, "none")
    new = refused["X-New-Token"]
    saved = browser.post(url("request-check", draft), form | {"csrfmiddlewaretoken": new}, headers=HTMX)
    assert saved.status_code == 200
    assert kept(draft) == {"dose_total_g_per_kg": "2"}


def test_a_page_of_another_site_gets_no_token(cast, draft):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast["petra"])
    answer = browser.post(
        url("request-check", draft), {"dose": "2"}, headers={**HTMX, "Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403
    assert "X-New-Token" not in answer


@pytest.mark.parametrize("half", [r"\ud800", r"\uDC00", r"ok \udfff"])
@pytest.mark.parametrize("field", ["settle", "base"])
def test_half_a_character_in_what_a_page_sends_is_no_answer(cast, client, field, half):
    """A lone surrogate is text to JSON and to nobody else: it could neither be kept nor shown again."""
    request = a_draft(cast)
    client.force_login(cast["petra"])
    values = f'{{"justification": "{half}"}}'
    sent = {"base": '{"justification": ""}', "justification": "Worse since Monday.", field: values}
    if field == "settle":
        sent["settle"] = f'{{"seen": {values}, "take": {values}}}'
    answer = client.post(url("request-check", request), sent, headers=HTMX)
    assert answer.status_code == 200
    request.refresh_from_db()
    assert request.draft["justification"] == "Worse since Monday."
