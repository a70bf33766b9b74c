"""Days in words, the one way in which pages, messages and documents write them: "14 Feb 2026"."""

import re
from datetime import date, datetime

# Written out, because strftime's month names follow the machine's locale.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ISO_DAY = re.compile(r"\b[12]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b")


class _Never(date):
    """The day of what never happened. It comes before every day, is no other day, and is written "never"."""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> str:
        return "NEVER"

    def isoformat(self) -> str:
        return NEVER_WORD

    __str__ = isoformat


NEVER_WORD = "never"
NEVER = _Never(1, 1, 1)


_TYPED_DAY = re.compile(r"(\d{1,2})[ .]+([A-Za-z]{3,9})\.?[ ,]+([12]\d{3})", re.ASCII)
_LONG_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December")  # fmt: skip


def typed_day(text: str) -> str:
    """ISO text of a day that was typed as pages write it, "14 Feb 2026" or "14 February 2026"; any other text as it is.

    A month in figures is not guessed: 03/04/2026 is a day in March in one country and in April in another.
    """
    found = _TYPED_DAY.fullmatch(text.strip())
    if found is None:
        return text
    number, month, year = found.groups()
    for place, (short, long) in enumerate(zip(_MONTHS, _LONG_MONTHS, strict=True), start=1):
        if month.casefold() in (short.casefold(), long.casefold()):
            return f"{year}-{place:02d}-{int(number):02d}"
    return text


def read_day(text: str) -> date:
    """The day that ISO text says, or NEVER. Raises ValueError where it says neither."""
    return NEVER if text == NEVER_WORD else date.fromisoformat(text)


def day_words(day: date, space: str = " ") -> str:
    """A day, with `space` between its parts; of NEVER, that word."""
    return NEVER_WORD if day is NEVER else f"{day.day}{space}{_MONTHS[day.month - 1]}{space}{day.year}"


def days_in_words(text: str) -> str:
    """`text` that the product wrote, with the ISO days in it in words; what only looks like a day stays."""
    return _ISO_DAY.sub(lambda match: _read(match[0]), text)


def _read(raw: str) -> str:
    try:
        return day_words(date.fromisoformat(raw))
    except ValueError:
        return raw


def zone_words(moment: datetime) -> str:
    """The zone of an aware `moment` as people know it (`GMT`, `EST`); one known by its offset alone says `UTC+03`."""
    name = moment.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def written_day(value: date | str) -> str:
    """A day, or its ISO text, as a document writes it everywhere: "12 Nov 2026". Text that is no day stays as it is."""
    if isinstance(value, str):
        try:
            value = read_day(value)
        except ValueError:
            return str(value)
    return day_words(value)
