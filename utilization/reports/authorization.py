"""One authorization as its page shows it: what it allows, what was given, what is left, when the next is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from utilization import access, criteria
from utilization.authorization_terms import (
    as_given,
    elsewhere,
    infusions_of,
    known_elsewhere,
    terms_for,
    terms_of,
    terms_of_first_dose,
)
from utilization.models import Authorization, AuthorizationChange, FirstDose, Infusion, Patient, Request, Site
from utilization.reports.queue import IndicationName, indication
from utilization.rules.authorization.check import WhyNot, why_not
from utilization.rules.authorization.use import OUTSIDE, GivenGrams, Terms, Use, use_as_it_stands, use_of
from utilization.rules.facts.ages import age_words
from utilization.rules.identity import bare_mrn
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
class BecameRow:
    """What became of an authorization, with the words for the reason of a discontinuation."""

    change: AuthorizationChange
    reason: str

    @property
    def asked(self) -> str:
        """The department of a transfer, with its hospital where that is another one."""
        to = self.change.department
        return (
            "" if to is None else to.name if to.site_id == self.change.request.site_id else f"{to.name}, {to.site.name}"
        )


@dataclass(frozen=True, slots=True)
class ReleasedDose:
    """A first dose that was released before the review, as what an infusion may be given by."""

    dose: FirstDose

    @property
    def number(self) -> str:
        """What it goes by: it has no number of its own."""
        return f"First dose of {self.dose.request.number}"

    @property
    def request(self) -> Request:
        return self.dose.request

    @property
    def valid_to(self) -> date:
        """The last day at the site on which it may be given."""
        return self.request.site.date_at(self.dose.until)

    def state(self, terms: Terms, at: datetime) -> str:
        """`void` once it was ended, `expired` after its last moment, else `live`."""
        return "void" if terms.ended_on is not None else "live" if at < self.dose.until else "expired"


@dataclass(frozen=True, slots=True)
class AuthorizationPage:
    """An authorization with what was given by it, newest first; before there is one, the first dose that was released.
    `records`: whether the reader may record; `files`: whether they may file what follows on an authorization. `became`
    is what became of it, newest first."""

    request: Request
    held: Authorization | ReleasedDose
    state: str
    indication: IndicationName
    age: str
    terms: Terms
    use: Use
    rows: tuple[InfusionRow, ...]
    records: bool
    files: bool
    became: tuple[BecameRow, ...]

    @property
    def standing(self) -> bool:
        """Whether it stands, be it from a day to come on."""
        return self.state in ("live", "future")

    @property
    def serious(self) -> list[InfusionRow]:
        """The infusions that count with a serious reaction."""
        return [row for row in self.rows if row.stands and any(serious for _, _, serious in row.reactions)]


def authorization_page(actor: Any, uid: Any, *, at: datetime) -> AuthorizationPage:
    """The authorization of the request `uid`. Raises NotFound, also where the request has none."""
    # Asked first: a request without an authorization shows nothing, so nothing of it is read.
    held = Authorization.objects.filter(request__in=access.visible_requests(actor).filter(uid=uid)).first()
    released = None if held else _released(access.visible_requests(actor).filter(uid=uid))
    given_by = held or released
    if given_by is None:
        raise access.NotFound
    request = access.fetch_request(actor, uid, what="authorization", at=at)
    on = request.site.date_at(at)
    terms = terms_for(request)
    return AuthorizationPage(
        request=request,
        held=given_by,
        state=given_by.state(terms, at) if isinstance(given_by, ReleasedDose) else given_by.state(on),
        indication=indication(request.indication),
        age=age_words(request.patient.date_of_birth, on),
        terms=terms,
        use=use_as_it_stands(terms, as_given(infusions_of(request))),
        rows=infusion_rows(request),
        records=bool(access.can(actor, Permission.RECORD_INFUSIONS, request)),
        files=held is not None and bool(access.can(actor, Permission.FILE, request)),
        became=became_rows(request),
    )


def became_rows(request: Request) -> tuple[BecameRow, ...]:
    """What became of the authorization of `request`, newest first."""
    endings = criteria.authorization_table().endings
    rows = AuthorizationChange.objects.filter(request=request).select_related(
        "request", "by", "department__site", "replaced_by__site"
    )
    return tuple(BecameRow(row, endings.get(row.reason, row.reason)) for row in rows.order_by("-pk"))


def _released(requests: QuerySet[Request]) -> ReleasedDose | None:
    """The first dose that was released of one of `requests`, last."""
    rows = FirstDose.objects.filter(request__in=requests).select_related("request__site", "request__patient")
    row = rows.order_by("-until", "-pk").first()
    return None if row is None else ReleasedDose(row)


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
    """One authorization or first dose of the patient, and why it does not allow what is asked; no reason means yes.
    `live` says that it stands on that day."""

    held: Authorization | ReleasedDose
    indication: IndicationName
    use: Use
    why_not: tuple[WhyNot, ...]
    live: bool


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

    @property
    def live_beside(self) -> list[HeldAnswer]:
        """The other authorizations that are live beside the one that allows it."""
        return [answer for answer in self.answers if answer.live and answer is not self.allowed]


def check_authorization(actor: Any, site: Site, mrn: str, *, product: str, grams: Decimal, at: datetime) -> CheckAnswer:
    """Whether an authorization of the patient with this MRN at `site` allows `grams` of `product` today.

    Each patient whom the MRN fits is read, and the read written down.
    """
    wanted = GivenGrams(site.date_at(at), grams, product)
    found = access.by_mrn(site, mrn)
    # "0123" may be another patient's than "123": whose MRN it is to the letter comes before whom it fits without zeros.
    exact = [patient for patient in found if bare_mrn(patient.mrn) == bare_mrn(mrn)]
    fitting = {patient.merged_into_id or patient.pk: patient for patient in exact or found}
    if len(fitting) != 1:
        return CheckAnswer(None, len(fitting) > 1, (), wanted)
    patient = access.fetch_patient(actor, next(iter(fitting.values())).uid, what="authorization_check", at=at)
    # What was given at the hospital of a transfer counts below, so the check is a read of that record too.
    beside = Patient.objects.filter(pk__in=known_elsewhere(patient))
    access.note_patients(actor, beside, what="authorization_check", at=at)
    rows = Authorization.objects.filter(patient__in=access.records_of(patient), site=site)
    # The one that ends last comes first: earlier ones say little once there is a later one.
    held = rows.select_related("site", "request").order_by("-valid_to", "-pk")
    answers = [_answer(row, wanted) for row in held[:_MOST_ANSWERS]]
    undecided = Request.objects.filter(patient__in=access.records_of(patient), site=site, authorization=None)
    if released := _released(undecided):
        answers.insert(0, _answer_of_dose(released, wanted, at))
    return CheckAnswer(patient, False, tuple(answers), wanted)


_MOST_ANSWERS = 10


def _answer_of_dose(released: ReleasedDose, wanted: GivenGrams, at: datetime) -> HeldAnswer:
    given, terms = as_given(infusions_of(released.request)), terms_of_first_dose(released.dose)
    why = why_not(terms, given, wanted, elsewhere(released.request))
    if not why and at >= released.dose.until:
        why = (WhyNot("after_end", "Its hours are over.", "Ask the reviewers to decide on the request."),)
    return HeldAnswer(released, indication(released.request.indication), use_of(terms, given), why, live=not why)


def _answer(held: Authorization, wanted: GivenGrams) -> HeldAnswer:
    given = as_given(infusions_of(held.request))
    terms = terms_of(held)
    return HeldAnswer(
        held, indication(held.indication), use_of(terms, given), why_not(terms, given, wanted, elsewhere(held.request)),
        live=held.state(wanted.day) == "live",
    )  # fmt: skip
