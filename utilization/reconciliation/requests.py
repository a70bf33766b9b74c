"""Requests and the rows that hang on them, held against their entries, some at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from utilization.models import Patient, Request
from utilization.reconciliation.beside import Packs, PatientMoves
from utilization.reconciliation.comparison import FAULTS, MODELS, Expected, Row, RowComparison
from utilization.reconciliation.entries import FollowedLog, ToldEntry, entries_of
from utilization.reconciliation.findings import MISSING, UNKNOWN, UNREADABLE, Discrepancy, RowPlace
from utilization.reconciliation.request_replay import KEYS, REQUEST, SUBMISSION, RequestReplay, Surroundings
from utilization.reconciliation.request_summaries import SummaryComparison, find_orphans

_AT_ONCE = 100


def hold_requests(comparison: RowComparison, packs: Packs, moves: PatientMoves, log: FollowedLog) -> None:
    """Hold every request against the entries of `log`, with its submissions, questions, decisions and the rest."""
    summaries = SummaryComparison(comparison)
    for requests in comparison.portions(REQUEST, _AT_ONCE):
        entries = entries_of([row["id"] for row in requests], log)
        rows = {table: _rows_of(comparison, table, list(entries)) for table in KEYS if table != REQUEST}
        rows[REQUEST] = requests
        unread = _hold(comparison, entries, rows, _surroundings(packs, moves, entries, rows[SUBMISSION]))
        summaries.hold(entries, rows, unread)
    _miss_requests(comparison, log)
    for table in KEYS:
        if table != REQUEST:
            _find_orphans(comparison, table)
    find_orphans(comparison)


def _rows_of(comparison: RowComparison, table: str, requests: list[int]) -> list[dict[str, Any]]:
    return [row for portion in comparison.portions(table, request_id__in=requests) for row in portion]


def _surroundings(
    packs: Packs, moves: PatientMoves, entries: Mapping[int, Sequence[ToldEntry]], submissions: Sequence[Row]
) -> Surroundings:
    started = [entry for of_one in entries.values() for entry in of_one[:1] if entry.type == "request.started"]
    patients = {str(entry.data.get("patient")) for entry in started}
    patients |= moves.patients(str(entry.uid) for entry in started)
    sources = {str(number) for entry in started if (number := entry.data.get("copied_from"))}
    return Surroundings(
        packs,
        moves,
        {str(uid): key for uid, key in Patient.objects.filter(uid__in=_uuids(patients)).values_list("uid", "pk")},
        {str(number): key for number, key in Request.objects.filter(number__in=sources).values_list("number", "pk")},
        {(row["request_id"], row["ordinal"]): row for row in submissions},
    )


def _uuids(texts: Iterable[str]) -> list[UUID]:
    """Those of `texts` that are the id of something."""
    found = []
    for text in texts:
        with suppress(ValueError):
            found.append(UUID(text))
    return found


def _hold(
    comparison: RowComparison,
    entries: Mapping[int, Sequence[ToldEntry]],
    rows: Mapping[str, Sequence[Row]],
    beside: Surroundings,
) -> set[int]:
    """Hold the rows of some requests; the keys of requests whose entries make no sense together."""
    expected: dict[str, dict[Any, Expected]] = defaultdict(dict)
    unread = set()
    for key, of_one in entries.items():
        try:
            told = RequestReplay(key, beside).follow(of_one)
        except FAULTS:
            unread.add(key)
            last = of_one[-1]
            place = RowPlace(REQUEST, str(key), last.seq, last.site, last.number or last.uid)
            comparison.tally.add(Discrepancy(UNREADABLE, place))
            continue
        for table, some in told.items():
            expected[table] |= some
    for table, columns in KEYS.items():
        about = "id" if table == REQUEST else "request_id"
        readable = [row for row in rows[table] if row[about] not in unread]
        comparison.hold(table, columns, expected[table], readable)
        comparison.miss(table, expected[table])
    return unread


def _miss_requests(comparison: RowComparison, log: FollowedLog) -> None:
    """Report requests that entries are about and that are gone."""
    about = log.events().filter(request_id__isnull=False).order_by("request_id")
    gone = about.exclude(request_id__in=Request.objects.values("pk")).values_list("request_id", flat=True).distinct()
    for key in filter(None, gone.iterator()):
        last = entries_of([key], log)[key][-1:]
        place = RowPlace(
            REQUEST, str(key), *((last[0].seq, last[0].site, last[0].number or last[0].uid) if last else ())
        )
        comparison.tally.add(Discrepancy(MISSING, place))


def _find_orphans(comparison: RowComparison, table: str) -> None:
    """Report rows that hang on no request."""
    orphans = MODELS[table]._default_manager.exclude(request_id__in=Request.objects.values("pk"))
    for key in orphans.order_by("pk").values_list("pk", flat=True).iterator():
        comparison.tally.add(Discrepancy(UNKNOWN, RowPlace(table, str(key))))
