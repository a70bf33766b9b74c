"""Denominators, grams a year and missing facts of a preview: as reckoned here from the kept rows, by hand."""

import math
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.urls import reverse

from tests.cast import AT, CIDP, IBM, a_request
from tests.formulary.acts import a_criteria_draft, pack_text
from tests.prescribing.pages import words
from utilization import criteria
from utilization.jobs import impact_preview, replay
from utilization.models import ImpactPreview, Submission
from utilization.rules.judging.judge import judge
from utilization.rules.lifecycle import Status
from utilization.web.formulary.impact_figures import LEAST_DAYS, figures
from utilization.workflow.impact_question import ask_preview
from utilization.workflow.pack_proof import pack_reading

NOW = AT
MONTHS = 6
"""The months of an authorization in fixtures/routing.yaml."""
FACTS = """\
facts:
  - {name: biopsy, type: bool, label: Nerve biopsy done, group: Neurology}
  - {name: scan, type: choice, label: Nerve scan, group: Neurology, choices: {done: done, awaited: awaited}}
"""
ASKS = pack_text(age=18) | {
    "cidp.yaml": FACTS + pack_text(age=18)["cidp.yaml"] + """\
      - {id: biopsy, says: There is a biopsy., require: {biopsy: true}, otherwise: does_not_meet, local: Test.}
      - {id: scan, says: There is a scan., require: {any: [{scan: done}, {biopsy: false}]}, otherwise: does_not_meet,
         local: Test.}
""",
}  # fmt: skip
ASKS["examples.yaml"] = """\
examples:
  - {indication: cidp, says: Old enough., facts: {age_years: 18, biopsy: true, scan: done}, expect: {outcome: meets}}
  - {indication: cidp, says: Too young., facts: {age_years: 17}, expect: {outcome: does_not_meet}}
  - {indication: cidp, says: Not known., facts: {age_years: 18}, expect: {outcome: needs_information}}
"""
"""It asks of a request for CIDP two facts that no request holds, and does not cover IBM."""


def days_ago(days):
    return NOW - timedelta(days=days)


