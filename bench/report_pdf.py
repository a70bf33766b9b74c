"""The utilization report on paper, with all its plots, against straightforward use of the typesetter on the same page.

    python -m bench.report_pdf [rounds]

Straightforward is the same page by the same style sheet and standards, but as one would write it first: tables whose
columns are as wide as their content asks, and the template's white space between them. Both are measured in turns in
one process, warm, in processor time: read the ratio, not the milliseconds. Beside them stands what the plots alone
cost. Ends with 1 where the report costs more than 0.65 of straightforward use.
"""

import io
import os
import statistics
import sys
import time
from datetime import UTC, datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

# ruff: noqa: E402 - Django must be set up before its templates are used
from pypdf import PdfReader
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from bench import usage
from bench.pdf import BY_CONTENT, MOST
from tests.utilization_report.sites import NAMES, YEAR, site
from tests.utilization_report.test_attack import ABOUT
from utilization.documents import justification, report_pdf
from utilization.documents.report_plots import plots
from utilization.documents.url_fetcher import ShippedOnly
from utilization.rules.utilization_report.report import Asked, report, value_hash
from utilization.rules.utilization_report.rows import columns_of

ADDRESS, AT = "https://ivig.example/reports/", datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def main(rounds: int) -> int:
    """Print median milliseconds and the ratio over `rounds` rounds; 1 where the report costs too much."""
    value = report(columns_of(site(21, 400, 4000)), Asked(YEAR, {}, None), NAMES, ABOUT)
    fonts = FontConfiguration()
    text = justification.rules_of(report_pdf.STYLE)
    assert BY_CONTENT[0] in text
    straight = CSS(string=text.replace(*BY_CONTENT), font_config=fonts, url_fetcher=ShippedOnly())
    bare = CSS(string=text + "figure { display: none }", font_config=fonts, url_fetcher=ShippedOnly())

    def typeset(style: CSS) -> None:
        html = report_pdf.page(value, value_hash(value), address=ADDRESS, at=AT)
        HTML(string=html, url_fetcher=ShippedOnly()).write_pdf(
            stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3a"
        )

    ways = {
        "straightforward": lambda: typeset(straight),
        "the report": lambda: report_pdf.render(value, address=ADDRESS, at=AT),
        "without its plots": lambda: typeset(bare),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            started = time.process_time()
            way()
            if turn:  # the first turn warms fonts and templates
                taken[name].append(time.process_time() - started)
    median = {name: statistics.median(times) for name, times in taken.items()}
    pdf = report_pdf.render(value, address=ADDRESS, at=AT)
    print(
        f"{rounds} rounds; {len(PdfReader(io.BytesIO(pdf)).pages)} pages, {len(plots(value))} plots, {len(pdf):,} bytes"
    )
    for name, seconds in median.items():
        print(f"{name:20} {seconds * 1000:8.0f} ms")
    cost = median["the report"] / median["straightforward"]
    print(f"of straightforward use: x {cost:.2f}, held at {MOST}")
    return int(cost > MOST)


if __name__ == "__main__":
    usage(__doc__)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
