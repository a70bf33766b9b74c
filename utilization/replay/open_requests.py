"""Requests that criteria leave open, with the facts that each lacks, as the judge would ask for them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from utilization.replay.parquet import quoted
from utilization.replay.queries import Store
from utilization.replay.rows import Row, facts_read, facts_under
from utilization.rules.diagram.sql import CODES
from utilization.rules.judging.judge import ReferenceTables, case_before
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


@dataclass(frozen=True, slots=True)
class OpenRow:
    """An open request in the columns: `n` is its row in the file of its indication."""

    as_of: date
    code: str
    n: int
    uid: str


def open_rows(store: Store, code: str, before: str) -> list[OpenRow]:
    """The requests of an indication that a pack leaves open: the table `changed` holds what the pack changes, `before`
    (n, outcome), as SQL, what every row came to before it.
    """
    file = f"read_parquet({quoted(store.place / f'{code}.parquet')})"
    rows = store.con.execute(
        f"SELECT r.as_of, r.n, r.uid FROM {file} r JOIN ({before}) b ON b.n = r.n LEFT JOIN changed c ON c.n = r.n"
        f" WHERE COALESCE(c.outcome, b.outcome) = {OPEN_CODE}"
    ).fetchall()
    return [OpenRow(as_of, code, n, uid) for as_of, n, uid in rows]


def asked_in_columns(
    store: Store, rows: Iterable[OpenRow], pack: Pack, tables: ReferenceTables, most: int, beat: Callable[[], None]
) -> list[OpenRequest]:
    """Every open request, newest first; the `most` newest with the facts that they lack by `pack`. `beat` is called now
    and then, as a heartbeat.
    """
    newest = sorted(rows, key=lambda row: (row.as_of, row.code, row.n), reverse=True)
    wanted: dict[str, list[OpenRow]] = defaultdict(list)
    for row in newest[:most]:
        wanted[row.code].append(row)
    lacking: dict[str, tuple[str, ...]] = {}
    for code, some in wanted.items():
        for done, filed in enumerate(_with_facts(store, code, some, pack)):
            if done % _BEAT == 0:
                beat()
            lacking[filed.uid] = _lacking(pack, filed, tables)
    return [OpenRequest(row.uid, lacking.get(row.uid)) for row in newest]


def _with_facts(store: Store, code: str, rows: Sequence[OpenRow], pack: Pack) -> list[Row]:
    file = f"read_parquet({quoted(store.place / f'{code}.parquet')})"
    wanted = ", ".join(f"({row.n})" for row in rows)
    found = store.con.execute(
        f"SELECT r.uid, r.as_of, r.facts FROM {file} r JOIN (VALUES {wanted}) w(n) ON w.n = r.n"
    ).fetchall()
    return [Row(uid, code, as_of, facts_read(facts, pack)) for uid, as_of, facts in found]


def asked_of_rows(
    rows: Iterable[Row], pack: Pack, tables: ReferenceTables, most: int, beat: Callable[[], None]
) -> list[OpenRequest]:  # fmt: skip
    """The open requests of a history in rows, as `asked_in_columns` has them."""
    newest = sorted(rows, key=lambda row: row.as_of, reverse=True)
    found = []
    for done, row in enumerate(newest):
        if done % _BEAT == 0:
            beat()
        found.append(OpenRequest(row.uid, _lacking(pack, row, tables) if done < most else None))
    return found


def _lacking(pack: Pack, row: Row, tables: ReferenceTables) -> tuple[str, ...]:
    facts = facts_under(pack.catalogue, row.facts)
    case = case_before(pack, row.indication, facts, tables=tables, as_of=row.as_of)
    return case.decide()[1] if case.indication else ()
