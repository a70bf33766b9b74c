"""Private keys in files of their own, which nobody but their owner can read; and the file of the public ones."""

import os
from pathlib import Path

from utilization.transparency.ed25519 import SigningKey, read_signing_key
from utilization.transparency.encodings import BadText
from utilization.transparency.keys import PublicKey, read_keys

DEMO_PREFIX = "demo-key/"
"""How the names of keys begin that say, in every signature, that nobody should rely on them."""


class BadKeyFile(Exception):
    """A key, or what stands beside it, cannot be used; the message says what to do."""


def write_key(path: Path, key: SigningKey) -> None:
    """Write a new private key for its owner alone. Raises BadKeyFile where a file is there already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadKeyFile(f"{path} exists already. A key is never replaced: move it away if it is not in use.") from None
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write(key.line + "\n")
        out.flush()
        os.fsync(out.fileno())


def read_key(path: Path) -> SigningKey:
    """The private key in a file. Raises BadKeyFile where there is none, or where others can read it."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeyFile(
            f"{path} cannot be read ({error.__class__.__name__}). Make it with `manage.py make_key`."
        ) from None
    if mode & 0o077:
        raise BadKeyFile(f"{path} can be read by others than its owner. Run: chmod 600 {path}")
    try:
        return read_signing_key(text)
    except BadText as fault:
        raise BadKeyFile(f"{path}: {fault}") from None


def read_public_keys(path: Path) -> tuple[PublicKey, ...]:
    """The public keys in a file, at least one. Raises BadKeyFile, with what to do."""
    try:
        keys = read_keys(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadKeyFile(
            f"The file of keys {path} cannot be read ({error.__class__.__name__}). It holds a public key a line, as "
            "`manage.py make_key` prints it."
        ) from None
    except (BadText, UnicodeDecodeError) as fault:
        raise BadKeyFile(f"The file of keys {path} cannot be used. {fault}") from None
    if not keys:
        raise BadKeyFile(f"The file of keys {path} holds no key.")
    return keys
