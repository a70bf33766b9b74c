"""The plots of the utilization report, made of the figures of its frozen value and of nothing else."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from utilization.plots import (
    Bar,
    BarWords,
    Divided,
    Plot,
    Series,
    Strip,
    bar_plot,
    control_chart,
    divided_bar_plot,
    funnel_plot,
    strip_plot,
    survival_plot,
)
from utilization.plots.figures import figure
from utilization.plots.periods import Period
from utilization.rules.facts.date_words import written_day
from utilization.rules.statistics.funnel import funnel
from utilization.rules.statistics.p_prime import p_prime
from utilization.rules.statistics.survival import kaplan_meier
from utilization.rules.statistics.xmr import xmr
from utilization.rules.utilization_report.shares import MEETS

OTHER = "(other)"
MOST_STRIPS = 12
MOST_CURVES = 4
MG_A_GRAM = 1000
_DOSE = "Dose asked, by indication"
Cells = Mapping[str, Sequence[Mapping[str, Any]]]


def plots(value: Mapping[str, Any]) -> dict[str, Plot]:
    """A plot for each table that has one, by the table's id. One that would show nothing is left out."""
    tables = {table["id"]: table for section in value["sections"] for table in section["tables"]}
    made = {
        "grams_by_month": _series(value, tables["grams_by_month"], "g"),
        "filed_by_month": _series(value, tables["filed_by_month"], "n"),
        "off_by_month": _shares(value, tables["off_by_month"]),
        "outcome_by_decision": _outcomes(tables["outcome_by_decision"]),
        "use_by_indication": _bars(tables.get("use_by_indication")),
        "off_by_department": _departments(tables.get("off_by_department")),
        "ceiling": _doses(value["dots"]),
        "renewals": _therapy(value["therapy"]),
    }
    return {name: plot for name, plot in made.items() if plot and plot.wide}


def _periods(table: Mapping[str, Any]) -> list[Period]:
    return [Period(row["label"][:3], row["key"][:4], row["label"]) for row in table["rows"]]


def _step(table: Mapping[str, Any]) -> str:
    return "quarter" if any(" to " in row["label"] for row in table["rows"]) else "month"


