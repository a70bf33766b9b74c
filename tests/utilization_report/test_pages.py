"""The report on screen, as CSV and as PDF: one value, one hash; who may read which edition; bad input."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from pypdf import PdfReader

from tests.cast import AT, Cast, a_request
from tests.reviewing.pages import words
from tests.utilization_report.database_site import DatabaseSite
from tests.utilization_report.sites import YEAR as REPORT_YEAR
from tests.utilization_report.sites import site
from utilization import workflow
from utilization.documents import report_pdf
from utilization.documents.report_csv import rows as csv_rows
from utilization.documents.report_plots import plots
from utilization.models import Department, Membership
from utilization.reports.audit_answer import ScheduledCount, answer, given_count, scheduled_count
from utilization.reports.audit_filter import summaries
from utilization.reports.audit_list import Choices
from utilization.reports.utilization_report import utilization_report
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role
from utilization.rules.utilization_report.report import Asked
from utilization.templatetags.report_figures import list_of
from utilization.web.auditing.filter_form import AuditFilterForm

PAGE = "/reports/"
YEAR = {"first": "2025-01", "last": "2025-12"}
CIRCULATED = {"edition": "circulation", "year": "2025-01"}


@pytest.fixture
def written(cast: Cast) -> DatabaseSite:
    """A site of 60 patients and 400 requests."""
    return DatabaseSite(cast.north, site(21, 60, 400))


@pytest.mark.long
def test_page_csv_and_pdf_print_one_hash_and_the_same_figures(written, seen_by):
    audrey = seen_by("audrey")
    for asked in (YEAR, CIRCULATED, {**YEAR, "kind": "renewal", "age": "0-17"}, {**CIRCULATED, "kind": "initial"}):
        page = audrey.get(PAGE, asked)
        assert page.status_code == 200
        [sha256] = re.findall(r"report-hash\">([0-9a-f]{64})<", page.content.decode())
        answer = audrey.get(f"{PAGE}utilization.csv", asked)
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert next(row["text"] for row in rows if row["row"] == "SHA-256") == sha256
        [decided] = [
            row for row in rows if (row["table"], row["row"], row["column"]) == ("Decisions", "This period", "Decided")
        ]
        assert page.context["value"]["sections"][6]["tables"][0]["rows"][0]["cells"][1].get("n") == (
            int(decided["count"]) if decided["count"] else None
        )
        answer = audrey.get(f"{PAGE}utilization.pdf", asked)
        assert answer["Content-Type"] == "application/pdf"
        reader = PdfReader(io.BytesIO(answer.content))
        text = re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))
        assert sha256 in text
        assert list(reader.attachments) == ["utilization.json"]


@pytest.mark.long
def test_a_value_that_was_frozen_before_grams_given_stood_in_it_still_prints(written):
    """A report of form 2 has no table of grams given: page, CSV and PDF show the tables that are in it."""
    value = utilization_report(written.site, Asked(REPORT_YEAR, {}, None))
    older = value | {
        "form": 2,
        "sections": [
            section | {"tables": [table for table in section["tables"] if not table["id"].startswith("given")]}
            for section in value["sections"]
        ],
    }
    for shown, held in ((value, True), (older, False)):
        page = render_to_string("reports/_report.html", {"value": shown, "sha256": "x", "plots": plots(shown)})
        titles = {row[1] for row in csv_rows(shown, "x")}
        pdf = report_pdf.render(shown, address="https://ivig.example/reports/", at=AT)
        text = " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages)
        for told in (page, titles, text):
            assert ("Grams recorded as given" in told) == held
            assert "Scheduled grams" in told


MEDIANS = ("use_by_indication", "use_by_department", "use_by_age", "use_by_kind", "use_by_product", "use_by_weight")
NUMBERS = {"n", "g", "h", "min", "each", "percent", "g_per_kg"}


def opened(written: DatabaseSite, address: str) -> tuple[int, ScheduledCount | None, dict]:
    """How many the list at `address` has and what is due to them, its filters read as the page reads them."""
    query = QueryDict(address.partition("?")[2])
    departments = list(Department.objects.filter(site=written.site))
    form = AuditFilterForm(query, sites=[written.site], site=written.site, choices=Choices(departments, (), ()))
    wanted = form.wanted()
    assert not form.errors, (address, form.errors)
    assert form.tokens()
    return summaries(written.site, wanted).count(), scheduled_count(written.site, wanted), wanted


def numbers_of(value: dict) -> Iterator[tuple[str, str, dict]]:
    """Every number of a report: where it stands, of which period it is, and the cell."""
    for tile in value["tiles"]:
        yield tile["id"], "now", tile["now"]
        yield tile["id"], "before", tile["before"]
    for section in value["sections"]:
        for table in section["tables"]:
            for row in table["rows"]:
                for cell in row["cells"]:
                    if NUMBERS & cell.keys():
                        yield table["id"], row["key"], cell


@pytest.mark.long
def test_every_number_opens_the_list_that_it_counts(written, seen_by):
    department = str(written.departments["2"].pk)
    seen, pages = dict[str, tuple](), dict[str, str]()
    for chosen in ({}, {"department": department, "kind": "renewal"}):
        value = utilization_report(written.site, Asked(REPORT_YEAR, chosen, None))
        for where, which, cell in numbers_of(value):
            address = list_of(value, which, cell)
            assert address, (where, which, cell)
            listed, due, wanted = seen.get(address) or seen.setdefault(address, opened(written, address))
            rows = cell["counts"].get("rows", "decided")
            pages.setdefault(f"{rows} {where}", address)
            if "n" in cell:
                assert cell["n"] == (due.patients if rows == "patients" else listed), (where, address)
            if "g" in cell and rows in ("due", "patients") and where not in ("grams_a_patient", *MEDIANS):
                assert cell["g"] == due.grams, (where, address)
            if "g" in cell and rows == "given":
                assert cell["g"] == given_count(written.site, wanted).grams, (where, address)
            if "g" in cell and where == "off_criteria":
                assert cell["g"] == answer(written.site, wanted, at=AT).grams, (where, address)
    assert len(seen) > 200
    for kind in ("patients use_by_indication", "due use_by_age", "withdrawn metrics", "overdue overdue", "given given"):
        page = seen_by("audrey").get(pages[kind])
        assert page.status_code == 200
        assert "Each patient once, by indication" in words(page) or "patients" not in kind
        assert "Recorded as given: 1" in words(page) or kind != "given given"
    answered = words(seen_by("audrey").get(pages["given given"].replace("/audit/", "/audit/answer/")))
    assert "recorded as given in these days, by" in answered
    report = seen_by("audrey").get(PAGE, YEAR).content.decode()
    assert report.count("/audit/?") > 200


@pytest.mark.long
def test_an_address_that_no_report_wrote_is_refused_in_words(cast: Cast, seen_by):
    audrey = seen_by("audrey")
    for query in (
        "also=whim:yes", "also=due:2025-13-01..x", "also=top:5", "also=top:0&also=due:2025-01-01..2025-12-31",
        "also=age:7", "also=pack:99999999999999999999", "also=unmet:" + "x" * 400,
        "&".join(["also=late:yes"] * 500), "also=due:0001-01-01..0001-01-02", "also=overdue:9999-12-31",
    ):  # fmt: skip
        page = audrey.get(f"/audit/?{query}")
        assert page.status_code == 200
        assert "narrows the list by something unknown" in words(page), query


@pytest.mark.long
def test_only_auditors_read_every_case(written, seen_by):
    for who in ("fern", "mira", "forrest", "adam"):
        page = seen_by(who).get(PAGE, {**YEAR, "edition": "every_case"})
        assert (page.status_code, page.context["value"]["edition"]) == (200, "circulation"), who
        assert page.context["value"]["dots"] == page.context["value"]["therapy"] == []
        assert "Prescriber 1" not in page.content.decode()
    assert seen_by("petra").get(PAGE).status_code == 403
    assert "Prescriber 1" in seen_by("audrey").get(PAGE, YEAR).content.decode()


@pytest.mark.long
def test_a_report_for_circulation_is_of_whole_report_years_and_one_filter(written, seen_by):
    forrest = seen_by("forrest")
    for asked in ({"year": "2025-02"}, {"year": "2099-01"}, {"year": "x"}):
        assert forrest.get(PAGE, asked).status_code == 422, asked
    value = forrest.get(PAGE, {"first": "2025-03", "last": "2025-05"}).context["value"]
    assert value["period"]["first"].endswith("-01")
    assert value["period"]["months"] == 12
    two = forrest.get(PAGE, {"year": "2025-01", "kind": "initial", "age": "0-17"})
    assert two.status_code == 422
    assert "one filter at a time" in words(two)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"first": "2025-12", "last": "2025-01"}, "ends before it begins"),
        ({"first": "2025-13", "last": "2026-01"}, "Give a month as year and month"),
        ({"first": "2019-01", "last": "2025-01"}, "at most 60 months"),
        ({"first": "x" * 900, "last": ""}, "at most 7 characters"),
        ({"department": "999999"}, "Choose from the list"),
        ({"indication": "<script>"}, "Choose from the list"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_lost(cast: Cast, seen_by, asked, said):
    page = seen_by("audrey").get(PAGE, asked)
    assert page.status_code == 422
    assert said in words(page)
    for kind in ("csv", "pdf"):
        assert seen_by("audrey").get(f"{PAGE}utilization.{kind}", asked).status_code == 302


@pytest.mark.long
def test_a_site_without_a_request_has_a_report(cast: Cast, seen_by):
    for who in ("audrey", "forrest"):
        page = seen_by(who).get(PAGE)
        assert page.status_code == 200
        assert "Nothing can be said of this period" in words(page)
        assert seen_by(who).get(f"{PAGE}utilization.pdf").status_code == 200


def test_requests_that_went_their_way_through_the_door_are_in_it(cast: Cast, seen_by):
    """One patient alone; the month of the change to summer time; the auditor sees them, a circulated report none."""
    a_request(cast, Status.APPROVED, at=AT)
    a_request(
        cast, Status.PHARMACIST_REVIEW, at=AT.replace(day=29, hour=1), patient=cast.a_patient(mrn="N-7", name="B, C")
    )
    page = seen_by("audrey").get(PAGE, {"first": "2026-03", "last": "2026-03"})
    tiles = {tile["id"]: tile["now"] for tile in page.context["value"]["tiles"]}
    assert tiles["patients"]["n"] == 1
    assert tiles["off_criteria"]["n"] == 0
    assert tiles["off_criteria"]["of"] == 1
    cast.north.report_year_starts = 4
    cast.north.save()
    guarded = seen_by("forrest").get(PAGE, {"year": "2025-04"})
    if guarded.status_code == 200:
        assert all("n" not in tile["now"] or tile["now"]["n"] == 0 for tile in guarded.context["value"]["tiles"])


def test_an_administrator_says_how_few_patients_may_be_told_of(cast: Cast, seen_by):
    adam = seen_by("adam")
    assert (
        adam.post("/people/reports/", {"site": "north", "fewest_patients": "8", "year_starts": "7"}).status_code == 302
    )
    cast.north.refresh_from_db()
    assert (cast.north.fewest_patients, cast.north.report_year_starts) == (8, 7)
    for sent in ({"fewest_patients": "1", "year_starts": "7"}, {"fewest_patients": "8", "year_starts": "13"}, {}):
        assert adam.post("/people/reports/", {"site": "north", **sent}).status_code == 422
    assert (
        adam.post("/people/reports/", {"site": "south", "fewest_patients": "5", "year_starts": "1"}).status_code == 422
    )
    again = adam.post("/people/reports/", {"site": "north", "fewest_patients": "8", "year_starts": "8"})
    assert again.status_code == 422
    assert "within the last two years" in words(again)
    with pytest.raises(workflow.Refused):
        workflow.set_report_settings(cast.south, by=cast["adam"], at=AT, fewest_patients=5, year_starts=1)
    value = seen_by("forrest").get(PAGE).context["value"]
    assert (value["limit"], value["period"]["first"][-2:]) == (8, "07")


def test_the_first_month_of_a_report_year_stands_once_a_report_can_be_read(cast: Cast):
    """Else a year by the old month, less one by the new, is the report of the months between."""
    a_request(cast, at=AT)
    same_year, later = AT + timedelta(days=60), AT + timedelta(days=365)
    choice = {"by": cast["adam"], "fewest_patients": 11}
    assert workflow.set_report_settings(cast.north, at=same_year, year_starts=2, **choice).report_year_starts == 2
    with pytest.raises(workflow.Invalid, match="the year stays as it is"):
        workflow.set_report_settings(cast.north, at=later + workflow.report_settings.BETWEEN, year_starts=3, **choice)


def test_a_reader_of_two_sites_reads_of_each_what_their_role_there_allows(cast: Cast, seen_by):
    Membership.objects.create(user=cast["audrey"], site=cast.south, role=Role.PHARMACIST, started_at=AT)
    audrey = seen_by("audrey")
    assert audrey.get(PAGE, {"site": "north"}).context["value"]["edition"] == "every_case"
    assert audrey.get(PAGE, {"site": "south"}).context["value"]["edition"] == "circulation"
    foreign = Department.objects.get(site=cast.south, name="Neurology")
    assert audrey.get(PAGE, {"site": "north", "department": foreign.pk}).status_code == 422
