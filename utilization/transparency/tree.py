"""The hash tree of RFC 6962, section 2.1, over a list of entries.

A node is named by its level and its number on that level: node (0, 5) is the hash of the sixth entry, node (3, 0)
covers the first eight. Only complete subtrees have a node, so that a node never changes once it is made; every root and
every proof is put together from nodes.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256().digest()

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of the node with this level and number."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry's bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two nodes."""
    return sha256(b"\x01" + left + right).digest()


def peaks(size: int) -> list[tuple[int, int]]:
    """The nodes that a tree of `size` entries is made of, from left to right: 6 gives (2, 0) and (1, 2)."""
    return [(level, (size >> level) - 1) for level in reversed(range(size.bit_length())) if size >> level & 1]


def join(hashes: Sequence[bytes]) -> bytes:
    """The root above the hashes of a tree's peaks, given from left to right."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_at(size: int, node: NodeReader) -> bytes:
    """The root of the first `size` entries of a tree whose nodes `node` reads."""
    return join([node(level, number) for level, number in peaks(size)])


class GrowingTree:
    """A tree that entries are added to; it keeps one hash a level and forgets the rest."""

    def __init__(self, size: int = 0, node: NodeReader | None = None) -> None:
        """Go on with a tree of `size` entries, whose peaks `node` reads."""
        self.size = size
        self._hashes = [node(level, number) for level, number in peaks(size)] if node else []

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add an entry by its leaf hash; return the nodes that it completes as (level, number, hash), leaf first."""
        level, number, made = 0, self.size, leaf
        nodes = [(level, number, made)]
        while number & 1:
            level, number, made = level + 1, number >> 1, node_hash(self._hashes.pop(), made)
            nodes.append((level, number, made))
        self._hashes.append(made)
        self.size += 1
        return nodes

    def root(self) -> bytes:
        """The root over all entries so far."""
        return join(self._hashes)

    def copy(self) -> "GrowingTree":
        """A tree of the same entries that grows by itself."""
        twin = GrowingTree()
        twin.size, twin._hashes = self.size, list(self._hashes)
        return twin
