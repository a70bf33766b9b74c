"""Which salts of digests were forgotten on purpose, as entries tell it."""

import json

from utilization.models import DigestSalt, Event
from utilization.reconciliation.findings import REMEMBERED, Discrepancy, RowPlace, Tally

_TYPE = "digest.forgotten"


def forgotten_salts(size: int, tally: Tally) -> dict[int, int]:
    """By the key of a salt, the first entry below `size` that tells that it was forgotten.

    One that is there all the same, as after a backup was restored, is a finding of `tally`.
    """
    told: dict[int, int] = {}
    for seq, body in Event.objects.filter(type=_TYPE, seq__lt=size).order_by("seq").values_list("seq", "body"):
        try:
            for salt in json.loads(bytes(body))["data"]["salts"]:
                told.setdefault(int(salt), seq)
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # What it says forgets nothing; what is wrong with the entry is told where entries are checked.
    for salt in DigestSalt.objects.filter(pk__in=told).order_by("pk").values_list("pk", flat=True):
        tally.add(Discrepancy(REMEMBERED, RowPlace("utilization_digestsalt", str(salt), told[salt]), ("value",)))
    return told
