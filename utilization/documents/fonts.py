"""The typefaces of a document: which shipped face draws a character, and how wide a text becomes.

A document is set in Source Sans. Behind it stand others, mostly Noto, in a fixed order, for the characters that it
lacks. All come from packages. A face is loaded for a document only where a text of it needs it, so that a page in
Latin letters costs nothing for the others, and the same text is always set in the same faces.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont


class Face(NamedTuple):
    """A typeface: the family that the style sheet names it by, its package, and its files. A variable file holds every
    weight; beside a static one stands that of its semibold, if there is one."""

    family: str
    package: str
    file: str
    semibold: str = ""

    @property
    def files(self) -> dict[str, Path]:
        """The `app:` names under which a style sheet asks for the files, the regular one first."""
        name = f"app:{self.family.removeprefix('Letter ').replace(' ', '-').lower()}"
        folder = Path(str(files(self.package)))
        paths = {name + Path(self.file).suffix: folder / self.file}
        if self.semibold:
            paths[f"{name}-semibold{Path(self.semibold).suffix}"] = folder / self.semibold
        return paths

    @property
    def path(self) -> Path:
        """The regular file."""
        return next(iter(self.files.values()))


def _noto(script: str, family: str = "") -> Face:
    return Face(f"Letter {family or script}", "manimgx_fonts", f"Noto{script}[wght].ttf")


SANS = Face("Letter Sans", "font_source_sans_pro", "files/SourceSansPro-Regular.ttf")
LATIN = _noto("Sans", "Latin")
EMOJI = _noto("Emoji")
STACKED = tuple(
    _noto(f"Sans{script}", script)
    for script in (
        "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala",
        "Thai", "Lao", "Myanmar", "Khmer",
    )
)  # fmt: skip
"""The faces of scripts whose letters are stacked and reordered, so that a glyph does not say what it reads."""
_PLEX = "files/IBMPlexSansArabic-"
OTHERS = (
    LATIN,
    _noto("SansHebrew", "Hebrew"),
    # Before Noto's: each of its letters is one glyph, so that a name is read out of the file as it was written.
    Face("Letter Arabic", "fontpkg_ibm_plex_sans_arabic", f"{_PLEX}Regular.ttf", f"{_PLEX}SemiBold.ttf"),
    _noto("SansArabic", "Rare Arabic"),
    *(_noto(f"Sans{script}", script) for script in ("Armenian", "Georgian")),
    *STACKED,
    *(_noto(f"Sans{script}", script) for script in ("Ethiopic", "Symbols")),
    EMOJI,
    Face("Letter Han", "noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
)
"""The faces behind Source Sans, in the order in which they are tried."""
JOINERS, AS_EMOJI = "\u200c\u200d", "\ufe0f"
"""Characters that shape their neighbours and are drawn by whichever face draws these."""


@cache
def _font(face: Face) -> TTFont:
    return TTFont(face.path, lazy=True)


@cache
def _glyphs(face: Face) -> dict[int, str]:
    """Code point -> name of its glyph."""
    return _font(face).getBestCmap()


@cache
def face_of(character: str) -> Face | None:
    """The face that draws `character`, the first that has it; None where no shipped one has it."""
    if "\u0300" <= character <= "\u036f":
        return LATIN if ord(character) in _glyphs(LATIN) else None
    return next((face for face in (SANS, *OTHERS) if ord(character) in _glyphs(face)), None)


def behind_sans(texts: Iterable[str]) -> tuple[Face, ...]:
    """The faces that `texts` need besides Source Sans, in the order of `OTHERS`."""
    characters = {character for text in texts if not text.isascii() for character in text}
    characters -= {*JOINERS, AS_EMOJI}
    needed = {face_of(character) for character in characters}
    return tuple(face for face in OTHERS if face in needed)


def width(text: str) -> float:
    """The width of `text` in ems when set letter by letter; shaping makes it narrower, hardly ever wider."""
    return sum(_advance(character) for character in text)


@cache
def _advance(character: str) -> float:
    face = face_of(character) or SANS
    font, glyph = _font(face), _glyphs(face).get(ord(character), ".notdef")
    return font["hmtx"][glyph][0] / font["head"].unitsPerEm
