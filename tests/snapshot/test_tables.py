"""What the snapshot says is true: counted again by SQL over the database, and told alike by other engines."""

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from tests.snapshot.conftest import NAMES, Snapshot

pytestmark = pytest.mark.django_db

QUESTIONS = (
    "SELECT COUNT(*), COUNT(DISTINCT patient_key) FROM requests",
    (
        "SELECT kind, outcome_asked, choice, COUNT(*) AS n FROM requests GROUP BY kind, outcome_asked, choice "
        "ORDER BY kind, outcome_asked, choice"
    ),
    (
        "SELECT r.indication, SUM(a.grams) AS grams FROM authorizations a "
        "JOIN requests r ON r.request_key = a.request_key GROUP BY r.indication ORDER BY grams DESC, r.indication"
    ),
    "SELECT result, stage, COUNT(*) AS n FROM criteria_results GROUP BY result, stage ORDER BY result, stage",
    "SELECT type, COUNT(*) AS n FROM events GROUP BY type ORDER BY type",
    "SELECT stage, COUNT(*) AS n, SUM(grams_per_course) AS grams FROM orders GROUP BY stage ORDER BY stage",
    "SELECT product, COUNT(*) AS n, SUM(grams) AS grams FROM infusions GROUP BY product ORDER BY product",
    "SELECT signed_as, choice, COUNT(*) AS n FROM decisions GROUP BY signed_as, choice ORDER BY signed_as, choice",
)
"""Questions in SQL that every engine understands."""


def one(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchone())


@pytest.mark.long
def test_counts_are_those_of_the_database(snapshot: Snapshot):
    filed = one("SELECT COUNT(*), COUNT(DISTINCT patient_id) FROM utilization_request WHERE submitted_at IS NOT NULL")
    assert list(snapshot.ask(QUESTIONS[0])[0]) == filed
    for table, sql in (
        ("decisions", "SELECT COUNT(*) FROM utilization_decision"),
        ("events", ("SELECT COUNT(*) FROM utilization_event e JOIN utilization_request r ON r.id = e.request_id "
         "WHERE r.submitted_at IS NOT NULL")),
    ):  # fmt: skip
        assert list(snapshot.ask(f"SELECT COUNT(*) FROM {table}")[0]) == one(sql), table
    orders = {stage: count for stage, count, _ in snapshot.ask(QUESTIONS[5])}
    assert orders == {
        "asked": filed[0], "allowed": one("SELECT COUNT(*) FROM utilization_authorization")[0],
    }  # fmt: skip


def test_scheduled_grams_are_those_of_standing_authorizations(snapshot: Snapshot):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT grams_per_course, courses, interval_weeks, valid_from, valid_to, voided_at "
            "FROM utilization_authorization WHERE grams_per_course IS NOT NULL"
        )
        rows = cursor.fetchall()
    total = Decimal(0)
    for grams, courses, weeks, first, last, voided in rows:
        first, last = (date.fromisoformat(str(day)) for day in (first, last))
        ended = None if voided is None else date.fromisoformat(str(voided)[:10])
        for course in range(courses):
            due = first + timedelta(days=round(float(weeks or 0) * 7 * course))
            if due <= last and (ended is None or due < ended):
                total += Decimal(str(grams))
    assert snapshot.ask("SELECT SUM(grams) FROM authorizations") == [(total,)]


def test_grams_given_are_those_that_count(snapshot: Snapshot):
    """Those corrected or entered in error are left out, and the days between two infusions stay true."""
    standing = "NOT EXISTS (SELECT 1 FROM utilization_infusion c WHERE c.corrects_id = i.id) AND NOT i.in_error"
    rows, grams, outside, requests = one(
        "SELECT COUNT(*), SUM(i.grams), SUM(CASE WHEN i.reason <> '' THEN 1 ELSE 0 END), COUNT(DISTINCT i.request_id) "
        f"FROM utilization_infusion i WHERE {standing}"
    )
    assert 10 < rows < one("SELECT COUNT(*) FROM utilization_infusion")[0] / 2
    told = snapshot.ask(
        "SELECT COUNT(*), SUM(grams), COUNT_IF(outside_terms), COUNT(DISTINCT request_key) FROM infusions"
    )
    assert told == [(rows, Decimal(str(grams)), outside, requests)]
    by_patient = snapshot.ask(
        "SELECT COUNT(*) FROM infusions i JOIN requests r USING (request_key) WHERE i.patient_key = r.patient_key"
    )
    assert by_patient == [(rows,)]
    between = "SELECT DISTINCT b.given_on - a.given_on FROM infusions a JOIN infusions b USING (request_key)"
    assert snapshot.ask(f"{between} WHERE a.step = 1 AND b.step = 2") == [(3,)]
    late = "SELECT DISTINCT i.recorded_on - d.signed_on FROM infusions i JOIN decisions d USING (request_key)"
    assert {days for (days,) in snapshot.ask(f"{late} WHERE d.kind = 'decision' AND i.step = 1")} == {2}
    first = "SELECT COUNT(*) FROM infusions i JOIN authorizations a USING (request_key)"
    assert snapshot.ask(f"{first} WHERE i.step = 1 AND a.course = 1 AND i.given_on <> a.valid_from") == [(0,)]


def test_the_dictionary_is_what_the_files_hold(snapshot: Snapshot):
    told = json.loads((snapshot.folder / "dictionary.json").read_text(encoding="utf-8"))
    assert tuple(told) == NAMES
    for table, columns in told.items():
        held = [(name, kind) for name, kind, *_ in snapshot.ask(f"DESCRIBE {table}")]
        assert [(column["name"], column["type"]) for column in columns] == held
        assert all(column["meaning"] and column["guarded"] for column in columns)


def test_the_manifest_counts_and_hashes_the_files(snapshot: Snapshot):
    manifest = json.loads((snapshot.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["edition"] == "de-identified"
    for table in NAMES:
        said = manifest["tables"][table]
        assert [(said["rows"],)] == snapshot.ask(f"SELECT COUNT(*) FROM {table}")
        assert said["sha256"] == hashlib.sha256((snapshot.folder / f"{table}.parquet").read_bytes()).hexdigest()


@pytest.mark.filterwarnings("ignore")
def test_spark_tells_what_duckdb_tells(snapshot: Snapshot):
    spark_sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed: the SQL was run on DuckDB alone")
    builder = spark_sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        for table in NAMES:
            session.read.parquet(str(snapshot.folder / f"{table}.parquet")).createOrReplaceTempView(table)
        for question in QUESTIONS:
            # The engines sort what is empty to different ends.
            told = [tuple(row) for row in session.sql(question).collect()]
            assert sorted(told, key=str) == sorted(snapshot.ask(question), key=str), question
    finally:
        session.stop()
