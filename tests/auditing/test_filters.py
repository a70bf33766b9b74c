"""Each filter, the count of what it finds and its grams, held against a reckoning over every request that reads no
summary (`tests.naive_summary`), on the demo's year at its larger hospital."""

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from tests.naive_summary import reckoned
from tests.plots import reading
from tests.reviewing.pages import words
from utilization.models import AccessEntry, Authorization, Membership, Request, Site, guards
from utilization.reports import audit_answer, audit_list
from utilization.reports.audit_filter import fitting
from utilization.reports.audit_questions import QUESTIONS, period_start
from utilization.rules.roles import Role

LIST, ANSWER, EXPORT = reverse("audit-list"), reverse("audit-answer"), reverse("audit-csv")
GRAMS = {"late": "total_allowed", "off_criteria": "total_allowed", "overridden": "total_allowed",
         "over_ceiling_allowed": "total_allowed"}  # fmt: skip


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The site with most requests, and what each of its filed requests should say."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO_DATA=True):
        call_command("load_demo", years=1, verbosity=0)
        site = max(Site.objects.all(), key=lambda one: Request.objects.filter(site=one).count())
        filed = Request.objects.filter(site=site, submitted_at__isnull=False)
        yield site, {request.pk: (request, *reckoned(request)) for request in filed}
        transaction.set_rollback(True)


