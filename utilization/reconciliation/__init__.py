"""The rows of the database held against the log: what the entries say they are, column by column.

`reconcile()` is all that pages, jobs and commands call. Which column is evidence, and by which entry, stands in
`columns.py`.
"""

from utilization.reconciliation.findings import Finding, Reconciliation, Uncovered

__all__ = ["Finding", "Reconciliation", "Uncovered"]
