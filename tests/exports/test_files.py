"""The kinds of files: the same rows in each, exact, with no cell that is or becomes a formula."""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest
from django.db import connection
from lxml import etree

from tests.cast import AT as FILED
from tests.cast import IBM, a_request
from tests.exports.hostile import TEXTS
from utilization import workflow
from utilization.documents import xlsx_file
from utilization.documents.exports import as_typed, csv_pieces, quoted_cell
from utilization.documents.json_lines import json_pieces
from utilization.documents.parquet_file import write_parquet
from utilization.documents.xlsx_file import write_xlsx
from utilization.models import Decision, Department, Infusion, User, guards
from utilization.reports.audit_list import fitting
from utilization.reports.exports import TABLES
from utilization.reports.exports.csv_text import csv_lines
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.cell_kinds import CellKind, ExportColumn, with_clocks
from utilization.rules.lifecycle import Status

COLUMNS = tuple(
    with_clocks(
        ExportColumn(name, kind, "Meaning.", "source", places=6)
        for name, kind in (
            ("text", CellKind.TEXT), ("whole", CellKind.WHOLE), ("decimal", CellKind.DECIMAL),
            ("truth", CellKind.TRUTH), ("day", CellKind.DAY), ("at", CellKind.INSTANT),
        )
    )
)  # fmt: skip
AT = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
ROWS = [
    ("plain", 9_007_199_254_740_993, Decimal("123456789012.123456"), True, date(2026, 2, 28), AT, "there"),
    ("", -1, Decimal("-0.000001"), False, date(1899, 12, 31), AT, ""),
    (None,) * 7,
    *((text, 1, Decimal("0.1"), None, None, None, None) for text in TEXTS),
]
ABOUT = [("table", "column"), ("=1+1", "@SUM(A1)")]
SHEET = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
CELL = f"{{{SHEET['m']}}}c"


@pytest.mark.long
@pytest.mark.parametrize("code", [code for code, table in TABLES.items() if table.fields])
@pytest.mark.parametrize("identified", [True, False])
def test_lines_that_the_database_writes_are_those_of_python_byte_for_byte(cast, code, identified):
    approved = a_request(cast, Status.APPROVED)
    a_request(cast, Status.DENIED, answers=IBM, indication="ibm", patient=cast.a_patient(mrn="N-2002"))
    a_request(cast, Status.PHARMACIST_REVIEW, patient=cast.a_patient(mrn="N-9"))
    day = FILED + timedelta(days=1)
    for lot, *reaction in (
        ("L-1", "headache", "not_serious", "Gone by night."),
        ("L-2", "headache", "serious"),
        ("L-3",),
    ):
        given = TypedInfusion(day.date().isoformat(), "Privigen", "30.5", lot, *reaction)
        workflow.record_infusion(approved.uid, given, by=cast["fern"], at=day, confirmed=True)
    table, site = TABLES[code], cast.north
    kept = table.kept(identified=identified)
    guards.lift(connection)
    for text in TEXTS:
        Department.objects.filter(requests__isnull=False).update(name=text[:100])
        User.objects.filter(username="petra").update(full_name=text[:100])
        Decision.objects.update(reason=text or "-", conditions=f"As agreed; {text}")
        Infusion.objects.update(product=text[:60], lot=text[:40])
        python = csv_pieces((), table.file_rows(fitting(site, {}), site, identified=identified))
        query = table.query(fitting(site, {}), identified=identified)
        counted = list(csv_lines(query, kept, site.time_zone, quoted_cell))
        assert sum(count for count, _ in counted) == 3
        assert b"".join(lines for _, lines in counted) == b"".join(python).split(b"\r\n", 1)[1], text
    guards.install(connection)


