"""What a test may ask of the reader of a pack, and how a word of the language says where and by what it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.therapies import Vocabulary
from utilization.rules.language.node import Condition
from utilization.rules.language.schema_parts import Schema
from utilization.rules.yaml_lines import Node


class ConditionReader(Protocol):
    """The reader of one pack's conditions, as tests see it (`packs/conditions.py`)."""

    @property
    def catalogue(self) -> Mapping[str, Fact]:
        """The facts that the pack may name; within an entry of a list, its fields."""

    @property
    def edition(self) -> int:
        """The edition of the language in which the pack is written (`editions.py`)."""

    @property
    def therapies(self) -> Vocabulary:
        """The therapies of the vocabulary, and those that the pack brings itself."""

    @property
    def tolerance(self) -> Decimal:
        """By what fraction an order may pass a limit that does not say its own."""

    @property
    def entry_of(self) -> str:
        """The list of whose entries the facts are the fields; empty for those of the case."""

    def condition(self, node: Node) -> Condition:
        """Any condition."""

    def shared(self, node: Node) -> Condition:
        """The condition that the pack shares under a name."""

    def fact(self, node: Node, name: str) -> str:
        """The name of a fact that the pack may use. Fails at `node`, with the nearest name."""

    def bound(self, node: Node) -> tuple[str, Fact | None]:
        """What gives a bound in place of a number: the name by which a test reads it, and what is known of it.

        Within an entry of a list that is one of its fields or, by `OF_CASE`, a fact of the case. None for what follows
        from the order.
        """

    def in_case(self, name: str) -> bool:
        """Whether a field of an entry has the name of a fact of the case as well."""

    def of_entry(self, fact: Fact, node: Node) -> Condition:
        """A condition on the fields of one entry of a list."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the language: how what stands under it is read, and the schema by which editors complete it.

    `of_request` words speak of the request as a whole, of which an entry of a list knows nothing. A word that `yields`
    is younger than packs that may have a fact of that name: theirs is meant then.
    """

    name: str
    read: Callable[[ConditionReader, Node], Condition]
    schema: Schema
    of_request: bool = False
    yields: bool = False


@dataclass(frozen=True, slots=True)
class FactForm:
    """How a test of a fact is written, by the kind of the fact."""

    read: Callable[[ConditionReader, Fact, Node], Condition]
    schema: Schema


@dataclass(frozen=True, slots=True)
class ListForm:
    """A way to test a list: the key that tells it (none for a count of entries), and the keys that go with it."""

    word: str
    keys: tuple[str, ...]
    read: Callable[[ConditionReader, Fact, Node, Mapping[str, Node]], Condition]
    schema: Mapping[str, Schema]
