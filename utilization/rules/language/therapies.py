"""What was tried before and how it went: `tried: {any: [prior_corticosteroids, rituximab], for: 12 weeks}`."""

from collections.abc import Mapping
from difflib import get_close_matches

from utilization.rules.facts.catalogue import CATALOGUE, PRIOR
from utilization.rules.facts.units import UnitError, convert
from utilization.rules.facts.values import nearest
from utilization.rules.language.composites import AllOf, Always, AnyOf, CountOf, Not, Surely
from utilization.rules.language.editions import SECOND
from utilization.rules.language.entry_count import Entries
from utilization.rules.language.mentions import Mentions
from utilization.rules.language.named_therapies import NamedTherapy, check_apart, named_therapy, no_therapy
from utilization.rules.language.named_trial import NamedTrial, OfClass
from utilization.rules.language.node import Condition
from utilization.rules.language.one_of import IsOneOf
from utilization.rules.language.quantities import quantity_in, read_node_quantity, read_whole
from utilization.rules.language.reader import ConditionReader, Word
from utilization.rules.language.schema_parts import COUNT, QUANTITY, TEXTS, obj
from utilization.rules.language.within import IsWithin
from utilization.rules.yaml_lines import Node

WITHOUT_SUCCESS = ("failed", "intolerant", "contraindicated")
_THERAPIES = "prior_therapies"
_FIELDS = CATALOGUE[_THERAPIES].fields
RESULTS = tuple(_FIELDS["outcome"].choices)


def tried_without_success(reader: ConditionReader, node: Node) -> Condition:
    """Any of these facts says failed, intolerant or contraindicated."""
    names = _listed(node)
    return AnyOf(tuple(IsOneOf(_therapy_fact(reader, item), frozenset(WITHOUT_SUCCESS)) for item in names))


def _therapy_fact(reader: ConditionReader, node: Node) -> str:
    name = reader.fact(node, node.text())
    fact = reader.catalogue.get(name)
    if fact is None or "failed" not in fact.choices:
        no_therapy(node, name)
    return name


def _listed(node: Node) -> list[Node]:
    items = node.items()
    if not items:
        node.fail("expected at least one therapy")
    return items


def tried(reader: ConditionReader, node: Node) -> Condition:
    """Any, all, or at least so many of the named therapies came to one of the results, tried so long at such a dose."""
    keys = node.mapping((), ("any", "all", "at_least", "of", "results", "for", "dose"))
    given = [key for key in ("any", "all", "of") if key in keys]
    if len(given) != 1 or ("of" in keys) != ("at_least" in keys):
        node.fail("expected one of any: [...], all: [...], or at_least: 2 with of: [...]")
    results = _results(keys)
    items = _listed(keys[given[0]])
    if reader.edition >= SECOND:
        check_apart(reader, items, "at_least" in keys)
    parts = tuple(_therapy(reader, item, results, keys) for item in items)
    if "any" in keys:
        return AnyOf(parts)
    if "all" in keys:
        return AllOf(parts)
    least = read_whole(keys["at_least"])
    if least > len(parts):
        keys["at_least"].fail(f"at least {least} of {len(parts)} therapies can never hold")
    return CountOf(parts, least)


def _results(keys: Mapping[str, Node]) -> frozenset[str]:
    if "results" not in keys:
        return frozenset(WITHOUT_SUCCESS)
    named = frozenset(item.one_of(RESULTS) for item in keys["results"].items())
    if not named:
        keys["results"].fail("expected at least one result")
    for key in ("for", "dose"):
        if key in keys and "failed" not in named:
            keys[key].fail(f"{key} is asked only of a therapy that failed, which results leaves out")
    return named


