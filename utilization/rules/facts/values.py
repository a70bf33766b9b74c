"""`Facts`, where an unknown fact is simply absent and never false, and how they are read and refused."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from utilization.rules.facts.catalogue import ABOVE_ZERO, CATALOGUE, ORDER, SAME_AS, Fact, Kind
from utilization.rules.facts.date_words import NEVER, NEVER_WORD
from utilization.rules.facts.typical_weights import other_unit
from utilization.rules.facts.units import (
    Quantity,
    UnitError,
    as_decimal,
    canonical_unit,
    convert,
    known_unit,
    read_quantity,
)

MAX_TEXT = 4000
NOT_KNOWN = "not_known"
"""What is typed for a fact that nobody knows; under "safety", for every row that has no answer of its own."""
MOST_ITEMS = 100
MOST_DECIMALS = 30
_ROUNDING_G = Decimal(5)
# Two statements of one value may differ by what rounding it on paper does.
_ROUNDED = Decimal("0.05")
_HINTS = {
    "weight_kg": " Is it in kilograms?",
    "dose_per_day_g": " Is this the dose of one day, not of the whole course?",
    "dose_per_day_g_per_kg": " Is this the dose of one day, not of the whole course?",
    "dose_total_g_per_kg": " Is a decimal point misplaced?",
    "dose_total_g": " Is a decimal point misplaced?",
}
_IN_JSON, _NUMBERS = (str, int, type(None)), (int, Decimal)
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,30})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}(\.0{1,30})?", re.ASCII)
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class BadInput(ValueError):
    """Input that cannot be read: `path` says where, `message` what was expected and how to correct it."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


Value = bool | int | Decimal | str | date | tuple[Any, ...]


class Facts(Mapping[str, Value]):
    """Facts that are known, by name. What is absent is unknown. Never changes."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value] = MappingProxyType({})) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Facts({self._values!r})"

    def as_json(self) -> dict[str, Any]:
        """Values that JSON can hold, in the catalogue's order; decimals as strings without exponent."""
        return {name: json_value(self._values[name]) for name in sorted(self._values, key=in_order)}


def in_order(name: str) -> tuple[int, str]:
    """Where a fact stands: in the catalogue's order, a pack's own facts after them by name."""
    return ORDER.get(name, len(ORDER)), name


def json_value(value: Any) -> Any:
    """`value` as JSON holds it: decimals as plain strings, dates in ISO form, tuples as lists."""
    if isinstance(value, _IN_JSON):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [json_value(item) for item in value]
    if isinstance(value, Mapping):
        return {key: json_value(item) for key, item in value.items()}
    return value


def plain(value: Decimal) -> str:
    """`value` without exponent and without trailing zeros: 150, 37.5, 0."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def read_facts(raw: Mapping[str, Any], path: str = "facts", catalogue: Mapping[str, Fact] = CATALOGUE) -> Facts:
    """Known facts from `raw` (JSON values; null is unknown). Raises BadInput that names path and what was expected.

    `catalogue` is a pack's: the vocabulary and the facts that the pack brings itself.
    """
    if not isinstance(raw, Mapping):
        raise BadInput(path, f"expected an object of facts, got {_shown(raw)}")
    values = {}
    for name, value in raw.items():
        if name not in catalogue:
            near = nearest(str(name), catalogue)
            hint = f"; did you mean {near}?" if near else ""
            raise BadInput(f"{path}.{name}", f"unknown fact {name!r}: expected a name of the vocabulary{hint}")
        if value is not None:
            values[name] = read_value(catalogue[name], value, f"{path}.{name}")
    for other, name in SAME_AS.items():
        if other in values and name in values:
            _check_same(name, values[name], other, values[other], path)
    return Facts(values)


def named_in(catalogue: Mapping[str, Fact], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `raw` (JSON values) that a catalogue has names for: facts, and the fields of their entries."""
    return {name: _fields_named(catalogue[name], value) for name, value in raw.items() if name in catalogue}


