"""Fields of entries that are held against each other: what is unknown is asked for, and nothing is decided before."""

from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.rules.leaf_parts import Leaf
from tests.rules.naive_truth import truth
from tests.rules.test_leaves import TABLES, _read
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.judging.pack_checks import problems
from utilization.rules.language import entry_classes, joint_classes, variables
from utilization.rules.language.composites import in_words
from utilization.rules.language.variables import variables_of
from utilization.rules.yaml_lines import PackError

DAY = date(2026, 6, 30)
TWO_LOW = {"levels": {"where": {"got": {"below": {"fact": "lower"}}}, "at_least": 2}}


def judged(condition, facts, edition=2):
    pack = _read(Leaf(condition, {}, DAY, edition=edition).text())
    return judge(pack, "thing", read_facts(facts, catalogue=pack.catalogue), tables=TABLES, as_of=DAY)


@pytest.mark.parametrize("gap", [{"lower": "4"}, {"got": "4"}, {}])
def test_a_field_that_an_entry_lacks_is_asked_for(gap):
    result = judged(TWO_LOW, {"levels": [{"got": "3", "lower": "4"}, gap]})
    assert (result.outcome, result.questions) == ("needs_information", ("levels",))


def test_a_list_that_can_no_longer_turn_out_otherwise_is_not_asked_for():
    least = {"levels": {"where": {"got": {"at_least": {"fact": "lower"}, "below": "2 g/L"}}}}
    assert judged(least, {"levels": [{"lower": "3"}]}).outcome == "exception_review"
    assert judged(least, {"levels": [{"lower": "1"}]}).outcome == "needs_information"


@pytest.mark.parametrize("bound", ["_MOST_COMPARED", "_MOST_KINDS"])
def test_where_too_many_values_would_have_to_be_tried_the_list_is_asked_for(bound, monkeypatch):
    never = {
        "levels": {"where": {"got": {"below": {"fact": "lower"}, "at_least": "3 g/L"}, "lower": {"below": "2 g/L"}}}
    }
    assert judged(never, {}).outcome == "exception_review"
    monkeypatch.setattr(entry_classes, bound, 3)
    assert judged({"all": [never, never]}, {}).questions == ("levels",)


def _ways(*conditions):
    pack = _read(Leaf({"any": list(conditions)}, {}, DAY).text())
    [variable] = variables_of(pack.indications["thing"].clauses, pack.catalogue)
    return {way.truths for way in variable.ways({})}


def test_an_unknown_list_is_supposed_in_every_way_in_which_its_tests_can_differ():
    at_least_3, below = {"got": {"at_least": "3 g/L"}}, {"got": {"below": {"fact": "lower"}}}
    tests = [{"levels": {"where": where}} for where in (at_least_3, below, {**below, **at_least_3})]
    tests[2]["levels"]["where"] = {"got": {**below["got"], **at_least_3["got"]}}
    # An entry with both makes each of them hold.
    expected = {ways for ways in product((True, False), repeat=3) if not ways[2] or (ways[0] and ways[1])}
    assert _ways(*tests) == expected


# --- Editions ---------------------------------------------------------------------------------------------------------

UNDATED = {"levels": [{"got": "3"}, {"got": "5"}]}


@pytest.mark.parametrize("test", [
    {"latest": {"got": {"at_least": "5 g/L"}}},
    {"trend": "rising", "last": 2, "field": "got"},
    {"change": {"field": "got", "rises_by": "2 g/L"}},
])  # fmt: skip
def test_dates_that_are_missing_are_asked_for_and_by_the_first_edition_the_list_stands_in_its_order(test):
    assert judged({"levels": test}, UNDATED, edition=1).outcome == "meets"
    result = judged({"levels": test}, UNDATED)
    assert (result.outcome, result.questions) == ("needs_information", ("levels",))
    days = ("2026-01-10", "2026-02-10")
    by_days = [{**entry, "date": day} for entry, day in zip(UNDATED["levels"], days, strict=True)]
    assert judged({"levels": test}, {"levels": by_days}).outcome == "meets"


def test_the_latest_of_entries_that_agree_is_known_without_their_dates():
    assert judged({"levels": {"latest": {"got": {"at_least": "3 g/L"}}}}, UNDATED).outcome == "meets"


def test_words_say_that_a_list_goes_by_its_dates_alone():
    def said(test, edition):
        clause = _read(Leaf({"levels": test}, {}, DAY, edition=edition).text()).indications["thing"].clauses[0]
        return in_words(clause.require).text

    latest, trend = {"latest": {"got": {"at_least": "3 g/L"}}}, {"trend": "rising", "last": 2, "field": "got"}
    assert [said(latest, edition) for edition in (1, 2)] == [
        "Levels: the latest, of which Got: at least 3",
        "Levels: the latest by date, of which Got: at least 3",
    ]
    assert [said(trend, edition) for edition in (1, 2)] == [
        "Levels: the last 2 rising",
        "Levels: the last 2 by date rising",
    ]
    assert said({"change": {"field": "got", "rises_by": "2 g/L"}}, 2) == (
        "Levels: from the first to the latest by date it rises by at least 2"
    )


