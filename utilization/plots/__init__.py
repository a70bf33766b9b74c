"""Plots as plain values: figures in, drawings out. No Django, no queries, no fonts; `_parts/plot.html` draws them.

A function a kind; each gives a `Plot` with a heading, the whole finding as its title, a wide drawing for a desk and for
paper, a narrow one for a phone, of some kinds a broad one for the whole width of a desk, notes, and the table behind
it. The same `Plot` goes into a page and a document:

    {% include "_parts/plot.html" with plot=plot only %}              in a page
    {% include "_parts/plot.html" with plot=plot printed=True only %} in a document

    control_chart(
        Series("grams", "Scheduled grams", months(days), "g", publications=((16, "criteria 1.1, 1 Apr 2026"),)),
        xmr(grams, publications=(16,)),
    )
    control_chart(
        Series("off", "Approvals off criteria", months(days), "%", 1, share=True, better="lower"), p_prime(counts),
    )
    bar_plot("indications", BarWords("Four indications hold 77.0 % of the grams", "Grams by indication", "Indication",
             "Grams", "g"), [Bar("Myasthenia gravis", 12010, "19.0 %, 39 patients"), …])
    divided_bar_plot("outcomes", BarWords(…), ["meets", "does not meet"], [Divided("approved", (312, 31)), …])
    column_plot("months", ColumnWords("By month decided", "approvals by month, and how many did not meet criteria",
                "did not meet criteria", "all approvals"), [MonthColumn(month, 2, 8), …],
                [(Decimal(4), "criteria 1.1, 1 Apr 2026")])
    strip_plot("dose", "Dose asked, by indication", [Strip("CIDP", [Decimal("2.0"), …], Decimal(2)), …], unit="g/kg")
    funnel_plot("departments", "Approved off criteria, by department", funnel([("Neurology", 4, 61), …]),
                of="approvals", better="lower")
    patient_plot("courses", "2026: 560 g scheduled", (first, last), today, [CourseColumn(day, Decimal(70)), …],
                 [ScorePoint(day, Decimal(6)), …])
    survival_plot("therapy", "Time on authorized therapy", [("CIDP", kaplan_meier(observed)), …])
"""

from utilization.plots.bars import Bar, BarWords, Divided, bar_plot, divided_bar_plot
from utilization.plots.canvas import Drawing
from utilization.plots.columns import ColumnWords, MonthColumn, column_plot
from utilization.plots.control_chart import control_chart
from utilization.plots.funnels import funnel_plot
from utilization.plots.patient_year import CourseColumn, ScorePoint, patient_plot
from utilization.plots.periods import months, quarters, single_days
from utilization.plots.plot import Plot, PlotTable
from utilization.plots.series import Series
from utilization.plots.strips import Strip, strip_plot
from utilization.plots.survival_curves import survival_plot

__all__ = [
    "Bar",
    "BarWords",
    "ColumnWords",
    "CourseColumn",
    "Divided",
    "Drawing",
    "MonthColumn",
    "Plot",
    "PlotTable",
    "ScorePoint",
    "Series",
    "Strip",
    "bar_plot",
    "column_plot",
    "control_chart",
    "divided_bar_plot",
    "funnel_plot",
    "months",
    "patient_plot",
    "quarters",
    "single_days",
    "strip_plot",
    "survival_plot",
]
