"""What happened to a request, from its events and from the rows that hold the words people wrote."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from utilization import event_log
from utilization.models import Appeal, Request, User
from utilization.rules.lifecycle import MOVES
from utilization.rules.roles import Permission, Role

_ROLES = {
    Permission.FILE: Role.PRESCRIBER,
    Permission.REVIEW: Role.PHARMACIST,
    Permission.REVIEW_AS_PHYSICIAN: Role.PHYSICIAN,
}
_ACTED_AS = {(move.event, move.source.value): _ROLES[move.permission] for move in MOVES if move.permission in _ROLES}
_NOTE = "note.added"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, as the timeline shows it. `version` is the request's after it."""

    type: str
    at: datetime
    actor: str
    role: str
    text: str = ""
    changes: list[Mapping[str, Any]] = field(default_factory=list)
    version: int = 0
    actor_id: int | None = None


def timeline(request: Request, *, internal: bool) -> list[Happening]:
    """Everything that happened to `request`, oldest first; internal notes only with `internal`."""
    entries = event_log.entries(request)
    people = User.objects.in_bulk([entry.actor_id for entry in entries if entry.actor_id])
    words = _Words(request)
    return [
        Happening(
            type=entry.type,
            at=entry.at,
            actor=people[entry.actor_id].signature_name if entry.actor_id in people else "",
            role=_ACTED_AS.get((entry.type, entry.data.get("from", "draft")), Role.PRESCRIBER).value,
            text=words.of(entry),
            changes=words.changes(entry),
            version=entry.data.get("version", 0),
            actor_id=entry.actor_id,
        )
        for entry in entries
        if internal or entry.type != _NOTE
    ]


def since(request: Request, version: int) -> list[Happening]:
    """What others did to `request` after the version that a person saw, oldest first."""
    return [happening for happening in timeline(request, internal=False) if happening.version > version]


class _Words:
    """The texts that events vouch for by digest, each fetched with the other texts of its kind."""

    def __init__(self, request: Request):
        self._request = request
        self._files = dict(request.attachments.values_list("pk", "name"))
        self._messages = dict(request.messages.values_list("pk", "text"))
        self._parts = dict(request.answer_parts.values_list("pk", "text"))
        self._notes = dict(request.notes.values_list("pk", "text"))
        self._questions = {question.pk: question for question in request.questions.all()}
        self._decisions = {decision.pk: decision for decision in request.decisions.defer("judgement", "unmet")}
        self._appeals = dict(Appeal.objects.filter(request=request).values_list("pk", "grounds"))
        self._changes = dict(request.submissions.values_list("ordinal", "changes"))

    def of(self, entry: event_log.LogEntry) -> str:
        data = entry.data
        match entry.type:
            case "note.added":
                return self._notes.get(data["note"], "")
            case "attachment.added" | "attachment.removed":
                return self._files.get(data["attachment"], "")
            case "message.written":
                return self._messages.get(data["message"], "")
            case "information.given_in_part":
                return self._parts.get(data["part"], "")
            case "information.asked":
                return self._questions[data["question"]].text
            case "information.answered":
                return self._questions[data["question"]].answer
            case "appeal.filed":
                return self._appeals.get(data["appeal"], "")
            case "request.referred":
                return self._request.referral_reason
            case "request.withdrawn":
                return self._request.withdrawal_reason
        decision = self._decisions.get(data.get("decision", 0))
        return "\n".join(filter(None, (decision.reason, decision.conditions))) if decision else ""

    def changes(self, entry: event_log.LogEntry) -> list[Mapping[str, Any]]:
        return (
            self._changes.get(entry.data["submission"], [])
            if entry.type in ("information.answered", "appeal.filed") and "submission" in entry.data
            else []
        )
