"""The years drawn before the demo's own: alike on every start, within the ranges of published audits, fit for the door.

Grams, shares and ceilings are reckoned here from what the drawn requests ask for, by sums of this file alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from django.conf import settings
from django.utils import timezone

from utilization import event_log
from utilization.management import demo
from utilization.management.demo_history import lengthened
from utilization.models import Event, Infusion, Publication, Request, Site, Submission, User
from utilization.reconciliation import reconcile
from utilization.reports.site_setup import setups_left

FOLDER = settings.FIXTURES_DIR / "demo"
TODAY = date(2026, 11, 29)
YEAR = 365
ALDER, FENWICK = "Alderbrook University Hospital", "Fenwick Coast General Hospital"
WEEKS_OF_SIX_MONTHS = 26


@pytest.fixture(scope="module")
def told():
    return demo.read(FOLDER)


@pytest.fixture(scope="module")
def three_years(told):
    return lengthened(told, FOLDER, years=3, today=TODAY)


@pytest.fixture(scope="module")
def drawn(told, three_years):
    """The drawn requests alone, each with its site, days before today, kilograms and answers."""
    site_of = {person["username"]: person["site"] for person in three_years.people}
    weight = {patient["mrn"]: float(patient["weight_kg"]) for patient in three_years.patients}
    return [
        {**row, "site": site_of[row["by"]], "day": int(row["started"][:-1]), "kg": weight[row["patient"]]}
        for row in three_years.requests[len(told.requests) :]
    ]


def approved(rows: Iterable[dict]) -> list[dict]:
    return [row for row in rows if row["then"][-1]["do"] == "approve"]


def off_criteria(row: dict) -> bool:
    """Whether it took a physician without any change of the order."""
    return any(act["do"] == "recommend" for act in row["then"]) and not any("order" in act for act in row["then"])


def grams(row: dict) -> float:
    answers = row["answers"]
    courses = 1
    if "interval_weeks" in answers:
        courses = WEEKS_OF_SIX_MONTHS / 6 * answers["requested_authorization_months"] / answers["interval_weeks"]
    return courses * min(answers["dose_total_g_per_kg"], 2) * row["kg"]


def share(rows: list[dict], holds) -> float:
    return sum(1 for row in rows if holds(row)) / len(rows)


@pytest.mark.long
def test_one_year_is_the_told_one(told):
    assert lengthened(told, FOLDER, years=1, today=TODAY) is told


def test_it_comes_out_alike_on_every_start_and_moves_with_the_day(told, three_years):
    again = lengthened(told, FOLDER, years=3, today=TODAY)
    assert again == three_years
    later = lengthened(told, FOLDER, years=3, today=date(2027, 3, 1))
    assert later.requests == three_years.requests
    assert [row["name"] for row in later.patients] == [row["name"] for row in three_years.patients]


def test_nobody_is_there_twice(three_years):
    for key in ("mrn", "name"):
        values = [patient[key] for patient in three_years.patients]
        assert len(values) == len(set(values))


@pytest.mark.parametrize("year", [0, 1, 2])
@pytest.mark.parametrize("site", [ALDER, FENWICK])
def test_each_year_of_each_hospital_lies_where_published_audits_lie(drawn, site, year):
    rows = [row for row in drawn if row["site"] == site and year * YEAR <= row["day"] < (year + 1) * YEAR]
    given = approved(rows)
    by_indication, by_patient, infusion_days = Counter(), Counter(), 0.0
    for row in given:
        by_indication[row["indication"]] += grams(row)
        by_patient[row["patient"]] += grams(row)
        infusion_days += grams(row) / (min(row["answers"]["dose_total_g_per_kg"], 2) * row["kg"]) * row["answers"][
            "course_days"
        ]  # fmt: skip
    total = sum(by_indication.values())
    assert 8 <= len(by_indication) <= 15
    assert 0.60 <= sum(grams for _, grams in by_indication.most_common(4)) / total <= 0.86
    assert 25 <= total / infusion_days <= 60
    assert 140 <= total / len(by_patient) <= 560
    assert 0.05 <= share(given, off_criteria) <= 0.30
    renewals = [row for row in rows if row["answers"].get("request_type") == "renewal"]
    assert 0.27 <= share(renewals, lambda row: row["answers"]["response_documented"]) <= 1


def test_orders_above_the_ceiling_lie_there_over_the_years(drawn):
    for site in (ALDER, FENWICK):
        asked = [row for row in drawn if row["site"] == site]
        assert 0.04 <= share(asked, lambda row: row["answers"]["dose_total_g_per_kg"] > 2) <= 0.21


def test_a_published_version_changes_what_is_asked_at_its_hospital_alone(drawn):
    shares = defaultdict(dict)
    for site in (ALDER, FENWICK):
        for when, within in (("before", lambda day: day >= 540), ("after", lambda day: day < 540)):
            rows = [row for row in drawn if row["site"] == site and within(row["day"])]
            renewals = [row for row in rows if row["answers"].get("request_type") == "renewal"]
            shares[site][when] = (
                share(rows, lambda row: row["answers"]["dose_total_g_per_kg"] > 2),
                share(approved(rows), off_criteria),
                1 - share(renewals, lambda row: row["answers"]["response_documented"]),
            )
    assert all(after < before * 0.65 for before, after in zip(*shares[ALDER].values(), strict=True))
    assert not all(after < before * 0.65 for before, after in zip(*shares[FENWICK].values(), strict=True))


def test_some_of_the_last_year_s_authorizations_have_courses_recorded_as_ordered(drawn):
    last_year = [row for row in approved(drawn) if row["day"] < YEAR]
    assert not [row for row in drawn if row["given"] and row not in last_year]
    assert 0.3 <= share(last_year, lambda row: row["given"]) <= 0.5
    for row in last_year:
        answers, ends = row["answers"], [int(course["after"][:-1]) for course in row["given"]]
        assert {course["days"] for course in row["given"]} <= {answers["course_days"]}
        weeks, months = answers.get("interval_weeks", 0), answers.get("requested_authorization_months", 1)
        assert all(after - before == 24 * 7 * weeks for before, after in pairwise(ends))
        assert len(ends) <= (months * WEEKS_OF_SIX_MONTHS / 6 / weeks if weeks else 1)


def kinds_of(row: dict) -> set[tuple]:
    """What is worth one walk through the door: an indication, a way, either side of the publication, a hospital."""
    after = row["site"] == ALDER and row["day"] < 540
    way = tuple(act["do"] for act in row["then"])
    return {
        (row["indication"], after), (way, "response_documented" in row["answers"]), (row["site"], after),
        (row["site"], len(row["given"]) > 1),
    }  # fmt: skip


@pytest.fixture
def a_few(told, three_years, drawn):
    """Of the drawn patients so many that each kind of request is among theirs."""
    by_patient = defaultdict(list)
    for row in drawn:
        by_patient[row["patient"]].append(row)
    seen, chosen = set(), set()
    for mrn, rows in sorted(by_patient.items(), key=lambda item: len(item[1])):
        kinds = set().union(*map(kinds_of, rows))
        if not kinds <= seen:
            seen |= kinds
            chosen.add(mrn)
    requests = three_years.requests[len(told.requests) :]
    return replace(
        three_years,
        patients=tuple(patient for patient in three_years.patients if patient["mrn"] in chosen),
        requests=tuple(row for row in requests if row["patient"] in chosen),
    )


@pytest.mark.long
@pytest.mark.django_db
def test_every_kind_of_request_goes_through_the_door_and_the_log_is_whole(a_few):
    told_of = []
    demo.load(
        a_few, now=timezone.now(), password="a password for the tests alone", progress=lambda *n: told_of.append(n)
    )
    assert Request.objects.count() == len(a_few.requests)
    assert told_of[0][0] == 0
    assert len({steps for _, steps in told_of}) == 1
    published = Publication.objects.get()
    assert str(published.pack) == "alder-ivig 1.1"
    judged_by = set(Submission.objects.values_list("request__site__code", "pack__name", "pack__version").distinct())
    assert judged_by == {
        ("alder", "ivig-builtin", "1.2"), ("alder", "alder-ivig", "1.1"), ("fenwick", "ivig-builtin", "1.2"),
    }  # fmt: skip
    # What a renewal with another interval begins early is recorded as it happened; nothing else stands outside.
    outside = [code for row in Infusion.objects.all() for code in row.outside]
    assert set(outside) <= {"too_early"}
    assert set(Infusion.objects.values_list("request__site__code", flat=True)) == {"alder", "fenwick"}
    lacking = {setup.site.code: setup for setup in setups_left(Site.objects.all(), timezone.now())}
    assert [step.what for step in lacking.pop("fenwick").steps if step.missing] == ["Criteria"]
    assert lacking == {}, "the hospital whose committee published has all that it needs"
    assert event_log.verify().problems == ()
    assert reconcile().problems == ()
    moments = list(Event.objects.order_by("seq").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert not User.objects.get(username="delacroix").has_usable_password(), "nobody signs in as one of the history"
