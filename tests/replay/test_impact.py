"""A draft over what is kept: the same changes as judging every request twice, and nothing of a person in the files."""

import json
import random
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.replay.histories import TABLES, clause, judged, made, rows_for, told
from tests.replay.test_columns import PACKS, made_up
from tests.rules import packs
from utilization import criteria, replay
from utilization.replay import queries
from utilization.rules.judging.judge import ReferenceTables
from utilization.rules.packs.reader import read_pack

DAY = date(2026, 11, 21)


def drafted(pack, *edits):
    """The pack with (file, as it stands, as the draft has it) changed once each."""
    files = dict(pack.files)
    for name, stands, draft in edits:
        assert stands in files[name]
        files[name] = files[name].replace(stands, draft, 1)
    return read_pack(files)


def both(rows, old, new, place, also=()):
    """(changes by the columns, changes by the judge), in one order."""
    history = replay.write(rows, place / "history", old, TABLES, also)
    by_columns, by_judge = replay.impact(history, old, new, TABLES), replay.impact(rows, old, new, TABLES)
    assert by_columns.total == by_judge.total == len(rows)
    assert by_columns.counts == by_judge.counts
    assert by_columns.grams == by_judge.grams
    return [sorted(found.changed, key=lambda one: one.uid) for found in (by_columns, by_judge)]


ADULT = ("clauses/cidp.yaml", "- use: adult\n", "- use: adult\n        require: {age_years: {at_least: 16}}\n")
GOAL = ("clauses/ms.yaml", "[relapse_prevention, treat_acute_relapse, delay_second_attack]", "[relapse_prevention]")
EDITS = {
    "two clauses": [ADULT, GOAL],
    "a clause left out": [("clauses/cidp.yaml", "      - use: adult\n", "")],
    "a clause brought": [
        (
            "clauses/cidp.yaml",
            "      - use: adult\n",
            (
                "      - use: adult\n      - {id: heart, says: No heart failure., require: {heart_failure: false},"
                " otherwise: does_not_meet, local: Made up.}\n"
            ),
        )
    ],
    "what a clause comes to": [
        ("clauses/cidp.yaml", "- use: adult\n", "- use: adult\n        otherwise: does_not_meet\n")
    ],
    "the ceiling": [("clauses/cidp.yaml", "ceiling_g_per_kg: 2", "ceiling_g_per_kg: 1")],
    "nothing that decides": [("clauses/cidp.yaml", "CIDP is an indication backed", "CIDP is backed")],
    "a clause about what was never kept": [
        (
            "clauses/cidp.yaml",
            "      - use: adult\n",
            (
                "      - use: adult\n      - {id: low, says: It is low., local: Made up., otherwise: does_not_meet,"
                " require: {platelet_measurements: {latest: {platelets_10e9_per_l: {below: 20}}}}}\n"
            ),
        )
    ],
}


@pytest.mark.long
@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_a_draft_of_the_built_in_criteria_changes_what_judging_twice_changes(edits, tmp_path):
    old = criteria.builtin_pack()
    new = drafted(old, *edits)
    rows = rows_for(old, 900, 5, ["cidp", "ms", "gbs"])
    for number, row in enumerate(rows[:300]):
        row.facts["platelet_measurements"] = [{"date": "2025-01-01", "platelets_10e9_per_l": number % 40}]
    by_columns, by_judge = both(rows, old, new, tmp_path)
    assert by_columns == by_judge
    assert bool(by_judge) == (edits != EDITS["nothing that decides"])
    # What had to be worked out was kept beside the rows, and says the same again.
    assert replay.impact(tmp_path / "history", old, new, TABLES).counts == replay.impact(rows, old, new, TABLES).counts


@pytest.mark.long
def test_a_draft_that_changes_two_clauses_is_run_by_what_is_kept(tmp_path, monkeypatch):
    old = criteria.builtin_pack()
    rows = rows_for(old, 400, 6, ["cidp", "ms", "gbs"])
    place = replay.write(rows, tmp_path / "history", old, TABLES)
    ran, full = [], queries.full
    monkeypatch.setattr(queries, "full", lambda *given: (ran.append((given[1], given[4:])), full(*given)))
    assert replay.impact(place, old, drafted(old, ADULT, GOAL), TABLES).changed
    # Not one indication in full: at most the rows that the kept results leave open.
    assert {code for code, _ in ran} <= {"cidp", "ms"}
    assert all(queries.OPEN_ONES in given[0] for _, given in ran)


