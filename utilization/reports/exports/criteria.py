"""The table of criteria results: a row for each finding of each version that was filed and judged."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from utilization.models import Request, Submission
from utilization.reports.exports.table import CHUNK, PATIENT_MRN, ExportTable
from utilization.rules.cell_kinds import CellKind, ExportColumn

_JUDGEMENT, _VERSION = "the judgement of that version", "the version filed"

_COLUMNS = (
    ExportColumn("request", CellKind.CODE, "Number of the request.", "numbered when filed"),
    PATIENT_MRN,
    ExportColumn("version", CellKind.WHOLE, "Version of the request, from 1.", _VERSION),
    ExportColumn("judged_at", CellKind.INSTANT, "When it was filed and judged.", _VERSION),
    ExportColumn("as_of", CellKind.DAY, "Day that the judgement counts from.", _VERSION),
    ExportColumn("indication", CellKind.CODE, "Code of the indication whose criteria judged it.", _JUDGEMENT),
    ExportColumn("criteria", CellKind.TEXT, "Name of the criteria.", _JUDGEMENT),
    ExportColumn("criteria_version", CellKind.TEXT, "Their version.", _JUDGEMENT),
    ExportColumn("criteria_sha256", CellKind.CODE, "Hash of their files.", _JUDGEMENT),
    ExportColumn("outcome", CellKind.CODE, "Outcome of the whole version.", _JUDGEMENT),
    ExportColumn("place", CellKind.WHOLE, "Place of the finding in the judgement, from 1.", _JUDGEMENT),
    ExportColumn("criterion", CellKind.CODE, "Key of the criterion in the criteria.", _JUDGEMENT),
    ExportColumn("result", CellKind.CODE, "met, not_met or unknown.", _JUDGEMENT),
    ExportColumn("criterion_text", CellKind.TEXT, "The criterion in words.", _JUDGEMENT),
    ExportColumn("leads_to", CellKind.CODE, "Outcome where it is not met; empty where it only remarks.", _JUDGEMENT),
    ExportColumn("would_meet", CellKind.TEXT, "What would meet it.", _JUDGEMENT),
    ExportColumn("evidence", CellKind.TEXT, "Keys of the statements that it rests on, with spaces.", _JUDGEMENT),
)  # fmt: skip


def _submissions(requests: QuerySet[Request]) -> QuerySet[Submission]:
    return Submission.objects.filter(request__in=requests.order_by().values("pk"))


def _rows(requests: QuerySet[Request]) -> Iterator[tuple[Any, ...]]:
    names = ("request__number", "request__patient__mrn", "ordinal", "created_at", "as_of", "judgement")
    filed = _submissions(requests).order_by("-created_at", "-pk").values_list(*names)
    for *head, judgement in filed.iterator(chunk_size=CHUNK // 10):
        pack = judgement.get("criteria") or {}
        of_version = (
            *head, judgement.get("judged_as") or judgement.get("indication"), pack.get("pack"), pack.get("version"),
            pack.get("sha256"), judgement.get("outcome"),
        )  # fmt: skip
        for place, finding in enumerate(judgement.get("findings") or (), start=1):
            yield (*of_version, place, *_result(finding))


def _result(finding: dict[str, Any]) -> tuple[Any, ...]:
    evidence = " ".join(finding.get("evidence") or ())
    return finding["id"], finding["result"], finding["text"], finding.get("otherwise"), finding.get("to_meet"), evidence


def _count(requests: QuerySet[Request]) -> int:
    """About how many rows there will be: as if every version had as many findings as the newest one."""
    filed = _submissions(requests)
    newest = filed.order_by("-pk").values_list("judgement", flat=True).first() or {}
    return filed.count() * len(newest.get("findings") or ())


CRITERIA = ExportTable(
    code="criteria",
    title="Criteria results",
    a_row="one finding of one version that was filed and judged",
    columns=_COLUMNS,
    rows=_rows,
    count=_count,
)
