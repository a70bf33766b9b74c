"""Compiled clauses: nothing of a pack stands in their source, and what `surely` leaves to an answer is not decided."""

import io
import json
import tokenize
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.rules.packs import OWN
from utilization import library
from utilization.rules.language.compiled import compile_clauses
from utilization.rules.language.composites import AllOf, Always, AnyOf, CountOf, Not, Surely
from utilization.rules.language.one_of import IsOneOf
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.within import IsWithin
from utilization.rules.packs.pack import Clause
from utilization.rules.packs.reader import read_pack

OURS = {
    "def", "run", "facts", "get", "return", "None", "True", "False", "if", "else", "is", "or", "not", "in", "count",
    "between", "D", "E", "M", "o",
}  # fmt: skip
HOSTILE = "x') or __import__('os').system('false') #"


def words(source):
    """The names in the source that are none of our own: letters with a number."""
    read = tokenize.generate_tokens(io.StringIO(source).readline)
    names = {token.string for token in read if token.type == tokenize.NAME}
    strings = [
        token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.STRING
    ]
    assert strings == []
    return names - OURS


def clause(require, when=None, otherwise=Outcome.DOES_NOT_MEET):
    return Clause("c", "x", Always(True) if when is None else when, require, otherwise)


def test_the_source_holds_no_word_of_the_pack():
    for indication in library.builtin_pack().indications.values():
        assert all(word[0] in "tfkmc" and word[1:].isdigit() for word in words(indication.compiled.source))


def test_a_pack_cannot_write_source():
    text = {
        "pack": {"name": HOSTILE, "version": "1", "title": HOSTILE},
        "facts": OWN,
        "indications": [{"code": "one", "name": HOSTILE}],
        "criteria": [{"indication": "one", "clauses": [
            {"id": HOSTILE, "says": HOSTILE, "local": HOSTILE, "otherwise": "does_not_meet",
             "require": {"words": {"mentions": [HOSTILE]}}, "when": {"words": HOSTILE}}]}],
    }  # fmt: skip
    compiled = read_pack({"p.yaml": json.dumps(text)}).indications["one"].compiled
    assert all(word[0] in "tfkmc" and word[1:].isdigit() for word in words(compiled.source))
    assert compiled.run({"words": HOSTILE})[2] is Outcome.MEETS
    hostile = compile_clauses([clause(IsOneOf(HOSTILE, frozenset({HOSTILE})))])
    assert HOSTILE not in hostile.source
    assert hostile.run({HOSTILE: HOSTILE})[2] is Outcome.MEETS


def test_clauses_are_compiled_once_and_kept_beside_the_indication():
    indication = library.builtin_pack().indications["cidp"]
    assert indication.compiled is indication.compiled


@pytest.mark.parametrize(
    ("node", "truths"),
    [
        (AllOf(()), True),
        (AnyOf(()), False),
        (CountOf((), 0), True),
        (Always(None), None),
        (IsWithin("n"), True),
        (IsWithin("n", Decimal(2), Decimal(2)), True),
        (IsWithin("n", Decimal(2), None, low_open=True), False),
        (IsWithin("n", None, Decimal(2), high_open=True), False),
        (IsWithin("n", Fraction(1, 3), Fraction(7, 3)), True),
    ],
)
def test_nodes_that_packs_hardly_write_mean_the_same(node, truths):
    facts = {"n": Decimal(2)}
    compiled = compile_clauses([clause(node)])
    assert compiled.run(facts)[0][compiled.requires[0]] is truths
    assert node.truth(facts) is truths


YES = IsOneOf("yes", frozenset({True}))


@pytest.mark.parametrize("under", [
    Surely(YES), Not(Surely(Not(YES))), AllOf((Surely(YES),)), CountOf((Surely(YES), Always(False)), 1),
])  # fmt: skip
def test_what_counts_only_when_known_is_not_decided_while_it_is_asked_for(under):
    asked = clause(YES, otherwise=Outcome.EXCEPTION_REVIEW)
    assert compile_clauses([clause(under), asked]).run({})[2] is None
    known = compile_clauses([clause(under)]).run({})
    assert known[2] is (Outcome.MEETS if isinstance(under, Not) else Outcome.DOES_NOT_MEET)


def test_a_clause_that_only_warns_decides_nothing_and_asks_nothing():
    warning = clause(YES, otherwise=None)
    assert compile_clauses([warning]).run({})[1:] == ((None,), Outcome.MEETS)
    assert compile_clauses([warning, clause(Surely(YES))]).run({})[2] is Outcome.DOES_NOT_MEET


def test_what_denies_goes_before_what_calls_for_review():
    both = [clause(YES, otherwise=Outcome.EXCEPTION_REVIEW), clause(IsOneOf("no", frozenset({False})))]
    run = compile_clauses(both).run
    assert run({"yes": False, "no": True})[2] is Outcome.DOES_NOT_MEET
    assert run({"yes": False, "no": False})[2] is Outcome.EXCEPTION_REVIEW
    assert run({"yes": False})[2] is None
    assert run({"no": False})[2] is None
    assert run({"yes": True, "no": False})[2] is Outcome.MEETS
