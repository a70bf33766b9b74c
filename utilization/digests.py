"""Digests by which an entry of the log vouches for a row without repeating its text.

Each is an HMAC-SHA256 over canonical bytes with a random key of its own, a salt, which is kept beside the log. Short
texts cannot be guessed from it, and once the salt is deleted it says nothing any more. Entries of versions before hold
plain SHA-256 digests; both are checked by `vouches`.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Model

from utilization.models import Decision, DigestSalt
from utilization.rules.canonical_json import canonical, canonical_as_kept
from utilization.rules.facts.values import plain

SALT_BYTES = 32

SUBMISSION = (
    "ordinal", "author_name", "author_department", "attestation", "as_of", "indication", "patient_as_filed", "facts",
    "entered", "confirmed", "acknowledged", "justification", "judgement", "changes", "checks",
)  # fmt: skip
DECISION = (
    "kind", "choice", "reason_code", "reason", "conditions", "order", "judgement", "unmet", "signed_name",
    "signed_role", "signed_at", "time_zone", "meaning",
)  # fmt: skip
SIGNER = ("signer", "presence")
"""What a decision says of its signer. Null in what was signed before it was kept: its digest leaves it out."""
COVERED = ("covered_name",)
"""For whom the signer covered. Empty where they signed for nobody else: the digest leaves it out."""
WHOLE_DECISION = DECISION + SIGNER + COVERED
AUTHORIZATION = (
    "uid", "number", "indication", "product", "grams_per_course", "courses", "interval_weeks", "valid_from",
    "valid_to", "review_by",
)  # fmt: skip
FIRST_DOSE = (
    "uid", "grams", "product", "because", "ground", "reason", "off_criteria", "released_name", "on_call",
)  # fmt: skip
VERBAL_ORDER = ("ordered_name", "taken_name", "taken_at")
INFUSION = ("uid", "given_on", "product", "grams", "lot", "outside", "reactions", "words", "source_sha256", "reason")
OPINION = ("order", "name", "leaning", "text", "missing")
PATIENT_IDENTITY = ("mrn", "name", "date_of_birth", "sex")
PATIENT_MEASURES = ("height_cm", "height_typed", "weight_kg", "weight_typed", "measured_on")
PATIENT_CHANGE = ("changes", "moved", "reason")
PERSON = ("username", "email", "full_name", "title")
PUBLICATION = (
    "uid", "ordinal", "effective_from", "reason", "proposed_name", "proposed_at", "proposed_meaning", "signed_name",
    "signed_at", "signed_meaning", "time_zone",
)  # fmt: skip


def salted(value: Mapping[str, Any]) -> dict[str, Any]:
    """The digest of `value` as an entry holds it, with a new salt: {"salt": its key, "hmac": 64 hex digits}."""
    salt = DigestSalt.objects.create(value=secrets.token_bytes(SALT_BYTES))
    return {"salt": salt.pk, "hmac": _hmac(bytes(salt.value), canonical(value))}


def of_row(row: Any, names: Sequence[str]) -> dict[str, Any]:
    """What a digest is taken of: the columns `names` of `row`, an instance or a mapping; a decimal by its value."""
    values = {name: row[name] if isinstance(row, Mapping) else getattr(row, name) for name in names}
    return {name: plain(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def as_kept(row: Model, names: Sequence[str]) -> dict[str, Any]:
    """As `of_row`, of the row as the database has it: a decimal may have been rounded to its column on the way."""
    return of_row(type(row)._default_manager.values(*names).get(pk=row.pk), names)


def of_submission(row: Any, pack: str) -> dict[str, Any]:
    """What a submission's digest is taken of; `pack` is the hash of its criteria.

    Versions filed before there was anything stated beside the facts are vouched for without it.
    """
    frozen = of_row(row, SUBMISSION) | {"pack": pack}
    stated = of_row(row, ("stated",))
    return frozen | (stated if stated["stated"] else {})


def of_decision(row: Any) -> dict[str, Any]:
    """What a signed act's digest is taken of: everything that the signature stands under."""
    beside = of_row(row, SIGNER + COVERED)
    return of_row(row, DECISION) | {name: value for name, value in beside.items() if value not in (None, "")}


def as_signed(decision: Decision) -> dict[str, Any]:
    """What a signature stands under, as a passkey signs it: the act and its terms, by whom, on which facts."""
    submission = of_submission(decision.submission, decision.submission.pack.sha256)
    said = (
        "kind", "choice", "reason_code", "reason", "conditions", "order", "signed_name", "signed_role", "time_zone",
        "meaning",
    )  # fmt: skip
    return {
        "format": "ivig-decision/1",
        "site": decision.request.site.code,
        "request": decision.request.uid,
        "number": decision.request.number,
        "submission": decision.submission.ordinal,
        "submission_sha256": unsalted(submission),
        "judgement_sha256": unsalted(decision.judgement),
        "unmet_sha256": unsalted(decision.unmet),
        "signed_by": decision.signed_by_id,
        **of_row(decision, said),
        **({"covering_for": decision.covered_name} if decision.covered_name else {}),
    }


def vouches(said: Any, value: Mapping[str, Any], salt: bytes | None) -> bool:
    """Whether the digest that an entry holds, salted or not, is that of `value`."""
    if isinstance(said, str):
        return said == hashlib.sha256(canonical_as_kept(value)).hexdigest()
    return salt is not None and hmac.compare_digest(str(said["hmac"]), _hmac(salt, canonical_as_kept(value)))


def salt_of(said: Any) -> int | None:
    """The key of the salt that a digest was made with; None for one of a version before."""
    salt = said.get("salt") if isinstance(said, Mapping) else None
    return salt if isinstance(salt, int) else None


def unsalted(value: Any) -> str:
    """The SHA-256 of `value` in canonical bytes, for what nobody has to forget."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _hmac(salt: bytes, value: bytes) -> str:
    return hmac.new(salt, value, hashlib.sha256).hexdigest()
