"""Signatures by passkey among the rows: the genuine are silent, a forged one is found by its bytes."""

import json
from datetime import timedelta

import pytest

from tests.cast import AT, a_draft, present, submitted
from tests.security_key import SecurityKey
from tests.workflow.test_passkeys import a_passkey, approved, signed_by
from utilization import digests
from utilization.models import Decision
from utilization.passkey_proof import challenge_of, check_kept, to_base64url
from utilization.reconciliation import reconcile
from utilization.workflow import passkeys_of, people, remove_passkey

HOUR = timedelta(hours=1)


@pytest.fixture
def signed(history):
    """A decision that Fern signed with a passkey, among all the others."""
    cast = history.hospital
    fern = cast["fern"]
    key = a_passkey(fern)
    request = submitted(cast, a_draft(cast))
    approved(request, fern, signed_by(key, request, fern))
    return Decision.objects.get(request=request)


def found():
    return [finding.found for finding in reconcile().findings if "passkey" in finding.expected]


@pytest.mark.long
def test_what_was_signed_is_silent(signed):
    assert reconcile().findings == ()


@pytest.mark.long
def test_a_forged_signature_is_found_by_its_bytes(signed, unguarded):
    table, key = "utilization_decision", signed.pk
    change = f"UPDATE {table} SET presence = %s WHERE id = {key}"
    genuine = signed.presence

    def told(presence):
        unguarded((change, json.dumps(presence)))
        return found()

    other = SecurityKey()
    # Another's key over the same statement, by its own book: genuine bytes, which no entry knows.
    options = {"challenge": to_base64url(challenge_of(genuine["statement"].encode())), "rpId": "testserver"}
    made = json.loads(other.signed(options))["response"]
    forged = {
        **genuine, "credential_id": to_base64url(other.credential_id), "public_key": to_base64url(other.cose),
        "authenticator_data": made["authenticatorData"], "client_data": made["clientDataJSON"],
        "signature": made["signature"],
    }  # fmt: skip
    assert told(forged) == ["its signer never added this passkey"]
    assert told({**genuine, "signature": forged["signature"]}) == ["the signature is not by this passkey"]
    assert told({**genuine, "statement": "passkey"}) == ["it keeps no statement that can be read"]
    assert told({"kind": "passkey"}) == ["it keeps no statement that can be read"]
    assert told([{"kind": "passkey"}]) == ["it cannot be read"]
    assert told(genuine) == []
    unguarded((f"UPDATE {table} SET conditions = 'None.' WHERE id = {key}",))
    assert found() == ["what was signed says something else in “conditions”"]


def _removed(history, how, at):
    fern = history.hospital["fern"]
    if how == "by themselves":
        [mine] = passkeys_of(fern)
        remove_passkey(fern, mine.pk, at=at, presence=present(fern, at))
    else:
        people.remove_second_step(fern, by=history.hospital["adam"], at=at)


@pytest.mark.long
@pytest.mark.parametrize("how", ["by themselves", "by an administrator"])
def test_what_a_passkey_signed_stays_good_once_it_is_removed(history, signed, unguarded, how):
    _removed(history, how, AT + 2 * HOUR)
    assert passkeys_of(history.hospital["fern"]) == ()
    assert found() == []
    # From stored bytes alone, in a database that holds no passkey at all.
    check_kept(signed.presence, digests.as_signed(signed))
    # A row that says it was signed later, by the key that was gone by then, is found.
    later = AT + 3 * HOUR
    unguarded(("UPDATE utilization_decision SET signed_at = %s WHERE id = %s", later, signed.pk))
    assert found() == ["its signer had removed this passkey before"]


def test_what_is_signed_is_told_by_the_row(signed):
    statement = json.loads(signed.presence["statement"])
    assert statement["signed_by"] == signed.signed_by_id
    assert set(digests.as_signed(signed)) < set(statement)
    assert statement["prepared_at"].startswith(f"{AT:%Y-%m-%d}")
