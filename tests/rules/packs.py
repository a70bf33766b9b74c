"""Hypothesis writes packs and cases: criteria over every kind of condition, as text, and facts, some of them unknown.

Each fact has a `domain`: so many values that every way in which the conditions written here can turn out occurs among
them, and so few that trying all of them is possible. Thresholds are whole, the numbers tried lie a quarter apart, and
those of a list are whole.
"""

import json
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations_with_replacement, product
from types import MappingProxyType

from hypothesis import strategies as st

from utilization.rules.facts.date_words import NEVER
from utilization.rules.facts.values import json_value, read_facts
from utilization.rules.language.composites import facts_named
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import read_pack

DAYS = (date(2026, 11, 21), date(2026, 3, 15), date(2024, 3, 31))
QUARTERS = [Decimal(n) / 4 for n in range(17)]
WORDS = ("red", "redder", "blue")
OWN = [
    {"name": "yes_1", "type": "bool", "label": "Yes 1"},
    {"name": "yes_2", "type": "bool", "label": "Yes 2"},
    {"name": "yes_3", "type": "bool", "label": "Yes 3"},
    {"name": "kind", "type": "choice", "label": "Kind", "choices": ["a", "b", "c"]},
    {"name": "whole", "type": "int", "label": "Whole", "possible": [0, 4]},
    {"name": "first_score", "type": "dec", "label": "First", "possible": [0, 4]},
    {"name": "last_score", "type": "dec", "label": "Last", "possible": [0, 4]},
    {"name": "words", "type": "text", "label": "Words"},
    {"name": "day", "type": "date", "label": "Day", "or_never": True},
    {
        "name": "values", "type": "list", "label": "Values", "required": ["date"],
        "fields": {"date": "date", "value": {"type": "int", "possible": [1, 3]}},
    },
    {"name": "events", "type": "list", "label": "Events", "required": [], "fields": {"date": "date", "bad": "bool"}},
]  # fmt: skip
OTHERWISE = ("does_not_meet", "needs_information", "exception_review", "exception_review", "warning")
_SPANS = ("30 days", "1 month", "3 weeks")
_ENTRY_DAYS = (0, 21, 42)


def domain(name: str, as_of: date) -> list:
    """The values of a fact that are tried."""
    return _DOMAINS[name](as_of)


def _dates(as_of: date) -> list:
    found = {as_of - timedelta(days=n) for n in (-1, 0, 1, 15, 20, 21, 22, 27, 28, 29, 30, 31, 32, 400)}
    marks = (date(2026, 10, 1), date(2026, 11, 1))
    return [*sorted(found | {mark + timedelta(days=n) for mark in marks for n in (-1, 0, 1)}), NEVER]


def _lists(field: str, values: list, dated: tuple, longest: int = 4) -> list:
    def lists(as_of: date) -> list:
        entries = [MappingProxyType({"date": as_of - timedelta(days=n), field: v}) for n, v in product(dated, values)]
        sizes = range(longest + 1)
        return [tuple(chosen) for size in sizes for chosen in combinations_with_replacement(entries, size)]

    return lists


def _always(values: list):
    return lambda as_of: values


_DOMAINS = {
    "yes_1": _always([True, False]),
    "yes_2": _always([True, False]),
    "yes_3": _always([True, False]),
    "kind": _always(["a", "b", "c"]),
    "whole": _always([0, 1, 2, 3, 4]),
    "first_score": _always(QUARTERS),
    "last_score": _always(QUARTERS),
    "words": _always(["", "grey", "red", "redder", "blue", "red blue", "redder blue"]),
    "day": _dates,
    "values": _lists("value", [1, 2, 3], _ENTRY_DAYS),
    "events": _lists("bad", [True, False], (0, 21, 31, 42)),
}


# --- Conditions, as the mappings that stand in the text ---------------------------------------------------------------


def _bounds(name: str, numbers: tuple):
    words = st.sampled_from(("at_least", "at_most", "above", "below"))
    one = st.builds(lambda word, number: {name: {word: number}}, words, st.sampled_from(numbers))
    both = st.sampled_from([(a, b) for a in numbers for b in numbers if a < b]).map(
        lambda pair: {name: {"at_least": pair[0], "below": pair[1]}}
    )
    return one | both | st.sampled_from(numbers).map(lambda number: {name: number})


def _of_values(word: str, number: int) -> dict:
    return {"value": {word: number}}


