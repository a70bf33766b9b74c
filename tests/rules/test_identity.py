"""Names, MRNs and birth dates as people spell them: what finds whom, written out by hand."""

import random
import string
from datetime import date

import pytest

from utilization.rules.identity import (
    MOST_KEY,
    alike_days,
    alike_names,
    bare_mrn,
    divided_name,
    full_name,
    mrn_key,
    mrn_slips,
    name_keys,
    order_key,
    read_days,
    read_search,
    same_name,
    slips,
)

VALENTINE = date(1968, 2, 14)


def finds(typed, name):
    """Whether the words `typed` find a patient of this `name`, read off the keys."""
    keys = name_keys(name)

    def fits(one):
        return any(key in one.texts if one.whole else key.startswith(one.texts) for key in keys)

    return any(all(fits(wanted) for wanted in way) for way in read_search(typed).names)


FOUND = [
    ("obrien", "O'Brien, Pat"), ("O’Brien", "O'Brien, Pat"), ("o brien", "O'Brien, Pat"), ("O`BRIEN", "O'Brien, Pat"),
    ("Oʼbrien", "OBrien, Pat"), ("brien", "O'Brien, Pat"), ("pat obr", "O'Brien, Pat"), ("O Brien", "Obrien, Pat"),
    ("Muller", "Müller, Jürgen"), ("mueller", "Müller, Jürgen"), ("Müller", "Mueller, Juergen"), ("MÜ", "Müller"),
    ("jurgen mull", "Müller, Jürgen"), ("Strasse", "Straße, Ida"), ("Søren", "Sören, Al"), ("soeren", "Søren, Al"),
    ("Łukasz", "Lukasz Wozniak"), ("wozniak", "Łukasz Woźniak"), ("nguyen", "Nguyễn, Đào"), ("dao", "Nguyễn, Thị Đào"),
    ("vandenberg", "van den Berg, Ans"), ("van den berg", "vandenBerg, Ans"), ("berg ans", "van den Berg, Ans"),
    ("okonkwo lindgren", "Okonkwo-Lindgren, Marisol"), ("Okonkwo‑Lindgren", "Okonkwo Lindgren, Marisol"),
    ("lindgren okonkwo", "Okonkwo-Lindgren, Marisol"), ("okonkwolind", "Okonkwo-Lindgren, Marisol"),
    ("marisol vantongeren", "Vantongeren, Marisol"), ("Vantongeren, Marisol", "Marisol Vantongeren"),
    ("m vantongeren", "Vantongeren, Marisol"), ("J. R. Tolkien", "Tolkien, John Ronald"),
    ("李", "李小龍"), ("小龍", "李小龍"), ("龍", "李小龍"), ("李 小龍", "李小龍"), ("李小龍", "李 小龍"),
    ("小龍 李", "李, 小龍"),
    ("김민준", "김 민준"), ("민준", "김민준"), ("たなか", "タナカ, ヒロ"), ("ﾀﾅｶ", "タナカ, ヒロ"), ("Ｌｉ", "Li, Wei"),
    ("O", "O, Kim"), ("o", "Ó, Kim"), ("E Weinan", "E, Weinan"), ("José", "Jose\u0301, Maria"),
    ("dupond", "Dupond\u00ad, A"), ("иванов", "Иванов, Пётр"), ("петр", "Иванов, Пётр"), ("Cаnary", "Canary, A"),
    ("احمد", "أحمد, علي"), ("IŞIK", "Işık, Ali"), ("isik", "Işık, Ali"), ("d'Angelo", "D’Angelo, Rosa"),
    ("dangelo rosa", "D’Angelo, Rosa"), ("St John", "St. John, Ivy"), ("Παπαδοπουλος", "Παπαδόπουλος, Άννα"),
    ("æther", "Aether, Bo"), ("garcia marquez gabriel jose de la", "García Márquez, Gabriel José de la Concordia"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "name"), FOUND)
def test_a_name_is_found_however_it_is_spelt(typed, name):
    assert finds(typed, name)


