"""What a pack may set beside conditions, and how it is refused: each refusal says where, and what to write."""

from datetime import date

import pytest

from tests.spec.building import SECOND, files_of, whole_pack
from utilization import criteria
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.judging.pack_checks import problems, remarks
from utilization.rules.packs import faults
from utilization.rules.packs.comparison import compare
from utilization.rules.packs.faults import read_with_faults
from utilization.rules.yaml_lines import PackError

LONG = "x" * 81
RULE = "dosing: {weight_rule: {of: adjusted, source: a, share: 0.4"
CLAUSES = "criteria: [{indication: thing, clauses: [{id: a, says: A., require: always, local: x}]"
WARN = "says: a, when: always, local: x"
REFUSED = [
    ("dosing: {ceiling: 2 g/kg, ceiling_g_per_kg: 2}", "ceiling and ceiling_g_per_kg say the same: leave one out"),
    ("dosing: {phases: []}", "expected 1 to .* phases, got 0"),
    ("dosing: {rounding: up}", "expected one of .*, or a step up to 20 g such as 2.5 g, got"),
    ("dosing: {rounding: 0.25 g}", "in whole tenths of a gram, got"),
    ("dosing: {rounding: 30 g}", "in whole tenths of a gram, got"),
    ("dosing: {weight_rule: {of: ideal, source: a, share: 0.4}}", "share goes with 'of: adjusted'"),
    ("dosing: {weight_rule: {of: adjusted, source: a}}", "expected the key 'share'"),
    (f"{RULE}, bmi_at_least: 5}}}}", "expected a number above 10 and up to"),
    (f"{RULE}, above_ideal: 2}}}}", "expected a percentage up to"),
    (f"warnings: [{{code: x1, title: One, {WARN}}}, {{code: x1, title: Two, {WARN}}}]", "the title 'One' already"),
    (f"warnings: [{{code: x1, title: {LONG}, {WARN}}}]", "expected at most 80 characters, got 81"),
    (f"warnings: [{{code: X, title: One, {WARN}}}]", "expected a code of small letters, digits and _"),
    ("warnings: [{code: dose_rounded, title: One, says: a, when: always, local: x}]",
     "dose_rounded is a warning of the vocabulary, which has its title"),
    ("warnings: [{code: weak_evidence, says: a, local: x}]", "expected the key 'when'"),
    ("warnings: [{code: weak_evidence, acknowledge: true, says: a, when: always, local: x}]",
     "acknowledge goes with a warning of the pack's own"),
    ("warnings: [{code: x1, title: One, acknowledge: maybe, says: a, when: always, local: x}]",
     "expected true or false, got"),
    ("routes: [{says: a, outcome: [], priority: high, local: x}]", "expected at least one of"),
    ("routes: [{says: a, outcome: [meets], approvals: [pharmacist], panel: Board, local: x}]",
     "a panel advises a physician"),
    (f"routes: [{{says: a, priority: {LONG}, local: x}}]", "expected at most 40 characters, got 81"),
    (f"{CLAUSES}, caps: [{{id: c, says: C., at_most: 2 kg, local: x}}]}}]",
     "an approval is limited in months, courses or doses"),
    (f"{CLAUSES}, caps: [{{id: c, says: C., at_most: 3, local: x}}]}}]", "has no unit: expected months, courses"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_what_cannot_be_set_is_refused_in_words(text, says):
    with pytest.raises(PackError, match=says):
        whole_pack(text if text.startswith("criteria") else f"{text}\n{CLAUSES}}}]")


@pytest.mark.parametrize("text", [
    "pack: just a name\nindications: []\n", "indications: 7\n", "- {id: a}\n- {id: b}\n",
])  # fmt: skip
def test_faults_of_what_holds_a_pack_together_are_told_without_an_end(text):
    pack, faults = read_with_faults({"x.yaml": text})
    assert pack is None
    assert faults


def test_faults_are_looked_for_so_many_times_and_those_seen_so_far_are_told(monkeypatch):
    clauses = ", ".join(f"{{id: c{n}, says: A., require: {{wrong_{n}: true}}, local: x}}" for n in range(5))
    files = files_of(f"criteria: [{{indication: thing, otherwise: does_not_meet, clauses: [{clauses}]}}]", SECOND)
    assert len(read_with_faults(files)[1]) == 5
    monkeypatch.setattr(faults, "MOST_ROUNDS", 2)
    pack, told = read_with_faults(files)
    assert pack is None
    assert 0 < len(told) < 5


def test_the_first_fault_of_each_file_that_is_no_yaml_is_told():
    pack, faults = read_with_faults({"a.yaml": "a: [", "b.yaml": "pack: {name: x}", "c.yaml": "}"})
    assert pack is None
    assert {fault.file for fault in faults} == {"a.yaml", "c.yaml"}


def test_a_pack_of_too_many_files_is_refused_at_once():
    pack, faults = read_with_faults({f"{n:04d}.yaml": "a: 1" for n in range(501)})
    assert pack is None
    assert len(faults) == 1
    assert "expected at most 500 files" in str(faults[0])


def test_two_packs_beside_each_other_show_the_phases_of_a_dose():
    phases = "phases: [{says: renewals, when: {request_type: renewal}, ceiling: 1 g/kg, target: 0.5 g/kg}]"
    plain, phased = (whole_pack(f"dosing: {{ceiling: 2 g/kg{more}}}\n{CLAUSES}}}]") for more in ("", f", {phases}"))
    changed = str(compare(plain, phased))
    assert "Dose, renewals" in changed
    assert "ceiling 1 g/kg, target 0.5 g/kg where" in changed


def test_a_phase_that_nobody_is_in_is_told():
    never = (
        "{says: nobody, when: {age_years: {below: 1 year}, severity: crisis, not: {severity: crisis}}, ceiling: 1 g/kg}"
    )
    clause = "{id: a, says: A., require: always, local: x}"
    pack = whole_pack(f"criteria: [{{indication: thing, dose: {{phases: [{never}]}}, clauses: [{clause}]}}]")
    assert any("never applies" in str(problem) for problem in [*problems(pack), *remarks(pack)])


PHASED = """
facts: [{name: eeg, type: bool, label: EEG}]
dosing: {phases: [{says: the first course, when: {request_type: initial}, ceiling: 2 g/kg}]}
criteria:
  - indication: thing
    clauses:
      - {id: a, says: A., local: x, otherwise: does_not_meet, require: {all: [{dose_within_ceiling: true}, {eeg: true}]}}
      - {id: b, says: B., local: x, otherwise: warning, warns: weak_evidence, require: {dose_within_ceiling: [true, false]}}
"""  # noqa: E501 - the text whole, as it is read


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"request_type": "initial", "dose_total_g_per_kg": 2, "eeg": True}, "meets"),
        ({"request_type": "initial", "dose_total_g_per_kg": 3, "eeg": True}, "does_not_meet"),
        ({"request_type": "initial", "dose_total_g_per_kg": 2, "eeg": False}, "does_not_meet"),
        ({"request_type": "renewal", "dose_total_g_per_kg": 3, "eeg": True}, "meets"),
        ({"request_type": "renewal", "eeg": True}, "meets"),
    ],
)
def test_outside_of_every_phase_the_rule_itself_counts_and_without_a_ceiling_nothing_is_above_it(facts, outcome):
    pack = whole_pack(PHASED)
    read = read_facts(facts, catalogue=pack.catalogue)
    assert judge(pack, "thing", read, tables=criteria.reference_tables(), as_of=date(2026, 6, 30)).outcome == outcome


def test_a_sum_over_entries_of_which_none_can_fit_is_nothing():
    """Together at most 2 g/kg of no course always holds, and at least 2 never."""
    none = "where: {all: [{g_per_kg: {above: 2 g/kg}}, {g_per_kg: {below: 1 g/kg}}]}"
    found = {}
    for bound in ("at_most", "at_least"):
        written = f"{{prior_courses: {{sum: g_per_kg, {none}, {bound}: 2 g/kg}}}}"
        clause = f"{{id: a, says: A., local: x, otherwise: does_not_meet, require: {written}}}"
        (found[bound],) = problems(whole_pack(f"criteria: [{{indication: thing, clauses: [{clause}]}}]"))
    assert "thing.a: never fails" in str(found["at_most"])
    assert "thing.a: can never be met" in str(found["at_least"])
