"""Every table of an export against the rows of the database, read one by one by other means."""

import json
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from tests.cast import AT, IBM, a_request
from utilization import workflow
from utilization.models import Authorization, Event, Request
from utilization.reports.audit_list import fitting
from utilization.reports.exports import TABLES
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.cell_kinds import CellKind
from utilization.rules.lifecycle import Status

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.fixture
def site(cast):
    given = TypedInfusion("2026-03-02", "Privigen", "30", "L-1", "rash", "serious")
    held = a_request(cast, Status.APPROVED)
    workflow.record_infusion(held.uid, given, by=cast["fern"], at=AT + timedelta(days=1), confirmed=False)
    a_request(cast, Status.DENIED, answers=IBM, indication="ibm", patient=cast.a_patient(mrn="N-2002"))
    a_request(cast, Status.INFORMATION_ASKED, patient=cast.a_patient(mrn="N-3003"))
    a_request(cast, Status.WITHDRAWN, patient=cast.a_patient(mrn="N-4004"))
    return cast.north


def told(code, site, identified=True, **wanted):
    table = TABLES[code]
    names = [column.name for column in table.columns_for(identified=identified)]
    rows = table.file_rows(fitting(site, wanted), site, identified=identified)
    return [dict(zip(names, row, strict=True)) for row in rows]


