"""The impact preview: what it says is what judging every request by both packs says, and no patient stands in it."""

import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import IBM, REASONS, a_request, stated_again
from tests.formulary.acts import a_criteria_draft, a_publication, pack_text
from tests.matrix.world import undone
from tests.prescribing.pages import tree, words
from utilization import access, criteria, workflow
from utilization.criteria import facts_of
from utilization.jobs import impact_preview, replay
from utilization.models import AccessEntry, Event, ImpactPage, ImpactPreview, Request, Submission
from utilization.models.impact_preview import DONE, FAILED, RUNNING, WAITING
from utilization.plots.canvas import PAINTS
from utilization.rules.judging.judge import judge
from utilization.rules.lifecycle import Status
from utilization.rules.words import OUTCOMES
from utilization.workflow import formulary
from utilization.workflow.errors import Refused
from utilization.workflow.impact_question import LOST_AFTER, ask_preview, history_mark, preview_question
from utilization.workflow.pack_proof import pack_reading
from utilization.workflow.prices import set_price

NOW = timezone.now()
RECENT = NOW - timedelta(days=3)


@pytest.fixture
def requests(cast):
    """Filed at North: two open, one approved with a live authorization, one denied; and one at South."""
    southern = cast.a_patient(by="sam", mrn="S-1", name="Berta Southern")
    a_request(cast, Status.PHARMACIST_REVIEW, at=RECENT, by="sam", patient=southern)
    a_request(cast, Status.DRAFT, at=RECENT)
    ibm = {"indication": "ibm", "answers": IBM}
    return {
        "approved": a_request(cast, Status.APPROVED, at=RECENT),
        "open": a_request(cast, Status.PHARMACIST_REVIEW, at=RECENT),
        "asked": a_request(cast, Status.INFORMATION_ASKED, at=RECENT, **ibm),
        "denied": a_request(cast, Status.DENIED, at=RECENT, **ibm),
    }


@pytest.fixture
def draft(cast):
    """Of an indication alone, and for people over 60: the patient is 57 or 58."""
    return a_criteria_draft(cast, files=pack_text(age=60), at=RECENT)


@pytest.fixture
def forrest(enter):
    return enter("forrest")


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    """Ask as a browser does, and let the job run that is queued once the answer is committed."""

    def ask(browser, draft):
        with django_capture_on_commit_callbacks(execute=True):
            answer = browser.post(reverse("formulary-impact-ask", args=[draft.uid]))
        return browser.get(answer["Location"])

    return ask


def page_of(browser, draft, query=""):
    return browser.get(reverse("formulary-impact", args=[draft.uid]) + query)


def naive(cast, draft):
    """Counter of (indication, was, becomes), by judging each of North's newest submissions by both packs."""
    new, old = pack_reading(draft.files).pack, criteria.builtin_pack()
    found = Counter()
    newest = {filed.request_id: filed for filed in Submission.objects.filter(request__site=cast.north)}
    for filed in newest.values():
        outcomes = [
            judge(
                pack, filed.indication, facts_of(filed), tables=criteria.reference_tables(), as_of=filed.as_of
            ).outcome.value
            for pack in (old, new)
        ]
        if outcomes[0] != outcomes[1]:
            found[filed.indication, *outcomes] += 1
    return found


# --- What it says -------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_it_says_what_judging_each_request_by_both_packs_says(cast, requests, draft, forrest, at_once):
    page = at_once(forrest, draft)
    done = ImpactPreview.objects.get()
    assert (done.status, done.findings["judged"], done.findings["changed"]) == (DONE, 4, 4)
    groups = {(one["indication"], one["was"], one["becomes"]): one["count"] for one in done.findings["groups"]}
    assert groups == naive(cast, draft)
    assert groups == {("cidp", "meets", "does_not_meet"): 2, ("ibm", "does_not_meet", "exception_review"): 2}
    assert done.findings["kinds"] == {"authorization": 1, "open": 2, "history": 1}
    said = words(page)
    assert "Requests judged 4" in said
    assert "Outcome changes 4" in said
    assert "Publishing changes none of these requests." in said
    assert "its renewal is judged by the criteria in force on the day when it is asked for" in said