@pytest.fixture
def auditor(demo, db):
    client = Client()
    role = Membership.objects.filter(site=demo[0], role=Role.AUDITOR).first()
    client.force_login(role.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _keys(demo, holds):
    return {pk for pk, (request, columns, unmet) in demo[1].items() if holds(request, columns, unmet)}


def _reason(request):
    texts = [request.withdrawal_reason, request.emergency_reason, request.referral_reason]
    texts += [text for signed in request.decisions.all() for text in (signed.reason, signed.conditions)]
    return " ".join([*texts, *(filed.justification for filed in request.submissions.all())]).lower()


TODAY = timezone.now().astimezone(ZoneInfo("America/Chicago")).date()
"""The day where the demo's larger hospital is, which in Europe's night is still the day before."""
HALF = TODAY - timedelta(days=180)
FILTERS = {
    "filed": ({"since": HALF}, lambda r, c, u: c["filed_on"] >= HALF),
    "filed before": ({"until": HALF}, lambda r, c, u: c["filed_on"] <= HALF),
    "decided": ({"decided_since": HALF}, lambda r, c, u: c["decided_on"] and c["decided_on"] >= HALF),
    "ended": ({"ended_until": HALF}, lambda r, c, u: c["ended_on"] and c["ended_on"] <= HALF),
    "outcomes asked": ({"outcome": ["meets", "does_not_meet"]},
                       lambda r, c, u: c["outcome_asked"] in ("meets", "does_not_meet")),
    "outcomes decided": ({"outcome_decided": ["exception_review", "does_not_meet"]},
                         lambda r, c, u: c["outcome_decided"] in ("exception_review", "does_not_meet")),
    "indication": ({"indication": "cidp"}, lambda r, c, u: "cidp" in (c["indication"], r.indication)),
    "approved": ({"decision": "approved"}, lambda r, c, u: r.status == "approved"),
    "open": ({"decision": "open"}, lambda r, c, u: r.ended_at is None),  # also under appeal
    "withdrawn": ({"decision": "withdrawn"}, lambda r, c, u: r.withdrawal_reason != ""),
    "words": ({"words": "the"}, lambda r, c, u: "the" in _reason(r)),
    "unmet": ({"unmet": "*"}, None),
    **{mark: ({"mark": mark}, lambda r, c, u, mark=mark: c[mark] is True) for mark in (
        "off_criteria", "overridden", "late", "over_ceiling_asked", "over_ceiling_allowed", "response_missing",
        "actual_weight_in_obesity", "emergency")},
    "emergencies open": ({"reviewed_after": "no"}, lambda r, c, u: c["emergency"] and not c["choice"]),
    "emergencies decided": ({"reviewed_after": "yes"}, lambda r, c, u: c["emergency"] and c["choice"]),
    "two at once": ({"mark": "off_criteria", "decided_since": HALF, "outcome_decided": ["exception_review"]},
                    lambda r, c, u: c["off_criteria"] and c["decided_on"] >= HALF
                    and c["outcome_decided"] == "exception_review"),
}  # fmt: skip


def _listed(site, wanted):
    """Keys of every page of the list, in order."""
    keys, after = [], None
    while True:
        page = audit_list.requests(site, wanted, on=TODAY, after=after)
        keys += [row.request.pk for row in page.rows]
        if page.next is None:
            return keys
        after = page.next


@pytest.mark.long
@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_leaves_what_it_names(demo, name, db, monkeypatch):
    site, rows = demo
    wanted, holds = FILTERS[name]
    if name == "unmet":
        criterion = next(iter(sorted({criterion for _, _, unmet in rows.values() for _, criterion in unmet})))
        wanted, holds = {"unmet": criterion}, lambda r, c, u: criterion in {one for _, one in u}
    expected = _keys(demo, holds)
    assert set(fitting(site, wanted).values_list("pk", flat=True)) == expected
    for few in (500, 0):
        # Whether one that fits few leads or the first is walked: the list is the same.
        monkeypatch.setattr(audit_list, "FEW", few)
        monkeypatch.setattr(audit_list, "PAGE", 5)
        listed = _listed(site, wanted)
        assert (set(listed), len(listed)) == (expected, len(expected))
    found = audit_answer.answer(site, wanted, at=timezone.now())
    assert found.part == len(expected)
    grams = "total_allowed" if found.allowed else "total_asked"
    assert found.grams == sum((rows[key][1][grams] or Decimal(0) for key in expected), Decimal(0))
    assert found.unknown == sum(rows[key][1][grams] is None for key in expected)
    assert found.whole >= found.part
    shown = sum(count.part for count in found.months)
    assert shown == found.part or (shown < found.part and len(found.months) == audit_answer.MOST_MONTHS)


WHOLE = {
    "off_criteria": lambda c: c["choice"] == "approve",
    "overridden": lambda c: c["choice"] and c["recommendation"],
    "late": lambda c: bool(c["choice"]),
    "over_ceiling_asked": lambda c: c["over_ceiling_asked"] is not None,
    "response_missing": lambda c: c["kind"] == "renewal",
    "actual_weight_in_obesity": lambda c: (c["bmi"] or 0) >= 30 and (c["age_years"] or 0) >= 18 and c["weight_used"],
}


@pytest.mark.parametrize("mark", WHOLE)
def test_a_question_is_counted_of_what_it_is_about(demo, db, mark):
    site, rows = demo
    moment = "decided_on" if mark in GRAMS else "filed_on"
    dates = ("decided_since", "decided_until") if mark in GRAMS else ("since", "until")
    since = period_start(TODAY)
    found = audit_answer.answer(site, {"mark": mark, dates[0]: since, dates[1]: TODAY}, at=timezone.now())
    within = [c for _, c, _ in rows.values() if c[moment] and since <= c[moment] <= TODAY]
    whole, part = [c for c in within if WHOLE[mark](c)], [c for c in within if c[mark]]
    assert (found.part, found.whole) == (len(part), len(whole))
    grams = GRAMS.get(mark, "total_asked")
    assert found.grams_whole == sum((c[grams] or Decimal(0) for c in whole), Decimal(0))
    if whole:
        assert found.percent == f"{100 * Decimal(len(part)) / len(whole):.1f}"


def test_a_review_is_overdue_by_the_dates_of_its_authorization(demo, db):
    site, _ = demo
    standing = Authorization.objects.filter(site=site, voided_at=None, valid_to__gte=TODAY)
    guards.lift(connection)
    standing.update(review_by=TODAY - timedelta(days=1))
    standing.filter(pk=standing.order_by("pk").values_list("pk", flat=True)[0]).update(review_by=TODAY)
    guards.install(connection)
    expected = set()
    for held in Authorization.objects.filter(site=site, voided_at=None):
        later = Request.objects.filter(patient=held.patient, indication=held.indication, pk__gt=held.request_id)
        going_on = [one for one in later if one.status not in ("discarded", "withdrawn", "denied")]
        if held.review_by < TODAY <= held.valid_to and not going_on:
            expected.add(held.request_id)
    assert set(fitting(site, {"overdue": "yes"}).values_list("pk", flat=True)) == expected
    assert set(_listed(site, {"overdue": "yes"})) == expected
    assert 0 < len(expected) < standing.count()


def test_the_largest_users_have_most_grams_of_the_last_year(demo, db):
    site, rows = demo
    grams = {}
    for request, columns, _ in rows.values():
        given = columns["total_allowed"]
        if request.status != "withdrawn" and given is not None and columns["decided_on"] >= TODAY - timedelta(days=365):
            grams[request.patient_id] = grams.get(request.patient_id, Decimal(0)) + given
    largest = sorted(grams, key=lambda patient: (-grams[patient], patient))[:20]
    expected = {pk for pk, (r, c, _) in rows.items() if r.patient_id in largest and c["choice"] == "approve"}
    assert set(fitting(site, {"top": "yes"}).values_list("pk", flat=True)) == expected
    found = audit_answer.answer(site, {"top": "yes"}, at=timezone.now())
    assert [user.grams for user in found.largest] == [grams[patient] for patient in largest]
    for user, patient in zip(found.largest, largest, strict=True):
        assert user.decided_at == max(c["decided_at"] for r, c, _ in rows.values()
                                      if r.patient_id == patient and c["decided_at"])  # fmt: skip


def test_what_was_not_met_most_is_counted_of_what_was_decided(demo, db):
    site, rows = demo
    counted = {}
    for _, columns, unmet in rows.values():
        for criterion in {criterion for at, criterion in unmet if at == "decided"}:
            n, approved = counted.get(criterion, (0, 0))
            counted[criterion] = (n + 1, approved + (columns["choice"] == "approve"))
    found = audit_answer.answer(site, {"mark": "off_criteria", "ask": "criteria"}, at=timezone.now())
    assert {one.criterion: (one.unmet, one.approved) for one in found.criteria} == dict(
        sorted(counted.items(), key=lambda item: (-item[1][0], item[0]))[:10]
    )
    assert len(counted) > 1


@pytest.mark.long
def test_every_question_opens_and_its_count_is_its_list(demo, auditor):
    site, _ = demo
    page = auditor.get(ANSWER)
    for question in page.context["questions"]:
        listed = auditor.get(LIST + question["address"])
        assert listed.status_code == 200
        assert auditor.get(ANSWER + question["address"]).status_code == 200
        if question["count"] is not None:
            wanted = listed.context["wanted"]
            assert question["count"] == len(_listed(site, wanted)), question["code"]
    assert len(page.context["questions"]) == len(QUESTIONS) == 10


@pytest.mark.long
def test_given_as_authorized_says_that_it_cannot_be_answered(demo, auditor):
    assert "Grams given are recorded for some authorizations alone" in words(auditor.get(LIST, {"ask": "given"}))


def test_the_patients_numbers_are_shown_by_a_choice_that_is_logged(demo, auditor):
    numbers = set(Request.objects.filter(site=demo[0]).values_list("patient__mrn", flat=True))
    before = AccessEntry.objects.count()
    plain = auditor.get(LIST, {"show": ["utc", "hours", "pack", "order", "warnings", "response", "recommendation"]})
    assert not [number for number in numbers if number in plain.content.decode()]
    assert AccessEntry.objects.count() == before
    page = auditor.get(LIST, {"show": "patient"})
    shown = [row.request for row in page.context["page"].rows]
    assert all(request.patient.mrn in page.content.decode() for request in shown)
    read = AccessEntry.objects.filter(what="audit_list").values_list("request_id", flat=True)
    assert sorted(read) == sorted(request.pk for request in shown)


def test_a_thousand_filters_in_an_address_are_refused_in_words(auditor):
    for many in (auditor.get(LIST + "?" + "&".join(f"unmet={n}" for n in range(10_000))),
                 auditor.get(EXPORT + "?" + "&".join(f"f{n}=1" for n in range(10_000)))):  # fmt: skip
        assert many.status_code == 413
        assert "Traceback" not in many.content.decode()
    few = "&".join(["outcome=meets"] * 200 + ["outcome=nonsense"] * 200)
    assert "Choose from the list." in words(auditor.get(f"{LIST}?{few}"))


@pytest.mark.parametrize("query", [
    "mark=whim", "show=whim", "words=ab", "unmet=" + "x" * 300, "top=whim",
    "decided_since=0001-01-01&decided_until=9999-12-31", "prescriber=999999999999999999999", "overdue=yes&top=yes",
    "decision=unfiled&mark=late",
    "mark=late&decided_since=1999-01-01&decided_until=1999-12-31",
    "until=9999-12-31&decision=unfiled", "since=0001-01-01&decision=unfiled", "decided_until=0001-01-01&top=yes",
    "words=%25_%27%22", "since=2026-03-02&until=2026-03-01",
])  # fmt: skip
def test_no_filter_breaks_the_page(demo, auditor, query):
    for address in (LIST, ANSWER):
        assert auditor.get(f"{address}?{query}").status_code == 200
    assert auditor.get(f"{EXPORT}?{query}").status_code in (200, 302)


@pytest.mark.parametrize("query", ["words=%00%00%00", "unmet=a%00"])
def test_a_character_that_no_database_keeps_is_refused(auditor, query):
    assert [auditor.get(f"{address}?{query}").status_code for address in (LIST, ANSWER, EXPORT)] == [400] * 3


def test_the_export_holds_what_the_list_holds(demo, auditor):
    for name in ("off_criteria", "late", "decided", "outcomes asked", "words"):
        wanted, holds = FILTERS[name]
        text = b"".join(auditor.get(EXPORT, wanted).streaming_content).decode("utf-8-sig")
        expected = {demo[1][key][0].number for key in _keys(demo, holds)}
        assert {line.split(",")[0].strip('"') for line in text.splitlines()[1:] if line} >= expected


def test_words_are_looked_for_in_so_many_and_the_answer_says_so(demo, db, monkeypatch):
    site, rows = demo
    monkeypatch.setattr("utilization.reports.audit_filter.MOST_SEARCHED", 10)
    newest = sorted(rows, key=lambda pk: (rows[pk][1]["filed_at"], pk))[-11:]
    found = audit_answer.answer(site, {"words": "the"}, at=timezone.now())
    assert found.searched_since == rows[newest[0]][1]["filed_at"]
    assert set(_listed(site, {"words": "the"})) == {pk for pk in newest if "the" in _reason(rows[pk][0])}


def test_a_month_without_requests_keeps_its_place():
    from utilization.reports.audit_answer import MonthCount
    from utilization.reports.audit_questions import counted
    from utilization.web.auditing.month_plot import month_plot

    months = [MonthCount(date(2025, 11, 1), 2, 8), MonthCount(date(2026, 2, 1), 0, 4)]
    plot = month_plot(months, [], counted({"mark": "late"}), "decided")
    assert [month for month, _, _ in plot.table.rows] == ["Nov 2025", "Dec 2025", "Jan 2026", "Feb 2026"]
    assert [whole for _, _, whole in plot.table.rows] == ["8", "0", "0", "4"]
    for drawing in plot.drawings:
        whole, part = (
            max(y for _, y in corners) - min(y for _, y in corners)
            for corners in map(reading.corners, [path for path in drawing.paths if path.fill != "none"][:2])
        )
        assert float(part) == pytest.approx(float(whole) / 4, abs=0.1)
    assert plot.title.startswith("2 of 12 in 4 months")


def test_new_criteria_stand_at_their_day_and_those_before_the_months_shown_do_not():
    from utilization.models import PackVersion, Publication
    from utilization.reports.audit_answer import MonthCount
    from utilization.reports.audit_questions import counted
    from utilization.web.auditing.month_plot import month_plot

    days = [date(2024, 2, 9), date(2026, 1, 1), date(2026, 2, 15)]
    rows = [Publication(pack=PackVersion(version=f"1.{n}"), effective_from=day) for n, day in enumerate(days)]
    months = [
        MonthCount(date(2024, 1, 1), 1, 1),
        MonthCount(date(2025, 12, 1), 3, 5),
        MonthCount(date(2026, 2, 1), 1, 4),
    ]
    plot = month_plot(months, rows, counted({"mark": "late"}), "decided")
    assert plot.heading == "3 of 5 before criteria 1.1, 1 of 4 since"
    for drawing in plot.drawings:
        assert [text.said for text in drawing.texts if text.paint == "ask"] == [
            "criteria 1.1, 1 Jan 2026", "criteria 1.2, 15 Feb 2026",
        ]  # fmt: skip
        (path,) = (path for path in drawing.paths if path.stroke == "ask")
        first, second = sorted({x for x, _ in reading.corners(path)})
        # 24 months, from March 2024 on, begin at the axis and end 12 units before the edge.
        low = min(x for path in drawing.paths for x, _ in reading.corners(path) if path.stroke == "line")
        month = (drawing.width - 12 - low) / 24
        assert float(first - low) == pytest.approx(float(month) * 22, abs=0.2)
        assert float(second - first) == pytest.approx(float(month) * 1.5, abs=0.2)
