"""Whether an authorization allows grams of a product on a day: yes, or why not and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from utilization.rules.authorization.use import (
    ABOVE_A_DAY,
    AFTER_END,
    BEFORE_START,
    BEYOND_TOTAL,
    BRIDGE,
    ENDED,
    OTHER_PRODUCT,
    TOO_EARLY,
    GivenGrams,
    Terms,
    Use,
    outside,
    too_early,
    use_of,
)
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.values import plain


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why an authorization does not allow what is asked, by code, in words, and what to do."""

    code: str
    text: str
    do: str


_DO = {
    BEFORE_START: "Give it on or after that day, or ask the prescriber for an emergency request.",
    AFTER_END: "Ask the prescriber to renew it; what is urgent is filed as an emergency.",
    ENDED: "Ask the prescriber whether treatment continues: it takes a new request.",
    OTHER_PRODUCT: "Give the authorized product, or ask the prescriber for a change of product.",
    BEYOND_TOTAL: "Give what is left, or ask the prescriber for an extra dose.",
    ABOVE_A_DAY: "Spread the course over more days, or ask the prescriber for a change of dose.",
    TOO_EARLY: "Give what is left of the course, wait, or ask the prescriber for an extra dose.",
}


def why_not(
    terms: Terms, given: Iterable[GivenGrams], wanted: GivenGrams, elsewhere: Iterable[GivenGrams] = ()
) -> tuple[WhyNot, ...]:
    """Why `terms` do not allow `wanted` beside what was `given`, the reason that weighs most first; none means yes.

    `elsewhere` is what was given to the patient by other authorizations.
    """
    before, others = list(given), list(elsewhere)
    use, every = use_of(terms, before), [*before, *others]
    return tuple(
        WhyNot(code, _early(terms, every, wanted) if code == TOO_EARLY else _text(code, terms, use, wanted), _DO[code])
        for code in outside(terms, before, wanted, others)
        if code != BRIDGE
    )


def _early(terms: Terms, every: Iterable[GivenGrams], wanted: GivenGrams) -> str:
    days = too_early(terms, every, wanted)
    assert days is not None, "it is said of what is too early alone"
    begun, from_day = days
    return f"Too early: a course began on {day_words(begun)}, and the next may begin on {day_words(from_day)}."


def _beyond(terms: Terms, wanted: GivenGrams, left: Decimal) -> str:
    if terms.bridges(wanted.day):
        return f"A bridging dose is one course, {plain(terms.grams_per_course or left)} g in all."
    return f"Only {plain(left)} g are left." if left else "It is used up."


def _text(code: str, terms: Terms, use: Use, wanted: GivenGrams) -> str:
    left = use.left or Decimal(0)
    return {
        BEFORE_START: f"It has not begun: it is valid from {day_words(terms.first)}.",
        AFTER_END: f"It has expired: its last day was {day_words(terms.last)}.",
        ENDED: f"It was ended on {day_words(terms.ended_on)}." if terms.ended_on else "",
        OTHER_PRODUCT: f"It is for {terms.product}.",
        BEYOND_TOTAL: _beyond(terms, wanted, left),
        ABOVE_A_DAY: f"A whole course has {plain(terms.grams_per_course or left)} g.",
    }[code]
