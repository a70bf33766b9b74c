"""Signatures by passkey, checked from the bytes that were kept, by keys that the log says their signers added."""

from collections.abc import Iterator
from dataclasses import dataclass, field
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
    """Gathers the passkeys that entries tell of, some hundred bytes each: {(person, credential, public key)}."""

    keys: set[tuple[int, str, str]] = field(default_factory=set)

    def take(self, entry: ToldEntry) -> None:
        """Note a passkey. Raises one of `FAULTS` where it makes no sense."""
        if entry.type == "passkey.added":
            said = entry.data
            self.keys.add((said["person"], said["credential_id"], said["public_key"]))

    def hold(self, tally: Tally) -> None:
        """Check every decision that a passkey signed, whatever the log says of the row."""
        for decision in _signed_by_passkey():
            try:
                kept: Any = decision.presence
                if kept["kind"] != PASSKEY:
                    continue
                check_kept(kept, digests.as_signed(decision))
                if (decision.signed_by_id, kept["credential_id"], kept["public_key"]) not in self.keys:
                    raise BadPasskeyProof("its signer never added this passkey.")
            except BadPasskeyProof as bad:
                _report(tally, decision, str(bad))
            except FAULTS:
                _report(tally, decision, "it cannot be read.")


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
