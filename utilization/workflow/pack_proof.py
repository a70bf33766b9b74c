"""Whether a draft of criteria may be proposed: it reads, the checker finds nothing, and its examples come out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import structlog

from utilization import criteria
from utilization.rules.judging.examples import check_examples
from utilization.rules.judging.pack_checks import problems, remarks
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import pack_hash, read_pack
from utilization.rules.yaml_lines import PackError, read_yaml

READS, CHECKED, EXAMPLES, REMARKED = "reads", "checked", "examples", "remarked"
_WHERE = re.compile(r"(?P<file>[^:\s]+\.ya?ml):(?P<line>\d+): (?P<rest>.*)", re.DOTALL)
_KEPT = 16

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
    """A draft as far as it can be read: the pack, or what is wrong."""

    pack: Pack | None
    faults: tuple[Fault, ...]


def pack_reading(files: Mapping[str, str]) -> PackReading:
    """The pack in `files`, or what keeps it from being read: one fault a file whose YAML is wrong, else the first."""
    return _reading(pack_hash(files), tuple(sorted(files.items())))


@lru_cache(maxsize=_KEPT)
def _reading(sha256: str, files: tuple[tuple[str, str], ...]) -> PackReading:
    faults = tuple(_wrong_yaml(files))
    if faults:
        return PackReading(None, faults)
    try:
        return PackReading(read_pack(dict(files)), ())
    except PackError as error:
        return PackReading(None, (_fault(error),))
    except Exception as failure:
        # A text that makes the reader itself fail must still open for correction. It may hold anything, so only the
        # failure's class is logged.
        log.error("draft cannot be read", failure=type(failure).__name__, sha256=sha256)
        return PackReading(None, (Fault(READS, "", 0, "", _OURS),))


_OURS = "The reader failed on this text, which is a fault of the program. Undo the latest change, and report it."


def _wrong_yaml(files: tuple[tuple[str, str], ...]) -> Iterator[Fault]:
    for path, text in files:
        try:
            read_yaml(text, path)
        except PackError as error:
            yield _fault(error)
        except RecursionError:
            yield Fault(READS, path, 0, "", "nested too deeply")


def _fault(error: PackError) -> Fault:
    return Fault(READS, error.file, error.line, error.path, error.message)


def proof(files: Mapping[str, str], as_of: date) -> PackReading:
    """The reading of `files` with everything that stands in the way of proposing it; `as_of` is the examples' date."""
    read = pack_reading(files)
    if read.pack is None:
        return read
    return PackReading(read.pack, _proved(read.pack.sha256, tuple(sorted(files.items())), as_of))


@lru_cache(maxsize=_KEPT)
def _proved(sha256: str, files: tuple[tuple[str, str], ...], as_of: date) -> tuple[Fault, ...]:
    pack = _reading(sha256, files).pack
    assert pack is not None, "only a pack that reads is proved"
    try:
        return (*_own_name(pack), *_problems(pack), *_examples(pack, as_of))
    except Exception as failure:
        log.error("draft cannot be checked", failure=type(failure).__name__, sha256=sha256)
        return (Fault(CHECKED, "", 0, "", _OURS),)


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


def _problems(pack: Pack) -> Iterator[Fault]:
    return (Fault(CHECKED, one.file, one.line, one.path, one.message) for one in problems(pack))


def remarked(files: Mapping[str, str]) -> tuple[Fault, ...]:
    """What a pack that reads holds and nothing uses: worth a look, and no obstacle."""
    pack = pack_reading(files).pack
    return _remarked(pack.sha256, tuple(sorted(files.items()))) if pack else ()


@lru_cache(maxsize=_KEPT)
def _remarked(sha256: str, files: tuple[tuple[str, str], ...]) -> tuple[Fault, ...]:
    pack = _reading(sha256, files).pack
    assert pack is not None, "only a pack that reads is remarked upon"
    try:
        return tuple(Fault(REMARKED, one.file, one.line, one.path, one.message) for one in remarks(pack))
    except Exception as failure:
        log.error("draft cannot be remarked upon", failure=type(failure).__name__, sha256=sha256)
        return ()


def _examples(pack: Pack, as_of: date) -> Iterator[Fault]:
    for said in check_examples(pack, criteria.shelf(), as_of):
        # An indication without any clause stands nowhere.
        found = _WHERE.match(said)
        where = (found["file"], int(found["line"])) if found else ("", 0)
        yield Fault(EXAMPLES, *where, "", (found["rest"] if found else said).removeprefix("examples: "))
