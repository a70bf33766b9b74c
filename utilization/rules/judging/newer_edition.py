"""What the newest edition of the language would change in a pack that is written in an older one."""

from collections.abc import Iterable, Iterator

from utilization.rules.language.editions import EDITIONS
from utilization.rules.packs.comparison import EDITION, compare
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import read_trees, trees_of
from utilization.rules.yaml_lines import Node, PackError

NEWEST = EDITIONS[-1]
_MOST_NAMED = 12


def newer_edition(pack: Pack) -> str:
    """What `language: 2` in the head of the pack would change, in words; nothing where it says so already."""
    if pack.edition == NEWEST:
        return ""
    told = f"its words are read by edition {pack.edition} of the language. With 'language: {NEWEST}'"
    try:
        newer = _in_newest(pack)
    except PackError as error:
        return f"{told} it would not read: {error}"
    otherwise = list(_read_otherwise(pack, newer))
    if not otherwise:
        return f"{told} it would judge as it does"
    named = ", ".join(otherwise[:_MOST_NAMED]) + (", …" if len(otherwise) > _MOST_NAMED else "")
    return f"{told} these would be read otherwise: {named}. Compare the two, and see what its examples come to"


def _in_newest(pack: Pack) -> Pack:
    """The pack as the newest edition reads it. Raises PackError."""
    trees = trees_of(pack.files)
    head = _head_of(trees)
    head.value["language"] = Node(str(NEWEST), head.file, head.line, f"{head.path}.language")
    return read_trees(trees, pack.files)


def _head_of(trees: Iterable[Node]) -> Node:
    """The head of a pack that was read from these trees."""
    head: Node = next(tree.value["pack"] for tree in trees if "pack" in tree.value)
    return head


def _read_otherwise(pack: Pack, newer: Pack) -> Iterator[str]:
    """The ids of what either edition puts into other words."""
    changes = compare(pack, newer)
    for change in changes.indications:
        if change.differences:
            yield change.code
        yield from (entry.id for entry in change.entries)
    yield from (entry.id for entry in changes.general if entry.id != EDITION)
