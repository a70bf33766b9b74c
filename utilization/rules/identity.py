"""Who a patient is, as people type it: names, MRNs and birth dates, folded so that spelling does not hide a patient.

A *key* is text folded for comparison: no case, no marks, no apostrophes, hyphens or spaces. A patient is stored with
`name_keys` and `mrn_key`; a search (`read_search`) says which beginnings of keys it wants. Both sides fold alike, so
what is found depends on nothing else, on any database.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

SEX_NOT_KNOWN = "unknown"
"""Stands where nobody knows the sex: it is no fact then, and what needs it says so."""

MOST_KEY = 120
"""Characters of a key; longer ones are cut on both sides alike."""
MOST_WORDS = 6
"""Words of a search that count; more of them could only narrow it further."""
_JOINED = 3
_NOBODYS = 4  # letters from which one slip still leaves a word recognisable
_LONG = 8

# Letters that no normal form takes apart, and letters of other scripts that are written in two ways.
_LETTERS = str.maketrans({
    "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t",
    "ĸ": "k", "ə": "e", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ـ": None,
})  # fmt: skip
# The other way to write a letter without its mark: Müller is Muller and Mueller.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
# Letters of other scripts that look like Latin ones; they count as such in a word that holds Latin letters too.
_LOOKALIKES = str.maketrans("абвеікмнорстухѕјԁɡαβεικνορτυχ", "abbeikmhopctyxsjdgabeiknoptux")
_APOSTROPHES = frozenset("ʹʺʻʼʽʾʿˈˊˋˮ՚״׳ʹ´`")
_PARTICLES = frozenset({
    "al", "am", "an", "auf", "bin", "bint", "da", "dal", "das", "de", "dei", "del", "della", "den", "der", "des", "di",
    "do", "dos", "du", "el", "ibn", "la", "le", "los", "san", "st", "ter", "van", "vom", "von", "y", "zu", "zum", "zur",
})  # fmt: skip


# --- Names --------------------------------------------------------------------------------------------------------


def full_name(family: str, given: str = "") -> str:
    """The name as it is kept: "Family, Given", or the family name alone. A comma in `family` divides it likewise."""
    family, given = _spaced(family), _spaced(given)
    if given:
        family = _spaced(family.replace(",", " "))
    else:
        family, _, given = (part.strip() for part in family.partition(","))
    return f"{family}, {given}" if family and given else family or given


def divided_name(name: str) -> tuple[str, str]:
    """(family, given) of a kept name; a name without a comma is not guessed at, and stands whole as the family name."""
    family, _, given = name.partition(",")
    return family.strip(), given.strip()


def _spaced(text: str) -> str:
    return " ".join(text.split())


def name_parts(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of a name, folded: once without marks and, where that differs, once with the letters spelt out."""
    lower = unicodedata.normalize("NFC", text).casefold()
    plain, spelt = _words(lower), _words(lower.translate(_SPELT_OUT))
    return (plain,) if plain == spelt else (plain, spelt)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_one_script(word) for word in _folded(text).split())


