"""Editions of the language: which one a pack is read by, and what is said where two packs are of two editions."""

import pytest

from utilization.rules.judging.pack_checks import problems, remarks
from utilization.rules.packs.comparison import compare
from utilization.rules.packs.faults import read_with_faults
from utilization.rules.packs.reader import read_pack

PACK = """\
pack: {{name: small, version: "1", title: A small pack{language}}}
indications: [{{code: thing, name: Thing}}]
criteria:
  - indication: thing
    clauses:
      - {{id: it, says: It., require: {require}, otherwise: exception_review, local: x}}
"""


def text(language="", require="{severity: severe}"):
    return PACK.format(language=language and f", language: {language}", require=require)


def pack(language="", require="{severity: severe}"):
    return read_pack({"pack.yaml": text(language, require)})


@pytest.mark.parametrize(("language", "edition"), [("", 1), ("1", 1), ("2", 2), ('"2"', 2)])
def test_a_pack_is_of_the_edition_that_it_names_and_of_the_first_where_it_names_none(language, edition):
    assert pack(language).edition == edition


def test_two_packs_of_two_editions_are_not_equal_and_the_comparison_says_so():
    changes = compare(pack(), pack("2"))
    assert not changes.equal
    [told] = changes.general
    [difference] = told.differences
    assert (told.kind, difference.old.text, difference.new.text) == (
        "changed",
        "Its words are read by edition 1 of the criteria language.",
        "Its words are read by edition 2 of the criteria language.",
    )
    assert compare(pack(), pack("1")).equal


def test_a_pack_of_the_first_edition_gets_a_remark_and_no_problem():
    assert problems(pack()) == []
    [remark] = remarks(pack())
    told = "its words are read by edition 1 of the language. With 'language: 2' it would judge as it does"
    assert (remark.file, remark.line, remark.path, remark.message) == ("pack.yaml", 1, "pack", told)
    assert remarks(pack("2")) == []


def test_a_fault_elsewhere_in_the_head_leaves_its_edition_and_one_of_its_own_is_told_once():
    for language, wrong in (("2", ["pack.until"]), ("7", ["pack.language", "pack.until"])):
        _, faults = read_with_faults({"pack.yaml": text(f"{language}, until: soon")})
        assert sorted(fault.path for fault in faults) == wrong
