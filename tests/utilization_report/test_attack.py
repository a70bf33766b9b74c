"""Nothing about fewer patients than the limit can be worked out from reports for circulation, however many one has."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.utilization_report.attacker import COUNTS, Attack, Truth
from tests.utilization_report.sites import DEPARTMENTS, INDICATIONS, NAMES, YEAR, site
from utilization.rules.utilization_report import basis, cells, demand
from utilization.rules.utilization_report import given as given_rules
from utilization.rules.utilization_report.groups import AGE_GROUPS, age_group
from utilization.rules.utilization_report.months import ReportPeriod
from utilization.rules.utilization_report.report import About, Asked, report
from utilization.rules.utilization_report.rows import GivenRow, Rows, columns_of

pytestmark = pytest.mark.long

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
    given = [one.conditions for one in said if one.measure == "given_mg"]
    assert frozenset() in given, "what is recorded in all"
    assert {"indication", "department"} <= {name for held in given for name, _ in held}
    assert any("dose recorded" in dict(one.conditions) for one in said)


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
        given = tuple(row for row in rows.given if row.request in kept)
        narrow = Rows(requests, tuple(filter(fits, rows.authorizations)), unmet, rows.publications, given)
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


@pytest.mark.parametrize("few", ["with a record", "without one"])
def test_records_of_few_do_not_come_out_and_the_attacker_would_see_them(monkeypatch, few):
    """Of three patients something is recorded as given, or of all but three."""
    rows = site(*SITES["small"][:4])
    given = tuple(
        GivenRow(row.request, f"{year}-06", 20_000)
        for row in rows.authorizations
        for year in (2024, 2025)
        if (row.patient <= 3) == (few == "with a record")
    )
    rows = rows._replace(given=given)
    truth = Truth(rows)
    assert Attack(published(rows, 5), truth, 5).leaks() == set()

    def unguarded(tables):
        return lambda basis: tables(replace(basis, scope=replace(basis.scope, limit=None)))

    monkeypatch.setattr(demand, "given_table", unguarded(demand.given_table))
    monkeypatch.setattr(given_rules, "given_by_indication", unguarded(given_rules.given_by_indication))
    leaks = Attack(published(rows, 5)[:1], truth, 5).leaks()
    assert any("shown: dose recorded" in leak or "less dose recorded" in leak for leak in leaks)
    if few == "with a record":
        assert any("given_mg 2025" in leak for leak in leaks)
