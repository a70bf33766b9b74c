"""Indications of a pack that a typed text may mean: by name, abbreviation, synonym or ICD-10-CM code.

Hyphens, accents, points, apostrophes, case, word order and British or American spelling make no difference. A text that
fits nothing so is compared letter by letter: one slip in a word of four letters or more, two from eight, where a slip
is a letter too many, missing or wrong, or two neighbours swapped. What is found by a slip, or by a part of the text, is
`near`: to be offered as a question, never taken for what was meant.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from utilization.rules.packs.pack import DiagnosisCode, Indication, NotCovered, Pack

MOST_READ = 120
"""Characters of a text that are read; no name is longer."""

WHOLE, BEGINNING, WORDS, WITHIN, SLIP, PART = range(6)
"""How well a name fits a text, best first; from `SLIP` on it is near."""

_EMPTY = frozenset(
    {
        "syndrome", "syndromes", "disease", "diseases", "disorder", "disorders", "the", "of", "and", "in", "with", "a",
        "an",
    }
)  # fmt: skip
"""Words without which a name is still the same name: Kawasaki, Kawasaki disease and Kawasaki syndrome."""
_GENERIC = _EMPTY | {
    "patient", "patients", "to", "due", "for", "by", "or", "on", "from", "after", "before", "without", "other",
    "treatment", "suspected", "probable", "possible", "known", "confirmed", "severe", "mild", "moderate", "acute",
    "chronic", "adult", "adults", "child", "children", "new", "newly", "refractory", "relapse", "relapsing", "active",
    "type", "variant",
}  # fmt: skip
"""Words that tell no indication from another: what a text says besides them must lead to it."""

_LETTERS = str.maketrans({"æ": "e", "œ": "e", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_POSSESSIVE = re.compile("[\u2018\u2019\u02bc\u00b4`']s?\\b|[\u2018\u2019\u02bc\u00b4`']")
_INITIALS = re.compile(r"\b[a-z](?:[.\s]\s?[a-z])+\b\.?")
_WORD = re.compile(r"[^\W_]+")
_AMERICAN = (
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"is(?=(?:e|es|ed|er|ing|ation|ations)$)"), "iz"),
    (re.compile(r"ys(?=(?:e|es|ed|ing)$)"), "yz"),
    (re.compile(r"(?<=[bt])re$"), "er"),
    (re.compile(r"our(?=$|s$|al$)"), "or"),
    (re.compile(r"urone$"), "uron"),
    (re.compile(r"sulph"), "sulf"),
)
"""British spellings to American ones in one word, so that both sides of a comparison are spelled alike."""
_CODE = re.compile(r"[a-z][0-9][0-9a-z](?:[0-9a-z]{1,4})?")
_DIGITS = str.maketrans("oil", "011")
"""Letters that are typed for digits: behind its first letter no code has them."""
_PART_OF_A_WORD = 4
_CATEGORY = 3
"""Letters of a code that name its category: G61 of G61.81."""


@dataclass(frozen=True, slots=True)
class Match:
    """An indication that a text may mean, by which of its names or codes, and the facts that this settles.

    `near` says that only a slip or a part of the text leads to it; a near match settles no fact.
    """

    indication: Indication | NotCovered
    by: str
    settles: Mapping[str, object]
    covered: bool
    near: bool = False


@dataclass(frozen=True, slots=True, order=True)
class _Fit:
    """How well a name or code fits: its kind, the slips, and how many words nothing matched. The least is the best."""

    kind: int
    slips: int = 0
    unmatched: int = 0

    @property
    def near(self) -> bool:
        return self.kind >= SLIP


def find_indications(text: str, pack: Pack) -> list[Match]:
    """Indications of `pack` that `text` may mean, best first; of equally good ones those that the pack covers first.

    Near matches come last, and none beside a name or code that fits to the letter.
    """
    plain = _plain_words(text[:MOST_READ])
    if not plain:
        return []
    spelled, codes = tuple(_spelled(word) for word in plain), _codes_in(text[:MOST_READ])
    indications: list[Indication | NotCovered] = [*pack.indications.values(), *pack.not_covered.values()]
    fits = {one.code: _best(one, _Typed((spelled,), codes), _code_fit, _name_fit) for one in indications}
    if not any(best and best.fit.kind == WHOLE for best in fits.values()):
        # Two letters swapped may look like a British spelling: "aenmia" is anemia, and not "enmia".
        typed = _Typed(tuple(dict.fromkeys((spelled, plain))), codes)
        fits |= {one.code: _best(one, typed, _near_code, _near_name) for one in indications if fits[one.code] is None}
    found = [
        (
            (best.fit, one.code not in pack.indications),
            Match(one, best.by, best.settles, one.code in pack.indications, best.fit.near),
        )
        for one in indications
        if (best := fits[one.code])
    ]
    return [match for _, match in sorted(found, key=lambda one: one[0])]


@dataclass(frozen=True, slots=True)
class _Typed:
    """A typed text as words, in each spelling that may be meant, and as codes where it looks like some."""

    spellings: tuple[tuple[str, ...], ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Best:
    """The best fit of an indication's names and codes, by which of them, and what that settles."""

    fit: _Fit
    by: str
    settles: Mapping[str, object]


