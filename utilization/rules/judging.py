"""(criteria, facts) -> Judgement: outcome, warnings, findings, questions, what would meet it, dose and route.

A known failing fact decides at once; only an unknown fact that could change the outcome is asked for. Nothing here
knows an indication by name: how the evidence is read stands in the pack, and in decision 10.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from itertools import product as every_combination
from typing import Any

from utilization.rules.catalogue import CATALOGUE, ORDER
from utilization.rules.completing import (
    complete,
    leaves,
    most_decisive_first,
    ways_to_meet,
)
from utilization.rules.criteria import facts_named
from utilization.rules.dosing import (
    NO_DOSE_RULE,
    DoseRule,
    Plan,
    check_order,
    missing_dose_fact,
    order_within,
    plan_dose,
)
from utilization.rules.facts import BadInput, Facts, implausible, json_value, plain
from utilization.rules.pack import WARNING_CODES, Indication, Outcome, Pack
from utilization.rules.products import Product, find_product
from utilization.rules.routing import Route, Routing, route_request

_CODE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_DOSE_FACTS = (
    "dose_total_g", "dose_total_g_per_kg", "dose_per_day_g", "dose_per_day_g_per_kg", "course_days", "weight_kg",
)  # fmt: skip
_MOST_ALTERNATIVES = 100


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

    def as_dict(self) -> dict[str, Any]:
        """The keys of the contract, as JSON values."""
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
            record["dose"] |= {
                "lines": [
                    {"label": line.label, "formula": line.formula, "value": line.value, "unit": line.unit}
                    for line in self.dose.lines
                ],
                "g_per_kg": None if self.dose.g_per_kg is None else plain(round(self.dose.g_per_kg, 3)),
                "within_ceiling": self.dose.within_ceiling,
                "weight_note": self.dose.weight_note,
            }
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
    """Judges one case by `pack`. Raises BadInput on a malformed indication or an order that cannot be.

    `facts` hold what is known; `as_of` is the date that clocks count from; `emergency` is the prescriber's claim.
    """
    if not isinstance(indication, str) or not _CODE.fullmatch(indication):
        raise BadInput("indication", f"expected a code like 'cidp' (a-z, 0-9 and _), got {indication!r}")
    check_order(facts)
    judged_as, notes = _redirected(pack, indication, facts)
    covered = pack.indications.get(judged_as)
    known, defaults = _with_defaults(pack, judged_as, facts)
    notes += defaults
    rule = covered.dose if covered else NO_DOSE_RULE
    product = find_product(shelf.products, known["product"]) if "product" in known else None
    plan = plan_dose(known, rule, product)

    def derive(values: Mapping[str, Any]) -> dict[str, Any]:
        return _derived(values, rule, product)

    view = {**known, **derive(known)}
    outcome, questions = Outcome.EXCEPTION_REVIEW, tuple[str, ...]()
    alternatives: Sequence[tuple[str, ...]] = ()
    if covered is None:
        findings = [*notes, _silence(pack, judged_as)]
    else:
        findings = [*notes, *_clause_findings(covered, view)]
        outcome, questions = _decide(covered, known, derive)
        if outcome is not Outcome.MEETS:
            alternatives = _alternatives(pack, covered, known, derive)
    findings += _remarks(known, plan, product)
    over = view.get("dose_within_ceiling") is False
    return Judgement(
        indication=indication,
        judged_as=judged_as,
        criteria=pack.identity,
        outcome=outcome,
        warnings=_warnings(pack, judged_as, view),
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
        ),
    )


def possible_outcomes(indication: Indication) -> frozenset[Outcome]:
    """Every outcome that some facts lead to, needs_information included when unknown facts can leave it open."""
    tree = complete(indication, {}, lambda values: {})
    found = leaves(tree)
    return found | {Outcome.NEEDS_INFORMATION} if len(found) > 1 else found


def _redirected(pack: Pack, indication: str, facts: Facts) -> tuple[str, list[Finding]]:
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


def _with_defaults(pack: Pack, judged_as: str, facts: Facts) -> tuple[dict[str, Any], list[Finding]]:
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


def _derived(values: Mapping[str, Any], rule: DoseRule, product: Product | None) -> dict[str, Any]:
    """What order and product table make of the facts; absent where the facts do not say."""
    derived: dict[str, Any] = {"product_intravenous": True, "product_contraindicated": False}
    if product is not None:
        derived["product_intravenous"] = product.suits("iv")
        derived["product_contraindicated"] = not product.suits(values.get("route", "iv")) or any(
            values.get(name) is True for name in product.contraindicated_by
        )
    plan = plan_dose(values, rule, product)
    if plan is None:
        return derived
    derived["weight_adjusted"] = plan.weight_basis == "adjusted"
    derived["dose_rounded"] = plan.rounded
    if plan.within_ceiling is not None and (
        "age_years" in values or plan.within_ceiling == _within_as_child(values, rule, product)
    ):
        derived["dose_within_ceiling"] = plan.within_ceiling
    return derived


def _within_as_child(values: Mapping[str, Any], rule: DoseRule, product: Product | None) -> bool | None:
    # Age unknown: grams are held against the weight of an adult and of a child, and only agreement is knowledge.
    child = plan_dose({**values, "age_years": 0}, rule, product)
    return child.within_ceiling if child else None


def _clause_findings(indication: Indication, view: Mapping[str, Any]) -> Iterator[Finding]:
    for clause in indication.clauses:
        applies = clause.when.truth(view)
        if applies is False:
            continue
        required = clause.require.truth(view)
        if required is True:
            result = "met"
        elif applies is None or required is None:
            result = "unknown"
        else:
            result = "not_met"
        names = [*facts_named(clause.when), *facts_named(clause.require)]
        yield Finding(
            id=clause.id,
            text=clause.says,
            result=result,
            facts=_read(names, view),
            evidence=clause.evidence,
            otherwise=clause.otherwise.value if clause.otherwise else None,
            to_meet=clause.to_meet,
            local=clause.local,
        )


def _read(names: Iterable[str], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The named facts with their values, None where unknown; derived ones as the facts they come from."""
    read: dict[str, Any] = {}
    for name in names:
        if name in CATALOGUE:
            read[name] = json_value(facts.get(name))
        elif name == "dose_within_ceiling":
            stated = {n: json_value(facts[n]) for n in _DOSE_FACTS if n in facts}
            if name not in facts:
                stated.setdefault(missing_dose_fact(facts), None)
            read |= stated
        elif name in ("product_intravenous", "product_contraindicated"):
            read["product"] = json_value(facts.get("product"))
    return read


