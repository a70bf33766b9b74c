"""Names by which people sign in, folded, so that no two accounts have names that a person or a database takes for one.

A username and an e-mail address are typed into the same field, so both are held against both.
"""

import unicodedata

# Letters that no normal form takes apart, and those of other scripts that are drawn as Latin ones: Cyrillic, Greek.
_DRAWN_ALIKE = str.maketrans(
    "ıøłđħ" + "авеікмнорстухјѕԁһԛԝѵӏԍ" + "αβεικνορτυχϲϳγωϝ" + "ɑɡɩ",
    "ioldh" + "abeikmhopctyxjsdhqwvlg" + "abeiknoptuxcjywf" + "agi",
)


def sign_in_key(name: str) -> str:
    """`name` without case, width, marks, hidden characters and what tells letters of one shape apart.

    `Fern`, `ＦＥＲＮ`, `férn` and a `fern` with a Cyrillic е have one key. Points, hyphens and digits count.
    """
    if name.isascii():
        return name.strip().casefold()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).casefold()
    apart = unicodedata.normalize("NFKD", folded)
    kept = "".join(char for char in apart if unicodedata.category(char) not in ("Mn", "Me", "Cf", "Cc"))
    return kept.translate(_DRAWN_ALIKE).strip()
