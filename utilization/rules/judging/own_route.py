"""What a pack sets of the route of a case: the first of its routes that is meant for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs.pack import RouteRule
from utilization.rules.routing import OwnRoute


def own_route(rules: Sequence[RouteRule], outcome: Outcome, view: Mapping[str, Any]) -> OwnRoute | None:
    """What the first of an indication's rules sets that is meant for this outcome and known to hold; None for none."""
    for rule in rules:
        if (rule.outcomes is None or outcome in rule.outcomes) and rule.when.truth(view) is True:
            return rule.sets
    return None
