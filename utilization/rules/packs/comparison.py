"""Two packs clause by clause, in words: what the second adds, takes away and says otherwise.

Indications are matched by code. Clauses are matched by id and, where two packs name theirs otherwise, by the facts that
they test: the age limit of the one stands beside the age limit of the other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.therapy_table import THERAPIES
from utilization.rules.language.composites import facts_named
from utilization.rules.language.words import Words
from utilization.rules.packs.pack import Clause, Indication, Pack
from utilization.rules.packs.part_words import (
    NOTHING,
    Said,
    cap_words,
    changeable_words,
    clause_words,
    default_words,
    duty_words,
    edition_words,
    fact_words,
    head_words,
    indication_words,
    not_covered_words,
    redirect_words,
    route_words,
    source_words,
    statement_words,
    therapy_words,
    unlisted_words,
    warning_words,
)

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
EDITION = "edition of the language"
"""The id of the entry that tells that two packs are of two editions."""


@dataclass(frozen=True, slots=True)
class PackDifference:
    """One thing that differs: what it is, and how either pack has it."""

    what: str
    old: Words
    new: Words


@dataclass(frozen=True, slots=True)
class Entry:
    """One clause, cap, warning or other entry: added, removed or changed, with all that differs in it."""

    kind: str
    title: str
    id: str
    differences: tuple[PackDifference, ...]


@dataclass(frozen=True, slots=True)
class IndicationChange:
    """An indication that is added, removed or changed: its own properties, then its entries."""

    kind: str
    code: str
    title: str
    differences: tuple[PackDifference, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two packs. `general` is what no single indication owns, `cited` the statements and their
    sources; `same` counts the indications that are equal in both.
    """

    head: tuple[PackDifference, ...]
    indications: tuple[IndicationChange, ...]
    general: tuple[Entry, ...]
    cited: tuple[Entry, ...]
    same: int

    @property
    def clauses(self) -> dict[str, int]:
        """How many clauses and other entries of indications are added, removed and changed."""
        kinds = [entry.kind for one in self.indications for entry in one.entries]
        return {kind: kinds.count(kind) for kind in (ADDED, REMOVED, CHANGED)}

    @property
    def equal(self) -> bool:
        """Whether nothing that judges or is said differs."""
        return not (self.indications or self.general or self.cited)


def compare(old: Pack, new: Pack) -> Comparison:
    """How `new` differs from `old`."""
    codes = [*new.indications, *(code for code in old.indications if code not in new.indications)]
    found = [_indication(old, new, code) for code in codes]
    changed = tuple(one for one in found if one is not None)
    return Comparison(
        head=_differences(head_words(old), head_words(new)),
        indications=changed,
        general=tuple(_general(old, new, _GENERAL)),
        cited=tuple(_general(old, new, _CITED)),
        same=len(found) - len(changed),
    )


def _indication(old: Pack, new: Pack, code: str) -> IndicationChange | None:
    before, after = old.indications.get(code), new.indications.get(code)
    # What a new one says of dose, names and codes judges as its clauses do, so it is read before it is signed.
    said = indication_words(before, old.catalogue) if before else {}
    says = indication_words(after, new.catalogue) if after else {}
    differences = _differences(said, says)
    entries = tuple(_clauses(old, new, before, after))
    if before and after and not (differences or entries):
        return None
    known = after or before
    assert known is not None, "the code comes from one of the two packs"
    return IndicationChange(_kind(before, after), code, known.title, differences, entries)


def _clauses(old: Pack, new: Pack, before: Indication | None, after: Indication | None) -> Iterable[Entry]:
    one = list(before.clauses) if before else []
    other = list(after.clauses) if after else []
    for was, now in _matched(one, other):
        yield from _entry(was, now, lambda clause, pack: clause_words(clause, pack.catalogue), old, new)
    for part, say in (("caps", cap_words), ("duties", duty_words)):
        held, holds = ({rule.id: rule for rule in getattr(side, part)} if side else {} for side in (before, after))
        yield from _by_key(held, holds, say, old, new)


