"""(criteria, facts) -> Judgement: outcome, warnings, findings, questions, what would meet it, dose and route.

A known failing fact decides at once; only an unknown fact that could change the outcome is asked for. Nothing here
knows an indication by name: how the evidence is read stands in the pack, and in decision 10.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from utilization.rules.diagram.questions import leaves
from utilization.rules.diagram.restriction import restricted
from utilization.rules.dosing.orders import NO_DOSE_RULE, check_order
from utilization.rules.dosing.products import find_product
from utilization.rules.facts.values import BadInput, Facts
from utilization.rules.judging.authorization_caps import authorization
from utilization.rules.judging.case import Case
from utilization.rules.judging.findings import Finding as Finding
from utilization.rules.judging.judgement import Judgement as Judgement
from utilization.rules.judging.judgement import ReferenceTables as ReferenceTables
from utilization.rules.judging.own_route import own_route
from utilization.rules.judging.premises import one_name_each, redirected, with_defaults
from utilization.rules.judging.warnings import warnings
from utilization.rules.language.entries import check_dates
from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs.pack import Indication, Pack
from utilization.rules.routing import route_request

_CODE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def judge(
    pack: Pack,
    indication: str,
    facts: Facts,
    *,
    tables: ReferenceTables,
    as_of: date,
    emergency: bool = False,
) -> Judgement:
    """Judges one case by `pack`. Raises BadInput on a malformed indication, or an order or a date that cannot be.

    `facts` hold what is known; `as_of` is the date that clocks count from; `emergency` is the prescriber's claim.
    """
    if not isinstance(indication, str) or not _CODE.fullmatch(indication):
        raise BadInput("indication", f"expected a code like 'cidp' (a-z, 0-9 and _), got {indication!r}")
    given = dict(facts)
    case, taken = _case(pack, indication, given, tables, as_of)
    check_order(given, case.rule)
    check_dates(given, as_of)
    view, rules = case.view, pack.rules_for(case.judged_as)
    outcome, questions = (pack.unlisted, ()) if case.indication is None else case.decide()
    allowed = authorization(case.indication, view)
    route = route_request(
        tables.routing,
        outcome=outcome,
        indication=case.judged_as,
        facts=case.known,
        over_ceiling=view.get("dose_within_ceiling") is False,
        emergency=emergency,
        as_of=as_of,
        own=own_route(rules.routes, outcome, view),
    )
    raised = warnings(pack, rules, view, allowed)
    return Judgement(indication, outcome, questions, raised, route, allowed, case, pack, tables, tuple(taken))


def case_before(pack: Pack, indication: str, facts: Facts, *, tables: ReferenceTables, as_of: date) -> Case:
    """What `judge` knows of a case before it decides: for many cases, outcome by outcome."""
    return _case(pack, indication, facts, tables, as_of)[0]


def outcome_of(pack: Pack, indication: str, facts: Facts, *, tables: ReferenceTables, as_of: date) -> Outcome:
    """The outcome that `judge` comes to, without the rest. Raises BadInput as it does for facts that cannot be."""
    given = dict(facts)
    case = _case(pack, indication, given, tables, as_of)[0]
    check_order(given, case.rule)
    check_dates(given, as_of)
    return pack.unlisted if case.indication is None else case.outcome


def _case(
    pack: Pack, indication: str, facts: Mapping[str, Any], tables: ReferenceTables, as_of: date
) -> tuple[Case, list[Finding]]:
    """The case with what was taken to be so: redirects and defaults, a finding for each."""
    judged_as, redirects = redirected(pack, indication, stated := one_name_each(facts, as_of))
    known, defaults = with_defaults(pack, judged_as, stated)
    covered = pack.indications.get(judged_as)
    product = find_product(tables.products, known["product"]) if "product" in known else None
    rule = covered.dose.in_phase(known) if covered else NO_DOSE_RULE
    return Case(covered, rule, product, known, judged_as, pack.rules_for(judged_as).of_order), [*redirects, *defaults]


def possible_outcomes(indication: Indication) -> frozenset[Outcome]:
    """Every outcome that some facts lead to, needs_information included when unknown facts can leave it open."""
    ends = leaves(restricted(indication.diagram, {}, lambda values: {}))
    return ends | {Outcome.NEEDS_INFORMATION} if len(ends) > 1 else ends