@pytest.mark.long
def test_the_table_says_what_the_plot_says(cast, requests, draft, forrest, at_once):
    page = tree(at_once(forrest, draft))
    plots = page.xpath("//*[local-name()='svg' and @role='img']")
    said = [[text.text.strip() for text in plot.xpath(".//*[local-name()='text']")] for plot in plots]
    bars = [tuple(said[1][place : place + 3]) for place in range(0, len(said[1]), 3)]
    assert sorted(said[0]) == sorted(said[1])  # for a desk, and for a phone
    table = [
        [" ".join(cell.itertext()).split(" of ")[0].strip() for cell in row.xpath("td")]
        for row in page.xpath("//section[@aria-labelledby='table']//tbody/tr")
    ]
    assert bars == [
        ("CIDP", "Meets criteria → Does not meet criteria", "2"),
        ("IBM", "Does not meet criteria → Exception review", "2"),
    ]
    assert [cells[:3] for cells in table] == [[*way.split(" → "), count] for _, way, count in bars]
    for plot in plots:
        bars_drawn = plot.xpath(".//*[local-name()='path']")
        assert len({path.get("d").split(" v")[0].rpartition(" ")[2] for path in bars_drawn}) == 1
        assert {path.get("fill") for path in bars_drawn} == {PAINTS["bad"], PAINTS["weigh"]}
        assert page.xpath(f"//*[@id='{plot.get('aria-labelledby')}']")[0].text.startswith("Requests by indication")


@pytest.mark.long
def test_each_changed_request_is_listed_by_number_with_what_it_is_now(cast, requests, draft, forrest, at_once):
    at_once(forrest, draft)
    first = words(page_of(forrest, draft))
    assert requests["approved"].number in first
    assert requests["denied"].number not in first
    rows = tree(page_of(forrest, draft, "?group=1")).xpath("//section[@aria-labelledby='list']//tbody/tr")
    listed = {row.xpath("th")[0].text: row.xpath("td")[1].text for row in rows}
    assert listed == {requests["asked"].number: "Open request", requests["denied"].number: "Decided"}


@pytest.mark.long
def test_nothing_of_a_patient_stands_in_it_and_no_read_is_written_down(cast, requests, draft, forrest, at_once):
    before = AccessEntry.objects.count()
    answers = [at_once(forrest, draft), page_of(forrest, draft, "?group=1")]
    export = forrest.get(reverse("formulary-impact-csv", args=[draft.uid]))
    text = "".join(one.content.decode() for one in answers) + b"".join(export.streaming_content).decode()
    text += str(ImpactPreview.objects.values_list()) + str(list(ImpactPage.objects.values_list()))
    patient = cast.patient
    for secret in (patient.name, patient.mrn, patient.date_of_birth.isoformat(), str(patient.uid), "Berta", "82.5"):
        assert secret not in text
    assert AccessEntry.objects.count() == before


