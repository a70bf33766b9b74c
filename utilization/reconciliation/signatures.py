"""Signatures by passkey, checked from the bytes that were kept, by keys that the log says their signers added."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from utilization import digests
from utilization.models import Decision
from utilization.passkey_proof import PASSKEY, BadPasskeyProof, check_kept
from utilization.reconciliation.comparison import FAULTS
from utilization.reconciliation.entries import ToldEntry
from utilization.reconciliation.findings import ALTERED, Discrepancy, RowPlace, Tally

_ASSESSMENT = "utilization_decision"
_CHUNK = 500


@dataclass(slots=True)
class PasskeyReplay:
    """Gathers the passkeys that entries tell of, some hundred bytes each.

    `keys` holds, by (person, credential, public key), until when it was theirs; None for one that is theirs now.
    """

    keys: dict[tuple[int, str, str], datetime | None] = field(default_factory=dict)

    def take(self, entry: ToldEntry) -> None:
        """Note a passkey that came or went. Raises one of `FAULTS` where it makes no sense."""
        said = entry.data
        match entry.type:
            case "passkey.added":
                self.keys[said["person"], said["credential_id"], said["public_key"]] = None
            case "passkey.removed":
                self._end(entry, said["credential_id"])
            case "second_step.removed" if "webauthn" in said["kinds"]:
                self._end(entry)

    def _end(self, entry: ToldEntry, credential: str | None = None) -> None:
        """End one passkey of the person whom `entry` is about, or all of theirs."""
        for key, ended in self.keys.items():
            if key[0] == entry.data["person"] and credential in (None, key[1]) and ended is None:
                self.keys[key] = entry.at

    def hold(self, tally: Tally) -> None:
        """Check every decision that a passkey signed, whatever the log says of the row."""
        for decision in _signed_by_passkey():
            try:
                kept: Any = decision.presence
                if kept["kind"] != PASSKEY:
                    continue
                check_kept(kept, digests.as_signed(decision))
                self._check_owner(decision, kept)
            except BadPasskeyProof as bad:
                _report(tally, decision, str(bad))
            except FAULTS:
                _report(tally, decision, "it cannot be read.")

    def _check_owner(self, decision: Decision, kept: Any) -> None:
        key = (decision.signed_by_id, kept["credential_id"], kept["public_key"])
        if key not in self.keys:
            raise BadPasskeyProof("its signer never added this passkey.")
        ended = self.keys[key]
        if ended is not None and decision.signed_at > ended:
            raise BadPasskeyProof("its signer had removed this passkey before.")


def _report(tally: Tally, decision: Decision, why: str) -> None:
    request = decision.request
    place = RowPlace(_ASSESSMENT, str(decision.pk), None, request.site.code, request.number or str(request.uid))
    wanted = "a signature by a passkey of the signer over what the row says"
    tally.add(Discrepancy(ALTERED, place, ("presence",), wanted, why.rstrip(".")))


def _signed_by_passkey() -> Iterator[Decision]:
    """Decisions whose proof speaks of a passkey. Rows that cannot be read are found where all rows are compared."""
    said = Decision.objects.annotate(kept=Cast("presence", TextField())).filter(kept__contains=PASSKEY)
    rows = Decision.objects.select_related("request__site", "submission__pack")
    keys = list(said.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), _CHUNK):
        portion = keys[start : start + _CHUNK]
        try:
            yield from list(rows.filter(pk__in=portion).order_by("pk"))
        except FAULTS:
            yield from filter(None, (_one(key) for key in portion))


def _one(key: int) -> Decision | None:
    try:
        return Decision.objects.select_related("request__site", "submission__pack").get(pk=key)
    except FAULTS:
        return None