def unnamed_in(catalogue: Mapping[str, Fact], raw: Mapping[str, Any]) -> list[str]:
    """What of `raw` a catalogue has no names for: `sleep`, and `infections.organism` for a field of an entry."""
    found: dict[str, None] = {}
    for name, value in raw.items():
        fact = catalogue.get(name)
        if fact is None:
            found[name] = None
        elif fact.kind is Kind.LIST_RECORD and isinstance(value, list | tuple):
            fields = (field for entry in value if isinstance(entry, Mapping) for field in entry)
            found |= {f"{name}.{field}": None for field in fields if field not in fact.fields}
    return list(found)


def _fields_named(fact: Fact, value: Any) -> Any:
    if fact.kind is not Kind.LIST_RECORD or not isinstance(value, list | tuple):
        return value
    return [{name: part for name, part in entry.items() if name in fact.fields} if isinstance(entry, Mapping) else entry
            for entry in value]  # fmt: skip


def _check_same(name: str, value: Any, other: str, value_of_other: Any, path: str) -> None:
    converted = in_unit_of(name, other, value_of_other)
    if abs(converted - value) > _ROUNDED * max(value, converted):
        raise BadInput(
            f"{path}.{other}",
            f"contradicts {name}: {plain(value_of_other)} {CATALOGUE[other].unit} is {plain(converted)}"
            f" {CATALOGUE[name].unit}, not {plain(value)}; give one of them",
        )


