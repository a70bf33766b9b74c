"""The vocabulary of therapies: names, classes and common spellings, and which therapy a typed text means.

A class is a therapy too, under which others stand: somebody who types "steroids" names one without saying which.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from utilization.rules.facts.text_words import TextWords, words_in


@dataclass(frozen=True, slots=True)
class Therapy:
    """A therapy, or a class of them. `name` is its code, `label` its words, `spellings` what else people write.

    `classes` are the codes of those under which it stands, `fact` the fact of the vocabulary that tells how it went.
    `perhaps` are the codes of those as which some people count it and others do not, or with which it is mixed up; a
    class is `broad` where people who type it may mean what does not stand under it here.
    """

    name: str
    label: str
    classes: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    fact: str = ""
    perhaps: tuple[str, ...] = ()
    is_broad: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that names it."""
        return tuple(dict.fromkeys((self.name.replace("_", " "), self.label, *self.spellings)))


@dataclass(frozen=True)
class Vocabulary:
    """Therapies by their codes. Two are equal that hold the same: `digest` is over all of it."""

    therapies: Mapping[str, Therapy] = field(compare=False)
    digest: str

    @cached_property
    def _by_words(self) -> Mapping[TextWords, str]:
        return {words_in(text): therapy.name for therapy in self.therapies.values() for text in therapy.texts}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._by_words))

    @cached_property
    def by_fact(self) -> Mapping[str, str]:
        """The codes of those that have a fact of their own, by its name."""
        return {therapy.fact: therapy.name for therapy in self.therapies.values() if therapy.fact}

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every text that names a therapy."""
        return tuple(text for therapy in self.therapies.values() for text in therapy.texts)

    @cached_property
    def _known(self) -> dict[tuple[str, str], bool | None]:
        """What texts were found to mean, since the same are tried over and over."""
        return {}

    def with_own(self, own: Iterable[Therapy]) -> "Vocabulary":
        """This vocabulary with further therapies."""
        return vocabulary([*self.therapies.values(), *own])

    def named(self, text: str) -> str:
        """The code of the therapy that this text is a name of; none where it is no name."""
        return self._by_words.get(words_in(text.replace("_", " ")), "")

    def meant(self, text: str) -> str:
        """The code of the one therapy that a typed text means; none where it is not known which, or says more.

        Only its dose, strength, route, frequency, form and duration may stand beside the name, and its class.
        """
        if _OPEN.search(unicodedata.normalize("NFKC", text)):
            return ""
        words = words_in(text)
        codes: dict[str, None] = {}
        place = 0
        while place < len(words):
            length = self._name_at(words, place)
            if length:
                codes[self._by_words[words[place : place + length]]] = None
            elif not is_beside_a_name(words[place]):
                return ""
            place += length or 1
        lowest = [code for code in codes if not any(self.stands_under(other, code) for other in codes)]
        return lowest[0] if len(lowest) == 1 else ""

    def _name_at(self, words: TextWords, place: int) -> int:
        """How many words from here are a name: the longest that is."""
        lengths = range(min(self._longest, len(words) - place), 0, -1)
        return next((length for length in lengths if words[place : place + length] in self._by_words), 0)

    def stands_under(self, code: str, other: str) -> bool:
        """Whether a therapy stands under a class. A class stands under no other."""
        return other in self.therapies[code].classes

    def counted_as(self, code: str) -> tuple[str, ...]:
        """The classes under which a therapy stands, and what some people count it as, itself or by its classes."""
        classes = self.therapies[code].classes
        perhaps = (other for name in (code, *classes) for other in self.therapies[name].perhaps)
        return tuple(dict.fromkeys((*classes, *perhaps)))

    def _covers(self, code: str, other: str) -> bool:
        return code == other or self.stands_under(other, code)

    def is_meant(self, text: str, code: str) -> bool | None:
        """Whether a typed text means this therapy, or one of this class; None where it leaves that open."""
        if (text, code) not in self._known:
            if len(self._known) > _MOST_KEPT:
                self._known.clear()
            typed = self.meant(text)
            is_open = not typed or self.stands_under(code, typed) or code in self.therapies[typed].perhaps
            covers = bool(typed) and self._covers(code, typed)
            is_open = is_open or (not covers and self.therapies[typed].is_broad)
            self._known[text, code] = None if is_open else covers
        return self._known[text, code]

    def has_members(self, code: str) -> bool:
        """Whether it is a class, under which others stand."""
        return any(code in therapy.classes for therapy in self.therapies.values())

    def shared(self, code: str, other: str) -> str:
        """A therapy that counts as either of two; none where no therapy of this vocabulary does."""
        both = (name for name in self.therapies if self._covers(code, name) and self._covers(other, name))
        return next(both, "")


_MOST_KEPT = 10_000
# A doubt, a share (of a cream), or none of it: such a text does not say that the therapy was tried.
_OPEN = re.compile(r"[?%]|(?<![\d.,])0+(?:[.,]0+)?(?![.,]?\d)")


def vocabulary(therapies: Sequence[Therapy]) -> Vocabulary:
    """The vocabulary of these therapies."""
    plain = [[getattr(one, name) for name in Therapy.__dataclass_fields__] for one in therapies]
    digest = sha256(json.dumps(plain).encode()).hexdigest()[:16]
    return Vocabulary({therapy.name: therapy for therapy in therapies}, digest)


def is_beside_a_name(word: str) -> bool:
    """Whether a word tells only dose, strength, route, frequency, form or duration of what stands beside it."""
    return word in BESIDE_A_NAME or _NUMBERED.fullmatch(word) is not None


# A number, also with its unit or as an interval: 15, 15mg, q2w, 3x, x3.
_NUMBERED = re.compile(r"\d+(?:mg|g|mcg|ug|kg|ml|iu|units?|x|h|d|w|wk|m|m2|st|nd|rd|th)?|x\d+|q\d*[hdw]|q\d+wk")
BESIDE_A_NAME = frozenset({
    # dose and strength
    "mg", "g", "mcg", "ug", "μg", "microgram", "micrograms", "milligram", "milligrams", "gram", "grams", "kg", "m2",
    "ml", "l", "iu", "unit", "units", "dose", "doses", "dosage", "high", "low", "medium", "moderate", "standard",
    "full", "maximum", "max", "minimum", "maximal", "strength", "per",
    # route
    "oral", "orally", "po", "iv", "intravenous", "intravenously", "im", "intramuscular", "sc", "subcut",
    "subcutaneous", "subcutaneously", "by", "mouth",
    # the letters of p.o., s.c., i.v., i.m., b.i.d. and t.d.s.
    "p", "o", "s", "c", "i", "v", "m", "b", "t",
    # frequency
    "a", "an", "the", "of", "at", "in", "each", "every", "once", "twice", "thrice", "one", "two", "three", "four",
    "five", "six", "x", "times", "daily", "weekly", "monthly", "fortnightly", "yearly", "hourly", "day", "days", "week",
    "weeks", "month", "months", "year", "years", "hour", "hours", "h", "hr", "hrs", "d", "wk", "wks", "mo", "yr",
    "alternate", "other", "od", "bd", "bid", "tds", "tid", "qid", "qds", "qd", "qod", "eod", "mane", "nocte", "am",
    "pm", "morning", "night", "evening",
    # form
    "tablet", "tablets", "tab", "tabs", "capsule", "capsules", "cap", "caps", "infusion", "infusions", "solution",
    "suspension", "liquid", "syrup", "pulse", "pulses", "pulsed", "course", "courses", "cycle", "cycles", "treatment",
    "treatments", "therapy", "trial", "sodium", "hydrochloride", "hcl", "enteric", "coated", "ec", "slow", "modified",
    "extended", "release", "sr", "mr", "er", "xr",
    # duration
    "for", "over", "during", "since", "from", "to", "until",
})  # fmt: skip
"""Words beside the name of a therapy that leave it the therapy that it is. A local parameter."""
