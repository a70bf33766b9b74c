"""Draws the JSON Schema of a pack's file, by which an editor completes keys, facts and codes while somebody types.

It is drawn from the tables that the readers read by. It is looser than the reader in what no schema can know: names
that another file of the pack defines, units, and whether a bound fits another.
"""

import json
from collections.abc import Mapping

from utilization.rules.dosing.weights import WEIGHT_RULES
from utilization.rules.facts.catalogue import CATALOGUE, DERIVED, SAME_AS, Fact, Kind
from utilization.rules.language import registry
from utilization.rules.language.editions import EDITIONS
from utilization.rules.language.schema_parts import (
    CONDITION,
    DAY,
    NAME,
    QUANTITY,
    TEXT,
    TEXTS,
    Schema,
    obj,
    one_or_more,
)
from utilization.rules.packs import keys as keys_of
from utilization.rules.packs.keys import Keys
from utilization.rules.packs.pack import WARNING_CODES
from utilization.rules.routing import APPROVALS, CLOCKS

_NUMBER: Schema = {"type": ["number", "string"], "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$"}

# What most keys hold wherever they stand.
_HOLDS: Mapping[str, Schema] = {
    "when": CONDITION, "require": CONDITION, "is": CONDITION,
    "evidence": TEXTS, "also_called": TEXTS, "indications": TEXTS, "silent_on": TEXTS, "shared_with": TEXTS,
    "effective": DAY, "until": DAY, "from": DAY, "date": DAY, "as_of": DAY,
    "code": TEXT, "with_subcodes": {"type": "boolean"}, "active": {"type": "boolean"}, "year": _NUMBER,
    "otherwise": {"enum": list(keys_of.OTHERWISE)},
    "outcome": {"enum": list(keys_of.OUTCOMES)},
    # A pack may bring warnings of its own.
    "warns": {"anyOf": [{"enum": list(WARNING_CODES)}, NAME]},
    "acknowledge": {"type": "boolean"}, "after": QUANTITY,
    "strength": {"enum": list(keys_of.STRENGTHS)},
    "effect": {"enum": list(keys_of.EFFECTS)},
    "standing": {"enum": list(keys_of.STANDINGS)},
    "weight_rule": {"anyOf": [{"enum": list(WEIGHT_RULES)}, {"$ref": "#/$defs/weight"}]},
    "rounding": {"anyOf": [{"enum": list(keys_of.ROUNDINGS)}, QUANTITY]},
    "phases": {"type": "array", "items": {"$ref": "#/$defs/phase"}, "minItems": 1},
    "of": {"enum": list(keys_of.WEIGHTS)}, "share": _NUMBER, "above_ideal": QUANTITY, "bmi_at_least": _NUMBER,
    "shortest": QUANTITY, "adults_from": QUANTITY, "pregnant": {"enum": list(keys_of.PREGNANT)},
    "ceiling": QUANTITY, "target": QUANTITY, "ceiling_g_per_kg": _NUMBER, "target_g_per_kg": _NUMBER,
    "tolerance": QUANTITY, "rounding_within": QUANTITY, "at_most": QUANTITY, "at_least": QUANTITY,
    "dose": {"$ref": "#/$defs/dose"}, "clauses": {"$ref": "#/$defs/clauses"},
    "caps": {"type": "array", "items": {"$ref": "#/$defs/cap"}},
    "duties": {"type": "array", "items": {"$ref": "#/$defs/duty"}},
    "icd10cm": {"type": "array", "items": {"$ref": "#/$defs/icd10cm"}},
    "implies": {"type": "array", "items": {"$ref": "#/$defs/implied"}},
    "snomed": {"type": ["array", "object"]},
    "facts": {"$ref": "#/$defs/stated"}, "expect": {"$ref": "#/$defs/expected"},
    "possible": {"$ref": "#/$defs/range"}, "plausible": {"$ref": "#/$defs/range"},
    "type": {"enum": list(keys_of.TYPES)}, "choices": {"type": ["array", "object"]},
    "fields": {"type": "object", "additionalProperties": {"$ref": "#/$defs/field"}}, "required": TEXTS,
    "value": {"type": ["string", "number", "boolean"]},
}  # fmt: skip


