"""The snapshot for analysts: every filed request in Parquet, with a dictionary, in a folder replaced as a whole.

De-identified unless it is asked for otherwise; an identified one is a site's, and the log tells of it first.
"""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from glob import escape
from pathlib import Path
from typing import Any

from utilization.documents.parquet_tables import ParquetTable
from utilization.jobs.left_parts import clear_left
from utilization.models import Site
from utilization.reports.snapshot.cells import frequent_values, guarded_cells
from utilization.reports.snapshot.columns import FORMAT, TABLES, Care, columns_of
from utilization.reports.snapshot.deidentification import Deidentification
from utilization.reports.snapshot.rows import RequestRows, patients_by_cell, request_rows

DICTIONARY, MANIFEST = "dictionary.json", "manifest.json"
LEAST = 11
"""Patients in the smallest cell that is told."""
_ORDER = ("request_key", "stage", "criterion", "step", "course")
Rows = Mapping[str, int]


class BadSecret(ValueError):
    """The file of the secret does not hold one; its message says what to do."""


@dataclass(frozen=True, slots=True)
class SnapshotEdition:
    """Which snapshot: of all sites and de-identified, or identified and of one `site`; `least` patients in a cell.

    `before` is told the rows of each table, and the keys of the requests in them, once they are written and before they
    are in their place.
    """

    secret: Path
    least: int = LEAST
    site: Site | None = None
    identified: bool = False
    before: Callable[[Rows, Sequence[int]], Any] = lambda rows, requests: None


def write_snapshot(place: Path, edition: SnapshotEdition, *, made_at: datetime) -> dict[str, Any]:
    """Write the snapshot to the folder `place`, in place of the one that is there; what its manifest says.

    Raises BadSecret, OSError, duckdb.Error; then what was there before stays.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    _mend(place, made_at)
    making = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        rows, requests = _write_tables(making, edition)
        manifest = _describe(making, edition, rows, made_at)
        edition.before(rows, requests)
        if not edition.identified:
            making.chmod(0o777 & ~_umask())
        _replace(place, making)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return manifest


def secret_of(path: Path) -> bytes:
    """The secret that keys and shifts follow from, made where there is none. Raises BadSecret, OSError."""
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise BadSecret(
            f"{path} does not hold the 64 hex digits of a secret. Put its copy back; or delete it, and keys and days "
            "of later snapshots are others than before."
        )
    return secret


def _write_tables(making: Path, edition: SnapshotEdition) -> tuple[dict[str, int], Sequence[int]]:
    """Write the tables; the rows of each, and the keys of the requests that are in them."""
    # A snapshot may be of many requests: eight bytes each.
    requests = array("q")
    site = edition.site.pk if edition.site else None
    guard = None if edition.identified else _guard(edition, site)
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(ParquetTable(making / f"{name}.parquet", _types(name, edition)))
            for name in TABLES
        }
        for request in request_rows(site):
            requests.append(request.pk)
            for name, rows in request.tables.items():
                for row in rows:
                    files[name].add(guard.row(name, row, request.patient, request.cell) if guard else row)
        for file in files.values():
            file.finish([name for name in _ORDER if name in file.types])
    return {name: file.rows for name, file in files.items()}, requests


def _types(table: str, edition: SnapshotEdition) -> dict[str, str]:
    return {column.name: column.type for column in columns_of(table, identified=edition.identified)}


def _guard(edition: SnapshotEdition, site: int | None) -> Deidentification:
    """What small cells and rare values come to, from a first look at all rows."""
    guard = Deidentification(secret_of(edition.secret), guarded_cells(patients_by_cell(site), edition.least), {})
    having: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for request in request_rows(site):
        for (table, name), value in _rare(request):
            patients = having[table, name][guard.to_count(name, value, request.cell)]
            # So many patients are enough to tell it; more would fill the memory.
            if len(patients) < edition.least:
                patients.add(request.patient)
    guard.told = {
        key: frequent_values(((value, who) for value, some in values.items() for who in some), edition.least)
        for key, values in having.items()
    }
    return guard


def _rare(request: RequestRows) -> Iterator[tuple[tuple[str, str], str]]:
    for table, rows in request.tables.items():
        names = [column.name for column in TABLES[table] if column.care == Care.RARE]
        for row in rows:
            for name in names:
                if value := row.get(name):
                    yield (table, name), value


def _describe(making: Path, edition: SnapshotEdition, rows: Rows, made_at: datetime) -> dict[str, Any]:
    """Write the dictionary and the manifest beside the tables."""
    dictionary = {
        table: [
            {"name": column.name, "type": column.type, "meaning": column.meaning}
            | ({} if edition.identified else {"guarded": column.care.value})
            for column in columns_of(table, identified=edition.identified)
        ]
        for table in TABLES
    }
    _put(making / DICTIONARY, dictionary)
    manifest = {
        "format": FORMAT,
        "edition": "identified" if edition.identified else "de-identified",
        "site": edition.site.code if edition.site else None,
        "made_on": made_at.date().isoformat(),
        "smallest_cell": None if edition.identified else edition.least,
        "tables": {table: {"rows": rows[table], "sha256": _sha256(making / f"{table}.parquet")} for table in TABLES},
    }
    _put(making / MANIFEST, manifest)
    return manifest


def _put(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _replace(place: Path, making: Path) -> None:
    """Put `making` in the place of what is at `place`, which stays where that fails."""
    old = making.with_name(f"{making.name}.old")
    if place.exists():
        place.rename(old)
    try:
        making.rename(place)
    except BaseException:
        if old.exists():
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _mend(place: Path, at: datetime) -> None:
    """Put back the snapshot that was moved aside by a process that was killed, and remove what others left."""
    aside = f".{escape(place.name)}.*.old"
    old = max(place.parent.glob(aside), key=lambda path: path.stat().st_mtime, default=None)
    if old is not None and not place.exists():
        old.rename(place)
    clear_left(place.parent, f".{escape(place.name)}.*", at=at)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
