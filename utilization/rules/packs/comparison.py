"""Two packs clause by clause, in words: what the second adds, takes away and says otherwise.

Indications are matched by code. Clauses are matched by id and, where two packs name theirs otherwise, by the facts that
they test: the age limit of the one stands beside the age limit of the other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from utilization.rules.facts.catalogue import CATALOGUE, Fact
from utilization.rules.facts.values import plain
from utilization.rules.language.composites import facts_named, in_words
from utilization.rules.language.node import Catalogue
from utilization.rules.language.words import Words, sentence
from utilization.rules.packs.pack import Clause, Default, Indication, NotCovered, Pack, Redirect, RouteRule, WarningRule

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
NOTHING = Words("–")
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
    """All that differs between two packs. `general` is what no single indication owns; `same` counts the indications
    that are equal in both.
    """

    head: tuple[PackDifference, ...]
    indications: tuple[IndicationChange, ...]
    general: tuple[Entry, ...]
    same: int

    @property
    def clauses(self) -> dict[str, int]:
        """How many clauses and other entries of indications are added, removed and changed."""
        kinds = [entry.kind for one in self.indications for entry in one.entries]
        return {kind: kinds.count(kind) for kind in (ADDED, REMOVED, CHANGED)}

    @property
    def equal(self) -> bool:
        """Whether nothing that judges or is said differs."""
        return not (self.indications or self.general)


Said = Mapping[str, Words]


def compare(old: Pack, new: Pack) -> Comparison:
    """How `new` differs from `old`."""
    codes = [*new.indications, *(code for code in old.indications if code not in new.indications)]
    found = [_indication(old, new, code) for code in codes]
    changed = tuple(one for one in found if one is not None)
    return Comparison(
        head=_differences(_head(old), _head(new)),
        indications=changed,
        general=tuple(_general(old, new)),
        same=len(found) - len(changed),
    )


def _head(pack: Pack) -> Said:
    return {"Name": Words(pack.name), "Version": Words(pack.version), "Title": Words(pack.title)}


def _indication(old: Pack, new: Pack, code: str) -> IndicationChange | None:
    before, after = old.indications.get(code), new.indications.get(code)
    # What a new one says of dose, names and codes judges as its clauses do, so it is read before it is signed.
    said = _own(before, old.catalogue) if before else {}
    says = _own(after, new.catalogue) if after else {}
    differences = _differences(said, says)
    entries = tuple(_clauses(old, new, before, after))
    if before and after and not (differences or entries):
        return None
    known = after or before
    assert known is not None, "the code comes from one of the two packs"
    return IndicationChange(_kind(before, after), code, known.title, differences, entries)


def _own(indication: Indication, catalogue: Catalogue) -> Said:
    """What an indication says beside its clauses."""
    dose = indication.dose
    said = {
        "Name": _text(indication.name),
        "Abbreviation": _text(indication.abbreviation),
        "Also called": _list(indication.also_called),
        "ICD-10-CM codes": _list(code.code for code in indication.icd10cm),
        "Silent on": _list(indication.silent_on),
        "Standing": _text(_shown(indication.standing).replace("_", " ")),
        "Evidence of the dose": _list(dose.evidence),
    }
    for name in dose.__dataclass_fields__:
        if name not in ("evidence", "phases", "phase"):
            unit = " g/kg" if name in ("ceiling", "target") and getattr(dose, name) is not None else ""
            said[f"Dose: {name.replace('_', ' ')}"] = _text(_shown(getattr(dose, name)) + unit)
    for phase in dose.phases:
        amounts = (("ceiling", phase.ceiling), ("target", phase.target))
        said_of = [f"{what} {_shown(amount)} g/kg" for what, amount in amounts if amount is not None]
        when: Any = phase.when
        said[f"Dose, {phase.says}"] = _text(f"{', '.join(said_of)} where {sentence(in_words(when, catalogue))}")
    return said


def _clauses(old: Pack, new: Pack, before: Indication | None, after: Indication | None) -> Iterable[Entry]:
    one = list(before.clauses) if before else []
    other = list(after.clauses) if after else []
    for was, now in _matched(one, other):
        yield from _entry(was, now, lambda clause, pack: _clause(clause, pack.catalogue), old, new)
    for part, say in (("caps", _cap), ("duties", _duty)):
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


def _clause(clause: Clause, catalogue: Catalogue) -> Said:
    return {
        "Says": _text(clause.says),
        "Applies where": in_words(clause.when, catalogue),
        "Requires": in_words(clause.require, catalogue),
        "Otherwise": _text(_shown(clause.otherwise).replace("_", " ")),
        "Awaits": _text(clause.awaits),
        "Warns": _text(clause.warns.replace("_", " ")),
        "To meet it": _text(clause.to_meet),
        "Evidence": _list(clause.evidence),
        "Local parameter": _text(clause.local),
    }


def _cap(cap: Any, pack: Pack) -> Said:
    return {
        "Says": _text(cap.says),
        "At most": _text(cap.most),
        "Applies where": in_words(cap.when, pack.catalogue),
        "Evidence": _list(cap.evidence),
        "Local parameter": _text(cap.local),
    }


def _duty(duty: Any, pack: Pack) -> Said:
    return {
        "Says": _text(duty.says),
        "After": _text("" if duty.after_months is None else f"{_shown(duty.after_months)} months"),
        "Applies where": in_words(duty.when, pack.catalogue),
        "Evidence": _list(duty.evidence),
        "Local parameter": _text(duty.local),
    }


def _route(rule: RouteRule, pack: Pack) -> Said:
    sets = rule.sets
    return {
        "Says": _text(sets.says),
        "Indications": _scope(rule.indications),
        "Where": in_words(rule.when, pack.catalogue),
        "Outcomes": _list(sorted(one.replace("_", " ") for one in rule.outcomes or ())),
        "Approvals": _list(sets.approvals or ()),
        "Panel": _text(sets.panel),
        "Priority": _text(sets.priority),
        "Clock": _text(sets.clock or ("" if sets.hours is None else f"{sets.hours} hours")),
        "Evidence": _list(rule.evidence),
        "Local parameter": _text(rule.local),
    }


def _general(old: Pack, new: Pack) -> Iterable[Entry]:
    """What concerns several indications, or none."""
    for read, say in _GENERAL:
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
    """The facts that the pack brings itself."""
    return {f"fact {name}": fact for name, fact in pack.catalogue.items() if name not in CATALOGUE}


def _fact(fact: Fact, pack: Pack) -> Said:
    return {
        "Label": _text(fact.label),
        "Kind": _text(fact.kind.value.replace("_", " ")),
        "Unit": _text(fact.unit),
        "Choices": _list(str(words) for words in fact.choices.values()),
        "True on its day alone": _text("yes" if fact.of_its_day else "no"),
        "Possible": _text(" to ".join(_shown(bound) or "…" for bound in fact.possible) if any(fact.possible) else ""),
    }


def _not_covered(one: NotCovered, pack: Pack) -> Said:
    return {"Name": _text(one.title), "Also called": _list(one.also_called)}


def _redirect(rule: Redirect, pack: Pack) -> Said:
    return {
        "Says": _text(rule.says),
        "Requests for": _list(sorted(rule.indications)),
        "Where": in_words(rule.when, pack.catalogue),
        "Evidence": _list(rule.evidence),
    }


def _default(rule: Default, pack: Pack) -> Said:
    return {
        "Says": _text(rule.says),
        "Value": _text(_shown(rule.value)),
        "Where": in_words(rule.when, pack.catalogue),
        "Indications": _scope(rule.indications),
        "Evidence": _list(rule.evidence),
    }


def _warning(rule: WarningRule, pack: Pack) -> Said:
    return {
        "Says": _text(rule.says),
        "Title": _text(rule.title),
        "Must be acknowledged": _text(("yes" if rule.acknowledge else "no") if rule.title else ""),
        "Raised where": in_words(rule.when, pack.catalogue),
        "Indications": _scope(rule.indications),
        "Evidence": _list(rule.evidence),
        "Local parameter": _text(rule.local),
    }


def _statement(one: Any, pack: Pack) -> Said:
    return {
        "Says": _text(one.says),
        "Source": _text(one.source),
        "Place": _text(one.where),
        "Strength": _text(one.strength.replace("_", " ")),
        "Effect": _text(one.effect.replace("_", " ")),
        "Note": _text(one.note),
    }


def _source(one: Any, pack: Pack) -> Said:
    return {
        "Cited as": _text(one.short),
        "Authors": _text(one.authors),
        "Title": _text(one.title),
        "Published": _text(f"{one.published}, {one.year}"),
    }


def _edition(edition: int, pack: Pack) -> Said:
    return {"Says": _text(f"Its words are read by edition {edition} of the criteria language.")}


def _changeable(names: Sequence[str], pack: Pack) -> Said:
    return {"Facts": _list(names)}


_GENERAL: tuple[tuple[Callable[[Pack], Mapping[str, Any]], Callable[[Any, Pack], Said]], ...] = (
    (lambda pack: {EDITION: pack.edition}, _edition),
    (_own_facts, _fact),
    (lambda pack: {f"not covered: {code}": one for code, one in pack.not_covered.items()}, _not_covered),
    (lambda pack: _numbered("judged as another", pack.redirects, "to"), _redirect),
    (lambda pack: _numbered("taken for granted", pack.defaults, "fact"), _default),
    (lambda pack: _numbered("warning", pack.warnings, "code"), _warning),
    (lambda pack: {f"route {n}": rule for n, rule in enumerate(pack.routes, start=1)}, _route),
    (lambda pack: {f"statement {key}": one for key, one in pack.statements.items()}, _statement),
    (lambda pack: {f"source {key}": one for key, one in pack.sources.items()}, _source),
    (lambda pack: {"what can still be changed": pack.changeable}, _changeable),
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


def _text(text: str) -> Words:
    return Words(text) if text else NOTHING


def _list(items: Iterable[str]) -> Words:
    return _text(", ".join(items))


def _scope(indications: frozenset[str] | None) -> Words:
    return Words("every one") if indications is None else _list(sorted(indications))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, Decimal) else str(value)
