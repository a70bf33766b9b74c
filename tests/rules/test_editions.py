"""Editions of the language: which one a pack is read by, and what is said where two packs are of two editions."""

import pytest

from utilization.rules.judging.pack_checks import problems, remarks
from utilization.rules.language.composites import in_words
from utilization.rules.language.words import sentence
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


def test_the_remark_says_what_the_newer_edition_reads_otherwise():
    [remark] = remarks(pack("", "{specialist: {mentions: [neurologist]}}"))
    assert remark.message.endswith(
        "With 'language: 2' these would be read otherwise: thing.it. Compare the two, and see what its examples come to"
    )
    [remark] = remarks(pack("", "{tried: {any: [vedolizumab]}}"))
    assert "With 'language: 2' it would not read: pack.yaml:6: " in remark.message
    assert "unknown therapy 'vedolizumab'" in remark.message


def test_the_remark_names_an_indication_that_differs_in_itself_and_no_more_than_a_dozen_clauses():
    require = "{specialist: {mentions: [neurologist]}}"
    many = ", ".join(
        f"{{id: c{n}, says: S., require: {require}, otherwise: exception_review, local: x}}" for n in range(14)
    )
    phase = f"{{says: loading, when: {require}, ceiling: 2 g/kg}}"
    head = text().split("criteria:")[0]
    whole = f"{head}criteria: [{{indication: thing, dose: {{ceiling: 1 g/kg, phases: [{phase}]}}, clauses: [{many}]}}]"
    [remark] = remarks(read_pack({"pack.yaml": whole}))
    assert "read otherwise: thing, thing.c0, thing.c1," in remark.message
    assert "thing.c10, …. Compare" in remark.message


def test_words_of_edition_2_say_how_a_word_begins_and_print_no_star():
    words = "{specialist: {mentions: [neurolog*, neuromuscular, blue skyl*, red flag]}}"
    [clause] = pack("2", words).indications["thing"].clauses
    assert in_words(clause.require).text == (
        "Specialist: mentions a word that begins with neurolog, the word neuromuscular, the words blue and a word that"
        " begins with skyl or the words red flag"
    )
    [clause] = pack("2", "{tried: {any: [rituximab, corticosteroids]}}").indications["thing"].clauses
    assert "Treatment: rituximab" in sentence(in_words(clause.require))
    assert "Treatment: any of the corticosteroids" in sentence(in_words(clause.require))


def test_a_fault_elsewhere_in_the_head_leaves_its_edition_and_one_of_its_own_is_told_once():
    for language, wrong in (("2", ["pack.until"]), ("7", ["pack.language", "pack.until"])):
        _, faults = read_with_faults({"pack.yaml": text(f"{language}, until: soon")})
        assert sorted(fault.path for fault in faults) == wrong
