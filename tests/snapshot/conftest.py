"""The small demo, grown old in one patient, and its de-identified snapshot: made once for a module."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

LEAST = 4
"""Patients in the smallest cell of the snapshot of these tests: the small demo has 44 in all."""
NAMES = ("requests", "criteria_results", "decisions", "orders", "authorizations", "events")


@dataclass(frozen=True)
class Snapshot:
    """A folder with a snapshot, and the secret that it was made with."""

    folder: Path
    secret: Path

    def ask(self, sql: str) -> list[tuple]:
        """Rows of a question in SQL, in which a table is called by its name."""
        with duckdb.connect() as con:
            for table in NAMES:
                con.execute(f"CREATE VIEW {table} AS SELECT * FROM '{self.folder / table}.parquet'")
            return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def snapshot(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Snapshot]:
    folder = tmp_path_factory.mktemp("analysts")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEMO_DATA=True, SNAPSHOT_SECRET=folder / "secret"):
            call_command("load_demo", years=1, verbosity=0)
            call_command("export_snapshot", folder / "tables", smallest_cell=LEAST, verbosity=0)
            yield Snapshot(folder / "tables", folder / "secret")
        transaction.set_rollback(True)
