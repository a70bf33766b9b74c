"""What reads well and still cannot be meant: a criterion that nobody can meet or fail, a redirect that never happens.

`problems` are mistakes, each at its file, line and path; `remarks` are things that nothing uses, and what the newest
edition of the language would change. Both are decided by trying every way in which the facts can turn out, never by
guess: where the ways are too many to try (lists, changes between two numbers, dates held against a day and the
request's date at once) each test counts as free, so that a problem may be missed and none is made up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from utilization.rules.diagram.growth import TooLarge, grow
from utilization.rules.diagram.questions import leaves
from utilization.rules.diagram.restriction import restricted
from utilization.rules.facts.catalogue import CATALOGUE, Fact
from utilization.rules.facts.values import NOT_KNOWN
from utilization.rules.judging.dose_words import contradicted
from utilization.rules.judging.newer_edition import newer_edition
from utilization.rules.language.composites import (
    AllOf,
    Always,
    AnyOf,
    Composite,
    Not,
    all_tests,
    facts_named,
    fold,
)
from utilization.rules.language.dated import IsDated
from utilization.rules.language.entries import field_catalogue
from utilization.rules.language.mentions import Mentions
from utilization.rules.language.mentions_words import MentionsWords
from utilization.rules.language.node import Condition, Test
from utilization.rules.language.one_of import IsOneOf
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import variables_of
from utilization.rules.packs.pack import Cap, Clause, Duty, Indication, NotCovered, Pack, Redirect, WarningRule
from utilization.rules.yaml_lines import Node, read_yaml

_MOST_WORDS = 12
_MOST_TEXTS = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that cannot be meant, where it stands; `line` counts from 1, `path` leads to it within the file."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.message}"


def problems(pack: Pack) -> list[Problem]:
    """Every mistake that the reader lets pass, in the order of the pack."""
    places = _Places(pack.files)
    found: list[Problem] = []
    for indication in pack.indications.values():
        if not indication.standing:
            found += _of_clauses(indication, pack.catalogue, places)
            found += _of_indication(indication, pack.catalogue, places)
            found += _of_approval(indication, pack.catalogue, places)
    found += _of_names(pack, places)
    found += _of_own_choices(places)
    found += _of_redirects(pack, places)
    found += _of_conditions(pack, places)
    found += _of_examples(pack, places)
    return found


# --- Whether facts can make a condition true -------------------------------------------------------------------------


def can_hold(condition: Condition, catalogue: Mapping[str, Fact] = CATALOGUE) -> bool:
    """Whether some facts make the condition true.

    A condition whose diagram takes more steps than any policy needs counts as one that can hold.
    """
    fails = Clause("", "", Always(True), Not(_freed(condition, catalogue)), Outcome.DOES_NOT_MEET)
    try:
        diagram = grow((fails,), variables_of((fails,), catalogue))
    except TooLarge:
        return True
    return Outcome.DOES_NOT_MEET in leaves(restricted(diagram, {}, lambda facts: {}))


def _freed(condition: Condition, catalogue: Mapping[str, Fact]) -> Condition:
    """The condition with a free truth in place of each test whose ways are too many to try."""
    tests = list(dict.fromkeys(all_tests(condition)))
    free = {test: IsOneOf(f"free {place}", frozenset({True})) for place, test in enumerate(tests)}
    many = _dated_both_ways(tests) | _with_many_words(tests)

    def of_test(test: Test) -> Condition:
        if test.is_free or not many.isdisjoint(test.reads):
            return _free(test, free[test], catalogue)
        return test

    def of_composite(composite: Composite, inner: Iterable[Condition]) -> Condition:
        if composite.asks:
            return composite.over(tuple(inner))
        # What counts only when known may be known or not, whatever else is.
        return AllOf((IsOneOf(f"known {composite}", frozenset({True})), *inner))

    return fold(condition, of_test, of_composite)


def _free(test: Test, free: IsOneOf, catalogue: Mapping[str, Fact]) -> Condition:
    """Free, but for a list of which no entry can ever fit."""
    fits = all(can_hold(inside, field_catalogue(catalogue[test.reads[0]])) for inside in test.of_entries())
    return free if fits else Always(test.when_never())


def _dated_both_ways(tests: Iterable[Any]) -> set[str]:
    """Dates held against a day as well as against the request's date, which may be any."""
    dated = [test for test in tests if isinstance(test, IsDated)]
    return {test.fact for test in dated if test.by_day} & {test.fact for test in dated if test.by_request}


