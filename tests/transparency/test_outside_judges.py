"""A foreign implementation of the same specifications believes ours, and ours believes it.

The judge is `aics-tlog`, which wants a newer Python than the lock of the tests allows. To have it judge:
`pip install --no-deps --ignore-requires-python aics-tlog==0.2.1`; without it this module is skipped.
"""

import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.transparency import naive
from utilization.transparency import proofs, tree
from utilization.transparency.checkpoints import TreeHead, cosignature, open_checkpoint, signed
from utilization.transparency.ed25519 import new_signing_key
from utilization.transparency.keys import SignatureType
from utilization.transparency.notes import read_note

judge = pytest.importorskip("aics_tlog", reason="the foreign judge aics-tlog is not installed")
SIZE = 512


@pytest.fixture(scope="module")
def log():
    """Our nodes, our roots by size, and the entries."""
    entries, growing = naive.entries(SIZE), tree.GrowingTree()
    nodes, roots = {}, [growing.root()]
    for entry in entries:
        nodes |= {(level, number): made for level, number, made in growing.add(tree.leaf_hash(entry))}
        roots.append(growing.root())
    return (lambda level, number: nodes[level, number]), roots, entries


def test_its_roots_are_ours(log):
    _, roots, entries = log
    foreign = judge.MerkleTree(entries)
    assert [foreign.root(size) for size in range(SIZE + 1)] == roots


def test_it_believes_all_our_proofs_and_none_with_a_changed_hash(log):
    node, roots, entries = log
    randomness = random.Random(5)
    for new in range(1, SIZE + 1):
        for index in range(new):
            made = proofs.inclusion_proof(index, new, node)
            assert judge.verify_inclusion(judge.leaf_hash(entries[index]), index, new, made, roots[new])
        for old in range(1, new + 1):
            made = proofs.consistency_proof(old, new, node)
            assert judge.verify_consistency(old, new, roots[old], roots[new], made)
        if made := proofs.inclusion_proof(new - 1, new, node):
            made[randomness.randrange(len(made))] = randomness.randbytes(32)
            assert not judge.verify_inclusion(judge.leaf_hash(entries[new - 1]), new - 1, new, made, roots[new])


def test_we_believe_its_proofs(log):
    _, roots, entries = log
    foreign = judge.MerkleTree(entries)
    for new in range(1, 130):
        for index in range(new):
            proofs.check_inclusion(
                tree.leaf_hash(entries[index]), index, new, foreign.inclusion_proof(index, new), roots[new]
            )
            if index:
                proofs.check_consistency(index, new, foreign.consistency_proof(index, new), roots[index], roots[new])


def test_it_believes_our_cosigned_checkpoints():
    log = new_signing_key("example.org/ivig-log/1", SignatureType.LOG)
    witness = new_signing_key("example.org/witness", SignatureType.WITNESS)
    note = signed(TreeHead(log.public.name, 3, naive.root(naive.entries(3))), log)
    note = note.signed_also(cosignature(note.text, witness, 1_700_000_000))
    keys = judge.parse_vkey(log.public.line), [judge.parse_vkey(witness.public.line)]
    result = judge.verify_checkpoint(judge.parse_note(str(note)), *keys, 1, expected_origin=log.public.name)
    assert result.ok, result
    assert judge.parse_note(str(note)).to_bytes() == str(note).encode()


def test_we_believe_its_checkpoints():
    log = new_signing_key("example.org/ivig-log/1", SignatureType.LOG)
    foreign = judge.Checkpoint(log.public.name, 3, naive.root(naive.entries(3)))
    note = judge.sign_checkpoint(foreign, Ed25519PrivateKey.from_private_bytes(log.seed), log.public.name)
    head, _ = open_checkpoint(read_note(note.to_bytes()), [log.public])
    assert (head.size, head.root) == (3, naive.root(naive.entries(3)))