def _decide(indication: Indication, known: Mapping[str, Any], derive: Any) -> tuple[Outcome, tuple[str, ...]]:
    tree = complete(indication, known, derive)
    outcomes = leaves(tree)
    if len(outcomes) == 1:
        return next(iter(outcomes)), ()
    names = {
        variable.name: missing_dose_fact(known) if variable.name == "dose_within_ceiling" else variable.name
        for variable in indication.variables
    }
    decisive = most_decisive_first(tree, indication.variables, lambda name: ORDER[names[name]])
    return Outcome.NEEDS_INFORMATION, tuple(dict.fromkeys(names[name] for name in decisive))


def _alternatives(
    pack: Pack, indication: Indication, known: Mapping[str, Any], derive: Any
) -> Sequence[tuple[str, ...]]:
    """The smallest sets of changes that would meet, each a tuple of terms, smallest first."""
    variables = {variable.name: variable for variable in indication.variables}
    changeable = frozenset(pack.changeable) & variables.keys()
    view = {**known, **derive(known)}
    current = {name: variables[name].class_of(view[name])[0] for name in changeable if name in view}
    kept = {name: value for name, value in known.items() if name not in changeable}

    def derive_kept(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in derive(values).items() if name not in changeable}

    tree = complete(indication, kept, derive_kept)
    found: list[tuple[str, ...]] = []
    for assignment in ways_to_meet(tree, current, changeable):
        choices = [
            _terms(name, variables[name].class_of(value), view, indication.dose)
            for name, value in sorted(assignment, key=lambda pair: ORDER.get(pair[0], len(ORDER)))
        ]
        for combination in every_combination(*choices):
            found.append(tuple(term for terms in combination for term in terms))
            if len(found) == _MOST_ALTERNATIVES:
                return found
    return found


def _terms(name: str, values: Sequence[Any], view: Mapping[str, Any], rule: DoseRule) -> list[tuple[str, ...]]:
    """The ways to say that `name` takes one of `values`, each a tuple of terms that belong together."""
    if name == "dose_within_ceiling":
        return [tuple(f"{fact}<={plain(most)}" for fact, most in order_within(view, rule))]
    if name == "product_intravenous":
        # Naming a brand would recommend it, so the product is left open.
        return [("product=null",)]
    return [(f"{name}={_word(other)}",) for other in values]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(json_value(value))


def _warnings(pack: Pack, judged_as: str, view: Mapping[str, Any]) -> tuple[str, ...]:
    raised = {
        rule.code
        for rule in pack.warnings
        if (rule.indications is None or judged_as in rule.indications) and rule.when.truth(view) is True
    }
    return tuple(code for code in WARNING_CODES if code in raised)


def _silence(pack: Pack, code: str) -> Finding:
    named = pack.not_covered.get(code)
    near = get_close_matches(code, pack.indications, n=1, cutoff=0.75) if named is None else []
    about = named.title if named else code
    text = f"No source of this pack covers {about}: silence is not denial, so a person reviews it."
    if near:
        text += f" The nearest covered code is {near[0]}."
    return Finding("silent", text, "not_met", {}, pack.silence, otherwise=Outcome.EXCEPTION_REVIEW.value)


def _remarks(known: Mapping[str, Any], plan: Plan | None, product: Product | None) -> Iterator[Finding]:
    """Findings that decide nothing: an assumption made, a value to confirm."""
    local = "A local parameter without a source."
    if plan and plan.weight_basis == "actual" and "not known" in plan.weight_note:
        height_sex = {name: json_value(known.get(name)) for name in ("height_cm", "sex")}
        yield Finding("weight.actual", f"Dosing weight: {plan.weight_note}.", "unknown", height_sex, local=local)
    pregnant = known.get("pregnancy_status") == "pregnant"
    if pregnant and plan and plan.weight_basis in ("actual", "adjusted"):
        text = "The patient is pregnant and the weight before pregnancy is not known: the present weight is used."
        yield Finding("weight.pregnant", text, "unknown", {"pre_pregnancy_weight_kg": None}, local=local)
    if "product" in known and product is None:
        text = f"The product {known['product']} is not in the product table: its vials and route cannot be checked."
        yield Finding("product.unknown", text, "unknown", {"product": known["product"]}, local=local)
    for doubt in implausible(known):
        stated = {doubt.fact: json_value(doubt.value)}
        yield Finding(f"plausible.{doubt.fact}", doubt.text, "unknown", stated, local=local)
