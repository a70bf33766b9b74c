"""A plot in a page and on paper: the same figures, colours that both can show, and no typed name as code."""

import io
import re

import pikepdf
import pymupdf
import pytest
from django.template.loader import render_to_string
from lxml import html
from playwright.sync_api import Page
from weasyprint import HTML

from tests.design.palette import STATIC, colours, contrast
from tests.documents import reading as documents
from tests.page_checks import LOOKS
from tests.plots import samples
from utilization import plots
from utilization.documents.justification import STYLE, style_of
from utilization.documents.url_fetcher import ShippedOnly
from utilization.plots.canvas import PAINTS

USUAL = samples.usual()
HOSTILE = '<script>alert("x")</script>'
TEXTS = ["ink", "soft", "accent", "good", "bad", "ask"]
SHEET = (STATIC / "css" / "plots.css").read_text("utf-8")


def shown(plot, *, printed=False):
    return render_to_string("_parts/plot.html", {"plot": plot, "printed": printed})


def themed(kind, paint):
    """The colours in which a class of the style sheet shows a paint, by theme."""
    (said,) = re.findall(rf"\.plot \.{kind}-{paint} {{\s*\w+: ([^;]+);", SHEET)
    if token := re.fullmatch(r"var\(--([a-z-]+)\)", said):
        return colours()[token[1]]
    return dict(zip(("light", "dark"), re.findall(r"#[0-9a-f]{6}", said), strict=True))


def used():
    return {
        re.sub(r"(fill|edge)-", r"\1 ", name)
        for plot in [*USUAL, *samples.hard()]
        for drawing in plot.drawings
        for mark in (*drawing.paths, *drawing.texts)
        for name in re.search(r'class="([^"]*)"', mark.look)[1].split()
    }


@pytest.mark.parametrize("said", sorted(used()))
def test_the_light_theme_is_the_colour_of_paper_and_the_dark_one_is_another(said):
    kind, paint = said.split()
    themes = themed(kind, paint)
    assert themes["light"] == PAINTS[paint]
    assert themes["dark"] != themes["light"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("paint", TEXTS)
def test_words_of_a_plot_can_be_read_in_both_themes(paint, theme):
    assert contrast(themed("fill", paint)[theme], colours()["surface"][theme]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("shade", range(1, 6))
def test_counts_inside_a_bar_can_be_read(shade, theme):
    words = f"on-shade-{shade}" if shade < 3 else "on-light"
    assert contrast(themed("fill", words)[theme], themed("fill", f"shade-{shade}")[theme]) >= 4.5


@pytest.mark.parametrize("plot", USUAL, ids=lambda plot: plot.key)
def test_a_page_has_both_drawings_each_with_the_finding_and_none_has_a_style(plot):
    page = html.fromstring(shown(plot))
    drawings = page.xpath("//*[local-name()='svg']")
    assert [drawing.get("class") for drawing in drawings] == ["plot-broad"] * bool(plot.broad) + [
        "plot-wide",
        "plot-narrow",
    ]
    for drawing in drawings:
        assert drawing[0].tag == "title"
        assert drawing[0].text == plot.title
        assert drawing.get("aria-labelledby") == drawing[0].get("id")
    assert len({drawing[0].get("id") for drawing in drawings}) == len(drawings)
    assert not page.xpath("//@style | //style | //script | //@onclick")
    assert len(html.fromstring(shown(plot, printed=True)).xpath("//*[local-name()='svg']")) == 1


def test_what_cannot_be_drawn_is_a_sentence_in_the_place_of_a_drawing():
    page = html.fromstring(shown(samples.grams_chart([], at=0)))
    assert not page.xpath("//*[local-name()='svg']")
    assert "there is nothing to draw" in page.text_content()


def test_names_are_text_and_never_markup():
    words = plots.BarWords(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    plot = plots.bar_plot("k", words, [plots.Bar(HOSTILE, 1, HOSTILE)])
    table = render_to_string("_parts/plot_table.html", {"table": plot.table})
    assert "<script" not in shown(plot) + table
    assert "&lt;script" in shown(plot)
    assert "&lt;script" in table


@pytest.fixture(scope="module")
def printed():
    """All usual plots as a document."""
    style, fonts = style_of(STYLE)
    body = "".join(f"<h2>{plot.key}</h2>{shown(plot, printed=True)}" for plot in USUAL)
    page = HTML(string=f"<html lang=en><title>Plots</title><body>{body}</body></html>", url_fetcher=ShippedOnly())
    return page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1")


@pytest.mark.long
def test_paper_has_the_colours_of_the_attributes(printed):
    filled = {
        "#" + "".join(f"{round(part * 255):02x}" for part in drawing["fill"])
        for page in pymupdf.open(stream=printed)
        for drawing in page.get_drawings()
        if drawing.get("fill")
    }
    assert {PAINTS[paint] for paint in ("accent", "good", "bad", "ask", "idle", "shade-2", "shade-3")} <= filled
    assert "#000000" not in filled


@pytest.mark.long
def test_paper_says_what_the_page_says_in_one_typeface(printed):
    said = documents.squeezed_text(printed)
    for plot in USUAL:
        for text in plot.wide.texts:
            assert documents.squeezed(text.said) in said, (plot.key, text.said)
    assert {name.partition("+")[2].partition("-")[0] for name, *_ in documents.fonts(printed)} == {"Letter"}


def test_each_drawing_on_paper_has_its_finding_as_its_other_text(printed):
    with pikepdf.open(io.BytesIO(printed)) as opened:
        told = [str(element.get("/Alt", "")) for element in documents.elements(opened)]
    assert [plot.title for plot in USUAL if plot.title not in told] == []


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_one_drawing_is_seen_whole_and_large_enough_at_every_width(page: Page, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    sheets = "".join((STATIC / "css" / f"{name}.css").read_text("utf-8") for name in ("tokens", "base", "plots"))
    # The room that a box has in a page of 320 px.
    body = "".join(f"<div>{shown(plot)}</div>" for plot in USUAL)
    page.set_content(f"<style>{sheets} body {{ margin: 0 29px }}</style>{body}")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    seen = page.locator(".plot svg:visible")
    assert seen.count() == len(USUAL)
    sizes = seen.locator("text").evaluate_all(
        "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"
    )
    assert min(sizes) >= 11
    ink = page.locator(".plot svg:visible .fill-ink").first.evaluate("mark => getComputedStyle(mark).fill")
    assert ink == ("rgb(19, 37, 43)" if scheme == "light" else "rgb(229, 238, 239)")
