"""The exports' CSV of requests against the sqlite3 shell and Django's `values_list` on the same rows; memory a kind.

    python -m bench.exports [requests] [rounds]

On SQLite all read one database in turns, so that a busy machine slows them alike: read the ratios. The export writes
what the shell does not: each time twice, in UTC and at the site, and every text made harmless. On PostgreSQL there is
no shell of one file, and `values_list` alone is the reference. Each kind of file is then made in a process of its own,
whose peak of memory is told: run it with two numbers of requests to see whether that grows.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path

from django.core.management import call_command
from django.db import connection, connections

from bench import usage

# Made first: it sets Django up on a database of its own.
from bench.csv_export import fill, seconds
from utilization.documents.json_lines import json_pieces
from utilization.documents.parquet_file import write_parquet
from utilization.documents.xlsx_file import write_xlsx
from utilization.jobs.table_csv import table_csv
from utilization.models import Site
from utilization.reports.audit_list import fitting
from utilization.reports.exports import TABLES

TABLE = TABLES["requests"]
COLUMNS = TABLE.columns_for(identified=False)


def ours(site: Site, path: Path) -> int:
    """Write the CSV as the job does; how many rows."""
    rows = 0
    with path.open("wb") as file:
        for count, lines in table_csv(TABLE, fitting(site, {}), site, identified=False):
            file.write(lines)
            rows += count
    return rows


def shell(site: Site, path: Path) -> int:
    """The same query by the sqlite3 shell, which makes nothing harmless and knows no zone."""
    sql, parameters = TABLE.query(fitting(site, {}), identified=False).query.sql_with_params()
    for value in parameters:
        text = str(int(value)) if isinstance(value, bool | int) else "'" + str(value).replace("'", "''") + "'"
        sql = sql.replace("%s", text, 1)
    with path.open("wb") as file:
        subprocess.run(["sqlite3", "-csv", str(connection.settings_dict["NAME"]), sql], stdout=file, check=True)
    return 0


def floor(site: Site, path: Path) -> int:
    """Every row read by `values_list` and thrown away."""
    return sum(1 for _ in TABLE.query(fitting(site, {}), identified=False).iterator(chunk_size=2000))


def peak() -> float:
    """The peak of memory of this process since it was last reset, in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def make(form: str, key: int, folder: str, told: "Queue[tuple[float, float, float]]") -> None:
    """Make one kind of file, and tell the peak of memory of this process in megabytes, before and after."""
    connections.close_all()
    site, path = Site.objects.get(pk=key), Path(folder) / f"file.{form}"
    # What filling the database took is still the peak of this process; Linux begins anew with it when it is told so.
    Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    rows = TABLE.file_rows(fitting(site, {}), site, identified=False)
    if form == "csv":
        ours(site, path)
    elif form == "jsonl":
        with path.open("wb") as file:
            file.writelines(json_pieces(COLUMNS, rows))
    else:
        {"xlsx": write_xlsx, "parquet": write_parquet}[form](path, COLUMNS, rows, ())
    told.put((before, peak(), path.stat().st_size / 1e6))


def main(count: int, rounds: int) -> None:
    """Print each round's seconds and ratios, then the peak of memory of each kind of file."""
    call_command("migrate", verbosity=0)
    site = fill(count)
    ways = {"values_list": floor, "export": ours}
    if connection.vendor == "sqlite" and shutil.which("sqlite3"):
        ways["shell"] = shell
    with tempfile.TemporaryDirectory() as folder:
        taken = []
        for _ in range(rounds):
            taken.append({name: seconds(partial(way, site, Path(folder) / "a.csv")) for name, way in ways.items()})
            print("   ".join(f"{name} {value:6.2f} s" for name, value in taken[-1].items()), flush=True)
        for name in ways.keys() - {"export"}:
            ratio = statistics.median(one[name] / one["export"] for one in taken)
            print(f"export {ratio:.2f} times as fast as {name}, median of {rounds}, {count:,} requests", flush=True)
        context = get_context("fork")
        for form in ("csv", "jsonl", "parquet", "xlsx"):
            told = context.Queue()
            connections.close_all()
            process = context.Process(target=make, args=(form, site.pk, folder, told))
            process.start()
            before, after, size = told.get(timeout=3600)
            process.join()
            print(f"{form:8} {size:7.1f} MB   memory {before:.0f} MB, at most {after:.0f} MB", flush=True)


if __name__ == "__main__":
    usage(__doc__)
    arguments = [int(text) for text in sys.argv[1:]]
    main(*(arguments + [100_000, 3][len(arguments) :]))
