"""(criteria, facts) -> Judgement: outcome, warnings, findings, questions, what would meet it, dose and route.

A known failing fact decides at once; only an unknown fact that could change the outcome is asked for. Nothing here
knows an indication by name: how the evidence is read stands in the pack, and in decision 10.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from utilization.rules.dosing.orders import NO_DOSE_RULE, check_order
from utilization.rules.dosing.plan import Plan
from utilization.rules.dosing.products import Product, find_product, nearest_product
from utilization.rules.facts.ages import named_alike
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, SAME_AS, Fact
from utilization.rules.facts.values import BadInput, Facts, implausible, in_unit_of, json_value
from utilization.rules.judging.authorization import Authorization, authorization
from utilization.rules.judging.case import Case, missing_amount_facts
from utilization.rules.judging.completing import complete
from utilization.rules.judging.diagrams import leaves
from utilization.rules.language.compiled import Truths
from utilization.rules.language.criteria import AS_OF, facts_named
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.records import check_dates
from utilization.rules.packs.pack import WARNING_CODES, Indication, Pack, WarningRule
from utilization.rules.routing import OwnRoute, Route, Routing, route_request

_CODE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_DOSE_FACTS = (
    "dose_total_g", "dose_total_g_per_kg", "dose_per_day_g", "dose_per_day_g_per_kg", "course_days", "weight_kg",
)  # fmt: skip
_MORE_DOSE_FACTS: Mapping[str, tuple[str, ...]] = {
    "week_g_per_kg": ("interval_weeks",),
    "week_g": ("interval_weeks",),
    "rate_ml_per_kg_min": ("max_infusion_rate_ml_per_kg_min",),
    "rate_mg_per_kg_min": ("max_infusion_rate_ml_per_kg_min", "concentration_g_per_ml"),
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What stands beside a pack: the product table and the routing table. `files` and `sha256` as those of a pack."""

    products: tuple[Product, ...]
    routing: Routing
    files: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion as judged. `result` is met, not_met or unknown; `facts` the facts it read, None where unknown.

    `otherwise` is the outcome that it causes when not met, `to_meet` what would meet it, `local` why it has no source.
    """

    id: str
    text: str
    result: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    otherwise: str | None = None
    to_meet: str = ""
    local: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "text": self.text,
            "result": self.result,
            "facts": dict(self.facts),
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of judging one case; `as_dict` is the contract of the `judge` command."""

    indication: str
    judged_as: str
    criteria: Mapping[str, str]
    outcome: Outcome
    warnings: tuple[str, ...]
    findings: tuple[Finding, ...]
    questions: tuple[str, ...]
    would_meet_if: tuple[tuple[str, ...], ...]
    dose: Plan | None
    route: Route
    authorization: Authorization | None = None
    awaits: tuple[str, ...] = ()
    own_warnings: tuple[WarningRule, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The keys of the contract, as JSON values.

        Only where there is something to say: `authorization`, where a cap or a duty of the pack applies; `awaits`, the
        evidence that may still come; `own_warnings`, the words of warnings that the pack brings itself.
        """
        return self._always() | self._where_used()

    def _where_used(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.authorization:
            found["authorization"] = self.authorization.as_dict()
        if self.awaits:
            found["awaits"] = list(self.awaits)
        if self.own_warnings:
            found["own_warnings"] = {
                rule.code: {"title": rule.title, "text": rule.says, "acknowledge": rule.acknowledge}
                for rule in self.own_warnings
            }
        return found

    def _always(self) -> dict[str, Any]:
        return {
            "indication": self.indication,
            "judged_as": self.judged_as,
            "criteria": dict(self.criteria),
            "outcome": self.outcome.value,
            "warnings": list(self.warnings),
            "findings": [finding.as_dict() for finding in self.findings],
            "questions": list(self.questions),
            "would_meet_if": [list(terms) for terms in self.would_meet_if],
            "dose": self.dose.as_dict() if self.dose else None,
            "route": self.route.as_dict(),
        }

    def as_record(self) -> dict[str, Any]:
        """The contract's keys with what a page and a document also show: consequences and the plan's lines."""
        record = self.as_dict()
        for shown, finding in zip(record["findings"], self.findings, strict=True):
            shown |= {"otherwise": finding.otherwise, "to_meet": finding.to_meet, "local": finding.local}
        if self.dose:
            record["dose"] |= self.dose.shown()
        return record


def judge(
    pack: Pack,
    indication: str,
    facts: Facts,
    *,
    shelf: Shelf,
    as_of: date,
    emergency: bool = False,
) -> Judgement:
    """Judges one case by `pack`. Raises BadInput on a malformed indication, or an order or a date that cannot be.

    `facts` hold what is known; `as_of` is the date that clocks count from; `emergency` is the prescriber's claim.
    """
    if not isinstance(indication, str) or not _CODE.fullmatch(indication):
        raise BadInput("indication", f"expected a code like 'cidp' (a-z, 0-9 and _), got {indication!r}")
    stated = _one_name_each(facts, as_of)
    judged_as, notes = _redirected(pack, indication, stated)
    covered = pack.indications.get(judged_as)
    known, defaults = _with_defaults(pack, judged_as, stated)
    notes += defaults
    rule = covered.dose if covered else NO_DOSE_RULE
    check_order(facts, rule)
    check_dates(facts, as_of)
    product = find_product(shelf.products, known["product"]) if "product" in known else None
    case = Case(covered, rule, product, known, judged_as)
    plan, view = case.plan, case.view
    outcome, questions = pack.unlisted, tuple[str, ...]()
    alternatives: Sequence[tuple[str, ...]] = ()
    if covered is None:
        findings = [*notes, _silence(pack, judged_as)]
    else:
        findings = [*notes, *_clause_findings(covered, view, case.results)]
        outcome, questions = case.decide()
        if outcome is not Outcome.MEETS:
            alternatives = case.alternatives(frozenset(pack.changeable))
    findings += _remarks(known, case, shelf.products, pack.catalogue)
    over = view.get("dose_within_ceiling") is False
    allowed = authorization(covered, view)
    warnings = _warnings(pack, judged_as, covered, view, allowed)
    del known[AS_OF]
    return Judgement(
        indication=indication,
        judged_as=judged_as,
        criteria=pack.identity,
        outcome=outcome,
        warnings=warnings,
        findings=tuple(findings),
        questions=tuple(questions),
        would_meet_if=tuple(alternatives),
        dose=plan,
        route=route_request(
            shelf.routing,
            outcome=outcome,
            indication=judged_as,
            facts=known,
            over_ceiling=over,
            emergency=emergency,
            as_of=as_of,
            own=_own_route(pack, judged_as, outcome, view),
        ),
        authorization=allowed,
        awaits=_awaited(covered, case) if outcome is Outcome.NEEDS_INFORMATION else (),
        own_warnings=tuple(pack.own_warnings[code] for code in warnings if code in pack.own_warnings),
    )


def case_before(pack: Pack, indication: str, facts: Facts, *, shelf: Shelf, as_of: date) -> tuple[str, Case]:
    """What `judge` judges a case as, and what it knows of it, before it decides: for many cases, outcome by outcome."""
    stated = _one_name_each(facts, as_of)
    judged_as, _ = _redirected(pack, indication, stated)
    covered = pack.indications.get(judged_as)
    known, _ = _with_defaults(pack, judged_as, stated)
    product = find_product(shelf.products, known["product"]) if "product" in known else None
    return judged_as, Case(covered, covered.dose if covered else NO_DOSE_RULE, product, known, judged_as)


def outcome_of(pack: Pack, indication: str, facts: Facts, *, shelf: Shelf, as_of: date) -> Outcome:
    """The outcome that `judge` comes to, without the rest. Raises BadInput as it does for facts that cannot be."""
    case = case_before(pack, indication, facts, shelf=shelf, as_of=as_of)[1]
    check_order(facts, case.rule)
    check_dates(facts, as_of)
    return case.decide()[0] if case.indication is not None else pack.unlisted


def possible_outcomes(indication: Indication) -> frozenset[Outcome]:
    """Every outcome that some facts lead to, needs_information included when unknown facts can leave it open."""
    found = leaves(complete(indication.clauses, indication.variables, {}, lambda values: {}))
    return found | {Outcome.NEEDS_INFORMATION} if len(found) > 1 else found


def _one_name_each(facts: Facts, as_of: date) -> dict[str, Any]:
    """The facts with the request's date; one stated under another name and unit stands under its own as well."""
    known: dict[str, Any] = {**facts, AS_OF: as_of}
    for other, name in SAME_AS.items():
        if other in known and name not in known:
            known[name] = in_unit_of(name, other, known[other])
    return known | named_alike(known)


def _redirected(pack: Pack, indication: str, facts: Mapping[str, Any]) -> tuple[str, list[Finding]]:
    judged_as, seen = indication, {indication}
    notes: list[Finding] = []
    while True:
        fitting = (r for r in pack.redirects if judged_as in r.indications and r.to not in seen)
        found = next((r for r in fitting if r.when.truth(facts) is True), None)
        if found is None:
            return judged_as, notes
        judged_as = found.to
        seen.add(judged_as)
        notes.append(
            Finding(f"redirect.{judged_as}", found.says, "met", _read(facts_named(found.when), facts), found.evidence)
        )


def _with_defaults(pack: Pack, judged_as: str, facts: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    known: dict[str, Any] = dict(facts)
    notes = []
    for default in pack.defaults:
        if default.fact in known or (default.indications is not None and judged_as not in default.indications):
            continue
        if default.when.truth(known) is True:
            known[default.fact] = default.value
            stated = {**_read(facts_named(default.when), known), default.fact: json_value(default.value)}
            notes.append(Finding(f"default.{default.fact}", default.says, "met", stated, default.evidence))
    return known, notes


_RESULTS = {True: "met", False: "not_met", None: "unknown"}


def _clause_findings(
    indication: Indication, view: Mapping[str, Any], results: tuple[Truths, Truths, Outcome | None]
) -> Iterator[Finding]:
    truths, met, _ = results
    compiled = indication.compiled
    for place, clause in enumerate(indication.clauses):
        if truths[compiled.applies[place]] is False:
            continue
        yield Finding(
            id=clause.id,
            text=clause.says,
            result=_RESULTS[met[place]],
            facts=_read(compiled.reads[place], view),
            evidence=clause.evidence,
            otherwise=clause.otherwise.value if clause.otherwise else None,
            to_meet=clause.to_meet,
            local=clause.local,
        )


def _read(names: Iterable[str], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The named facts with their values, None where unknown; derived ones as the facts they come from."""
    read: dict[str, Any] = {}
    for name in names:
        if name == "dose_within_ceiling" or name in AMOUNTS:
            stated = {n: json_value(facts[n]) for n in (*_DOSE_FACTS, *_MORE_DOSE_FACTS.get(name, ())) if n in facts}
            if name not in facts:
                stated |= {missing: None for missing in missing_amount_facts(name, facts) if missing not in stated}
            read |= stated
        elif name in ("product_intravenous", "product_contraindicated", "product_labelled"):
            read["product"] = json_value(facts.get("product"))
        elif name not in DERIVED:
            read[name] = json_value(facts.get(name))
    return read


def _warnings(
    pack: Pack,
    judged_as: str,
    covered: Indication | None,
    view: Mapping[str, Any],
    allowed: Authorization | None,
) -> tuple[str, ...]:
    raised = {
        rule.code
        for rule in pack.warnings
        if (rule.indications is None or judged_as in rule.indications) and rule.when.truth(view) is True
    }
    for clause in covered.clauses if covered else ():
        if clause.warns and clause.when.truth(view) is True and clause.require.truth(view) is False:
            raised.add(clause.warns)
    asked = view.get("requested_authorization_months")
    if allowed is not None and allowed.months is not None and asked is not None and asked > allowed.months:
        raised.add("authorization_duration_capped")
    return tuple(code for code in (*WARNING_CODES, *pack.own_warnings) if code in raised)


def _awaited(covered: Indication | None, case: Case) -> tuple[str, ...]:
    """The evidence that may still come of the clauses that are known not to be met."""
    if covered is None:
        return ()
    unmet = (clause for clause, met in zip(covered.clauses, case.results[1], strict=True) if met is False)
    return tuple(dict.fromkeys(clause.awaits for clause in unmet if clause.awaits))


def _own_route(pack: Pack, judged_as: str, outcome: Outcome, view: Mapping[str, Any]) -> OwnRoute | None:
    """What the first route of the pack sets that is meant for this case."""
    for rule in pack.routes:
        meant = rule.indications is None or judged_as in rule.indications
        if meant and (rule.outcomes is None or outcome in rule.outcomes) and rule.when.truth(view) is True:
            return rule.sets
    return None


def _silence(pack: Pack, code: str) -> Finding:
    named = pack.not_covered.get(code)
    near = get_close_matches(code, pack.indications, n=1, cutoff=0.75) if named is None else []
    about = named.title if named else code
    text = f"No source of this pack covers {about}: silence is not denial, so a person reviews it."
    if pack.unlisted is Outcome.DOES_NOT_MEET:
        text = f"{about} is not among the uses that this pack lists, and it supports no others."
    if near:
        text += f" The nearest covered code is {near[0]}."
    return Finding("silent", text, "not_met", {}, pack.silence, otherwise=pack.unlisted.value)


def _remarks(
    known: Mapping[str, Any], case: Case, products: Sequence[Product], catalogue: Mapping[str, Fact]
) -> Iterator[Finding]:
    """Findings that decide nothing: an assumption made, a value to confirm."""
    local = "A local parameter without a source."
    plan = case.plan
    if plan and plan.weight_basis == "actual" and "not known" in plan.weight_note:
        height_sex = {name: json_value(known.get(name)) for name in ("height_cm", "sex")}
        yield Finding("weight.actual", f"Dosing weight: {plan.weight_note}.", "unknown", height_sex, local=local)
    pregnant = known.get("pregnancy_status") == "pregnant"
    if pregnant and plan and plan.weight_basis in ("actual", "adjusted"):
        text = "The patient is pregnant and the weight before pregnancy is not known: the present weight is used."
        yield Finding("weight.pregnant", text, "unknown", {"pre_pregnancy_weight_kg": None}, local=local)
    if "product" in known and case.product is None:
        text = f"The product {known['product']} is not in the product table: its vials and route cannot be checked."
        if near := nearest_product(products, known["product"]):
            text += f" Did you mean {near}?"
        yield Finding("product.unknown", text, "unknown", {"product": known["product"]}, local=local)
    if plan and plan.why_above:
        facts = {"weight_kg": json_value(known["weight_kg"])}
        yield Finding("dose.weight_rule", plan.why_above, "unknown", facts, local=local)
    if plan and plan.below_target:
        stated = {name: json_value(known[name]) for name in (*_DOSE_FACTS[:4], "course_days") if name in known}
        yield Finding("dose.below_target", plan.below_target, "unknown", stated, local=local)
    for doubt in implausible(known, catalogue):
        stated = {doubt.fact: json_value(doubt.value)}
        yield Finding(f"plausible.{doubt.fact}", doubt.text, "unknown", stated, local=local)
