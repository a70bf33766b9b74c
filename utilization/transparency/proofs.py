"""Proofs of RFC 6962, section 2.1: that an entry is in a tree, and that a tree extends an older one.

Making reads nodes by a `NodeReader`, a few a level. Checking needs nothing but hashes.
"""

from collections.abc import Sequence

from utilization.transparency.tree import NodeReader, node_hash


class BadProof(ValueError):
    """A proof that does not prove what it should."""


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """The hashes that lead from entry `index` to the root of the first `size` entries, the leaf's neighbour first.

    Raises ValueError where the tree of that size has no such entry.
    """
    if not 0 <= index < size:
        raise ValueError(f"A tree of {size} entries has no entry {index}.")
    return _path(index, 0, size, node)


def consistency_proof(old: int, new: int, node: NodeReader) -> list[bytes]:
    """The hashes that show the first `old` entries unchanged in the tree of `new` entries; none where both are equal.

    Raises ValueError unless 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ValueError(f"A tree of {new} entries cannot be shown to extend one of {old}.")
    return _subproof(old, 0, new, True, node)


def _split(count: int) -> int:
    """The largest power of two below `count`: where the RFC parts a list."""
    return 1 << (count - 1).bit_length() - 1


def _range_hash(first: int, end: int, node: NodeReader) -> bytes:
    count = end - first
    if count & count - 1 == 0:
        level = count.bit_length() - 1
        return node(level, first >> level)
    middle = first + _split(count)
    return node_hash(_range_hash(first, middle, node), _range_hash(middle, end, node))


def _path(index: int, first: int, end: int, node: NodeReader) -> list[bytes]:
    if end - first == 1:
        return []
    middle = first + _split(end - first)
    if index < middle:
        return [*_path(index, first, middle, node), _range_hash(middle, end, node)]
    return [*_path(index, middle, end, node), _range_hash(first, middle, node)]


def _subproof(old: int, first: int, end: int, known: bool, node: NodeReader) -> list[bytes]:
    """`known`: the old tree is all of this range, so that whoever checks has its root already."""
    if old == end:
        return [] if known else [_range_hash(first, end, node)]
    middle = first + _split(end - first)
    if old <= middle:
        return [*_subproof(old, first, middle, known, node), _range_hash(middle, end, node)]
    return [*_subproof(old, middle, end, False, node), _range_hash(first, middle, node)]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise BadProof unless `proof` leads from the leaf hash at `index` to the root of `size` entries."""
    if not 0 <= index < size:
        raise BadProof(f"A tree of {size} entries has no entry {index}.")
    reached, place, last = leaf, index, size - 1
    for neighbour in proof:
        if last == 0:
            raise BadProof("The inclusion proof has more hashes than the tree has levels.")
        if place & 1 or place == last:
            reached = node_hash(neighbour, reached)
            place, last = _up_to_right_child(place, last)
        else:
            reached = node_hash(reached, neighbour)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("The inclusion proof has fewer hashes than the tree has levels.")
    if reached != root:
        raise BadProof(f"The inclusion proof of entry {index} does not lead to the root of {size} entries.")


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise BadProof unless `proof` shows that the tree of `new` entries begins with the `old` ones.

    Between equal sizes the roots must be the same and the proof empty. From nothing to something there is no proof: an
    old size of 0 is refused then, though every tree extends the empty one.
    """
    if old == new >= 0:
        if proof or old_root != new_root:
            raise BadProof(f"Two trees of {new} entries differ, or a proof was given where none is needed.")
        return
    if not 0 < old < new:
        raise BadProof(f"Nothing can prove that a tree of {new} entries extends one of {old}.")
    if not proof:
        raise BadProof("The consistency proof is empty.")
    reached_old, reached_new = _walk(old, new, list(proof), old_root)
    if reached_old != old_root:
        raise BadProof(f"The consistency proof does not lead to the root of {old} entries.")
    if reached_new != new_root:
        raise BadProof(f"The consistency proof does not lead to the root of {new} entries.")


def _walk(old: int, new: int, hashes: list[bytes], old_root: bytes) -> tuple[bytes, bytes]:
    """The old and the new root to which the hashes lead (RFC 9162, section 2.1.4.2)."""
    if old & old - 1 == 0:
        hashes = [old_root, *hashes]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    reached_old = reached_new = hashes[0]
    for neighbour in hashes[1:]:
        if last == 0:
            raise BadProof("The consistency proof has more hashes than the tree has levels.")
        if place & 1 or place == last:
            reached_old, reached_new = node_hash(neighbour, reached_old), node_hash(neighbour, reached_new)
            place, last = _up_to_right_child(place, last)
        else:
            reached_new = node_hash(reached_new, neighbour)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("The consistency proof has fewer hashes than the tree has levels.")
    return reached_old, reached_new


def _up_to_right_child(place: int, last: int) -> tuple[int, int]:
    """Past the levels on which the last node stands alone: it has no neighbour there, and no hash."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last
