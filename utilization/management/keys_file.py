"""The file of public keys by which checkpoints are checked: handed over by people, never read from the database."""

from pathlib import Path

from django.core.management.base import CommandError

from utilization.transparency.encodings import BadText
from utilization.transparency.keys import PublicKey, read_keys


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
