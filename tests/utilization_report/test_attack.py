"""Nothing about fewer patients than the limit can be worked out from reports for circulation, however many one has."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from tests.utilization_report.attacker import COUNTS, Attack, Truth
from tests.utilization_report.sites import DEPARTMENTS, INDICATIONS, NAMES, YEAR, site
from utilization.rules.utilization_report import basis, cells
from utilization.rules.utilization_report.groups import AGE_GROUPS, age_group
from utilization.rules.utilization_report.months import ReportPeriod
from utilization.rules.utilization_report.report import About, Asked, report
from utilization.rules.utilization_report.rows import Rows, columns_of

ABOUT = About("A hospital", "UTC")
FILTERS = [
    {},
    *({"department": code} for code in DEPARTMENTS),
    *({"indication": code} for code in INDICATIONS),
    *({"kind": code} for code in ("initial", "renewal")),
    *({"age": code} for code in AGE_GROUPS),
]
SITES = {
    "large": (1, 160, 800, 0.6, 11),
    "lopsided": (2, 110, 600, 0.35, 11),
    "small groups": (3, 60, 350, 0.5, 8),
    "small": (4, 25, 160, 0.8, 5),
    "one patient": (5, 1, 9, 0.6, 11),
    "few": (6, 14, 60, 0.9, 11),
}


def published(rows: Rows, limit: int, periods: Iterable[ReportPeriod] = (YEAR,)) -> list[dict]:
    """Every report for circulation that a site gives out."""
    data = columns_of(rows)
    return [report(data, Asked(period, chosen, limit), NAMES, ABOUT) for period in periods for chosen in FILTERS]


@pytest.mark.parametrize("name", SITES)
def test_nothing_below_the_limit_comes_out(name):
    seed, patients, requests, slope, limit = SITES[name]
    rows = site(seed, patients, requests, slope)
    attack = Attack(published(rows, limit, (YEAR, YEAR.before)), Truth(rows), limit)
    assert attack.leaks() == set()


@pytest.mark.parametrize("name", SITES)
def test_every_count_is_true(name):
    """What the attacker takes a number to be about is what it is about, and so many are there."""
    seed, patients, requests, slope, limit = SITES[name]
    rows = site(seed, patients, requests, slope)
    truth = Truth(rows)
    for said in Attack(published(rows, limit, (YEAR, YEAR.before)), truth, limit).said:
        if said.measure in COUNTS:
            assert truth.mask(*said[:3]).bit_count() == said.value, said


def test_reports_do_say_something():
    rows = site(*SITES["large"][:4])
    said = Attack(published(rows, 11), Truth(rows), 11).said
    assert len(said) > 300
    counted = {"people", "due", "decided", "filed", "withdrawn", "ended"}
    assert {one.measure for one in said} >= counted | {"due_mg", "due_by_month", "seconds", "allowed_mg"}


def test_the_attacker_beats_stars_alone(monkeypatch):
    """A guard that hides each small cell by itself, and nothing else."""

    def starred(lines, limit):
        return frozenset(
            line for line, held in lines.items() if any(len(cell.patients) < limit for cell in held.values())
        )

    monkeypatch.setattr(cells, "_pooled", starred)
    rows = site(*SITES["lopsided"][:4])
    assert any("less" in leak for leak in Attack(published(rows, 11)[:1], Truth(rows), 11).leaks())


def test_the_attacker_beats_filters_that_look_at_themselves_alone(monkeypatch):
    """A guard that is right within each report, and does not think of what is left of the whole."""
    whole = basis.basis_of

    rows = site(*SITES["lopsided"][:4])
    groups = {
        "department": lambda row: row.department,
        "indication": lambda row: row.indication,
        "kind": lambda row: row.kind,
        "age": lambda row: age_group(row.age_years),
    }

    def narrowed(data, period, limit, chosen, names):
        def fits(row):
            return all(groups[name](row) == wanted for name, wanted in chosen.items())

        requests = tuple(filter(fits, rows.requests))
        kept = {row.request for row in requests}
        unmet = tuple(row for row in rows.unmet if row.request in kept)
        narrow = Rows(requests, tuple(filter(fits, rows.authorizations)), unmet, rows.publications)
        return whole(columns_of(narrow), period, limit, {}, names)

    monkeypatch.setattr("utilization.rules.utilization_report.report.basis_of", narrowed)
    truth = Truth(rows)
    everything, *narrow = published(rows, 11)
    assert Attack([everything], truth, 11).leaks() == set()
    assert any(Attack([everything, one], truth, 11).leaks() for one in narrow)


def test_the_attacker_beats_medians_of_few(monkeypatch):
    monkeypatch.setattr(
        cells.Scope,
        "_centile",
        lambda self, table, amounts, rows, percent: Decimal(
            amounts.lowest(rows, -(-rows.bit_count() * percent // 100))[0]
        ),
    )
    rows = site(*SITES["lopsided"][:4])
    assert any("centile" in leak for leak in Attack(published(rows, 11), Truth(rows), 11).leaks())
