"""Codes of an authenticator app and recovery codes: each serves once, in whichever process, and guesses are counted."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from tests.cast import AT, Cast, a_request, present
from utilization import workflow
from utilization.models import Decision, Event, LastCode, SignInEntry
from utilization.rules.lifecycle import Status
from utilization.workflow import Invalid, one_time_codes

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_6238 = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
"""The last six digits of the codes in appendix B of RFC 6238, by seconds since 1970, for SHA-1."""


def an_app(user, at=AT, secret=RFC_SECRET):
    asked = {"person": user.pk, "at": at.isoformat(), "secret": one_time_codes.encrypt(secret)}
    one_time_codes.add_app(user, code_at(secret, at), asked, at=at)


def code_at(secret, at):
    """The code of `secret` at `at`, by RFC 4226, section 5.3, and RFC 6238."""
    counter = (int(at.timestamp()) // 30).to_bytes(8)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture
def fern(cast: Cast):
    return cast["fern"]


@pytest.mark.parametrize(("seconds", "code"), RFC_6238.items())
def test_codes_are_those_of_the_standard(fern, seconds, code):
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_at(RFC_SECRET, at) == code
    an_app(fern, at - timedelta(minutes=2) if seconds > 200 else at)
    LastCode.objects.update(step=0)
    assert one_time_codes.prove_by_code(fern, f"{code[:3]} {code[3:]}", at=at).kind == "totp"


def test_a_code_signs_once_and_is_kept_as_such(cast: Cast, fern):
    an_app(fern)
    request, later = a_request(cast, Status.PHARMACIST_REVIEW), AT + timedelta(minutes=1)
    code = code_at(RFC_SECRET, later)
    proved = one_time_codes.prove_by_code(fern, code, at=later)
    workflow.approve(request.uid, by=fern, at=later, version=request.version, presence=proved)
    assert Decision.objects.get().presence == {"kind": "totp", "at": "2026-03-02T09:01:00.000000Z"}
    with pytest.raises(Invalid, match="used already"):
        one_time_codes.prove_by_code(fern, code, at=later)


def test_what_was_used_is_known_to_every_process(cast: Cast, fern):
    """The step lies in the database and is taken by one guarded update: another process has nothing else to ask."""
    an_app(fern)
    later = AT + timedelta(minutes=1)
    code = code_at(RFC_SECRET, later)
    one_time_codes.prove_by_code(fern, code, at=later)
    cache.clear()
    with pytest.raises(Invalid):
        one_time_codes.sign_in_code(fern, code, at=later, session="b")
    # Nor one of before it, which a look over the shoulder may have caught.
    with pytest.raises(Invalid):
        one_time_codes.prove_by_code(fern, code_at(RFC_SECRET, later - timedelta(seconds=30)), at=later)


def test_the_code_that_added_the_app_is_used(fern):
    an_app(fern)
    with pytest.raises(Invalid):
        one_time_codes.sign_in_code(fern, code_at(RFC_SECRET, AT), at=AT, session="a")


def test_codes_of_other_times_and_people_are_refused_and_counted(cast: Cast, fern):
    an_app(fern)
    later = AT + timedelta(minutes=5)
    for typed in (code_at(RFC_SECRET, later - timedelta(seconds=61)), "000000", "１２３４５６", "", "12345678"):
        with pytest.raises(Invalid):
            one_time_codes.prove_by_code(fern, typed, at=later, session="a")
    with pytest.raises(Invalid, match="Too many"):
        one_time_codes.prove_by_code(fern, code_at(RFC_SECRET, later), at=later, session="a")
    with pytest.raises(Invalid):
        one_time_codes.prove_by_code(cast["felix"], code_at(RFC_SECRET, later), at=later)


def test_secrets_are_not_in_the_database(fern, settings):
    an_app(fern)
    one_time_codes.new_recovery_codes(fern, at=AT, presence=present(fern))
    for row in Authenticator.objects.all():
        assert RFC_SECRET not in str(row.data)
    assert len(str(Authenticator.objects.get(type="recovery_codes").data["seed"])) > 90
    settings.SECRET_KEY = "another-key-of-this-server-after-the-first-one-was-lost-0123456789"
    later = AT + timedelta(minutes=1)
    with pytest.raises(Invalid):
        one_time_codes.prove_by_code(fern, code_at(RFC_SECRET, later), at=later)


def test_recovery_codes_sign_in_once_and_sign_nothing(fern):
    an_app(fern)
    first = one_time_codes.new_recovery_codes(fern, at=AT, presence=present(fern))
    codes = one_time_codes.new_recovery_codes(fern, at=AT, presence=present(fern))
    assert len(set(first) | set(codes)) == 20
    assert one_time_codes.sign_in_code(fern, codes[3], at=AT, session="a").type == "recovery_codes"
    assert one_time_codes.codes_of(fern).recovery_left == 9
    assert Event.objects.filter(type="recovery_code.used").count() == 1
    told = SignInEntry.objects.filter(user_id=fern.pk).order_by("pk").values_list("kind", "detail")
    told = told.exclude(detail="totp")
    made, remade = ("factor_added", "recovery_codes"), ("factor_removed", "recovery_codes")
    assert list(told) == [made, remade, made, ("recovery_code_used", "")]
    for refused in (codes[3], first[4], "junk"):
        with pytest.raises(Invalid):
            one_time_codes.sign_in_code(fern, refused, at=AT, session=refused)
    with pytest.raises(Invalid):
        one_time_codes.prove_by_code(fern, codes[5], at=AT, session="b")


def test_adding_needs_a_fresh_secret_of_ones_own_and_its_code(cast: Cast, fern):
    asked = one_time_codes.begin_app(fern, at=AT, presence=present(fern))
    secret = one_time_codes.secret_to_show(fern, asked, AT)
    assert secret is not None
    late = AT + timedelta(minutes=11)
    for by, kept, at, code in (
        (cast["felix"], asked, AT, code_at(secret, AT)),
        (fern, None, AT, code_at(secret, AT)),
        (fern, asked, late, code_at(secret, late)),
        (fern, asked, AT, code_at(RFC_SECRET, AT)),
        (fern, asked, AT, "junk"),
    ):
        with pytest.raises(Invalid):
            one_time_codes.add_app(by, code, kept, at=at)
    assert not Authenticator.objects.exists()
    one_time_codes.add_app(fern, code_at(secret, AT), asked, at=AT)
    assert one_time_codes.codes_of(fern).app_since
    one_time_codes.remove_app(fern, at=AT, presence=present(fern))
    assert not one_time_codes.has_app(fern)
    assert [event.type for event in Event.objects.order_by("seq")][-2:] == [
        "authenticator_app.added", "authenticator_app.removed",
    ]  # fmt: skip
