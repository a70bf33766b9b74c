"""The terms of an authorization as they hold, and what was given by it, as values for the rules."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from utilization import criteria
from utilization.models import Authorization, AuthorizationChange, FirstDose, Infusion, Milestone, Patient, Request
from utilization.models.authorization_changes import SWITCHED, TRANSFER_ACCEPTED
from utilization.models.decisions import DECISION
from utilization.models.requests import EXTRA_DOSE
from utilization.rules.authorization.reminders import BRIDGED
from utilization.rules.authorization.use import GivenGrams, Terms
from utilization.rules.dosing.products import find_product
from utilization.rules.lifecycle import AWAITS_DECISION, Status


def terms_of(held: Authorization) -> Terms:
    """What `held` allows now."""
    ended = held.site.date_at(held.voided_at) if held.voided_at is not None else None
    return Terms(
        first=held.valid_from,
        last=held.valid_to,
        grams_per_course=held.grams_per_course,
        courses=held.courses,
        interval_weeks=held.interval_weeks,
        product=_brand(_product_now(held)),
        ended_on=ended,
        bridge_until=_bridge_until(held),
        released=_released(held),
        early_days=criteria.authorization_table().early_days,
    )


def terms_for(request: Request) -> Terms:
    """What may be given by `request` now: by its authorization, else by the first dose released before the review."""
    held: Authorization | None = getattr(request, "authorization", None)
    return terms_of(held) if held is not None else terms_of_first_dose(request.first_dose)


def terms_of_first_dose(row: FirstDose) -> Terms:
    """What a first dose allows by itself: one course of its grams, until its last moment.

    A denial or a withdrawal of the request, or a death, ends what was not given by then.
    """
    request = row.request
    site, ended = request.site, request.ended_at
    if request.status == Status.APPEAL_REVIEW:
        ended = request.decisions.filter(kind=DECISION).values_list("signed_at", flat=True).first()
    days = [site.date_at(ended)] if ended is not None and request.status != Status.APPROVED else []
    if request.patient.died_on is not None:
        days.append(request.patient.died_on + timedelta(days=1))
    return Terms(
        first=site.date_at(row.released_at), last=site.date_at(row.until), grams_per_course=row.grams, courses=1,
        product=_brand(row.product), ended_on=min(days, default=None),
    )  # fmt: skip


def _released(held: Authorization) -> tuple[date, date] | None:
    """The days of a first dose that `held` took up."""
    row = FirstDose.objects.filter(request=held.request_id).first()
    return None if row is None else (held.site.date_at(row.released_at), held.site.date_at(row.until))


def _product_now(held: Authorization) -> str:
    """The product that was switched to last, or the one that was authorized."""
    rows = AuthorizationChange.objects.filter(request=held.request_id, kind=SWITCHED).order_by("-pk")
    return rows.values_list("product", flat=True).first() or held.product


def _brand(typed: str) -> str:
    """The brand of the product that the request names, by whichever of its names; as it was typed where none fits."""
    product = find_product(criteria.reference_tables().products, typed) if typed else None
    return product.brand if product else typed


def _bridge_until(held: Authorization) -> date | None:
    """The last day of the bridging dose: until the renewal that it waits for is decided, and by then at the latest.

    Denied or withdrawn it allows none, also while it is appealed; approved it has terms of its own from its first day.
    """
    told = Milestone.objects.filter(request=held.request_id, kind=BRIDGED).first()
    if told is None or told.until is None:
        return None
    renewal = Request.objects.select_related("authorization").filter(number=told.renewal).first()
    if renewal is None:
        return None
    if renewal.status == Status.APPROVED:
        return min(told.until, renewal.authorization.valid_from - timedelta(days=1))
    return told.until if renewal.status in AWAITS_DECISION else None


def infusions_of(*requests: Request) -> QuerySet[Infusion]:
    """The infusions of `requests` that count: neither corrected nor entered in error."""
    return Infusion.objects.filter(request__in=requests, in_error=False, corrected_by=None)


def elsewhere(request: Request) -> list[GivenGrams]:
    """What was given to the patient of `request` by other authorizations, whatever for, at the hospitals that it
    was transferred from or to as well. An extra dose was approved beside the courses, so it puts none of them off."""
    kept = {request.patient.merged_into_id or request.patient_id, *known_elsewhere(request.patient)}
    rows = Infusion.objects.filter(
        Q(request__patient__in=kept) | Q(request__patient__merged_into__in=kept), in_error=False, corrected_by=None
    )
    return as_given(rows.exclude(Q(request=request) | Q(request__changes=EXTRA_DOSE)))


def known_elsewhere(patient: Patient) -> set[int]:
    """The keys of the records that other hospitals have of `patient`, as far as accepted transfers say so: of one that
    went on to a third hospital too."""
    kept = patient.merged_into_id or patient.pk
    known, newly = {kept}, {kept}
    while newly:
        newly = _transferred_with(newly) - known
        known |= newly
    return known - {kept}


def _transferred_with(kept: set[int]) -> set[int]:
    """The keys of the records at both ends of the accepted transfers of the patients whose records are `kept`."""
    ends = ("request__patient", "replaced_by__patient")
    either = [Q(**{f"{name}__in": kept}) | Q(**{f"{name}__merged_into__in": kept}) for name in ends]
    rows = AuthorizationChange.objects.filter(either[0] | either[1], kind=TRANSFER_ACCEPTED)
    pairs = rows.values_list(ends[0], f"{ends[0]}__merged_into", ends[1], f"{ends[1]}__merged_into")
    return {key for row in pairs for key in (row[1] or row[0], row[3] or row[2]) if key}


def as_given(infusions: Iterable[Infusion]) -> list[GivenGrams]:
    """`infusions` as the rules take them."""
    return [GivenGrams(infusion.given_on, infusion.grams, infusion.product) for infusion in infusions]
