"""Digests of the log made to say nothing any more, where what they speak of has to be forgotten.

An entry stays as it was sealed. What goes is the salt of its digest: then nobody can try texts until one fits. The
entry `digest.forgotten` tells who had it forgotten and why, so that the check of the log knows a salt that was let go
from one that somebody took away. Rows are not touched: they stay as they are, and no entry vouches for these columns
any more.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from utilization import digests, event_log
from utilization.models import DigestSalt, Event, Site
from utilization.workflow.errors import Refused
from utilization.workflow.two_signers import Signers, signed_by_two

FORGOTTEN = "digest.forgotten"
MOST_REASON = 200


def forget_digests(signers: Signers, entry: int, because: str, *, at: datetime, part: str = "") -> list[str]:
    """Delete the salts of the digests in `entry`, or of those in its `part`, and tell the log; return their places.

    `because` stands in the log for good: a rule or a reference, and nobody's name. Doing it again is possible where a
    backup brought salts back. Two people sign it, each of whom audits or manages people where the entry belongs.
    Raises Refused, Invalid on password; then nothing was forgotten.
    """
    said = _said_in(entry)
    salts = {place: salt for place, salt in _salts_of(said["data"]) if part in ("", place, place.partition(".")[0])}
    if not salts:
        raise Refused(f"Entry {entry} holds no digest{f' in {part!r}' if part else ''} that could be forgotten.")
    if not 1 <= len(because := because.strip()) <= MOST_REASON:
        raise Refused(f"Say why in 1 to {MOST_REASON} characters: a rule or a reference, and nobody's name.")
    site = Site.objects.filter(code=said["site"] or "").first()
    terms = {"format": "ivig-forget-digests/1", "entry": entry, "digests": sorted(salts), "because": because}
    with transaction.atomic():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                # Else the deleted bytes stay in the file until something is written over them.
                cursor.execute("PRAGMA secure_delete = ON")
        signed = signed_by_two(signers, terms, "that a digest is forgotten", at=at, site=site)
        deleted, _ = DigestSalt.objects.filter(pk__in=salts.values()).delete()
        if not deleted:
            raise Refused(f"What entry {entry} holds there was forgotten before.")
        told = {"entry": entry, "digests": sorted(salts), "salts": sorted(salts.values()), "because": because}
        event_log.append(
            type=FORGOTTEN, at=at, actor=signers[0][0] if signers else None, site=site, data=told | {"signed": signed}
        )
    return sorted(salts)


def _said_in(entry: int) -> dict[str, Any]:
    try:
        return event_log.said_in(Event.objects.get(seq=entry))
    except Event.DoesNotExist:
        raise Refused(f"The log has no entry {entry}.") from None
    except ValueError:
        raise Refused(f"Entry {entry} cannot be read. Run `manage.py verify_log`.") from None


def _salts_of(said: Any, place: str = "") -> Iterator[tuple[str, int]]:
    """Each digest in what an entry says, by its place ("text", "authorization.sha256"), with the key of its salt."""
    if not isinstance(said, Mapping):
        return
    if set(said) == {"salt", "hmac"} and (salt := digests.salt_of(said)) is not None:
        yield place, salt
        return
    for name, value in said.items():
        yield from _salts_of(value, f"{place}.{name}".strip("."))
