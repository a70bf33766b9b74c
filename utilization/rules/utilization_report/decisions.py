"""Section 7: what was decided and how long it took, in the manner of what US payers publish (CMS-0057-F)."""

from collections.abc import Mapping, Sequence
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis, line_of, root
from utilization.rules.utilization_report.cells import ALL, Population, Split
from utilization.rules.utilization_report.criteria import choices
from utilization.rules.utilization_report.figures import WITHHELD, Figure, count, hours, mean, row, share, table
from utilization.rules.utilization_report.populations import Frame
from utilization.rules.utilization_report.rows import RequestRow
from utilization.rules.utilization_report.shares import APPROVE, DENY, NO, YES, part, truth_keys
from utilization.rules.utilization_report.split_table import split_table

URGENCIES = (("standard", "Standard"), ("expedited", "Expedited"), ("emergency", "Emergency, started first"))
_WARNINGS = "Warnings that the prescriber acknowledged when filing, of decided requests."
_PACK_TIMES = (
    "Standard: mean h", "median h", "Expedited: mean h", "median h", "Emergency: mean h", "median h"
)  # fmt: skip
_TIMES = (
    "Hours of the clock, which is stopped while the prescriber is asked; calendar hours run from filing to decision."
)


def urgency(request: RequestRow) -> str:
    """standard, expedited or emergency."""
    if request.emergency:
        return "emergency"
    return "expedited" if request.expedited else "standard"


