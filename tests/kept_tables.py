"""The empty database that tests begin with: migrated once, kept, and copied for each process of tests.

To migrate takes a process a quarter of a minute. What comes of it is decided by the migrations, by the models and the
guards that they install, by a few settings, and by the versions of Django and of the database: `key` is a hash of it
all, and what is kept is named by it. On SQLite it is a file in `var/tests/`, on PostgreSQL a database of the server,
after which others are made. One process at a time looks for it; who finds none migrates, and keeps a copy.

A test of a migration runs the migration: it goes back from here, and forth again.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from utilization.models import guarded_tables

FOLDER = settings.VAR_DIR / "tests"
PREFIX = "ivig_tests_"
MOST_KEPT = 6
"""So many stay, for the branches that somebody works on; who keeps another removes the oldest."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Have pytest-django make the database of this process after the one that is kept."""
    migrate = connection.creation.create_test_db

    def create_test_db(keepdb: bool = False, **options: object) -> str:
        return migrate(keepdb=True, **options) if keepdb else copied(lambda: migrate(**options))

    connection.creation.create_test_db = create_test_db


def copied(migrate: Callable[[], str]) -> str:
    """The name of this process's database, which from now on is the one of the connection."""
    kept = {"sqlite": FileStore, "postgresql": ServerStore}[connection.vendor](key(files(), said()))
    name = connection.creation._get_test_db_name()
    with kept.to_oneself():
        if not kept.there():
            migrate()
            connection.close()
            kept.keep(name)
            return name
        kept.copy(name)
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    return name


class FileStore:
    """Kept files of SQLite: one is copied beside its place and then takes it, so that it is whole or not there."""

    def __init__(self, of: str, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.file = folder / f"{of}.sqlite3"

    @contextmanager
    def to_oneself(self) -> Generator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def there(self) -> bool:
        return self.file.exists()

    def copy(self, name: str | Path) -> None:
        shutil.copyfile(self.file, name)
        os.utime(self.file)

    def keep(self, name: str | Path) -> None:
        beside = self.file.with_suffix(".new")
        shutil.copyfile(name, beside)
        beside.replace(self.file)
        by_age = sorted(self.folder.glob("*.sqlite3"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in by_age[MOST_KEPT:]:
            file.unlink()


class ServerStore:
    """Kept databases of a PostgreSQL server; the server makes a database whole or not at all."""

    def __init__(self, of: str) -> None:
        self.name = PREFIX + of

    @contextmanager
    def to_oneself(self) -> Generator[None]:
        with connection._nodb_cursor() as self.cursor:
            # To migrate takes longer than a page may wait.
            self.cursor.execute("SET lock_timeout = 0")
            self.cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
            yield  # the lock goes with the connection

    def _names(self) -> list[str]:
        names = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC"
        self.cursor.execute(names, [PREFIX])
        return [name for (name,) in self.cursor.fetchall()]

    def there(self) -> bool:
        return self.name in self._names()

    def copy(self, name: str) -> None:
        self._drop(name)
        self._make(name, after=self.name)

    def keep(self, name: str) -> None:
        self._make(self.name, after=name)
        for old in self._names()[MOST_KEPT:]:
            self._drop(old)

    def _make(self, name: str, after: str) -> None:
        quoted = connection.ops.quote_name
        self.cursor.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(after)}")

    def _drop(self, name: str) -> None:
        self.cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}")


def files() -> list[Path]:
    """The migrations of every app, and our models with the guards."""
    names = [MigrationLoader.migrations_module(app.label)[0] for app in apps.get_app_configs()]
    folders = [Path(folder) for name in names if name for folder in _folders(name)]
    return sorted(file for folder in (*folders, Path(guarded_tables.__file__).parent) for file in folder.glob("*.py"))


def _folders(package: str) -> Iterable[str]:
    try:
        return import_module(package).__path__
    except ModuleNotFoundError:
        return ()


def said() -> list[object]:
    """What else decides it: versions, settings, and the guards with the roles and words that rules give them."""
    versions = (django.VERSION, connection.vendor, connection.get_database_version())
    chosen = (settings.INSTALLED_APPS, settings.AUTH_USER_MODEL, settings.DEFAULT_AUTO_FIELD, settings.USE_TZ)
    guards = (guarded_tables.FROZEN, guarded_tables.INSERTIONS, guarded_tables.LOCKED)
    return [versions, chosen, guards]


def key(of: Iterable[Path], words: Iterable[object]) -> str:
    """A hash of these files, by place and content, and of `words`."""
    digest = hashlib.sha256(repr(list(words)).encode())
    for file in of:
        digest.update(f"{file.parts[-3:]} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]
