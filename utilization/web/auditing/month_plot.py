"""What an auditor's list comes to, month by month, as a plot, with the days from which criteria hold."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from utilization.models import Publication
from utilization.plots import ColumnWords, MonthColumn, Plot, column_plot, months
from utilization.reports.audit_answer import MOST_MONTHS, MonthCount
from utilization.reports.audit_questions import Counted
from utilization.rules.facts.date_words import written_day


def month_plot(counts: Sequence[MonthCount], published: Sequence[Publication], of: Counted, dated: str) -> Plot:
    """The plot of `counts`, in order, of requests that were `dated` ("decided") in these months; a month between two in
    which nothing happened keeps its place."""
    shown = _without_gaps(counts)
    names = months(count.month for count in shown)
    columns = [MonthColumn(name, count.part, count.whole) for name, count in zip(names, shown, strict=True)]
    words = ColumnWords(
        f"By month {dated}: {of.says}, of all {of.among}",
        f"{of.among} by month {dated}, and how many of them {of.says}",
        of.says,
        f"all {of.among}",
    )
    marks = [(_months_between(shown[0].month, row.effective_from), _label(row)) for row in published]
    return column_plot("months", words, columns, [mark for mark in marks if mark[0] >= 0])


def _label(row: Publication) -> str:
    return f"criteria {row.pack.version}, {written_day(row.effective_from)}"


def _without_gaps(counts: Sequence[MonthCount]) -> list[MonthCount]:
    """The latest months with those between in which nothing happened."""
    by_month = {(count.month.year, count.month.month): count for count in counts}
    shown, month = [], counts[0].month
    while month <= counts[-1].month:
        shown.append(by_month.get((month.year, month.month), MonthCount(month, 0, 0)))
        month = (month + timedelta(days=32)).replace(day=1)
    return shown[-MOST_MONTHS:]


def _months_between(first: date, later: date) -> Decimal:
    """Months from the first day of `first`'s to `later`, a day as the part that it is of its month."""
    days = monthrange(later.year, later.month)[1]
    return (later.year - first.year) * 12 + later.month - first.month + Decimal(later.day - 1) / days