AMBIGUOUS = {"platelet_measurements": {"where": {"platelets_10e9_per_l": {"below": {"fact": "platelets_10e9_per_l"}}}}}


def test_a_name_that_an_entry_and_the_case_have_is_refused():
    with pytest.raises(PackError, match=r"write \{field: platelets_10e9_per_l\} or \{case: platelets_10e9_per_l\}$"):
        judged(AMBIGUOUS, {})


def test_a_bare_bound_of_a_list_of_numbers_takes_a_fact_of_the_case_in_the_second_edition():
    below = {"disability_assessments": {"where": {"below": {"fact": "baseline_score"}}}}
    facts = {"disability_assessments": [3, 6], "baseline_score": 4}
    assert judged(below, facts).outcome == "meets"
    assert judged(below, {**facts, "baseline_score": 3}).outcome == "exception_review"
    assert judged(below, {"disability_assessments": [3]}).questions == ("baseline_score",)
    assert judged(below, facts, edition=1).outcome == "needs_information"


# --- Held against a fact of the case ----------------------------------------------------------------------------------

LIMIT = {"fact": "igg_lower_limit"}
NUMBERS, LIMITS = ("0.5", "1", "3.5", "4", "4.5", "6", "8"), ("1", "3", "3.8", "4", "4.2", "4.5", "5", "6", "8", "9")
TESTS = (
    {"levels": {"where": {"got": {"below": LIMIT}}, "at_least": 2}},
    {"levels": {"where": {"got": {"at_least": LIMIT, "below": "5 g/L"}}}},
    {"levels": {"latest": {"got": {"above": LIMIT}}}},
    {"levels": {"sum": "got", "where": {"got": {"below": LIMIT}}, "at_least": "6 g/L"}},
    {"levels": {"where": {"got": {"below": "4 g/L"}}, "at_most": 0}},
    {"igg_lower_limit": {"at_least": "4 g/L"}},
)
CONDITIONS = st.lists(st.sampled_from(TESTS), min_size=1, max_size=2, unique_by=str).flatmap(
    lambda tests: st.sampled_from(
        ({"all": tests}, {"any": tests}, {"not": {"any": tests}}, {"any": [*tests[:1], {"all": tests}]})
    )
)


def test_a_list_that_is_never_asked_for_tells_what_matters_of_the_number_that_is():
    one_below = {"levels": {"where": {"got": {"below": LIMIT}}, "exactly": 1}}
    condition = {"all": [{"not": {"surely": one_below}}, {"igg_lower_limit": {"below": "9 g/L"}}]}
    known = {"levels": [{"date": "2026-06-01", "got": "1"}, {"date": "2026-06-02", "got": "1.5"}]}
    assert judged({"all": [condition, {"igg_lower_limit": {"below": "1.2 g/L"}}]}, known).questions == (
        "igg_lower_limit",
    )
    at_least_1 = {"any": [condition, {"igg_lower_limit": {"at_least": "9 g/L"}}]}
    assert judged(at_least_1, known).questions == ("igg_lower_limit",)
    assert judged(at_least_1, {}).outcome == "meets"


def test_a_number_that_is_never_asked_for_counts_when_it_is_known():
    below = {"levels": {"where": {"got": {"below": LIMIT}}}}
    # With a limit of 2 whatever is below it is below 4 as well, so that only an empty list, or high values, fail.
    both = {"any": [{"surely": below}, {"levels": {"where": {"got": {"below": "4 g/L"}}, "at_most": 0}}]}
    assert judged(both, {}).questions == ("levels",)
    assert judged(both, {"igg_lower_limit": "9"}).outcome == "meets"
    assert judged(both, {"igg_lower_limit": "2"}).questions == ("levels",)


