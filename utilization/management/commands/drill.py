"""`manage.py drill FILE`: a backup restored into a scratch database, proven, and thrown away again; timed."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone

from utilization.jobs.backup_record import DRILL, Done, keep
from utilization.management.backup.manifest import BadBackup
from utilization.management.backup.restoration import restore, working_on
from utilization.management.database_state import first_line

SCRATCH = "_drill"
"""Behind the name of a PostgreSQL database: its scratch database, which the owner's role owns."""


class Command(BaseCommand):
    """The time it takes is how long the hospital would be without the system; `manage.py doctor` tells its age."""

    help = (
        "Restore a backup into a scratch database, prove it, and empty the scratch database again. On PostgreSQL it is "
        f"the database of DATABASE_OWNER_URL with {SCRATCH} behind its name, which roles.sql makes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a backup, or a folder of backups: then its newest")

    def handle(self, *args: Any, **options: Any) -> None:
        at, began = timezone.now(), time.monotonic()
        try:
            with _scratch() as scratch, working_on(scratch):
                manifest, proof = restore(_newest(options["file"]), at=at)
        except (BadBackup, OSError, DatabaseError) as error:
            says = first_line(error) if isinstance(error, DatabaseError) else str(error)
            keep(DRILL, Done(at, round(time.monotonic() - began, 1), False, says))
            raise CommandError(f"The drill failed. {says}") from None
        seconds = round(time.monotonic() - began, 1)
        says = f"backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC: {proof}"
        keep(DRILL, Done(at, seconds, not proof.found, says))
        self.stdout.write(f"{says}\nRestored and proven in {seconds} s.")
        if proof.found:
            raise CommandError("\n".join(proof.found))


def _newest(path: Path) -> Path:
    if not path.is_dir():
        return path
    backups = sorted(path.glob("*.backup.tar"))
    if not backups:
        raise BadBackup(f"{path} holds no backup.")
    return backups[-1]


@contextmanager
def _scratch() -> Iterator[dict[str, Any]]:
    """The settings of an empty database to restore into, which is empty again afterwards."""
    if connection.vendor == "sqlite":
        with tempfile.TemporaryDirectory(prefix=".ivig-drill-", dir=settings.VAR_DIR) as folder:
            yield {**connection.settings_dict, "NAME": str(Path(folder) / "drill.sqlite3")}
        return
    owner = settings.DATABASE_OWNER or connection.settings_dict
    scratch = {**owner, "NAME": f"{owner['NAME']}{SCRATCH}"}
    with working_on(scratch):
        _refuse_unusable()
    try:
        yield scratch
    finally:
        with working_on(scratch), connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")


def _refuse_unusable() -> None:
    """A scratch database that holds anything is not emptied for a drill: somebody may need it."""
    name, owner = connection.settings_dict["NAME"], connection.settings_dict["USER"]
    try:
        filled = connection.introspection.table_names()
    except OperationalError as error:
        raise BadBackup(
            f"The scratch database cannot be reached: {first_line(error)}. Where it is not there, an administrator of "
            f'PostgreSQL makes it: CREATE DATABASE "{name}" OWNER "{owner}"'
        ) from None
    if filled:
        raise BadBackup(
            f"The scratch database {name} is not empty, as after a drill that was killed. An administrator of "
            f'PostgreSQL makes it anew: DROP DATABASE "{name}"; CREATE DATABASE "{name}" OWNER "{owner}"'
        )
