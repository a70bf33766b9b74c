"""Criteria run over a history in Parquet: in full, or a draft over what the kept results leave to find out.

A draft that changes some clauses of an indication is run over those clauses alone. Where a changed clause is known to
come to the same as before, the outcome is the one that was kept: every completion of the unknown facts comes to what it
came to. Where all clauses are known, the kept bits and the new results give the outcome. Only what is left, a changed
result beside clauses that are open, is run in full. A change of anything else (a redirect, a default, the dose rule,
which facts are asked for beside `surely`) runs the whole indication in full.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from utilization.replay.by_judge import kept_values
from utilization.replay.parquet import FORMAT, META, NotKept, ask, judged_paths, one_name_each, quoted
from utilization.replay.rows import facts_read, facts_under
from utilization.rules.columns.paths import Bit
from utilization.rules.columns.paths import Path as Judged
from utilization.rules.columns.sql import Kept, words_of
from utilization.rules.diagram.sql import REFUSED
from utilization.rules.judging.judge import ReferenceTables
from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs.pack import Pack

OPEN_ONES = "SELECT n FROM touched WHERE outcome < 0"
_NEVER = "0 = 1"
_MOST_NAMED = 10


@dataclass(frozen=True)
class Store:
    """An open history: its folder, what stands in it, and the connection that reads it."""

    place: Path
    meta: Mapping[str, Any]
    con: duckdb.DuckDBPyConnection

    @property
    def codes(self) -> tuple[str, ...]:
        """The indications that were asked for."""
        return tuple(self.meta["indications"])

    def written_by(self, pack: Pack, tables: ReferenceTables) -> bool:
        """Whether the kept results are those of `pack` with these tables."""
        return self.meta["pack"]["sha256"] == pack.sha256 and self.meta["shelf"] == tables.sha256

    def check(self, pack: Pack) -> None:
        """Raises NotKept where the pack looks for words in texts of which nothing was kept."""
        missing = sorted(words_of(pack) - set(self.meta["words"].get(str(pack.edition), ())))
        if missing:
            more = len(missing) - _MOST_NAMED
            named = ", ".join(missing[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
            raise NotKept(
                f"the history was written without the words {named}: write it again with the"
                f" criteria {pack.name} {pack.version} beside"
            )


def opened(place: Path) -> Store:
    """The history in a folder. Raises NotKept where there is none that this version reads."""
    try:
        meta = json.loads((place / META).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotKept("no history is kept there yet: write it first") from None
    if meta["format"] != FORMAT:
        raise NotKept("the history was kept by another version of the product: write it again")
    return Store(place, meta, duckdb.connect())


def source_of(store: Store, code: str, judged: Sequence[Judged], pack: Pack, tables: ReferenceTables) -> str:
    """The rows of an indication as SQL, with every kept column that `judged` needs.

    Those that the file has not yet are worked out now, and kept beside it for the next time.
    """
    kept = {name: one for path in judged for name, one in path.columns.kept.items()}
    missing = [one for name, one in kept.items() if name not in store.meta["indications"][code]["columns"]]
    new = [one for one in missing if not _beside(store, code, one).exists()]
    if new:
        _work_out(store, code, new, pack, tables)
    file = _sql(store.place / f"{code}.parquet")
    if not missing:
        return file
    joins = "".join(f" JOIN {_sql(_beside(store, code, one))} k{i} ON r.n = k{i}.n" for i, one in enumerate(missing))
    values = "".join(f", k{i}.value AS {one.name}" for i, one in enumerate(missing))
    return f"(SELECT r.*{values} FROM {file} r{joins})"


def _sql(path: Path) -> str:
    return f"read_parquet({quoted(path)})"


def _beside(store: Store, code: str, kept: Kept) -> Path:
    return store.place / f"{code}.{kept.name}.parquet"


def _work_out(store: Store, code: str, kept: Sequence[Kept], pack: Pack, tables: ReferenceTables) -> None:
    rows = store.con.execute(f"SELECT n, facts, as_of FROM {_sql(store.place / f'{code}.parquet')}").fetchall()
    found: list[list[Any]] = []
    for n, facts, as_of in rows:
        stated = one_name_each(facts_under(pack.catalogue, facts_read(facts, pack)))
        values = kept_values(pack, code, stated, as_of, tables, kept)
        found.append([n, *(values.get(one.name) for one in kept)])
    store.con.execute(
        "CREATE OR REPLACE TEMP TABLE worked (n BIGINT" + "".join(f", v{i} BOOLEAN" for i in range(len(kept))) + ")"
    )
    for start in range(0, len(found), 1000):
        lines = (
            "(" + ", ".join("NULL" if one is None else str(one) for one in line) + ")"
            for line in found[start : start + 1000]
        )
        store.con.execute(f"INSERT INTO worked VALUES {', '.join(lines)}")
    for i, one in enumerate(kept):
        path = quoted(_beside(store, code, one))
        store.con.execute(f"COPY (SELECT n, v{i} AS value FROM worked ORDER BY n) TO {path} (FORMAT parquet)")


def outcomes(store: Store, code: str, pack: Pack, tables: ReferenceTables, table: str) -> None:
    """Runs a pack over an indication in full: `table` (n, outcome) holds what every row comes to."""
    judged = judged_paths(pack, code, tables, store.meta["indications"][code]["columns"])
    queries = [path.outcome.replace("{more}", "") for path in judged]
    source = source_of(store, code, judged, pack, tables)
    queries = [query.replace("{rows}", source) for query in queries]
    told = " UNION ALL ".join(queries) or f"SELECT n, CAST(NULL AS INTEGER) AS outcome FROM {source}"
    store.con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {told}")
    _ask_rest(store, code, pack, tables, table)


def full(store: Store, code: str, pack: Pack, tables: ReferenceTables) -> None:
    """Runs a pack over an indication: `changed` (n, was, outcome) holds the rows that come to other than was kept."""
    _run(store, code, judged_paths(pack, code, tables, store.meta["indications"][code]["columns"]), pack, tables)


def _run(
    store: Store, code: str, judged: Sequence[Judged], pack: Pack, tables: ReferenceTables, restricted: str = ""
) -> None:
    """Fills `changed` from these paths; `restricted` says which rows are to be run, all of them otherwise."""
    queries = [path.outcome.replace("{more}", ", was") for path in judged]
    source = source_of(store, code, judged, pack, tables)
    if restricted:
        source = f"(SELECT * FROM {source} WHERE {restricted})"
    queries = [query.replace("{rows}", source) for query in queries]
    told = " UNION ALL ".join(queries) or f"SELECT n, was, CAST(NULL AS INTEGER) AS outcome FROM {source}"
    store.con.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS SELECT n, was, outcome FROM ({told}) t"
        " WHERE outcome IS DISTINCT FROM was"
    )
    if _ask_rest(store, code, pack, tables, "changed"):
        store.con.execute("DELETE FROM changed WHERE outcome = was")


def _ask_rest(store: Store, code: str, pack: Pack, tables: ReferenceTables, table: str) -> bool:
    """Lets the judge judge what `table` leaves without an outcome; whether there was any."""
    (left,) = store.con.execute(f"SELECT count(*) FROM {table} WHERE outcome IS NULL").fetchone()  # type: ignore[misc]  # a count is a row
    if left:
        file = _sql(store.place / f"{code}.parquet")
        which = f"SELECT n, facts, as_of FROM {file} WHERE n IN (SELECT n FROM {table} WHERE outcome IS NULL)"
        ask(store.con, which, pack, code, tables)
        store.con.execute(f"UPDATE {table} SET outcome = a.outcome FROM asked a WHERE {table}.n = a.n")
    return bool(left)


# --- A draft, over what is kept -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DraftDifference:
    """What a draft changes on one path: kept bits that it drops, and clauses that it brings."""

    path: Judged
    kept: tuple[Bit, ...]
    dropped: tuple[Bit, ...]
    brought: tuple[Bit, ...]

    @property
    def same(self) -> bool:
        return not self.dropped and not self.brought


def differences(store: Store, code: str, pack: Pack, tables: ReferenceTables) -> tuple[DraftDifference, ...] | None:
    """What the draft changes in an indication, path by path; None where the kept results do not serve."""
    meta = store.meta["indications"][code]
    judged = judged_paths(pack, code, tables, meta["columns"])
    if not judged or len(judged) != len(meta["paths"]):
        return None
    found = []
    for path, was in zip(judged, meta["paths"], strict=True):
        if was["bits"] is None or path.rests_on != was["rests_on"] or path.judged_as != was["judged_as"]:
            return None
        both = path.surely | set(was["surely"])
        if path.asked & both != set(was["asked"]) & both:
            return None
        bits = [Bit(*one) for one in was["bits"]]
        now, before = {(b.key, b.otherwise) for b in path.bits}, {(b.key, b.otherwise) for b in bits}
        found.append(
            DraftDifference(
                path,
                tuple(bit for bit in bits if (bit.key, bit.otherwise) in now),
                tuple(bit for bit in bits if (bit.key, bit.otherwise) not in now),
                tuple(bit for bit in path.bits if (bit.key, bit.otherwise) not in before),
            )
        )
    return tuple(found)


def draft(store: Store, code: str, found: Sequence[DraftDifference], pack: Pack, tables: ReferenceTables) -> None:
    """Runs a draft over an indication by what is kept: `changed` as `full` leaves it."""
    source = source_of(store, code, _needed(found), pack, tables)
    queries = [_combined(one, source) for one in found if not one.same]
    store.con.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {' UNION ALL '.join(queries)}")
    (first,) = store.con.execute("SELECT min(n) FROM touched WHERE outcome < 0").fetchone()  # type: ignore[misc]  # a count is a row
    if first is not None:
        # The open rows of a file come last: what stands before the first of them need not be read.
        changed = [one.path for one in found if not one.same]
        _run(store, code, changed, pack, tables, f"n >= {first} AND n IN ({OPEN_ONES})")
        store.con.execute(
            "INSERT INTO changed SELECT n, was, outcome FROM touched WHERE outcome >= 0 AND outcome <> was"
        )
    else:
        store.con.execute(
            "CREATE OR REPLACE TEMP TABLE changed AS SELECT n, was, outcome FROM touched WHERE outcome <> was"
        )


def _needed(found: Sequence[DraftDifference]) -> list[Judged]:
    """The paths, with those kept columns alone that the changed clauses read."""
    needed = []
    for one in found:
        text = " ".join([one.path.where, *(one.path.fails(bit) for bit in one.brought)])
        kept = {name: kept for name, kept in one.path.columns.kept.items() if name in text}
        needed.append(replace(one.path, columns=replace(one.path.columns, kept=kept)))
    return needed


def _combined(one: DraftDifference, source: str) -> str:
    """The rows whose outcome a draft may change, with the outcome, or -1 where the kept results cannot tell."""
    new = "".join(f", {one.path.fails(bit)} AS v{i}" for i, bit in enumerate(one.brought))
    unlike = " AND ".join(_alike(one)) or "TRUE"
    deny, review = str(Outcome.DOES_NOT_MEET), str(Outcome.EXCEPTION_REVIEW)
    denies, reviews = _any(one, deny, "failing", "v{}"), _any(one, review, "failing", "v{}")
    may_deny, may_review = _any(one, deny, "opened", "v{} IS NULL"), _any(one, review, "opened", "v{} IS NULL")
    return (
        f"SELECT n, was, CASE WHEN odd THEN -1 WHEN {denies} THEN 2 WHEN {may_deny} THEN -1 WHEN {reviews} THEN 4"
        f" WHEN {may_review} THEN -1 ELSE 1 END AS outcome"
        f" FROM (SELECT n, was, odd, failing, opened{new} FROM {source} WHERE {one.path.where} AND was <> {REFUSED}) r"
        f" WHERE odd OR NOT ({unlike})"
    )


def _alike(one: DraftDifference) -> list[str]:
    """Under which conditions the changed clauses are known to come to what they came to."""
    alike, paired = [], set()
    for i, bit in enumerate(one.brought):
        twin = next((b for b in one.dropped if b.id == bit.id and b.otherwise == bit.otherwise), None)
        if twin is None:
            alike.append(f"COALESCE(NOT v{i}, FALSE)")
        else:
            paired.add(twin)
            place = 2**twin.place
            alike.append(f"COALESCE(v{i} = ((failing & {place}) <> 0), FALSE) AND (opened & {place}) = 0")
    rest = sum(2**bit.place for bit in one.dropped if bit not in paired)
    if rest:
        alike.append(f"((failing | opened) & {rest}) = 0")
    return alike


def _any(one: DraftDifference, otherwise: str, column: str, new: str) -> str:
    mask = sum(2**bit.place for bit in one.kept if bit.otherwise == otherwise)
    parts = [f"({column} & {mask}) <> 0"] if mask else []
    parts += [f"COALESCE({new.format(i)}, FALSE)" for i, bit in enumerate(one.brought) if bit.otherwise == otherwise]
    return f"({' OR '.join(parts)})" if parts else f"({_NEVER})"