def in_unit_of(name: str, other: str, value: Decimal) -> Decimal:
    """The value of `other` in the unit of `name`, of which it is another spelling."""
    return as_decimal(convert(Quantity(value, CATALOGUE[other].unit), CATALOGUE[name].unit))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The name of `known` that `word` most looks like, by a slip of a few letters or as a part; None when none does."""
    names = list(known)
    begun = [name for name in names if word and name.startswith(f"{word.casefold()}_")]
    if begun:
        return begun[0]
    close = get_close_matches(word.casefold(), names, n=1)
    if close:
        return close[0]
    parts = [name for name in names if len(word) >= 3 and (word.casefold() in name or name in word.casefold())]
    return min(parts, key=len, default=None)


def read_value(fact: Fact, raw: Any, path: str) -> Value:
    """One value of `fact` from its JSON form. Raises BadInput when the type is wrong or the value impossible."""
    read: Value | None = None
    if fact.kind is Kind.BOOL:
        read = raw if isinstance(raw, bool) else None
    elif fact.kind is Kind.CHOICE:
        read = _read_choice(fact, raw, path)
    elif fact.kind is Kind.TEXT:
        read = read_text(raw, path) if isinstance(raw, str) else None
    elif fact.kind is Kind.DATE:
        read = NEVER if fact.or_never and raw == NEVER_WORD else _read_day(raw)
    elif fact.kind in (Kind.INT, Kind.DEC):
        read = _read_quantity(fact, raw, path)
    elif isinstance(raw, Sequence) and not isinstance(raw, str | bytes):
        if len(raw) > MOST_ITEMS:
            raise BadInput(path, f"expected at most {MOST_ITEMS} values, got {len(raw)}")
        read = tuple(_read_item(fact, item, f"{path}[{i}]") for i, item in enumerate(raw))
    if read is None:
        raise BadInput(path, f"expected {fact.expected}, got {_shown(raw)}")
    return read


def _read_choice(fact: Fact, raw: Any, path: str) -> str | None:
    if not isinstance(raw, str) or raw in fact.choices:
        return raw if isinstance(raw, str) else None
    near = nearest(raw, fact.choices)
    hint = f"; did you mean {near}?" if near else ""
    raise BadInput(path, f"expected {fact.expected}, got {_shown(raw)}{hint}")


def _read_day(raw: Any) -> date | None:
    try:
        return date.fromisoformat(raw) if len(raw) == len("YYYY-MM-DD") else None
    except (TypeError, ValueError):
        return None


def _read_quantity(fact: Fact, raw: Any, path: str) -> Value | None:
    number = read_number(raw, whole=fact.kind is Kind.INT)
    if number is None:
        number = _with_unit(fact, raw, path)
    if number is None:
        return None
    _check_possible(fact, number, path)
    return int(number) if fact.kind is Kind.INT else number


def _with_unit(fact: Fact, raw: Any, path: str) -> Decimal | None:
    """A number with its unit, such as "180 lb", in the unit of the fact; None when it is none."""
    quantity = read_quantity(raw) if isinstance(raw, str) and len(raw) < MAX_TEXT else None
    if quantity is None or not quantity.unit or not fact.unit:
        return None
    if not known_unit(quantity.unit) and quantity.unit != canonical_unit(fact.unit):
        return None
    try:
        converted = convert(quantity, fact.unit)
    except UnitError as error:
        raise BadInput(path, str(error)) from None
    # Where no decimal is exact (10 days in years), both sides of a comparison are rounded alike, to 28 digits.
    number = as_decimal(converted)
    if fact.kind is Kind.INT and number != number.to_integral_value():
        raise BadInput(path, f"expected {fact.expected}: {raw} is {plain(round(number, 3))} of them")
    return number


def _read_item(fact: Fact, raw: Any, path: str) -> Any:
    if fact.kind is Kind.LIST_RECORD:
        return _read_record(fact, raw, path)
    number = read_number(raw, whole=False)
    if number is None:
        raise BadInput(path, f"expected a number, got {_shown(raw)}")
    _check_possible(fact, number, path)
    return number


def record_shape(fact: Fact) -> str:
    """What an entry of a list holds, for messages; a mark stands after what may be left out."""
    return "{" + ", ".join(name if name in fact.required else f"{name}?" for name in fact.fields) + "}"


def _read_record(fact: Fact, raw: Any, path: str) -> Mapping[str, Any]:
    shape = record_shape(fact)
    if not isinstance(raw, Mapping):
        raise BadInput(path, f"expected {shape}, got {_shown(raw)}")
    for name in raw:
        if name not in fact.fields:
            near = nearest(str(name), fact.fields)
            raise BadInput(
                f"{path}.{name}", f"unknown field: expected {shape}" + (f"; did you mean {near}?" if near else "")
            )
    for name in fact.required:
        if raw.get(name) is None:
            raise BadInput(path, f"expected {shape}: {name} is missing")
    read = {
        name: read_value(field, raw[name], f"{path}.{name}")
        for name, field in fact.fields.items()
        if raw.get(name) is not None
    }
    return MappingProxyType(read)


def read_number(raw: Any, *, whole: bool) -> Decimal | None:
    """An exact decimal from a JSON number or a decimal string; None when it is neither. A bool is never a number."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        if not (_WHOLE if whole else _NUMBER).fullmatch(raw):
            return None
        return Decimal(raw)
    if isinstance(raw, float):
        raw = Decimal(repr(raw))
    if isinstance(raw, int):
        raw = Decimal(raw)
    if not isinstance(raw, Decimal) or not raw.is_finite() or int(raw.as_tuple().exponent) < -MOST_DECIMALS:
        return None
    return None if whole and raw != raw.to_integral_value() else raw


def read_text(raw: str, path: str) -> str:
    """Text as typed. Raises BadInput when it is too long or holds hidden control characters."""
    if len(raw) > MAX_TEXT:
        raise BadInput(path, f"expected at most {MAX_TEXT} characters, got {len(raw)}")
    hidden = _HIDDEN.search(raw)
    if hidden:
        raise BadInput(path, f"holds a hidden character (U+{ord(hidden.group()):04X}); type the text again without it")
    return raw


def _check_possible(fact: Fact, number: Decimal, path: str) -> None:
    low, high = fact.possible
    if (low is not None and number < low) or (high is not None and number > high):
        unit = f" {fact.unit}" if fact.unit else ""
        bound = f"{'more than 0' if low == Decimal(ABOVE_ZERO) else f'at least {low}'}"
        bound += f" and at most {high}" if high is not None else ""
        raise BadInput(path, f"{_shown(number)}{unit} is impossible: expected {bound}{unit}")


