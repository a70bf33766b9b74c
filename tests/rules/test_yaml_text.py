"""Values as YAML text: whatever is written reads back as it was, by the reader of packs and by one that is not ours.

PyYAML's own loader, written in Python and of YAML 1.1, is the second: it takes more words for numbers, days and yes or
no than the reader of packs does.
"""

from decimal import Decimal

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from utilization.rules.packs.yaml_text import WIDTH, yaml_text
from utilization.rules.yaml_lines import Node, read_yaml

TEXTS = st.text() | st.text(alphabet="ab -:#'\"\\\n\t[]{},&*!|>%@`~0159.\u00a0\u2028é", max_size=300)
WORDS = st.lists(st.text(alphabet="abcé-#':0", min_size=1, max_size=12), max_size=60).map(" ".join)
LEAVES = TEXTS | WORDS | st.booleans() | st.decimals(-10_000, 10_000, places=3) | st.integers(-99, 99).map(Decimal)
KEYS = st.text(alphabet="abcdefgh_", min_size=1, max_size=8)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


def by_pyyaml(text):
    return yaml.load(text, Loader=yaml.SafeLoader)


def kept(node: Node):
    """The tree as values, with texts as they stand."""
    if isinstance(node.value, dict):
        return {key: kept(held) for key, held in node.value.items()}
    if isinstance(node.value, list):
        return [kept(item) for item in node.value]
    return node.value


@given(TEXTS | WORDS)
@example("no")
@example("2026-06-30")
@example("1:30")
@example("0x1f")
@example("- a: b # c")
@example("a: {b: c}")
@example("x " * 100)
@example("word  " * 60 + "end")
@example("word " * 60 + "\n\n  end")
@example("# " + "word " * 60 + "end")
@example("--- ! " + "word " * 60 + "end")
def test_any_text_reads_back_as_the_same_text(text):
    written = yaml_text({"says": text, "clauses": [{"says": text, "of": [text, {"a": text}]}]})
    for read in (by_pyyaml(written), kept(read_yaml(written, "a.yaml"))):
        assert read == {"says": text, "clauses": [{"says": text, "of": [text, {"a": text}]}]}


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
def test_any_tree_reads_back(tree):
    assert kept(read_yaml(yaml_text(tree), "a.yaml")) == tree


@given(WORDS)
def test_lines_of_words_stay_within_the_width(text):
    lines = yaml_text({"says": text}).splitlines()
    quoted = lines[0].startswith('says: "')
    assert quoted or all(len(line) <= WIDTH for line in lines)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("The patient is an adult (18 years or over).", "says: The patient is an adult (18 years or over)."),
        ("Severe, or in crisis", "says: Severe, or in crisis"),
        ("2 g/kg", "says: 2 g/kg"),
        ({"age_years": {"at_least": "18 years"}}, "says: {age_years: {at_least: 18 years}}"),
        (["AN-23", "a, b"], 'says: [AN-23, "a, b"]'),
        ({}, "says: {}"),
        ("Dose: 2", 'says: "Dose: 2"'),
        ("Yes", 'says: "Yes"'),
        ("18", 'says: "18"'),
        ("a\u202eb\U0001f600\u0007", 'says: "a\\u202eb\U0001f600\\x07"'),
        ("\U000e0001", 'says: "\\U000e0001"'),
        (Decimal("2.50"), "says: 2.5"),
        (3, "says: 3"),
        (True, "says: true"),
        (False, "says: false"),
    ],
)
def test_it_looks_like_a_pack(value, line):
    assert yaml_text({"says": value}) == f"{line}\n"


def test_long_values_stand_below_their_key():
    says = "Inflammation of the muscle is shown by a biopsy, or by a scan where nobody can take one from the patient; "
    value = {
        "criteria": [{"indication": "myositis", "clauses": [{"id": "biopsy", "says": f"{says}either is dated."}]}],
        "any": [{"a_long_name_of_a_fact": [f"value_{place}"]} for place in range(5)],
    }
    assert (
        yaml_text(value)
        == """\
criteria:
  - indication: myositis
    clauses:
      - id: biopsy
        says: >-
          Inflammation of the muscle is shown by a biopsy, or by a scan where nobody can take one from the patient;
          either is dated.
any:
  - a_long_name_of_a_fact: [value_0]
  - a_long_name_of_a_fact: [value_1]
  - a_long_name_of_a_fact: [value_2]
  - a_long_name_of_a_fact: [value_3]
  - a_long_name_of_a_fact: [value_4]
"""
    )
