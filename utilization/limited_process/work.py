"""The process that works on criteria of a draft: `python -m utilization.limited_process.work TASK`.

Reads one job as JSON from standard input, and writes lines of JSON to standard output: what it is at, and at last what
came out. It takes its own limits before it reads anything. No Django: it starts in a quarter of a second.
"""

import json
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from types import FrameType
from typing import Any

from utilization.rules.dosing.products import read_products
from utilization.rules.facts.values import BadInput, named_in, read_facts, unnamed_in
from utilization.rules.judging.example_facts import unread_facts
from utilization.rules.judging.examples import check_examples
from utilization.rules.judging.judge import Judgement, ReferenceTables, judge
from utilization.rules.judging.pack_checks import Problem, problems, remarks
from utilization.rules.packs.comparison import compare
from utilization.rules.packs.faults import read_with_faults
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import pack_hash, read_pack
from utilization.rules.routing import read_routing
from utilization.rules.yaml_lines import PackError

CPU_SECONDS = 10
"""Seconds of work for one job: the checks of a shipped pack take under 2."""
MEGABYTES = 768
"""Address space of the process: it begins with 60 MB, and the checks of a shipped pack take 150."""
CASE_SECONDS = 1
"""Seconds of work for one judgement: one by a shipped pack takes about 5 ms."""

_DECIMAL = "\x00decimal"

Rows = list[list[Any]]


class Overdue(Exception):
    """One judgement took longer than a judgement may."""


# --- The tasks --------------------------------------------------------------------------------------------------------


def read(job: Mapping[str, Any]) -> dict[str, Any]:
    """What keeps the pack in `job["files"]` from being read; none where it reads, and can be shown beside another.

    Of one that reads, `slips` are the facts of its worked examples that do not.
    """
    slips: list[Problem] = []
    tell("reading the pack")
    pack, faults = read_with_faults(job["files"])
    if pack is not None:
        tell("putting the pack into words")
        compare(pack, pack)
        tell("reading the facts of the examples")
        slips = [slip for _, slip in unread_facts(pack)]
    return {"faults": [[fault.file, fault.line, fault.path, fault.message] for fault in faults], "slips": _rows(slips)}


def prove(job: Mapping[str, Any]) -> dict[str, Any]:
    """What the checker and the examples find in a pack that reads, and what nothing in it uses."""
    tell("reading the pack")
    pack = read_pack(job["files"])
    tell("looking for criteria that nobody can meet or fail")
    as_of, tables = date.fromisoformat(job["as_of"]), _tables(job["tables"])
    return {
        "problems": [*_rows(problems(pack)), *_overdue(pack, tables, as_of)],
        "examples": check_examples(pack, tables, as_of, judged_by=_within_a_second),
        "remarks": _rows(remarks(pack)),
    }


def _overdue(pack: Pack, tables: ReferenceTables, as_of: date) -> Rows:
    """The indications of which a case takes too long to judge where nothing is known, which leaves most to try."""
    rows: Rows = []
    for code, indication in pack.indications.items():
        try:
            _within_a_second(pack, code, {}, tables=tables, as_of=as_of)
        except BadInput as bad:
            clause = indication.clauses[0]
            rows.append([clause.file, clause.line, "", bad.message])
    return rows


def judge_one(job: Mapping[str, Any]) -> dict[str, Any]:
    """One case by each pack of `job["packs"]`: the record or why there is none, and the facts that it does not know."""
    return {"sides": [_side(files, job) for files in job["packs"]]}


def _side(files: Mapping[str, str], job: Mapping[str, Any]) -> dict[str, Any]:
    tell("reading the pack")
    try:
        pack = read_pack(files)
    except PackError:
        return {"fault": "This draft does not read yet."}
    known, unknown = named_in(pack.catalogue, job["facts"]), unnamed_in(pack.catalogue, job["facts"])
    try:
        facts = read_facts(known, catalogue=pack.catalogue)
        day = date.fromisoformat(job["as_of"])
        outcome = _within_a_second(
            pack, job["indication"], facts, tables=_tables(job["tables"]), as_of=day, emergency=job["emergency"]
        )
    except BadInput as bad:
        return {"fault": f"{bad.path}: {bad.message}" if bad.path else bad.message, "unknown": unknown}
    return {"record": outcome.as_record(), "unknown": unknown}


TASKS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "read": read, "prove": prove, "judge": judge_one,
}  # fmt: skip


def _tables(files: Mapping[str, str]) -> ReferenceTables:
    """The product table and the routing table, of the files under these two names."""
    return ReferenceTables(
        products=read_products(files["products.yaml"], "products.yaml"),
        routing=read_routing(files["routing.yaml"], "routing.yaml"),
        files=files,
        sha256=pack_hash(files),
    )


def _rows(problems: Iterable[Problem]) -> Rows:
    return [[problem.file, problem.line, problem.path, problem.message] for problem in problems]


def _within_a_second(pack: Pack, indication: str, *args: Any, **named: Any) -> Judgement:
    """The judgement of one case. Raises BadInput also where it takes longer than a case may."""
    tell(f"judging a case of {indication}")
    try:
        with _timer(CASE_SECONDS):
            judgement = judge(pack, indication, *args, **named)
            judgement.as_record()  # What is worked out once it is read counts too.
            return judgement
    except Overdue:
        told = f"judging this case takes longer than {CASE_SECONDS} s: make the criteria of {indication} simpler"
        raise BadInput("", told) from None


# --- The process ------------------------------------------------------------------------------------------------------


@contextmanager
def _timer(seconds: float) -> Iterator[None]:
    """Ends what runs within by Overdue after so much work."""

    def end(signum: int, frame: FrameType | None) -> None:
        raise Overdue

    signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def tell(stage: str) -> None:
    """Say what is begun, so that whoever ends this process can say during what."""
    _write({"stage": stage})


def _write(line: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, default=_plain) + "\n")
    sys.stdout.flush()


def marked(value: Any) -> Any:
    """What JSON has no word for, on its way here: a decimal, as `exact` finds it again; anything else as its text."""
    return {_DECIMAL: str(value)} if isinstance(value, Decimal) else str(value)


def exact(record: dict[str, Any]) -> Any:
    """A decimal where one was marked, else the mapping as it is."""
    return Decimal(record[_DECIMAL]) if record.keys() == {_DECIMAL} else record


def _plain(value: Any) -> Any:
    """What JSON has no word for: a decimal as its text, a set or another kind of list as a list."""
    return str(value) if isinstance(value, Decimal | date) else list(value)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))


def main(task: str, tasks: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]) -> None:
    """Do one job of `tasks`. What fails is told by the class of its error alone: its text may hold facts."""
    _limit()
    try:
        _write({"result": tasks[task](json.load(sys.stdin, object_hook=exact))})
    except MemoryError:
        _write({"over": "memory"})
    except Exception as failure:
        _write({"failed": type(failure).__name__})


if __name__ == "__main__":
    main(sys.argv[1], TASKS)