@pytest.mark.long
def test_the_export_holds_every_changed_request(cast, requests, draft, forrest, at_once):
    at_once(forrest, draft)
    export = forrest.get(reverse("formulary-impact-csv", args=[draft.uid]))
    assert export["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(b"".join(export.streaming_content).decode("utf-8-sig"))))
    lost, weighed = ("meets", "does_not_meet"), ("does_not_meet", "exception_review")
    expected = {"approved": lost, "open": lost, "asked": weighed, "denied": weighed}
    assert {(one["request"], one["was"], one["becomes"]) for one in lines} == {
        (requests[name].number, *change) for name, change in expected.items()
    }
    assert {one["grams_a_course"] for one in lines} == {"155"}


@pytest.mark.long
def test_a_draft_that_changes_nothing_says_so(cast, requests, forrest, at_once):
    files = {**criteria.builtin_pack().files}
    files["pack.yaml"] = files["pack.yaml"].replace("  name: ivig-builtin\n", "  name: north-ivig\n", 1)
    same = a_criteria_draft(cast, files=files, at=RECENT)
    page = at_once(forrest, same)
    assert "No outcome changes" in words(page)
    assert not tree(page).xpath("//*[local-name()='svg' and @role='img']")


def test_a_site_without_requests_says_so(cast, draft, forrest, at_once):
    assert "No request to judge" in words(at_once(forrest, draft))
    export = forrest.get(reverse("formulary-impact-csv", args=[draft.uid]))
    assert b"".join(export.streaming_content).decode("utf-8-sig").count("\r\n") == 1


@pytest.mark.long
def test_a_long_list_is_read_page_by_page(cast, requests, draft, forrest, at_once, monkeypatch):
    monkeypatch.setattr(impact_preview, "ROWS_A_PAGE", 1)
    first = at_once(forrest, draft)
    links = tree(first).xpath("//nav[@class='pager']//a/@href")
    assert len(links) == 1
    second = forrest.get(links[0].partition("#")[0])
    back = tree(second).xpath("//nav[@class='pager']//a/@href")
    assert len(back) == 1
    assert words(forrest.get(back[0].partition("#")[0])) == words(first)
    numbers = [tree(one).xpath("//section[@aria-labelledby='list']//tbody/tr/th")[0].text for one in (first, second)]
    assert set(numbers) == {requests["approved"].number, requests["open"].number}
    assert "No such page" in words(page_of(forrest, draft, "?group=0&page=99"))
    for odd in ("?group=x", "?group=-1", "?page=٣", "?group=999999999999", "?group=77"):
        assert page_of(forrest, draft, odd).status_code == 200


# --- Grams and cost -----------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    ("prices", "cost", "unpriced"),
    [
        ([], {}, 0),
        ([("", "10", "EUR")], {"EUR": "6200"}, 0),
        ([("Privigen", "10", "EUR")], {"EUR": "1550"}, 3),
        ([("Privigen", "20", "USD"), ("", "10", "EUR")], {"EUR": "4650", "USD": "3100"}, 0),
        ([("", "10", "EUR"), ("", "", "EUR")], {}, 0),
    ],
)
def test_cost_is_reckoned_by_the_product_s_price_and_else_by_that_of_every_brand(
    cast, draft, forrest, at_once, requests, prices, cost, unpriced
):
    for brand, per_gram, currency in prices:
        set_price(by=cast["forrest"], at=NOW, site=cast.north, brand=brand, per_gram=per_gram, currency=currency)
    an_answer(cast, requests["open"], {"product": "privigen"})
    at_once(forrest, draft)
    found = ImpactPreview.objects.get().findings
    assert (found["grams"], found["cost"], found["unpriced"]) == ("620", cost, unpriced)


def an_answer(cast, request, answers):
    """Have `request` filed anew with `answers`: a reviewer asks, and the prescriber answers."""
    given = {"facts": ["product"], "text": "Which brand?"}
    asked = workflow.ask(request.uid, by=cast["fern"], at=NOW, version=request.version, **given)
    asked.draft = {**asked.draft, **answers}
    case = workflow.read_request(asked, NOW).judgement
    workflow.answer(
        asked.uid,
        by=cast["petra"],
        at=NOW,
        version=asked.version,
        text="This one.",
        answers=answers,
        confirmations=workflow.Confirmations(
            acknowledged=case.warnings, reasons=REASONS, again=stated_again(asked, NOW)
        ),
    )


# --- Asking, and when it is out of date ---------------------------------------------------------------------------


