"""Answers of one page laid into a draft that other pages write: each case by hand, then at random by an account."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utilization.rules.form.merge import TOGETHER, Merged, merge, together

TOTAL, PER_DAY = "dose_total_g_per_kg", "dose_per_day_g"
NO_DOSE = dict.fromkeys(TOGETHER[0], "")


@pytest.mark.parametrize(
    ("kept", "seen", "typed", "written", "apart", "elsewhere"),
    [
        # changed here alone
        ({"days": "4"}, {"days": "4"}, {"days": "5"}, {"days": "5"}, (), ()),
        ({}, {"days": ""}, {"days": "5"}, {"days": "5"}, (), ()),
        ({"days": "4"}, {"days": "4"}, {"days": ""}, {"days": ""}, (), ()),
        # changed by nobody
        ({"days": "4"}, {"days": "4"}, {"days": "4"}, {}, (), ()),
        ({}, {"kind": "initial"}, {"kind": "initial"}, {}, (), ()),
        # changed elsewhere alone
        ({"days": "4"}, {"days": ""}, {"days": ""}, {}, (), ("days",)),
        ({"days": ""}, {"days": "4"}, {"days": "4"}, {}, (), ("days",)),
        # changed here and elsewhere
        ({"days": "4"}, {"days": ""}, {"days": "5"}, {}, ("days",), ()),
        ({"days": ""}, {"days": "4"}, {"days": "5"}, {}, ("days",), ()),
        ({"days": "5"}, {"days": ""}, {"days": "5"}, {}, (), ()),
        # a default that was never kept counts as seen
        ({}, {"kind": "initial"}, {"kind": "renewal"}, {"kind": "renewal"}, (), ()),
        # the page names no such answer: what is there was not seen
        ({"days": "4"}, {}, {"days": "5"}, {}, ("days",), ()),
        # as a draft keeps it: trimmed, one Unicode form, one kind of line end
        ({"why": "Caf\u00e9\nx"}, {"why": " Cafe\u0301\r\nx "}, {"why": "Y"}, {"why": "Y"}, (), ()),
        ({"safety": ["a"]}, {"safety": ("a",)}, {"safety": []}, {"safety": []}, (), ()),
        ({"safety": []}, {"safety": None}, {"safety": ["a"]}, {"safety": ["a"]}, (), ()),
        # amount and unit are one answer
        (
            {**NO_DOSE, PER_DAY: "30"}, {**NO_DOSE}, {**NO_DOSE, TOTAL: "2"},
            {}, TOGETHER[0], (),
        ),
        (
            {**NO_DOSE, PER_DAY: "30"}, {**NO_DOSE, PER_DAY: "30"}, {**NO_DOSE, TOTAL: "2"},
            {PER_DAY: "", TOTAL: "2"}, (), (),
        ),
        ({TOTAL: "2"}, {}, {**NO_DOSE}, {}, (), TOGETHER[0]),
    ],
)  # fmt: skip
def test_an_answer_is_written_where_the_page_showed_what_is_kept(kept, seen, typed, written, apart, elsewhere):
    assert merge(kept, seen, typed) == Merged(written, apart, elsewhere)


def test_a_page_that_does_not_say_what_it_showed_is_taken_at_its_word_but_clears_nothing():
    merged = merge({"days": "4", "weeks": "3"}, None, {"days": "5", "weeks": "", "why": " "})
    assert merged == Merged({"days": "5"}, (), ())


def test_what_the_page_sent_before_without_an_answer_is_its_own():
    assert merge({"days": "4"}, {"days": ""}, {"days": "45"}, [{"days": "4"}]).written == {"days": "45"}
    assert merge({"days": "3"}, {"days": ""}, {"days": "45"}, [{"days": "4"}]).apart == ("days",)


def test_the_answers_that_are_one():
    assert together(PER_DAY) == TOGETHER[0]
    assert together("course_days") == ("course_days",)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc"), st.sampled_from(["", "1", "2", "3"])), max_size=40)
)
def test_no_value_is_replaced_by_a_page_that_never_showed_it(steps):
    """The account: who wrote what is kept, and which value each of three pages last saw of each answer."""
    kept: dict[str, str] = {}
    seen = [dict.fromkeys("abc", "") for _ in range(3)]
    holds = [dict.fromkeys("abc", "") for _ in range(3)]
    for page, name, value in steps:
        holds[page][name] = value
        before = dict(kept)
        merged = merge(kept, seen[page], holds[page])
        kept |= merged.written
        for one in "abc":
            if kept.get(one, "") != before.get(one, ""):
                assert before.get(one, "") == seen[page][one], "written over a value that this page never showed"
                assert kept[one] == holds[page][one]
            if one not in merged.apart + merged.elsewhere:
                assert kept.get(one, "") == holds[page][one], "said to be saved, and is not"
                seen[page][one] = holds[page][one]
