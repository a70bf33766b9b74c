"""Columns against the judge: the same outcome for every request, whatever is unknown and whatever the pack."""

import json
import random
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import at_most
from tests.replay.histories import clause, judged, made, rows_for, told
from tests.rules import packs
from utilization import criteria, replay
from utilization.rules.columns.paths import paths
from utilization.rules.columns.sql import columns
from utilization.rules.facts.ages import ages
from utilization.rules.facts.values import json_value


def compared(pack, rows):
    """Rows of which the columns tell another outcome than the judge; few enough to be shown."""
    with TemporaryDirectory() as place:
        columns, one_by_one = told(Path(place), pack, rows), judged(pack, rows)
    assert columns.keys() == one_by_one.keys()
    return [(row, one_by_one[row.uid], columns[row.uid]) for row in rows if columns[row.uid] != one_by_one[row.uid]][:2]


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_the_built_in_criteria(seed):
    pack = criteria.builtin_pack()
    rows = rows_for(pack, at_most(1500), seed)
    assert set(judged(pack, rows).values()) >= {"meets", "does_not_meet", "exception_review", "needs_information"}
    assert compared(pack, rows) == []


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(set(criteria.shipped_packs()) - {"ivig-builtin"}))
def test_every_other_pack_at_hand(name):
    pack = criteria.pack_at(criteria.shipped_packs()[name])
    codes = random.Random(3).sample(sorted(pack.indications), 6)
    assert compared(pack, rows_for(pack, at_most(300), 3, codes)) == []


class Shown:
    """A pack that a failure shows as its criteria, and not as all that it holds."""

    def __init__(self, pack):
        self.pack = pack

    def __repr__(self):
        written = json.loads(self.pack.files["made.yaml"])
        return json.dumps({key: written[key] for key in ("criteria", "redirects", "defaults") if key in written})


PACKS = packs.packs().map(Shown)


@pytest.mark.long
@settings(max_examples=at_most(40), suppress_health_check=list(HealthCheck))
@given(PACKS, st.sampled_from(packs.DAYS), st.integers(0, 2**32))
def test_made_up_criteria_over_every_kind_of_condition(shown, as_of, seed):
    chance = random.Random(seed)
    rows = [made_up(shown.pack, as_of, chance, number) for number in range(60)]
    assert compared(shown.pack, rows) == []


def made_up(pack, as_of, chance, number):
    """A request about a made-up pack; entries of its lists may lack a field."""
    facts = {}
    for fact in packs.OWN:
        if chance.random() < 0.6:
            value = json_value(chance.choice(packs.domain(fact["name"], as_of)))
            if fact["name"] in ("values", "events"):
                value = [{key: one for key, one in entry.items() if chance.random() < 0.9} for entry in value]
                value = [entry for entry in value if fact["name"] == "events" or "date" in entry]
            facts[fact["name"]] = value
    return replay.Row(str(number), chance.choice(("one", "two")), as_of, facts)


@pytest.mark.long
@settings(max_examples=at_most(25), suppress_health_check=list(HealthCheck))
@given(packs.orders(), st.integers(0, 2**32))
def test_made_up_criteria_over_orders_of_which_much_is_unknown(case, seed):
    chance, rows = random.Random(seed), []
    for number in range(60):
        facts = {name: chance.choice(values) for name, values in packs.ORDERS.items() if chance.random() < 0.5}
        facts |= {name: chance.random() < 0.5 for name in ("yes_1", "yes_2", "yes_3") if chance.random() < 0.5}
        rows.append(replay.Row(str(number), "one", case.as_of, facts))
    assert compared(case.pack, rows) == []


def asks(require, facts, **more):
    """(judge, columns) for one request by one clause that denies."""
    own = [{"name": "score", "type": "dec", "label": "Score", "possible": [-100, 100]},
           {"name": "organ", "type": "choice", "label": "Organ", "choices": ["heart", "liver"]}]  # fmt: skip
    pack = made([{"indication": "one", "clauses": [clause("only", require, "does_not_meet")]}], facts=own, **more)
    rows = [replay.Row("0", "one", packs.DAYS[0], facts)]
    with TemporaryDirectory() as place:
        return judged(pack, rows)["0"], told(Path(place), pack, rows)["0"]


