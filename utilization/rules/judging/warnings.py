"""The warnings of a judgement, and how long an approval may last."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from utilization.rules.judging.judgement import Authorization
from utilization.rules.packs.pack import WARNING_CODES, Cap, Indication, Pack


def authorization(caps: Sequence[Cap], view: Mapping[str, Any]) -> Authorization | None:
    """The strictest cap that applies, or may apply while a fact is not known; no more months than were asked for."""
    fitting = [cap for cap in caps if cap.when.truth(view) is not False]
    if not fitting:
        return None
    least = min(cap.months for cap in fitting)
    asked = view.get("requested_authorization_months")
    if asked is not None and asked < least:
        return Authorization(Decimal(asked), (f"No more than the {asked} months asked for.",))
    because = tuple(
        cap.says if cap.when.truth(view) else f"{cap.says} Whether it applies is not known."
        for cap in fitting
        if cap.months == least
    )
    return Authorization(least, because)


def warnings(
    pack: Pack,
    judged_as: str,
    covered: Indication | None,
    view: Mapping[str, Any],
    allowed: Authorization | None,
) -> tuple[str, ...]:
    """The codes raised by known facts, in the order of the vocabulary."""
    raised = {
        rule.code
        for rule in pack.warnings
        if (rule.indications is None or judged_as in rule.indications) and rule.when.truth(view) is True
    }
    for clause in covered.clauses if covered else ():
        if clause.warns and clause.when.truth(view) is True and clause.require.truth(view) is False:
            raised.add(clause.warns)
    asked = view.get("requested_authorization_months")
    if allowed is not None and asked is not None and asked > allowed.months:
        raised.add("authorization_duration_capped")
    return tuple(code for code in WARNING_CODES if code in raised)
