"""Published cases of signatures and vectors of proofs are judged each by itself, by what they say is right."""

import base64
import hashlib
import json

import pytest

from bench import log_proofs
from utilization.transparency import ed25519
from utilization.verifier.verify_evidence import is_signed

# RFC 8032, section 7.1, the second test.
KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
ORDER = 2**252 + 27742317777372353535851937790883648493
LONGER = SIGNATURE[:64] + (int.from_bytes(bytes.fromhex(SIGNATURE[64:]), "little") + ORDER).to_bytes(32, "little").hex()


def _file(*cases):
    tests = [{"tcId": place, "msg": "72", "sig": sig, "result": right} for place, (sig, right) in enumerate(cases)]
    return {"numberOfTests": len(tests), "testGroups": [{"publicKey": {"pk": KEY}, "tests": tests}]}


@pytest.mark.parametrize("believes", [ed25519.is_signed, is_signed])
def test_a_signature_of_another_length_or_with_a_larger_factor_is_refused(believes):
    others = ("", SIGNATURE[:-2], SIGNATURE + "00", SIGNATURE[:64], LONGER, "00" * 64)
    told = log_proofs.judged_cases(_file((SIGNATURE, "valid"), *((sig, "invalid") for sig in others)), believes)
    assert told == [("valid", True), *[("invalid", False)] * len(others)]


@pytest.mark.parametrize(("right", "agrees"), [("valid", True), ("acceptable", True), ("invalid", False)])
def test_a_case_that_is_judged_otherwise_is_no_pass(tmp_path, right, agrees):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(_file((SIGNATURE, right))))
    assert log_proofs.wycheproof(path) is agrees


def test_a_case_on_which_the_two_differ_is_no_pass(tmp_path, monkeypatch):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(_file((SIGNATURE, "acceptable"))))
    monkeypatch.setattr(log_proofs, "is_signed", lambda *_: False)
    assert not log_proofs.wycheproof(path)


def test_a_file_that_is_cut_off_is_refused():
    cases = _file((SIGNATURE, "valid")) | {"numberOfTests": 2}
    with pytest.raises(ValueError, match="cut off"):
        log_proofs.judged_cases(cases, is_signed)


def test_vectors_of_proofs_are_judged_by_what_they_say(tmp_path):
    """A tree of two leaves, by hand."""
    left, right = (hashlib.sha256(b"\0" + leaf).digest() for leaf in (b"a", b"b"))
    root = hashlib.sha256(b"\1" + left + right).digest()
    one, two, whole = (base64.b64encode(made).decode() for made in (left, right, root))
    inclusion = {"leafIdx": 0, "treeSize": 2, "root": whole, "leafHash": one, "proof": [two], "wantErr": False}
    consistency = {"size1": 1, "size2": 2, "root1": one, "root2": whole, "proof": [two], "wantErr": False}
    cases = [inclusion, consistency, inclusion | {"leafIdx": 1, "wantErr": True}]
    cases.append(consistency | {"proof": None, "wantErr": True})
    for place, case in enumerate(cases):
        (tmp_path / f"{place}.json").write_text(json.dumps(case))
    assert log_proofs.vectors(tmp_path)
    (tmp_path / "0.json").write_text(json.dumps(inclusion | {"wantErr": True}))
    assert not log_proofs.vectors(tmp_path)
