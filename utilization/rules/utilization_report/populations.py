"""What a report counts in one period: populations of requests, authorizations and patients."""

from collections.abc import Callable, Mapping
from functools import cached_property

from utilization.rules.utilization_report.bitmaps import BitmapTable, Parts, merged
from utilization.rules.utilization_report.cells import Population, Scope
from utilization.rules.utilization_report.groups import DIMENSIONS
from utilization.rules.utilization_report.months import ReportPeriod
from utilization.rules.utilization_report.rows import ReportColumns
from utilization.rules.utilization_report.schedule import DueByTerms, due_by_terms, keep_due, part_of

Rows = tuple[int, int]
"""Bitmaps of requests and of authorizations."""


class Frame:
    """One period of `data`. Under a guarded `scope` with a filter, `dimension` is what `scope.line` is a group of.

    `within` are the requests and the authorizations that a report of every case was narrowed to. Whether a patient is
    new follows from all authorizations.
    """

    def __init__(
        self, data: ReportColumns, period: ReportPeriod, scope: Scope, dimension: str = "", within: Rows | None = None
    ):
        self.data, self.period, self.scope, self.dimension = data, period, scope, dimension
        self.requests, self.authorizations = data.requests, data.authorizations
        self.within = within or (data.requests.all, data.authorizations.all)
        self.around: Frame | None = None
        self._named: dict[str, Callable[[str], str]] = {}
        self._placed: dict[str, Parts] = {}

    def part(self, period: ReportPeriod) -> "Frame":
        """The frame of a period within this one."""
        part = Frame(self.data, period, self.scope, self.dimension, self.within)
        part.around = self
        return part

    @cached_property
    def filed(self) -> Population:
        """Requests filed in the period."""
        return self._requests(self._during("filed_on"))

    @cached_property
    def decided(self) -> Population:
        """Requests decided in the period."""
        return self._requests(self._during("decided_on"))

    @cached_property
    def withdrawn(self) -> Population:
        """Requests that ended in the period without a decision."""
        return self._requests(self._during("ended_on") & self.requests.parts("choice").get("", 0))

    @cached_property
    def scheduled(self) -> Population:
        """Authorizations with a course due in the period."""
        return self._authorizations(self._due)

    @cached_property
    def due_by_terms(self) -> DueByTerms:
        """The courses due in the period by month, for all terms of an authorization."""
        if self.around:
            return part_of(self.around.due_by_terms, self.period)
        return due_by_terms(self.authorizations, self.period)

    @cached_property
    def mg(self) -> str:
        """The column with the milligrams that each authorization has due in the period, where they are known."""
        name = f"due {self.period.first.code} to {self.period.last.code}"
        keep_due(self.authorizations, self.due_by_terms, name)
        return name

    @cached_property
    def given(self) -> Population:
        """Authorizations by which something was recorded as given in the period, with a course due in it or without."""
        return self._authorizations(self.authorizations.amounts(self.given_mg).known)

    @cached_property
    def given_mg(self) -> str:
        """The column with the milligrams recorded as given by each authorization in the period, where any were."""
        name = f"given {self.period.first.code} to {self.period.last.code}"
        months = {month.code for month in self.period.months}
        sums: dict[int, int] = {}
        for request, month, mg in self.data.given or ():
            if month in months:
                sums[request] = sums.get(request, 0) + mg
        self.authorizations.columns[name] = list(map(sums.get, self.authorizations.columns["request"]))
        return name

    @cached_property
    def patients(self) -> Population:
        """Everybody with a course due in the period, as one row, in the group in which most of their grams are."""
        people = self.authorizations.people(self._due)
        lines = merged(self.assigned(self.dimension), self.groups(self.dimension)) if self.dimension else {}
        return Population(self.authorizations, people, lines)

    @cached_property
    def patient_mg(self) -> str:
        """The column with the milligrams of each of `patients` where some are known."""
        name = f"{self.mg}, patient"
        if name not in self.authorizations.columns:
            sums: dict[int, int] = {}
            for patient, mg in self.authorizations.picked(self._due, "patient", self.mg):
                sums[patient] = sums.get(patient, 0) + (mg or 0)
            self.authorizations.keep(name, self.patients.rows, (mg or None for mg in sums.values()))
        return name

    def assigned(self, dimension: str) -> Parts:
        """The patients by the group with most known grams, then most courses, then the first by name."""
        if dimension not in self._placed:
            self._placed[dimension] = self._assigned(dimension)
        return self._placed[dimension]

    def _assigned(self, dimension: str) -> Parts:
        table = self.authorizations
        due = {
            group: rows & self._due for group, rows in table.parts(*DIMENSIONS[dimension]).items() if rows & self._due
        }
        placed = {group: table.people(rows) for group, rows in due.items()}
        seen = several = 0
        for people in placed.values():
            several |= seen & people
            seen |= people
        if not several:
            return placed
        best = self._most(due, set(table.picked(several, "patient")))
        rest = {group: people & ~several for group, people in placed.items()}
        for group, people in table.spread(several, map(best.__getitem__, table.picked(several, "patient"))).items():
            rest[group] |= people
        return {group: people for group, people in rest.items() if people}

    def _most(self, due: Parts, patients: set[int]) -> Mapping[int, str]:
        """For each of `patients`, who have several, the group that counts."""
        sums: dict[int, dict[str, list[int]]] = {patient: {} for patient in patients}
        for group, rows in due.items():
            for patient, mg, courses in self.authorizations.picked(rows, "patient", self.mg, f"{self.mg}, courses"):
                if patient in patients:
                    held = sums[patient].setdefault(group, [0, 0])
                    held[0] -= mg or 0
                    held[1] -= courses
        return {patient: min(held, key=lambda group: (held[group], group)) for patient, held in sums.items()}

    def groups(self, dimension: str) -> Callable[[str], str]:
        """How the groups of `dimension` are named in this period: small ones are put together."""
        if self.scope.limit is None:
            return str
        if dimension not in self._named:
            self._named[dimension] = self.scope.groups(self._grouped(dimension))
        return self._named[dimension]

    @cached_property
    def live(self) -> Population:
        """Authorizations that are valid at the end of the period."""
        table, (_, end) = self.authorizations, self.period.days
        valid = table.where("valid_from", lambda day: day <= end) & table.where("valid_to", lambda day: day >= end)
        return self._authorizations(valid & ~table.where("voided_on", lambda day: day and day <= end))

    @cached_property
    def ended(self) -> Population:
        """Authorizations whose last valid day lies in the period, or which were voided in it."""
        table, (start, end) = self.authorizations, self.period.days
        after = table.where("valid_to", lambda day: day >= start) & table.where(
            "voided_on", lambda d: not d or d >= start
        )
        by = table.where("valid_to", lambda day: day <= end) | table.where("voided_on", lambda day: day and day <= end)
        return self._authorizations(after & by)

    @cached_property
    def new(self) -> int:
        """Those of `patients` with a first authorization for an indication in the period, and none in the 12 months
        before it."""
        table, (start, _) = self.authorizations, self.period.days
        earliest = ReportPeriod(self.period.first.after(-12), self.period.last).days[0]
        begun = table.where("valid_from", lambda day: day >= start)
        before = ~begun & table.where("valid_to", lambda day: day >= earliest)
        new = 0
        for rows in table.parts("indication").values():
            new |= table.people(rows & self._due & begun) & ~table.people(rows & before)
        return new

    @cached_property
    def _due(self) -> int:
        return self.authorizations.where(f"{self.mg}, courses", bool) & self.within[1]

    def _during(self, moment: str) -> int:
        start, end = self.period.days
        return self.requests.where(moment, lambda day: start <= day <= end)

    def _requests(self, rows: int) -> Population:
        return Population(self.requests, rows & self.within[0], self._lines(self.requests))

    def _authorizations(self, rows: int) -> Population:
        return Population(self.authorizations, rows & self.within[1], self._lines(self.authorizations))

    def _lines(self, table: BitmapTable) -> Parts:
        if not self.dimension:
            return {}
        return merged(table.parts(*DIMENSIONS[self.dimension]), self.groups(self.dimension))

    def _grouped(self, dimension: str) -> list[tuple[BitmapTable, Parts]]:
        """The groups of everything that a table by `dimension` counts."""
        column = DIMENSIONS[dimension]
        seen: list[tuple[BitmapTable, Parts]] = [
            (self.authorizations, self.assigned(dimension)),
            (self.authorizations, _of(self._due, self.authorizations.parts(*column))),
        ]
        if dimension in ("product", "weight"):
            return seen
        requests = self.requests.parts(*column)
        return [*seen, *((self.requests, _of(self._during(moment), requests)) for moment in ("filed_on", "decided_on"))]


def _of(rows: int, parts: Parts) -> Parts:
    return {key: held & rows for key, held in parts.items()}
