"""Where rows differ from the log, of what came through the doors."""

from utilization.reconciliation import reconcile

LAID = {"user", "membership", "site", "department"}
"""Tables whose rows a cast lays into the database by hand."""


def differences():
    """The findings about rows that were not laid by hand."""
    return [finding for finding in reconcile().findings if finding.place.table not in LAID]
