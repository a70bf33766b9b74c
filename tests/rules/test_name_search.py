"""Indications are found however they are written, and by a slip of a letter only as a question."""

import random
import unicodedata
from collections.abc import Callable, Iterator

import pytest

from tests.examples import share
from utilization import criteria
from utilization.rules.packs.name_search import find_indications
from utilization.rules.packs.pack import Indication, NotCovered, Pack

PACKS = {name: criteria.pack_at(place) for name, place in criteria.shipped_packs().items()}
BUILTIN = PACKS["ivig-builtin"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FIRST = 3


def everything(pack: Pack) -> list[Indication | NotCovered]:
    return [*pack.indications.values(), *pack.not_covered.values()]


def names(indication: Indication | NotCovered) -> list[str]:
    return [name for name in (indication.abbreviation, indication.name, *indication.also_called) if name]


def named() -> Iterator[tuple[str, str, str]]:
    for pack_name, pack in PACKS.items():
        for indication in everything(pack):
            yield from ((pack_name, indication.code, name) for name in names(indication))


def coded() -> Iterator[tuple[str, str, str]]:
    for pack_name, pack in PACKS.items():
        for indication in everything(pack):
            yield from ((pack_name, indication.code, code.code) for code in indication.icd10cm)


NAMED, CODED = list(named()), list(coded())


def found(text: str, pack: Pack = BUILTIN) -> list[str]:
    return [match.indication.code for match in find_indications(text, pack)]


def exactly(text: str, pack: Pack = BUILTIN) -> list[str]:
    return [match.indication.code for match in find_indications(text, pack) if not match.near]


# --- Ways of writing one name -------------------------------------------------------------------------------------


def without_accents(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))


def turned(name: str) -> str:
    return " ".join(reversed(name.replace("-", " ").replace(",", " ").split()))


def initials(name: str) -> str:
    return ".".join(name) + "." if name.isalpha() and name.isupper() else name


WAYS: dict[str, Callable[[str], str]] = {
    "as written": str,
    "small": str.lower,
    "capitals": str.upper,
    "without accents": without_accents,
    "with accents apart": lambda name: unicodedata.normalize("NFD", name),
    "without hyphens": lambda name: name.replace("-", " "),
    "hyphens left out": lambda name: name.replace("-", ""),
    "with another dash": lambda name: name.replace("-", "\u2013"),
    "with points": initials,
    "words turned": turned,
    "more room": lambda name: f"  {name.replace(' ', '   ')}\t",
}


@pytest.mark.parametrize("way", WAYS)
def test_every_name_of_every_pack_is_found_to_the_letter_however_it_is_written(way: str) -> None:
    missed = []
    for pack, code, name in NAMED:
        matches = find_indications(WAYS[way](name), PACKS[pack])[:FIRST]
        if not any(match.indication.code == code and not match.near for match in matches):
            missed.append((pack, name, WAYS[way](name), [match.indication.code for match in matches]))
    assert missed == []


def test_a_name_written_as_one_word_is_found() -> None:
    joined = [(pack, code, "".join(name.replace("-", " ").split())) for pack, code, name in NAMED]
    assert [word for word in joined if word[1] not in found(word[2], PACKS[word[0]])[:FIRST]] == []


def slipped(word: str, chance: random.Random) -> str:
    place = chance.randrange(len(word))
    kind = chance.choice(("missing", "more", "other", "swapped"))
    if kind == "swapped" and place + 1 < len(word):
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == "missing":
        return word[:place] + word[place + 1 :]
    letter = chance.choice(LETTERS)
    return word[:place] + letter + word[place + (kind != "more") :]


def one_slip(name: str, chance: random.Random) -> str:
    """`name` with a slip in one of its longer words, else in the one that it is."""
    words = name.replace("-", " ").split()
    places = [place for place, word in enumerate(words) if len(word) > 4] or [
        max(range(len(words)), key=lambda place: len(words[place]))
    ]
    place = chance.choice(places)
    words[place] = slipped(words[place], chance)
    return " ".join(words)


