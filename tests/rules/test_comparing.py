"""Two packs in words: what is added, removed and changed, and nothing else."""

import pytest

from utilization import criteria
from utilization.rules.language.words import sentence
from utilization.rules.packs.comparison import ADDED, CHANGED, NOTHING, REMOVED, compare
from utilization.rules.packs.reader import read_pack

HEAD = 'pack: {name: a-pack, version: "1", title: A pack}\n'
ADULT = """\
      - id: adult
        says: The patient is an adult.
        require: {age_years: {at_least: 18}}
        otherwise: does_not_meet
        local: Ours.
"""
MALE = ADULT.replace("adult", "male").replace("{age_years: {at_least: 18}}", "{sex: male}")


def pack(clauses=ADULT, rules="", more="", own="", head=HEAD):
    named = f"indications: [{{code: one, name: Disease one{own}}}]\n"
    text = f"{named}criteria:\n  - indication: one\n{rules}    clauses:\n"
    return read_pack({"pack.yaml": head, "one.yaml": text + clauses, "more.yaml": more or "examples: []\n"})


def said(old, new):
    """Every difference in the entries of the only changed indication: (kind, id, what, old, new)."""
    (one,) = compare(old, new).indications
    assert one.kind == CHANGED
    return [
        (entry.kind, entry.id, part.what, sentence(part.old), sentence(part.new))
        for entry in one.entries
        for part in entry.differences
    ]


def own(old, new):
    (one,) = compare(old, new).indications
    return {part.what: (sentence(part.old), sentence(part.new)) for part in one.differences}


def general(old, new):
    found = compare(old, new)
    assert not found.indications
    return {(one.kind, one.id): {part.what: sentence(part.new) for part in one.differences}
            for one in (*found.general, *found.cited)}  # fmt: skip


def test_equal_packs_have_no_difference_though_their_text_has():
    found = compare(pack(), pack(clauses=ADULT.replace("an adult.", "an   adult.")))
    assert found.equal
    assert (found.head, found.indications, found.general, found.cited, found.same) == ((), (), (), (), 1)
    assert compare(criteria.builtin_pack(), criteria.builtin_pack()).equal


def test_name_and_version_differ_without_judging_otherwise():
    found = compare(pack(), pack(head=HEAD.replace('"1"', '"2"')))
    assert found.equal
    assert [(part.what, part.old.text, part.new.text) for part in found.head] == [("Version", "1", "2")]


@pytest.mark.parametrize(("was", "now", "what", "old", "new"), [
    ("at_least: 18", "at_least: 16", "Requires", "Age: at least 18 years", "Age: at least 16 years"),
    ("says: The patient is an adult.", "says: Grown up.", "Says", "The patient is an adult.", "Grown up."),
    ("does_not_meet", "exception_review", "Otherwise", "does not meet", "exception review"),
    ("local: Ours.", "local: Theirs.", "Local parameter", "Ours.", "Theirs."),
    ("        otherwise", "        to_meet: Wait.\n        otherwise", "To meet it", "–", "Wait."),
    ("        require", "        when: {sex: male}\n        require", "Applies where", "always", "Sex: male"),
])  # fmt: skip
def test_a_changed_clause_says_what_changed_and_no_more(was, now, what, old, new):
    assert said(pack(), pack(clauses=ADULT.replace(was, now))) == [(CHANGED, "one.adult", what, old, new)]


def test_a_clause_added_and_a_clause_removed_are_told_whole():
    one, both = pack(), pack(clauses=ADULT + MALE)
    added, removed = said(one, both), said(both, one)
    assert {row[0] for row in added} == {ADDED}
    assert (ADDED, "one.male", "Requires", "–", "Sex: male") in added
    assert (REMOVED, "one.male", "Requires", "Sex: male", "–") in removed
    assert compare(one, both).clauses == {ADDED: 1, REMOVED: 0, CHANGED: 0}


def test_clauses_of_other_names_that_test_the_same_facts_stand_side_by_side():
    other = ADULT.replace("id: adult", "id: old_enough").replace("18", "21")
    assert said(pack(), pack(clauses=other)) == [
        (CHANGED, "one.old_enough", "Requires", "Age: at least 18 years", "Age: at least 21 years")
    ]


def test_clauses_that_cannot_be_told_apart_by_their_facts_are_not_guessed_at():
    two = ADULT + ADULT.replace("id: adult", "id: senior").replace("18", "65")
    third = ADULT.replace("id: adult", "id: other")
    assert {row[:2] for row in said(pack(clauses=two), pack(clauses=third))} == {
        (ADDED, "one.other"), (REMOVED, "one.adult"), (REMOVED, "one.senior"),
    }  # fmt: skip


def test_an_indication_is_added_and_removed_with_its_clauses():
    more = "indications: [{code: two, name: Disease two}]\ncriteria:\n  - indication: two\n    clauses:\n" + ADULT
    small, large = pack(), pack(more=more)
    for old, new, kind in ((small, large, ADDED), (large, small, REMOVED)):
        (one,) = compare(old, new).indications
        assert (one.kind, one.code, one.title) == (kind, "two", "Disease two")
        assert [entry.kind for entry in one.entries] == [kind]
        assert compare(old, new).same == 1


def test_an_indication_s_own_properties_are_compared():
    dose = "    dose: {ceiling: 2 g/kg, target: 1 g/kg}\n"
    assert own(pack(), pack(own=", abbreviation: DO", rules=dose)) == {
        "Abbreviation": ("–", "DO"), "Dose: ceiling": ("–", "2 g/kg"), "Dose: target": ("–", "1 g/kg"),
    }  # fmt: skip
    assert own(pack(), pack(own=", also_called: [a, b]")) == {"Also called": ("–", "a, b")}