@pytest.mark.parametrize("zone", ["Europe/Vienna", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
def test_clocks_that_the_database_reads_are_those_of_python_on_days_on_which_they_change(cast, zone):
    cast.north.time_zone = zone
    cast.north.save()
    request = a_request(cast, Status.PHARMACIST_REVIEW)
    table = TABLES["requests"]
    for text in ("2026-03-29T00:59:59", "2026-03-29T01:00:00", "2026-10-25T00:30:00", "2026-10-03T15:30:01",
                 "2026-04-04T15:00:00", "2026-11-01T04:30:59", "1999-12-31T23:59:59.999999"):  # fmt: skip
        at = datetime.fromisoformat(text).replace(tzinfo=UTC)
        type(request).objects.filter(pk=request.pk).update(submitted_at=at, due_at=at)
        python = csv_pieces((), table.file_rows(fitting(cast.north, {}), cast.north, identified=True))
        lines = csv_lines(table.query(fitting(cast.north, {}), identified=True), table.columns, zone, quoted_cell)
        assert b"".join(some for _, some in lines) == b"".join(python).split(b"\r\n", 1)[1]


def test_csv_and_json_lines_hold_every_value_exactly():
    content = b"".join(csv_pieces([column.name for column in COLUMNS], ROWS)).decode("utf-8-sig")
    header, *lines = list(csv.reader(io.StringIO(content, newline="")))
    assert header == ["text", "whole", "decimal", "truth", "day", "at", "at_local"]
    assert [as_typed(line[0]) for line in lines] == [row[0] or "" for row in ROWS]
    read = [json.loads(line, parse_float=Decimal) for line in b"".join(json_pieces(COLUMNS, ROWS)).splitlines()]
    assert [line["text"] for line in read] == [row[0] for row in ROWS]
    assert [line["decimal"] for line in read] == [row[2] for row in ROWS]
    assert [line["whole"] for line in read] == [row[1] for row in ROWS]
    assert read[0]["at"] == "2026-03-29T00:59:59Z"
    assert read[1]["truth"] is False


def test_parquet_holds_every_value_in_a_column_of_its_type(tmp_path):
    path = tmp_path / "a.parquet"
    write_parquet(path, COLUMNS, ROWS, ABOUT)
    told = duckdb.sql(f"DESCRIBE FROM '{path}'").fetchall()
    assert [row[1] for row in told] == [
        "VARCHAR", "BIGINT", "DECIMAL(18,6)", "BOOLEAN", "DATE", "TIMESTAMP WITH TIME ZONE", "VARCHAR",
    ]  # fmt: skip
    read = duckdb.sql(
        f'SELECT text, whole, "decimal", truth, day, epoch("at")::BIGINT, at_local FROM \'{path}\''
    ).fetchall()
    assert read == [(*row[:5], int(AT.timestamp()) if row[5] else None, row[6]) for row in ROWS]
    ((about,),) = duckdb.sql(f"SELECT decode(value) FROM parquet_kv_metadata('{path}')").fetchall()
    assert [tuple(line) for line in json.loads(about)] == ABOUT
    assert list(tmp_path.iterdir()) == [path], "what it was made of is gone"


def sheets(path):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                yield name, etree.fromstring(archive.read(name))


def test_a_workbook_holds_every_value_and_neither_a_formula_nor_a_link(tmp_path):
    path = tmp_path / "a.xlsx"
    write_xlsx(path, COLUMNS, ROWS, ABOUT)
    parts = dict(sheets(path))
    for name, part in parts.items():
        assert not part.findall(".//m:f", SHEET), name
        assert not part.findall(".//m:hyperlink", SHEET), name
        assert not part.findall(".//m:externalReference", SHEET), name
    data = parts["xl/worksheets/sheet1.xml"]
    texts = {cell.get("r"): "".join(cell.itertext()) for cell in data.iter(CELL)}
    kinds = {cell.get("r"): cell.get("t", "n") for cell in data.iter(CELL)}
    assert (kinds["B2"], texts["B2"]) == ("inlineStr", "9007199254740993"), "all its digits, which a number would lose"
    assert (kinds["C2"], texts["C2"]) == ("inlineStr", "123456789012.123456")
    assert (kinds["B3"], texts["B3"], kinds["D2"]) == ("n", "-1", "b")
    for line, text in enumerate(TEXTS, start=5):
        held = texts.get(f"A{line}", "")
        assert kinds.get(f"A{line}", "inlineStr") == "inlineStr", text
        if len(text) > xlsx_file.MOST_TEXT:
            assert held.endswith(xlsx_file.CUT)
            assert len(held) == xlsx_file.MOST_TEXT
        elif not any(letter < " " and letter not in "\t\n\r" for letter in text):
            assert unescaped(held) == text.replace("\r\n", "\n") or "\r" in text, text


def unescaped(text):
    return text.replace("_x000D_", "\r").replace("_x001F_", "\x1f")


def test_more_rows_than_a_sheet_holds_go_on_a_next_one(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_file, "ROWS_A_SHEET", 2)
    path = tmp_path / "a.xlsx"
    write_xlsx(path, COLUMNS[:1], [(str(number),) for number in range(5)], ABOUT)
    counts = [len(part.findall(".//m:row", SHEET)) for name, part in sheets(path) if "worksheets/sheet" in name]
    assert counts == [3, 3, 2, 2]


def test_a_workbook_that_fails_on_the_way_leaves_nothing(tmp_path):
    def rows():
        yield ("a",)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        write_xlsx(tmp_path / "a.xlsx", COLUMNS[:1], rows(), ABOUT)
    assert not (tmp_path / "a.xlsx").exists()
