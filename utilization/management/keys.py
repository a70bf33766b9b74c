"""Keys as the commands read them: a private one, and the public ones by which checkpoints are checked.

Public keys are handed over by people, as a file, and never read from the database.
"""

from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from utilization.key_files import BadKeyFile, read_key
from utilization.transparency.ed25519 import SigningKey
from utilization.transparency.encodings import BadText
from utilization.transparency.keys import PublicKey, read_keys

DEMO_PREFIX = "demo-key/"
"""How the names of keys begin that say, in every signature, that nobody should rely on them."""


def private_key(path: Path) -> SigningKey:
    """The key in the file. Raises BadKeyFile, in production also for a key of the demo."""
    key = read_key(path)
    if settings.MODE == "production" and key.public.name.startswith(DEMO_PREFIX):
        raise BadKeyFile(f"{path} is a demo key. Make one with a name: `manage.py make_key`, in another folder.")
    return key


def public_keys(path: Path) -> tuple[PublicKey, ...]:
    """The keys in the file, at least one. Raises CommandError, with what to do."""
    try:
        keys = read_keys(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(
            f"The file of keys {path} cannot be read ({error.__class__.__name__}). It holds a public key a line, as "
            "`manage.py make_key` prints it."
        ) from None
    except (BadText, UnicodeDecodeError) as fault:
        raise CommandError(f"The file of keys {path} cannot be used. {fault}") from None
    if not keys:
        raise CommandError(f"The file of keys {path} holds no key.")
    return keys
