"""Section 7: what was decided and how long it took, in the manner of what US payers publish (CMS-0057-F)."""

from collections.abc import Mapping
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis, line_of, root
from utilization.rules.utilization_report.bitmaps import Parts, crossed
from utilization.rules.utilization_report.cells import ALL, Population, Split
from utilization.rules.utilization_report.criteria import choices
from utilization.rules.utilization_report.figures import WITHHELD, Figure, count, hours, mean, row, share, table
from utilization.rules.utilization_report.form_use import form_table
from utilization.rules.utilization_report.populations import Frame
from utilization.rules.utilization_report.shares import APPROVE, DENY, NO, OVERTURNED, YES, part, truths, yes_or_no
from utilization.rules.utilization_report.split_table import split_table

URGENCIES = (("standard", "Standard"), ("expedited", "Expedited"), ("emergency", "Emergency, started first"))
_WARNINGS = "Warnings that the prescriber acknowledged when filing, of decided requests."
_PACK_TIMES = (
    "Standard: mean h", "median h", "Expedited: mean h", "median h", "Emergency: mean h", "median h"
)  # fmt: skip
_TIMES = (
    "Hours of the clock, which is stopped while the prescriber is asked; calendar hours run from filing to decision."
)


def by_urgency(population: Population) -> dict[str, int]:
    """`population` by standard, expedited or emergency."""
    emergency = truths(population, "emergency").get(YES, 0)
    expedited = truths(population, "expedited").get(YES, 0) & ~emergency
    standard = population.rows & ~emergency & ~expedited
    return population.within({"standard": standard, "expedited": expedited, "emergency": emergency})


def up_to_3(count: int) -> str:
    """How many, up to two."""
    return str(count) if count < 3 else "3+"


