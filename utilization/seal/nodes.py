"""The kept nodes of the tree over the log."""

from collections.abc import Iterable

from utilization.models import LogNode
from utilization.transparency.tree import NodeReader


class MissingNode(Exception):
    """A node that should have been kept is not there."""


def kept_node(level: int, number: int) -> bytes:
    """The hash of a kept node. Raises MissingNode."""
    found = LogNode.objects.filter(level=level, number=number).values_list("hash", flat=True).first()
    if found is None:
        raise MissingNode(f"Node {number} of level {level} of the tree is missing.")
    return bytes(found)


def node_reader(made: Iterable[tuple[int, int, bytes]]) -> NodeReader:
    """Reads nodes that were just made, and where it is not among them, the kept ones."""
    new = {(level, number): made_hash for level, number, made_hash in made}
    return lambda level, number: new.get((level, number)) or kept_node(level, number)
