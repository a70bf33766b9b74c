"""The only files a document may be made of: fonts, marks and the logo of its site, each under an `app:` name."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from utilization.documents.fonts import OTHERS

_HERE = Path(__file__).parent
_MARKS = ("met", "not_met", "unknown", "open", "withdrawn", "warning")
LOGO = "app:logo.jpg"
_LETTERS = {
    "sans.ttf": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "sans-semibold.ttf": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
    "sans-italic.ttf": ("font_source_sans_pro", "SourceSansPro-It.ttf"),
    "serif-semibold.ttf": ("font_source_serif_pro", "SourceSerifPro-Semibold.ttf"),
}


@cache
def shipped() -> dict[str, tuple[str, Path]]:
    """Every file that a document may use: `app:` name to media type and place."""
    served = {f"app:{mark}.svg": ("image/svg+xml", _HERE / "marks" / f"{mark}.svg") for mark in _MARKS}
    for name, (package, file) in _LETTERS.items():
        served[f"app:{name}"] = ("font/ttf", Path(str(files(package))) / "files" / file)
    for name, path in (file for face in OTHERS for file in face.files.items()):
        served[name] = (f"font/{path.suffix[1:]}", path)
    return served


class ShippedOnly(URLFetcher):
    """Serves `shipped()` by name, and a logo where it is given one, and ends the rendering on anything else, before it
    is looked for.

    The default fetcher reads `file:` and `http:` addresses; one that slipped into the page would copy a file of the
    server into the document. The refusal does not quote the address: it could hold a patient's words.
    """

    def __init__(self, logo: bytes = b"") -> None:
        super().__init__(allowed_protocols={"app"}, allow_redirects=False, fail_on_errors=True)
        self.logo = logo

    def fetch(self, url, headers=None):
        """The file called `url`; FatalURLFetchingError for any other name."""
        if url == LOGO and self.logo:
            return URLFetcherResponse(url, self.logo, {"Content-Type": "image/jpeg"})
        if (file := shipped().get(url)) is None:
            raise FatalURLFetchingError("A document asked for something that is not among its shipped files.")
        media_type, path = file
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": media_type})
