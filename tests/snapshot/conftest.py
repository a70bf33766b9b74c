"""The small demo, grown old in one patient, and its de-identified snapshot: made once for a module."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

from utilization.models import Authorization, Infusion, User, guards

LEAST = 4
"""Patients in the smallest cell of the snapshot of these tests: the small demo has 44 in all."""
NAMES = ("requests", "criteria_results", "decisions", "orders", "authorizations", "infusions", "events")


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


def record_infusions() -> None:
    """Two infusions by each authorization but every third, one corrected, one entered in error; a product and a
    reaction that one patient alone has."""
    by = User.objects.first()
    for place, held in enumerate(Authorization.objects.order_by("pk")):
        if place % 3 == 2:
            continue
        rare = place == 0
        day, at = held.valid_from, held.decision.signed_at
        reactions = [{"kind": "headache" if place % 2 else "nausea", "seriousness": "not_serious"}]
        about = {
            "request": held.request, "product": "Raretrade" if rare else ("Secondtrade", "Commontrade")[place % 2],
            "lot": f"LOT-{7_310 + place}",
            "words": f"Seen by the ward on round {place}.", "recorded_by": by,
            "reactions": [{"kind": "thrombosis", "seriousness": "serious"}] if rare else reactions,
        }  # fmt: skip
        make = Infusion.objects.create
        make(given_on=day, grams=Decimal("32.5"), recorded_at=at + timedelta(days=2), **about)
        wrong = make(given_on=day + timedelta(days=1), grams=300, recorded_at=at + timedelta(days=2), **about)
        make(
            given_on=day + timedelta(days=3), grams=30, recorded_at=at + timedelta(days=9), corrects=wrong,
            reason="A nought too many.", outside=["after_last"], **about,
        )  # fmt: skip
        never = make(given_on=day + timedelta(days=5), grams=55, recorded_at=at, **about)
        make(
            given_on=day + timedelta(days=5), grams=55, recorded_at=at, corrects=never, in_error=True,
            reason="Of another patient.", **about,
        )  # fmt: skip


@pytest.fixture(scope="module")
def snapshot(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Snapshot]:
    folder = tmp_path_factory.mktemp("analysts")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEMO_DATA=True, SNAPSHOT_SECRET=folder / "secret"):
            call_command("load_demo", years=1, verbosity=0)
            # Those of the demo are too alike: nothing of them is rare or corrected.
            guards.lift(connection)
            Infusion.objects.all().delete()
            guards.install(connection)
            record_infusions()
            call_command("export_snapshot", folder / "tables", smallest_cell=LEAST, verbosity=0)
            yield Snapshot(folder / "tables", folder / "secret")
        transaction.set_rollback(True)
