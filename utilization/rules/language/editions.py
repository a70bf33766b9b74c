"""Editions of the criteria language: what a pack's words mean. A pack says its own under `pack: {language: 2}`.

A pack that says none is of the first edition, and is judged for ever as it was on the day on which it was adopted.
"""

from utilization.rules.yaml_lines import Node

FIRST, SECOND = 1, 2
EDITIONS = (FIRST, SECOND)


def read_edition(node: Node | None) -> int:
    """The edition that a pack's head names; the first where it names none. Fails at `node` for any other."""
    if node is None:
        return FIRST
    edition = {str(edition): edition for edition in EDITIONS}.get(node.written())
    if edition is None:
        node.fail(f"expected an edition of the language, {FIRST} or {SECOND}, got {node.shown}")
    return edition
