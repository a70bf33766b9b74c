"""Dates held against dates, of which some are not known: decided where every day that they can be says the same."""

import json
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.rules.leaf_parts import Leaf
from tests.rules.naive_truth import truth
from utilization import criteria
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.packs.reader import read_pack
from utilization.rules.yaml_lines import PackError

AS_OF = date(2026, 3, 31)
DAYS = [AS_OF + timedelta(days=step) for step in range(-16, 17)]
PAST = [day for day in DAYS if day <= AS_OF]
TABLES = criteria.reference_tables()
SPAN = st.sampled_from(({}, {}, {"minus": "3 days"}, {"minus": "1 weeks"}))
END = st.sampled_from(("from", "until"))


def beside(other):
    return st.builds(lambda end, span: {end: {"fact": other, **span}}, END, SPAN)


ALONE = st.sampled_from(({}, {"within": "5 days"}, {"at_least_ago": "2 days"}, {"until": "2026-04-02"}))


@lru_cache(maxsize=200)
def _read(text):
    return read_pack({"made.yaml": text})


def judged(condition, facts):
    """(the outcome, what is asked for) of a case whose one clause reviews what does not fit."""
    leaf = Leaf(condition, facts, AS_OF)
    pack = _read(leaf.text())
    result = judge(pack, "thing", read_facts(facts, catalogue=pack.catalogue), tables=TABLES, as_of=AS_OF)
    return result.outcome.value, set(result.questions)


def expected(condition, facts, unknown):
    """The outcome by trying every value of each unknown fact."""
    setting = Leaf(condition, {}, AS_OF).setting()
    tried = (dict(zip(unknown, values, strict=True)) for values in product(*unknown.values()))
    answers = {truth(condition, {**facts, **supposed}, setting) for supposed in tried}
    return {True: "meets", False: "exception_review"}[answers.pop()] if len(answers) == 1 else "needs_information"


@settings(max_examples=at_most(80), deadline=None)
@given(beside("onset_on"), ALONE, ALONE, st.booleans(), *[st.sampled_from((None, None, *DAYS[8:24]))] * 2)
def test_two_dates(held, of_eeg, of_onset, reviews, eeg, onset):
    both = {"all": [{"eeg_on": {**of_eeg, **held}}, {"onset_on": of_onset or {"until": "2026-12-31"}}]}
    condition = {"not": both} if reviews else both
    stated = {"eeg_on": eeg, "onset_on": onset}
    facts = {name: str(day) for name, day in stated.items() if day}
    unknown = {name: [str(day) for day in DAYS] for name, day in stated.items() if not day}
    outcome, asked = judged(condition, facts)
    assert outcome == expected(condition, facts, unknown), (condition, facts)
    assert asked <= set(unknown)


def lists(of, days):
    """Lists of no entry, one and two; `of` gives the entry of a day."""
    return [list(map(of, some)) for many in (0, 1, 2) for some in combinations_with_replacement(days, many)]


# An entry is dated up to the request's day; another date of it may lie after that.
LISTS = {
    "date": lists(lambda day: {"date": str(day)}, PAST),
    "drawn_on": lists(lambda day: {"date": str(AS_OF), "drawn_on": str(day)}, DAYS[4:28:2]),
}


@settings(max_examples=at_most(90), deadline=None)
@given(beside("onset_on"), beside("onset_on"), ALONE, st.sampled_from((1, 2)), st.sampled_from((None, *DAYS[6:20])),
       st.sampled_from(("date", "date", "drawn_on")), st.data())  # fmt: skip
def test_the_dates_of_entries_beside_a_date(held, other, alone, least, onset, field, data):
    entries = data.draw(st.sampled_from((None, None, *LISTS[field][::9])))
    some = {"titres": {"where": {field: held}, "at_least": least}}
    none = {"titres": {"where": {field: other}, "at_most": 0}}
    condition = {"all": [some, none, {"onset_on": alone or {"until": "2026-12-31"}}]}
    facts = {**({"onset_on": str(onset)} if onset else {}), **({} if entries is None else {"titres": entries})}
    days, every = [str(day) for day in DAYS], LISTS[field] if onset or field != "date" else LISTS[field][::3]
    unknown = {**({} if onset else {"onset_on": days}), **({"titres": every} if entries is None else {})}
    outcome, asked = judged(condition, facts)
    assert outcome == expected(condition, facts, unknown), (condition, facts)
    assert asked <= {*unknown, "titres"}


def test_a_day_that_only_what_is_compared_leads_to_is_tried():
    near = {"until": {"fact": "onset_on", "minus": "3 days"}, "from": {"fact": "onset_on", "minus": "1 weeks"}}
    assert judged({"eeg_on": near}, {"eeg_on": "2026-03-15"}) == ("needs_information", {"onset_on"})
    none = {"until": {"fact": "onset_on", "minus": "1 weeks"}, "from": {"fact": "onset_on", "minus": "3 days"}}
    assert judged({"eeg_on": none}, {"eeg_on": "2026-03-15"}) == ("exception_review", set())


@pytest.mark.parametrize(("held", "says"), [
    ({"from": {"fact": "eeg_on"}}, "from.fact: eeg_on is held against itself: expected another date"),
    ({"from": {"fact": "age_years"}}, "from.fact: expected another fact that is a date, got age_years"),
    ({"until": {"fact": "onset"}}, "until.fact: unknown fact 'onset'"),
    ({"until": {"fact": "onset_on", "minus": "1 mg"}}, "until.minus: expected a whole number of days, weeks"),
    ({"until": {"fact": "onset_on", "minus": "201 years"}}, "until.minus: expected a span of at most 200 years"),
    ({"until": {"fact": "onset_on", "plus": "1 weeks"}}, "until.plus: unknown key 'plus'"),
    ({"until": {"minus": "1 weeks"}}, "until: expected the key 'fact'"),
    ({"within": {"fact": "onset_on"}}, "within: expected a number with its unit"),
    ({"never_or_at_least_ago": "1 month", "within": "2 years"}, "never_or_at_least_ago stands alone"),
])  # fmt: skip
def test_what_no_date_can_be_held_against(held, says):
    with pytest.raises(PackError) as refused:
        read_pack({"made.yaml": Leaf({"eeg_on": held}, {}, AS_OF).text()})
    assert "require.eeg_on" in str(refused.value)
    assert says in str(refused.value)


def test_a_date_that_is_never_stated_as_never_is_not_asked_for_it():
    text = Leaf({"eeg_on": {"never_or_at_least_ago": "1 month"}}, {}, AS_OF).text().replace(', "or_never": true', "")
    with pytest.raises(PackError, match="eeg_on is never stated as never: give the fact 'or_never: true', or write"):
        read_pack({"made.yaml": text})


@pytest.mark.parametrize(("name", "where", "says"), [
    ("titres", {"date": {"from": {"fact": "onset_on", "case": "eeg_on"}}}, "expected fact, or where an entry has"),
    ("titres", {"date": {"until": {"fact": "date"}}}, "date is held against itself: expected another date"),
    ("visits", {"date": {"until": {"fact": "booked"}}}, "booked is a field of the same entry"),
])  # fmt: skip
def test_what_no_day_of_an_entry_can_be_held_against(name, where, says):
    text = json.loads(Leaf({name: {"where": where}}, {}, AS_OF, edition=2).text())
    text["facts"].append({"name": "visits", "type": "list", "label": "V", "fields": {"date": "date", "booked": "date"}})
    with pytest.raises(PackError) as refused:
        read_pack({"made.yaml": json.dumps(text)})
    assert says in str(refused.value)
