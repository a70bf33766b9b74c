"""How the columns of a table are declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field

OWN_KEY = "the database's own key: what points to the row is checked where it points"


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table: those that are `evidence`, by the entries that they follow from, and those `aside`, with
    the reason why they are no evidence."""

    evidence: Mapping[str, str] = field(default_factory=dict)
    aside: Mapping[str, str] = field(default_factory=dict)