_WHERE_VALUE = st.builds(_of_values, st.sampled_from(("at_least", "below", "above")), st.sampled_from((2,)))
_WHERE_BAD = st.booleans().map(lambda bad: {"bad": bad})
_COUNTS = st.sampled_from(({}, {"at_least": 2}, {"at_most": 1}, {"exactly": 1}, {"at_least": 0, "at_most": 0}))
_WINDOW = st.sampled_from(({}, {"within": "30 days"}, {"within": "1 month"}, {"apart": "3 weeks", "at_least": 2}))
_CHANGES = st.builds(
    lambda since, step: {"values": {"change": {"from": since, **step}}},
    st.sampled_from(("first", "previous", "highest", "lowest")),
    st.sampled_from(({"rises_by": 1}, {"falls_by": 1}, {"rises_by": "100 %"}, {"falls_by": "50 %"}, {"rises_by": 2})),
)
_LISTS = st.one_of(
    st.builds(lambda w, c: {"values": {"where": w, **c}}, _WHERE_VALUE, _COUNTS),
    st.builds(lambda w, s: {"values": {"where": w, **s}}, _WHERE_VALUE, _WINDOW),
    st.builds(lambda w, s: {"values": {"latest": w, **s}}, _WHERE_VALUE, st.sampled_from(({}, {"within": "30 days"}))),
    st.builds(
        lambda way, last: {"values": {"trend": way, "last": last}},
        st.sampled_from(("rising", "falling", "not_rising", "not_falling")),
        st.sampled_from((2, 3)),
    ),
    _CHANGES,
    st.builds(
        lambda word, bound, more: {"values": {"sum": "value", word: bound, **more}},
        st.sampled_from(("at_least", "at_most", "above", "below")),
        st.sampled_from((2, 4)),
        st.sampled_from(({}, {"within": "30 days"}, {"where": {"value": {"at_least": 2}}})),
    ),
    st.builds(lambda w, c: {"events": {"where": w, **c}}, _WHERE_BAD, _COUNTS),
    st.builds(lambda w, s: {"events": {"where": w, **s}}, _WHERE_BAD, _WINDOW),
    st.builds(lambda w, s: {"events": {"latest": w, **s}}, _WHERE_BAD, st.sampled_from(({}, {"within": "30 days"}))),
)
LEAVES = st.one_of(
    st.sampled_from(("yes_1", "yes_2", "yes_3")).flatmap(lambda n: st.booleans().map(lambda v: {n: v})),
    st.sets(st.sampled_from("abc"), min_size=1, max_size=2).map(lambda some: {"kind": sorted(some)}),
    _bounds("whole", (0, 1, 2, 3)) | st.sampled_from(("1.5", "2.5")).map(lambda n: {"whole": {"at_least": float(n)}}),
    _bounds("first_score", (1, 2, 3)),
    _bounds("last_score", (1, 2, 3)) | st.just({"last_score": {"above": 4}}),
    st.sets(st.sampled_from(WORDS), min_size=1, max_size=2).map(lambda some: {"words": {"mentions": sorted(some)}}),
    st.sampled_from((*WORDS, "stated")).map(lambda word: {"words": word}),
    st.builds(
        lambda word, span: {"day": {word: span}},
        st.sampled_from(("within", "at_least_ago", "never_or_at_least_ago")),
        st.sampled_from(_SPANS),
    ),
    st.sampled_from(
        ({"from": "2026-10-01"}, {"until": "2026-11-01"}, {"from": "2026-10-01", "until": "2026-11-01"})
    ).map(lambda span: {"day": span}),
    st.sampled_from(({"falls_by": 1}, {"rises_by": 2}, {"falls_by": "50 %"}, {"rises_by": "100 %"})).map(
        lambda step: {"change": {"from": "first_score", "to": "last_score", **step}}
    ),
    st.sampled_from(("at_least", "at_most", "above", "below")).map(
        lambda word: {"last_score": {word: {"fact": "first_score"}}}
    ),
    _LISTS,
)


def _over(inner, surely="surely"):
    """Conditions over others; `surely` may be replaced, for what only counts when known changes an outcome later."""
    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        some.map(lambda parts: {"all": parts}),
        some.map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
        inner.map(lambda part: {surely: part}),
        st.builds(
            lambda parts, low, word: {"count": {"of": parts, word: min(low, len(parts))}},
            st.lists(inner, min_size=2, max_size=4),
            st.integers(0, 2),
            st.sampled_from(("at_least", "at_most", "exactly")),
        ),
    )


