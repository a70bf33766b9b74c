"""Therapies that a pack brings itself, and spellings that it adds to known ones.

`therapies: [{name: vedolizumab, label: vedolizumab, synonyms: [VDZ]}, {name: rituximab, synonyms: [a brand]}]`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.text_words import TextWords, words_in
from utilization.rules.facts.therapies import Therapy, Vocabulary, is_beside_a_name
from utilization.rules.facts.therapy_table import THERAPIES
from utilization.rules.language.editions import SECOND
from utilization.rules.packs import keys as keys_of
from utilization.rules.yaml_lines import Node

_CODE = re.compile(r"[a-z][a-z0-9_]{1,59}", re.ASCII)


def read_own_therapies(nodes: list[Node], edition: int, catalogue: Mapping[str, Fact]) -> Vocabulary:
    """The vocabulary with the pack's own therapies after it. Raises PackError; what it knows stays its own."""
    if not nodes:
        return THERAPIES
    if edition < SECOND:
        nodes[0].fail(f"therapies of a pack's own are read from edition {SECOND} on: write 'language: 2' under 'pack'")
    own: dict[str, Therapy] = {}
    spelt = {words_in(text): name for name, one in THERAPIES.therapies.items() for text in one.texts}
    for node in nodes:
        therapy = _therapy(node, own, catalogue)
        own[therapy.name] = therapy
        _check_spellings(node, therapy, spelt)
    for node in nodes:
        _check_classes(node, own)
    return THERAPIES.with_own(own.values())


def _therapy(node: Node, own: Mapping[str, Therapy], catalogue: Mapping[str, Fact]) -> Therapy:
    keys = node.mapping(*keys_of.THERAPY)
    name = keys["name"].text()
    if not _CODE.fullmatch(name):
        keys["name"].fail(f"expected a code of small letters, digits and _, got {name!r}")
    if name in own:
        keys["name"].fail(f"the therapy {name!r} stands twice")
    if name in THERAPIES.therapies:
        return _with_spellings(THERAPIES.therapies[name], keys)
    if "label" not in keys:
        node.fail(f"expected the key 'label': {name} is no therapy of the vocabulary")
    if name in catalogue or f"prior_{name}" in catalogue:
        keys["name"].fail(f"{name} is a fact already: use it as it is, or choose another name")
    texts = {key: keys[key].texts() if key in keys else () for key in ("classes", "synonyms")}
    return Therapy(name, keys["label"].text(), texts["classes"], texts["synonyms"])


def _with_spellings(known: Therapy, keys: Mapping[str, Node]) -> Therapy:
    """A therapy of the vocabulary with the spellings that the pack adds, such as a brand."""
    for key in ("label", "classes"):
        if key in keys:
            told = f"{known.name} is a therapy of the vocabulary: expected synonyms alone, which are added to it"
            keys[key].fail(told)
    if "synonyms" not in keys:
        keys["name"].fail(f"{known.name} is a therapy of the vocabulary already: add synonyms, or leave it out")
    return replace(known, spellings=(*known.spellings, *keys["synonyms"].texts()))


def _check_spellings(node: Node, therapy: Therapy, spelt: dict[TextWords, str]) -> None:
    """Take up how the therapy is written. Fails where a text names none, or another."""
    for text in therapy.texts:
        words = words_in(text)
        if all(map(is_beside_a_name, words)):
            node.fail(f"{text!r} names no therapy: expected its name, without dose, route or frequency")
        other = spelt.setdefault(words, therapy.name)
        if other != therapy.name:
            node.fail(f"{text!r} is the therapy {other} already: a text means one therapy")


def _check_classes(node: Node, own: Mapping[str, Therapy]) -> None:
    keys = node.mapping()
    known = {**THERAPIES.therapies, **own}
    for item in keys["classes"].items() if "classes" in keys else ():
        name = item.text()
        if name not in known:
            item.fail(f"unknown class {name!r}: expected a therapy of the vocabulary or of the pack's own")
        if known[name].classes:
            item.fail(f"{name} stands under {known[name].classes[0]} itself: expected a class that stands under none")
