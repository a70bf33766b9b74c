"""What is worth a look is found by plain comparison, at its edges, and says nothing more."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from utilization.rules import signals
from utilization.rules.signals import EarlierRequest, WrittenText

ON = date(2026, 3, 2)
TEXT = "She fell twice in spring and cannot climb the stairs to her flat without help from her sister any more."


@pytest.mark.parametrize(
    ("indication", "outcome", "refused", "days", "told"),
    [
        ("mmn", "meets", True, 0, True), ("mmn", "meets", True, 180, True), ("mmn", "meets", True, 181, False),
        ("mmn", "does_not_meet", False, 9, True), ("mmn", "exception_review", False, 9, True),
        ("mmn", "meets", False, 9, False), ("mmn", "needs_information", False, 9, False), ("mmn", "", False, 9, False),
        ("cidp", "does_not_meet", True, 9, False), ("mmn", "meets", True, -1, False),
    ],
)  # fmt: skip
def test_another_indication_counts_where_it_was_refused_or_not_met_lately(indication, outcome, refused, days, told):
    earlier = EarlierRequest("N-1", indication, outcome, refused, ON - timedelta(days=days))
    assert bool(signals.indication_changed("cidp", ON, [earlier])) is told


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [("does_not_meet", "meets", True), ("needs_information", "meets", True), ("meets", "meets", False),
     ("does_not_meet", "exception_review", False)],
)  # fmt: skip
def test_edits_count_where_they_made_it_meet(first, then, told):
    found = signals.edited_until_met({"course_days": "9", "age_years": "40"}, {"course_days": "5", "age_years": "40"},
                                     first, then)  # fmt: skip
    assert bool(found) is told
    if told:
        assert found[0]["changes"] == [{"fact": "course_days", "old": "9", "new": "5"}]


def test_what_a_denied_request_lacked_is_no_change():
    assert signals.refiled_changed("N-1", {"a": "1"}, {"a": "1", "b": "2"}) == []
    assert signals.refiled_changed("N-1", {"a": "1", "b": "2"}, {"a": "3"})[0]["changes"] == [
        {"fact": "a", "old": "1", "new": "3"}, {"fact": "b", "old": "2", "new": None},
    ]  # fmt: skip


def percent(mine, theirs):
    found = signals.copied_text({"justification": mine}, [WrittenText("N-1", "justification", theirs)])
    return found[0]["texts"][0]["percent"] if found else 0


def test_copied_text_is_found_through_case_and_marks_and_one_changed_word():
    assert percent(TEXT, TEXT.upper().replace(" ", " ,  ")) == 100
    long = f"{TEXT} {TEXT.replace('spring', 'autumn').replace('sister', 'brother')} Nothing else has helped her so far."
    assert 66 <= percent(long, long.replace("Nothing", "Little")) < 100
    assert (
        percent(TEXT, "He was well until last week and now needs a second course of treatment for his weak legs.") == 0
    )
    assert percent("Nothing else is left to try.", "Nothing else is left to try.") == 0


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.sampled_from("abcd"), max_size=30))
@settings(max_examples=at_most(30))
def test_near_is_the_same_both_ways_and_never_of_short_texts(mine, theirs):
    one, other = " ".join(mine), " ".join(theirs)
    assert percent(one, other) == percent(other, one)
    assert percent(one, one) == (100 if len(mine) >= 12 else 0)


def test_unusual_and_old_answers_are_told_with_their_day():
    assert signals.unusual_values(["weight_kg", "gone"], {"weight_kg": "210"})[0]["values"] == [
        {"fact": "weight_kg", "value": "210"}
    ]
    days = {"a": ON - timedelta(days=90), "b": ON - timedelta(days=91)}
    assert signals.stale_answers(days, ON) == [
        {"code": "stale_answers", "answers": [{"fact": "b", "on": "2025-12-01"}]}
    ]
