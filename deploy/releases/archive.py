"""The archive of a release, `ivig-VERSION.tar.gz`: one folder with the product, its wheels and the sums of all."""

import hashlib
import json
import platform
import re
import shutil
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

PRODUCT = "ivig-utilization-review"
ABOUT, SUMS, COMPONENTS, WHEELS, LOCK = "RELEASE.json", "SHA256SUMS", "sbom.cdx.json", "wheels", "requirements.txt"
VERSION = re.compile(r"\d+(\.\d+)*")
_CUT = "Fetch it again from where it came from."
_MOST_BYTES = 2_000_000_000


class BadRelease(Exception):
    """What was given is no release, not a whole one, or not for this host; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release in its folder. `python` and `machine` are what its wheels were chosen for, such as 3.11 and x86_64."""

    folder: Path
    version: str
    python: str
    machine: str

    @property
    def order(self) -> tuple[int, ...]:
        """The version, as it compares."""
        return tuple(int(part) for part in self.version.split("."))


def this_host() -> tuple[str, str]:
    """The Python and the machine that wheels have to fit."""
    return f"{sys.version_info.major}.{sys.version_info.minor}", platform.machine()


def read_about(folder: Path) -> Release:
    """The release in `folder`, believed as it stands. Raises BadRelease where it is none of this product."""
    try:
        kept = json.loads((folder / ABOUT).read_bytes())
        product, version = str(kept["product"]), str(kept["version"])
        release = Release(folder, version, str(kept["python"]), str(kept["machine"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise BadRelease(f"{folder} holds no release of this product: it has no {ABOUT} that can be read.") from None
    if product != PRODUCT:
        raise BadRelease(f"This is a release of another product, {product!r}.")
    if not VERSION.fullmatch(version):
        raise BadRelease(f"Its version, {version!r}, is no version such as 1.4.0. {_CUT}")
    return release


def checked(folder: Path) -> Release:
    """The release in `folder`, every file of it held against the sums. Raises BadRelease, which names what differs."""
    release = read_about(folder)
    sums = _sums(folder / SUMS)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {SUMS}
    if missing := sorted(set(sums) - there):
        raise BadRelease(f"{missing[0]} is missing. {_CUT}")
    if added := sorted(there - set(sums)):
        raise BadRelease(f"{added[0]} is no part of the release. {_CUT}")
    for name, digest in sorted(sums.items()):
        if (folder / name).is_symlink() or digest_of(folder / name) != digest:
            raise BadRelease(f"{name} is not as it was released. {_CUT}")
    if (release.python, release.machine) != this_host():
        raise BadRelease(
            f"This release is for Python {release.python} on {release.machine}; this host has Python "
            f"{' on '.join(this_host())}. Fetch the one made for it."
        )
    return release


def unpacked(file: Path, into: Path) -> Release:
    """The release in the archive `file`, unpacked into the empty folder `into` and checked. Raises BadRelease."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            _spread(archive, into)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise BadRelease(f"{file} cannot be read: {error.strerror}. Name the archive of a release.") from None
    except (OSError, EOFError, tarfile.TarError) as error:
        raise BadRelease(f"{file} cannot be read as an archive ({type(error).__name__}: {error}). {_CUT}") from None
    folders = [*into.iterdir()]
    if len(folders) != 1 or not folders[0].is_dir():
        raise BadRelease(f"{file} is no release of this product: it holds no single folder.")
    return checked(folders[0])


def _spread(archive: tarfile.TarFile, into: Path) -> None:
    """Plain files and folders alone, below `into`, for all to read and root to write."""
    room, taken = shutil.disk_usage(into).free, 0
    for member in archive:
        name = PurePosixPath(member.name)
        if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
            raise BadRelease(f"It holds {member.name!r}, which no release does. {_CUT}")
        taken += member.size
        if taken > min(room, _MOST_BYTES):
            raise BadRelease(f"It needs more than {taken // 1_000_000:,} MB at {into}. Make room there.")
        place = into / name
        if member.isdir():
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        content = archive.extractfile(member)
        assert content is not None  # a plain file
        with place.open("xb") as out:
            shutil.copyfileobj(content, out)
        place.chmod(0o755 if member.mode & 0o100 else 0o644)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _sums(path: Path) -> dict[str, str]:
    try:
        rows = [row.partition("  ") for row in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        raise BadRelease(f"{SUMS} cannot be read. {_CUT}") from None
    sums = {name: digest for digest, _, name in rows}
    if any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts for name in sums):
        raise BadRelease(f"{SUMS} names a file outside of the release. {_CUT}")
    return sums
