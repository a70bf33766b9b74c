"""Text to a pack and back to people: every error names file, line, path and what was expected.

A pack is a folder of YAML files (or one file with the same keys). The sections are merged over all files.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from utilization.rules.diagram.growth import Diagram, TooLarge, grow
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, Kind
from utilization.rules.language.composites import ALWAYS, Always
from utilization.rules.language.editions import read_edition
from utilization.rules.language.node import Condition
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Variable, variables_of
from utilization.rules.packs import keys as keys_of
from utilization.rules.packs.clauses import ClauseReader
from utilization.rules.packs.conditions import Reader
from utilization.rules.packs.dose_rules import in_phases, read_dose
from utilization.rules.packs.names import read_implied, read_names
from utilization.rules.packs.own_facts import read_own_facts
from utilization.rules.packs.pack import (
    WARNING_CODES,
    Clause,
    Default,
    Example,
    Indication,
    NotCovered,
    Pack,
    Redirect,
    Source,
    Statement,
)
from utilization.rules.packs.routes import read_route
from utilization.rules.packs.warnings import own_codes, read_warning
from utilization.rules.yaml_lines import MOST_CHARACTERS, MOST_NODES, Node, PackError, read_yaml

_STANDINGS = dict(zip(keys_of.STANDINGS, (Outcome.DOES_NOT_MEET, Outcome.EXCEPTION_REVIEW), strict=True))
_MOST_NAMED = 5
_CODE = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_MOST_FILES = 500
DOSE = "dose"
"""What a pack calls every amount of the order at once, where it says what can be changed."""


def pack_hash(files: Mapping[str, str]) -> str:
    """SHA-256 over the files in sorted relative path order: path, NUL, bytes, NUL for each."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.encode() + b"\0" + files[path].encode() + b"\0")
    return digest.hexdigest()


def read_pack(files: Mapping[str, str]) -> Pack:
    """The pack in `files` (relative path -> text). Raises PackError at the first thing that cannot be right."""
    return read_trees(trees_of(files), files)


def trees_of(files: Mapping[str, str]) -> list[Node]:
    """The tree of each file, in the order of their paths. Raises PackError, also for more than a pack may hold."""
    if len(files) > _MOST_FILES or sum(map(len, files.values())) > MOST_CHARACTERS:
        most = f"expected at most {_MOST_FILES} files of {MOST_CHARACTERS:,} characters together"
        raise PackError(min(files), 1, "", most)
    trees, left = [], MOST_NODES
    for path in sorted(files):
        trees.append(read_yaml(files[path], path))
        left -= sum(1 for _ in trees[-1].walk())
        if left < 0:
            raise PackError(path, 1, "", f"more than {MOST_NODES:,} values in all files up to this: write fewer")
    return trees


def read_trees(trees: Iterable[Node], files: Mapping[str, str]) -> Pack:
    """The pack in the trees of `files`. Raises PackError at the first thing that cannot be right."""
    sections: dict[str, list[Node]] = {name: [] for name in keys_of.SECTIONS}
    for tree in trees:
        for key, node in tree.mapping((), keys_of.SECTIONS).items():
            sections[key].append(node)
    if not sections["pack"]:
        raise PackError(min(files, default="pack.yaml"), 1, "", "expected the key 'pack' with name, version and title")
    if len(sections["pack"]) > 1:
        sections["pack"][1].fail("the section 'pack' stands twice")
    head = sections["pack"][0].mapping(*keys_of.HEAD)
    effective, until = (head[key].day() if key in head else None for key in ("effective", "until"))
    if effective and until and effective > until:
        head["until"].fail(f"until {until} is before effective {effective}")
    reader = _Reader(sections, read_edition(head.get("language")))
    return Pack(
        name=head["name"].text(),
        version=head["version"].text(),
        title=head["title"].text(),
        about=head["about"].text() if "about" in head else "",
        sha256=pack_hash(files),
        files=dict(files),
        sources=reader.sources,
        statements=reader.statements,
        indications=reader.indications(),
        not_covered=reader.not_covered(),
        redirects=tuple(reader.redirect(node) for node in reader.all_of("redirects")),
        defaults=tuple(reader.default(node) for node in reader.all_of("defaults")),
        warnings=tuple(read_warning(node, reader.own_warnings, reader) for node in reader.all_of("warnings")),
        routes=tuple(read_route(node, reader) for node in reader.all_of("routes")),
        changeable=reader.changeable(),
        silence=reader.silence()[0],
        unlisted=reader.silence()[1],
        agreement=reader.agreement(),
        examples=tuple(reader.example(node) for node in reader.all_of("examples")),
        effective=effective,
        until=until,
        catalogue=reader.catalogue,
        edition=reader.edition,
    )


