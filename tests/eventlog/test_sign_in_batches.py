"""Batches of the sign-in log: who came in, failed to, or was let in stands in an entry within a quarter of an hour."""

import hashlib
import json

from django.test import Client
from django.utils import timezone

from tests.cast import PASSWORD, Cast
from utilization import workflow
from utilization.models import Event, SignInEntry
from utilization.reconciliation import reconcile


def _leaf(row: SignInEntry) -> bytes:
    """A row's leaf by RFC 6962, from its values written out by hand: keys by name, times in UTC to the microsecond."""
    values = {
        "address": row.address, "at": f"{row.at:%Y-%m-%dT%H:%M:%S.%f}Z", "by_id": row.by_id, "by_name": row.by_name,
        "detail": row.detail, "id": row.pk, "kind": row.kind, "user_id": row.user_id, "user_name": row.user_name,
    }  # fmt: skip
    raw = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(b"\0" + raw).digest()


def test_an_entry_vouches_for_every_sign_in_since_the_last(cast: Cast):
    Client().post("/account/sign-in/", {"login": "fern", "password": "wrong"})
    Client().post("/account/sign-in/", {"login": "fern", "password": PASSWORD})
    assert reconcile().unclosed == 2
    batch = workflow.close_sign_ins(at=timezone.now())
    first, second = SignInEntry.objects.order_by("pk")
    event = Event.objects.latest("seq")
    said = json.loads(bytes(event.body))["data"]
    assert (event.type, event.actor_id, event.site_id) == ("sign_ins.closed", None, None)
    assert said["root"] == hashlib.sha256(b"\1" + _leaf(first) + _leaf(second)).hexdigest()
    assert (said["count"], said["spans"]) == (2, [[first.pk, second.pk]]) == (batch.count, [list(batch.spans[0])])
    assert reconcile().unclosed == 0
    assert workflow.close_sign_ins(at=timezone.now()) is None


def test_reads_and_sign_ins_are_batches_of_their_own(cast: Cast, seen_by):
    petra = seen_by("petra")
    petra.get(f"/patients/{cast.patient.uid}/")
    reads, sign_ins = workflow.close_access(at=timezone.now()), workflow.close_sign_ins(at=timezone.now())
    assert (reads.count >= 1, sign_ins.count) == (True, 1)
    assert [finding for finding in reconcile().findings if finding.place.table in ("accessentry", "signinentry")] == []
