"""Four numbers or dates that are held against one another, of which some are known: decided, and asked, as trying every
value of the others says.

What is expected is reckoned here in whole numbers, without the naive judge: so many values are tried that it must be
quick. Dates are days from that of the request, numbers are whole, or quarters.
"""

import json
import operator
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from utilization import criteria
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.packs.reader import read_pack

AS_OF = date(2026, 3, 31)
NAMES = ("first", "second", "third", "fourth")
HOLDS = {"at_least": operator.ge, "at_most": operator.le, "above": operator.gt, "below": operator.lt,
         "from": operator.ge, "until": operator.le}  # fmt: skip
VALUES = {"dec": range(25), "date": range(-11, 12), "int": range(18)}
NEVER = None


def _day(number):
    return "never" if number is NEVER else str(AS_OF + timedelta(days=number))


def _quarters(number):
    return str(number / 4)


WRITTEN = {"dec": _quarters, "date": _day, "int": str}


@lru_cache(maxsize=200)
def _read(text):
    return read_pack({"made.yaml": text})


def judged(kind, parts, joined, known, never=()):
    """(the outcome, what is asked for) where `parts` are (name, how, other or number, so many days before it)."""
    write = WRITTEN[kind]

    def bound(other, back):
        if isinstance(other, int):
            return write(other)
        return {"fact": other, **({"minus": f"{back} days"} if back else {})}

    may = {name: {"or_never": True} if name in never else {} for name in NAMES}
    pack = _read(json.dumps({
        "pack": {"name": "made", "version": "1", "title": "Made up", "language": 2},
        "facts": [{"name": name, "type": kind, "label": name, **may[name]} for name in NAMES],
        "indications": [{"code": "thing", "name": "Thing"}],
        "criteria": [{"indication": "thing", "clauses": [{
            "id": "it", "says": "It holds.", "otherwise": "exception_review", "local": "Made up.",
            "require": {joined: [{name: {how: bound(other, back)}} for name, how, other, back in parts]}}]}],
    }))  # fmt: skip
    facts = read_facts({name: write(value) for name, value in known.items()}, catalogue=pack.catalogue)
    result = judge(pack, "thing", facts, tables=criteria.reference_tables(), as_of=AS_OF)
    return result.outcome.value, set(result.questions)


def expected(kind, parts, joined, known, never=()):
    """(the outcome, what alone changes it beside some values of the others), by trying every value."""
    together = {"all": all, "any": any}[joined]
    read = sorted({name for part in parts for name in part[:3:2] if isinstance(name, str)})
    unknown = [name for name in read if name not in known]
    every = {name: [*VALUES[kind], *([NEVER] if name in never else [])] for name in unknown}
    truths = {}
    for some in product(*every.values()):
        values = {**known, **dict(zip(unknown, some, strict=True))}
        truths[some] = together(held(values, part) for part in parts)
    if len(set(truths.values())) == 1:
        return {True: "meets", False: "exception_review"}[truths.popitem()[1]], set()
    asked = set()
    for place, name in enumerate(unknown):
        beside = {}
        for some, truth in truths.items():
            beside.setdefault(some[:place] + some[place + 1 :], set()).add(truth)
        if any(len(both) > 1 for both in beside.values()):
            asked.add(name)
    return "needs_information", asked


def held(values, part):
    name, how, other, back = part
    value, bound = values[name], other if isinstance(other, int) else values[other]
    return value is not NEVER and bound is not NEVER and HOLDS[how](value, bound - back)


ORDERS = st.sampled_from(("chain", "chain", "star", "ring"))


@st.composite
def compared(draw, hows, alone, spans):
    """Comparisons of four in a chain, with one or about one, and of one or another with a number."""
    names = draw(st.permutations(NAMES))
    shape = draw(ORDERS)
    pairs = [(names[0], other) for other in names[1:]] if shape == "star" else list(pairwise(names))
    pairs += [(names[0], names[3])] if shape == "ring" else []
    one_way = draw(st.booleans())
    how = draw(st.sampled_from(hows))
    parts = [
        (name, how if one_way else draw(st.sampled_from(hows)), other, draw(st.sampled_from(spans)))
        for name, other in pairs
    ]
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=1)):
        parts.append((name, draw(st.sampled_from(hows)), draw(st.sampled_from(alone)), 0))
    return parts


def some_known(values):
    return st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(values) for name in names})
    )


@settings(max_examples=at_most(25), deadline=None)
@given(compared(("at_least", "at_most", "above", "below"), (8, 12), (0,)), st.sampled_from(("all", "any")),
       some_known((8, 12, 16)))  # fmt: skip
def test_numbers(parts, joined, known):
    assert judged("dec", parts, joined, known) == expected("dec", parts, joined, known)


@settings(max_examples=at_most(25), deadline=None)
@given(compared(("at_least", "at_most", "above", "below"), (8, 9), (0,)), st.sampled_from(("all", "any")),
       some_known((8, 9, 10)))  # fmt: skip
def test_whole_numbers(parts, joined, known):
    assert judged("int", parts, joined, known) == expected("int", parts, joined, known)


@settings(max_examples=at_most(25), deadline=None)
@given(compared(("from", "until"), (-1, 0), (0, 0, 1, 2)), st.sampled_from(("all", "any")), some_known((-1, 0, 1)),
       st.sets(st.sampled_from(NAMES), max_size=1))  # fmt: skip
def test_dates(parts, joined, known, never):
    assert judged("date", parts, joined, known, never) == expected("date", parts, joined, known, never)


@pytest.mark.parametrize(
    ("kind", "how"), [("dec", "at_least"), ("dec", "at_most"), ("date", "from"), ("date", "until")]
)
@pytest.mark.parametrize("known", NAMES)
def test_a_chain_is_followed_from_what_is_known_of_it(kind, how, known):
    """Far from where a sample would lie by itself, so that nothing but the chain leads there."""
    parts = [(name, how, other, 0) for name, other in pairwise(NAMES)]
    far = {"dec": 4000, "date": -400}[kind]
    assert judged(kind, parts, "all", {known: far}) == ("needs_information", {*NAMES} - {known})
