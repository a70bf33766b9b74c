"""What a salted digest of the log should be, worked out with the standard library alone."""

import hashlib
import hmac
import json

from utilization.models import DigestSalt


def hmac_of(said, value):
    """The digest of `value`, bytes or what JSON holds, by the salt that `said` names."""
    salt = bytes(DigestSalt.objects.get(pk=said["salt"]).value)
    if not isinstance(value, bytes):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()
    return hmac.new(salt, value, hashlib.sha256).hexdigest()
