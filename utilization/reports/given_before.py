"""What changed after somebody gave an opinion or a recommendation: facts, and the order that stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from utilization.models import Decision, Submission
from utilization.models.decisions import RECOMMENDATION
from utilization.order_terms import ORDER_PARTS, order_of, standing_order
from utilization.rules.facts.ages import AGES
from utilization.rules.signals import differing


@dataclass(frozen=True, slots=True)
class GivenBefore:
    """What changed since: `facts` as {"fact", "old", "new"}, `order` as {"part", "old", "new"}; None was not known."""

    facts: tuple[Mapping[str, Any], ...] = ()
    order: tuple[Mapping[str, Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.facts or self.order)

    @property
    def heading(self) -> str:
        """What to say over it, as "Given before facts and dose changed"; empty where nothing changed."""
        what = [word for word, changes in (("facts", self.facts), ("dose", self.order)) if changes]
        return f"Given before {' and '.join(what)} changed" if what else ""


NOTHING_CHANGED = GivenBefore()


def given_before(
    about: Submission, order: Mapping[str, Any], now: Submission, order_now: Mapping[str, Any]
) -> GivenBefore:
    """What changed since something was said about `about` and `order`; `now` and `order_now` are those that stand.

    A part of the order that is a fact as well is told once.
    """
    parts = tuple(
        {"part": part, "old": order.get(part), "new": order_now.get(part)}
        for part in ORDER_PARTS
        if _number(order.get(part)) != _number(order_now.get(part))
    )
    told = {*AGES, *(change["part"] for change in parts)}
    facts = differing(about.facts, now.facts) if about.pk != now.pk else []
    return GivenBefore(tuple(change for change in facts if change["fact"] not in told), parts)


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@dataclass(frozen=True, slots=True)
class OvertakenAdvice:
    """A recommendation with what changed after it."""

    decision: Decision
    since: GivenBefore


def overtaken_advice(now: Submission, acts: Sequence[Decision]) -> tuple[OvertakenAdvice, ...]:
    """The recommendations among the signed `acts`, oldest first, after which facts or dose changed; `now` is the newest
    submission."""
    standing = standing_order(now, acts)
    marked = (
        OvertakenAdvice(act, given_before(act.submission, order_of(act), now, standing))
        for act in acts
        if act.kind == RECOMMENDATION
    )
    return tuple(advice for advice in marked if advice.since)
