"""Who has a de-identified snapshot finds nobody in it: every value of the database that names is looked for in it.

What is looked for comes from the database by SQL of this file, whichever column it stands in; keys and days are worked
out again from the secret by this file alone.
"""

import hashlib
import hmac
import json
import re
from collections import defaultdict
from datetime import date

import duckdb
import pytest
from django.db import connection

from tests.snapshot.conftest import LEAST, NAMES

NAMING = {
    "utilization_patient": ("mrn", "name", "date_of_birth", "uid"),
    "utilization_user": ("username", "full_name", "email"),
    "utilization_request": ("number", "uid", "emergency_reason", "withdrawal_reason"),
    "utilization_submission": ("justification", "author_name"),
    "utilization_decision": ("reason", "conditions", "signed_name"),
    "utilization_authorization": ("number", "uid"),
    "utilization_infusion": ("uid", "lot", "words", "reason"),
    "utilization_note": ("text",),
    "utilization_question": ("text",),
    "utilization_site": ("name", "address"),
}
CELL = "site, indication, department, age_group, sex"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("snapshot")]


def stored(table: str, column: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")
        return {str(value) for (value,) in cursor.fetchall() if str(value)}


def texts_of_facts() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts FROM utilization_submission")
        facts = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
    return {text for told in facts if (text := told.get("objective_measure"))}


def uid_text(value: str) -> str:
    return value.replace("-", "")


@pytest.fixture(scope="module")
def all_of_it(snapshot):
    """Every value of every table as text, and every byte of every file, also of an uncompressed copy."""
    told = []
    for path in sorted(snapshot.folder.iterdir()):
        told.append(path.read_bytes().decode("latin-1"))
        if path.suffix == ".parquet":
            with duckdb.connect() as con:
                rows = con.execute(f"SELECT * FROM '{path}'").fetchall()
                told += [str(value) for row in rows for value in row if value is not None]
                plain = snapshot.folder.parent / f"plain-{path.name}"
                con.execute(f"COPY (SELECT * FROM '{path}') TO '{plain}' (FORMAT parquet, COMPRESSION uncompressed)")
            told.append(plain.read_bytes().decode("latin-1"))
    return "\n".join(told).casefold()


@pytest.mark.long
@pytest.mark.parametrize(("table", "column"), [(table, name) for table, names in NAMING.items() for name in names])
def test_nothing_that_names_is_in_any_byte(all_of_it, table, column):
    values = stored(table, column)
    looked_for = values | {uid_text(value) for value in values if column == "uid"}
    # Of a site the code may stand there, which is often the first part of its name.
    if column in ("name", "full_name", "author_name", "signed_name") and table != "utilization_site":
        looked_for |= {part for value in values for part in re.split(r"[ ,]+", value) if len(part) > 4}
    looked_for = {text.casefold() for text in looked_for if len(text) > 3}
    assert looked_for or column in ("email", "emergency_reason")
    assert not [text for text in looked_for if text.encode().decode("latin-1") in all_of_it]


def test_nothing_typed_as_a_fact_is_in_any_byte(all_of_it):
    measures = texts_of_facts()
    assert measures
    assert not [text for text in measures if text.casefold() in all_of_it]


def own_digest(snapshot, text: str) -> bytes:
    secret = bytes.fromhex(snapshot.secret.read_text())
    return hmac.new(secret, text.encode(), hashlib.sha256).digest()


def true_days() -> dict[str, tuple[str, date]]:
    """By key of the request as kept: its patient and day of filing, by the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.uid, p.uid, s.filed_on FROM utilization_requestsummary s JOIN utilization_request r "
            "ON r.id = s.request_id JOIN utilization_patient p ON p.id = s.patient_id"
        )
        rows = cursor.fetchall()
    dashed = re.compile(r"(.{8})(.{4})(.{4})(.{4})(.{12})")
    as_uuid = [tuple(dashed.sub(r"\1-\2-\3-\4-\5", uid_text(str(uid))) for uid in row[:2]) + row[2:] for row in rows]
    return {
        request: (patient, day if isinstance(day, date) else date.fromisoformat(day))
        for request, patient, day in as_uuid
    }


def test_every_day_is_shifted_by_the_patients_own_number(snapshot):
    told = dict(snapshot.ask("SELECT request_key, filed_on FROM requests"))
    shifts = defaultdict(set)
    for request, (patient, day) in true_days().items():
        key = own_digest(snapshot, f"request_key\0{request}")[:16].hex()
        shifts[patient].add((told.pop(key) - day).days)
    assert not told, "each row is a request"
    assert all(len(days) == 1 for days in shifts.values()), "the days between two requests of a patient stay true"
    numbers = [days.pop() for days in shifts.values()]
    assert all(0 < abs(number) <= 182 for number in numbers)
    assert len(set(numbers)) > len(numbers) / 2


def test_days_of_one_request_keep_their_distances(snapshot):
    with connection.cursor() as cursor:
        cursor.execute("SELECT filed_on, decided_on FROM utilization_requestsummary WHERE decided_on IS NOT NULL")
        rows = [[date.fromisoformat(str(day)) for day in row] for row in cursor.fetchall()]
    true = sorted((decided - filed).days for filed, decided in rows)
    told = snapshot.ask("SELECT decided_on - filed_on FROM requests WHERE decided_on IS NOT NULL")
    assert sorted(days for (days,) in told) == true


def test_no_cell_is_smaller_than_the_limit(snapshot):
    counts = snapshot.ask(f"SELECT {CELL}, COUNT(DISTINCT patient_key) FROM requests GROUP BY ALL")
    assert len(counts) > 2, "something is told"
    assert min(count for *_, count in counts) >= LEAST
    for name in CELL.split(", "):
        alone = snapshot.ask(f"SELECT {name}, COUNT(DISTINCT patient_key) FROM requests GROUP BY 1")
        assert min(count for _, count in alone) >= LEAST


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("requests", "pack"),
        ("requests", "reason_code"),
        ("requests", "product"),
        ("requests", "response"),
        ("criteria_results", "criterion"),
        ("decisions", "reason_code"),
        ("infusions", "product"),
        ("infusions", "reaction"),
        ("infusions", "seriousness"),
        ("orders", "route"),
        ("orders", "planned_duration"),
    ],
)
def test_no_rare_value_is_told(snapshot, table, column):
    counts = snapshot.ask(
        f"SELECT t.{column}, COUNT(DISTINCT r.patient_key) FROM {table} t JOIN requests r USING (request_key) "
        f"WHERE t.{column} IS NOT NULL GROUP BY 1"
    )
    assert all(count >= LEAST for value, count in counts if value != "other"), counts


def test_what_one_patient_alone_was_given_is_not_told(snapshot):
    for column, common in (("product", {"Commontrade", "Secondtrade"}), ("reaction", {"headache", "nausea"})):
        told = {value for (value,) in snapshot.ask(f"SELECT DISTINCT {column} FROM infusions")}
        assert "other" in told
        assert len(told) == 2, "the one of few, and the next with it"
        assert told - {"other"} <= common


def test_a_criterion_does_not_tell_an_indication_that_its_request_does_not(snapshot):
    told = snapshot.ask(
        "SELECT DISTINCT criterion FROM criteria_results JOIN requests USING (request_key) "
        "WHERE indication IS NULL OR site IS NULL"
    )
    assert told == [("other",)]


def test_rows_stand_in_the_order_of_keys_and_not_of_time(snapshot):
    for table in NAMES:
        keys = [key for (key,) in snapshot.ask(f"SELECT request_key FROM {table}")]
        assert keys == sorted(keys)


def test_no_age_and_no_weight_is_a_column(snapshot):
    columns = {name for table in NAMES for name, *_ in snapshot.ask(f"DESCRIBE {table}")}
    assert not columns & {"age_years", "bmi", "actual_weight_kg", "dosing_weight_kg", "mrn", "patient_name",
                          "date_of_birth", "prescriber", "signed_by", "request_number", "lot"}  # fmt: skip


def test_only_the_edition_and_not_the_secret_lies_beside(snapshot):
    names = {path.name for path in snapshot.folder.iterdir()}
    assert names == {f"{table}.parquet" for table in NAMES} | {"dictionary.json", "manifest.json"}
    assert snapshot.secret.stat().st_mode & 0o077 == 0