@pytest.mark.parametrize(
    ("require", "facts", "outcome"),
    [
        # More digits than a column has: the judge is asked.
        ({"igg_g_per_l": {"below": 4}}, {"igg_g_per_l": "3.99999999"}, "meets"),
        ({"igg_g_per_l": {"below": 4}}, {"igg_g_per_l": "4.00000001"}, "does_not_meet"),
        # A bound that no column can hold: 1 mg/dL is 0.01 g/L, 0.001 mg/L a millionth of a gram.
        ({"igg_g_per_l": {"at_least": "0.0000035 g/L"}}, {"igg_g_per_l": "0.000003"}, "does_not_meet"),
        ({"igg_g_per_l": {"at_least": "0.0000035 g/L"}}, {"igg_g_per_l": "0.000004"}, "meets"),
        ({"igg_g_per_l": {"at_most": "0.0000035 g/L"}}, {"igg_g_per_l": "0.000003"}, "meets"),
        ({"igg_g_per_l": {"at_most": "0.0000035 g/L"}}, {"igg_g_per_l": "0.000004"}, "does_not_meet"),
        ({"igg_g_per_l": {"below": "400 mg/dL"}}, {"igg_mg_per_dl": "399"}, "meets"),
        # A request whose order contradicts itself cannot be judged.
        ({"weight_kg": 70}, {"weight_kg": "70", "dose_total_g": "10", "dose_total_g_per_kg": "2"}, "refused"),
        # What the pack cannot hold is unknown to it.
        ({"organ": "heart"}, {"organ": "kidney"}, "needs_information"),
        ({"score": {"at_least": 1}}, {"score": "101"}, "needs_information"),
        ({"score": {"at_least": 1}}, {"score": "2", "no_such_fact": 1}, "meets"),
        ({"count": {"of": [{"organ": "heart"}, {"score": 1}], "exactly": 1}}, {"organ": "heart"}, "needs_information"),
        ({"surely": {"organ": "heart"}}, {}, "does_not_meet"),
        ({"surely": {"not": {"organ": "heart"}}}, {}, "does_not_meet"),
        ({"surely": {"not": {"organ": "heart"}}}, {"organ": "liver"}, "meets"),
    ],
)  # fmt: skip
def test_what_does_not_fit_a_column(require, facts, outcome):
    assert asks(require, facts) == (outcome, outcome)


def test_a_redirect_is_followed_by_what_is_known_and_a_default_is_taken_afterwards():
    own = [{"name": "kind", "type": "choice", "label": "Kind", "choices": ["a", "b"]}]
    pack = made(
        [
            {"indication": "one", "clauses": [clause("a", {"kind": "a"}, "does_not_meet")]},
            {"indication": "two", "clauses": [clause("b", {"kind": "b"})]},
            {"indication": "three", "clauses": [clause("c", {"sex": "female"})]},
        ],
        facts=own,
        redirects=[{"indications": ["one"], "when": {"kind": "b"}, "to": "two", "says": "It is two."},
                   {"indications": ["one"], "when": {"sex": "male"}, "to": "three", "says": "It is three."}],
        defaults=[{"fact": "kind", "value": "a", "when": {"age_years": 18}, "says": "It is a."}],
    )  # fmt: skip
    facts = [{"kind": "b"}, {"kind": "a"}, {}, {"age_years": 18}, {"age_years": 17}, {"sex": "male"}]
    rows = [replay.Row(str(i), "one", packs.DAYS[0], one) for i, one in enumerate(facts)]
    outcomes = ["meets", "meets", "needs_information", "meets", "needs_information", "exception_review"]
    assert list(judged(pack, rows).values()) == outcomes
    assert compared(pack, rows) == []


def test_a_default_for_what_has_no_column_is_left_to_the_judge():
    pack = made(
        [{"indication": "one", "clauses": [clause("a", {"specialist": {"mentions": ["neurologist"]}})]}],
        defaults=[{"fact": "specialist", "value": "neurologist", "says": "It is one."}],
    )
    rows = [replay.Row("0", "one", packs.DAYS[0], {}), replay.Row("1", "one", packs.DAYS[0], {"specialist": "x"})]
    assert list(judged(pack, rows).values()) == ["meets", "exception_review"]
    assert compared(pack, rows) == []


