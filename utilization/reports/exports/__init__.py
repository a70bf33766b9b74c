"""What can be exported, table by table: columns with their meaning and source, and the rows of selected requests."""

from collections.abc import Mapping

from utilization.reports.exports.criteria import CRITERIA
from utilization.reports.exports.decisions import DECISIONS
from utilization.reports.exports.doses import DOSES
from utilization.reports.exports.events import EVENTS
from utilization.reports.exports.infusions import INFUSIONS
from utilization.reports.exports.requests import REQUESTS
from utilization.reports.exports.table import ExportTable

TABLES: Mapping[str, ExportTable] = {
    table.code: table for table in (REQUESTS, CRITERIA, DECISIONS, DOSES, INFUSIONS, EVENTS)
}

__all__ = ["TABLES", "ExportTable"]
