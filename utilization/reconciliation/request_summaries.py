"""Summaries of requests held against the rows that they sum up, which are held against the log themselves."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from utilization import criteria
from utilization.models import PackVersion, RequestSummary, Site, UnmetCriterion
from utilization.reconciliation.columns import TABLES
from utilization.reconciliation.comparison import FAULTS, FREE, Expected, Row, RowComparison
from utilization.reconciliation.entries import ToldEntry
from utilization.reconciliation.findings import UNKNOWN, Discrepancy, RowPlace
from utilization.reconciliation.request_replay import (
    ASSESSMENT,
    AUTHORIZATION,
    CONTEST,
    QUESTION,
    REQUEST,
    SUBMISSION,
)
from utilization.reconciliation.request_rows import DOSED
from utilization.rules.request_summary import PARTS, FiledRequest, unmet_criteria

SUMMARY, UNMET = "utilization_requestsummary", "utilization_unmetcriterion"
Rows = Mapping[str, Sequence[Row]]
Entries = Mapping[int, Sequence[ToldEntry]]
_UTC = ZoneInfo("UTC")


class SummaryComparison:
    """Holds summaries, some requests at a time; what it needs of sites and packs is read once."""

    def __init__(self, comparison: RowComparison) -> None:
        self.comparison = comparison
        self._zones = {key: _zone(name) for key, name in Site.objects.values_list("pk", "time_zone")}
        self._months = lru_cache(_longest_months)

    def hold(self, entries: Entries, rows: Rows, unread: Collection[int]) -> None:
        """Hold the summaries of the requests of `entries`, but of those `unread`, whose entries make no sense.

        `rows` are those of the requests, by table.
        """
        keys = [key for key in entries if key not in unread]
        kept = [row for some in self.comparison.portions(SUMMARY, request_id__in=keys) for row in some]
        of_request = {row["id"]: row["request_id"] for row in kept}
        unmet = [row for some in self.comparison.portions(UNMET, summary_id__in=of_request) for row in some]
        expected: dict[Any, Expected] = {}
        criteria_of: dict[int, frozenset[tuple[str, str]] | None] = {}
        for told in self._told(rows, set(keys)):
            key = told.request["id"]
            expected[key], criteria_of[key] = _expected(told, entries[key][-1] if entries[key] else None)
        self._hold_unmet(unmet, of_request, expected, criteria_of)
        self.comparison.hold(SUMMARY, ("request_id",), expected, kept)
        self.comparison.miss(SUMMARY, expected)

    def _hold_unmet(
        self,
        rows: Iterable[Row],
        of_request: Mapping[int, int],
        summaries: Mapping[int, Expected],
        criteria_of: Mapping[int, frozenset[tuple[str, str]] | None],
    ) -> None:
        wanted = {
            (key, criterion, at): Expected(
                {"summary_id": key, "criterion": criterion, "at": at},
                summaries[request].entry, summaries[request].site, summaries[request].request,
            )
            for key, request in of_request.items()
            for criterion, at in criteria_of.get(request) or ()
        }  # fmt: skip
        unreadable = {key for key, request in of_request.items() if criteria_of.get(request, ()) is None}
        readable = [row for row in rows if row["summary_id"] not in unreadable]
        self.comparison.hold(UNMET, ("summary_id", "criterion", "at"), wanted, readable)
        self.comparison.miss(UNMET, wanted)

    def _told(self, rows: Rows, keys: Collection[int]) -> Iterable[FiledRequest]:
        """The rows of each filed request of `keys`."""
        of: dict[str, dict[int, list[Row]]] = {
            table: defaultdict(list) for table in (SUBMISSION, ASSESSMENT, QUESTION, AUTHORIZATION, CONTEST, DOSED)
        }
        for name, by_request in of.items():
            for row in rows[name]:
                by_request[row["request_id"]].append(row)
        for request in rows[REQUEST]:
            key = request["id"]
            submissions = sorted(of[SUBMISSION][key], key=lambda row: row["ordinal"])
            if key not in keys or request["submitted_at"] is None or not submissions:
                continue
            yield FiledRequest(
                request, submissions, of[ASSESSMENT][key], of[QUESTION][key],
                next(iter(of[AUTHORIZATION][key]), None), self._zones.get(request["site_id"], _UTC),
                self._months(submissions[-1]["pack_id"]), next(iter(of[CONTEST][key]), None), bool(of[DOSED][key]),
            )  # fmt: skip


def _zone(name: str) -> ZoneInfo:
    """The zone of this name; UTC where there is none, since the site's row is a finding of its own then."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return _UTC


def find_orphans(comparison: RowComparison) -> None:
    """Report summaries that are of no request, and criteria that are of no summary."""
    for model, table, of in (
        (RequestSummary, SUMMARY, {"request__isnull": True}), (UnmetCriterion, UNMET, {"summary__isnull": True}),
    ):  # fmt: skip
        for key in model._default_manager.filter(**of).order_by("pk").values_list("pk", flat=True):
            comparison.tally.add(Discrepancy(UNKNOWN, RowPlace(table, str(key))))


def _expected(told: FiledRequest, last: ToldEntry | None) -> tuple[Expected, frozenset[tuple[str, str]] | None]:
    """What a summary should be; what rests on a row that cannot be read, a finding of its own, is free."""
    columns: dict[str, Any] = dict.fromkeys(TABLES[SUMMARY].evidence, FREE) | {"request_id": told.request["id"]}
    unmet = None
    for part in PARTS:
        with suppress(*FAULTS):
            columns |= part(told)
    with suppress(*FAULTS):
        unmet = unmet_criteria(told)
    place = (last.seq, last.site, last.number or last.uid) if last else (0, None, None)
    return Expected(columns, *place), unmet


def _longest_months(pack: int) -> int | None:
    """Months that the tables kept beside a pack allow at most; None where they cannot be read."""
    try:
        return criteria.tables_of(PackVersion.objects.defer("files").get(pk=pack)).routing.authorization_months
    except (PackVersion.DoesNotExist, *FAULTS):
        return None