def _folded(text: str) -> str:
    """`text` without case and marks, with a space for everything that is neither letter nor digit."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = []
    for char in apart.translate(_LETTERS):
        kind = unicodedata.category(char)
        if kind in ("Mn", "Cf"):
            continue
        kept.append(char if (char.isalnum() and char not in _APOSTROPHES) or kind == "Mc" else " ")
    return unicodedata.normalize("NFC", "".join(kept)).translate(_HIRAGANA)


def _one_script(word: str) -> str:
    return word.translate(_LOOKALIKES) if any("a" <= char <= "z" for char in word) else word


def is_wide(text: str) -> bool:
    """Whether `text` begins with a character that is a syllable or a word: Chinese, Japanese, Korean."""
    return unicodedata.east_asian_width(text[:1] or " ") in "WF"


def name_keys(name: str) -> frozenset[str]:
    """What a name is found by: each word, neighbouring words written as one, and each place in a word of
    Chinese, Japanese or Korean, which has no spaces."""
    keys: set[str] = set()
    for parts in name_parts(name):
        for start in range(len(parts)):
            for size in range(1, _JOINED + 1):
                joined = "".join(parts[start : start + size])
                keys.add(joined)
                keys.update(joined[place:] for place in range(1, len(joined)) if is_wide(joined[place]))
    return frozenset(key[:MOST_KEY] for key in keys)


def order_key(name: str) -> str:
    """By what names are put in order, alike on every machine."""
    return " ".join(name_parts(name)[0])


# --- MRNs ---------------------------------------------------------------------------------------------------------

_LABEL = re.compile(r"\s*(?:m\.?r\.?n\.?|medical record number)\s*[:#.]?\s+", re.IGNORECASE)
_BORN = re.compile(
    r"(?<![^\W_])(?:d\.?o\.?b\.?|date of birth|birth date|born)(?![^\W_])\s*[:.]?(?:\s*on\s)?", re.IGNORECASE
)
_TITLE = re.compile(r"\s*(?:mr|mrs|ms|miss|mx|dr|prof)\b\.?\s+(?=\S)", re.IGNORECASE)
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


def bare_mrn(mrn: str) -> str:
    """An MRN without case, spaces, hyphens, points and slashes: two that share it are one MRN."""
    return "".join(char for char in unicodedata.normalize("NFKC", mrn).casefold() if char.isalnum())


def mrn_key(mrn: str) -> str:
    """An MRN as it is found: bare, and without leading zeros, before each of its numbers."""
    return _ZEROS.sub("", bare_mrn(mrn))[:MOST_KEY]


def mrn_slips(key: str) -> frozenset[str]:
    """Every key that one slip makes of `key`: a character left out, added or replaced, or two neighbours swapped."""
    digits = "0123456789"
    letters = "abcdefghijklmnopqrstuvwxyz" if any(char.isalpha() for char in key) else ""
    slips: set[str] = set()
    for place in range(len(key) + 1):
        head, tail = key[:place], key[place:]
        slips.update(head + char + tail for char in digits + letters)
        if tail:
            slips.add(head + tail[1:])
            slips.update(head + char + tail[1:] for char in digits + letters)
        if len(tail) > 1:
            slips.add(head + tail[1] + tail[0] + tail[2:])
    return frozenset(_ZEROS.sub("", slip) for slip in slips if slip) - {key}


# --- Birth dates --------------------------------------------------------------------------------------------------

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_GAP = r"[\s,./-]*"
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_DATES = tuple(
    re.compile(rf"(?<![0-9A-Za-z]){pattern}(?![0-9A-Za-z])", re.ASCII)
    for pattern in (
        r"(?P<year>[0-9]{4})(?P<gap>[-./ ])\s*(?P<month>[0-9]{1,2})\s*(?P=gap)\s*(?P<day>[0-9]{1,2})",
        rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?{_GAP}(?:of\s+)?{_MONTH}{_GAP}{_YEAR}",
        rf"{_MONTH}{_GAP}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[\s,./-]+{_YEAR}",
        rf"(?P<year>[0-9]{{4}}){_GAP}{_MONTH}{_GAP}(?P<day>[0-9]{{1,2}})",
        rf"(?P<one>[0-9]{{1,2}})(?P<gap>[-./ ])\s*(?P<two>[0-9]{{1,2}})\s*(?P=gap)\s*{_YEAR}",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        r"(?P<one>[0-9]{2})(?P<two>[0-9]{2})(?P<year>[0-9]{4})",
    )
)


def read_days(text: str) -> tuple[date, ...]:
    """Every day that `text` can mean as a whole: 1968-02-14, 14 Feb 1968, February 14, 1968, 14.2.1968, 14/02/68.

    Two where day and month can be either (05/06/1968), or the century; none where it is no date.
    """
    return next((days for days, rest in _days_in(text) if not rest.strip()), ())


def _days_in(text: str) -> Iterator[tuple[tuple[date, ...], str]]:
    """(days, the text around them) for each way in which some part of `text` reads as a date."""
    plain = unicodedata.normalize("NFKC", text)
    for pattern in _DATES:
        for match in pattern.finditer(plain):
            if days := _days(match.groupdict()):
                yield days, f"{plain[: match.start()]} {plain[match.end() :]}"


def _days(parts: dict[str, str | None]) -> tuple[date, ...]:
    year = parts["year"] or ""
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    if parts.get("one"):
        one, two = int(parts["one"] or 0), int(parts["two"] or 0)
        pairs = [(one, two), (two, one)]
    else:
        pairs = [(int(parts["day"] or 0), _month(parts["month"] or ""))]
    days = [_day(year, month, day) for year in years for day, month in pairs]
    return tuple(dict.fromkeys(day for day in days if day))


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(text.lower())), 0)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


# --- Searching ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key that is wanted: one that begins with one of `texts`, or, with `whole`, is one of them."""

    texts: tuple[str, ...]
    whole: bool = False

    @property
    def size(self) -> int:
        """Characters of the shortest spelling: the more, the fewer keys begin so."""
        return min(map(len, self.texts))