@pytest.mark.long
@settings(max_examples=at_most(40), suppress_health_check=list(HealthCheck))
@given(PACKS, PACKS, st.sets(st.integers(0, 3)), st.sampled_from(packs.DAYS), st.integers(0, 2**32))
def test_made_up_drafts(shown, other, taken, as_of, seed):
    old = shown.pack
    written, more = json.loads(old.files["made.yaml"]), json.loads(other.pack.files["made.yaml"])
    for place, others in zip(written["criteria"], more["criteria"], strict=True):
        kept = [one for i, one in enumerate(place["clauses"]) if i not in taken]
        place["clauses"] = kept + [one for i, one in enumerate(others["clauses"]) if i in taken]
    if any(not {one["id"] for one in place["clauses"]} for place in written["criteria"]):
        return
    new = read_pack({"made.yaml": json.dumps(written)})
    chance = random.Random(seed)
    rows = [made_up(old, as_of, chance, number) for number in range(60)]
    with TemporaryDirectory() as place:
        by_columns, by_judge = both(rows, old, new, Path(place), also=[new])
    assert by_columns == by_judge


@pytest.mark.long
def test_criteria_that_did_not_write_the_history_are_both_run_in_full(tmp_path):
    written = criteria.builtin_pack()
    old, new = drafted(written, ADULT), drafted(written, GOAL)
    rows = rows_for(written, 500, 7, ["cidp", "ms"])
    place = replay.write(rows, tmp_path / "history", written, TABLES)
    by_columns, by_judge = replay.impact(place, old, new, TABLES), replay.impact(rows, old, new, TABLES)
    assert by_columns.counts == by_judge.counts
    assert len(by_columns.counts) > 3


@pytest.mark.long
def test_other_tables_beside_the_criteria_make_the_kept_results_worthless(tmp_path):
    old = criteria.builtin_pack()
    rows = rows_for(old, 300, 8, ["cidp", "ms"])
    place = replay.write(rows, tmp_path / "history", old, TABLES)
    bare = ReferenceTables((), TABLES.routing, {}, "other tables")
    assert replay.impact(place, old, drafted(old, ADULT), bare).counts == (
        replay.impact(rows, old, drafted(old, ADULT), bare).counts
    )


def test_a_fact_that_was_taken_when_known_and_is_now_asked_for_makes_them_worthless_too(tmp_path):
    taken = clause("taken", {"surely": {"yes": True}})
    own = [{"name": "yes", "type": "bool", "label": "Yes"}, {"name": "no", "type": "bool", "label": "No"}]
    old = made([{"indication": "one", "clauses": [taken]}], facts=own)
    new = made(
        [{"indication": "one", "clauses": [taken, clause("asks", {"any": [{"yes": True}, {"no": True}]})]}], facts=own
    )
    rows = [replay.Row(str(i), "one", DAY, facts) for i, facts in enumerate(({}, {"yes": True}, {"no": True}))]
    by_columns, by_judge = both(rows, old, new, tmp_path)
    assert by_columns == by_judge
    assert [(one.was, one.becomes) for one in by_judge] == [
        ("exception_review", "needs_information"), ("exception_review", "needs_information")]  # fmt: skip


def test_a_fact_that_only_a_warning_still_reads_is_no_longer_asked_for(tmp_path):
    low = {"igg_measurements": {"where": {"g_per_l": {"at_least": 2}}}}
    taken = clause(
        "taken", {"sex": "male"}, when={"surely": {"igg_measurements": {"latest": {"g_per_l": {"at_least": 2}}}}}
    )
    warns = clause("warns", low, "warning", warns="weak_evidence")
    old = made([{"indication": "one", "clauses": [taken, warns, clause("low", low)]}])
    new = made([{"indication": "one", "clauses": [taken, warns, clause("low", {"sex": "female"})]}])
    one_day = [{"date": "2026-10-31", "g_per_l": value} for value in (1, 2)]
    rows = [replay.Row("0", "one", DAY, {"sex": "female", "igg_measurements": one_day})]
    by_columns, by_judge = both(rows, old, new, tmp_path)
    assert by_columns == by_judge
    assert [(one.was, one.becomes) for one in by_judge] == [("needs_information", "meets")]


def test_more_clauses_than_there_are_bits_are_run_in_full(tmp_path):
    own = [{"name": f"n{i}", "type": "bool", "label": "N"} for i in range(62)]
    many = [clause(f"c{i}", {f"n{i}": True}) for i in range(62)]
    old = made([{"indication": "one", "clauses": many}], facts=own)
    new = made([{"indication": "one", "clauses": [*many[:-1], clause("c61", {"n61": False})]}], facts=own)
    known = dict.fromkeys((f"n{i}" for i in range(61)), True)
    rows = [replay.Row(str(i), "one", DAY, {**known, "n61": bool(i)}) for i in range(2)]
    by_columns, by_judge = both(rows, old, new, tmp_path)
    assert by_columns == by_judge
    assert [one.becomes for one in by_judge] == ["meets", "exception_review"]


