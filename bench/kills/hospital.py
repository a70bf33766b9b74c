"""What a run works on: a folder, a database, a mail server, and the environment of the server in production."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from tests.notices.smtp_server import MailServer

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Hospital:
    """Where a run works. `errors` is where servers write what they say."""

    folder: Path
    port: int
    mail: MailServer
    errors: Path


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def a_hospital(label: str) -> Iterator[Hospital]:
    """A prepared database in production mode with the people of `tests/cast.py`, gone afterwards; Django set up."""
    mail = MailServer()
    mail.start()
    with TemporaryDirectory(prefix=f"bench-{label}-", dir=_memory()) as name, _database(label, Path(name)) as address:
        folder = Path(name)
        _set_environment(folder, address, mail.port)
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        yield Hospital(folder, free_port(), mail, folder / "said.log")
    mail.stop()


def hire() -> tuple[int, int]:
    """Make the people by the doors, without mail to them: the key of the hospital where the writers work, and the size
    of the log then."""
    from django.conf import settings
    from django.db import transaction

    from tests.reconciliation.history import Hospital as Cast
    from utilization.models import Event

    sender, settings.MAIL_FROM = settings.MAIL_FROM, ""
    with transaction.atomic():
        site = Cast().north.pk
    settings.MAIL_FROM, size = sender, Event.objects.count()
    close()
    return int(site), size


def close() -> None:
    """Hold no connection while the server is killed, or the database goes."""
    from django.db import connections

    connections.close_all()


def _memory() -> str | None:
    """A folder in memory, where there is one: what a killed process has written is there as on a disk."""
    place = "/dev/shm"
    return place if os.access(place, os.W_OK) else None


def _set_environment(folder: Path, address: str, mail_port: int) -> None:
    for name in [name for name in os.environ if name.startswith("IVIG_")]:
        del os.environ[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "utilization.settings", "IVIG_MODE": "production", "IVIG_VAR": str(folder / "var"),
        "SECRET_KEY": secrets.token_urlsafe(64), "ALLOWED_HOSTS": "127.0.0.1", "IVIG_TLS_REDIRECT": "false",
        "DATABASE_URL": address, "IVIG_MAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "IVIG_MAIL_FROM": "ivig@hospital.example", "IVIG_LOG_LEVEL": "ERROR",
    }  # fmt: skip


@contextmanager
def _database(label: str, folder: Path) -> Iterator[str]:
    named = os.environ.get("DATABASE_URL", "")
    if not named.startswith("postgres"):
        yield f"sqlite:///{folder}/var/ivig.sqlite3"
        return
    import psycopg

    base = urlsplit(named)
    name = f"{base.path[1:]}_{label}"
    with psycopg.connect(named, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield base._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(named, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
