"""The warnings of a judgement."""

from collections.abc import Mapping
from typing import Any

from utilization.rules.judging.authorization_caps import AuthorizationLimits
from utilization.rules.packs.case_rules import CaseRules
from utilization.rules.packs.pack import WARNING_CODES, Pack


def warnings(
    pack: Pack,
    rules: CaseRules,
    view: Mapping[str, Any],
    allowed: AuthorizationLimits | None,
) -> tuple[str, ...]:
    """The codes raised by known facts, in the order of the vocabulary, then those of the pack's own."""
    raised = {rule.code for rule in rules.warnings if rule.when.truth(view) is True}
    for when, require, code in rules.warned:
        if when.truth(view) is True and require.truth(view) is False:
            raised.add(code)
    asked = view.get("requested_authorization_months")
    if allowed is not None and allowed.months is not None and asked is not None and asked > allowed.months:
        raised.add("authorization_duration_capped")
    return tuple([code for code in (*WARNING_CODES, *pack.own_warnings) if code in raised]) if raised else ()
