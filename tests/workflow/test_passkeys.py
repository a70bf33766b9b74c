"""A decision signed by a passkey: what is signed, what is refused, and that the signature is good from bytes alone."""

import hashlib
import json
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cast import AT, Cast, a_request, present
from tests.security_key import UP, SecurityKey, b64, unb64
from utilization import digests, workflow
from utilization.models import AccessEntry, AccountAct, Decision, Event
from utilization.passkey_proof import BadPasskeyProof, check_kept
from utilization.rules.lifecycle import Status
from utilization.workflow import DecisionTerms, Invalid

HOST = "testserver"


def a_passkey(user, at=AT, key=None):
    key = key or SecurityKey()
    options, asked = workflow.begin_passkey(user, HOST, at=at, presence=present(user, at))
    workflow.add_passkey(user, "Blue key", key.made(json.loads(json.dumps(options))), asked, at=at)
    return key


@pytest.fixture
def fern(cast: Cast):
    return cast["fern"]


@pytest.fixture
def key(fern):
    return a_passkey(fern)


@pytest.fixture
def request_(cast: Cast):
    return a_request(cast, Status.PHARMACIST_REVIEW)


def asked_to_approve(request, by, at=AT, **given):
    return workflow.ask_passkey(
        workflow.approve, request.uid, by=by, at=at, relying_party=HOST, version=request.version, **given
    )


def approved(request, by, presence, at=AT, **given):
    return workflow.approve(request.uid, by=by, at=at, version=request.version, presence=presence, **given)


def why(invalid):
    [told] = invalid.value.errors["password"]
    return told


def signed_by(key, request, by):
    asked = asked_to_approve(request, by)
    return workflow.prove_by_passkey(by, key.signed(asked.options(by)), asked.as_json(), at=AT)