@pytest.mark.long
def test_the_same_question_is_worked_out_once(cast, requests, draft, forrest, enter, at_once):
    at_once(forrest, draft)
    first = ImpactPreview.objects.get()
    at_once(enter("fiona"), draft)
    assert ImpactPreview.objects.get().ended_at == first.ended_at
    assert "Work it out again" not in words(page_of(forrest, draft))


@pytest.mark.long
def test_a_request_filed_since_makes_it_stale_and_asking_again_mends_it(cast, requests, draft, forrest, at_once):
    at_once(forrest, draft)
    a_request(cast, Status.PHARMACIST_REVIEW, at=NOW)
    stale = words(page_of(forrest, draft))
    assert "Requests were filed or decided since" in stale
    assert "Requests judged 4" in stale
    fresh = words(at_once(forrest, draft))
    assert "Requests judged 5" in fresh
    assert "since" not in fresh
    assert ImpactPreview.objects.count() == 2


@pytest.mark.long
def test_another_text_makes_it_stale_until_it_is_written_back(cast, requests, draft, forrest, at_once):
    at_once(forrest, draft)
    texts = dict(draft.files)
    changed = formulary.save_file(draft.uid, by=draft.author, at=NOW, version=draft.version, path="cidp.yaml",
                                  text=texts["cidp.yaml"].replace("60", "50"))  # fmt: skip
    assert "this is the impact of an earlier text" in words(page_of(forrest, draft))
    formulary.save_file(draft.uid, by=draft.author, at=NOW, version=changed.version, path="cidp.yaml",
                        text=texts["cidp.yaml"])  # fmt: skip
    assert "earlier text" not in words(page_of(forrest, draft))


@pytest.mark.long
def test_other_criteria_in_force_make_it_stale(cast, requests, draft, forrest, at_once):
    at_once(forrest, draft)
    # The day of the site, which may be another than that of the clock.
    today = cast.north.date_at(NOW)
    a_publication(cast, version="7", age=20, at=NOW, day=today)
    assert "Other criteria are in force by now" in words(page_of(forrest, draft))
    at_once(forrest, draft)
    newest = ImpactPreview.objects.order_by("-pk").first()
    assert newest.against == "Policy of North, version 7"
    assert {(one["was"], one["becomes"]) for one in newest.findings["groups"]} == {("meets", "does_not_meet")}


@pytest.mark.long
def test_writing_in_the_draft_or_reading_a_case_is_no_news(cast, requests):
    today = NOW.date()
    mark = history_mark(cast.north, today)
    a_criteria_draft(cast, at=NOW)
    assert history_mark(cast.north, today) == mark
    assert history_mark(cast.south, today) != mark
    assert history_mark(cast.north, today + timedelta(days=1)) != mark


def test_a_draft_that_does_not_read_is_not_previewed(cast, forrest, at_once):
    broken = a_criteria_draft(cast, files={"pack.yaml": "pack: ["}, at=RECENT)
    page = at_once(forrest, broken)
    assert "The draft does not read" in words(page, "//body")
    assert preview_question(broken, NOW, broken.author) is None
    assert not ImpactPreview.objects.exists()
    assert not tree(page).xpath("//form[contains(@action, 'ask')]")


# --- Jobs ---------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_while_it_waits_the_page_asks_by_itself_and_tells_how_far_it_is(cast, requests, draft, forrest):
    preview, new = ask_preview(draft.uid, by=cast["forrest"], at=timezone.now())
    assert new
    assert preview.status == WAITING
    where = reverse("formulary-impact-progress", args=[draft.uid])
    assert "It waits for its turn." in words(page_of(forrest, draft))
    ImpactPreview.objects.update(status=RUNNING, done=2, total=4)
    piece = forrest.get(where, headers={"hx-request": "true"})
    assert "HX-Refresh" not in piece
    bar = tree(piece).xpath("//progress")[0]
    assert (bar.get("value"), bar.get("max")) == ("2", "4")
    assert "2 of 4 steps done" in piece.content.decode()
    assert tree(piece).get("hx-trigger") == "every 1s"
    assert not tree(page_of(forrest, draft)).xpath("//form[contains(@action, 'ask')]")
    ImpactPreview.objects.update(status=WAITING)
    impact_preview.work_out.call(preview.pk)
    assert forrest.get(where)["HX-Refresh"] == "true"


