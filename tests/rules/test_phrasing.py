"""Conditions in words: what each node of the language says, and that nothing is lost on the way."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from utilization import criteria
from utilization.rules.facts.catalogue import CATALOGUE, Fact, Kind
from utilization.rules.facts.units import Quantity
from utilization.rules.language.beside import IsBeside
from utilization.rules.language.change import HasChanged
from utilization.rules.language.composites import (
    ALL,
    EITHER,
    KNOWN,
    NOT,
    AllOf,
    Always,
    AnyOf,
    CountOf,
    Not,
    Surely,
    facts_named,
    in_words,
)
from utilization.rules.language.dated import IsDated
from utilization.rules.language.dose import DoseWithin
from utilization.rules.language.entry_change import EntryChange
from utilization.rules.language.entry_count import Entries
from utilization.rules.language.latest import Latest
from utilization.rules.language.mentions import Mentions
from utilization.rules.language.one_of import IsOneOf
from utilization.rules.language.total import Total
from utilization.rules.language.trend import Trend
from utilization.rules.language.within import IsWithin
from utilization.rules.language.words import Words, label, sentence

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

    for indication in criteria.builtin_pack().indications.values():
        for clause in indication.clauses:
            for condition in (clause.when, clause.require):
                said = text(in_words(condition)).casefold()
                for fact in facts_named(condition):
                    assert label(fact).casefold() in said


def test_a_tree_on_one_line_keeps_its_brackets():
    words = in_words(AllOf((CRISIS, AnyOf((ADULT, VENTILATED)))))
    assert (
        sentence(words)
        == f"{ALL}: Severity: crisis; ({EITHER}: Age: at least 18 years; On mechanical ventilation: yes)"
    )


def test_a_fact_that_a_pack_brings_is_called_what_the_pack_calls_it():
    organ = Fact("organ", Kind.CHOICE, "", "Transplanted organ", choices={"kidney": "kidney", "heart": "heart"})
    test = IsOneOf("organ", frozenset({"heart", "kidney"}))
    assert in_words(test, {"organ": organ}) == Words("Transplanted organ: kidney or heart")
    assert in_words(test) == Words("Organ: heart or kidney")


SCORE = Fact("score", Kind.DEC, "", "Score")
LISTS = {"scores": Fact("scores", Kind.LIST_RECORD, "", "Scores", fields={"score": SCORE}), **CATALOGUE}


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Always(None), "not known"),
        (
            IsWithin("age_years", Decimal(2), Decimal(18), low_open=True, high_open=True),
            "Age: above 2 and below 18 years",
        ),
        (IsWithin("age_years", high=Fraction(1, 3)), "Age: at most 0.3333 years"),
        (CountOf((CRISIS, ADULT), 1), "at least 1 of these hold: Severity: crisis; Age: at least 18 years"),
        (CountOf((CRISIS,), 0, 1), "at most 1 of these hold: Severity: crisis"),
        (CountOf((CRISIS,), 1, 1), "exactly 1 of these hold: Severity: crisis"),
        (CountOf((CRISIS,), 1, 2), "at least 1 and at most 2 of these hold: Severity: crisis"),
        (Mentions("site_words", ("neurologist", "immunologist")), "Site words: mentions neurologist or immunologist"),
        (Mentions("site_words", ("a",), whole=True), "Site words: is a"),
        (Mentions("site_words"), "Site words: stated"),
        (IsDated("day", within=Quantity(Decimal(12), "months")), "Day: within 12 months"),
        (
            IsDated("day", ago=Quantity(Decimal(3), "months"), first=date(2026, 1, 1), last=date(2026, 12, 31)),
            "Day: at least 3 months ago, from 1 Jan 2026, until 31 Dec 2026",
        ),
        (
            HasChanged("one", "two", Decimal(20), rises=False, percent=True),
            "From “One” to “Two”: falls by at least 20 %",
        ),
        (DoseWithin("course_g_per_kg", high=Decimal(2)), "Dose of a course: at most 2 g/kg"),
        (
            DoseWithin("day_g", low=Decimal(1), tolerance=Decimal("0.05")),
            "Grams of a day: at least 1 g, with a tolerance of 5 %",
        ),
        (
            DoseWithin("week_g_per_kg", high=Fraction(4, 15), per=Quantity(Decimal(3), "weeks")),
            "Dose per 3 weeks: at most 0.8 g/kg",
        ),
        (IsBeside("one", "two", least=True), "One: at least “Two”"),
        (IsBeside("one", "two", least=True, is_open=True), "One: above “Two”"),
        (IsBeside("one", "two", least=False, is_open=True), "One: below “Two”"),
        (IsBeside("one", "two", least=False), "One: at most “Two”"),
        (Total("scores", "score", Always(True), high=Decimal(8)), "Scores: together at most 8"),
        (
            Total("scores", "score", Always(True), Decimal(8), None, True, within=Quantity(Decimal(2), "weeks")),
            "Scores: together above 8, within 2 weeks",
        ),
        (Entries("scores", Always(True), low=2), "Scores: at least 2"),
        (
            Entries("scores", IsWithin("score", Decimal(4)), 2, None, Quantity(Decimal(1), "years"), Decimal(21)),
            "Scores: at least 2, each at least 21 days from the next, within 1 years, of which Score: at least 4",
        ),
        (
            Latest("scores", IsWithin("score", high=Decimal(3)), Quantity(Decimal(90), "days")),
            "Scores: the latest, within 90 days, of which Score: at most 3",
        ),
        (Latest("unknown_list", IsWithin("n", Decimal(1))), "Unknown list: the latest, of which N: at least 1"),
        (Trend("scores", "score", rising=True, strict=True, last=3), "Scores: the last 3 rising"),
        (Trend("scores", "score", rising=True, strict=False, last=3), "Scores: the last 3 not falling"),
        (
            EntryChange("scores", "score", Decimal(1), rises=True, since="lowest"),
            "Scores: from the lowest to the latest it rises by at least 1",
        ),
    ],
)
def test_every_node_of_the_language_has_words(condition, said):
    assert sentence(in_words(condition, LISTS)) == said


def test_no_criterion_of_any_pack_is_spelled_out_for_want_of_words():
    classes = (CountOf, DoseWithin, Entries, EntryChange, HasChanged, IsBeside, IsDated, Latest, Mentions, Total, Trend)
    nodes = {node.__name__ for node in classes}
    for place in criteria.shipped_packs().values():
        pack = criteria.pack_at(place)
        for indication in pack.indications.values():
            for clause in indication.clauses:
                said = " ".join(
                    sentence(in_words(condition, pack.catalogue)) for condition in (clause.when, clause.require)
                )
                assert not [node for node in nodes if f"{node}: " in said]
