"""The only files a document may be made of: fonts, marks and style, held in memory under `app:` names."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

_HERE = Path(__file__).parent
_MARKS = ("met", "not_met", "unknown", "open", "withdrawn", "warning")
_FONTS = {
    "sans.ttf": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "sans-semibold.ttf": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
    "sans-italic.ttf": ("font_source_sans_pro", "SourceSansPro-It.ttf"),
    "serif-semibold.ttf": ("font_source_serif_pro", "SourceSerifPro-Semibold.ttf"),
}


@cache
def shipped() -> dict[str, tuple[str, bytes]]:
    """Every file that a document may use: `app:` name to media type and content, read once."""
    found = {f"app:{mark}.svg": ("image/svg+xml", (_HERE / "marks" / f"{mark}.svg").read_bytes()) for mark in _MARKS}
    for name, (package, file) in _FONTS.items():
        found[f"app:{name}"] = ("font/ttf", (files(package) / "files" / file).read_bytes())
    return found


class ShippedOnly(URLFetcher):
    """Serves `shipped()` by name and ends the rendering on anything else, before it is looked for.

    The default fetcher reads `file:` and `http:` addresses; one that slipped into the page would copy a file of the
    server into the document. The refusal does not quote the address: it could hold a patient's words.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"app"}, allow_redirects=False, fail_on_errors=True)

    def fetch(self, url, headers=None):
        """The shipped file called `url`; FatalURLFetchingError for any other name."""
        if (file := shipped().get(url)) is None:
            raise FatalURLFetchingError("A document asked for something that is not among its shipped files.")
        media_type, content = file
        return URLFetcherResponse(url, content, {"Content-Type": media_type})
