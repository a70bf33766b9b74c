"""What a pack sets for an indication beside its criteria: phases of the dose, what an approval may, and the route."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from utilization.rules.dosing.rounding import rounding_in_words
from utilization.rules.dosing.weights import WeightRule, name_of_rule
from utilization.rules.facts.units import months_in_words
from utilization.rules.language.composites import Always, in_words
from utilization.rules.language.node import Catalogue, Condition
from utilization.rules.language.words import Words
from utilization.rules.packs.pack import Indication, Pack, RouteRule

BUILT_IN_WEIGHT_RULE = "adjusted"


@dataclass(frozen=True, slots=True)
class DosePhaseRow:
    """A phase of a treatment: where `when` holds, this ceiling and target in g/kg a course; None leaves the rule's."""

    says: str
    when: Words
    ceiling: Decimal | None
    target: Decimal | None


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """What an approval may allow at most, or obliges to: `limit` in words such as "12 months" or "after 3 months", or
    empty; `when` is None where it always applies.
    """

    says: str
    limit: str
    when: Words | None
    evidence: tuple[str, ...]
    local: str


@dataclass(frozen=True, slots=True)
class PackRouteRow:
    """Where requests go: `sets` are (what, value in words); no `outcomes` are every outcome, `when` None is always."""

    says: str
    outcomes: tuple[str, ...]
    when: Words | None
    sets: tuple[tuple[str, str], ...]
    evidence: tuple[str, ...]
    local: str


@dataclass(frozen=True, slots=True)
class PackSettings:
    """All that a pack sets for one indication. `weight_rule` is None where it is that of the built-in pack, whose words
    stand on the page; `rounding` tells how grams are rounded.
    """

    phases: tuple[DosePhaseRow, ...]
    weight_rule: WeightRule | None
    rounding: str
    limits: tuple[ApprovalRow, ...]
    duties: tuple[ApprovalRow, ...]
    routes: tuple[PackRouteRow, ...]

    @property
    def cited(self) -> set[str]:
        """The statements that any of it rests on."""
        rows: Iterable[ApprovalRow | PackRouteRow] = (*self.limits, *self.duties, *self.routes)
        return {statement for row in rows for statement in row.evidence}


def pack_settings(pack: Pack, indication: Indication) -> PackSettings:
    """What `pack` sets for `indication`, in the pack's order."""
    catalogue, dose = pack.catalogue, indication.dose
    return PackSettings(
        phases=tuple(
            DosePhaseRow(phase.says, in_words(_condition(phase.when), catalogue), phase.ceiling, phase.target)
            for phase in dose.phases
        ),
        weight_rule=None if dose.weight_rule == BUILT_IN_WEIGHT_RULE else name_of_rule(dose.weight_rule),
        rounding=rounding_in_words(dose.rounding),
        limits=tuple(
            ApprovalRow(cap.says, f"at most {cap.most}", applies_where(cap.when, catalogue), cap.evidence, cap.local)
            for cap in indication.caps
        ),
        duties=tuple(
            ApprovalRow(duty.says, _after(duty.after_months), applies_where(duty.when, catalogue), duty.evidence,
                        duty.local)
            for duty in indication.duties
        ),
        routes=tuple(_route(rule, catalogue) for rule in pack.routes if _meant_for(rule, indication.code)),
    )  # fmt: skip


def applies_where(condition: Condition, catalogue: Catalogue) -> Words | None:
    """A condition in words; None where it always holds."""
    return None if condition == Always(True) else in_words(condition, catalogue)


def _condition(when: Any) -> Condition:
    # The dosing knows no more of it than whether it holds; a pack reads conditions alone into it.
    found: Condition = when
    return found


def _after(months: Decimal | None) -> str:
    return "" if months is None else f"after {months_in_words(months)}"


def _meant_for(rule: RouteRule, code: str) -> bool:
    return rule.indications is None or code in rule.indications


def _route(rule: RouteRule, catalogue: Catalogue) -> PackRouteRow:
    sets = rule.sets
    said = {
        "Approvals": ", then ".join(sets.approvals or ()),
        "Heard first": sets.panel,
        "Priority": sets.priority,
        "Clock": f"{sets.clock} clock" if sets.clock else f"{sets.hours} hours" if sets.hours else "",
    }
    return PackRouteRow(
        says=sets.says,
        outcomes=tuple(sorted(rule.outcomes or ())),
        when=applies_where(rule.when, catalogue),
        sets=tuple((what, value) for what, value in said.items() if value),
        evidence=rule.evidence,
        local=rule.local,
    )
