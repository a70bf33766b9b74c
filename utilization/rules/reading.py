"""Text to a pack and back to people: every error names file, line, path and what was expected.

A pack is a folder of YAML files (or one file with the same keys). Top-level keys are merged over all files: `pack`,
`sources`, `statements`, `indications`, `not_covered`, `fragments`, `criteria`, `redirects`, `defaults`, `warnings`,
`changeable`, `silence`, `agreement`, `examples`.
"""

import hashlib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from utilization.rules.completing import variables_of
from utilization.rules.conditions import ALWAYS, fact_value, known_fact, read_condition
from utilization.rules.dosing import NO_DOSE_RULE, DoseRule
from utilization.rules.marked import Node, PackError, read_yaml
from utilization.rules.pack import (
    WARNING_CODES,
    Clause,
    Default,
    DiagnosisCode,
    Example,
    Indication,
    NotCovered,
    Outcome,
    Pack,
    Redirect,
    Source,
    Statement,
    WarningRule,
)

_SECTIONS = (
    "pack", "sources", "statements", "indications", "not_covered", "fragments", "criteria", "redirects", "defaults",
    "warnings", "changeable", "silence", "agreement", "examples",
)  # fmt: skip
_STRENGTHS = (
    "strong", "moderate", "weak", "controlled_trials", "negative_trials", "expert_opinion", "extrapolated",
    "insufficient", "theoretical", "unknown", "policy", "not_graded",
)  # fmt: skip
_EXPECTABLE = ("outcome", "judged_as", "warnings", "questions", "would_meet_if", "approvals", "clock_hours")


