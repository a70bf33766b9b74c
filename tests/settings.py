"""The product's settings in test mode, whatever mode the surrounding shell is in."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

os.environ["IVIG_MODE"] = "test"

from utilization.settings import *  # noqa: F403 - the product's own settings, whole

# A file, as in use: in memory, Django lets all threads of a live server share one connection, so that a request may run
# inside the transaction of another. Where memory passes for a disk, the file lies there, and syncing costs nothing.
memory = Path("/dev/shm")
folder = Path(tempfile.mkdtemp(prefix="ivig-tests-", dir=memory if os.access(memory, os.W_OK) else None))
atexit.register(shutil.rmtree, folder, ignore_errors=True)
# People of tests that run side by side have the same keys, and one must not wait for the other.
CHECK_LOCKS = folder / "checks"
# Files that tests have made go with them.
EXPORTS_DIR = folder / "exports"
# What a demo on this machine has signed is none of a test's business.
EVIDENCE_DIR, WITNESS_DIR, WITNESS_URL = folder / "evidence", folder / "witness", ""
EVIDENCE_KEYS, WITNESS_NOTES = EVIDENCE_DIR / "keys.txt", WITNESS_DIR / "cosigned.notes"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405 - from the line above
    DATABASES["default"]["TEST"] = {"NAME": folder / "test.sqlite3"}  # noqa: F405 - the same
