"""Replay by the judge itself, request by request: for small histories, for doubtful rows, and as the check."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from utilization.replay.rows import Row, facts_under
from utilization.rules.columns.sql import Kept
from utilization.rules.diagram.sql import CODES, REFUSED
from utilization.rules.diagram.supposition import ALSO_GIVE
from utilization.rules.dosing.orders import check_order
from utilization.rules.dosing.weights import ADULT_YEARS
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED
from utilization.rules.facts.values import BadInput, Facts
from utilization.rules.judging.case import Case
from utilization.rules.judging.judge import ReferenceTables, case_before, outcome_of
from utilization.rules.language.entries import check_dates
from utilization.rules.language.node import AS_OF, Truth
from utilization.rules.packs.pack import Pack

# A child's and an adult's: no more of an age tells in what follows from an order.
_AGES = (Decimal(0), ADULT_YEARS - 1, ADULT_YEARS, Decimal(120))
NAMES: Mapping[int, str] = {**{code: outcome.value for outcome, code in CODES.items()}, REFUSED: "refused"}
"""The words for the codes of outcomes; refused is a request whose order contradicts itself by a pack's weight rule."""


def plain_outcomes(pack: Pack, rows: Sequence[Row], tables: ReferenceTables) -> Iterator[int]:
    """The code of each row's outcome, as the judge gives it."""
    for row in rows:
        yield code_of(pack, row.indication, row.facts, row.as_of, tables)


def code_of(pack: Pack, indication: str, facts: Mapping[str, Any], as_of: date, tables: ReferenceTables) -> int:
    """The code of one outcome; `facts` are JSON values, read as the pack knows them."""
    try:
        return CODES[outcome_of(pack, indication, facts_under(pack.catalogue, facts), tables=tables, as_of=as_of)]
    except BadInput:
        return REFUSED


def kept_values(
    pack: Pack, indication: str, facts: Facts, as_of: date, tables: ReferenceTables, wanted: Sequence[Kept]
) -> dict[str, Truth]:
    """The kept columns of one row. Those that rest on another indication than it is judged as stay unknown."""
    stated = {**facts, AS_OF: as_of}
    found: dict[str, Truth] = {}
    case: Case | None = None
    for kept in wanted:
        if kept.kind == "test":
            assert kept.test is not None
            found[kept.name] = kept.test.truth(stated)
            continue
        if case is None:
            case = case_before(pack, indication, facts, tables=tables, as_of=as_of)
        if kept.judged_as == case.judged_as:
            found[kept.name] = _of_case(kept, case, case.view, facts, as_of)
    return found


def _of_case(kept: Kept, case: Case, view: Mapping[str, Any], facts: Facts, as_of: date) -> Truth:
    if kept.test is not None:
        return kept.test.truth(view)
    if kept.kind == "linked":
        return linked(case, view)
    try:
        check_order(facts, case.rule)
        check_dates(facts, as_of)
    except BadInput:
        return False
    return True


def linked(case: Case, view: Mapping[str, Any]) -> bool:
    """Whether one fact that is asked for and not known would settle a test of what follows from the order.

    One sample of each way is enough to say no. Where two such facts are not known it says yes, without trying them.
    """
    asked = [one for one in case.indication.variables if one.decides] if case.indication else []
    following = [test for one in asked if one.name in AMOUNTS or one.name in DERIVED for test in one.tests]
    opened = [test for test in following if test.truth(view) is None]
    giving = [one for one in asked if not ALSO_GIVE.isdisjoint(one.facts) and not case.known.keys() >= set(one.facts)]
    if not opened or not giving:
        return False
    if len(giving) > 1 or len(giving[0].facts) > 1:
        return True
    for value in _AGES if giving[0].name == "age_years" else [way.values[0] for way in giving[0].ways(view)]:
        supposed = {**view, giving[0].name: value}
        supposed |= case.derive(supposed)
        if any(test.truth(supposed) is not None for test in opened):
            return True
    return False
