"""A history kept in Parquet: a file for each indication, a row a request, and beside them what the columns are.

With each row stands what the criteria it was written by came to: the outcome and a bit for each clause, so that a draft
which changes a few clauses needs those alone. Rows with a clause left open come last in a file, so that a query which
needs only them skips the rest.
"""

import csv
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from utilization.replay.by_judge import code_of, kept_values
from utilization.replay.rows import Row, WordsByEdition, facts_kept, facts_read, facts_under, words_by_edition
from utilization.rules.columns.paths import Path as Judged
from utilization.rules.columns.paths import paths
from utilization.rules.columns.sql import Kept, column_of, columns, fits
from utilization.rules.facts.ages import named_alike
from utilization.rules.facts.catalogue import SAME_AS
from utilization.rules.facts.values import Facts, in_unit_of, plain
from utilization.rules.judging.judge import ReferenceTables
from utilization.rules.packs.pack import Pack

Progress = Callable[[int, int], None]
FORMAT = 2
META = "meta.json"
ROWS_A_GROUP = 20_480
_CODE = re.compile(r"[a-z0-9_]+", re.ASCII)
_FIXED = {
    "uid": "VARCHAR", "kind": "VARCHAR", "as_of": "DATE", "grams": "DECIMAL(18,6)", "judged": "VARCHAR",
    "odd": "BOOLEAN", "facts": "VARCHAR",
}  # fmt: skip


class NotKept(ValueError):
    """The rows lack what a pack asks of them; write the history again with that pack beside."""


@dataclass
class _File:
    """The rows of one indication while they are written."""

    code: str
    path: Path
    types: dict[str, str]
    kept: dict[int, list[Kept]]
    judged: tuple[Judged, ...]
    used: set[str] = field(default_factory=set)
    rows: int = 0


def write(
    rows: Iterable[Row],
    place: Path,
    pack: Pack,
    tables: ReferenceTables,
    also: Sequence[Pack] = (),
    progress: Progress | None = None,
    expected: int = 0,
) -> Path:
    """Writes a history to the folder `place`, anew, with what `pack` comes to; columns serve the packs in `also` too.

    Nothing of a text is kept but the words for which these packs look. `progress` hears of (rows written, expected).
    """
    packs = [pack, *also]
    words = words_by_edition(packs)
    place.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        files: dict[str, _File] = {}
        handles: dict[str, Any] = {}
        try:
            for done, row in enumerate(rows, 1):
                if row.indication not in files:
                    opened = files[row.indication] = _opened(row.indication, making, packs, tables)
                    handle = opened.path.open("w", newline="", encoding="utf-8")
                    writer = csv.DictWriter(handle, list(opened.types), restval="")
                    writer.writeheader()
                    handles[row.indication] = handle, writer
                values = _values(row, files[row.indication], packs, tables, words)
                handles[row.indication][1].writerow(values)
                if progress is not None and done % 1000 == 0:
                    progress(done, max(done, expected))
        finally:
            for handle, _ in handles.values():
                handle.close()
        described = {code: _finished(file, making, pack, tables) for code, file in sorted(files.items())}
        meta = {
            "format": FORMAT,
            "pack": pack.identity,
            "shelf": tables.sha256,
            "words": {edition: sorted(of_edition) for edition, of_edition in words.items()},
            "total": sum(file.rows for file in files.values()),
            "indications": described,
        }
        (making / META).write_text(json.dumps(meta, indent=1), encoding="utf-8")
        _replace(place, making)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return place


def _replace(place: Path, making: Path) -> None:
    """Put `making` in the place of what is at `place`, which is never there in parts: killed between the two moves, a
    process leaves nothing there."""
    old = making.with_name(f"{making.name}.old")
    if place.exists():
        place.rename(old)
    making.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _opened(code: str, making: Path, packs: Sequence[Pack], tables: ReferenceTables) -> _File:
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is no code of an indication")
    have: dict[str, str] = {}
    for pack in packs:
        have |= columns(pack.catalogue)
    have |= {f"has_{fact.name}": "BOOLEAN" for pack in packs for fact in pack.catalogue.values() if not column_of(fact)}
    types = {**_FIXED, **have}
    kept: dict[int, list[Kept]] = {}
    judged: tuple[Judged, ...] = ()
    for i, pack in enumerate(packs):
        found = judged_paths(pack, code, tables, have, fresh=True)
        judged = found if i == 0 else judged
        wanted = {name: one for path in found for name, one in path.columns.kept.items() if name not in types}
        types |= dict.fromkeys(wanted, "BOOLEAN")
        kept[i] = list(wanted.values())
    return _File(code, making / f"{code}.csv", types, kept, judged)


def quoted(path: Path) -> str:
    """A path as SQL says it."""
    return "'" + str(path).replace("'", "''") + "'"


def judged_paths(
    pack: Pack, code: str, tables: ReferenceTables, have: Mapping[str, str], fresh: bool = False
) -> tuple[Judged, ...]:  # fmt: skip
    """How requests for `code` are judged in columns; nothing where they cannot be, and the judge is asked for each."""
    return _paths(_Same(pack), code, tables.sha256, tuple(have.items()), fresh)


