"""What the shipped packs rest on: texts that were read, and else local parameters that say so."""

import re

import pytest

from utilization import criteria

SHIPPED = [name for name in criteria.shipped_packs() if name != "ivig-builtin"]
FROM_MEMORY = re.compile(r"publicly known|to be checked|from memory", re.IGNORECASE)


def pack_named(name):
    return criteria.pack_at(criteria.shipped_packs()[name])


@pytest.mark.parametrize("name", SHIPPED)
def test_no_statement_comes_from_memory(name):
    pack = pack_named(name)
    assert [statement.id for statement in pack.statements.values() if FROM_MEMORY.search(statement.note)] == []