@pytest.mark.long
def test_signs_of_life_are_written_while_it_works(cast, requests, draft, monkeypatch):
    monkeypatch.setattr(impact_preview, "_BEAT_SECONDS", 0)
    preview, _ = ask_preview(draft.uid, by=cast["forrest"], at=RECENT)
    seen = []
    real = impact_preview.replayed

    def watched(site, asked, progress):
        def tell(done, total):
            progress(done, total)
            seen.append(tuple(ImpactPreview.objects.values_list("status", "done", "total")[0]))

        return real(site, asked, tell)

    monkeypatch.setattr(impact_preview, "replayed", watched)
    impact_preview.work_out.call(preview.pk)
    assert seen[-1] == (RUNNING, 4, 4)
    assert ImpactPreview.objects.get().beat_at > RECENT


@pytest.fixture
def in_columns(monkeypatch, settings, tmp_path):
    """Every history counts as large, and more than one request as too many beside it; the columns are kept in a folder
    of this test.
    """
    monkeypatch.setattr(replay, "MOST_ONE_BY_ONE", 1)
    monkeypatch.setattr(replay, "MOST_AT_ONCE", 1)
    settings.VAR_DIR = tmp_path
    return tmp_path / "replay" / "north"


@pytest.mark.long
def test_a_large_history_in_columns_comes_to_the_same(cast, requests, draft, forrest, at_once, in_columns):
    page = at_once(forrest, draft)
    done = ImpactPreview.objects.get()
    assert done.status == DONE
    groups = {(one["indication"], one["was"], one["becomes"]): one["count"] for one in done.findings["groups"]}
    assert groups == naive(cast, draft)
    assert done.findings["kinds"] == {"authorization": 1, "open": 2, "history": 1}
    assert "Requests judged 4" in words(page)
    assert in_columns.parent.stat().st_mode & 0o077 == 0
    kept = b"".join(one.read_bytes() for one in in_columns.rglob("*") if one.is_file())
    for secret in (cast.patient.name, cast.patient.mrn, str(cast.patient.uid)):
        assert secret.encode() not in kept


@pytest.mark.long
def test_columns_serve_until_too_much_was_filed_beside_them(cast, requests, draft, forrest, at_once, in_columns):
    at_once(forrest, draft)
    mark = in_columns / "history"
    first = mark.stat().st_mtime_ns
    at_once(forrest, a_criteria_draft(cast, files=pack_text(age=30), at=RECENT))
    a_request(cast, Status.PHARMACIST_REVIEW, at=NOW)
    assert "Requests judged 5" in words(at_once(forrest, draft))
    assert mark.stat().st_mtime_ns == first
    assert _newest_groups(draft) == naive(cast, draft)
    a_request(cast, Status.PHARMACIST_REVIEW, at=NOW)
    assert "Requests judged 6" in words(at_once(forrest, draft))
    assert mark.stat().st_mtime_ns > first
    assert _newest_groups(draft) == naive(cast, draft)


@pytest.mark.long
def test_what_was_answered_since_counts_as_answered_and_what_was_decided_as_decided(
    cast, requests, draft, forrest, at_once, in_columns
):
    at_once(forrest, draft)
    written = (in_columns / "history").stat().st_mtime_ns
    an_answer(cast, requests["open"], {"dose_total_g_per_kg": "3"})
    asked = Request.objects.get(pk=requests["asked"].pk)
    workflow.withdraw(asked.uid, by=cast["petra"], at=NOW, version=asked.version, reason="The patient moved away.")
    at_once(forrest, draft)
    assert (in_columns / "history").stat().st_mtime_ns == written
    groups = _newest_groups(draft)
    assert groups == naive(cast, draft)
    assert groups["cidp", "exception_review", "does_not_meet"] == 1
    assert _newest(draft).findings["kinds"] == {"authorization": 1, "open": 1, "history": 2}


