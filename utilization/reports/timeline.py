"""What happened to a request, from its events and from the rows that hold the words people wrote."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from utilization import access, event_log
from utilization.models import Appeal, FirstDose, Request, User, VerbalOrder
from utilization.models.messages import DEPARTMENT, PHARMACIST, PHYSICIAN
from utilization.rules.call_times import CALL_OUTCOMES
from utilization.rules.facts.values import plain
from utilization.rules.lifecycle import MOVES, Status
from utilization.rules.roles import Permission, Role
from utilization.rules.specialties import LEANINGS

_ROLES = {
    Permission.FILE: Role.PRESCRIBER,
    Permission.REVIEW: Role.PHARMACIST,
    Permission.REVIEW_AS_PHYSICIAN: Role.PHYSICIAN,
}
_ACTED_AS = {(move.event, move.source.value): _ROLES[move.permission] for move in MOVES if move.permission in _ROLES}
_SIDES = {
    DEPARTMENT: Role.PRESCRIBER, PHARMACIST: Role.PHARMACIST, PHYSICIAN: Role.PHYSICIAN, "prescriber": Role.PRESCRIBER,
}  # fmt: skip
_BY_PRESCRIBERS = frozenset({
    "request.started", "attachment.added", "attachment.removed", "peer_call.booked", "peer_call.declined",
    "authorization.discontinued", "authorization.switched", "authorization.transfer_asked", "authorization.transferred",
    "authorization.transfer_declined", "authorization.transfer_accepted",
})  # fmt: skip
"""Entries that are no move of the table, and that prescribers alone write."""
_NOTE = "note.added"
_BEFORE_REVIEW = ("first_dose.released", "order.taken", "order.confirmed", "order.disowned")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, as the timeline shows it. `role` is what the actor did it as, empty where the entry does
    not say; `version` is the request's after it; `covered` for whom the actor covered in it."""

    type: str
    at: datetime
    actor: str
    role: str
    text: str = ""
    changes: list[Mapping[str, Any]] = field(default_factory=list)
    version: int = 0
    actor_id: int | None = None
    covered: str = ""


def timeline(request: Request, *, internal: bool) -> list[Happening]:
    """Everything that happened to `request`, oldest first; internal notes only with `internal`."""
    entries = event_log.entries(request)
    named = (key for entry in entries for key in (entry.actor_id, entry.data.get("covering_for")))
    people = User.objects.in_bulk([key for key in named if key])
    words = _Words(request)
    return [
        Happening(
            type=entry.type,
            at=entry.at,
            actor=people[entry.actor_id].signature_name if entry.actor_id in people else "",
            role=_role(entry),
            text=words.of(entry),
            changes=words.changes(entry),
            version=entry.data.get("version", 0),
            actor_id=entry.actor_id,
            covered=people[covered].signature_name if (covered := entry.data.get("covering_for")) else "",
        )
        for entry in entries
        if internal or entry.type != _NOTE
    ]


def _role(entry: event_log.LogEntry) -> str:
    if moved := _ACTED_AS.get((entry.type, entry.data.get("from", "draft"))):
        return moved
    if entry.type in _BY_PRESCRIBERS:
        return Role.PRESCRIBER
    if entry.type == "opinion.asked":
        return access.STAGE_ROLES[Status(entry.data["asked_from"])]
    return _SIDES.get(entry.data.get("side", ""), "")


def since(request: Request, version: int) -> list[Happening]:
    """What others did to `request` after the version that a person saw, oldest first."""
    return [happening for happening in timeline(request, internal=False) if happening.version > version]


class _Words:
    """The texts that events vouch for by digest, each fetched with the other texts of its kind."""

    def __init__(self, request: Request):
        self._request = request
        files = dict(request.attachments.values_list("pk", "name"))
        # By the type of the entry: the key of its data that names the row, and the texts of such rows.
        self._texts: dict[str, tuple[str, dict[int, str]]] = {
            "attachment.added": ("attachment", files),
            "attachment.removed": ("attachment", files),
            "note.added": ("note", dict(request.notes.values_list("pk", "text"))),
            "message.written": ("message", dict(request.messages.values_list("pk", "text"))),
            "information.given_in_part": ("part", dict(request.answer_parts.values_list("pk", "text"))),
            "information.asked": ("question", dict(request.questions.values_list("pk", "text"))),
            "information.answered": ("question", dict(request.questions.values_list("pk", "answer"))),
            "opinion.asked": ("question", dict(request.opinion_questions.values_list("pk", "text"))),
            "appeal.filed": ("appeal", dict(Appeal.objects.filter(request=request).values_list("pk", "grounds"))),
        }
        self._decisions = {decision.pk: decision for decision in request.decisions.defer("judgement", "unmet")}
        self._opinions = {opinion.question_id: opinion for opinion in request.opinions.all()}
        self._calls = {call.pk: call for call in request.peer_calls.all()}
        self._changes = dict(request.submissions.values_list("ordinal", "changes"))

    def of(self, entry: event_log.LogEntry) -> str:
        data = entry.data
        if entry.type in self._texts:
            key, texts = self._texts[entry.type]
            return texts.get(data[key], "")
        match entry.type:
            case "opinion.given":
                return self._opinion(data["question"])
            case "peer_call.declined" | "peer_call.cancelled" | "peer_call.held":
                return self._call(data["call"])
            case "request.referred":
                return self._request.referral_reason
            case "request.withdrawn":
                return self._request.withdrawal_reason
        if entry.type in _BEFORE_REVIEW:
            return self._before_review(entry.type)
        decision = self._decisions.get(data.get("decision", 0))
        return "\n".join(filter(None, (decision.reason, decision.conditions))) if decision else ""

    def _opinion(self, question: int) -> str:
        given = self._opinions.get(question)
        return "\n".join(filter(None, (LEANINGS[given.leaning], given.text, given.missing))) if given else ""

    def _call(self, key: int) -> str:
        call = self._calls.get(key)
        return "\n".join(filter(None, (CALL_OUTCOMES.get(call.outcome, ""), call.words))) if call else ""

    def _before_review(self, kind: str) -> str:
        """What was done before the review: the grams of the first dose, or what was said of the verbal order."""
        if kind == "first_dose.released":
            dose = FirstDose.objects.get(request=self._request)
            return "\n".join(filter(None, (f"{plain(dose.grams)} g. {dose.because}", dose.reason)))
        order = VerbalOrder.objects.get(request=self._request)
        if kind == "order.taken":
            return f"Given by {order.ordered_name}."
        if not order.stand_in_name:
            return order.reason
        # Not that they left: the request may have gone to another department instead.
        instead = f"In place of {order.ordered_name}, who prescribed for the department no more."
        return "\n".join(filter(None, (instead, order.reason)))

    def changes(self, entry: event_log.LogEntry) -> list[Mapping[str, Any]]:
        return (
            self._changes.get(entry.data["submission"], [])
            if entry.type in ("information.answered", "appeal.filed") and "submission" in entry.data
            else []
        )