@pytest.mark.parametrize("seed", range(2))
def test_every_name_is_found_with_a_slip_of_a_letter_in_whatever_way_it_is_written(seed: int) -> None:
    chance = random.Random(seed)
    missed = []
    for pack, code, name in NAMED[seed :: 2 * share(in_ci=1, elsewhere=3)]:
        if len(name) < 4:
            continue
        typed = one_slip(without_accents(name), chance)
        typed = WAYS[chance.choice(("as written", "small", "capitals", "words turned", "more room"))](typed)
        everywhere = found(typed, PACKS[pack])
        # A slip may spell another's abbreviation: SPMS without its M is stiff-person syndrome.
        another = {naive_key(other) for indication in everything(PACKS[pack]) for other in names(indication)}
        if naive_key(typed) in another:
            continue
        # What is left of a short name may begin words of others, which fit to the letter and stand before it.
        before = others_begun_by(naive_key(typed), PACKS[pack], code) if len(naive_key(typed)) <= 3 else set()
        if code not in [known for known in everywhere if known not in before][:FIRST]:
            missed.append((pack, name, typed, everywhere))
    assert missed == []


def others_begun_by(typed: str, pack: Pack, code: str) -> set[str]:
    """Codes of the indications but `code` of which a word of a name begins with `typed`."""
    return {
        one.code
        for one in everything(pack)
        for name in names(one)
        for word in (name, *name.replace("-", " ").split())
        if one.code != code and naive_key(word).startswith(typed)
    }


@pytest.mark.parametrize("typed", ["autoimmune hemolytic aenmia", "aenmia hemolytic autoimmune", "hemolytic aenmia"])
def test_letters_swapped_into_a_british_spelling_are_a_slip_all_the_same(typed: str) -> None:
    assert "autoimmune_hemolytic_anemia" in found(typed, PACKS["ontario"])[:FIRST]


def naive_key(name: str) -> str:
    return "".join(letter for letter in without_accents(name).lower() if letter.isalnum())


def naive_slips(one: str, other: str) -> int:
    """Letters missing, too many, wrong or swapped between two texts, by trying everything at each letter."""
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return naive_slips(one[1:], other[1:])
    ways = [naive_slips(one[1:], other), naive_slips(one, other[1:]), naive_slips(one[1:], other[1:])]
    if len(one) > 1 and len(other) > 1 and one[:2] == other[1::-1]:
        ways.append(naive_slips(one[2:], other[2:]))
    return 1 + min(ways)


def test_an_abbreviation_of_three_letters_is_found_with_a_slip_unless_others_are_as_near() -> None:
    """Three letters and a slip leave little: the indication is among the first, or that many others are as like."""
    chance = random.Random(7)
    missed = []
    for pack, code, name in NAMED:
        if len(name) != 3 or not name.isalpha():
            continue
        for _ in range(8):
            typed = slipped(name.lower(), chance)
            matches = find_indications(typed, PACKS[pack])
            if len(typed) < 3 or any(not match.near for match in matches):
                continue
            like = {
                known.code
                for known in everything(PACKS[pack])
                for other in names(known)
                if len(other) < 7 and naive_slips(other.lower(), typed) <= 1
            }
            if code not in [match.indication.code for match in matches][: max(FIRST, len(like))]:
                missed.append((pack, name, typed, [match.indication.code for match in matches]))
    assert missed == []


# --- Codes --------------------------------------------------------------------------------------------------------

CODE_WAYS: dict[str, Callable[[str], str]] = {
    "as written": str,
    "small": str.lower,
    "without point": lambda code: code.replace(".", ""),
    "point as a blank": lambda code: code.replace(".", " "),
    "point as a dash": lambda code: code.replace(".", "-"),
    "among words": lambda code: f"ICD-10-CM: {code}, see letter",
    "with O for 0": lambda code: code[0] + code[1:].replace("0", "O"),
}


@pytest.mark.parametrize("way", CODE_WAYS)
def test_every_code_of_every_pack_is_found_to_the_letter_however_it_is_written(way: str) -> None:
    missed = []
    for pack, code, icd in CODED:
        shared = {known.code for known in everything(PACKS[pack]) if any(c.code == icd for c in known.icd10cm)}
        first = exactly(CODE_WAYS[way](icd), PACKS[pack])[: max(FIRST, len(shared))]
        if code not in first:
            missed.append((pack, icd, CODE_WAYS[way](icd), first))
    assert missed == []


def test_a_code_that_no_indication_has_offers_those_of_its_category_as_a_question() -> None:
    matches = find_indications("G61.5", BUILTIN)
    assert all(match.near and not match.settles for match in matches)
    assert {"gbs", "cidp", "mmn"} <= {match.indication.code for match in matches}


def test_a_slip_in_the_letter_of_a_code_is_a_question() -> None:
    assert exactly("F61.81") == []
    assert found("F61.81")[0] == "cidp"


def test_a_code_below_one_with_all_below_it_is_found_and_one_that_ends_elsewhere_is_not() -> None:
    assert exactly("D80.4") == exactly("d804") == ["primary_immunodeficiency"]
    assert "ms" not in exactly("G35.A1")