def decision_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The tables of the section."""
    decided = basis.now.decided
    choice = choices(basis, decided)
    denied = decided.where(lambda request: request.choice == DENY)
    reasons = "Of requests denied."
    asked = (
        "Questions asked of the prescriber, of decided requests. Answers prefilled, fields changed and seconds at the"
        " form are not recorded."
    )
    tables = [_metrics(basis), _times(basis)]
    if not basis.scope.line:
        tables.append(_scorecard(basis))
    tables += [
        split_table(
            basis,
            ("reasons", "Reasons for denial", reasons, "reason_code"),
            denied,
            [request.reason_code for request in denied.rows],
            (choice, DENY),
            choice=DENY,
        ),
        split_table(
            basis,
            ("questions", "Questions asked", asked, "questions"),
            decided,
            [_up_to_3(request.questions) for request in decided.rows],
        ),
        split_table(
            basis,
            ("warnings", "Warnings acknowledged", _WARNINGS, "warnings"),
            decided,
            [
                str(request.warnings_acknowledged) if request.warnings_acknowledged < 3 else "3+"
                for request in decided.rows
            ],
        ),
        _emergencies(basis),
    ]
    return tables


def _up_to_3(n: int) -> str:
    return str(n) if n < 3 else "3+"


def _metrics(basis: ReportBasis) -> dict[str, Any]:
    rows = [_metric_row(basis, frame) for frame in (basis.now, basis.before)]
    columns = ("Period", "Filed", "Decided", "Approved", "Denied", "Withdrawn, of filed")
    said = (
        "Filed and decided in the period each; the two are not the same requests. There is no appeal, so nothing is"
        " approved after one."
    )
    return table("metrics", "Decisions", columns, rows, said)


def _metric_row(basis: ReportBasis, frame: Frame) -> dict[str, Any]:
    choice, filed = choices(basis, frame.decided), root(basis, frame.filed).total
    decided = root(basis, frame.decided).total
    cells = [
        count(filed, rows="filed"),
        count(decided, rows="decided"),
        share(choice.n(APPROVE), choice.total, choice=APPROVE),
        share(choice.n(DENY), choice.total, choice=DENY),
        share(root(basis, frame.withdrawn).total if frame.withdrawn.rows else 0, filed, rows="withdrawn"),
    ]
    now = frame is basis.now
    return row("now" if now else "before", "This period" if now else "The period before", cells)


def _times(basis: ReportBasis) -> dict[str, Any]:
    decided = basis.now.decided
    everything = _Times(basis, decided, [ALL] * len(decided.rows))
    by_urgency = _Times(basis, decided, [urgency(request) for request in decided.rows])
    rows = [row("all", "All", everything.cells(ALL))]
    rows += [row(code, label, by_urgency.cells(code)) for code, label in URGENCIES]
    columns = ("Urgency", "Decided", "Mean h", "Median h", "90th centile h", "Median calendar h", "Within the clock")
    return table("times", "Hours to decision", columns, rows, _TIMES)


class _Times:
    """Requests by key, their hours, and how many were in time: what is shown of one key is shown of all, or of none."""

    def __init__(self, basis: ReportBasis, decided: Population, keys: Sequence[str]):
        self.scope, self.decided, self.keys = basis.scope, decided, keys
        self.counts = self.scope.split(decided, keys)
        self.clock = clock_split(basis, decided, keys)
        late = truth_keys([request.late for request in decided.rows])
        self.late = self.scope.split(decided, [f"{key} {truth}" for key, truth in zip(keys, late, strict=True)])

    def cells(self, key: str) -> list[Figure]:
        """The cells of one row."""
        decided = self.counts.n(key)
        if decided is None:
            return [WITHHELD] * 6
        chosen = _under(self.decided, self.keys, key)
        seconds = [request.clock_seconds for request in chosen.rows]
        calendar = [request.calendar_seconds for request in chosen.rows]
        here = {} if key == ALL else {"urgency": key}
        return [
            count(decided, rows="decided", **here),
            hours(mean(self.clock.amount(key), self.clock.n(key)), decided, **here, known="clock_seconds"),
            hours(self.scope.centile(chosen, seconds), decided, **here, known="clock_seconds"),
            hours(self.scope.centile(chosen, seconds, 90), decided, **here, known="clock_seconds"),
            hours(self.scope.centile(chosen, calendar), decided, **here, known="calendar_seconds"),
            self._in_time(key, here),
        ]

    def _in_time(self, key: str, here: Mapping[str, str]) -> Figure:
        if self.late.pooled:
            return WITHHELD
        return share(self.late.n(f"{key} {NO}"), self.late.n(f"{key} {NO}", f"{key} {YES}"), **here, late=NO)


def _under(population: Population, keys: Sequence[str], key: str) -> Population:
    kept = [place for place, own in enumerate(keys) if own == key]
    return population.at(kept)


def clock_split(basis: ReportBasis, decided: Population, keys: Sequence[str]) -> Split:
    """Requests whose clock is known and its seconds, by key."""
    known = [place for place, request in enumerate(decided.rows) if request.clock_seconds is not None]
    timed = decided.at(known)
    seconds = [request.clock_seconds for request in timed.rows]
    return basis.scope.split(timed, [keys[place] for place in known], seconds)


def _scorecard(basis: ReportBasis) -> dict[str, Any]:
    """By version of the criteria: decisions, and hours by urgency."""
    decided, scope = basis.now.decided, basis.scope
    packs = [request.pack for request in decided.rows]
    decisions = scope.by(decided, packs, [request.choice for request in decided.rows])
    timed = decided.where(lambda request: request.clock_seconds is not None)
    clocks = scope.by(
        timed,
        [request.pack for request in timed.rows],
        [urgency(request) for request in timed.rows],
        [request.clock_seconds for request in timed.rows],
    )
    rows = []
    for pack in sorted(set(packs), key=lambda pack: basis.word("pack", pack)):
        split = line_of(basis, decisions, pack)
        cells = [
            share(split.n(APPROVE), split.total, choice=APPROVE, pack=pack),
            share(split.n(DENY), split.total, choice=DENY, pack=pack),
        ]
        for code, _ in URGENCIES:
            cells += _pack_times(basis, pack, code, line_of(basis, clocks, pack))
        rows.append(row(pack, basis.word("pack", pack), cells))
    columns = ("Criteria", "Approved", "Denied", *_PACK_TIMES)
    return table("scorecard", "By version of the criteria", columns, rows, _TIMES)


def _pack_times(basis: ReportBasis, pack: str, code: str, clock: Split) -> list[Figure]:
    n = clock.n(code)
    if n is None:
        return [WITHHELD] * 2
    chosen = basis.now.decided.where(lambda request: request.pack == pack and urgency(request) == code)
    seconds = [request.clock_seconds for request in chosen.rows]
    counts = {"pack": pack, "urgency": code, "known": "clock_seconds"}
    return [
        hours(mean(clock.amount(code), n), n, **counts),
        hours(basis.scope.centile(chosen, seconds), n, **counts),
    ]


def _emergencies(basis: ReportBasis) -> dict[str, Any]:
    filed, (_, end) = basis.now.filed, basis.now.period.days
    kinds = basis.scope.split(filed, [YES if request.emergency else "no" for request in filed.rows])
    started = filed.where(lambda request: request.emergency)
    reviewed = part(basis.scope, started, ["" < request.decided_on <= end for request in started.rows], (kinds, YES))
    cell = share(reviewed.n, reviewed.of, rows="filed", emergency=YES, decided_by=end)
    said = "Of requests filed in the period as emergencies, those decided by its end."
    return table(
        "emergencies",
        "Emergencies reviewed afterwards",
        ("", "Requests"),
        [row("yes", "Reviewed afterwards", [cell])],
        said,
    )
