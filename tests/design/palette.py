"""Reads the colours of tokens.css and works out WCAG contrast from them."""

import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "utilization" / "static" / "utilization"
_PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")


def colours() -> dict[str, dict[str, str]]:
    """Token name to its colour in each theme."""
    text = (STATIC / "css" / "tokens.css").read_text("utf-8")
    return {name: {"light": light, "dark": dark} for name, light, dark in _PAIR.findall(text)}


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
