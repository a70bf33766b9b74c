"""An infusion as somebody types it, or as a line of a file says it: read into values, or refused with words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from utilization.rules.authorization.table import AuthorizationTable
from utilization.rules.dosing.products import Product, find_product, nearest_product

MOST_GRAMS = Decimal(1000)
"""Grams of one infusion at most: above it, it is a slip of the pen."""
MOST_LOT = 40
MOST_WORDS = 500
EARLIEST = date(1980, 1, 1)
_GRAMS = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)\s*([^\s0-9.,]*)", re.ASCII)
_GRAM = frozenset({"", "g", "gram", "grams"})
_OTHER_UNITS = {"mg": "milligrams", "ml": "millilitres", "kg": "kilograms", "ug": "micrograms", "mcg": "micrograms"}


@dataclass(frozen=True, slots=True)
class TypedInfusion:
    """What was typed of one infusion, as text. `product` is a brand, `reaction` and `seriousness` codes or words."""

    given_on: str
    product: str
    grams: str
    lot: str = ""
    reaction: str = ""
    seriousness: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class ReadInfusion:
    """An infusion as read. `reactions` holds one {"kind", "seriousness"} by code, or none."""

    given_on: date
    product: str
    grams: Decimal
    lot: str
    reactions: tuple[Mapping[str, str], ...]
    words: str


def read_infusion(
    typed: TypedInfusion, products: Sequence[Product], table: AuthorizationTable, today: date
) -> tuple[ReadInfusion | None, dict[str, str]]:
    """What `typed` says, or None with a sentence for each field that cannot be read."""
    errors: dict[str, str] = {}
    day = _day(typed.given_on, today, errors)
    product = _product(typed.product, products, errors)
    grams = _grams(typed.grams, errors)
    reactions = _reactions(typed, table, errors)
    for name, value, most in (("lot", typed.lot, MOST_LOT), ("words", typed.words, MOST_WORDS)):
        if len(value) > most:
            errors[name] = f"Expected at most {most} characters, got {len(value)}."
    if errors or day is None or grams is None:
        return None, errors
    return ReadInfusion(day, product, grams, typed.lot.strip(), reactions, typed.words.strip()), {}


def _day(text: str, today: date, errors: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-01-31") else None
    except ValueError:
        day = None
    if day is None or day < EARLIEST:
        errors["given_on"] = "Expected the day as YYYY-MM-DD, such as 2026-01-31."
    elif day > today:
        errors["given_on"] = "This day is still to come: record an infusion once it was given."
        return None
    return day


def _product(text: str, products: Sequence[Product], errors: dict[str, str]) -> str:
    product = find_product(products, text) if text else None
    if product is None:
        near = nearest_product(products, text) if text else None
        errors["product"] = "Name a brand of the product table" + (f": {near}?" if near else ".")
    elif not product.vials_g:
        errors["product"] = f"{product.brand} comes in more than one concentration: name the one that was given."
    return product.brand if product else ""


def read_grams(text: str) -> tuple[Decimal | None, str]:
    """The grams that `text` says, or None and what is wrong with it. Another unit is refused, never converted."""
    match = _GRAMS.fullmatch(text.strip())
    if match is None:
        return None, "Expected grams as a number with a point, such as 40 or 37.5."
    unit = match[2].casefold()
    if unit not in _GRAM:
        told = _OTHER_UNITS.get(unit, f"“{match[2][:10]}”")
        return None, f"This is in {told}. Write grams: 40 g, not 40,000 mg; nothing is converted."
    grams = Decimal(match[1])
    if not 0 < grams <= MOST_GRAMS:
        return None, f"Expected more than 0 and at most {MOST_GRAMS} grams. Check that these are grams."
    return grams, ""


def _grams(text: str, errors: dict[str, str]) -> Decimal | None:
    grams, fault = read_grams(text)
    if fault:
        errors["grams"] = fault
    return grams


def _reactions(
    typed: TypedInfusion, table: AuthorizationTable, errors: dict[str, str]
) -> tuple[Mapping[str, str], ...]:
    if not typed.reaction:
        if typed.seriousness:
            errors["reaction"] = "Choose what the reaction was, or leave its seriousness empty."
        return ()
    kind, how = _code(typed.reaction, table.reactions), _code(typed.seriousness, table.seriousness)
    if not kind:
        errors["reaction"] = f"Expected one of: {', '.join(table.reactions.values())}."
    if not how:
        errors["seriousness"] = f"Say how serious it was: {' or '.join(table.seriousness.values())}."
    if kind == "other" and not typed.words.strip():
        errors["words"] = "Write what the reaction was."
    return ({"kind": kind, "seriousness": how},)


def _code(text: str, known: Mapping[str, str]) -> str:
    wanted = text.strip().casefold()
    return next((code for code, word in known.items() if wanted in (code, word.casefold())), "")