def test_where_too_much_would_have_to_be_tried_both_are_asked_for(monkeypatch):
    never = {"all": [TESTS[0], {"levels": {"where": {"got": {"below": LIMIT}}, "at_most": 1}}]}
    assert judged(never, {}).outcome == "exception_review"
    for module, bound in (
        (variables, "MOST_TRIED_LISTS"),
        (joint_classes, "_MOST_NUMBERS"),
        (joint_classes, "MOST_TESTED"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, bound, 1)
            _read.cache_clear()
            assert set(judged(never, {}).questions) == {"levels", "igg_lower_limit"}, bound


def dated(numbers):
    """Entries of days one after the other."""
    return [
        {"date": f"2026-06-{place + 1:02}"} | ({} if got is None else {"got": got}) for place, got in enumerate(numbers)
    ]


def completions(facts):
    """Every way in which what is not known may turn out, of few numbers and no more than three entries."""
    limits = [facts["igg_lower_limit"]] if "igg_lower_limit" in facts else LIMITS
    if "levels" in facts:
        gaps = [[entry.get("got")] if "got" in entry else NUMBERS for entry in facts["levels"]]
        lists = [dated(numbers) for numbers in product(*gaps)]
    else:
        lists = [dated(numbers) for many in range(4) for numbers in product(NUMBERS, repeat=many)]
    return product(lists, limits)


def naively(condition, facts):
    """(the outcomes that are left, the facts that alone can change the outcome)."""
    setting = Leaf(condition, {}, DAY).setting()
    found = {(str(levels), limit): truth(condition, {"levels": levels, "igg_lower_limit": limit}, setting)
             for levels, limit in completions(facts)}  # fmt: skip
    asked = set()
    for place, name in enumerate(("levels", "igg_lower_limit")):
        by_rest = {}
        for key, outcome in found.items():
            by_rest.setdefault(key[1 - place], set()).add(outcome)
        asked |= {name} if any(len(outcomes) > 1 for outcomes in by_rest.values()) else set()
    return set(found.values()), asked


@settings(max_examples=at_most(40), deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    CONDITIONS,
    st.sampled_from((None, [], ["3"], ["3", "5"], ["5", None], [None, "3"])),
    st.sampled_from((None, "4", "6")),
)
def test_what_is_held_against_a_fact_of_the_case_is_decided_and_asked_for_as_trying_everything_says(
    condition, got, limit
):
    facts = {} if got is None else {"levels": dated(got)}
    facts |= {} if limit is None else {"igg_lower_limit": limit}
    outcomes, asked = naively(condition, facts)
    result = judged(condition, facts)
    if len(outcomes) > 1:
        assert (result.outcome, set(result.questions)) == ("needs_information", asked)
    else:
        assert (result.outcome, result.questions) == ("meets" if outcomes == {True} else "exception_review", ())


# --- Shares -----------------------------------------------------------------------------------------------------------


def test_an_unknown_list_is_supposed_with_every_share_and_number_together():
    low, many = {"got": {"below": "4 g/L"}}, {"levels": {"where": {"got": {"below": "4 g/L"}}, "at_least": 2}}
    half, most = {"levels": {"where": low, "at_least": "50 %"}}, {"levels": {"where": low, "at_most": "80 %"}}
    # More than 80 % is at least 50 %, and of no entry there is no share.
    expected = {ways for ways in product((True, False), repeat=3) if ways != (False, False, True)}
    assert _ways(half, most, many) - {(False, False, False)} == expected - {(False, False, False)}


def test_a_share_is_said_and_asked_for_where_a_field_is_missing():
    half = {"levels": {"where": {"got": {"below": "4 g/L"}}, "at_least": "50 %", "within": "3 months"}}
    known = [{"date": "2026-06-01", "got": "3"}, {"date": "2026-06-02"}]
    assert judged(half, {"levels": known}).outcome == "meets"
    assert judged(half, {"levels": [*known, {"date": "2026-06-03", "got": "5"}]}).questions == ("levels",)
    pack = _read(Leaf(half, {}, DAY).text())
    said = in_words(pack.indications["thing"].clauses[0].require, pack.catalogue).text
    assert said == "Levels: at least 50 %, within 3 months, of which Got: below 4 g/L"


# --- Never, or long ago -----------------------------------------------------------------------------------------------

LONG_AGO = {"levels": {"where": {"got": {"below": "4 g/L"}}, "never_or_at_least_ago": "6 months"}}


def test_what_may_have_happened_lately_is_asked_for_and_said():
    assert judged(LONG_AGO, {}).questions == ("levels",)
    assert judged(LONG_AGO, {"levels": [{"got": "3"}]}).questions == ("levels",)
    assert judged(LONG_AGO, {"levels": [{"got": "3", "date": "2026-06-01"}, {}]}).outcome == "exception_review"
    pack = _read(Leaf(LONG_AGO, {}, DAY).text())
    said = in_words(pack.indications["thing"].clauses[0].require, pack.catalogue).text
    assert said == "Levels: never, or at least 6 months ago, of which Got: below 4 g/L"
    assert problems(pack) == []


@pytest.mark.parametrize("count", [{"at_least": "50 %"}, {"at_most": "50 %"}, {"never_or_at_least_ago": "6 months"}])
def test_a_list_of_which_no_entry_can_fit_is_told_by_the_check(count):
    nothing = {"all": [{"got": {"below": "3 g/L"}}, {"got": {"above": "4 g/L"}}]}
    found = problems(_read(Leaf({"levels": {"where": nothing, **count}}, {}, DAY, edition=2).text()))
    never = "at_least" in count
    assert any("can never be met" in str(problem) for problem in found) is never
