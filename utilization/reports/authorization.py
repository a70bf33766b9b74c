"""One authorization as its page shows it: what it allows, what was given, what is left, when the next is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from utilization import access, criteria
from utilization.authorization_terms import as_given, infusions_of, terms_of
from utilization.models import Authorization, Infusion, Patient, Request, Site
from utilization.reports.queue import IndicationName, indication
from utilization.rules.authorization.check import WhyNot, why_not
from utilization.rules.authorization.use import OUTSIDE, GivenGrams, Terms, Use, use_of
from utilization.rules.facts.ages import age_words
from utilization.rules.roles import Permission


@dataclass(frozen=True, slots=True)
class InfusionRow:
    """An infusion with its words: what stood outside the terms, reactions as (what, how serious, whether serious).

    `stands` says that it counts; `after` is the row that took its place.
    """

    infusion: Infusion
    outside: tuple[str, ...]
    reactions: tuple[tuple[str, str, bool], ...]
    stands: bool
    after: Infusion | None


@dataclass(frozen=True, slots=True)
class AuthorizationPage:
    """An authorization with what was given by it, newest first. `records`: whether the reader may record."""

    request: Request
    held: Authorization
    state: str
    indication: IndicationName
    age: str
    terms: Terms
    use: Use
    rows: tuple[InfusionRow, ...]
    records: bool

    @property
    def serious(self) -> list[InfusionRow]:
        """The infusions that count with a serious reaction."""
        return [row for row in self.rows if row.stands and any(serious for _, _, serious in row.reactions)]


def authorization_page(actor: Any, uid: Any, *, at: datetime) -> AuthorizationPage:
    """The authorization of the request `uid`. Raises NotFound, also where the request has none."""
    # Asked first: a request without an authorization shows nothing, so nothing of it is read.
    held = Authorization.objects.filter(request__in=access.visible_requests(actor).filter(uid=uid)).first()
    if held is None:
        raise access.NotFound
    request = access.fetch_request(actor, uid, what="authorization", at=at)
    on = request.site.date_at(at)
    terms = terms_of(held)
    return AuthorizationPage(
        request=request,
        held=held,
        state=held.state(on),
        indication=indication(request.indication),
        age=age_words(request.patient.date_of_birth, on),
        terms=terms,
        use=use_of(terms, as_given(infusions_of(request))),
        rows=infusion_rows(request),
        records=bool(access.can(actor, Permission.RECORD_INFUSIONS, request)),
    )


def infusion_rows(request: Request) -> tuple[InfusionRow, ...]:
    """Every infusion of `request`, corrected ones too, newest first."""
    table = criteria.authorization_table()
    rows = list(Infusion.objects.filter(request=request).select_related("recorded_by").order_by("-given_on", "-pk"))
    after = {row.corrects_id: row for row in rows if row.corrects_id}
    return tuple(
        InfusionRow(
            infusion=row,
            outside=tuple(OUTSIDE.get(code, code) for code in row.outside),
            reactions=tuple(_reaction(reaction, table.reactions, table.seriousness) for reaction in row.reactions),
            stands=row.pk not in after,
            after=after.get(row.pk),
        )
        for row in rows
        if not row.in_error
    )


def _reaction(
    reaction: Mapping[str, str], kinds: Mapping[str, str], seriousness: Mapping[str, str]
) -> tuple[str, str, bool]:
    kind, how = reaction["kind"], reaction["seriousness"]
    return kinds.get(kind, kind), seriousness.get(how, how), how == "serious"


# --- The check ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """One authorization of the patient and why it does not allow what is asked; no reason means that it does."""

    held: Authorization
    indication: IndicationName
    use: Use
    why_not: tuple[WhyNot, ...]


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """The answer to "may this be given?": `patient` None where no MRN fits, `several` where more than one does."""

    patient: Patient | None
    several: bool
    answers: tuple[HeldAnswer, ...]
    wanted: GivenGrams

    @property
    def allowed(self) -> HeldAnswer | None:
        """The authorization that allows it."""
        return next((answer for answer in self.answers if not answer.why_not), None)


def check_authorization(actor: Any, site: Site, mrn: str, *, product: str, grams: Decimal, at: datetime) -> CheckAnswer:
    """Whether an authorization of the patient with this MRN at `site` allows `grams` of `product` today.

    Each patient whom the MRN fits is read, and the read written down.
    """
    wanted = GivenGrams(site.date_at(at), grams, product)
    fitting = {patient.merged_into_id or patient.pk: patient for patient in access.by_mrn(site, mrn)}
    if len(fitting) != 1:
        return CheckAnswer(None, len(fitting) > 1, (), wanted)
    patient = access.fetch_patient(actor, next(iter(fitting.values())).uid, what="authorization_check", at=at)
    rows = Authorization.objects.filter(patient__in=access.records_of(patient), site=site)
    # The one that ends last comes first: earlier ones say little once there is a later one.
    held = rows.select_related("site", "request").order_by("-valid_to", "-pk")
    return CheckAnswer(patient, False, tuple(_answer(row, wanted) for row in held[:_MOST_ANSWERS]), wanted)


_MOST_ANSWERS = 10


def _answer(held: Authorization, wanted: GivenGrams) -> HeldAnswer:
    given = as_given(infusions_of(held.request))
    terms = terms_of(held)
    return HeldAnswer(held, indication(held.indication), use_of(terms, given), why_not(terms, given, wanted))