def pack_hash(files: Mapping[str, str]) -> str:
    """SHA-256 over the files in sorted relative path order: path, NUL, bytes, NUL for each."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.encode() + b"\0" + files[path].encode() + b"\0")
    return digest.hexdigest()


def read_pack(files: Mapping[str, str]) -> Pack:
    """The pack in `files` (relative path -> text). Raises PackError at the first thing that cannot be right."""
    sections: dict[str, list[Node]] = {name: [] for name in _SECTIONS}
    for path in sorted(files):
        for key, node in read_yaml(files[path], path).mapping((), _SECTIONS).items():
            sections[key].append(node)
    if not sections["pack"]:
        raise PackError(min(files, default="pack.yaml"), 1, "", "expected the key 'pack' with name, version and title")
    head = sections["pack"][0].mapping(("name", "version", "title"), ("about",))
    reader = _Reader(sections)
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
        warnings=reader.warnings(),
        changeable=tuple(reader.fact_name(node) for node in reader.all_of("changeable")),
        silence=reader.cited(reader.all_of("silence")),
        agreement=reader.agreement(),
        examples=tuple(reader.example(node) for node in reader.all_of("examples")),
    )


class _Reader:
    """Reads the sections of one pack, in which later ones may name what earlier ones define."""

    def __init__(self, sections: Mapping[str, list[Node]]) -> None:
        self._sections = sections
        self.sources = self._by_id("sources", self._source)
        self.statements = self._by_id("statements", self._statement)
        self._codes = {node.mapping(("code",))["code"].text() for node in self.all_of("indications")}

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
        keys = node.mapping(("id", "short", "authors", "title", "kind", "published", "year"))
        year = keys["year"].number()
        rest = {k: v.text() for k, v in keys.items() if k not in Source.__dataclass_fields__}
        texts = {name: keys[name].text() for name in ("id", "short", "authors", "title", "kind", "published")}
        return Source(**texts, year=int(year), more=rest)

    def _statement(self, node: Node) -> Statement:
        keys = node.mapping(("id", "source", "says", "where", "strength", "effect"), ("about", "note"))
        source = keys["source"].text()
        if source not in self.sources:
            keys["source"].fail(f"unknown source {source!r}: expected one of {', '.join(self.sources)}")
        return Statement(
            id=keys["id"].text(),
            source=source,
            says=keys["says"].text(),
            where=keys["where"].text(),
            strength=keys["strength"].one_of(_STRENGTHS),
            effect=keys["effect"].one_of(("meets", "does_not_meet", "exception_review", "warning", "info")),
            about=keys["about"].texts() if "about" in keys else (),
            note=keys["note"].text() if "note" in keys else "",
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

    def fact_name(self, node: Node) -> str:
        """A name of the catalogue."""
        return known_fact(node, node.text())

    def _scope(self, keys: Mapping[str, Node]) -> frozenset[str] | None:
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
        fragments = {}
        for node in self.all_of("fragments"):
            fragments[node.mapping(("id",))["id"].text()] = node
        criteria = {}
        for node in self.all_of("criteria"):
            keys = node.mapping(("indication", "clauses"), ("dose",))
            code = self._covered(keys["indication"])
            if code in criteria:
                node.fail(f"criteria of {code!r} stand twice")
            criteria[code] = keys
        found: dict[str, Indication] = {}
        for node in self.all_of("indications"):
            keys = node.mapping(
                ("code", "name"), ("abbreviation", "also_called", "icd10cm", "implies", "snomed", "silent_on")
            )
            code = keys["code"].text()
            if code in found:
                node.fail(f"the indication {code!r} stands twice")
            if code not in criteria:
                node.fail(f"the indication {code!r} has no criteria")
            rules = criteria[code]
            dose = self._dose(rules["dose"]) if "dose" in rules else NO_DOSE_RULE
            clauses = tuple(self._clause(item, code, fragments) for item in rules["clauses"].items())
            if len({clause.id for clause in clauses}) != len(clauses):
                rules["clauses"].fail("a clause id stands twice")
            found[code] = Indication(
                code=code,
                name=keys["name"].text(),
                abbreviation=keys["abbreviation"].text() if "abbreviation" in keys else "",
                also_called=keys["also_called"].texts() if "also_called" in keys else (),
                icd10cm=tuple(_diagnosis_code(n) for n in keys["icd10cm"].items()) if "icd10cm" in keys else (),
                implies=tuple(_implied(n) for n in keys["implies"].items()) if "implies" in keys else (),
                silent_on=keys["silent_on"].texts() if "silent_on" in keys else (),
                dose=dose,
                clauses=clauses,
                variables=variables_of(clauses),
            )
        return found

    def not_covered(self) -> dict[str, NotCovered]:
        found = {}
        for node in self.all_of("not_covered"):
            keys = node.mapping(("code", "name"), ("abbreviation", "also_called", "icd10cm", "note"))
            code = keys["code"].text()
            found[code] = NotCovered(
                code=code,
                name=keys["name"].text(),
                abbreviation=keys["abbreviation"].text() if "abbreviation" in keys else "",
                also_called=keys["also_called"].texts() if "also_called" in keys else (),
                icd10cm=tuple(_diagnosis_code(n) for n in keys["icd10cm"].items()) if "icd10cm" in keys else (),
            )
        return found

    def _dose(self, node: Node) -> DoseRule:
        keys = node.mapping((), ("ceiling_g_per_kg", "target_g_per_kg", "evidence"))
        return DoseRule(
            ceiling=keys["ceiling_g_per_kg"].number() if "ceiling_g_per_kg" in keys else None,
            target=keys["target_g_per_kg"].number() if "target_g_per_kg" in keys else None,
            evidence=self._evidence(keys),
        )

    def _clause(self, node: Node, code: str, fragments: Mapping[str, Node]) -> Clause:
        keys = node.mapping()
        if "use" in keys:
            name = keys["use"].text()
            if name not in fragments:
                keys["use"].fail(f"unknown fragment {name!r}: expected one of {', '.join(fragments)}")
            keys = {**fragments[name].mapping(), **{k: v for k, v in keys.items() if k != "use"}}
        node = Node(keys, node.file, node.line, node.path)
        node.mapping(("id", "says", "require"), ("when", "otherwise", "to_meet", "evidence", "local"))
        otherwise = keys["otherwise"].one_of(("does_not_meet", "exception_review")) if "otherwise" in keys else None
        evidence = self._evidence(keys)
        local = keys["local"].text() if "local" in keys else ""
        if not evidence and not local:
            node.fail("expected 'evidence', or 'local' with the reason why there is no source")
        require = read_condition(keys["require"])
        if otherwise is None and require != ALWAYS:
            node.fail("expected 'otherwise': does_not_meet or exception_review")
        return Clause(
            id=f"{code}.{keys['id'].text()}",
            says=keys["says"].text(),
            when=read_condition(keys["when"]) if "when" in keys else ALWAYS,
            require=require,
            otherwise=Outcome(otherwise) if otherwise else None,
            to_meet=keys["to_meet"].text() if "to_meet" in keys else "",
            evidence=evidence,
            local=local,
        )

    def redirect(self, node: Node) -> Redirect:
        keys = node.mapping(("indications", "when", "to", "says"), ("evidence",))
        return Redirect(
            indications=self._scope(keys) or frozenset(),
            when=read_condition(keys["when"]),
            to=self._covered(keys["to"]),
            says=keys["says"].text(),
            evidence=self._evidence(keys),
        )

    def default(self, node: Node) -> Default:
        keys = node.mapping(("fact", "value", "says"), ("when", "indications", "evidence"))
        fact = self.fact_name(keys["fact"])
        return Default(
            fact=fact,
            value=fact_value(fact, keys["value"]),
            when=read_condition(keys["when"]) if "when" in keys else ALWAYS,
            indications=self._scope(keys),
            says=keys["says"].text(),
            evidence=self._evidence(keys),
        )

    def warnings(self) -> tuple[WarningRule, ...]:
        rules = []
        for node in self.all_of("warnings"):
            keys = node.mapping(("code", "when", "says"), ("indications", "evidence", "local"))
            evidence = self._evidence(keys)
            local = keys["local"].text() if "local" in keys else ""
            if not evidence and not local:
                node.fail("expected 'evidence', or 'local' with the reason why there is no source")
            rules.append(
                WarningRule(
                    code=keys["code"].one_of(WARNING_CODES),
                    when=read_condition(keys["when"]),
                    indications=self._scope(keys),
                    says=keys["says"].text(),
                    evidence=evidence,
                    local=local,
                )
            )
        return tuple(rules)

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
        keys = node.mapping(("indication", "says", "facts", "expect"), ())
        expected = keys["expect"].mapping(("outcome",), _EXPECTABLE)
        return Example(
            indication=keys["indication"].text(),
            says=keys["says"].text(),
            facts=_without_decimals_lost(keys["facts"]),
            expected={key: value.plain() for key, value in expected.items()},
            file=node.file,
            line=node.line,
        )


def _without_decimals_lost(node: Node) -> dict[str, Any]:
    return dict(node.plain()) if node.value else {}


def _diagnosis_code(node: Node) -> DiagnosisCode:
    keys = node.mapping(
        ("code",), ("title", "note", "when", "confidence", "shared_with", "until", "with_subcodes", "active", "from")
    )
    return DiagnosisCode(
        code=keys["code"].text(),
        title=keys["title"].text() if "title" in keys else "",
        when=_stated(keys["when"]) if "when" in keys else {},
        note=keys["note"].text() if "note" in keys else "",
        with_subcodes="with_subcodes" in keys and keys["with_subcodes"].value is True,
        until=keys["until"].day() if "until" in keys else None,
    )


def _implied(node: Node) -> tuple[str, Mapping[str, Any]]:
    keys = node.mapping(("name", "when"), ())
    return keys["name"].text(), _stated(keys["when"])


def _stated(node: Node) -> dict[str, Any]:
    return {known_fact(value, name): fact_value(name, value) for name, value in node.mapping().items()}
