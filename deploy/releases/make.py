"""A release made: the product without its tests, the wheels of its lock, the list of components, the sums of all.

    .venv/bin/python -m deploy.releases.make FOLDER

makes `FOLDER/ivig-VERSION.tar.gz` and its sum beside it. Two archives of one source, with one pip, are the same bytes.
"""

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

from deploy.releases.archive import ABOUT, COMPONENTS, LOCK, PRODUCT, SUMS, WHEELS, digest_of, this_host

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "deploy", "docs", "fixtures", "manage.py", "pyproject.toml",
    LOCK, "templates", "utilization",
)  # fmt: skip
LEFT_OUT = ("__pycache__", "*.py[cod]", "screenshots")
EARLIEST = 315_532_800
"""1980: what a file's time is where nothing says when the source was made."""


def make(source: Path, into: Path, wheels: Path | None) -> Path:
    """The archive of what stands in `source`, put into `into`. With `wheels`, nothing is fetched from an index."""
    # Here, since a library writes it that is there where releases are made alone.
    from deploy.releases.components import components

    version = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    moment = _moment(source)
    with tempfile.TemporaryDirectory(prefix="ivig-release-") as scratch:
        folder = Path(scratch) / f"ivig-{version}"
        folder.mkdir()
        for name in PARTS:
            _copy(source / name, folder / name)
        _fetch(folder, wheels)
        python, machine = this_host()
        about = {"product": PRODUCT, "version": version, "python": python, "machine": machine}
        (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        found = components(version, sorted((folder / WHEELS).glob("*.whl")), moment)
        (folder / COMPONENTS).write_text(found + "\n", encoding="utf-8")
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        sums = "".join(f"{digest_of(folder / name)}  {name}\n" for name in names)
        (folder / SUMS).write_text(sums, encoding="utf-8")
        archive = into / f"{folder.name}.tar.gz"
        pack(folder, archive, moment)
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest_of(archive)}  {archive.name}\n", encoding="utf-8")
    return archive


def _copy(source: Path, place: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns(*LEFT_OUT))
    else:
        shutil.copy(source, place)


def _fetch(folder: Path, wheels: Path | None) -> None:
    """The wheels of the lock, each held against its digest there by pip."""
    where = ["--no-index", "--find-links", str(wheels)] if wheels else []
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-qq", *where),
            *("--require-hashes", "--no-deps", "--only-binary", ":all:"),
            *("--dest", str(folder / WHEELS), "-r", str(folder / LOCK)),
        ],
        check=True,
    )


def pack(folder: Path, archive: Path, moment: int, *, hard: int = 4) -> None:
    """Names in order, of nobody, at one time: nothing of the machine that made it."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = moment
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    beside = archive.with_name(f".{archive.name}.part")
    # Wheels are packed already, so that packing harder only takes longer.
    with (
        beside.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=hard, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as whole,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            whole.add(path, path.relative_to(folder.parent).as_posix(), recursive=False, filter=plain)
    beside.replace(archive)


def _moment(source: Path) -> int:
    """When the source was made: as the environment says, or the last commit, or never."""
    if said := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(said)
    git = shutil.which("git")
    answer = git and subprocess.run(
        [git, "-C", str(source), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False
    )
    return int(answer.stdout) if answer and answer.returncode == 0 and answer.stdout.strip() else EARLIEST


def main() -> None:
    """Make the archive into the folder that is named."""
    parser = argparse.ArgumentParser(description="Make the archive of a release.")
    parser.add_argument("folder", type=Path, help="where it is put")
    parser.add_argument("--source", type=Path, default=ROOT, help="the product (default: this one)")
    parser.add_argument("--wheels", type=Path, help="a folder of wheels fetched before; then no index is asked")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    print(make(given.source, given.folder, given.wheels))


if __name__ == "__main__":
    main()