def schema() -> str:
    """The schema as JSON text."""
    shown = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of a criteria pack",
        "description": "Drawn by `manage.py draw_docs` from the tables that the program reads packs by.",
        **obj((), _sections()),
        "$defs": _definitions(),
    }
    return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"


def _sections() -> Schema:
    items = {
        "facts": {
            "anyOf": [
                _of(keys_of.OWN_FACT, name=NAME, of_its_day={"type": "boolean"}, or_never={"type": "boolean"}),
                _of(keys_of.MORE_FIELDS, name={"enum": _record_lists()}),
            ]
        },
        "therapies": _of(keys_of.THERAPY, name=NAME, classes=TEXTS, synonyms=TEXTS),
        "sources": {"type": "object", "required": list(keys_of.SOURCE), "additionalProperties": True},
        "statements": _of(keys_of.STATEMENT, about=TEXTS),
        "indications": _of(keys_of.INDICATION, code=NAME),
        "not_covered": _of(keys_of.NOT_COVERED, code=NAME),
        "not_supported": _of(keys_of.NOT_SUPPORTED, code=NAME),
        "fragments": {"$ref": "#/$defs/fragment"},
        "conditions": _of(keys_of.NAMED_CONDITION),
        "criteria": _of(keys_of.CRITERIA, otherwise={"enum": list(keys_of.OUTCOMES)}),
        "redirects": _of(keys_of.REDIRECT),
        "defaults": _of(keys_of.DEFAULT),
        "warnings": _warning(),
        "routes": _route(),
        "changeable": {"anyOf": [{"enum": ["dose", *CATALOGUE, *DERIVED]}, NAME]},
        "examples": _of(keys_of.EXAMPLE),
    }
    found: Schema = {name: {"type": "array", "items": item} for name, item in items.items()}
    found["pack"] = _of(keys_of.HEAD, language={"enum": list(EDITIONS)})
    found["dosing"] = {"$ref": "#/$defs/dose"}
    found["silence"] = {"anyOf": [TEXTS, _of(keys_of.SILENCE)]}
    found["agreement"] = {"type": "object"}
    return {name: found[name] for name in keys_of.SECTIONS}


def _record_lists() -> list[str]:
    """The lists of the vocabulary to which a pack may add fields."""
    return [fact.name for fact in CATALOGUE.values() if fact.kind is Kind.LIST_RECORD]


def _warning() -> Schema:
    """One of the vocabulary, which needs a condition, or one of the pack's own, which needs a title."""
    required, optional = keys_of.WARNING
    known = (*required, "when"), tuple(key for key in optional if key not in ("when", "title", "acknowledge"))
    own = (*required, "title"), tuple(key for key in optional if key != "title")
    return {
        "if": {"type": "object", "required": ["title"]},
        "then": _of(own, code=NAME),
        "else": _of(known, code={"enum": list(WARNING_CODES)}),
    }


def _route() -> Schema:
    return _of(
        keys_of.ROUTE,
        outcome={"type": "array", "items": {"enum": list(keys_of.JUDGED)}, "minItems": 1},
        approvals={"enum": [list(roles) for roles in APPROVALS]},
        clock={"anyOf": [{"enum": list(CLOCKS)}, QUANTITY]},
    )


