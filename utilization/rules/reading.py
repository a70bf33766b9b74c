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
from utilization.rules.criteria import All, Always, Any_, Condition, IsOneOf, IsWithin, Not, Surely
from utilization.rules.dosing import DoseRule, Product, name_key
from utilization.rules.facts import CATALOGUE, BadInput, Kind, nearest, read_value
from utilization.rules.marked import Node, PackError, read_yaml
from utilization.rules.pack import (
    DERIVED,
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
_WITHOUT_SUCCESS = frozenset({"failed", "intolerant", "contraindicated"})
_EXPECTABLE = ("outcome", "judged_as", "warnings", "questions", "would_meet_if", "approvals", "clock_hours")
ALWAYS = Always(True)


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
        for key, node in _file_sections(read_yaml(files[path], path)).items():
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


def _file_sections(root: Node) -> dict[str, Node]:
    # A file named after a section may hold that section's content alone: sources.yaml, statements.yaml.
    stem = root.file.rsplit("/", 1)[-1].removesuffix(".yaml").removesuffix(".yml")
    if stem in _SECTIONS and (not isinstance(root.value, dict) or stem not in root.value):
        return {stem: root}
    return root.mapping((), _SECTIONS)


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
        return _known_fact(node, node.text())

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
            dose = self._dose(rules["dose"]) if "dose" in rules else DoseRule()
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
            otherwise=Outcome(otherwise or "exception_review"),
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
            value=_fact_value(fact, keys["value"]),
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
    )


def _implied(node: Node) -> tuple[str, Mapping[str, Any]]:
    keys = node.mapping(("name", "when"), ())
    return keys["name"].text(), _stated(keys["when"])


def _stated(node: Node) -> dict[str, Any]:
    return {_known_fact(value, name): _fact_value(name, value) for name, value in node.mapping().items()}


def _known_fact(node: Node, name: str) -> str:
    if name not in CATALOGUE and name not in DERIVED:
        near = nearest(name, [*CATALOGUE, *DERIVED])
        hint = f"; did you mean {near}?" if near else ""
        node.fail(f"unknown fact {name!r}: expected a name of the vocabulary{hint}")
    return name


def _fact_value(name: str, node: Node) -> Any:
    if name in DERIVED:
        if not isinstance(node.value, bool):
            node.fail(f"expected true or false, got {node.shown}")
        return node.value
    value = node.value
    try:
        return read_value(CATALOGUE[name], value, "")
    except BadInput as error:
        node.fail(error.message)


def read_condition(node: Node) -> Condition:
    """A condition: `always`, `never`, all / any / not / surely, tried_without_success, or facts with their values."""
    if node.value == "always":
        return ALWAYS
    if node.value == "never":
        return Always(False)
    keys = node.mapping()
    if not keys:
        node.fail("expected a condition: all, any, not, surely, tried_without_success, or a fact with its value")
    parts: list[Condition] = []
    for key, value in keys.items():
        if key in ("all", "any"):
            children = tuple(read_condition(item) for item in value.items())
            if not children:
                value.fail("expected at least one condition")
            parts.append(All(children) if key == "all" else Any_(children))
        elif key == "not":
            parts.append(Not(read_condition(value)))
        elif key == "surely":
            parts.append(Surely(read_condition(value)))
        elif key == "tried_without_success":
            names = [_known_fact(item, item.text()) for item in value.items()]
            parts.append(Any_(tuple(IsOneOf(name, _WITHOUT_SUCCESS) for name in names)))
        else:
            parts.append(_fact_test(_known_fact(value, key), value))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _fact_test(name: str, node: Node) -> Condition:
    if isinstance(node.value, dict):
        if name in DERIVED or CATALOGUE[name].kind not in (Kind.INT, Kind.DEC):
            node.fail(f"expected a value of {name}, got a mapping")
        keys = node.mapping((), ("at_least", "at_most"))
        low = keys["at_least"].number() if "at_least" in keys else None
        high = keys["at_most"].number() if "at_most" in keys else None
        if low is None and high is None:
            node.fail("expected at_least or at_most")
        if low is not None and high is not None and low > high:
            node.fail(f"at_least {low} is above at_most {high}")
        return IsWithin(name, low, high)
    values = node.items() if isinstance(node.value, list) else [node]
    if not values:
        node.fail("expected at least one value")
    return IsOneOf(name, frozenset(_fact_value(name, value) for value in values))


def read_products(text: str, file: str) -> tuple[Product, ...]:
    """The product table. Raises PackError."""
    root = read_yaml(text, file)
    rows = root.mapping(("products",))["products"].items() if isinstance(root.value, dict) else root.items()
    products = []
    seen: dict[str, str] = {}
    families: dict[str, list[Product]] = {}
    for node in rows:
        keys = node.mapping(("brand", "kind", "route"))
        brand = keys["brand"].text()
        names = keys["names"].texts() if "names" in keys else ()
        flags = keys["contraindications"].items() if "contraindications" in keys else []
        product = Product(
            brand=brand,
            kind=keys["kind"].one_of(("ivig", "scig", "hyperimmune")),
            routes=frozenset(item.one_of(("iv", "sc", "im")) for item in keys["route"].items()),
            names=frozenset(name_key(name) for name in names),
            vials_g=tuple(item.number() for item in keys["vials_g"].items()) if "vials_g" in keys else (),
            contraindicated_by=frozenset(_known_fact(item, item.mapping(("fact",))["fact"].text()) for item in flags),
        )
        for name in {name_key(brand), *product.names}:
            if name in seen:
                node.fail(f"the name {brand!r} already stands for {seen[name]!r}")
            seen[name] = brand
        products.append(product)
        if "family" in keys:
            families.setdefault(keys["family"].text(), []).append(product)
    # A family name typed alone leaves the concentration open, so it gives no vials.
    for family, members in families.items():
        if name_key(family) not in seen:
            first = members[0]
            flags_of_all = frozenset.intersection(*(m.contraindicated_by for m in members))
            products.append(Product(family, first.kind, first.routes, contraindicated_by=flags_of_all))
    return tuple(products)
