"""The findings of a judgement: each clause as judged, silence, and remarks that decide nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, NamedTuple

from utilization.rules.dosing.products import Product, nearest_product
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, Fact
from utilization.rules.facts.values import implausible, json_value
from utilization.rules.judging.case import Case
from utilization.rules.judging.missing import missing_amount_facts
from utilization.rules.language.composites import all_tests
from utilization.rules.language.is_therapy import IsTherapy
from utilization.rules.language.mentions_words import MentionsWords
from utilization.rules.language.named_trial import NamedTrial
from utilization.rules.language.node import Test, Truth
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.words import either, label, values_in_words
from utilization.rules.packs.pack import Indication, Pack

_DOSE_FACTS = (
    "dose_total_g", "dose_total_g_per_kg", "dose_per_day_g", "dose_per_day_g_per_kg", "course_days", "weight_kg",
)  # fmt: skip
_MORE_DOSE_FACTS: Mapping[str, tuple[str, ...]] = {
    "week_g_per_kg": ("interval_weeks",),
    "week_g": ("interval_weeks",),
    "rate_ml_per_kg_min": ("max_infusion_rate_ml_per_kg_min",),
    "rate_mg_per_kg_min": ("max_infusion_rate_ml_per_kg_min", "concentration_g_per_ml"),
}
_LOCAL = "A local parameter without a source."
_RESULTS = {True: "met", False: "not_met", None: "unknown"}
_FOLLOWS = frozenset({*AMOUNTS, *DERIVED})
_OF_DOSE = frozenset({"dose_within_ceiling", *AMOUNTS})
_OF_PRODUCT = frozenset({"product_intravenous", "product_contraindicated", "product_labelled"})


class Finding(NamedTuple):
    """One criterion as judged. `result` is met, not_met or unknown; `facts` the facts it read, None where unknown.

    `otherwise` is the outcome that it causes when not met, `to_meet` what would meet it, `local` why it has no source.
    """

    id: str
    text: str
    result: str
    facts: Mapping[str, Any] = MappingProxyType({})
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


def clause_findings(
    indication: Indication, view: Mapping[str, Any], results: Iterable[tuple[Truth, Truth]]
) -> Iterator[Finding]:
    """A finding for each clause that applies or may; `results` are (applies, met) of each."""
    for clause, names, (applies, met) in zip(indication.clauses, indication.reads, results, strict=True):
        if applies is False:
            continue
        yield Finding(
            clause.id,
            clause.says,
            _RESULTS[met],
            read(names, view),
            clause.evidence,
            clause.otherwise.value if clause.otherwise else None,
            clause.to_meet,
            clause.local,
        )


def read(names: Iterable[str], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The named facts with their values, None where unknown; derived ones as the facts they come from."""
    read: dict[str, Any] = {}
    for name in names:
        if name not in _FOLLOWS:
            read[name] = json_value(facts.get(name))
        elif name in _OF_DOSE:
            stated = {n: json_value(facts[n]) for n in (*_DOSE_FACTS, *_MORE_DOSE_FACTS.get(name, ())) if n in facts}
            if name not in facts:
                stated |= {missing: None for missing in missing_amount_facts(name, facts) if missing not in stated}
            read |= stated
        elif name in _OF_PRODUCT:
            read["product"] = json_value(facts.get("product"))
    return read


def silence(pack: Pack, code: str) -> Finding:
    """The finding for a use that the pack does not list."""
    named = pack.not_covered.get(code)
    near = get_close_matches(code, pack.indications, n=1, cutoff=0.75) if named is None else []
    about = named.title if named else code
    text = f"No source of this pack covers {about}: silence is not denial, so a person reviews it."
    if pack.unlisted is Outcome.DOES_NOT_MEET:
        text = f"{about} is not among the uses that this pack lists, and it supports no others."
    if near:
        text += f" The nearest covered code is {near[0]}."
    return Finding("silent", text, "not_met", {}, pack.silence, otherwise=pack.unlisted.value)


def remarks(case: Case, products: Sequence[Product], catalogue: Mapping[str, Fact]) -> Iterator[Finding]:
    """Findings that decide nothing: an assumption made, a value to confirm."""
    plan, known = case.plan, case.known
    if plan and plan.weight_basis == "actual" and "not known" in plan.weight_note:
        height_sex = {name: json_value(known.get(name)) for name in ("height_cm", "sex")}
        yield Finding("weight.actual", f"Dosing weight: {plan.weight_note}.", "unknown", height_sex, local=_LOCAL)
    pregnant = known.get("pregnancy_status") == "pregnant"
    if pregnant and plan and plan.weight_basis in ("actual", "adjusted"):
        text = "The patient is pregnant and the weight before pregnancy is not known: the present weight is used."
        yield Finding("weight.pregnant", text, "unknown", {"pre_pregnancy_weight_kg": None}, local=_LOCAL)
    if "product" in known and case.product is None:
        text = f"The product {known['product']} is not in the product table: its vials and route cannot be checked."
        if near := nearest_product(products, known["product"]):
            text += f" Did you mean {near}?"
        yield Finding("product.unknown", text, "unknown", {"product": known["product"]}, local=_LOCAL)
    if plan and plan.why_above:
        facts = {"weight_kg": json_value(known["weight_kg"])}
        yield Finding("dose.weight_rule", plan.why_above, "unknown", facts, local=_LOCAL)
    if plan and plan.below_target:
        stated = {name: json_value(known[name]) for name in (*_DOSE_FACTS[:4], "course_days") if name in known}
        yield Finding("dose.below_target", plan.below_target, "unknown", stated, local=_LOCAL)
    yield from _unclear(case, catalogue)
    for doubt in implausible(known, catalogue):
        stated = {doubt.fact: json_value(doubt.value)}
        yield Finding(f"plausible.{doubt.fact}", doubt.text, "unknown", stated, local=_LOCAL)


def _unclear(case: Case, catalogue: Mapping[str, Fact]) -> Iterator[Finding]:
    """What was said and leaves a criterion open: it can be read both ways, or does not tell which therapy it was."""
    told: set[str] = set()
    for test in case.indication.tests_of_texts if case.indication else ():
        if test.reads[0] not in case.known or test.truth(case.view) is not None:
            continue
        about = label(test.reads[0], catalogue)
        for text, why in _unclear_texts(test, case.known):
            if text not in told:
                told.add(text)
                yield _left_open(case, test.reads[0], f"{about}, “{text}”: {why}")
        unnamed = test.unnamed(case.known) if isinstance(test, NamedTrial) else ""
        if unnamed and unnamed not in told:
            told.add(unnamed)
            result = either(values_in_words(catalogue.get(unnamed), frozenset({case.known[unnamed]})))
            why = "does not say which therapy that was. Write its usual name, one to a row."
            yield _left_open(case, test.reads[0], f"{label(unnamed, catalogue)}: {result}, but “{about}” {why}")


def _left_open(case: Case, fact: str, text: str) -> Finding:
    return Finding(f"unclear.{fact}", text, "unknown", {fact: json_value(case.known[fact])}, local=_LOCAL)


def _unclear_texts(test: Test, known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(a text that leaves the test open, what to write instead); the fact that the test reads is known."""
    if isinstance(test, MentionsWords):
        yield known[test.fact], "it can be read both ways. Write plainly who or what it was, without what was not."
    for inside in (inside for condition in test.of_entries() for inside in all_tests(condition)):
        if isinstance(inside, IsTherapy):
            for entry in known[test.reads[0]]:
                if inside.truth(entry) is None and inside.fact in entry:
                    yield entry[inside.fact], "not known which therapy it is. Write its usual name, one to a row."
