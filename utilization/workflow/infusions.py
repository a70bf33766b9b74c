"""Grams given: an infusion recorded, corrected, or entered in error. What stands outside the terms is confirmed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from utilization import access, criteria, event_log
from utilization.authorization_terms import as_given, elsewhere, infusions_of, terms_for
from utilization.digests import INFUSION, as_kept, salted
from utilization.models import Authorization, FirstDose, Infusion, Request, User
from utilization.rules.authorization.infusion_text import ReadInfusion, TypedInfusion, read_infusion
from utilization.rules.authorization.use import OUTSIDE, GivenGrams, outside
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.values import plain
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.text_input import clean_text

CONFIRM = "confirmed"
"""The field by which a person confirms what stands outside the terms of the authorization."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who records, when, and by which file, if any; `confirmed` that what stands outside the terms was given so."""

    by: User
    at: datetime
    confirmed: bool = False
    source_sha256: str = ""


@transaction.atomic
def record_infusion(uid: UUID | str, typed: TypedInfusion, *, by: User, at: datetime, confirmed: bool) -> Infusion:
    """Record what was given by the authorization of the request `uid`.

    What stands outside its terms is recorded as it happened once `confirmed` says that it did. Raises NotFound,
    Refused, Invalid by field.
    """
    request = authorized_request(uid, by=by, at=at)
    return write_infusion(request, read(typed, request, at), Recorder(by, at, confirmed))


@transaction.atomic
def correct_infusion(
    uid: UUID | str, typed: TypedInfusion, *, by: User, at: datetime, reason: str, confirmed: bool
) -> Infusion:
    """Put another row in the place of the infusion `uid`, with the reason; the old one stays to be read.

    Raises NotFound, Refused, Invalid by field.
    """
    why = _reason(reason)
    before = _standing(uid, by=by, at=at)
    return write_infusion(
        before.request, read(typed, before.request, at), Recorder(by, at, confirmed), corrects=before, reason=why
    )


@transaction.atomic
def withdraw_infusion(uid: UUID | str, *, by: User, at: datetime, reason: str) -> Infusion:
    """Say that the infusion `uid` was entered in error: it was not given by this authorization. It counts no more.

    Raises NotFound, Refused, Invalid on reason.
    """
    why = _reason(reason)
    before = _standing(uid, by=by, at=at)
    row = Infusion(
        request=before.request, given_on=before.given_on, product=before.product, grams=before.grams, lot=before.lot,
        recorded_at=at, recorded_by=by, corrects=before, in_error=True, reason=why,
    )  # fmt: skip
    return _keep(row)


def authorized_request(uid: UUID | str, *, by: User, at: datetime) -> Request:
    """The request of this uid with an authorization or a released first dose, locked for `by` who records.

    Raises NotFound, Refused.
    """
    request = access.fetch_request(by, uid, what="infusion", at=at, lock=True)
    allowed = access.can(by, Permission.RECORD_INFUSIONS, request)
    if not allowed:
        raise Refused(allowed.why)
    if not any(rows.objects.filter(request=request).exists() for rows in (Authorization, FirstDose)):
        raise Refused("This request has no authorization, so nothing can be recorded as given by it.")
    return request


def read(typed: TypedInfusion, request: Request, at: datetime) -> ReadInfusion:
    """What `typed` says, for the patient of `request`. Raises Invalid by field."""
    clean = TypedInfusion(
        **{
            name: clean_text(name, getattr(typed, name), one_line=name != "words")
            for name in typed.__dataclass_fields__
        }
    )
    today, patient = request.site.date_at(at), request.patient
    products = criteria.reference_tables().products
    got, errors = read_infusion(clean, products, criteria.authorization_table(), today)
    if got is not None and got.given_on < patient.date_of_birth:
        errors["given_on"] = "This is before the patient was born: check the day and the patient."
    if got is not None and patient.died_on is not None and got.given_on > patient.died_on:
        errors["given_on"] = f"The patient’s death is recorded on {day_words(patient.died_on)}: check the day."
    if got is None or errors:
        raise Invalid({name: [text] for name, text in errors.items()})
    return got


def write_infusion(
    request: Request, got: ReadInfusion, who: Recorder, *, corrects: Infusion | None = None, reason: str = ""
) -> Infusion:
    """Write the row of `got` with its event. Raises Invalid where it is there already, or has to be confirmed first."""
    others = [row for row in infusions_of(request) if corrects is None or row.pk != corrects.pk]
    same = next((row for row in others if _is_same(row, got)), None)
    if same is not None:
        told = f"{plain(same.grams)} g of {same.product} on {day_words(same.given_on)} are recorded already."
        raise Invalid({"given_on": [f"{told} If they were given twice on that day, write the lot of each."]})
    terms = terms_for(request)
    new = GivenGrams(got.given_on, got.grams, got.product)
    codes = outside(terms, as_given(others), new, elsewhere(request))
    if codes and not who.confirmed:
        raise Invalid({CONFIRM: [*(OUTSIDE[code] for code in codes), "Check it, then confirm that it was given so."]})
    row = Infusion(
        request=request, given_on=got.given_on, product=got.product, grams=got.grams, lot=got.lot,
        outside=list(codes), reactions=[dict(reaction) for reaction in got.reactions], words=got.words,
        recorded_at=who.at, recorded_by=who.by, source_sha256=who.source_sha256, corrects=corrects, reason=reason,
    )  # fmt: skip
    return _keep(row)


def _keep(row: Infusion) -> Infusion:
    row.save(force_insert=True)
    said = {
        "infusion": row.pk, "corrects": row.corrects_id, "in_error": row.in_error, "outside": row.outside,
        "sha256": salted(as_kept(row, INFUSION)),
    }  # fmt: skip
    kind = "infusion.recorded" if row.corrects is None else "infusion.corrected"
    event_log.append(type=kind, at=row.recorded_at, actor=row.recorded_by, request=row.request, data=said)
    return row


def _is_same(row: Infusion, got: ReadInfusion) -> bool:
    return (row.given_on, row.product, row.grams, row.lot.casefold()) == (
        got.given_on, got.product, got.grams, got.lot.casefold(),
    )  # fmt: skip


def _standing(uid: UUID | str, *, by: User, at: datetime) -> Infusion:
    """The infusion of this uid, which still counts. Raises NotFound, Refused."""
    row = access.fetch_infusion(by, uid)
    row.request = authorized_request(row.request.uid, by=by, at=at)
    if row.in_error or Infusion.objects.filter(corrects=row).exists():
        raise Refused("This infusion was corrected meanwhile: open the authorization again to see what stands now.")
    return row


def _reason(typed: str) -> str:
    return clean_text("reason", typed, required="Write why it is corrected.", most=500)
