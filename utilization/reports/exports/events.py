"""The table of events: a row for each entry of the event log about a selected request."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from utilization.models import Event, Request, User
from utilization.reports.exports.table import CHUNK, PATIENT_MRN, ExportTable
from utilization.rules.canonical_json import canonical
from utilization.rules.cell_kinds import CellKind, ExportColumn
from utilization.transparency.tree import leaf_hash

_ENTRY = "the entry of the event log"

_COLUMNS = (
    ExportColumn("entry", CellKind.WHOLE, "Number of the entry in the log, from 0.", _ENTRY),
    ExportColumn("at", CellKind.INSTANT, "When it happened.", _ENTRY),
    ExportColumn("event", CellKind.CODE, "What happened, by its code.", _ENTRY),
    ExportColumn("request", CellKind.CODE, "Number of the request, as it is now.", "numbered when filed"),
    PATIENT_MRN,
    ExportColumn("by", CellKind.TEXT, "Who did it; empty for the system.", "the account"),
    ExportColumn("roles", CellKind.CODE, "All roles that they held then, with spaces.", _ENTRY),
    ExportColumn("data", CellKind.TEXT, "What the entry holds, as JSON in its one canonical form.", _ENTRY),
    ExportColumn("leaf_sha256", CellKind.CODE, "Its leaf in the log's tree (RFC 6962).", "worked out from its bytes"),
)  # fmt: skip


def _events(requests: QuerySet[Request]) -> QuerySet[Event]:
    return Event.objects.filter(request_id__in=requests.order_by().values("pk"))


def _rows(requests: QuerySet[Request]) -> Iterator[tuple[Any, ...]]:
    entries = _events(requests).order_by("-seq").iterator(chunk_size=CHUNK)
    while some := list(islice(entries, CHUNK)):
        about = Request.objects.filter(pk__in={entry.request_id for entry in some}).order_by()
        named = {pk: rest for pk, *rest in about.values_list("pk", "number", "patient__mrn")}
        people = dict(User.objects.filter(pk__in={entry.actor_id for entry in some}).values_list("pk", "full_name"))
        for entry in some:
            body = bytes(entry.body)
            read = json.loads(body)
            yield (
                entry.seq, entry.at, entry.type, *named.get(entry.request_id or 0, (None, None)),
                people.get(entry.actor_id or 0), " ".join((read["actor"] or {}).get("roles", ())),
                canonical(read["data"]).decode(), leaf_hash(body).hex(),
            )  # fmt: skip


EVENTS = ExportTable(
    code="events",
    title="Events",
    a_row="one entry of the event log about a selected request",
    columns=_COLUMNS,
    rows=_rows,
    count=lambda requests: _events(requests).count(),
)
