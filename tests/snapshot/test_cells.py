"""Small cells: whatever patients there are, no cell and no value is told that fewer than the limit share."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from utilization.reports.snapshot.cells import OTHER, frequent_values, guarded_cells

LEVELS = st.sampled_from(["a", "b", "c"])
CELLS = st.tuples(LEVELS, LEVELS, LEVELS)
PATIENTS = st.lists(st.tuples(CELLS, st.integers(0, 40)), max_size=80)


@given(PATIENTS, st.integers(2, 12))
def test_every_cell_told_holds_enough_patients_or_everybody(patients, least):
    placed = guarded_cells(patients, least)
    members = defaultdict(set)
    for cell, patient in patients:
        members[placed[cell]].add(patient)
    everybody = {patient for _, patient in patients}
    for cell, who in members.items():
        assert len(who) >= least or (who == everybody and cell == (None, None, None))


@given(PATIENTS, st.integers(2, 12))
def test_a_cell_is_told_true_as_far_as_it_is_told(patients, least):
    for cell, placed in guarded_cells(patients, least).items():
        assert all(told in (None, true) for true, told in zip(cell, placed, strict=True))
        kept = [told is not None for told in placed]
        assert kept == sorted(kept, reverse=True), "what comes first is kept longest"


def test_a_large_cell_stays_as_it_is():
    patients = [(("a", "b", "c"), n) for n in range(11)]
    assert guarded_cells(patients, 11) == {("a", "b", "c"): ("a", "b", "c")}
    assert guarded_cells(patients, 12) == {("a", "b", "c"): (None, None, None)}
    assert guarded_cells([], 11) == {}


@given(
    st.lists(st.tuples(st.sampled_from(["x", "y", "z", "w", OTHER]), st.integers(0, 30)), max_size=80),
    st.integers(2, 9),
)
def test_every_value_told_and_the_others_together_have_enough_patients(patients, least):
    told = frequent_values(patients, least)
    having = defaultdict(set)
    for value, patient in patients:
        having[value if value in told else OTHER].add(patient)
    assert all(len(who) >= least for value, who in having.items() if value != OTHER)
    if told:
        assert len(having[OTHER]) >= least or not having[OTHER]
