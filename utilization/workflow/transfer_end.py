"""How a transfer to another hospital ends: with the approval there, which ends what stands at the first one, or with
none, which leaves it as it is."""

from datetime import datetime

from utilization import access
from utilization.models import Authorization, AuthorizationChange, Patient, Request, User
from utilization.models.authorization_changes import MOVED, TRANSFER_ENDED
from utilization.models.decisions import REPLACED
from utilization.rules.facts.date_words import day_words
from utilization.rules.lifecycle import Status
from utilization.workflow.authorization_change import note_change
from utilization.workflow.errors import Refused

_WITHOUT_APPROVAL = (Status.DISCARDED, Status.WITHDRAWN, Status.DENIED)


def lock_patients(request: Request) -> None:
    """Have two approvals for the patient of `request`, at one hospital or at two, come one after the other.

    Before the request's own row is written, as everywhere: whoever holds that one and waits for the patient's could
    otherwise be waited for by somebody who merges the patient's records, or releases a first dose.
    """
    accepted = access.transfer_behind(request)
    patients = [request.patient, *([accepted.request.patient] if accepted else [])]
    keys = {patient.merged_into_id or patient.pk for patient in patients}
    list(Patient.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))


def refuse_taken_over(draft: Request) -> None:
    """Raise Refused where another hospital took the treatment over since `draft` was begun: its writer had not known
    of that."""
    if moved := access.moved_away(draft, since=draft.created_at):
        raise Refused(
            f"{_taken_over(moved, draft)} Discard this draft, and begin a new request if the treatment continues here."
        )


def end_elsewhere(request: Request, *, by: User, at: datetime) -> None:
    """End what the patient has for the same use at the hospital from which `request`, now approved, was transferred.

    The patient's rows are locked (`lock_patients`). Raises Refused where another hospital took the treatment over
    meanwhile, from here or from there, or where the death is recorded there.
    """
    accepted = access.transfer_behind(request)
    source = accepted.request if accepted else None
    if moved := access.moved_away(request, since=request.created_at):
        raise Refused(f"{_taken_over(moved, request)} Deny this request, and have a new one filed if it continues.")
    if accepted is None or source is None:
        return
    if source.patient.died_on is not None:
        raise Refused(
            f"{source.site.name}, from which this was transferred, has recorded the patient’s death. Ask them, and "
            "record it here, or have it corrected there."
        )
    moved = access.moved_away(source, since=accepted.at)
    if moved is not None and moved.replaced_by_id != request.pk:
        raise Refused(f"{_taken_over(moved, source)} Deny this request, and have a new one filed if it continues.")
    standing = (
        access.standing_for_same_use(source)
        .select_for_update(of=("self",), no_key=True)
        .select_related("request__site")
    )
    for held in list(standing.filter(valid_to__gte=source.site.date_at(at))):
        Authorization.objects.filter(pk=held.pk).update(voided_at=at, voided_because=REPLACED)
        note_change(held.request, MOVED, by=by, at=at, words="", replaced_by=request)


def _taken_over(moved: AuthorizationChange, request: Request) -> str:
    assert moved.replaced_by is not None, "a move is to a request"
    hospital, day = moved.replaced_by.site.name, day_words(request.site.date_at(moved.at))
    return f"{hospital} took this treatment over on {day}."


def note_end(request: Request, *, by: User, at: datetime) -> None:
    """Tell the hospital from which `request` was transferred, once, that it has ended without an approval."""
    if request.status not in _WITHOUT_APPROVAL or (accepted := access.transfer_behind(request)) is None:
        return
    told = AuthorizationChange.objects.filter(kind__in=(TRANSFER_ENDED, MOVED), replaced_by=request)
    if not told.exists():
        note_change(accepted.request, TRANSFER_ENDED, by=by, at=at, words="", replaced_by=request)