def _hear(heard, done, total):
    heard.append((done, total))


def test_changes_carry_what_a_page_lists_and_progress_reaches_the_end(tmp_path):
    old = criteria.builtin_pack()
    new = drafted(old, ADULT)
    facts = {"age_years": 17, "dose_total_g_per_kg": "1", "request_type": "initial"}
    rows = [replay.Row("a", "cidp", DAY, facts, Decimal("82.5"), "open"), replay.Row("b", "ms", DAY, {})]
    for history in (replay.write(rows, tmp_path / "history", old, TABLES), rows):
        heard = [(0, 0)]
        found = replay.impact(history, old, new, TABLES, partial(_hear, heard))
        assert found.changed == [
            replay.Change("a", "cidp", "exception_review", "meets", Decimal("82.5"), DAY, "open")
        ]  # fmt: skip
        assert found.grams == {("cidp", "exception_review", "meets"): Decimal("82.5")}
        assert heard[-1] == (2, 2)


# --- What is kept ---------------------------------------------------------------------------------------------------


def test_nothing_that_names_a_person_is_written(tmp_path):
    pack = made([{"indication": "one", "clauses": [
        clause("who", {"specialist": {"mentions": ["neurologist"]}}),
        clause("tried", {"tried": {"any": ["rituximab"]}}),
    ]}])  # fmt: skip
    facts = {
        "specialist": "Dr Ambrose Canary, NEUROLOGIST", "diagnosis_confirmed_by": "Petra Canary", "product": "Canary",
        "prior_therapies": [{"therapy": "Rituximab by Canary", "outcome": "failed"}], "objective_measure": "",
    }  # fmt: skip
    rows = [replay.Row("0", "one", DAY, facts)]
    place = replay.write(rows, tmp_path / "history", pack, TABLES)
    files = list(place.iterdir())
    assert {file.name for file in files} == {"meta.json", "one.parquet"}
    assert not any(b"canary" in file.read_bytes().lower() for file in files)
    store = queries.opened(place)
    kept = store.con.execute(f"SELECT * EXCLUDE (facts) FROM read_parquet('{place}/one.parquet')").fetchall()
    (text,) = store.con.execute(f"SELECT facts FROM read_parquet('{place}/one.parquet')").fetchone()
    assert "canary" not in str(kept).lower()
    assert "canary" not in text.lower()
    assert json.loads(text)["1"]["specialist"] == "\N{MIDDLE DOT} neurologist \N{MIDDLE DOT}"
    assert told(tmp_path, pack, rows) == judged(pack, rows)


def test_a_word_that_was_not_looked_for_when_the_history_was_written_needs_it_written_again(tmp_path):
    def asking(word):
        return made([{"indication": "one", "clauses": [clause("who", {"specialist": {"mentions": [word]}})]}])

    old, new = asking("neurologist"), asking("immunologist")
    rows = [replay.Row(str(i), "one", DAY, {"specialist": text}) for i, text in enumerate(("an immunologist", "x"))]
    place = replay.write(rows, tmp_path / "history", old, TABLES)
    with pytest.raises(replay.NotKept, match="immunologist: write it again with the criteria made 1 beside"):
        replay.impact(place, old, new, TABLES)
    replay.write(rows, place, old, TABLES, also=[new])
    assert [one.uid for one in replay.impact(place, old, new, TABLES).changed] == ["0"]
    with pytest.raises(replay.NotKept, match="the words haematologist"):
        replay.impact(place, asking("haematologist"), new, TABLES)


def test_a_text_that_is_a_word_as_a_whole_stays_one(tmp_path):
    pack = made([{"indication": "one", "clauses": [clause("who", {"specialist": "neurologist"})]}])
    texts = ("neurologist", "Neurologist", "a neurologist", "")
    rows = [replay.Row(str(i), "one", DAY, {"specialist": text}) for i, text in enumerate(texts)]
    place = replay.write(rows, tmp_path / "history", made([{"indication": "one", "clauses": [
        clause("who", {"specialist": {"mentions": ["neurologist"]}})]}]), TABLES)  # fmt: skip
    assert replay.columns_outcomes(place, pack, TABLES) == judged(pack, rows)


