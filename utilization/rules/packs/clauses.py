"""Clauses, caps and duties of the criteria language, from marked text, with the fragments that they share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from utilization.rules.facts.values import nearest
from utilization.rules.language.composites import ALWAYS
from utilization.rules.language.node import Condition
from utilization.rules.language.outcomes import Outcome
from utilization.rules.packs import keys as keys_of
from utilization.rules.packs.approval import read_cap, read_duty
from utilization.rules.packs.conditions import DEEPEST_USE, Reader
from utilization.rules.packs.pack import Cap, Clause, Duty
from utilization.rules.yaml_lines import Node

_T = TypeVar("_T")


@dataclass(frozen=True)
class ClauseReader:
    """Reads the clauses of one pack.

    `cited` checks ids of statements, `fragments` are the clauses to share, `warned` are the codes that one may raise.
    """

    conditions: Reader
    cited: Callable[[list[Node]], tuple[str, ...]]
    fragments: Mapping[str, Node]
    warned: tuple[str, ...]

    def tolerating(self, tolerance: Decimal) -> "ClauseReader":
        """The same reader, with the tolerance that limits have which do not say their own."""
        return replace(self, conditions=replace(self.conditions, tolerance=tolerance))

    def clauses(self, node: Node, code: str, otherwise: str) -> tuple[Clause, ...]:
        """The clauses of an indication; `otherwise` is what those come to that do not say it themselves."""
        found: dict[str, Clause] = {}
        for keys, at in self._expanded(node, ()):
            clause = self._clause(keys, at, code, otherwise)
            if clause.id in found:
                at.fail(f"the clause id {clause.id.removeprefix(f'{code}.')!r} stands twice")
            found[clause.id] = clause
        return tuple(found.values())

    def _expanded(self, node: Node, within: tuple[str, ...]) -> list[tuple[dict[str, Node], Node]]:
        """Every clause of a list with its fragments put in: a fragment is one clause, or a group of them."""
        found: list[tuple[dict[str, Node], Node]] = []
        for item in node.items():
            keys = item.mapping()
            if "use" not in keys:
                found.append((keys, item))
                continue
            own = {key: value for key, value in keys.items() if key != "use"}
            found += self._used(keys["use"], own, item, within)
        return found

    def _used(
        self, use: Node, own: dict[str, Node], item: Node, within: tuple[str, ...]
    ) -> list[tuple[dict[str, Node], Node]]:
        name = use.text()
        if name not in self.fragments:
            near = nearest(name, self.fragments)
            hint = f"; did you mean {near}?" if near else ""
            known = f"expected one of {', '.join(self.fragments)}" if self.fragments else "the pack has none"
            use.fail(f"unknown fragment {name!r}: {known}{hint}")
        if name in within:
            use.fail(f"the fragment {name!r} leads back to itself: {' > '.join((*within, name))}")
        if len(within) == DEEPEST_USE:
            use.fail(f"fragments that use each other more than {DEEPEST_USE} deep: {within[0]} > … > {name}")
        self.conditions.budget.spend(use)
        shared = self.fragments[name].mapping()
        if "clauses" in shared:
            for key in own:
                if key != "when":
                    own[key].fail(f"{name} is a group of clauses: {key} cannot be changed for all of them at once")
            return [(_also_when(keys, own), at) for keys, at in self._expanded(shared["clauses"], (*within, name))]
        if "use" in shared:
            rest = {key: value for key, value in shared.items() if key != "use"}
            return self._used(shared["use"], {**rest, **own}, item, (*within, name))
        return [({**shared, **own}, item)]

    def _clause(self, keys: dict[str, Node], at: Node, code: str, default: str) -> Clause:
        node = Node(keys, at.file, at.line, at.path)
        node.mapping(*keys_of.CLAUSE)
        evidence, local = self.basis(node, keys)
        require = self.conditions.condition(keys["require"])
        otherwise = keys["otherwise"].one_of(keys_of.OTHERWISE) if "otherwise" in keys else default
        warns = keys["warns"].one_of(self.warned) if "warns" in keys else ""
        if require == ALWAYS:
            otherwise = ""
        elif not otherwise:
            node.fail(f"expected 'otherwise': {', '.join(keys_of.OTHERWISE)}")
        if otherwise == "warning" and not warns:
            node.fail("expected 'warns': the code of the warning")
        awaits = _awaited(node, keys, otherwise)
        return Clause(
            id=f"{code}.{keys['id'].text()}",
            says=keys["says"].text(),
            when=self.applies(keys),
            require=require,
            otherwise=Outcome(otherwise) if otherwise in keys_of.JUDGED else None,
            to_meet=keys["to_meet"].text() if "to_meet" in keys else "",
            evidence=evidence,
            local=local,
            warns=warns,
            awaits=awaits,
            file=at.file,
            line=at.line,
        )

    def basis(self, node: Node, keys: Mapping[str, Node]) -> tuple[tuple[str, ...], str]:
        """The statements that something rests on, or why there is none. One of the two must be said."""
        evidence = self.cited(keys["evidence"].items()) if "evidence" in keys else ()
        local = keys["local"].text() if "local" in keys else ""
        if not evidence and not local:
            node.fail("expected 'evidence', or 'local' with the reason why there is no source")
        return evidence, local

    def caps(self, node: Node, code: str) -> tuple[Cap, ...]:
        """The caps of an indication; one may be a fragment that others share."""
        return self._each(node, keys_of.CAP, "cap", lambda keys, when, basis: read_cap(keys, code, when, basis))

    def duties(self, node: Node, code: str) -> tuple[Duty, ...]:
        """What an approval of an indication obliges to; a duty may be a fragment too."""
        return self._each(node, keys_of.DUTY, "duty", lambda keys, when, basis: read_duty(keys, code, when, basis))

    def _each(self, node: Node, known: keys_of.Keys, what: str, read: Callable[..., _T]) -> tuple[_T, ...]:
        """What `read` makes of each item of a list, fragments put in: of its keys, where it applies, and its basis."""
        found: dict[str, _T] = {}
        for keys, at in self._expanded(node, ()):
            item = Node(keys, at.file, at.line, at.path)
            item.mapping(*known)
            basis = self.basis(item, keys)
            name = keys["id"].text()
            if name in found:
                at.fail(f"the {what} id {name!r} stands twice")
            found[name] = read(keys, self.applies(keys), basis)
        return tuple(found.values())

    def applies(self, keys: Mapping[str, Node]) -> Condition:
        """Where something applies: always, unless `when` says more."""
        return self.conditions.condition(keys["when"]) if "when" in keys else ALWAYS


def _awaited(node: Node, keys: Mapping[str, Node], otherwise: str) -> str:
    """The evidence that may still come, which goes with needs_information and with nothing else."""
    if otherwise == Outcome.NEEDS_INFORMATION and "awaits" not in keys:
        node.fail("expected 'awaits': the evidence that may still come, such as 'The result of the biopsy.'")
    if otherwise != Outcome.NEEDS_INFORMATION and "awaits" in keys:
        keys["awaits"].fail("awaits goes with 'otherwise: needs_information'")
    return keys["awaits"].text() if "awaits" in keys else ""


def _also_when(keys: dict[str, Node], own: Mapping[str, Node]) -> dict[str, Node]:
    """The keys of a clause of a group, which applies only where the group does."""
    if "when" not in own:
        return keys
    if "when" not in keys:
        return {**keys, "when": own["when"]}
    at = own["when"]
    both = Node([own["when"], keys["when"]], at.file, at.line, at.path)
    return {**keys, "when": Node({"all": both}, at.file, at.line, at.path)}
