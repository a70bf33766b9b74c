"""Signals of a request about to be filed: gathered once, from rows as they are, and frozen with the submission."""

from collections.abc import Iterable
from contextlib import suppress
from copy import copy
from datetime import date, datetime
from typing import Any

from utilization.models import Request, Submission
from utilization.rules import signals
from utilization.rules.facts.ages import AGES
from utilization.rules.lifecycle import Status
from utilization.rules.signals import EarlierRequest, Signal, WrittenText
from utilization.workflow.errors import Invalid
from utilization.workflow.reading import Reading, read_request

SIGNALS = "signals"
"""The key under which a submission keeps them, in `checks`."""
MOST_COMPARED = 300
"""Submissions of the site, the newest, with whose texts those of a request are compared."""
MOST_OTHERS = 50
_MOST_TEXT = 4_000


def signals_at_filing(made: Reading, confirmed: Iterable[str]) -> dict[str, list[Signal]]:
    """What is kept of signals with the submission of `made`, whose unusual values were `confirmed`; nothing without."""
    request, on = made.request, made.as_of
    told = [
        *signals.indication_changed(request.indication, on, _earlier(request)),
        *_edited(made),
        *_refiled(made),
        *signals.copied_text(_texts_of(made), _texts_of_others(request)),
        *signals.unusual_values(sorted({doubt.fact for doubt in made.intake.doubts} & set(confirmed)), made.facts),
        *signals.stale_answers(_days_entered(request, made.facts), on),
    ]
    return {SIGNALS: told} if told else {}


def _earlier(request: Request) -> list[EarlierRequest]:
    """Requests of the same patient that were filed, and drafts that were thrown away."""
    others = Request.objects.filter(patient=request.patient_id).exclude(pk=request.pk).exclude(status=Status.DRAFT)
    rows = others.order_by("-created_at", "-pk")[:MOST_OTHERS]
    return [
        EarlierRequest(
            other.number or "", other.indication, other.outcome or _outcome_of_draft(other),
            other.status == Status.DENIED, request.site.date_at(other.submitted_at or other.created_at),
        )
        for other in rows
    ]  # fmt: skip


def _outcome_of_draft(other: Request) -> str:
    """What the answers of a draft that was thrown away came to, by the criteria of the day on which it was."""
    with suppress(Invalid):
        return str(read_request(other, other.ended_at or other.updated_at).record["outcome"])
    return ""


def _edited(made: Reading) -> list[Signal]:
    request = made.request
    if not request.first_answers:
        return []
    first = copy(request)
    first.draft = request.draft | request.first_answers
    with suppress(Invalid):
        before = read_request(first, made.at, pack=made.pack)
        return signals.edited_until_met(before.facts, made.facts, before.record["outcome"], made.record["outcome"])
    return []


def _refiled(made: Reading) -> list[Signal]:
    source = made.request.copied_from
    if source is None or source.status != Status.DENIED or source.indication != made.request.indication:
        return []
    denied = source.latest.facts
    before = {name: value for name, value in denied.items() if name not in AGES}
    filed = {name: value for name, value in made.facts.items() if name not in AGES}
    return signals.refiled_changed(source.number or "", before, filed)


def _texts_of(made: Reading) -> dict[str, str]:
    texts = {"justification": made.justification, "clinical_summary": made.summary}
    return {field: text[:_MOST_TEXT] for field, text in texts.items() if text}


def _texts_of_others(request: Request) -> list[WrittenText]:
    """The texts of the newest submissions of other patients at the site."""
    rows = Submission.objects.filter(request__site=request.site_id).exclude(request__patient=request.patient_id)
    columns = rows.order_by("-pk").values_list("request__number", "justification", "stated__clinical_summary")
    return [
        WrittenText(number or "", field, str(text)[:_MOST_TEXT])
        for number, justification, summary in columns[:MOST_COMPARED]
        for field, text in (("justification", justification), ("clinical_summary", summary))
        if text
    ]


def _days_entered(request: Request, facts: Iterable[str]) -> dict[str, date]:
    """The day at the site on which each fact was typed; what stands with the patient carries a date of its own."""
    marks: dict[str, Any] = {name: request.entered[name] for name in facts if name in request.entered}
    return {name: request.site.date_at(datetime.fromisoformat(mark["at"])) for name, mark in marks.items()}
