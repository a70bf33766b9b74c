"""The justification against the floor, and against straightforward use of the typesetter on the same content.

    python -m bench.pdf [rounds]

All are measured in turns in one process, warm, in processor time, so that a busy machine slows them alike: read the
ratios, not the milliseconds. The floor is `<p>One line</p>`, untagged and without attachments. Straightforward is the
same page by the same style sheet and standards, but as one would write it first: tables whose columns are as wide as
their content asks. Beside them stand the same page as an untagged PDF, which says what tags, PDF/A and the attached
record cost, and one whose patient has a Chinese name, drawn in the largest of the fonts that stand behind Source Sans.

Then as many documents are made by one process and by two, both at once: the second line is by the clock, and says
something only where two cores are idle. Ends with 1 where a page costs more than 0.65 of straightforward use.
"""

import io
import os
import statistics
import subprocess
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

MOST = 0.65
BY_CONTENT = ("table-layout: fixed", "table-layout: auto")


def main(rounds: int) -> int:
    """Print median milliseconds and ratios of each way over `rounds` rounds; 1 where a page costs too much."""
    value = samples.cidp_approved()
    chinese = samples.cidp_approved()
    chinese["patient"]["name"] = "王小明"
    style, fonts = justification.style_of(justification.STYLE)
    plain_fonts = FontConfiguration()
    face = '@font-face { font-family: "Letter Sans"; src: url("app:sans.ttf") } html { font-family: "Letter Sans" }'
    plain = CSS(string=face, font_config=plain_fonts, url_fetcher=ShippedOnly())

    def one_line() -> None:
        HTML(string="<p>One line</p>").write_pdf(stylesheets=[plain], font_config=plain_fonts)

    def untagged() -> None:
        page = HTML(string=justification.page(value), url_fetcher=ShippedOnly())
        page.write_pdf(stylesheets=[style], font_config=fonts)

    straight_fonts = FontConfiguration()
    text = justification.rules_of(justification.STYLE)
    straight = CSS(string=text.replace(*BY_CONTENT), font_config=straight_fonts, url_fetcher=ShippedOnly())

    def straightforward() -> None:
        page = HTML(string=justification.page(value), url_fetcher=ShippedOnly())
        page.write_pdf(stylesheets=[straight], font_config=straight_fonts, pdf_variant="pdf/a-3a")

    def whole() -> None:
        justification.render(value)

    def whole_in_two_scripts() -> None:
        justification.render(chinese)

    ways = {
        "floor: one line of HTML": one_line,
        "straightforward": straightforward,
        "the page, untagged": untagged,
        "the justification": whole,
        "with a Chinese name": whole_in_two_scripts,
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            started = time.process_time()
            way()
            if turn:  # the first turn warms fonts and templates
                taken[name].append(time.process_time() - started)
    floor = statistics.median(taken["floor: one line of HTML"])
    pdf = justification.render(value)
    print(f"{rounds} rounds; CIDP sample of {len(PdfReader(io.BytesIO(pdf)).pages)} pages, {len(pdf):,} bytes")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:26} {median * 1000:8.1f} ms   x floor {median / floor:6.1f}")
    median = {name: statistics.median(times) for name, times in taken.items()}
    cost = median["the justification"] / median["straightforward"]
    print(f"tags, PDF/A, PDF/UA, attached record: x {median['the justification'] / median['the page, untagged']:.2f}")
    print(f"of straightforward use: x {cost:.2f}, held at {MOST}")
    one, two = seconds_of(1, rounds), seconds_of(2, rounds)
    print(f"two processes make x {2 * one / two:.2f} of what one makes ({os.getloadavg()[0]:.1f} wait for a core)")
    return int(cost > MOST)


PRINT = """
import django; django.setup()
from tests.documents import samples
from utilization.documents.justification import render
value = samples.cidp_approved()
render(value)
print(flush=True)
input()
for _ in range({rounds}): render(value)
print(flush=True)
"""


def seconds_of(processes: int, rounds: int) -> float:
    """How long `processes` take, side by side and warm, until each has made `rounds` documents."""
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PRINT.format(rounds=rounds)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(processes)
    ]  # fmt: skip
    for process in started:
        process.stdout.readline()
    began = time.perf_counter()
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in started:
        process.stdout.readline()
    taken = time.perf_counter() - began
    for process in started:
        process.communicate()
    return taken


if __name__ == "__main__":
    usage(__doc__)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
