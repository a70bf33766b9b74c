"""Requests that criteria leave open, with the facts that each lacks, as the judge would ask for them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from utilization.replay.parquet import quoted
from utilization.replay.queries import Store
from utilization.replay.rows import Row, facts_under
from utilization.rules.diagram.sql import CODES
from utilization.rules.judging.judge import Shelf, case_before
from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs.pack import Pack

OPEN_CODE = CODES[Outcome.NEEDS_INFORMATION]
_BEAT = 100


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that needs information by some criteria.

    `facts` are those that could still change its outcome, in the order of asking; none where it only awaits evidence
    that may still come. None: nobody asked the judge, because there are too many such requests.
    """

    uid: str
    facts: tuple[str, ...] | None


def open_request(pack: Pack, row: Row, shelf: Shelf) -> OpenRequest:
    """A row that needs information by `pack`, with the facts that it lacks."""
    return OpenRequest(row.uid, _lacking(pack, row.indication, row.facts, row.as_of, shelf))


def _lacking(pack: Pack, indication: str, facts: Mapping[str, Any], as_of: date, shelf: Shelf) -> tuple[str, ...]:
    case = case_before(pack, indication, facts_under(pack.catalogue, facts), shelf=shelf, as_of=as_of)
    return case.decide()[1] if case.indication else ()


def open_in_columns(
    store: Store, code: str, pack: Pack, shelf: Shelf, before: str, most: int, beat: Callable[[], None]
) -> list[OpenRequest]:
    """The requests of an indication that need information by `pack`, newest first; `most` of them with their facts.

    The table `changed` holds what `pack` changes, `before` (n, outcome), as SQL, what every row came to before it.
    `beat` is called now and then, as a sign of life.
    """
    file = f"read_parquet({quoted(store.place / f'{code}.parquet')})"
    store.con.execute(
        "CREATE OR REPLACE TEMP TABLE left_open AS SELECT r.n, r.uid,"
        " row_number() OVER (ORDER BY r.as_of DESC, r.n) AS place"
        f" FROM {file} r JOIN ({before}) b ON b.n = r.n LEFT JOIN changed c ON c.n = r.n"
        f" WHERE COALESCE(c.outcome, b.outcome) = {OPEN_CODE}"
    )
    asked = store.con.execute(
        f"SELECT l.uid, r.facts, r.as_of FROM left_open l JOIN {file} r ON r.n = l.n WHERE l.place <= {most}"
        " ORDER BY l.place"
    ).fetchall()
    rest = store.con.execute(f"SELECT uid FROM left_open WHERE place > {most} ORDER BY place").fetchall()
    found = []
    for done, (uid, facts, as_of) in enumerate(asked):
        if done % _BEAT == 0:
            beat()
        found.append(OpenRequest(uid, _lacking(pack, code, json.loads(facts), as_of, shelf)))
    return found + [OpenRequest(uid, None) for (uid,) in rest]
