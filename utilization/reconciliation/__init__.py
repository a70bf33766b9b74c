"""The rows of the database held against the log: what its entries say that they are, column by column.

`reconcile()` is all that pages, jobs and commands call. Which column is evidence, and by which entries, stands in
`columns/`.
"""

from utilization.reconciliation.check import reconcile
from utilization.reconciliation.findings import Discrepancy, Reconciliation, RowPlace, Uncovered

__all__ = ["Discrepancy", "Reconciliation", "RowPlace", "Uncovered", "reconcile"]
