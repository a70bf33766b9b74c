"""The utilization report of a site, sections 0 to 10, as one frozen value: page, PDF and CSV print it, and no more."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from utilization.rules.canonical_json import canonical
from utilization.rules.utilization_report import (
    criteria,
    decisions,
    demand,
    dose,
    given,
    missing_data,
    renewal,
    sentence,
    tiles,
    uses,
    variation,
)
from utilization.rules.utilization_report.basis import ReportBasis, basis_of
from utilization.rules.utilization_report.cells import OTHER
from utilization.rules.utilization_report.figures import row, table, text
from utilization.rules.utilization_report.groups import FILTERS
from utilization.rules.utilization_report.months import ReportPeriod, UnreadablePeriod
from utilization.rules.utilization_report.rows import ReportColumns

FORM = 3
EVERY_CASE, CIRCULATION = "every_case", "circulation"
LIMITS = (11, 8, 5)
"""The least patients of a group that is shown in circulation, from which a site chooses."""
WORDS = (
    "Filed: the first submission lies in the period, in the site’s time zone. Decided: the decision was signed in it.",
    (
        "Scheduled grams: of each authorization, the grams of each course due in the period: course n on its first"
        " valid day and n intervals, not after its last valid day nor from the day of its voiding on."
    ),
    "Scheduled grams are not grams given. Unknown grams are counted as unknown, never as 0.",
    (
        "Grams given stand where they were recorded alone, beside how many authorizations have a record: infusions of"
        " days in the period, as corrected. Where none is recorded, nothing is known of what was given."
    ),
    (
        "New patient: the first authorization for the indication lies in the period, and none was valid in the 12"
        " months before it. Adult: 18 years and over."
    ),
    (
        "Facts, dose and outcome are those of the submission that was decided on; grams allowed are those after a"
        " reviewer’s change."
    ),
)
_BUILTIN = "Before the first of them, and where none is listed, the built-in criteria judged."
_GUARD = (
    "For circulation: no group of 1 to {most} patients is shown, nor what would give one. Small groups are put together"
    " or not shown; whole report years only, and one filter at a time."
)


class Asked(NamedTuple):
    """What a report is asked for: its period, its filters, and the least patients of a group; None shows every case."""

    period: ReportPeriod
    chosen: Mapping[str, str]
    limit: int | None


class About(NamedTuple):
    """Which site a report is about. No clock is in the value: the same rows give the same hash whenever."""

    site: str
    zone: str


def report(data: ReportColumns, asked: Asked, names: Mapping[str, Mapping[str, str]], about: About) -> dict[str, Any]:
    """The frozen value. `names` has a word for each code, by kind of code. Raises UnreadablePeriod for several filters
    of a report for circulation, and for an unknown one."""
    if unknown := asked.chosen.keys() - set(FILTERS):
        raise UnreadablePeriod(f"There is no filter {min(unknown)}.")
    if asked.limit is not None and len(asked.chosen) > 1:
        raise UnreadablePeriod("A report for circulation has one filter at a time. Clear the others.")
    basis = basis_of(data, asked.period, asked.limit, asked.chosen, names)
    now, before = tiles.snapshot(basis, basis.now), tiles.snapshot(basis, basis.before)
    return {
        "form": FORM,
        "site": about.site,
        "zone": about.zone,
        "edition": EVERY_CASE if asked.limit is None else CIRCULATION,
        "limit": asked.limit,
        "period": _period(asked.period),
        "before": _period(asked.period.before),
        "filter": [
            {"name": name, "key": key, "label": basis.word(name, key)} for name, key in sorted(asked.chosen.items())
        ],
        "too_small": _too_small(basis),
        "sentence": sentence.sentence(now, before),
        "tiles": tiles.tiles(now, before),
        "sections": _sections(basis, now),
        "dots": dose.dots(basis),
        "therapy": renewal.time_on_therapy(basis),
        "publications": _publications(basis),
        "words": [*WORDS, *([_GUARD.format(most=asked.limit - 1)] if asked.limit else [])],
        "not_answered": list(missing_data.NOT_ANSWERED),
    }


def value_hash(value: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes of a report, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _period(period: ReportPeriod) -> dict[str, Any]:
    first, last = period.days
    return {"first": period.first.code, "last": period.last.code, "from": first, "to": last, "months": period.length}


def _too_small(basis: ReportBasis) -> bool:
    """Whether the one group that a report for circulation is about is too small to be shown by itself."""
    chosen = basis.chosen.items() if not basis.raw else ()
    return any(basis.now.groups(dimension)(code) == OTHER for dimension, code in chosen)


def _sections(basis: ReportBasis, now: tiles.Snapshot) -> list[dict[str, Any]]:
    narrow = bool(basis.scope.line)
    where = [] if narrow else [uses.use_table(basis, "indication", now)]
    if where and basis.now.data.given is not None:
        where.append(given.given_by_indication(basis))
    who = (
        []
        if narrow
        else [uses.use_table(basis, name, now) for name in ("department", "age", "kind", "product", "weight")]
    )
    doses = dose.dose_tables(basis)
    parts: list[tuple[int, str, list[dict[str, Any]]]] = [
        (0, "What this counts", [_packs(basis)]),
        (2, "Demand", demand.demand_tables(basis)),
        (3, "Where it goes", where),
        (4, "Who", who),
        (5, "Criteria", criteria.criteria_tables(basis)),
        (6, "Dose", doses[1:] if narrow else doses),
        (7, "Decisions, time", decisions.decision_tables(basis)),
        (8, "Renewal, response", renewal.renewal_tables(basis)),
        (9, "Concentration, variation", variation.variation_tables(basis, now)),
        (10, "What is missing", missing_data.gap_tables(basis)),
    ]
    return [{"number": number, "title": title, "tables": tables} for number, title, tables in parts]


def _publications(basis: ReportBasis) -> list[dict[str, Any]]:
    return [publication._asdict() for publication in basis.now.data.publications]


def _packs(basis: ReportBasis) -> dict[str, Any]:
    """The versions of the criteria in force on a day of the period."""
    start, end = basis.now.period.days
    begun = sorted(
        (row for row in basis.now.data.publications if row.effective_from <= end), key=lambda row: row.effective_from
    )
    before = [row for row in begun if row.effective_from <= start][-1:]
    rows = [
        row(line.sha256, f"{line.name} {line.version}", [text(line.effective_from), text(line.sha256)])
        for line in (*before, *(line for line in begun if line.effective_from > start))
    ]
    return table("packs", "Criteria in force", ("Criteria", "In force from", "SHA-256"), rows, _BUILTIN)
