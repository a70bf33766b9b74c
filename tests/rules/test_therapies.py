"""The vocabulary of therapies: what typed texts mean, and that the table itself is of one piece."""

from collections import Counter
from datetime import date

import pytest

from utilization import criteria
from utilization.replay.masked_text import masked
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.text_words import clauses_in, words_in
from utilization.rules.facts.therapies import BESIDE_A_NAME, is_beside_a_name
from utilization.rules.facts.therapy_table import THERAPIES
from utilization.rules.facts.values import read_facts
from utilization.rules.judging.judge import judge
from utilization.rules.language.is_therapy import IsTherapy
from utilization.rules.language.mentions_words import MentionsWords
from utilization.rules.packs.comparison import compare
from utilization.rules.packs.reader import read_pack
from utilization.rules.yaml_lines import PackError

PACK = """\
pack: {name: small, version: "1", title: A small pack, language: 2}
facts: [{name: prior_gold, type: choice, label: Gold, choices: [not_tried, failed]}]
indications: [{code: thing, name: Thing}]
criteria:
  - indication: thing
    clauses:
      - {id: it, says: It., require: %s, otherwise: exception_review, local: x}
"""


def pack(require, therapies=""):
    return read_pack({"pack.yaml": PACK % require, "more.yaml": f"therapies: [{therapies}]"})


def test_every_name_means_one_therapy_and_says_more_than_a_dose():
    spelt = {(therapy.name, words_in(text)) for therapy in THERAPIES.therapies.values() for text in therapy.texts}
    assert [words for words, count in Counter(words for _, words in spelt).items() if count > 1] == []
    assert [words for _, words in spelt if not words or all(map(is_beside_a_name, words))] == []
    assert not any(words_in(word) != (word,) for word in BESIDE_A_NAME)


def test_a_class_stands_under_none_and_its_fact_tells_how_it_went():
    for therapy in THERAPIES.therapies.values():
        assert not any(THERAPIES.therapies[name].classes for name in therapy.classes), therapy
        assert not therapy.fact or "failed" in CATALOGUE[therapy.fact].choices


# What a pharmacist takes these to mean, written by hand.
@pytest.mark.parametrize(("text", "means"), [
    ("Methotrexate 15 mg weekly", "methotrexate"),
    ("methotrexate 15mg/week PO", "methotrexate"),
    ("MTX", "methotrexate"),
    ("METHOTREXATE\N{NO-BREAK SPACE}15\N{THIN SPACE}mg", "methotrexate"),
    ("metho\N{SOFT HYPHEN}trexate", "methotrexate"),
    ("\N{FULLWIDTH LATIN CAPITAL LETTER M}\N{FULLWIDTH LATIN CAPITAL LETTER T}X", "methotrexate"),
    ("oral prednisolone", "prednisolone"),
    ("steroids", "corticosteroids"),
    ("steroids (prednisolone 60 mg daily)", "prednisolone"),
    ("IV methylprednisolone 1 g daily for 5 days", "methylprednisolone"),
    ("Cyclosporin A", "ciclosporin"),
    ("plasma exchange (PLEX) x5", "plasma_exchange"),
    ("p.o. methotrexate 15 mg s.c.", "methotrexate"),
    ("anti-D immunoglobulin", "anti_d"),
    ("IV immunoglobulin", "ivig"),
    ("IVIG 2 g/kg", "ivig"),
    ("SCIg weekly", "scig"),
    ("immunoglobulin", "immunoglobulin"),
    ("rituximab 375 mg/m2 weekly x 4", "rituximab"),
    ("azathioprine or methotrexate", ""),
    ("azathioprine/methotrexate", ""),
    ("prednisone, prednisolone", ""),
    ("methotrexate, MTX", "methotrexate"),
    ("no methotrexate", ""),
    ("allergy to methotrexate", ""),
    ("topical corticosteroids", ""),
    ("inhaled steroids", ""),
    ("steroid-sparing agent", ""),
    ("non-steroidal anti-inflammatory", ""),
    ("premethotrexate", ""),
    ("immunosuppressants and steroids", ""),
    ("methotrexate?", ""),
    ("tacrolimus 0.1%", ""),
    ("rituximab 0 mg", ""),
    ("0 doses of rituximab", ""),
    ("prednisolone 0.5 mg/kg", "prednisolone"),
    ("prednisolone 10 mg", "prednisolone"),
    ("prednisolone 1.0 mg/kg", "prednisolone"),
    ("cortisone injection", ""),
    ("15 mg weekly", ""),
    ("...", ""),
    ("", ""),
])  # fmt: skip
def test_a_typed_text_means_the_one_therapy_that_it_names(text, means):
    assert THERAPIES.meant(text) == means


