"""A criteria pack as values: statements with their sources, indications with their clauses, and what all share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from utilization.rules.diagram.growth import NOTHING_ASKED, Diagram
from utilization.rules.dosing.orders import NO_DOSE_RULE, DoseRule
from utilization.rules.facts.catalogue import AMOUNTS, CATALOGUE, DERIVED, Fact
from utilization.rules.facts.therapies import Vocabulary
from utilization.rules.facts.therapy_table import THERAPIES
from utilization.rules.facts.units import as_decimal, months_in_words
from utilization.rules.language.composites import all_tests, facts_named
from utilization.rules.language.dose import DoseWithin
from utilization.rules.language.editions import FIRST
from utilization.rules.language.mentions_words import MentionsWords
from utilization.rules.language.node import Condition, Test
from utilization.rules.language.outcomes import Outcome as Outcome
from utilization.rules.language.variables import Variable
from utilization.rules.packs.case_rules import CaseRules as CaseRules
from utilization.rules.packs.case_rules import Default as Default
from utilization.rules.packs.case_rules import Redirect as Redirect
from utilization.rules.packs.case_rules import RouteRule as RouteRule
from utilization.rules.packs.case_rules import WarningRule as WarningRule

WARNING_CODES: tuple[str, ...] = (
    "extrapolated_evidence_children", "insufficient_evidence", "weak_evidence", "single_source_evidence",
    "evidence_conflict", "dose_not_established", "dose_exceeds_limit", "daily_dose_exceeds_limit",
    "infusion_rate_exceeds_limit", "maintenance_dose_not_established", "duration_interval_not_established",
    "possible_overuse_long_term_cidp", "long_term_not_practical_ms", "authorization_duration_capped",
    "response_review_overdue", "dose_reduction_review_overdue", "adjusted_weight_applied", "dose_rounded",
    "product_contraindicated", "iga_deficiency_anti_iga", "pregnancy_breastfeeding_safety_unknown",
    "thrombosis_risk", "myocardial_infarction_risk", "heart_failure_risk", "renal_failure_risk",
    "aseptic_meningitis_risk", "urticaria_hypersensitivity_risk",
)  # fmt: skip

INFORMATION_CODES = frozenset({"adjusted_weight_applied", "dose_rounded"})
"""Warnings that tell how a dose was worked out. They are shown as information: nobody is asked to acknowledge them."""


def to_acknowledge(judgement: Mapping[str, Any]) -> tuple[str, ...]:
    """Codes of the warnings in the record of a judgement that a clinician weighs, and acknowledges before filing."""
    own = judgement.get("own_warnings", {})
    return tuple(
        code
        for code in judgement.get("warnings", ())
        if code not in INFORMATION_CODES and own.get(code, {}).get("acknowledge", True)
    )


@dataclass(frozen=True, slots=True)
class Source:
    """A document that statements come from. `short` is how it is cited."""

    id: str
    short: str
    authors: str
    title: str
    kind: str
    published: str
    year: int
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Statement:
    """One evidence statement, restated: what it says, where in its source, how strong, what it may do.

    `day` is the date of the statement where it is not that of its source.
    """

    id: str
    source: str
    says: str
    where: str
    strength: str
    effect: str
    about: tuple[str, ...] = ()
    note: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One criterion: where `when` holds, `require` must hold, otherwise the request comes to `otherwise`.

    `otherwise` is None where it always holds or only warns: `warns` is the code raised when it is known not to be met.
    Where that is needs_information, `awaits` names the evidence that may still come. `says` is the criterion for
    people, `to_meet` what would meet it, `evidence` the statements that it rests on. `local` says why there is no
    source, where there is none.
    """

    id: str
    says: str
    when: Condition
    require: Condition
    otherwise: Outcome | None
    to_meet: str = ""
    evidence: tuple[str, ...] = ()
    local: str = ""
    warns: str = ""
    awaits: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Cap:
    """What an approval may allow at most where `when` holds: it shortens an approval, never fails it.

    One of `months`, `courses` and `doses` is set. A dose is one day of a course: a course of two days is two doses.
    """

    id: str
    says: str
    when: Condition
    months: Decimal | None = None
    courses: int | None = None
    doses: int | None = None
    evidence: tuple[str, ...] = ()
    local: str = ""

    @property
    def most(self) -> str:
        """The limit in words: "12 months", "1 course"."""
        if self.months is not None:
            return months_in_words(self.months)
        amount, unit = (self.courses, "course") if self.courses is not None else (self.doses, "dose")
        return f"{amount} {unit}{'' if amount == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Duty:
    """What an approval obliges to where `when` holds, such as to record the outcome, `after_months` where it says."""

    id: str
    says: str
    when: Condition
    after_months: Decimal | None = None
    evidence: tuple[str, ...] = ()
    local: str = ""