def _matched(one: Sequence[Clause], other: Sequence[Clause]) -> list[tuple[Clause | None, Clause | None]]:
    """Each clause beside its counterpart, in the new pack's order; those without one stand alone."""
    left = {clause.id: clause for clause in one}
    pairs: dict[str, Clause | None] = {clause.id: left.pop(clause.id, None) for clause in other}
    for clause in other:
        if pairs[clause.id] is None:
            tests = _tests(clause)
            alike = [found for found in left.values() if tests and _tests(found) == tests]
            if len(alike) == 1:
                pairs[clause.id] = left.pop(alike[0].id)
    return [*((pairs[clause.id], clause) for clause in other), *((clause, None) for clause in left.values())]


def _tests(clause: Clause) -> frozenset[str]:
    return frozenset(facts_named(clause.require))


def _general(old: Pack, new: Pack, kinds: "_Kinds") -> Iterable[Entry]:
    """What concerns several indications, or none."""
    for read, say in kinds:
        yield from _by_key(read(old), read(new), say, old, new)


def _numbered(what: str, rules: Sequence[Any], name: str) -> dict[str, Any]:
    """`rules` under the values of their field `name`; the second of a value is numbered 2."""
    found: dict[str, Any] = {}
    for rule in rules:
        key, number = f"{what}: {getattr(rule, name)}", 1
        while key in found:
            number += 1
            key = f"{what}: {getattr(rule, name)} ({number})"
        found[key] = rule
    return found


def _own_facts(pack: Pack) -> dict[str, Any]:
    """The facts that the pack brings itself, and those to which it adds fields."""
    return {f"fact {name}": fact for name, fact in pack.catalogue.items() if fact is not CATALOGUE.get(name)}


def _own_therapies(pack: Pack) -> dict[str, Any]:
    """The therapies that the pack brings itself, and those to which it adds spellings."""
    known = THERAPIES.therapies
    return {f"therapy {name}": own for name, own in pack.therapies.therapies.items() if own != known.get(name)}


_Kinds = tuple[tuple[Callable[[Pack], Mapping[str, Any]], Callable[[Any, Pack], Said]], ...]
_GENERAL: _Kinds = (
    (lambda pack: {EDITION: pack.edition}, edition_words),
    (_own_facts, fact_words),
    (_own_therapies, therapy_words),
    (lambda pack: {f"not covered: {code}": one for code, one in pack.not_covered.items()}, not_covered_words),
    (lambda pack: _numbered("judged as another", pack.redirects, "to"), redirect_words),
    (lambda pack: _numbered("taken for granted", pack.defaults, "fact"), default_words),
    (lambda pack: _numbered("warning", pack.warnings, "code"), warning_words),
    (lambda pack: {f"route {n}": rule for n, rule in enumerate(pack.routes, start=1)}, route_words),
    (lambda pack: {"what can still be changed": pack.changeable}, changeable_words),
    (lambda pack: {"uses that it does not list": pack.unlisted}, unlisted_words),
)
_CITED: _Kinds = (
    (lambda pack: {f"statement {key}": statement for key, statement in pack.statements.items()}, statement_words),
    (lambda pack: {f"source {key}": source for key, source in pack.sources.items()}, source_words),
)


def _by_key(before: Mapping[str, Any], after: Mapping[str, Any], say: Any, old: Pack, new: Pack) -> Iterable[Entry]:
    for key in [*after, *(key for key in before if key not in after)]:
        yield from _entry(before.get(key), after.get(key), say, old, new, key)


def _entry(was: Any, now: Any, say: Any, old: Pack, new: Pack, key: str = "") -> Iterable[Entry]:
    said = say(was, old) if was is not None else {}
    says = say(now, new) if now is not None else {}
    differences = _differences(said, says)
    if differences:
        title = (says or said).get("Says", Words(key))
        yield Entry(_kind(was, now), title.text, key or (now or was).id, differences)


def _differences(old: Said, new: Said) -> tuple[PackDifference, ...]:
    return tuple(
        PackDifference(what, old.get(what, NOTHING), new.get(what, NOTHING))
        for what in dict.fromkeys([*old, *new])
        if old.get(what, NOTHING) != new.get(what, NOTHING)
    )


def _kind(was: Any, now: Any) -> str:
    return ADDED if was is None else REMOVED if now is None else CHANGED