def _with_many_words(tests: Iterable[Any]) -> set[str]:
    texts: dict[str, list[Test]] = {}
    for test in tests:
        if isinstance(test, Mentions | MentionsWords):
            texts.setdefault(test.fact, []).append(test)
    return {
        fact for fact, of in texts.items()
        if len(of) > _MOST_TEXTS or len({word for test in of for word in test.looked_for()}) > _MOST_WORDS
    }  # fmt: skip


# --- Clauses, indications, caps --------------------------------------------------------------------------------------


def _of_clauses(indication: Indication, catalogue: Mapping[str, Fact], places: "_Places") -> Iterator[Problem]:
    for clause in indication.clauses:
        message = _wrong_with(clause, catalogue) or _never_known(clause, indication)
        message = message or contradicted(clause, indication.dose)
        if message:
            path = places.clause(clause.file, clause.line)
            yield Problem(clause.file, clause.line, path, f"{clause.id}: {message}")


def _wrong_with(clause: Clause, catalogue: Mapping[str, Fact]) -> str:
    if not can_hold(clause.when, catalogue):
        return "never applies: no facts make its 'when' hold. Correct 'when', or leave the clause out"
    written = isinstance(clause.require, Always)
    if not written and not can_hold(AllOf((clause.when, clause.require)), catalogue):
        return (
            "can never be met: where it applies, no facts make its 'require' hold. Correct it, or write "
            "'require: never' if that is meant"
        )
    if not written and not can_hold(AllOf((clause.when, Not(clause.require))), catalogue):
        return (
            "never fails: where it applies, its 'require' always holds. Correct it, or write 'require: always' if it is"
            " there to be read only"
        )
    return ""


def _never_known(clause: Clause, indication: Indication) -> str:
    names = {*facts_named(clause.when), *facts_named(clause.require)}
    if "dose_within_ceiling" in names and indication.dose.ceiling is None:
        return "reads dose_within_ceiling, which is never known here: write 'dose: {ceiling: 2 g/kg}' at the indication"
    return ""


def _of_indication(indication: Indication, catalogue: Mapping[str, Fact], places: "_Places") -> Iterator[Problem]:
    """An indication that nobody can meet although no clause says so: criteria that exclude each other."""
    deciding = [clause for clause in indication.clauses if clause.otherwise is not None]
    ways = [_way_to_meet(clause) for clause in deciding]
    if any(not can_hold(way, catalogue) for way in ways) or can_hold(AllOf(tuple(ways)), catalogue):
        return
    against = list(deciding)
    for clause in deciding:
        fewer = [one for one in against if one is not clause]
        if not can_hold(AllOf(tuple(_way_to_meet(one) for one in fewer)), catalogue):
            against = fewer
    node = places.criteria(indication.code)
    named = ", ".join(clause.id for clause in against)
    told = f"{indication.code} can never meet: {named} exclude each other. Correct one, or put it under not_supported"
    yield Problem(node.file, node.line, node.path, told)


def _way_to_meet(clause: Clause) -> Condition:
    return AnyOf((Not(clause.when), clause.require))