def raw(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read(value):
    return json.loads(value) if isinstance(value, str) else value


@pytest.mark.long
def test_a_row_of_requests_is_the_request_with_its_decision_and_authorization(site):
    rows = told("requests", site)
    assert [row["request"] for row in rows] == [
        kept.number for kept in Request.objects.filter(site=site).order_by("-submitted_at", "-pk")
    ]
    for row in rows:
        request = Request.objects.get(number=row["request"])
        newest = list(request.submissions.order_by("ordinal"))[-1]
        signed = [act for act in request.decisions.all() if act.kind == "decision"]
        advice = [act for act in request.decisions.order_by("signed_at", "pk") if act.kind == "recommendation"]
        held = Authorization.objects.filter(request=request).first()
        assert row["patient_mrn"] == request.patient.mrn
        assert (row["status"], row["outcome"], row["indication"]) == (
            request.status, newest.judgement["outcome"], request.indication,
        )  # fmt: skip
        assert row["grams_per_course_asked"] == request.grams
        assert row["criteria_sha256"] == newest.pack.sha256 == newest.judgement["criteria"]["sha256"]
        assert row["diagnosis_code"] == newest.stated.get("diagnosis_code")
        assert row["justification"] == newest.justification
        assert row["submitted_at"] == request.submitted_at
        assert row["submitted_at_local"] == request.submitted_at.astimezone(VIENNA).isoformat(timespec="seconds")
        assert [row["decision"], row["decision_reason"], row["decided_by"], row["decided_at"]] == (
            [signed[0].choice, signed[0].reason, signed[0].signed_name, signed[0].signed_at] if signed else [None] * 4
        )
        assert row["order_changed"] is bool(signed and signed[0].order)
        assert row["recommended_by"] == (advice[-1].signed_name if advice else None)
        assert row["authorization"] == (held.number if held else None)
        assert row["valid_to"] == (held.valid_to if held else None)
        assert row["withdrawal_reason"] == request.withdrawal_reason


@pytest.mark.long
def test_criteria_results_are_every_finding_of_every_version(site):
    wanted = [
        (version["number"], version["ordinal"], place, finding["id"], finding["result"], finding["otherwise"])
        for version in raw(
            "SELECT r.number, s.ordinal, s.judgement FROM utilization_submission s "
            "JOIN utilization_request r ON r.id = s.request_id WHERE r.site_id = %s "
            "ORDER BY s.created_at DESC, s.id DESC",
            site.pk,
        )
        for place, finding in enumerate(read(version["judgement"])["findings"], start=1)
    ]
    names = ("request", "version", "place", "criterion", "result", "leads_to")
    assert [tuple(row[name] for name in names) for row in told("criteria", site)] == wanted
    assert {row["result"] for row in told("criteria", site)} == {"met", "not_met"}


@pytest.mark.long
def test_decisions_are_every_signed_act(site):
    wanted = raw(
        "SELECT r.number AS request, p.mrn, d.kind AS act, d.choice, d.reason, d.signed_name AS signed_by, d.presence, "
        "s.ordinal AS version, s.judgement FROM utilization_decision d JOIN utilization_request r "
        "ON r.id = d.request_id JOIN utilization_patient p ON p.id = r.patient_id JOIN utilization_submission s "
        "ON s.id = d.submission_id WHERE r.site_id = %s ORDER BY d.signed_at DESC, d.id DESC",
        site.pk,
    )
    rows = told("decisions", site)
    assert len(rows) == len(wanted) > 2
    for row, kept in zip(rows, wanted, strict=True):
        for name in ("request", "act", "choice", "reason", "signed_by", "version"):
            assert row[name] == kept[name]
        assert row["patient_mrn"] == kept["mrn"]
        assert row["presence"] == read(kept["presence"])["kind"]
        assert row["outcome_of_version"] == read(kept["judgement"])["outcome"]
        assert (row["order_grams_per_course"], row["order_changed"]) == (None, False)


def test_an_order_that_was_changed_stands_in_decisions_and_doses(cast):
    request = a_request(cast, Status.PHARMACIST_REVIEW)
    order = {"dose_total_g": "140", "course_days": "4", "interval_weeks": "4", "months": "3", "courses": "3"}
    terms = workflow.DecisionTerms(reason="Less will do.", reason_code="lowest_effective", order=order)
    a_request_approved(cast, request, terms)
    (row,) = told("decisions", cast.north)
    assert (row["order_changed"], row["order_grams_per_course"], row["order_courses"]) == (True, Decimal(140), 3)
    assert row["outcome_of_changed_order"]
    doses = {row["row"]: row for row in told("doses", cast.north)}
    assert doses["asked"]["grams_per_course"] == Decimal(155)
    assert doses["decided"]["grams_per_course"] == Decimal(140)
    assert doses["decided"]["grams_total"] == Decimal(420)


def a_request_approved(cast, request, terms):
    from tests.cast import AT, present

    workflow.claim(request.uid, by=cast["fern"], at=AT, version=request.version) if request.holder is None else None
    fresh = Request.objects.get(pk=request.pk)
    workflow.approve(
        fresh.uid, by=cast["fern"], at=AT, version=fresh.version, presence=present(cast["fern"]), terms=terms
    )


@pytest.mark.long
def test_infusions_are_those_that_count(cast, site):
    held = Authorization.objects.get(site=site)
    given, who = TypedInfusion("2026-03-02", "Privigen", "31"), {"by": cast["fern"], "at": AT + timedelta(days=1)}
    other = workflow.record_infusion(held.request.uid, given, confirmed=False, **who)
    workflow.withdraw_infusion(other.uid, reason="Another patient’s.", **who)
    [row] = told("infusions", site)
    assert (row["authorization"], row["given_on"], row["grams"]) == (held.number, date(2026, 3, 2), Decimal(30))
    assert (row["lot"], row["outside_terms"], row["reaction"], row["seriousness"]) == ("L-1", False, "rash", "serious")


@pytest.mark.long
def test_doses_are_orders_authorizations_and_the_days_that_follow_from_them(site):
    held = Authorization.objects.get(site=site)
    rows = [row for row in told("doses", site) if row["request"] == held.request.number]
    assert [row["row"] for row in rows] == ["asked", "decided", "authorized", *["scheduled_course"] * 6]
    assert rows[0]["grams_per_kg"] == Decimal(2)
    assert rows[0]["dosing_weight"] == Decimal("76.909")
    assert rows[0]["grams_per_course"] == rows[1]["grams_per_course"] == Decimal(155)
    assert rows[2]["grams_total"] == Decimal(930)
    assert [row["scheduled_on"] for row in rows[3:]] == [
        date(2026, 3, 2), date(2026, 3, 30), date(2026, 4, 27), date(2026, 5, 25), date(2026, 6, 22),
        date(2026, 7, 20),
    ]  # fmt: skip
    assert TABLES["doses"].count(fitting(site, {})) == len(told("doses", site))


@pytest.mark.long
def test_events_are_the_entries_of_the_log_about_the_selected_requests(site):
    requests = Request.objects.filter(site=site, submitted_at__isnull=False)
    wanted = [
        (json.loads(bytes(event.body))["seq"], event.type, json.loads(bytes(event.body))["data"])
        for event in Event.objects.filter(request_id__in=[request.pk for request in requests]).order_by("-seq")
    ]
    rows = told("events", site)
    assert [(row["entry"], row["event"], json.loads(row["data"])) for row in rows] == wanted
    assert {row["roles"] for row in rows} >= {"prescriber", "pharmacist"}


@pytest.mark.long
@pytest.mark.parametrize("code", TABLES)
def test_what_names_a_patient_is_in_identified_exports_alone(site, code):
    named, unnamed = (list(told(code, site, identified=identified)) for identified in (True, False))
    assert [set(row) - {"patient_mrn"} for row in named] == [set(row) for row in unnamed]
    # What was denied is not given.
    assert {row["patient_mrn"] for row in named} >= {"N-1001", "N-2002"} - (
        {"N-2002"} if code == "infusions" else set()
    )
    assert not any("N-1001" in str(row) or "N-2002" in str(row) or "Canary" in str(row) for row in unnamed)


@pytest.mark.long
@pytest.mark.parametrize("code", TABLES)
def test_filters_of_the_list_are_those_of_every_table(site, code):
    denied = Request.objects.get(site=site, status="denied")
    rows = told(code, site, decision="denied")
    assert {row["request"] for row in rows} == ({denied.number} if code != "infusions" else set())


@pytest.mark.long
@pytest.mark.parametrize("code", TABLES)
def test_another_site_s_requests_are_in_no_table(cast, site, code):
    patient = cast.a_patient(by="sam", mrn="S-1")
    south = a_request(cast, Status.PHARMACIST_REVIEW, by="sam", patient=patient)
    assert south.number not in {row["request"] for row in told(code, site)}


@pytest.mark.long
@pytest.mark.parametrize("code", TABLES)
def test_every_cell_is_of_the_type_that_its_column_says(site, code):
    types = {
        CellKind.TEXT: str, CellKind.CODE: str, CellKind.CLOCK: str, CellKind.WHOLE: int, CellKind.DECIMAL: Decimal,
        CellKind.TRUTH: bool, CellKind.DAY: date,
    }  # fmt: skip
    columns = TABLES[code].columns_for(identified=True)
    for row in TABLES[code].file_rows(fitting(site, {}), site, identified=True):
        for column, value in zip(columns, row, strict=True):
            if value is None:
                continue
            if column.kind is CellKind.INSTANT:
                assert value.tzinfo is not None, column.name
            else:
                assert type(value) is types[column.kind], column.name
            if column.kind is CellKind.DECIMAL:
                assert round(value, column.places) == value, column.name


def test_every_column_says_what_it_means_and_is_named_once():
    for table in TABLES.values():
        columns = table.columns_for(identified=True)
        assert len({column.name for column in columns}) == len(columns)
        assert all(column.meaning.endswith(".") and column.source for column in columns), table.code