NOT_FOUND = [
    ("p", "O'Brien, Pat"), ("anary", "Canary, A"), ("canary x", "Canary, A"), ("brien patrick", "O'Brien, Pat"),
    ("", "Canary, A"), ("--", "Canary, A"), ("%", "Canary, A"), ("小李", "李小龍"), ("a b", "Adam, Berta"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "name"), NOT_FOUND)
def test_a_letter_or_the_middle_of_a_word_finds_nobody(typed, name):
    assert not finds(typed, name)


def test_a_key_is_bounded_whatever_the_name():
    assert max(map(len, name_keys("x" * 115 + " yyyyy zzzzz"))) == MOST_KEY
    assert len(name_keys(" ".join("ab" * 40))) < 300


@pytest.mark.parametrize(
    ("family", "given", "kept"),
    [
        ("Vantongeren", "Marisol", "Vantongeren, Marisol"),
        ("Vantongeren, Marisol", "", "Vantongeren, Marisol"),
        ("  Vantongeren ,  Marisol ", "", "Vantongeren, Marisol"),
        ("Marisol Vantongeren", "", "Marisol Vantongeren"),
        ("Smith, Jr.", "John", "Smith Jr., John"),
        ("Suharto", "", "Suharto"),
        ("", "Suharto", "Suharto"),
        (",", "", ""),
        ("O", "", "O"),
    ],
)
def test_a_name_is_kept_family_name_first(family, given, kept):
    assert full_name(family, given) == kept
    assert full_name(*divided_name(kept)) == kept


def test_names_are_in_one_order_on_every_machine():
    assert sorted(["Zoë", "Ähm", "bob", "Abel"], key=order_key) == ["Abel", "Ähm", "bob", "Zoë"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0048-2217", "0048 2217"), ("0048-2217", "482217"), ("0048-2217", "00482217"), ("A-204117", "a204117"),
        ("A-000123", "A 123"), ("77/41", "77.41"), ("000", "0"), ("A0", "A-0"),
    ],
)  # fmt: skip
def test_an_mrn_is_one_whatever_spaces_case_and_leading_zeros(one, other):
    assert mrn_key(one) == mrn_key(other)


@pytest.mark.parametrize(("one", "other"), [("100", "10"), ("1001", "101"), ("A1", "1"), ("A-12", "B-12"), ("0", "")])
def test_other_mrns_stay_apart(one, other):
    assert mrn_key(one) != mrn_key(other)


def test_two_that_differ_in_zeros_are_alike_and_not_the_same():
    assert bare_mrn("0048 2217") == bare_mrn("0048-2217") != bare_mrn("48-2217")


def _one_slip_apart(one, other):
    """By the definition: every way to make one slip, tried."""
    made = {one[:i] + one[i + 1 :] for i in range(len(one))}
    made |= {one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1)}
    for char in set(other) | {"#"}:
        made |= {one[:i] + char + one[i:] for i in range(len(one) + 1)}
        made |= {one[:i] + char + one[i + 1 :] for i in range(len(one))}
    return other in made or one == other


def test_one_slip_is_what_the_definition_says():
    chance = random.Random(7)
    for _ in range(3000):
        one = "".join(chance.choices("ab1", k=chance.randint(1, 6)))
        other = "".join(chance.choices("ab1", k=chance.randint(1, 6)))
        assert slips(one, other, 1) == _one_slip_apart(one, other), (one, other)


def test_the_slips_of_an_mrn_are_those_of_its_characters():
    chance = random.Random(8)
    for _ in range(400):
        one = "".join(chance.choices("19", k=chance.randint(2, 5)))
        other = "".join(chance.choices("19", k=chance.randint(2, 5)))
        assert (other in mrn_slips(one)) == (_one_slip_apart(one, other) and one != other), (one, other)
    assert mrn_slips("a123") >= {"a124", "b123", "a132", "a12", "a1233"}
    assert not any(char in string.ascii_lowercase for char in "".join(mrn_slips("123")))