def _newest(draft):
    return ImpactPreview.objects.filter(draft=draft).order_by("-pk").first()


def _newest_groups(draft):
    return {(one["indication"], one["was"], one["becomes"]): one["count"] for one in _newest(draft).findings["groups"]}


@pytest.mark.long
def test_only_what_takes_a_moment_is_worked_out_while_the_page_waits(
    cast, requests, draft, forrest, at_once, in_columns, monkeypatch
):
    where = reverse("formulary-impact-ask", args=[draft.uid])
    forrest.post(where)
    assert _newest(draft).status == WAITING  # no columns yet: the worker writes them
    impact_preview.work_out.call(_newest(draft).pk)
    a_request(cast, Status.PHARMACIST_REVIEW, at=NOW)
    forrest.post(where)
    assert _newest(draft).status == DONE  # one request beside the columns
    a_request(cast, Status.PHARMACIST_REVIEW, at=NOW)
    forrest.post(where)
    assert _newest(draft).status == WAITING  # two are more than a moment here
    impact_preview.work_out.call(_newest(draft).pk)
    texts = pack_text()
    texts["cidp.yaml"] = texts["cidp.yaml"].replace("{age_years: {at_least: 18}}", "{specialist: {mentions: [zebra]}}")
    wordy = a_criteria_draft(cast, files=texts, at=RECENT)
    forrest.post(reverse("formulary-impact-ask", args=[wordy.uid]))
    assert _newest(wordy).status == WAITING  # the columns hold nothing of that word
    monkeypatch.setattr(replay, "MOST_AT_ONCE", 99)
    small = a_criteria_draft(cast, files=pack_text(age=30), at=RECENT)
    forrest.post(reverse("formulary-impact-ask", args=[small.uid]))
    assert _newest(small).status == DONE


@pytest.mark.long
def test_columns_that_lack_what_a_draft_looks_for_are_written_anew(cast, requests, draft, forrest, at_once, in_columns):
    at_once(forrest, draft)
    texts = pack_text()
    texts["cidp.yaml"] = texts["cidp.yaml"].replace("{age_years: {at_least: 18}}", "{specialist: {mentions: [zebra]}}")
    wordy = a_criteria_draft(cast, files=texts, at=RECENT)
    at_once(forrest, wordy)
    done = ImpactPreview.objects.get(draft=wordy)
    assert done.status == DONE
    groups = {(one["indication"], one["was"], one["becomes"]): one["count"] for one in done.findings["groups"]}
    assert groups == naive(cast, wordy)


@pytest.mark.long
def test_a_job_that_fails_says_so_and_what_to_do_and_can_be_asked_for_again(
    cast, requests, draft, forrest, at_once, monkeypatch
):
    def fail(*_):
        raise ZeroDivisionError("a text with a fact in it")

    with monkeypatch.context() as patch:
        patch.setattr(impact_preview, "replayed", fail)
        page = at_once(forrest, draft)
    assert ImpactPreview.objects.get().status == FAILED
    said = words(page)
    assert "failed (ZeroDivisionError)" in said
    assert "Ask for it again" in said
    assert "a text with a fact" not in page.content.decode()
    assert "Requests judged 4" in words(at_once(forrest, draft))
    assert ImpactPreview.objects.get().status == DONE


@pytest.mark.long
def test_a_job_that_was_lost_can_be_asked_for_again(cast, requests, draft, forrest, at_once):
    preview, _ = ask_preview(draft.uid, by=cast["forrest"], at=timezone.now() - LOST_AFTER - timedelta(seconds=1))
    assert "Nothing has been heard of the preview" in words(page_of(forrest, draft))
    assert "HX-Refresh" in forrest.get(reverse("formulary-impact-progress", args=[draft.uid]))
    assert "Requests judged 4" in words(at_once(forrest, draft))
    assert ImpactPreview.objects.get().pk == preview.pk