def _definitions() -> Schema:
    return {
        "condition": _condition(),
        **_tests(),
        "clauses": {"type": "array", "items": {"$ref": "#/$defs/clause"}},
        "clause": _used_or(keys_of.CLAUSE),
        "cap": _used_or(keys_of.CAP),
        "duty": _used_or(keys_of.DUTY),
        "fragment": {"type": "object", "required": ["id"], "properties": _fragment(), "additionalProperties": False},
        "dose": _of(keys_of.DOSE),
        "phase": _of(keys_of.PHASE),
        "weight": _of(keys_of.WEIGHT, source=TEXT),
        "icd10cm": _of(keys_of.ICD10CM, when={"$ref": "#/$defs/stated"}),
        "implied": _of(keys_of.IMPLIED, when={"$ref": "#/$defs/stated"}),
        "expected": _of(
            keys_of.EXPECTED,
            outcome={"enum": list(keys_of.JUDGED)},
            warnings={"type": "array", "items": {"anyOf": [{"enum": list(WARNING_CODES)}, NAME]}},
            questions=TEXTS,
            awaits=TEXTS,
            duties=TEXTS,
            approvals=TEXTS,
            would_meet_if={"type": "array", "items": TEXTS},
        ),
        "field": {
            "anyOf": [
                {"enum": list(keys_of.FIELD_TYPES)},
                TEXTS,
                _of(keys_of.FIELD, type={"enum": ["int", "dec"]}),
            ]
        },
        "range": {"type": "array", "items": {"type": ["number", "string", "null"]}, "minItems": 2, "maxItems": 2},
        "stated": obj((), {name: _stated(fact) for name, fact in CATALOGUE.items()}, more=True),
    }


def _of(keys: Keys, **own: Schema) -> Schema:
    """An object of these keys; `own` says what those hold that hold something else here than elsewhere."""
    required, optional = keys
    return obj(required, {key: own.get(key) or _HOLDS.get(key, TEXT) for key in (*required, *optional)})


def _used_or(keys: Keys) -> Schema:
    """What is written out, or put in with `use`, where every key may stand beside it."""
    shared = obj(("use",), {"use": TEXT, **_of(keys)["properties"]})
    return {"if": {"type": "object", "required": ["use"]}, "then": shared, "else": _of(keys)}


def _fragment() -> Schema:
    shared = {key: value for keys in (keys_of.CAP, keys_of.DUTY, keys_of.CLAUSE)
              for key, value in _of(keys)["properties"].items()}  # fmt: skip
    return {**shared, "use": TEXT, "clauses": {"$ref": "#/$defs/clauses"}}


# --- Conditions -------------------------------------------------------------------------------------------------------


def _condition() -> Schema:
    words = {word.name: word.schema for word in registry.WORDS}
    tests: Schema = {name: _test(fact) for name, fact in CATALOGUE.items()}
    tests |= {name: {**one_or_more({"type": "boolean"}), "description": says} for name, says in DERIVED.items()}
    # A name that is not of the vocabulary may be a fact that the pack brings itself.
    written = {**obj((), {**words, **tests}, more=True), "propertyNames": NAME, "minProperties": 1}
    return {"anyOf": [{"enum": ["always", "never"]}, written]}


def _test(fact: Fact) -> Schema:
    test = one_or_more({"enum": list(fact.choices)}) if fact.choices else {"$ref": f"#/$defs/{_TESTS[fact.kind]}"}
    return {**test, "description": f"{fact.label}{f' [{fact.unit}]' if fact.unit else ''}"}


# What is tested alike stands once.
_TESTS = {
    Kind.BOOL: "flag", Kind.TEXT: "text", Kind.INT: "number", Kind.DEC: "number", Kind.LIST_DEC: "list",
    Kind.LIST_RECORD: "list",
}  # fmt: skip


def _tests() -> Schema:
    return {name: registry.FORMS[kind].schema for kind, name in _TESTS.items()}


def _stated(fact: Fact) -> Schema:
    """A value as a case states it; null is unknown."""
    value: Schema
    if fact.kind is Kind.BOOL:
        value = {"type": "boolean"}
    elif fact.kind is Kind.CHOICE:
        value = {"enum": list(fact.choices)}
    elif fact.kind in (Kind.LIST_DEC, Kind.LIST_RECORD):
        value = {"type": "array"}
    else:
        value = TEXT if fact.kind is Kind.TEXT else QUANTITY
    return {"anyOf": [value, {"type": "null"}], "description": SAME_AS.get(fact.name, fact.label)}
