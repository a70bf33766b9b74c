"""An evidence bundle as one ZIP, from folders that are whole: written from the disk, a piece at a time."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_AT_ONCE = 1 << 20
# Compressed in themselves already.
_STORED = {".pdf"}


def write_zip(path: Path, files: Iterable[tuple[str, Path]]) -> None:
    """Write the ZIP of `files` (name within, where it lies). The same files in the same order give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, place in files:
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_STORED if place.suffix in _STORED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.file_size = place.stat().st_size
            with archive.open(entry, "w") as within, place.open("rb") as file:
                while piece := file.read(_AT_ONCE):
                    within.write(piece)