def test_an_indication_that_no_pack_names_comes_to_what_the_pack_says_of_silence():
    pack = criteria.builtin_pack()
    rows = [replay.Row("0", "unheard_of", packs.DAYS[0], {})]
    assert judged(pack, rows) == {"0": "exception_review"}
    assert compared(pack, rows) == []


def test_the_text_of_a_pack_never_becomes_sql():
    evil = "x') OR TRUE --"
    own = [{"name": "words", "type": "text", "label": "Words"}]
    pack = made([{"indication": "one", "clauses": [clause("a", {"words": {"mentions": [evil]}})]}], facts=own)
    rows = [replay.Row("0", "one", packs.DAYS[0], {"words": f"so {evil} said"}),
            replay.Row("1", "one", packs.DAYS[0], {"words": "'); DROP TABLE rows; --"})]  # fmt: skip
    assert list(judged(pack, rows).values()) == ["meets", "exception_review"]
    assert compared(pack, rows) == []
    every = paths(pack, "one", "tables", columns(pack.catalogue), fresh=True)
    assert all(evil not in path.outcome + path.results for path in every)


def test_a_code_that_is_no_plain_word_stays_out_of_the_sql():
    own = [
        {
            "name": "organ",
            "type": "choice",
            "label": "Organ",
            "choices": ["heart", "\N{LATIN SMALL LETTER E WITH ACUTE}"],
        }
    ]
    pack = made([{"indication": "one", "clauses": [clause("a", {"organ": "heart"})]}], facts=own)
    rows = [replay.Row("0", "one", packs.DAYS[0], {"organ": "heart"})]
    assert compared(pack, rows) == []


def newborns(pack, codes, many, seed):
    """Requests for infants, the age under one of its names or all three, doses near the limits of a few kilograms."""
    chance = random.Random(seed)
    rows = rows_for(pack, many, seed, codes)
    for row in rows:
        born = row.as_of - timedelta(days=chance.choice((0, 3, 27, 28, 29, 31, 90, 182, 365, 730, 731, 6574, 6575)))
        known = ages(born, row.as_of)
        names = chance.choice((list(known), [chance.choice(list(known))], []))
        for name in ("age_years", "dose_total_g_per_kg", "dose_total_g", "weight_kg"):
            row.facts.pop(name, None)
        row.facts.update({name: str(known[name]) for name in names})
        row.facts["weight_kg"] = chance.choice(("1.3", "2.6", "3.5", "4.8", "8"))
        way = chance.choice(("dose_total_g", "dose_total_g_per_kg"))
        row.facts[way] = chance.choice(("0.4", "1", "2", "2.5", "5", "7", "10", "16"))
        row.facts["product"] = chance.choice(("Privigen", "Unheard of", "Gamunex-C", "Hizentra"))
    return rows


AGES_OF_CLAUSES = (
    {"at_most": "28 days"}, {"below": "4 weeks"}, {"at_least": "3 months"}, {"above": "28 days", "below": "2 years"},
    {"at_least": "18 years"}, {"at_most": "2 years"},
)  # fmt: skip


@pytest.mark.parametrize("require", AGES_OF_CLAUSES, ids=str)
def test_ages_in_every_unit_of_infants_under_every_name_come_to_what_the_judge_says(require):
    pack = made(
        [{"indication": "one", "otherwise": "exception_review", "clauses": [
            clause("age", {"age_years": require}, "does_not_meet"),
            clause("ceiling", {"dose_within_ceiling": True}),
            clause("course", {"dose": {"at_most": "1 g/kg", "per": "course"}}, when={"sex": "female"}),
        ]}],
        dosing={"ceiling": "2 g/kg"},
    )  # fmt: skip
    rows = newborns(pack, ["one"], at_most(500), 3)
    assert compared(pack, rows) == []
    assert len(set(judged(pack, rows).values())) >= 3


@pytest.mark.long
@pytest.mark.parametrize("name", criteria.shipped_packs())
def test_newborns_come_to_the_same_by_every_pack_at_hand(name):
    pack = criteria.pack_at(criteria.shipped_packs()[name])
    codes = random.Random(4).sample(sorted(pack.indications), 8)
    assert compared(pack, newborns(pack, codes, at_most(400), 5)) == []
