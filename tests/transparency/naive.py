"""The tree as RFC 6962 defines it in section 2.1: by recursion over the list of entries, with nothing kept."""

from hashlib import sha256


def split(count):
    largest = 1
    while largest * 2 < count:
        largest *= 2
    return largest


def root(entries):
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    k = split(len(entries))
    return sha256(b"\1" + root(entries[:k]) + root(entries[k:])).digest()


def path(index, entries):
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if index < k:
        return [*path(index, entries[:k]), root(entries[k:])]
    return [*path(index - k, entries[k:]), root(entries[:k])]


def proof(old, entries):
    return subproof(old, entries, True)


def subproof(old, entries, whole):
    if old == len(entries):
        return [] if whole else [root(entries)]
    k = split(len(entries))
    if old <= k:
        return [*subproof(old, entries[:k], whole), root(entries[k:])]
    return [*subproof(old - k, entries[k:], False), root(entries[:k])]


def entries(count):
    return [f"entry {number}".encode() * (number % 3) for number in range(count)]
