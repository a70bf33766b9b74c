"""Roots and proofs are those of the RFC's own recursion, and no altered proof is believed."""

import random

import pytest

from tests.transparency import naive
from utilization.transparency import proofs, tree

SIZES = range(65)


@pytest.fixture(scope="module")
def nodes():
    """Every node of a tree of 64 entries by level and number, from the recursion."""
    entries = naive.entries(max(SIZES))
    return {
        (level, number): naive.root(entries[number << level : number + 1 << level])
        for level in range(7)
        for number in range(64 >> level)
    }


def _reader(nodes):
    return lambda level, number: nodes[level, number]


@pytest.fixture(scope="module")
def roots():
    entries = naive.entries(max(SIZES))
    return [naive.root(entries[:size]) for size in SIZES]


def test_a_growing_tree_has_every_root_and_makes_every_node(nodes, roots):
    growing, made = tree.GrowingTree(), {}
    for size, entry in enumerate(naive.entries(max(SIZES))):
        assert growing.root() == roots[size] == tree.root_at(size, _reader(nodes))
        for level, number, made_hash in growing.add(tree.leaf_hash(entry)):
            assert (level, number) not in made
            made[level, number] = made_hash
    assert growing.root() == roots[-1]
    assert made == nodes


def test_a_growing_tree_keeps_one_hash_a_level():
    growing = tree.GrowingTree()
    for number in range(1000):
        growing.add(bytes([number % 256]) * 32)
        assert len(growing._hashes) == (number + 1).bit_count()


@pytest.mark.parametrize("size", SIZES)
def test_a_tree_goes_on_from_its_peaks(nodes, roots, size):
    growing = tree.GrowingTree(size, _reader(nodes))
    twin = growing.copy()
    for entry in naive.entries(max(SIZES))[size:]:
        growing.add(tree.leaf_hash(entry))
    assert (twin.size, twin.root()) == (size, roots[size])
    assert growing.root() == roots[-1]


def test_inclusion_proofs_are_those_of_the_recursion_and_are_believed(nodes, roots):
    entries = naive.entries(max(SIZES))
    for size in SIZES[1:]:
        for index in range(size):
            made = proofs.inclusion_proof(index, size, _reader(nodes))
            assert made == naive.path(index, entries[:size])
            proofs.check_inclusion(tree.leaf_hash(entries[index]), index, size, made, roots[size])


def test_consistency_proofs_are_those_of_the_recursion_and_are_believed(nodes, roots):
    entries = naive.entries(max(SIZES))
    for new in SIZES[1:]:
        for old in range(1, new + 1):
            made = proofs.consistency_proof(old, new, _reader(nodes))
            assert made == naive.proof(old, entries[:new])
            proofs.check_consistency(old, new, made, roots[old], roots[new])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (6, 5), (-1, 5)])
def test_no_proof_is_made_of_an_entry_that_is_not_there(nodes, index, size):
    with pytest.raises(ValueError, match="has no entry"):
        proofs.inclusion_proof(index, size, _reader(nodes))
    with pytest.raises(proofs.BadProof, match="has no entry"):
        proofs.check_inclusion(bytes(32), index, size, [], bytes(32))


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5), (-1, -1)])
def test_nothing_is_shown_to_extend_nothing(nodes, roots, old, new):
    """Also where the root of nothing is given rightly; the vectors of transparency-dev want it so."""
    with pytest.raises(ValueError, match="extend"):
        proofs.consistency_proof(old, new, _reader(nodes))
    for proof in ([], [roots[new]], [roots[0]]):
        with pytest.raises(proofs.BadProof, match="extends"):
            proofs.check_consistency(old, new, proof, roots[old], roots[new])


@pytest.mark.parametrize("size", [0, 1, 6])
def test_between_equal_sizes_only_the_same_root_is_believed(roots, size):
    proofs.check_consistency(size, size, [], roots[size], roots[size])
    for proof, other in [([roots[size]], roots[size]), ([], roots[size + 1])]:
        with pytest.raises(proofs.BadProof, match="differ"):
            proofs.check_consistency(size, size, proof, roots[size], other)


def _altered(hashes, randomness):
    """The proof with one bit changed in each hash, one hash less, one more at each end, two exchanged."""
    for place in range(len(hashes)):
        bit = randomness.randrange(256)
        value = int.from_bytes(hashes[place], "big") ^ 1 << bit
        yield [*hashes[:place], value.to_bytes(32, "big"), *hashes[place + 1 :]]
        yield [*hashes[:place], *hashes[place + 1 :]]
    yield [*hashes, bytes(32)]
    yield [bytes(32), *hashes]
    if len(hashes) > 1 and hashes[0] != hashes[1]:
        yield [hashes[1], hashes[0], *hashes[2:]]


def test_an_altered_inclusion_proof_is_refused(nodes, roots):
    randomness = random.Random(1)
    entries = naive.entries(max(SIZES))
    for size in (1, 2, 3, 7, 8, 37, 64):
        for index in range(size):
            leaf = tree.leaf_hash(entries[index])
            right = proofs.inclusion_proof(index, size, _reader(nodes))
            cases = [(leaf, index, size, bad, roots[size]) for bad in _altered(right, randomness)]
            cases += [
                (tree.leaf_hash(b"another"), index, size, right, roots[size]),
                (leaf, index, size, right, bytes(32)),
                (leaf, index, size * 2, right, roots[size]),
                (leaf, index + size, size, right, roots[size]),
                (leaf, index ^ 1, size, right, roots[size]) if size > 1 else (leaf, 1, 2, right, roots[size]),
            ]
            for case in cases:
                with pytest.raises(proofs.BadProof):
                    proofs.check_inclusion(*case)


def test_an_altered_consistency_proof_is_refused(nodes, roots):
    randomness = random.Random(2)
    for old, new in [(1, 1), (1, 2), (2, 3), (3, 7), (4, 7), (6, 8), (8, 8), (8, 21), (33, 64), (32, 64)]:
        right = proofs.consistency_proof(old, new, _reader(nodes))
        cases = [(old, new, bad, roots[old], roots[new]) for bad in _altered(right, randomness)]
        cases += [
            (old, new, right, bytes(32), roots[new]),
            (old, new, right, roots[old], bytes(32)),
            (0, new, right, roots[0], roots[new]),
            (old, new * 2, right, roots[old], roots[new]),
            (old, new * 4, right, roots[old], roots[new]),
            (new + 1, new, right, roots[old], roots[new]),
        ]
        cases += (
            [(old, new, right, roots[new], roots[old]), (old, new, [], roots[old], roots[new])] if old < new else []
        )
        for case in cases:
            with pytest.raises(proofs.BadProof):
                proofs.check_consistency(*case)