def decision_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The tables of the section."""
    decided = basis.now.decided
    choice = choices(basis, decided)
    denied = decided.where("choice", DENY)
    reasons = "Of requests denied."
    asked = "Questions asked of the prescriber by a reviewer, of decided requests."
    tables = [_metrics(basis), _times(basis)]
    if not basis.scope.line:
        tables.append(_scorecard(basis))
    tables += [
        split_table(
            basis,
            ("reasons", "Reasons for denial", reasons, "reason_code"),
            denied,
            denied.parts("reason_code"),
            (choice, DENY),
            choice=DENY,
        ),
        split_table(
            basis,
            ("questions", "Questions asked", asked, "questions"),
            decided,
            decided.parts("questions", up_to_3),
        ),
        split_table(
            basis,
            ("warnings", "Warnings acknowledged", _WARNINGS, "warnings"),
            decided,
            decided.parts("warnings_acknowledged", up_to_3),
        ),
        form_table(basis),
        _emergencies(basis),
    ]
    return tables


def _metrics(basis: ReportBasis) -> dict[str, Any]:
    rows = [_metric_row(basis, frame) for frame in (basis.now, basis.before)]
    columns = (
        "Period", "Filed", "Decided", "Approved", "Denied", "Withdrawn, of filed", "Approved after appeal, of denied",
    )  # fmt: skip
    said = (
        "Filed and decided in the period each; the two are not the same requests. Approved and denied as decided first:"
        " an appeal leaves a denial counted as one, and is counted beside it, whenever it was decided."
    )
    return table("metrics", "Decisions", columns, rows, said)


def _metric_row(basis: ReportBasis, frame: Frame) -> dict[str, Any]:
    choice, filed = choices(basis, frame.decided), root(basis, frame.filed).total
    decided = root(basis, frame.decided).total
    denied = frame.decided.where("choice", DENY)
    overturned = part(basis.scope, denied, yes_or_no(denied, denied.where("appeal", OVERTURNED).rows), (choice, DENY))
    cells = [
        count(filed, rows="filed"),
        count(decided, rows="decided"),
        share(choice.n(APPROVE), choice.total, choice=APPROVE),
        share(choice.n(DENY), choice.total, choice=DENY),
        share(root(basis, frame.withdrawn).total if frame.withdrawn.rows else 0, filed, rows="withdrawn"),
        share(overturned.n, overturned.of, choice=DENY, appeal=OVERTURNED),
    ]
    now = frame is basis.now
    return row("now" if now else "before", "This period" if now else "The period before", cells)


def _times(basis: ReportBasis) -> dict[str, Any]:
    decided = basis.now.decided
    everything, urgent = _Times(basis, decided, {ALL: decided.rows}), _Times(basis, decided, by_urgency(decided))
    rows = [row("all", "All", everything.cells(ALL))]
    rows += [row(code, label, urgent.cells(code)) for code, label in URGENCIES]
    columns = ("Urgency", "Decided", "Mean h", "Median h", "90th centile h", "Median calendar h", "Within the clock")
    return table("times", "Hours to decision", columns, rows, _TIMES)


class _Times:
    """Requests by key, their hours, and how many were in time: what is shown of one key is shown of all, or of none."""

    def __init__(self, basis: ReportBasis, decided: Population, keys: Parts):
        self.scope, self.decided, self.keys = basis.scope, decided, keys
        self.counts = self.scope.split(decided, keys)
        self.clock = clock_split(basis, decided, keys)
        self.late = self.scope.split(decided, crossed(keys, truths(decided, "late")))

    def cells(self, key: str) -> list[Figure]:
        """The cells of one row."""
        decided = self.counts.n(key)
        if decided is None:
            return [WITHHELD] * 6
        chosen, here = self.decided.at(self.keys.get(key, 0)), {} if key == ALL else {"urgency": key}
        return [
            count(decided, rows="decided", **here),
            hours(mean(self.clock.amount(key), self.clock.n(key)), decided, **here, known="clock_seconds"),
            hours(self.scope.centile(chosen, "clock_seconds"), decided, **here, known="clock_seconds"),
            hours(self.scope.centile(chosen, "clock_seconds", 90), decided, **here, known="clock_seconds"),
            hours(self.scope.centile(chosen, "calendar_seconds"), decided, **here, known="calendar_seconds"),
            self._in_time(key, here),
        ]

    def _in_time(self, key: str, here: Mapping[str, str]) -> Figure:
        if self.late.pooled:
            return WITHHELD
        return share(self.late.n(f"{key} {NO}"), self.late.n(f"{key} {NO}", f"{key} {YES}"), **here, late=NO)


def clock_split(basis: ReportBasis, decided: Population, keys: Parts) -> Split:
    """Requests whose clock is known and its seconds, by key."""
    return basis.scope.split(_timed(decided), keys, "clock_seconds")


def _timed(decided: Population) -> Population:
    return decided.at(decided.table.amounts("clock_seconds").known)


def _scorecard(basis: ReportBasis) -> dict[str, Any]:
    """By version of the criteria: decisions, and hours by urgency."""
    decided, scope = basis.now.decided, basis.scope
    packs, urgencies = decided.parts("pack"), by_urgency(decided)
    decisions = scope.by(decided, packs, decided.parts("choice"))
    clocks = scope.by(_timed(decided), packs, urgencies, "clock_seconds")
    denied = decided.where("choice", DENY)
    appealed = yes_or_no(denied, denied.where("appeal", OVERTURNED).rows)
    overturned = scope.by(denied, packs, appealed, under=(decisions, DENY))
    rows = []
    for pack in sorted(packs, key=lambda pack: basis.word("pack", pack)):
        split = line_of(basis, decisions, pack)
        cells = [
            share(split.n(APPROVE), split.total, choice=APPROVE, pack=pack),
            share(split.n(DENY), split.total, choice=DENY, pack=pack),
            _overturned(line_of(basis, overturned, pack), pack),
        ]
        for code, _ in URGENCIES:
            rows_of = packs[pack] & urgencies.get(code, 0)
            cells += _pack_times(basis, rows_of, line_of(basis, clocks, pack), {"pack": pack, "urgency": code})
        rows.append(row(pack, basis.word("pack", pack), cells))
    columns = ("Criteria", "Approved", "Denied", "Approved after appeal, of denied", *_PACK_TIMES)
    return table("scorecard", "By version of the criteria", columns, rows, _TIMES)


def _overturned(split: Split, pack: str) -> Figure:
    return share(split.n(YES), split.total, choice=DENY, appeal=OVERTURNED, pack=pack)


def _pack_times(basis: ReportBasis, rows: int, clock: Split, here: Mapping[str, str]) -> list[Figure]:
    code = here["urgency"]
    n = clock.n(code)
    if n is None:
        return [WITHHELD] * 2
    median = basis.scope.centile(basis.now.decided.at(rows), "clock_seconds")
    counts = {**here, "known": "clock_seconds"}
    return [hours(mean(clock.amount(code), n), n, **counts), hours(median, n, **counts)]


def _emergencies(basis: ReportBasis) -> dict[str, Any]:
    filed, (_, end) = basis.now.filed, basis.now.period.days
    urgent = truths(filed, "emergency").get(YES, 0)
    kinds = basis.scope.split(filed, yes_or_no(filed, urgent))
    started = filed.at(urgent)
    decided = filed.table.where("decided_on", lambda day: "" < day <= end)
    reviewed = part(basis.scope, started, yes_or_no(started, decided), (kinds, YES))
    cell = share(reviewed.n, reviewed.of, rows="filed", emergency=YES, decided_by=end)
    said = "Of requests filed in the period as emergencies, those decided by its end."
    return table(
        "emergencies",
        "Emergencies reviewed afterwards",
        ("", "Requests"),
        [row("yes", "Reviewed afterwards", [cell])],
        said,
    )
