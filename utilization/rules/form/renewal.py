"""Which questions a renewal leaves to be answered: everything else is carried over from the request before it."""

from collections.abc import Iterable, Mapping
from typing import Any

from utilization.rules.facts.catalogue import CATALOGUE, Fact
from utilization.rules.form.questions import TITLES, Ask, Section

MEASURE, BASELINE, CURRENT = "objective_measure", "baseline_score", "current_score"
MOST_ANSWERS = 5
"""How many answers a renewal should need."""
_OF_THE_RECORD = ("request_type", "route")
"""What beginning a renewal has said already."""


def carried_over(draft: Mapping[str, Any], source: Mapping[str, Any], catalogue: Mapping[str, Fact]) -> tuple[str, ...]:
    """The answers of `draft` that stand as in `source`, the request that it renews. What was true on its day is not
    carried over, so an answer to it is a new one, be it the same."""
    return tuple(
        name
        for name, value in draft.items()
        if value and source.get(name) == value and name in catalogue and not catalogue[name].of_its_day
    )


def left_to_answer(sections: Iterable[Section], carried: Iterable[str], scores: Iterable[str]) -> tuple[Section, ...]:
    """Of the `sections` of the whole form what is not carried over, the response first; `scores` are facts of it that
    are asked for, whether or not the criteria read them."""
    known = {*carried, *_OF_THE_RECORD}
    kept = [
        (section.title, [ask for ask in section.questions if ask.fact not in known])
        for section in sections
        if not section.optional
    ]
    response = TITLES[CATALOGUE[CURRENT].group]
    first = [ask for title, asks in kept if title == response for ask in asks]
    asked = {ask.fact for _, asks in kept for ask in asks}
    first += [Ask(name, False) for name in scores if name not in asked]
    others = [(title, asks) for title, asks in kept if asks and title != response]
    return tuple(Section(title, tuple(asks)) for title, asks in ((response, first), *others) if asks)
