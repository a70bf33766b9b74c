"""A table of one partition: a row a key, each as a share of the whole."""

from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis
from utilization.rules.utilization_report.bitmaps import Parts
from utilization.rules.utilization_report.cells import OTHER, Population
from utilization.rules.utilization_report.figures import row, share, table
from utilization.rules.utilization_report.shares import Under


def split_table(
    basis: ReportBasis,
    said: tuple[str, str, str, str],
    population: Population,
    keys: Parts,
    under: Under = None,
    **counts: str,
) -> dict[str, Any]:
    """`population` by key. `said` is the table's id, its title, what it counts, and the kind of the keys;
    `counts` is what else holds of each row."""
    name, title, meaning, kind = said
    split = basis.scope.split(population, keys, under=under)
    ordered = sorted(split.rows, key=lambda key: (key == OTHER, -split.rows[key], key))
    rows = [
        row(
            key,
            basis.word(kind, key),
            [share(split.rows[key], split.total, **({kind: key, **counts} if basis.raw else {}))],
        )
        for key in (ordered if split.shown else ())
    ]
    return table(name, title, (title, "Requests"), rows, meaning)
