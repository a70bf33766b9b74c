"""Where a pack sends its requests, from marked text: approvals, panel, priority and clock, refused where none exist."""

from collections.abc import Mapping
from typing import Protocol

from utilization.rules.language.node import Condition
from utilization.rules.packs import keys as keys_of
from utilization.rules.packs.pack import RouteRule
from utilization.rules.routing import APPROVALS, CLOCKS, MOST_HOURS, OwnRoute
from utilization.rules.yaml_lines import Node

_LONGEST_WORD = 40
_KEYS = ("approvals", "panel", "priority", "clock")


class Scopes(Protocol):
    """What every rule of a pack may say: for which indications it is meant, where it applies, and what it rests on."""

    def scope(self, keys: Mapping[str, Node]) -> frozenset[str] | None: ...
    def applies(self, keys: Mapping[str, Node]) -> Condition: ...
    def basis(self, node: Node, keys: Mapping[str, Node]) -> tuple[tuple[str, ...], str]: ...


def read_route(node: Node, reader: Scopes) -> RouteRule:
    """One route of a pack."""
    keys = node.mapping(*keys_of.ROUTE)
    outcomes = _outcomes(keys)
    sets = _sets(node, keys, outcomes)
    return RouteRule(reader.scope(keys), reader.applies(keys), outcomes, sets, *reader.basis(node, keys))


def _outcomes(keys: Mapping[str, Node]) -> frozenset[str] | None:
    """The outcomes for which a route is meant; None for every one."""
    if "outcome" not in keys:
        return None
    node = keys["outcome"]
    found = frozenset(item.one_of(keys_of.JUDGED) for item in node.items())
    if not found:
        node.fail(f"expected at least one of {', '.join(keys_of.JUDGED)}")
    return found


def _sets(node: Node, keys: Mapping[str, Node], outcomes: frozenset[str] | None) -> OwnRoute:
    """What a route sets; what it leaves out stays as the routing table has it."""
    if not any(key in keys for key in _KEYS):
        node.fail(f"expected one of {', '.join(_KEYS)}: the route sets nothing")
    approvals = _approvals(keys["approvals"], outcomes) if "approvals" in keys else None
    panel = _word(keys["panel"]) if "panel" in keys else ""
    if panel and approvals is not None and "physician" not in approvals:
        keys["panel"].fail("a panel advises a physician: expected approvals [pharmacist, physician]")
    clock, hours = _clock(keys["clock"]) if "clock" in keys else ("", None)
    priority = _word(keys["priority"]) if "priority" in keys else ""
    return OwnRoute(keys["says"].text(), approvals, panel, priority, clock, hours)


def _approvals(node: Node, outcomes: frozenset[str] | None) -> tuple[str, ...]:
    roles = dict.fromkeys(role for known in APPROVALS for role in known)
    found = tuple(item.one_of(tuple(roles)) for item in node.items())
    if found not in APPROVALS:
        node.fail(f"expected {' or '.join('[' + ', '.join(known) + ']' for known in APPROVALS)}")
    if found == APPROVALS[0] and outcomes != frozenset({"meets"}):
        node.fail("a pharmacist alone approves only what meets the criteria: write 'outcome: [meets]' beside it")
    return found


def _clock(node: Node) -> tuple[str, int | None]:
    """(standard or expedited, None), or ("", hours)."""
    if node.written() in CLOCKS:
        return node.written(), None
    number, _, unit = node.written().strip().partition(" ")
    hours = int(number) if number.isdecimal() and len(number) <= len(str(MOST_HOURS)) else 0
    if unit.strip() not in ("hour", "hours") or not 1 <= hours <= MOST_HOURS:
        node.fail(f"expected {' or '.join(CLOCKS)}, or whole hours from 1 to {MOST_HOURS} such as 48 hours,"
                  f" got {node.written()!r}")  # fmt: skip
    return "", hours


def _word(node: Node) -> str:
    text = node.text()
    if len(text) > _LONGEST_WORD:
        node.fail(f"expected at most {_LONGEST_WORD} characters, got {len(text)}")
    return text
