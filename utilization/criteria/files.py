"""The library: criteria packs, products and routing read from `fixtures/`, each once a process."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from utilization.rules.authorization.table import AuthorizationTable, read_authorization_table
from utilization.rules.dosing.products import read_products
from utilization.rules.judging.judge import ReferenceTables
from utilization.rules.packs import name_search
from utilization.rules.packs.name_search import Match
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import pack_hash, read_pack
from utilization.rules.routing import read_routing
from utilization.rules.yaml_lines import PackError

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"
BUILTIN = FIXTURES / "criteria" / "ivig-builtin"
PRODUCTS, ROUTING, AUTHORIZATION = "products.yaml", "routing.yaml", "authorization.yaml"
_HEAD = re.compile(r"""^["']?pack["']?\s*:""", re.MULTILINE)


def pack_files(place: Path) -> dict[str, str]:
    """Relative path -> text of every YAML file of a pack's folder, or of the one file. Raises PackError."""
    if place.is_file():
        return {place.name: _text(place, place.name)}
    if not place.is_dir():
        raise PackError(str(place), 1, "", "expected a pack: a folder of YAML files, or one file")
    paths = _texts_under(place)
    if not paths:
        raise PackError(str(place), 1, "", "expected at least one .yaml file")
    return {p.relative_to(place).as_posix(): _text(p, p.relative_to(place).as_posix()) for p in paths}


def _texts_under(place: Path) -> list[Path]:
    return sorted(p for p in place.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file())


def _text(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise PackError(name, 1, "", "expected UTF-8 text") from None
    except OSError as error:
        raise PackError(name, 1, "", f"cannot be read: {error.strerror}") from None


def pack_at(place: Path, as_of: date | None = None) -> Pack:
    """The pack in a folder or a file; of a folder of dated versions, the one in force on `as_of`. Raises PackError."""
    if not _version_folders(place):
        return read_pack(pack_files(place))
    if as_of is None:
        raise PackError(
            str(place), 1, "", "holds several versions of a pack: expected a date, YYYY-MM-DD, to choose by"
        )
    return in_force_of(versions_at(place), as_of, str(place))


def versions_at(place: Path) -> list[Pack]:
    """Every version in a folder whose subfolders are versions of one pack, oldest first; else the one pack there.

    Raises PackError; the file that it names begins with the version's folder.
    """
    folders = _version_folders(place)
    if not folders:
        return [read_pack(pack_files(place))]
    versions: dict[date, tuple[str, Pack]] = {}
    for folder in folders:
        pack = _version_in(folder)
        head = f"{folder.name}/{_head_file(pack.files)}"
        if pack.effective is None:
            raise PackError(head, 1, "pack", "one of several versions: expected 'effective' with its first day")
        for name, other in versions.values():
            if other.name != pack.name:
                told = f"expected {other.name!r}, as in {name}: a folder of versions holds one pack, got {pack.name!r}"
                raise PackError(head, 1, "pack.name", told)
            if other.version == pack.version:
                told = f"the version {pack.version!r} stands in {name} too: give each version its own"
                raise PackError(head, 1, "pack.version", told)
        if pack.effective in versions:
            told = (
                f"{versions[pack.effective][0]} takes effect on {pack.effective} too: give one of the two another day"
            )
            raise PackError(head, 1, "pack.effective", told)
        versions[pack.effective] = folder.name, pack
    return [versions[day][1] for day in sorted(versions)]


def in_force_of(versions: list[Pack], as_of: date, place: str) -> Pack:
    """Of dated versions, oldest first, the one in force on `as_of`. Raises PackError that names `place`."""
    begun = [pack for pack in versions if pack.effective is not None and pack.effective <= as_of]
    if not begun:
        first = versions[0]
        told = f"no version is in force on {as_of}: the first, {first.version}, takes effect on {first.effective}"
        raise PackError(place, 1, "", f"{told}; choose a later date, or add the version before it")
    last = begun[-1]
    if last.until is not None and last.until < as_of:
        told = f"no version is in force on {as_of}: {last.version} ended on {last.until}"
        raise PackError(place, 1, "", f"{told}; choose an earlier date, or add the version after it")
    return last


def _version_folders(place: Path) -> list[Path]:
    """The folders that each hold a version, in order of name; none where `place` is one pack itself."""
    if not place.is_dir() or any(p.suffix in (".yaml", ".yml") for p in place.iterdir()):
        return []
    folders = [p for p in sorted(place.iterdir()) if p.is_dir() and _texts_under(p)]
    headed = [p for p in folders if any(_HEAD.search(_text(path, path.name)) for path in _texts_under(p))]
    # One head for all folders together is one pack that is laid out in folders.
    return folders if headed and (len(headed) > 1 or len(folders) == 1) else []


def _version_in(folder: Path) -> Pack:
    try:
        return read_pack(pack_files(folder))
    except PackError as error:
        raise PackError(f"{folder.name}/{error.file}", error.line, error.path, error.message) from None


def _head_file(files: Mapping[str, str]) -> str:
    return next(path for path in sorted(files) if _HEAD.search(files[path]))


_READ: dict[str, Pack] = {}


@lru_cache(maxsize=1)
def builtin_pack() -> Pack:
    """The built-in evidence pack."""
    return pack_from_files(pack_files(BUILTIN))


def shipped_packs() -> dict[str, Path]:
    """Every pack that comes with the product, by name: a folder of `fixtures/criteria/`, or one dated version in it."""
    packs: dict[str, Path] = {}
    for folder in sorted(path for path in BUILTIN.parent.iterdir() if path.is_dir()):
        dated = (
            []
            if any(folder.glob("*.yaml"))
            else sorted(version for version in folder.iterdir() if any(version.glob("*.yaml")))
        )
        packs |= {f"{folder.name}.{version.name}": version for version in dated} if dated else {folder.name: folder}
    return packs


def pack_read_before(sha256: str) -> Pack | None:
    """The pack with this hash, where this process has read it already."""
    return _READ.get(sha256)


def pack_from_files(files: Mapping[str, str], sha256: str = "") -> Pack:
    """The pack in `files`, as kept beside a request. With its hash, one that was read before is taken again."""
    if sha256 and sha256 in _READ:
        return _READ[sha256]
    pack = read_pack(files)
    _READ[pack.sha256] = pack
    return pack


@lru_cache(maxsize=1)
def reference_tables() -> ReferenceTables:
    """The product table and the routing table."""
    return tables_from_files({name: _text(FIXTURES / name, name) for name in (PRODUCTS, ROUTING)})


@lru_cache(maxsize=1)
def authorization_table() -> AuthorizationTable:
    """The table for the life of an authorization. It judges no request, so it is not kept beside one."""
    return read_authorization_table(_text(FIXTURES / AUTHORIZATION, AUTHORIZATION), AUTHORIZATION)


_TABLES: dict[str, ReferenceTables] = {}


def tables_from_files(files: Mapping[str, str], sha256: str = "") -> ReferenceTables:
    """The tables in `files`, as kept beside a request. With their hash, those that were read before are taken again."""
    if sha256 and sha256 in _TABLES:
        return _TABLES[sha256]
    read = ReferenceTables(
        products=read_products(files[PRODUCTS], PRODUCTS),
        routing=read_routing(files[ROUTING], ROUTING),
        files=dict(files),
        sha256=pack_hash(files),
    )
    _TABLES[read.sha256] = read
    return read


def find_indications(text: str, pack: Pack | None = None) -> list[Match]:
    """Indications that `text` may mean, of `pack` or else of the built-in one: see `rules.packs.name_search`."""
    return name_search.find_indications(text, pack or builtin_pack())
