"""What the name of a therapy under `tried` means: a fact of its own, a therapy or class of the vocabulary, or both."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NoReturn

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.values import nearest
from utilization.rules.language.is_therapy import IsTherapy
from utilization.rules.language.node import Condition
from utilization.rules.language.reader import ConditionReader
from utilization.rules.yaml_lines import Node

_FIELD = "therapy"
NO_ROUTE = (
    "A route or dose beside a name counts for nothing; where one route alone counts, ask for it with a fact of the "
    "pack's own"
)
"""What whoever writes the name of a therapy is told."""


@dataclass(frozen=True, slots=True)
class NamedTherapy:
    """A therapy as a pack names it: the fact that tells how it went, and the test by which the list is looked through.

    `by_class` says that the list counts beside the fact: `corticosteroids`, and not `prior_corticosteroids`; `is_class`
    that others stand under it. `classes` are the facts of those classes as one of which it may have been told, with the
    test for one of each.
    """

    name: str
    fact: str = ""
    test: Condition | None = None
    by_class: bool = False
    classes: tuple[tuple[str, Condition], ...] = ()
    is_class: bool = False


def named_therapy(reader: ConditionReader, node: Node) -> NamedTherapy:
    """What a name means in the second edition. Fails at one that is neither a fact nor of the vocabulary."""
    name, known = node.text(), reader.therapies
    if name in reader.catalogue:
        fact = _tells_how_it_went(reader, node, name)
        code = known.by_fact.get(fact.name) or known.named(name.removeprefix("prior_"))
        return NamedTherapy(name, name, IsTherapy(_FIELD, code, known) if code else None)
    code = known.named(name)
    if code:
        told_by = _fact_of(reader, code, name)
        test = IsTherapy(_FIELD, code, known)
        return NamedTherapy(name, told_by, test, True, _told_by_class(reader, code), known.has_members(code))
    if f"prior_{name}" in reader.catalogue:
        return NamedTherapy(name, _tells_how_it_went(reader, node, f"prior_{name}").name)
    if meant := known.meant(name.replace("_", " ")):
        node.fail(f"{name!r} says more than the therapy {meant}: write {meant}. {NO_ROUTE}")
    facts = [fact.name for fact in reader.catalogue.values() if "failed" in fact.choices]
    near = nearest(name, [*facts, *known.therapies])
    hint = f"; did you mean {near}?" if near else ""
    return node.fail(f"unknown therapy {name!r}: expected one of the vocabulary, or list it under therapies{hint}")


def _fact_of(reader: ConditionReader, code: str, name: str) -> str:
    """The fact that tells how a therapy of the vocabulary went, which the pack calls by `name`; none if none does."""
    own = next((own for own in (f"prior_{name}", f"prior_{code}") if own in reader.catalogue), "")
    return reader.therapies.therapies[code].fact or own


def _told_by_class(reader: ConditionReader, code: str) -> tuple[tuple[str, Condition], ...]:
    """The facts of the classes under which a therapy stands or is counted by some, with the test for one of each."""
    known = reader.therapies
    facts = ((other, _fact_of(reader, other, other)) for other in known.counted_as(code))
    telling = ((other, fact) for other, fact in facts if fact and "failed" in reader.catalogue[fact].choices)
    return tuple((fact, IsTherapy(_FIELD, other, known)) for other, fact in telling)


def check_apart(reader: ConditionReader, items: Sequence[Node], counted: bool) -> None:
    """Fails where two items name one therapy; where they are `counted`, also where one trial would count twice."""
    named = [(item, _code(reader, item)) for item in items]
    for (first, one), (item, other) in combinations(named, 2):
        if one == other:
            item.fail(f"{item.text()} names the same therapy as {first.text()}: name each once")
        both = reader.therapies.shared(one, other) if counted else ""
        if both:
            item.fail(f"{both} would count twice, as {first.text()} and as {item.text()}: name one of the two")


def _code(reader: ConditionReader, node: Node) -> str:
    """What two names of one therapy have in common: its code, or its fact where it has none."""
    named = named_therapy(reader, node)
    return named.test.code if isinstance(named.test, IsTherapy) else named.fact


def _tells_how_it_went(reader: ConditionReader, node: Node, name: str) -> Fact:
    fact = reader.catalogue[name]
    if "failed" not in fact.choices:
        no_therapy(node, name)
    return fact


def no_therapy(node: Node, name: str) -> NoReturn:
    """Fails at a fact that does not tell how a therapy went."""
    node.fail(f"{name} is no therapy: expected a fact such as prior_corticosteroids, or the name of a therapy")
