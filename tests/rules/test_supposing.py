"""What unknown facts are supposed to be: enough that every way in which conditions can turn out occurs."""

import json
from datetime import date
from decimal import Decimal

import pytest

from tests.rules.packs import OWN
from utilization import criteria
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.language import entries, entry_change, entry_count, latest, total, trend
from utilization.rules.language.node import AS_OF
from utilization.rules.language.number_classes import points
from utilization.rules.packs.reader import read_pack

TODAY = date(2026, 11, 21)


def pack_of(*requires, own=OWN, changeable=(), otherwise="does_not_meet"):
    found = [{"id": f"c{n}", "says": "x", "local": "x", "otherwise": otherwise, "require": require}
             for n, require in enumerate(requires)]  # fmt: skip
    text = {
        "pack": {"name": "made", "version": "1", "title": "Made up"}, "facts": own,
        "indications": [{"code": "one", "name": "one"}], "changeable": list(changeable),
        "criteria": [{"indication": "one", "clauses": found}],
    }  # fmt: skip
    return read_pack({"made.yaml": json.dumps(text)})


def judged(*requires, as_of=TODAY, own=OWN, changeable=(), **facts):
    pack = pack_of(*requires, own=own, changeable=changeable)
    known = read_facts(facts, catalogue=pack.catalogue)
    return judge(pack, "one", known, tables=criteria.reference_tables(), as_of=as_of)


@pytest.mark.parametrize(
    ("bounds", "possible", "found"),
    [
        ([], (None, None), [-1, 0, 1]),
        ([], (0, None), [0, 1]),
        ([2], (0, 4), [0, 1, 2, 3, 4]),
        ([9], (0, 4), [0, 2, 4]),
        ([-3], (None, 4), [-4, -3, "0.5", 4]),
    ],
)
def test_points_lie_on_beside_and_between_bounds_within_what_is_possible(bounds, possible, found):
    ends = tuple(None if end is None else Decimal(end) for end in possible)
    assert points([Decimal(bound) for bound in bounds], ends) == [Decimal(value) for value in found]


SCORES = {
    "name": "scores", "type": "list", "label": "Scores",
    "fields": {"date": "date", "score": {"type": "dec", "possible": [1, 3]}},
}  # fmt: skip
TOGETHER = [
    # Each can be met by some list: more entries than one condition asks for, runs, days beside a window.
    ({"events": {"where": {"bad": True}, "at_least": 9}}, {"events": {"where": {"bad": False}, "at_least": 2}}),
    ({"events": {"where": {"bad": True}, "at_least": 4, "apart": "3 weeks", "within": "6 months"}},),
    ({"scores": {"trend": "rising", "last": 4}}, {"scores": {"where": {"score": {"below": 2}}, "at_least": 4}}),
    ({"values": {"sum": "value", "at_least": 11}},),
    ({"values": {"sum": "value", "above": 3, "below": 5}}, {"values": {"where": {"value": {"at_least": 2}}}}),
    ({"values": {"trend": "falling", "last": 2}}, {"values": {"change": {"from": "first", "rises_by": 1}}}),
    ({"values": {"change": {"rises_by": "100 %"}}}, {"values": {"where": {"date": {"until": "2026-01-01"}}}}),
    ({"disability_assessments": {"trend": "rising", "last": 3}}, {"disability_assessments": {"change": {
        "from": "previous", "rises_by": 2}}}),
    ({"disability_assessments": {"at_least": 3}},),
    ({"count": {"of": [{"words": {"mentions": [word]}} for word in "bcdfgh"], "exactly": 6}},),
    ({"words": {"mentions": ["red"]}}, {"not": {"words": "red"}}),
    ({"count": {"of": [{"words": {"mentions": [word]}} for word in "bcdfgh"], "exactly": 5}},),
    ({"all": [{"day": {"from": "2026-11-01"}}, {"day": {"within": "1 month"}}]},),
]  # fmt: skip


@pytest.mark.parametrize("requires", TOGETHER)
def test_what_some_facts_can_meet_is_asked_for_and_not_denied(requires):
    result = judged(*requires, own=[*OWN, SCORES])
    assert result.outcome == "needs_information"
    assert len(result.questions) == 1