def _best(
    indication: Indication | NotCovered,
    typed: _Typed,
    code_fit: Callable[[DiagnosisCode, str], _Fit | None],
    name_fit: Callable[[str, tuple[str, ...]], _Fit | None],
) -> _Best | None:
    implied = dict(indication.implies) if isinstance(indication, Indication) else {}
    found: list[_Best] = []
    for code in indication.icd10cm:
        fits = [fit for one in typed.codes if (fit := code_fit(code, one))]
        found += [_Best(min(fits), f"{code.code} {code.title}".strip(), code.when)] if fits else []
    for name in (indication.abbreviation, indication.name, *indication.also_called, *implied):
        fits = [fit for words in typed.spellings if name and (fit := name_fit(name, words))]
        found += [_Best(min(fits), name, implied.get(name, {}))] if fits else []
    if not found:
        return None
    best = min(found, key=lambda one: one.fit)
    # The beginning of a name is not yet the name: "myasthenic" says nothing of a crisis.
    return best if best.fit.kind == WHOLE else replace(best, settles={})


# --- Codes --------------------------------------------------------------------------------------------------------


def _codes_in(text: str) -> tuple[str, ...]:
    """What in `text` looks like an ICD-10-CM code, without its point, in small letters."""
    folded = text.casefold()
    whole = "".join(_WORD.findall(folded))
    tokens = [whole, *("".join(_WORD.findall(token)) for token in re.split(r"[\s,;:()/]+", folded))]
    read = [token[0] + token[1:].translate(_DIGITS) for token in tokens if token]
    return tuple(dict.fromkeys(token for token in read if _CODE.fullmatch(token)))


def _code_fit(code: DiagnosisCode, typed: str) -> _Fit | None:
    plain = _plain(code)
    if typed == plain or (code.with_subcodes and typed.startswith(plain)):
        return _Fit(WHOLE)
    return _Fit(BEGINNING) if plain.startswith(typed) else None


def _near_code(code: DiagnosisCode, typed: str) -> _Fit | None:
    """The fit of a whole code that differs by a slip, or is another one of the same category."""
    plain = _plain(code)
    slips = _slips(typed, plain, 1)
    if len(typed) <= _CATEGORY or (slips > 1 and typed[:_CATEGORY] != plain[:_CATEGORY]):
        return None
    return _Fit(SLIP, slips)


def _plain(code: DiagnosisCode) -> str:
    return code.code.replace(".", "").casefold()


# --- Names --------------------------------------------------------------------------------------------------------


def _plain_words(text: str) -> tuple[str, ...]:
    """The words of `text` in small letters without accents, apostrophes or points, as they were spelled.

    Initials are one word: G.B.S. is gbs.
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(letter for letter in folded if not unicodedata.combining(letter)).translate(_LETTERS)
    folded = _INITIALS.sub(lambda found: "".join(_WORD.findall(found[0])) + " ", _POSSESSIVE.sub("", folded))
    return tuple(_WORD.findall(folded))


@lru_cache(maxsize=4096)
def _words_of_name(name: str) -> tuple[str, ...]:
    # Names of packs alone are kept: what somebody typed stays nowhere.
    return tuple(_spelled(word) for word in _plain_words(name))


def _spelled(word: str) -> str:
    if len(word) > 4:
        for british, american in _AMERICAN:
            word = british.sub(american, word)
    return word


def _name_fit(name: str, typed: tuple[str, ...]) -> _Fit | None:
    words = _words_of_name(name)
    whole, wanted = "".join(words), "".join(typed)
    if whole == wanted or (_named(typed) and _named(typed) == _named(words)):
        return _Fit(WHOLE)
    if whole.startswith(wanted):
        return _Fit(BEGINNING)
    if _all_begin(typed, words):
        return _Fit(WORDS)
    within = len(wanted) >= _PART_OF_A_WORD and any(wanted in word for word in words)
    return _Fit(WITHIN) if within else None


def _near_name(name: str, typed: tuple[str, ...]) -> _Fit | None:
    words = _words_of_name(name)
    whole, wanted = "".join(words), "".join(typed)
    allowed = _allowed(wanted, whole, alone=True)
    if (slips := _slips(wanted, whole, allowed)) <= allowed:
        return _Fit(SLIP, slips)
    return _slipped(typed, words) or _part(typed, words)


def _named(words: tuple[str, ...]) -> list[str]:
    """The words that make a name, in one order."""
    return sorted(word for word in words if word not in _EMPTY)


def _all_begin(typed: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether every typed word begins a word of the name of its own."""
    left = list(words)
    for word in sorted(typed, key=len, reverse=True):
        begun = next((one for one in left if one.startswith(word)), None)
        if begun is None:
            return False
        left.remove(begun)
    return True