def test_a_history_that_is_not_there_or_of_another_version_says_what_to_do(tmp_path):
    with pytest.raises(replay.NotKept, match="write it first"):
        replay.impact(tmp_path / "nothing", criteria.builtin_pack(), criteria.builtin_pack(), TABLES)
    (tmp_path / "meta.json").write_text(json.dumps({"format": 0}))
    with pytest.raises(replay.NotKept, match="another version of the product: write it again"):
        replay.impact(tmp_path, criteria.builtin_pack(), criteria.builtin_pack(), TABLES)


def test_a_history_that_cannot_be_written_leaves_the_one_before(tmp_path):
    pack = criteria.builtin_pack()
    row = replay.Row("0", "cidp", DAY, {})
    place = replay.write([row], tmp_path / "history", pack, TABLES)

    def broken():
        yield row
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        replay.write(broken(), place, pack, TABLES)
    assert replay.columns_outcomes(place, pack, TABLES).keys() == {"0"}
    assert [one.name for one in tmp_path.iterdir()] == ["history"]


def test_an_indication_is_a_code_and_a_folder_may_have_any_name(tmp_path):
    pack = criteria.builtin_pack()
    place = replay.write([replay.Row("0", "cidp", DAY, {})], tmp_path / "Petra's", pack, TABLES)
    assert replay.columns_outcomes(place, pack, TABLES).keys() == {"0"}
    with pytest.raises(ValueError, match="no code"):
        replay.write([replay.Row("0", "../cidp", DAY, {})], place, pack, TABLES)


def test_writing_tells_how_far_it_is(tmp_path):
    heard = []
    rows = [replay.Row(str(i), "ibm", DAY, {}) for i in range(2000)]
    replay.write(
        rows, tmp_path / "history", criteria.builtin_pack(), TABLES, (), lambda *told: heard.append(told), 2000
    )
    assert heard == [(1000, 2000), (2000, 2000)]


def test_an_empty_history_changes_nothing(tmp_path):
    old = criteria.builtin_pack()
    place = replay.write([], tmp_path / "history", old, TABLES)
    assert replay.impact(place, old, drafted(old, ADULT), TABLES) == replay.Impact()


def test_a_draft_that_columns_cannot_hold_is_judged_one_by_one(tmp_path):
    own = [{"name": "first", "type": "dec", "label": "First"}, {"name": "last", "type": "dec", "label": "Last"}]
    better = clause("better", {"change": {"from": "first", "to": "last", "falls_by": 1}})
    old = made([{"indication": "one", "clauses": [better]}], facts=own)
    new = made([{"indication": "one", "clauses": [better]}], facts=own,
               defaults=[{"fact": "last", "value": 1, "says": "It is one."}])  # fmt: skip
    rows = [replay.Row(str(i), "one", DAY, {"first": first}) for i, first in enumerate(("1", "2"))]
    by_columns, by_judge = both(rows, old, new, tmp_path)
    assert by_columns == by_judge
    assert [one.becomes for one in by_judge] == ["exception_review", "meets"]


def test_dates_that_depend_on_the_day_of_the_request_are_left_to_the_judge(tmp_path):
    # On 31 March one month back is the last of February, so that some ways to lie between are not there every day.
    own = [{"name": "given", "type": "date", "label": "Given"}]
    clauses = [
        clause("a", {"given": {"within": "1 month"}}, "does_not_meet"),
        clause("b", {"not": {"given": {"at_least_ago": "30 days"}}}),
        clause("c", {"given": {"from": "2024-03-01"}}),
    ]
    pack = made([{"indication": "one", "clauses": clauses}], facts=own)
    given = [(day, known) for day in packs.DAYS for known in ({}, {"given": "2024-02-29"}, {"given": str(day)})]
    rows = [replay.Row(str(i), "one", day, known) for i, (day, known) in enumerate(given)]
    assert told(tmp_path, pack, rows) == judged(pack, rows)


def test_a_product_that_is_asked_for_may_settle_the_order(tmp_path):
    clauses = [clause("stated", {"product": "stated"}), clause("suits", {"product_labelled": True})]
    rate = clause("slow", {"dose": {"at_most": "4 mg/kg/min"}}, "does_not_meet")
    old = made([{"indication": "cidp", "clauses": clauses}])
    new = made([{"indication": "cidp", "clauses": [*clauses, rate]}])
    facts = ({}, {"max_infusion_rate_ml_per_kg_min": "0.08"}, {"product": "Privigen"}, {"product": "Unheard of"})
    rows = [replay.Row(str(i), "cidp", DAY, one) for i, one in enumerate(facts)]
    by_columns, by_judge = both(rows, old, new, tmp_path)
    assert by_columns == by_judge
