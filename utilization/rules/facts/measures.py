"""Weight and height as people type them, with their unit, and as the rules use them: kilograms and centimetres.

Converted exactly (1 lb = 0.45359237 kg, 1 in = 2.54 cm), then rounded half up to the gram and to a tenth of a
millimetre. A number without a unit is refused: 180 may be kilograms or pounds.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import BadInput, plain, read_value

FEET_AND_INCHES = "ft in"
"""The unit of a height that is chosen as feet and inches: 5 4 is then 5 ft 4 in."""
WEIGHT_UNITS: Mapping[str, str] = MappingProxyType({"kg": "kg", "lb": "lb"})
HEIGHT_UNITS: Mapping[str, str] = MappingProxyType({"cm": "cm", "m": "m", FEET_AND_INCHES: "ft in"})
"""Units that a form offers for a number without one, with their words."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as typed, in one spelling (198 lb, 5 ft 4 in), and its value in the unit of its fact."""

    typed: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit as it is written, its ratio to the fact's unit, and the smaller one that may follow, with how many
    of those make one."""

    symbol: str
    ratio: Decimal
    smaller: str = ""
    parts: int = 0


_LB, _IN = Decimal("0.45359237"), Decimal("2.54")
_WEIGHT = (
    _Unit("kg", Decimal(1)), _Unit("g", Decimal("0.001")), _Unit("st", _LB * 14, "lb", 14), _Unit("lb", _LB, "oz", 16),
    _Unit("oz", _LB / 16),
)  # fmt: skip
_HEIGHT = (
    _Unit("cm", Decimal(1)), _Unit("mm", Decimal("0.1")), _Unit("m", Decimal(100), "cm", 100),
    _Unit("ft", _IN * 12, "in", 12), _Unit("in", _IN),
)  # fmt: skip
_SPELT = {
    "kgs": "kg", "kilo": "kg", "kilos": "kg", "kilogram": "kg", "kilograms": "kg", "kilogramme": "kg",
    "kilogrammes": "kg", "gram": "g", "grams": "g", "gm": "g", "lbs": "lb", "pound": "lb", "pounds": "lb", "#": "lb",
    "stone": "st", "stones": "st", "ounce": "oz", "ounces": "oz",
    "cms": "cm", "centimeter": "cm", "centimeters": "cm", "centimetre": "cm", "centimetres": "cm", "meter": "m",
    "meters": "m", "metre": "m", "metres": "m", "millimeter": "mm", "millimeters": "mm", "millimetre": "mm",
    "millimetres": "mm", "feet": "ft", "foot": "ft", "'": "ft", "inch": "in", "inches": "in", "ins": "in", "''": "in",
    '"': "in",
}  # fmt: skip
_QUOTES = str.maketrans({"’": "'", "‘": "'", "′": "'", "ʹ": "'", "`": "'", "´": "'", "″": '"', "”": '"', "“": '"',
                         "⁄": "/", "\u00a0": " ", "\u202f": " "})  # fmt: skip
_AMOUNT = r"(?:[1-9]/[1-9]|[0-9]{1,6}(?:\.[0-9]{1,9})?(?:\s+[1-9]/[1-9])?|\.[0-9]{1,9})"
_PART = re.compile(
    rf"\s*(?P<amount>[+-]?{_AMOUNT})\s*(?P<unit>[A-Za-z]+\.?|''|[\"'#])?(?:\s*(?:,|and\b))?\s*", re.ASCII
)
_PLACES = {"weight_kg": Decimal("0.001"), "height_cm": Decimal("0.01")}
MEASURES = frozenset(_PLACES)
"""The facts that are typed as measures."""
_EXAMPLES = {"weight_kg": "82.5 kg or 182 lb", "height_cm": "163 cm, 1.63 m or 5 ft 4 in"}
_UNITS = {"weight_kg": _WEIGHT, "height_cm": _HEIGHT}


def read_measure(name: str, typed: str, unit: str = "") -> Measure:
    """The measure `name` (weight_kg, height_cm) in `typed`: 198 lb, 7 lb 8 oz, 5'4", 1.63 m, or a number with `unit`.

    Raises BadInput where there is no number, no unit, two units that contradict each other, or an impossible value.
    """
    units = {known.symbol: known for known in _UNITS[name]}
    parts = _parts(name, typed)
    total, written = Decimal(0), []
    above: _Unit | None = None
    for place, (amount, spelt) in enumerate(parts):
        symbol = spelt or _unit_of(name, unit, place, above, parts)
        if symbol not in units:
            raise BadInput(name, f"expected a number with its unit, such as {_EXAMPLES[name]}, got the unit {spelt}")
        _check_place(name, typed, units[symbol], amount, above, place)
        total += amount * units[symbol].ratio
        written.append(f"{plain(amount)} {symbol}")
        above = units[symbol]
    if unit and any(spelt for _, spelt in parts) and not _agrees(unit, [spelt for _, spelt in parts if spelt]):
        raise BadInput(name, f"{typed.strip()} is typed, but {unit} is chosen beside it: choose the unit that is meant")
    value = total.quantize(_PLACES[name], ROUND_HALF_UP)
    read_value(CATALOGUE[name], value, name)
    return Measure(" ".join(written), value)


def _parts(name: str, typed: str) -> list[tuple[Decimal, str]]:
    """Amounts with their units, "" where none is written."""
    text = _fractions(unicodedata.normalize("NFC", typed)).translate(_QUOTES).strip()
    expected = f"expected a number with its unit, such as {_EXAMPLES[name]}"
    if re.search(r"[0-9],[0-9]", text):
        raise BadInput(name, f"{expected}; a point for decimals, and no mark for thousands")
    parts: list[tuple[Decimal, str]] = []
    end = 0
    while end < len(text):
        match = _PART.match(text, end)
        if match is None or len(parts) == 2 or (parts and match["amount"][0] in "+-"):
            raise BadInput(name, expected)
        spelt = (match["unit"] or "").rstrip(".").lower()
        parts.append((_amount(match["amount"]), _SPELT.get(spelt, spelt)))
        end = match.end()
    if not parts:
        raise BadInput(name, expected)
    return parts


def _fractions(text: str) -> str:
    """`text` with ½ written as 1/2, apart from the number before it."""
    return "".join(f" {unicodedata.normalize('NFKC', char)}" if char in "½¼¾⅓⅔⅛⅜⅝⅞" else char for char in text)


def _amount(text: str) -> Decimal:
    """The number in `text`: 4, -4, 4.5, 1/2, or 4 1/2."""
    sign = -1 if text.startswith("-") else 1
    whole, _, fraction = text.lstrip("+-").rpartition(" ") if "/" in text else (text.lstrip("+-"), "", "")
    amount = Decimal(whole.strip() or 0)
    if fraction:
        above, below = fraction.split("/")
        amount += Decimal(above) / Decimal(below)
    return sign * amount


def _unit_of(name: str, unit: str, place: int, above: _Unit | None, parts: list[tuple[Decimal, str]]) -> str:
    """The unit of a number that has none written."""
    if place and above and above.smaller:
        return above.smaller
    if unit == FEET_AND_INCHES and place == 0:
        # A number too large for feet is inches alone.
        return "in" if len(parts) == 1 and parts[0][0] > 9 else "ft"
    if not unit:
        raise BadInput(name, f"choose the unit, or write it with the number: {_EXAMPLES[name]}")
    return unit


def _check_place(name: str, typed: str, unit: _Unit, amount: Decimal, above: _Unit | None, place: int) -> None:
    if unit.symbol == "ft" and amount != amount.to_integral_value():
        raise BadInput(name, f"write feet and inches apart, such as 5 ft 4 in: {plain(amount)} ft may be either")
    if not place:
        return
    if above is None or above.smaller != unit.symbol:
        raise BadInput(name, f"expected one measure, such as {_EXAMPLES[name]}, got {typed.strip()}")
    if amount >= above.parts:
        raise BadInput(name, f"{plain(amount)} {unit.symbol} is more than a {above.symbol} holds: check the numbers")


def _agrees(unit: str, written: list[str]) -> bool:
    if unit == FEET_AND_INCHES:
        return written[0] in ("ft", "in")
    return unit == written[0] or (unit == "lb" and written[0] in ("st", "oz"))
