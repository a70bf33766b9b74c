"""The file of a backup: a tar with the manifest first, the copy of the database, the sums of both; whole or refused.

manifest.json     what is in the copy
database.sqlite3  or database.pgdump
SHA256SUMS        the digests of both, as `sha256sum --check` reads them
"""

import hashlib
import io
import tarfile
from pathlib import Path
from typing import IO

from utilization.jobs.whole_file import whole
from utilization.management.backup.manifest import NAME, BadBackup, Manifest, read_manifest

COPY = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
SUMS = "SHA256SUMS"
_MOST_TEXT = 10_000_000
_CUT = "It is cut or damaged: take another backup, or this one from where it was copied to."


def write(path: Path, manifest: Manifest, copy: Path) -> None:
    """Put manifest and copy into one file at `path`, whole or not at all, for its owner alone."""
    about, name = manifest.as_bytes(), COPY[manifest.engine]
    sums = f"{hashlib.sha256(about).hexdigest()}  {NAME}\n{_digest(copy)}  {name}\n"
    moment = int(manifest.made_at.timestamp())
    with whole(path) as beside, tarfile.open(beside, "w") as archive:
        _add(archive, NAME, about, moment)
        archive.add(copy, name, filter=_of_nobody)
        _add(archive, SUMS, sums.encode(), moment)


def _add(archive: tarfile.TarFile, name: str, content: bytes, moment: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = len(content), moment, 0o600
    archive.addfile(member, io.BytesIO(content))


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def manifest_of(path: Path) -> Manifest:
    """The manifest in a backup, believed as it stands. Raises BadBackup."""
    try:
        with tarfile.open(path, "r:") as archive:
            return read_manifest(_manifest(archive))
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise BadBackup(f"{path} cannot be read: {error.strerror}. Name the file of a backup.") from None
    except (OSError, tarfile.TarError) as error:
        raise BadBackup(f"{path} cannot be read as a backup ({type(error).__name__}). {_CUT}") from None


def unpack(path: Path, folder: Path) -> tuple[Manifest, Path]:
    """The manifest, and the copy of the database put into `folder`, once both are held against their sums.

    Raises BadBackup, which names the member that is not as it was written.
    """
    try:
        with tarfile.open(path, "r:") as archive:
            about = _manifest(archive)
            sums = _sums(archive)
            if hashlib.sha256(about).hexdigest() != sums.pop(NAME, None):
                raise BadBackup(f"{path}: {NAME} is not as it was written. {_CUT}")
            manifest = read_manifest(about)
            name = COPY[manifest.engine]
            place = folder / name
            content = archive.extractfile(name)
            assert content is not None  # a file: `extractfile` raises KeyError where there is none
            _spread(content, place)
            if _digest(place) != sums.pop(name, None):
                raise BadBackup(f"{path}: {name} is not as it was written. {_CUT}")
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise BadBackup(f"{path} cannot be read: {error.strerror}. Name the file of a backup.") from None
    except (OSError, KeyError, ValueError, AssertionError, tarfile.TarError) as error:
        raise BadBackup(f"{path} cannot be read as a backup ({type(error).__name__}). {_CUT}") from None
    return manifest, place


def _spread(content: IO[bytes], place: Path) -> None:
    try:
        out = place.open("wb")
    except OSError as error:
        raise BadBackup(f"{place.parent} cannot be written to: {error.strerror}.") from None
    with out:
        while block := content.read(1_000_000):
            try:
                out.write(block)
            except OSError as error:
                raise BadBackup(f"{place.parent} cannot be written to: {error.strerror}. Make room there.") from None


def _manifest(archive: tarfile.TarFile) -> bytes:
    first = archive.next()
    content = archive.extractfile(first) if first and first.name == NAME and first.size <= _MOST_TEXT else None
    if content is None:
        raise BadBackup("This is no backup of this product: it does not begin with a manifest.")
    return content.read()


def _sums(archive: tarfile.TarFile) -> dict[str, str]:
    member = archive.getmember(SUMS)
    content = archive.extractfile(member) if member.size <= _MOST_TEXT else None
    lines = content.read().decode().splitlines() if content else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