def _diagram(clauses: Sequence[Clause], variables: Sequence[Variable]) -> Diagram:
    """The diagram of an indication's clauses. Raises PackError at the last of those that make it too large."""
    try:
        return grow(clauses, variables)
    except TooLarge as error:
        last = error.clauses[-1]
        names = ", ".join(clause.id for clause in error.clauses[-_MOST_NAMED:])
        told = f"{names}: {error.why}. Ask for less at once, or split the indication"
        raise PackError(last.file, last.line, "", told) from None


def _items(keys: Mapping[str, Node], name: str) -> list[Node]:
    return keys[name].items() if name in keys else []


class _Reader:
    """Reads the sections of one pack, in which later ones may name what earlier ones define."""

    def __init__(self, sections: Mapping[str, list[Node]], edition: int) -> None:
        self._sections = sections
        self.edition = edition
        self.catalogue = read_own_facts(self.all_of("facts"))
        self.sources = self._by_id("sources", self._source)
        self.statements = self._by_id("statements", self._statement)
        supported = [*self.all_of("indications"), *self.all_of("not_supported")]
        self._codes = {node.mapping(("code",))["code"].text() for node in supported}
        self.conditions = Reader(self.catalogue, self._named("conditions", "is"), edition=edition)
        self.own_warnings = own_codes(self.all_of("warnings"))
        warned = (*WARNING_CODES, *self.own_warnings)
        self.clauses = ClauseReader(self.conditions, self.cited, self._named("fragments", ""), warned)
        dosing = self._sections["dosing"]
        if len(dosing) > 1:
            dosing[1].fail("the section 'dosing' stands twice")
        self._dosing = read_dose(dosing[0] if dosing else None, self.conditions, self.cited)

    def _named(self, section: str, key: str) -> dict[str, Node]:
        """The items of a section by their id; the value under `key`, or the whole item."""
        found: dict[str, Node] = {}
        for node in self.all_of(section):
            keys = node.mapping(("id", key), ()) if key else node.mapping(("id",))
            name = keys["id"].text()
            if name in found:
                keys["id"].fail(f"the id {name!r} stands twice")
            found[name] = keys[key] if key else node
        return found

    def all_of(self, section: str) -> list[Node]:
        """Every item of a section, over all files."""
        return [item for node in self._sections[section] for item in node.items()]

    def _by_id(self, section: str, read: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for node in self.all_of(section):
            value = read(node)
            if value.id in found:
                node.fail(f"the id {value.id!r} stands twice")
            found[value.id] = value
        return found

    def _source(self, node: Node) -> Source:
        keys = node.mapping(keys_of.SOURCE)
        year = keys["year"].number()
        rest = {k: v.text() for k, v in keys.items() if k not in Source.__dataclass_fields__}
        texts = {name: keys[name].text() for name in ("id", "short", "authors", "title", "kind", "published")}
        return Source(**texts, year=int(year), more=rest)

    def _statement(self, node: Node) -> Statement:
        keys = node.mapping(*keys_of.STATEMENT)
        source = keys["source"].text()
        if source not in self.sources:
            known = f"expected one of {', '.join(self.sources)}" if self.sources else "the pack names none"
            keys["source"].fail(f"unknown source {source!r}: {known}")
        return Statement(
            id=keys["id"].text(),
            source=source,
            says=keys["says"].text(),
            where=keys["where"].text(),
            strength=keys["strength"].one_of(keys_of.STRENGTHS),
            effect=keys["effect"].one_of(keys_of.EFFECTS),
            about=keys["about"].texts() if "about" in keys else (),
            note=keys["note"].text() if "note" in keys else "",
            day=keys["date"].day() if "date" in keys else None,
        )

    def cited(self, nodes: list[Node]) -> tuple[str, ...]:
        """Ids of statements, each of which must exist."""
        for node in nodes:
            if node.text() not in self.statements:
                near = get_close_matches(node.text(), self.statements, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                node.fail(f"unknown statement {node.text()!r}: expected an id of the statements{hint}")
        return tuple(node.text() for node in nodes)

    def _evidence(self, keys: Mapping[str, Node]) -> tuple[str, ...]:
        return self.cited(keys["evidence"].items()) if "evidence" in keys else ()

    def silence(self) -> tuple[tuple[str, ...], Outcome]:
        """What the pack rests on where it lists no use, and what such a use comes to: a review, unless it says more."""
        nodes = self._sections["silence"]
        if len(nodes) == 1 and isinstance(nodes[0].value, dict):
            keys = nodes[0].mapping(*keys_of.SILENCE)
            outcome = keys["outcome"].one_of(keys_of.OUTCOMES)
            return self.clauses.basis(nodes[0], keys)[0], Outcome(outcome)
        return self.cited(self.all_of("silence")), Outcome.EXCEPTION_REVIEW

    def fact_name(self, node: Node) -> str:
        """A name of the catalogue."""
        return self.conditions.fact(node, node.text())

    def changeable(self) -> tuple[str, ...]:
        """What a prescriber can still change: facts with values to choose from, numbers, and the dose."""
        found: list[str] = []
        for node in self.all_of("changeable"):
            if node.value == DOSE:
                found += AMOUNTS
                continue
            name = self.fact_name(node)
            if name not in DERIVED and self.catalogue[name].kind not in (Kind.BOOL, Kind.CHOICE, Kind.INT, Kind.DEC):
                node.fail(f"{name} has no values to choose from, so no change of it can be offered")
            found.append(name)
        return tuple(dict.fromkeys(found))

    def applies(self, keys: Mapping[str, Node]) -> Condition:
        """Where something applies: always, unless `when` says more."""
        return self.clauses.applies(keys)

    def basis(self, node: Node, keys: Mapping[str, Node]) -> tuple[tuple[str, ...], str]:
        """The statements that something rests on, or why there is none."""
        return self.clauses.basis(node, keys)

    def scope(self, keys: Mapping[str, Node]) -> frozenset[str] | None:
        """The indications that something is meant for; None for every one."""
        if "indications" not in keys:
            return None
        return frozenset(self._covered(node) for node in keys["indications"].items())

    def _covered(self, node: Node) -> str:
        code = node.text()
        if code not in self._codes:
            near = get_close_matches(code, self._codes, n=1)
            node.fail(f"unknown indication {code!r}" + (f"; did you mean {near[0]}?" if near else ""))
        return code

    def indications(self) -> dict[str, Indication]:
        criteria: dict[str, dict[str, Node]] = {}
        for node in self.all_of("criteria"):
            keys = node.mapping(*keys_of.CRITERIA)
            code = self._covered(keys["indication"])
            if code in criteria:
                keys["indication"].fail(f"criteria of {code!r} stand twice")
            criteria[code] = keys
        found: dict[str, Indication] = {}
        for node in self.all_of("indications"):
            keys = node.mapping(*keys_of.INDICATION)
            code = self._new_code(keys["code"], found)
            if code not in criteria:
                node.fail(f"the indication {code!r} has no criteria")
            rules = criteria.pop(code)
            otherwise = rules["otherwise"].one_of(keys_of.OUTCOMES) if "otherwise" in rules else ""
            dose = read_dose(rules.get("dose"), self.conditions, self.cited, self._dosing)
            clauses = self.clauses.tolerating(dose.tolerance).clauses(rules["clauses"], code, otherwise)
            clauses = in_phases(clauses, dose)
            variables = variables_of(clauses, self.catalogue)
            found[code] = Indication(
                code=code,
                **read_names(keys, self.conditions),
                implies=tuple(read_implied(n, self.conditions) for n in _items(keys, "implies")),
                silent_on=keys["silent_on"].texts() if "silent_on" in keys else (),
                dose=dose,
                clauses=clauses,
                variables=variables,
                diagram=_diagram(clauses, variables),
                caps=self.clauses.caps(rules["caps"], code) if "caps" in rules else (),
                duties=self.clauses.duties(rules["duties"], code) if "duties" in rules else (),
            )
        for node in self.all_of("not_supported"):
            indication = self._not_supported(node, found)
            if indication.code in criteria:
                criteria[indication.code]["indication"].fail("a use that is not supported has no criteria of its own")
            found[indication.code] = indication
        return found

    def _new_code(self, node: Node, found: Mapping[str, Any]) -> str:
        code = node.text()
        if not _CODE.fullmatch(code):
            node.fail(f"expected a code of small letters, digits and _, got {code!r}")
        if code in found:
            node.fail(f"the indication {code!r} stands twice")
        return code

    def _not_supported(self, node: Node, found: Mapping[str, Any]) -> Indication:
        keys = node.mapping(*keys_of.NOT_SUPPORTED)
        code = self._new_code(keys["code"], found)
        standing = keys["standing"].one_of(tuple(_STANDINGS))
        evidence, local = self.clauses.basis(node, keys)
        clause = Clause(f"{code}.{standing}", keys["says"].text(), ALWAYS, Always(False), _STANDINGS[standing],
                        evidence=evidence, local=local, file=node.file, line=node.line)  # fmt: skip
        names = read_names(keys, self.conditions)
        diagram = _diagram((clause,), ())
        return Indication(code=code, **names, dose=self._dosing, clauses=(clause,), diagram=diagram, standing=standing)

    def not_covered(self) -> dict[str, NotCovered]:
        found: dict[str, NotCovered] = {}
        for node in self.all_of("not_covered"):
            keys = node.mapping(*keys_of.NOT_COVERED)
            code = self._new_code(keys["code"], found)
            if code in self._codes:
                keys["code"].fail(f"{code!r} is covered: leave it out here")
            found[code] = NotCovered(code=code, **read_names(keys, self.conditions))
        return found

    def redirect(self, node: Node) -> Redirect:
        keys = node.mapping(*keys_of.REDIRECT)
        return Redirect(
            indications=self.scope(keys) or frozenset(),
            when=self.conditions.condition(keys["when"]),
            to=self._covered(keys["to"]),
            says=keys["says"].text(),
            evidence=self._evidence(keys),
        )

    def default(self, node: Node) -> Default:
        keys = node.mapping(*keys_of.DEFAULT)
        fact = self.fact_name(keys["fact"])
        return Default(
            fact=fact,
            value=self.conditions.value(fact, keys["value"]),
            when=self.conditions.condition(keys["when"]) if "when" in keys else ALWAYS,
            indications=self.scope(keys),
            says=keys["says"].text(),
            evidence=self._evidence(keys),
        )

    def agreement(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for section in self._sections["agreement"]:
            for node in section.walk():
                if isinstance(node.value, dict):
                    for key in ("rests_on", "statements", "evidence"):
                        if key in node.value:
                            self.cited(node.value[key].items())
            merged.update(section.plain())
        return merged

    def example(self, node: Node) -> Example:
        keys = node.mapping(*keys_of.EXAMPLE)
        expected = keys["expect"].mapping(*keys_of.EXPECTED)
        expected["outcome"].one_of(tuple(Outcome))
        for warning in expected["warnings"].items() if "warnings" in expected else []:
            warning.one_of((*WARNING_CODES, *self.own_warnings))
        return Example(
            indication=keys["indication"].text(),
            says=keys["says"].text(),
            facts=_without_decimals_lost(keys["facts"]),
            expected={key: value.plain() for key, value in expected.items()},
            file=node.file,
            line=node.line,
            as_of=keys["as_of"].day() if "as_of" in keys else None,
        )


def _without_decimals_lost(node: Node) -> dict[str, Any]:
    return {key: value.plain() for key, value in node.mapping().items()} if node.value is not None else {}