Way = tuple[Wanted, ...]
"""Keys that a patient must all have."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a person typed to find a patient: `mrn` is the beginning of an MRN's key (None: none is meant), `days` the
    birth dates meant, `names` the ways in which the words may stand for a name. With both `days` and `names`, a
    patient must fit both.
    """

    mrn: Wanted | None
    days: tuple[date, ...]
    names: tuple[Way, ...]


def read_search(text: str) -> Search:
    """What `text` asks for: an MRN, a birth date, words of a name in any order, or a name with a birth date."""
    typed = _LABEL.sub("", text)
    key = mrn_key(typed)
    mrn = Wanted((key,), whole=len(key) < 2) if key else None
    days, rest = next(iter(sorted(_days_in(typed), key=lambda reading: len(reading[1].strip()))), ((), typed))
    if days:
        # What a label says before the date is no name; without a date, Born is one.
        rest = _BORN.sub(" ", rest)
    return Search(mrn, days, _ways(_TITLE.sub("", rest, count=1) if _TITLE.match(rest) else rest))


def _ways(text: str) -> tuple[Way, ...]:
    spellings = [parts[:MOST_WORDS] for parts in name_parts(text)]
    ways: list[Way] = []
    for sizes in _compositions(len(spellings[0])):
        ends = list(accumulate(sizes))
        groups = [
            tuple(dict.fromkeys("".join(parts[end - size : end])[:MOST_KEY] for parts in spellings))
            for size, end in zip(sizes, ends, strict=True)
        ]
        long = any(len(group[0]) > 1 or is_wide(group[0]) for group in groups)
        # One letter alone is a name of one letter, and not the beginning of every other.
        ways.append(tuple(Wanted(group, whole=not long) for group in groups))
    return tuple(ways)


def _compositions(count: int) -> Iterator[tuple[int, ...]]:
    """Every way to part `count` words into neighbouring groups of at most three; none where there are no words."""
    for size in range(1, min(count, _JOINED) + 1):
        if size == count:
            yield (size,)
        yield from ((size, *rest) for rest in _compositions(count - size))


# --- Likeness -----------------------------------------------------------------------------------------------------


def alike_names(one: str, other: str) -> bool:
    """Whether two names may be one person's: a word of one is a word of the other, by a slip of a letter at most.

    Particles (van, de, el …) do not count, nor do single letters unless the names are nothing else.
    """
    first, second = _telling(one), _telling(other)
    return any(_alike_words(a, b) for a in first for b in second)


def _telling(name: str) -> set[str]:
    words: set[str] = set()
    for parts in name_parts(name):
        telling = {part for part in parts if part not in _PARTICLES and (len(part) > 1 or is_wide(part))}
        pairs = [parts[start : start + 2] for start in range(len(parts) - 1)]
        words |= (telling | {"".join(pair) for pair in pairs if telling & set(pair)}) or set(parts)
        words |= {part[place:] for part in telling if is_wide(part) for place in range(len(part))}
    return words


def _alike_words(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if short == long or (len(short) >= 3 and long.startswith(short)) or (is_wide(short) and long.startswith(short)):
        return True
    if len(short) < _NOBODYS:
        return False
    return slips(short, long, 2 if len(short) >= _LONG else 1)


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for spelling and order: each word of the shorter has its own in the longer."""
    return any(_each_has_its_own(a, b) for a in name_parts(one) for b in name_parts(other))


def _each_has_its_own(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    if "".join(first) == "".join(second):
        return True
    short, long = sorted((first, second), key=len)
    left = list(long)
    for word in short:
        fitting = next((other for other in left if _alike_words(word, other) or _is_initial(word, other)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return len(short) >= 2 or len(long) == 1


def _is_initial(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) == 1 and long.startswith(short)


def slips(one: str, other: str, most: int) -> bool:
    """Whether at most `most` slips lead from `one` to `other`: a character added, left out or replaced, or two
    neighbours swapped."""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != against))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1] <= most


def alike_days(one: date, other: date) -> bool:
    """Whether two birth dates may be one, by one slip: day and month swapped, or one of day, month and year wrong."""
    if (one.day, one.month) == (other.month, other.day) and one.year == other.year:
        return True
    apart = [(a, b) for a, b in ((one.year, other.year), (one.month, other.month), (one.day, other.day)) if a != b]
    if len(apart) != 1:
        return not apart
    a, b = apart[0]
    return one.year == other.year or slips(str(a), str(b), 1)
