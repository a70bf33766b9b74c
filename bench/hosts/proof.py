"""What must hold of the database once all is over: every acknowledged change once, every job once, the log whole."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bench.hosts.cluster import Cluster
from bench.hosts.host import WebHost
from bench.hosts.people import Ledger
from bench.kills.reckoning import BEGUN_AGAIN, BEGUN_AT_MOST

TASKS = "django_tasks_database_dbtaskresult"
EVER = datetime(1, 1, 1, tzinfo=UTC)


def faults(
    cluster: Cluster, host: WebHost, ledger: Ledger, broken: Sequence[tuple[datetime, datetime]]
) -> Iterator[str]:
    """A sentence for each thing that is not as it should be. `broken` are the spans in which a host or the database
    was away: a job of theirs may have been begun again (decision 0098), any other not.
    """
    yield from _messages(cluster, ledger)
    yield from _moves(cluster, ledger)
    yield from _jobs(cluster, broken)
    yield from _log(cluster, host)


def _messages(cluster: Cluster, ledger: Ledger) -> Iterator[str]:
    texts = [text for (text,) in cluster.ask("SELECT text FROM utilization_message")]
    counts = {mark: sum(mark in text for text in texts) for mark in ledger.tried}
    for mark, count in counts.items():
        if count > 1:
            yield f"the message {mark} is there {count} times"
    for mark in ledger.messages:
        if counts[mark] == 0:
            yield f"the acknowledged message {mark} is not there"


_ENTRIES = (
    "SELECT r.uid::text, count(*) FROM utilization_request r JOIN utilization_event e ON e.request_id = r.id"
    " AND e.type = %s GROUP BY 1"
)
_AUTHORIZED = (
    "SELECT r.uid::text, count(*) FROM utilization_request r JOIN utilization_authorization a ON a.request_id = r.id"
    " GROUP BY 1"
)


def _moves(cluster: Cluster, ledger: Ledger) -> Iterator[str]:
    for what, uids, rows in (
        ("filed", ledger.filed, cluster.ask(_ENTRIES, "request.submitted")),
        ("approved", ledger.approved, cluster.ask(_ENTRIES, "decision.approved")),
        ("authorized", ledger.approved, cluster.ask(_AUTHORIZED)),
    ):
        counts = dict(rows)
        for uid, count in counts.items():
            if count > 1:
                yield f"request {uid} is {what} {count} times"
        for uid in uids:
            if uid not in counts:
                yield f"request {uid} was acknowledged as {what} and is not"


def await_jobs(cluster: Cluster, seconds: float, since: datetime = EVER) -> float:
    """How long it took until no job was ready, at rest before it is begun again, or under way that was begun `since`;
    at most `seconds`. What a worker had in hand that could not say how it ended is under way for ten minutes.
    """
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        ((open_jobs,),) = cluster.ask(
            f"SELECT count(*) FROM {TASKS} WHERE"
            " status = 'READY' AND (run_after <= now() OR run_after > '9998-01-01')"
            " OR status = 'RUNNING' AND started_at >= %s"
            " OR status = 'FAILED' AND exception_class_path = ANY(%s) AND json_array_length(worker_ids::json) < %s",
            since, list(BEGUN_AGAIN), BEGUN_AT_MOST,
        )  # fmt: skip
        if not open_jobs:
            break
        time.sleep(1)
    return time.monotonic() - began


def _jobs(cluster: Cluster, broken: Sequence[tuple[datetime, datetime]]) -> Iterator[str]:
    for path, status, failure, count in cluster.ask(
        f"SELECT task_path, status, exception_class_path, count(*) FROM {TASKS}"
        " WHERE status IN ('RUNNING', 'FAILED') GROUP BY 1, 2, 3"
    ):
        yield f"{count} of {path} are {status} when all is over {failure}"
    for path, put, ended in cluster.ask(
        f"SELECT task_path, enqueued_at, finished_at FROM {TASKS} WHERE finished_at IS NOT NULL"
        " AND json_array_length(worker_ids::json) > 1"
    ):
        if not any(_meet(put, ended, *span) for span in broken):
            yield f"a job of {path}, from {put} to {ended}, was begun more than once with nothing broken"
    for number, documents in cluster.ask(
        "SELECT r.number, (SELECT count(*) FROM utilization_document d WHERE d.request_id = r.id) FROM"
        " utilization_request r JOIN utilization_authorization a ON a.request_id = r.id"
    ):
        if documents != 1:
            yield f"the approved {number} has {documents} documents"


def _meet(put: datetime, ended: datetime, broke: datetime, mended: datetime) -> bool:
    """Whether a job was there in a span, by the machine's clock or by a host's that was an hour ahead."""
    return any(put - ahead <= mended and ended - ahead >= broke for ahead in (timedelta(), timedelta(hours=1)))


def _log(cluster: Cluster, host: WebHost) -> Iterator[str]:
    ((count, last),) = cluster.ask("SELECT count(*), max(seq) FROM utilization_event")
    if count != last + 1:
        yield f"the log has {count} entries and ends with {last}"
    checked = host.manage("verify_log", timeout=600)
    if checked.returncode:
        yield f"verify_log ends with {checked.returncode}: {checked.stderr.strip()[-600:]}"


def counted(cluster: Cluster) -> str:
    """How much is there, in words."""
    ((entries,),) = cluster.ask("SELECT count(*) FROM utilization_event")
    ((done,),) = cluster.ask(f"SELECT count(*) FROM {TASKS} WHERE status = 'SUCCESSFUL'")
    workers = cluster.ask(f"SELECT worker_ids->>0, count(*) FROM {TASKS} GROUP BY 1")
    return f"{entries} entries of the log, {done} jobs done by {len(workers)} workers"


def percentiles(spent: Sequence[float]) -> str:
    """p50, p95 and p99 of milliseconds, in words."""
    if not spent:
        return "nothing answered"
    ordered = sorted(spent)
    told = (f"p{part} {ordered[min(len(ordered) - 1, len(ordered) * part // 100)]:,.0f} ms" for part in (50, 95, 99))
    return ", ".join(told) + f", most {ordered[-1]:,.0f} ms ({len(ordered)} answers)"
