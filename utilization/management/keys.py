"""Keys as the commands read them: a private one, and the public ones by which checkpoints are checked.

Public keys are handed over by people, as a file, and never read from the database.
"""

from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from utilization.key_files import DEMO_PREFIX, BadKeyFile, read_key, read_public_keys
from utilization.transparency.ed25519 import SigningKey
from utilization.transparency.keys import PublicKey


def private_key(path: Path) -> SigningKey:
    """The key in the file. Raises BadKeyFile, in production also for a key of the demo."""
    key = read_key(path)
    if settings.MODE == "production" and key.public.name.startswith(DEMO_PREFIX):
        raise BadKeyFile(f"{path} is a demo key. Make one with a name: `manage.py make_key`, in another folder.")
    return key


def public_keys(path: Path) -> tuple[PublicKey, ...]:
    """The keys in the file, at least one. Raises CommandError, with what to do."""
    try:
        return read_public_keys(path)
    except BadKeyFile as fault:
        raise CommandError(str(fault)) from None