# --- By hand ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("guillain barre", "gbs"), ("Guillain Barré", "gbs"), ("barre guillain", "gbs"), ("G.B.S.", "gbs"),
        ("guillainbarre", "gbs"), ("guillain barre disease", "gbs"), ("Guillain\u2013Barré", "gbs"),
        ("fisher", "miller_fisher"), ("Devic's disease", "nmo"), ("Devic\u2019s", "nmo"), ("Kawasaki's", "kawasaki"),
        ("generalised myasthenia", "mg"), ("stiffman", "stiff_person"), ("haemolytic anaemia",
        "autoimmune_hemolytic_anemia"), ("small fibre neuropathy", "small_fiber_neuropathy"),
        ("post polio", "postpolio"), ("MISC", "mis_c"), ("mis c", "mis_c"), ("eaton lambert", "lems"),
        ("ppms", "ms"), ("multifocal motor", "mmn"), ("chr inf dem pol", "cidp"),
    ],
)  # fmt: skip
def test_what_differs_only_in_writing_is_found_to_the_letter(typed: str, code: str) -> None:
    assert exactly(typed)[0] == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("gillian barre", "gbs"), ("guilan barre", "gbs"), ("gullian-barre", "gbs"), ("guillain bare", "gbs"),
        ("gbs severe", "gbs"), ("acute Guillain-Barré, ventilated", "gbs"), ("gsb", "gbs"), ("cipd", "cidp"),
        ("CIDP relapse", "cidp"), ("miastenia", "mg"), ("myastenia graivs", "mg"), ("dermatomiositis",
        "dermatomyositis"), ("polymiositis", "polymyositis"), ("fischer syndrome", "miller_fisher"), ("lambertt",
        "lems"), ("severe MS", "ms"), ("multifocal moter neuropathy", "mmn"), ("kawasacki", "kawasaki"),
        ("gullai", "gbs"), ("suspected ITP in adult", "itp"), ("post plio", "postpolio"),
        ("demylinating polyneuropathy inflamatory chronic", "cidp"),
    ],
)  # fmt: skip
def test_a_slip_or_a_longer_text_is_a_question_and_settles_nothing(typed: str, code: str) -> None:
    matches = find_indications(typed, BUILTIN)
    assert code in [match.indication.code for match in matches][:FIRST]
    assert all(match.near and not match.settles for match in matches)


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "...", "'", "\u2019s", "headache", "migraine", "asthma", "pneumonia", "sepsis", "lupus", "epilepsy",
        "hypertension", "rheumatoid arthritis", "systemic sclerosis", "zebra fever", "acute syndrome of the patient",
        "Ms Smith", "PM visit on Monday", "ivig", "broken leg", "iron deficiency", "B12", "Z99.9", "x" * 500,
        "\u5409\u5170", "\0", "of the", "ill", "pain", "chickenpox", "osteoporosis", "schizophrenia", "appendicitis",
    ],
)  # fmt: skip
def test_unrelated_words_find_nothing(typed: str) -> None:
    assert found(typed) == []


def test_a_whole_name_is_not_crowded_by_names_that_are_only_like_it() -> None:
    assert [match.near for match in find_indications("PPMS", BUILTIN)] == [False]
    assert exactly("ITP")[0] == found("ITP")[0] == "itp"


def test_covered_uses_come_before_uncovered_ones_that_fit_as_well() -> None:
    matches = find_indications("myasthenic", BUILTIN)
    assert [match.covered for match in matches] == sorted((match.covered for match in matches), reverse=True)
    assert matches[-1].indication.code == "congenital_myasthenia"


def test_a_name_or_code_settles_what_it_says_only_when_it_is_there_whole() -> None:
    def settled(text: str) -> dict[str, object]:
        return dict(find_indications(text, BUILTIN)[0].settles)

    assert settled("relapsing-remitting MS") == settled("remitting relapsing ms") == settled("G35.A")
    assert settled("G35.A") == {"ms_course": "relapsing_remitting"}
    # The whole category, the beginning of a name and a slip say nothing of the course.
    assert settled("G35") == settled("relapsing") == settled("relapsing remiting MS") == {}
    assert settled("myasthenic") == {}


def test_the_pack_of_a_site_is_searched_and_no_other() -> None:
    assert found("adem", PACKS["ontario"]) == ["adem"]
    assert found("alzheimer", PACKS["us-payer"]) == ["alzheimer_disease"]
    assert found("alzheimer") == []
