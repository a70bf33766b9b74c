"""The appeal of a denied request: filed once, within the site's days, with grounds and with facts added or changed."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import criteria, event_log
from utilization.access import can
from utilization.digests import salted
from utilization.models import Appeal, Decision, Request, Site, User
from utilization.models.decisions import DECISION
from utilization.rules.facts.date_words import day_words
from utilization.rules.lifecycle import Verb
from utilization.rules.roles import Permission
from utilization.workflow.authorship import note_authors
from utilization.workflow.confirmations import NOTHING_CONFIRMED, Confirmations
from utilization.workflow.corrections import corrected, queue_columns, ready
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.frozen_submission import reads_as
from utilization.workflow.patient_identity import refuse_dead
from utilization.workflow.request_clock import started
from utilization.workflow.text_input import clean_text
from utilization.workflow.transition import carry, record, take

APPEAL_ATTESTATION = (
    "I attest that, to the best of my knowledge, the grounds of this appeal and the facts added to it are true and "
    "complete."
)
MOST_DAYS = 365


@transaction.atomic
def appeal(
    uid: UUID | str, *, by: User, at: datetime, version: int, grounds: str, answers: Mapping[str, Any],
    confirmations: Confirmations = NOTHING_CONFIRMED,
) -> Request:  # fmt: skip
    """File the one appeal of a denied request: why the denial should not stand, and facts that `answers` (raw, as
    typed) add or change.

    A changed fact makes a new submission, judged by the criteria that judged the first; otherwise the appeal is about
    what was denied. Whoever files it writes a part of the request. The clock runs anew for the hours of the route.
    Raises NotFound, Refused, Conflict, Invalid (by fact, or on grounds, acknowledged, justification).
    """
    words = clean_text("grounds", grounds, required="Write why the denial should not stand.")
    request, move = take(uid, Verb.APPEAL, by=by, at=at, version=version)
    refuse_dead(request.patient)
    denial = request.decisions.get(kind=DECISION)
    last = last_day_to_appeal(request, denial)
    if request.site.date_at(at) > last:
        raise Refused(appeal_is_late(last))
    filed, denied_due = request.latest, request.due_at
    assert denied_due is not None, "a request keeps the time by which it was due once it is decided"
    pack = criteria.pack_of(filed.pack)
    typed = corrected(request, pack, answers, by, at)
    said: dict[str, Any] = {"denial": denial.pk, "grounds": salted({"text": words}), "file_by": last}
    correction = None if reads_as(request, filed, pack) else ready(request, pack, filed, words, confirmations, at)
    route = (correction.made.record if correction else filed.judgement)["route"]
    due = started(request, route, at=at)
    moved = carry(
        request, move, at=at, ended_at=None, ended_by=None, **due.columns(), **typed,
        **(queue_columns(correction.made) if correction else {}),
    )  # fmt: skip
    said |= correction.file(moved, by, at, APPEAL_ATTESTATION) if correction else {"clock_hours": route["clock_hours"]}
    note_authors(moved, {by.pk}, at)
    kept = Appeal.objects.create(
        request=moved, denial=denial, submission=moved.latest, grounds=words, filed_at=at, filed_by=by,
        filed_name=by.signature_name, file_by=last, denial_due_at=denied_due,
    )  # fmt: skip
    said |= {"appeal": kept.pk, "about": kept.submission.ordinal, "name": salted({"text": kept.filed_name})}
    record(moved, move, by=by, at=at, data=said | due.said())
    return moved


def last_day_to_appeal(request: Request, denial: Decision) -> date:
    """The last day, at the site, on which the denial may be appealed."""
    return request.site.date_at(denial.signed_at) + timedelta(days=request.site.appeal_days)


def appeal_is_late(last: date) -> str:
    """Why an appeal after its last day is refused, and what can be done instead."""
    return (
        f"This denial could be appealed until {day_words(last)}. Add what is missing instead: it begins a new request "
        "with all that was typed."
    )


@transaction.atomic
def set_appeal_days(site: Site, days: object, *, by: User, at: datetime) -> Site:
    """Give `days` after a denial for an appeal at `site`; the site as it is now. Denials of before have them too.

    Where it stands so already, nothing is changed and nothing logged. Raises Refused, Invalid on days.
    """
    if not can(by, Permission.MANAGE_PEOPLE, site=site):
        raise Refused(f"Your roles at {site.name} do not let you say how long a denial may be appealed.")
    text = str(days).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_DAYS):
        raise Invalid({"days": [f"Give whole days, from 1 to {MOST_DAYS}."]})
    held = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    if held.appeal_days != int(text):
        event_log.append(
            type="site.appeal_days", at=at, actor=by, site=site, data={"before": held.appeal_days, "now": int(text)}
        )
        held.appeal_days = int(text)
        held.save(update_fields=["appeal_days"])
    return held
