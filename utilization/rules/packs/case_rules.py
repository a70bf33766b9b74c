"""Rules of a pack beside its clauses: redirects, defaults, warnings, routes; and which bear on one indication."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from utilization.rules.language.composites import facts_named
from utilization.rules.language.node import Condition
from utilization.rules.routing import OwnRoute


@dataclass(frozen=True)
class Redirect:
    """A request for one of `indications` that known facts show to be another, `to`."""

    indications: frozenset[str]
    when: Condition
    to: str
    says: str
    evidence: tuple[str, ...]

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The facts that it names, in order."""
        return tuple(dict.fromkeys(facts_named(self.when)))


@dataclass(frozen=True)
class Default:
    """A value that an absent fact of the request takes, stated in the findings when used."""

    fact: str
    value: Any
    when: Condition
    indications: frozenset[str] | None
    says: str
    evidence: tuple[str, ...] = ()

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The facts that it names, in order."""
        return tuple(dict.fromkeys(facts_named(self.when)))


@dataclass(frozen=True, slots=True)
class WarningRule:
    """When a warning is raised; `indications` None means every one.

    One of the pack's own has a `title`; it is acknowledged before filing, unless `acknowledge` says that it only tells.
    """

    code: str
    when: Condition
    indications: frozenset[str] | None
    says: str
    evidence: tuple[str, ...] = ()
    local: str = ""
    title: str = ""
    acknowledge: bool = True


@dataclass(frozen=True, slots=True)
class RouteRule:
    """Where requests for one of `indications` go for which `when` is known to hold, beside the routing table.

    `indications` None means every one, `outcomes` None every outcome.
    """

    indications: frozenset[str] | None
    when: Condition
    outcomes: frozenset[str] | None
    sets: OwnRoute
    evidence: tuple[str, ...] = ()
    local: str = ""


@dataclass(frozen=True, slots=True)
class CaseRules:
    """What of a pack bears on requests judged as one indication, each in the pack's order.

    `warned` are (when, what is required, the code) of the clauses that raise a warning; `changeable` are the variables
    of which every fact can be changed, `changed` those facts; `of_order` is what anything here, a clause, a cap or a
    duty reads of what follows from the order, None where the pack does not list the indication.
    """

    redirects: tuple[Redirect, ...]
    defaults: tuple[Default, ...]
    warnings: tuple[WarningRule, ...]
    routes: tuple[RouteRule, ...]
    warned: tuple[tuple[Condition, Condition, str], ...] = ()
    changeable: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    of_order: frozenset[str] | None = None