@pytest.mark.parametrize(
    "typed",
    [
        "1968-02-14", "1968/02/14", "1968.2.14", "14 Feb 1968", "14 February 1968", "14-Feb-1968", "14FEB1968",
        "14.2.1968", "14/02/1968", "02/14/1968", "14 2 1968", "Feb 14, 1968", "february 14th 1968",
        "14th of February 1968", "1968 Feb 14", "19680214", " 14 Feb. 1968 ", "14-02-1968", "１４/０２/１９６８",
    ],
)  # fmt: skip
def test_a_birth_date_is_read_in_the_usual_notations(typed):
    assert read_days(typed) == (VALENTINE,)
    assert read_search(typed).days == (VALENTINE,)


def test_a_date_that_can_be_two_days_is_both():
    assert read_days("05/06/1968") == (date(1968, 6, 5), date(1968, 5, 6))
    assert read_days("14.2.68") == (date(1968, 2, 14), date(2068, 2, 14))
    assert read_days("5/5/1968") == (date(1968, 5, 5),)


@pytest.mark.parametrize(
    "typed",
    [
        "", "1968", "Feb 1968", "31.2.1968", "14 Foo 1968", "1968-13-40", "14 Feb 1968 x", "yesterday", "0048-2217",
        "1.2.3.1968",
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(typed):
    assert read_days(typed) == ()


def test_a_search_may_hold_a_name_and_a_birth_date():
    wanted = read_search("canary 1 May 1968")
    assert wanted.days == (date(1968, 5, 1),)
    assert [[part.texts for part in way] for way in wanted.names] == [[("canary",)]]
    assert read_search("MRN: 0048-2217").mrn.texts == ("482217",)
    assert read_search("mrnak").mrn.texts == ("mrnak",)
    assert read_search("7").mrn.whole
    assert read_search("...").mrn is None


ALIKE = [
    ("Okonkwo-Lindgren, Marisol", "Okonkwo Lindgren, Marisol"), ("Okonkwo-Lindgren, Marisol", "Lindgren, Marisol O."),
    ("O’Neill, Mary", "ONEILL MARIA"), ("Meyer, Jan", "Maier, Jan"), ("Katherine Hall", "Hall, Catherine"),
    ("Weber, Anna", "Schmidt, Anna"), ("Schmidt, Hannelore", "Schmitt, Hannelore"), ("李小龍", "李 小龍"), ("O", "Ó"),
    ("Ｃanary, Ａmbrose", "canary ambrose"), ("C\u200banary, A", "Canary, Ambrose"), ("Cаnаry", "Canary"),
    ("Mueller", "Müller"), ("Chris Vale", "Vale, Christopher"), ("van Tongeren, M", "Vantongeren, Marisol"),
    ("Abdelrahman, Omar", "Abdulrahman, Omar"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_may_be_one_person_s_are_alike(one, other):
    assert alike_names(one, other)
    assert alike_names(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Canary, Ambrose", "Twin, Beatrix"), ("de la Cruz", "de la Rosa"), ("Li, Wei", "Lo, Wu"),
        ("A Canary", "A Harker"), ("王芳", "李娜"),
    ],
)  # fmt: skip
def test_other_names_are_not_alike(one, other):
    assert not alike_names(one, other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Canary, Ambrose", "Ambrose Canary", True), ("O'Brien, Pat", "OBrien Pat", True), ("Canary", "Canary", True),
        ("Canary, Ambrose", "Canary, Ambrose John", True), ("Canary, Ambrose", "Canary, Beatrix", False),
        ("Canary", "Canary, Ambrose", False), ("Lindgren, Marisol O.", "Okonkwo-Lindgren, Marisol", True),
    ],
)  # fmt: skip
def test_the_same_name_is_one_but_for_spelling_and_order(one, other, same):
    assert same_name(one, other) is same
    assert same_name(other, one) is same


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (date(1968, 2, 14), True), (date(1968, 9, 14), True), (date(1968, 2, 4), True), (date(1986, 2, 14), True),
        (date(1958, 2, 14), True), (date(1968, 3, 15), False), (date(1999, 2, 14), False),
    ],
)  # fmt: skip
def test_birth_dates_are_alike_by_one_slip(other, alike):
    assert alike_days(VALENTINE, other) is alike


def test_day_and_month_swapped_are_alike():
    assert alike_days(date(1968, 5, 6), date(1968, 6, 5))
    assert not alike_days(date(1968, 5, 6), date(1969, 6, 5))
