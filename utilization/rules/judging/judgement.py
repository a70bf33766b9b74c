"""A judgement as values: its findings, how long an approval may last, and the tables that stand beside a pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from utilization.rules.dosing.plan import Plan
from utilization.rules.dosing.products import Product
from utilization.rules.judging.authorization_caps import AuthorizationLimits
from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs.pack import WarningRule
from utilization.rules.routing import Route, Routing


@dataclass(frozen=True, slots=True)
class ReferenceTables:
    """What stands beside a pack: the product table and the routing table. `files` and `sha256` as those of a pack."""

    products: tuple[Product, ...]
    routing: Routing
    files: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""


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


class Judgement(NamedTuple):
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
    authorization: AuthorizationLimits | None = None
    awaits: tuple[str, ...] = ()
    own_warnings: tuple[WarningRule, ...] = ()

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
