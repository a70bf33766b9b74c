"""The codes of warnings: those of the vocabulary, and a pack's own, each of which brings its title."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from utilization.rules.language.composites import Always
from utilization.rules.language.node import Condition
from utilization.rules.packs import keys as keys_of
from utilization.rules.packs.pack import WARNING_CODES, WarningRule
from utilization.rules.packs.routes import Scopes
from utilization.rules.yaml_lines import Node

_CODE = re.compile(r"[a-z][a-z0-9_]{1,59}", re.ASCII)
_LONGEST_TITLE = 80


def own_codes(nodes: Sequence[Node]) -> tuple[str, ...]:
    """The codes that a pack brings itself, in its order: those of warnings with a title."""
    found: dict[str, str] = {}
    for node in nodes:
        keys = node.mapping(("code",))
        if "title" in keys:
            code = _own_code(keys["code"])
            title = keys["title"].text()
            if len(title) > _LONGEST_TITLE:
                keys["title"].fail(f"expected at most {_LONGEST_TITLE} characters, got {len(title)}")
            if found.setdefault(code, title) != title:
                keys["title"].fail(f"{code} has the title {found[code]!r} already: expected the same one")
    return tuple(found)


def _own_code(node: Node) -> str:
    code = node.text()
    if code in WARNING_CODES:
        told = "leave 'title' out, or choose another code"
        node.fail(f"{code} is a warning of the vocabulary, which has its title: {told}")
    if not _CODE.fullmatch(code):
        node.fail(f"expected a code of small letters, digits and _, got {code!r}")
    return code


def read_warning(node: Node, own: Sequence[str], reader: Scopes) -> WarningRule:
    """One warning of a pack; `own` are the codes that it brings itself."""
    keys = node.mapping(*keys_of.WARNING)
    evidence, local = reader.basis(node, keys)
    return WarningRule(
        code=_code(keys, own),
        when=_raised(node, keys, reader),
        indications=reader.scope(keys),
        says=keys["says"].text(),
        evidence=evidence,
        local=local,
        title=keys["title"].text() if "title" in keys else "",
        acknowledge=_acknowledge(keys),
    )


def _raised(node: Node, keys: Mapping[str, Node], reader: Scopes) -> Condition:
    """Where a warning is raised; one of the pack's own may leave that to the clauses that name it under warns."""
    if "when" in keys:
        return reader.applies(keys)
    if "title" not in keys:
        node.fail("expected the key 'when'")
    return Always(False)


def _code(keys: Mapping[str, Node], own: Sequence[str]) -> str:
    """The code of a warning, of the vocabulary or of the pack's own."""
    code = keys["code"].text()
    if code not in (*WARNING_CODES, *own):
        near = get_close_matches(code, (*WARNING_CODES, *own), n=1)
        hint = f"did you mean {near[0]}? A" if near else "a"
        keys["code"].fail(f"unknown warning {code!r}: {hint} warning of the pack's own needs the key 'title'")
    if "acknowledge" in keys and code not in own:
        keys["acknowledge"].fail("acknowledge goes with a warning of the pack's own, which has a title")
    return code


def _acknowledge(keys: Mapping[str, Node]) -> bool:
    """Whether people must acknowledge a warning: yes, unless it says that it only tells."""
    if "acknowledge" not in keys:
        return True
    node = keys["acknowledge"]
    if not isinstance(node.value, bool):
        node.fail(f"expected true or false, got {node.shown}")
    return node.value