@dataclass(frozen=True, slots=True)
class DiagnosisCode:
    """An ICD-10-CM code of an indication; `when` holds the facts that choosing it settles, `until` its last day."""

    code: str
    title: str
    when: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    with_subcodes: bool = False
    until: date | None = None

    def covers(self, code: str) -> bool:
        """Whether `code`, as typed, is this code or, where the table says so, one below it."""
        typed = code.strip().upper()
        return typed == self.code or (self.with_subcodes and typed.startswith(self.code))


@dataclass(frozen=True)
class Indication:
    """An indication with its names, codes, dose rule and clauses in the pack's order.

    `variables` are the facts that the clauses ask for, in the order in which they first read them. `standing` names a
    use that the pack advises against: do_not_use or not_for_routine_use.
    """

    code: str
    name: str
    abbreviation: str = ""
    also_called: tuple[str, ...] = ()
    icd10cm: tuple[DiagnosisCode, ...] = ()
    implies: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    silent_on: tuple[str, ...] = ()
    dose: DoseRule = NO_DOSE_RULE
    clauses: tuple[Clause, ...] = ()
    variables: tuple[Variable, ...] = ()
    diagram: Diagram = field(default=NOTHING_ASKED, compare=False, repr=False)
    caps: tuple[Cap, ...] = ()
    duties: tuple[Duty, ...] = ()
    standing: str = ""

    @cached_property
    def of_order(self) -> frozenset[str]:
        """What the clauses read of what follows from the order and the product table."""
        return frozenset(name for reads in self.reads for name in reads if name in AMOUNTS or name in DERIVED)

    @cached_property
    def variable(self) -> Mapping[str, Variable]:
        """Its variables by name."""
        return {variable.name: variable for variable in self.variables}

    @cached_property
    def tests_of_texts(self) -> tuple[Test, ...]:
        """The tests that read what was typed: words of a text, and entries of a list."""
        asked = (test for variable in self.variables for test in variable.tests)
        return tuple(test for test in asked if isinstance(test, MentionsWords) or test.of_entries())

    @cached_property
    def day_limits(self) -> tuple[tuple[Decimal, bool], ...]:
        """What the clauses allow a day: (limit, whether per kg of dosing weight)."""
        return tuple(
            (as_decimal(test.high) * (1 + test.tolerance), test.fact == "day_g_per_kg")
            for clause in self.clauses
            for test in all_tests(clause.require)
            if isinstance(test, DoseWithin) and test.fact in ("day_g_per_kg", "day_g") and test.high is not None
        )

    @property
    def title(self) -> str:
        """Name with abbreviation."""
        return f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name

    @cached_property
    def reads(self) -> tuple[tuple[str, ...], ...]:
        """The facts that each clause names, in order."""
        return tuple(
            tuple(dict.fromkeys([*facts_named(clause.when), *facts_named(clause.require)])) for clause in self.clauses
        )


