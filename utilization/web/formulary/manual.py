"""The manual of the criteria language as a page: docs/criteria-language.md, which is drawn from what the tests run.

Where the file speaks of folders and commands, the page says what to press.
"""

import functools
import itertools
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from utilization.web.formulary.manual_on_pages import on_pages
from utilization.web.formulary.page import committee, show

MANUAL = settings.BASE_DIR / "docs" / "criteria-language.md"
_PLACE = "manual-"
"""Begins the address of every heading, so that none is that of another part of the page which shows the manual."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the manual: its text and the place to jump to, with the headings one level below it."""

    text: str
    place: str
    below: tuple["Heading", ...] = ()


@dataclass(frozen=True, slots=True)
class Manual:
    """The manual, shown: its title, its chapters with their sections, and the text after the title."""

    title: str
    chapters: tuple[Heading, ...]
    html: SafeString


@require_safe
@committee
def manual(request: HttpRequest) -> HttpResponse:
    """The manual with its table of contents; the editor of a draft shows the same page's text beside itself."""
    return show(request, "manual", {"manual": shown(on_pages(MANUAL.read_text("utf-8")))})


@functools.lru_cache(maxsize=2)
def shown(text: str) -> Manual:
    """A manual that is written in Markdown, as HTML. HTML within `text` is shown as text and never interpreted.

    A list of links to its own chapters is left out, since the page draws the contents by itself.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    headings = _with_places(tokens)
    first = next((at for at, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"), 0)
    title = next((text for level, text, _ in headings if level == 1), "")
    body = [*_about(tokens[:first]), *tokens[first:]]
    _dress_tables(body)
    _lead_within(body)
    html = markdown.renderer.render(body, markdown.options, {})
    # Safe: made by the renderer of Markdown alone, with HTML switched off.
    return Manual(title, _chapters(headings), mark_safe(html))  # noqa: S308


def _about(tokens: list[Token]) -> list[Token]:
    """The paragraphs before the first chapter; the title, notes in comments and the list of links are left out."""
    starts = [at for at, token in enumerate(tokens) if token.type == "paragraph_open" and token.level == 0]
    paragraphs = [tokens[at : at + 3] for at in starts]
    return [token for paragraph in paragraphs if not paragraph[1].content.startswith("<!--") for token in paragraph]


def _with_places(tokens: list[Token]) -> list[tuple[int, str, str]]:
    """(level, text, place) of every heading, each given its place in `tokens`; links to places follow them."""
    found: list[tuple[int, str, str]] = []
    for opening, inline in itertools.pairwise(tokens):
        if opening.type != "heading_open":
            continue
        place = _free_place(inline.content, {place for _, _, place in found})
        opening.attrSet("id", place)
        found.append((int(opening.tag[1:]), inline.content, place))
    return found


def place_of(title: str) -> str:
    """The place of the first heading of this title."""
    return _PLACE + "".join(c for c in title.casefold().replace(" ", "-") if c.isalnum() or c in "-_")


def _free_place(title: str, taken: set[str]) -> str:
    """The place of a heading, made as the manual makes its own links; a second one of the same name has a number."""
    plain = place_of(title)
    numbered = (f"{plain}-{n}" if n else plain for n in range(len(taken) + 1))
    return next(place for place in numbered if place not in taken)


def _dress_tables(tokens: list[Token]) -> None:
    """Give tables their looks, and every cell the name of its column, by which a phone shows a row as a card."""
    names: list[str] = []
    column = 0
    for token, inline in itertools.pairwise(tokens):
        if token.type == "table_open":
            token.attrSet("class", "table-plain table-tight table-cards")
            names = []
        elif token.type == "tr_open":
            column = 0
        elif token.type == "th_open":
            token.attrSet("scope", "col")
            names.append("".join(part.content for part in inline.children or ()))
        elif token.type == "td_open":
            token.attrSet("data-label", names[column])
            column += 1


def _lead_within(tokens: list[Token]) -> None:
    """Let links to headings of the manual lead to the places that the headings have here."""
    for part in (part for token in tokens for part in token.children or ()):
        address = str(part.attrGet("href") or "")
        if address.startswith("#"):
            part.attrSet("href", f"#{_PLACE}{address[1:]}")


def _chapters(headings: list[tuple[int, str, str]]) -> tuple[Heading, ...]:
    """The headings of the second level, each with those of the third that follow it."""
    chapters: list[Heading] = []
    for level, text, place in headings:
        if level == 2:
            chapters.append(Heading(text, place))
        elif level == 3 and chapters:
            held = chapters[-1]
            chapters[-1] = Heading(held.text, held.place, (*held.below, Heading(text, place)))
    return tuple(chapters)
