"""The justification against the floor: how many times longer than one line of HTML does it take to print?

    python -m bench.pdf [rounds]

Both are measured in turns in one process, warm, so that a busy machine slows them alike: read the ratio, not the
milliseconds. The floor is `<p>One line</p>` through the same typesetter, untagged and without attachments; beside it
stands the same page as an untagged PDF, which says what tags, PDF/A and the attached record cost, and one whose patient
has a Chinese name, drawn in the largest of the fonts that stand behind Source Sans.
"""

import io
import os
import statistics
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

# ruff: noqa: E402 - Django must be set up before its templates are used
from pypdf import PdfReader
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from bench import usage
from tests.documents import samples
from utilization.documents import justification
from utilization.documents.url_fetcher import ShippedOnly


def main(rounds: int) -> None:
    """Print median milliseconds and ratios of each way over `rounds` rounds."""
    value = samples.cidp_approved()
    chinese = samples.cidp_approved()
    chinese["patient"]["name"] = "王小明"
    style, fonts = justification._style()
    plain_fonts = FontConfiguration()
    face = '@font-face { font-family: "Letter Sans"; src: url("app:sans.ttf") } html { font-family: "Letter Sans" }'
    plain = CSS(string=face, font_config=plain_fonts, url_fetcher=ShippedOnly())

    def one_line() -> None:
        HTML(string="<p>One line</p>").write_pdf(stylesheets=[plain], font_config=plain_fonts)

    def untagged() -> None:
        page = HTML(string=justification.page(value), url_fetcher=ShippedOnly())
        page.write_pdf(stylesheets=[style], font_config=fonts)

    def whole() -> None:
        justification.render(value)

    def whole_in_two_scripts() -> None:
        justification.render(chinese)

    ways = {
        "floor: one line of HTML": one_line,
        "the page, untagged": untagged,
        "the justification": whole,
        "with a Chinese name": whole_in_two_scripts,
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            if turn:  # the first turn warms fonts and templates
                taken[name].append(time.perf_counter() - started)
    floor = statistics.median(taken["floor: one line of HTML"])
    pdf = justification.render(value)
    print(f"{rounds} rounds; CIDP sample of {len(PdfReader(io.BytesIO(pdf)).pages)} pages, {len(pdf):,} bytes")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:26} {median * 1000:8.1f} ms   x floor {median / floor:6.1f}")
    tagged, bare = (statistics.median(taken[name]) for name in ("the justification", "the page, untagged"))
    print(f"tags, PDF/A, PDF/UA and the attached record: x {tagged / bare:.2f} of the untagged page")


if __name__ == "__main__":
    usage(__doc__)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
