"""Every column of every table: the entries of the log that it follows from, or why it is no evidence.

A line a column. A column that stands nowhere here is found by a test, and so is one that is called evidence and not
checked. Of what is evidence, `comparison` asks the expected value of each column, so that none is left out.
"""

from collections.abc import Mapping

from utilization.reconciliation.columns.beside import BESIDE, OTHER_TABLES
from utilization.reconciliation.columns.criteria import CRITERIA
from utilization.reconciliation.columns.people import PEOPLE
from utilization.reconciliation.columns.requests import REQUESTS
from utilization.reconciliation.columns.summaries import SUMMARIES
from utilization.reconciliation.columns.table import OWN_KEY, Table

TABLES: Mapping[str, Table] = {**REQUESTS, **SUMMARIES, **PEOPLE, **CRITERIA, **BESIDE}

__all__ = ["OTHER_TABLES", "OWN_KEY", "TABLES", "Table"]