def test_codes_and_names_are_compared_with_what_choosing_them_settles():
    code = ", icd10cm: [{{code: G61.81, title: One{}}}]"
    plain, wide, settling = (
        pack(own=code.format(more)) for more in ("", ", with_subcodes: true", ", when: {sex: male, age_years: 3}")
    )
    assert own(plain, wide) == {"ICD-10-CM codes": ("G61.81", "G61.81 and below")}
    assert own(plain, settling) == {"ICD-10-CM codes": ("G61.81", "G61.81 (Sex: male; Age: 3)")}
    implied = ", also_called: [boy], implies: [{name: boy, when: {sex: male}}]"
    assert own(pack(own=", also_called: [boy]"), pack(own=implied)) == {
        "Names that settle facts": ("–", "boy (Sex: male)"),
    }  # fmt: skip


def test_what_unlisted_uses_come_to_is_compared():
    silence = "silence: {evidence: [S-1], outcome: does_not_meet}\n"
    found = general(pack(more=SOURCE + STATEMENT), pack(more=SOURCE + STATEMENT + silence))
    assert found[CHANGED, "uses that it does not list"] == {"Come to": "does not meet"}


def test_statements_stand_apart_from_what_judges():
    found = compare(pack(), pack(more=SOURCE + STATEMENT + "changeable: [age_years]\n"))
    assert [entry.id for entry in found.cited] == ["statement S-1", "source S"]
    assert [entry.id for entry in found.general] == ["what can still be changed"]
    assert not compare(pack(more=SOURCE), pack(more=SOURCE + STATEMENT)).equal


def test_caps_are_entries_too():
    cap = "    caps:\n      - {id: short, says: At most half a year., at_most: 6 months, local: Ours.}\n"
    rows = said(pack(), pack(rules=cap))
    assert (ADDED, "one.short", "At most", "–", "6 months") in rows
    longer = cap.replace("6 months", "12 months")
    assert said(pack(rules=cap), pack(rules=longer)) == [(CHANGED, "one.short", "At most", "6 months", "12 months")]


SOURCE = "sources: [{id: S, short: Short, authors: A, title: T, kind: guideline, published: P, year: 2020}]\n"
STATEMENT = "statements: [{id: S-1, source: S, says: So., where: p. 1, strength: weak, effect: info}]\n"


@pytest.mark.parametrize(("more", "key", "what", "words"), [
    ("not_covered: [{code: two, name: Disease two}]\n", "not covered: two", "Name", "Disease two"),
    ("defaults: [{fact: sex, value: male, says: Male.}]\n", "taken for granted: sex", "Value", "male"),
    ("defaults: [{fact: pregnant, value: true, says: Yes.}]\n".replace("pregnant", "mechanical_ventilation"),
     "taken for granted: mechanical_ventilation", "Value", "yes"),
    ("defaults: [{fact: age_years, value: 40, says: Forty., indications: [one]}]\n", "taken for granted: age_years",
     "Indications", "one"),
    ("warnings: [{code: weak_evidence, when: {sex: male}, says: Weak., local: Ours.}]\n", "warning: weak_evidence",
     "Raised where", "Sex: male"),
    ("changeable: [age_years]\n", "what can still be changed", "Facts", "age_years"),
    (SOURCE, "source S", "Published", "P, 2020"),
    ("facts: [{name: cd4, type: int, unit: 10^6/L, label: CD4 count, possible: [0, 900]}]\n", "fact cd4", "Possible",
     "0 to 900"),
    ("facts: [{name: organ, type: choice, label: Organ, choices: {kidney: kidney, heart: heart}}]\n", "fact organ",
     "Choices", "kidney, heart"),
])  # fmt: skip
def test_what_concerns_more_than_one_indication_is_told_once(more, key, what, words):
    found = general(pack(), pack(more=more))
    ((kind, ident), parts) = next(iter(found.items()))
    assert ident == key
    assert kind in (ADDED, CHANGED)
    assert parts[what] == words


def test_statements_and_redirects_are_compared():
    two = "indications: [{code: two, name: Disease two}]\ncriteria:\n  - indication: two\n    clauses:\n" + ADULT
    redirect = "redirects: [{indications: [one], when: {sex: male}, to: two, says: It is two.}]\n"
    assert general(pack(more=two), pack(more=two + redirect))[ADDED, "judged as another: two"]["Where"] == "Sex: male"
    assert general(pack(more=SOURCE), pack(more=SOURCE + STATEMENT))[ADDED, "statement S-1"]["Strength"] == "weak"


def test_two_warnings_of_one_code_are_two():
    one = "{code: weak_evidence, when: {sex: male}, says: Weak., local: Ours.}"
    other = one.replace("male", "female")
    found = general(pack(more=f"warnings: [{one}]\n"), pack(more=f"warnings: [{one}, {other}, {one}]\n"))
    assert set(found) == {(ADDED, "warning: weak_evidence (2)"), (ADDED, "warning: weak_evidence (3)")}


def test_the_packs_that_come_with_the_product_can_all_be_compared():
    packs = [criteria.pack_at(place) for place in criteria.shipped_packs().values()]
    assert len(packs) > 1
    for old in packs:
        for new in packs:
            found = compare(old, new)
            assert found.equal == (old is new)
            assert all(part.old != part.new for one in found.indications for part in one.differences)
            assert NOTHING not in [entry.title for entry in (*found.general, *found.cited)]