def test_a_class_that_was_typed_leaves_open_which_of_its_therapies_was_meant():
    assert THERAPIES.is_meant("anti-CD20", "rituximab") is None
    assert THERAPIES.is_meant("rituximab", "anti_cd20") is True
    assert THERAPIES.is_meant("immunosuppressants", "anti_cd20") is None
    assert THERAPIES.is_meant("steroids", "rituximab") is False


@pytest.mark.parametrize(("typed", "wanted"), [
    ("rituximab", "immunosuppressant"), ("tocilizumab", "immunosuppressant"), ("rituximab", "ms_disease_modifying"),
    ("prednisone", "prednisolone"), ("prednisolone", "prednisone"), ("6-MP", "azathioprine"),
    ("immunosuppressive agents", "rituximab"), ("antiepileptics", "clonazepam"), ("immune globulin", "anti_d"),
    ("immunoglobulin", "scig"), ("cortisone", "prednisolone"),
])  # fmt: skip
def test_what_some_count_as_another_and_others_do_not_is_asked(typed, wanted):
    assert THERAPIES.is_meant(typed, wanted) is None


def test_the_routes_of_immunoglobulin_are_two_therapies():
    assert THERAPIES.is_meant("IVIG 2 g/kg", "scig") is False
    assert THERAPIES.is_meant("SCIG", "ivig") is False
    assert THERAPIES.is_meant("SCIG", "immunoglobulin") is True


def test_what_was_found_is_forgotten_before_it_grows_without_end(monkeypatch):
    monkeypatch.setattr("utilization.rules.facts.therapies._MOST_KEPT", 3)
    for text in ("rituximab", "a b", "c d", "e f", "g h", "rituximab 1 mg"):
        assert THERAPIES.is_meant(text, "rituximab") is (True if text.startswith("rituximab") else None)


@pytest.mark.parametrize(("text", "clauses"), [
    ("", ()),
    (" ... ", ()),
    ("Not A, B", (("not", "a", "b"),)),
    ("Dr. Ab. Not B", (("dr", "ab"), ("not", "b"))),
    ("S. pneumoniae", (("s", "pneumoniae"),)),
    ("3.5 mg; M\u00e9ni\u00e8re\u2019s", (("3", "5", "mg"), ("meniere",))),
    ("wasn`t, wasn\u00b4t, wasn\u2018t", (("wasnt", "wasnt", "wasnt"),)),
    ("\u2695\ufe0fA", (("a",),)),
    ("A but B\nC", (("a",), ("b",), ("c",))),
])  # fmt: skip
def test_a_text_is_cut_into_clauses(text, clauses):
    assert clauses_in(text) == clauses


@pytest.mark.parametrize(("therapies", "says"), [
    ("{name: Gold, label: g}", "therapies[0].name: expected a code of small letters, digits and _, got 'Gold'"),
    ("{name: aa, label: aa}, {name: aa, label: bb}", "therapies[1].name: the therapy 'aa' stands twice"),
    ("{name: gold, label: gold}", "therapies[0].name: gold is a fact already: use it as it is, or choose another name"),
    ("{name: aa, label: bb}, {name: bb, label: cc}",
     "therapies[1]: 'bb' is the therapy aa already: a text means one therapy"),
])  # fmt: skip
def test_a_therapy_of_a_packs_own_that_cannot_be_is_refused(therapies, says):
    with pytest.raises(PackError) as refused:
        pack("always", therapies)
    assert str(refused.value) == f"more.yaml:1: {says}"