def test_one_touch_approves_and_keeps_the_proof(fern, key, request_):
    approved(request_, fern, signed_by(key, request_, fern))
    decision = Decision.objects.get(request=request_)
    kept = decision.presence
    assert set(kept) == {
        "kind", "at", "statement", "credential_id", "public_key", "authenticator_data", "client_data", "signature",
    }  # fmt: skip
    assert (kept["kind"], unb64(kept["credential_id"]), unb64(kept["public_key"])) == (
        "passkey",
        key.credential_id,
        key.cose,
    )
    # By the standard's own words, without the code: https://www.w3.org/TR/webauthn-2/#sctn-verifying-assertion
    client = json.loads(unb64(kept["client_data"]))
    assert unb64(client["challenge"]) == hashlib.sha256(kept["statement"].encode()).digest()
    message = unb64(kept["authenticator_data"]) + hashlib.sha256(unb64(kept["client_data"])).digest()
    x, y = unb64(kept["public_key"])[10:42], unb64(kept["public_key"])[45:77]
    public = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()).public_key()
    public.verify(unb64(kept["signature"]), message, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(unb64(kept["signature"]), message + b" ", ec.ECDSA(hashes.SHA256()))
    # What was signed is the decision, in words that a person can read.
    statement = json.loads(kept["statement"])
    assert (statement["choice"], statement["number"], statement["signed_by"], statement["signed_name"]) == (
        "approve", request_.number, fern.pk, fern.signature_name,
    )  # fmt: skip
    check_kept(kept, digests.as_signed(decision))


def test_a_password_is_kept_as_what_it_is(cast: Cast, fern, request_):
    approved(request_, fern, present(fern))
    assert Decision.objects.get(request=request_).presence == {"kind": "password", "at": "2026-03-02T09:00:00.000000Z"}


def test_asking_does_nothing(fern, key, request_):
    before = (Event.objects.count(), AccessEntry.objects.count(), Decision.objects.count())
    asked_to_approve(request_, fern)
    request_.refresh_from_db()
    assert (Event.objects.count(), AccessEntry.objects.count(), Decision.objects.count()) == before
    assert request_.status == Status.PHARMACIST_REVIEW


def test_asking_refuses_what_the_act_refuses(cast: Cast, fern, request_):
    with pytest.raises(Invalid):
        asked_to_approve(request_, fern, terms=DecisionTerms(order={"dose_total_g": "much"}))
    with pytest.raises(workflow.Refused):
        asked_to_approve(request_, cast["petra"])


def test_what_is_changed_after_the_question_is_not_signed(cast: Cast, fern, key, request_):
    other = a_request(cast, Status.PHARMACIST_REVIEW, patient=cast.a_patient(mrn="N-2002", name="Beatrix Canary"))
    same = {"by": fern, "at": AT, "presence": signed_by(key, request_, fern)}
    for act, about, given in (
        (workflow.approve, request_, {"terms": DecisionTerms(conditions="Measure IgG first.")}),
        (workflow.recommend, request_, {"choice": "approve", "terms": DecisionTerms(reason="Fits.")}),
        (workflow.approve, other, {}),
    ):
        with pytest.raises(Invalid) as invalid:
            act(about.uid, version=about.version, **same, **given)
        assert "this is not what you signed" in why(invalid)
    assert not Decision.objects.exists()


def test_a_passkey_of_another_person_is_refused(cast: Cast, fern, key, request_):
    others = a_passkey(cast["felix"])
    asked = asked_to_approve(request_, fern)
    with pytest.raises(Invalid) as invalid:
        workflow.prove_by_passkey(fern, others.signed(asked.options(fern)), asked.as_json(), at=AT)
    assert "not one of your passkeys" in why(invalid)
    # Under the name of the right one, with the wrong private key.
    forged = SecurityKey(others.private, key.credential_id)
    with pytest.raises(Invalid) as invalid:
        workflow.prove_by_passkey(fern, forged.signed(asked.options(fern)), asked.as_json(), at=AT)
    assert "not by this passkey" in why(invalid)
    # A question to one person, answered by another's session.
    with pytest.raises(Invalid):
        workflow.prove_by_passkey(cast["felix"], others.signed(asked.options(fern)), asked.as_json(), at=AT)


def test_a_stale_question_and_none_at_all_are_refused(fern, key, request_):
    asked = asked_to_approve(request_, fern)
    answer = key.signed(asked.options(fern))
    for at in (AT + timedelta(minutes=2, seconds=1), AT - timedelta(seconds=1)):
        with pytest.raises(Invalid) as invalid:
            workflow.prove_by_passkey(fern, answer, asked.as_json(), at=at)
        assert "longer than two minutes" in why(invalid)
    assert workflow.prove_by_passkey(fern, answer, asked.as_json(), at=AT + timedelta(minutes=2))
    with pytest.raises(Invalid) as invalid:
        workflow.prove_by_passkey(fern, answer, None, at=AT)
    assert "used already" in why(invalid)
    # The answer to another question: what was signed before does not serve again.
    with pytest.raises(Invalid) as invalid:
        workflow.prove_by_passkey(fern, answer, asked_to_approve(request_, fern).as_json(), at=AT)
    assert "something else" in why(invalid)


def test_signatures_of_another_kind_are_refused(fern, key, request_):
    asked = asked_to_approve(request_, fern)
    for changes, told in (
        ({"flags": UP}, "not touched and unlocked"),
        ({"flags": 0x04}, "not touched and unlocked"),
        ({"origin": "https://testserver.evil.example"}, "another address"),
        ({"origin": "https://sub.testserver"}, "another address"),
        ({"origin": "http://testserver"}, "another address"),
        ({"kind": "webauthn.create"}, "no signature of this kind"),
    ):
        with pytest.raises(Invalid) as invalid:
            workflow.prove_by_passkey(fern, key.signed(asked.options(fern), **changes), asked.as_json(), at=AT)
        assert told in why(invalid)


HOSTILE = (
    "", "null", "[]", "7", "{}", '{"id": 7}', '{"id": "%%"}', "[" * 5000, "\x00", '{"id": "AAAA", "response": 1}',
    '{"id": "' + "A" * 9000 + '"}', "{" + '"a":' * 2000, '{"id": "AAAA", "response": {"clientDataJSON": "e30"}}',
)  # fmt: skip


def test_hostile_answers_are_refused_in_words(fern, key, request_):
    asked = asked_to_approve(request_, fern)
    _options, begun = workflow.begin_passkey(fern, HOST, at=AT, presence=present(fern))
    for answer in HOSTILE:
        with pytest.raises(Invalid):
            workflow.prove_by_passkey(fern, answer, asked.as_json(), at=AT)
        with pytest.raises(Invalid):
            workflow.add_passkey(fern, "Green key", answer, begun, at=AT)


def test_no_byte_of_an_answer_can_be_changed(fern, key, request_):
    asked = asked_to_approve(request_, fern)
    answer = json.loads(key.signed(asked.options(fern)))
    for part, text in answer["response"].items():
        raw = unb64(text)
        for at in range(len(raw)):
            changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            sent = {**answer, "response": {**answer["response"], part: b64(changed)}}
            with pytest.raises(Invalid):
                workflow.prove_by_passkey(fern, json.dumps(sent), asked.as_json(), at=AT)


def test_a_kept_proof_tells_when_the_row_was_altered(fern, key, request_):
    approved(request_, fern, signed_by(key, request_, fern))
    decision = Decision.objects.get(request=request_)
    kept, signed = decision.presence, digests.as_signed(decision)
    for name, value in (("choice", "deny"), ("conditions", "None."), ("signed_by", fern.pk + 1), ("number", "N-1")):
        with pytest.raises(BadPasskeyProof, match=f"something else in “{name}”"):
            check_kept(kept, {**signed, name: value})
        # Row and statement altered together: the signature no longer fits.
        forged = json.dumps(
            {**json.loads(kept["statement"]), name: value}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        with pytest.raises(BadPasskeyProof, match="something else than what stands here"):
            check_kept({**kept, "statement": forged}, {**signed, name: value})
    # What the request said when it was signed is part of what was signed.
    decision.submission.facts = {**decision.submission.facts, "course_days": "4"}
    with pytest.raises(BadPasskeyProof, match="something else in “submission_sha256”"):
        check_kept(kept, digests.as_signed(decision))
    for part in ("signature", "public_key", "client_data", "authenticator_data", "statement"):
        with pytest.raises(BadPasskeyProof):
            check_kept({**kept, part: None}, signed)
        with pytest.raises(BadPasskeyProof):
            check_kept({name: value for name, value in kept.items() if name != part}, signed)
    with pytest.raises(BadPasskeyProof):
        check_kept({**kept, "statement": kept["statement"].replace(":", ": ", 1)}, signed)
    check_kept(kept, signed)


# --- Adding and removing ------------------------------------------------------------------------------------------


def test_adding_and_removing_are_logged_with_the_public_key(fern, key):
    [added] = Event.objects.filter(type="passkey.added")
    said = json.loads(bytes(added.body))["data"]
    assert (said["person"], unb64(said["credential_id"]), unb64(said["public_key"])) == (
        fern.pk, key.credential_id, key.cose,
    )  # fmt: skip
    [mine] = workflow.passkeys_of(fern)
    assert (mine.name, mine.public_key) == ("Blue key", key.cose)
    workflow.remove_passkey(fern, mine.pk, at=AT, presence=present(fern))
    assert not workflow.has_passkey(fern)
    [removed] = Event.objects.filter(type="passkey.removed")
    assert unb64(json.loads(bytes(removed.body))["data"]["credential_id"]) == key.credential_id


def test_nobody_removes_the_passkey_of_another(cast: Cast, fern, key):
    [mine] = workflow.passkeys_of(fern)
    workflow.remove_passkey(cast["felix"], mine.pk, at=AT, presence=present(cast["felix"]))
    assert workflow.has_passkey(fern)
    assert not Event.objects.filter(type="passkey.removed").exists()


def test_a_removed_passkey_signs_nothing(fern, key, request_):
    asked = asked_to_approve(request_, fern)
    Authenticator.objects.all().delete()
    with pytest.raises(Invalid):
        workflow.prove_by_passkey(fern, key.signed(asked.options(fern)), asked.as_json(), at=AT)


def test_what_is_no_fresh_answer_to_the_own_question_adds_nothing(cast: Cast, fern):
    options, asked = workflow.begin_passkey(fern, HOST, at=AT, presence=present(fern))
    options = json.loads(json.dumps(options))
    answer = SecurityKey().made(options)
    for by, kept, at, given in (
        (fern, None, AT, answer),
        (cast["felix"], asked, AT, answer),
        (fern, asked, AT + timedelta(minutes=6), answer),
        (fern, asked, AT, SecurityKey().made(options, "https://evil.example")),
        (fern, asked, AT, SecurityKey().made(options, flags=UP)),
        (fern, asked, AT, SecurityKey().made({**options, "challenge": "AAAA"})),
    ):
        with pytest.raises(Invalid):
            workflow.add_passkey(by, "Key", given, kept, at=at)
    assert not Authenticator.objects.exists()
    with pytest.raises(Invalid):
        workflow.begin_passkey(fern, HOST, at=AT, presence=present(cast["felix"]))


def test_ten_passkeys_are_enough_and_none_twice(fern, key):
    with pytest.raises(Invalid, match="added this passkey already"):
        a_passkey(fern, key=key)
    for _ in range(workflow.MOST_PASSKEYS - 1):
        a_passkey(fern)
    with pytest.raises(Invalid, match="You have 10 passkeys"):
        a_passkey(fern)


@pytest.mark.parametrize("attestation", ["", "o2M", "WQ"])
def test_an_answer_that_breaks_off_adds_nothing(fern, attestation):
    options, asked = workflow.begin_passkey(fern, HOST, at=AT, presence=present(fern))
    answer = json.loads(SecurityKey().made(json.loads(json.dumps(options))))
    answer["response"]["attestationObject"] = attestation
    with pytest.raises(Invalid):
        workflow.add_passkey(fern, "Key", json.dumps(answer), asked, at=AT)


def test_data_of_an_authenticator_that_break_off_sign_nothing(fern, key, request_):
    asked = asked_to_approve(request_, fern)
    answer = json.loads(key.signed(asked.options(fern)))
    answer["response"]["authenticatorData"] = b64(bytes(32) + b"\x85" + bytes(4))
    with pytest.raises(Invalid):
        workflow.prove_by_passkey(fern, json.dumps(answer), asked.as_json(), at=AT)


def test_whose_account_nobody_confirmed_adds_nothing_that_proves_presence(cast: Cast, fern):
    AccountAct.objects.create(user=fern, kind="reset", by=cast["adam"], at=AT)
    for begin in (
        lambda: workflow.begin_passkey(fern, HOST, at=AT, presence=present(fern)),
        lambda: workflow.one_time_codes.begin_app(fern, at=AT, presence=present(fern)),
        lambda: workflow.one_time_codes.new_recovery_codes(fern, at=AT, presence=present(fern)),
    ):
        with pytest.raises(Invalid, match="Nothing was added"):
            begin()


def test_who_loses_the_second_step_is_confirmed_before_they_sign_again(cast: Cast, fern, key, request_):
    workflow.people.remove_second_step(fern, by=cast["adam"], at=AT)
    with pytest.raises(workflow.Refused, match="nobody else has confirmed"):
        approved(request_, fern, present(fern))


@pytest.mark.parametrize("how", ["by themselves", "by an administrator"])
def test_a_passkey_that_was_removed_before_it_signed_signs_nothing(cast: Cast, fern, key, request_, how):
    asked = asked_to_approve(request_, fern)
    answer = key.signed(asked.options(fern))
    [mine] = workflow.passkeys_of(fern)
    if how == "by themselves":
        workflow.remove_passkey(fern, mine.pk, at=AT, presence=present(fern, AT))
    else:
        workflow.people.remove_second_step(fern, by=cast["adam"], at=AT)
    with pytest.raises(Invalid) as invalid:
        approved(request_, fern, workflow.prove_by_passkey(fern, answer, asked.as_json(), at=AT))
    assert "this is not one of your passkeys" in why(invalid)
    assert not Decision.objects.filter(request=request_).exists()
