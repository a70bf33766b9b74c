"""What a pack sets of the route of a case: the first of its routes that is meant for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs.pack import RouteRule
from utilization.rules.routing import OwnRoute


def own_route(rules: Sequence[RouteRule], judged_as: str, outcome: Outcome, view: Mapping[str, Any]) -> OwnRoute | None:
    """What the first rule sets that is meant for this indication and outcome, and is known to hold; None for none."""
    for rule in rules:
        meant = rule.indications is None or judged_as in rule.indications
        if meant and (rule.outcomes is None or outcome in rule.outcomes) and rule.when.truth(view) is True:
            return rule.sets
    return None