def _of_approval(indication: Indication, catalogue: Mapping[str, Fact], places: "_Places") -> Iterator[Problem]:
    keys = places.criteria(indication.code).mapping()
    dose = keys["dose"].mapping() if "dose" in keys else {}
    own_phases = dose["phases"].items() if "phases" in dose else ()
    for phase, node in zip(indication.dose.phases, own_phases, strict=False):
        when: Any = phase.when
        if not can_hold(when, catalogue):
            yield _at(node, "never applies: no facts make its 'when' hold. Correct 'when', or leave it out")
    parts: tuple[tuple[str, Sequence[Cap | Duty]], ...] = (("caps", indication.caps), ("duties", indication.duties))
    for section, rules in parts:
        for rule, node in zip(rules, keys[section].items() if section in keys else (), strict=True):
            if not can_hold(rule.when, catalogue):
                told = "never applies: no facts make its 'when' hold. Correct 'when', or leave it out"
                yield _at(node, f"{rule.id}: {told}")
            if isinstance(rule, Cap) and rule.months is not None and rule.months < 1:
                told = "an approval is limited to 1 month or more. Write so, or limit it in courses"
                yield _at(node, f"{rule.id}: {told}")


def _of_names(pack: Pack, places: "_Places") -> Iterator[Problem]:
    """An indication of which a name stands under what is not covered too: a search would find both."""
    silent = {name: other for other in pack.not_covered.values() for name in _names(other)}
    for node in places.all_of("indications"):
        code = node.mapping()["code"].text()
        indication = pack.indications.get(code)
        both = [name for name in _names(indication) if name in silent] if indication else []
        if both:
            other = places.of_code("not_covered", silent[both[0]].code)
            where = f"{other.file}, line {other.line}" if other else "not_covered"
            told = f"{code}: {both[0]!r} is a name under not_covered too ({where}). Take it, or that entry, out"
            yield _at(node, told)


def _names(entry: Indication | NotCovered) -> list[str]:
    """Its names, without regard to capitals. Codes and abbreviations are shared by diseases that differ."""
    return [name.casefold() for name in (entry.name, *entry.also_called)]


def _of_own_choices(places: "_Places") -> Iterator[Problem]:
    """A choice that the form has for every fact already."""
    for node in places.all_of("facts"):
        choices = node.mapping().get("choices")
        codes = {} if choices is None else choices.value
        if NOT_KNOWN in codes or any(getattr(code, "value", code) == NOT_KNOWN for code in codes):
            told = f"the form offers {NOT_KNOWN} for every fact already. Take the choice out, or give it another code"
            yield _at(node, told)


# --- Redirects, warnings, defaults -----------------------------------------------------------------------------------


def _of_redirects(pack: Pack, places: "_Places") -> Iterator[Problem]:
    nodes = places.all_of("redirects")
    for place, (redirect, node) in enumerate(zip(pack.redirects, nodes, strict=True)):
        message = _wrong_with_redirect(redirect, pack.redirects[:place], pack.catalogue)
        if message:
            yield _at(node, f"never happens: {message}")


def _wrong_with_redirect(redirect: Redirect, earlier: Sequence[Redirect], catalogue: Mapping[str, Fact]) -> str:
    others = redirect.indications - {redirect.to}
    if not others:
        return f"it leads from no other indication to {redirect.to}. Name those that it leads from"
    if not can_hold(redirect.when, catalogue):
        return "no facts make its 'when' hold. Correct 'when', or leave it out"
    read = set(facts_named(redirect.when))
    if all(_taken_before(redirect, code, earlier, read, catalogue) for code in others):
        return "one before it is taken wherever it would hold. Put it first, or leave it out"
    return ""


def _taken_before(
    redirect: Redirect, code: str, earlier: Sequence[Redirect], read: set[str], catalogue: Mapping[str, Fact]
) -> bool:
    # One that reads further facts is not taken while those are unknown.
    before = [one.when for one in earlier if code in one.indications and set(facts_named(one.when)) <= read]
    return bool(before) and not can_hold(AllOf((redirect.when, Not(AnyOf(tuple(before))))), catalogue)


def _of_conditions(pack: Pack, places: "_Places") -> Iterator[Problem]:
    for section, conditions, told in (
        ("warnings", [_raised(rule, pack) for rule in pack.warnings], "is never raised"),
        ("routes", [rule.when for rule in pack.routes], "is never taken"),
        ("defaults", [default.when for default in pack.defaults], "is never used"),
    ):
        for when, node in zip(conditions, places.all_of(section), strict=True):
            if not can_hold(when, pack.catalogue):
                yield _at(node, f"{told}: no facts make its 'when' hold. Correct 'when', or leave it out")


