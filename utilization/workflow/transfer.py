"""An authorization goes to another department, of its hospital or of another one: one asks, somebody of the other
accepts or declines."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from utilization import access, event_log
from utilization.models import AuthorizationChange, Department, Membership, Request, User
from utilization.models.authorization_changes import (
    TRANSFER_ACCEPTED,
    TRANSFER_ASKED,
    TRANSFER_DECLINED,
    TRANSFERRED,
)
from utilization.rules.roles import Role
from utilization.workflow import request_summary
from utilization.workflow.authorization_change import MOST_WORDS, held_by_department, lock_standing, note_change
from utilization.workflow.authorship import note_authors
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.hospital_transfer import Arrival, begin_there, lock_patient_at_both
from utilization.workflow.text_input import clean_text


@transaction.atomic
def ask_transfer(uid: UUID | str, *, by: User, at: datetime, department: str, words: str) -> AuthorizationChange:
    """Ask another department, of this hospital or of another one, to take over the authorization of the request `uid`.

    Raises NotFound, Refused, Invalid on department or words.
    """
    said = clean_text("words", words, required="Write why it is transferred.", most=MOST_WORDS)
    request = held_by_department(uid, by=by, at=at)
    if access.open_transfer(request):
        raise Refused("Another department is asked to take it over already, and has not answered.")
    key = str(department)
    others = access.departments_to_ask(request, by)
    to = others.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 10 else None
    if to is None:
        raise Invalid({"department": ["Choose the department that takes it over."]})
    people = Membership.objects.filter(
        department=to, role=Role.PRESCRIBER, ended_at=None, user__is_active=True
    ).exclude(user=by)
    told = sorted(people.values_list("user_id", flat=True))
    if not told:
        raise Invalid({"department": [f"Nobody prescribes for {to.name}, so nobody could accept."]})
    if to.site_id == request.site_id:
        return note_change(request, TRANSFER_ASKED, by=by, at=at, words=said, department=to, told=told)
    _refuse_second(request)
    row = note_change(request, TRANSFER_ASKED, by=by, at=at, words=said, department=to, told=[])
    _tell_there("transfer.offered", row, to, by, at, {"told": told})
    return row


def _refuse_second(request: Request) -> None:
    if begun := access.begun_elsewhere(request):
        raise Refused(
            f"{_who(begun)} has begun a request for it. Another hospital can be asked once that request has ended."
        )


def _who(accepted: AuthorizationChange) -> str:
    assert accepted.department is not None, "an acceptance is a department's"
    return f"{accepted.department.name}, {accepted.department.site.name},"


def _tell_there(
    kind: str, row: AuthorizationChange, to: Department, by: User, at: datetime, said: dict[str, list[int]]
) -> None:
    """Write in the log of the hospital that is asked what became of the asking. It names no patient."""
    data = {"change": row.pk, "department": to.pk, "from": row.request.site.code, **said}
    event_log.append(type=kind, at=at, actor=by, site=to.site, data=data)


@transaction.atomic
def transfer_to_answer(uid: UUID | str, *, by: User, at: datetime) -> AuthorizationChange:
    """The transfer of the request `uid` that the department of `by` is asked for, as long as it can be answered; the
    read is logged. Raises NotFound, Refused."""
    asked = access.fetch_transfer(by, uid, at=at)
    _refuse_answered(asked)
    lock_standing(asked.request, at=at)
    return asked


def _refuse_answered(asked: AuthorizationChange) -> None:
    if access.open_transfer(asked.request) == asked:
        return
    if hasattr(asked, "answer"):
        raise Refused("Somebody of your department has answered this already.")
    raise Refused("Another department was asked while yours was closed, so yours does not answer this any more.")


@transaction.atomic
def answer_transfer(
    uid: UUID | str, *, by: User, at: datetime, accepts: bool, words: str = "", arrival: Arrival | None = None
) -> AuthorizationChange:
    """Take over what the department of `by` was asked to, or decline it with a reason.

    Within a hospital the request is theirs from now on. Of another hospital, a request is begun for the patient as
    `arrival` says who that is there: the row's `replaced_by`. Raises NotFound, Refused, Invalid on words, mrn,
    different_from or what of the patient's record cannot be kept.
    """
    need = "" if accepts else "Write why it is declined."
    said = clean_text("words", words, required=need, most=MOST_WORDS)
    asked = access.fetch_transfer(by, uid, at=at)
    assert asked.department is not None, "a transfer is asked of a department"
    elsewhere, arrival = asked.department.site_id != asked.request.site_id, arrival or Arrival()
    # Before the request's own row, as everywhere: see `transfer_end.lock_patients`.
    locked = (
        lock_patient_at_both(asked.request.patient, asked.department.site, arrival) if accepts and elsewhere else set()
    )
    rows = Request.objects.select_for_update(of=("self",), no_key=True).select_related("site", "patient__merged_into")
    request = rows.get(pk=asked.request_id)
    _refuse_answered(asked)
    if asked.by_id == by.pk:
        raise Refused("You asked for this transfer, so somebody else of the department must accept it.")
    lock_standing(request, at=at)
    if accepts and not (free := access.free_to_answer(by, request)):
        raise Refused(free.why)
    note = partial(note_change, request, by=by, at=at, words=said, department=asked.department, answers=asked)
    if accepts and elsewhere:
        if under_way := access.begun_elsewhere(request):
            raise Refused(f"{_who(under_way)} has begun a request for this treatment, so no second one is begun.")
        begun = begin_there(request, asked, by=by, at=at, arrival=arrival, locked=locked)
        return note(kind=TRANSFER_ACCEPTED, replaced_by=begun)
    if accepts:
        note_authors(request, {by.pk}, at)
        request.department = asked.department
        request.save(update_fields=["department"])
        request_summary.refresh(request)
    row = note(kind=TRANSFERRED if accepts else TRANSFER_DECLINED)
    if elsewhere:
        _tell_there("transfer.declined", row, asked.department, by, at, {})
    return row
