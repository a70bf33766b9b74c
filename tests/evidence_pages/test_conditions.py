"""Conditions in words: what each node of the language says, and that nothing is lost on the way."""

from decimal import Decimal

import pytest

from utilization import library
from utilization.rules.criteria import AllOf, Always, AnyOf, IsOneOf, IsWithin, Not, Surely, facts_named
from utilization.web.evidence.conditions import ALL, EITHER, KNOWN, NOT, Words, in_words, label

CRISIS = IsOneOf("severity", frozenset({"crisis"}))
ADULT = IsWithin("age_years", low=Decimal(18))
VENTILATED = IsOneOf("mechanical_ventilation", frozenset({True}))


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Always(True), "always"),
        (Always(False), "never"),
        (CRISIS, "Severity: crisis"),
        (IsOneOf("severity", frozenset({"crisis", "mild", "severe"})), "Severity: mild, severe or crisis"),
        (VENTILATED, "On mechanical ventilation: yes"),
        (IsOneOf("mechanical_ventilation", frozenset({False})), "On mechanical ventilation: no"),
        (IsOneOf("dose_within_ceiling", frozenset({True})), "The ordered course stays within the ceiling: yes"),
        (ADULT, "Age: at least 18 years"),
        (IsWithin("age_years", high=Decimal("2.5")), "Age: at most 2.5 years"),
        (IsWithin("age_years", Decimal(2), Decimal(18)), "Age: at least 2 and at most 18 years"),
        (Surely(VENTILATED), f"On mechanical ventilation: yes ({KNOWN})"),
        (Not(CRISIS), "not severity: crisis"),
        (AllOf((CRISIS,)), "Severity: crisis"),
    ],
)
def test_one_line_says_one_test(condition, said):
    assert in_words(condition) == Words(said)


def test_branches_are_headings_over_their_parts():
    words = in_words(AllOf((CRISIS, AnyOf((ADULT, VENTILATED)))))
    assert words.text == ALL
    assert [part.text for part in words.parts] == ["Severity: crisis", EITHER]
    assert len(words.parts[1].parts) == 2


def test_a_list_in_a_list_of_its_own_kind_is_one_list():
    nested, flat = AnyOf((CRISIS, AnyOf((ADULT, VENTILATED)))), AnyOf((CRISIS, ADULT, VENTILATED))
    assert in_words(nested) == in_words(flat)


def test_the_opposite_of_a_branch_keeps_the_branch():
    words = in_words(Not(AnyOf((CRISIS, ADULT))))
    assert (words.text, words.parts[0].text) == (NOT, EITHER)


def test_every_fact_that_a_criterion_of_the_pack_reads_is_named_in_its_words():
    def text(words):
        return words.text + " ".join(text(part) for part in words.parts)

    for indication in library.builtin_pack().indications.values():
        for clause in indication.clauses:
            for condition in (clause.when, clause.require):
                said = text(in_words(condition)).casefold()
                for fact in facts_named(condition):
                    assert label(fact).casefold() in said


def test_a_node_of_no_language_is_refused():
    with pytest.raises(TypeError, match="no node"):
        in_words("severity: crisis")