CONDITIONS = LEAVES | _over(LEAVES) | _over(LEAVES | _over(LEAVES))
SIMPLE = st.sampled_from(("yes_1", "yes_2", "yes_3")).flatmap(lambda n: st.booleans().map(lambda v: {n: v}))


@st.composite
def clauses(draw):
    """One to four clauses."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        otherwise = draw(st.sampled_from(OTHERWISE))
        clause = {"id": f"c{number}", "says": "It is so.", "require": draw(CONDITIONS), "local": "Made up.",
                  "otherwise": otherwise}  # fmt: skip
        if otherwise == "needs_information":
            clause["awaits"] = "A result."
        if otherwise == "warning":
            clause["warns"] = "weak_evidence"
        if draw(st.integers(0, 2)) == 0:
            clause["when"] = draw(CONDITIONS)
        found.append(clause)
    return found


@st.composite
def packs(draw) -> Pack:
    """A pack of two indications, `one` and `two`, read from its text."""
    text = {
        "pack": {"name": "made", "version": "1", "title": "Made up"},
        "facts": OWN,
        "indications": [{"code": code, "name": code} for code in ("one", "two")],
        "criteria": [{"indication": code, "clauses": draw(clauses())} for code in ("one", "two")],
        "changeable": sorted(draw(st.sets(st.sampled_from(
            ("yes_1", "yes_2", "kind", "whole", "first_score", "last_score"))))),
    }  # fmt: skip
    if draw(st.integers(0, 3)) == 0:
        text["redirects"] = [{"indications": ["one"], "when": draw(SIMPLE), "to": "two", "says": "It is two."}]
    if draw(st.integers(0, 3)) == 0:
        text["defaults"] = [{"fact": "kind", "value": "a", "when": draw(SIMPLE), "says": "It is a."}]
    return read_pack({"made.yaml": json.dumps(text)})


class Case:
    """A request to judge by a made-up pack. No dataclass, so that a failure is shown as the text below."""

    def __init__(self, pack: Pack, indication: str, facts: dict, as_of: date) -> None:
        self.pack, self.indication, self.facts, self.as_of = pack, indication, facts, as_of

    def __repr__(self) -> str:
        written = json.loads(self.pack.files["made.yaml"])
        own = {key: written[key] for key in ("criteria", "changeable", "redirects", "defaults") if key in written}
        facts = {name: json_value(value) for name, value in self.facts.items()}
        return f"Case of {self.indication} as of {self.as_of} with {json.dumps(facts)} by {json.dumps(own)}"


@st.composite
def cases(draw, most: int = 3000) -> Case:
    """A pack with facts, so many of them known that the unknown ones can turn out in at most `most` ways."""
    pack, as_of = draw(packs()), draw(st.sampled_from(DAYS))
    named = {name for one in pack.indications.values() for clause in one.clauses
             for name in (*facts_named(clause.when), *facts_named(clause.require))}  # fmt: skip
    facts, ways = {}, 1
    for name in draw(st.permutations(sorted(named))):
        values = domain(name, as_of)
        if ways * len(values) <= most and draw(st.integers(0, 2)) < 2:
            ways *= len(values)
        elif name in ("values", "events"):
            facts[name] = draw(_known_list(name, values, most // ways))
            ways *= _ways_left(name, facts[name], as_of)
        else:
            facts[name] = draw(st.sampled_from(values))
    return Case(pack, "one", facts, as_of)


_FIELDS = {"values": ("value",), "events": ("bad", "date")}


@st.composite
def _known_list(draw, name: str, values: list, most: int):
    """A list without two entries of one day, of which an entry or two may lack a field."""
    whole = draw(st.sampled_from([v for v in values if len({e["date"] for e in v}) == len(v)]))
    entries, budget = [], 2 if most >= 100 else 0
    for entry in whole:
        left_out = draw(st.sampled_from((None, None, *_FIELDS[name]))) if budget else None
        budget -= left_out is not None
        entries.append(MappingProxyType({key: value for key, value in entry.items() if key != left_out}))
    return tuple(entries)


def gaps(name: str, entries: tuple) -> list:
    """(place, field) of every field that an entry lacks."""
    fields = ("date", *(field for field in _FIELDS[name] if field != "date"))
    return [(n, field) for n, entry in enumerate(entries) for field in fields if field not in entry]


def field_values(name: str, field: str, as_of: date) -> list:
    """The values of an entry's field that are tried."""
    if field == "date":
        return [as_of - timedelta(days=n) for n in (0, 1, 15, 21, 22, 30, 31, 42, 43, 63, 64, 400)]
    return [1, 2, 3] if name == "values" else [True, False]