@dataclass(frozen=True, slots=True)
class NotCovered:
    """A condition on which the sources are silent, so that a search for it finds a plain answer."""

    code: str
    name: str
    abbreviation: str = ""
    also_called: tuple[str, ...] = ()
    icd10cm: tuple[DiagnosisCode, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name


@dataclass(frozen=True, slots=True)
class Example:
    """A worked case: these facts, that outcome and, where given, more of the result and the request's date."""

    indication: str
    says: str
    facts: Mapping[str, Any]
    expected: Mapping[str, Any]
    file: str
    line: int
    as_of: date | None = None


@dataclass(frozen=True)
class Pack:
    """A criteria pack, whole and read. `files` maps relative path to text; `sha256` is over them.

    It is meant to be in force from `effective` to `until`, where it says so. `catalogue` holds the facts of the
    vocabulary and those that the pack brings itself. A use that it does not list comes to `unlisted`. `edition` is
    that of the language in which it is written; `therapies` are those that `tried` finds by any usual spelling.
    """

    name: str
    version: str
    title: str
    about: str
    sha256: str
    files: Mapping[str, str]
    sources: Mapping[str, Source]
    statements: Mapping[str, Statement]
    indications: Mapping[str, Indication]
    not_covered: Mapping[str, NotCovered]
    redirects: tuple[Redirect, ...]
    defaults: tuple[Default, ...]
    warnings: tuple[WarningRule, ...]
    changeable: tuple[str, ...]
    silence: tuple[str, ...]
    agreement: Mapping[str, Any]
    examples: tuple[Example, ...]
    effective: date | None = None
    until: date | None = None
    catalogue: Mapping[str, Fact] = field(default_factory=lambda: CATALOGUE)
    unlisted: Outcome = Outcome.EXCEPTION_REVIEW
    routes: tuple[RouteRule, ...] = ()
    edition: int = FIRST
    therapies: Vocabulary = THERAPIES

    @cached_property
    def own_warnings(self) -> Mapping[str, WarningRule]:
        """The warnings that the pack brings itself, by their code, the first rule of each."""
        return {rule.code: rule for rule in reversed(self.warnings) if rule.title}

    def rules_for(self, code: str) -> CaseRules:
        """What bears on requests judged as an indication, listed or not."""
        return self._case_rules.get(code, self._elsewhere)

    @cached_property
    def _case_rules(self) -> Mapping[str, CaseRules]:
        rules: list[Redirect | Default | WarningRule | RouteRule]
        rules = [*self.redirects, *self.defaults, *self.warnings, *self.routes]
        named = {code for rule in rules for code in rule.indications or ()}
        return {code: self._rules_of(code) for code in named.union(self.indications)}

    @cached_property
    def _elsewhere(self) -> CaseRules:
        """What bears on an indication that nothing here names."""
        return self._rules_of("")

    def _rules_of(self, code: str) -> CaseRules:
        def meant(rule: Default | WarningRule | RouteRule) -> bool:
            return rule.indications is None or code in rule.indications

        rules = CaseRules(
            redirects=tuple(redirect for redirect in self.redirects if code in redirect.indications),
            defaults=tuple(filter(meant, self.defaults)),
            warnings=tuple(filter(meant, self.warnings)),
            routes=tuple(filter(meant, self.routes)),
        )
        indication = self.indications.get(code)
        if indication is None:
            return rules
        whens = [*(warning.when for warning in rules.warnings), *(route.when for route in rules.routes)]
        whens += [*(cap.when for cap in indication.caps), *(duty.when for duty in indication.duties)]
        names = {name for when in whens for name in facts_named(when)}
        changeable = [variable for variable in indication.variables if set(variable.facts) <= set(self.changeable)]
        return replace(
            rules,
            warned=tuple((clause.when, clause.require, clause.warns) for clause in indication.clauses if clause.warns),
            changeable=frozenset(variable.name for variable in changeable),
            changed=frozenset(fact for variable in changeable for fact in variable.facts),
            of_order=indication.of_order.union(name for name in names if name in AMOUNTS or name in DERIVED),
        )

    @property
    def identity(self) -> dict[str, str]:
        """What a judgement keeps of the pack that made it."""
        return {"pack": self.name, "version": self.version, "sha256": self.sha256}
