"""Whether a draft of criteria may be proposed: it reads, the checker finds nothing, and its examples come out.

All of it is found out in a process that can be ended (`utilization/limited_process/`), one a person at a time. A text
that was read there within its limits is then read here, and kept for the pages that show it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import structlog

from utilization import criteria
from utilization.limited_process.run import FAILED, Ended, run
from utilization.models import CriteriaDraft, Publication, Site
from utilization.rules.facts.date_words import day_words
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import pack_hash, read_pack

READS, CHECKED, EXAMPLES, REMARKED = "reads", "checked", "examples", "remarked"
ENDED = "ended"
"""The kind of a fault that is none of the text as written: its check was ended, or could not begin."""
A_JOB = "a job"
"""Whose turn a check is that no person waits for."""
_WHERE = re.compile(r"(?P<file>[^:\s]+\.ya?ml):(?P<line>\d+): (?P<rest>.*)", re.DOTALL)
_KEPT = 64
_PACKS_KEPT = 4

log = structlog.stdlib.get_logger("utilization.formulary")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that keeps a draft from being proposed. `line` counts from 1 and is 0 where no line is at fault."""

    kind: str
    file: str
    line: int
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class PackReading:
    """A draft as far as it can be read: the pack, or what is wrong.

    `slips` are facts of worked examples that cannot be read, as a misspelt one, in a pack that can.
    """

    pack: Pack | None
    faults: tuple[Fault, ...]
    slips: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Proof:
    """What was found in a pack that reads, beside its name: faults, and what nothing uses."""

    faults: tuple[Fault, ...]
    remarks: tuple[Fault, ...]


def pack_reading(files: Mapping[str, str], who: object = A_JOB) -> PackReading:
    """The pack in `files`, or everything that keeps it from being read; read for the person with the key `who`."""
    sha256 = pack_hash(files)
    # What a committee published, and what comes with the product, was proved before.
    if known := criteria.pack_read_before(sha256):
        return PackReading(known, ())
    found = _remembered(_READ, sha256, lambda: _read(files, who))
    faults = tuple(fault for fault in found if fault.kind != EXAMPLES)
    if faults:
        return PackReading(None, faults)
    return PackReading(_pack(sha256, tuple(sorted(files.items()))), (), found)


def faults_as_typed(files: Mapping[str, str], who: object) -> tuple[Fault, ...]:
    """What keeps `files` or facts of their worked examples from being read, while somebody types them.

    It has a place of its own beside the one check of the person, which never waits for it; no pack is read for it here.
    """
    sha256 = pack_hash(files)
    if criteria.pack_read_before(sha256):
        return ()
    found: tuple[Fault, ...] = _remembered(_READ, sha256, lambda: _read(files, f"{who}-typed"))
    return found


@lru_cache(maxsize=_PACKS_KEPT)
def _pack(sha256: str, files: tuple[tuple[str, str], ...]) -> Pack:
    return read_pack(dict(files))


def _read(files: Mapping[str, str], who: object) -> tuple[Fault, ...]:
    answer = run("read", {"files": dict(files)}, str(who))
    slips = (Fault(EXAMPLES, *row) for row in answer["slips"])
    return (*(Fault(READS, *row) for row in answer["faults"]), *slips)


def proof(files: Mapping[str, str], as_of: date, who: object = A_JOB) -> PackReading:
    """The reading of `files` with everything that stands in the way of proposing it; `as_of` is the examples' date."""
    read = pack_reading(files, who)
    if read.pack is None:
        return read
    proved = _proof(read.pack, as_of, who)
    return PackReading(read.pack, proved if isinstance(proved, tuple) else (*_own_name(read.pack), *proved.faults))


def proof_of_draft(draft: CriteriaDraft, at: datetime, who: object = A_JOB) -> PackReading:
    """The reading of `draft` with everything that stands in the way of proposing it at its site."""
    read = proof(draft.files, draft.site.date_at(at), who)
    return (
        read if read.pack is None else PackReading(read.pack, (*read.faults, *_published_before(draft.site, read.pack)))
    )


