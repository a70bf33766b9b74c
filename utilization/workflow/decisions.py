"""Signed acts: the pharmacist's recommendation, approval and denial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, criteria, digests
from utilization.models import Decision, Request, Submission, User
from utilization.models.decisions import APPEAL, APPROVE, DECISION, DENY, RECOMMENDATION
from utilization.order_terms import Order, asked_order
from utilization.rules.dosing.slips import DOSES
from utilization.rules.judging.judge import Judgement
from utilization.rules.lifecycle import Move, Verb
from utilization.rules.roles import Permission, Role
from utilization.workflow.account_confirmation import account_at_signing
from utilization.workflow.authorization import authorize
from utilization.workflow.authorization_change import supersede
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.move_permission import PHARMACIST_ALONE
from utilization.workflow.order_change import (
    changed_order,
    check_stated,
    gives_more,
    judge_changed,
    left_to_pharmacy,
    read_changes,
    traps_of_change,
)
from utilization.workflow.presence import Presence, check_presence
from utilization.workflow.signing_rule import check_strong
from utilization.workflow.text_input import clean_text
from utilization.workflow.transfer_end import end_elsewhere, lock_patients
from utilization.workflow.transition import carry, record, take

MEANINGS: Mapping[tuple[str, str], str] = {
    (RECOMMENDATION, APPROVE): "Recommends approval to the physician, having reviewed the request as filed",
    (RECOMMENDATION, DENY): "Recommends denial to the physician, having reviewed the request as filed",
    (DECISION, APPROVE): "Approves the request as stated in this decision, having reviewed it as filed",
    (DECISION, DENY): "Denies the request for the reason stated, having reviewed it as filed",
    (APPEAL, APPROVE): "Overturns the denial and approves the request as stated here, having reviewed it on appeal",
    (APPEAL, DENY): "Upholds the denial for the reason stated, having reviewed the request on appeal",
}
"""What a signature means, by kind and choice; printed beside it."""

_ROLE = {Permission.REVIEW: Role.PHARMACIST, Permission.REVIEW_AS_PHYSICIAN: Role.PHYSICIAN}


OFF_CRITERIA, AGAINST_RECOMMENDATION, ORDER_CHANGED = "off_criteria", "against_recommendation", "order_changed"
NEEDS: Mapping[str, str] = {
    OFF_CRITERIA: "not every criterion is met",
    AGAINST_RECOMMENDATION: "the decision departs from the recommendation",
    ORDER_CHANGED: "the order is not the one that was asked for",
}
"""What makes a reason necessary, coded and in words: "A reason is needed, since ..."."""


@dataclass(frozen=True, slots=True)
class DecisionTerms:
    """What a reviewer signs beside the choice: the reason, coded and in words, conditions, and a changed order.

    `order` names any of dose_total_g, course_days, interval_weeks, months, courses, as typed; None leaves it as asked.
    """

    reason: str = ""
    reason_code: str = ""
    conditions: str = ""
    order: Mapping[str, Any] | None = None

    def cleaned(self, required: str = "") -> "DecisionTerms":
        """The same as it is kept. Raises Invalid by name, on an empty reason with the sentence `required`."""
        why = clean_text("reason", self.reason, required=required)
        return replace(self, reason=why, conditions=clean_text("conditions", self.conditions))


AS_ASKED = DecisionTerms()


@dataclass(frozen=True, slots=True)
class _SignedAct:
    """One act about to be signed: the move, by whom and when, how they proved to be there, its kind and choice."""

    move: Move
    by: User
    at: datetime
    presence: Presence
    kind: str
    choice: str


@dataclass(frozen=True, slots=True)
class _Ordered:
    """The order that a decision gives; where it was changed, with its judgement."""

    order: Order
    judgement: dict[str, Any] | None = None
    more: bool = False


def preview_order(submission: Submission, order: Mapping[str, Any]) -> Judgement:
    """Plan and judge `submission` with its order changed as `order` says, without deciding anything.

    `order` names any of dose_total_g, course_days, interval_weeks, months, courses, as typed; blank is unchanged.
    Raises Invalid by name.
    """
    return judge_changed(submission, read_changes(asked_order(submission), order))


def recommendation_on(submission: Submission) -> Decision | None:
    """The recommendation that a decision on `submission` is held against: the one about this version of the facts."""
    return submission.decisions.filter(kind=RECOMMENDATION).first()


def needs_of_approval(
    submission: Submission, advised: Decision | None, order: Order, outcome: str, conditions: str | None
) -> tuple[str, ...]:
    """What makes a reason necessary for approving `order`, judged as `outcome`: codes of `NEEDS`.

    `advised` is the recommendation that counts, `conditions` those that would be set; None leaves them aside.
    """
    asked = asked_order(submission)
    needs = []
    if outcome != "meets":
        needs.append(OFF_CRITERIA)
    if advised is not None:
        recommended = advised.order or asked.as_json()
        dropped = conditions is not None and bool(advised.conditions) and conditions != advised.conditions
        if advised.choice != APPROVE or not order.is_that_of(recommended) or dropped:
            needs.append(AGAINST_RECOMMENDATION)
    if order != asked:
        needs.append(ORDER_CHANGED)
    return tuple(needs)


def needs_in_words(needs: Sequence[str]) -> str:
    """Why a reason is needed, as the end of a sentence."""
    return " and ".join(NEEDS[need] for need in needs)


@transaction.atomic
def recommend(
    uid: UUID | str, *, by: User, at: datetime, version: int, presence: Presence, choice: str, terms: DecisionTerms
) -> Request:
    """Sign a recommendation to the physician: `choice` is approve or deny. A changed order goes along, with its coded
    reason; elsewhere the code may be left out.

    Raises NotFound, Refused, Conflict, Invalid.
    """
    terms = terms.cleaned(required="Write why you recommend this.")
    if choice not in (APPROVE, DENY):
        raise Invalid({"choice": ["Choose to recommend approval or denial."]})
    request, move = take(uid, Verb.RECOMMEND, by=by, at=at, version=version)
    submission = request.latest
    given = _read_order(submission, terms.order if choice == APPROVE else None, terms.reason)
    needs = (ORDER_CHANGED,) if given.judgement else ()
    _check_reason(terms, needs, _reasons_of(choice))
    moved = carry(request, move, at=at)
    unmet = _unmet(submission) if choice == DENY else []
    decision = _write(
        moved, submission, _SignedAct(move, by, at, presence, RECOMMENDATION, choice), terms, given, unmet
    )
    record(moved, move, by=by, at=at, data=_said(decision, needs))
    return moved


@transaction.atomic
def approve(
    uid: UUID | str, *, by: User, at: datetime, version: int, presence: Presence, terms: DecisionTerms = AS_ASKED
) -> Request:
    """Sign an approval, with an authorization. A pharmacist does so alone only where the route says so and no more
    is given than was asked.

    A reason, coded and in words, is needed for what does not meet the criteria, against a recommendation, and for any
    change of what was asked. Raises NotFound, Refused, Conflict, Invalid.
    """
    return _approve(uid, Verb.APPROVE, by, at, version, presence, terms.cleaned())


@transaction.atomic
def overturn(
    uid: UUID | str, *, by: User, at: datetime, version: int, presence: Presence, terms: DecisionTerms = AS_ASKED
) -> Request:
    """Sign that a denial does not stand on appeal: an approval with its own authorization, always with a reason.

    Raises NotFound, Refused, Conflict, Invalid.
    """
    required = "Write why the denial is overturned."
    return _approve(uid, Verb.OVERTURN, by, at, version, presence, terms.cleaned(required))


def _approve(
    uid: UUID | str, verb: Verb, by: User, at: datetime, version: int, presence: Presence, terms: DecisionTerms
) -> Request:
    request, move = take(uid, verb, by=by, at=at, version=version)
    submission = request.latest
    given = _read_order(submission, terms.order, terms.reason)
    check_stated(submission, given.order)
    if move.permission == Permission.REVIEW:
        _within_a_pharmacists_power(given)
    outcome = (given.judgement or submission.judgement)["outcome"]
    needs = needs_of_approval(submission, recommendation_on(submission), given.order, outcome, terms.conditions)
    _check_reason(terms, needs, _reasons_of(APPROVE))
    lock_patients(request)
    moved = carry(request, move, at=at, ended_at=at, ended_by=by)
    decision = _write(moved, submission, _SignedAct(move, by, at, presence, _kind(verb), APPROVE), terms, given)
    authorization = authorize(decision, given.order, at=at)
    # After the number is drawn: the row that counts numbers is locked before the head of the log, here as everywhere.
    supersede(moved, by=by, at=at)
    end_elsewhere(moved, by=by, at=at)
    allowed = {
        "number": authorization.number, "from": authorization.valid_from, "to": authorization.valid_to,
        "sha256": digests.salted(digests.as_kept(authorization, digests.AUTHORIZATION)),
    }  # fmt: skip
    said = {**_said(decision, needs), "authorization": allowed, "gives": given.order.as_json()}
    record(moved, move, by=by, at=at, data=said)
    return moved


@transaction.atomic
def deny(
    uid: UUID | str, *, by: User, at: datetime, version: int, presence: Presence, reason_code: str, reason: str
) -> Request:
    """Sign a denial with a coded reason in words; every unmet criterion and what would meet it go along.

    Raises NotFound, Refused, Conflict, Invalid.
    """
    required = "Write why it is denied, in words that the prescriber can act on."
    terms = DecisionTerms(reason=reason, reason_code=reason_code).cleaned(required)
    return _deny(uid, Verb.DENY, by, at, version, presence, terms)


@transaction.atomic
def uphold(
    uid: UUID | str, *, by: User, at: datetime, version: int, presence: Presence, reason_code: str, reason: str
) -> Request:
    """Sign that a denial stands on appeal, with a coded reason in words; no further appeal follows.

    Raises NotFound, Refused, Conflict, Invalid.
    """
    required = "Write why the denial stands, in words that answer the grounds of the appeal."
    terms = DecisionTerms(reason=reason, reason_code=reason_code).cleaned(required)
    return _deny(uid, Verb.UPHOLD, by, at, version, presence, terms)


def _deny(
    uid: UUID | str, verb: Verb, by: User, at: datetime, version: int, presence: Presence, terms: DecisionTerms
) -> Request:
    if terms.reason_code not in _reasons_of(DENY):
        raise Invalid({"reason_code": ["Choose a reason from the list."]})
    request, move = take(uid, verb, by=by, at=at, version=version)
    submission = request.latest
    moved = carry(request, move, at=at, ended_at=at, ended_by=by)
    signed = _SignedAct(move, by, at, presence, _kind(verb), DENY)
    decision = _write(moved, submission, signed, terms, unmet=_unmet(submission))
    advised = recommendation_on(submission)
    needs = (AGAINST_RECOMMENDATION,) if advised is not None and advised.choice != DENY else ()
    record(moved, move, by=by, at=at, data=_said(decision, needs))
    return moved


def _kind(verb: Verb) -> str:
    return APPEAL if verb in (Verb.UPHOLD, Verb.OVERTURN) else DECISION


def _reasons_of(choice: str) -> Mapping[str, str]:
    routing = criteria.reference_tables().routing
    return routing.denial_reasons if choice == DENY else routing.approval_reasons


def _check_reason(terms: DecisionTerms, needs: Sequence[str], known: Mapping[str, str]) -> None:
    """Refuse a code that is not on the list, and a missing reason where `needs` ask for one."""
    errors: dict[str, list[str]] = {}
    if terms.reason_code and terms.reason_code not in known:
        errors["reason_code"] = ["Choose a reason from the list."]
    elif needs and not terms.reason_code:
        errors["reason_code"] = [f"Choose a reason: {needs_in_words(needs)}."]
    if needs and not terms.reason:
        errors["reason"] = [f"Write the reason for this patient: {needs_in_words(needs)}."]
    if errors:
        raise Invalid(errors)


def _read_order(submission: Submission, typed: Mapping[str, Any] | None, why: str) -> _Ordered:
    """The order that a decision gives. What looks like a slip in it is corrected, or `why` says that it is none."""
    asked = asked_order(submission)
    changes = read_changes(asked, typed or {})
    if not changes:
        return _Ordered(asked)
    judgement = judge_changed(submission, changes).as_record()
    order = changed_order(asked, changes, criteria.facts_of(submission), judgement)
    for trap in traps_of_change(submission, changes):
        if trap.stop:
            raise Invalid({"dose_total_g" if trap.fact in DOSES else "order": [trap.text]})
        if not why:
            raise Invalid({"reason": [trap.text]})
    return _Ordered(order, judgement, gives_more(asked, order, by_pharmacy=left_to_pharmacy(submission)))


def _within_a_pharmacists_power(given: _Ordered) -> None:
    if given.more:
        raise Refused("The changed order gives more than was asked, which needs the physician. Recommend it instead.")
    if given.judgement and given.judgement["route"]["approvals"] != PHARMACIST_ALONE:
        raise Refused("The changed order needs the physician's decision. Recommend it instead.")


def _unmet(submission: Submission) -> list[dict[str, Any]]:
    """The criteria that are not met, with what would meet each."""
    return [
        {"id": finding["id"], "text": finding["text"], "to_meet": finding["to_meet"], "evidence": finding["evidence"]}
        for finding in submission.judgement["findings"]
        if finding["result"] == "not_met"
    ]


def _write(
    request: Request, submission: Submission, act: _SignedAct, terms: DecisionTerms, given: _Ordered | None = None,
    unmet: Sequence[Mapping[str, Any]] = (),
) -> Decision:  # fmt: skip
    covered = access.covering(act.by, request, act.at)
    decision = Decision(
        request=request,
        submission=submission,
        kind=act.kind,
        choice=act.choice,
        reason_code=terms.reason_code,
        reason=terms.reason,
        conditions=terms.conditions,
        order=given.order.as_json() if given and given.judgement else None,
        judgement=given.judgement if given else None,
        unmet=list(unmet),
        signed_by=act.by,
        signed_name=act.by.signature_name,
        signed_role=_ROLE[act.move.permission].value,
        signed_at=act.at,
        time_zone=request.site.time_zone,
        meaning=MEANINGS[act.kind, act.choice],
        signer=account_at_signing(act.by, act.at),
        covering_for=covered,
        covered_name=covered.signature_name if covered else "",
    )
    decision.presence = check_presence(act.presence, act.by, act.at, lambda: digests.as_signed(decision))
    check_strong(decision.presence, request.site, _ROLE[act.move.permission])
    decision.save(force_insert=True)
    return decision


def _said(decision: Decision, needs: Sequence[str]) -> dict[str, Any]:
    """What the event says of a signed act: its key, what made a reason necessary, and a digest of everything that the
    signature stands under.
    """
    return {
        "decision": decision.pk,
        "submission": decision.submission.ordinal,
        "choice": decision.choice,
        "reason_code": decision.reason_code,
        "reason_needed_for": list(needs),
        "order": decision.order,
        "presence": decision.presence["kind"] if decision.presence else None,
        "signer": decision.signer,
        "sha256": digests.salted(digests.of_decision(decision)),
    }
