"""The schema for editors: every pack that the reader reads fits it, and packs that are broken do not."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator

from tests.spec.test_spec import CHAPTERS
from utilization.management.schema import schema
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.yaml_lines import read_yaml

SCHEMA = json.loads(schema())
VALIDATOR = Draft202012Validator(SCHEMA)
PACKS = Path(settings.BASE_DIR) / "fixtures" / "criteria"
FILES = sorted(PACKS.rglob("*.yaml"))
SNIPPETS = [section.pack for chapter in CHAPTERS for section in chapter.sections if section.pack]

THING = "criteria:\n  - indication: thing\n    clauses:\n      - {id: a, says: A., "


def as_json(node):
    """What an editor makes of the text."""
    value = node.value
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def errors(text):
    return [error.message for error in VALIDATOR.iter_errors(as_json(read_yaml(text, "x.yaml")))]


@pytest.mark.long
def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_every_fact_of_the_vocabulary_stands_in_it():
    [_, written] = SCHEMA["$defs"]["condition"]["anyOf"]
    assert set(CATALOGUE) <= set(written["properties"])


@pytest.mark.parametrize("file", [pytest.param(file, id=str(file.relative_to(PACKS))) for file in FILES])
def test_every_file_of_every_pack_fits(file):
    assert errors(file.read_text("utf-8")) == []


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_every_pack_of_the_manual_fits(snippet):
    assert errors(snippet) == []


@pytest.mark.parametrize(
    "text",
    [
        "pakc: {name: x}",
        "pack: {name: x, version: 1}",
        "pack: {name: x, version: 1, title: X, effective: tomorrow}",
        "statements: [{id: A, source: S, says: x, where: y, strength: solid, effect: meets}]",
        "warnings: [{code: nonsense, when: always, says: x, local: x}]",
        "dosing: {weight_rule: heaviest}",
        "facts: [{name: Some Fact, type: int, label: x}]",
        "facts: [{name: some_fact, type: integer, label: x}]",
        "examples: [{indication: thing, says: x, facts: {severity: bad}, expect: {outcome: meets}}]",
        "examples: [{indication: thing, says: x, facts: {}, expect: {outcome: met}}]",
        THING + "require: sometimes, local: x}",
        THING + "requires: always, local: x}",
        THING + "require: {severity: bad}, local: x}",
        THING + "require: {diabetes: no}, local: x}",
        THING + "require: {age_years: {atleast: 18}}, local: x}",
        THING + "require: {any: {severity: mild}}, local: x}",
        THING + "require: {infections: {where: {severity: minor}, atleast: 2}}, local: x}",
        THING + "require: {tried: {any: [a], results: [given_up]}}, local: x}",
        THING + "require: always, otherwise: denied, local: x}",
    ],
)
def test_a_broken_pack_does_not_fit(text):
    assert errors(text) != []
