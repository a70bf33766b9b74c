"""The keys of the demo's sealer and witness: made where there are none, and labelled as what they are."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from utilization.key_files import DEMO_PREFIX, BadKeyFile, read_key, write_key
from utilization.models import Checkpoint, LogHead
from utilization.seal.key_folder import SEAL_KEY, LastSigned, last_signed
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.keys import PublicKey, SignatureType
from utilization.witness.records import WITNESS_KEY

DEMO_NAMES = {SignatureType.LOG: f"{DEMO_PREFIX}ivig-log/1", SignatureType.WITNESS: f"{DEMO_PREFIX}witness"}
_HEAD = """# Demo keys, made on this machine. The private halves lie beside the database that they seal:
# they show how sealing works and prove nothing to anybody.
"""


def make_demo_keys() -> None:
    """Make the keys and the file of public keys where they are missing. Raises BadKeyFile, OSError."""
    _set_aside()
    if Checkpoint.objects.exists() and not (settings.EVIDENCE_DIR / SEAL_KEY).exists():
        raise BadKeyFile(
            f"this database was sealed by a demo key that is not in {settings.EVIDENCE_DIR}. It stays unsealed here. "
            "To begin the demo anew, take another database."
        )
    log, new = _key(settings.EVIDENCE_DIR / SEAL_KEY, SignatureType.LOG)
    if new:
        LastSigned(settings.EVIDENCE_DIR, log.name).begin()
    witness, _ = _key(settings.WITNESS_DIR / WITNESS_KEY, SignatureType.WITNESS)
    if not settings.EVIDENCE_KEYS.exists():
        settings.EVIDENCE_KEYS.write_text(f"{_HEAD}{log.line}\n{witness.line}\n", encoding="utf-8")


def _key(path: Path, kind: SignatureType) -> tuple[PublicKey, bool]:
    if path.exists():
        return read_key(path).public, False
    key = new_signing_key(DEMO_NAMES[kind], kind)
    write_key(path, key)
    return key.public, True


def _set_aside() -> None:
    """Put the seal of an earlier demo beside, whose database was deleted: the new one is another log."""
    head = last_signed(settings.EVIDENCE_DIR)
    if head is None or not head.size or not head.origin.startswith(DEMO_PREFIX):
        return
    if LogHead.objects.filter(size__gt=0).exists():
        return
    until = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    for folder in (settings.EVIDENCE_DIR, settings.WITNESS_DIR):
        if folder.is_dir():
            folder.rename(folder.with_name(f"{folder.name}-until-{until}"))


def has_demo_keys() -> bool:
    """Whether there are keys to seal with, and they are the demo's."""
    try:
        paths = (settings.EVIDENCE_DIR / SEAL_KEY, settings.WITNESS_DIR / WITNESS_KEY)
        return all(read_key(path).public.name.startswith(DEMO_PREFIX) for path in paths)
    except BadKeyFile:
        return False
