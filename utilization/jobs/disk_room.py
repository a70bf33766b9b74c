"""How much room is left on the disk that the product writes to."""

import os
import shutil

from django.conf import settings

MB = 1_000_000
LEAST, FEW = 200 * MB, 2000 * MB
"""Bytes free: below the first nothing can be relied on, below the second it is time to make room."""


def free_bytes() -> int:
    """Bytes free where `IVIG_VAR` lies, or where it would be made."""
    folder = settings.VAR_DIR
    return shutil.disk_usage(next(place for place in (folder, *folder.absolute().parents) if os.path.isdir(place))).free  # noqa: PTH112 - false, and no error, where it may not be looked at