@pytest.mark.long
def test_two_who_find_it_lost_begin_it_once(cast, requests, draft):
    long_ago = timezone.now() - 2 * LOST_AFTER
    ask_preview(draft.uid, by=cast["forrest"], at=long_ago)
    at = timezone.now()
    assert ask_preview(draft.uid, by=cast["fiona"], at=at)[1] is True
    assert ask_preview(draft.uid, by=cast["forrest"], at=at)[1] is False


@pytest.mark.long
def test_a_job_runs_once_however_often_it_is_taken_up(cast, requests, draft):
    preview, _ = ask_preview(draft.uid, by=cast["forrest"], at=timezone.now())
    impact_preview.work_out.call(preview.pk)
    ended = ImpactPreview.objects.get().ended_at
    impact_preview.work_out.call(preview.pk)
    assert ImpactPreview.objects.get().ended_at == ended


@pytest.mark.long
def test_a_draft_that_changed_before_its_turn_is_not_passed_off_as_previewed(cast, requests, draft, forrest):
    preview, _ = ask_preview(draft.uid, by=cast["forrest"], at=timezone.now())
    formulary.save_file(draft.uid, by=draft.author, at=NOW, version=draft.version, path="cidp.yaml",
                        text=draft.files["cidp.yaml"].replace("60", "50"))  # fmt: skip
    impact_preview.work_out.call(preview.pk)
    assert ImpactPreview.objects.get().failure == impact_preview.OVERTAKEN
    assert "changed before the preview was worked out" in words(page_of(forrest, draft))


@pytest.mark.long
def test_working_it_out_writes_nothing_but_the_preview(cast, requests, draft):
    preview, _ = ask_preview(draft.uid, by=cast["forrest"], at=timezone.now())
    events = Event.objects.count()
    with undone() as written:
        impact_preview.work_out.call(preview.pk)
    assert written == {"utilization_impactpreview", "utilization_impactpage"}
    assert Event.objects.count() == events


# --- Who may ------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_another_site_s_committee_finds_nothing(cast, requests, draft, enter):
    for name in ("formulary-impact", "formulary-impact-progress", "formulary-impact-csv"):
        assert enter("silke").get(reverse(name, args=[draft.uid])).status_code == 404
    assert enter("silke").post(reverse("formulary-impact-ask", args=[draft.uid])).status_code == 404
    assert not ImpactPreview.objects.exists()


def test_the_door_refuses_who_keeps_no_criteria_there(cast, draft, monkeypatch):
    monkeypatch.setattr(access, "fetch_draft", lambda *_: draft)
    with pytest.raises(Refused, match="keep the criteria"):
        ask_preview(draft.uid, by=cast["petra"], at=NOW)


def test_a_preview_that_is_not_there_has_no_export(cast, draft, forrest):
    assert forrest.get(reverse("formulary-impact-csv", args=[draft.uid])).status_code == 404


def test_asking_how_far_it_is_keeps_no_session_open(cast, draft, forrest, settings):
    where = reverse("formulary-impact-progress", args=[draft.uid])
    forrest.get(where)
    session = forrest.session
    session["last_use"] -= 300
    session.save()
    before = forrest.session["last_use"]
    forrest.get(where, headers={"x-not-use": "poll"})
    assert forrest.session["last_use"] == before
    forrest.get(where)
    assert forrest.session["last_use"] > before
    session = forrest.session
    session["last_use"] -= settings.IDLE_MINUTES * 60 + 1
    session.save()
    assert forrest.get(where, headers={"x-not-use": "poll"}).status_code == 302


def test_every_outcome_has_a_word_and_a_tone_in_the_plot():
    assert set(OUTCOMES) == {"meets", "does_not_meet", "exception_review", "needs_information"}
