"""The manual of the criteria language on the committee's pages: whole, with its contents, and safe to show."""

import re
from html import unescape
from textwrap import indent

import pytest
from django.conf import settings
from django.urls import reverse
from lxml import html

from utilization.rules.packs.faults import read_with_faults
from utilization.web.formulary.guide_beyond import BEYOND, CRITERION, INDICATION
from utilization.web.formulary.manual import shown
from utilization.web.formulary.manual_on_pages import PASSAGES, on_pages

FILE = (settings.BASE_DIR / "docs" / "criteria-language.md").read_text("utf-8")
SOURCE = on_pages(FILE)
SMALL_PACK = """\
pack: {name: north, version: "1", title: North}
indications: [{code: thing, name: Thing}]
criteria:
  - indication: thing
"""
SMALL = """\
# A language

<!-- Drawn by a command. -->

It has <b>words</b> and [a chapter](#2-more).

1. [First](#1-first)
2. [More](#2-more)

## 1. First

### Dates

| Key | What `it` says |
| --- | --- |
| `one` | the <script>alert(1)</script> |

## 2. More

### Dates
"""


@pytest.fixture
def page(cast, enter):
    """The page as a tree of elements."""
    return html.fromstring(enter("forrest").get(reverse("formulary-manual")).content)


def texts(elements):
    return [" ".join(element.text_content().split()) for element in elements]


def headings_of_source(level):
    """The headings of the file, found line by line; what stands in a fence is no heading."""
    prose = re.sub(r"^```.*?^```", "", SOURCE, flags=re.DOTALL | re.MULTILINE)
    return [line.removeprefix("#" * level + " ") for line in prose.splitlines() if line.startswith("#" * level + " ")]


def test_every_chapter_and_section_of_the_file_is_shown_and_listed(page):
    text, contents = page.find_class("manual-text")[0], page.find_class("manual-contents")[0]
    assert texts(page.findall(".//h1")) == headings_of_source(1)
    for level in (2, 3):
        assert texts(text.findall(f".//h{level}")) == headings_of_source(level)
    assert sorted(texts(contents.findall(".//a"))) == sorted([*headings_of_source(2), *headings_of_source(3)])


def test_no_page_speaks_of_what_a_committee_has_not(page):
    told = " ".join(page.get_element_by_id("manual").text_content().split())
    for word in ("manage.py", ".venv", "fixtures/", "tests/", "check_criteria", "compare_packs", "my-pack", "schema"):
        assert word not in told, word
    for button in ("Run checks and examples", "Begin a draft", "Judge a case", "Preview the impact", "New file"):
        assert button in told, button


@pytest.mark.parametrize("passage", PASSAGES)
def test_what_the_pages_say_otherwise_stands_once_in_the_file(passage):
    assert FILE.count(passage) == 1


def test_every_link_of_the_manual_leads_to_one_place_of_the_page(page):
    links = [link.get("href") for link in page.get_element_by_id("manual").findall(".//a")]
    places = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(places) == len(set(places))
    assert links
    assert {link.removeprefix("#") for link in links} <= set(places)


def test_every_row_of_every_table_of_the_file_is_shown(page):
    rows = page.get_element_by_id("manual").findall(".//table/tbody/tr")
    written = re.findall(r"^\|(?! ---).*\|$", SOURCE, re.MULTILINE)
    heads = re.findall(r"^\| ---", SOURCE, re.MULTILINE)
    assert len(rows) == len(written) - len(heads)
    assert all(cell.get("data-label") is not None for row in rows for cell in row)


def test_contents_name_each_chapter_with_its_sections():
    first, more = shown(SMALL).chapters
    assert (first.text, first.place) == ("1. First", "manual-1-first")
    assert [section.place for section in first.below] == ["manual-dates"]
    assert [section.place for section in more.below] == ["manual-dates-1"]


def test_a_row_carries_the_names_of_its_columns_for_a_phone():
    cells = html.fromstring(shown(SMALL).html).findall(".//td")
    assert [cell.get("data-label") for cell in cells] == ["Key", "What it says"]


def test_html_within_the_manual_is_text_and_a_note_to_who_draws_it_is_not_shown():
    read = shown(SMALL)
    tree = html.fromstring(f"<div>{read.html}</div>")
    assert tree.find(".//script") is None
    assert tree.find(".//b") is None
    assert "the <script>alert(1)</script>" in unescape(read.html)
    assert "Drawn by" not in read.html
    assert tree.find(".//ol") is None, "the page draws the contents by itself"
    assert [link.get("href") for link in tree.findall(".//a")] == ["#manual-2-more"]


def test_a_text_without_a_chapter_is_shown_as_it_is():
    read = shown("Only a line.\n")
    assert (read.title, read.chapters, read.html) == ("", (), "<p>Only a line.</p>\n")


@pytest.mark.parametrize("beyond", BEYOND, ids=lambda beyond: beyond.section)
def test_what_the_guided_form_does_not_ask_is_found_in_the_manual_and_reads(page, beyond):
    found = page.get_element_by_id(beyond.place)
    assert texts([found]) == [beyond.section]
    clause = "- id: one\n  says: It is so.\n  local: x\n"
    said = beyond.example if beyond.within == CRITERION else "require: always"
    otherwise = "" if "otherwise:" in said else "otherwise: does_not_meet\n"
    clause += indent(f"{otherwise}{said}", "  ")
    own = indent(beyond.example, "    ") if beyond.within == INDICATION else ""
    files = {"pack.yaml": f"{SMALL_PACK}    clauses:\n{indent(clause, ' ' * 6)}\n{own}\n"}
    if beyond.within not in (CRITERION, INDICATION):
        files["more.yaml"] = beyond.example + "\n"
    assert read_with_faults(files)[1] == ()
