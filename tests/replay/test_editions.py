"""Histories that packs of two editions of the language run over: each finds its words in what was kept of a text."""

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.replay.histories import TABLES, clause, judged, made, told
from tests.rules.leaf_words import FACTS, LOOKED_FOR, SENTENCES
from utilization import replay
from utilization.replay import queries
from utilization.replay.masked_text import STATED, masked

DAY = date(2026, 11, 21)
HEAD = {"name": "made", "version": "1", "title": "Made up"}
OWN = [{"name": "remark", "type": "text", "label": "Remark"}]
MENTIONED = st.lists(st.sampled_from(LOOKED_FOR), min_size=1, max_size=2, unique=True).map(
    lambda words: {"remark": {"mentions": words}}
)
TRIED = st.sampled_from(
    (["rituximab"], ["corticosteroids"], ["methotrexate", "cyclosporine"], ["prior_corticosteroids"], ["anti_cd20"])
).map(lambda names: {"tried": {"any": names}})
LEAVES = MENTIONED | TRIED | st.sampled_from(("red", "stated")).map(lambda said: {"remark": said})
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda part: {"not": part}),
        inner.map(lambda part: {"surely": part}),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: {"any": parts}),
    ),
    max_leaves=4,
)


@st.composite
def packs(draw, edition=2):
    clauses = [
        clause(f"c{n}", draw(CONDITIONS), draw(st.sampled_from(("does_not_meet", "exception_review"))))
        for n in range(draw(st.integers(1, 2)))
    ]
    return made([{"indication": "one", "clauses": clauses}], facts=OWN, pack={**HEAD, "language": edition})


@st.composite
def requests(draw):
    many = draw(st.lists(st.tuples(FACTS, SENTENCES | st.none()), min_size=3, max_size=12))
    return [
        replay.Row(str(n), "one", DAY, {**facts, **({"remark": remark} if remark is not None else {})})
        for n, (facts, remark) in enumerate(many)
    ]


@pytest.mark.long
@settings(max_examples=at_most(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(packs(), packs(edition=1), requests())
def test_columns_and_what_was_kept_come_to_what_the_judge_says_in_either_edition(new, old, rows):
    with TemporaryDirectory() as place:
        history = replay.write(rows, Path(place) / "history", old, TABLES, [new])
        for pack in (old, new):
            assert replay.columns_outcomes(history, pack, TABLES) == judged(pack, rows)


@pytest.mark.long
@settings(max_examples=at_most(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(packs(), packs(), requests())
def test_a_draft_that_was_not_there_when_the_history_was_written_finds_the_same_in_it(old, draft, rows):
    with TemporaryDirectory() as place:
        history = replay.write(rows, Path(place) / "history", old, TABLES)
        try:
            found = replay.columns_outcomes(history, draft, TABLES)
        except replay.NotKept:
            history = replay.write(rows, history, old, TABLES, [draft])
            found = replay.columns_outcomes(history, draft, TABLES)
        assert found == judged(draft, rows)


def asking(edition, **more):
    words = {"specialist": {"mentions": ["neurolog*" if edition == 2 else "neurolog"]}}
    clauses = [clause("who", words), clause("tried", {"tried": {"any": ["rituximab"]}})]
    return made([{"indication": "one", "clauses": clauses}], pack={**HEAD, "language": edition}, **more)


def test_of_a_text_only_what_edition_2_looks_for_is_written(tmp_path):
    facts = {
        "specialist": "Awaiting Dr. Ambrose Canary (neurologist), MRN 443120",
        "prior_therapies": [{"therapy": "Rituximab 375 mg/m2, batch Canary 99812", "outcome": "failed"}],
    }
    rows = [replay.Row("0", "one", DAY, facts)]
    place = replay.write(rows, tmp_path / "history", asking(2), TABLES)
    (text,) = queries.opened(place).con.execute(f"SELECT facts FROM read_parquet('{place}/one.parquet')").fetchone()
    assert json.loads(text) == {
        "2": {
            "specialist": "awaiting dr. zzz zzz (neurologist), zzz 1 \N{MIDDLE DOT}",
            "prior_therapies": [{"therapy": "rituximab 1 mg/m2, zzz zzz 1 \N{MIDDLE DOT}", "outcome": "failed"}],
        }
    }
    assert told(tmp_path, asking(2), rows) == judged(asking(2), rows) == {"0": "needs_information"}


def test_a_history_without_the_words_of_an_edition_is_written_again(tmp_path):
    place = replay.write([replay.Row("0", "one", DAY, {})], tmp_path / "history", asking(1), TABLES)
    with pytest.raises(replay.NotKept, match=r"and \d+ more: write it again with the criteria made 1 beside"):
        replay.columns_outcomes(place, asking(2), TABLES)
    plain = made([{"indication": "one", "clauses": [clause("sex", {"sex": "male"})]}], pack={**HEAD, "language": 2})
    assert replay.columns_outcomes(place, plain, TABLES) == {"0": "needs_information"}


@pytest.mark.parametrize(("text", "words", "kept"), [
    ("", {"red"}, ""),
    ("Red", {"red"}, "red"),
    ("red*", {"red*"}, "red*"),
    ("Reddish Zzz 0", {"red*", "zzz"}, f"reddish zzz 0 {STATED}"),
    ("0 Canary", {"0", "zzz"}, f"0 zzzz {STATED}"),
    ("Canary!", {"red"}, f"zzz! {STATED}"),
])  # fmt: skip
def test_what_stands_for_a_hidden_word_is_none_that_is_looked_for(text, words, kept):
    assert masked(text, frozenset(words)) == kept
