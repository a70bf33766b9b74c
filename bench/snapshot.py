"""Analysts' questions put to a snapshot of 100,000 and of 1,000,000 requests: how long they take, and how that grows.

    python -m bench.snapshot                   on 100,000 and 1,000,000 requests
    python -m bench.snapshot 10000 100000      on others

The files have the tables and columns of the dictionary, filled by chance; several criteria, decisions and courses a
request. DuckDB reads them where they lie, each time anew: all of the questions that the tests put to every engine, and
one that asks what a committee does, by indication: requests, approvals, off criteria, late, patients, grams, and median
hours. Prints seconds by the clock and of processor time. Ends with 1 where all questions together take more than 10 s
of the larger, or where ten times the requests take more than ten times as long.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

# ruff: noqa: E402 - Django must be set up before its models are used
import duckdb

from bench import usage
from tests.snapshot.test_tables import QUESTIONS
from utilization.reports.snapshot.columns import TABLES, columns_of

SIZES, ROUNDS, MOST_SECONDS = (100_000, 1_000_000), 3, 10
A_REQUEST = {"criteria_results": 8, "decisions": 2, "orders": 2, "authorizations": 4, "infusions": 3, "events": 6}
"""Rows of a table for each request."""
COMMITTEE = (
    "SELECT r.indication, COUNT(*) AS n, COUNT(DISTINCT r.patient_key) AS patients,"
    " SUM(CASE WHEN choice = 'approve' THEN 1 ELSE 0 END) AS approved,"
    " SUM(CASE WHEN choice = 'approve' AND outcome_decided <> 'meets' THEN 1 ELSE 0 END) AS off_criteria,"
    " SUM(CASE WHEN late THEN 1 ELSE 0 END) AS late, SUM(total_allowed) AS grams, MEDIAN(clock_hours) AS hours"
    " FROM requests r GROUP BY r.indication ORDER BY n DESC"
)
_VALUES = {"choice": ("approve", "deny"), "outcome_decided": ("meets", "exception_review", "does_not_meet")}
_CODES = tuple(f"code_{place}" for place in range(12))


def _filled(name: str, kind: str) -> str:
    """A value of a column by chance, as SQL over the number of its row."""
    if name == "request_key":
        return "md5('request ' || request)"
    if name == "patient_key":
        return "md5('patient ' || request % (requests // 4))"
    drawn = f"(hash(n, '{name}') >> 8)::BIGINT"
    if kind == "VARCHAR":
        values = _VALUES.get(name, _CODES)
        return f"[{', '.join(repr(value) for value in values)}][1 + {drawn} % {len(values)}]"
    forms = {"DATE": f"DATE '2023-01-01' + ({drawn} % 1000)::INTEGER", "BOOLEAN": f"{drawn} % 4 = 0"}
    return forms.get(kind, f"({drawn} % 400)::{kind}")


def lay(folder: Path, requests: int) -> None:
    """Write the files of a snapshot of that many requests."""
    with duckdb.connect() as con:
        for table in TABLES:
            each = A_REQUEST.get(table, 1)
            columns = columns_of(table, identified=False)
            cells = ", ".join(f"{_filled(column.name, column.type)} AS {column.name}" for column in columns)
            con.execute(
                f"COPY (SELECT {cells} FROM (SELECT n, n // {each} AS request, {requests} AS requests"
                f" FROM range({requests * each}) AS rows(n))) TO '{folder / table}.parquet' (FORMAT parquet)"
            )


def ask(folder: Path) -> list[tuple[float, float]]:
    """(seconds by the clock, of processor time) of each question."""
    taken = []
    for question in (*QUESTIONS, COMMITTEE):
        with duckdb.connect() as con:
            clock, processor = time.perf_counter(), time.process_time()
            for table in TABLES:
                con.execute(f"CREATE VIEW {table} AS SELECT * FROM '{folder / table}.parquet'")
            con.execute(question).fetchall()
            taken.append((time.perf_counter() - clock, time.process_time() - processor))
    return taken


def main(sizes: tuple[int, int]) -> int:
    """Print what all questions take together at each size; 1 where that is too much."""
    sums = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-snapshot-") as name:
            lay(Path(name), size)
            rounds = [ask(Path(name)) for _ in range(ROUNDS)]
        clock, processor = (statistics.median(sum(one[part] for one in taken) for taken in rounds) for part in (0, 1))
        sums.append((clock, processor))
        print(f"{size:>10,} requests: {clock:6.2f} s by the clock, {processor:6.2f} s of processor time", flush=True)
    growth = sums[1][1] / sums[0][1]
    print(f"times {sizes[1] / sizes[0]:.0f} the requests, times {growth:.1f} the processor time")
    return int(sums[1][0] > MOST_SECONDS or growth > sizes[1] / sizes[0])


if __name__ == "__main__":
    usage(__doc__)
    given = tuple(int(text) for text in sys.argv[1:3])
    sys.exit(main(given if len(given) == 2 else SIZES))
