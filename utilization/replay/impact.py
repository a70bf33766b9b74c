"""What a change of criteria would change: every request that would come to another outcome, and how many of a kind."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

from utilization.replay.by_judge import NAMES, code_of
from utilization.replay.open_requests import OPEN_CODE, OpenRequest, OpenRow, asked_in_columns, asked_of_rows, open_rows
from utilization.replay.parquet import Progress, quoted
from utilization.replay.queries import Store, differences, draft, full, opened, outcomes
from utilization.replay.rows import Row
from utilization.rules.judging.judge import ReferenceTables
from utilization.rules.packs.pack import Pack

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A request that comes to another outcome: `was` and `becomes` are words for outcomes, or `refused`."""

    uid: str
    indication: str
    was: str
    becomes: str
    grams: Decimal | None
    as_of: date
    kind: str


@dataclass
class Impact:
    """Every change, how many there are and the grams of a course that they ask for, by (indication, was, becomes).

    `judged` is how many requests were looked at, by indication. Grams that are not known count as none. `open` are the
    requests that need information by the new criteria, where it was asked for them.
    """

    changed: list[Change] = field(default_factory=list)
    judged: dict[str, int] = field(default_factory=dict)
    open: list[OpenRequest] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.judged.values())

    @property
    def counts(self) -> dict[Key, int]:
        return dict(Counter(_key(one) for one in self.changed))

    @property
    def grams(self) -> dict[Key, Decimal]:
        found: dict[Key, Decimal] = defaultdict(Decimal)
        for one in self.changed:
            found[_key(one)] += one.grams or 0
        return dict(found)


def _key(one: Change) -> Key:
    return one.indication, one.was, one.becomes


def impact(
    rows: Path | Sequence[Row],
    old: Pack,
    new: Pack,
    tables: ReferenceTables,
    progress: Progress | None = None,
    most_open: int = 0,
) -> Impact:
    """What `new` changes against `old` over a history: a folder written by `write`, or rows, which the judge judges.

    `progress` hears of (requests done, of how many). With `most_open` the requests that `new` leaves open are listed
    too, newest first, and so many of them with the facts that they lack. Raises NotKept where the folder does not hold
    what a pack asks.
    """
    tell = progress or _untold
    if not isinstance(rows, Path):
        return _plain_impact(rows, old, new, tables, tell, most_open)
    store = opened(rows)
    with store.con:
        store.check(new)
        if not store.written_by(old, tables):
            store.check(old)
        found, done, total = Impact(), 0, store.meta["total"]
        left_open: list[OpenRow] = []
        for code in store.codes:
            before = _run(store, code, old, new, tables)
            found.changed += _changes(store, code)
            if most_open:
                left_open += open_rows(store, code, before)
            found.judged[code] = store.meta["indications"][code]["rows"]
            done += found.judged[code]
            tell(done, total)
        found.open = asked_in_columns(store, left_open, new, tables, most_open, partial(tell, done, total))
        return found


def _untold(done: int, total: int) -> None:
    """Progress of which nobody wants to hear."""


def _run(store: Store, code: str, old: Pack, new: Pack, tables: ReferenceTables) -> str:
    """Fills the table `changed` for one indication; returns SQL for what each row came to before: (n, outcome)."""
    if not store.written_by(old, tables):
        outcomes(store, code, old, tables, "before")
        outcomes(store, code, new, tables, "after")
        store.con.execute(
            "CREATE OR REPLACE TEMP TABLE changed AS SELECT a.n, b.outcome AS was, a.outcome"
            " FROM after a JOIN before b ON a.n = b.n WHERE a.outcome <> b.outcome"
        )
        return "SELECT n, outcome FROM before"
    found = differences(store, code, new, tables)
    if found is None:
        full(store, code, new, tables)
    elif all(path.same for path in found):
        store.con.execute("CREATE OR REPLACE TEMP TABLE changed (n BIGINT, was TINYINT, outcome TINYINT)")
    else:
        draft(store, code, found, new, tables)
    return f"SELECT n, was AS outcome FROM read_parquet({quoted(store.place / f'{code}.parquet')})"


def _changes(store: Store, code: str) -> list[Change]:
    rows = store.con.execute(
        "SELECT r.uid, c.was, c.outcome, r.grams, r.as_of, r.kind FROM changed c"
        f" JOIN read_parquet({quoted(store.place / f'{code}.parquet')}) r ON r.n = c.n ORDER BY c.n"
    ).fetchall()
    return [
        Change(uid, code, NAMES[was], NAMES[becomes], grams, as_of, kind)
        for uid, was, becomes, grams, as_of, kind in rows
    ]  # fmt: skip


def _plain_impact(
    rows: Sequence[Row], old: Pack, new: Pack, tables: ReferenceTables, tell: Progress, most_open: int
) -> Impact:  # fmt: skip
    found = Impact(judged=dict(Counter(row.indication for row in rows)))
    left_open = []
    for done, row in enumerate(rows, 1):
        was, becomes = (code_of(pack, row.indication, row.facts, row.as_of, tables) for pack in (old, new))
        if was != becomes:
            found.changed.append(
                Change(row.uid, row.indication, NAMES[was], NAMES[becomes], row.grams, row.as_of, row.kind)
            )
        if becomes == OPEN_CODE:
            left_open.append(row)
        if done % 100 == 0 or done == len(rows):
            tell(done, len(rows))
    if most_open:
        found.open = asked_of_rows(left_open, new, tables, most_open, partial(tell, len(rows), len(rows)))
    return found


def columns_outcomes(place: Path, pack: Pack, tables: ReferenceTables) -> dict[str, str]:
    """The outcome of every request of a history by its uid, as the columns tell it."""
    store = opened(place)
    found: dict[str, str] = {}
    with store.con:
        store.check(pack)
        for code in store.codes:
            outcomes(store, code, pack, tables, "told")
            file = f"read_parquet({quoted(place / f'{code}.parquet')})"
            told = store.con.execute(f"SELECT r.uid, t.outcome FROM told t JOIN {file} r ON r.n = t.n").fetchall()
            found |= {uid: NAMES[outcome] for uid, outcome in told}
    return found