@pytest.mark.parametrize(
    "requires",
    [
        ({"values": {"where": {"value": {"above": 2}}}}, {"not": {"values": {"where": {"value": {"at_least": 2}}}}}),
        ({"day": {"within": "3 weeks"}}, {"day": {"at_least_ago": "30 days"}}),
        ({"whole": {"above": 2}}, {"whole": {"below": 3}}),
        ({"first_score": {"at_least": 5}},),
        ({"change": {"from": "first_score", "to": "last_score", "rises_by": 3}}, {"first_score": {"above": 1}}),
    ],
)
def test_what_no_facts_can_meet_is_denied_at_once(requires):
    assert judged(*requires).outcome == "does_not_meet"


COUNTS = [{"name": "visits", "type": "list", "label": "Visits", "fields": {"date": "date", "days": {"type": "int"}}}]


def test_whole_numbers_of_entries_stay_whole():
    two = (
        {"visits": {"where": {"days": {"above": 1}}}},
        {"visits": {"where": {"days": {"at_least": 2}}, "at_most": 0}},
    )
    assert judged(*two, own=COUNTS).outcome == "does_not_meet"
    rising = ({"visits": {"change": {"field": "days", "rises_by": 1}}}, {"visits": {"trend": "falling", "last": 2}})
    assert judged(*rising, own=COUNTS).questions == ("visits",)
    half = ({"visits": {"sum": "days", "above": 0, "below": 1}},)
    assert judged(*half, own=COUNTS).outcome in ("does_not_meet", "needs_information")


def entry(day, **more):
    return {"date": day, **more}


def test_a_list_that_lacks_a_field_turns_out_only_as_its_gap_allows():
    gap = [entry("2026-11-01", bad=True), entry("2026-10-01")]
    good, bad = ({"events": {"where": {"bad": value}, "at_least": 2}} for value in (False, True))
    assert judged(good, events=gap).outcome == "does_not_meet"
    assert judged(bad, events=gap).questions == ("events",)
    assert judged({"any": [bad, {"events": {"where": {"bad": False}}}]}, events=gap).outcome == "meets"
    total = [entry("2026-11-01", value=1), entry("2026-10-01")]
    assert judged({"values": {"sum": "value", "at_least": 4}}, values=total).questions == ("values",)
    assert judged({"values": {"sum": "value", "at_least": 5}}, values=total).outcome == "does_not_meet"
    undated = [entry("2026-11-01", bad=True), {"bad": True}]
    apart = {"events": {"where": {"bad": True}, "at_least": 2, "apart": "3 weeks"}}
    assert judged(apart, events=undated).questions == ("events",)


def test_a_list_with_more_gaps_than_can_be_tried_is_asked_for():
    gaps = [{} for _ in range(12)]
    assert judged({"events": {"where": {"bad": True}, "at_least": 2}}, events=gaps).questions == ("events",)


def test_two_entries_of_one_day_leave_their_order_open():
    tied = [entry("2026-11-01", value=1), entry("2026-11-01", value=3)]
    assert judged({"values": {"trend": "rising", "last": 2}}, values=tied).questions == ("values",)


def test_a_fact_is_asked_for_that_a_known_one_is_held_against_only_where_known():
    change = {"change": {"from": "first_score", "to": "last_score", "falls_by": 1}}
    either = {"any": [{"surely": change}, {"first_score": {"below": 2}}]}
    assert judged(either, {"surely": {"last_score": {"at_most": 3}}}, last_score=2).questions == ("first_score",)
    assert judged(either, last_score=4).outcome == "needs_information"
    whole = {"whole": {"above": {"fact": "courses_given"}}}
    assert set(judged(whole).questions) == {"whole", "courses_given"}
    assert judged(whole, courses_given=4).outcome == "does_not_meet"


def test_of_compared_numbers_one_change_is_offered_where_it_is_enough():
    change = {"change": {"from": "first_score", "to": "last_score", "falls_by": 1}}
    both = ("first_score", "last_score")
    known = judged(change, changeable=both, first_score=3, last_score=3)
    assert known.would_meet_if
    assert all(len(terms) == 1 for terms in known.would_meet_if)
    unknown = judged(change, changeable=both)
    assert unknown.would_meet_if
    assert all(len(terms) == 2 for terms in unknown.would_meet_if)