def _shown(raw: Any) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if raw is None:
        return "null"
    if isinstance(raw, Decimal):
        return plain(raw) if raw.is_finite() and abs(raw.adjusted()) < 30 else str(raw)
    if isinstance(raw, Mapping):
        return "an object"
    if isinstance(raw, list | tuple):
        return "a list"
    text = repr(raw)
    return text if len(text) <= 60 else text[:57] + "…'"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that is possible but not plausible: a person must confirm or correct it."""

    fact: str
    value: Any
    text: str


def implausible(facts: Mapping[str, Value], catalogue: Mapping[str, Fact] = CATALOGUE) -> list[Doubt]:
    """Every known number outside its plausible range, and what does not fit the patient, in catalogue order.

    Body mass index (kg/m2) outside 10 to 50 in adults is questioned because pounds typed as kilograms land there: they
    make of an index of 23 one of 51. Without a height, a weight is held against what is typical for age and sex. Grams
    are questioned by the range per kilogram of actual weight, one rounding of 5 g aside, because a dose tenfold off or
    a whole course entered as a day is often plausible as grams alone.
    """
    doubts = []
    for name, value in facts.items():
        if not isinstance(value, _NUMBERS) or isinstance(value, bool) or name not in catalogue:
            continue
        fact = catalogue[name]
        low, high = fact.plausible
        if (low is not None and value < low) or (high is not None and value > high):
            doubts.append(Doubt(name, value, _doubt_text(fact, Decimal(value))))
    doubts.sort(key=lambda doubt: in_order(doubt.fact))
    weight, height, age = facts.get("weight_kg"), facts.get("height_cm"), facts.get("age_years")
    if isinstance(weight, Decimal) and isinstance(height, Decimal) and isinstance(age, Decimal) and age >= 18:
        bmi = weight / (height / 100) ** 2
        if not 10 <= bmi <= 50 and not any(d.fact in ("weight_kg", "height_cm") for d in doubts):
            text = (
                f"Weight {plain(weight)} kg at {plain(height)} cm gives a body mass index of {bmi:.0f} kg/m²:"
                " confirm it, or check that weight is in kilograms and height in centimetres."
            )
            doubts.append(Doubt("weight_kg", weight, text))
    if (asked := other_unit(facts)) and not any(doubt.fact == "weight_kg" for doubt in doubts):
        doubts.append(Doubt("weight_kg", weight, f"{asked} Confirm it, or correct it."))
    return doubts + _grams_too_many(facts, {doubt.fact for doubt in doubts})


def _grams_too_many(facts: Mapping[str, Value], doubted: set[str]) -> list[Doubt]:
    """Doses in grams that are above what is plausible for the weight; those in `doubted` are questioned already."""
    weight, doubts = facts.get("weight_kg"), []
    if not isinstance(weight, Decimal):
        return []
    for name in ("dose_total_g", "dose_per_day_g"):
        grams, per_kg = facts.get(name), CATALOGUE[f"{name}_per_kg"]
        most = per_kg.plausible[1]
        if not isinstance(grams, Decimal) or most is None or name in doubted or grams <= most * weight + _ROUNDING_G:
            continue
        text = (
            f"{CATALOGUE[name].label} {plain(grams)} {CATALOGUE[name].unit} for {plain(weight)} kg is unusual"
            f" (usually up to {plain(most)} {per_kg.unit}): confirm or correct it.{_HINTS[name]}"
        )
        doubts.append(Doubt(name, grams, text))
    return doubts


def _doubt_text(fact: Fact, value: Decimal) -> str:
    low, high = fact.plausible
    unit = f" {fact.unit}" if fact.unit else ""
    usual = f"from {low} to {high}" if low is not None else f"up to {high}"
    told = f"{fact.label} {plain(value)}{unit} is unusual (usually {usual}{unit}): confirm or correct it."
    return told + _HINTS.get(fact.name, "")
