"""How a snapshot is made: who may take one that names patients, what the log says of it, and what a fault leaves."""

import io
import json

import duckdb
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests.cast import PASSWORD, Cast, a_request
from utilization.documents.parquet_tables import ParquetTable
from utilization.models import Event
from utilization.rules.lifecycle import Status

pytestmark = pytest.mark.django_db
WHY = "Yearly report to the transfusion committee"


@pytest.fixture
def place(tmp_path):
    with override_settings(SNAPSHOT_SECRET=tmp_path / "secret"):
        cast = Cast()
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


def test_a_de_identified_one_is_no_entry_and_takes_no_person(place):
    export(place)
    assert not Event.objects.filter(type="snapshot.exported").exists()
    with pytest.raises(CommandError, match="goes with --identified"):
        export(place, by="audrey")


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
