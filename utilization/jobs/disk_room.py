"""How much room is left on the disk that the product writes to."""

import shutil

from django.conf import settings

MB = 1_000_000
LEAST, FEW = 200 * MB, 2000 * MB
"""Bytes free: below the first nothing can be relied on, below the second it is time to make room."""


def free_bytes() -> int:
    """Bytes free where `IVIG_VAR` lies; 0 where that is not there."""
    try:
        return shutil.disk_usage(settings.VAR_DIR).free
    except OSError:
        return 0