def _marks(value: Mapping[str, Any], table: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    """(place of the first whole month or quarter under new criteria, what they are)."""
    keys = [row["key"] for row in table["rows"]]
    marks = {}
    for version in value["publications"]:
        day = version["effective_from"]
        place = next((place for place, key in enumerate(keys) if f"{key}-01" >= day), len(keys))
        if 0 < place < len(keys):
            marks[place] = f"criteria {version['version']}, {written_day(date.fromisoformat(day))}"
    return tuple(sorted(marks.items()))


def _series(value: Mapping[str, Any], table: Mapping[str, Any], part: str) -> Plot | None:
    if not table["rows"]:
        return None
    marks = _marks(value, table)
    values = [row["cells"][0][part] for row in table["rows"]]
    name, unit = table["title"], "g" if part == "g" else ""
    series = Series(table["id"], name, _periods(table), unit, period=_step(table), publications=marks)
    return control_chart(series, xmr(values, publications=[place for place, _ in marks]))


def _shares(value: Mapping[str, Any], table: Mapping[str, Any]) -> Plot | None:
    if not table["rows"]:
        return None
    marks = _marks(value, table)
    counts = [(row["cells"][0].get("n", 0), row["cells"][0].get("of", 0)) for row in table["rows"]]
    series = Series(
        table["id"], table["title"], _periods(table), "%", 1, share=True, period=_step(table), better="lower",
        publications=marks,
    )  # fmt: skip
    return control_chart(series, p_prime(counts, publications=[place for place, _ in marks]))


def _bars(table: Mapping[str, Any] | None) -> Plot | None:
    rows = [row for row in table["rows"] if "g" in row["cells"][3]] if table else []
    if not rows:
        return None
    bars = [
        Bar(row["label"], row["cells"][3]["g"], _bar_note(row["cells"]), "idle" if row["key"] == OTHER else "accent")
        for row in rows
    ]
    first = rows[0]
    heading = f"Most grams go to {first['label']}: {first['cells'][4]['percent']}\u202f%"
    return bar_plot(
        "use_by_indication", BarWords(heading, "Scheduled grams by indication", "Indication", "Grams", "g"), bars
    )


def _bar_note(cells: Sequence[Mapping[str, Any]]) -> str:
    percent = f"{cells[4]['percent']}\u202f%" if "percent" in cells[4] else ""
    patients = f"{cells[0]['n']} patients" if "n" in cells[0] else ""
    return ", ".join(filter(None, (percent, patients)))


def _outcomes(table: Mapping[str, Any]) -> Plot | None:
    """Only of decisions all of whose parts are shown."""
    rows = [row for row in table["rows"] if row["key"] != "total"]
    bars = []
    for place, name in enumerate(("Approved", "Denied")):
        counts = [row["cells"][place].get("n") for row in rows]
        if None not in counts:
            bars.append(Divided(name, tuple(counts)))
    if not bars:
        return None
    words = BarWords(_outcome_finding(rows, bars), "Decisions by outcome", "Decision", "Requests")
    return divided_bar_plot("outcome_by_decision", words, [row["label"] for row in rows], bars)


def _outcome_finding(rows: Sequence[Mapping[str, Any]], bars: Sequence[Divided]) -> str:
    """How many of each decision did not go with the criteria: approved off them, denied though they were met."""
    met = next(place for place, row in enumerate(rows) if row["key"] == MEETS)
    said = []
    for bar in bars:
        of, meets = sum(bar.counts), bar.counts[met]
        if bar.name == "Approved":
            said.append(f"{figure(of - meets)} of {figure(of)} approvals do not meet the criteria")
        else:
            said.append(f"{figure(meets)} of {figure(of)} denials meet {'them' if said else 'the criteria'}")
    return "; ".join(said)


def _departments(table: Mapping[str, Any] | None) -> Plot | None:
    rows = [row for row in table["rows"] if row["cells"][0].get("of")] if table else []
    if not rows:
        return None
    groups = [(row["label"], row["cells"][0]["n"], row["cells"][0]["of"]) for row in rows]
    subject = "Approved off criteria, by department"
    return funnel_plot("off_by_department", subject, funnel(groups), of="approvals", better="lower")


def _doses(dots: Sequence[Mapping[str, Any]]) -> Plot | None:
    several = Counter(row["key"] for row in dots)
    strips = [
        Strip(
            f"{row['label']}, {_ceiling(row)}" if several[row["key"]] > 1 else row["label"],
            {Decimal(mg) / MG_A_GRAM: count for mg, count in row["dots"]},
            None if row["ceiling"] is None else Decimal(row["ceiling"]) / MG_A_GRAM,
        )
        for row in dots
    ]
    subject = "Dose asked, by indication and ceiling" if max(several.values(), default=0) > 1 else _DOSE
    if len(strips) > MOST_STRIPS:
        shown = sorted(sorted(range(len(strips)), key=lambda place: -strips[place].size)[:MOST_STRIPS])
        subject = f"{subject}, the {MOST_STRIPS} of {len(strips)} rows with most orders"
        strips = [strips[place] for place in shown]
    return strip_plot("ceiling", subject, strips, unit="g/kg") if strips else None


def _ceiling(row: Mapping[str, Any]) -> str:
    return "no ceiling" if row["ceiling"] is None else f"ceiling {figure(Decimal(row['ceiling']) / MG_A_GRAM, 2)} g/kg"


def _therapy(rows: Sequence[Mapping[str, Any]]) -> Plot | None:
    curves = [
        (row["label"], kaplan_meier([(days, ended) for days, ended in row["stretches"]])) for row in rows[:MOST_CURVES]
    ]
    return survival_plot("renewals", "Time on authorized therapy, by indication", curves) if curves else None
