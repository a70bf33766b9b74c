"""The decision panel: which acts are open to this reviewer, and why the others are not."""

from dataclasses import dataclass
from typing import Any

from utilization import workflow
from utilization.models.decisions import APPROVE
from utilization.reports.case import ReviewCase
from utilization.rules.lifecycle import Verb
from utilization.rules.roles import Permission
from utilization.web.reviewing.forms import FORMS, ActForm, OrderingForm, starting_order
from utilization.web.reviewing.order_comparison import Changed, changed

_OURS = frozenset({Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN})
_KEYS = {
    Verb.APPROVE: "a", Verb.RECOMMEND: "r", Verb.REFER: "f", Verb.DENY: "d", Verb.OVERTURN: "o", Verb.UPHOLD: "h",
    Verb.ASK: "q", Verb.NOTE: "n",
}  # fmt: skip
_HOLDS = (Verb.CLAIM, Verb.RELEASE)
_WORDS = {
    Verb.APPROVE: ("Approve", "approved"),
    Verb.RECOMMEND: ("Recommend", "sign"),
    Verb.REFER: ("Refer to the physician", "route"),
    Verb.DENY: ("Deny", "denied"),
    Verb.OVERTURN: ("Overturn the denial", "approved"),
    Verb.UPHOLD: ("Uphold the denial", "denied"),
    Verb.ASK: ("Ask for information", "speech"),
    Verb.NOTE: ("Add an internal note", "note"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One act that is open: its form, and whether it stands unfolded. `changed` is the order that it would give."""

    verb: Verb
    label: str
    icon: str
    form: ActForm
    open: bool
    changed: Changed | None = None

    @property
    def template(self) -> str:
        return f"reviewing/_{self.verb.value}.html"

    @property
    def key(self) -> str:
        """The key that opens it."""
        return _KEYS[self.verb]

    @property
    def url(self) -> str:
        return f"review-{self.verb.value}"


@dataclass(frozen=True, slots=True)
class Closed:
    """Acts that are closed to this reviewer now, for one reason."""

    labels: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Panel:
    """What a reviewer can do here. `claim` and `release` are forms where these are open; `trouble` is a bound one."""

    choices: tuple[Choice, ...]
    closed: tuple[Closed, ...]
    claim: ActForm | None
    release: ActForm | None
    takes_over: bool
    trouble: ActForm | None


def panel(actor: Any, case: ReviewCase, bound: ActForm | None) -> Panel:
    """The panel of `case` for `actor`; `bound` is the form that was just sent and must be corrected."""
    actions = [
        action for action in workflow.actions(actor, case.request, case.filed) if action.move.permission in _OURS
    ]
    allowed = {action.move.verb for action in actions if action.allowed}
    if bound is not None and bound.verb not in allowed and bound.verb not in _HOLDS:
        allowed.add(bound.verb)  # what was typed stays on the page, with the words that say why it was refused
    first = _likeliest(case, allowed) if bound is None else bound.verb
    choices = [
        Choice(
            verb,
            *_WORDS[verb],
            form=bound if bound is not None and bound.verb == verb else FORMS[verb](case),
            open=verb == first,
            changed=_given(case, verb, bound),
        )
        for verb in FORMS
        if verb in allowed and verb not in _HOLDS
    ]
    reasons: dict[str, list[str]] = {}
    for action in actions:
        if action.move.verb not in allowed and action.move.verb not in _HOLDS:
            reasons.setdefault(action.why, []).append(_WORDS[action.move.verb][0])
    held = case.request.holder
    return Panel(
        choices=tuple(choices),
        closed=tuple(Closed(tuple(labels), why) for why, labels in reasons.items()),
        claim=FORMS[Verb.CLAIM](case) if Verb.CLAIM in allowed else None,
        release=FORMS[Verb.RELEASE](case) if Verb.RELEASE in allowed and held else None,
        takes_over=held is not None and held != actor,
        trouble=bound if bound is not None and bound.verb in _HOLDS else None,
    )


def _likeliest(case: ReviewCase, allowed: set[Verb]) -> Verb | None:
    """The act that a reviewer most often comes for, unfolded already; a denial is never one press away."""
    if Verb.APPROVE in allowed and (case.judgement["outcome"] == "meets" or _advised_to_approve(case)):
        return Verb.APPROVE
    return Verb.RECOMMEND if Verb.RECOMMEND in allowed and Verb.APPROVE not in allowed else None


def _advised_to_approve(case: ReviewCase) -> bool:
    return case.recommendation is not None and case.recommendation.choice == APPROVE


def _given(case: ReviewCase, verb: Verb, bound: ActForm | None) -> Changed | None:
    """What this act would give: the order as changed so far, or as asked where the change cannot be given."""
    if verb not in (Verb.APPROVE, Verb.OVERTURN, Verb.RECOMMEND):
        return None
    if isinstance(bound, OrderingForm) and bound.verb == verb:
        try:
            return changed(case, bound.order())
        except workflow.Invalid:
            pass  # the form tells it
    try:
        # A decision starts from what was recommended; where that cannot be given any more, from what was asked.
        return changed(case, starting_order(case) if verb in (Verb.APPROVE, Verb.OVERTURN) and bound is None else {})
    except workflow.Invalid:
        return changed(case, {})