def _therapy(reader: ConditionReader, node: Node, results: frozenset[str], keys: Mapping[str, Node]) -> Condition:
    asks_more = "for" in keys or "dose" in keys
    named = named_therapy(reader, node) if reader.edition >= SECOND else _named_by_spelling(reader, node)
    if named.fact and not asks_more and not named.by_class:
        return IsOneOf(named.fact, results)
    if named.test is None:
        node.fail(f"{named.fact} has no name in prior_therapies, where its trial stands: list it under therapies")
    came_to = IsOneOf("outcome", results)
    where = AllOf((named.test, _trial(results, keys) if asks_more else came_to))
    if not named.fact and named.classes:
        classes = tuple(OfClass(fact, AllOf((test, came_to))) for fact, test in named.classes)
        # A word on one of a class is none on the others.
        itself = Always(False) if named.is_class else named.test
        return NamedTrial(Entries(_THERAPIES, where), itself, classes, results)
    listed = Entries(_THERAPIES, where)
    if asks_more:
        return _beside_the_fact(named.fact, results, listed) if named.fact else listed
    # An entry is enough beside the fact, which alone is asked for.
    return AnyOf((IsOneOf(named.fact, results), Surely(listed))) if named.fact else listed


def _named_by_spelling(reader: ConditionReader, node: Node) -> NamedTherapy:
    """What a name means in the first edition: a fact, or else whatever is spelt so in the list."""
    name = node.text()
    fact = reader.catalogue.get(name) or reader.catalogue.get(f"prior_{name}")
    if fact is not None and "failed" not in fact.choices:
        no_therapy(node, name)
    if fact is None:
        _check_spelling(reader, node, name)
    spelt = Mentions("therapy", (name.removeprefix("prior_"),), whole=True)
    return NamedTherapy(name, fact.name if fact else "", spelt)


def _trial(results: frozenset[str], keys: Mapping[str, Node]) -> Condition:
    """It came to one of the results; where it failed, so long and at such a dose."""
    failed: list[Condition] = [IsOneOf("outcome", frozenset({"failed"}))]
    if "for" in keys:
        failed.append(IsWithin("weeks", quantity_in(keys["for"], "weeks")))
    if "dose" in keys:
        failed.append(_trial_dose(keys["dose"]))
    ways: list[Condition] = [AllOf(tuple(failed))]
    if results - {"failed"}:
        ways.append(IsOneOf("outcome", results - {"failed"}))
    return ways[0] if len(ways) == 1 else AnyOf(tuple(ways))


def _beside_the_fact(name: str, results: frozenset[str], listed: Condition) -> Condition:
    """The trial as the list tells it, with what the therapy's own fact says when it is known.

    A result that asks for no trial is enough, and a therapy that was never taken, or declined, has none.
    """
    enough, none = results - {"failed"}, frozenset(PRIOR) - results - {"failed"}
    parts = [AllOf((Not(Surely(IsOneOf(name, none))), listed))] if none else [listed]
    return AnyOf((Surely(IsOneOf(name, enough)), *parts)) if enough else parts[0]


def _check_spelling(reader: ConditionReader, node: Node, name: str) -> None:
    """A name that looks like a therapy of the vocabulary, but is none, is a slip: it would never be found."""
    known = [fact.name for fact in reader.catalogue.values() if "failed" in fact.choices]
    near = get_close_matches(name, [*known, *(one.removeprefix("prior_") for one in known)], n=1, cutoff=0.85)
    if near or name.startswith("prior_"):
        hint = near[0] if near else nearest(name, known)
        node.fail(f"unknown therapy {name!r}: did you mean {hint}?")


def _trial_dose(node: Node) -> Condition:
    least = node.mapping(("at_least",), ())["at_least"]
    quantity = read_node_quantity(least)
    for name in ("dose_mg_per_kg_per_day", "dose_mg_per_day"):
        try:
            return IsWithin(name, convert(quantity, _FIELDS[name].unit))
        except UnitError:
            continue
    return least.fail(f"expected a dose such as 1 mg/kg/day or 500 mg/day, got {quantity}")


_KEYS = {
    "any": TEXTS, "all": TEXTS, "of": TEXTS, "at_least": COUNT, "for": QUANTITY,
    "results": {"type": "array", "items": {"enum": list(RESULTS)}, "minItems": 1},
    "dose": obj(("at_least",), {"at_least": QUANTITY}),
}  # fmt: skip
WORDS = (
    Word("tried_without_success", tried_without_success, TEXTS, of_request=True),
    Word("tried", tried, obj((), _KEYS), of_request=True),
)