@pytest.mark.parametrize(
    ("requires", "outcome"),
    [
        (({"change": {"from": "first_score", "to": "last_score", "falls_by": "50 %"}}, {"last_score": 3}), "denied"),
        (({"change": {"from": "first_score", "to": "last_score", "falls_by": "50 %"}}, {"last_score": 2}), "open"),
        (({"change": {"from": "first_score", "to": "last_score", "rises_by": "100 %"}}, {"first_score": [3, 4]}),
         "denied"),
        (({"change": {"from": "first_score", "to": "last_score", "falls_by": "100 %"}}, {"last_score": {"above": 0}}),
         "denied"),
        (({"change": {"from": "first_score", "to": "last_score", "falls_by": "50 %"}},
          {"not": {"change": {"from": "first_score", "to": "last_score", "falls_by": 1}}}), "open"),
        (({"last_score": {"above": {"fact": "first_score"}}}, {"first_score": 4}), "denied"),
    ],
)  # fmt: skip
def test_numbers_that_are_compared_are_supposed_together(requires, outcome):
    expected = {"denied": "does_not_meet", "open": "needs_information"}[outcome]
    assert judged(*requires).outcome == expected


UNDATED = [{"name": "doses", "type": "list", "label": "Doses", "fields": {"late": "bool", "days": {"type": "int"}}}]


def test_a_list_without_dates_is_filled_in_as_well():
    late = {"doses": {"where": {"late": True}, "at_least": 2}}
    assert judged(late, own=UNDATED, doses=[{"late": True}, {}]).questions == ("doses",)
    assert judged(late, own=UNDATED, doses=[{"late": False}, {}]).outcome == "does_not_meet"


def test_the_last_day_of_the_calendar_has_no_day_after_it():
    never = {"day": {"never_or_at_least_ago": "1 month"}}
    for every_day in ({"until": "9999-12-31"}, {"from": "0001-01-01"}):
        assert judged({"any": [{"day": every_day}, never]}).outcome == "meets"
        assert judged({"day": every_day}).outcome == "needs_information"


def test_what_follows_of_a_weight_in_part_known_follows_however_it_turns_out():
    limit = {"dose": {"at_most": "2 g/kg", "per": "course"}}
    heavy = {"weight_kg": {"at_least": 50}}
    assert judged(heavy, limit, dose_total_g=95).questions == ("weight_kg",)
    either = {"any": [{"weight_kg": {"below": 50}}, limit]}
    assert judged(either, dose_total_g=95).outcome == "meets"
    assert judged(either, dose_total_g=120).questions == ("weight_kg",)
    beyond = {"any": [{"weight_kg": {"below": 50}}, {"not": limit}]}
    assert judged(beyond, dose_total_g=120).questions == ("weight_kg",)
    day = {"dose": {"at_most": "1 g/kg", "per": "day"}}
    assert judged(day, dose_total_g_per_kg=2).questions == ("course_days",)


def test_a_number_held_against_one_that_is_never_asked_for_is_offered_as_a_value():
    change = {"surely": {"change": {"from": "first_score", "to": "last_score", "rises_by": 1}}}
    require = {"all": [change, {"last_score": {"at_most": 3}}]}
    (terms,) = judged(require, changeable=["last_score"], first_score=1, last_score=0).would_meet_if
    value = terms[0].removeprefix("last_score=")
    assert judged(require, first_score=1, last_score=value).outcome == "meets"


def test_a_number_is_not_kept_where_an_unknown_fact_goes_one_way_and_changed_where_it_goes_the_other():
    low, middle = {"first_score": {"at_least": 1, "below": 2}}, {"last_score": {"at_least": 1, "below": 2}}
    two = {"count": {"of": [low, {"not": middle}, {"not": {"last_score": {"above": 4}}}], "exactly": 2}}
    assert judged({"not": two}, changeable=["last_score"], last_score=0).would_meet_if == ()


@pytest.mark.parametrize("name", criteria.shipped_packs())
def test_the_ways_of_an_unknown_list_are_found_without_trying_ever_more(name, monkeypatch):
    tried, read = [], entries.entries_of
    for module in (entry_change, entry_count, latest, total, trend):
        monkeypatch.setattr(module, "entries_of", lambda facts, fact: tried.append(fact) or read(facts, fact))
    pack = read_pack(criteria.pack_files(criteria.shipped_packs()[name]))
    for indication in pack.indications.values():
        for variable in indication.variables:
            tried.clear()
            variable.ways({AS_OF: TODAY})
            assert len(tried) < 30_000, (indication.code, variable.name)