class _Same:
    """A pack as a key: two with one hash are one."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.pack.sha256 == self.pack.sha256

    def __hash__(self) -> int:
        return hash(self.pack.sha256)


@lru_cache(maxsize=256)
def _paths(
    same: _Same, code: str, tables_sha256: str, have: tuple[tuple[str, str], ...], fresh: bool
) -> tuple[Judged, ...]:
    try:
        found = paths(same.pack, code, tables_sha256, dict(have), fresh)
    except ValueError:
        return ()
    for path in found if fresh else ():
        # What a file must have is known once all that will be asked of it is written out.
        _ = path.outcome, path.results
    return found


def _values(
    row: Row, file: _File, packs: Sequence[Pack], tables: ReferenceTables, words: WordsByEdition
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "uid": row.uid, "kind": row.kind, "as_of": row.as_of, "judged": row.judged,
        "grams": "" if row.grams is None else plain(row.grams),
        "facts": facts_kept(row.facts, packs, words, tables),
    }  # fmt: skip
    odd = False
    for i, pack in enumerate(packs):
        facts = one_name_each(facts_under(pack.catalogue, row.facts))
        for name, value in facts.items():
            fact = pack.catalogue[name]
            column = column_of(fact)
            if column is None:
                found[f"has_{name}"] = "true"
            elif fits(value):
                found[column[0]] = _text(value)
            else:
                odd = True
        for name, truth in kept_values(pack, row.indication, facts, row.as_of, tables, file.kept[i]).items():
            found[name] = "" if truth is None else _text(truth)
    found["odd"] = _text(odd)
    file.used.update(name for name, value in found.items() if value != "")
    file.rows += 1
    return found


def one_name_each(facts: Facts) -> Facts:
    """Facts stated under another name and unit under their own as well, as the judge reads them."""
    more = {n: in_unit_of(n, other, facts[other]) for other, n in SAME_AS.items() if other in facts and n not in facts}  # type: ignore[arg-type]  # a number
    more |= named_alike(facts)
    return Facts({**facts, **more}) if more else facts


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value) if isinstance(value, Decimal) else str(value)


def _finished(file: _File, making: Path, pack: Pack, tables: ReferenceTables) -> dict[str, Any]:
    """Judges the rows of one indication and writes them as Parquet; says what the file holds."""
    wanted = {*_FIXED, *file.used}.union(*(path.columns.needs for path in file.judged))
    types = {name: kind for name, kind in file.types.items() if name in wanted}
    read = ", ".join(f"'{name}': '{kind}'" for name, kind in file.types.items())
    source, target = quoted(file.path), quoted(making / f"{file.code}.parquet")
    with duckdb.connect() as con:
        con.execute(
            f"CREATE TABLE rows AS SELECT row_number() OVER () AS n, {', '.join(types)} FROM read_csv({source},"
            f" header=true, auto_detect=false, delim=',', quote='\"', escape='\"', nullstr='', columns={{{read}}})"
        )
        con.execute("CREATE TABLE told (n BIGINT, outcome TINYINT, failing BIGINT, opened BIGINT)")
        for path in file.judged:
            outcome = path.outcome.replace("{more}", "").replace("{rows}", "rows")
            results = path.results.replace("{rows}", "rows") or "SELECT n, NULL AS failing, NULL AS opened FROM rows"
            con.execute(
                f"INSERT INTO told SELECT a.n, a.outcome, b.failing, b.opened FROM ({outcome}) a JOIN ({results}) b"
                " ON a.n = b.n"
            )
        ask(con, "SELECT r.n, r.facts, r.as_of FROM rows r LEFT JOIN told t ON r.n = t.n WHERE t.outcome IS NULL",
            pack, file.code, tables)  # fmt: skip
        con.execute(
            f"COPY (SELECT row_number() OVER (ORDER BY COALESCE(t.opened, 1) <> 0, r.n) - 1 AS n, r.* EXCLUDE (n),"
            " COALESCE(a.outcome, t.outcome) AS was, t.failing, t.opened FROM rows r LEFT JOIN told t ON r.n = t.n"
            " LEFT JOIN asked a ON r.n = a.n ORDER BY 1)"
            f" TO {target} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_A_GROUP})"
        )
    file.path.unlink()
    return {
        "rows": file.rows,
        "columns": {name: kind for name, kind in types.items() if name not in _FIXED},
        "paths": [
            {
                "judged_as": path.judged_as,
                "rests_on": path.rests_on,
                "asked": sorted(path.asked),
                "surely": sorted(path.surely),
                "bits": [[bit.key, bit.id, bit.otherwise, bit.place] for bit in path.bits] if path.results else None,
            }
            for path in file.judged
        ],
    }


def ask(con: duckdb.DuckDBPyConnection, query: str, pack: Pack, code: str, tables: ReferenceTables) -> int:
    """Judges every row of `query` (n, facts, as_of) by the judge itself, into the table `asked`; says how many."""
    con.execute("CREATE OR REPLACE TEMP TABLE asked (n BIGINT, outcome TINYINT)")
    rows = con.execute(query).fetchall()
    told = [(n, code_of(pack, code, facts_read(facts, pack), as_of, tables)) for n, facts, as_of in rows]
    for start in range(0, len(told), 1000):
        values = ", ".join(f"({n}, {outcome})" for n, outcome in told[start : start + 1000])
        con.execute(f"INSERT INTO asked VALUES {values}")
    return len(told)