def _published_before(site: Site, pack: Pack) -> Iterator[Fault]:
    rows = Publication.objects.filter(site=site, pack__name=pack.name, pack__version=pack.version)
    if earlier := rows.select_related("pack").first():
        day = day_words(site.date_at(earlier.signed_at))
        told = (
            f"{earlier.pack} was published on {day} already: give this one another version, so that nobody takes one "
            "for the other"
        )
        written = (_line_of(pack.files, f"version: {quote}{pack.version}{quote}") for quote in ("", '"', "'"))
        yield Fault(CHECKED, *next(filter(any, written), ("", 0)), "pack.version", told)


def remarked(files: Mapping[str, str], as_of: date, who: object = A_JOB) -> tuple[Fault, ...]:
    """What a pack that reads holds and nothing uses: worth a look, and no obstacle."""
    pack = pack_reading(files, who).pack
    proved = _proof(pack, as_of, who) if pack else ()
    return proved if isinstance(proved, tuple) else proved.remarks


def remarked_before(draft: CriteriaDraft, as_of: date, remarks: Iterable[Fault], who: object) -> tuple[Fault, ...]:
    """Those of the `remarks` on a draft that the version it was begun from gives cause for too."""
    if draft.base is None:
        return ()
    base = {_about(remark) for remark in remarked(draft.base.files, as_of, who)}
    return tuple(remark for remark in remarks if remark.kind == REMARKED and _about(remark) in base)


def _about(remark: Fault) -> tuple[str, str]:
    """What a remark says, wherever its section stands."""
    return remark.path.partition("[")[0], remark.message


def _proof(pack: Pack, as_of: date, who: object) -> "_Proof | tuple[Fault, ...]":
    """What was found, or the one fault that says why nothing could be."""
    return _remembered(_PROVED, (pack.sha256, as_of), lambda: _prove(pack, as_of, who))


def _prove(pack: Pack, as_of: date, who: object) -> _Proof:
    answer = run(
        "prove",
        {"files": dict(pack.files), "as_of": as_of, "tables": dict(criteria.reference_tables().files)},
        str(who),
    )
    return _Proof(
        faults=(*(Fault(CHECKED, *row) for row in answer["problems"]), *_examples(answer["examples"])),
        remarks=tuple(Fault(REMARKED, *row) for row in answer["remarks"]),
    )


_READ: dict[Any, Any] = {}
_PROVED: dict[Any, Any] = {}


def _remembered(kept: dict[Any, Any], key: Any, work: Callable[[], Any]) -> Any:
    """What `work` finds, found once a process; or a fault that says why it was ended. The newest `_KEPT` are kept."""
    if key in kept:
        return kept[key]
    try:
        result: Any = work()
    except Ended as ended:
        if ended.why == FAILED:
            log.error("draft cannot be checked", failure=ended.failure, stage=ended.stage)
        result = (Fault(ENDED, "", 0, "", ended.words),)
        if not ended.for_good:
            return result
    while len(kept) >= _KEPT:
        kept.pop(next(iter(kept)), None)
    kept[key] = result
    return result


def _own_name(pack: Pack) -> Iterator[Fault]:
    builtin = criteria.builtin_pack()
    for key, taken, own in (("name", builtin.name, pack.name), ("title", builtin.title, pack.title)):
        if own == taken:
            file, line = _line_of(pack.files, f"{key}: {taken}")
            told = f"this is the {key} of the built-in pack: give yours another, so that nobody takes one for the other"
            yield Fault(CHECKED, file, line, f"pack.{key}", told)
    if not pack.indications:
        yield Fault(CHECKED, "", 0, "indications", "expected at least one indication with criteria")


def _line_of(files: Mapping[str, str], text: str) -> tuple[str, int]:
    for path in sorted(files):
        for number, line in enumerate(files[path].splitlines(), start=1):
            if text in line:
                return path, number
    return "", 0


def _examples(told: Iterable[str]) -> Iterator[Fault]:
    for said in told:
        # An indication without any clause stands nowhere.
        match = _WHERE.match(said)
        where = (match["file"], int(match["line"])) if match else ("", 0)
        yield Fault(EXAMPLES, *where, "", (match["rest"] if match else said).removeprefix("examples: "))
