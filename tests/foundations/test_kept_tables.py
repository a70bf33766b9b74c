"""The database that tests begin with is the one that migrations make, and another as soon as one of them is another."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import kept_tables
from tests.kept_tables import FileStore, files, key, said
from utilization.models import guards

OURS = settings.BASE_DIR / "utilization"


def test_nothing_is_left_to_migrate_and_every_guard_stands(db: None) -> None:
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert guards.faults(connection) == []


def test_the_key_reads_every_migration_and_the_models() -> None:
    read = set(files())
    assert read.issuperset((OURS / "migrations").glob("*.py"))
    assert read.issuperset((OURS / "models").glob("*.py"))
    apps_of_others = {file.parents[1].name for file in read if file.parent.name == "migrations"}
    assert {"auth", "contenttypes", "sessions", "axes", "account", "mfa"} <= apps_of_others


def test_a_migration_that_changes_comes_or_goes_changes_the_key(tmp_path: Path) -> None:
    folder = shutil.copytree(OURS / "migrations", tmp_path / "utilization/migrations")
    keys = [key(sorted(folder.glob("*.py")), [])]

    def changed() -> bool:
        keys.append(key(sorted(folder.glob("*.py")), []))
        return keys[-1] not in keys[:-1]

    assert not changed()
    guarding = folder / "0002_guards.py"
    guarding.write_text(guarding.read_text().replace("install, lift", "lift, install"))
    assert changed()
    guarding.rename(folder / "0002_guarded.py")
    assert changed()
    (folder / "9999_later.py").write_text("")
    assert changed()
    (folder / "0001_initial.py").unlink()
    assert changed()


@pytest.mark.parametrize("chosen", ["INSTALLED_APPS", "AUTH_USER_MODEL", "DEFAULT_AUTO_FIELD", "USE_TZ"])
def test_a_setting_changes_the_key(chosen: str, settings, db: None) -> None:
    before = key((), said())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_tables, "settings", Others(settings, chosen))
        assert key((), said()) != before


class Others:
    """The settings, one of them another."""

    def __init__(self, settings: object, name: str) -> None:
        self.settings, self.name = settings, name

    def __getattr__(self, name: str) -> object:
        return "another" if name == self.name else getattr(self.settings, name)


def test_what_a_guard_says_changes_the_key(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    before = key((), said())
    monkeypatch.setattr(kept_tables.guarded_tables, "INSERTIONS", kept_tables.guarded_tables.INSERTIONS[1:])
    assert key((), said()) != before


def test_a_kept_file_is_whole_or_not_there_and_the_oldest_go(tmp_path: Path) -> None:
    def database(rows: int) -> Path:
        with sqlite3.connect(tmp_path / f"{rows}.made") as made:
            made.execute("CREATE TABLE entry (id)")
            made.executemany("INSERT INTO entry VALUES (?)", [(row,) for row in range(rows)])
        made.close()
        return tmp_path / f"{rows}.made"

    kept = [FileStore(f"{rows}", tmp_path / "kept") for rows in range(kept_tables.MOST_KEPT + 1)]
    for rows, store in enumerate(kept):
        with store.to_oneself():
            assert not store.there()
            store.keep(database(rows))
    assert [store.there() for store in kept] == [False, *[True] * kept_tables.MOST_KEPT]
    kept[2].copy(tmp_path / "copied")
    opened = sqlite3.connect(tmp_path / "copied")
    assert opened.execute("SELECT count(*) FROM entry").fetchone() == (2,)
    opened.close()
    assert not list((tmp_path / "kept").glob("*.new"))
