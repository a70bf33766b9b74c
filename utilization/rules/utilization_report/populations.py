"""What a report counts in one period: populations of requests, authorizations and patients."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from utilization.rules.utilization_report.cells import Population, Scope
from utilization.rules.utilization_report.groups import DIMENSIONS
from utilization.rules.utilization_report.months import ReportPeriod
from utilization.rules.utilization_report.rows import AuthorizationRow, RequestRow, Rows
from utilization.rules.utilization_report.schedule import Scheduled, part_of, scheduled


class PatientTotal(NamedTuple):
    """A patient with courses due in the period: milligrams where known, and the group of the one filter."""

    patient: int
    new: bool
    mg: int
    line: str


class Frame:
    """One period of `rows`. Under a guarded `scope` with a filter, `dimension` is what `scope.line` is a group of.

    `history` has every row of the site, where `rows` were narrowed: from it follows whether a patient is new, and
    whether anything was filed since.
    """

    def __init__(
        self,
        rows: Rows,
        period: ReportPeriod,
        scope: Scope,
        dimension: str = "",
        history: Rows | None = None,
    ):
        self.rows, self.period, self.scope, self.dimension = rows, period, scope, dimension
        self.history = history or rows
        self.around: Frame | None = None

    def part(self, period: ReportPeriod) -> "Frame":
        """The frame of a period within this one."""
        part = Frame(self.rows, period, self.scope, self.dimension, self.history)
        part.around = self
        return part

    @cached_property
    def filed(self) -> Population:
        """Requests filed in the period."""
        return self._requests("filed_on")

    @cached_property
    def decided(self) -> Population:
        """Requests decided in the period."""
        return self._requests("decided_on")

    @cached_property
    def withdrawn(self) -> Population:
        """Requests that ended in the period without a decision."""
        return self._requests("ended_on", lambda row: not row.choice)

    @cached_property
    def scheduled(self) -> Population:
        """Authorizations with a course due in the period, as `Scheduled`."""
        due = self._due
        return Population(due, [row.authorization.patient for row in due], self._lines(r.authorization for r in due))

    @cached_property
    def patients(self) -> Population:
        """Everybody with a course due in the period, once, in the group in which most of their grams are."""
        placed = self.assigned(DIMENSIONS[self.dimension] if self.dimension else _no_group)
        line = self.groups(self.dimension) if self.dimension else str
        new = self._new
        people = [
            PatientTotal(patient, patient in new, sum([row.mg or 0 for row in due]), line(placed[patient]))
            for patient, due in sorted(self._by_patient.items())
        ]
        return Population(people, [row.patient for row in people], [row.line for row in people])

    def assigned(self, group: Callable[[AuthorizationRow], str]) -> Mapping[int, str]:
        """For each patient the group with most known grams, then most courses, then the first by name."""
        placed = {}
        for patient, due in self._by_patient.items():
            if len(due) == 1:
                placed[patient] = group(due[0].authorization)
                continue
            sums: dict[str, list[int]] = {}
            for row in due:
                held = sums.setdefault(group(row.authorization), [0, 0])
                held[0] -= row.mg or 0
                held[1] -= row.total
            placed[patient] = min(sums, key=lambda name: (sums[name], name)) if len(sums) > 1 else next(iter(sums))
        return placed

    @cached_property
    def _by_patient(self) -> Mapping[int, Sequence[Scheduled]]:
        rows: dict[int, list[Scheduled]] = {}
        for row in self._due:
            rows.setdefault(row.authorization.patient, []).append(row)
        return rows

    def groups(self, dimension: str) -> Callable[[str], str]:
        """How the groups of `dimension` are named in this period: small ones are put together."""
        if self.scope.limit is None:
            return str
        if dimension not in self._named:
            self._named[dimension] = self.scope.groups(self._grouped(dimension))
        return self._named[dimension]

    @cached_property
    def _named(self) -> dict[str, Callable[[str], str]]:
        return {}

    @cached_property
    def live(self) -> Population:
        """Authorizations that are valid at the end of the period."""
        _, end = self.period.days
        return self._authorizations(
            lambda row: row.valid_from <= end <= row.valid_to and not (row.voided_on and row.voided_on <= end)
        )

    @cached_property
    def ended(self) -> Population:
        """Authorizations whose last valid day lies in the period, or which were voided in it."""
        start, end = self.period.days
        return self._authorizations(lambda row: start <= min(row.valid_to, row.voided_on or row.valid_to) <= end)

    @cached_property
    def _due(self) -> Sequence[Scheduled]:
        if self.around:
            return part_of(self.around._due, self.period)
        return scheduled(self.rows.authorizations, self.period)

    @cached_property
    def _new(self) -> set[int]:
        """Patients with a first authorization for an indication in the period, and none in the 12 months before it."""
        start, _ = self.period.days
        earliest = ReportPeriod(self.period.first.after(-12), self.period.last).days[0]
        had = {
            (row.patient, row.indication)
            for row in self.history.authorizations
            if row.valid_from < start and row.valid_to >= earliest
        }
        return {
            row.patient
            for row in (due.authorization for due in self._due)
            if row.valid_from >= start and (row.patient, row.indication) not in had
        }

    def _requests(self, moment: str, test: Callable[[RequestRow], bool] | None = None) -> Population:
        start, end = self.period.days
        place = RequestRow._fields.index(moment)
        rows = [row for row in self.rows.requests if start <= row[place] <= end]  # type: ignore[operator]
        if test:
            rows = [row for row in rows if test(row)]
        return Population(rows, [row.patient for row in rows], self._lines(rows))

    def _authorizations(self, test: Callable[[AuthorizationRow], bool]) -> Population:
        rows = [row for row in self.rows.authorizations if test(row)]
        return Population(rows, [row.patient for row in rows], self._lines(rows))

    def _lines(self, rows: Iterable[Any]) -> Sequence[str]:
        if not self.dimension:
            return ["" for _ in rows]
        return [self._group(row) for row in rows]

    def _group(self, row: Any) -> str:
        return self.groups(self.dimension)(DIMENSIONS[self.dimension](row))

    def _grouped(self, dimension: str) -> list[tuple[Sequence[str], Sequence[int]]]:
        """(groups, patients) of everything that a table by `dimension` counts."""
        group = DIMENSIONS[dimension]
        placed = self.assigned(group)
        seen: list[tuple[Sequence[str], Sequence[int]]] = [
            (list(placed.values()), list(placed)),
            ([group(row.authorization) for row in self._due], [row.patient for row in self._due]),
        ]
        if dimension in ("product", "weight"):
            return seen
        start, end = self.period.days
        for moment in ("filed_on", "decided_on"):
            place = RequestRow._fields.index(moment)
            rows = [row for row in self.rows.requests if start <= row[place] <= end]  # type: ignore[operator]
            seen.append(([group(row) for row in rows], [row.patient for row in rows]))
        return seen


def _no_group(row: AuthorizationRow) -> str:
    return ""
