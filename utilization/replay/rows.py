"""One request of a history as replay sees it: facts without anything that names a person."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from utilization.replay.masked_text import STATED, masked
from utilization.rules.columns.sql import words_of
from utilization.rules.dosing.products import find_product
from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.values import BadInput, Facts, named_in, read_facts
from utilization.rules.judging.judge import ReferenceTables
from utilization.rules.language.editions import FIRST
from utilization.rules.language.mentions import folded
from utilization.rules.packs.pack import Pack

HISTORY, OPEN, AUTHORIZATION = "history", "open", "authorization"


@dataclass(frozen=True, slots=True)
class Row:
    """A request as filed. `uid` is its only key; `facts` are JSON values by name; `judged` the outcome of that day.

    `grams` are those of a course, where they are known; `kind` is history, open (not yet decided) or authorization (an
    approval that is still live).
    """

    uid: str
    indication: str
    as_of: date
    facts: Mapping[str, Any]
    grams: Decimal | None = None
    kind: str = HISTORY
    judged: str = ""


def facts_under(catalogue: Mapping[str, Fact], facts: Mapping[str, Any]) -> Facts:
    """The facts of a row as a pack knows them: what its catalogue has not, or cannot hold, is unknown."""
    raw = named_in(catalogue, facts)
    try:
        return read_facts(raw, catalogue=catalogue)
    except BadInput:
        found: dict[str, Any] = {}
        for name, value in raw.items():
            try:
                found.update(read_facts({name: value}, catalogue=catalogue))
            except BadInput:
                continue
        return Facts(found)


WordsByEdition = Mapping[int, frozenset[str]]
"""The words for which packs look in texts, by the edition of the language in which they do."""
_Told = Callable[[str], str]


def words_by_edition(packs: Iterable[Pack]) -> WordsByEdition:
    """The words for which these packs look."""
    found: dict[int, frozenset[str]] = {}
    for pack in packs:
        found[pack.edition] = found.get(pack.edition, frozenset()) | words_of(pack)
    return found


def facts_kept(facts: Mapping[str, Any], packs: Sequence[Pack], words: WordsByEdition, tables: ReferenceTables) -> str:
    """What a history keeps of `facts` (JSON values), as JSON: by edition, since each finds other words in one text."""
    told = {edition: _told_by(edition, of_edition) for edition, of_edition in words.items()}
    return json.dumps({edition: nameless(facts, packs, tell, tables) for edition, tell in told.items()},
                      separators=(",", ":"))  # fmt: skip


def facts_read(kept: str, pack: Pack) -> Mapping[str, Any]:
    """The facts in what was kept of them, for a pack; one that looks for no words is served by any edition's."""
    by_edition: dict[str, Mapping[str, Any]] = json.loads(kept)
    return by_edition.get(str(pack.edition)) or next(iter(by_edition.values()))


def _told_by(edition: int, words: frozenset[str]) -> _Told:
    return partial(_words_in if edition == FIRST else masked, words=words)


def nameless(facts: Mapping[str, Any], packs: Iterable[Pack], tell: _Told, tables: ReferenceTables) -> dict[str, Any]:
    """`facts` (JSON values) with nothing left of a text but what `tell` does: the words for which criteria look in it.

    A product that the table knows stays, and so does a text that is such a word as a whole. What no pack knows is left
    out.
    """
    catalogue: dict[str, Fact] = {}
    for pack in packs:
        catalogue = {**pack.catalogue, **catalogue, **_with_every_field(catalogue, pack.catalogue)}
    kept: dict[str, Any] = {}
    for name, value in facts.items():
        fact = catalogue.get(name)
        if fact is None or value is None:
            continue
        if name == "product":
            kept[name] = value if find_product(tables.products, value) else STATED
        elif fact.kind is Kind.TEXT:
            kept[name] = tell(value)
        elif fact.kind is Kind.LIST_RECORD:
            kept[name] = [_entry(fact, entry, tell) for entry in value]
        else:
            kept[name] = value
    return kept


def _with_every_field(one: Mapping[str, Fact], other: Mapping[str, Fact]) -> dict[str, Fact]:
    """The lists that both know, with the fields of both."""
    both = ((fact, other[name]) for name, fact in one.items() if name in other and other[name] is not fact)
    return {fact.name: replace(fact, fields={**second.fields, **fact.fields}) for fact, second in both
            if fact.kind is second.kind is Kind.LIST_RECORD}  # fmt: skip


def _entry(fact: Fact, entry: Mapping[str, Any], tell: _Told) -> dict[str, Any]:
    return {
        name: tell(value) if fact.fields[name].kind is Kind.TEXT and value is not None else value
        for name, value in entry.items()
        if name in fact.fields
    }


def _words_in(text: str, words: frozenset[str]) -> str:
    """The words that `text` mentions, between dots, so that none but a text that is one word equals that word."""
    stated = folded(text)
    if text in words or not stated:
        return text
    if any(folded(word) == stated for word in words):
        return stated
    between = f" {STATED} "
    return between.join(["", *sorted(word for word in words if folded(word) in stated), ""]).strip()