def _slipped(typed: tuple[str, ...], words: tuple[str, ...]) -> _Fit | None:
    """The fit of a text whose every word is, but for slips, a word of the name or the beginning of one."""
    if all(word in _GENERIC for word in typed):
        return None
    paired = _paired(typed, words, begun=True)
    if len(paired.of_text) < len(typed):
        return None
    return _Fit(SLIP, paired.slips, len(words) - len(paired.of_name))


def _part(typed: tuple[str, ...], words: tuple[str, ...]) -> _Fit | None:
    """The fit of a text that holds, but for slips, all of the name that tells it from others, and more besides."""
    telling = {place for place, word in enumerate(words) if word not in _GENERIC}
    paired = _paired(typed, words, begun=False)
    if not telling or not telling <= paired.of_name:
        return None
    rest = [word for place, word in enumerate(typed) if place not in paired.of_text and word not in _GENERIC]
    # Two letters are too little among words of any kind: "MS" in "severe MS", but not in "Ms Smith".
    return None if rest and sum(len(words[place]) for place in telling) < 3 else _Fit(PART, paired.slips, len(rest))


@dataclass(frozen=True, slots=True)
class _Paired:
    """Which words of a name and of a text were paired with one another, by place, and the slips in all of them."""

    slips: int
    of_name: frozenset[int]
    of_text: frozenset[int]


def _paired(typed: tuple[str, ...], words: tuple[str, ...], *, begun: bool) -> _Paired:
    """Pair each typed word with the likest word of the name that is still free; with `begun`, with a beginning of one.

    Two neighbours that the other side writes as one word are paired with that word.
    """
    slips, of_name, of_text = 0, set[int](), set[int]()
    there = [run for start in range(len(words)) for run in _runs(words, start)]
    for place in range(len(typed)):
        if place in of_text:
            continue
        pairs = [
            (cost, len(mine) + len(run), mine, run)
            for mine in _runs(typed, place)
            for run in there
            if (len(mine) == 1 or len(run) == 1) and of_name.isdisjoint(run)
            if (cost := _word_slips(_joined(typed, mine), _joined(words, run), begun=begun)) is not None
        ]
        if pairs:
            cost, _, mine, run = min(pairs, key=lambda pair: pair[:2])
            slips += cost
            of_text.update(mine)
            of_name.update(run)
    return _Paired(slips, frozenset(of_name), frozenset(of_text))


def _runs(words: tuple[str, ...], start: int) -> list[range]:
    """The word at `start` alone, and together with the next one."""
    return [range(start, end) for end in (start + 1, start + 2) if end <= len(words)]


def _joined(words: tuple[str, ...], run: range) -> str:
    return "".join(words[run.start : run.stop])


def _word_slips(typed: str, word: str, *, begun: bool) -> int | None:
    """Slips between a typed word and a word of a name, with `begun` or the beginning of one; None if too many."""
    if word == typed or (begun and len(typed) >= 3 and word.startswith(typed)):
        return 0
    allowed = _allowed(typed, word, alone=begun)
    slips = _slips(typed, word, allowed)
    if slips <= allowed:
        return slips
    return 1 if begun and len(typed) >= 5 and _slips(typed, word, 1, beginning=True) <= 1 else None


def _allowed(one: str, other: str, *, alone: bool = False) -> int:
    """How many slips may stand between two words: from three letters on one, from eight two.

    Below five letters, a word among others that are not of the name may only have two neighbours swapped; `alone` says
    that there are no such others.
    """
    longest = max(len(one), len(other))
    if longest >= 8:
        return 2
    return 1 if longest >= (3 if alone else 5) or sorted(one) == sorted(other) else 0


def _slips(one: str, other: str, most: int, *, beginning: bool = False) -> int:
    """Letters too many, missing or wrong, and neighbours swapped, between two words; `most` + 1 where there are more.

    With `beginning`, between the first word and the likest beginning of the other. The optimal string alignment
    distance, row by row.
    """
    # Each slip brings in one letter at most; almost all pairs are told apart by this alone.
    if len(one) - len(other) > most or len(set(one) - set(other)) > most:
        return most + 1
    if not beginning and (len(other) - len(one) > most or len(set(other) - set(one)) > most):
        return most + 1
    other = other[: len(one) + most]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, there in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:
            return most + 1
    return min(min(row) if beginning else row[-1], most + 1)