@pytest.fixture(autouse=True)
def at_that_time(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def filed(cast):
    """Requests at North over 200 days: one of a single course, two of which pharmacy is to advise the dose."""
    once = {name: text for name, text in CIDP.items() if name != "interval_weeks"} | {
        "planned_duration": "single_course"
    }
    advised = {name: text for name, text in CIDP.items() if name != "dose_total_g_per_kg"} | {"dose_by_pharmacy": "yes"}
    southern = cast.a_patient(by="sam", mrn="S-1", name="Berta Southern")
    a_request(cast, Status.PHARMACIST_REVIEW, at=days_ago(5), by="sam", patient=southern)
    return [
        a_request(cast, Status.DENIED, at=days_ago(199), indication="ibm", answers=IBM),
        a_request(cast, Status.APPROVED, at=days_ago(120)),
        a_request(cast, Status.PHARMACIST_REVIEW, at=days_ago(60), answers=once),
        a_request(cast, Status.PHARMACIST_REVIEW, at=days_ago(30), answers=advised),
        a_request(
            cast,
            Status.PHARMACIST_REVIEW,
            at=days_ago(3),
            indication="ibm",
            answers={**advised, "justification": IBM["justification"]},
        ),
    ]


def worked_out(cast, files):
    draft = a_criteria_draft(cast, files=files, at=days_ago(1))
    preview, _ = ask_preview(draft.uid, by=cast["forrest"], at=NOW)
    impact_preview.work_out.call(preview.pk)
    done = ImpactPreview.objects.get(pk=preview.pk)
    assert done.status == "done", done.failure
    return done, draft


def newest(cast):
    """What was filed last of each request at North, as it is kept."""
    rows = Submission.objects.filter(request__site=cast.north).order_by("ordinal").select_related("request")
    return list({row.request_id: row for row in rows}.values())


def by_draft(row, files):
    """What the draft comes to for a kept row, and the facts that it asks for."""
    pack = pack_reading(files).pack
    told = judge(pack, row.indication, criteria.facts_of(row), tables=criteria.reference_tables(), as_of=row.as_of)
    return told.outcome.value, told.questions


def grams_in_all(row):
    """Grams of every course that a kept row asks for, by the arithmetic of its order; None where it has no grams."""
    facts, dose = row.facts, row.judgement["dose"]
    course = facts.get("dose_total_g") or ("dose_total_g_per_kg" in facts and dose["rounded_g"])
    if not course:
        return None
    if "interval_weeks" not in facts or facts.get("planned_duration") == "single_course":
        return Fraction(course)
    allowed = row.judgement.get("authorization") or {}
    months = min(
        Fraction(facts.get("requested_authorization_months", MONTHS)), Fraction(allowed.get("months") or MONTHS)
    )
    return Fraction(course) * min(math.floor(months * Fraction("4.345") / Fraction(facts["interval_weeks"])), 60)


@pytest.mark.long
@pytest.mark.parametrize("columns", [False, True], ids=["one by one", "in columns"])
@pytest.mark.parametrize("files", [pack_text(age=60), ASKS], ids=["older", "asks more"])
def test_figures_are_those_of_the_kept_rows(cast, filed, files, columns, monkeypatch, settings, tmp_path):
    if columns:
        monkeypatch.setattr(replay, "MOST_ONE_BY_ONE", 1)
        settings.VAR_DIR = tmp_path
    done, _ = worked_out(cast, files)
    shown, rows = figures(done.findings), newest(cast)
    became = {row.pk: by_draft(row, files) for row in rows}
    changed = [row for row in rows if became[row.pk][0] != row.judgement["outcome"]]
    assert changed
    judged = Counter(row.indication for row in rows)
    assert done.findings["by_indication"] == judged == {"cidp": 3, "ibm": 2}
    for code, told in {criteria.name_of(code).title: code for code in judged}.items():
        here = [row for row in changed if row.indication == told]
        (line,) = [line for line in shown.indications if line.title == code]
        ways = Counter((row.judgement["outcome"], became[row.pk][0]) for row in here)
        assert (line.judged, line.changed) == (judged[told], len(here))
        assert {(was, becomes): count for was, becomes, count in line.ways} == ways
        asked = [grams_in_all(row) for row in here]
        assert Fraction(line.grams.ordered) == sum(grams for grams in asked if grams is not None)
        assert line.grams.without_order == asked.count(None)
    zone = [cast.north.date_at(moment) for moment in (min(row.request.submitted_at for row in rows), NOW)]
    assert [shown.span.first, shown.span.last] == zone
    assert shown.span.days == (zone[1] - zone[0]).days + 1 == 200
    in_all = sum(grams_in_all(row) or 0 for row in changed)
    assert Fraction(shown.grams.ordered) == in_all
    assert abs(Fraction(shown.grams.a_year) - in_all * 365 / 200) <= Fraction(1, 20)
    lacking = Counter(name for outcome, names in became.values() if outcome == "needs_information" for name in names)
    told = shown.open
    assert {fact["fact"]: fact["count"] for fact in told["facts"]} == lacking
    assert told["count"] == sum(outcome == "needs_information" for outcome, _ in became.values())


@pytest.mark.long
def test_the_example_by_hand(cast, filed):
    done, _ = worked_out(cast, ASKS)
    shown = figures(done.findings)
    # 2 g/kg of 77.5 kg is 155 g; 6 months of 4.345 weeks, every four weeks, are 6 courses, beside one single course.
    cidp = next(line for line in shown.indications if line.title.endswith("(CIDP)"))
    assert (cidp.changed, cidp.ways) == (2, (("meets", "needs_information", 2),))
    assert (cidp.grams.without_order, str(cidp.grams.ordered), str(cidp.grams.a_year)) == (0, "1085", "1980.1")
    ibm = next(line for line in shown.indications if line.title.endswith("(IBM)"))
    assert (ibm.grams.without_order, str(ibm.grams.ordered)) == (1, "930")
    assert shown.open == {
        "count": 3, "new": 2, "awaiting": 0, "unread": 0,
        "facts": [{"fact": "biopsy", "label": "Nerve biopsy done", "count": 3},
                  {"fact": "scan", "label": "Nerve scan", "count": 3}],
    }  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("columns", [False, True], ids=["one by one", "in columns"])
def test_of_more_open_requests_than_can_be_asked_the_newest_are(cast, filed, columns, monkeypatch, settings, tmp_path):
    if columns:
        monkeypatch.setattr(replay, "MOST_ONE_BY_ONE", 1)
        settings.VAR_DIR = tmp_path
    monkeypatch.setattr(replay, "MOST_OPEN", 1)
    # The newest request for CIDP is 30 days old: it states no course dose, which the others do.
    files = ASKS | {"cidp.yaml": ASKS["cidp.yaml"].replace("{biopsy: true}", "{dose: {at_most: 9 g/kg, per: course}}")}
    told = worked_out(cast, files | {"examples.yaml": "examples: []\n"})[0].findings["open"]
    assert (told["count"], told["unread"]) == (3, 2)
    assert {fact["count"] for fact in told["facts"]} == {1}
    assert "dose_total_g_per_kg" in {fact["fact"] for fact in told["facts"]}


@pytest.mark.long
def test_evidence_that_may_still_come_is_no_missing_fact(cast, filed):
    files = pack_text() | {"cidp.yaml": pack_text()["cidp.yaml"].replace(
        "otherwise: does_not_meet", "otherwise: needs_information\n        awaits: A birthday.").replace(
        "at_least: 18", "at_least: 90")}  # fmt: skip
    files["examples.yaml"] = "examples: []\n"
    told = worked_out(cast, files)[0].findings["open"]
    assert (told["count"], told["awaiting"], told["facts"]) == (3, 3, [])


@pytest.mark.parametrize(
    ("days", "a_year"), [(LEAST_DAYS - 1, None), (LEAST_DAYS, "405.6"), (365, "100"), (730, "50"), (366, "99.7")]
)
def test_a_short_history_says_nothing_of_a_year(days, a_year):
    span = {"first": "2025-01-01", "last": str(date(2025, 1, 1) + timedelta(days=days - 1)), "days": days}
    told = {"judged": 1, "changed": 0, "by_indication": {}, "span": span, "open": {}, "groups": [], "ordered": "100",
            "without_order": 0}  # fmt: skip
    shown = figures(told)
    assert (shown.grams.a_year is None) == shown.span.too_short == (a_year is None)
    assert a_year is None or str(shown.grams.a_year.normalize() * 1) in (a_year, f"{a_year}.0", "1E+2", "5E+1")


def test_a_preview_from_before_has_no_figures():
    assert figures({"judged": 4, "changed": 1, "groups": []}) is None


@pytest.mark.long
def test_the_signing_page_offers_to_work_it_out_and_then_shows_it(
    cast, filed, enter, django_capture_on_commit_callbacks
):
    draft = a_criteria_draft(cast, files=ASKS, at=days_ago(1))
    forrest = enter("forrest")
    where = reverse("formulary-propose", args=[draft.uid])
    asked = words(forrest.get(where))
    assert "No preview has been worked out for this text." in asked, asked
    with django_capture_on_commit_callbacks(execute=True):
        answer = forrest.post(reverse("formulary-impact-ask", args=[draft.uid]), {"back": "propose"})
    assert answer["Location"] == where
    said = words(forrest.get(where))
    for expected in (
        "Of 5 requests filed at North Hospital between", "(200 days)", "2 of 3",
        "2 from meets criteria to needs information",
        "without an order: 1", "Nerve biopsy done", "The draft leaves 3 of 5 requests open",
        "today’s criteria decide 2 of them", "1 request without an order in grams is not in it.",
    ):  # fmt: skip
        assert expected in said, (expected, said)
    assert "Work it out again" not in said
