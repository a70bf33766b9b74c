"""A judgement as values: its outcome, its findings, what would meet, and the tables that stand beside a pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from utilization.rules.dosing.plan import Plan
from utilization.rules.dosing.products import Product
from utilization.rules.judging.alternatives import alternatives
from utilization.rules.judging.authorization_caps import AuthorizationLimits
from utilization.rules.judging.case import Case
from utilization.rules.judging.findings import Finding, clause_findings, remarks, silence
from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs.pack import Pack, WarningRule
from utilization.rules.routing import Route, Routing


@dataclass(frozen=True, slots=True)
class ReferenceTables:
    """What stands beside a pack: the product table and the routing table. `files` and `sha256` as those of a pack."""

    products: tuple[Product, ...]
    routing: Routing
    files: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""


@dataclass(frozen=True)
class Judgement:
    """The result of judging one case; `as_dict` is the contract of the `judge` command.

    What decides is worked out at once. Findings, plan and what would meet are worked out once they are first read, from
    `case`, the `pack` and the tables that judged it, and the findings of what was taken to be so, `taken`.
    """

    indication: str
    outcome: Outcome
    questions: tuple[str, ...]
    warnings: tuple[str, ...]
    route: Route
    authorization: AuthorizationLimits | None
    case: Case = field(repr=False)
    pack: Pack = field(repr=False)
    tables: ReferenceTables = field(repr=False)
    taken: tuple[Finding, ...] = field(repr=False)

    @property
    def judged_as(self) -> str:
        """The indication that known facts show it to be."""
        return self.case.judged_as

    @property
    def criteria(self) -> Mapping[str, str]:
        """Name, version and digest of the pack."""
        return self.pack.identity

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was taken to be so, each criterion as judged, and remarks that decide nothing."""
        case = self.case
        if case.indication is None:
            judged = [silence(self.pack, case.judged_as)]
        else:
            judged = list(clause_findings(case.indication, case.view, case.results))
        return (*self.taken, *judged, *remarks(case, self.tables.products, self.pack.catalogue))

    @cached_property
    def would_meet_if(self) -> tuple[tuple[str, ...], ...]:
        """The smallest sets of changes that would meet, smallest first."""
        if self.case.indication is None or self.outcome is Outcome.MEETS:
            return ()
        return alternatives(self.case, self.pack.rules_for(self.case.judged_as))

    @property
    def dose(self) -> Plan | None:
        """The dose as planned."""
        return self.case.plan

    @property
    def awaits(self) -> tuple[str, ...]:
        """The evidence that may still come, where information is needed."""
        return self.case.awaited if self.outcome is Outcome.NEEDS_INFORMATION else ()

    @property
    def own_warnings(self) -> tuple[WarningRule, ...]:
        """The warnings raised that the pack brings itself."""
        own = self.pack.own_warnings
        return tuple([own[code] for code in self.warnings if code in own])

    def as_dict(self) -> dict[str, Any]:
        """The keys of the contract, as JSON values.

        Only where there is something to say: `authorization`, where a cap or a duty of the pack applies; `awaits`, the
        evidence that may still come; `own_warnings`, the words of warnings that the pack brings itself.
        """
        return self._always() | self._where_used()

    def _where_used(self) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        if self.authorization:
            shown["authorization"] = self.authorization.as_dict()
        if self.awaits:
            shown["awaits"] = list(self.awaits)
        if self.own_warnings:
            shown["own_warnings"] = {
                rule.code: {"title": rule.title, "text": rule.says, "acknowledge": rule.acknowledge}
                for rule in self.own_warnings
            }
        return shown

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
