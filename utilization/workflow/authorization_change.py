"""What becomes of an authorization after it was given, where no review is needed: discontinued, another product, or
replaced by the approval of another dose."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from utilization import access, criteria, event_log, notify
from utilization.authorization_terms import terms_of
from utilization.digests import salted
from utilization.models import Authorization, AuthorizationChange, Request, User
from utilization.models.authorization_changes import DISCONTINUED, SUPERSEDED, SWITCHED
from utilization.models.decisions import REPLACED, STOPPED
from utilization.models.requests import DOSE_CHANGE
from utilization.rules.dosing.products import find_product
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.text_input import clean_text

MOST_WORDS = 1000


def held_by_department(uid: UUID | str, *, by: User, at: datetime) -> Request:
    """The request of this uid, whose authorization stands and which `by` files for, locked; the read is logged.

    Raises NotFound, Refused.
    """
    request = access.fetch_request(by, uid, what="authorization", at=at, lock=True)
    allowed = access.can(by, Permission.FILE, request)
    if not allowed:
        raise Refused(allowed.why)
    lock_standing(request, at=at)
    return request


def lock_standing(request: Request, *, at: datetime) -> Authorization:
    """The authorization of `request`, locked. Raises Refused where none stands."""
    held = Authorization.objects.select_for_update(of=("self",), no_key=True).filter(request=request).first()
    if held is None:
        raise Refused("This request has no authorization, so there is nothing to change.")
    state = held.state(request.site.date_at(at))
    if state not in access.STANDS:
        told = {"expired": "has expired", "ended": "ended with the patient’s death", "stopped": "is discontinued",
                "replaced": "is replaced by another"}.get(state, "is void")  # fmt: skip
        raise Refused(f"{held.number} {told}, so nothing of it can be changed any more.")
    return held


def note_change(request: Request, kind: str, *, by: User, at: datetime, words: str, **said: Any) -> AuthorizationChange:
    """Write what became of the authorization of `request`, with its entry in the log."""
    told: dict[str, Any] = {name: said.pop(name) for name in ("ended_at", "told") if name in said}
    row = AuthorizationChange.objects.create(request=request, kind=kind, at=at, by=by, words=words, **said)
    data: dict[str, Any] = {name: getattr(value, "pk", value) for name, value in said.items()}
    type_ = f"authorization.{kind}"
    data |= {"change": row.pk, "words": salted({"text": words}), **told}
    event_log.append(type=type_, at=at, actor=by, request=request, data=data)
    notify.moved(type_, request.pk)
    return row


@transaction.atomic
def discontinue(
    uid: UUID | str, *, by: User, at: datetime, from_day: str, reason: str, words: str = ""
) -> AuthorizationChange:
    """End the authorization of the request `uid` from a day on, today or one before, with the reason.

    Raises NotFound, Refused, Invalid on from_day, reason or words.
    """
    said = clean_text("words", words, most=MOST_WORDS)
    request = held_by_department(uid, by=by, at=at)
    held, today = request.authorization, request.site.date_at(at)
    errors: dict[str, list[str]] = {}
    day = _day(from_day, held, today, errors)
    endings = criteria.authorization_table().endings
    if reason not in endings:
        errors["reason"] = ["Choose why it is discontinued."]
    elif reason == "other" and not said:
        errors["words"] = ["Write the reason."]
    if errors or day is None:
        raise Invalid(errors)
    # An earlier day counts from its beginning, so that what was given on it stands outside.
    ended_at = at if day == today else datetime.combine(day, time(), ZoneInfo(request.site.time_zone))
    Authorization.objects.filter(pk=held.pk).update(voided_at=ended_at, voided_because=STOPPED)
    return note_change(
        request, DISCONTINUED, by=by, at=at, words=said, from_day=day, reason=reason, ended_at=ended_at.isoformat()
    )


def _day(typed: str, held: Authorization, today: date, errors: dict[str, list[str]]) -> date | None:
    text = clean_text("from_day", typed, one_line=True, most=40)
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-01-31") else None
    except ValueError:
        day = None
    if day is None:
        errors["from_day"] = ["Expected the day as YYYY-MM-DD, such as 2026-01-31."]
    elif day > today:
        errors["from_day"] = ["This day is still to come: discontinue it on that day, or today."]
    elif day < held.valid_from:
        errors["from_day"] = [f"It is valid from {day_words(held.valid_from)} on: give that day or a later one."]
    return day if not errors else None


@transaction.atomic
def switch_product(uid: UUID | str, *, by: User, at: datetime, product: str, words: str) -> AuthorizationChange:
    """Authorize another product for the same grams, where the criteria say of it what they said before.

    What they say otherwise needs a review: a request for another order. Raises NotFound, Refused, Invalid on product or
    words.
    """
    said = clean_text("words", words, required="Write why the product is switched.", most=MOST_WORDS)
    name = clean_text("product", product, one_line=True, most=60)
    request = held_by_department(uid, by=by, at=at)
    found = find_product(criteria.reference_tables().products, name) if name else None
    if found is None or not found.vials_g:
        raise Invalid({"product": ["Choose a product of the list."]})
    if found.brand == terms_of(request.authorization).product:
        raise Invalid({"product": [f"It is authorized for {found.brand} already."]})
    if why := _judged_otherwise(request, found.brand):
        raise Invalid({"product": [why]})
    return note_change(request, SWITCHED, by=by, at=at, words=said, product=found.brand)


def _judged_otherwise(request: Request, brand: str) -> str:
    """Why the order with the product `brand` needs a review; empty where outcome and warnings are as before."""
    filed = request.latest
    pack = criteria.pack_of(filed.pack)
    facts = {name: value for name, value in filed.facts.items() if name != "concentration_g_per_ml"}
    now = judge(
        pack, filed.indication, read_facts(facts | {"product": brand}, catalogue=pack.catalogue),
        tables=criteria.reference_tables(), as_of=filed.as_of,
    ).as_record()  # fmt: skip
    decision = request.authorization.decision
    before = decision.judgement or filed.judgement
    if now["outcome"] == before["outcome"] and set(now["warnings"]) <= set(before["warnings"]):
        return ""
    return f"The criteria judge the order with {brand} otherwise, so it is reviewed: ask for a change of dose with it."


def supersede(request: Request, *, by: User, at: datetime) -> None:
    """End the authorization that the approval of `request`, a change of dose, takes the place of.

    Raises Refused where what is to be changed does not stand any more, for an extra dose too.
    """
    source = request.copied_from
    if not request.changes or source is None:
        return
    held = Authorization.objects.select_for_update(of=("self",), no_key=True).get(request=source)
    if held.state(request.site.date_at(at)) not in access.STANDS:
        raise Refused(
            f"{held.number}, which this request changes, does not stand any more. Deny it, and have a new "
            "request filed."
        )
    if request.changes == DOSE_CHANGE:
        Authorization.objects.filter(pk=held.pk).update(voided_at=at, voided_because=REPLACED)
        note_change(source, SUPERSEDED, by=by, at=at, words="", replaced_by=request)