@pytest.mark.parametrize(("require", "says"), [
    ("{tried: {any: [severity]}}", "severity is no therapy: expected a fact such as prior_corticosteroids"),
    ("{tried: {any: [zebra]}}", "unknown therapy 'zebra': expected one of the vocabulary, or list it under therapies"),
    ("{tried: {any: [prior_corticosteroids, steroids]}}", "steroids names the same therapy as prior_corticosteroids"),
    ("{tried: {any: [gold, prior_gold]}}", "prior_gold names the same therapy as gold"),
])  # fmt: skip
def test_a_name_that_is_no_therapy_is_refused(require, says):
    with pytest.raises(PackError, match=says.replace("(", r"\(")):
        pack(require)


def test_a_fact_of_a_packs_own_still_tells_of_its_therapy():
    for name in ("gold", "prior_gold"):
        [clause] = pack(f"{{tried: {{any: [{name}]}}}}").indications["thing"].clauses
        assert clause.require.truth({"prior_gold": "failed"}) is True
    with pytest.raises(PackError, match="prior_gold has no name in prior_therapies"):
        pack("{tried: {any: [gold], for: 3 weeks}}")


def test_a_therapy_that_a_pack_brings_is_told_where_two_packs_are_compared():
    old, new = (
        pack("always"),
        pack("always", "{name: vdz, label: vedolizumab, classes: [immunosuppressant], synonyms: [VDZ]}"),
    )
    assert old.therapies == THERAPIES != new.therapies
    [told] = compare(old, new).general
    assert (told.id, [(one.what, one.new.text) for one in told.differences]) == (
        "therapy vdz",
        [("Label", "vedolizumab"), ("Classes", "immunosuppressants"), ("Also written", "VDZ")],
    )


@pytest.mark.parametrize("word", ["wait list. neurologist", "neurologist but no"])
def test_a_word_that_no_text_can_hold_is_refused(word):
    with pytest.raises(PackError, match="holds a sign or a word that ends a clause, so that no text mentions it"):
        pack(f"{{specialist: {{mentions: ['{word}']}}}}")


# What a careful reader makes of these, written by hand: whether a neurologist is told of, or it must be asked.
@pytest.mark.parametrize(("text", "tells"), [
    ("Dr. A. Smith, neurologist", True),
    ("Two neurologists agreed", True),
    ("Seen by a neurologist. Treatment was changed", True),
    ("Seen by neurologist? No", None),
    ("Neurologist | no", None),
    ("Neurologist; none", None),
    ("Neurologist\nnot seen", None),
    ("Neurologist. Not seen.", None),
    ("Neurologist, not yet seen", None),
    ("Would see a neurologist but none available", None),
    ("Waiting for neurologist", None),
    ("Referred to neurologist", None),
    ("neurologist appointment next month", None),
    ("wasn`t seen by a neurologist", None),
    ("was n't seen by a neurologist", None),
    ("pas de neurologist", None),
    ("Immunologist", False),
    ("neurologistic", False),
])  # fmt: skip
def test_a_mention_that_stands_beside_a_denial_is_asked(text, tells):
    test = MentionsWords("specialist", ("neurologist",))
    assert test.truth({"specialist": text}) is tells
    shown = masked(text, frozenset({"neurologist"}))
    assert test.truth({"specialist": shown}) is tells, shown


def test_whether_an_entry_fits_is_found_once_in_a_search_for_lists(monkeypatch):
    looks, truth = [], IsTherapy.truth
    monkeypatch.setattr(IsTherapy, "truth", lambda self, facts: looks.append(self) or truth(self, facts))
    names = ("rituximab", "azathioprine", "prednisolone", "ciclosporin")
    trials = ", ".join(f"{{tried: {{any: [{name}], for: 12 weeks}}}}" for name in names)
    result = judge(
        pack(f"{{any: [{trials}]}}"),
        "thing",
        read_facts({}),
        tables=criteria.reference_tables(),
        as_of=date(2026, 6, 30),
    )
    assert result.questions == ("prior_therapies",)
    assert 0 < len(looks) < 6_000
