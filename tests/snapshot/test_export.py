"""How a snapshot is made: who may take one that names patients, what the log says of it, and what a fault leaves."""

import io
import json
from pathlib import Path

import duckdb
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests.cast import AT, PASSWORD, a_request
from utilization.documents.parquet_tables import ParquetTable
from utilization.management.commands import export_snapshot
from utilization.models import AccessEntry, Event, Membership, Request
from utilization.rules.lifecycle import Status

pytestmark = pytest.mark.django_db
WHY = "Yearly report to the transfusion committee"


@pytest.fixture
def place(tmp_path, cast):
    with override_settings(SNAPSHOT_SECRET=tmp_path / "secret"):
        a_request(cast, Status.APPROVED)
        yield tmp_path / "tables"


def export(place, monkeypatch=None, password=PASSWORD, **options):
    if monkeypatch:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    said = io.StringIO()
    call_command("export_snapshot", place, stdout=said, **options)
    return said.getvalue()


def named(place) -> str:
    with duckdb.connect() as con:
        return str(con.execute(f"SELECT * FROM '{place}/requests.parquet'").fetchall())


@pytest.mark.long
def test_one_that_names_patients_is_an_entry_with_its_reason(place, monkeypatch):
    said = export(place, monkeypatch, identified=True, site="north", by="audrey", reason=WHY)
    assert "Identified snapshot" in said
    entry = Event.objects.get(type="snapshot.exported")
    body = json.loads(bytes(entry.body))
    assert body["actor"]["roles"] == ["auditor"]
    assert body["site"] == "north"
    assert body["data"]["reason"] == WHY
    assert body["data"]["rows"]["requests"] == 1
    assert "N-1001" in named(place)
    assert place.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("options", "password", "told"),
    [
        ({"by": "audrey", "site": "north"}, PASSWORD, "Write what the identified rows are for"),
        ({"by": "audrey", "site": "north", "reason": WHY}, "a guess", "not your password"),
        ({"by": "audrey", "site": "south", "reason": WHY}, PASSWORD, "audit"),
        ({"by": "petra", "site": "north", "reason": WHY}, PASSWORD, "audit"),
        ({"by": "nobody", "site": "north", "reason": WHY}, PASSWORD, "--by USERNAME"),
        ({"by": "audrey", "reason": WHY}, PASSWORD, "--site CODE"),
    ],
)
def test_nobody_else_takes_one_and_not_without_a_reason(place, monkeypatch, options, password, told):
    with pytest.raises(CommandError, match=told):
        export(place, monkeypatch, password, identified=True, **options)
    assert not place.exists()
    assert not Event.objects.filter(type="snapshot.exported").exists()


@pytest.mark.long
def test_a_de_identified_one_is_no_entry_and_takes_no_person(place):
    export(place)
    assert not Event.objects.filter(type="snapshot.exported").exists()
    with pytest.raises(CommandError, match="goes with --identified"):
        export(place, by="audrey")


@pytest.mark.long
def test_it_replaces_the_one_before_and_nothing_else(place, tmp_path):
    export(place)
    first = {path.name: path.read_bytes() for path in place.iterdir()}
    export(place)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == first, "the same rows give the same bytes"
    assert {path.name for path in tmp_path.iterdir()} == {"tables", "secret"}
    other = tmp_path / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("Dear colleague")
    with pytest.raises(CommandError, match="something else than a snapshot"):
        export(other)


def test_a_full_disk_leaves_the_one_before(place, tmp_path, monkeypatch):
    export(place)
    before = (place / "manifest.json").read_bytes()

    def full(self, order):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ParquetTable, "finish", full)
    with pytest.raises(CommandError, match=r"the one before stays.*No space left"):
        export(place)
    assert (place / "manifest.json").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"tables", "secret"}


def test_a_spoilt_secret_is_said_and_not_replaced(place):
    settings.SNAPSHOT_SECRET.write_text("not a secret")
    with pytest.raises(CommandError, match="does not hold the 64 hex digits"):
        export(place)
    assert settings.SNAPSHOT_SECRET.read_text() == "not a secret"


def test_a_limit_that_guards_nobody_is_refused(place):
    with pytest.raises(CommandError, match="--smallest-cell 2 or more"):
        export(place, smallest_cell=1)


def test_an_empty_database_gives_empty_tables(tmp_path):
    with override_settings(SNAPSHOT_SECRET=tmp_path / "secret"):
        assert "requests 0" in export(tmp_path / "tables")


def read_by_audrey(cast):
    entries = AccessEntry.objects.filter(what="snapshot", actor_id=cast["audrey"].pk)
    return sorted(entries.values_list("request_id", "patient_id", "site_id"))


@pytest.mark.long
@pytest.mark.parametrize("at_once", [2, 2000])
def test_each_request_in_one_that_names_patients_is_a_read_of_who_takes_it(place, cast, monkeypatch, at_once):
    monkeypatch.setattr(export_snapshot, "_READS_AT_ONCE", at_once)
    for number in range(4):
        a_request(cast, Status.WITHDRAWN, patient=cast.a_patient(mrn=f"S-{number}"))
    a_request(cast, Status.DRAFT)
    export(place)
    assert not AccessEntry.objects.filter(what="snapshot").exists(), "one that names nobody is nobody's read"
    finish = ParquetTable.finish

    def finish_late(table, order):
        # Filed after the rows were read: in no file, and no read.
        if Request.objects.count() == 6:
            a_request(cast, Status.APPROVED)
        finish(table, order)

    monkeypatch.setattr(ParquetTable, "finish", finish_late)
    export(place, monkeypatch, identified=True, site="north", by="audrey", reason=WHY)
    with duckdb.connect() as con:
        rows = con.execute(f"SELECT request_number FROM '{place}/requests.parquet'").fetchall()
    assert len(rows) == 5
    wanted = Request.objects.filter(number__in=[number for (number,) in rows]).values_list(
        "pk", "patient_id", "site_id"
    )
    assert read_by_audrey(cast) == sorted(wanted)


def test_whoever_may_not_any_more_once_it_is_made_reads_nothing(place, cast, monkeypatch):
    finish = ParquetTable.finish

    def finish_late(table, order):
        Membership.objects.filter(user=cast["audrey"]).update(ended_at=AT)
        finish(table, order)

    monkeypatch.setattr(ParquetTable, "finish", finish_late)
    with pytest.raises(CommandError, match="audit"):
        export(place, monkeypatch, identified=True, site="north", by="audrey", reason=WHY)
    assert not place.exists()
    assert read_by_audrey(cast) == []


@pytest.mark.long
def test_a_folder_that_cannot_be_moved_leaves_the_one_before(place, tmp_path, monkeypatch):
    export(place)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    rename, failing = Path.rename, []

    def fail_once(path, target):
        if Path(target) == place and not failing:
            failing.append(path)
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(CommandError, match=r"the one before stays.*Input/output"):
        export(place)
    assert failing
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    assert {path.name for path in tmp_path.iterdir()} == {"tables", "secret"}
