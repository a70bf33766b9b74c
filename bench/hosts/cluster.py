"""A PostgreSQL of our own, reached from both hosts, which may be stopped, started and moved to a small disk."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from bench.hosts.network import NETWORK, run

PORT = 5544
ROLES = Path(__file__).parents[2] / "deploy" / "postgresql" / "roles.sql"
PASSWORD = "made-for-the-bench"


def programs() -> Path | None:
    """The folder of the newest PostgreSQL server of this machine; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(os.path.realpath(on_path)).parent if on_path else None


class Cluster:
    """The server with its data in `folder`, for connections from `addresses`' networks alone."""

    def __init__(self, bin_folder: Path, folder: Path, addresses: Sequence[str], kept: Path | None = None) -> None:
        """`kept` is the data of such a server, to begin with."""
        self._bin, self.data, self._log = bin_folder, folder / "data", folder / "postgresql.log"
        self._socket, self._addresses = str(folder), addresses
        folder.mkdir(parents=True)
        shutil.chown(folder, "postgres", "postgres")
        if kept:
            run("cp", "-a", str(kept), str(self.data), timeout=300)
        else:
            self._make()

    def _make(self) -> None:
        self._as_postgres("initdb", "-D", str(self.data), "-U", "postgres", "--auth", "trust", "--encoding", "UTF8",
                          "--locale", "C.UTF-8")  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port = {PORT}\nmax_connections = 100\nlogging_collector = off\n"
                "max_wal_size = 128MB\nmin_wal_size = 48MB\n"
            )
        with (self.data / "pg_hba.conf").open("a") as allowed:
            allowed.write(f"host all all {NETWORK}.0.0/16 trust\n")

    def _as_postgres(self, program: str, *words: str, timeout: float = 120) -> None:
        # The server that pg_ctl starts would hold a pipe open.
        done = subprocess.run(
            ["runuser", "-u", "postgres", "--", str(self._bin / program), *words], stdin=subprocess.DEVNULL, cwd="/",
            stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL, stderr=subprocess.STDOUT,
            text=True, timeout=timeout, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} {' '.join(words)}: {done.stdout or self.said()}")

    def said(self) -> str:
        """The last lines of the server's own log."""
        return "".join(self._log.read_text(errors="replace").splitlines(keepends=True)[-15:])

    def start(self) -> None:
        """Start it, and return once it answers."""
        options = f"-k {self._socket} -c listen_addresses={','.join(self._addresses)}"
        self._as_postgres("pg_ctl", "-D", str(self.data), "-l", str(self._log), "-o", options, "-w", "start")

    def stop(self, mode: str) -> None:
        """End it as `mode` says: `fast` throws everybody out, `immediate` is a crash."""
        self._as_postgres("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def runs(self) -> bool:
        """Whether it is there and lets somebody in."""
        try:
            self.ask("SELECT 1", database="postgres")
        except psycopg.OperationalError:
            return False
        return True

    def keep(self, folder: Path) -> None:
        """Copy what it holds to `folder`, for a later run."""
        self.stop("fast")
        run("cp", "-a", str(self.data), str(folder), timeout=300)
        self.start()

    def move(self, folder: Path) -> None:
        """Stop it, copy what it holds to `folder`, and start it there."""
        self.stop("fast")
        run("cp", "-a", str(self.data), str(folder / "data"), timeout=300)
        self.data = folder / "data"
        self.start()

    def make_database(self) -> None:
        """The product's roles and database, by the script that a hospital runs."""
        run("psql", "-q", "-h", self._socket, "-p", str(PORT), "-U", "postgres", "-v", f"owner_password='{PASSWORD}'",
            "-v", f"app_password='{PASSWORD}'", "-f", str(ROLES), "postgres")  # fmt: skip

    def url(self, role: str, address: str) -> str:
        """The database's address as the host that finds it at `address` names it."""
        return f"postgres://{role}:{PASSWORD}@{address}:{PORT}/ivig"

    def ask(self, statement: str, *values: Any, database: str = "ivig") -> list[tuple[Any, ...]]:
        """Rows that the statement gives, asked as the server's administrator."""
        with psycopg.connect(
            host=self._socket, port=PORT, user="postgres", dbname=database, connect_timeout=10
        ) as connection:
            return connection.execute(statement, values).fetchall()

    def back_within(self, seconds: float) -> bool:
        """Whether it lets somebody in by then."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.runs():
                return True
            time.sleep(0.2)
        return False
