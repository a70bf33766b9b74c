"""A password that is slow to check: it stands in for Argon2, whose seconds depend on the machine."""

import os
import time
from pathlib import Path

from django.contrib.auth.hashers import MD5PasswordHasher

SECONDS = 1.0
COUNTED_IN = "COUNT_OF_HASHES"
"""Names, in the environment, the file to which each hash writes + as it begins and - as it ends."""


class SlowHasher(MD5PasswordHasher):
    """Django's quick hash for tests, after a second. It reads what tests have written by the quick one."""

    def encode(self, password: str, salt: str) -> str:
        self._write("+")
        time.sleep(SECONDS)
        self._write("-")
        return super().encode(password, salt)

    @staticmethod
    def _write(mark: str) -> None:
        with Path(os.environ[COUNTED_IN]).open("a") as counted:
            counted.write(mark)
