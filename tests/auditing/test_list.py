"""The audit list and its export: everything of the site, narrowed as asked, and silent about patients."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import AT, IBM, MRN, a_draft, a_request, approved, denied, present, recommended, submitted
from tests.reviewing.pages import words
from utilization import workflow
from utilization.documents.exports import as_typed
from utilization.models import AccessEntry, Membership, Request, RequestSummary
from utilization.reports import audit_list, paging
from utilization.reports.exports import TABLES
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

TODAY = date(2026, 3, 3)
LIST = reverse("audit-list")
EXPORT = reverse("audit-csv")


def numbers(site, **wanted):
    return [row.request.number for row in audit_list.requests(site, wanted, on=TODAY).rows]


def cells(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def many(cast, count):
    """`count` more filed requests at North, two at each minute, so that moments alone do not order them."""
    pattern = a_request(cast)
    values = {
        field.attname: getattr(pattern, field.attname)
        for field in Request._meta.concrete_fields
        if field.attname not in ("id", "uid", "number")
    }
    made = Request.objects.bulk_create(
        Request(**{**values, "number": f"MANY-{place:05d}", "submitted_at": AT + timedelta(minutes=place // 2)})
        for place in range(count)
    )
    columns = {
        field.attname: getattr(pattern.summary, field.attname)
        for field in RequestSummary._meta.concrete_fields
        if field.attname not in ("id", "request_id")
    }
    RequestSummary.objects.bulk_create(
        RequestSummary(**{**columns, "request": request, "filed_at": request.submitted_at}) for request in made
    )


@pytest.mark.long
def test_it_holds_all_that_was_filed_at_the_site_newest_first_and_nothing_of_another(cast):
    first = a_request(cast, at=AT)
    last = a_request(cast, Status.WITHDRAWN, at=AT + timedelta(hours=5), patient=cast.a_patient(mrn="N-2"))
    middle = a_request(cast, Status.APPROVED, at=AT + timedelta(hours=2), patient=cast.a_patient(mrn="N-3"))
    a_request(cast, by="sam", patient=cast.a_patient("sam", mrn="S-1"))
    a_request(cast, Status.DRAFT, patient=cast.a_patient(mrn="N-4"))
    assert numbers(cast.north) == [last.number, middle.number, first.number]


def test_drafts_and_what_was_discarded_stand_apart(cast):
    a_request(cast)
    draft = a_request(cast, Status.DRAFT, patient=cast.a_patient(mrn="N-2"))
    discarded = a_request(cast, Status.DISCARDED, patient=cast.a_patient(mrn="N-3"), at=AT + timedelta(hours=1))
    page = audit_list.requests(cast.north, {"decision": "unfiled"}, on=TODAY)
    assert [row.request.pk for row in page.rows] == [discarded.pk, draft.pk]


@pytest.mark.long
def test_each_filter_leaves_what_it_names(cast):
    cidp = a_request(cast, Status.APPROVED)
    ibm = a_request(cast, Status.DENIED, indication="ibm", answers=IBM, patient=cast.a_patient(mrn="N-2"))
    rheumatology = a_request(cast, by="rosa", patient=cast.a_patient(mrn="N-3"))
    withdrawn = a_request(cast, Status.WITHDRAWN, patient=cast.a_patient(mrn="N-4"))
    assert numbers(cast.north, indication="ibm") == [ibm.number]
    assert numbers(cast.north, outcome=["does_not_meet"]) == [ibm.number]
    assert numbers(cast.north, decision="approved") == [cidp.number]
    assert numbers(cast.north, decision="denied") == [ibm.number]
    assert numbers(cast.north, decision="withdrawn") == [withdrawn.number]
    assert numbers(cast.north, decision="open") == [rheumatology.number]
    assert numbers(cast.north, reviewer=cast["mira"].pk) == [ibm.number]
    assert set(numbers(cast.north, reviewer=cast["fern"].pk)) == {cidp.number, ibm.number}, "recommending counts too"
    assert numbers(cast.north, department=rheumatology.department_id) == [rheumatology.number]
    assert numbers(cast.north, decision="approved", outcome=["does_not_meet"]) == []


def test_an_indication_finds_what_was_asked_for_it_and_what_was_judged_as_it(cast):
    redirected = a_request(
        cast, indication="cidp", answers={**IBM, "anti_mag_antibody": "positive"}, patient=cast.a_patient(mrn="N-2")
    )
    assert redirected.judged_as == "anti_mag_neuropathy"
    assert numbers(cast.north, indication="anti_mag_neuropathy") == [redirected.number]
    assert numbers(cast.north, indication="cidp") == [redirected.number]


def test_dates_are_days_of_the_site_and_both_ends_count(cast):
    # 23:30 UTC on the 1st is 00:30 on the 2nd in Vienna.
    late = a_draft(cast, at=datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
    filed = submitted(cast, late, at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    assert numbers(cast.north, since=date(2026, 3, 2), until=date(2026, 3, 2)) == [filed.number]
    assert numbers(cast.north, until=date(2026, 3, 1)) == []
    assert numbers(cast.north, since=date(2026, 3, 3)) == []


def test_leafing_there_and_back_shows_each_request_once(cast, monkeypatch):
    many(cast, 12)
    monkeypatch.setattr(audit_list, "PAGE", 5)
    seen, pages, after = [], [], None
    while True:
        page = audit_list.requests(cast.north, {}, on=TODAY, after=after)
        pages.append([row.request.number for row in page.rows])
        seen += pages[-1]
        if page.next is None:
            break
        after = paging.read_place(str(page.next))
    assert len(seen) == len(set(seen)) == 13
    assert (
        seen == sorted(seen, key=lambda n: Request.objects.filter(number=n).values_list("submitted_at", "pk")[0])[::-1]
    )
    back = audit_list.requests(cast.north, {}, on=TODAY, before=page.previous)
    assert [row.request.number for row in back.rows] == pages[-2]


@pytest.mark.parametrize("text", ["", "~", "yesterday~3", "2026-03-02T09:00:00~3", "2026-99-02T09:00:00+00:00~3",
                                  "2026-03-02T09:00:00+00:00~x", "2026-03-02T09:00:00+00:00~" + "9" * 30])  # fmt: skip
def test_a_place_that_nobody_gave_is_the_start(text, auditor):
    assert paging.read_place(text) is None
    assert auditor.get(LIST, {"after": text}).status_code == 200


@pytest.mark.long
def test_a_page_costs_the_same_however_many_rows_it_has(cast, auditor):
    a_request(cast, Status.APPROVED)
    auditor.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        auditor.get(LIST)
    many(cast, 30)
    with CaptureQueriesContext(connection) as more:
        auditor.get(LIST)
    assert len(more) == len(few)


def test_neither_list_nor_export_names_a_patient_or_writes_a_read(cast, auditor):
    request = a_request(cast, Status.APPROVED)
    before = AccessEntry.objects.count()
    said = words(auditor.get(LIST)) + str(cells(auditor.get(EXPORT)))
    assert request.number in said
    assert "Canary" not in said
    assert MRN not in said
    assert AccessEntry.objects.count() == before


def test_filters_that_cannot_be_read_say_so_and_the_others_hold(cast, auditor):
    approved_one = a_request(cast, Status.APPROVED)
    a_request(cast, patient=cast.a_patient(mrn="N-2"))
    asked = {"since": "the day before", "outcome": "splendid", "decision": "approved", "reviewer": "nobody"}
    page = auditor.get(LIST, asked)
    said = words(page)
    assert "Give a date as YYYY-MM-DD." in said
    assert "Choose from the list." in said
    assert [row.request.number for row in page.context["page"].rows] == [approved_one.number]
    export = auditor.get(EXPORT, asked)
    assert export.status_code == 302
    assert export["Location"].startswith(f"{LIST}?")


def test_dates_the_wrong_way_round_say_so(auditor):
    said = words(auditor.get(LIST, {"since": "2026-03-02", "until": "2026-03-01"}))
    assert "This is before the first date." in said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Nothing was filed yet"),
        ({"decision": "denied"}, "Nothing fits these filters"),
        ({"after": "2020-01-01T00:00:00+00:00~1"}, "Nothing further"),
    ],
)
def test_an_empty_list_says_why(auditor, asked, said):
    assert said in words(auditor.get(LIST, asked))


def test_who_audits_two_sites_chooses_one_and_is_given_no_third(cast, seen_by):
    here = a_request(cast)
    there = a_request(cast, by="sam", patient=cast.a_patient("sam", mrn="S-1"))
    alone = seen_by("audrey")
    assert here.number in words(alone.get(LIST, {"site": "south"})), "a site that is not theirs is their own instead"
    Membership.objects.create(user=cast["audrey"], site=cast.south, role=Role.AUDITOR, started_at=AT)
    both = seen_by("audrey")
    said = words(both.get(LIST, {"site": "south"}))
    assert there.number in said
    assert here.number not in said
    assert [row["request"] for row in cells(both.get(EXPORT, {"site": "south"}))] == [there.number]


# --- The export ---------------------------------------------------------------------------------------------------

HELD = (
    "request", "site", "department", "prescriber", "status", "indication", "diagnosis_code", "judged_as", "outcome",
    "expedited", "emergency", "grams_per_course_asked", "started_at", "submitted_at", "ended_at", "decision",
    "decision_reason_code", "decision_reason", "decision_conditions", "decided_by", "decided_as", "decided_at",
    "authorization", "grams_per_course_allowed", "courses_allowed", "valid_from", "valid_to", "voided_at",
    "withdrawal_reason", "order_changed", "interval_weeks_allowed", "recommendation", "recommendation_reason_code",
    "recommendation_reason", "recommendation_conditions", "recommended_by", "recommended_at",
)  # fmt: skip
"""Columns that programs read by name: more may come, and none goes."""


def test_the_export_is_streamed_and_holds_the_filtered_list(cast, auditor):
    kept = a_request(cast, Status.APPROVED)
    a_request(cast, patient=cast.a_patient(mrn="N-2"))
    response = auditor.get(EXPORT, {"decision": "approved"})
    assert isinstance(response, StreamingHttpResponse)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="requests-north-')
    rows = cells(response)
    assert list(rows[0]) == [column.name for column in TABLES["requests"].columns_for(identified=False)]
    assert set(HELD) <= set(rows[0])
    assert "patient_mrn" not in rows[0]
    assert [row["request"] for row in rows] == [kept.number]


def test_its_decimals_are_exact_and_its_times_are_in_utc(cast, auditor):
    filed = submitted(cast, a_draft(cast), at=AT + timedelta(hours=1))
    approved(cast, filed, at=AT + timedelta(hours=2), order={"dose_total_g": "147.5"})
    (row,) = cells(auditor.get(EXPORT))
    filed.refresh_from_db()
    assert Decimal(row["grams_per_course_asked"]) == filed.grams
    assert Decimal(row["grams_per_course_allowed"]) == Decimal("147.5")
    assert row["submitted_at"] == "2026-03-02T10:00:00Z"
    assert (row["decision"], row["decided_by"], row["decided_as"]) == (
        "approve",
        "Fern Pharmacist, PharmD",
        "pharmacist",
    )


@pytest.mark.long
def test_it_stands_newest_first_as_the_list_does(cast, auditor):
    first = submitted(cast, a_draft(cast), at=AT + timedelta(hours=1))
    second = submitted(cast, a_draft(cast, patient=cast.a_patient(mrn="N-2")), at=AT + timedelta(hours=2))
    drafts = [a_draft(cast, at=AT + timedelta(hours=hours)) for hours in (3, 1, 2)]
    approved(cast, second, at=AT + timedelta(hours=4))
    approved(cast, first, at=AT + timedelta(hours=5))
    by_filing, by_decision, unfiled = (
        cells(auditor.get(EXPORT, asked)) for asked in ({}, {"decided_since": "2026-03-02"}, {"decision": "unfiled"})
    )
    assert [row["request"] for row in by_filing] == [second.number, first.number]
    assert [row["request"] for row in by_decision] == [first.number, second.number]
    begun = sorted((draft.created_at for draft in drafts), reverse=True)
    assert [row["started_at"] for row in unfiled] == [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in begun]
    assert {row["request"] for row in unfiled} == {""}


@pytest.mark.parametrize(
    "asked", [{"decision": "unfiled", "mark": "late"}, {"overdue": "yes"}, {"top": "yes"}, {"decision": "denied"}]
)
def test_where_nothing_fits_it_is_a_header(cast, auditor, asked):
    a_request(cast)
    (line,) = b"".join(auditor.get(EXPORT, asked)).decode("utf-8-sig").splitlines()
    assert line.startswith("request,site,department,")


TIMES = ("started_at", "submitted_at", "ended_at", "decided_at", "voided_at")


@pytest.mark.parametrize(("month", "local"), [(3, "2026-03-02T11:00:00+01:00"), (7, "2026-07-02T12:00:00+02:00")])
def test_its_times_stand_in_the_zone_of_the_site_too(cast, auditor, month, local):
    at = AT.replace(month=month)
    approved(cast, submitted(cast, a_draft(cast, at=at), at=at + timedelta(hours=1)), at=at + timedelta(hours=2))
    (row,) = cells(auditor.get(EXPORT))
    assert row["submitted_at"] == f"2026-0{month}-02T10:00:00Z"
    assert row["submitted_at_local"] == local
    assert row["voided_at_local"] == ""
    names = list(row)
    assert [names[names.index(name) + 1] for name in TIMES] == [f"{name}_local" for name in TIMES]
    for name in TIMES:
        one, other = row[name], row[f"{name}_local"]
        assert one == other == "" or datetime.fromisoformat(one) == datetime.fromisoformat(other)


def test_one_row_a_request_though_it_was_recommended_and_decided(cast, auditor):
    made = submitted(cast, a_draft(cast, indication="ibm", answers=IBM), at=AT + timedelta(hours=1))
    made = recommended(cast, made, at=AT + timedelta(hours=2), choice="deny")
    denied(cast, made, at=AT + timedelta(hours=3))
    (row,) = cells(auditor.get(EXPORT))
    assert (row["decision"], row["decided_by"], row["authorization"]) == ("deny", "Mira Physician, MD", "")


def test_a_departure_is_counted_by_its_code_and_read_in_its_words(cast, auditor):
    made = submitted(cast, a_draft(cast), at=AT + timedelta(hours=1))
    made = workflow.recommend(
        made.uid,
        by=cast["fern"],
        at=AT + timedelta(hours=2),
        version=made.version,
        presence=present(cast["fern"], AT + timedelta(hours=2)),
        choice="approve",
        terms=workflow.DecisionTerms(
            reason="One, then see.", conditions="Measure first.", order={"courses": "1"}, reason_code="single_course"
        ),
    )
    departs = {"reason_code": "lowest_effective", "reason": "Two are the least that shows it."}
    approved(cast, made, at=AT + timedelta(hours=3), by="mira", order={"courses": "2"}, **departs)
    (row,) = cells(auditor.get(EXPORT))
    assert (row["decision_reason_code"], row["decision_reason"], row["order_changed"]) == (
        "lowest_effective", "Two are the least that shows it.", "yes",
    )  # fmt: skip
    assert (row["courses_allowed"], Decimal(row["interval_weeks_allowed"])) == ("2", 4)
    assert [row[f"recommendation{part}"] for part in ("", "_reason_code", "_reason", "_conditions")] == [
        "approve", "single_course", "One, then see.", "Measure first.",
    ]  # fmt: skip
    assert (row["recommended_by"], row["recommended_at"]) == ("Fern Pharmacist, PharmD", "2026-03-02T11:00:00Z")


def test_without_a_departure_its_columns_say_so(cast, auditor):
    a_request(cast, Status.APPROVED)
    (row,) = cells(auditor.get(EXPORT))
    assert (row["order_changed"], row["recommendation"], row["decision_reason_code"]) == ("no", "", "")


def test_of_two_recommendations_the_newest_stands(cast, auditor):
    made = recommended(cast, a_request(cast), at=AT + timedelta(hours=2), choice="deny")
    asked = workflow.ask(
        made.uid, by=cast["mira"], at=AT + timedelta(hours=3), version=made.version, facts=[], text="?"
    )
    back = workflow.answer(
        asked.uid,
        by=cast["petra"],
        at=AT + timedelta(hours=4),
        version=asked.version,
        text="Four.",
        answers={"course_days": "4"},
        confirmations=workflow.Confirmations(acknowledged=["daily_dose_exceeds_limit"]),
    )
    recommended(cast, back, at=AT + timedelta(hours=5), by="felix")
    (row,) = cells(auditor.get(EXPORT))
    assert (row["recommendation"], row["recommended_by"]) == ("approve", "Felix Pharmacist, PharmD")


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3|cmd", "@SUM(A1)", "\t=1", "ok; =1"]
)
def test_text_that_a_spreadsheet_would_run_is_inert_and_not_lost(cast, auditor, text):
    made = submitted(cast, a_draft(cast), at=AT + timedelta(hours=1))
    workflow.withdraw(made.uid, by=cast["petra"], at=AT + timedelta(hours=2), version=made.version, reason=text)
    (row,) = cells(auditor.get(EXPORT))
    assert not row["withdrawal_reason"].lstrip().startswith(("=", "+", "-", "@"))
    assert as_typed(row["withdrawal_reason"]) == text.strip()


@pytest.mark.long
def test_in_any_order_the_pages_hold_each_row_once(cast, seen_by):
    many(cast, 117)
    rows = list(RequestSummary.objects.order_by("pk").select_related("request", "patient"))
    for place, row in enumerate(rows):
        row.total_asked = None if place % 5 == 0 else Decimal(place * 37 % 41)
        row.clock_seconds = None if place % 7 == 0 else place * 53 % 29 * 3600
    RequestSummary.objects.bulk_update(rows, ["total_asked", "clock_seconds"])
    values = {
        "grams": lambda row: -1 if row.total_asked is None else row.total_asked,
        "-hours": lambda row: -1 if row.clock_seconds is None else row.clock_seconds,
        "patient": lambda row: row.patient.mrn,
    }
    audrey = seen_by("audrey")
    for order, value in values.items():
        descending = not order.startswith("-")
        listed = sorted(rows, key=lambda row, value=value: (value(row), row.pk), reverse=descending)
        shown = {"show": "patient"} if order == "patient" else {}
        walked, backward, address = [], "", f"{LIST}?{urlencode({'sort': order, **shown})}"
        while address:
            page = audrey.get(address)
            assert MRN not in address
            walked.append([row.request.number for row in page.context["page"].rows])
            backward, following = page.context["previous_url"], page.context["next_url"]
            address = LIST + following if following else ""
        assert [number for page in walked for number in page] == [row.request.number for row in listed]
        assert [row.request.number for row in audrey.get(LIST + backward).context["page"].rows] == walked[-2]
    for query in ("sort=grams&after=999999999", "sort=whim", "sort=grams&before=x"):
        assert audrey.get(f"{LIST}?{query}").status_code == 200
    heads = audrey.get(f"{LIST}?sort=grams").context["heads"]
    assert (heads["grams"]["address"], heads["filed"]["address"]) == ("?sort=-grams", "?")
    # By patients' numbers only where they are shown, which the log tells of.
    assert audrey.get(f"{LIST}?sort=patient").context["filters"].order == ""
