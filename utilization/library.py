"""The library: criteria packs, products and routing read from `fixtures/`, each once a process."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from utilization.rules.judging import Shelf
from utilization.rules.marked import PackError
from utilization.rules.pack import Indication, NotCovered, Pack
from utilization.rules.products import read_products
from utilization.rules.reading import pack_hash, read_pack
from utilization.rules.routing import read_routing

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
BUILTIN = FIXTURES / "criteria" / "ivig-builtin"
PRODUCTS, ROUTING = "products.yaml", "routing.yaml"


def pack_files(place: Path) -> dict[str, str]:
    """Relative path -> text of every YAML file of a pack's folder, or of the one file. Raises PackError."""
    if place.is_file():
        return {place.name: _text(place, place.name)}
    if not place.is_dir():
        raise PackError(str(place), 1, "", "expected a pack: a folder of YAML files, or one file")
    paths = sorted(p for p in place.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file())
    if not paths:
        raise PackError(str(place), 1, "", "expected at least one .yaml file")
    return {p.relative_to(place).as_posix(): _text(p, p.relative_to(place).as_posix()) for p in paths}


def _text(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise PackError(name, 1, "", "expected UTF-8 text") from None
    except OSError as error:
        raise PackError(name, 1, "", f"cannot be read: {error.strerror}") from None


def pack_at(place: Path) -> Pack:
    """The pack in a folder or a file. Raises PackError."""
    return read_pack(pack_files(place))


_READ: dict[str, Pack] = {}


@lru_cache(maxsize=1)
def builtin_pack() -> Pack:
    """The built-in evidence pack."""
    return pack_from_files(pack_files(BUILTIN))


def pack_from_files(files: Mapping[str, str], sha256: str = "") -> Pack:
    """The pack in `files`, as kept beside a request. With its hash, one that was read before is taken again."""
    if sha256 and sha256 in _READ:
        return _READ[sha256]
    pack = read_pack(files)
    _READ[pack.sha256] = pack
    return pack


@lru_cache(maxsize=1)
def shelf() -> Shelf:
    """The product table and the routing table."""
    return shelf_from_files({name: _text(FIXTURES / name, name) for name in (PRODUCTS, ROUTING)})


_SHELVES: dict[str, Shelf] = {}


def shelf_from_files(files: Mapping[str, str], sha256: str = "") -> Shelf:
    """The tables in `files`, as kept beside a request. With their hash, those that were read before are taken again."""
    if sha256 and sha256 in _SHELVES:
        return _SHELVES[sha256]
    read = Shelf(
        products=read_products(files[PRODUCTS], PRODUCTS),
        routing=read_routing(files[ROUTING], ROUTING),
        files=dict(files),
        sha256=pack_hash(files),
    )
    _SHELVES[read.sha256] = read
    return read


@dataclass(frozen=True, slots=True)
class Match:
    """An indication that a search found, by which name or code, and the facts that this settles."""

    indication: Indication | NotCovered
    by: str
    settles: Mapping[str, object]
    covered: bool


def find_indications(text: str, pack: Pack | None = None) -> list[Match]:
    """Indications whose name, abbreviation, synonym or ICD-10-CM code fits `text`, best first; covered ones first."""
    pack = pack or builtin_pack()
    wanted = " ".join(text.casefold().split())
    if not wanted:
        return []
    found: list[tuple[int, int, Match]] = []
    everything: list[Indication | NotCovered] = [*pack.indications.values(), *pack.not_covered.values()]
    for place, indication in enumerate(everything):
        covered = indication.code in pack.indications
        best = _best_match(indication, wanted, covered)
        if best is not None:
            found.append((best[0] + (0 if covered else 1), place, best[1]))
    return [match for _, _, match in sorted(found, key=lambda row: row[:2])]


def _best_match(indication: Indication | NotCovered, wanted: str, covered: bool) -> tuple[int, Match] | None:
    for code in indication.icd10cm:
        if code.covers(wanted) or (len(wanted) >= 3 and code.code.casefold().startswith(wanted)):
            label = f"{code.code} {code.title}".strip()
            return 0, Match(indication, label, code.when, covered)
    implied = dict(indication.implies) if isinstance(indication, Indication) else {}
    names = (indication.abbreviation, indication.name, *indication.also_called, *implied)
    ranked: list[tuple[int, str]] = []
    for name in names:
        folded = name.casefold()
        if not name:
            continue
        if folded == wanted:
            ranked.append((0, name))
        elif folded.startswith(wanted):
            ranked.append((2, name))
        elif any(word.startswith(wanted) for word in folded.replace("-", " ").split()):
            ranked.append((4, name))
        elif wanted in folded and len(wanted) >= 3:
            ranked.append((6, name))
    if not ranked:
        return None
    rank, name = min(ranked, key=lambda pair: pair[0])
    return rank, Match(indication, name, implied.get(name, {}), covered)
