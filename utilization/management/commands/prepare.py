"""`manage.py prepare`: bring the database, the criteria, the demo and the files for browsers up to date."""

import hashlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection
from django.db.migrations.exceptions import MigrationSchemaMissing

from utilization.key_files import BadKeyFile
from utilization.management.database_roles import as_owner, grant_rows
from utilization.management.database_state import DatabaseState, alone, database_state, refuse_newer
from utilization.management.demo_keys import make_demo_keys
from utilization.models import User
from utilization.seal import continuity
from utilization.web.account.demo import demo_people

# What the packages of styles, fonts and the editor bring and no page uses; it would be minutes of compression.
UNUSED_FILES = (
    "bootstrap.js*",
    "bootstrap.esm*",
    "bootstrap.bundle*",
    "bootstrap-*.css*",
    "bootstrap.rtl*",
    "bootstrap.css*",
    "*.ttf",
    "SourceSansPro-Black*",
    "SourceSansPro-ExtraLight*",
    "SourceSansPro-Light*",
    "SourceSansPro-*It.otf",
    "htmax-*",
    "htmx-4*",
    # Of Ace, the editor, what is used is ace.js, mode-yaml.js, ext-searchbox.js and ace.css with its pictures.
    "*/ace/mode-[!y]*",
    "*/ace/theme-*",
    "*/ace/worker-*",
    "*/ace/keybinding-*",
    "*/ace/ext-[!s]*",
    "*/ace/ext-s[!e]*",
    "*/ace/ext-settings*",
    "*/ace/snippets/*",
    "*/ace/css/[!am]*",
    "django_ace/widget.*",
    "django_ace/img/*",
)


NOT_ALLOWED = "42501"
"""What PostgreSQL says where a role lacks a right."""
OURS = (
    "ivig.sqlite3*", "static", "static.stamp", "replay", "evidence*", "witness*", "snapshot.secret", "prepare.lock",
    "last-*.json", "exports", "checks",
)  # fmt: skip
"""What the product keeps in its folder, by name."""


def close_to_others(folder: Path) -> None:
    """Take every right of others away from what the product keeps in `folder`, made by whichever version before.

    The folder itself as well, unless it holds anything else: `IVIG_VAR` may name a folder that others work in.
    """
    ours = {path for pattern in OURS for path in folder.glob(pattern)}
    if {*folder.iterdir()} <= ours:
        _close(folder)
    for path in ours:
        _close(path)
        for below in path.rglob("*") if path.is_dir() and not path.is_symlink() else ():
            _close(below)


def _close(path: Path) -> None:
    mode = path.lstat().st_mode
    if mode & 0o077 and not path.is_symlink():
        path.chmod(mode & 0o700)


def _sqlstate(error: BaseException | None) -> str | None:
    """The code by which PostgreSQL says what is wrong, from the first error behind `error` that has one."""
    while error is not None:
        if code := getattr(error, "sqlstate", None):
            return str(code)
        error = error.__cause__ or error.__context__
    return None


class Command(BaseCommand):
    """Everything that must be done before serving, in one process, and only what is not done yet."""

    help = "Migrate, load criteria and (in demo mode) demo data, and collect files for browsers, where needed."

    def handle(self, *args: Any, **options: Any) -> None:
        # What this process and those that it starts write is for their owner alone.
        os.umask(0o077)
        self._make_folder()
        with as_owner() as runtime_role, alone(settings.VAR_DIR):
            self._migrate()
            if runtime_role:
                grant_rows(connection, runtime_role)
        self._refuse_demo_accounts()
        self._load("load_criteria")
        self._seal()
        if settings.DEMO_DATA:
            self._load("load_demo")
        self._collect()
        close_to_others(settings.VAR_DIR)

    @staticmethod
    def _make_folder() -> None:
        try:
            settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(
                f"The folder {settings.VAR_DIR} cannot be made: {error.strerror}. Set IVIG_VAR to one that can."
            ) from None

    def _migrate(self) -> None:
        refuse_newer(state := database_state())
        if state is not DatabaseState.READY:
            self.stdout.write("Preparing the database ...")
            try:
                call_command("migrate", interactive=False, verbosity=0)
            except (ProgrammingError, MigrationSchemaMissing) as error:
                if _sqlstate(error) != NOT_ALLOWED:
                    raise
                raise CommandError(
                    f"The database role may not make or change tables: {str(error).splitlines()[0]}\n"
                    "Set DATABASE_OWNER_URL to the role that owns the database. deploy/postgresql/roles.sql makes both "
                    "roles."
                ) from None

    def _refuse_demo_accounts(self) -> None:
        """Production does not open over a database that was a demo once: everybody can read its password."""
        if settings.MODE != "production":
            return
        suspects = User.objects.filter(username__in=[person.username for person in demo_people()], is_active=True)
        if accounts := [user.username for user in suspects if user.check_password(settings.DEMO_PASSWORD)]:
            raise CommandError(
                f"This database holds demo accounts, whose password is public: {', '.join(sorted(accounts))}. "
                "Set DATABASE_URL, or IVIG_VAR, to a database of its own for production."
            )

    def _seal(self) -> None:
        """Make what the demo is sealed with, and say where the log does not begin with what was signed before."""
        if settings.MODE == "demo":
            try:
                make_demo_keys()
            except (BadKeyFile, OSError) as error:
                self.stderr.write(f"The log is not sealed: {error}")
        if fault := continuity.fault(anew=True):
            self.stderr.write(f"Nothing will be filed or decided until this is corrected: {fault} {self._way_out()}")

    @staticmethod
    def _way_out() -> str:
        if settings.MODE == "demo":
            return f"To begin the demo anew, delete the folder {settings.VAR_DIR}. Else see docs/auditors-guide.md."
        return "See docs/auditors-guide.md: `manage.py restore_log`."

    def _load(self, command: str) -> None:
        if command in get_commands():
            call_command(command, verbosity=1, stdout=self.stdout)

    def _collect(self) -> None:
        stamp = settings.VAR_DIR / "static.stamp"
        current = self._static_state()
        if stamp.exists() and stamp.read_text() == current and Path(settings.STATIC_ROOT).is_dir():
            return
        self.stdout.write("Preparing the files for browsers ...")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=list(UNUSED_FILES))
        stamp.write_text(current)

    @staticmethod
    def _static_state() -> str:
        """Return a digest of every source file's path, size and time of change: reading them all would be slower."""
        digest = hashlib.sha256()
        for finder in get_finders():
            for path, storage in finder.list(list(UNUSED_FILES)):
                status = Path(storage.path(path)).stat()
                digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
        return digest.hexdigest()