def _ways_left(name: str, entries: tuple, as_of: date) -> int:
    ways = 1
    for _, field in gaps(name, entries):
        ways *= len(field_values(name, field, as_of))
    return ways


# --- Orders of a dose -----------------------------------------------------------------------------------------------

ORDERS = {
    "dose_total_g_per_kg": ("0.5", "1", "1.5", "2", "2.01", "3"),
    "dose_total_g": ("40", "60", "100", "102", "140", "200"),
    "dose_per_day_g_per_kg": ("0.2", "0.4", "1", "2.5"),
    "dose_per_day_g": ("20", "60", "150"),
    "course_days": (1, 2, 5),
    "interval_weeks": ("2", "4", "8"),
    "weight_kg": ("20", "49.9", "50", "70", "100"),
    "age_years": (10, 40),
    "height_cm": ("120", "170"),
    "sex": ("female", "male"),
    "max_infusion_rate_ml_per_kg_min": ("0.02", "0.08"),
    "concentration_g_per_ml": ("0.05", "0.1"),
}
_LIMITS = st.one_of(
    st.builds(
        lambda word, limit, per: {"dose": {word: limit, "per": per}},
        st.sampled_from(("at_most", "at_least")),
        st.sampled_from(("0.4 g/kg", "1 g/kg", "2 g/kg", "50 g", "100 g")),
        st.sampled_from(("course", "day", "4 weeks")),
    ),
    st.sampled_from(("0.05 mL/kg/min", "4 mg/kg/min")).map(lambda limit: {"dose": {"at_most": limit}}),
    st.sampled_from((True, False)).map(lambda within: {"dose_within_ceiling": within}),
    st.sampled_from((50, 70)).map(lambda kg: {"weight_kg": {"at_least": kg}}),
    st.sampled_from((1, 2)).map(lambda dose: {"dose_total_g_per_kg": {"at_most": dose}}),
    st.sampled_from((1, 2)).map(lambda days: {"course_days": {"at_most": days}}),
    st.just({"interval_weeks": {"at_least": 4}}),
    st.just({"age_years": {"at_least": 18}}),
    SIMPLE,
)


@st.composite
def orders(draw) -> Case:
    """A pack about doses, and an order of which much may be unknown."""
    wheres = _LIMITS | _over(_LIMITS, surely="not")
    criteria = []
    for number in range(draw(st.integers(1, 4))):
        clause = {"id": f"c{number}", "says": "It is so.", "require": draw(wheres), "local": "Made up.",
                  "otherwise": draw(st.sampled_from(("does_not_meet", "exception_review")))}  # fmt: skip
        if draw(st.booleans()):
            clause["when"] = draw(wheres)
        criteria.append(clause)
    text = {
        "pack": {"name": "made", "version": "1", "title": "Made up"},
        "facts": OWN,
        "indications": [{"code": "one", "name": "one"}],
        "criteria": [{"indication": "one", "clauses": criteria}],
        "changeable": draw(st.sampled_from(([], ["dose"], ["dose_within_ceiling"], ["dose", "dose_within_ceiling"]))),
        "dosing": {"ceiling": "2 g/kg", "weight_rule": draw(st.sampled_from(("adjusted", "actual", "ideal")))},
    }
    facts = {name: draw(st.sampled_from(ORDERS[name])) for name in draw(st.sets(st.sampled_from(sorted(ORDERS))))}
    return Case(read_pack({"made.yaml": json.dumps(text)}), "one", dict(read_facts(facts)), DAYS[0])


@st.composite
def rest_of_order(draw, case: Case) -> dict:
    """Values for what an order leaves unknown; a dose that is stated in one way is not stated in another as well."""
    unknown = [name for name in ORDERS if name not in case.facts]
    stated = {name for name in case.facts if name.startswith("dose_")}
    way = draw(st.sampled_from(("dose_total_g_per_kg", "dose_total_g", "dose_per_day_g_per_kg", "dose_per_day_g")))
    left_out = {name for name in unknown if name.startswith("dose_") and (stated or name != way)}
    # Without height and sex the dose goes by actual weight: they are never asked for.
    left_out |= {"height_cm", "sex"}
    rest = {name: draw(st.sampled_from(ORDERS[name])) for name in unknown if name not in left_out}
    truths = {name: draw(st.booleans()) for name in ("yes_1", "yes_2", "yes_3")}
    return {**dict(read_facts(rest)), **truths}
