"""What every section is reckoned from: the period, the one before, both together, and the words for codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from utilization.rules.utilization_report.bitmaps import merged
from utilization.rules.utilization_report.cells import ALL, HIDDEN, OTHER, Population, Scope, Split
from utilization.rules.utilization_report.groups import AGE_GROUPS, DIMENSIONS, UNKNOWN, WEIGHT_BANDS
from utilization.rules.utilization_report.months import ReportPeriod
from utilization.rules.utilization_report.populations import Frame
from utilization.rules.utilization_report.rows import ReportColumns

FIXED = {"age": list(AGE_GROUPS), "weight": list(WEIGHT_BANDS), "kind": ["initial", "renewal"]}
"""Groups that have an order of their own."""
_WORDS = {
    "kind": {"initial": "Initial", "renewal": "Renewal"},
    "age": {group: f"{group.replace('-', ' to ').replace('+', ' and over')} years" for group in AGE_GROUPS},
    "weight": {band: f"{band.replace('-', ' to ').replace('+', ' and over')} kg" for band in WEIGHT_BANDS},
}


def group_words(dimension: str) -> Mapping[str, str]:
    """The words for the groups of a dimension whose groups are fixed."""
    return _WORDS[dimension]


@dataclass(frozen=True, slots=True)
class ReportBasis:
    """`now` and `before` are the period and the one it is held against, `both` reaches from one to the other.

    `names` has a word for each code, by what it is a code of; `chosen` is what the report is narrowed to, by dimension.
    """

    now: Frame
    before: Frame
    both: Frame
    scope: Scope
    names: Mapping[str, Mapping[str, str]]
    chosen: Mapping[str, str]

    @property
    def raw(self) -> bool:
        return self.scope.limit is None

    def word(self, kind: str, code: str) -> str:
        """The word for `code`; a code that has none any more is made readable."""
        if code == OTHER:
            return "Other, small groups put together"
        known = self.names.get(kind, {}).get(code) or _WORDS.get(kind, {}).get(code)
        return known or ("Not known" if code in ("", UNKNOWN) else code.replace("_", " ").capitalize())

    def grouped(self, frame: Frame, dimension: str, population: Population) -> dict[str, int]:
        """`population` by the groups of `dimension`, small ones put together as in every table of the period."""
        return merged(population.parts(*DIMENSIONS[dimension]), frame.groups(dimension))


def line_of(basis: ReportBasis, splits: Mapping[str, Split], line: str) -> Split:
    """The split of a line: where it is missing, the line has no rows, or in a guarded report is not shown."""
    return splits.get(line, Split() if basis.raw else HIDDEN)


def root(basis: ReportBasis, population: Population) -> Split:
    """The number of a whole population."""
    return basis.scope.split(population, {ALL: population.rows})


def basis_of(
    data: ReportColumns, period: ReportPeriod, limit: int | None, chosen: Mapping[str, str], names: Mapping[str, Any]
) -> ReportBasis:
    """The basis of a report of `data`, narrowed to `chosen`. With a `limit`, by one group at most."""
    span = ReportPeriod(period.before.first, period.last)
    if limit is None:
        scope = Scope()
        both = Frame(data, span, scope, within=narrowed(data, chosen))
    else:
        ((dimension, line),) = chosen.items() or (("", ""),)
        scope = Scope(limit, line)
        both = Frame(data, span, replace(scope, line=""), dimension)
    return ReportBasis(both.part(period), both.part(period.before), both, scope, names, chosen)


def narrowed(data: ReportColumns, chosen: Mapping[str, str]) -> tuple[int, int]:
    """The requests and the authorizations of the groups of `chosen`."""
    requests, authorizations = data.requests.all, data.authorizations.all
    for dimension, wanted in chosen.items():
        requests &= data.requests.parts(*DIMENSIONS[dimension]).get(wanted, 0)
        authorizations &= data.authorizations.parts(*DIMENSIONS[dimension]).get(wanted, 0)
    return requests, authorizations


def ordered(basis: ReportBasis, dimension: str, sizes: Mapping[str, int]) -> Sequence[str]:
    """The groups of a table: in an order of their own, or by size; other and unknown last."""
    last = {OTHER: 1, UNKNOWN: 2, "": 2}
    fixed = {code: place for place, code in enumerate(FIXED.get(dimension, ()))}
    return sorted(
        sizes,
        key=lambda code: (last.get(code, 0), fixed.get(code, 0), -sizes[code], basis.word(dimension, code).casefold()),
    )