def _raised(rule: WarningRule, pack: Pack) -> Condition:
    """Where a warning is raised: one without a condition of its own wherever a clause raises it."""
    clauses = (clause for indication in pack.indications.values() for clause in indication.clauses)
    named = rule.when == Always(False) and any(clause.warns == rule.code for clause in clauses)
    return Always(True) if named else rule.when


def _of_examples(pack: Pack, places: "_Places") -> Iterator[Problem]:
    codes = [*pack.indications, *pack.not_covered]
    for example, node in zip(pack.examples, places.all_of("examples"), strict=True):
        if example.indication not in codes:
            near = get_close_matches(example.indication, codes, n=1)
            hint = f"; did you mean {near[0]}?" if near else ". To show that the pack is silent, name it in not_covered"
            at = node.mapping()["indication"]
            yield _at(at, f"unknown indication {example.indication!r}: expected a code of the pack{hint}")


# --- What nothing uses -----------------------------------------------------------------------------------------------


def remarks(pack: Pack) -> list[Problem]:
    """What a newer edition of the language would change, and what nothing uses; none of it is wrong."""
    places = _Places(pack.files)
    used = places.words_outside("examples", "facts", "statements", "sources", "conditions", "fragments")
    within = places.used_by_name()
    cited = {statement.source for statement in pack.statements.values()}
    newer = newer_edition(pack)
    found = [_at(places.head, newer)] if newer else []
    for section, key, names in (
        ("conditions", "id", within),
        ("fragments", "id", within),
        ("facts", "name", used | places.words_of("conditions") | places.words_of("fragments")),
        ("statements", "id", used | places.words_of("fragments")),
        ("sources", "id", cited),
    ):
        for node in places.all_of(section):
            at = node.mapping()[key]
            if at.text() not in names:
                found.append(_at(at, f"{at.text()} is used by nothing"))
    return found


# --- Where things stand ----------------------------------------------------------------------------------------------


class _Places:
    """The pack's text as trees, to find file, line and path of what was read from it."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._sections: dict[str, list[Node]] = {}
        for path in sorted(files):
            for name, node in read_yaml(files[path], path).mapping().items():
                self._sections.setdefault(name, []).append(node)
        self._clauses: dict[tuple[str, int], str] = {}
        for section in ("criteria", "fragments"):
            for item in self.all_of(section):
                clauses = item.mapping().get("clauses")
                for node in clauses.items() if clauses else ():
                    self._clauses.setdefault((node.file, node.line), node.path)

    def all_of(self, section: str) -> list[Node]:
        return [item for node in self._sections.get(section, []) for item in node.items()]

    @property
    def head(self) -> Node:
        return self._sections["pack"][0]

    def clause(self, file: str, line: int) -> str:
        return self._clauses[file, line]

    def of_code(self, section: str, code: str) -> Node | None:
        return next((node for node in self.all_of(section) if node.mapping()["code"].text() == code), None)

    def criteria(self, code: str) -> Node:
        return next(node for node in self.all_of("criteria") if node.mapping()["indication"].text() == code)

    def words_of(self, section: str) -> set[str]:
        """Every key and every text of a section."""
        found: set[str] = set()
        for root in self._sections.get(section, []):
            for node in root.walk():
                if isinstance(node.value, dict):
                    found |= node.value.keys()
                elif isinstance(node.value, str):
                    found.add(" ".join(node.value.split()))
        return found

    def words_outside(self, *sections: str) -> set[str]:
        return {word for name in self._sections if name not in sections for word in self.words_of(name)}

    def used_by_name(self) -> set[str]:
        """Every name that stands after `use`."""
        found: set[str] = set()
        for roots in self._sections.values():
            for root in roots:
                for node in root.walk():
                    if isinstance(node.value, dict) and "use" in node.value:
                        found.add(node.value["use"].written())
        return found


def _at(node: Node, message: str) -> Problem:
    return Problem(node.file, node.line, node.path, message)
