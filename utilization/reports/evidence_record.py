"""One request as an auditor takes it along: its record, its judgement run again, its entries of the log with proofs.

Each is a plain value for a file of JSON. What cannot be had stands as a sentence in its place, so that one request
that no longer reads keeps no other of a bundle waiting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model

from utilization.models import Authorization, Event, Request
from utilization.reports.attachments import attached_to
from utilization.reports.audit_record import judged_again
from utilization.seal.entry_proof import LogUnproven, entry_proof
from utilization.transparency.tree import leaf_hash

_REQUEST = (
    "uid", "number", "status", "indication", "judged_as", "outcome", "emergency", "emergency_reason", "expedited",
    "created_at", "submitted_at", "due_at", "ended_at", "withdrawal_reason", "referred_at", "referral_reason",
)  # fmt: skip
_SUBMISSION = (
    "ordinal", "created_at", "author_name", "author_department", "attestation", "as_of", "indication",
    "patient_as_filed", "facts", "entered", "confirmed", "acknowledged", "justification", "judgement", "changes",
    "checks", "stated",
)  # fmt: skip
_DECISION = (
    "kind", "choice", "reason_code", "reason", "conditions", "order", "judgement", "unmet", "signed_name",
    "signed_role", "signed_at", "time_zone", "meaning", "signer", "presence", "covered_name",
)  # fmt: skip
_QUESTION = ("asked_at", "facts", "text", "wanted_by", "answered_at", "answer", "not_given")
_PART = ("at", "facts", "text")
_AUTHORIZATION = (
    "uid", "number", "indication", "product", "grams_per_course", "courses", "interval_weeks", "valid_from",
    "valid_to", "review_by", "voided_at", "voided_because",
)  # fmt: skip
_NOTE = ("at", "text")
_MESSAGE = ("uid", "at", "side", "to_side", "text")
_ATTACHMENT = ("uid", "at", "name", "kind", "size", "sha256", "removed_at")


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """What a bundle says of one request beside its document. `faults` are sentences on what is missing or differs."""

    record: Mapping[str, Any]
    judged_again: list[Mapping[str, Any]]
    entries: list[Mapping[str, Any]]
    bodies: Mapping[str, bytes]
    proofs: Mapping[str, str]
    faults: tuple[str, ...] = field(default=())


def evidence_record(request: Request) -> EvidenceRecord:
    """Everything about `request`, with what is wrong with it."""
    again, faults = _judged_again(request)
    entries, bodies, proofs, unproven = _log(request)
    return EvidenceRecord(_record(request), again, entries, bodies, proofs, (*faults, *unproven))


def _record(request: Request) -> dict[str, Any]:
    versions = request.submissions.select_related("pack", "created_by").order_by("ordinal")
    held = Authorization.objects.filter(request=request).first()
    questions = request.questions.select_related("asked_by", "answered_by")
    return {
        **_told(request, _REQUEST),
        "site": request.site.code,
        "department": request.department.name,
        "prescriber": request.author.signature_name,
        "versions": [
            {
                **_told(version, _SUBMISSION),
                "criteria": {"name": version.pack.name, "version": version.pack.version, "sha256": version.pack.sha256},
            }
            for version in versions
        ],
        "questions": [
            {
                **_told(question, _QUESTION),
                "asked_by": question.asked_by.signature_name,
                "answered_by": question.answered_by.signature_name if question.answered_by else None,
                "parts": [
                    {**_told(part, _PART), "by": part.by.signature_name} for part in question.parts.select_related("by")
                ],
            }
            for question in questions
        ],
        "acts": [
            {**_told(act, _DECISION), "version": act.submission.ordinal}
            for act in request.decisions.select_related("submission").order_by("pk")
        ],
        "notes": [{**_told(note, _NOTE), "by": note.by.signature_name} for note in request.notes.select_related("by")],
        "messages": [
            {
                **_told(message, _MESSAGE),
                "by": message.by.signature_name,
                "to_person": message.to_person.signature_name if message.to_person else None,
                "answers": str(message.answers.uid) if message.answers else None,
            }
            for message in request.messages.select_related("by", "to_person", "answers")
        ],
        "attachments": [
            {**_told(file, _ATTACHMENT), "by": file.by.signature_name} for file in attached_to(request, removed=True)
        ],
        "authorization": _told(held, _AUTHORIZATION) if held else None,
    }


def _told(row: Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if isinstance(value, UUID) else value


def _judged_again(request: Request) -> tuple[list[Mapping[str, Any]], list[str]]:
    told: list[Mapping[str, Any]] = []
    faults = []
    for again in judged_again(request):
        version = again.submission.ordinal
        told.append(
            {
                "version": version,
                "criteria_sha256": again.submission.pack.sha256,
                "criteria_whole": again.whole,
                "same": again.same,
                "stored_outcome": again.submission.judgement.get("outcome"),
                "outcome": again.outcome or None,
                "fault": again.fault or None,
                "differences": [
                    {"path": difference.path, "stored": difference.stored, "again": difference.again}
                    for difference in again.differences
                ],
            }
        )
        if again.fault:
            faults.append(f"Version {version} could not be judged again: {again.fault}")
        elif not again.same:
            faults.append(f"Version {version} judged again differs in {len(again.differences)} places.")
        if not again.whole:
            faults.append(f"The criteria kept with version {version} no longer have the hash that judged it.")
    return told, faults


def _log(request: Request) -> tuple[list[Mapping[str, Any]], dict[str, bytes], dict[str, str], list[str]]:
    entries: list[Mapping[str, Any]] = []
    bodies: dict[str, bytes] = {}
    proofs: dict[str, str] = {}
    faults: list[str] = []
    waiting = 0
    for event in Event.objects.filter(request_id=request.pk).order_by("seq"):
        body = bytes(event.body)
        name = f"{event.seq:09d}"
        bodies[f"{name}.json"] = body
        proven, fault = _proof(event.seq)
        if proven:
            proofs[f"{name}.tlog-proof"] = proven
        waiting += not proven and not fault
        faults += [fault] if fault else []
        entries.append(
            {
                "entry": event.seq, "at": event.at.isoformat(), "event": event.type, "file": f"{name}.json",
                "leaf_sha256": leaf_hash(body).hex(), "proof": f"{name}.tlog-proof" if proven else None,
            }
        )  # fmt: skip
    if waiting:
        faults.append(f"{waiting} of {len(entries)} entries of the log await their seal.")
    return entries, bodies, proofs, faults


def _proof(seq: int) -> tuple[str, str]:
    """The proof of an entry as text, and why there never will be one; neither where it awaits its seal."""
    try:
        proof = entry_proof(seq)
    except LogUnproven as reason:
        return "", str(reason)
    return str(proof or ""), ""
